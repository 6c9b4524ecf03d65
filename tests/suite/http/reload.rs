//! Another configuration, while the server runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::appointments::{booking, hold, id, renewal};
use super::caller::Caller;
use super::files::Files;
use super::heard::{Heard, members};
use super::test_app::TestApp;

async fn reload(app: &TestApp, query: &str) -> Heard {
    app.chief().post_nothing(&format!("/v1/admin/config/reload{query}")).await
}

async fn version(app: &TestApp) -> Value {
    app.chief().get("/v1/admin/config").await.ok(200)["version"].clone()
}

/// More places at 08:30 and another name for a hall.
fn other_files() -> Files {
    Files::default().changed("halls/east.toml", "capacity = 6", "capacity = 8").changed(
        "halls/south.toml",
        "南厅",
        "新南厅",
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_a_reload_does() {
    let app = TestApp::start().await;
    let before = version(&app).await;
    app.write(&other_files());
    app.pass(TimeDelta::minutes(5));
    let would = reload(&app, "?dry_run=true").await.ok(200);
    assert_eq!(members(&would), ["changes", "displaced", "previous", "version"]);
    assert_eq!((&would["previous"], &would["displaced"]), (&before, &json!([])));
    assert_ne!(would["version"], before);
    let changes: Vec<&str> = would["changes"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert!(changes.iter().any(|one| one.contains("east") && one.contains('8')), "{changes:?}");
    assert!(changes.iter().any(|one| one.contains("south") && one.contains("新南厅")), "{changes:?}");
    assert_eq!(version(&app).await, before);
    assert_eq!(app.slot("east", "2026-11-25", "counter", "08:30").await["capacity"], 6);

    assert_eq!(reload(&app, "").await.ok(200), would);
    let config = app.chief().get("/v1/admin/config").await.ok(200);
    assert_eq!(
        (&config["version"], &config["loaded_at"]),
        (&would["version"], &json!("2026-11-24T12:05:00.000+08:00"))
    );
    assert_eq!(app.slot("east", "2026-11-25", "counter", "08:30").await["capacity"], 8);
    assert_eq!(app.nobody().get("/v1/halls/south").await.ok(200)["name"], "新南厅");
    let same = reload(&app, "?dry_run=false").await.ok(200);
    assert_eq!((&same["changes"], &same["version"]), (&json!([]), &same["previous"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_file_changes_nothing_and_every_error_is_told() {
    let app = TestApp::start().await;
    let before = version(&app).await;
    let wrong = other_files()
        .changed("halls/south.toml", "sat = [\"09:00-10:00\"]", "sat = [\"08:00-10:00\"]\nnoon = 1")
        .changed("services.toml", "lane = \"kiosk\"", "lane = \"nowhere\"")
        .changed("calendar/test.toml", "2026-12-06", "2026-12-01");
    app.write(&wrong);
    for query in ["", "?dry_run=true"] {
        let heard = reload(&app, query).await.refused(422, "invalid_field");
        let pointers = heard.pointers();
        for place in ["calendar/test.toml:", "halls/south.toml:", "services.toml:"] {
            assert!(pointers.iter().any(|pointer| pointer.contains(place)), "{place}: {pointers:?}");
        }
        let in_south = pointers.iter().filter(|pointer| pointer.contains("halls/south.toml:")).count();
        assert!(in_south >= 2, "{pointers:?}");
    }
    assert_eq!(version(&app).await, before);
    assert_eq!(app.nobody().get("/v1/halls/south").await.ok(200)["name"], "南厅");
    app.person(1).await.booked(&renewal("08:30")).await;
    app.write(&other_files().without("services.toml"));
    reload(&app, "").await.refused(422, "invalid_field");
    app.write(&other_files());
    reload(&app, "").await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_no_longer_fits_is_named_and_keeps_the_appointment() {
    let app = TestApp::start().await;
    let mut made = Vec::new();
    for number in 0..4 {
        made.push(app.person(number).await.booked(&renewal("08:30")).await);
        app.pass(TimeDelta::seconds(1));
    }
    let band = app.person(10).await.booked(&renewal("10:00")).await;
    let kiosk = app.person(11).await.booked(&booking("east", "2026-11-26", "13:30", "permit.endorsement")).await;
    let south = app.person(12).await.booked(&booking("south", "2026-11-27", "09:00", "permit.renewal")).await;
    let cancelled = app.person(13).await;
    let gone = cancelled.booked(&renewal("10:00")).await;
    cancelled.post_nothing(&format!("/v1/appointments/{}/cancel", id(&gone))).await.ok(200);
    let held = app.person(14).await.booked(&hold("09:30")).await;

    let files = Files::default()
        .changed("halls/east.toml", "capacity = 6", "capacity = 3")
        .changed(
            "halls/east.toml",
            "wed = [\"08:30-10:30\", \"13:30-14:30\"]",
            "wed = [\"08:30-10:00\", \"13:30-14:30\"]",
        )
        .changed("halls/east.toml", "thu = [\"08:30-10:30\", \"13:30-14:30\"]", "thu = []")
        .without("halls/south.toml");
    app.write(&files);
    let would = reload(&app, "?dry_run=true").await.ok(200);
    let done = reload(&app, "").await.ok(200);
    assert_eq!(done, would);
    let displaced = done["displaced"].as_array().unwrap();
    assert!(displaced.iter().all(|one| members(one) == ["date", "hall", "id", "reason", "start"]), "{done}");
    let mut shown: Vec<(&str, &str, &str, &str)> = displaced
        .iter()
        .map(|one| {
            (id(one), one["hall"].as_str().unwrap(), one["date"].as_str().unwrap(), one["start"].as_str().unwrap())
        })
        .collect();
    shown.sort_unstable();
    let mut expected = vec![
        (id(&made[3]), "east", "2026-11-25", "08:30"),
        (id(&band), "east", "2026-11-25", "10:00"),
        (id(&kiosk), "east", "2026-11-26", "13:30"),
        (id(&south), "south", "2026-11-27", "09:00"),
    ];
    expected.sort_unstable();
    assert_eq!(shown, expected, "held and well: {}", id(&held));

    // Nothing has happened to them, and nobody else gets a place that is too many.
    let caller = app.person(3).await;
    assert_eq!(caller.get(&format!("/v1/appointments/{}", id(&made[3]))).await.ok(200), made[3]);
    let slot = app.slot("east", "2026-11-25", "counter", "08:30").await;
    assert_eq!((&slot["capacity"], &slot["taken"], &slot["remaining"]), (&json!(3), &json!(4), &json!(0)));
    app.person(20).await.post("/v1/appointments", &renewal("08:30")).await.refused(409, "slot_full");
    app.person(12).await.get(&format!("/v1/appointments/{}", id(&south))).await.ok(200);
    let target = json!({ "hall": "east", "date": "2026-11-25", "start": "09:30" });
    let moved =
        app.person(12).await.post(&format!("/v1/appointments/{}/reschedule", id(&south)), &target).await.ok(200);
    assert_eq!(moved["hall"], "east");
    caller.post_nothing(&format!("/v1/appointments/{}/cancel", id(&made[3]))).await.ok(200);
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_band_that_comes_back_has_its_appointments() {
    let app = TestApp::start().await;
    let booked = app.person(1).await.booked(&renewal("09:00")).await;
    app.person(2).await.booked(&renewal("09:00")).await;
    app.write(&Files::default().changed("halls/east.toml", "wed = [\"08:30-10:30\"", "wed = [\"10:00-10:30\""));
    assert_eq!(reload(&app, "").await.ok(200)["displaced"].as_array().unwrap().len(), 2);
    app.person(3).await.post("/v1/appointments", &renewal("09:00")).await.refused(422, "no_such_band");
    app.person(1).await.post_nothing(&format!("/v1/appointments/{}/cancel", id(&booked))).await.ok(200);
    app.write(&Files::default());
    assert_eq!(reload(&app, "").await.ok(200)["displaced"], json!([]));
    assert_eq!(app.taken("east", "2026-11-25", "09:00").await, 1);
    app.person(3).await.booked(&renewal("09:00")).await;
    app.person(4).await.post("/v1/appointments", &renewal("09:00")).await.refused(409, "slot_full");
}

/// Books and cancels until told to stop. Whatever the configuration, there is a place for everybody.
async fn come_and_go(caller: Caller, start: &'static str, stop: Arc<AtomicBool>) -> usize {
    let mut rounds = 0;
    while !stop.load(Ordering::Relaxed) && rounds < 280 {
        let booked = caller.booked(&renewal(start)).await;
        caller.post_nothing(&format!("/v1/appointments/{}/cancel", id(&booked))).await.ok(200);
        rounds += 1;
    }
    caller.booked(&renewal(start)).await;
    rounds
}

#[tokio::test(flavor = "multi_thread")]
async fn bookings_run_through_reloads() {
    const RELOADS: usize = 60;
    const PEOPLE: usize = 16;
    let wide = Files::default().changed("halls/east.toml", "capacity = 6", "capacity = 16");
    let other = wide
        .clone()
        .changed("halls/east.toml", "capacity = 16", "capacity = 20")
        .changed("halls/east.toml", "band_minutes = 60", "band_minutes = 15")
        .changed("halls/south.toml", "thu = [\"09:00-11:00\"]", "thu = []");
    let app = TestApp::with(wide.clone()).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut running = Vec::new();
    for number in 0..PEOPLE {
        let start = ["08:30", "10:00"][number % 2];
        running.push(tokio::spawn(come_and_go(app.person(number).await, start, Arc::clone(&stop))));
    }
    let mut versions = std::collections::HashSet::new();
    for round in 0..RELOADS {
        app.write(if round % 2 == 0 { &other } else { &wide });
        let report = reload(&app, "").await.ok(200);
        assert_eq!(report["displaced"], json!([]));
        versions.insert(report["version"].as_str().unwrap().to_owned());
    }
    stop.store(true, Ordering::Relaxed);
    let mut rounds = 0;
    for person in running {
        rounds += person.await.unwrap();
    }
    assert_eq!(versions.len(), 2);
    assert!(rounds > RELOADS, "{rounds}");
    for start in ["08:30", "10:00"] {
        assert_eq!(app.taken("east", "2026-11-25", start).await, PEOPLE as u64 / 2);
    }
}
