//! A configuration comes into force, atomically, and un-books nobody.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::answer::{Answer, Refusal};
use super::call::Call;
use super::claims::sheet::Sheet;
use super::submission::Effect;
use super::{Engine, HandOver, Inner, Outcome, Stop, actor};
use crate::domain::appointment::{Appointment, Slot, Status};
use crate::domain::name::HallId;
use crate::domain::policy::today;
use crate::domain::schedule::{Opening, opening};
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::{WallTime, days_after, instant_of};
use crate::ledger::entry::{Entry, Event};

/// An appointment that stays as it is, though it no longer fits the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Displaced {
    /// The appointment.
    pub appointment: Appointment,
    /// Why it no longer fits.
    pub reason: Misfit,
}

/// Why an appointment does not fit a configuration. Written out it is a sentence for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// The hall is not in the configuration.
    NoHall,
    /// The hall is closed for a public holiday with this name.
    Holiday(String),
    /// The hall is closed on this day, with its reason where it gives one.
    Closed(Option<String>),
    /// The service is not in the configuration.
    NoService,
    /// The hall does not offer the service in the lane.
    NotInLane,
    /// The hall has another time zone, so the band begins at another instant.
    OtherZone(Tz),
    /// The lane has no such band.
    NoBand(WallTime, WallTime),
    /// The band has so many places, and earlier appointments take them.
    FewerPlaces(u32),
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHall => f.write_str("the hall is no longer there"),
            Self::Holiday(name) => write!(f, "the hall is closed for a public holiday: {name}"),
            Self::Closed(Some(reason)) => write!(f, "the hall is closed on this day: {reason}"),
            Self::Closed(None) => f.write_str("the hall is closed on this day"),
            Self::NoService => f.write_str("the service is no longer there"),
            Self::NotInLane => f.write_str("the hall no longer offers the service in this lane"),
            Self::OtherZone(zone) => write!(f, "the hall's time zone is now {zone}"),
            Self::NoBand(start, end) => write!(f, "the band {start} to {end} is no longer there"),
            Self::FewerPlaces(places) => {
                write!(f, "the band now has {places} places, and earlier appointments take them")
            }
        }
    }
}

impl Engine {
    /// What a snapshot would displace if it came into force.
    #[must_use]
    pub fn displaced_by(&self, snapshot: &Snapshot, now: DateTime<Utc>) -> Vec<Displaced> {
        let today = now.date_naive().pred_opt().unwrap_or(NaiveDate::MIN);
        let days = self.0.book.hall_days(&(today..=NaiveDate::MAX));
        days.into_iter().flat_map(|(hall, date)| self.0.displaced_on(snapshot, hall, date, now)).collect()
    }

    /// What of one day of a hall a snapshot would displace if it came into force.
    #[must_use]
    pub fn displaced_on_day(
        &self,
        snapshot: &Snapshot,
        hall: HallId,
        date: NaiveDate,
        now: DateTime<Utc>,
    ) -> Vec<Displaced> {
        self.0.displaced_on(snapshot, hall, date, now)
    }

    /// Why one appointment does not fit the snapshot in force; none where it does, or is not waited for any more.
    #[must_use]
    pub fn misfit_of(&self, appointment: &Appointment, now: DateTime<Utc>) -> Option<Misfit> {
        let (snapshot, slot) = (self.snapshot(), &appointment.slot);
        let sheet = Sheet::build(&snapshot, snapshot.hall(slot.hall.as_str()).ok(), slot.date, None);
        let is_overfull = || self.0.sheets.get(slot.hall, slot.date).is_some_and(|sheet| sheet.is_overfull(slot));
        // Who came first must be asked only where not all have room.
        if misfit(&snapshot, &sheet, appointment, 1).is_none() && !is_overfull() {
            return None;
        }
        let displaced = self.0.displaced_on(&snapshot, slot.hall, slot.date, now);
        displaced.into_iter().find(|one| one.appointment.id == appointment.id).map(|one| one.reason)
    }

    /// Puts a snapshot in force, records that, and says what it displaces.
    ///
    /// Calls that were judged by the earlier snapshot have taken their places before it goes; those that come later are
    /// judged by the new one. The record follows them all through the ledger, so what it displaces is complete.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] where the ledger takes nothing, and [`Refusal::ReadOnly`] where it has failed before: then
    /// the snapshot is not in force. Where the ledger fails with this very record, it is, until the restart; in a ledger
    /// that others write into too, it is not, unless the record is found there later.
    pub async fn adopt(&self, call: Call, snapshot: Arc<Snapshot>) -> Result<Vec<Displaced>, Refusal> {
        // What others wrote before is displaced too, and what they write from now on is counted by the new capacities.
        self.refresh().await;
        let now = call.now;
        let (record, previous) = (Call { caller: call.caller, now, repeat: None }, self.snapshot());
        let recorded = self.attempt(record, |call, _| self.0.try_adopt(call, &snapshot)).await;
        if recorded.is_err() && !self.0.following.is_alone() {
            // All go by what is recorded. Should this be found to be so after all, it is followed as if another had done it.
            self.0.put_in_force(&previous);
        }
        recorded?;
        self.refresh().await;
        Ok(self.displaced_by(&snapshot, now))
    }

    /// Puts a snapshot in force that another instance has recorded.
    pub fn follow_adoption(&self, snapshot: &Arc<Snapshot>) {
        self.0.put_in_force(snapshot);
    }
}

