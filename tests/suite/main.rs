//! The integration tests, one binary.

mod http;
mod identities;
mod kill;
