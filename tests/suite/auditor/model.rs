//! The naive model: the contract once more, with plain lists and plain arithmetic, and nothing of the engine's code.
//!
//! Every list is searched from its beginning, every count is counted anew, so that there is nothing to get out of step.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};
use hallpass::domain::appointment::AppointmentId;

use crate::world::plan::{HallPlan, Minutes, Plan, ServicePlan};

/// Why something is refused: the stable code, and with it the numbers of the applicants that it is about.
pub type Code = String;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    Person(usize),
    /// A desk of one hall, or of all of them.
    Desk(Option<&'static str>),
}

/// A call, in full.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Request {
    Book { by: usize, to: To, service: &'static str, hold: bool, party: Vec<usize> },
    Confirm { who: Who, of: usize, whole: bool, applicants: Option<Vec<usize>> },
    Reschedule { who: Who, of: usize, whole: bool, to: To },
    Cancel { who: Who, of: usize, whole: bool },
    Desk { who: Who, of: usize, by_code: bool, action: &'static str, whole: bool, anyway: bool },
    Extend { who: Who, of: usize, whole: bool },
    Undo { who: Who, of: usize, whole: bool },
}

/// The hall, the date and the start that a call names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct To {
    pub hall: &'static str,
    pub date: NaiveDate,
    pub start: Minutes,
}

/// An appointment, as the model keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What the engine called it; none until it has been asked.
    pub id: Option<AppointmentId>,
    pub party: usize,
    pub person: usize,
    pub by: usize,
    pub service: &'static str,
    pub document: &'static str,
    pub place: Place,
    pub starts_at: DateTime<Utc>,
    pub status: &'static str,
    pub expires_at: Option<DateTime<Utc>>,
    pub extended: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Who checked in, and who served, last.
    pub checked_in: Option<Done>,
    pub served: Option<Done>,
}

/// Who did something, at which step of the trial, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub by: Who,
    pub step: usize,
    pub at: DateTime<Utc>,
}

/// A slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub hall: &'static str,
    pub lane: &'static str,
    pub date: NaiveDate,
    pub start: Minutes,
    pub end: Minutes,
}

/// A band of a lane with its capacity and how many places of it are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub lane: &'static str,
    pub start: Minutes,
    pub end: Minutes,
    pub capacity: u32,
    pub taken: u32,
}

/// The model.
#[derive(Debug, Clone)]
pub struct Model {
    pub plan: Plan,
    pub now: DateTime<Utc>,
    pub list: Vec<Record>,
    /// The step that is judged, and the one at which the engine that is asked started: it knows of no deed before.
    pub step: usize,
    pub started: usize,
}

impl Record {
    /// Where it stands at an instant.
    pub fn standing(&self, now: DateTime<Utc>) -> &'static str {
        if self.status == "held" && self.expires_at.is_some_and(|end| end <= now) { "expired" } else { self.status }
    }
}

impl Model {
    /// Judges a call by the contract, and does what it asks where nothing speaks against it. Gives the records that the
    /// answer is about.
    pub fn judge(&mut self, request: &Request) -> Result<Vec<usize>, Code> {
        match request {
            Request::Book { by, to, service, hold, party } => self.book(*by, *to, service, *hold, party),
            Request::Confirm { who, of, whole, applicants } => self.confirm(who, *of, *whole, applicants.as_deref()),
            Request::Reschedule { who, of, whole, to } => self.reschedule(who, *of, *whole, *to),
            Request::Cancel { who, of, whole } => self.cancel(who, *of, *whole),
            Request::Desk { who, of, action, whole, anyway, .. } => self.attend(who, *of, action, *whole, *anyway),
            Request::Extend { who, of, whole } => self.extend(who, *of, *whole),
            Request::Undo { who, of, whole } => self.undo(who, *of, *whole),
        }
    }

    /// Ends every hold whose time has come.
    pub fn expire(&mut self) {
        let now = self.now;
        for record in self.list.iter_mut().filter(|record| record.standing(now) != record.status) {
            (record.status, record.expires_at, record.updated_at) = ("expired", None, now);
            record.extended = false;
        }
    }

