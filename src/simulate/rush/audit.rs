//! The auditor: a naive model of its own, told every answer, that judges each of them and the server's whole state at the
//! end.
//!
//! It knows nothing of the engine: what a lane must be, it takes from the public list of services. What two visitors are
//! told may reach it in another order than the server decided it, so capacities are judged at the end (`state`), when
//! nothing is under way any more. An answer that was lost may mean either; of whoever lost one, nothing is expected.

mod state;
#[cfg(test)]
mod tests;

pub use state::{HallDay, Whose};

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset};
use parking_lot::Mutex;
use serde_json::Value;

use super::client::{Heard, LOST};
use super::identity::Identity;

/// How many violations are kept; the first ones say what went wrong.
pub const MAX_VIOLATIONS: usize = 100;

/// A slot as a caller names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotName {
    /// The id of the hall.
    pub hall: String,
    /// The date.
    pub date: String,
    /// The start of the band.
    pub start: String,
}

/// What was asked for with a booking or a hold.
#[derive(Debug, Clone)]
pub struct BookingAsk<'a> {
    /// Who appears, in order.
    pub party: &'a [Identity],
    /// The service.
    pub service: &'a str,
    /// The slot.
    pub slot: &'a SlotName,
    /// Whether the places are only held.
    pub hold: bool,
}

/// An appointment, as the server last said it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The visitor who made it.
    pub visitor: u32,
    /// The ID number of the applicant.
    pub id_number: String,
    /// The service.
    pub service: String,
    /// The slot.
    pub slot: SlotName,
    /// The lane.
    pub lane: String,
    /// The status.
    pub status: String,
    /// When it ends by itself, where it is held.
    pub ends: Option<Instant>,
}

impl Known {
    /// Whether it counts as taken in its slot.
    #[must_use]
    pub fn takes_place(&self) -> bool {
        !matches!(self.status.as_str(), "cancelled" | "expired")
    }
}

/// What the server publishes of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The document, of which one person has one active appointment.
    pub document: String,
    /// The lane that serves it.
    pub lane: String,
}

/// The services by their ids.
pub type Services = HashMap<String, Service>;

/// The services as `GET /v1/services` lists them.
#[must_use]
pub fn services(heard: &Heard) -> Services {
    let list = heard.body["services"].as_array().into_iter().flatten();
    let service = |one: &Value| {
        let text = |member: &str| one[member].as_str().map(str::to_owned);
        Some((text("id")?, Service { document: text("document")?, lane: text("lane")? }))
    };
    list.filter_map(service).collect()
}

#[derive(Debug, Default)]
struct Model {
    services: Services,
    appointments: HashMap<String, Known>,
    /// Visitors to whom an answer to a change was lost, and the ID numbers of their parties as answers show them.
    lost: HashSet<u32>,
    lost_numbers: HashSet<String>,
    violations: Vec<String>,
}

/// The auditor.
#[derive(Debug, Default)]
pub struct Auditor(Mutex<Model>);

impl Model {
    fn complain(&mut self, what: String) {
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.push(what);
        }
    }
}

impl Auditor {
    /// An auditor who has read the list of services.
    #[must_use]
    pub fn new(services: Services) -> Self {
        Self(Mutex::new(Model { services, ..Model::default() }))
    }

    /// Judges the answer to a booking or a hold, and gives the ids of what was made.
    pub fn booked(&self, visitor: u32, ask: &BookingAsk<'_>, heard: &Heard) -> Vec<String> {
        let model = &mut *self.0.lock();
        if heard.status != 201 {
            model.judge_refusal(visitor, "a booking", heard, &["slot_full", "not_released"]);
            if heard.status == LOST {
                model.lose(visitor, ask.party);
            }
            return Vec::new();
        }
        let appointments = heard.body["appointments"].as_array().map_or(&[][..], Vec::as_slice);
        if appointments.len() != ask.party.len() {
            let (made, asked) = (appointments.len(), ask.party.len());
            model.complain(format!("visitor {visitor} asked for {asked} places and got {made}"));
        }
        let status = if ask.hold { "held" } else { "booked" };
        let made = appointments.iter().zip(ask.party);
        made.filter_map(|(told, person)| model.made(visitor, ask, told, (person, status))).collect()
    }

