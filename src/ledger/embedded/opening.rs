//! Opening the store of a data directory: only if it is whole, and the one that its head is about.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use fjall::PersistMode;
use parking_lot::Mutex;
use uuid::Uuid;

use super::Embedded;
use super::data_dir::DataDir;
use super::head::{Head, Shown, StoreId, WHAT_HELPS};
use super::keeper::HeadKeeper;
use super::shadow::Shadow;
use super::store::{HEADED, KEYSPACES, STANDING, STORE, Standing, Store, failed, made_by, stored};
use super::store_log;
use super::store_log::Durable;
use super::whole::missing_part;
use crate::ledger::entry::{Actor, Entry, Event};
use crate::ledger::{LedgerFault, Sequence, decoded};

/// What is to be done with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Entries are added. A store of a new directory is made, one of an earlier version upgraded.
    Write,
    /// It is looked at. Nothing is made and no entry added; rows that are behind the journal may be brought up to it.
    Look,
    /// A copy of it is opened, as nothing can be written to its disk, or nothing is to be.
    ReadOnly,
}

/// How a store is opened.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// What for.
    pub access: Access,
    /// The present instant if the operator goes on although something is lost; `None` if that is refused.
    pub accepts_loss: Option<DateTime<Utc>>,
}

impl Opening {
    /// To do this, and to refuse if something is lost.
    #[must_use]
    pub const fn to(access: Access) -> Self {
        Self { access, accepts_loss: None }
    }
}

impl Embedded {
    /// Opens the store of a data directory.
    ///
    /// # Errors
    /// [`LedgerFault::Loss`] if a part of it is gone, or it is not the one that its head is about; any other
    /// [`LedgerFault`].
    pub fn open_in(dir: &DataDir, opening: Opening) -> Result<Self, LedgerFault> {
        let begins = dir.is_new() || dir.begins() && opening.access == Access::Write;
        if begins { Self::make_in(dir) } else { Self::open_whole(dir, opening) }
    }

    /// Makes the store of a directory in which none was ever begun, and then says that the directory is whole.
    fn make_in(dir: &DataDir) -> Result<Self, LedgerFault> {
        let path = dir.store();
        if path.exists() {
            // An interrupted first start has come so far. Nobody was answered from it.
            judge_parts(dir)?;
            store_log::mend(&path, Durable::default())?;
        } else {
            make_store(&path)?;
        }
        let mut ledger = Self::of(Store::open(&path)?)?;
        if ledger.next != 1 {
            let found = format!(
                "has no file `FORMAT`, and a store with {} entries: put the file back from a backup, or name a new directory",
                ledger.next - 1
            );
            return Err(LedgerFault::Format { path: dir.path().to_owned(), found });
        }
        ledger.keep_head(dir, None)?;
        dir.settle()?;
        Ok(ledger)
    }

    fn open_whole(dir: &DataDir, opening: Opening) -> Result<Self, LedgerFault> {
        judge_parts(dir)?;
        let head = match Head::read(dir.path()) {
            Err(LedgerFault::Unreadable { what }) if opening.accepts_loss.is_some() => {
                tracing::warn!("{what} cannot be read; it is passed over, as the operator accepts a loss");
                None
            }
            read => read?,
        };
        let (path, shadow) = match opening.access {
            Access::ReadOnly => {
                let shadow = Shadow::of(&dir.store())?;
                (shadow.store(), Some(shadow))
            }
            Access::Write | Access::Look => (dir.store(), None),
        };
        let durable = match (head, opening.accepts_loss) {
            (Some(head), None) => Durable { last: head.last, all: head.is_clean },
            _ => Durable::default(),
        };
        store_log::mend(&path, durable)?;
        let store = Store::open_existing(&path)?;
        let loss = judge(dir, head.as_ref(), &store)?;
        if let (Some(found), None) = (&loss, opening.accepts_loss) {
            return Err(LedgerFault::Loss { path: dir.path().to_owned(), found: found.clone() });
        }
        let mut ledger = Self::of(store)?;
        ledger.shadow = shadow;
        if opening.access == Access::Write && ledger.store.has_rows_ahead()? {
            tracing::error!("the rows have more than the journal: they are made again from it");
            ledger.store.make_rows_of_less()?;
        }
        match opening.access {
            Access::Write => ledger.get_ready(dir, head.filter(|_| loss.is_none()))?,
            Access::Look if dir.has_head() => {
                ledger.head = head.map(|head| Arc::new(Mutex::new(HeadKeeper::new(dir.path(), Some(head)))));
            }
            Access::Look | Access::ReadOnly => {}
        }
        if let (Some(found), Some(now), Access::Write) = (loss, opening.accepts_loss, opening.access) {
            ledger.record_loss(head.as_ref(), &found, now)?;
        }
        Ok(ledger)
    }

    /// Upgrades the store if it is of an earlier version, and keeps its head from now on. Each step is durable before the
    /// next one, and is passed over if it was done before.
    fn get_ready(&mut self, dir: &DataDir, head: Option<Head>) -> Result<(), LedgerFault> {
        if !dir.has_head() {
            dir.settle()?;
            tracing::info!("the data directory has format 3 from now on; an earlier hallpass refuses it");
        }
        if self.store.id()?.is_none() {
            self.store.begin_standing()?;
        }
        self.keep_head(dir, head)
    }

    fn keep_head(&mut self, dir: &DataDir, head: Option<Head>) -> Result<(), LedgerFault> {
        let mut keeper = HeadKeeper::new(dir.path(), head);
        keeper.begin(&self.store)?;
        self.head = Some(Arc::new(Mutex::new(keeper)));
        self.store.say_it_has_a_head()
    }

