//! What keeps a store from being carried to another, and how to mend it.

use std::io;
use std::path::PathBuf;

use super::super::LedgerFault;
use super::super::entry::Remembered;
use super::format::FORMAT_VERSION;
use crate::domain::appointment::AppointmentId;

/// Why an export or an import ended.
#[derive(Debug, thiserror::Error)]
pub enum TransferFault {
    /// The store cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerFault),
    /// What is exported cannot be written.
    #[error("{what} cannot be written")]
    Output {
        /// What it is.
        what: String,
        /// Why not.
        source: io::Error,
    },
    /// An export is to go on where nothing is kept.
    #[error("what goes to standard output or a pipe cannot be resumed; name a file with --output")]
    NothingToResume,
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    Input {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file begins with something else than a header.
    #[error("this is no hallpass export: its first line is no header; name a file that `hallpass export` wrote")]
    NoHeader,
    /// The file has a later format.
    #[error(
        "the file has export format {found}, and this hallpass knows formats up to {FORMAT_VERSION}; import it with the hallpass that wrote it, or a newer one"
    )]
    Version {
        /// Which one.
        found: u32,
    },
    /// There are no keys to open what is sealed.
    #[error(
        "{path} is missing, without which nobody could read the personal data; copy the file `keys` of the store that was exported to that place first, for its owner only (mode 0600)"
    )]
    NoKeys {
        /// Where they belong.
        path: PathBuf,
    },
    /// The file was sealed with other keys.
    #[error(
        "the personal data was sealed with other keys than those in {path}; import into a new data directory or an empty database, with the file `keys` of the store that was exported"
    )]
    OtherKeys {
        /// Where the other ones are.
        path: PathBuf,
    },
    /// A line cannot be read.
    #[error("line {line} cannot be read: {what}; export again, or copy the file again")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The file ends before its last line.
    #[error(
        "the file is cut off behind line {line}; finish it with `hallpass export --output FILE --resume` where it was made, or copy it again"
    )]
    Cut {
        /// The last whole line, counted from 1.
        line: u64,
    },
    /// The file is not as it was written.
    #[error("the file was changed since it was written: {what}; export again, or copy the file again")]
    Changed {
        /// In what the end of the file and the rest of it differ.
        what: String,
    },
    /// The store has something else in the place of what the file brings.
    #[error(
        "{what} is in the store already, and is not what the file has; import into a new data directory or an empty database"
    )]
    Different {
        /// What it is.
        what: String,
    },
    /// The store has something that the file does not bring.
    #[error("{what} is in the store and not in the file; import into a new data directory or an empty database")]
    Foreign {
        /// What it is.
        what: String,
    },
    /// Two appointments have one claim.
    #[error(
        "appointment {id} cannot be there beside {other}, which is active too, for the same applicant and document; run `hallpass verify` where it was exported, cancel one of them, and export again"
    )]
    Claimed {
        /// Which one the file brings.
        id: AppointmentId,
        /// Which one is there.
        other: AppointmentId,
    },
    /// Servers have what they read in memory, and would not hear of what is put there.
    #[error(
        "{instances} instances serve from the database, or did so in the last {within_s} s; stop them, wait so long, and run this again"
    )]
    Served {
        /// How many.
        instances: u64,
        /// For how long one counts that says nothing, in seconds.
        within_s: u32,
    },
    /// What an interrupted export has written is not how an export of the store begins now.
    #[error(
        "line {line} of {path} is not what the store has now; leave out --resume, to export again from the beginning"
    )]
    NotContinued {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
    },
    /// Personal data is wanted in clear and cannot be opened.
    #[error("the personal data of appointment {id} cannot be opened with these keys; export without --reveal")]
    Unopened {
        /// Whose it is.
        id: AppointmentId,
    },
}

/// How a fault names an appointment.
#[must_use]
pub fn appointment_named(id: AppointmentId) -> String {
    format!("appointment {id}")
}

/// How a fault names an answer.
#[must_use]
pub fn answer_named(answer: &Remembered) -> String {
    format!("the answer of {} for key {}", answer.at.to_rfc3339(), super::format::hex(&answer.repeat.key))
}

/// How a fault names a version of the configuration.
#[must_use]
pub fn configuration_named(version: &str) -> String {
    format!("configuration {version}")
}
