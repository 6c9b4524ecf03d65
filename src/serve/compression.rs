//! Answers made shorter for clients that ask for it (RFC 9110, sections 8.4 and 12.5.3).
//!
//! Pages and listings are compressed as they are made, by gzip at one of its quickest levels, as they are asked for by
//! thousands at once. Static files are prepared when the program is built. What comes bit by bit, such as live numbers, stays as it is,
//! and so does what is too short to gain from it. Nothing here has an `ETag`, so no validator can name two forms.
//!
//! *What is secret stays so.* How well a page is compressed tells whether a text that somebody chose is in it a second time
//! (BREACH). That takes a victim's browser that asks for pages of another's choice with the victim's cookies. So what is
//! asked for with a cookie that names somebody is compressed only where the browser says that a page of this site, or the
//! visitor, asks for it; the marks of forms are under another pad in every answer; and answers of the API are asked for with
//! a token, which no browser adds by itself.

use std::io::Write as _;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt as _;

use super::cookies::names_somebody;
use super::deadline::Streamed;

/// From how many bytes on an answer is compressed: less fits into one packet as it is.
pub const MIN_COMPRESSED_BYTES: usize = 1_024;
/// How hard gzip tries. At 2 a month of a hall's slots takes 54 µs and a page some 55 µs; at 1 they take 10 to 25 µs less and a
/// sixth more bytes, at the usual 6 half as much time again for a twentieth fewer bytes.
const LEVEL: Compression = Compression::new(2);
/// What is text, by the beginning of its media type.
const TEXTS: [&str; 5] =
    ["text/", "application/json", "application/problem+json", "application/openmetrics-text", "image/svg+xml"];
/// Header fields have at most 16 KiB together, so there are never many codings; more than these are passed over.
const MAX_CODINGS: usize = 32;

/// A coding of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// None.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
}

impl Coding {
    /// The name of the coding in a header; `None` for none.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    fn is_named(self, name: &str) -> bool {
        let other_names: &[&str] = match self {
            Self::Identity => &["identity"],
            // A name that recipients take for gzip (RFC 9110, section 8.4.1.3).
            Self::Gzip => &["gzip", "x-gzip"],
            Self::Brotli => &["br"],
        };
        other_names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// The coding that a client likes best among those that are offered, the first of them where it likes several as much.
#[must_use]
pub fn chosen(headers: &HeaderMap, offered: &[Coding]) -> Coding {
    let lists = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    let wishes: Vec<(&str, u16)> = lists.flat_map(|list| list.split(',')).filter_map(wish).take(MAX_CODINGS).collect();
    let named = |coding: Coding| wishes.iter().find(|(name, _)| coding.is_named(name)).map(|(_, weight)| *weight);
    let others = wishes.iter().find(|(name, _)| *name == "*").map(|(_, weight)| *weight);
    // What nobody has named is taken as it is, but liked less than what was named.
    let as_it_is = named(Coding::Identity).or(others.filter(|weight| *weight == 0)).unwrap_or(1);
    let weighed = offered.iter().map(|coding| (*coding, named(*coding).or(others).unwrap_or(0)));
    let best = weighed.rev().max_by_key(|(_, weight)| *weight);
    best.filter(|(_, weight)| *weight > 0 && *weight >= as_it_is).map_or(Coding::Identity, |(coding, _)| coding)
}

/// A coding and its weight in thousandths; `None` for what is not written as one.
fn wish(text: &str) -> Option<(&str, u16)> {
    let (name, weight) = text.split_once(';').map_or((text, None), |(name, weight)| (name, Some(weight)));
    let name = name.trim();
    let weight = match weight {
        None => 1_000,
        Some(weight) => weight_of(weight.trim().strip_prefix(['q', 'Q'])?.trim_start().strip_prefix('=')?.trim())?,
    };
    (!name.is_empty()).then_some((name, weight))
}

/// A weight in thousandths (RFC 9110, section 12.4.2).
fn weight_of(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_short = part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths: u16 = format!("{part:0<3}").parse().ok().filter(|_| is_short)?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1_000),
        _ => None,
    }
}

/// Says that an answer depends on the codings that the client takes.
pub fn vary_by_coding(headers: &mut HeaderMap) {
    let names = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains("accept-encoding"));
    if !headers.get_all(VARY).iter().any(names) {
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    }
}

/// What the one who asks wants of the answer's form.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    coding: Coding,
    is_head: bool,
}

