//! Why a run does not begin.

use chrono::NaiveDate;

use super::own_server::OwnServerFault;
use crate::config;

/// Why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum SimulateFault {
    /// The configuration, the scenario or the draft is wrong.
    #[error("{0}")]
    Configuration(config::Errors),
    /// The halls are never all open.
    #[error("no day within a year on which every hall of {city} is open; mend their hours, or the scenario's city")]
    NeverOpen {
        /// The city.
        city: String,
    },
    /// No hall is open on the day that is named.
    #[error("no hall of {city} is open on {day}; name another day with --day, or in the scenario")]
    Closed {
        /// The city.
        city: String,
        /// The day.
        day: NaiveDate,
    },
    /// The own server did not start.
    #[error(transparent)]
    OwnServer(#[from] OwnServerFault),
    /// The token of an administrator cannot be read.
    #[error("the token of an administrator cannot be read from {file}; name the file with --admin-token-file")]
    AdminToken {
        /// The file.
        file: String,
        /// Why not.
        source: std::io::Error,
    },
    /// What answers at the address is not a hallpass that can be played against.
    #[error("{url} {what}")]
    Server {
        /// The address.
        url: String,
        /// What is wrong, and how to mend it.
        what: String,
    },
}
