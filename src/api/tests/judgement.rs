//! In which order a call is judged, and what every answer has.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderValue;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{House, JSON, OTHERS, booking, noon, person, request};
use crate::app::access::throttle::WRITE_BURST;
use crate::clock::Clock;

#[tokio::test]
async fn before_the_engine_is_there_only_the_probes_answer() {
    let house = House::closed();
    assert_eq!(house.get("/healthz", "").await.body, json!({"status": "up"}));
    let ready = house.get("/readyz", "").await;
    assert_eq!((ready.status, &ready.body["status"]), (503, &json!("recovering")));
    for path in ["/v1/services", "/v1/halls/x", "/openapi.json", "/nothing"] {
        let heard = house.get(path, "").await;
        assert_eq!(
            (heard.code(), &heard.headers["retry-after"]),
            ((503, "overloaded"), &"1".parse().unwrap()),
            "{path}"
        );
    }

    let house = House::open().await;
    let ready = house.get("/readyz", "").await;
    assert_eq!((ready.status, &ready.body["status"], &ready.body["identity"]), (200, &json!("ready"), &json!("demo")));
    assert!(ready.body["version"].as_str().unwrap().len() > 6 && ready.body["warning"].is_string());
}

#[tokio::test]
async fn what_is_not_there_is_said_so() {
    let house = House::open().await;
    for path in ["/", "/v1", "/v1/halls/", "/v1/appointments/x/y", "/V1/halls", "/v1/admin"] {
        assert_eq!(house.get(path, "").await.code(), (404, "not_found"), "{path}");
    }
    for (path, allow) in [
        ("/v1/halls", "GET,HEAD"),
        ("/v1/session", "POST"),
        ("/v1/appointments", "POST,GET,HEAD"),
        ("/healthz", "GET,HEAD"),
    ] {
        let heard = house.ask(request("DELETE", path, "", None, Bytes::new())).await;
        assert_eq!((heard.code(), heard.headers["allow"].to_str().unwrap()), ((405, "method_not_allowed"), allow));
    }
    let missing = "01979a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b";
    for (id, code) in [
        ("x", (404, "unknown_appointment")),
        (missing, (404, "unknown_appointment")),
        ("%FF", (400, "malformed_request")),
    ] {
        assert_eq!(house.get(&format!("/v1/appointments/{id}"), &house.session).await.code(), code);
        assert_eq!(house.tell(&format!("/v1/appointments/{id}/cancel"), &house.session).await.code(), code);
        assert_eq!(house.tell(&format!("/v1/admin/appointments/{id}/serve"), "hps.chief").await.code(), code);
    }
}

#[tokio::test]
async fn an_id_of_a_request_comes_back() {
    let house = House::open().await;
    let mut brought = request("GET", "/healthz", "", None, Bytes::new());
    brought.headers_mut().insert("x-request-id", HeaderValue::from_static("trace-1"));
    assert_eq!(house.ask(brought).await.headers["x-request-id"], "trace-1");
    assert_eq!(house.get("/healthz", "").await.headers["x-request-id"].len(), 16);
}

#[tokio::test]
async fn who_calls_is_judged_first() {
    let house = House::open().await;
    let book = |token: &str| request("POST", "/v1/appointments?x=1", token, None, "no json");
    for token in ["", "nonsense", "hp1.nonsense"] {
        let heard = house.ask(book(token)).await;
        assert_eq!(heard.code(), (401, "unauthenticated"), "{token}");
        assert_eq!(heard.headers["www-authenticate"], "Bearer realm=\"hallpass\"");
    }
    assert_eq!(house.ask(book("hps.chief")).await.code(), (403, "forbidden"));
    assert_eq!(house.ask(book(&house.session)).await.code(), (400, "malformed_request"));

    for token in ["", "nonsense", "hp1.nonsense"] {
        assert_eq!(house.tell("/v1/admin/check-in", token).await.code(), (401, "unauthenticated"), "{token}");
    }
    assert_eq!(house.tell("/v1/admin/check-in", &house.session).await.code(), (403, "forbidden"), "a person");

    house.clock.set(noon() + TimeDelta::hours(12));
    let heard = house.get("/v1/appointments", &house.session).await;
    assert_eq!(heard.code(), (401, "unauthenticated"));
    assert!(heard.body["detail"].as_str().unwrap().contains("ended"), "{}", heard.text);
}

