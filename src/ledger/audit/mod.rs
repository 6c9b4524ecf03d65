//! The auditor: replays every entry from the first and trusts nobody.
//!
//! It keeps its own naive model, counts every slot and claim again, and compares the state that it arrives at with the
//! rows that the ledger keeps for a quick start. What it finds is a sentence each, with the number of the entry.
//!
//! A store of which the journal is not kept from the first entry is audited by [`rows`], from the same model.

pub(crate) mod rows;

use std::collections::HashMap;
use std::fmt;

use serde_bytes::ByteBuf;

use super::embedded::{ANSWERS_KEPT_HOURS, Embedded};
use super::entry::{Deed, Entry, Event, Remembered};
use super::{LedgerFault, Restored, Sequence};
use crate::domain::appointment::{Action, Appointment, AppointmentId, Code, PersonKey, Slot, Status};
use crate::domain::name::DocumentId;

/// How many violations are reported; the audit stops there.
pub const MAX_VIOLATIONS: usize = 100;

/// What an audit found.
#[derive(Debug, Default)]
pub struct Report {
    /// How many entries were replayed.
    pub entries: u64,
    /// How many appointments they made.
    pub appointments: usize,
    /// How many of those are active.
    pub active: usize,
    /// How many slots somebody has a place in.
    pub slots: usize,
    /// Everything that is wrong, at most [`MAX_VIOLATIONS`].
    pub violations: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for violation in &self.violations {
            writeln!(f, "wrong: {violation}")?;
        }
        let verdict = if self.violations.is_empty() { "everything fits" } else { "the ledger is damaged" };
        let Self { entries, appointments, active, slots, .. } = self;
        write!(f, "{verdict}: {entries} entries, {appointments} appointments ({active} active) in {slots} slots")
    }
}

/// Audits a ledger.
///
/// # Errors
/// A fault that keeps it from being read. What is readable but wrong is in the report.
pub fn verify(ledger: &Embedded) -> Result<Report, LedgerFault> {
    verify_with(ledger, &|_, _| true)
}

/// Audits a ledger, and asks of every sealed text whether it can be opened for its appointment.
///
/// # Errors
/// As [`verify`].
pub fn verify_with(ledger: &Embedded, opens: &dyn Fn(AppointmentId, &[u8]) -> bool) -> Result<Report, LedgerFault> {
    let mut auditor = Auditor::default();
    let projected = ledger.projected()?;
    if projected == 0 {
        auditor.compare_rows(ledger)?;
    }
    let marks = ledger.marks()?;
    ledger.replay_with_digest(&mut |sequence, entry, digest| {
        auditor.replay(sequence, &entry);
        auditor.open(sequence, &entry, opens);
        for (whose, mark) in &marks {
            if mark.entry == sequence && mark.digest != digest {
                auditor.complain(sequence, format!("{whose} have another digest of the journal up to here"));
            }
        }
        if sequence == projected {
            auditor.compare_rows(ledger)?;
        }
        Ok(())
    })?;
    if projected > auditor.entries {
        let last = auditor.entries;
        auditor.complain(projected, format!("rows contain entry {projected}, the journal ends with {last}"));
    }
    Ok(auditor.report())
}

/// Everything that is wrong, in the order in which it was found, at most [`MAX_VIOLATIONS`].
#[derive(Debug, Default)]
struct Violations(Vec<String>);

impl Violations {
    fn add(&mut self, what: impl fmt::Display) {
        if self.0.len() < MAX_VIOLATIONS {
            self.0.push(what.to_string());
        }
    }
}

/// The naive model: who has which place, claim and code.
#[derive(Debug, Default)]
struct Model {
    appointments: HashMap<AppointmentId, Appointment>,
    taken: HashMap<Slot, u32>,
    claims: HashMap<(PersonKey, DocumentId), AppointmentId>,
    codes: HashMap<Code, AppointmentId>,
}

impl Model {
    fn give_up(&mut self, id: AppointmentId) {
        let Some(before) = self.appointments.remove(&id) else { return };
        if before.status.takes_place()
            && let Some(taken) = self.taken.get_mut(&before.slot)
        {
            *taken = taken.saturating_sub(1);
        }
        if before.status.is_active() {
            self.claims.remove(&(before.applicant, before.document));
        }
    }

    /// Counts what an appointment has, under so many places in its slot where that is judged. Gives what is wrong with it.
    fn take(&mut self, after: &Appointment, capacity: Option<u32>) -> Vec<String> {
        let mut wrong = Vec::new();
        if after.status.takes_place() {
            let taken = self.taken.entry(after.slot).or_default();
            *taken += 1;
            if let Some(capacity) = capacity.filter(|capacity| *taken > *capacity) {
                wrong.push(format!("oversells {:?}: {taken} of {capacity}", after.slot));
            }
        }
        let claim = (after.applicant, after.document);
        if after.status.is_active()
            && let Some(other) = self.claims.insert(claim, after.id)
        {
            wrong.push(format!("gives {:?} a second appointment beside {other}", after.applicant));
        }
        if let Some(other) = self.codes.insert(after.code, after.id).filter(|other| *other != after.id) {
            wrong.push(format!("gives the code {} a second time, first to {other}", after.code));
        }
        self.appointments.insert(after.id, *after);
        wrong
    }
}