    fn book(&mut self, by: usize, to: To, service: &str, hold: bool, party: &[usize]) -> Result<Vec<usize>, Code> {
        let hall = self.hall(to.hall).ok_or("unknown_hall")?.clone();
        let service = self.service(service).ok_or("unknown_service")?.clone();
        if party.len() > self.plan.max_party as usize {
            return Err("party_too_large".into());
        }
        for second in 0..party.len() {
            if let Some(first) = (0..second).find(|first| party[*first] == party[second]) {
                return Err(format!("duplicate_applicant {first} {second}"));
            }
        }
        let place = self.place(&hall, &service, to)?;
        for (at, person) in party.iter().enumerate() {
            let claims = |record: &&Record| record.person == *person && record.document == service.document;
            if self.active().any(|record| claims(&record)) {
                return Err(format!("already_booked {at}"));
            }
        }
        if self.active().filter(|record| record.by == by).count() + party.len() > self.plan.max_active as usize {
            return Err("too_many_active".into());
        }
        self.want_places(&hall, place, party.len())?;
        let first = self.list.len();
        for person in party {
            self.list.push(Record {
                id: None,
                party: first,
                person: *person,
                by,
                service: service.id,
                document: service.document,
                place,
                starts_at: starts_at(&hall, place),
                status: if hold { "held" } else { "booked" },
                expires_at: hold.then(|| self.now + TimeDelta::minutes(self.plan.hold_minutes.into())),
                extended: false,
                created_at: self.now,
                updated_at: self.now,
                checked_in: None,
                served: None,
            });
        }
        Ok((first..self.list.len()).collect())
    }

    fn confirm(&mut self, who: &Who, of: usize, whole: bool, given: Option<&[usize]>) -> Result<Vec<usize>, Code> {
        let members = self.members(who, of, whole)?;
        for member in &members {
            match self.list[*member].standing(self.now) {
                "held" => {}
                "expired" => return Err("hold_expired".into()),
                _ => return Err("wrong_state".into()),
            }
        }
        let persons: Vec<_> = members.iter().map(|member| self.list[*member].person).collect();
        if given.is_some_and(|given| given != persons) {
            return Err("invalid_field".into());
        }
        self.set(&members, "booked");
        Ok(members)
    }

    fn reschedule(&mut self, who: &Who, of: usize, whole: bool, to: To) -> Result<Vec<usize>, Code> {
        self.members(who, of, whole)?;
        let hall = self.hall(to.hall).ok_or("unknown_hall")?.clone();
        let members = self.changeable_members(who, of, whole)?;
        let is_offered = |place: Place| {
            let bands = self.bands_of(&hall, place.lane, place.date);
            bands.iter().any(|band| (band.start, band.end) == (place.start, place.end))
        };
        let is_there =
            |place: Place| (place.hall, place.date, place.start) == (to.hall, to.date, to.start) && is_offered(place);
        let displaced = self.displaced();
        if members.iter().all(|member| is_there(self.list[*member].place) && !displaced.contains(member)) {
            return Ok(members);
        }
        self.want_not_begun(&members)?;
        let service = self.service(self.list[of].service).ok_or("service_not_offered")?.clone();
        let place = self.place(&hall, &service, to)?;
        let moving = members.iter().filter(|member| self.list[**member].place != place).count();
        self.want_places(&hall, place, moving)?;
        for member in &members {
            let record = &mut self.list[*member];
            (record.place, record.starts_at, record.updated_at) = (place, starts_at(&hall, place), self.now);
        }
        Ok(members)
    }

    fn cancel(&mut self, who: &Who, of: usize, whole: bool) -> Result<Vec<usize>, Code> {
        let members = self.changeable_members(who, of, whole)?;
        self.want_not_begun(&members)?;
        self.set(&members, "cancelled");
        Ok(members)
    }

    fn extend(&mut self, who: &Who, of: usize, whole: bool) -> Result<Vec<usize>, Code> {
        let members = self.members(who, of, whole)?;
        for member in &members {
            match self.list[*member].standing(self.now) {
                "held" => {}
                "expired" => return Err("hold_expired".into()),
                _ => return Err("wrong_state".into()),
            }
        }
        self.want_not_begun(&members)?;
        let longer = self.plan.hold_extension_minutes;
        if longer == 0 || members.iter().any(|member| self.list[*member].extended) {
            return Err("wrong_state".into());
        }
        for member in &members {
            let record = &mut self.list[*member];
            record.expires_at = record.expires_at.map(|end| end + TimeDelta::minutes(longer.into()));
            (record.extended, record.updated_at) = (true, self.now);
        }
        Ok(members)
    }

