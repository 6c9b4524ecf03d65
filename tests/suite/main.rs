//! The integration tests, one binary.

mod ledger_crash;
mod world;
