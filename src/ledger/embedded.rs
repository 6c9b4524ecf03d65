//! The embedded ledger, on fjall.
//!
//! The journal has one row for each batch: its key is the number of the first entry, its value the encoded entries. That
//! row is what a commit flushes, and nothing else. A second thread, behind the hot path, projects the journal into rows
//! that a start can read quickly: appointments, their sealed personal data, remembered answers, and the number of the
//! last entry that they contain, all in one atomic write. A start projects what is left and then reads the rows, on
//! every processor.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fjall::config::{BlockSizePolicy, FilterPolicy};
use fjall::{Database, Keyspace, KeyspaceCreateOptions, OwnedWriteBatch, PersistMode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::appointment_rows::{AppointmentRows, Range, Told, processors};
use super::entry::{Deed, Entry, Event, Remembered};
use super::journal_row::{entries_of, journal_row, sequence_of};
use super::{BatchNumber, CommitFault, Draft, Ledger, LedgerFault, Restored, Sequence, Verdicts, decoded, store_log};
use crate::domain::appointment::{Appointment, AppointmentId};

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
/// How long the projecting thread rests between looks.
const PROJECT_EVERY: Duration = Duration::from_millis(250);
/// With more new entries than this since the last look, the ledger is busy and projecting waits for a quieter moment.
const QUIET_ENTRIES: u64 = 64;
/// How many entries the rows may lag behind the journal however busy it is: what a start has to project at most.
const MAX_LAG_ENTRIES: u64 = 262_144;
/// How many entries of the journal there are at least for each range of ids that a start reads by itself, and how many
/// ranges for each processor: some more than one, so that none waits long for another at the end, and few enough that what
/// is read twice where one ends and the next begins does not count.
const RANGE_ENTRIES: u64 = 4_096;
const RANGES_OF_ONE_PROCESSOR: u64 = 8;
/// How long a remembered answer is kept, in hours: as long as a repeat may come.
pub const ANSWERS_KEPT_HOURS: i64 = 24;
/// The file that the store makes last but for its keyspaces.
const MADE: &str = "version";
const PROJECTED: &[u8] = b"projected";
const CONFIGURATION: &[u8] = b"configuration";

/// The keyspaces of the store.
#[derive(Clone)]
struct Store {
    database: Database,
    journal: Keyspace,
    appointments: Keyspace,
    sealed: Keyspace,
    answers: Keyspace,
    meta: Keyspace,
}

pub(super) fn failed<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    step: &'static str,
) -> impl FnOnce(E) -> LedgerFault {
    move |source| LedgerFault::Store { step, source: source.into() }
}

fn stored<T: Serialize>(value: &T) -> Result<Vec<u8>, LedgerFault> {
    postcard::to_stdvec(value).map_err(failed("encode a row"))
}

pub(super) fn read<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, LedgerFault> {
    postcard::from_bytes(bytes).map_err(|error| LedgerFault::Unreadable { what: format!("{what} ({error})") })
}

impl Store {
    fn open(path: &Path) -> Result<Self, LedgerFault> {
        let builder = Database::builder(path).cache_size(CACHE_BYTES).max_journaling_size(LOG_BYTES);
        let database = builder.open().map_err(failed("open"))?;
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
        Ok(Self {
            journal: keyspace("journal", JOURNAL_MEMORY_BYTES)?,
            appointments: keyspace("appointments", ROWS_MEMORY_BYTES)?,
            sealed: keyspace("sealed", ROWS_MEMORY_BYTES)?,
            answers: keyspace("answers", ROWS_MEMORY_BYTES)?,
            meta: keyspace("meta", ROWS_MEMORY_BYTES)?,
            database,
        })
    }

    /// The number of the last entry in the journal, 0 where it is empty.
    fn last(&self) -> Result<Sequence, LedgerFault> {
        let Some(guard) = self.journal.last_key_value() else { return Ok(0) };
        let (key, value) = guard.into_inner().map_err(failed("read the journal"))?;
        Ok(sequence_of(&key)? + entries_of(&value)?.len() as u64 - 1)
    }

    /// The number of the last entry that the rows contain.
    fn projected(&self) -> Result<Sequence, LedgerFault> {
        match self.meta.get(PROJECTED).map_err(failed("read how far the rows go"))? {
            Some(value) => sequence_of(&value),
            None => Ok(0),
        }
    }