    fn attend(&mut self, who: &Who, of: usize, action: &str, whole: bool, anyway: bool) -> Result<Vec<usize>, Code> {
        self.want_desk(who, of)?;
        let after = |at: &usize| match (self.list[*at].standing(self.now), action) {
            ("booked", "check in") => Some("checked_in"),
            ("checked_in", "serve") => Some("served"),
            ("booked", "no show") => Some("no_show"),
            _ => None,
        };
        let able: Vec<_> = self.together(of, whole).into_iter().filter(|at| after(at).is_some()).collect();
        let status = able.first().and_then(after).ok_or("wrong_state")?;
        for at in &able {
            let record = &self.list[*at];
            let is_its_time = record.place.date == self.local_date(record, self.now)
                && (action != "no show" || record.starts_at <= self.now);
            if !is_its_time && !anyway {
                return Err("wrong_state".into());
            }
        }
        self.set(&able, status);
        let done = Done { by: who.clone(), step: self.step, at: self.now };
        for at in &able {
            match action {
                "check in" => self.list[*at].checked_in = Some(done.clone()),
                "serve" => self.list[*at].served = Some(done.clone()),
                _ => {}
            }
        }
        Ok(able)
    }

    fn undo(&mut self, who: &Who, of: usize, whole: bool) -> Result<Vec<usize>, Code> {
        self.want_desk(who, of)?;
        let status = self.list[of].status;
        if !self.can_undo(who, of) {
            return Err("wrong_state".into());
        }
        let is_like = |at: &usize| self.list[*at].status == status && self.can_undo(who, *at);
        let members: Vec<_> = self.together(of, whole).into_iter().filter(is_like).collect();
        if status != "checked_in" {
            self.want_claims(&members)?;
        }
        self.set(&members, if status == "served" { "checked_in" } else { "booked" });
        Ok(members)
    }

    /// Rule 7 for appointments that are active again.
    fn want_claims(&self, members: &[usize]) -> Result<(), Code> {
        for (position, member) in members.iter().enumerate() {
            let (person, document) = (self.list[*member].person, self.list[*member].document);
            if self.active().any(|other| (other.person, other.document) == (person, document)) {
                return Err(format!("already_booked {position}"));
            }
        }
        let by = self.list[members[0]].by;
        let made = self.active().filter(|record| record.by == by).count();
        if made + members.len() > self.plan.max_active as usize { Err("too_many_active".into()) } else { Ok(()) }
    }

    fn can_undo(&self, who: &Who, of: usize) -> bool {
        let record = &self.list[of];
        let done = match record.status {
            "no_show" => {
                let last = self.local_date(record, record.updated_at).max(record.place.date) + Days::new(1);
                return self.local_date(record, self.now) <= last;
            }
            "checked_in" => &record.checked_in,
            "served" => &record.served,
            _ => return false,
        };
        done.as_ref().is_some_and(|done| {
            done.by == *who && done.step >= self.started && self.now - done.at <= TimeDelta::seconds(60)
        })
    }

    /// The appointment, with those of its party that are expected on the same day in the same hall.
    fn together(&self, of: usize, whole: bool) -> Vec<usize> {
        let named = &self.list[of];
        let comes_along = |at: &usize| {
            let other = &self.list[*at];
            *at == of
                || whole
                    && other.party == named.party
                    && (other.place.hall, other.place.date) == (named.place.hall, named.place.date)
        };
        (0..self.list.len()).filter(comes_along).collect()
    }

    /// The date at an instant where an appointment is.
    fn local_date(&self, record: &Record, at: DateTime<Utc>) -> NaiveDate {
        let start =
            record.place.date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(record.place.start.into());
        let ahead =
            self.hall(record.place.hall).map_or(start - record.starts_at, |hall| TimeDelta::minutes(hall.ahead));
        (at + ahead).date_naive()
    }

