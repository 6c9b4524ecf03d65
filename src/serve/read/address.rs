//! The address of this server, as the client of a request reaches it.

use axum::http::HeaderMap;
use axum::http::header::HOST;

/// The longest host and port that a link is made of, in bytes.
const MAX_HOST_BYTES: usize = 255 + 6;

/// The address of a path of this server; `None` if the request names no plain host. The scheme is the one that the proxy in
/// front names, else `https`, but on loopback, where there is no proxy.
#[must_use]
pub fn address_of(headers: &HeaderMap, path: &str) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(HOST.as_str()).filter(|host| is_plain(host))?;
    let scheme = match text("x-forwarded-proto") {
        Some(scheme @ ("http" | "https")) => scheme,
        _ if is_loopback(host) => "http",
        _ => "https",
    };
    Some(format!("{scheme}://{host}{path}"))
}

fn is_plain(host: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    (1..=MAX_HOST_BYTES).contains(&host.len()) && host.bytes().all(is_part)
}

fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    name == "localhost"
        || name == "[::1]"
        || name.strip_prefix("127.").is_some_and(|rest| rest.matches('.').count() == 2)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_link_leads_to_where_the_client_came() {
        let check = |host: Option<&'static str>, proto: Option<&'static str>, expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            for (name, value) in [("host", host), ("x-forwarded-proto", proto)] {
                if let Some(value) = value {
                    headers.insert(name, HeaderValue::from_static(value));
                }
            }
            assert_eq!(address_of(&headers, "/a").as_deref(), expected, "{host:?} {proto:?}");
        };
        check(Some("yuyue.example"), None, Some("https://yuyue.example/a"));
        check(Some("yuyue.example:8443"), None, Some("https://yuyue.example:8443/a"));
        check(Some("yuyue.example"), Some("http"), Some("http://yuyue.example/a"));
        check(Some("yuyue.example"), Some("javascript"), Some("https://yuyue.example/a"));
        check(Some("127.0.0.1:8080"), None, Some("http://127.0.0.1:8080/a"));
        check(Some("localhost"), None, Some("http://localhost/a"));
        check(Some("[::1]:8080"), None, Some("http://[::1]:8080/a"));
        check(Some("localhost:8080"), Some("https"), Some("https://localhost:8080/a"));
        check(Some("localhost.example"), None, Some("https://localhost.example/a"));
        check(Some("127.evil.example"), None, Some("https://127.evil.example/a"));
        for host in ["", "a b", "a/b", "user@a", "a\\b", "杭州"] {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_bytes(host.as_bytes()).unwrap());
            assert_eq!(address_of(&headers, "/a"), None, "{host}");
        }
        check(None, None, None);
    }
}
