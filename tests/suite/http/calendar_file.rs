//! An appointment as a calendar file (RFC 5545).

use std::collections::HashMap;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::appointments::{hold, id, renewal};
use super::caller::{Caller, hear};
use super::files::Files;
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
    let without_alarms = |lines: Vec<&str>| {
        let mut inside = false;
        let is_outside = |line: &&str| {
            inside |= *line == "BEGIN:VALARM";
            let is_outside = !inside;
            inside &= *line != "END:VALARM";
            is_outside
        };
        lines.into_iter().filter(is_outside).map(str::to_owned).collect::<Vec<_>>()
    };
    let lines = without_alarms(lines);
    let property =
        |line: &String| line.split_once(':').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
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
        ("DESCRIPTION", &format!("{}\\n{}", booked["code"].as_str().unwrap(), first["URL"])),
    ] {
        assert_eq!(first[name], value, "{name}");
    }
    assert!(first.contains_key("PRODID") && !first.contains_key("METHOD"));
    let link = &first["URL"];
    assert!(
        link.starts_with("http://127.0.0.1:") && link.ends_with(&format!("/appointments/{}", id(&booked))),
        "{link}"
    );

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

/// Sequence, stamp and place of a file.
async fn newness(caller: &Caller, appointment: &Value) -> (u32, String, String) {
    let file = file(caller, appointment, "").await;
    assert_eq!(file["DTSTAMP"], file["LAST-MODIFIED"]);
    (file["SEQUENCE"].parse().unwrap(), file["DTSTAMP"].clone(), file["LOCATION"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_file_becomes_newer_when_the_configuration_changes_what_is_in_it() {
    let mut app = TestApp::start().await;
    let booked = app.person(1).await.booked(&renewal("08:30")).await;
    let caller = app.person(1).await;
    let first = newness(&caller, &booked).await;
    app.pass(TimeDelta::seconds(30));
    // The same configuration once more changes nothing, and neither does a restart.
    app.chief().post_nothing("/v1/admin/config/reload").await.ok(200);
    assert_eq!(newness(&caller, &booked).await, first);
    app.restart().await;
    let caller = app.person(1).await;
    assert_eq!(newness(&caller, &booked).await, first);
    app.write(&Files::default().changed("halls/east.toml", "无有路1号", "无有路100号"));
    app.chief().post_nothing("/v1/admin/config/reload").await.ok(200);
    let second = newness(&caller, &booked).await;
    assert!(second.0 > first.0 && second.1 > first.1 && second.2 == "无有路100号", "{second:?} after {first:?}");
    app.pass(TimeDelta::seconds(30));
    app.restart().await;
    let caller = app.person(1).await;
    assert_eq!(newness(&caller, &booked).await, second);
    let target = json!({ "hall": "east", "date": "2026-11-26", "start": "08:30" });
    caller.post(&format!("/v1/appointments/{}/reschedule", id(&booked)), &target).await.ok(200);
    let third = newness(&caller, &booked).await;
    assert!(third.0 > second.0 && third.1 > second.1, "{third:?} after {second:?}");
    // A configuration that changes while the server is down counts from its start.
    app.write(&Files::default().changed("halls/east.toml", "东厅", "新东厅"));
    app.pass(TimeDelta::seconds(30));
    app.restart().await;
    let fourth = newness(&app.person(1).await, &booked).await;
    assert!(fourth.0 > third.0 && fourth.1 > third.1, "{fourth:?} after {third:?}");
}
