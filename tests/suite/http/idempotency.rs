//! `Idempotency-Key`: a repeat of the same call by the same caller gets the first answer.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::appointments::{booking, form, hold, id, renewal};
use super::files::Files;
use super::heard::merged;
use super::test_app::TestApp;
use crate::identities::person;

const BOOK: &str = "/v1/appointments";

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_gets_the_first_answer_and_books_once() {
    let mut app = TestApp::start().await;
    let caller = app.person(1).await;
    let first = caller.post_keyed(BOOK, &renewal("08:30"), "key").await;
    app.pass(TimeDelta::hours(1));
    let again = caller.post_keyed(BOOK, &renewal("08:30"), "key").await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    app.restart().await;
    let after = caller.post_keyed(BOOK, &renewal("08:30"), "key").await;
    assert_eq!((after.status, &after.text), (201, &first.text));
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 1);

    // The first answer, whatever has become of the appointment.
    let own = format!("{BOOK}/{}", id(&first.body["appointments"][0]));
    caller.post_nothing(&format!("{own}/cancel")).await.ok(200);
    let later = caller.post_keyed(BOOK, &renewal("08:30"), "key").await;
    assert_eq!((later.status, &later.text), (201, &first.text));
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_one_call_of_one_caller() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let booked = caller.post_keyed(BOOK, &renewal("08:30"), "key").await.ok(201);
    let own = format!("{BOOK}/{}", id(&booked["appointments"][0]));
    let mismatch = "idempotency_mismatch";
    caller.post_keyed(BOOK, &renewal("09:00"), "key").await.refused(409, mismatch);
    caller.post_keyed(BOOK, &json!({ "hall": "nowhere" }), "key").await.refused(409, mismatch);
    caller.post_keyed(&format!("{own}/cancel"), &Value::Null, "key").await.refused(409, mismatch);
    caller.post_keyed(&format!("{own}/confirm"), &renewal("08:30"), "key").await.refused(400, "malformed_request");
    // Spaces are another body.
    let spaced = format!("{} ", renewal("08:30"));
    let request = caller.request(reqwest::Method::POST, BOOK).header("idempotency-key", "key");
    super::caller::hear(request.header("content-type", "application/json").body(spaced)).await.refused(409, mismatch);

    let other = app.person(2).await;
    let theirs = other.post_keyed(BOOK, &renewal("08:30"), "key").await.ok(201);
    assert_ne!(theirs["party"], booked["party"]);
    caller.post_keyed(&format!("{own}/cancel"), &Value::Null, "another").await.ok(200);
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_post_can_be_repeated() {
    let mut app = TestApp::start().await;
    let caller = app.person(1).await;
    let held = caller.booked(&hold("08:30")).await;
    let own = format!("{BOOK}/{}", id(&held));
    let target = json!({ "hall": "east", "date": "2026-11-26", "start": "08:30" });
    let second = app.person(2).await.booked(&renewal("10:00")).await;
    let third = app.person(3).await.booked(&renewal("10:00")).await;
    let desk_call = |of: &Value, call: &str| format!("/v1/admin/appointments/{}/{call}", id(of));
    let mut answers = Vec::new();
    let anyway = || json!({ "anyway": true });
    let calls = [
        (caller.clone(), format!("{own}/extend"), Value::Null),
        (caller.clone(), format!("{own}/confirm"), form()),
        (caller.clone(), format!("{own}/reschedule"), target),
        (app.desk(), desk_call(&second, "check-in"), anyway()),
        (app.desk(), desk_call(&second, "serve"), anyway()),
        (app.desk(), desk_call(&second, "undo"), Value::Null),
        (app.desk(), desk_call(&third, "no-show"), anyway()),
        (app.desk(), desk_call(&third, "undo"), Value::Null),
        (app.desk(), "/v1/admin/check-in".into(), json!({ "code": held["code"], "anyway": true })),
        (app.chief(), "/v1/admin/config/reload".into(), Value::Null),
        (app.chief(), "/v1/admin/config/reload?dry_run=true".into(), Value::Null),
        (app.nobody(), "/v1/session".into(), person(4)),
    ];
    for (at, (who, path, body)) in calls.iter().enumerate() {
        let first = who.post_keyed(path, body, &format!("key-{at}")).await;
        assert!(first.status < 300, "{path}: {}", first.text);
        answers.push((first.status, first.text));
    }
    for restarted in [false, true] {
        if restarted {
            app.restart().await;
        }
        for (at, (who, path, body)) in calls.iter().enumerate() {
            let again = who.post_keyed(path, body, &format!("key-{at}")).await;
            assert_eq!((again.status, again.text), answers[at], "{path}, restarted: {restarted}");
        }
    }
    let party = merged(&renewal("08:30"), &json!({ "applicants": [person(5), person(6)] }));
    let party = app.person(5).await.post_keyed(BOOK, &party, "p").await.ok(201);
    let cancel = format!("{BOOK}/{}/cancel?party=true", id(&party["appointments"][0]));
    let maker = app.person(5).await;
    let first = maker.post_keyed(&cancel, &Value::Null, "c").await;
    let again = maker.post_keyed(&cancel, &Value::Null, "c").await;
    assert_eq!((again.status, again.text), (200, first.text));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_repeated_is_the_same_session() {
    let app = TestApp::start().await;
    let open = async |key| app.nobody().post_keyed("/v1/session", &person(1), key).await.ok(201);
    let first = open("key").await;
    app.pass(TimeDelta::minutes(1));
    assert_eq!(open("key").await, first);
    let other = open("other").await;
    assert_ne!(other["token"], first["token"]);
    assert_ne!(other["expires_at"], first["expires_at"]);
    app.with_token(first["token"].as_str().unwrap()).get("/v1/appointments").await.ok(200);
    // Somebody else's key of the same letters is another key.
    app.nobody().post_keyed("/v1/session", &person(2), "key").await.ok(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_session_is_refused_again() {
    let app = TestApp::start().await;
    let slip = merged(&person(1), &json!({ "phone": "1" }));
    app.nobody().post_keyed("/v1/session", &slip, "key").await.refused_at(422, "invalid_field", &["/phone"]);
    app.nobody().post_keyed("/v1/session", &slip, "key").await.refused_at(422, "invalid_field", &["/phone"]);
    app.nobody().post_keyed("/v1/session", &person(1), "key").await.refused(409, "idempotency_mismatch");
    app.nobody().post_keyed("/v1/session", &person(1), "mended").await.ok(201);
}

/// Found in review: whoever knows a number could open sessions until its owner could no longer book.
#[tokio::test(flavor = "multi_thread")]
async fn who_opens_sessions_for_a_person_spends_nothing_of_that_person() {
    let app = TestApp::start().await;
    let victim = app.person(1).await;
    let mut refused = 0;
    for number in 0..1_001 {
        let opened = app.nobody().post_keyed("/v1/session", &person(1), &format!("key-{number}")).await;
        refused += u32::from(opened.status == 429);
        app.pass(TimeDelta::milliseconds(100));
    }
    assert_eq!(refused, 0, "of those who open sessions the oldest key is forgotten, and none is refused");
    while app.nobody().post("/v1/session", &person(1)).await.status == 201 {}
    victim.post_keyed(BOOK, &renewal("08:30"), "own").await.ok(201);
}

/// A sample of `/metrics`.
async fn metric(app: &TestApp, series: &str) -> u64 {
    let text = app.nobody().get("/metrics").await.text;
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{series} is not in {text}")).parse().unwrap()
}

/// Found by an attack: two million strangers' keys kept everybody from booking for a day.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_leave_no_key_in_the_ledger_nor_in_anybodys_share() {
    let app = TestApp::start().await;
    let victim = app.person(1).await;
    let before = metric(&app, "hallpass_ledger_entries_total").await;
    for number in 0..500 {
        let opened = app.nobody().post_keyed("/v1/session", &person(number), &format!("key-{number}")).await;
        opened.ok(201);
    }
    assert_eq!(metric(&app, "hallpass_remembered_keys{of=\"newcomers\"}").await, 500);
    assert_eq!(metric(&app, "hallpass_ledger_entries_total").await, before, "a stranger's call costs no flush");
    for share in ["persons", "staff"] {
        assert_eq!(metric(&app, &format!("hallpass_remembered_keys{{of=\"{share}\"}}")).await, 0);
    }
    let booked = victim.post_keyed(BOOK, &renewal("08:30"), "own").await.ok(201);
    let check_in = format!("/v1/admin/appointments/{}/check-in", id(&booked["appointments"][0]));
    app.set_clock("2026-11-25T08:30:00.000+08:00");
    app.desk().post_keyed(&check_in, &Value::Null, "desk").await.ok(200);
    // What a desk does leaves a line in its log besides.
    for (share, keys) in [("persons", 1), ("staff", 2)] {
        assert_eq!(metric(&app, &format!("hallpass_remembered_keys{{of=\"{share}\"}}")).await, keys, "{share}");
    }
    assert_eq!(app.nobody().get("/readyz").await.ok(200)["nearly_full"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_repeated_for_ten_minutes_and_then_is_another_of_the_same_person() {
    let app = TestApp::start().await;
    let open = async || app.nobody().post_keyed("/v1/session", &person(1), "key").await.ok(201);
    let first = open().await;
    app.pass(TimeDelta::minutes(10) - TimeDelta::milliseconds(1));
    assert_eq!(open().await, first);
    app.pass(TimeDelta::minutes(10));
    let later = open().await;
    assert_ne!(later["token"], first["token"]);
    for session in [first, later] {
        app.with_token(session["token"].as_str().unwrap()).get(BOOK).await.ok(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_forgotten_after_a_day() {
    let app = TestApp::start().await;
    let body = |date: &str| booking("east", date, "08:30", "passport.renewal");
    let first = app.person(1).await.post_keyed(BOOK, &body("2026-11-30"), "key").await.ok(201);
    app.set_clock("2026-11-25T11:59:59.999+08:00");
    let caller = app.person(1).await;
    assert_eq!(caller.post_keyed(BOOK, &body("2026-11-30"), "key").await.ok(201), first);
    caller.post_keyed(BOOK, &body("2026-11-29"), "key").await.refused(409, "idempotency_mismatch");
    app.pass(TimeDelta::milliseconds(1));
    caller.post_keyed(BOOK, &body("2026-11-30"), "key").await.refused(409, "already_booked");
    // The refusal is now the first answer of the key.
    caller.post_keyed(BOOK, &body("2026-11-29"), "key").await.refused(409, "idempotency_mismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_repeated_also_after_a_restart() {
    let mut app = TestApp::start().await;
    let caller = app.person(1).await;
    let (first, second) = (app.person(2).await, app.person(3).await);
    let place = first.booked(&renewal("09:00")).await;
    second.booked(&renewal("09:00")).await;
    caller.post_keyed(BOOK, &renewal("09:00"), "full").await.refused(409, "slot_full");
    first.post_nothing(&format!("{BOOK}/{}/cancel", id(&place))).await.ok(200);
    caller.post_keyed(BOOK, &renewal("09:00"), "full").await.refused(409, "slot_full");
    assert_eq!(app.taken("east", "2026-11-25", "09:00").await, 1);

    let slip = merged(&renewal("09:00"), &json!({ "residence": "x", "emergency_contact": null }));
    let nowhere = merged(&renewal("09:00"), &json!({ "hall": "nowhere" }));
    let slipped = caller.post_keyed(BOOK, &slip, "slip").await;
    let slipped = slipped.refused_at(422, "invalid_field", &["/emergency_contact", "/residence"]);
    caller.post_keyed(BOOK, &nowhere, "nowhere").await.refused(404, "unknown_hall");
    for restarted in [false, true] {
        if restarted {
            app.restart().await;
        }
        caller.post_keyed(BOOK, &renewal("09:00"), "full").await.refused(409, "slot_full");
        caller.post_keyed(BOOK, &nowhere, "nowhere").await.refused(404, "unknown_hall");
        let again = caller.post_keyed(BOOK, &slip, "slip").await;
        assert_eq!((&again.body["errors"], &again.body["detail"]), (&slipped.body["errors"], &slipped.body["detail"]));
        caller.post_keyed(BOOK, &renewal("09:00"), "slip").await.refused(409, "idempotency_mismatch");
    }
    caller.post_keyed(BOOK, &renewal("09:00"), "mended").await.ok(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn repeats_at_the_same_time_make_one_appointment() {
    let app = TestApp::with(Files::default()).await;
    for round in 0..10 {
        let caller = app.person(round).await;
        let body = booking("east", "2026-11-26", "08:30", "passport.renewal");
        let key = format!("key-{round}");
        let calls: Vec<_> = (0..20)
            .map(|_| {
                let (caller, body, key) = (caller.clone(), body.clone(), key.clone());
                tokio::spawn(async move { caller.post_keyed(BOOK, &body, &key).await })
            })
            .collect();
        let mut answers = Vec::new();
        for call in calls {
            answers.push(call.await.unwrap());
        }
        assert!(answers.iter().all(|answer| answer.status == 201 && answer.text == answers[0].text), "{answers:?}");
        assert_eq!(app.taken("east", "2026-11-26", "08:30").await, 1);
        let own = format!("{BOOK}/{}/cancel", id(&answers[0].body["appointments"][0]));
        caller.post_nothing(&own).await.ok(200);
    }
}
