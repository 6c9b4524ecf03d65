//! The rules of the clock, over HTTP: midnight in the hall, the last day of the window, the end of a hold.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::appointments::{booking, form, hold, id, renewal};
use super::files::Files;
use super::heard::merged;
use super::test_app::TestApp;

/// What a booking of somebody new comes to at an instant: `booked`, or the code of the refusal.
async fn outcome(app: &TestApp, number: usize, now: &str, hall: &str, date: &str) -> String {
    app.set_clock(now);
    let start = if hall == "west" { "10:00" } else { "08:30" };
    let body = booking(hall, date, start, "passport.renewal");
    let heard = app.person(number).await.post("/v1/appointments", &body).await;
    if heard.status == 201 { "booked".into() } else { heard.code().into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_becomes_the_same_day_at_midnight_in_the_hall() {
    let app = TestApp::start().await;
    let table = [
        ("2026-11-24T23:59:59.999+08:00", "east", "2026-11-25", "booked"),
        ("2026-11-25T00:00:00.000+08:00", "east", "2026-11-25", "same_day"),
        ("2026-11-25T00:00:00.000+08:00", "east", "2026-11-24", "past"),
        ("2026-11-25T00:00:00.000+08:00", "east", "2026-11-26", "booked"),
        // Midnight in Shanghai is ten in the evening in Urumqi.
        ("2026-11-25T00:00:00.000+08:00", "west", "2026-11-25", "booked"),
        ("2026-11-25T01:59:59.999+08:00", "west", "2026-11-25", "booked"),
        ("2026-11-25T02:00:00.000+08:00", "west", "2026-11-25", "same_day"),
        ("2026-11-25T02:00:00.000+08:00", "west", "2026-11-24", "past"),
        ("2026-12-31T23:59:59.999+08:00", "east", "2027-01-01", "booked"),
        ("2027-01-01T00:00:00.000+08:00", "east", "2027-01-01", "same_day"),
    ];
    for (number, (now, hall, date, expected)) in table.into_iter().enumerate() {
        assert_eq!(outcome(&app, number, now, hall, date).await, expected, "{now} {hall} {date}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_day_of_the_window_opens_at_the_release_time() {
    let app = TestApp::with(Files::default().policy("release_time = \"00:00\"", "release_time = \"09:30\"")).await;
    let table = [
        ("2026-11-24T00:00:00.000+08:00", "east", "2026-12-23", "booked"),
        ("2026-11-24T00:00:00.000+08:00", "east", "2026-12-24", "not_released"),
        ("2026-11-24T09:29:59.999+08:00", "east", "2026-12-24", "not_released"),
        ("2026-11-24T09:29:59.999+08:00", "east", "2026-12-25", "beyond_window"),
        ("2026-11-24T09:30:00.000+08:00", "east", "2026-12-24", "booked"),
        ("2026-11-24T09:30:00.000+08:00", "east", "2026-12-25", "beyond_window"),
        ("2026-11-24T09:30:00.000+08:00", "west", "2026-12-24", "not_released"),
        ("2026-11-24T11:29:59.999+08:00", "west", "2026-12-24", "not_released"),
        ("2026-11-24T11:30:00.000+08:00", "west", "2026-12-24", "booked"),
        ("2026-11-24T23:59:59.999+08:00", "east", "2026-12-25", "beyond_window"),
        ("2026-11-25T00:00:00.000+08:00", "east", "2026-12-25", "not_released"),
        ("2026-11-25T09:30:00.000+08:00", "east", "2026-12-25", "booked"),
    ];
    for (number, (now, hall, date, expected)) in table.into_iter().enumerate() {
        assert_eq!(outcome(&app, number, now, hall, date).await, expected, "{now} {hall} {date}");
    }
}

/// Waits until a band of `counter` in `east` shows so many places taken: holds end without anybody asking, but not
/// within the call that sets the clock.
async fn until_taken(app: &TestApp, start: &str, taken: u64) {
    let patience = Instant::now();
    while app.taken("east", "2026-11-25", start).await != taken {
        assert!(patience.elapsed() < Duration::from_mins(2), "the hold does not end");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_ends_on_time_without_anybody_asking() {
    let app = TestApp::start().await;
    let (caller, rival) = (app.person(1).await, app.person(2).await);
    let held = caller.booked(&hold("09:00")).await;
    app.person(3).await.booked(&renewal("09:00")).await;
    app.set_clock("2026-11-24T12:09:59.999+08:00");
    rival.post("/v1/appointments", &renewal("09:00")).await.refused(409, "slot_full");
    caller.post("/v1/appointments", &renewal("08:30")).await.refused(409, "already_booked");
    let own = format!("/v1/appointments/{}", id(&held));
    assert_eq!(caller.get(&own).await.ok(200)["status"], "held");

    app.pass(TimeDelta::milliseconds(1));
    assert_eq!(caller.get(&own).await.ok(200)["status"], "expired");
    caller.post(&format!("{own}/confirm"), &form()).await.refused(409, "hold_expired");
    until_taken(&app, "09:00", 1).await;
    rival.booked(&renewal("09:00")).await;
    caller.booked(&renewal("08:30")).await;
    let list = caller.get("/v1/appointments").await.ok(200);
    let statuses: Vec<&Value> = list["appointments"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [&json!("booked"), &json!("expired")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_hold_stands_in_nobodys_way() {
    let app = TestApp::with(Files::default().policy("hold_minutes = 10", "hold_minutes = 1")).await;
    let kiosk = booking("east", "2026-11-25", "13:30", "permit.endorsement");
    let hold = merged(&kiosk, &json!({ "hold": true }));
    let people = [app.person(1).await, app.person(2).await];
    for round in 0..100 {
        // The only place of a band, in the very instant in which a hold of it ends: for a rival, then for the holder.
        let (holder, rival) = (&people[0], &people[round % 2]);
        holder.booked(&hold).await;
        app.pass(TimeDelta::minutes(1));
        let booked = rival.booked(&kiosk).await;
        rival.post_nothing(&format!("/v1/appointments/{}/cancel", id(&booked))).await.ok(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn holds_end_across_a_restart() {
    let mut app = TestApp::with(Files::default().policy("hold_minutes = 10", "hold_minutes = 30")).await;
    let (first, second) = (app.person(1).await, app.person(2).await);
    let ended = first.booked(&hold("08:30")).await;
    app.pass(TimeDelta::minutes(20));
    let kept = second.booked(&hold("08:30")).await;
    assert_eq!(kept["expires_at"], "2026-11-24T12:50:00.000+08:00");
    app.restart().await;
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 2);
    app.pass(TimeDelta::minutes(10));
    app.restart().await;
    until_taken(&app, "08:30", 1).await;
    assert_eq!(first.get(&format!("/v1/appointments/{}", id(&ended))).await.ok(200)["status"], "expired");
    let own = format!("/v1/appointments/{}", id(&kept));
    assert_eq!(second.get(&own).await.ok(200)["status"], "held");
    second.post(&format!("{own}/confirm"), &form()).await.ok(200);
    app.pass(TimeDelta::hours(1));
    app.restart().await;
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 1);
}
