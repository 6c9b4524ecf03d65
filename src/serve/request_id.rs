//! The id of a request: in the answer, in problem documents and in the log.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::app::sealer::drawn;

/// The header that brings an id and carries it back.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that a caller may bring.
const MAX_ID_BYTES: usize = 64;

/// Hands out ids: a random start and a counter, so that two runs of the server do not share ids.
#[derive(Debug)]
pub struct RequestIds(AtomicU64);

impl RequestIds {
    /// Ids from a random start.
    #[must_use]
    pub fn new() -> Self {
        // Without random numbers the ids of two runs coincide, which confuses nobody but a reader of logs.
        Self(AtomicU64::new(u64::from_be_bytes(drawn())))
    }

    /// The id of a request: the one that it brings, where that is a valid one, else a new one.
    pub fn of(&self, headers: &HeaderMap) -> RequestId {
        let brought = headers.get(REQUEST_ID).filter(|value| is_valid(value.as_bytes()));
        brought.cloned().map_or_else(|| self.next(), RequestId)
    }

    /// A new id.
    pub fn next(&self) -> RequestId {
        RequestId(in_hex(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

/// The id of one request: 1 to 64 characters out of letters, digits, `.`, `_` and `-`.
#[derive(Debug, Clone)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The value of the header.
    #[must_use]
    pub fn into_header(self) -> HeaderValue {
        self.0
    }
}

fn is_valid(id: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=MAX_ID_BYTES).contains(&id.len()) && id.iter().all(allowed)
}

fn in_hex(number: u64) -> HeaderValue {
    let mut digits = [0; 16];
    for (at, digit) in digits.iter_mut().enumerate() {
        *digit = b"0123456789abcdef"[(number >> (60 - 4 * at) & 15) as usize];
    }
    HeaderValue::from_bytes(&digits).expect("hexadecimal digits are visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(brought: Option<&str>) -> String {
        let mut headers = HeaderMap::new();
        if let Some(brought) = brought {
            headers.insert(REQUEST_ID, HeaderValue::from_str(brought).unwrap());
        }
        RequestIds(AtomicU64::new(0x0123_4567_89ab_cdef)).of(&headers).as_str().to_owned()
    }

    #[test]
    fn a_valid_id_is_kept_and_any_other_replaced() {
        assert_eq!(id_for(Some("Trace-1._x")), "Trace-1._x");
        assert_eq!(id_for(Some(&"x".repeat(64))), "x".repeat(64));
        for brought in [None, Some(""), Some("a b"), Some("a/b"), Some("a\"b")] {
            assert_eq!(id_for(brought), "0123456789abcdef", "{brought:?}");
        }
        assert_eq!(id_for(Some(&"x".repeat(65))), "0123456789abcdef");
    }

    #[test]
    fn ids_differ() {
        let ids = RequestIds::new();
        let headers = HeaderMap::new();
        assert_ne!(ids.of(&headers).as_str(), ids.of(&headers).as_str());
    }
}
