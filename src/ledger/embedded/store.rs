//! The keyspaces of the embedded store: the journal, and the rows that are made of it for a quick start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use fjall::config::{BlockSizePolicy, FilterPolicy};
use fjall::{Database, Keyspace, KeyspaceCreateOptions, OwnedWriteBatch, PersistMode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::ANSWERS_KEPT_HOURS;
use super::appointment_rows::{AppointmentRows, processors};
use super::head::{Mark, StoreId};
use super::journal_row::{entries_of, sequence_of};
use crate::domain::appointment::{Appointment, AppointmentId};
use crate::ledger::digest::RunningDigest;
use crate::ledger::entry::{Deed, Entry, Event, Remembered};
use crate::ledger::reading::SealedParts;
use crate::ledger::{LedgerFault, Restored, Sequence, decoded};

/// How many bytes of the store's blocks stay in memory: rows are read once, from one end to the other.
const CACHE_BYTES: u64 = 4 << 20;
/// How long the store's own log may get before all of it is written to tables, with what is written to it meanwhile: a
/// start has to read it. The least that the store allows.
const LOG_BYTES: u64 = 64 << 20;
/// How many bytes of a keyspace stay in memory before they are written to a table. The journal's are those that a rush
/// fills, and whoever books would wait for a table that is not written in time.
const JOURNAL_MEMORY_BYTES: u64 = 32 << 20;
const ROWS_MEMORY_BYTES: u64 = 8 << 20;
/// How many bytes of a table are read at once.
const BLOCK_BYTES: u32 = 64 << 10;
/// How many entries one round of projecting takes at most: what it writes is in memory until it is written.
const MAX_PROJECTED_ENTRIES: usize = 32_768;
/// How many entries of the journal there are at least for each range of ids that a start reads by itself, and how many
/// ranges for each processor: some more than one, so that none waits long for another at the end, and few enough that what
/// is read twice where one ends and the next begins does not count.
const RANGE_ENTRIES: u64 = 4_096;
const RANGES_OF_ONE_PROCESSOR: u64 = 8;
pub(super) const PROJECTED: &[u8] = b"projected";
pub(super) const STANDING: &[u8] = b"rows_have";
pub(super) const STORE: &[u8] = b"store";
pub(super) const HEADED: &[u8] = b"headed";
pub(super) const CONFIGURATION: &[u8] = b"configuration";
/// `store_log` knows a row of the journal by its key of eight bytes, so no other key has so many.
const _: () = {
    let keys = [PROJECTED, STANDING, STORE, HEADED, CONFIGURATION];
    let mut at = 0;
    while at < keys.len() {
        assert!(keys[at].len() != size_of::<Sequence>());
        at += 1;
    }
};
/// The keyspaces of a store, by their names.
pub(super) const KEYSPACES: [&str; 5] = ["journal", "appointments", "sealed", "answers", "meta"];

/// The keyspaces of the store.
#[derive(Clone)]
pub(super) struct Store {
    pub(super) path: PathBuf,
    pub(super) database: Database,
    pub(super) journal: Keyspace,
    pub(super) appointments: Keyspace,
    pub(super) sealed: Keyspace,
    pub(super) answers: Keyspace,
    pub(super) meta: Keyspace,
}

pub fn failed<E: Into<Box<dyn std::error::Error + Send + Sync>>>(step: &'static str) -> impl FnOnce(E) -> LedgerFault {
    move |source| LedgerFault::Store { step, source: source.into() }
}

pub(super) fn stored<T: Serialize>(value: &T) -> Result<Vec<u8>, LedgerFault> {
    postcard::to_stdvec(value).map_err(failed("encode a row"))
}

pub fn read<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, LedgerFault> {
    postcard::from_bytes(bytes).map_err(|error| LedgerFault::Unreadable { what: format!("{what} ({error})") })
}

/// Is given the number and the stored form of an entry, and says whether to go on.
type EachStored<'a> = dyn FnMut(Sequence, &[u8]) -> Result<bool, LedgerFault> + 'a;

/// What is known of the entries that the rows contain. It is written with the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Standing {
    /// The running digest.
    pub(super) digest: RunningDigest,
    /// How many appointments were made: each has a row.
    pub(super) appointments: u64,
    /// How many rows of remembered answers there are.
    pub(super) answers: u64,
    /// The marks of the heads that may lie beside the store, so that their digests need not be counted again.
    pub(super) marks: [Mark; 2],
}

