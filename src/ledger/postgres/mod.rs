//! A ledger in PostgreSQL, which several instances share: there the database is the arbiter.
//!
//! All that knows SQL, and everything about reaching a server, is in this room. An [`Address`] is read once,
//! when the configuration is; [`connect::connect`] reaches the server it names, under the protection of [`tls`]. A
//! password is in no `Debug`, no `Display`, no error and no log.
//!
//! [`store::Postgres`] writes batches, each by one call of a function that locks, judges and writes set by set, and gives
//! a verdict for each entry; what others write comes back by its tail. The tables and that function are in
//! `schema/1.sql`, and the function as it is now in `schema/3.sql`. [`transfer`] carries a whole store in and out, and [`verify`](mod@verify) audits one.

mod appointment_columns;
mod checkup;
mod columns;
pub mod connect;
mod faults;
mod keeper;
mod pages;
mod reader;
mod schema;
mod session;
pub mod store;
mod tail;
pub mod tls;
pub mod transfer;
mod values;
pub mod verify;

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::LedgerFault;
use crate::postgres_url::Address;

/// The ways to one database.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Where batches are written and everything is read.
    pub main: Arc<Address>,
    /// Where `LISTEN` is heard: the same, but past a pooler that passes no word on.
    pub listen: Arc<Address>,
    /// Whoever may change the schema, where that is another role.
    pub migration: Option<Arc<Address>>,
}

fn read<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, LedgerFault> {
    postcard::from_bytes(bytes).map_err(|error| LedgerFault::Unreadable { what: format!("{what} ({error})") })
}
