//! Answers that are no pages: where to go next, and how an address is written.

use axum::body::Body;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

/// Sends the browser to another page of this site with a GET (RFC 9110, section 15.4.4).
#[must_use]
pub fn see_other(path: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let path = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, path);
    response
}

/// A text as the value of a parameter in an address.
#[must_use]
pub fn percent(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A path of this site that a request names; the start page for anything else, so that nobody is sent elsewhere.
#[must_use]
pub fn own_path(path: Option<&str>, otherwise: &str) -> String {
    let is_own = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && !path.starts_with("/\\")
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    path.filter(is_own).unwrap_or(otherwise).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_site_is_followed() {
        let check = |path: &str, expected: &str| assert_eq!(own_path(Some(path), "/"), expected, "{path:?}");
        check("/appointments?a=b", "/appointments?a=b");
        for elsewhere in ["//evil", "https://evil", "/\\evil", "evil", "", "/a b", "/a\r\nx: y", "/\u{e9}"] {
            check(elsewhere, "/");
        }
        assert_eq!(own_path(None, "/staff"), "/staff");
    }

    #[test]
    fn a_place_to_go_has_no_body() {
        let response = see_other("/appointments");
        assert_eq!(response.status(), 303);
        assert_eq!(response.headers()[LOCATION], "/appointments");
    }
}