impl Inner {
    fn put_in_force(&self, snapshot: &Arc<Snapshot>) {
        let mut in_force = self.snapshot.write();
        self.sheets.rebuild(snapshot);
        *in_force = Arc::clone(snapshot);
    }

    fn try_adopt(self: &Arc<Self>, call: &Call, snapshot: &Arc<Snapshot>) -> Result<Outcome, Stop> {
        let place = self.queue.reserve()?;
        self.put_in_force(snapshot);
        let capacities = if self.following.is_alone() { Vec::new() } else { self.capacities(snapshot, call.now) };
        let version = snapshot.version.as_str();
        let event = Event::Adopted { version: version.to_owned() };
        let entry = Entry { at: call.now, by: actor(&call.caller), event, repeat: None }.encode();
        let answer = Answer::Text(version.into());
        let parts = HandOver::new(entry, Arc::clone(snapshot), Effect::Nothing, answer);
        Ok(self.hand_over(place, HandOver { capacities, ..parts }, &mut None))
    }

    /// The capacity of every slot that can be booked or has somebody in it.
    fn capacities(&self, snapshot: &Snapshot, now: DateTime<Utc>) -> Vec<(Slot, u32)> {
        for hall in snapshot.halls() {
            // A day more than the window has: midnight may pass while this is written.
            let last = days_after(today(hall, now), snapshot.policy.window_days + 1);
            for date in today(hall, now).iter_days().take_while(|date| *date <= last) {
                // Kept where it was missing; what it is does not matter here.
                let _ = self.sheets.get_or_build(snapshot, hall, date);
            }
        }
        self.sheets.capacities()
    }

    /// What of one day of a hall a snapshot displaces.
    pub(super) fn displaced_on(
        &self,
        snapshot: &Snapshot,
        hall: HallId,
        date: NaiveDate,
        now: DateTime<Utc>,
    ) -> Vec<Displaced> {
        let waits = |status| matches!(status, Status::Held | Status::Booked);
        let mut appointments = self.book.of_hall_day(hall, date);
        appointments.retain(|appointment| appointment.status_at(now).takes_place());
        // Who came first keeps the place: beyond a lower capacity it is the latest who no longer fit.
        appointments.sort_by_key(|appointment| (appointment.created_at, appointment.id));
        let sheet = Sheet::build(snapshot, snapshot.hall(hall.as_str()).ok(), date, None);
        let mut in_slot: HashMap<Slot, u32> = HashMap::new();
        let mut displaced = Vec::new();
        for appointment in appointments {
            let count = in_slot.entry(appointment.slot).or_default();
            *count += 1;
            let reason = misfit(snapshot, &sheet, &appointment, *count);
            if let Some(reason) = reason
                && waits(appointment.status_at(now))
                && appointment.starts_at > now
            {
                displaced.push(Displaced { appointment, reason });
            }
        }
        displaced.sort_by_key(|displaced| (displaced.appointment.slot.start, displaced.appointment.id));
        displaced
    }
}

/// Why an appointment, the `count`th of its slot, does not fit a snapshot.
fn misfit(snapshot: &Snapshot, sheet: &Sheet, appointment: &Appointment, count: u32) -> Option<Misfit> {
    let slot = &appointment.slot;
    let Ok(hall) = snapshot.hall(slot.hall.as_str()) else { return Some(Misfit::NoHall) };
    match opening(hall, &snapshot.calendar, slot.date) {
        Opening::Holiday(name) => return Some(Misfit::Holiday(name.to_owned())),
        Opening::Closed(reason) => return Some(Misfit::Closed(reason.map(ToOwned::to_owned))),
        Opening::Open(_) => {}
    }
    let Ok(service) = snapshot.service(appointment.service.as_str()) else { return Some(Misfit::NoService) };
    if hall.lane_for(service).map(|lane| lane.id) != Some(slot.lane) {
        return Some(Misfit::NotInLane);
    }
    if instant_of(hall.zone, slot.date, slot.start) != Some(appointment.starts_at) {
        return Some(Misfit::OtherZone(hall.zone));
    }
    if !sheet.offers(slot) {
        return Some(Misfit::NoBand(slot.start, slot.end));
    }
    let lane = sheet.lane(slot.lane)?;
    let band = lane.bands.iter().find(|band| band.start == slot.start)?;
    (count > band.capacity).then_some(Misfit::FewerPlaces(band.capacity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misfit_is_told_in_the_words_that_operators_know() {
        let check = |misfit: Misfit, expected: &str| assert_eq!(misfit.to_string(), expected);
        check(Misfit::NoHall, "the hall is no longer there");
        check(Misfit::Holiday("国庆节".into()), "the hall is closed for a public holiday: 国庆节");
        check(Misfit::Closed(Some("repairs".into())), "the hall is closed on this day: repairs");
        check(Misfit::Closed(None), "the hall is closed on this day");
        check(Misfit::NoService, "the service is no longer there");
        check(Misfit::NotInLane, "the hall no longer offers the service in this lane");
        check(Misfit::OtherZone(Tz::Asia__Urumqi), "the hall's time zone is now Asia/Urumqi");
        let (start, end) = (WallTime::hm(8, 30), WallTime::hm(9, 0));
        check(Misfit::NoBand(start, end), "the band 08:30 to 09:00 is no longer there");
        check(Misfit::FewerPlaces(3), "the band now has 3 places, and earlier appointments take them");
    }
}