/// The auditor of a whole journal.
#[derive(Debug, Default)]
pub struct Auditor {
    entries: Sequence,
    model: Model,
    sealed: HashMap<AppointmentId, Vec<ByteBuf>>,
    /// Remembered answers by the milliseconds of their instant and their key.
    answers: HashMap<(i64, [u8; 16]), Remembered>,
    /// The latest instant of any entry, in milliseconds.
    latest_ms: i64,
    violations: Violations,
}

impl Auditor {
    /// Judges the next entry.
    pub fn replay(&mut self, sequence: Sequence, entry: &Entry) {
        if sequence != self.entries + 1 {
            self.complain(sequence, format!("follows entry {}", self.entries));
        }
        self.entries = sequence;
        self.latest_ms = self.latest_ms.max(entry.at.timestamp_millis());
        for answer in Remembered::all_of(entry) {
            self.answers.insert((answer.at.timestamp_millis(), answer.repeat.key), answer);
        }
        match &entry.event {
            Event::Appointments { deed, after, sealed, capacity, .. } => {
                self.judge_shape(sequence, *deed, after, sealed, *capacity);
                // What is given up goes first: within one entry an old and a new place may be of one slot.
                for appointment in after {
                    self.judge_step(sequence, *deed, appointment);
                    self.model.give_up(appointment.id);
                }
                for (at, appointment) in after.iter().enumerate() {
                    self.take(sequence, appointment, *capacity);
                    self.sealed.entry(appointment.id).or_default().extend(sealed.get(at).cloned());
                }
            }
            Event::Imported { after, sealed, answers } => {
                if sealed.len() != after.len() || sealed.iter().any(Vec::is_empty) {
                    self.complain(sequence, "has not the sealed texts of each appointment that it imports");
                }
                if after.is_empty() && answers.is_empty() {
                    self.complain(sequence, "imports nothing");
                }
                after.iter().zip(sealed).for_each(|(appointment, parts)| self.import(sequence, appointment, parts));
            }
            Event::Answered { .. } | Event::Adopted { .. } | Event::Unchanged { .. } => {}
        }
    }

    /// An appointment begins its history here, in whatever state it was. No capacity is judged: the other store did, under
    /// a configuration that this one need not know.
    fn import(&mut self, sequence: Sequence, appointment: &Appointment, parts: &[ByteBuf]) {
        if self.model.appointments.contains_key(&appointment.id) {
            self.complain(sequence, format!("imports an appointment that is there ({})", appointment.id));
            self.model.give_up(appointment.id);
        }
        if has_wrong_end(appointment) {
            self.complain(sequence, format!("{WRONG_END} ({})", appointment.id));
        }
        self.take(sequence, appointment, None);
        self.sealed.insert(appointment.id, parts.to_vec());
    }

    fn open(&mut self, sequence: Sequence, entry: &Entry, opens: &dyn Fn(AppointmentId, &[u8]) -> bool) {
        let unopened: Vec<AppointmentId> = match &entry.event {
            Event::Appointments { after, sealed, .. } => {
                let unopened = after.iter().zip(sealed).filter(|(appointment, sealed)| !opens(appointment.id, sealed));
                unopened.map(|(appointment, _)| appointment.id).collect()
            }
            Event::Imported { after, sealed, .. } => {
                let unopened = after
                    .iter()
                    .zip(sealed)
                    .filter(|(appointment, parts)| !parts.iter().all(|sealed| opens(appointment.id, sealed)));
                unopened.map(|(appointment, _)| appointment.id).collect()
            }
            Event::Answered { .. } | Event::Adopted { .. } | Event::Unchanged { .. } => return,
        };
        for id in unopened {
            self.complain(sequence, format!("the personal data of {id} cannot be opened with these keys"));
        }
    }

    /// What was found.
    #[must_use]
    pub fn report(self) -> Report {
        Report {
            entries: self.entries,
            appointments: self.model.appointments.len(),
            active: self.model.claims.len(),
            slots: self.model.taken.values().filter(|taken| **taken > 0).count(),
            violations: self.violations.0,
        }
    }

    fn complain(&mut self, sequence: Sequence, what: impl fmt::Display) {
        self.violations.add(format_args!("entry {sequence}: {what}"));
    }

