//! What desks do in one hall on one day: a small, durable, ordered log.
//!
//! The log is made of remembered answers: line *n* of a hall and day is the answer to a call whose key is a digest of the
//! hall, the date and *n*. A key is answered once, by whichever instance comes first, so the lines of all instances have
//! one order; whoever finds a line taken reads it and tries the next. A line survives a restart and, as every remembered
//! answer, is forgotten after [24 hours](crate::engine::remembered::REMEMBERED_HOURS). What happened to an appointment is in the
//! ledger for good, with who did it; this log is for the desk's own day: the queue, the screen, and who did what today.
//!
//! Invariants: a line is written to the log of the day on which it happens, so while that day lasts nothing of it is
//! forgotten; lines have no gaps but the forgotten beginning; what was folded is never folded again.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Asia::Shanghai;
use parking_lot::Mutex;

use super::queue::Queue;
use super::record::{Deed, Record, Via};
use crate::domain::appointment::{Action, Appointment, Slot};
use crate::domain::name::HallId;
use crate::engine::answer::{Answer, Refusal};
use crate::engine::call::{Call, Caller, StaffCaller};
use crate::engine::remembered::{Begun, Fingerprint};
use crate::engine::{Engine, Inner, Map};

/// How many lines a hall has on one day.
pub const MAX_LINES: u32 = 20_000;
/// How many days of halls are kept folded at once; any other is folded anew when it is asked for.
pub const MAX_FOLDED_DAYS: usize = 1_024;
/// How many days before and after today, wherever a hall is, are kept folded.
const KEPT_DAYS: i64 = 2;
/// How often a writer may find its line taken before it gives up.
const MAX_RACES: usize = 1_000;
/// How many lines are looked back over for who did something within the last minute.
const MAX_LINES_LOOKED_BACK: usize = 1_024;
/// How much of the version of a configuration is noted, in characters.
const MAX_VERSION_CHARS: usize = 64;
/// What sets the keys of this log apart from those that callers choose.
const KIND: &str = "desk log 1";
/// The call behind every key: there is only one.
const CALL: [u8; 16] = *b"a desk log line.";

/// Whose log it is, and of which day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeskDay {
    /// The date, in the zone of the hall.
    pub date: NaiveDate,
    /// The hall; none for what is done to all of them at once.
    pub hall: Option<HallId>,
}

impl DeskDay {
    /// A day of a hall.
    #[must_use]
    pub const fn of(hall: HallId, date: NaiveDate) -> Self {
        Self { date, hall: Some(hall) }
    }

    /// What is done to all halls at once, on a date.
    #[must_use]
    pub const fn of_all(date: NaiveDate) -> Self {
        Self { date, hall: None }
    }

    fn line(self, number: u32) -> Fingerprint {
        // Names have no line breaks, so no two lists of parts look alike.
        let hall = self.hall.map_or("", HallId::as_str);
        let hash = digest(&SHA256, format!("{KIND}\n{hall}\n{}\n{number}", self.date).as_bytes());
        let key = *hash.as_ref().first_chunk().expect("SHA-256 gives 32 bytes");
        Fingerprint { owner: None, key, call: CALL }
    }
}

/// The logs that were read or written lately, each as far as it has been folded.
#[derive(Debug, Default)]
pub(crate) struct DeskLogs(Map<DeskDay, Arc<Log>>);

#[derive(Debug, Default)]
struct Log {
    /// Whose turn it is to write here. Held across a write, so that writers of one instance come in order and do not race.
    turn: tokio::sync::Mutex<()>,
    /// Held for a few lines, never across a wait.
    folded: Mutex<Folded>,
}

#[derive(Debug, Default)]
struct Folded {
    /// How many lines have been folded.
    lines: u32,
    queue: Queue,
}

impl DeskLogs {
    /// The log of a day. Only days on which something can have been written are kept: what is asked of another one is
    /// folded and thrown away, so that asking pushes nothing out.
    fn of(&self, day: DeskDay, today: NaiveDate) -> Arc<Log> {
        if let Some(log) = self.0.get(&day) {
            return Arc::clone(&log);
        }
        if (day.date - today).num_days().abs() > KEPT_DAYS {
            return Arc::default();
        }
        if self.0.len() >= MAX_FOLDED_DAYS
            && let Some(oldest) = self.0.iter().map(|entry| *entry.key()).min()
        {
            self.0.remove(&oldest);
        }
        Arc::clone(&self.0.entry(day).or_default())
    }
}

