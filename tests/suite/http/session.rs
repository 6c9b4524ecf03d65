//! Sessions in mode `demo`.

use chrono::TimeDelta;
use serde_json::json;

use super::heard::merged;
use super::test_app::TestApp;
use crate::identities::person;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_lasts_twelve_hours() {
    let app = TestApp::start().await;
    let session = app.nobody().post("/v1/session", &person(1)).await.ok(201);
    assert_eq!(super::heard::members(&session), ["expires_at", "token"]);
    assert_eq!(session["expires_at"], "2026-11-25T00:00:00.000+08:00");
    let caller = app.with_token(session["token"].as_str().unwrap());
    app.set_clock("2026-11-24T23:59:59.999+08:00");
    assert_eq!(caller.get("/v1/appointments").await.ok(200), json!({ "appointments": [], "next": null }));
    app.pass(TimeDelta::milliseconds(1));
    caller.get("/v1/appointments").await.refused(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_survives_a_restart_and_opens_nothing_elsewhere() {
    let mut app = TestApp::start().await;
    let caller = app.person(1).await;
    app.restart().await;
    caller.get("/v1/appointments").await.ok(200);

    let elsewhere = TestApp::start().await;
    let session = app.nobody().post("/v1/session", &person(1)).await.ok(201);
    let stranger = elsewhere.with_token(session["token"].as_str().unwrap());
    stranger.get("/v1/appointments").await.refused(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_write_their_numbers_in_their_own_ways() {
    let app = TestApp::start().await;
    let with_x = "33010819920309999X";
    for (changes, status) in [
        (json!({ "phone": "+8619900000001" }), 201),
        (json!({ "phone": "008619900000001" }), 201),
        (json!({ "id_number": with_x }), 201),
        (json!({ "id_number": with_x.to_lowercase() }), 201),
        (json!({ "name": "  虚名  " }), 201),
        (json!({ "name": "Ｏ’Nobody née 虚" }), 201),
        (json!({ "name": "虚".repeat(64) }), 201),
        (json!({ "name": "虚".repeat(65) }), 422),
        (json!({ "phone": "0571-87280185" }), 422),
        (json!({ "phone": "12345678901" }), 422),
    ] {
        let heard = app.nobody().post("/v1/session", &merged(&person(1), &changes)).await;
        assert_eq!(heard.status, status, "{changes}: {}", heard.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_token_belongs_to_another_mode() {
    let app = TestApp::start().await;
    let heard = app.nobody().post("/v1/session", &json!({ "identity_token": "x" })).await;
    heard.refused_at(422, "invalid_field", &["/identity_token"]);
}
