//! The embedded ledger, on fjall.
//!
//! The journal has one row for each batch: its key is the number of the first entry, its value the encoded entries. That
//! row is what a commit flushes, and nothing else. A second thread, behind the hot path, projects the journal into rows
//! that a start can read quickly: appointments, their sealed personal data, remembered answers, and the number of the
//! last entry that they contain, all in one atomic write. A start projects what is left and then reads the rows, on
//! every processor.

mod appointment_rows;
pub mod data_dir;
pub mod head;
mod journal_row;
mod keeper;
mod opening;
mod reader;
mod shadow;
mod store;
mod store_log;
mod tidying;
mod whole;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use fjall::PersistMode;
use parking_lot::Mutex;

use super::digest::RunningDigest;
use super::entry::{Entry, Remembered};
use super::reading::Reader;
use super::{BatchNumber, CommitFault, Draft, Ledger, LedgerFault, Restored, Sequence, Verdicts, decoded};
use appointment_rows::{Range, Told};
use head::Mark;
use journal_row::journal_row;
use keeper::HeadKeeper;
use reader::EmbeddedReader;
use shadow::Shadow;
use store::{CONFIGURATION, Store, answer_key};
use store_log::Durable;
use tidying::Tidying;
use whole::MADE;

pub use opening::{Access, Opening, judge_parts};
pub(super) use store::{failed, read};

/// How long a remembered answer is kept, in hours: as long as a repeat may come.
pub const ANSWERS_KEPT_HOURS: i64 = 24;

/// Rows have entries that the journal has not.
fn ahead(projected: Sequence, last: Sequence) -> LedgerFault {
    let what = format!("the end of the journal, which has {last} entries where the rows have {projected},");
    LedgerFault::Unreadable { what }
}

/// The embedded ledger.
pub struct Embedded {
    store: Store,
    reader: EmbeddedReader,
    next: Sequence,
    /// The number of the last durable entry, for the tidying thread.
    last: Arc<AtomicU64>,
    /// Whether the store has failed, so that nothing may be assumed of it.
    has_failed: Arc<AtomicBool>,
    /// The head of the store; `None` if it has none, or is only read.
    head: Option<Arc<Mutex<HeadKeeper>>>,
    tidying: Option<Tidying>,
    /// The copy that is open instead of the store, where nothing can be written. It goes when the store is closed.
    shadow: Option<Shadow>,
}

impl Embedded {
    /// Opens a ledger that has a directory for itself and no head, making it if it is missing.
    ///
    /// # Errors
    /// [`LedgerFault`].
    pub fn open(path: &Path) -> Result<Self, LedgerFault> {
        store_log::mend(path, Durable::default())?;
        if !path.join(MADE).exists() {
            opening::make_store(path)?;
        }
        Self::of(Store::open(path)?)
    }

    fn of(store: Store) -> Result<Self, LedgerFault> {
        let next = store.last()? + 1;
        let (last, has_failed) = (Arc::new(AtomicU64::new(next - 1)), Arc::default());
        let reader = EmbeddedReader::new(store.clone());
        Ok(Self { store, reader, next, last, has_failed, head: None, tidying: None, shadow: None })
    }

    /// Gives every entry from the first, in order.
    ///
    /// # Errors
    /// Where an entry is missing or cannot be read, or `each` fails.
    pub fn replay(&self, each: &mut dyn FnMut(Sequence, Entry) -> Result<(), LedgerFault>) -> Result<(), LedgerFault> {
        self.store.read_journal(0, &mut |sequence, bytes| each(sequence, decoded(sequence, bytes)?).map(|()| true))
    }

    /// Gives every entry from the first, in order, and the running digest at each.
    ///
    /// # Errors
    /// As [`Embedded::replay`].
    pub(super) fn replay_with_digest(
        &self,
        each: &mut dyn FnMut(Sequence, Entry, RunningDigest) -> Result<(), LedgerFault>,
    ) -> Result<(), LedgerFault> {
        let mut digest = RunningDigest::default();
        self.store.read_journal(0, &mut |sequence, bytes| {
            digest = digest.with(bytes);
            each(sequence, decoded(sequence, bytes)?, digest).map(|()| true)
        })
    }

