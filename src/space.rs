//! How much room is left on the disk of the data directory, and whether that is enough to go on writing.
//!
//! A store that runs into the end of its disk has to be opened anew. So bookings stop before that, and go on by themselves
//! as soon as there is room again. Between the two bounds nothing changes, so that they do not stop and go on in turns.

use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

/// Below how much free space bookings stop unless the operator says otherwise, in MiB. The store writes its rows and merges
/// its tables behind the bookings, which takes some tens of MiB at a time.
pub const MIN_FREE_MIB: u64 = 256;
/// Bookings go on above this many times as much.
const GO_ON_TIMES: u64 = 2;
/// How often the free space is looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The longest that a server which only reads since its disk was full or read-only waits before it is started anew.
pub const LONGEST_PAUSE: Duration = Duration::from_mins(10);

/// How much is written to find out whether a start can write, in bytes: more than a start writes to one keyspace, so that a
/// little room is not taken for enough.
const PROBE_BYTES: usize = 8 << 20;
/// How much of it is written at once, in bytes.
const PIECE_BYTES: usize = 16 << 10;

/// How many MiB this process may still write on the disk of a directory.
///
/// # Errors
/// What the operating system says.
pub fn free_mib(directory: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(directory)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize) >> 20)
}

/// Whether a start can write a file in a directory. The file has no name, so that nothing of it is left there, also not by
/// a kill.
#[must_use]
pub fn can_write(directory: &Path) -> bool {
    let write = || {
        let mut probe = tempfile::tempfile_in(directory)?;
        for _ in 0..PROBE_BYTES / PIECE_BYTES {
            probe.write_all(&[1; PIECE_BYTES])?;
        }
        probe.sync_all()
    };
    write().is_ok()
}

/// How long the next server that can only read waits before it is started anew, after one that waited so long: twice as
/// long, up to [`LONGEST_PAUSE`]. A probe that is wrong about the store so costs less and less.
#[must_use]
pub fn next_pause(pause: Duration) -> Duration {
    pause.saturating_mul(2).clamp(LOOK_EVERY, LONGEST_PAUSE)
}

/// Whether there is room, as it was seen last.
#[derive(Debug)]
pub struct Room {
    min_free_mib: u64,
    is_short: bool,
}

impl Room {
    /// Room until the first look. With 0 as the bound there is always room.
    #[must_use]
    pub const fn with_min_free_mib(min_free_mib: u64) -> Self {
        Self { min_free_mib, is_short: false }
    }

    /// Whether there is too little room, now that so much is free.
    pub fn is_short(&mut self, free_mib: u64) -> bool {
        let bound = if self.is_short { self.min_free_mib.saturating_mul(GO_ON_TIMES) } else { self.min_free_mib };
        let is_short = free_mib < bound;
        if is_short && !self.is_short {
            let Self { min_free_mib, .. } = self;
            tracing::error!(
                free_mib,
                min_free_mib,
                "too little free space: nothing can be changed until there is more"
            );
        } else if self.is_short && !is_short {
            tracing::info!(free_mib, "there is free space again: bookings go on");
        }
        self.is_short = is_short;
        is_short
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookings_stop_below_one_bound_and_go_on_above_another() {
        let mut room = Room::with_min_free_mib(100);
        for (free_mib, is_short) in
            [(500, false), (100, false), (99, true), (100, true), (199, true), (200, false), (100, false), (0, true)]
        {
            assert_eq!(room.is_short(free_mib), is_short, "{free_mib} MiB");
        }
        let mut unwatched = Room::with_min_free_mib(0);
        assert!(!unwatched.is_short(0));
    }

    #[test]
    fn the_disk_is_asked() {
        let dir = tempfile::tempdir().unwrap();
        assert!(free_mib(dir.path()).is_ok() && can_write(dir.path()));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left behind");
        assert!(free_mib(&dir.path().join("nothing")).is_err());
        assert!(!can_write(&dir.path().join("nothing")));
    }

    #[test]
    fn a_server_that_falls_back_again_and_again_is_started_less_and_less_often() {
        let hour = Duration::from_hours(1);
        let (mut pause, mut waited, mut starts) = (Duration::ZERO, Duration::ZERO, 0);
        while waited < hour {
            let next = next_pause(pause);
            assert!(next > pause || next == LONGEST_PAUSE, "{next:?} after {pause:?}");
            (pause, waited, starts) = (next, waited + next, starts + 1);
        }
        assert!((10..=16).contains(&starts), "{starts} starts in an hour");
        assert_eq!(next_pause(Duration::MAX), LONGEST_PAUSE);
    }
}
