//! What is listed and what is judged are the same: a band that is shown free can be booked, and of any other the list
//! says why not.

use serde_json::{Value, json};

use super::appointments::form;
use super::caller::Caller;
use super::files::Files;
use super::heard::merged;
use super::test_app::TestApp;
use crate::identities::person;

/// After how many bookings another person books, so that nobody meets the bound of one person's writes.
const BOOKINGS_OF_ONE: usize = 500;

/// Books for one new applicant after the other.
struct Desk<'a> {
    app: &'a TestApp,
    caller: Caller,
    made: usize,
}

impl<'a> Desk<'a> {
    async fn new(app: &'a TestApp) -> Self {
        Self { app, caller: app.person(0).await, made: 0 }
    }

    /// `booked`, or the code of the refusal.
    async fn book(&mut self, hall: &str, service: &str, date: &Value, start: &Value) -> String {
        self.made += 1;
        if self.made.is_multiple_of(BOOKINGS_OF_ONE) {
            self.caller = self.app.person(100_000 + self.made).await;
        }
        let slot = json!({ "hall": hall, "service": service, "date": date, "start": start });
        let body = merged(&merged(&form(), &slot), &json!({ "applicants": [person(self.made)] }));
        let heard = self.caller.post("/v1/appointments", &body).await;
        if heard.status == 201 { "booked".into() } else { heard.code().into() }
    }
}

/// The 62 days that begin on a date.
async fn days(app: &TestApp, hall: &str, service: &str, from: &str) -> Vec<Value> {
    let first: chrono::NaiveDate = from.parse().unwrap();
    let to = first + chrono::Days::new(61);
    let path = format!("/v1/halls/{hall}/slots?service={service}&from={from}&to={to}");
    app.nobody().get(&path).await.ok(200)["days"].as_array().unwrap().clone()
}

/// What the list promises for a band.
fn promised(day: &Value, slot: &Value) -> String {
    let remaining = slot["capacity"].as_u64().unwrap().saturating_sub(slot["taken"].as_u64().unwrap());
    assert_eq!(slot["remaining"], remaining);
    match (day["reason"].as_str(), remaining) {
        (Some(reason), _) => reason.into(),
        (None, 0) => "slot_full".into(),
        (None, _) => "booked".into(),
    }
}

/// Tries every band of 62 days, and a time at which none starts. Gives how many could be booked.
async fn try_every_band(desk: &mut Desk<'_>, hall: &str, service: &str, from: &str) -> usize {
    let before = days(desk.app, hall, service, from).await;
    assert_eq!(before.len(), 62);
    let mut booked = 0;
    for day in &before {
        assert_eq!(day["open"], day["reason"].is_null());
        let date = &day["date"];
        for slot in day["slots"].as_array().unwrap() {
            let outcome = desk.book(hall, service, date, &slot["start"]).await;
            assert_eq!(outcome, promised(day, slot), "{hall} {service} {date} {slot}");
            booked += usize::from(outcome == "booked");
        }
        let expected = day["reason"].as_str().unwrap_or("no_such_band");
        assert_eq!(desk.book(hall, service, date, &json!("08:45")).await, expected, "{hall} {date}");
    }
    // The list shows exactly what was booked.
    let after = days(desk.app, hall, service, from).await;
    for (before, after) in before.iter().zip(&after) {
        for (before_slot, after_slot) in
            before["slots"].as_array().unwrap().iter().zip(after["slots"].as_array().unwrap())
        {
            let more = u64::from(promised(before, before_slot) == "booked");
            assert_eq!(after_slot["taken"].as_u64().unwrap(), before_slot["taken"].as_u64().unwrap() + more);
        }
    }
    booked
}

/// The next place that the list of halls names is the first that the list of slots shows.
async fn next_place_is_the_first(app: &TestApp, hall: &str, service: &str, from: &str) {
    let halls = app.nobody().get(&format!("/v1/halls?service={service}")).await.ok(200);
    let named = halls["halls"].as_array().unwrap().iter().find(|one| one["id"] == hall).unwrap();
    let days = days(app, hall, service, from).await;
    let first = days.iter().filter(|day| day["open"] == true).find_map(|day| {
        let slot = day["slots"].as_array().unwrap().iter().find(|slot| slot["remaining"] != 0)?;
        Some(json!({ "date": day["date"], "start": slot["start"], "end": slot["end"], "remaining": slot["remaining"] }))
    });
    assert_eq!(named["next_available"], first.unwrap_or(Value::Null), "{hall} {service}");
}

async fn list_and_judge_agree(now: &str, from: &str) {
    let files = Files::default()
        .policy("release_time = \"00:00\"", "release_time = \"09:00\"")
        .policy("max_active = 5", "max_active = 1000");
    let app = TestApp::at(files, now).await;
    let mut desk = Desk::new(&app).await;
    let lanes = [
        ("east", "passport.renewal"),
        ("east", "permit.endorsement"),
        ("south", "permit.renewal"),
        ("west", "passport.renewal"),
    ];
    let mut booked = 0;
    for (hall, service) in lanes {
        next_place_is_the_first(&app, hall, service, from).await;
        booked += try_every_band(&mut desk, hall, service, from).await;
        next_place_is_the_first(&app, hall, service, from).await;
    }
    // The kiosk has one place a band: now all of them are full.
    assert_eq!(try_every_band(&mut desk, "east", "permit.endorsement", from).await, 0);
    assert!(booked > 300, "{booked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn list_and_judge_agree_at_noon() {
    list_and_judge_agree("2026-11-24T12:00:00+08:00", "2026-11-23").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn list_and_judge_agree_in_the_last_millisecond_of_a_day() {
    list_and_judge_agree("2026-11-24T23:59:59.999+08:00", "2026-11-23").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn list_and_judge_agree_before_the_release_of_the_last_day() {
    list_and_judge_agree("2026-11-27T08:59:59.999+08:00", "2026-11-25").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn list_and_judge_agree_after_the_release_of_the_last_day() {
    list_and_judge_agree("2026-11-27T10:59:59.999+08:00", "2026-11-25").await;
}
