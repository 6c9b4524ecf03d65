//! What everybody may ask: services, halls, slots, recommendations, and how the server is.

use serde_json::{Value, json};

use super::files::Files;
use super::heard::members;
use super::test_app::TestApp;
use crate::http::appointments::booking;

/// Texts of one member of each item of a list.
fn column<'a>(list: &'a Value, member: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|item| item[member].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_named_in_the_language_of_the_caller() {
    let app = TestApp::start().await;
    let heard = app.nobody().get("/v1/services").await;
    assert_eq!((heard.header("content-type"), heard.header("vary")), ("application/json", "accept-language"));
    assert_eq!(
        heard.ok(200),
        json!({ "services": [
            { "id": "passport.renewal", "document": "passport", "action": "renewal", "lane": "counter", "name": "护照换发" },
            { "id": "passport.first-issue", "document": "passport", "action": "first-issue", "lane": "counter",
              "name": "护照首次申领" },
            { "id": "permit.renewal", "document": "permit", "action": "renewal", "lane": "counter", "name": "通行证换发" },
            { "id": "permit.endorsement", "document": "permit", "action": "endorsement", "lane": "kiosk", "name": "签注" },
        ] })
    );
    for (languages, names) in [
        ("en", ["Passport renewal", "Passport, first issue", "通行证换发", "Endorsement"]),
        ("en-GB", ["Passport renewal", "Passport, first issue", "通行证换发", "Endorsement"]),
        ("zh-TW, en;q=0.5", ["護照換發", "护照首次申领", "通行证换发", "签注"]),
        ("fr, en;q=0.1", ["Passport renewal", "Passport, first issue", "通行证换发", "Endorsement"]),
        ("fr", ["护照换发", "护照首次申领", "通行证换发", "签注"]),
        // A script beats a region, here and on the pages.
        ("zh-HK", ["護照換發", "护照首次申领", "通行证换发", "签注"]),
        ("zh-Hant-CN;q=0.9, en;q=0.5", ["護照換發", "护照首次申领", "通行证换发", "签注"]),
        ("zh-Hans-HK, zh-TW;q=0.5", ["护照换发", "护照首次申领", "通行证换发", "签注"]),
        ("*, zh;q=0", ["Passport renewal", "Passport, first issue", "通行证换发", "Endorsement"]),
        ("*", ["护照换发", "护照首次申领", "通行证换发", "签注"]),
        ("en;q=0, ;;;=, \u{e9}", ["护照换发", "护照首次申领", "通行证换发", "签注"]),
    ] {
        let request = app.nobody().request(reqwest::Method::GET, "/v1/services").header("accept-language", languages);
        let services = super::caller::hear(request).await.ok(200);
        assert_eq!(column(&services["services"], "name"), names, "{languages}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn halls_come_by_city_and_id() {
    let app = TestApp::start().await;
    let list = app.nobody().get("/v1/halls").await.ok(200);
    let east = json!({
        "id": "east", "name": "东厅", "city": "杭州", "address": "无有路1号", "phone": "0571-00000001",
        "location": { "lat": 30.2265, "lon": 120.1905 }, "time_zone": "Asia/Shanghai", "distance_m": null,
        "next_available": { "date": "2026-11-25", "start": "08:30", "end": "09:00", "remaining": 6 },
    });
    let south = json!({
        "id": "south", "name": "南厅", "city": "杭州", "address": null, "phone": null,
        "location": { "lat": 30.15, "lon": 120.2 }, "time_zone": "Asia/Shanghai", "distance_m": null,
        "next_available": { "date": "2026-11-25", "start": "09:00", "end": "10:00", "remaining": 3 },
    });
    let west = json!({
        "id": "west", "name": "西厅", "city": "乌鲁木齐", "address": "无有路2号", "phone": null,
        "location": { "lat": 43.8, "lon": 87.6 }, "time_zone": "Asia/Urumqi", "distance_m": null,
        "next_available": { "date": "2026-11-25", "start": "10:00", "end": "11:00", "remaining": 2 },
    });
    assert_eq!(list, json!({ "halls": [west, east, south] }));
    let first = app.nobody().get("/v1/halls?limit=1").await.ok(200);
    assert_eq!(column(&first["halls"], "id"), ["west"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn halls_come_nearest_first_in_every_datum() {
    let app = TestApp::start().await;
    // The same place in the three datums: published vectors.
    for (datum, lat, lon) in [
        ("", "30.2265", "120.1905"),
        ("&datum=wgs84", "30.2265", "120.1905"),
        ("&datum=gcj02", "30.2241020856669", "120.19508610300483"),
        ("&datum=bd09", "30.229844658366467", "120.20163558344073"),
    ] {
        let list = app.nobody().get(&format!("/v1/halls?lat={lat}&lon={lon}{datum}")).await.ok(200);
        assert_eq!(column(&list["halls"], "id"), ["east", "south", "west"]);
        let distances: Vec<u64> =
            list["halls"].as_array().unwrap().iter().map(|hall| hall["distance_m"].as_u64().unwrap()).collect();
        assert!(distances[0] <= 2, "{datum}: {distances:?}");
        assert!(distances[1].abs_diff(8_555) <= 10 && distances[2].abs_diff(3_234_446) <= 5_000, "{distances:?}");
    }
    let list = app.nobody().get("/v1/halls?lat=30&lon=120.2&service=permit.endorsement").await.ok(200);
    assert_eq!(column(&list["halls"], "id"), ["south", "east"]);
    assert_eq!(
        list["halls"][1]["next_available"],
        json!({ "date": "2026-11-25", "start": "08:30", "end": "09:30", "remaining": 1 })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hall_shows_its_hours() {
    let app = TestApp::start().await;
    let hall = app.nobody().get("/v1/halls/south").await.ok(200);
    let of_list = app.nobody().get("/v1/halls").await.ok(200)["halls"][2].clone();
    for (member, value) in of_list.as_object().unwrap() {
        assert_eq!(&hall[member], value, "{member}");
    }
    let period = |start: &str, end: &str| json!([{ "start": start, "end": end }]);
    let two_hours = period("09:00", "11:00");
    assert_eq!(
        hall["hours"],
        json!({
            "mon": two_hours, "tue": period("09:00", "12:00"), "wed": two_hours, "thu": two_hours, "fri": two_hours,
            "sat": period("09:00", "10:00"), "sun": [],
        })
    );
    assert_eq!(
        hall["lanes"],
        json!([
            { "id": "counter", "band_minutes": 60, "capacity": 3, "bands": {} },
            { "id": "kiosk", "band_minutes": 60, "capacity": 4, "bands": {} },
        ])
    );
    assert_eq!(
        hall["exceptions"],
        json!([
            { "date": "2026-12-01", "closed": false, "hours": period("09:00", "10:00"), "reason": null },
            { "date": "2026-12-02", "closed": true, "hours": [], "reason": "检修" },
        ])
    );
    let east = app.nobody().get("/v1/halls/east").await.ok(200);
    assert_eq!(east["lanes"][0]["bands"], json!({ "09:00": 2 }));
    let services = app.nobody().get("/v1/halls/west").await.ok(200)["services"].clone();
    assert_eq!(services, json!(["passport.renewal", "passport.first-issue"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_show_every_band_and_why_a_day_is_not_open() {
    let app = TestApp::with(Files::default().policy("release_time = \"00:00\"", "release_time = \"18:00\"")).await;
    let days = async |hall: &str, from: &str, to: &str| {
        let path = format!("/v1/halls/{hall}/slots?service=passport.renewal&from={from}&to={to}");
        let slots = app.nobody().get(&path).await.ok(200);
        assert_eq!(members(&slots), ["days", "hall", "service", "time_zone"]);
        assert_eq!((&slots["hall"], &slots["service"]), (&json!(hall), &json!("passport.renewal")));
        slots["days"].as_array().unwrap().clone()
    };
    let band = |start: &str, end: &str, capacity: u32| json!({ "start": start, "end": end, "capacity": capacity, "taken": 0, "remaining": capacity });
    let one_day = days("east", "2026-11-25", "2026-11-25").await;
    let bands = [
        band("08:30", "09:00", 6),
        band("09:00", "09:30", 2),
        band("09:30", "10:00", 6),
        band("10:00", "10:30", 6),
        band("13:30", "14:00", 6),
        band("14:00", "14:30", 6),
    ];
    assert_eq!(one_day, [json!({ "date": "2026-11-25", "open": true, "reason": null, "slots": bands })]);

    // A make-up Sunday with Tuesday's hours has three bands, an exception that opens a holiday has one.
    for (hall, date, reason, bands) in [
        ("east", "2026-11-23", "past", 6),
        ("east", "2026-11-24", "same_day", 6),
        ("east", "2026-12-01", "holiday", 0),
        ("east", "2026-12-23", "", 6),
        ("east", "2026-12-24", "not_released", 6),
        ("east", "2026-12-25", "beyond_window", 6),
        ("south", "2026-11-29", "closed", 0),
        ("south", "2026-11-28", "", 1),
        ("south", "2026-12-01", "", 1),
        ("south", "2026-12-02", "closed", 0),
        ("south", "2026-12-06", "holiday", 0),
        ("south", "2026-12-13", "", 3),
        ("south", "2026-11-22", "past", 0),
        ("west", "2026-11-28", "closed", 0),
        ("west", "2026-11-24", "same_day", 2),
    ] {
        let [day] = days(hall, date, date).await.try_into().unwrap();
        assert_eq!(day["reason"].as_str().unwrap_or_default(), reason, "{hall} {date}");
        assert_eq!((&day["open"], &day["date"]), (&json!(reason.is_empty()), &json!(date)));
        assert_eq!(day["slots"].as_array().unwrap().len(), bands, "{hall} {date}");
    }
    let most = days("east", "2026-11-01", "2027-01-01").await;
    assert_eq!((most.len(), &most[61]["date"]), (62, &json!("2027-01-01")));
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_without_dates_are_the_window() {
    let app = TestApp::start().await;
    let window = app.nobody().get("/v1/halls/west/slots?service=passport.renewal").await.ok(200);
    let days = window["days"].as_array().unwrap();
    assert_eq!(window["time_zone"], "Asia/Urumqi");
    assert_eq!((days.len(), &days[0]["date"], &days[29]["date"]), (30, &json!("2026-11-25"), &json!("2026-12-24")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_halls_with_a_place_are_recommended() {
    let app = TestApp::start().await;
    let path = "/v1/recommendations?service=permit.endorsement&lat=30.2265&lon=120.1905&from=2026-11-25&to=2026-11-25";
    let east = json!({
        "hall": "east", "name": "东厅", "distance_m": 0, "date": "2026-11-25", "start": "08:30", "end": "09:30",
        "remaining": 1, "reasons": ["nearest", "within_2_km", "earliest_date", "mostly_free"],
    });
    let found = app.nobody().get(path).await.ok(200);
    assert_eq!(found["recommendations"][0], east);
    assert_eq!(column(&found["recommendations"], "hall"), ["east", "south"]);
    assert_eq!(found["recommendations"][1]["reasons"], json!(["within_10_km", "earliest_date", "mostly_free"]));

    for (number, start) in ["08:30", "09:30", "13:30"].into_iter().enumerate() {
        let body = booking("east", "2026-11-25", start, "permit.endorsement");
        app.person(number).await.booked(&body).await;
    }
    let found = app.nobody().get(path).await.ok(200);
    assert_eq!(column(&found["recommendations"], "hall"), ["south"], "the nearest has no place left");
    let anywhere = app.nobody().get("/v1/recommendations?service=passport.renewal&limit=2").await.ok(200);
    assert_eq!(anywhere["recommendations"].as_array().unwrap().len(), 2);
    assert_eq!(anywhere["recommendations"][0]["distance_m"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probes_say_how_the_server_is() {
    let app = TestApp::start().await;
    assert_eq!(app.nobody().get("/healthz").await.ok(200), json!({ "status": "up" }));
    let ready = app.nobody().get("/readyz").await.ok(200);
    let version = app.chief().get("/v1/admin/config").await.ok(200)["version"].clone();
    let expected = [
        "clock_behind_s",
        "hints",
        "identity",
        "in_force",
        "nearly_full",
        "read_only_reason",
        "status",
        "time_zones",
        "version",
        "warning",
    ];
    assert_eq!(members(&ready), expected);
    assert_eq!((&ready["status"], &ready["identity"]), (&json!("ready"), &json!("demo")));
    assert_eq!(ready["version"], version);
    assert!(ready["warning"].as_str().unwrap().contains("demo"), "{ready}");
}
