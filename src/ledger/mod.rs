//! What is remembered: entries, made durable in groups, and the state that they lead to.
//!
//! The room knows `domain` and nothing of the engine: whoever waits for an entry is a [`group_commit::Pending`]. A ledger
//! makes a batch durable as a whole and in order, before anybody is told that it happened. One sequence number an entry,
//! from 1, without gaps.
//!
//! Tested by cutting the file at every byte of its last batch, by a store that fails on command, and by `verify`, which
//! replays everything from the start.

mod appointment_rows;
pub mod data_dir;
pub mod embedded;
pub mod entry;
pub mod group_commit;
mod journal_row;
mod store_log;
pub mod verify;

use std::io;
use std::path::PathBuf;

use entry::{Entry, Remembered};

use crate::domain::appointment::Appointment;

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
    /// The store failed.
    #[error("the store failed to {step}")]
    Store {
        /// What it was to do.
        step: &'static str,
        /// Why it did not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What is stored cannot be read.
    #[error("{what} cannot be read; restore the data directory from a backup")]
    Unreadable {
        /// What it is.
        what: String,
    },
}

/// One piece of the state that a ledger remembers.
#[derive(Debug)]
pub enum Restored<'a> {
    /// An appointment as it was left, with its sealed personal data, oldest part first.
    Appointment(Appointment, &'a [&'a [u8]]),
    /// An answer that is to be given again.
    Answer(Remembered),
}

/// A place where entries are remembered.
pub trait Ledger: Send + 'static {
    /// Makes the encoded entries of a batch durable, all or none, in this order.
    ///
    /// # Errors
    /// A fault after which nothing may be assumed: the caller stops writing for good.
    fn commit(&mut self, batch: &[&[u8]]) -> Result<(), LedgerFault>;

    /// About how many appointments a load is going to give, so that there is room for them; 0 where nobody knows.
    fn expected_appointments(&self) -> usize {
        0
    }

    /// Gives every appointment and then every remembered answer, each once. Appointments come in any order, and from
    /// several threads at a time.
    ///
    /// # Errors
    /// A fault; whatever `restore` was given before it must be thrown away.
    fn load(&mut self, restore: &(dyn Fn(Restored<'_>) + Sync)) -> Result<(), LedgerFault>;
}

/// Decodes an entry that a ledger holds.
///
/// # Errors
/// [`LedgerFault::Unreadable`] with its number.
pub fn decoded(sequence: Sequence, bytes: &[u8]) -> Result<Entry, LedgerFault> {
    Entry::decode(bytes).map_err(|error| LedgerFault::Unreadable { what: format!("entry {sequence} ({error})") })
}
