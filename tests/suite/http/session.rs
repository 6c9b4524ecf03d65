//! Sessions in mode `demo`.

use chrono::TimeDelta;
use serde_json::json;

use super::appointments::renewal;
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

/// Whatever a phone, a clipboard or an input method puts into a field, it is the same person, the same contact, the same code.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_the_same_however_its_number_is_typed() {
    let app = TestApp::start().await;
    let person = person(1);
    let number = person["id_number"].as_str().unwrap();
    let booked = app.person(1).await.booked(&renewal("08:30")).await;
    let wide = |text: &str| text.chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect::<String>();
    let spaced = format!("{} {}-{}", &number[..6], &number[6..14], &number[14..]);
    for (typed, phone) in [
        (wide(number), "+86 199 0000 0001".to_owned()),
        (spaced.clone(), "86 199-0000-0001".to_owned()),
        (format!("\u{202d}{number}\u{202c}\r\n"), "\u{200e}19900000001\u{200e}".to_owned()),
        (format!("\u{feff}\u{3000}{}", wide(number)), format!("{}\u{3000}{}", wide("0086"), wide("19900000001"))),
    ] {
        let body = merged(&person, &json!({ "id_number": typed, "phone": phone }));
        let session = app.nobody().post("/v1/session", &body).await.ok(201);
        let caller = app.with_token(session["token"].as_str().unwrap());
        let own = caller.get("/v1/appointments").await.ok(200);
        assert_eq!(own["appointments"][0], booked, "{typed:?}");
        let again = merged(&renewal("09:00"), &json!({ "applicants": [body] }));
        caller.post("/v1/appointments", &again).await.refused(409, "already_booked");
    }
    let details = json!({
        "applicants": [merged(&crate::identities::person(2), &json!({ "name": "\u{200b}虚 二\u{feff}" }))],
        "residence": " ３３０ 106\t",
        "emergency_contact": { "name": "\u{202e}虚", "phone": "（0571） 8728-0185" },
        "collection": { "method": "post", "address": {
            "name": "虚", "phone": "00852 2345 6789", "region": "\u{200e}330106", "street": "\u{3000}文三路１号（东门）\u{200b}" } },
    });
    let other = app.person(2).await.booked(&merged(&renewal("09:00"), &details)).await;
    assert_eq!(other["applicant"]["name"], "虚*");
    let code = other["code"].as_str().unwrap();
    app.set_clock("2026-11-25T08:55:00.000+08:00");
    let typed = format!("\u{200e}{}\u{2011}{}\u{feff}", wide(&code[..4]), code[4..].to_lowercase());
    let here = app.desk().post("/v1/admin/check-in", &json!({ "code": typed })).await.ok(200);
    assert_eq!(here["id"], other["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_token_belongs_to_another_mode() {
    let app = TestApp::start().await;
    let heard = app.nobody().post("/v1/session", &json!({ "identity_token": "x" })).await;
    heard.refused_at(422, "invalid_field", &["/identity_token"]);
}
