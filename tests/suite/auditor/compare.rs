//! What the engine shows, held against what the model has.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, TimeDelta};
use hallpass::domain::appointment::Appointment;
use hallpass::engine::{Answer, SlotCount};

use super::model::{Counted, Record, Request, offered_in};
use super::trial::Trial;

/// What is wrong, in words.
pub type Complaint = String;

/// How many appointments a page of a person's list has here.
const PAGE: usize = 3;

impl Trial {
    /// The answer to a call that was granted, against the records that it is about. New records learn their ids.
    pub fn compare_answer(&mut self, request: &Request, members: &[usize], answer: &Answer) -> Result<(), Complaint> {
        let (seen, is_party) = match answer {
            Answer::Party(party) => (party.clone(), true),
            Answer::Appointment(one) => (vec![**one], false),
            Answer::Text(text) | Answer::Refused(text) => return Err(format!("the answer is a text: {text}")),
        };
        let wants_party = match request {
            Request::Book { .. } => true,
            Request::Confirm { whole, .. }
            | Request::Reschedule { whole, .. }
            | Request::Cancel { whole, .. }
            | Request::Extend { whole, .. }
            | Request::Undo { whole, .. }
            | Request::Desk { whole, .. } => *whole,
        };
        if (seen.len(), is_party) != (members.len(), wants_party) {
            return Err(format!("the answer has {} appointments, expected {}", seen.len(), members.len()));
        }
        for (member, appointment) in members.iter().zip(&seen) {
            self.model.list[*member].id.get_or_insert(appointment.id);
            self.compare_record(*member, appointment)?;
        }
        members.iter().try_for_each(|member| self.compare_kept(*member))
    }

    fn compare_kept(&self, at: usize) -> Result<(), Complaint> {
        let id = self.model.list[at].id.expect("an appointment was answered");
        let kept = self.world().engine.appointment(id).ok_or("an appointment is not in the book")?;
        self.compare_record(at, &kept)
    }

    fn compare_record(&self, at: usize, seen: &Appointment) -> Result<(), Complaint> {
        let record = &self.model.list[at];
        let person = |key| self.keys.iter().position(|other| *other == key).unwrap_or(usize::MAX);
        let first = self.model.list[record.party].id;
        let party = self.world().engine.appointment(first.unwrap_or(seen.id)).map(|first| first.party);
        let slot = &seen.slot;
        let shown = Record {
            id: Some(seen.id),
            party: if party.is_none_or(|party| party == seen.party) {
                at - usize::from(seen.position)
            } else {
                usize::MAX
            },
            person: person(seen.applicant),
            by: person(seen.made_by),
            service: seen.service.as_str(),
            document: seen.document.as_str(),
            place: super::model::Place {
                hall: slot.hall.as_str(),
                lane: slot.lane.as_str(),
                date: slot.date,
                start: slot.start.minutes(),
                end: slot.end.minutes(),
            },
            starts_at: seen.starts_at.to_utc(),
            status: seen.status.as_str(),
            expires_at: seen.expires_at,
            extended: seen.extended,
            created_at: seen.created_at,
            updated_at: seen.updated_at,
            // Whoever did something is known to the engine alone.
            checked_in: record.checked_in.clone(),
            served: record.served.clone(),
        };
        if shown == *record { Ok(()) } else { Err(format!("an appointment is {shown:?}, expected {record:?}")) }
    }

    /// Everything, where nothing is under way and no hold is overdue.
    pub fn compare_everything(&self) -> Result<(), Complaint> {
        self.catch_up();
        (0..self.model.list.len()).try_for_each(|at| self.compare_kept(at))?;
        let sizes = self.world().engine.sizes();
        let holds = self.model.list.iter().filter(|record| record.status == "held").count();
        if (sizes.appointments, sizes.holds) != (self.model.list.len(), holds) {
            return Err(format!("{sizes:?}, expected {} appointments and {holds} holds", self.model.list.len()));
        }
        (0..self.keys.len()).try_for_each(|person| self.compare_person(person))?;
        for hall in &self.model.plan.halls {
            let own = self.model.list.iter().filter(|record| record.place.hall == hall.id);
            let days: BTreeSet<_> = own.map(|record| record.place.date).chain(self.dates()).collect();
            days.into_iter().try_for_each(|date| self.compare_day(hall.id, date))?;
            self.compare_listing(hall.id)?;
        }
        Ok(())
    }

    /// From yesterday to two days after the longest window.
    fn dates(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let today = (self.model.now + TimeDelta::hours(8)).date_naive();
        (today - Days::new(1)).iter_days().take(10)
    }