impl Wanted {
    /// By a request.
    #[must_use]
    pub fn by(request: &Request) -> Self {
        let may_be_compressed = !is_asked_by_another(request.headers());
        let coding = if may_be_compressed { chosen(request.headers(), &[Coding::Gzip]) } else { Coding::Identity };
        Self { coding, is_head: request.method() == Method::HEAD }
    }

    /// An answer in the form that is wanted.
    pub async fn compressed(self, mut response: Response) -> Response {
        if !is_text(&response) {
            return response;
        }
        vary_by_coding(response.headers_mut());
        if self.coding == Coding::Identity || length_of(&response, self.is_head) < MIN_COMPRESSED_BYTES {
            return response;
        }
        let (mut head, body) = response.into_parts();
        head.headers.remove(CONTENT_LENGTH);
        let gzip = HeaderValue::from_static("gzip");
        if self.is_head {
            // As a GET would be answered, but for the length, which is known only when the answer is made.
            head.headers.insert(CONTENT_ENCODING, gzip);
            return Response::from_parts(head, body);
        }
        // The body is here already, so nothing waits.
        let Ok(content) = body.collect().await else { return Response::from_parts(head, Body::empty()) };
        let content = content.to_bytes();
        let body = match gzipped(&content) {
            Some(shorter) if shorter.len() < content.len() => {
                head.headers.insert(CONTENT_ENCODING, gzip);
                Body::from(shorter)
            }
            _ => Body::from(content),
        };
        Response::from_parts(head, body)
    }
}

/// Whether a page of another site may have chosen what is asked for in the name of the visitor: the browser says so, or is
/// too old to say.
fn is_asked_by_another(headers: &HeaderMap) -> bool {
    let by = headers.get(HeaderName::from_static("sec-fetch-site")).map(HeaderValue::as_bytes);
    names_somebody(headers) && !matches!(by, Some(b"same-origin" | b"none"))
}

/// Whether an answer is a text that is there as a whole.
fn is_text(response: &Response) -> bool {
    let headers = response.headers();
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_whole = response.status() != StatusCode::PARTIAL_CONTENT
        && !headers.contains_key(CONTENT_RANGE)
        && response.extensions().get::<Streamed>().is_none()
        && response.body().size_hint().exact().is_some();
    is_whole && !headers.contains_key(CONTENT_ENCODING) && TEXTS.iter().any(|text| media_type.starts_with(text))
}

/// How many bytes an answer has, or would have if it were not asked for its head only.
fn length_of(response: &Response, is_head: bool) -> usize {
    if is_head {
        let length = response.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        return length.and_then(|length| length.parse().ok()).unwrap_or(0);
    }
    usize::try_from(response.body().size_hint().lower()).unwrap_or(usize::MAX)
}

