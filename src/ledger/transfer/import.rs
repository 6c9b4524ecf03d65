//! From lines to a store: first the whole file is judged, beside all that the store has; then what is new is put there,
//! chunk by chunk; then both are counted.

use std::io::BufRead;

use super::fault::{TransferFault, answer_named, appointment_named, configuration_named};
use super::format::Line;
use super::reader::Reader;
use super::totals::Totals;
use super::{Carried, Put, Sink};
use crate::ledger::entry::Remembered;

/// How many appointments or answers are put at once.
pub const CHUNK_ITEMS: usize = 1_024;
/// After how many bytes of lines a chunk takes no more, in bytes.
const CHUNK_BYTES: usize = 4 << 20;

/// Judges a file to its end, and whether everything that a store has is in it. Nothing is put. Tells how many bytes have
/// been read behind each line.
///
/// # Errors
/// Where the file is cut or changed, or the store has something else.
pub fn judge<R: BufRead>(
    reader: Reader<R>,
    sink: &mut dyn Sink,
    told: &mut dyn FnMut(u64),
) -> Result<Totals, TransferFault> {
    let (after, mut walk) = (reader.header().after, Walk { reader, line: None, told });
    walk.step()?;
    sink.appointments(after, &mut |there, sealed| walk.meet_appointment(there, sealed))?;
    walk.pass(|line| matches!(line, Line::Appointment(_)))?;
    if after.is_none() {
        sink.answers(&mut |there| walk.meet_answer(there))?;
        walk.pass(|line| matches!(line, Line::Answer(_)))?;
        let there = sink.configuration()?;
        let Some(there) = there else { return walk.end() };
        match &walk.line {
            Some(Line::Configuration(version)) if *version == there => {}
            Some(_) => return Err(TransferFault::Different { what: configuration_named(&there) }),
            None => return Err(TransferFault::Foreign { what: configuration_named(&there) }),
        }
    }
    walk.end()
}

/// A file that is read beside a store, both in the same order.
struct Walk<'a, R> {
    reader: Reader<R>,
    /// The first line that the store has not been met with.
    line: Option<Line>,
    told: &'a mut dyn FnMut(u64),
}

impl<R: BufRead> Walk<'_, R> {
    fn step(&mut self) -> Result<(), TransferFault> {
        self.line = self.reader.next_line()?;
        (self.told)(self.reader.bytes());
        Ok(())
    }

    /// Passes over lines that the store has not yet.
    fn pass(&mut self, is_new: impl Fn(&Line) -> bool) -> Result<(), TransferFault> {
        while self.line.as_ref().is_some_and(&is_new) {
            self.step()?;
        }
        Ok(())
    }

    fn meet_appointment(
        &mut self,
        there: &crate::domain::appointment::Appointment,
        sealed: &[&[u8]],
    ) -> Result<(), TransferFault> {
        self.pass(|line| matches!(line, Line::Appointment(carried) if carried.appointment.id < there.id))?;
        let what = appointment_named(there.id);
        match &self.line {
            Some(Line::Appointment(carried)) if carried.appointment.id == there.id => {
                if !is_equal(carried, there, sealed) {
                    return Err(TransferFault::Different { what });
                }
            }
            _ => return Err(TransferFault::Foreign { what }),
        }
        self.step()
    }

    fn meet_answer(&mut self, there: &Remembered) -> Result<(), TransferFault> {
        let place = |answer: &Remembered| (answer.at.timestamp_millis(), answer.repeat.key);
        self.pass(|line| matches!(line, Line::Answer(answer) if place(answer) < place(there)))?;
        match &self.line {
            Some(Line::Answer(answer)) if answer == there => self.step(),
            Some(Line::Answer(answer)) if place(answer) == place(there) => {
                Err(TransferFault::Different { what: answer_named(there) })
            }
            _ => Err(TransferFault::Foreign { what: answer_named(there) }),
        }
    }

    /// Reads to the end of the file.
    fn end(mut self) -> Result<Totals, TransferFault> {
        self.pass(|_| true)?;
        Ok(self.reader.totals().clone())
    }
}

/// Whether what a file brings is what a store has.
#[must_use]
pub fn is_equal(carried: &Carried, there: &crate::domain::appointment::Appointment, sealed: &[&[u8]]) -> bool {
    carried.appointment == *there && carried.sealed.iter().map(|part| part.as_slice()).eq(sealed.iter().copied())
}

/// Puts everything that a file brings into a store, so many items at once. Whatever the store has already is passed over, so
/// after an interruption it goes on. Tells how many bytes have been read behind each chunk.
///
/// # Errors
/// [`TransferFault`]: what was put until then stays there, and the next import goes on.
///
/// # Panics
/// Where a chunk would have nothing, or more than [`CHUNK_ITEMS`].
pub fn import<R: BufRead>(
    mut reader: Reader<R>,
    sink: &mut dyn Sink,
    chunk_items: usize,
    told: &mut dyn FnMut(u64),
) -> Result<Put, TransferFault> {
    assert!((1..=CHUNK_ITEMS).contains(&chunk_items), "a chunk of {chunk_items}");
    let mut chunk = Chunk::default();
    while let Some(line) = reader.next_line()? {
        match line {
            Line::Appointment(carried) => chunk.appointments.push(*carried),
            Line::Answer(answer) => chunk.answers.push(answer),
            Line::Configuration(version) => chunk.configuration = Some(version),
            Line::End(_) => unreachable!("a reader keeps the last line to itself"),
        }
        chunk.bytes += reader.line_bytes();
        if chunk.appointments.len() + chunk.answers.len() >= chunk_items || chunk.bytes >= CHUNK_BYTES {
            chunk.put(sink)?;
            told(reader.bytes());
        }
    }
    chunk.put(sink)?;
    told(reader.bytes());
    Ok(chunk.done)
}

/// What has been read and is not put yet. Appointments come before answers, so they are put before them.
#[derive(Default)]
struct Chunk {
    appointments: Vec<Carried>,
    answers: Vec<Remembered>,
    configuration: Option<String>,
    bytes: usize,
    done: Put,
}

impl Chunk {
    fn put(&mut self, sink: &mut dyn Sink) -> Result<(), TransferFault> {
        let mut done = |put: Put| {
            self.done.added += put.added;
            self.done.there += put.there;
        };
        if !self.appointments.is_empty() {
            done(sink.put_appointments(&self.appointments)?);
        }
        if !self.answers.is_empty() {
            done(sink.put_answers(&self.answers)?);
        }
        if let Some(version) = self.configuration.take() {
            done(sink.put_configuration(&version)?);
        }
        self.appointments.clear();
        self.answers.clear();
        self.bytes = 0;
        Ok(())
    }
}
