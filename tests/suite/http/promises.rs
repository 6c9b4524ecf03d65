//! What a hold or a booking was promised, after a reload that promises less, and holds that live longer.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::appointments::{booking, form, hold, id, renewal};
use super::caller::Caller;
use super::files::Files;
use super::heard::{Heard, merged};
use super::test_app::TestApp;
use crate::identities::person;

async fn change(caller: &Caller, appointment: &Value, call: &str, body: &Value) -> Heard {
    caller.post(&format!("/v1/appointments/{}/{call}", id(appointment)), body).await
}

async fn reload(app: &TestApp, files: &Files) {
    app.write(files);
    app.chief().post_nothing("/v1/admin/config/reload").await.ok(200);
}

async fn party(maker: &Caller, body: &Value, people: std::ops::Range<usize>) -> Value {
    let applicants: Vec<Value> = people.map(person).collect();
    let body = merged(body, &json!({ "applicants": applicants }));
    maker.post("/v1/appointments", &body).await.ok(201)["appointments"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_extended_once() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let held = caller.booked(&hold("08:30")).await;
    app.pass(TimeDelta::minutes(8));
    let extend = |one: &Value| format!("/v1/appointments/{}/extend", id(one));
    let longer = caller.post_nothing(&extend(&held)).await.ok(200);
    assert_eq!(
        (&longer["status"], &longer["expires_at"], &longer["updated_at"]),
        (&json!("held"), &json!("2026-11-24T12:15:00.000+08:00"), &json!("2026-11-24T12:08:00.000+08:00"))
    );
    let again = caller.post_nothing(&extend(&held)).await.refused(409, "wrong_state");
    assert!(again.text.contains("extended before"), "{}", again.text);
    app.person(2).await.post_nothing(&extend(&held)).await.refused(404, "unknown_appointment");
    app.desk().post_nothing(&extend(&held)).await.refused(403, "forbidden");
    caller.post(&extend(&held), &json!({ "minutes": 60 })).await.refused(400, "malformed_request");
    app.pass(TimeDelta::minutes(7));
    caller.post_nothing(&extend(&held)).await.refused(409, "hold_expired");
    let booked = caller.booked(&renewal("08:30")).await;
    caller.post_nothing(&extend(&booked)).await.refused(409, "wrong_state");
    assert!(app.nobody().get("/metrics").await.text.contains("extended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn how_much_longer_is_configured() {
    let app =
        TestApp::with(Files::default().policy("hold_minutes = 10", "hold_minutes = 10\nhold_extension_minutes = 0"))
            .await;
    let caller = app.person(1).await;
    let held = caller.booked(&hold("08:30")).await;
    let extend = format!("/v1/appointments/{}/extend?party=true", id(&held));
    let refused = caller.post_nothing(&extend).await.refused(409, "wrong_state");
    assert!(refused.text.contains("not extended here"), "{}", refused.text);
    reload(&app, &Files::default().policy("hold_minutes = 10", "hold_minutes = 1\nhold_extension_minutes = 60")).await;
    let longer = caller.post_nothing(&extend).await.ok(200);
    assert_eq!(longer["appointments"][0]["expires_at"], "2026-11-24T13:10:00.000+08:00");
    // Other minutes do not make it look as if it had not been extended.
    reload(&app, &Files::default().policy("hold_minutes = 10", "hold_minutes = 70\nhold_extension_minutes = 5")).await;
    caller.post_nothing(&extend).await.refused(409, "wrong_state");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_held_is_confirmed_though_parties_are_smaller_now() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let held = party(&caller, &hold("08:30"), 1..4).await;
    let other = party(&app.person(5).await, &hold("10:00"), 5..10).await;
    reload(&app, &Files::default().policy("max_party = 5", "max_party = 2")).await;
    let named = |people: std::ops::Range<usize>| {
        merged(&form(), &json!({ "applicants": people.map(person).collect::<Vec<_>>() }))
    };
    let body = json!({ "applicants": (20..23).map(person).collect::<Vec<_>>() });
    let new = app.person(20).await.post("/v1/appointments", &merged(&renewal("09:30"), &body)).await;
    new.refused_at(422, "party_too_large", &["/applicants"]);
    let more = change(&caller, &held[0], "confirm?party=true", &named(1..6)).await;
    more.refused_at(422, "invalid_field", &["/applicants"]);
    let confirmed = change(&caller, &held[0], "confirm?party=true", &named(1..4)).await.ok(200);
    assert_eq!(confirmed["appointments"].as_array().unwrap().len(), 3);
    let five = change(&app.person(5).await, &other[0], "confirm?party=true", &named(5..10)).await.ok(200);
    assert_eq!(five["appointments"].as_array().unwrap().len(), 5);
    // And moved, extended or cancelled as a whole.
    let to = json!({ "hall": "east", "date": "2026-11-26", "start": "08:30" });
    change(&caller, &held[0], "reschedule?party=true", &to).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_held_is_confirmed_though_its_service_and_its_hall_are_gone() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let held = caller.booked(&merged(&hold("08:30"), &json!({ "service": "permit.renewal" }))).await;
    let abroad = booking("south", "2026-11-25", "09:00", "passport.renewal");
    let abroad = app.person(2).await.booked(&merged(&abroad, &json!({ "hold": true }))).await;
    let services = Files::default().changed("services.toml", "id = \"permit.renewal\"", "id = \"permit.other\"");
    reload(&app, &services.without("halls/south.toml").policy("window_days = 30", "window_days = 1")).await;
    let of_its_own = merged(&form(), &json!({ "service": "permit.renewal" }));
    let unknown = merged(&form(), &json!({ "service": "permit.nowhere" }));
    change(&caller, &held, "confirm", &unknown).await.refused(404, "unknown_service");
    assert_eq!(change(&caller, &held, "confirm", &of_its_own).await.ok(200)["status"], "booked");
    assert_eq!(change(&app.person(2).await, &abroad, "confirm", &form()).await.ok(200)["status"], "booked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_displaced_appointment_that_is_moved_to_the_same_time_moves() {
    let app = TestApp::start().await;
    let permit = |number: usize, start: &'static str| {
        let app = &app;
        async move { app.person(number).await.booked(&booking("east", "2026-11-25", start, "permit.endorsement")).await }
    };
    let (one, other) = (permit(1, "08:30").await, permit(2, "13:30").await);
    let stay = |start: &str| json!({ "hall": "east", "date": "2026-11-25", "start": start });
    let same = change(&app.person(1).await, &one, "reschedule", &stay("08:30")).await.ok(200);
    assert_eq!(same, one, "it is there");
    // The service is at the counter now; the kiosk stays.
    let text = "id = \"permit.endorsement\"\ndocument = \"permit\"\naction = \"endorsement\"\nlane = ";
    // Another one takes the kiosks, as a lane that nobody uses is an error.
    let renewal = |lane: &str| format!("lane = \"{lane}\"\nname = {{ zh-CN = \"通行证换发\"");
    let files = Files::default().changed("services.toml", &renewal("counter"), &renewal("kiosk")).changed(
        "services.toml",
        &format!("{text}\"kiosk\""),
        &format!("{text}\"counter\""),
    );
    reload(&app, &files).await;
    let moved = change(&app.person(1).await, &one, "reschedule", &stay("08:30")).await.ok(200);
    assert_eq!((&moved["lane"], &moved["end"], &moved["id"]), (&json!("counter"), &json!("09:00"), &one["id"]));
    assert_eq!(app.slot("east", "2026-11-25", "kiosk", "08:30").await["taken"], 0);
    assert_eq!(app.slot("east", "2026-11-25", "counter", "08:30").await["taken"], 1);
    for number in 10..16 {
        app.person(number).await.booked(&booking("east", "2026-11-25", "13:30", "passport.renewal")).await;
    }
    change(&app.person(2).await, &other, "reschedule", &stay("13:30")).await.refused(409, "slot_full");

    // Beyond a lower capacity there is no place to move to either; the others stay where they are.
    reload(&app, &files.clone().changed("halls/east.toml", "capacity = 6", "capacity = 3")).await;
    let mut stay_here = 0;
    for number in 10..16 {
        let caller = app.person(number).await;
        let mine = caller.get("/v1/appointments").await.ok(200)["appointments"][0].clone();
        let heard = change(&caller, &mine, "reschedule", &stay("13:30")).await;
        assert!(heard.status == 200 || heard.code() == "slot_full", "{}", heard.text);
        stay_here += usize::from(heard.status == 200);
    }
    assert_eq!(stay_here, 3);
    // And of a service that is gone, no other either.
    reload(&app, &files.changed("services.toml", "id = \"permit.endorsement\"", "id = \"permit.other\"")).await;
    change(&app.person(2).await, &other, "reschedule", &stay("13:30")).await.refused(422, "service_not_offered");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_in_another_zone_moves_to_the_same_time_on_the_wall() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let booked = caller.booked(&booking("west", "2026-11-26", "11:00", "passport.renewal")).await;
    assert_eq!(booked["starts_at"], "2026-11-26T11:00:00+06:00");
    reload(&app, &Files::default().changed("halls/west.toml", "Asia/Urumqi", "Asia/Shanghai")).await;
    let stay = json!({ "hall": "west", "date": "2026-11-26", "start": "11:00" });
    let moved = change(&caller, &booked, "reschedule", &stay).await.ok(200);
    assert_eq!(moved["starts_at"], "2026-11-26T11:00:00+08:00");
    assert_eq!(app.taken("west", "2026-11-26", "11:00").await, 1);
}
