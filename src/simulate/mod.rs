//! A city's peak day: the release minute played against a real server, the day itself in the halls, and what the city
//! should change.
//!
//! * [`outcome`]: the numbers of a run, as plain values.
//! * [`rush`]: visitors who come to a server over HTTP when a day opens, and the auditor who judges every answer.
//! * `moment`: the day that opens; `places`: the halls of the scenario on it; `own_server`, `foreign_server`: what is
//!   played against.
//! * [`day`]: the queues of the halls on the day itself, from the bookings that were made.
//! * [`wishes`]: what the command line asks for; [`run`]: one run, from wishes to the outcome.
//! * [`advice`]: what the city should change, found by replaying lanes with the same seed; `turned_away`: where those
//!   who found no place had wanted to go.
//! * [`report`], [`summary`], [`progress`]: what a person sees, as a page, as a table and as a line while it goes on. What
//!   they share stands below them, each knowing only those before it: how numbers are written in `notation`, what is
//!   counted together in `figures`, what is made of it in `verdict`, every text in `words`.
//! * [`outputs`]: the files.
//!
//! Who comes and what they want follows from the seed alone, and so does the day itself from its bookings; who gets which
//! place in the rush is decided by a real server in real time.

pub mod advice;
pub mod day;
pub mod fault;
mod figures;
mod foreign_server;
mod moment;
mod notation;
pub mod outcome;
pub mod outputs;
mod own_server;
mod places;
pub mod progress;
pub mod report;
pub mod run;
pub mod rush;
#[cfg(test)]
mod sample;
pub mod summary;
mod turned_away;
mod verdict;
pub mod wishes;
mod words;
