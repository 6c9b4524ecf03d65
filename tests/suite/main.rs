//! The integration tests, one binary.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "who reads what a test says is who runs it")]

mod auditor;
mod cli;
mod closed_ends;
mod clusters;
mod contract;
mod decision;
mod disconnects;
mod documents;
mod expiry;
mod failing_ledger;
mod flush;
mod handles;
mod head;
mod hints;
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
mod reading;
mod readme;
mod recovery;
mod simulate;
mod small_disk;
mod staff_changes;
mod starting;
mod tidy;
mod transfer;
mod world;
