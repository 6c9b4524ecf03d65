//! What everybody may ask.

use axum::body::Bytes;
use axum::http::HeaderValue;
use serde_json::json;

use super::{HALL, House, request};

#[tokio::test]
async fn halls_are_listed_nearest_first() {
    let house = House::open().await;
    let halls = async |query: &str| house.get(&format!("/v1/halls?{query}"), "").await.body["halls"].clone();
    let near = halls("lat=30.229&lon=120.192&limit=3&service=passport.renewal").await;
    assert_eq!((&near[0]["id"], &near[0]["distance_m"]), (&json!(HALL), &json!(0)));
    let first = json!({"date": "2026-11-25", "start": "08:30", "end": "09:00", "remaining": 46});
    assert_eq!(near[0]["next_available"], first);
    let distances: Vec<u64> =
        near.as_array().unwrap().iter().map(|hall| hall["distance_m"].as_u64().unwrap()).collect();
    assert!(distances.len() == 3 && distances.is_sorted(), "{distances:?}");

    let all = halls("limit=200").await;
    let order: Vec<(&str, &str)> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|hall| (hall["city"].as_str().unwrap(), hall["id"].as_str().unwrap()))
        .collect();
    assert!(order.is_sorted() && all[0]["distance_m"].is_null(), "{order:?}");

    let hall = house.get(&format!("/v1/halls/{HALL}"), "").await.body;
    assert_eq!(hall["hours"]["mon"][0], json!({"start": "08:30", "end": "12:00"}));
    assert!(hall["services"].as_array().unwrap().contains(&json!("passport.renewal")));
}

#[tokio::test]
async fn names_come_in_the_language_of_the_caller() {
    let house = House::open().await;
    let name = async |language: &'static str| {
        let mut request = request("GET", "/v1/services", "", None, Bytes::new());
        request.headers_mut().insert("accept-language", HeaderValue::from_static(language));
        let heard = house.ask(request).await;
        assert_eq!(heard.headers["vary"], "accept-language");
        heard.body["services"][0]["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(name("en").await, "Ordinary passport: first issue");
    assert!(!name("fr").await.is_ascii(), "Chinese where nothing fits");
}

#[tokio::test]
async fn slots_say_what_the_judge_says() {
    let house = House::open().await;
    house.booked(json!({})).await;
    let path = format!("/v1/halls/{HALL}/slots?service=passport.renewal&from=2026-11-23&to=2026-11-26");
    let heard = house.get(&path, "").await;
    assert_eq!((&heard.body["hall"], &heard.body["time_zone"]), (&json!(HALL), &json!("Asia/Shanghai")));
    let day =
        |at: usize| (heard.body["days"][at]["open"].as_bool().unwrap(), heard.body["days"][at]["reason"].as_str());
    assert_eq!(
        [day(0), day(1), day(2), day(3)],
        [(false, Some("past")), (false, Some("same_day")), (true, None), (true, None)]
    );
    let slot = json!({"start": "08:30", "end": "09:00", "capacity": 46, "taken": 1, "remaining": 45});
    assert_eq!(heard.body["days"][3]["slots"][0], slot);
}

#[tokio::test]
async fn what_is_counted_can_be_read() {
    let house = House::open().await;
    house.booked(json!({})).await;
    house.get("/v1/halls/some-hall", "").await;
    house.get("/nothing", "").await;
    let text = house.get("/metrics", "").await.text;
    for line in [
        r#"hallpass_http_requests_total{route="/v1/halls/{hall}",method="GET",status="404"} 1"#,
        r#"hallpass_http_requests_total{route="unmatched",method="GET",status="404"} 1"#,
        r#"hallpass_http_request_duration_seconds_count{route="/v1/appointments"} 1"#,
        r#"hallpass_problems_total{code="not_found"} 1"#,
        r#"hallpass_appointment_changes_total{change="booked"} 1"#,
        "hallpass_read_only 0",
        "hallpass_recovered 1",
        "hallpass_appointments 1",
        "hallpass_ledger_queue_entries 0",
        "# EOF",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
    }
    assert!(!text.contains("some-hall"), "{text}");
}
