//! Whom a request is for and where it ends, judged as RFC 9112 wants it: what two parties could read in two ways is refused.

use axum::extract::Request;
use axum::http::header::{HOST, TRANSFER_ENCODING};
use axum::http::uri::Authority;
use axum::http::{StatusCode, Version};

use super::problem::Problem;

/// Judges whom a request is for (section 3.2): HTTP/1.1 names one host, and names it well.
///
/// # Errors
/// `malformed_request`.
pub fn judge_host(request: &Request) -> Result<(), Problem> {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if host.to_str().is_ok_and(is_host) => Ok(()),
        (Some(_), None) => Err(Problem::malformed("the header Host has the form NAME or NAME:PORT").closing()),
        (Some(_), Some(_)) => Err(Problem::malformed("give the header Host once").closing()),
        (None, _) if request.version() == Version::HTTP_11 => {
            Err(Problem::malformed("a request by HTTP/1.1 needs the header Host").closing())
        }
        (None, _) => Ok(()),
    }
}

/// Whether a text is a host with or without a port, and nothing else (RFC 3986, section 3.2.2 and 3.2.3).
fn is_host(text: &str) -> bool {
    let Ok(authority) = text.parse::<Authority>() else { return false };
    let (host, rest) = (authority.host(), text.strip_prefix(authority.host()));
    // A user is part of no host; what follows one is a port.
    let is_port = |rest: &str| match rest.strip_prefix(':') {
        Some(port) => port.is_empty() || port.parse::<u16>().is_ok() && port.bytes().all(|byte| byte.is_ascii_digit()),
        None => rest.is_empty(),
    };
    !host.is_empty() && rest.is_some_and(is_port)
}

/// Judges where a request ends (section 6.1): by `chunked` alone or by a length. Of a request that brings both, hyper drops the
/// length, reads by `chunked`, and closes the connection after the answer, as that section wants it.
///
/// # Errors
/// `malformed_request`, under 501 where the body comes in a coding that is not known here.
pub fn judge_framing(request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    let mut fields = headers.get_all(TRANSFER_ENCODING).iter().peekable();
    if fields.peek().is_none() {
        return Ok(());
    }
    let lists: Option<Vec<&str>> = fields.map(|field| field.to_str().ok()).collect();
    let codings: Vec<&str> = lists.iter().flatten().flat_map(|list| list.split(',')).map(str::trim).collect();
    match codings.as_slice() {
        [coding] if coding.eq_ignore_ascii_case("chunked") => Ok(()),
        [_, ..] if codings.iter().all(|coding| coding.eq_ignore_ascii_case("chunked")) => {
            Err(Problem::malformed("a body is chunked once").closing())
        }
        _ => {
            let problem = Problem::malformed("of the transfer codings only chunked is known here");
            Err(problem.with_status(StatusCode::NOT_IMPLEMENTED).closing())
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn a_host_is_a_name_with_or_without_a_port() {
        for host in ["a", "a.example", "a.example:8080", "127.0.0.1:1", "[::1]", "[::1]:8080", "a:", "A-b.C"] {
            assert!(is_host(host), "{host:?}");
        }
        for host in [
            "", ":80", "a b", "a/b", "a@b", "u:p@b:1", "a:x", "a:-1", "a:+1", "a:99999", "[::1", "a?b", "a#b",
            "http://a",
        ] {
            assert!(!is_host(host), "{host:?}");
        }
    }

    fn judged(version: Version, fields: &[(&str, &str)]) -> Result<(), (u16, bool)> {
        let request = fields
            .iter()
            .fold(Request::post("/").version(version), |request, (name, value)| request.header(*name, *value));
        let request = request.body(Body::empty()).unwrap();
        let judged = judge_host(&request).and_then(|()| judge_framing(&request));
        judged.map_err(|problem| (problem.status.as_u16(), problem.closes))
    }

    #[test]
    fn a_request_names_one_host() {
        assert_eq!(judged(Version::HTTP_11, &[("host", "a")]), Ok(()));
        assert_eq!(judged(Version::HTTP_10, &[]), Ok(()), "which HTTP/1.0 did not know");
        for fields in
            [&[][..], &[("host", "")], &[("host", "a"), ("host", "a")], &[("host", "a b")], &[("host", "\u{e9}")]]
        {
            assert_eq!(judged(Version::HTTP_11, fields), Err((400, true)), "{fields:?}");
        }
        assert_eq!(judged(Version::HTTP_10, &[("host", "a/b")]), Err((400, true)));
    }

    #[test]
    fn a_body_ends_in_one_way() {
        let check = |fields: &[(&'static str, &'static str)], expected: Result<(), u16>| {
            let fields = [&[("host", "a")], fields].concat();
            assert_eq!(judged(Version::HTTP_11, &fields), expected.map_err(|status| (status, true)), "{fields:?}");
        };
        let transfer = "transfer-encoding";
        check(&[], Ok(()));
        check(&[(transfer, "chunked")], Ok(()));
        check(&[(transfer, " Chunked ")], Ok(()));
        check(&[("content-length", "1")], Ok(()));
        for codings in ["gzip, chunked", "gzip", "identity, chunked", "identity", "x, gzip, chunked", "", "chunked;q=1"]
        {
            check(&[(transfer, codings)], Err(501));
        }
        check(&[(transfer, "gzip"), (transfer, "chunked")], Err(501));
        check(&[(transfer, "chunked, chunked")], Err(400));
        check(&[(transfer, "chunked"), (transfer, "chunked")], Err(400));
    }
}