impl Store {
    /// Opens a store, making what it has not yet.
    pub(super) fn open(path: &Path) -> Result<Self, LedgerFault> {
        Self::with_keyspaces(path, false)
    }

    /// Opens a store that must have all of its keyspaces already.
    pub(super) fn open_existing(path: &Path) -> Result<Self, LedgerFault> {
        Self::with_keyspaces(path, true)
    }

    pub(super) fn with_keyspaces(path: &Path, must_be_there: bool) -> Result<Self, LedgerFault> {
        let builder = Database::builder(path).cache_size(CACHE_BYTES).max_journaling_size(LOG_BYTES);
        let database = builder.open().map_err(failed("open"))?;
        if must_be_there && let Some(name) = KEYSPACES.iter().find(|name| !database.keyspace_exists(name)) {
            return Err(LedgerFault::Unreadable { what: format!("the keyspace {name} of {}", path.display()) });
        }
        let keyspace = |name: &str, memory_bytes: u64| {
            // These take effect where a store is made; one that was made before keeps what it has.
            let options = || {
                KeyspaceCreateOptions::default()
                    .max_memtable_size(memory_bytes)
                    .data_block_size_policy(BlockSizePolicy::all(BLOCK_BYTES))
                    .filter_policy(FilterPolicy::disabled())
            };
            database.keyspace(name, options).map_err(failed("open a keyspace"))
        };
        let [journal, appointments, sealed, answers, meta] = KEYSPACES;
        Ok(Self {
            journal: keyspace(journal, JOURNAL_MEMORY_BYTES)?,
            appointments: keyspace(appointments, ROWS_MEMORY_BYTES)?,
            sealed: keyspace(sealed, ROWS_MEMORY_BYTES)?,
            answers: keyspace(answers, ROWS_MEMORY_BYTES)?,
            meta: keyspace(meta, ROWS_MEMORY_BYTES)?,
            database,
            path: path.to_owned(),
        })
    }

    /// The number of the last entry that the rows contain.
    pub(super) fn projected(&self) -> Result<Sequence, LedgerFault> {
        match self.meta.get(PROJECTED).map_err(failed("read how far the rows go"))? {
            Some(value) => sequence_of(&value),
            None => Ok(0),
        }
    }

    /// Whether the rows have entries that the journal has not: its end is lost.
    pub(super) fn has_rows_ahead(&self) -> Result<bool, LedgerFault> {
        Ok(self.projected()? > self.last()?)
    }

    /// What is known of the entries that the rows contain; `None` in a store of an earlier version.
    pub(super) fn standing(&self) -> Result<Option<Standing>, LedgerFault> {
        let row = self.meta.get(STANDING).map_err(failed("read what the rows contain"))?;
        row.map(|value| read("what the rows contain", &value)).transpose()
    }

    /// The id of this store; `None` in a store of an earlier version.
    pub(super) fn id(&self) -> Result<Option<StoreId>, LedgerFault> {
        let row = self.meta.get(STORE).map_err(failed("read its id"))?;
        row.map(|value| read("the id of the store", &value)).transpose()
    }

    /// The number of the last entry in the journal, 0 if it is empty.
    pub(super) fn last(&self) -> Result<Sequence, LedgerFault> {
        let Some(guard) = self.journal.last_key_value() else { return Ok(0) };
        let (key, value) = guard.into_inner().map_err(failed("read the journal"))?;
        Ok(sequence_of(&key)? + entries_of(&value)?.len() as u64 - 1)
    }

    /// The last entry, and its instant.
    pub(super) fn end(&self) -> Result<(Sequence, Option<DateTime<Utc>>), LedgerFault> {
        let Some(guard) = self.journal.last_key_value() else { return Ok((0, None)) };
        let (key, value) = guard.into_inner().map_err(failed("read the journal"))?;
        let entries = entries_of(&value)?;
        let last = sequence_of(&key)? + entries.len() as u64 - 1;
        let at = entries.last().map(|bytes| decoded(last, bytes)).transpose()?.map(|entry| entry.at);
        Ok((last, at))
    }

