//! Whether the body of a request has been read, and by whom it is sent.
//!
//! A connection on which a body is left unread cannot be used for another request, and hyper closes it after the answer.
//! A client that is not told sends its next request into a closed connection and never hears of it. So an answer that
//! comes before the body was read says `Connection: close` (RFC 9112, section 9.6).
//!
//! Who sends it decides out of whose room it is kept while it is on its way ([`BodyBudget`]), so it is noted as soon as the
//! head has told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::HttpBody as _;
use axum::extract::Request;
use axum::http::Extensions;

use super::body_budget::{BodyBudget, Taken};

/// A watch on the body of one request, among its extensions.
#[derive(Debug, Clone)]
pub struct BodyWatch(Arc<Watched>);

#[derive(Debug)]
struct Watched {
    was_read: AtomicBool,
    is_of_known: AtomicBool,
    budget: Arc<BodyBudget>,
}

impl BodyWatch {
    /// Watches the body of a request; `None` if it has none.
    pub fn begin(request: &mut Request, budget: &Arc<BodyBudget>) -> Option<Self> {
        if request.body().is_end_stream() {
            return None;
        }
        let (was_read, is_of_known) = (AtomicBool::new(false), AtomicBool::new(false));
        let watch = Self(Arc::new(Watched { was_read, is_of_known, budget: Arc::clone(budget) }));
        request.extensions_mut().insert(watch.clone());
        Some(watch)
    }

    /// Notes that the request with these extensions is sent by a person with a session or by staff.
    pub fn note_known(extensions: &Extensions) {
        if let Some(Self(watched)) = extensions.get() {
            watched.is_of_known.store(true, Ordering::Relaxed);
        }
    }

    /// The room that the body of the request with these extensions is kept in.
    #[must_use]
    pub fn room(extensions: &Extensions) -> Taken {
        match extensions.get::<Self>() {
            Some(Self(watched)) => {
                Taken::nothing(Some(Arc::clone(&watched.budget)), watched.is_of_known.load(Ordering::Relaxed))
            }
            None => Taken::nothing(None, false),
        }
    }

    /// Notes that the body of the request with these extensions has been read to its end.
    pub fn note_end(extensions: &Extensions) {
        if let Some(Self(watched)) = extensions.get() {
            watched.was_read.store(true, Ordering::Relaxed);
        }
    }

    /// Whether something of the body may still be on its way.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        !self.0.was_read.load(Ordering::Relaxed)
    }
}
