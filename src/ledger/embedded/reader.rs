//! Reads single records of the embedded store while it is written to.

use std::sync::Arc;

use parking_lot::RwLock;

use super::store::{Store, failed};
use crate::domain::appointment::AppointmentId;
use crate::ledger::reading::{Reader, SealedParts};
use crate::ledger::{Boxed, LedgerFault};

/// The store for as long as its ledger is open. A read holds the lock; who closes the ledger waits for it, so that nothing
/// has the store open then.
#[derive(Clone)]
pub struct EmbeddedReader(Arc<RwLock<Option<Store>>>);

impl std::fmt::Debug for EmbeddedReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmbeddedReader")
    }
}

impl EmbeddedReader {
    /// The reader of a store.
    pub fn new(store: Store) -> Self {
        Self(Arc::new(RwLock::new(Some(store))))
    }

    /// Reads no more: the store is being closed.
    pub fn close(&self) {
        self.0.write().take();
    }

    fn read(&self, id: AppointmentId) -> Result<SealedParts, LedgerFault> {
        let open = self.0.read();
        let closed = || LedgerFault::Store { step: "read a record", source: "it is closed".into() };
        open.as_ref().ok_or_else(closed)?.sealed_of(id)
    }
}

impl Reader for EmbeddedReader {
    fn sealed(&self, id: AppointmentId) -> Boxed<'_, Result<SealedParts, LedgerFault>> {
        let reader = self.clone();
        let read = tokio::task::spawn_blocking(move || reader.read(id));
        Box::pin(async move { read.await.map_err(failed("read a record"))? })
    }
}
