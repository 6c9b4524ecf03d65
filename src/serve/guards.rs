//! What every answer tells a browser, so that nothing of it is taken for something else or read from elsewhere.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The headers of every answer: its media type is what it says (nothing is guessed), and no page of another site may load
/// it. The API is for programs and for pages of this site; neither needs more.
pub const EVERYWHERE: [(&str, &str); 2] =
    [("x-content-type-options", "nosniff"), ("cross-origin-resource-policy", "same-origin")];

/// Adds the headers of every answer.
pub fn guard(headers: &mut HeaderMap) {
    for (name, value) in EVERYWHERE {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}