    fn want_desk(&self, who: &Who, of: usize) -> Result<(), Code> {
        match who {
            Who::Person(_) => Err("forbidden".into()),
            Who::Desk(_) => self.members(who, of, false).map(drop),
        }
    }

    /// The appointment, or those of its party that have not ended, where the caller may change them.
    pub fn members(&self, who: &Who, of: usize, whole: bool) -> Result<Vec<usize>, Code> {
        let named = &self.list[of];
        match who {
            Who::Person(person) if named.by != *person && named.person != *person => {
                return Err("unknown_appointment".into());
            }
            Who::Person(person) if whole && named.by != *person => return Err("forbidden".into()),
            Who::Desk(Some(hall)) if *hall != named.place.hall => return Err("forbidden".into()),
            Who::Person(_) | Who::Desk(_) => {}
        }
        if !whole {
            return Ok(vec![of]);
        }
        let party = (0..self.list.len()).filter(|other| self.list[*other].party == named.party);
        let goes_on = |member: &usize| !matches!(self.list[*member].standing(self.now), "cancelled" | "expired");
        let going_on: Vec<_> = party.clone().filter(goes_on).collect();
        Ok(if going_on.is_empty() { party.collect() } else { going_on })
    }

    fn changeable_members(&self, who: &Who, of: usize, whole: bool) -> Result<Vec<usize>, Code> {
        let members = self.members(who, of, whole)?;
        let can_be = |member: &usize| matches!(self.list[*member].standing(self.now), "held" | "booked");
        if members.iter().all(can_be) { Ok(members) } else { Err("wrong_state".into()) }
    }

    fn want_not_begun(&self, members: &[usize]) -> Result<(), Code> {
        let begun = members.iter().any(|member| self.now >= self.list[*member].starts_at);
        if begun { Err("wrong_state".into()) } else { Ok(()) }
    }

    fn want_places(&self, hall: &HallPlan, place: Place, count: usize) -> Result<(), Code> {
        let bands = self.bands_of(hall, place.lane, place.date);
        let band = bands.iter().find(|band| band.start == place.start).ok_or("no_such_band")?;
        let is_free = band.taken as usize + count <= band.capacity as usize;
        if is_free { Ok(()) } else { Err("slot_full".into()) }
    }

    fn set(&mut self, members: &[usize], status: &'static str) {
        for member in members {
            let record = &mut self.list[*member];
            (record.status, record.expires_at, record.updated_at) = (status, None, self.now);
            record.extended = false;
        }
    }

    /// Rules 1 to 5: the slot that a call names.
    fn place(&self, hall: &HallPlan, service: &ServicePlan, to: To) -> Result<Place, Code> {
        let lane = offered_in(hall, service).ok_or("service_not_offered")?;
        self.day(hall, lane, to.date)?;
        let bands = self.bands_of(hall, lane, to.date);
        let band = bands.iter().find(|band| band.start == to.start).ok_or("no_such_band")?;
        Ok(Place { hall: hall.id, lane, date: to.date, start: band.start, end: band.end })
    }

    /// Rules 1 to 4: whether a lane can be booked on a date.
    pub fn day(&self, hall: &HallPlan, lane: &str, date: NaiveDate) -> Result<(), Code> {
        let local = self.now + TimeDelta::minutes(hall.ahead);
        let today = local.date_naive();
        let last = today + Days::new(self.plan.window_days.into());
        let before_release = local.hour() * 60 + local.minute() < self.plan.release.into();
        let (opens, why_closed) = self.periods(hall, date);
        let code = if date < today {
            "past"
        } else if date < today + Days::new(self.plan.min_days_ahead.into()) {
            "same_day"
        } else if date > last {
            "beyond_window"
        } else if date == last && before_release {
            "not_released"
        } else if opens.is_empty() || self.bands_of(hall, lane, date).is_empty() {
            why_closed
        } else {
            return Ok(());
        };
        Err(code.into())
    }