    /// What the head of the store and its rows say of the digest at an entry, each with a name for it.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub(super) fn marks(&self) -> Result<Vec<(&'static str, Mark)>, LedgerFault> {
        let head = self.head.as_ref().and_then(|head| head.lock().written().map(|head| ("the head", head.mark)));
        let projected = self.store.projected()?;
        let standing = self.store.standing()?;
        let rows = standing.map(|standing| ("its rows", Mark { entry: projected, digest: standing.digest }));
        Ok(head.into_iter().chain(rows).collect())
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
        self.store.read_answers(restore).map(|_| ())
    }

    /// Brings the rows up to the journal.
    ///
    /// # Errors
    /// Where the rows have more than the journal, or the store fails.
    pub(super) fn catch_up(&mut self) -> Result<(), LedgerFault> {
        let (projected, last) = (self.store.projected()?, self.next - 1);
        if projected > last {
            // New entries would get numbers that the rows have already, and would never be projected.
            return Err(ahead(projected, last));
        }
        // Each round is flushed: a power cut between two that are not might lose the first and keep the second.
        if projected == last {
            return Ok(());
        }
        self.begin_writing()?;
        let marks = self.head.as_ref().map(|head| head.lock().marks());
        while self.store.project(marks)? {
            self.store.database.persist(PersistMode::SyncData).map_err(failed("flush rows"))?;
        }
        Ok(())
    }

    /// Says in the head that the store is written to from now on, so that it may end behind it.
    fn begin_writing(&self) -> Result<(), LedgerFault> {
        self.head.as_ref().map_or(Ok(()), |head| head.lock().begin(&self.store))
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
        let (_, last_entry) = self.store.end()?;
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
        self.begin_writing()?;
        self.append_begun(entries)
    }

    /// The same, of a store that is known to be written to.
    fn append_begun(&mut self, entries: &[&[u8]]) -> Result<(), LedgerFault> {
        assert!(!entries.is_empty(), "a batch has entries");
        assert_eq!(self.last.load(Ordering::Acquire) + 1, self.next, "the journal goes on behind its last entry");
        let mut write = self.store.database.batch().durability(Some(PersistMode::SyncData));
        write.insert(&self.store.journal, self.next.to_be_bytes(), journal_row(entries));
        write
            .commit()
            .map_err(failed("flush a batch"))
            .inspect_err(|_| self.has_failed.store(true, Ordering::Release))?;
        self.next += entries.len() as u64;
        self.last.store(self.next - 1, Ordering::Release);
        Ok(())
    }
}

impl Ledger for Embedded {
    fn commit(&mut self, _: BatchNumber, batch: &[Draft<'_>]) -> Result<Verdicts, CommitFault> {
        if self.shadow.is_some() {
            let source = io::Error::from(io::ErrorKind::ReadOnlyFilesystem);
            return Err(CommitFault::NotWritten(LedgerFault::Store {
                step: "write to what is only read",
                source: source.into(),
            }));
        }
        if self.has_failed.load(Ordering::Acquire) {
            return Err(LedgerFault::Store { step: "keep its rows", source: "it has failed before".into() }.into());
        }
        self.append_begun(&batch.iter().map(|draft| draft.entry).collect::<Vec<_>>())?;
        Ok(Verdicts::AllWritten)
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(self.reader.clone())
    }

    fn expected_appointments(&self) -> usize {
        self.store.appointments.approximate_len()
    }

    fn last_instant(&mut self) -> Result<Option<DateTime<Utc>>, LedgerFault> {
        Ok(self.store.end()?.1)
    }

    fn load(&mut self, restore: &(dyn Fn(Restored<'_>) + Sync)) -> Result<(), LedgerFault> {
        if self.shadow.is_none() {
            self.begin_writing()?;
        }
        self.catch_up()?;
        let rows = self.store.appointment_rows();
        let cuts = self.store.cuts(self.next - 1);
        let appointments =
            rows.read_in_ranges(&cuts, &|appointment, sealed| restore(Restored::Appointment(appointment, sealed)))?;
        let answers = self.store.read_answers(&mut |answer| restore(answer))?;
        self.judge_counts(appointments, answers)?;
        if self.shadow.is_none() {
            self.start_tidying()?;
        }
        Ok(())
    }
}

impl Embedded {
    /// Compares how many rows there are with how many there must be, and makes all of them again if that is not the same.
    fn judge_counts(&self, appointments: u64, answers: u64) -> Result<(), LedgerFault> {
        let Some(standing) = self.store.standing()? else { return Ok(()) };
        if (appointments, answers) == (standing.appointments, standing.answers) {
            return Ok(());
        }
        tracing::error!(
            appointments,
            appointments_expected = standing.appointments,
            answers,
            answers_expected = standing.answers,
            "rows for a quick start are missing; all of them are made again from the journal"
        );
        self.store.make_rows_again()?;
        Err(LedgerFault::RowsMadeAgain)
    }

    fn start_tidying(&mut self) -> Result<(), LedgerFault> {
        let (store, last, has_failed) = (self.store.clone(), Arc::clone(&self.last), Arc::clone(&self.has_failed));
        self.tidying = Some(Tidying::start(store, last, has_failed, self.head.clone())?);
        Ok(())
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.reader.close();
        if let Some(tidying) = self.tidying.take() {
            tidying.stop();
        }
        if let Some(head) = &self.head
            && !self.has_failed.load(Ordering::Acquire)
        {
            head.lock().end(&self.store);
        }
    }
}