impl Folded {
    /// Folds every line that is known and has not been folded yet.
    fn go_on(&mut self, engine: &Inner, day: DeskDay) {
        while let Some(line) = engine.line(day, self.lines + 1) {
            self.take(&line);
        }
    }

    fn take(&mut self, line: &str) {
        self.lines += 1;
        if let Some(record) = Record::of_line(line) {
            self.queue.apply(&record);
        } else {
            tracing::warn!(line = self.lines, "a line of a desk log cannot be read and is passed over");
        }
    }
}

impl Inner {
    fn line(&self, day: DeskDay, number: u32) -> Option<Arc<str>> {
        match self.idempotency.answer_to(day.line(number)) {
            Ok(Some(Answer::Text(line))) => Some(line),
            _ => None,
        }
    }

    /// Who noted on a day that this was done with an appointment, at its last change or after that; `None` if no late line
    /// of the log says so. What was done before that change is something else.
    pub(crate) fn noted_by(&self, done: &Appointment, action: Action, day: DeskDay) -> Option<String> {
        let last = {
            let log = self.desk_logs.of(day, self.clock.now().date_naive());
            let mut folded = log.folded.lock();
            folded.go_on(self, day);
            folded.lines
        };
        let lines = (1..=last).rev().take(MAX_LINES_LOOKED_BACK).map_while(|number| self.line(day, number));
        let mut records = lines.filter_map(|line| Record::of_line(&line));
        let is_wanted = |record: &Record| {
            record.at >= done.updated_at
                && matches!(&record.deed, Deed::Noted { action: noted, appointment, .. }
                    if *noted == action && *appointment == done.id)
        };
        records.find(is_wanted).map(|record| record.by)
    }
}

impl Engine {
    /// Writes what `decide` makes of the queue as the next line; none where it makes nothing of it. Where others were
    /// first, it is asked again with their lines folded in.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] where the day has [`MAX_LINES`] or the line was taken by others again and again; what the
    /// ledger refuses.
    pub async fn log(
        &self,
        member: &StaffCaller,
        day: DeskDay,
        decide: impl Fn(&Queue) -> Option<Deed> + Send,
    ) -> Result<Option<Record>, Refusal> {
        let log = self.0.desk_logs.of(day, self.0.clock.now().date_naive());
        let _turn = log.turn.lock().await;
        for _ in 0..MAX_RACES {
            let now = self.0.clock.now();
            let (number, deed) = {
                let mut folded = log.folded.lock();
                folded.go_on(&self.0, day);
                (folded.lines + 1, decide(&folded.queue))
            };
            let Some(deed) = deed else { return Ok(None) };
            if number > MAX_LINES {
                return Err(Refusal::Overloaded);
            }
            let record = Record::new(now, &member.id, deed);
            let line = record.line();
            let written = self.write_once(Caller::Staff(member.clone()), day.line(number), line.clone(), now).await?;
            let mut folded = log.folded.lock();
            if folded.lines + 1 == number {
                folded.take(&written);
            }
            if *written == *line {
                return Ok(Some(record));
            }
        }
        Err(Refusal::Overloaded)
    }

    /// Writes a line under a key, where nobody has written one before; gives the line as it stands.
    pub(crate) async fn write_once(
        &self,
        caller: Caller,
        fingerprint: Fingerprint,
        line: String,
        now: DateTime<Utc>,
    ) -> Result<Arc<str>, Refusal> {
        let answer = match self.begin(fingerprint, now).await? {
            Begun::Answered(answer) => answer,
            Begun::Fresh(repeat) => self.remember(Call { caller, now, repeat: Some(repeat) }, line).await?,
        };
        match answer {
            Answer::Text(line) => Ok(line),
            // Nothing else is ever remembered under these keys; what is there all the same is passed over.
            Answer::Refused(_) | Answer::Appointment(_) | Answer::Party(_) => Ok("".into()),
        }
    }

    /// Notes what a member of staff did with an appointment, in the log of its hall and of today there, and a cancellation
    /// for its person too. That is done already and stays done: where it cannot be noted, only the notes lack it.
    pub async fn note(&self, member: &StaffCaller, appointment: &Appointment, action: Action, via: Via) {
        if action == Action::Cancel {
            self.tell_person(member, &appointment.slot, appointment, action).await;
        }
        self.note_at(appointment.slot.hall, member, appointment, action, via).await;
    }

