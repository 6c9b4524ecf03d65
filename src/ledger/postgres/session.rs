//! A session with the database that is opened again when it is lost.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio_postgres::{Client, Error};

use super::connect::connect;
use super::faults::failed;
use crate::ledger::LedgerFault;
use crate::postgres_url::Address;

/// How long one question may take at most; a session that does not answer within that is given up.
pub const MAX_ANSWER: Duration = Duration::from_secs(10);

/// Waits for an answer, for at most so long.
///
/// # Errors
/// The fault of the database, or that it was silent.
pub async fn within<T>(
    limit: Duration,
    step: &'static str,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, LedgerFault> {
    let answered = tokio::time::timeout(limit, answer).await;
    answered.map_err(|_| silent(limit, step))?.map_err(failed(step))
}

/// The fault that nothing was answered in time.
pub fn silent(limit: Duration, step: &'static str) -> LedgerFault {
    LedgerFault::Store { step, source: format!("no answer within {} s", limit.as_secs()).into() }
}

/// Where the database is, and the session with it where there is one.
#[derive(Debug)]
pub struct Session {
    address: Arc<Address>,
    open: Option<Open>,
}

/// A session that is open. Whoever drops it ends it.
#[derive(Debug)]
pub struct Open {
    client: Client,
    link: AbortHandle,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.link.abort();
    }
}

impl Session {
    /// No session yet.
    pub const fn new(address: Arc<Address>) -> Self {
        Self { address, open: None }
    }

    /// The client of the session, which is opened where it is missing.
    ///
    /// # Errors
    /// Where no server is reached.
    pub async fn client(&mut self) -> Result<&mut Client, LedgerFault> {
        if self.open.as_ref().is_none_or(|open| open.client.is_closed()) {
            self.open = None;
            let reached = connect(&self.address).await;
            let (client, link) =
                reached.map_err(|source| LedgerFault::Store { step: "reach the database", source: source.into() })?;
            let link = tokio::spawn(async move {
                // What ends it fails whatever is asked next.
                let _ = link.await;
            });
            self.open = Some(Open { client, link: link.abort_handle() });
        }
        Ok(&mut self.open.as_mut().expect("it has just been opened").client)
    }

    /// The client of the session that is open already, with the transaction that has begun on it: another session would
    /// see another state.
    ///
    /// # Errors
    /// Where it is lost.
    pub fn current(&self) -> Result<&Client, LedgerFault> {
        let open = self.open.as_ref().filter(|open| !open.client.is_closed());
        let lost =
            || LedgerFault::Store { step: "go on reading", source: "the connection is lost; begin again".into() };
        open.map(|open| &open.client).ok_or_else(lost)
    }

    /// Gives the session up.
    pub fn close(&mut self) {
        self.open = None;
    }
}