    /// Judges the answer to a change of one appointment: the status and, where it moves, the slot that it must have now.
    pub fn changed(&self, visitor: u32, id: &str, status: &str, slot: Option<&SlotName>, heard: &Heard) {
        let model = &mut *self.0.lock();
        if heard.status != 200 {
            model.judge_refusal(visitor, "a change", heard, if slot.is_some() { &["slot_full"] } else { &[] });
            if heard.status == LOST {
                model.lose(visitor, &[]);
            }
            return;
        }
        let Some(mut known) = model.appointments.get(id).cloned() else { return };
        status.clone_into(&mut known.status);
        known.ends = None;
        if let Some(slot) = slot {
            known.slot.clone_from(slot);
        }
        model.judge_told(id, &known, &heard.body);
        model.appointments.insert(id.to_owned(), known);
    }

    /// Judges that the same call got the same answer.
    pub fn repeated(&self, visitor: u32, first: &Heard, second: &Heard) {
        let same_body = first.body == second.body || (!first.is_ok() && first.code() == second.code());
        if first.status != LOST && second.status != LOST && (first.status != second.status || !same_body) {
            let what =
                format!("visitor {visitor} sent a call twice and was told {} and {}", first.code(), second.code());
            self.0.lock().complain(what);
        }
    }

    /// Judges the answer to a call that a visitor can only be refused for coming too fast.
    pub fn served(&self, visitor: u32, what: &str, heard: &Heard) {
        if !heard.is_ok() {
            self.0.lock().judge_refusal(visitor, what, heard, &[]);
        }
    }

    /// Judges a list of halls: the nearest stands first.
    pub fn nearest(&self, visitor: u32, heard: &Heard) {
        self.served(visitor, "the nearest halls", heard);
        let halls = heard.body["halls"].as_array().into_iter().flatten();
        let distances: Vec<f64> = halls.map(|hall| hall["distance_m"].as_f64().unwrap_or(f64::INFINITY)).collect();
        if !distances.is_sorted() {
            self.0.lock().complain(format!("visitor {visitor} was not shown the nearest hall first: {distances:?}"));
        }
    }

    /// Judges a hall's slots: what remains is what the capacity leaves.
    pub fn slots(&self, visitor: u32, heard: &Heard) {
        self.served(visitor, "a hall's slots", heard);
        let days = heard.body["days"].as_array().into_iter().flatten();
        for (day, slot) in
            days.flat_map(|day| day["slots"].as_array().into_iter().flatten().map(move |slot| (day, slot)))
        {
            let number = |member: &str| slot[member].as_u64();
            let (Some(capacity), Some(taken), Some(left)) = (number("capacity"), number("taken"), number("remaining"))
            else {
                self.0.lock().complain(format!("visitor {visitor} was shown a slot without its numbers: {slot}"));
                continue;
            };
            if left != capacity.saturating_sub(taken) {
                self.0.lock().complain(format!("visitor {visitor} was shown a slot that does not add up: {slot}"));
            }
            let text = |told: &Value| told.as_str().unwrap_or_default().to_owned();
            let name =
                || SlotName { hall: text(&heard.body["hall"]), date: text(&day["date"]), start: text(&slot["start"]) };
            // A capacity that was lowered leaves more than it holds; but then nothing more is given.
            if taken > capacity && self.0.lock().has_given(&name()) {
                self.0.lock().complain(format!("visitor {visitor} was shown an oversold slot: {slot}"));
            }
        }
    }

    /// Judges what a visitor sees of the own appointments at the end.
    pub fn own_view(&self, visitor: u32, heard: &Heard) {
        self.served(visitor, "the own appointments", heard);
        if !heard.is_ok() {
            return;
        }
        let model = &mut *self.0.lock();
        let seen = heard.body["appointments"].as_array().map_or(&[][..], Vec::as_slice);
        if model.lost.contains(&visitor) {
            return;
        }
        let own: Vec<(String, Known)> = model.of_visitor(visitor);
        if seen.len() != own.len() {
            model.complain(format!("visitor {visitor} made {} appointments and sees {}", own.len(), seen.len()));
        }
        for (id, known) in own {
            match seen.iter().find(|told| told["id"] == id.as_str()) {
                Some(told) => model.judge_told(&id, &known, told),
                None => model.complain(format!("visitor {visitor} does not see appointment {id}")),
            }
        }
    }

