//! Every code of the contract, each by a call that meets it.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::appointments::{booking, form, hold, id, renewal};
use super::caller::{Caller, hear};
use super::files::Files;
use super::heard::{CODES, Heard, merged};
use super::test_app::TestApp;
use crate::identities::person;

/// The codes that were heard.
#[derive(Default)]
struct Seen(BTreeSet<(u16, &'static str)>);

impl Seen {
    fn refused(&mut self, heard: Heard, status: u16, code: &'static str) -> Heard {
        self.0.insert((status, code));
        heard.refused(status, code)
    }
}

async fn book(caller: &Caller, changes: Value) -> Heard {
    caller.post("/v1/appointments", &merged(&renewal("08:30"), &changes)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_code_of_the_contract_can_be_met() {
    let app = TestApp::with(Files::default().policy("release_time = \"00:00\"", "release_time = \"18:00\"")).await;
    let mut seen = Seen::default();
    calls_that_are_wrong(&app, &mut seen).await;
    dates_that_cannot_be_booked(&app, &mut seen).await;
    claims_that_are_taken(&app, &mut seen).await;
    too_many_writes(&app, &mut seen).await;
    let elsewhere = [(501, "malformed_request"), (503, "overloaded"), (503, "read_only")];
    let expected: BTreeSet<(u16, &str)> = CODES.into_iter().filter(|code| !elsewhere.contains(code)).collect();
    assert_eq!(seen.0, expected);
}

async fn calls_that_are_wrong(app: &TestApp, seen: &mut Seen) {
    let caller = app.person(1).await;
    seen.refused(caller.post_raw("/v1/appointments", "{").await, 400, "malformed_request");
    seen.refused(app.nobody().get("/v1/appointments").await, 401, "unauthenticated");
    seen.refused(caller.get("/v1/admin/config").await, 403, "forbidden");
    seen.refused(caller.get("/v1/nothing").await, 404, "not_found");
    seen.refused(caller.get("/v1/halls/nowhere").await, 404, "unknown_hall");
    seen.refused(caller.get("/v1/halls?service=nothing").await, 404, "unknown_service");
    seen.refused(caller.get("/v1/appointments/nothing").await, 404, "unknown_appointment");
    let deleted = hear(caller.request(Method::DELETE, "/v1/appointments")).await;
    assert_eq!(seen.refused(deleted, 405, "method_not_allowed").header("allow"), "POST,GET,HEAD");
    let large = caller.post_raw("/v1/appointments", vec![b' '; 65_537]).await;
    seen.refused(large, 413, "too_large");
    let bomb = caller.request(Method::GET, "/v1/halls").header("x-bomb", "x".repeat(17_000));
    seen.refused(hear(bomb).await, 431, "too_large");
    let text = caller.request(Method::POST, "/v1/appointments").header("content-type", "text/plain").body("{}");
    seen.refused(hear(text).await, 415, "unsupported_media_type");
    seen.refused(book(&caller, json!({ "residence": "x" })).await, 422, "invalid_field");
    let six: Vec<Value> = (0..6).map(person).collect();
    seen.refused(book(&caller, json!({ "applicants": six })).await, 422, "party_too_large");
    seen.refused(book(&caller, json!({ "applicants": [person(2), person(2)] })).await, 422, "duplicate_applicant");
    let not_offered = book(&caller, json!({ "hall": "west", "service": "permit.renewal" })).await;
    seen.refused(not_offered, 422, "service_not_offered");
}

async fn dates_that_cannot_be_booked(app: &TestApp, seen: &mut Seen) {
    let caller = app.person(1).await;
    for (hall, date, start, code) in [
        ("east", "2026-11-23", "08:30", "past"),
        ("east", "2026-11-24", "08:30", "same_day"),
        ("east", "2026-12-24", "08:30", "not_released"),
        ("east", "2026-12-25", "08:30", "beyond_window"),
        ("east", "2026-12-01", "08:30", "holiday"),
        ("south", "2026-12-02", "09:00", "closed"),
        ("east", "2026-11-25", "08:31", "no_such_band"),
    ] {
        let heard = caller.post("/v1/appointments", &booking(hall, date, start, "passport.renewal")).await;
        seen.refused(heard, 422, code);
    }
}

async fn claims_that_are_taken(app: &TestApp, seen: &mut Seen) {
    let caller = app.person(1).await;
    caller.booked(&renewal("09:00")).await;
    seen.refused(book(&caller, json!({})).await, 409, "already_booked");
    app.person(2).await.booked(&renewal("09:00")).await;
    seen.refused(book(&app.person(3).await, json!({ "start": "09:00" })).await, 409, "slot_full");
    let four: Vec<Value> = (10..14).map(person).collect();
    book(&caller, json!({ "applicants": four })).await.ok(201);
    seen.refused(book(&caller, json!({ "applicants": [person(14)] })).await, 409, "too_many_active");

    let other = app.person(20).await;
    let held = other.booked(&hold("10:00")).await;
    app.desk().post("/v1/admin/check-in", &json!({ "code": held["code"] })).await.refused(409, "wrong_state");
    app.pass(TimeDelta::minutes(10));
    let confirm = format!("/v1/appointments/{}/confirm", id(&held));
    seen.refused(other.post(&confirm, &form()).await, 409, "hold_expired");
    let cancel = format!("/v1/appointments/{}/cancel", id(&held));
    seen.refused(other.post_nothing(&cancel).await, 409, "wrong_state");

    let first = other.post_keyed("/v1/appointments", &renewal("10:00"), "once").await;
    first.ok(201);
    let second = other.post_keyed("/v1/appointments", &renewal("08:30"), "once").await;
    seen.refused(second, 409, "idempotency_mismatch");
}

async fn too_many_writes(app: &TestApp, seen: &mut Seen) {
    let caller = app.person(30).await;
    let mut admitted = 1;
    let refused = loop {
        let heard = caller.post_nothing("/v1/appointments/nothing/cancel").await;
        if heard.status != 404 {
            break heard;
        }
        admitted += 1;
        assert!(admitted < 1_000, "nobody is told to wait");
    };
    assert_eq!(seen.refused(refused, 429, "too_many_requests").header("retry-after"), "1");
    caller.get("/v1/appointments").await.ok(200);
    app.person(31).await.post_nothing("/v1/appointments/nothing/cancel").await.refused(404, "unknown_appointment");
    app.pass(TimeDelta::seconds(1));
    caller.post_nothing("/v1/appointments/nothing/cancel").await.refused(404, "unknown_appointment");
}