    /// Leaves a record of what the operator has accepted, in the ledger and in the log.
    fn record_loss(&mut self, head: Option<&Head>, found: &str, now: DateTime<Utc>) -> Result<(), LedgerFault> {
        let (last, expected) = (self.next - 1, head.map_or(0, |head| head.last));
        tracing::error!(last, expected, found, "the operator goes on with a store from which something is lost");
        let text = format!("accept-loss: the store has {last} entries, its head said {expected}");
        let event = Event::Answered { refused: false, text };
        let entry = Entry { at: now, by: Actor::Operator, event, repeat: None };
        self.append(&[&entry.encode()])
    }
}

/// What is wrong with a store that has all of its parts: by its head, or by its rows.
fn judge(dir: &DataDir, head: Option<&Head>, store: &Store) -> Result<Option<String>, LedgerFault> {
    if let Some(found) = judge_by_head(dir, head, store)? {
        return Ok(Some(found));
    }
    if !store.has_rows_ahead()? {
        return Ok(None);
    }
    let (projected, last) = (store.projected()?, store.last()?);
    Ok(Some(format!(
        "holds a store that has lost the end of its journal, which has {last} entries where its rows have {projected}; \
         {WHAT_HELPS}"
    )))
}

fn judge_by_head(dir: &DataDir, head: Option<&Head>, store: &Store) -> Result<Option<String>, LedgerFault> {
    let Some(head) = head else {
        let is_lost = dir.has_head() && store.has_a_head()?;
        let found = "has no file `head`, which says how far its store came: is this a part of a backup? Put the whole of it \
            here; `hallpass serve --accept-loss` goes on with the store as it is";
        return Ok(is_lost.then(|| found.to_owned()));
    };
    let (last, at) = store.end()?;
    // A store that is another one, or ends before, need not be counted.
    let id = store.id()?;
    let digest = if id == Some(head.store) && last >= head.last { store.digest_at(head.mark.entry)? } else { None };
    Ok(head.judge(&Shown { store: id, last, at, digest }).err())
}

/// Refuses a store of which a part is missing: what opened it would take that for a beginning.
///
/// # Errors
/// [`LedgerFault::Loss`] if there is such a part, [`LedgerFault::Directory`] if nobody may look.
pub fn judge_parts(dir: &DataDir) -> Result<(), LedgerFault> {
    let fault = |source| LedgerFault::Directory { path: dir.store(), source };
    let Some(missing) = missing_part(&dir.store(), KEYSPACES.len()).map_err(fault)? else { return Ok(()) };
    if !dir.has_head() && !dir.store().exists() {
        return Err(LedgerFault::Loss { path: dir.path().to_owned(), found: without_store(dir, &missing) });
    }
    let found = format!(
        "has lost a part of its store: {missing}. What was remembered is not all here, so nothing is started and nothing is \
         made in its place. Is the volume mounted? If it is, put a backup of the whole data directory here. To begin anew, \
         name an empty directory"
    );
    Err(LedgerFault::Loss { path: dir.path().to_owned(), found })
}

/// What is said of a directory without a store that may never have had one.
fn without_store(dir: &DataDir, missing: &str) -> String {
    if dir.begins() {
        return format!(
            "holds no store, and never had one: {missing}. It was used with PostgreSQL, and what was remembered is there. \
             `hallpass serve` with the embedded store begins one here"
        );
    }
    format!(
        "holds no store: {missing}. Nothing is started and nothing is made in its place, as there are two possibilities. \
         Bookings were remembered here, and it is lost: is the volume mounted? If it is, put a backup of the whole data \
         directory here. Or there never was one, since the directory was used with PostgreSQL or its first start did not \
         finish: name an empty directory, or rename its file `FORMAT` to `FORMAT.new` to begin here"
    )
}

/// Makes a store beside its place and moves it there whole: the store itself does not open what a crash left half made.
pub(super) fn make_store(path: &Path) -> Result<(), LedgerFault> {
    let fault = |source| LedgerFault::Directory { path: path.to_owned(), source };
    let fresh = path.with_added_extension("new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(fault)?;
    }
    let store = Store::open(&fresh)?;
    store.begin_standing()?;
    drop(store);
    flush(&fresh).map_err(fault)?;
    fs::rename(&fresh, path).map_err(fault)?;
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all()).map_err(fault)
}

/// Makes a directory durable with all that is in it.
fn flush(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            flush(&entry?.path())?;
        }
    }
    File::open(path)?.sync_all()
}

impl Store {
    /// Gives the store an id, and counts what its rows contain.
    fn begin_standing(&self) -> Result<(), LedgerFault> {
        let projected = self.projected()?;
        let mut standing = Standing::default();
        self.read_journal(0, &mut |sequence: Sequence, bytes| {
            if sequence <= projected {
                standing.digest = standing.digest.with(bytes);
                standing.appointments += made_by(&decoded(sequence, bytes)?);
            }
            Ok(sequence < projected)
        })?;
        standing.answers = self.answers.len().map_err(failed("count rows"))? as u64;
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncAll));
        batch.insert(&self.meta, STANDING, stored(&standing)?);
        batch.insert(&self.meta, STORE, stored(&StoreId(Uuid::now_v7()))?);
        batch.commit().map_err(failed("give it an id"))
    }

    fn has_a_head(&self) -> Result<bool, LedgerFault> {
        self.meta.contains_key(HEADED).map_err(failed("read whether it has a head"))
    }

    fn say_it_has_a_head(&self) -> Result<(), LedgerFault> {
        if self.has_a_head()? {
            return Ok(());
        }
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncAll));
        batch.insert(&self.meta, HEADED, "");
        batch.commit().map_err(failed("say that it has a head"))
    }
}
