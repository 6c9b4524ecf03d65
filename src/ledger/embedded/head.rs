//! The head of the store: a small file beside it that says how far the store came.
//!
//! A store from which a part is missing can look like a younger store, or like a new one. Nothing in it can say that
//! something is gone. So the file `head` in the data directory says which store lies beside it, how many entries it has at
//! least, and what their digest is. A start and an audit compare both. The file is written by whoever has the store open to
//! write: before the first entry, a few times a minute, and at a clean stop, after which the store ends exactly there.
//!
//! Eight lines of text: the version, the id of the store, its last entry, the running digest at an entry that is not
//! behind that one, how many appointments had been made by then, the instant of the last entry, whether the store was
//! closed in order, and a checksum of the lines above it.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64;

use crate::ledger::digest::RunningDigest;
use crate::ledger::{LedgerFault, Sequence};

/// The first line of the file.
const FIRST_LINE: &str = "hallpass-head 1";
/// How long the file can be, in bytes: a longer one is no head.
const MAX_BYTES: u64 = 4_096;
/// What is written where there is no entry yet.
const NO_INSTANT: &str = "none";

/// The id that a store gets when it is made, so that another one in its place is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreId(pub Uuid);

/// A place in the journal that can be found again: an entry, and the running digest behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mark {
    /// The entry; 0 before the first one.
    pub entry: Sequence,
    /// The digest of all entries up to it.
    pub digest: RunningDigest,
}

/// What the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The store that it is about.
    pub store: StoreId,
    /// The last entry that was durable.
    pub last: Sequence,
    /// A mark that is not behind it.
    pub mark: Mark,
    /// How many appointments had been made at the mark.
    pub appointments: u64,
    /// The instant of the last entry; `None` before the first one.
    pub at: Option<DateTime<Utc>>,
    /// Whether the store was closed in order: it ends at the last entry then.
    pub is_clean: bool,
}

impl Head {
    /// Where the file is in a data directory.
    #[must_use]
    pub fn file_in(data: &Path) -> PathBuf {
        data.join("head")
    }

    /// Reads the file of a data directory; `None` if there is none.
    ///
    /// # Errors
    /// [`LedgerFault::Directory`] if the operating system says no, [`LedgerFault::Unreadable`] if it is no head.
    pub fn read(data: &Path) -> Result<Option<Self>, LedgerFault> {
        let file = Self::file_in(data);
        let fault = |source| LedgerFault::Directory { path: file.clone(), source };
        let found = match fs::metadata(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            found => found.map_err(fault)?,
        };
        let text = if found.len() > MAX_BYTES { Vec::new() } else { fs::read(&file).map_err(fault)? };
        let head = std::str::from_utf8(&text).ok().and_then(Self::parse);
        head.map(Some)
            .ok_or_else(|| LedgerFault::Unreadable { what: format!("the head of the store, {},", file.display()) })
    }

    /// Puts this head in the place of the one before: a power cut leaves the one or the other.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn write(&self, data: &Path) -> io::Result<()> {
        let fresh = data.join("head.new");
        let mut written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        written.write_all(self.text().as_bytes())?;
        written.sync_all()?;
        fs::rename(&fresh, Self::file_in(data))?;
        File::open(data)?.sync_all()
    }

    fn text(&self) -> String {
        let Self { store, last, mark: Mark { entry, digest }, appointments, at, is_clean } = self;
        let at = at.map_or_else(|| NO_INSTANT.into(), |at| at.to_rfc3339_opts(SecondsFormat::Millis, true));
        let clean = if *is_clean { "yes" } else { "no" };
        let mut text = format!(
            "{FIRST_LINE}\nstore {}\nentry {last}\ndigest {entry} {digest}\nappointments {appointments}\nat {at}\nclean {clean}\n",
            store.0
        );
        let checksum = xxh3_64(text.as_bytes());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "checksum {checksum:016x}");
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let (above, checksum) = text.strip_suffix('\n')?.rsplit_once("checksum ")?;
        if u64::from_str_radix(checksum, 16).ok()? != xxh3_64(above.as_bytes()) {
            return None;
        }
        let mut lines = above.lines();
        let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        if value("hallpass-head")? != "1" {
            return None;
        }
        let store = StoreId(value("store")?.parse().ok()?);
        let last = value("entry")?.parse().ok()?;
        let (entry, digest) = value("digest")?.split_once(' ')?;
        let mark = Mark { entry: entry.parse().ok()?, digest: RunningDigest::parse(digest)? };
        let appointments = value("appointments")?.parse().ok()?;
        let at = match value("at")? {
            NO_INSTANT => None,
            at => Some(at.parse().ok()?),
        };
        let is_clean = match value("clean")? {
            "yes" => true,
            "no" => false,
            _ => return None,
        };
        (mark.entry <= last).then_some(Self { store, last, mark, appointments, at, is_clean })
    }
}

