//! What a fault of the database means for what was asked of it.

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::connect::{AttemptFault, PostgresFault};
use crate::ledger::LedgerFault;

/// What a statement that failed has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing; sent again, it may succeed at once.
    TryAgain,
    /// Nothing, as it met a unique key of another; sent again, it is to be judged by what is there.
    Overtaken,
    /// Nothing: it did not come to a server that writes. Sent again a little later, it may succeed.
    NotSent,
    /// Nothing.
    Nothing,
    /// Nobody knows: the connection is gone, or the server was going down.
    Unknown,
}

/// What the failure of a statement that changes something means.
pub fn meaning(error: &Error) -> Meaning {
    let Some(state) = error.code() else { return Meaning::Unknown };
    match state.code() {
        "23505" => Meaning::Overtaken,
        // A rollback for the sake of others, but for the one of which the server itself does not know how it ended.
        "40003" => Meaning::Unknown,
        code if code.starts_with("40") => Meaning::TryAgain,
        // The server has become one that only follows: another takes over, or is about to.
        code if code == SqlState::READ_ONLY_SQL_TRANSACTION.code() => Meaning::NotSent,
        // The server shuts down or has crashed: also what waits for a standby ends so, and that is written already.
        code if code.starts_with("57P") || code.starts_with("08") => Meaning::Unknown,
        _ => Meaning::Nothing,
    }
}

/// Whether another session is needed: this one leads to a server that is no longer the one that writes.
pub fn is_of_the_session(error: &Error) -> bool {
    error.is_closed()
        || error.code().is_none_or(|state| {
            *state == SqlState::READ_ONLY_SQL_TRANSACTION
                || state.code().starts_with("57P")
                || state.code().starts_with("08")
        })
}

/// Whether the database is there and has no session to spare: others have theirs.
pub fn is_crowded(fault: &LedgerFault) -> bool {
    let LedgerFault::Store { source, .. } = fault else { return false };
    let Some(PostgresFault::Unreachable(attempts)) = source.downcast_ref() else { return false };
    attempts.0.iter().any(|attempt| match &attempt.fault {
        AttemptFault::Refused(error) => error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS),
        AttemptFault::Name(_) | AttemptFault::Silent(_) => false,
    })
}

/// Names what the database was to do when it failed.
pub fn failed(step: &'static str) -> impl FnOnce(Error) -> LedgerFault {
    move |source| LedgerFault::Store { step, source: source.into() }
}
