//! When a desk may say something, whole parties, and what is taken back.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::appointments::{id, renewal};
use super::caller::Caller;
use super::heard::{Heard, merged};
use super::test_app::TestApp;
use crate::identities::person;

const BEGINS: &str = "2026-11-25T08:30:00.000+08:00";

fn path(appointment: &Value, call: &str) -> String {
    format!("/v1/admin/appointments/{}/{call}", id(appointment))
}

async fn says(staff: &Caller, appointment: &Value, call: &str) -> Heard {
    staff.post_nothing(&path(appointment, call)).await
}

/// A booking of another day.
fn on(date: &str) -> Value {
    merged(&renewal("08:30"), &json!({ "date": date }))
}

fn detail(heard: &Heard) -> &str {
    heard.body["detail"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_says_what_it_says_on_the_day() {
    let app = TestApp::start().await;
    let desk = app.desk();
    let [one, other] = [1, 2].map(|number| app.person(number));
    let (one, other) = (one.await.booked(&renewal("08:30")).await, other.await.booked(&renewal("08:30")).await);
    for call in ["check-in", "no-show"] {
        let refused = says(&desk, &one, call).await.refused(409, "wrong_state");
        assert!(detail(&refused).contains("2026-11-25") && detail(&refused).contains("2026-11-24"), "{}", refused.text);
        for same in [json!({}), json!({ "anyway": false }), json!({ "anyway": null })] {
            desk.post(&path(&one, call), &same).await.refused(409, "wrong_state");
        }
    }
    let by_code = json!({ "code": one["code"] });
    desk.post("/v1/admin/check-in", &by_code).await.refused(409, "wrong_state");
    let anyway = merged(&by_code, &json!({ "anyway": true }));
    assert_eq!(desk.post("/v1/admin/check-in", &anyway).await.ok(200)["status"], "checked_in");
    says(&desk, &one, "serve").await.refused(409, "wrong_state");
    assert_eq!(desk.post(&path(&one, "serve"), &json!({ "anyway": true })).await.ok(200)["status"], "served");

    app.set_clock("2026-11-25T08:29:59.999+08:00");
    let early = says(&desk, &other, "no-show").await.refused(409, "wrong_state");
    assert!(detail(&early).contains("2026-11-25T08:30:00+08:00"), "{}", early.text);
    app.set_clock(BEGINS);
    assert_eq!(says(&desk, &other, "no-show").await.ok(200)["status"], "no_show");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_may_be_left_out_is_read_strictly() {
    let app = TestApp::start().await;
    let booked = app.person(1).await.booked(&renewal("08:30")).await;
    let desk = app.desk();
    for call in ["check-in", "serve", "no-show"] {
        for body in ["[]", "null", "true", "{", "{\"anyway\":1}", "{\"anyway\":true,\"x\":1}", "{\"Anyway\":true}"] {
            desk.post_raw(&path(&booked, call), body).await.refused(400, "malformed_request");
        }
    }
    let untyped = desk.request(reqwest::Method::POST, &path(&booked, "check-in")).body("{\"anyway\":true}");
    super::caller::hear(untyped).await.refused(415, "unsupported_media_type");
    desk.post(&path(&booked, "undo"), &json!({ "anyway": true })).await.refused(400, "malformed_request");
    desk.post_nothing(&path(&booked, "serve?party=true")).await.refused(400, "malformed_request");
    desk.post_nothing(&path(&booked, "check-in?party=both")).await.refused_at(422, "invalid_field", &["/party"]);
    // The same call, with and without an empty object.
    let first = desk.post_keyed(&path(&booked, "check-in"), &json!({}), "k").await;
    assert_eq!(first.code(), "wrong_state");
    let again = desk.post_keyed(&path(&booked, "check-in"), &Value::Null, "k").await;
    assert_eq!((again.status, again.code()), (409, "wrong_state"));
    let other = desk.post_keyed(&path(&booked, "check-in"), &json!({ "anyway": true }), "k").await;
    assert_eq!(other.code(), "idempotency_mismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_is_checked_in_by_one_call() {
    let app = TestApp::start().await;
    let maker = app.person(1).await;
    let people: Vec<Value> = (1..4).map(person).collect();
    let body = merged(&renewal("08:30"), &json!({ "applicants": people }));
    let party = maker.post("/v1/appointments", &body).await.ok(201)["appointments"].clone();
    app.set_clock(BEGINS);
    let desk = app.desk();
    says(&desk, &party[1], "check-in").await.ok(200);
    let code = json!({ "code": party[1]["code"] });
    let here = desk.post("/v1/admin/check-in?party=true", &code).await.ok(200);
    let ids: Vec<&str> = here["appointments"].as_array().unwrap().iter().map(id).collect();
    assert_eq!((ids, &here["party"]), (vec![id(&party[0]), id(&party[2])], &party[0]["party"]));
    desk.post("/v1/admin/check-in?party=true", &code).await.refused(409, "wrong_state");
    let back = desk.post_nothing(&path(&party[0], "undo?party=true")).await.ok(200);
    assert_eq!(back["appointments"].as_array().unwrap().len(), 3, "all three were checked in a moment ago");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_desk_did_is_taken_back() {
    let mut app = TestApp::start().await;
    let booked = app.person(1).await.booked(&renewal("08:30")).await;
    app.set_clock(BEGINS);
    let (desk, chief) = (app.desk(), app.chief());
    let nothing = says(&desk, &booked, "undo").await.refused(409, "wrong_state");
    assert!(detail(&nothing).contains("booked"), "{}", nothing.text);
    says(&desk, &booked, "check-in").await.ok(200);
    let of_another = says(&chief, &booked, "undo").await.refused(409, "wrong_state");
    assert!(detail(&of_another).contains("by who did it"), "{}", of_another.text);
    app.pass(TimeDelta::seconds(60));
    let back = says(&desk, &booked, "undo").await.ok(200);
    assert_eq!((&back["status"], &back["code"]), (&json!("booked"), &booked["code"]));
    says(&desk, &booked, "check-in").await.ok(200);
    app.pass(TimeDelta::seconds(61));
    let late = says(&desk, &booked, "undo").await.refused(409, "wrong_state");
    assert!(detail(&late).contains("2026-11-25T08:32:00+08:00"), "{}", late.text);
    says(&desk, &booked, "serve").await.ok(200);
    app.restart().await;
    // The log of the desk knows who it was also after a restart.
    let of_another = says(&app.chief(), &booked, "undo").await.refused(409, "wrong_state");
    assert!(detail(&of_another).contains("by who did it"), "{}", of_another.text);
    assert_eq!(says(&app.desk(), &booked, "undo").await.ok(200)["status"], "checked_in");
    // So the check-in before that is none of the last minute, and stays.
    says(&app.desk(), &booked, "undo").await.refused(409, "wrong_state");

    let missed = app.person(2).await.booked(&on("2026-11-26")).await;
    app.set_clock("2026-11-26T08:30:00.000+08:00");
    says(&app.desk(), &missed, "no-show").await.ok(200);
    app.restart().await;
    app.set_clock("2026-11-27T23:59:59.999+08:00");
    assert_eq!(says(&app.chief(), &missed, "undo").await.ok(200)["status"], "booked");
    app.desk().post(&path(&missed, "no-show"), &json!({ "anyway": true })).await.ok(200);
    let rival = app.person(2).await.booked(&on("2026-11-30")).await;
    says(&app.desk(), &missed, "undo").await.refused(409, "already_booked");
    app.person(2).await.post_nothing(&format!("/v1/appointments/{}/cancel", id(&rival))).await.ok(200);
    app.set_clock("2026-11-29T00:00:00.000+08:00");
    let stands = says(&app.desk(), &missed, "undo").await.refused(409, "wrong_state");
    assert!(detail(&stands).contains("2026-11-28"), "{}", stands.text);
    let metrics = app.nobody().get("/metrics").await.text;
    assert!(metrics.contains("undone"), "{metrics}");
}