#[tokio::test]
async fn syntax_comes_before_names_and_names_before_fields_and_fields_before_rules() {
    let house = House::open().await;
    let check = async |content_type, body: Vec<u8>, code: (u16, &str), pointers: &[&str]| {
        let heard = house.ask(request("POST", "/v1/appointments", &house.session, content_type, body)).await;
        assert_eq!((heard.code(), heard.pointers().as_slice()), (code, pointers), "{}", heard.text);
    };
    let malformed = (400, "malformed_request");
    check(None, b"{}".to_vec(), (415, "unsupported_media_type"), &[]).await;
    check(Some("text/plain"), b"{}".to_vec(), (415, "unsupported_media_type"), &[]).await;
    check(Some(JSON), vec![b' '; 65_537], (413, "too_large"), &[]).await;
    check(Some(JSON), b"".to_vec(), malformed, &[]).await;
    check(Some(JSON), b"{\"hall\":\"\xff\"}".to_vec(), malformed, &[]).await;

    let json = async |changes: Value, code, pointers: &[&str]| {
        check(Some(JSON), booking(changes).to_string().into_bytes(), code, pointers).await;
    };
    json(json!({"hold": 1, "hall": "x"}), malformed, &["/hold"]).await;
    json(json!({"colour": 1, "hall": "x"}), malformed, &["/colour"]).await;
    json(json!({"hall": "x", "service": "y", "date": "z"}), (404, "unknown_hall"), &[]).await;
    json(json!({"service": "y", "date": "z"}), (404, "unknown_service"), &[]).await;
    json(json!({"date": "2026-02-30", "start": "8:30"}), (422, "invalid_field"), &["/date", "/start"]).await;
    json(json!({"applicants": vec![person(OTHERS[0]); 6]}), (422, "party_too_large"), &["/applicants"]).await;
    let twice = ["/applicants/1/id_number"];
    json(json!({"applicants": vec![person(OTHERS[0]); 2]}), (422, "duplicate_applicant"), &twice).await;
    json(json!({"date": "2026-11-23", "start": "08:31"}), (422, "past"), &[]).await;
    json(json!({"date": "2026-11-24", "start": "08:31"}), (422, "same_day"), &[]).await;
    json(json!({"date": "2027-11-24", "start": "08:31"}), (422, "beyond_window"), &[]).await;
    json(json!({"start": "08:31"}), (422, "no_such_band"), &[]).await;
}

#[tokio::test]
async fn a_call_without_a_body_takes_none() {
    let house = House::open().await;
    let cancel = |body: &'static str| request("POST", "/v1/appointments/x/cancel", &house.session, None, body);
    for (body, status) in [("", 404), ("{}", 404), (" { } ", 404), ("{\"x\":1}", 400), ("x", 400), ("[]", 400)] {
        assert_eq!(house.ask(cancel(body)).await.status, status, "{body:?}");
    }
}

#[tokio::test]
async fn parameters_are_judged_like_members() {
    let house = House::open().await;
    for (path, code, pointers) in [
        ("/v1/halls?lat=1&lat=2", (400, "malformed_request"), &["/lat"][..]),
        ("/v1/halls?colour=1", (400, "malformed_request"), &["/colour"]),
        ("/v1/services?x", (400, "malformed_request"), &["/x"]),
        ("/v1/halls?lat=91&limit=0", (422, "invalid_field"), &["/lat", "/lon", "/limit"]),
        ("/v1/halls?service=x&lat=91", (404, "unknown_service"), &[]),
        ("/v1/halls/hangzhou-shi-crj/slots", (422, "invalid_field"), &["/service"]),
        ("/v1/halls/x/slots?service=y", (404, "unknown_hall"), &[]),
        ("/v1/recommendations?from=x&limit=21", (422, "invalid_field"), &["/service", "/from", "/limit"]),
    ] {
        let heard = house.get(path, "").await;
        assert_eq!((heard.code(), heard.pointers().as_slice()), (code, pointers), "{path} {}", heard.text);
    }
}

#[tokio::test]
async fn a_person_who_writes_too_much_is_told_to_wait() {
    let house = House::open().await;
    for _ in 0..WRITE_BURST {
        assert_eq!(house.tell("/v1/appointments/x/cancel", &house.session).await.status, 404);
    }
    let heard = house.tell("/v1/appointments/x/cancel", &house.session).await;
    assert_eq!((heard.code(), &heard.headers["retry-after"]), ((429, "too_many_requests"), &"1".parse().unwrap()));
    assert_eq!(house.get("/v1/appointments", &house.session).await.status, 200, "reading is free");
}

/// Fails if the budget goes by the time of day: then it is refused until the clock has caught up, which takes an hour.
#[tokio::test]
async fn who_has_to_wait_does_not_wait_until_a_clock_that_went_back_has_caught_up() {
    let clock = Clock::system();
    let house = House::open_by(clock.clone()).await;
    let call = async || house.tell("/v1/appointments/x/cancel", &house.session).await.status;
    let mut made = 0;
    while call().await == 404 {
        made += 1;
        assert!(made < 100 * WRITE_BURST, "nobody is ever told to wait");
    }
    clock.has_recorded(clock.now());
    clock.correction().unwrap().set(-TimeDelta::hours(1));
    let stands = clock.now();
    let waiting = async {
        while call().await != 404 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("the budget stands with the time");
    assert_eq!(clock.now(), stands);
}
