//! Whether a request says by a cookie who sends it.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// The cookies by which pages know who asks.
const NAMING_COOKIES: [&str; 2] = ["hallpass_session=", "hallpass_staff="];

/// Whether a request brings a cookie by which pages know who asks.
pub fn names_somebody(headers: &HeaderMap) -> bool {
    headers.get_all(COOKIE).iter().any(|cookies| is_named(cookies.as_bytes()))
}

/// Whether cookies bring a name: that of a person or of a member of staff.
fn is_named(cookies: &[u8]) -> bool {
    NAMING_COOKIES.iter().any(|name| cookies.windows(name.len()).any(|part| part == name.as_bytes()))
}
