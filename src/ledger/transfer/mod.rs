//! Everything that a store remembers, carried to another store through a file of JSON lines.
//!
//! [`format`] is the file. A [`Source`] is read by [`export`], which gives lines to an [`output`]; a [`reader`] reads them
//! back and judges them, and [`import`] puts them into a [`Sink`]. What a store is stays behind the two traits: here are
//! appointments, sealed texts and answers, and nothing of rows, entries or statements. Nothing here knows keys either:
//! what is sealed is carried sealed, and who wants it in clear brings what opens it.
//!
//! Invariants: a file is taken only where all of it is as it was written, and only into a store that has nothing else; a
//! store that has taken a part of it already gets the rest; what two stores have is compared by counting both.
//!
//! Tested by carrying a store to another one and back, by interrupting at every chunk, by cutting at every byte, by
//! changing every line.

mod embedded;
pub mod export;
pub mod fault;
pub mod format;
pub mod import;
pub mod output;
pub mod person;
pub mod progress;
pub mod reader;
pub mod totals;

use serde_bytes::ByteBuf;

pub use embedded::Importing;
pub use fault::TransferFault;

use super::entry::Remembered;
use crate::domain::appointment::{Appointment, AppointmentId};

/// How many sealed texts an appointment has at most: one from when it was made, one from when its hold was confirmed.
pub const MAX_SEALED_PARTS: usize = 2;

/// An appointment with its sealed personal data, oldest part first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The appointment. What may be shown of its applicant is sealed, so its mask is empty.
    pub appointment: Appointment,
    /// From 1 to [`MAX_SEALED_PARTS`] texts.
    pub sealed: Vec<ByteBuf>,
}

/// What is told of each appointment, with its sealed personal data, oldest part first. An error ends the telling.
pub type TellAppointment<'a> = dyn FnMut(&Appointment, &[&[u8]]) -> Result<(), TransferFault> + 'a;

/// What is told of each answer. An error ends the telling.
pub type TellAnswer<'a> = dyn FnMut(&Remembered) -> Result<(), TransferFault> + 'a;

/// A store that is read, while nobody changes it.
pub trait Source {
    /// The word for this kind of store in the header of a file, such as `embedded`.
    fn kind(&self) -> &'static str;

    /// Tells of every appointment whose id is greater, in ascending order of ids. Masks are empty, and instants whole
    /// milliseconds.
    ///
    /// # Errors
    /// A fault of the store, or what `tell` says.
    fn appointments(&mut self, after: Option<AppointmentId>, tell: &mut TellAppointment) -> Result<(), TransferFault>;

    /// Tells of every answer that a repeat may still ask for, in ascending order of its instant and then of its key.
    /// Whether it may is counted back from the latest instant that the store knows, not from now: the same store tells
    /// the same answers whenever it is asked.
    ///
    /// # Errors
    /// As [`Source::appointments`].
    fn answers(&mut self, tell: &mut TellAnswer) -> Result<(), TransferFault>;

    /// The version of the configuration that came into force last, where the store knows it.
    ///
    /// # Errors
    /// A fault of the store.
    fn configuration(&mut self) -> Result<Option<String>, TransferFault>;
}

/// How much of a chunk was new to a store; the rest was there already and is equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Put {
    /// What was put there.
    pub added: usize,
    /// What was there.
    pub there: usize,
}

/// A store that takes over what another one remembered. Everything that a `put` has returned from is durable. Each puts all
/// that is new of its chunk or nothing, and can be repeated.
pub trait Sink: Source {
    /// Puts appointments with their sealed data, in ascending order of their ids, at most [`import::CHUNK_ITEMS`].
    ///
    /// # Errors
    /// [`TransferFault::Different`] where one is there and is not equal, and nothing of the chunk was put then; a fault of
    /// the store.
    fn put_appointments(&mut self, chunk: &[Carried]) -> Result<Put, TransferFault>;

    /// Puts answers, in ascending order of their instants and keys, at most [`import::CHUNK_ITEMS`].
    ///
    /// # Errors
    /// As [`Sink::put_appointments`].
    fn put_answers(&mut self, chunk: &[Remembered]) -> Result<Put, TransferFault>;

    /// Puts the version of the configuration that came into force last.
    ///
    /// # Errors
    /// As [`Sink::put_appointments`].
    fn put_configuration(&mut self, version: &str) -> Result<Put, TransferFault>;
}
