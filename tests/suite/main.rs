//! The integration tests, one binary.

mod auditor;
mod decision;
mod disconnects;
mod expiry;
mod failing_ledger;
mod flush;
mod http;
mod idempotency;
mod identities;
mod kill;
mod ledger_crash;
mod ledger_verify;
mod races;
mod world;
