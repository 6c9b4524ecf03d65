//! The server's whole state at the end, against the model: every appointment, every slot, and nobody twice.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::{Auditor, Known, Model};

/// One day of a hall, as the server tells its staff.
#[derive(Debug, Clone)]
pub struct HallDay {
    /// The id of the hall.
    pub hall: String,
    /// The date.
    pub date: String,
    /// The answer: every slot with its lane, and every appointment.
    pub told: Value,
}

/// To whom the appointments of a server belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// To the visitors of the run alone.
    TheRuns,
    /// To others too: only what belongs to the run is compared, and others may only add to it.
    Shared,
}

impl Auditor {
    /// Judges that nobody has two appointments for one document.
    pub fn judge_persons(&self) {
        let model = &mut *self.0.lock();
        let mut claims: HashMap<(String, String), u32> = HashMap::new();
        for known in model.appointments.values().filter(|known| known.takes_place()) {
            let document = model.services.get(&known.service).map(|service| service.document.clone());
            *claims.entry((known.id_number.clone(), document.unwrap_or_default())).or_default() += 1;
        }
        for ((_, document), claims) in claims.into_iter().filter(|(_, claims)| *claims > 1) {
            model.complain(format!("one person has {claims} appointments for {document}"));
        }
    }

    /// Judges the whole state at the end: these are the days of all halls on which anybody has an appointment.
    pub fn judge_state(&self, days: &[HallDay], whose: Whose) {
        let model = &mut *self.0.lock();
        let mut by_day: HashMap<(String, String), Vec<(String, Known)>> = HashMap::new();
        for (id, known) in &model.appointments {
            let day = (known.slot.hall.clone(), known.slot.date.clone());
            by_day.entry(day).or_default().push((id.clone(), known.clone()));
        }
        for day in days {
            let expected = by_day.remove(&(day.hall.clone(), day.date.clone())).unwrap_or_default();
            model.judge_appointments(day, &expected, whose);
            model.judge_slots(day, whose);
        }
        for ((hall, date), _) in by_day {
            model.complain(format!("{hall} on {date} has appointments, and the server tells nothing of that day"));
        }
    }
}

impl Model {
    fn judge_appointments(&mut self, day: &HallDay, expected: &[(String, Known)], whose: Whose) {
        let listed = appointments(day);
        let ids: HashSet<&str> = listed.iter().filter_map(|told| told["id"].as_str()).collect();
        if ids.len() != listed.len() {
            self.complain(format!("{} on {}: an appointment is listed twice, or without an id", day.hall, day.date));
        }
        for told in listed {
            let id = told["id"].as_str().unwrap_or_default();
            match self.appointments.get(id).cloned() {
                Some(known) if self.lost.contains(&known.visitor) => {}
                Some(known) => self.judge_told(id, &known, told),
                None if whose == Whose::Shared || self.may_be_lost(told) => {}
                None => self.complain(format!("{} on {}: nobody made appointment {id}", day.hall, day.date)),
            }
        }
        for (id, known) in expected {
            if !ids.contains(id.as_str()) && known.takes_place() && !self.lost.contains(&known.visitor) {
                self.complain(format!("{} on {}: appointment {id} is gone", day.hall, day.date));
            }
        }
    }

    /// Whether it may have been made for somebody who never heard the answer.
    fn may_be_lost(&self, told: &Value) -> bool {
        told["applicant"]["id_number"].as_str().is_some_and(|number| self.lost_numbers.contains(number))
    }

    fn judge_slots(&mut self, day: &HallDay, whose: Whose) {
        let mut in_slots: BTreeMap<(&str, &str), InSlot> = BTreeMap::new();
        for told in appointments(day) {
            let in_slot = in_slots.entry(place(told)).or_default();
            match told["status"].as_str() {
                Some("cancelled") => {}
                // Its place may still count until the server has looked after it.
                Some("expired") => in_slot.ended += 1,
                _ => {
                    in_slot.sure += 1;
                    in_slot.ours += u64::from(self.appointments.contains_key(told["id"].as_str().unwrap_or_default()));
                }
            }
        }
        for slot in day.told["slots"].as_array().into_iter().flatten() {
            let InSlot { sure, ended, ours } = in_slots.remove(&place(slot)).unwrap_or_default();
            let name = format!("{} {} {} {}", day.hall, day.date, place(slot).0, place(slot).1);
            let (Some(capacity), Some(taken)) = (slot["capacity"].as_u64(), slot["taken"].as_u64()) else {
                self.complain(format!("{name}: the slot has no capacity or nothing that is taken: {slot}"));
                continue;
            };
            // Others' slots may have been more than full since before, where a capacity was lowered.
            if taken > capacity && (ours > 0 || whose == Whose::TheRuns) {
                self.complain(format!("{name} is oversold: {taken} of {capacity}"));
            }
            // While others go on booking, slots and appointments may be a moment apart.
            let fits = match whose {
                Whose::TheRuns => (sure..=sure + ended).contains(&taken),
                Whose::Shared => taken >= ours,
            };
            if !fits {
                self.complain(format!("{name}: the server counts {taken} taken, its appointments add up to {sure}"));
            }
        }
        for ((start, lane), _) in in_slots.into_iter().filter(|(_, in_slot)| in_slot.ours > 0) {
            let (hall, date) = (&day.hall, &day.date);
            self.complain(format!(
                "appointments stand in {hall} {date} {start} {lane}, which the server does not have"
            ));
        }
    }
}

/// The appointments of a slot, as listed.
#[derive(Debug, Default)]
struct InSlot {
    /// Those that take a place.
    sure: u64,
    /// Holds that have ended.
    ended: u64,
    /// Those of them that the run has made.
    ours: u64,
}

fn appointments(day: &HallDay) -> &[Value] {
    day.told["appointments"].as_array().map_or(&[], Vec::as_slice)
}

/// The start and the lane of a slot or of an appointment.
fn place(told: &Value) -> (&str, &str) {
    (told["start"].as_str().unwrap_or_default(), told["lane"].as_str().unwrap_or_default())
}
