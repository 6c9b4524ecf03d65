//! What may be asked, by whom, and once: state, access, input, configuration and what is counted.
//!
//! The JSON API and the pages call this room; it calls the engine. It must never know how anything is stored, and never put a
//! name, a number or an address of a person into an answer or a log unless it is masked.

pub(crate) mod access;
pub(crate) mod booking;
pub(crate) mod calendar_file;
pub(crate) mod changes;
pub(crate) mod configuration;
pub(crate) mod desk;
pub(crate) mod input;
pub(crate) mod metrics;
pub(crate) mod once;
pub(crate) mod refusal;
pub(crate) mod sealer;
pub mod state;