    /// The opening periods of a date, and the code for when there are none.
    fn periods<'a>(&self, hall: &'a HallPlan, date: NaiveDate) -> (&'a [(Minutes, Minutes)], &'static str) {
        if let Some((_, periods)) = hall.exceptions.iter().find(|(of, _)| *of == date) {
            return (periods, "closed");
        }
        if self.plan.holidays.contains(&date) {
            return (&[], "holiday");
        }
        let made_up = self.plan.workdays.iter().find(|(of, _)| *of == date).map(|(_, weekday)| *weekday);
        let weekday = made_up.unwrap_or_else(|| date.weekday());
        (&hall.hours[weekday.num_days_from_monday() as usize], "closed")
    }

    /// The bands of all lanes of a hall on a date, with what is taken of them.
    pub fn bands(&self, hall: &HallPlan, date: NaiveDate) -> Vec<Counted> {
        hall.lanes.iter().flat_map(|lane| self.bands_of(hall, lane.id, date)).collect()
    }

    /// The bands of one lane.
    pub fn bands_of(&self, hall: &HallPlan, lane: &str, date: NaiveDate) -> Vec<Counted> {
        let Some(lane) = hall.lanes.iter().find(|other| other.id == lane) else { return Vec::new() };
        let mut bands = Vec::new();
        for (open, close) in self.periods(hall, date).0 {
            let mut start = *open;
            while start + lane.minutes <= *close {
                let end = start + lane.minutes;
                let single = lane.single.iter().find(|(of, _)| *of == start).map(|(_, places)| *places);
                let place = Place { hall: hall.id, lane: lane.id, date, start, end };
                let (capacity, taken) = (single.unwrap_or(lane.capacity), self.taken(place));
                bands.push(Counted { lane: lane.id, start, end, capacity, taken });
                start = end;
            }
        }
        bands
    }

    fn taken(&self, place: Place) -> u32 {
        let takes = |record: &&Record| !matches!(record.standing(self.now), "cancelled" | "expired");
        self.list.iter().filter(|record| record.place == place).filter(takes).map(|_| 1).sum()
    }

    /// The appointments that are somebody's one claim.
    pub fn active(&self) -> impl Iterator<Item = &Record> {
        self.list.iter().filter(|record| matches!(record.standing(self.now), "held" | "booked" | "checked_in"))
    }

    /// Which appointments still wait for their day and do not fit the configuration, in the order of the list.
    pub fn displaced(&self) -> Vec<usize> {
        let waits = |at: &usize| {
            let record = &self.list[*at];
            matches!(record.standing(self.now), "held" | "booked") && record.starts_at > self.now
        };
        (0..self.list.len()).filter(waits).filter(|at| !self.fits(&self.list[*at])).collect()
    }

    fn fits(&self, record: &Record) -> bool {
        let Some(hall) = self.hall(record.place.hall) else { return false };
        let Some(service) = self.service(record.service) else { return false };
        let bands = self.bands_of(hall, record.place.lane, record.place.date);
        let is_own = |band: &&Counted| (band.start, band.end) == (record.place.start, record.place.end);
        let Some(band) = bands.iter().find(is_own) else { return false };
        // Who came first keeps the place. Within one party the order of the ids is as good as any other.
        let takes = |other: &&Record| !matches!(other.standing(self.now), "cancelled" | "expired");
        let there = self.list.iter().filter(|other| other.place == record.place).filter(takes);
        let earlier = there.filter(|other| (other.created_at, other.id) < (record.created_at, record.id)).count();
        offered_in(hall, service) == Some(record.place.lane) && earlier < band.capacity as usize
    }

    /// The hall of this id.
    pub fn hall(&self, id: &str) -> Option<&HallPlan> {
        self.plan.halls.iter().find(|hall| hall.id == id)
    }

    /// The service of this id.
    pub fn service(&self, id: &str) -> Option<&ServicePlan> {
        self.plan.services.iter().find(|service| service.id == id)
    }
}

/// The lane in which a hall offers a service.
pub fn offered_in(hall: &HallPlan, service: &ServicePlan) -> Option<&'static str> {
    let offers = hall.documents.is_empty() || hall.documents.contains(&service.document);
    hall.lanes.iter().find(|lane| offers && lane.id == service.lane).map(|lane| lane.id)
}

fn starts_at(hall: &HallPlan, place: Place) -> DateTime<Utc> {
    place.date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(i64::from(place.start) - hall.ahead)
}