/// Bytes in the form of gzip; `None` never, as memory takes whatever is written.
fn gzipped(content: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(content.len() / 4), LEVEL);
    encoder.write_all(content).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::Coding::{Brotli, Gzip, Identity};
    use super::*;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        fields.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_client_gets_the_coding_that_it_likes_best() {
        let check = |accepted: &str, expected: (Coding, Coding)| {
            let headers = headers(&[("accept-encoding", accepted)]);
            let both = chosen(&headers, &[Coding::Brotli, Coding::Gzip]);
            assert_eq!((both, chosen(&headers, &[Coding::Gzip])), expected, "{accepted:?}");
        };
        check("", (Identity, Identity));
        check("gzip", (Gzip, Gzip));
        check("GZIP", (Gzip, Gzip));
        check("x-gzip", (Gzip, Gzip));
        check("gzip, deflate, br, zstd", (Brotli, Gzip));
        check("br;q=0.5, gzip;q=0.8", (Gzip, Gzip));
        check("br;q=0.5 , gzip ; q=0.5", (Brotli, Gzip));
        check("gzip;q=0", (Identity, Identity));
        check("gzip;q=0.000, *", (Brotli, Identity));
        check("*", (Brotli, Gzip));
        check("*;q=0", (Identity, Identity));
        check("*;q=0.5, br;q=0", (Gzip, Gzip));
        check("identity;q=1, gzip;q=0.5", (Identity, Identity));
        check("identity;q=0.5, gzip;q=0.5", (Gzip, Gzip));
        check("identity;q=0, gzip;q=0.001", (Gzip, Gzip));
        check("deflate, zstd", (Identity, Identity));
        for nonsense in ["gzip;q=2", "gzip;q=1.001", "gzip;q=0.0001", "gzip;q=x", "gzip;level=9", ";q=1", "gzip;q=.5"] {
            check(nonsense, (Identity, Identity));
        }
        assert_eq!(chosen(&HeaderMap::new(), &[Coding::Gzip]), Identity);
    }

    fn asked(method: Method, fields: &[(&'static str, &str)]) -> Wanted {
        let mut request = Request::builder().method(method).uri("/").body(Body::empty()).unwrap();
        *request.headers_mut() = headers(fields);
        Wanted::by(&request)
    }

    fn answer(media_type: &'static str, length: usize) -> Response {
        let mut response = Response::new(Body::from("a".repeat(length)));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
        response
    }

    const GZIP: (&str, &str) = ("accept-encoding", "gzip");
    const HTML: &str = "text/html; charset=utf-8";

    #[tokio::test]
    async fn a_long_text_is_compressed_and_says_so() {
        let heard = asked(Method::GET, &[GZIP]).compressed(answer(HTML, 5_000)).await;
        assert_eq!(heard.headers()[CONTENT_ENCODING], "gzip");
        assert_eq!(heard.headers()[VARY], "accept-encoding");
        assert!(!heard.headers().contains_key(CONTENT_LENGTH), "which the length of before would be");
        let bytes = heard.into_body().collect().await.unwrap().to_bytes();
        let mut text = String::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        assert!(text == "a".repeat(5_000) && bytes.len() < 100);
    }

    #[tokio::test]
    async fn what_is_not_compressed_is_left_alone() {
        let wanted = asked(Method::GET, &[GZIP]);
        for (response, varies) in [
            (answer(HTML, MIN_COMPRESSED_BYTES - 1), true),
            (answer("image/png", 5_000), false),
            (answer("application/octet-stream", 5_000), false),
        ] {
            let length = response.headers()[CONTENT_LENGTH].clone();
            let heard = wanted.compressed(response).await;
            assert!(!heard.headers().contains_key(CONTENT_ENCODING), "{heard:?}");
            assert_eq!((&heard.headers()[CONTENT_LENGTH], heard.headers().contains_key(VARY)), (&length, varies));
        }
        let mut streamed = answer("text/event-stream", 5_000);
        streamed.extensions_mut().insert(Streamed);
        assert!(!wanted.compressed(streamed).await.headers().contains_key(CONTENT_ENCODING));
        let mut prepared = answer(HTML, 5_000);
        prepared.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
        assert_eq!(wanted.compressed(prepared).await.headers()[CONTENT_ENCODING], "br");
        let plain = asked(Method::GET, &[]).compressed(answer(HTML, 5_000)).await;
        assert_eq!(plain.headers()[VARY], "accept-encoding", "also what was not compressed depends on it");
        assert!(!plain.headers().contains_key(CONTENT_ENCODING));
    }

    #[tokio::test]
    async fn a_head_is_answered_as_a_get_would_be() {
        let head = |length: usize| {
            let (mut parts, _) = answer(HTML, length).into_parts();
            parts.headers.insert(CONTENT_LENGTH, length.into());
            Response::from_parts(parts, Body::empty())
        };
        let heard = asked(Method::HEAD, &[GZIP]).compressed(head(5_000)).await;
        assert_eq!(heard.headers()[CONTENT_ENCODING], "gzip");
        assert!(!heard.headers().contains_key(CONTENT_LENGTH));
        let short = asked(Method::HEAD, &[GZIP]).compressed(head(100)).await;
        assert_eq!(short.headers()[CONTENT_LENGTH], "100");
    }

    #[tokio::test]
    async fn what_another_site_asks_for_in_somebodys_name_is_not_compressed() {
        let named = ("cookie", "hallpass_session=x");
        for (fields, is_compressed) in [
            (&[GZIP, named, ("sec-fetch-site", "same-origin")][..], true),
            (&[GZIP, named, ("sec-fetch-site", "none")], true),
            (&[GZIP, named, ("sec-fetch-site", "cross-site")], false),
            (&[GZIP, named, ("sec-fetch-site", "same-site")], false),
            (&[GZIP, named], false),
            (&[GZIP, ("cookie", "hallpass_staff=x"), ("sec-fetch-site", "cross-site")], false),
            (&[GZIP, ("cookie", "hallpass_visitor=x"), ("sec-fetch-site", "cross-site")], true),
            (&[GZIP, ("sec-fetch-site", "cross-site")], true),
        ] {
            let heard = asked(Method::GET, fields).compressed(answer(HTML, 5_000)).await;
            assert_eq!(heard.headers().contains_key(CONTENT_ENCODING), is_compressed, "{fields:?}");
        }
    }
}
