//! File handles: how many this process may have, how many connections that makes, and one that is kept to spare.
//!
//! Every connection takes a handle, and so does every file of the store. A process that runs out of handles can neither
//! accept nor write, so connections never take the handles that the rest of the process needs.

use std::fs::File;
use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How many connections are open at once, however many handles there are; the next ones wait in the listener's queue.
pub const MAX_CONNECTIONS: usize = 16_384;
/// How many handles are left to everything that is no connection: the store's files and log, sessions with a database,
/// configuration files, the runtime.
pub const RESERVED_HANDLES: usize = 512;
/// How many connections are open at once at least, on a system that gives this process very few handles. They then come
/// out of the reserve.
pub const MIN_CONNECTIONS: usize = 32;
/// How many handles a server must be allowed: those connections, the store, a database's sessions and the configuration.
pub const MIN_HANDLES: usize = 128;
/// What holds the place of a handle: a file that every Unix has and that costs nothing.
const NOTHING: &str = "/dev/null";

/// This process may have too few file handles for a server.
#[derive(Debug, thiserror::Error)]
#[error(
    "this process may open {0} files at once, and a server needs {MIN_HANDLES}: raise the limit (ulimit -n, LimitNOFILE=)"
)]
pub struct TooFewHandles(usize);

/// Judges the highest limit of file handles that this process may set, before anything is opened.
///
/// # Errors
/// [`TooFewHandles`] if it is below [`MIN_HANDLES`].
pub fn judge_limit() -> Result<(), TooFewHandles> {
    match count_of(getrlimit(Resource::Nofile).maximum) {
        maximum if maximum < MIN_HANDLES => Err(TooFewHandles(maximum)),
        _ => Ok(()),
    }
}

/// Raises the limit of file handles to the highest that this process may set. A limit that cannot be raised is logged and
/// stays.
pub fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if count_of(current) < count_of(maximum)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%error, limit = count_of(current), "the limit of file handles cannot be raised");
    }
    tell_of_limit(limit());
}

/// How many file handles this process may have at the moment.
#[must_use]
pub fn limit() -> usize {
    count_of(getrlimit(Resource::Nofile).current)
}

/// A limit as a number; `None` means that there is no limit.
fn count_of(limit: Option<u64>) -> usize {
    limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// How many connections may be open at once under a limit of file handles.
#[must_use]
pub fn max_connections(limit: usize) -> usize {
    limit.saturating_sub(RESERVED_HANDLES).clamp(MIN_CONNECTIONS, MAX_CONNECTIONS)
}

/// Tells the operator of a limit that leaves fewer connections than this program takes.
fn tell_of_limit(limit: usize) {
    let connections = max_connections(limit);
    if connections < MAX_CONNECTIONS {
        tracing::warn!(
            limit,
            connections,
            "the limit of file handles bounds the connections; raise it (ulimit -n, LimitNOFILE=) to {} or more",
            MAX_CONNECTIONS + RESERVED_HANDLES
        );
    }
}

/// Whether something failed for want of a file handle, in this process or in the whole system.
#[must_use]
pub fn is_want_of_handles(error: &io::Error) -> bool {
    let wants = [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE];
    error.raw_os_error().is_some_and(|code| wants.iter().any(|want| want.raw_os_error() == code))
}

/// A handle that is kept to spare. Given up, it lets one connection be accepted and told that there is no room, where it
/// would wait in the queue without a word.
#[derive(Debug)]
pub struct Spare(Option<File>);

impl Spare {
    /// Takes a handle to spare.
    #[must_use]
    pub fn take() -> Self {
        Self(File::open(NOTHING).ok())
    }

    /// Gives the handle up; false if there is none at the moment.
    pub fn give_up(&mut self) -> bool {
        self.0.take().is_some()
    }

    /// Takes a handle again if there is none.
    pub fn retake(&mut self) {
        if self.0.is_none() {
            *self = Self::take();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_handles_to_the_rest() {
        let check = |limit, connections| assert_eq!(max_connections(limit), connections, "{limit}");
        check(0, MIN_CONNECTIONS);
        check(RESERVED_HANDLES + MIN_CONNECTIONS, MIN_CONNECTIONS);
        check(1_024, 512);
        check(4_096, 3_584);
        check(MAX_CONNECTIONS + RESERVED_HANDLES - 1, MAX_CONNECTIONS - 1);
        check(1_048_576, MAX_CONNECTIONS);
        check(usize::MAX, MAX_CONNECTIONS);
    }

    #[test]
    fn a_spare_handle_comes_back() {
        let mut spare = Spare::take();
        assert!(spare.give_up());
        assert!(!spare.give_up());
        spare.retake();
        assert!(spare.give_up());
    }

    #[test]
    fn want_of_handles_is_told_from_other_faults() {
        let of = |errno: rustix::io::Errno| is_want_of_handles(&io::Error::from(errno));
        assert!(of(rustix::io::Errno::MFILE) && of(rustix::io::Errno::NFILE));
        assert!(!of(rustix::io::Errno::CONNABORTED) && !is_want_of_handles(&io::ErrorKind::OutOfMemory.into()));
    }

    #[test]
    fn the_limit_is_raised_to_the_highest() {
        raise_limit();
        assert_eq!(limit(), count_of(getrlimit(Resource::Nofile).maximum));
    }
}
