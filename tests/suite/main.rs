//! The integration tests, one binary.

mod idempotency;
mod ledger_crash;
mod ledger_verify;
mod world;