    fn compare_person(&self, person: usize) -> Result<(), Complaint> {
        let engine = &self.world().engine;
        let list = engine.of_person(self.keys[person], None, usize::MAX);
        let seen: BTreeSet<_> = list.iter().map(|appointment| appointment.id).collect();
        let own = self.model.list.iter().filter(|record| record.person == person || record.by == person);
        let expected: BTreeSet<_> = own.filter_map(|record| record.id).collect();
        if seen != expected || seen.len() != list.len() {
            return Err(format!("person {person} sees {seen:?}, expected {expected:?}"));
        }
        if !list.is_sorted_by(|newer, older| newer.created_at >= older.created_at) {
            return Err(format!("person {person} does not see the newest first"));
        }
        let mut paged = Vec::new();
        while paged.len() < list.len() {
            let before = paged.last().map(|last: &Appointment| last.id);
            let page = engine.of_person(self.keys[person], before, PAGE);
            if page.is_empty() {
                return Err(format!("the pages of person {person} end after {}", paged.len()));
            }
            paged.extend(page);
        }
        if paged == list { Ok(()) } else { Err(format!("the pages of person {person} are not the whole list")) }
    }

    /// The counts of a hall on a date, against those of the model.
    pub fn compare_day(&self, hall: &str, date: NaiveDate) -> Result<(), Complaint> {
        let expected = self.model.hall(hall).map(|hall| self.model.bands(hall, date)).unwrap_or_default();
        let snapshot = self.world().engine.snapshot();
        let seen =
            snapshot.hall(hall).map(|hall| self.world().engine.slots_of_hall_day(hall, date)).unwrap_or_default();
        let seen: Vec<_> = seen.iter().map(|(lane, slot)| counted(lane.as_str(), slot)).collect();
        same_counts(&expected, &seen).map_err(|complaint| format!("{hall} on {date}: {complaint}"))
    }

    /// What the lists of a hall say can be booked, against the rules.
    fn compare_listing(&self, id: &str) -> Result<(), Complaint> {
        let (engine, snapshot) = (&self.world().engine, self.world().engine.snapshot());
        let (Some(plan), Ok(hall)) = (self.model.hall(id), snapshot.hall(id)) else {
            return Err("a hall is missing".into());
        };
        let mut dates = self.dates();
        let range = dates.next().unwrap()..=dates.last().unwrap();
        for service in snapshot.services() {
            let lane = self.model.service(service.id.as_str()).and_then(|service| offered_in(plan, service));
            let listed = engine.days(hall, service, range.clone(), self.model.now);
            let Some(lane) = lane else {
                if listed.is_ok() {
                    return Err(format!("{id} lists {}, which it does not offer", service.id));
                }
                continue;
            };
            let mut first = None;
            for day in listed.map_err(|rejection| format!("{id} does not list {}: {rejection}", service.id))? {
                let expected = self.model.day(plan, lane, day.date);
                let seen = day.closed_by.as_ref().map(|rejection| rejection.code().to_owned());
                if seen != expected.clone().err() {
                    return Err(format!("{id} lists {} as {seen:?}, expected {expected:?}", day.date));
                }
                let slots: Vec<_> = day.slots.iter().map(|slot| counted(lane, slot)).collect();
                same_counts(&self.model.bands_of(plan, lane, day.date), &slots)?;
                let free = slots.into_iter().find(|slot| expected.is_ok() && slot.taken < slot.capacity);
                first = first.or(free.map(|slot| (day.date, slot)));
            }
            let next = engine.next_free(hall, Some(service), 1, self.model.now);
            let next = next.map(|free| (free.date, counted(free.lane.as_str(), &free.slot)));
            if next != first {
                return Err(format!("{id} has its next place at {next:?}, expected {first:?}"));
            }
        }
        Ok(())
    }
}

fn counted(lane: &str, slot: &SlotCount) -> Counted {
    // The model's lanes are literals; here a lane only has to be equal to one of them.
    let lane = if lane == "kiosk" { "kiosk" } else { "counter" };
    let (start, end) = (slot.start.minutes(), slot.end.minutes());
    Counted { lane, start, end, capacity: slot.capacity, taken: slot.taken }
}

fn same_counts(expected: &[Counted], seen: &[Counted]) -> Result<(), Complaint> {
    if expected == seen {
        return Ok(());
    }
    Err(format!("the day sheet has {seen:?}, expected {expected:?}"))
}
