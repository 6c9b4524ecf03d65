//! The rules of an appointment, as values and pure functions.
//!
//! This room reads no clock, no disk and no network, logs nothing and waits for nobody: whoever asks brings the instant
//! and the snapshot. It knows no other room. What is listed and what is judged come from the same functions, so a place
//! that a list shows as free is a place that the judge gives.

pub mod applicant;
pub mod appointment;
pub mod calendar;
pub mod division;
pub mod geo;
pub mod hall;
pub mod language;
pub mod localized;
pub mod name;
pub mod policy;
pub mod reading;
pub mod rejection;
pub mod schedule;
pub mod service;
pub mod shown_code;
pub mod snapshot;
pub mod wall;