    /// Every appointment of the model with its id.
    #[must_use]
    pub fn appointments(&self) -> HashMap<String, Known> {
        self.0.lock().appointments.clone()
    }

    /// Everything that was wrong.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.0.lock().violations.clone()
    }
}

impl Model {
    fn made(
        &mut self,
        visitor: u32,
        ask: &BookingAsk<'_>,
        told: &Value,
        (person, status): (&Identity, &str),
    ) -> Option<String> {
        let Some(id) = told["id"].as_str() else {
            self.complain(format!("visitor {visitor} was given an appointment without an id"));
            return None;
        };
        let Some(lane) = self.services.get(ask.service).map(|service| service.lane.clone()) else {
            self.complain(format!("{} was booked, and is not in the list of services", ask.service));
            return None;
        };
        let known = Known {
            visitor,
            id_number: person.id_number.clone(),
            service: ask.service.to_owned(),
            slot: ask.slot.clone(),
            lane,
            status: status.to_owned(),
            ends: ends(told),
        };
        self.judge_told(id, &known, told);
        // A repeat is told the same appointments again.
        self.appointments.insert(id.to_owned(), known);
        Some(id.to_owned())
    }

    fn lose(&mut self, visitor: u32, party: &[Identity]) {
        self.lost.insert(visitor);
        self.lost_numbers.extend(party.iter().map(|person| masked(&person.id_number)));
    }

    fn judge_told(&mut self, id: &str, known: &Known, told: &Value) {
        let has_ended = known.ends.is_some_and(|ends| ends <= Instant::now());
        let status = if has_ended && told["status"] == "expired" { "expired" } else { &known.status };
        let masked = masked(&known.id_number);
        let members = [
            ("id", id, &told["id"]),
            ("status", status, &told["status"]),
            ("service", &known.service, &told["service"]),
            ("hall", &known.slot.hall, &told["hall"]),
            ("date", &known.slot.date, &told["date"]),
            ("start", &known.slot.start, &told["start"]),
            ("lane", &known.lane, &told["lane"]),
            ("applicant/id_number", &masked, &told["applicant"]["id_number"]),
        ];
        for (member, expected, said) in members {
            if said != expected {
                self.complain(format!("appointment {id}: {member} is {said}, expected {expected:?}"));
            }
        }
    }

    fn judge_refusal(&mut self, visitor: u32, what: &str, heard: &Heard, fair: &[&str]) {
        let code = heard.code();
        let is_fair = fair.contains(&code) || matches!(code, "lost" | "too_many_requests");
        if !is_fair || heard.status >= 500 {
            self.complain(format!("visitor {visitor} was refused {what} with {} {code}", heard.status));
        }
    }

    /// Whether the run has got a place in this slot.
    fn has_given(&self, slot: &SlotName) -> bool {
        self.appointments.values().any(|known| known.slot == *slot && known.takes_place())
    }

    fn of_visitor(&self, visitor: u32) -> Vec<(String, Known)> {
        let own = self.appointments.iter().filter(|(_, known)| known.visitor == visitor);
        own.map(|(id, known)| (id.clone(), known.clone())).collect()
    }
}

/// When a hold that has just been made ends; it is told by the server's clock, of which only the difference counts.
fn ends(told: &Value) -> Option<Instant> {
    let instant = |member: &str| told[member].as_str()?.parse::<DateTime<FixedOffset>>().ok();
    let lasts: Duration = (instant("expires_at")? - instant("updated_at")?).to_std().ok()?;
    Instant::now().checked_add(lasts)
}

/// An ID number as answers show it: the first six and the last four characters.
fn masked(id_number: &str) -> String {
    format!("{}********{}", &id_number[..6], &id_number[14..])
}
