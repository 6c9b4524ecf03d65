//! Answers for clients that take them compressed, over the wire.

use std::io::Read as _;

use reqwest::{Method, Response};

use super::files::Files;
use super::test_app::TestApp;

const SLOTS: &str = "/v1/halls/east/slots?service=passport.renewal&from=2026-11-25&to=2026-12-24";

async fn asked(app: &TestApp, method: Method, path: &str, accepted: Option<&str>) -> Response {
    let request = app.nobody().request(method, path);
    let request = accepted.map_or(request.try_clone().unwrap(), |accepted| request.header("accept-encoding", accepted));
    request.send().await.unwrap()
}

/// The values of a header, joined.
fn field(response: &Response, name: &str) -> String {
    let values = response.headers().get_all(name).iter().map(|value| value.to_str().unwrap());
    values.collect::<Vec<_>>().join(", ")
}

fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut content).unwrap();
    content
}

#[tokio::test(flavor = "multi_thread")]
async fn listings_and_pages_are_shorter_for_who_asks_and_the_same() {
    let app = TestApp::with(Files::default()).await;
    for path in [SLOTS, "/", "/openapi.json", "/metrics"] {
        let plain = asked(&app, Method::GET, path, None).await;
        assert_eq!((plain.status().as_u16(), field(&plain, "content-encoding").as_str()), (200, ""), "{path}");
        assert!(field(&plain, "vary").contains("accept-encoding"), "{path}");
        let plain = plain.bytes().await.unwrap();
        let zipped = asked(&app, Method::GET, path, Some("br;q=1, gzip;q=0.8")).await;
        assert_eq!(field(&zipped, "content-encoding"), "gzip", "{path}");
        assert!(field(&zipped, "vary").contains("accept-encoding"), "{path}");
        let length: usize = field(&zipped, "content-length").parse().unwrap();
        let zipped = zipped.bytes().await.unwrap();
        assert_eq!(zipped.len(), length);
        let saved = plain.len() * 2 / 3;
        assert!(zipped.len() < saved, "{path}: {} of {}", zipped.len(), plain.len());
        if path == SLOTS || path == "/openapi.json" {
            assert_eq!(unzipped(&zipped), plain, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_short_or_not_wanted_stays_as_it_is() {
    let app = TestApp::start().await;
    for (path, accepted) in [
        ("/healthz", Some("gzip")),
        ("/v1/nothing", Some("gzip")),
        (SLOTS, Some("gzip;q=0")),
        (SLOTS, Some("identity, gzip;q=0.5")),
        (SLOTS, Some("br, zstd")),
        (SLOTS, None),
    ] {
        let heard = asked(&app, Method::GET, path, accepted).await;
        assert_eq!(field(&heard, "content-encoding"), "", "{path} {accepted:?}");
        assert!(field(&heard, "vary").contains("accept-encoding"), "{path} {accepted:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_tells_what_a_get_would() {
    let app = TestApp::start().await;
    for accepted in [None, Some("gzip")] {
        let get = asked(&app, Method::GET, SLOTS, accepted).await;
        let head = asked(&app, Method::HEAD, SLOTS, accepted).await;
        for name in ["content-encoding", "content-type", "vary"] {
            assert_eq!(field(&head, name), field(&get, name), "{name} {accepted:?}");
        }
        let length = field(&head, "content-length");
        assert!(length.is_empty() || length == field(&get, "content-length"), "{length} {accepted:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn static_files_come_as_the_build_has_prepared_them() {
    let app = TestApp::start().await;
    let page = app.nobody().request(Method::GET, "/").send().await.unwrap().text().await.unwrap();
    let addresses: Vec<&str> = page.split('"').filter(|part| part.starts_with("/static/")).collect();
    assert_eq!(addresses.len(), 3, "{addresses:?}");
    for address in addresses {
        let mut lengths = Vec::new();
        for (accepted, coding) in [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0", "")] {
            let heard = asked(&app, Method::GET, address, Some(accepted)).await;
            assert_eq!(field(&heard, "content-encoding"), coding, "{address}");
            assert!(field(&heard, "cache-control").contains("immutable"), "{address}");
            let length = field(&heard, "content-length");
            let head = asked(&app, Method::HEAD, address, Some(accepted)).await;
            assert_eq!(field(&head, "content-encoding"), coding, "{address}");
            assert_eq!(field(&head, "content-length"), length, "{address}");
            lengths.push(heard.bytes().await.unwrap().len());
        }
        assert!(lengths[0] <= lengths[1] && lengths[1] < lengths[2], "{address}: {lengths:?}");
    }
}
