//! What is remembered: entries, made durable in groups, and the state that they lead to.
//!
//! The room knows `domain` and nothing of the engine: whoever waits for an entry is a [`commit::Pending`]. A ledger
//! makes a batch durable as a whole and in order, before anybody is told that it happened. One sequence number an entry,
//! from 1, without gaps.
//!
//! [`reading`] gives single records of a ledger that runs.
//! [`transfer`] carries everything from one store to another, through a file that people can read.
//!
//! Tested by cutting the file at every byte of its last batch, by a store that fails on command, and by `verify`, which
//! replays everything from the start.

pub mod audit;
pub mod commit;
pub mod digest;
pub mod embedded;
pub mod entry;
#[cfg(test)]
pub(crate) mod joined;
pub mod postgres;
pub mod reading;
pub mod transfer;

use std::io;
use std::path::PathBuf;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU64};

use chrono::{DateTime, Utc};
use entry::{Entry, Remembered};
use parking_lot::Mutex;
use reading::Reader;

use crate::domain::appointment::{Appointment, Slot};
use crate::domain::snapshot::Snapshot;

/// The number of an entry, counted from 1.
pub type Sequence = u64;

/// What failed in the world under the ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerFault {
    /// The data directory cannot be made, read or locked.
    #[error("the data directory {path} cannot be used")]
    Directory {
        /// Which directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has the data directory open.
    #[error("another process has the data directory {path} open; stop it first, or name another directory")]
    InUse {
        /// Which directory.
        path: PathBuf,
    },
    /// The directory holds something else than this ledger, or a format of a later version.
    #[error("the data directory {path} {found}")]
    Format {
        /// Which directory.
        path: PathBuf,
        /// What was found and how to mend it.
        found: String,
    },
    /// The database has a schema that this binary cannot use.
    #[error("the database {found}")]
    Schema {
        /// What was found and how to mend it.
        found: String,
    },
    /// The database was begun with other keys.
    #[error(
        "the database was begun with other keys than {keys} holds; give every instance the key file of the first one, \
         as without it no personal data can be read"
    )]
    Keys {
        /// Which file, or what it stands for.
        keys: String,
    },
    /// The store failed.
    #[error("the store failed to {step}")]
    Store {
        /// What it was to do.
        step: &'static str,
        /// Why it did not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A part of what was remembered is gone.
    #[error("the data directory {path} {found}")]
    Loss {
        /// Which directory.
        path: PathBuf,
        /// What is gone, what that means, and what to do.
        found: String,
    },
    /// The rows for a quick start were not all there. They have been made again from the journal: what was given of them
    /// has to be thrown away and read anew.
    #[error("the rows for a quick start had to be made again from the journal")]
    RowsMadeAgain,
    /// What is stored cannot be read.
    #[error("{what} cannot be read; restore the data directory from a backup")]
    Unreadable {
        /// What it is.
        what: String,
    },
}

impl LedgerFault {
    /// Whether nothing can be written since the disk is full or read-only: what is there can be read all the same.
    #[must_use]
    pub fn is_about_a_full_or_read_only_disk(&self) -> bool {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = cause {
            let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
            if let Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::ReadOnlyFilesystem) =
                kind
            {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

/// One piece of the state that a ledger remembers.
#[derive(Debug)]
pub enum Restored<'a> {
    /// An appointment as it was left, with its sealed personal data, oldest part first.
    Appointment(Appointment, &'a [&'a [u8]]),
    /// An answer that is to be given again.
    Answer(Remembered),
}

/// An entry that is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// Its stored form.
    pub entry: &'a [u8],
    /// The configuration by which it was judged.
    pub snapshot: &'a Snapshot,
    /// How many active appointments who books had made before, as far as is known here.
    pub made_before: u32,
    /// Where the entry puts that configuration in force: the capacity of every slot that is known.
    pub capacities: &'a [(Slot, u32)],
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is durable.
    Written,
    /// Refused: the slot has not so many places left.
    SlotFull,
    /// Refused: the applicant at this position has an active appointment for the document.
    AlreadyBooked(usize),
    /// Refused: who books has made as many active appointments as one may.
    TooManyActive,
    /// Refused: somebody else has changed one of its appointments.
    Changed,
    /// Refused: the key of its answer belongs to an answer that is there already.
    KeyKnown,
    /// Refused: nobody has counted in the slot yet, and another configuration is in force that says how many it has.
    OtherConfiguration,
    /// Not written, and never will be.
    GivenUp,
}

