//! Confirm, reschedule and cancel, for one and for a whole party.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::appointments::{booking, form, hold, id, renewal};
use super::caller::Caller;
use super::heard::{Heard, members, merged};
use super::test_app::TestApp;
use crate::identities::person;

async fn change(caller: &Caller, appointment: &Value, call: &str, body: &Value) -> Heard {
    caller.post(&format!("/v1/appointments/{}/{call}", id(appointment)), body).await
}

fn slot(hall: &str, date: &str, start: &str) -> Value {
    json!({ "hall": hall, "date": date, "start": start })
}

/// A party of these people in `east` on the first day, made by somebody.
async fn party(maker: &Caller, start: &str, people: &[usize]) -> Vec<Value> {
    let applicants: Vec<Value> = people.iter().copied().map(person).collect();
    let body = merged(&renewal(start), &json!({ "applicants": applicants }));
    maker.post("/v1/appointments", &body).await.ok(201)["appointments"].as_array().unwrap().clone()
}

fn statuses(party: &Value) -> Vec<&str> {
    party["appointments"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_confirmed_with_the_rest_of_the_form() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let held = caller.booked(&hold("08:30")).await;
    app.pass(TimeDelta::minutes(9));
    let confirmed = change(&caller, &held, "confirm", &form()).await.ok(200);
    let changes = json!({ "status": "booked", "updated_at": "2026-11-24T12:09:00.000+08:00" });
    let mut expected = merged(&held, &changes);
    expected["expires_at"] = Value::Null;
    assert_eq!(confirmed, expected);
    app.pass(TimeDelta::minutes(5));
    assert_eq!(caller.get(&format!("/v1/appointments/{}", id(&held))).await.ok(200), confirmed, "it does not expire");
    change(&caller, &held, "confirm", &form()).await.refused(409, "wrong_state");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_may_name_the_same_people_again() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let held = caller.booked(&hold("08:30")).await;
    let with = |applicants: Value| merged(&form(), &json!({ "applicants": applicants }));
    let other = change(&caller, &held, "confirm", &with(json!([person(2)]))).await;
    other.refused_at(422, "invalid_field", &["/applicants"]);
    let more = change(&caller, &held, "confirm", &with(json!([person(1), person(2)]))).await;
    more.refused_at(422, "invalid_field", &["/applicants"]);
    let renamed = merged(&person(1), &json!({ "name": "另虚" }));
    let confirmed = change(&caller, &held, "confirm", &with(json!([renamed]))).await.ok(200);
    assert_eq!(confirmed["applicant"]["name"], "另*");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_is_confirmed_as_a_whole() {
    let app = TestApp::start().await;
    let maker = app.person(1).await;
    let body = merged(&hold("08:30"), &json!({ "applicants": [person(2), person(3)] }));
    let held = maker.post("/v1/appointments", &body).await.ok(201);
    assert_eq!(statuses(&held), ["held", "held"]);
    let member = app.person(2).await;
    change(&member, &held["appointments"][0], "confirm?party=true", &form()).await.refused(403, "forbidden");
    let confirmed = change(&maker, &held["appointments"][1], "confirm?party=true", &form()).await.ok(200);
    assert_eq!(members(&confirmed), ["appointments", "party"]);
    assert_eq!((&confirmed["party"], statuses(&confirmed)), (&held["party"], vec!["booked", "booked"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reschedule_keeps_the_id_and_the_state_and_changes_the_slot() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let booked = caller.booked(&renewal("08:30")).await;
    app.pass(TimeDelta::seconds(1));
    let moved = change(&caller, &booked, "reschedule", &slot("south", "2026-11-26", "10:00")).await.ok(200);
    let expected = merged(
        &booked,
        &json!({ "hall": "south", "date": "2026-11-26", "start": "10:00", "end": "11:00",
                 "starts_at": "2026-11-26T10:00:00+08:00", "updated_at": "2026-11-24T12:00:01.000+08:00" }),
    );
    let mut expected = expected;
    expected["expires_at"] = Value::Null;
    assert_eq!(moved, expected);
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 0);
    assert_eq!(app.taken("south", "2026-11-26", "10:00").await, 1);

    let far = change(&caller, &booked, "reschedule", &slot("west", "2026-11-27", "11:00")).await.ok(200);
    assert_eq!(far["starts_at"], "2026-11-27T11:00:00+06:00");
    assert_eq!(app.taken("south", "2026-11-26", "10:00").await, 0);
    assert_eq!(caller.get(&format!("/v1/appointments/{}", id(&booked))).await.ok(200), far);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reschedule_to_the_same_slot_changes_nothing() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let booked = caller.booked(&renewal("09:00")).await;
    app.person(2).await.booked(&renewal("09:00")).await;
    app.pass(TimeDelta::seconds(1));
    let again = change(&caller, &booked, "reschedule", &slot("east", "2026-11-25", "09:00")).await.ok(200);
    assert_eq!(again, booked, "also where the slot is full");
    assert_eq!(app.taken("east", "2026-11-25", "09:00").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reschedule_that_is_refused_leaves_the_old_place() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let booked = caller.booked(&renewal("08:30")).await;
    for number in [2, 3] {
        app.person(number).await.booked(&renewal("09:00")).await;
    }
    for (target, status, code) in [
        (slot("east", "2026-11-25", "09:00"), 409, "slot_full"),
        (slot("east", "2026-11-24", "09:00"), 422, "same_day"),
        (slot("east", "2026-11-23", "09:00"), 422, "past"),
        (slot("east", "2026-12-25", "09:00"), 422, "beyond_window"),
        (slot("east", "2026-12-01", "09:00"), 422, "holiday"),
        (slot("south", "2026-12-02", "09:00"), 422, "closed"),
        (slot("east", "2026-11-25", "08:31"), 422, "no_such_band"),
        (slot("nowhere", "2026-11-25", "08:30"), 404, "unknown_hall"),
    ] {
        change(&caller, &booked, "reschedule", &target).await.refused(status, code);
    }
    let permit = caller.booked(&booking("east", "2026-11-25", "08:30", "permit.renewal")).await;
    let west = slot("west", "2026-11-25", "10:00");
    change(&caller, &permit, "reschedule", &west).await.refused(422, "service_not_offered");
    assert_eq!(caller.get(&format!("/v1/appointments/{}", id(&booked))).await.ok(200), booked);
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 2);
    assert_eq!(app.taken("east", "2026-11-25", "09:00").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_can_be_moved_and_keeps_its_end() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let held = caller.booked(&hold("08:30")).await;
    app.pass(TimeDelta::minutes(1));
    let moved = change(&caller, &held, "reschedule", &slot("east", "2026-11-26", "08:30")).await.ok(200);
    assert_eq!((&moved["status"], &moved["expires_at"]), (&json!("held"), &held["expires_at"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_moves_as_a_whole_or_stays() {
    let app = TestApp::start().await;
    let maker = app.person(1).await;
    let made = party(&maker, "08:30", &[2, 3, 4]).await;
    let call = "reschedule?party=true";
    change(&maker, &made[0], call, &slot("east", "2026-11-25", "09:00")).await.refused(409, "slot_full");
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 3);
    let moved = change(&maker, &made[0], call, &slot("south", "2026-11-26", "09:00")).await.ok(200);
    assert_eq!((moved["appointments"].as_array().unwrap().len(), &moved["party"]), (3, &made[0]["party"]));
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 0);
    assert_eq!(app.taken("south", "2026-11-26", "09:00").await, 3);
    // One of them moves alone.
    let member = app.person(3).await;
    change(&member, &made[1], "reschedule", &slot("east", "2026-11-25", "09:00")).await.ok(200);
    assert_eq!(app.taken("south", "2026-11-26", "09:00").await, 2);
    change(&member, &made[1], call, &slot("east", "2026-11-25", "09:30")).await.refused(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_frees_the_place_and_the_claim() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let booked = caller.booked(&renewal("09:00")).await;
    app.person(2).await.booked(&renewal("09:00")).await;
    let third = app.person(3).await;
    third.post("/v1/appointments", &renewal("09:00")).await.refused(409, "slot_full");
    app.pass(TimeDelta::seconds(1));
    let cancelled = change(&caller, &booked, "cancel", &Value::Null).await.ok(200);
    let mut expected =
        merged(&booked, &json!({ "status": "cancelled", "updated_at": "2026-11-24T12:00:01.000+08:00" }));
    expected["expires_at"] = Value::Null;
    assert_eq!(cancelled, expected);
    third.booked(&renewal("09:00")).await;
    caller.booked(&renewal("09:30")).await;
    for (call, body) in
        [("cancel", Value::Null), ("confirm", form()), ("reschedule", slot("east", "2026-11-26", "08:30"))]
    {
        change(&caller, &booked, call, &body).await.refused(409, "wrong_state");
    }
    // An empty object is for clients that cannot send nothing.
    let held = caller.booked(&booking("east", "2026-11-25", "10:00", "permit.renewal")).await;
    change(&caller, &held, "cancel", &json!({})).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_is_possible_until_the_band_starts() {
    let app = TestApp::start().await;
    let bookings = [("08:30", 1), ("08:30", 2), ("09:00", 3)];
    let mut made = Vec::new();
    for (start, number) in bookings {
        made.push(app.person(number).await.booked(&renewal(start)).await);
    }
    app.set_clock("2026-11-25T08:29:59.999+08:00");
    let callers = [app.person(1).await, app.person(2).await, app.person(3).await];
    change(&callers[0], &made[0], "cancel", &Value::Null).await.ok(200);
    app.set_clock("2026-11-25T08:30:00.000+08:00");
    change(&callers[1], &made[1], "cancel", &Value::Null).await.refused(409, "wrong_state");
    let target = slot("east", "2026-11-26", "08:30");
    change(&callers[1], &made[1], "reschedule", &target).await.refused(409, "wrong_state");
    change(&callers[2], &made[2], "cancel", &Value::Null).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_is_cancelled_by_its_maker() {
    let app = TestApp::start().await;
    let maker = app.person(1).await;
    let made = party(&maker, "08:30", &[1, 2, 3]).await;
    let member = app.person(2).await;
    change(&member, &made[1], "cancel?party=true", &Value::Null).await.refused(403, "forbidden");
    change(&member, &made[1], "cancel", &Value::Null).await.ok(200);
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 2);
    let rest = change(&maker, &made[0], "cancel?party=true", &Value::Null).await.ok(200);
    assert!(statuses(&rest).iter().all(|status| *status == "cancelled"), "{rest}");
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 0);
    change(&maker, &made[0], "cancel?party=true", &Value::Null).await.refused(409, "wrong_state");
    // `party=false` is the same as nothing.
    let made = party(&maker, "08:30", &[1, 2]).await;
    let one = change(&maker, &made[0], "cancel?party=false", &Value::Null).await.ok(200);
    assert_eq!(one["status"], "cancelled");
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 1);
}