    fn judge_shape(
        &mut self,
        sequence: Sequence,
        deed: Deed,
        after: &[Appointment],
        sealed: &[ByteBuf],
        capacity: Option<u32>,
    ) {
        let brings_data = matches!(deed, Deed::Make | Deed::Change(Action::Confirm));
        let takes_places = matches!(deed, Deed::Make | Deed::Change(Action::Reschedule));
        if after.is_empty() {
            self.complain(sequence, "changes no appointment");
        }
        if sealed.len() != if brings_data { after.len() } else { 0 } {
            self.complain(sequence, "has not one sealed text for each appointment that brings one");
        }
        if capacity.is_some() != takes_places {
            self.complain(sequence, "names a capacity exactly where it takes places: not so here");
        }
        if takes_places && after.iter().any(|appointment| appointment.slot != after[0].slot) {
            self.complain(sequence, "takes places in more than one slot");
        }
    }

    fn judge_step(&mut self, sequence: Sequence, deed: Deed, after: &Appointment) {
        let wrong = match (self.model.appointments.get(&after.id), deed) {
            (None, Deed::Make) => judge_made(after),
            (Some(before), Deed::Change(action)) => judge_change(before, action, after),
            (None, Deed::Change(_)) => Some("changes an appointment that was never made"),
            (Some(_), Deed::Make) => Some("makes an appointment twice"),
        };
        if let Some(wrong) = wrong {
            self.complain(sequence, format!("{wrong} ({})", after.id));
        }
    }

    fn take(&mut self, sequence: Sequence, after: &Appointment, capacity: Option<u32>) {
        for wrong in self.model.take(after, capacity) {
            self.complain(sequence, wrong);
        }
    }

    /// Compares the model with the rows, which must stand where the model stands.
    fn compare_rows(&mut self, ledger: &Embedded) -> Result<(), LedgerFault> {
        let (mut rows, mut answers) = (0, 0);
        let mut wrong = Vec::new();
        let kept_from_ms = self.latest_ms - ANSWERS_KEPT_HOURS * 3_600_000;
        ledger.rows(&mut |restored| match restored {
            Restored::Appointment(row, sealed) => {
                rows += 1;
                let same_data = self.sealed.get(&row.id).is_some_and(|parts| parts.iter().eq(sealed));
                if self.model.appointments.get(&row.id) != Some(&row) {
                    wrong.push(format!("the stored row of {} is not what the journal says", row.id));
                } else if !same_data {
                    wrong.push(format!("the stored personal data of {} is not what the journal has", row.id));
                }
            }
            Restored::Answer(row) => {
                let at_ms = row.at.timestamp_millis();
                answers += usize::from(at_ms >= kept_from_ms);
                if self.answers.get(&(at_ms, row.repeat.key)) != Some(&row) {
                    wrong.push(format!("the answer stored for a repeat of a call at {} is not the journal's", row.at));
                }
            }
        })?;
        let kept = self.answers.keys().filter(|(at_ms, _)| *at_ms >= kept_from_ms).count();
        if answers != kept {
            wrong.push(format!("{answers} answers are stored for repeats, the journal has {kept}"));
        }
        if rows != self.model.appointments.len() {
            wrong.push(format!("{rows} appointments are stored, {} are in the journal", self.model.appointments.len()));
        }
        let sequence = self.entries;
        for what in wrong {
            self.complain(sequence, what);
        }
        Ok(())
    }
}

fn judge_made(after: &Appointment) -> Option<&'static str> {
    match (after.status, after.expires_at, after.revision) {
        (Status::Held, Some(_), 0) | (Status::Booked, None, 0) if !after.extended => None,
        _ => Some("makes an appointment in a state that none begins in"),
    }
}

fn judge_change(before: &Appointment, action: Action, after: &Appointment) -> Option<&'static str> {
    let fixed =
        |a: &Appointment| (a.party, a.position, a.code, a.service, a.document, a.applicant, a.made_by, a.created_at);
    if before.status.after(action) != Some(after.status) {
        return Some("takes a step that the lifecycle has not");
    }
    if fixed(before) != fixed(after) {
        return Some("changes what never changes");
    }
    if after.revision != before.revision + 1 {
        return Some("skips a revision");
    }
    if action != Action::Reschedule && before.slot != after.slot {
        return Some("moves without a reschedule");
    }
    if after.status == Status::Held && has_other_end(before, action, after) {
        return Some("changes the end of a hold otherwise than by its one extension");
    }
    has_wrong_end(after).then_some(WRONG_END)
}

/// Whether the end of a hold is another than its change makes it: later once, by its extension, and else the same.
fn has_other_end(before: &Appointment, action: Action, after: &Appointment) -> bool {
    let end = |appointment: &Appointment| (appointment.expires_at, appointment.extended);
    match action {
        Action::Extend => before.extended || !after.extended || after.expires_at <= before.expires_at,
        _ => end(before) != end(after),
    }
}

const WRONG_END: &str = "has an end though it is no hold, or is a hold without an end";

fn has_wrong_end(appointment: &Appointment) -> bool {
    // An extension is a mark in the stored end, so nothing without an end can have one.
    (appointment.status == Status::Held) != appointment.expires_at.is_some()
}
