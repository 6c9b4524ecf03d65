//! The integration tests, one binary.

mod auditor;
mod cli;
mod clusters;
mod contract;
mod decision;
mod disconnects;
mod expiry;
mod failing_ledger;
mod flush;
mod handles;
mod http;
mod idempotency;
mod identities;
mod instances;
mod kill;
mod ledger_crash;
mod ledger_verify;
mod pages;
mod privacy;
mod process;
mod races;
mod readme;
mod recovery;
mod simulate;
mod transfer;
mod world;
