//! A start: from what the ledger remembers to an engine that serves.

use std::sync::Arc;
use std::thread::JoinHandle;

use chrono::{DateTime, Utc};
use parking_lot::{Mutex, RwLock};

use super::answers::answer_of;
use super::following;
use super::following::Following;
use crate::clock::Clock;
use crate::domain::appointment::Appointment;
use crate::domain::snapshot::Snapshot;
use crate::engine::book::{Book, MAX_APPOINTMENTS};
use crate::engine::claims::holds::Holds;
use crate::engine::claims::persons::Persons;
use crate::engine::claims::places::Transitions;
use crate::engine::claims::sheet::Sheets;
use crate::engine::deeds::Deeds;
use crate::engine::desk::log::DeskLogs;
use crate::engine::remembered::Idempotency;
use crate::engine::{Engine, Inner, personal};
use crate::ledger::commit::Queue;
use crate::ledger::entry::Remembered;
use crate::ledger::reading::Reading;
use crate::ledger::{Ledger, LedgerFault, Restored};
use crate::vault::Vault;

/// What an engine is made of.
pub struct Parts<L> {
    /// Where the time comes from.
    pub clock: Clock,
    /// The keys.
    pub vault: Arc<Vault>,
    /// The configuration that is in force at first.
    pub snapshot: Arc<Snapshot>,
    /// What remembers.
    pub ledger: L,
}

impl Engine {
    /// Starts an engine from what its ledger remembers, inside a tokio runtime. The thread ends when the last clone of the
    /// engine is gone.
    ///
    /// # Errors
    /// A fault of the ledger, or personal data that these keys do not open.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start<L: Ledger>(parts: Parts<L>) -> Result<(Self, JoinHandle<()>), LedgerFault> {
        let Parts { clock, vault, snapshot, mut ledger } = parts;
        let now = clock.now();
        let memory = match Memory::load(&mut ledger, &vault, &snapshot, now) {
            Err(LedgerFault::RowsMadeAgain) => Memory::load(&mut ledger, &vault, &snapshot, now)?,
            loaded => loaded?,
        };
        let (tail, code_part, membership) = (ledger.tail(), ledger.code_part(), ledger.membership());
        let reading = Reading::of(ledger.reader());
        let (queue, settling, thread) = Queue::start(ledger)?;
        let settled = queue.settled();
        tokio::spawn(settling.run());
        let Memory { sheets, book, persons, holds, idempotency } = memory;
        let inner = Inner {
            clock,
            vault,
            snapshot: RwLock::new(snapshot),
            sheets,
            book,
            persons,
            holds,
            transitions: Transitions::default(),
            becoming: Mutex::default(),
            deeds: Deeds::default(),
            idempotency,
            desk_logs: DeskLogs::default(),
            reading,
            queue,
            following: Following::new(tail.is_some()),
            code_part,
            membership,
        };
        let inner = Arc::new(inner);
        if let Some(tail) = tail {
            tokio::spawn(following::follow(Arc::downgrade(&inner), tail, settled));
        }
        Ok((Self(inner), thread))
    }
}

#[derive(Default)]
struct Memory {
    sheets: Sheets,
    book: Book,
    persons: Persons,
    holds: Holds,
    idempotency: Arc<Idempotency>,
}

impl Memory {
    fn with_room_for(appointments: usize) -> Self {
        // As a rule an appointment is somebody's only one.
        let (book, persons) = (Book::with_room_for(appointments), Persons::with_room_for(appointments));
        Self { book, persons, ..Self::default() }
    }

    fn load(
        ledger: &mut impl Ledger,
        vault: &Vault,
        snapshot: &Snapshot,
        now: DateTime<Utc>,
    ) -> Result<Self, LedgerFault> {
        let memory = Self::with_room_for(ledger.expected_appointments().min(MAX_APPOINTMENTS));
        let unopened = Mutex::new(None);
        ledger.load(&|restored| match restored {
            Restored::Appointment(mut appointment, sealed) => {
                match personal::mask(vault, appointment.id, sealed) {
                    Some(mask) => appointment.mask = mask,
                    None => *unopened.lock() = Some(appointment.id),
                }
                memory.restore(&appointment, snapshot);
            }
            Restored::Answer(answer) => memory.restore_answer(answer, now),
        })?;
        if let Some(id) = unopened.into_inner() {
            let what = format!("the personal data of appointment {id} (is the key file the one that sealed it?)");
            return Err(LedgerFault::Unreadable { what });
        }
        memory.book.finish_restoring();
        Ok(memory)
    }

    /// Puts back an appointment: from many threads at a time, in any order.
    fn restore(&self, appointment: &Appointment, snapshot: &Snapshot) {
        if appointment.status.takes_place() {
            self.sheets.restore(snapshot, &appointment.slot);
        }
        let handle = self.book.restore(appointment);
        self.persons.restore(appointment, handle);
        self.holds.follow(None, appointment);
    }

    /// Puts back an answer, behind all appointments. One from the future, given by a clock that was wrong, is kept as long
    /// as one of now: those behind it would not be forgotten before it.
    fn restore_answer(&self, remembered: Remembered, now: DateTime<Utc>) {
        let at = remembered.at.min(now);
        let (fingerprint, answer) = answer_of(&self.book, remembered);
        self.idempotency.restore(fingerprint, at, answer);
    }
}