    /// Notes that a member of staff moved an appointment: for its person, in the log of its hall, and in that of the hall
    /// where it was before.
    pub async fn note_moved(&self, member: &StaffCaller, from: &Slot, moved: &Appointment, via: Via) {
        self.tell_person(member, from, moved, Action::Reschedule).await;
        self.note_at(moved.slot.hall, member, moved, Action::Reschedule, via).await;
        if from.hall != moved.slot.hall {
            self.note_at(from.hall, member, moved, Action::Reschedule, via).await;
        }
    }

    async fn note_at(&self, hall: HallId, member: &StaffCaller, appointment: &Appointment, action: Action, via: Via) {
        let now = self.0.clock.now();
        let zone = self.snapshot().hall(hall.as_str()).ok().map(|hall| hall.zone);
        let today = match zone {
            Some(zone) => now.with_timezone(&zone).date_naive(),
            None => now.with_timezone(appointment.starts_at.offset()).date_naive(),
        };
        let day = DeskDay::of(hall, today);
        let (code, id) = (appointment.code, appointment.id);
        let noted = self.log(member, day, |_| Some(Deed::Noted { action, code, appointment: id, via })).await;
        if let Err(refusal) = noted {
            tracing::warn!(%refusal, appointment = %id, by = member.id, "a desk's deed could not be noted in its log");
        }
    }

    /// Notes that a configuration was put in force, in the log of all halls.
    pub async fn note_adopted(&self, by: &str, version: &str) {
        let member = StaffCaller { id: by.to_owned(), halls: None };
        // A version is a digest: its beginning is as good as the whole.
        let version: String = version.chars().take(MAX_VERSION_CHARS).collect();
        self.note_of_all(&member, Deed::Adopted { version }).await;
    }

    /// Notes that a member of staff signed in, in the log of all halls.
    pub async fn note_signed_in(&self, member: &StaffCaller) {
        self.note_of_all(member, Deed::SignedIn).await;
    }

    /// Notes that a member of staff took the counts of these days away, in the log of all halls.
    pub async fn note_exported(&self, member: &StaffCaller, from: NaiveDate, to: NaiveDate) {
        self.note_of_all(member, Deed::Exported { from, to }).await;
    }

    /// Notes what concerns no single hall. As with any note, that is done already and stays done.
    async fn note_of_all(&self, member: &StaffCaller, deed: Deed) {
        let day = DeskDay::of_all(self.0.clock.now().with_timezone(&Shanghai).date_naive());
        if let Err(refusal) = self.log(member, day, |_| Some(deed.clone())).await {
            tracing::warn!(%refusal, by = member.id, ?deed, "a deed could not be noted in the log of all halls");
        }
    }

    /// Who waits in a hall on a day, and who was called where.
    pub async fn queue_of(&self, day: DeskDay) -> Queue {
        self.refresh().await;
        let log = self.0.desk_logs.of(day, self.0.clock.now().date_naive());
        let mut folded = log.folded.lock();
        folded.go_on(&self.0, day);
        folded.queue.clone()
    }

    /// What was done in a hall on a day, the latest first, at most `limit` records; nothing that is older than a day.
    pub async fn records_of(&self, day: DeskDay, limit: usize) -> Vec<Record> {
        self.refresh().await;
        let last = {
            let log = self.0.desk_logs.of(day, self.0.clock.now().date_naive());
            let mut folded = log.folded.lock();
            folded.go_on(&self.0, day);
            folded.lines
        };
        // Of a day that is over the beginning may be forgotten, and after a restart nobody knows where it was.
        let last = if last > 0 { last } else { self.last_line_of(day) };
        let lines = (1..=last).rev().map_while(|number| self.0.line(day, number));
        lines.filter_map(|line| Record::of_line(&line)).take(limit).collect()
    }

    /// The last line of a day whose first lines are forgotten; 0 where all are, or there never was one.
    fn last_line_of(&self, day: DeskDay) -> u32 {
        let is_known = |number: &u32| self.0.line(day, *number).is_some();
        let Some(first) = (1..=MAX_LINES).find(is_known) else { return 0 };
        (first..=MAX_LINES).take_while(is_known).last().unwrap_or(first)
    }
}