    /// Gives the entries after `after`, in order, to the end of the batch in which `each` says stop: a row is whole or
    /// not read at all, so the next replay begins where a batch begins.
    fn replay(
        &self,
        after: Sequence,
        each: &mut dyn FnMut(Sequence, Entry) -> Result<bool, LedgerFault>,
    ) -> Result<(), LedgerFault> {
        let mut expected = after + 1;
        for guard in self.journal.range(expected.to_be_bytes()..) {
            let (key, value) = guard.into_inner().map_err(failed("read the journal"))?;
            if sequence_of(&key)? != expected {
                return Err(LedgerFault::Unreadable { what: format!("the journal after entry {}", expected - 1) });
            }
            let mut go_on = true;
            for bytes in entries_of(&value)? {
                go_on &= each(expected, decoded(expected, bytes)?)?;
                expected += 1;
            }
            if !go_on {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Brings the rows up to the journal, by one atomic write of at most [`MAX_PROJECTED_ENTRIES`] and the rest of the
    /// last of their batches. Says whether more is left.
    fn project(&self) -> Result<bool, LedgerFault> {
        let after = self.projected()?;
        let mut batch = self.database.batch();
        let (mut last, mut latest) = (after, None);
        self.replay(after, &mut |sequence, entry| {
            self.project_entry(&mut batch, &entry)?;
            (last, latest) = (sequence, Some(entry.at));
            Ok((sequence - after) < MAX_PROJECTED_ENTRIES as u64)
        })?;
        let Some(latest) = latest else { return Ok(false) };
        let oldest_kept = latest - TimeDelta::hours(ANSWERS_KEPT_HOURS);
        for guard in self.answers.range(..answer_key(oldest_kept.timestamp_millis(), &[0; 16])) {
            batch.remove(&self.answers, guard.key().map_err(failed("read remembered answers"))?);
        }
        batch.insert(&self.meta, PROJECTED, last.to_be_bytes());
        batch.commit().map_err(failed("write rows"))?;
        Ok(last - after >= MAX_PROJECTED_ENTRIES as u64)
    }

    fn project_entry(&self, batch: &mut OwnedWriteBatch, entry: &Entry) -> Result<(), LedgerFault> {
        match &entry.event {
            Event::Appointments { deed, after, sealed, .. } => {
                self.project_appointments(batch, after)?;
                // Personal data comes when an appointment is made, part 0, and when a hold is confirmed, part 1.
                let part = u8::from(*deed != Deed::Make);
                for (appointment, sealed) in after.iter().zip(sealed) {
                    batch.insert(&self.sealed, sealed_key(appointment.id, part), sealed.as_slice());
                }
            }
            Event::Imported { after, sealed, .. } => {
                self.project_appointments(batch, after)?;
                for (appointment, parts) in after.iter().zip(sealed) {
                    for (part, sealed) in (0..).zip(parts) {
                        batch.insert(&self.sealed, sealed_key(appointment.id, part), sealed.as_slice());
                    }
                }
            }
            Event::Adopted { version } => batch.insert(&self.meta, CONFIGURATION, version.as_bytes()),
            Event::Answered { .. } | Event::Unchanged { .. } => {}
        }
        for answer in Remembered::all_of(entry) {
            batch.insert(&self.answers, answer_key(answer.at.timestamp_millis(), &answer.repeat.key), stored(&answer)?);
        }
        Ok(())
    }

    fn project_appointments(&self, batch: &mut OwnedWriteBatch, after: &[Appointment]) -> Result<(), LedgerFault> {
        for appointment in after {
            batch.insert(&self.appointments, appointment.id.0.as_bytes().as_slice(), stored(appointment)?);
        }
        Ok(())
    }

    fn appointment_rows(&self) -> AppointmentRows<'_> {
        AppointmentRows { appointments: &self.appointments, sealed: &self.sealed }
    }

    /// Gives every remembered answer.
    fn read_answers(&self, restore: &mut dyn FnMut(Restored<'_>)) -> Result<(), LedgerFault> {
        for guard in self.answers.iter() {
            let value = guard.value().map_err(failed("read a remembered answer"))?;
            restore(Restored::Answer(read("a remembered answer", &value)?));
        }
        Ok(())
    }

    /// Ids that cut the appointments into parts of about as many each, however they are spread over time: those that
    /// evenly spaced entries are about. An entry that cannot be read cuts nothing; `verify` is there to find it.
    fn cuts(&self, last: Sequence) -> Vec<AppointmentId> {
        let parts = (last / RANGE_ENTRIES).min(RANGES_OF_ONE_PROCESSOR * processors() as u64);
        (1..parts).filter_map(|part| self.appointment_at(last / parts * part)).collect()
    }

    /// The appointment that the first entry of the batch behind this one is about.
    fn appointment_at(&self, sequence: Sequence) -> Option<AppointmentId> {
        let (key, value) = self.journal.range(sequence.to_be_bytes()..).next()?.into_inner().ok()?;
        let entry = decoded(sequence_of(&key).ok()?, entries_of(&value).ok()?.first()?).ok()?;
        let (Event::Appointments { after, .. } | Event::Imported { after, .. }) = entry.event else { return None };
        after.first().map(|appointment| appointment.id)
    }
}

fn sealed_key(id: AppointmentId, part: u8) -> [u8; 17] {
    let mut key = [0; 17];
    key[..16].copy_from_slice(id.0.as_bytes());
    key[16] = part;
    key
}

fn answer_key(at_ms: i64, key: &[u8; 16]) -> [u8; 24] {
    let mut row = [0; 24];
    row[..8].copy_from_slice(&at_ms.max(0).to_be_bytes());
    row[8..].copy_from_slice(key);
    row
}

/// Makes a store beside its place and moves it there whole: the store itself does not open what a crash left half made.
fn make_store(path: &Path) -> Result<(), LedgerFault> {
    let fault = |source| LedgerFault::Directory { path: path.to_owned(), source };
    let fresh = path.with_added_extension("new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(fault)?;
    }
    drop(Store::open(&fresh)?);
    fs::rename(&fresh, path).map_err(fault)?;
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all()).map_err(fault)
}

/// The embedded ledger.
pub struct Embedded {
    store: Store,
    next: Sequence,
    /// The number of the last durable entry, for the projecting thread.
    last: Arc<AtomicU64>,
    projector: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl Embedded {
    /// Opens the ledger in a directory of its own, making it where it is missing.
    ///
    /// # Errors
    /// [`LedgerFault`].
    pub fn open(path: &Path) -> Result<Self, LedgerFault> {
        store_log::mend(path)?;
        if !path.join(MADE).exists() {
            make_store(path)?;
        }
        let store = Store::open(path)?;
        let next = store.last()? + 1;
        Ok(Self { store, next, last: Arc::new(AtomicU64::new(next - 1)), projector: None })
    }

    /// Gives every entry from the first, in order.
    ///
    /// # Errors
    /// Where an entry is missing or cannot be read, or `each` fails.
    pub fn replay(&self, each: &mut dyn FnMut(Sequence, Entry) -> Result<(), LedgerFault>) -> Result<(), LedgerFault> {
        self.store.replay(0, &mut |sequence, entry| each(sequence, entry).map(|()| true))
    }

    /// The number of the last entry that the stored rows contain.
    ///
    /// # Errors
    /// [`LedgerFault`].
    pub fn projected(&self) -> Result<Sequence, LedgerFault> {
        self.store.projected()
    }

    /// Gives every stored row as it is now, without bringing the rows up to the journal first.
    ///
    /// # Errors
    /// Where a row cannot be read.
    pub fn rows(&self, restore: &mut dyn FnMut(Restored<'_>)) -> Result<(), LedgerFault> {
        let rows = self.store.appointment_rows();
        rows.read(&mut |appointment, sealed| restore(Restored::Appointment(appointment, sealed)))?;
        self.store.read_answers(restore)
    }

    /// Brings the rows up to the journal.
    ///
    /// # Errors
    /// Where the rows have more than the journal, or the store fails.
    pub(super) fn catch_up(&mut self) -> Result<(), LedgerFault> {
        let (projected, last) = (self.store.projected()?, self.next - 1);
        if projected > last {
            // New entries would get numbers that the rows have already, and would never be projected.
            let what = format!("the end of the journal, which has {last} entries where the rows have {projected},");
            return Err(LedgerFault::Unreadable { what });
        }
        // Each round is flushed: a power cut between two that are not might lose the first and keep the second.
        while self.store.project()? {
            self.store.database.persist(PersistMode::SyncData).map_err(failed("flush rows"))?;
        }
        Ok(())
    }

    /// Tells of the rows of a range of appointments, in the order of ids, until it is told to stop.
    ///
    /// # Errors
    /// Where a row cannot be read, or what `tell` says.
    pub(super) fn tell_range<E: From<LedgerFault>>(&self, range: Range, tell: &mut Told<'_, E>) -> Result<(), E> {
        self.store.appointment_rows().read_range(range, tell)
    }

    /// Tells of the remembered answers from an instant on, in the order of their instants and keys, until it is told to
    /// stop.
    ///
    /// # Errors
    /// Where a row cannot be read, or what `tell` says.
    pub(super) fn tell_answers<E: From<LedgerFault>>(
        &self,
        from: DateTime<Utc>,
        tell: &mut dyn FnMut(Remembered) -> Result<(), E>,
    ) -> Result<(), E> {
        for guard in self.store.answers.range(answer_key(from.timestamp_millis(), &[0; 16])..) {
            let value = guard.value().map_err(failed("read a remembered answer"))?;
            tell(read("a remembered answer", &value)?)?;
        }
        Ok(())
    }

    /// The row of an answer.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) fn answer(&self, at: DateTime<Utc>, key: &[u8; 16]) -> Result<Option<Remembered>, LedgerFault> {
        let row = self.store.answers.get(answer_key(at.timestamp_millis(), key));
        let row = row.map_err(failed("read a remembered answer"))?;
        row.map(|value| read("a remembered answer", &value)).transpose()
    }

    /// The version of the configuration that came into force last, where an entry or a row that this program wrote says so.
    ///
    /// # Errors
    /// Where the row cannot be read.
    pub(super) fn adopted(&self) -> Result<Option<String>, LedgerFault> {
        let row = self.store.meta.get(CONFIGURATION).map_err(failed("read the version of the configuration"))?;
        let unreadable = |_| LedgerFault::Unreadable { what: "the version of the configuration".into() };
        row.map(|value| String::from_utf8(value.to_vec()).map_err(unreadable)).transpose()
    }

    /// The instant of the last entry or remembered answer, whichever is later.
    ///
    /// # Errors
    /// Where one of them cannot be read.
    pub(super) fn latest(&self) -> Result<Option<DateTime<Utc>>, LedgerFault> {
        let last_entry = match self.store.journal.last_key_value() {
            Some(guard) => {
                let (key, value) = guard.into_inner().map_err(failed("read the journal"))?;
                let last = entries_of(&value)?.last().map(|bytes| decoded(sequence_of(&key)?, bytes)).transpose()?;
                last.map(|entry| entry.at)
            }
            None => None,
        };
        let Some(guard) = self.store.answers.last_key_value() else { return Ok(last_entry) };
        let value = guard.value().map_err(failed("read a remembered answer"))?;
        let last_answer: Remembered = read("a remembered answer", &value)?;
        Ok(last_entry.max(Some(last_answer.at)))
    }

    /// Makes encoded entries durable, all or none, in this order.
    ///
    /// # Errors
    /// A fault after which nothing may be assumed.
    pub(super) fn append(&mut self, entries: &[&[u8]]) -> Result<(), LedgerFault> {
        let mut write = self.store.database.batch().durability(Some(PersistMode::SyncData));
        write.insert(&self.store.journal, self.next.to_be_bytes(), journal_row(entries));
        write.commit().map_err(failed("flush a batch"))?;
        self.next += entries.len() as u64;
        self.last.store(self.next - 1, Ordering::Release);
        Ok(())
    }

    fn start_projecting(&mut self) -> Result<(), LedgerFault> {
        let (store, stop) = (self.store.clone(), Arc::new(AtomicBool::new(false)));
        let (stopped, last) = (Arc::clone(&stop), Arc::clone(&self.last));
        let thread = std::thread::Builder::new()
            .name("projector".into())
            .spawn(move || project_until(&store, &last, &stopped))
            .map_err(failed("start a thread"))?;
        self.projector = Some((stop, thread));
        Ok(())
    }
}

/// Projects in quiet moments, so that a burst of bookings has the processors for itself.
fn project_until(store: &Store, last: &AtomicU64, stop: &AtomicBool) {
    let mut seen = last.load(Ordering::Acquire);
    let mut projected = seen;
    while !stop.load(Ordering::Acquire) {
        let now = last.load(Ordering::Acquire);
        let busy = now - seen > QUIET_ENTRIES && now - projected < MAX_LAG_ENTRIES;
        seen = now;
        if busy || now == projected {
            std::thread::park_timeout(PROJECT_EVERY);
            continue;
        }
        match store.project() {
            Ok(true) => {}
            Ok(false) => projected = now,
            Err(fault) => {
                // The journal has everything: the next start projects again.
                tracing::error!(%fault, "the rows behind the journal are no longer kept up");
                return;
            }
        }
    }
}

impl Ledger for Embedded {
    fn commit(&mut self, _: BatchNumber, batch: &[Draft<'_>]) -> Result<Verdicts, CommitFault> {
        self.append(&batch.iter().map(|draft| draft.entry).collect::<Vec<_>>())?;
        Ok(Verdicts::AllWritten)
    }

    fn expected_appointments(&self) -> usize {
        self.store.appointments.approximate_len()
    }

    fn load(&mut self, restore: &(dyn Fn(Restored<'_>) + Sync)) -> Result<(), LedgerFault> {
        self.catch_up()?;
        let rows = self.store.appointment_rows();
        let cuts = self.store.cuts(self.next - 1);
        rows.read_in_ranges(&cuts, &|appointment, sealed| restore(Restored::Appointment(appointment, sealed)))?;
        self.store.read_answers(&mut |answer| restore(answer))?;
        self.start_projecting()
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.projector.take() {
            stop.store(true, Ordering::Release);
            thread.thread().unpark();
            // A panic of that thread has been reported where it happened; the journal is whole without it.
            let _ = thread.join();
        }
    }
}
