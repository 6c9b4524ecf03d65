//! Whose turn it is on a connection: the other end's, to send the head of a request, or this end's, to answer one.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// How long the head of a request may take to arrive, or the next request on a connection that is kept.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The turn on one connection. Clones are the same.
#[derive(Debug, Clone)]
pub struct Turn(Arc<Mutex<Option<Instant>>>);

/// Says of an answer, among its extensions, that its body comes bit by bit for as long as it likes: until it has ended, it is
/// this end's turn.
#[derive(Debug, Clone, Copy)]
pub struct Streamed;

impl Turn {
    /// A connection that has just been opened: it is the other end's turn.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Some(Instant::now()))))
    }

    /// A head has come: it is this end's turn.
    pub fn take(&self) {
        *self.0.lock() = None;
    }

    /// The request is answered: it is the other end's turn again.
    pub fn give(&self) {
        *self.0.lock() = Some(Instant::now());
    }

    /// Until when the next head must have come; none while it is this end's turn.
    pub fn ends_at(&self) -> Option<Instant> {
        self.0.lock().map(|since| since + HEAD_TIMEOUT)
    }
}
