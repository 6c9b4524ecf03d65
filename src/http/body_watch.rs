//! Whether the body of a request has been read.
//!
//! A connection on which a body is left unread cannot be used for another request, and hyper closes it after the answer.
//! A client that is not told sends its next request into a closed connection and never hears of it. So an answer that
//! comes before the body was read says `Connection: close` (RFC 9112, section 9.6).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::HttpBody as _;
use axum::extract::Request;
use axum::http::Extensions;

/// A watch on the body of one request, among its extensions.
#[derive(Debug, Clone)]
pub struct BodyWatch(Arc<AtomicBool>);

impl BodyWatch {
    /// Watches the body of a request; none where it has none.
    pub fn begin(request: &mut Request) -> Option<Self> {
        if request.body().is_end_stream() {
            return None;
        }
        let watch = Self(Arc::default());
        request.extensions_mut().insert(watch.clone());
        Some(watch)
    }

    /// Notes that the body of the request with these extensions has been read to its end.
    pub fn note_end(extensions: &Extensions) {
        if let Some(Self(was_read)) = extensions.get() {
            was_read.store(true, Ordering::Relaxed);
        }
    }

    /// Whether something of the body may still be on its way.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}
