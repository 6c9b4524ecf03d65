//! The embedded store on both ends.
//!
//! It is read from its rows, when they are up to the journal. It takes over by its journal, as whatever is in it: an entry
//! brings one appointment or one answer, so that everything that is bounded by a number of entries stays so.

use std::collections::HashMap;
use std::ops::Bound;

use chrono::{DateTime, TimeDelta, Utc};
use serde_bytes::ByteBuf;
use uuid::Uuid;

use super::fault::{TransferFault, answer_named, appointment_named, configuration_named};
use super::import::{CHUNK_ITEMS, is_equal};
use super::{Carried, Put, Sink, Source, TellAnswer, TellAppointment};
use crate::domain::appointment::{Appointment, AppointmentId};
use crate::ledger::LedgerFault;
use crate::ledger::commit::MAX_BATCH_ENTRIES;
use crate::ledger::embedded::data_dir::DataDir;
use crate::ledger::embedded::{ANSWERS_KEPT_HOURS, Access, Embedded, Opening};
use crate::ledger::entry::{Actor, Entry, Event, Remembered};

/// A chunk is one batch, so that all of it is durable or nothing.
const _: () = assert!(CHUNK_ITEMS <= MAX_BATCH_ENTRIES);

impl Source for Embedded {
    fn kind(&self) -> &'static str {
        "embedded"
    }

    fn appointments(&mut self, after: Option<AppointmentId>, tell: &mut TellAppointment) -> Result<(), TransferFault> {
        self.catch_up()?;
        let from = after.map_or(Bound::Unbounded, behind);
        self.tell_range((from, Bound::Unbounded), &mut |appointment, sealed| tell(&appointment, sealed))
    }

    fn answers(&mut self, tell: &mut TellAnswer) -> Result<(), TransferFault> {
        self.catch_up()?;
        let Some(latest) = self.latest()? else { return Ok(()) };
        let kept_from = latest - TimeDelta::hours(ANSWERS_KEPT_HOURS);
        self.tell_answers(kept_from, &mut |answer| tell(&answer))
    }

    fn configuration(&mut self) -> Result<Option<String>, TransferFault> {
        self.catch_up()?;
        Ok(self.adopted()?)
    }
}

/// The bound that has everything behind an id. The bounds of rows include ids from which parts begin, so this one is the
/// next id that there can be.
fn behind(id: AppointmentId) -> Bound<AppointmentId> {
    match id.0.as_u128().checked_add(1) {
        Some(next) => Bound::Included(AppointmentId(Uuid::from_u128(next))),
        None => Bound::Excluded(id),
    }
}

/// An embedded store that takes over what another one remembered. The directory is its alone, so no server has it open.
pub struct Importing<'a> {
    ledger: Embedded,
    /// The directory stays open as long as its store.
    _data: &'a DataDir,
}

impl<'a> Importing<'a> {
    /// Opens the store of a data directory, making it in a new one.
    ///
    /// # Errors
    /// [`LedgerFault`].
    pub fn open(data: &'a DataDir) -> Result<Self, LedgerFault> {
        let mut ledger = Embedded::open_in(data, Opening::to(Access::Write))?;
        ledger.catch_up()?;
        Ok(Self { ledger, _data: data })
    }

    fn commit(&mut self, entries: &[Entry]) -> Result<(), LedgerFault> {
        let encoded: Vec<_> = entries.iter().map(Entry::encode).collect();
        self.ledger.append(&encoded.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
        self.ledger.catch_up()
    }

    /// What the store has of the appointments of a chunk.
    fn there(&self, chunk: &[Carried]) -> Result<HashMap<AppointmentId, Carried>, LedgerFault> {
        let mut there = HashMap::new();
        let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else { return Ok(there) };
        let to = match behind(last.appointment.id) {
            Bound::Included(next) => Bound::Excluded(next),
            _ => Bound::Unbounded,
        };
        let mut tell = |appointment: Appointment, sealed: &[&[u8]]| {
            if chunk.binary_search_by_key(&appointment.id, |carried| carried.appointment.id).is_ok() {
                let sealed = sealed.iter().map(|part| ByteBuf::from(part.to_vec())).collect();
                there.insert(appointment.id, Carried { appointment, sealed });
            }
            Ok::<(), LedgerFault>(())
        };
        self.ledger.tell_range((Bound::Included(first.appointment.id), to), &mut tell)?;
        Ok(there)
    }
}

impl Source for Importing<'_> {
    fn kind(&self) -> &'static str {
        self.ledger.kind()
    }

    fn appointments(&mut self, after: Option<AppointmentId>, tell: &mut TellAppointment) -> Result<(), TransferFault> {
        self.ledger.appointments(after, tell)
    }

    fn answers(&mut self, tell: &mut TellAnswer) -> Result<(), TransferFault> {
        self.ledger.answers(tell)
    }

    fn configuration(&mut self) -> Result<Option<String>, TransferFault> {
        self.ledger.configuration()
    }
}

impl Sink for Importing<'_> {
    fn put_appointments(&mut self, chunk: &[Carried]) -> Result<Put, TransferFault> {
        let there = self.there(chunk)?;
        let mut entries = Vec::with_capacity(chunk.len());
        for carried in chunk {
            let id = carried.appointment.id;
            match there.get(&id) {
                None => entries.push(imported(carried.appointment.updated_at, Some(carried), None)),
                Some(stored) => {
                    let sealed: Vec<&[u8]> = stored.sealed.iter().map(|part| part.as_slice()).collect();
                    if !is_equal(carried, &stored.appointment, &sealed) {
                        return Err(TransferFault::Different { what: appointment_named(id) });
                    }
                }
            }
        }
        self.put(&entries, chunk.len())
    }

    fn put_answers(&mut self, chunk: &[Remembered]) -> Result<Put, TransferFault> {
        let mut entries = Vec::with_capacity(chunk.len());
        for answer in chunk {
            match self.ledger.answer(answer.at, &answer.repeat.key)? {
                None => entries.push(imported(answer.at, None, Some(answer))),
                Some(stored) if stored == *answer => {}
                Some(_) => return Err(TransferFault::Different { what: answer_named(answer) }),
            }
        }
        self.put(&entries, chunk.len())
    }

    fn put_configuration(&mut self, version: &str) -> Result<Put, TransferFault> {
        match self.ledger.adopted()? {
            Some(there) if there == version => self.put(&[], 1),
            Some(there) => Err(TransferFault::Different { what: configuration_named(&there) }),
            None => {
                let at = self.ledger.latest()?.unwrap_or(DateTime::UNIX_EPOCH);
                self.put(&[entry(at, Event::Adopted { version: version.to_owned() })], 1)
            }
        }
    }
}

impl Importing<'_> {
    fn put(&mut self, entries: &[Entry], of: usize) -> Result<Put, TransferFault> {
        if !entries.is_empty() {
            self.commit(entries)?;
        }
        Ok(Put { added: entries.len(), there: of - entries.len() })
    }
}

fn imported(at: DateTime<Utc>, carried: Option<&Carried>, answer: Option<&Remembered>) -> Entry {
    let after = carried.iter().map(|carried| carried.appointment).collect();
    let sealed = carried.iter().map(|carried| carried.sealed.clone()).collect();
    entry(at, Event::Imported { after, sealed, answers: answer.into_iter().cloned().collect() })
}

fn entry(at: DateTime<Utc>, event: Event) -> Entry {
    Entry { at, by: Actor::Operator, event, repeat: None }
}
