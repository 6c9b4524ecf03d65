//! The auditor: a naive model of its own, told every answer, that judges each of them and the server's whole state at the
//! end.
//!
//! It knows nothing of the engine. What two visitors are told may reach it in another order than the server decided it, so
//! capacities are judged at the end, when nothing is under way any more.

use std::collections::{BTreeMap, HashMap};

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
}

impl Known {
    /// Whether it counts as taken in its slot.
    #[must_use]
    pub fn takes_place(&self) -> bool {
        !matches!(self.status.as_str(), "cancelled" | "expired")
    }
}

/// How many places a slot has and how many are taken, as the server says at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// How many there are.
    pub capacity: u32,
    /// How many are taken.
    pub taken: u32,
}

#[derive(Debug, Default)]
struct Model {
    appointments: HashMap<String, Known>,
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
    /// Judges the answer to a booking or a hold, and gives the ids of what was made.
    pub fn booked(&self, visitor: u32, ask: &BookingAsk<'_>, heard: &Heard) -> Vec<String> {
        let model = &mut *self.0.lock();
        if heard.status != 201 {
            model.judge_refusal(visitor, "a booking", heard, &["slot_full", "not_released"]);
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
            return;
        }
        let Some(mut known) = model.appointments.get(id).cloned() else { return };
        status.clone_into(&mut known.status);
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

    /// Judges a hall's slots: what remains is what the capacity leaves.
    pub fn slots(&self, visitor: u32, heard: &Heard) {
        self.served(visitor, "a hall's slots", heard);
        let days = heard.body["days"].as_array().into_iter().flatten();
        for slot in days.flat_map(|day| day["slots"].as_array().into_iter().flatten()) {
            let number = |member: &str| slot[member].as_u64();
            let fits = |capacity: u64, taken: u64| taken <= capacity && number("remaining") == Some(capacity - taken);
            if !number("capacity").zip(number("taken")).is_some_and(|(capacity, taken)| fits(capacity, taken)) {
                self.0.lock().complain(format!("visitor {visitor} was shown a slot that does not add up: {slot}"));
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

    /// Judges the whole state at the end: every slot by hall, date and start with its lane, and nobody twice.
    pub fn finish(&self, counted: &BTreeMap<(SlotName, String), Counted>, documents: &HashMap<String, String>) {
        let model = &mut *self.0.lock();
        let mut taken: BTreeMap<(SlotName, String), u32> = BTreeMap::new();
        let mut claims: HashMap<(String, String), u32> = HashMap::new();
        for known in model.appointments.values().filter(|known| known.takes_place()) {
            *taken.entry((known.slot.clone(), known.lane.clone())).or_default() += 1;
            let document = documents.get(&known.service).cloned().unwrap_or_default();
            *claims.entry((known.id_number.clone(), document)).or_default() += 1;
        }
        for ((_, document), claims) in claims.into_iter().filter(|(_, claims)| *claims > 1) {
            model.complain(format!("one person has {claims} appointments for {document}"));
        }
        for (slot, count) in &taken {
            if !counted.contains_key(slot) {
                model.complain(format!("{count} appointments stand in {slot:?}, which the server does not have"));
            }
        }
        for (slot, Counted { capacity, taken: said }) in counted {
            let mine = taken.get(slot).copied().unwrap_or(0);
            if *said > *capacity {
                model.complain(format!("{slot:?} is oversold: {said} of {capacity}"));
            }
            if mine != *said {
                model.complain(format!("{slot:?}: the server counts {said} taken, its answers add up to {mine}"));
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
        let known = Known {
            visitor,
            id_number: person.id_number.clone(),
            service: ask.service.to_owned(),
            slot: ask.slot.clone(),
            lane: told["lane"].as_str().unwrap_or_default().to_owned(),
            status: status.to_owned(),
        };
        self.judge_told(id, &known, told);
        // A repeat is told the same appointments again.
        self.appointments.insert(id.to_owned(), known);
        Some(id.to_owned())
    }

    fn judge_told(&mut self, id: &str, known: &Known, told: &Value) {
        let masked = masked(&known.id_number);
        let members = [
            ("id", id, &told["id"]),
            ("status", &known.status, &told["status"]),
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

    fn of_visitor(&self, visitor: u32) -> Vec<(String, Known)> {
        let own = self.appointments.iter().filter(|(_, known)| known.visitor == visitor);
        own.map(|(id, known)| (id.clone(), known.clone())).collect()
    }
}

/// An ID number as answers show it: the first six and the last four characters.
fn masked(id_number: &str) -> String {
    format!("{}********{}", &id_number[..6], &id_number[14..])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn slot(start: &str) -> SlotName {
        SlotName { hall: "east".into(), date: "2026-12-22".into(), start: start.into() }
    }

    fn told(id: &str, person: u32, slot: &SlotName, status: &str) -> Value {
        json!({
            "id": id, "status": status, "service": "passport.renewal", "lane": "counter",
            "hall": slot.hall, "date": slot.date, "start": slot.start,
            "applicant": { "name": "虚*", "id_number": masked(&Identity::nth(person).id_number) },
        })
    }

    fn book(auditor: &Auditor, person: u32, id: &str, at: &SlotName) {
        let party = [Identity::nth(person)];
        let ask = BookingAsk { party: &party, service: "passport.renewal", slot: at, hold: false };
        let heard = Heard { status: 201, body: json!({ "appointments": [told(id, person, at, "booked")] }) };
        assert_eq!(auditor.booked(person, &ask, &heard), [id]);
    }

    fn counted(at: &SlotName, taken: u32, capacity: u32) -> BTreeMap<(SlotName, String), Counted> {
        BTreeMap::from([((at.clone(), "counter".to_owned()), Counted { capacity, taken })])
    }

    fn documents() -> HashMap<String, String> {
        HashMap::from([("passport.renewal".to_owned(), "passport".to_owned())])
    }

    #[track_caller]
    fn complains(auditor: &Auditor, words: &str) {
        let violations = auditor.violations();
        assert!(violations.iter().any(|violation| violation.contains(words)), "{words:?} is not in {violations:?}");
    }

    #[test]
    fn a_right_state_is_right() {
        let (auditor, at) = (Auditor::default(), slot("08:30"));
        book(&auditor, 1, "a", &at);
        book(&auditor, 2, "b", &at);
        let cancelled = Heard { status: 200, body: told("b", 2, &at, "cancelled") };
        auditor.changed(2, "b", "cancelled", None, &cancelled);
        auditor.own_view(1, &Heard { status: 200, body: json!({ "appointments": [told("a", 1, &at, "booked")] }) });
        auditor.finish(&counted(&at, 1, 1), &documents());
        assert_eq!(auditor.violations(), Vec::<String>::new());
    }

    #[test]
    fn what_is_wrong_is_found() {
        let at = slot("08:30");
        let with_two = || {
            let auditor = Auditor::default();
            book(&auditor, 1, "a", &at);
            book(&auditor, 2, "b", &at);
            auditor
        };
        let auditor = with_two();
        auditor.finish(&counted(&at, 2, 1), &documents());
        complains(&auditor, "oversold: 2 of 1");
        let auditor = with_two();
        auditor.finish(&counted(&at, 1, 5), &documents());
        complains(&auditor, "the server counts 1 taken, its answers add up to 2");
        let auditor = with_two();
        auditor.finish(&BTreeMap::new(), &documents());
        complains(&auditor, "which the server does not have");
        let auditor = with_two();
        book(&auditor, 1, "c", &slot("09:00"));
        auditor.finish(&counted(&at, 2, 5), &documents());
        complains(&auditor, "one person has 2 appointments for passport");
        let auditor = with_two();
        auditor.own_view(1, &Heard { status: 200, body: json!({ "appointments": [told("z", 1, &at, "booked")] }) });
        complains(&auditor, "does not see appointment a");
        let auditor = with_two();
        auditor.own_view(2, &Heard { status: 200, body: json!({ "appointments": [told("b", 2, &at, "held")] }) });
        complains(&auditor, "status is \"held\", expected \"booked\"");
    }

    #[test]
    fn refusals_are_judged_too() {
        let (party, at) = ([Identity::nth(1)], slot("08:30"));
        let ask = BookingAsk { party: &party, service: "passport.renewal", slot: &at, hold: false };
        let refused = |status, code: &str| Heard { status, body: json!({ "code": code }) };
        let auditor = Auditor::default();
        for (status, code) in [(409, "slot_full"), (422, "not_released"), (429, "too_many_requests"), (LOST, "")] {
            assert!(auditor.booked(1, &ask, &refused(status, code)).is_empty());
        }
        assert_eq!(auditor.violations(), Vec::<String>::new());
        auditor.served(1, "a session", &refused(LOST, ""));
        auditor.own_view(1, &refused(429, "too_many_requests"));
        assert_eq!(auditor.violations(), Vec::<String>::new());
        auditor.served(1, "a session", &refused(422, "invalid_field"));
        complains(&auditor, "refused a session with 422 invalid_field");
        let shown = |remaining| json!({"days": [{"slots": [{"capacity": 5, "taken": 2, "remaining": remaining}]}]});
        auditor.slots(2, &Heard { status: 200, body: shown(3) });
        assert_eq!(auditor.violations().len(), 1);
        auditor.slots(2, &Heard { status: 200, body: shown(4) });
        complains(&auditor, "does not add up");
        auditor.booked(1, &ask, &refused(500, "internal"));
        complains(&auditor, "500 internal");
        auditor.booked(1, &ask, &refused(409, "already_booked"));
        complains(&auditor, "already_booked");
        auditor.repeated(1, &refused(409, "slot_full"), &refused(201, ""));
        complains(&auditor, "sent a call twice");
    }
}
