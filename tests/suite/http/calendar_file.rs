//! An appointment as a calendar file (RFC 5545).

use std::collections::HashMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::appointments::{hold, id, renewal};
use super::caller::{Caller, hear};
use super::test_app::TestApp;
use crate::identities::{identity, name, phone};

/// The properties of a file, unfolded, by name. Wants the form of the standard.
async fn file(caller: &Caller, appointment: &Value, language: &str) -> HashMap<String, String> {
    let path = format!("/v1/appointments/{}/calendar.ics", id(appointment));
    let heard = hear(caller.request(Method::GET, &path).header("accept-language", language)).await;
    assert_eq!((heard.status, heard.header("content-type")), (200, "text/calendar; charset=utf-8"));
    assert!(heard.header("content-disposition").contains(".ics"), "{:?}", heard.headers);
    let text = heard.text;
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']), "{text:?}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let unfolded = text.replace("\r\n ", "");
    let lines: Vec<&str> = unfolded.split_terminator("\r\n").collect();
    assert_eq!((lines[0], lines[lines.len() - 1]), ("BEGIN:VCALENDAR", "END:VCALENDAR"));
    let property = |line: &&str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
    let properties: HashMap<String, String> =
        lines.iter().filter(|line| !line.starts_with("BEGIN:") && !line.starts_with("END:")).map(property).collect();
    assert_eq!(properties.len(), lines.len() - 4, "a property stands twice: {unfolded}");
    properties
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_file_follows_the_appointment() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let booked = caller.booked(&renewal("08:30")).await;
    let first = file(&caller, &booked, "en").await;
    for (name, value) in [
        ("VERSION", "2.0"),
        ("UID", id(&booked)),
        ("DTSTART", "20261125T003000Z"),
        ("DTEND", "20261125T010000Z"),
        ("DTSTAMP", "20261124T040000Z"),
        ("SUMMARY", "Passport renewal\\, East Hall"),
        ("LOCATION", "无有路1号"),
        ("GEO", "30.2265;120.1905"),
        ("STATUS", "CONFIRMED"),
        ("SEQUENCE", "0"),
    ] {
        assert_eq!(first[name], value, "{name}");
    }
    assert!(first.contains_key("PRODID"));

    let target = json!({ "hall": "west", "date": "2026-11-26", "start": "11:00" });
    caller.post(&format!("/v1/appointments/{}/reschedule", id(&booked)), &target).await.ok(200);
    let second = file(&caller, &booked, "").await;
    assert_eq!((second["UID"].as_str(), second["SEQUENCE"].as_str()), (id(&booked), "1"));
    assert_eq!((second["DTSTART"].as_str(), second["SUMMARY"].as_str()), ("20261126T050000Z", "护照换发\\, 西厅"));

    caller.post_nothing(&format!("/v1/appointments/{}/cancel", id(&booked))).await.ok(200);
    assert_eq!(file(&caller, &booked, "").await["STATUS"], "CANCELLED");
    let held = caller.booked(&hold("08:30")).await;
    let tentative = file(&caller, &held, "").await;
    assert_eq!(tentative["STATUS"], "TENTATIVE");
    for (_, value) in first.iter().chain(&second).chain(&tentative) {
        for personal in [identity(1), name(1), phone(1)] {
            assert!(!value.contains(&personal), "{value}");
        }
    }
}
