//! The HTTP API from outside: the real server on a port of its own, with a clock that the test sets.

mod agreement;
mod appointments;
mod bad_bodies;
mod bad_heads;
mod bad_queries;
mod calendar_file;
mod caller;
mod changes;
mod compression;
mod description;
mod desk_steps;
mod failing;
mod files;
mod fuzz;
mod heard;
mod idempotency;
mod judgement;
mod metrics;
mod openapi;
mod problems;
mod promises;
mod public;
mod reload;
mod rules;
mod session;
mod staff;
mod test_app;
mod wire;

pub use appointments::{booking, hold, id, renewal};
pub use caller::{Caller, Door, hear};
pub use files::{CHIEF, DESK, Files};
pub use heard::{Heard, merged};
pub use test_app::{TestApp, unwatched};
pub use wire::{answers, exchange};