/// What a store shows of itself, to be compared with a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Its id; `None` in a store of a time before there were heads.
    pub store: Option<StoreId>,
    /// Its last entry.
    pub last: Sequence,
    /// The instant of that entry.
    pub at: Option<DateTime<Utc>>,
    /// Its running digest at the mark of the head; `None` if it ends before that.
    pub digest: Option<RunningDigest>,
}

/// What helps against a loss, said to an operator.
pub(crate) const WHAT_HELPS: &str = "is the right volume mounted, and all of it? If it is, put the newest backup of the whole data \
    directory here; `hallpass serve --accept-loss` goes on with what is there";

impl Head {
    /// Compares this head with the store that lies beside it.
    ///
    /// # Errors
    /// What is wrong, what it means and what to do, in words for an operator.
    pub fn judge(&self, shown: &Shown) -> Result<(), String> {
        let (head, there) = (self.end(), end(shown.last, shown.at));
        if shown.store != Some(self.store) {
            let other = shown.store.map_or_else(|| "an older one without an id".to_owned(), |id| id.0.to_string());
            return Err(format!(
                "holds another store than its file `head` is about: the store {} with {head} is expected, and {other} with \
                 {there} lies there; {WHAT_HELPS}",
                self.store.0
            ));
        }
        if shown.last < self.last {
            return Err(format!(
                "holds a store that has lost its end: its file `head` says that it has {head}, and it has {there}. \
                 {} acknowledged entries are missing, or this is an older copy of it; {WHAT_HELPS}",
                self.last - shown.last
            ));
        }
        if shown.digest != Some(self.mark.digest) {
            return Err(format!(
                "holds a store with another history: up to entry {} it has not the entries that its file `head` knows. It \
                 was written to in another place, or is a copy that went its own way; {WHAT_HELPS}",
                self.mark.entry
            ));
        }
        if self.is_clean && shown.last != self.last {
            return Err(format!(
                "holds a store that does not end where it was closed: it was closed in order with {head}, and has \
                 {there}; {WHAT_HELPS}"
            ));
        }
        Ok(())
    }

    /// The last entry, in words.
    #[must_use]
    pub fn end(&self) -> String {
        end(self.last, self.at)
    }
}

fn end(last: Sequence, at: Option<DateTime<Utc>>) -> String {
    match at {
        Some(at) => format!("{last} entries, the last of {}", at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        None => format!("{last} entries"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head {
            store: StoreId(Uuid::from_u128(7)),
            last: 129_047,
            mark: Mark { entry: 129_000, digest: RunningDigest::default().with(b"entry") },
            appointments: 128_998,
            at: Some("2026-11-24T12:00:00.123Z".parse().unwrap()),
            is_clean: false,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Head::read(dir.path()).unwrap(), None);
        let empty = Head { last: 0, mark: Mark::default(), appointments: 0, at: None, ..head() };
        for head in [head(), Head { is_clean: true, ..head() }, empty] {
            head.write(dir.path()).unwrap();
            assert_eq!(Head::read(dir.path()).unwrap(), Some(head));
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_store_is_judged_by_its_head() {
        let head = head();
        let same = Shown { store: Some(head.store), last: head.last, at: head.at, digest: Some(head.mark.digest) };
        let clean = Head { is_clean: true, ..head };
        let (longer, behind) = (Shown { last: head.last + 1, ..same }, Shown { last: head.last - 1, ..same });
        for (head, shown) in [(&head, &same), (&head, &longer), (&clean, &same)] {
            assert_eq!(head.judge(shown), Ok(()));
        }
        for (head, shown, words) in [
            (&head, Shown { store: Some(StoreId(Uuid::from_u128(8))), ..same }, "another store"),
            (&head, Shown { store: None, ..same }, "without an id"),
            (&head, behind, "1 acknowledged entries are missing"),
            (&head, Shown { last: 0, at: None, digest: None, ..same }, "129047 acknowledged entries are missing"),
            (&head, Shown { digest: Some(RunningDigest::default()), ..longer }, "another history"),
            (&clean, longer, "does not end where it was closed"),
            (&clean, behind, "lost its end"),
        ] {
            let refused = head.judge(&shown).unwrap_err();
            assert!(refused.contains(words) && refused.contains("--accept-loss"), "{words}: {refused}");
        }
    }

    #[test]
    fn a_head_with_any_other_byte_is_no_head() {
        let dir = tempfile::tempdir().unwrap();
        let text = head().text();
        for at in 0..text.len() {
            let mut spoilt = text.clone().into_bytes();
            spoilt[at] ^= 1;
            fs::write(Head::file_in(dir.path()), &spoilt).unwrap();
            let read = Head::read(dir.path());
            assert!(matches!(read, Err(LedgerFault::Unreadable { .. })), "{at}: {read:?}");
            fs::write(Head::file_in(dir.path()), &text[..at]).unwrap();
            assert!(Head::read(dir.path()).is_err(), "cut at {at}");
        }
        fs::write(Head::file_in(dir.path()), "x".repeat(5_000)).unwrap();
        assert!(Head::read(dir.path()).is_err());
    }
}
