//! Paths, queries and header fields that are wrong.

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::appointments::renewal;
use super::caller::hear;
use super::test_app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_are_wrong_are_pointed_at() {
    let app = TestApp::start().await;
    let (nobody, caller, chief) = (app.nobody(), app.person(1).await, app.chief());
    let slots = "/v1/halls/east/slots?service=passport.renewal";
    for (path, pointers) in [
        ("/v1/halls?lat=NaN&lon=120", &["/lat"][..]),
        ("/v1/halls?lat=inf&lon=120", &["/lat"]),
        ("/v1/halls?lat=-Infinity&lon=nan", &["/lat", "/lon"]),
        ("/v1/halls?lat=91&lon=120", &["/lat"]),
        ("/v1/halls?lat=-90.0000001&lon=180.0000001", &["/lat", "/lon"]),
        ("/v1/halls?lat=1e1&lon=120", &["/lat"]),
        ("/v1/halls?lat=30,25&lon=120", &["/lat"]),
        ("/v1/halls?lat=&lon=", &["/lat", "/lon"]),
        ("/v1/halls?lat=30.25", &["/lon"]),
        ("/v1/halls?lon=120.21", &["/lat"]),
        ("/v1/halls?lat=30&lon=120&datum=mars", &["/datum"]),
        ("/v1/halls?datum=", &["/datum"]),
        ("/v1/halls?lat=%FF&lon=%00", &["/lat", "/lon"]),
        ("/v1/halls?lat=99999999999999999999999999999999999999999999999999&lon=0", &["/lat"]),
        ("/v1/halls?limit=0", &["/limit"]),
        ("/v1/halls?limit=10001", &["/limit"]),
        ("/v1/halls?limit=-1", &["/limit"]),
        ("/v1/halls?limit=1.5", &["/limit"]),
        ("/v1/halls?limit=99999999999999999999", &["/limit"]),
        ("/v1/halls?limit=%EF%BC%91", &["/limit"]),
        ("/v1/recommendations", &["/service"]),
        (
            "/v1/recommendations?service=passport.renewal&from=x&to=2026-02-30&lat=1&limit=21",
            &["/lon", "/from", "/to", "/limit"],
        ),
        ("/v1/recommendations?service=passport.renewal&from=2026-11-26&to=2026-11-25", &["/to"]),
        ("/v1/halls/east/slots", &["/service"]),
        (&format!("{slots}&from=2026-02-30"), &["/from"]),
        (&format!("{slots}&from=&to="), &["/from", "/to"]),
        (&format!("{slots}&from=2026-11-26&to=2026-11-25"), &["/to"]),
        (&format!("{slots}&from=2026-11-01&to=2027-01-02"), &["/to"]),
        (&format!("{slots}&from=0001-01-01&to=9999-12-31"), &["/to"]),
        (&format!("{slots}&from=99999-01-01"), &["/from"]),
    ] {
        nobody.get(path).await.refused_at(422, "invalid_field", pointers);
    }
    for path in ["limit=0", "limit=101", "limit=x", "limit="] {
        caller.get(&format!("/v1/appointments?{path}")).await.refused_at(422, "invalid_field", &["/limit"]);
    }
    let cursors = ["", "x", "AZea", "AZeaKzxNfl-Ka3yNng8aKw==", "AZeaKzxNfl-Ka3yNng8aKwAA", "%00", "%FF", "1", "null"];
    for cursor in cursors {
        let heard = caller.get(&format!("/v1/appointments?cursor={cursor}")).await;
        heard.refused_at(422, "invalid_field", &["/cursor"]);
    }
    for path in ["halls/east/days/2026-02-30", "halls/east/days/today", "halls/east/days/%20"] {
        chief.get(&format!("/v1/admin/{path}")).await.refused_at(422, "invalid_field", &["/date"]);
    }
    chief.get("/v1/admin/stats?from=x&to=y").await.refused_at(422, "invalid_field", &["/from", "/to"]);
    let reload = chief.post_nothing("/v1/admin/config/reload?dry_run=maybe").await;
    reload.refused_at(422, "invalid_field", &["/dry_run"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_are_not_there_are_refused() {
    let app = TestApp::start().await;
    let (nobody, caller, chief) = (app.nobody(), app.person(1).await, app.chief());
    for (path, pointer) in [
        ("/v1/services?x=1", "/x"),
        ("/v1/halls?Lat=1", "/Lat"),
        ("/v1/halls?lat=1&lat=2", "/lat"),
        ("/v1/halls/east?service=passport.renewal", "/service"),
        ("/v1/halls/east/slots?servíce=x", "/servíce"),
        ("/v1/halls?%00=1", "/\0"),
        ("/v1/halls?=1", "/"),
        ("/v1/halls?a/b=1", "/a~1b"),
    ] {
        nobody.get(path).await.refused_at(400, "malformed_request", &[pointer]);
    }
    caller.get("/v1/appointments?offset=1").await.refused_at(400, "malformed_request", &["/offset"]);
    caller.post("/v1/appointments?dry_run=true", &renewal("08:30")).await.refused_at(
        400,
        "malformed_request",
        &["/dry_run"],
    );
    nobody.post("/v1/session?x", &json!({})).await.refused_at(400, "malformed_request", &["/x"]);
    chief.get("/v1/admin/config?x").await.refused_at(400, "malformed_request", &["/x"]);
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 0);
    // An empty query is none.
    nobody.get("/v1/services?").await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_are_read_as_they_are_written() {
    let app = TestApp::start().await;
    let nobody = app.nobody();
    nobody.get("/v1/halls/%65ast").await.ok(200);
    for path in [
        "//",
        "/v1",
        "/v1/",
        "/v1/halls/",
        "/v1//halls",
        "/V1/halls",
        "/v1/Halls",
        "/v1/halls/east/",
        "/v1/halls/east/slots/",
        "/v2/halls",
        "/v1/halls;x=1",
        "/v1/halls%2Feast",
        "/v1%2Fhalls",
        "/v1/halls/east/slots/x",
        "/v1/%00",
        "/v1/%FF",
        "/.env",
        "/index.html",
        "/v1/session/x",
        "/v1/admin",
        "/v1/admin/",
        "/admin",
    ] {
        nobody.get(path).await.refused(404, "not_found");
    }
    for hall in [
        "x",
        "EAST",
        "east%20",
        "%20",
        "east%2Fslots",
        "%2E%2E%2Fetc",
        "%00",
        "east%00",
        "%E6%9D%AD",
        &"x".repeat(5_000),
    ] {
        nobody.get(&format!("/v1/halls/{hall}")).await.refused(404, "unknown_hall");
    }
    let caller = app.person(1).await;
    let chief = app.chief();
    for (who, path) in [
        (&nobody, "/v1/halls/%FF"),
        (&nobody, "/v1/halls/%C3%28/slots?service=passport.renewal"),
        (&caller, "/v1/appointments/%FF"),
        (&caller, "/v1/appointments/%FF/calendar.ics"),
        (&chief, "/v1/admin/halls/%FF/days/2026-11-25"),
        (&chief, "/v1/admin/halls/east/days/%FF"),
    ] {
        who.get(path).await.refused(400, "malformed_request");
    }
    for path in ["/v1/appointments/%FF/confirm", "/v1/appointments/%FF/reschedule"] {
        caller.post(path, &json!({})).await.refused(400, "malformed_request");
    }
    caller.post_nothing("/v1/appointments/%FF/cancel").await.refused(400, "malformed_request");
    chief.post_nothing("/v1/admin/appointments/%FF/serve").await.refused(400, "malformed_request");
    nobody.get("/v1/appointments/%FF").await.refused(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_that_are_not_there_are_named() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let brew = Method::from_bytes(b"BREW").unwrap();
    for (method, path, allow) in [
        (Method::DELETE, "/v1/appointments", "POST,GET,HEAD"),
        (Method::PUT, "/v1/session", "POST"),
        (Method::GET, "/v1/session", "POST"),
        (Method::HEAD, "/v1/session", "POST"),
        (Method::PATCH, "/v1/halls/east", "GET,HEAD"),
        (Method::OPTIONS, "/v1/halls", "GET,HEAD"),
        (Method::TRACE, "/v1/halls", "GET,HEAD"),
        (Method::POST, "/v1/services", "GET,HEAD"),
        (Method::GET, "/v1/appointments/x/cancel", "POST"),
        (Method::POST, "/healthz", "GET,HEAD"),
        (brew.clone(), "/v1/halls", "GET,HEAD"),
        (Method::DELETE, "/v1/admin/check-in", "POST"),
    ] {
        let heard = hear(caller.request(method.clone(), path)).await;
        assert_eq!((heard.status, heard.header("allow")), (405, allow), "{method} {path}");
        if method != Method::HEAD {
            heard.refused(405, "method_not_allowed");
        }
    }
    hear(caller.request(brew, "/v1/nothing")).await.refused(404, "not_found");
    for path in ["/v1/halls", "/v1/services", "/v1/appointments", "/healthz", "/readyz", "/metrics", "/openapi.json"] {
        let (head, get) = (hear(caller.request(Method::HEAD, path)).await, caller.get(path).await);
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

fn with(request: RequestBuilder, name: &'static str, values: &[&[u8]]) -> RequestBuilder {
    let name = HeaderName::from_static(name);
    values.iter().fold(request, |request, value| {
        let mut only = reqwest::header::HeaderMap::new();
        only.append(name.clone(), HeaderValue::from_bytes(value).unwrap());
        // `header` appends, `headers` would replace.
        request.header(name.clone(), only[&name].clone())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn header_fields_that_are_wrong_are_refused() {
    let app = TestApp::start().await;
    let (nobody, caller) = (app.nobody(), app.person(1).await);
    let long = [b"Bearer ".as_slice(), &[b'x'; 10_000]].concat();
    let tokens: [&[&[u8]]; 13] = [
        &[b""],
        &[b" "],
        &[b"Bearer"],
        &[b"Bearer "],
        &[b"Basic eDp4"],
        &[b"hp1.x"],
        &[b"Bearer x y"],
        &[b"Bearer \xff"],
        &[b"Bearer hp1."],
        &[b"Bearer hp1.AAAA"],
        &[b"Bearer x", b"Bearer x"],
        &[&long],
        &["Bearer 虚".as_bytes()],
    ];
    for values in tokens {
        let request = nobody.request(Method::GET, "/v1/appointments");
        hear(with(request, "authorization", values)).await.refused(401, "unauthenticated");
        let request = nobody.request(Method::GET, "/v1/admin/config");
        hear(with(request, "authorization", values)).await.refused(401, "unauthenticated");
    }
    let keys: [&[&[u8]]; 7] =
        [&[b""], &[&[b'x'; 129]], &[b"a b"], &[b"a\tb"], &["钥".as_bytes()], &[b"\xff"], &[b"a", b"a"]];
    for values in keys {
        let request = caller.request(Method::POST, "/v1/appointments").json(&renewal("08:30"));
        hear(with(request, "idempotency-key", values)).await.refused(400, "malformed_request");
        let request = caller.request(Method::POST, "/v1/appointments/x/cancel");
        hear(with(request, "idempotency-key", values)).await.refused(400, "malformed_request");
    }
    let body = renewal("08:30").to_string();
    let kinds: [&[&[u8]]; 10] = [
        &[],
        &[b""],
        &[b"text/plain"],
        &[b"application/x-www-form-urlencoded"],
        &[b"application/json; charset=gbk"],
        &[b"application/problem+json"],
        &[b"application/jsonp"],
        &[b"json"],
        &[b"\xff"],
        &[b"multipart/form-data; boundary=x"],
    ];
    for values in kinds {
        let request = caller.request(Method::POST, "/v1/appointments").body(body.clone());
        hear(with(request, "content-type", values)).await.refused(415, "unsupported_media_type");
    }
    let request = caller.request(Method::POST, "/v1/appointments").json(&renewal("08:30"));
    hear(request.header("content-encoding", "gzip")).await.refused(415, "unsupported_media_type");
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 0);
    let request =
        caller.request(Method::POST, "/v1/appointments").header("content-type", "APPLICATION/JSON;charset=UTF-8");
    hear(request.header("accept", "text/html").body(body)).await.ok(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_keeps_the_id_that_it_brings_where_that_is_one() {
    let app = TestApp::start().await;
    let id = async |values: &[&[u8]]| {
        let request = app.nobody().request(Method::GET, "/v1/nothing");
        hear(with(request, "x-request-id", values)).await.header("x-request-id").to_owned()
    };
    assert_eq!(id(&[b"Trace-1._x"]).await, "Trace-1._x");
    let strange: [&[u8]; 5] = [b"", b"a b", b"\xff", &[b'x'; 65], b"a\"b"];
    for strange in strange {
        assert_eq!(id(&[strange]).await.len(), 16, "{strange:?}");
    }
    assert_ne!(id(&[]).await, id(&[]).await);
}
