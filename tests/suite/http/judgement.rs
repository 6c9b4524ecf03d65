//! The order of judgement: of two things that are wrong with one call, the earlier one is told.

use serde_json::{Value, json};

use super::appointments::{booking, form, id, renewal};
use super::files::Files;
use super::heard::{Heard, merged};
use super::test_app::TestApp;
use crate::identities::person;

/// Something that is wrong with a booking, in the order in which it is judged.
struct Fault {
    code: &'static str,
    /// What is judged together has one rank: of these no order is promised.
    rank: u8,
    changes: Value,
}

/// Who has made as many appointments as one may.
const AT_THE_LIMIT: usize = 80;
/// Who has an appointment.
const BOOKED: usize = 90;

/// Faults of a booking by an unknown person of 08:30 on 2026-11-25 in `east`. The member `caller` is who calls.
fn faults() -> Vec<Fault> {
    let six: Vec<Value> = (0..6).map(person).collect();
    let table = [
        (1, "unauthenticated", json!({ "caller": 0 })),
        (2, "malformed_request", json!({ "nickname": "x" })),
        (3, "unknown_hall", json!({ "hall": "nowhere" })),
        (4, "unknown_service", json!({ "service": "nothing" })),
        (5, "party_too_large", json!({ "applicants": six })),
        (5, "invalid_field", json!({ "residence": "x" })),
        (5, "duplicate_applicant", json!({ "applicants": [person(2), person(2)] })),
        (6, "service_not_offered", json!({ "hall": "west", "service": "permit.renewal" })),
        (7, "past", json!({ "date": "2026-11-23" })),
        (7, "same_day", json!({ "date": "2026-11-24" })),
        (7, "beyond_window", json!({ "date": "2026-12-25" })),
        (7, "not_released", json!({ "date": "2026-12-24" })),
        (7, "holiday", json!({ "date": "2026-12-01" })),
        (7, "closed", json!({ "date": "2026-12-03" })),
        (8, "no_such_band", json!({ "start": "08:31" })),
        (9, "already_booked", json!({ "applicants": [person(BOOKED)] })),
        (10, "too_many_active", json!({ "caller": AT_THE_LIMIT })),
        (11, "slot_full", json!({ "start": "09:00", "date": "2026-11-25" })),
    ];
    table.into_iter().map(|(rank, code, changes)| Fault { code, rank, changes }).collect()
}

/// Whether two faults can be in one call: neither puts another value where the other puts one.
fn fit_together(one: &Fault, other: &Fault) -> bool {
    let [one, other] = [&one.changes, &other.changes].map(|changes| changes.as_object().unwrap());
    one.iter().all(|(name, value)| other.get(name).is_none_or(|there| there == value))
}

