//! The integration tests, one binary.

mod ledger_crash;
mod ledger_verify;
mod world;