/// What became of the entries of a batch, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdicts {
    /// All of them are durable.
    AllWritten,
    /// A verdict for each.
    Each(Vec<Verdict>),
}

/// Why a batch could not be committed.
#[derive(Debug, thiserror::Error)]
pub enum CommitFault {
    /// Nothing may be assumed of what is stored: nothing is to be written any more until the next start.
    #[error(transparent)]
    Final(#[from] LedgerFault),
    /// Nothing of the batch has been written. This passes.
    #[error("nothing can be written at the moment")]
    NotWritten(#[source] LedgerFault),
    /// Nothing of the batch has been written, since this way into the ledger is closed for a while. Another may be open.
    #[error("nothing can be written this way at the moment")]
    WayClosed(#[source] LedgerFault),
    /// It is not known whether the batch has been written. This passes, and [`Ledger::recover`] tells.
    #[error("what became of the last batch is not known yet")]
    InDoubt(#[source] LedgerFault),
}

/// The number of a batch, which no other has since the start. It grows over each way into the ledger: by the first one
/// batches have even numbers from 2 on, by the second odd ones from 3 on.
pub type BatchNumber = u64;

/// A place where entries are remembered.
pub trait Ledger: Send + 'static {
    /// Makes the entries of a batch durable, in this order, and says what became of each.
    ///
    /// # Errors
    /// [`CommitFault`].
    fn commit(&mut self, number: BatchNumber, batch: &[Draft<'_>]) -> Result<Verdicts, CommitFault>;

    /// After a fault that passes: whether it has passed, and what became of the batch that was in doubt, where one was.
    ///
    /// # Errors
    /// The fault that has not passed yet.
    fn recover(&mut self) -> Result<Verdicts, LedgerFault> {
        Ok(Verdicts::AllWritten)
    }

    /// Another way to write into the same ledger at the same time; none where one batch is written after the other, or
    /// where there is no room for another way. Asked for once, before the first batch.
    fn second_way(&mut self) -> Option<Box<dyn Ledger>> {
        None
    }

    /// What reads single records, beside the writing, for as long as the ledger is open. Asked for once, before the first
    /// batch.
    fn reader(&self) -> Arc<dyn Reader>;

    /// Which codes may be drawn here.
    fn code_part(&self) -> CodePart {
        CodePart::All
    }

    /// This instance among the others; none where there are no others.
    fn membership(&self) -> Option<Arc<Membership>> {
        None
    }

    /// What others write into the same ledger; none where there are no others.
    fn tail(&mut self) -> Option<Box<dyn Tail>> {
        None
    }

    /// The latest instant of what was written last, by which a start judges its clock; `None` if there is none, or the
    /// ledger outlives no process.
    ///
    /// # Errors
    /// If it cannot be read.
    fn last_instant(&mut self) -> Result<Option<DateTime<Utc>>, LedgerFault> {
        Ok(None)
    }

    /// About how many appointments a load is going to give, so that there is room for them; 0 where nobody knows.
    fn expected_appointments(&self) -> usize {
        0
    }

    /// Gives every appointment and then every remembered answer, each once. Appointments come in any order, and from
    /// several threads at a time.
    ///
    /// # Errors
    /// A fault; whatever `restore` was given before it must be thrown away. After [`LedgerFault::RowsMadeAgain`] another
    /// load gives everything.
    fn load(&mut self, restore: &(dyn Fn(Restored<'_>) + Sync)) -> Result<(), LedgerFault>;
}

/// Which codes may be drawn here, so that no two draw the same one.
#[derive(Debug, Clone)]
pub enum CodePart {
    /// All of them: nobody else draws.
    All,
    /// Those with this number in their lowest eight bits. It changes where this instance was thought to be gone.
    Of256(Arc<AtomicU8>),
}

/// This instance among the others that share a ledger, as it was heard last.
#[derive(Debug, Default)]
pub struct Membership {
    /// Whether it falls to this instance to end holds whose time has come.
    pub ends_holds: AtomicBool,
    /// The version of the configuration in force; none where nobody has put one in force yet.
    pub in_force: Mutex<Option<String>>,
    /// How many other instances there are.
    pub others: AtomicU64,
    /// The clock of the ledger less that of this machine, in milliseconds.
    pub clock_offset_ms: AtomicI64,
}

impl Membership {
    /// Takes the answer to a question about the configuration in force, before which it was known here to be `known`. An
    /// adoption that was learned meanwhile is newer than the answer may be, so it stays until the next question.
    pub fn hear_in_force(&self, known: Option<&str>, heard: Option<String>) {
        let mut in_force = self.in_force.lock();
        if in_force.as_deref() == known {
            *in_force = heard;
        }
    }
}

/// What is new in a ledger that others write into too.
#[derive(Debug)]
pub enum News {
    /// An own batch. What follows it has been written with that in view.
    Own(BatchNumber),
    /// Entries that another has written.
    Entries(Vec<Entry>),
}

/// A future that its maker has put on the heap.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Reads what others write, in an order in which nothing comes before what it depends on.
pub trait Tail: Send + 'static {
    /// Waits until something may be new, and for a bounded time in any case.
    fn wait(&mut self) -> Boxed<'_, ()>;

    /// The next of what is new; none where everything has been given that was durable when the round began. The call after
    /// that begins another round.
    ///
    /// # Errors
    /// A fault, after which the round begins anew: nothing is left out.
    fn next(&mut self) -> Boxed<'_, Result<Option<News>, LedgerFault>>;
}

/// Decodes an entry that a ledger holds.
///
/// # Errors
/// [`LedgerFault::Unreadable`] with its number.
pub fn decoded(sequence: Sequence, bytes: &[u8]) -> Result<Entry, LedgerFault> {
    Entry::decode(bytes).map_err(|error| LedgerFault::Unreadable { what: format!("entry {sequence} ({error})") })
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn an_adoption_is_not_undone_by_an_answer_that_is_older() {
        let membership = Membership::default();
        let in_force = || membership.in_force.lock().clone();
        let heard = |version: &str| Some(version.to_owned());
        membership.hear_in_force(None, heard("first"));
        assert_eq!(in_force(), heard("first"));
        // Asked, and answered with what was in force then; meanwhile the next one was adopted.
        let known = in_force();
        *membership.in_force.lock() = heard("second");
        membership.hear_in_force(known.as_deref(), heard("first"));
        assert_eq!(in_force(), heard("second"));
        membership.hear_in_force(in_force().as_deref(), heard("third"));
        assert_eq!(in_force(), heard("third"));
    }

    /// A server goes on reading when a disk is full or read-only. A table of files that is full, this process's or the whole
    /// system's, is no such thing: a start that meets it fails, and the next one has everything.
    #[test]
    fn want_of_room_is_told_from_want_of_handles() {
        let check = |errno: Errno, is_about_the_disk: bool| {
            let of_directory = LedgerFault::Directory { path: "data".into(), source: errno.into() };
            let of_store = LedgerFault::Store { step: "write a batch", source: io::Error::from(errno).into() };
            for fault in [of_directory, of_store] {
                assert_eq!(fault.is_about_a_full_or_read_only_disk(), is_about_the_disk, "{errno}: {fault}");
            }
        };
        for disk in [Errno::NOSPC, Errno::DQUOT, Errno::ROFS] {
            check(disk, true);
        }
        for other in [Errno::MFILE, Errno::NFILE, Errno::IO, Errno::ACCESS] {
            check(other, false);
        }
    }
}