async fn make(app: &TestApp, faults: &[&Fault]) -> Heard {
    let changes = faults.iter().fold(json!({ "caller": 1 }), |changes, fault| merged(&changes, &fault.changes));
    let caller = match changes["caller"].as_u64().unwrap() {
        0 => app.nobody(),
        number => app.person(usize::try_from(number).unwrap()).await,
    };
    let body = merged(&renewal("08:30"), &merged(&changes, &json!({ "caller": null })));
    caller.post("/v1/appointments", &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_faults_the_earlier_one_is_told() {
    let closed = "\n[[hall.exceptions]]\ndate = \"2026-12-03\"\nclosed = true\n";
    let files = Files::default().policy("release_time = \"00:00\"", "release_time = \"18:00\"").changed(
        "halls/east.toml",
        "capacity = 1\n",
        &format!("capacity = 1\n{closed}"),
    );
    let app = TestApp::with(files).await;
    app.person(BOOKED).await.booked(&renewal("09:00")).await;
    app.person(91).await.booked(&renewal("09:00")).await;
    let five: Vec<Value> = (81..86).map(person).collect();
    let body = merged(&renewal("10:00"), &json!({ "applicants": five }));
    app.person(AT_THE_LIMIT).await.post("/v1/appointments", &body).await.ok(201);

    let faults = faults();
    let mut pairs = 0;
    for (at, first) in faults.iter().enumerate() {
        assert_eq!(make(&app, &[first]).await.code(), first.code);
        for second in faults[at + 1..].iter().filter(|second| second.rank > first.rank && fit_together(first, second)) {
            let heard = make(&app, &[first, second]).await;
            assert_eq!(heard.code(), first.code, "with {}: {}", second.code, heard.text);
            pairs += 1;
        }
    }
    assert!(pairs > 80, "{pairs}");
    let all = [0, 1, 2, 3, 4].map(|at| &faults[at]);
    assert_eq!(make(&app, &all).await.code(), "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_are_judged_before_hours() {
    let app = TestApp::with(Files::default().policy("release_time = \"00:00\"", "release_time = \"18:00\"")).await;
    let check = async |now: &str, hall: &str, date: &str, code: &str| {
        app.set_clock(now);
        let body = booking(hall, date, "04:00", "passport.renewal");
        let heard = app.person(1).await.post("/v1/appointments", &body).await;
        assert_eq!((heard.status, heard.code()), (422, code), "{now} {hall} {date}");
    };
    // Sundays and holidays, none of them with a band at 04:00.
    check("2026-12-02T12:00:00+08:00", "east", "2026-12-01", "past").await;
    check("2026-12-01T12:00:00+08:00", "east", "2026-12-01", "same_day").await;
    check("2026-11-29T12:00:00+08:00", "south", "2026-11-29", "same_day").await;
    check("2026-11-26T12:00:00+08:00", "south", "2026-12-27", "beyond_window").await;
    check("2026-11-27T17:59:59.999+08:00", "south", "2026-12-27", "not_released").await;
    check("2026-11-27T18:00:00+08:00", "south", "2026-12-27", "closed").await;
    check("2026-11-27T18:00:00+08:00", "south", "2026-12-06", "holiday").await;
    check("2026-11-27T18:00:00+08:00", "south", "2026-12-07", "no_such_band").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_judged_in_the_same_order() {
    let app = TestApp::start().await;
    let (nobody, caller) = (app.nobody(), app.person(1).await);
    let booked = caller.booked(&renewal("08:30")).await;
    let at = |id: &str, call: &str| format!("/v1/appointments/{id}/{call}");
    let own = |call: &str| at(id(&booked), call);
    let check = async |heard: Heard, code: &str| assert_eq!(heard.code(), code, "{}", heard.text);

    check(nobody.post_raw(&at("x", "confirm"), "{").await, "unauthenticated").await;
    check(nobody.post_raw(&at("x", "confirm"), vec![b' '; 70_000]).await, "unauthenticated").await;
    check(caller.post_raw(&at("x", "confirm"), "{").await, "malformed_request").await;
    check(caller.post(&at("x", "confirm"), &json!({})).await, "unknown_appointment").await;
    let unknown = format!("{}?party=maybe", own("confirm"));
    check(caller.post(&unknown, &json!({ "service": "passport.none" })).await, "unknown_service").await;
    check(caller.post(&own("confirm"), &json!({})).await, "invalid_field").await;
    check(caller.post(&own("confirm"), &form()).await, "wrong_state").await;

    let nowhere = json!({ "hall": "nowhere", "date": "x" });
    check(caller.post(&at("x", "reschedule?party=x"), &nowhere).await, "unknown_appointment").await;
    check(caller.post(&own("reschedule?party=x"), &nowhere).await, "unknown_hall").await;
    check(
        caller.post(&own("reschedule?party=x"), &merged(&nowhere, &json!({ "hall": "east" }))).await,
        "invalid_field",
    )
    .await;
    check(caller.post(&own("reschedule?x=x"), &nowhere).await, "malformed_request").await;

    check(caller.post_nothing(&at("x", "cancel?party=x")).await, "unknown_appointment").await;
    check(caller.post_nothing(&own("cancel?party=x")).await, "invalid_field").await;
    caller.post_nothing(&own("cancel")).await.ok(200);
    let past = json!({ "hall": "east", "date": "2026-11-23", "start": "08:30" });
    check(caller.post(&own("reschedule"), &past).await, "wrong_state").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_calls_are_judged_in_the_same_order() {
    let app = TestApp::start().await;
    let (person, desk) = (app.person(1).await, app.desk());
    let check = async |heard: Heard, code: &str| assert_eq!(heard.code(), code, "{}", heard.text);
    check(app.nobody().post_raw("/v1/admin/check-in", "{").await, "unauthenticated").await;
    check(person.post_raw("/v1/admin/check-in", "{").await, "forbidden").await;
    check(desk.post_raw("/v1/admin/check-in", "{").await, "malformed_request").await;
    check(desk.post_raw("/v1/admin/config/reload?x=x", "{").await, "forbidden").await;
    check(app.chief().post_raw("/v1/admin/config/reload", "{").await, "malformed_request").await;
    check(desk.get("/v1/admin/halls/nowhere/days/x?x=x").await, "malformed_request").await;
    check(desk.get("/v1/admin/halls/nowhere/days/x").await, "unknown_hall").await;
    check(desk.get("/v1/admin/halls/south/days/x").await, "forbidden").await;
    check(desk.get("/v1/admin/halls/east/days/x").await, "invalid_field").await;
    check(app.nobody().get("/v1/admin/nothing").await, "not_found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_of_the_public_is_judged_in_the_same_order() {
    let app = TestApp::start().await;
    let nobody = app.nobody();
    for (path, code) in [
        ("/v1/halls/nowhere/slots?x=x", "malformed_request"),
        ("/v1/halls/nowhere/slots?service=nothing&from=x", "unknown_hall"),
        ("/v1/halls/east/slots?service=nothing&from=x", "unknown_service"),
        ("/v1/halls/west/slots?service=permit.renewal&from=x", "invalid_field"),
        ("/v1/halls/west/slots?service=permit.renewal", "service_not_offered"),
        ("/v1/halls?service=nothing&lat=x", "unknown_service"),
        ("/v1/recommendations?service=nothing&lat=x", "unknown_service"),
    ] {
        assert_eq!(nobody.get(path).await.code(), code, "{path}");
    }
}