    /// The running digest at an entry; `None` if the journal ends before it.
    pub(super) fn digest_at(&self, entry: Sequence) -> Result<Option<RunningDigest>, LedgerFault> {
        let standing = self.standing()?.unwrap_or_default();
        let here = Mark { entry: self.projected()?, digest: standing.digest };
        if let Some(mark) = [here, Mark::default()].iter().chain(&standing.marks).find(|mark| mark.entry == entry) {
            return Ok(Some(mark.digest));
        }
        // Without a mark it is counted from the nearest one before it, and that may be the first entry.
        let from = if here.entry < entry && self.standing()?.is_some() { here } else { Mark::default() };
        let mut at = from;
        self.read_journal(from.entry, &mut |sequence, bytes| {
            if sequence <= entry {
                at = Mark { entry: sequence, digest: at.digest.with(bytes) };
            }
            Ok(sequence < entry)
        })?;
        Ok((at.entry == entry).then_some(at.digest))
    }

    /// Gives the stored entries after `after`, in order, to the end of the batch in which `each` says stop: a row is whole
    /// or not read at all, so the next time begins where a batch begins.
    pub(super) fn read_journal(&self, after: Sequence, each: &mut EachStored<'_>) -> Result<(), LedgerFault> {
        let mut expected = after + 1;
        for guard in self.journal.range(expected.to_be_bytes()..) {
            let (key, value) = guard.into_inner().map_err(failed("read the journal"))?;
            if sequence_of(&key)? != expected {
                return Err(LedgerFault::Unreadable { what: format!("the journal after entry {}", expected - 1) });
            }
            let mut go_on = true;
            for bytes in entries_of(&value)? {
                go_on &= each(expected, bytes)?;
                expected += 1;
            }
            if !go_on {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Brings the rows up to the journal, by one atomic write of at most [`MAX_PROJECTED_ENTRIES`] and the rest of the
    /// last of their batches. Says whether more is left. Marks are those of heads that may lie beside the store.
    pub(super) fn project(&self, marks: Option<[Mark; 2]>) -> Result<bool, LedgerFault> {
        let after = self.projected()?;
        let mut standing = self.standing()?;
        let mut batch = self.database.batch();
        let (mut last, mut latest) = (after, None);
        self.read_journal(after, &mut |sequence, bytes| {
            let entry = decoded(sequence, bytes)?;
            let answers = self.project_entry(&mut batch, &entry)?;
            if let Some(standing) = &mut standing {
                standing.digest = standing.digest.with(bytes);
                standing.appointments += made_by(&entry);
                standing.answers += answers;
            }
            (last, latest) = (sequence, Some(entry.at));
            Ok((sequence - after) < MAX_PROJECTED_ENTRIES as u64)
        })?;
        let Some(latest) = latest else { return Ok(false) };
        assert!(last > after, "rows go forward with the journal");
        let oldest_kept = latest - TimeDelta::hours(ANSWERS_KEPT_HOURS);
        let mut forgotten = 0;
        for guard in self.answers.range(..answer_key(oldest_kept.timestamp_millis(), &[0; 16])) {
            batch.remove(&self.answers, guard.key().map_err(failed("read remembered answers"))?);
            forgotten += 1;
        }
        if let Some(mut standing) = standing {
            standing.answers = standing.answers.saturating_sub(forgotten);
            standing.marks = marks.unwrap_or(standing.marks);
            batch.insert(&self.meta, STANDING, stored(&standing)?);
        }
        batch.insert(&self.meta, PROJECTED, last.to_be_bytes());
        batch.commit().map_err(failed("write rows"))?;
        Ok(last - after >= MAX_PROJECTED_ENTRIES as u64)
    }

    /// Adds the rows of an entry, and says how many of them are answers.
    pub(super) fn project_entry(&self, batch: &mut OwnedWriteBatch, entry: &Entry) -> Result<u64, LedgerFault> {
        match &entry.event {
            Event::Appointments { after, .. } | Event::Imported { after, .. } => {
                self.project_appointments(batch, after)?;
            }
            Event::Adopted { version } => batch.insert(&self.meta, CONFIGURATION, version.as_bytes()),
            Event::Answered { .. } | Event::Unchanged { .. } => {}
        }
        for (id, part, sealed) in sealed_in(entry) {
            batch.insert(&self.sealed, sealed_key(id, part), sealed);
        }
        let answers = Remembered::all_of(entry);
        for answer in &answers {
            batch.insert(&self.answers, answer_key(answer.at.timestamp_millis(), &answer.repeat.key), stored(answer)?);
        }
        Ok(answers.len() as u64)
    }

    pub(super) fn project_appointments(
        &self,
        batch: &mut OwnedWriteBatch,
        after: &[Appointment],
    ) -> Result<(), LedgerFault> {
        for appointment in after {
            batch.insert(&self.appointments, appointment.id.0.as_bytes().as_slice(), stored(appointment)?);
        }
        Ok(())
    }

    pub(super) fn appointment_rows(&self) -> AppointmentRows<'_> {
        AppointmentRows { appointments: &self.appointments, sealed: &self.sealed }
    }

    /// What is sealed of an appointment, oldest part first: what the rows have, and what the rest of the journal has. The rest
    /// is as long as the rows lag behind it, so a read in a rush goes through some more entries and waits for nothing.
    pub(super) fn sealed_of(&self, id: AppointmentId) -> Result<SealedParts, LedgerFault> {
        // How far the rows go is read before them: a part that becomes a row meanwhile is found twice, and none is missed.
        let projected = self.projected()?;
        let mut parts = BTreeMap::new();
        for guard in self.sealed.prefix(id.0.as_bytes()) {
            let (key, value) = guard.into_inner().map_err(failed("read sealed data"))?;
            parts.insert(part_of(&key)?, value.to_vec());
        }
        self.read_journal(projected, &mut |sequence, bytes| {
            let entry = decoded(sequence, bytes)?;
            let of_this = sealed_in(&entry).into_iter().filter(|(of, ..)| *of == id);
            parts.extend(of_this.map(|(_, part, sealed)| (part, sealed.to_vec())));
            Ok(true)
        })?;
        Ok(parts.into_values().collect())
    }

    /// Gives every remembered answer, and how many there are.
    pub(super) fn read_answers(&self, restore: &mut dyn FnMut(Restored<'_>)) -> Result<u64, LedgerFault> {
        let mut given = 0;
        for guard in self.answers.iter() {
            let value = guard.value().map_err(failed("read a remembered answer"))?;
            restore(Restored::Answer(read("a remembered answer", &value)?));
            given += 1;
        }
        Ok(given)
    }

    /// Ids that cut the appointments into parts of about as many each, however they are spread over time: those that
    /// evenly spaced entries are about. An entry that cannot be read cuts nothing; `verify` is there to find it.
    pub(super) fn cuts(&self, last: Sequence) -> Vec<AppointmentId> {
        let parts = (last / RANGE_ENTRIES).min(RANGES_OF_ONE_PROCESSOR * processors() as u64);
        (1..parts).filter_map(|part| self.appointment_at(last / parts * part)).collect()
    }

    /// The appointment that the first entry of the batch behind this one is about.
    pub(super) fn appointment_at(&self, sequence: Sequence) -> Option<AppointmentId> {
        let (key, value) = self.journal.range(sequence.to_be_bytes()..).next()?.into_inner().ok()?;
        let entry = decoded(sequence_of(&key).ok()?, entries_of(&value).ok()?.first()?).ok()?;
        let (Event::Appointments { after, .. } | Event::Imported { after, .. }) = entry.event else { return None };
        after.first().map(|appointment| appointment.id)
    }
}

/// How many appointments an entry makes.
pub(super) fn made_by(entry: &Entry) -> u64 {
    match &entry.event {
        Event::Appointments { deed: Deed::Make, after, .. } | Event::Imported { after, .. } => after.len() as u64,
        _ => 0,
    }
}

/// What an entry brings of sealed personal data: of which appointment, which part, and the part itself. The first one, 0,
/// comes when an appointment is made, and 1 when a hold is confirmed.
fn sealed_in(entry: &Entry) -> SmallVec<[(AppointmentId, u8, &[u8]); 1]> {
    match &entry.event {
        Event::Appointments { deed, after, sealed, .. } => {
            let part = u8::from(*deed != Deed::Make);
            after.iter().zip(sealed).map(|(one, sealed)| (one.id, part, sealed.as_slice())).collect()
        }
        Event::Imported { after, sealed, .. } => {
            let of_one = after.iter().zip(sealed);
            of_one
                .flat_map(|(one, parts)| (0..).zip(parts).map(|(part, sealed)| (one.id, part, sealed.as_slice())))
                .collect()
        }
        Event::Adopted { .. } | Event::Answered { .. } | Event::Unchanged { .. } => SmallVec::new(),
    }
}

/// Which part the row with this key is.
fn part_of(key: &[u8]) -> Result<u8, LedgerFault> {
    let key: &[u8; 17] = key.try_into().map_err(|_| LedgerFault::Unreadable { what: "a key of sealed data".into() })?;
    Ok(key[16])
}

fn sealed_key(id: AppointmentId, part: u8) -> [u8; 17] {
    let mut key = [0; 17];
    key[..16].copy_from_slice(id.0.as_bytes());
    key[16] = part;
    key
}

pub(super) fn answer_key(at_ms: i64, key: &[u8; 16]) -> [u8; 24] {
    let mut row = [0; 24];
    row[..8].copy_from_slice(&at_ms.max(0).to_be_bytes());
    row[8..].copy_from_slice(key);
    row
}

impl Store {
    /// Makes every row again from a journal whose end is lost, and first removes all of them: some are of entries that are
    /// no more. A crash before the end of that leaves rows that are ahead of the journal, as they were.
    pub(super) fn make_rows_of_less(&self) -> Result<(), LedgerFault> {
        for rows in [&self.appointments, &self.sealed, &self.answers] {
            while self.remove_some(rows)? {}
        }
        // The marks too are of a history that is no more.
        self.meta.insert(STANDING, stored(&Standing::default())?).map_err(failed("write rows"))?;
        self.meta.remove(CONFIGURATION).map_err(failed("write rows"))?;
        self.database.persist(PersistMode::SyncData).map_err(failed("flush rows"))?;
        self.make_rows_again()
    }

    /// Removes the first rows of a keyspace, and says whether there were any.
    fn remove_some(&self, rows: &Keyspace) -> Result<bool, LedgerFault> {
        let mut batch = self.database.batch();
        let mut has_some = false;
        for guard in rows.iter().take(MAX_PROJECTED_ENTRIES) {
            batch.remove(rows, guard.key().map_err(failed("read rows"))?);
            has_some = true;
        }
        batch.commit().map_err(failed("write rows"))?;
        Ok(has_some)
    }

    /// Makes every row again from the whole journal. Those that are there are written over; a crash on the way leaves rows
    /// that are behind the journal, which the next start brings up to it.
    pub(super) fn make_rows_again(&self) -> Result<(), LedgerFault> {
        let marks = self.standing()?.unwrap_or_default().marks;
        let mut begin = self.database.batch();
        begin.insert(&self.meta, STANDING, stored(&Standing { marks, ..Standing::default() })?);
        begin.insert(&self.meta, PROJECTED, 0_u64.to_be_bytes());
        begin.commit().map_err(failed("write rows"))?;
        while self.project(None)? {
            self.database.persist(PersistMode::SyncData).map_err(failed("flush rows"))?;
        }
        // What is there now is what the journal makes of it.
        let count = |rows: &Keyspace| rows.len().map(|rows| rows as u64).map_err(failed("count rows"));
        let mut standing = self.standing()?.unwrap_or_default();
        (standing.appointments, standing.answers) = (count(&self.appointments)?, count(&self.answers)?);
        self.meta.insert(STANDING, stored(&standing)?).map_err(failed("write rows"))?;
        self.database.persist(PersistMode::SyncData).map_err(failed("flush rows"))
    }
}
