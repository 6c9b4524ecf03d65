//! The integration tests, one binary.

mod auditor;
mod disconnects;
mod expiry;
mod failing_ledger;
mod idempotency;
mod ledger_crash;
mod ledger_verify;
mod races;
mod world;
