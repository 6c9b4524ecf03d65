//! Who keeps the head beside an open store.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fjall::PersistMode;

use super::ahead;
use super::head::{Head, Mark};
use super::store::{Store, failed};
use super::whole::log_files;
use crate::ledger::{LedgerFault, Sequence};

/// How long the head may be behind the store while entries come.
pub const HEAD_EVERY: Duration = Duration::from_secs(5);

/// The head of a store that is open to be written.
#[derive(Debug)]
pub struct HeadKeeper {
    /// The data directory.
    data: PathBuf,
    /// The head that lies there.
    written: Option<Head>,
    /// The mark of a head of which nobody knows whether it lies there.
    tried: Option<Mark>,
    /// Whether entries may come: the head is not clean.
    is_begun: bool,
    tried_at: Instant,
    /// The file that the store's log goes on in.
    log: Option<PathBuf>,
}

impl HeadKeeper {
    /// Keeps the head of a data directory, where this one lies, or none.
    pub fn new(data: &Path, written: Option<Head>) -> Self {
        Self { data: data.to_owned(), written, tried: None, is_begun: false, tried_at: Instant::now(), log: None }
    }

    /// The head that lies beside the store.
    pub const fn written(&self) -> Option<&Head> {
        self.written.as_ref()
    }

    /// The marks of the heads that may lie beside the store.
    pub fn marks(&self) -> [Mark; 2] {
        let written = self.written.map(|head| head.mark).unwrap_or_default();
        [written, self.tried.unwrap_or(written)]
    }

    /// Says, once, that entries may come.
    pub fn begin(&mut self, store: &Store) -> Result<(), LedgerFault> {
        if !self.is_begun {
            self.write(store, false)?;
            self.is_begun = true;
        }
        Ok(())
    }

    /// Writes the head anew if it is time: something has come, and the head has been as it is for a while, or the store has
    /// begun another log.
    pub fn follow(&mut self, store: &Store, last: Sequence) {
        let is_behind = self.written.is_none_or(|head| head.last < last || head.mark.entry < head.last);
        if is_behind && self.tried_at.elapsed() >= HEAD_EVERY || self.has_another_log(store) {
            // What was durable stays so: a head that is behind only notices less.
            let _ = self.write(store, false).inspect_err(|fault| {
                let source = std::error::Error::source(fault).map(ToString::to_string);
                tracing::error!(%fault, source, "the head of the store is not written");
            });
        }
    }

    /// Says that the store ends here, if entries could come before.
    pub fn end(&mut self, store: &Store) {
        if !self.is_begun {
            return;
        }
        // The next start has less to do, and the mark is at the end, unless very much is left.
        let projected = store.project(Some(self.marks()));
        let flushed =
            projected.and_then(|_| store.database.persist(PersistMode::SyncAll).map_err(failed("flush what it has")));
        if let Err(fault) = flushed.and_then(|()| self.write(store, true)) {
            let source = std::error::Error::source(&fault).map(ToString::to_string);
            tracing::error!(%fault, source, "the store is closed without saying so in its head");
        }
        self.is_begun = false;
    }

    fn write(&mut self, store: &Store, is_clean: bool) -> Result<(), LedgerFault> {
        let Some(id) = store.id()? else {
            return Err(LedgerFault::Unreadable { what: "the id of the store".into() });
        };
        let (entry, (last, at)) = (store.projected()?, store.end()?);
        if entry > last {
            // Nobody could read such a head.
            return Err(ahead(entry, last));
        }
        let before = self.written.map_or(0, |head| head.last);
        assert!(last >= before || !self.is_begun, "the store of an open head only grows");
        let standing = store.standing()?.unwrap_or_default();
        let mark = Mark { entry, digest: standing.digest };
        let head = Head { store: id, last, mark, appointments: standing.appointments, at, is_clean };
        self.tried_at = Instant::now();
        self.tried = Some(mark);
        head.write(&self.data).map_err(|source| LedgerFault::Directory { path: Head::file_in(&self.data), source })?;
        (self.written, self.tried) = (Some(head), None);
        Ok(())
    }

    fn has_another_log(&mut self, store: &Store) -> bool {
        // A directory that cannot be read now is looked at again.
        let Ok(now) = log_files(&store.path).map(|mut files| files.pop()) else { return false };
        let before = std::mem::replace(&mut self.log, now);
        before.is_some() && before != self.log
    }
}
