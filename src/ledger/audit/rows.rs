//! The auditor of a store that has rows and counts, and of its journal only the latest part.
//!
//! Every appointment is met once, then every slot that the store counts in, then every entry that it still has. Slots and
//! claims are counted again from the appointments alone; what the entries say must be what the rows say.

use std::fmt;

use super::{Model, Report, Violations, WRONG_END, has_wrong_end};
use crate::domain::appointment::{Appointment, AppointmentId, Slot};
use crate::ledger::entry::{Entry, Event};

/// What a store has counted in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// How many places are taken.
    pub taken: i64,
    /// How many there are.
    pub capacity: i64,
    /// How many more were taken before there were so few.
    pub overhang: i64,
}

/// The auditor.
#[derive(Debug, Default)]
pub struct RowAuditor {
    entries: u64,
    /// How many slots of those met somebody has a place in.
    slots: usize,
    /// Its slots are those that have not been met.
    model: Model,
    violations: Violations,
}

impl RowAuditor {
    /// Judges an appointment, with its sealed personal data.
    pub fn meet_appointment(
        &mut self,
        row: &Appointment,
        sealed: &[&[u8]],
        opens: &dyn Fn(AppointmentId, &[u8]) -> bool,
    ) {
        let id = row.id;
        if has_wrong_end(row) {
            self.complain(format_args!("appointment {id}: {WRONG_END}"));
        }
        if sealed.is_empty() {
            self.complain(format_args!("appointment {id}: has no personal data"));
        }
        if !sealed.iter().all(|part| opens(id, part)) {
            self.complain(format_args!("the personal data of {id} cannot be opened with these keys"));
        }
        for wrong in self.model.take(row, None) {
            self.complain(format_args!("appointment {id}: {wrong}"));
        }
    }

    /// Judges a slot, behind all appointments.
    pub fn meet_slot(&mut self, slot: &Slot, counted: Counted) {
        let Counted { taken, capacity, overhang } = counted;
        let have = self.model.taken.remove(slot).unwrap_or(0);
        self.slots += usize::from(have > 0);
        let slot = Named(slot);
        if taken != i64::from(have) {
            self.complain(format_args!("slot {slot}: {taken} places are counted, {have} appointments have one"));
        }
        if capacity < 0 || overhang < 0 || i64::from(have).max(taken) > capacity + overhang {
            self.complain(format_args!(
                "slot {slot}: is oversold: {taken} of {capacity}, and {overhang} from before that was lowered"
            ));
        }
    }

    /// Judges an entry of the journal, behind all appointments, where it can be read.
    pub fn meet_entry(&mut self, entry: &Entry) {
        self.entries += 1;
        let (Event::Appointments { after, .. } | Event::Imported { after, .. }) = &entry.event else { return };
        for said in after {
            let wrong = match self.model.appointments.get(&said.id) {
                None => "is missing, and the journal has it",
                Some(row) if row.revision < said.revision => "is older than the journal says",
                Some(row) if row.revision == said.revision && row != said => "is not what the journal says",
                Some(_) => continue,
            };
            self.complain(format_args!("the stored row of {} {wrong}", said.id));
        }
    }

    /// Takes down something that the store itself has found.
    pub fn complain(&mut self, what: impl fmt::Display) {
        self.violations.add(what);
    }

    /// What was found, when everything has been met.
    #[must_use]
    pub fn report(mut self) -> Report {
        let mut unmet: Vec<_> = self.model.taken.iter().map(|(slot, taken)| (*slot, *taken)).collect();
        unmet.sort_unstable();
        self.slots += unmet.len();
        for (slot, taken) in unmet {
            let slot = Named(&slot);
            self.complain(format_args!("slot {slot}: {taken} appointments have a place in it, and nobody counts them"));
        }
        Report {
            entries: self.entries,
            appointments: self.model.appointments.len(),
            active: self.model.claims.len(),
            slots: self.slots,
            violations: self.violations.0,
        }
    }
}

/// A slot as an operator may read it.
struct Named<'a>(&'a Slot);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Slot { hall, date, lane, start, end } = self.0;
        write!(f, "{hall} {date} {lane} {start}-{end}")
    }
}
