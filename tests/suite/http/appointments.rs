//! Booking, and what a person sees of it.

use std::collections::{BTreeMap, HashSet};

use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use super::caller::Caller;
use super::heard::{members, merged};
use super::test_app::TestApp;
use crate::identities::{identity, person};

/// The members of an appointment, sorted.
pub const APPOINTMENT: [&str; 15] = [
    "applicant",
    "code",
    "created_at",
    "date",
    "end",
    "expires_at",
    "hall",
    "id",
    "lane",
    "party",
    "service",
    "start",
    "starts_at",
    "status",
    "updated_at",
];

/// What a complete form says besides the slot and the applicants.
pub fn form() -> Value {
    json!({
        "residence": "330106",
        "emergency_contact": { "name": "虚友", "phone": "19901999999" },
        "collection": { "method": "counter" },
    })
}

/// A complete booking for the person of the session.
pub fn booking(hall: &str, date: &str, start: &str, service: &str) -> Value {
    merged(&form(), &json!({ "hall": hall, "date": date, "start": start, "service": service }))
}

/// A passport booking in `east` on the first day of the window.
pub fn renewal(start: &str) -> Value {
    booking("east", "2026-11-25", start, "passport.renewal")
}

/// A hold of a passport slot in `east` on the first day of the window.
pub fn hold(start: &str) -> Value {
    json!({ "hall": "east", "service": "passport.renewal", "date": "2026-11-25", "start": start, "hold": true })
}

/// The id of an appointment.
pub fn id(appointment: &Value) -> &str {
    appointment["id"].as_str().unwrap()
}

fn masked(number: usize) -> Value {
    let id_number = identity(number);
    let name = format!("{}*", person(number)["name"].as_str().unwrap().chars().next().unwrap());
    json!({ "name": name, "id_number": format!("{}********{}", &id_number[..6], &id_number[14..]) })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_is_answered_as_the_contract_says() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let party = caller.post("/v1/appointments", &renewal("08:30")).await.ok(201);
    assert_eq!(members(&party), ["appointments", "party"]);
    let appointment = &party["appointments"][0];
    assert_eq!(members(appointment), APPOINTMENT);
    assert_eq!(appointment["party"], party["party"]);
    for member in ["id", "party"] {
        let uuid: Uuid = appointment[member].as_str().unwrap().parse().unwrap();
        assert_eq!(uuid.get_version_num(), 7, "{member}");
    }
    let code = appointment["code"].as_str().unwrap();
    assert!(code.len() == 8 && code.chars().all(|c| "0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(c)), "{code}");
    let said = json!({
        "id": appointment["id"], "code": code, "party": party["party"], "status": "booked",
        "hall": "east", "service": "passport.renewal", "lane": "counter", "date": "2026-11-25",
        "start": "08:30", "end": "09:00", "starts_at": "2026-11-25T08:30:00+08:00", "expires_at": null,
        "applicant": masked(1),
        "created_at": "2026-11-24T12:00:00.000+08:00", "updated_at": "2026-11-24T12:00:00.000+08:00",
    });
    assert_eq!(appointment, &said);
    assert_eq!(caller.get(&format!("/v1/appointments/{}", id(&said))).await.ok(200), said);
    let list = caller.get("/v1/appointments").await.ok(200);
    assert_eq!(list, json!({ "appointments": [said], "next": null }));
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn instants_have_the_offset_of_the_hall() {
    let app = TestApp::start().await;
    let body = booking("west", "2026-11-25", "10:00", "passport.renewal");
    let appointment = app.person(1).await.booked(&body).await;
    assert_eq!(appointment["starts_at"], "2026-11-25T10:00:00+06:00");
    assert_eq!(appointment["created_at"], "2026-11-24T10:00:00.000+06:00");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_needs_only_the_slot_and_keeps_its_place_for_ten_minutes() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let held = caller.booked(&hold("09:00")).await;
    assert_eq!((&held["status"], &held["expires_at"]), (&json!("held"), &json!("2026-11-24T12:10:00.000+08:00")));
    assert_eq!(app.taken("east", "2026-11-25", "09:00").await, 1);
    let with_form = merged(&hold("09:00"), &form());
    app.person(2).await.booked(&with_form).await;
    assert_eq!(app.taken("east", "2026-11-25", "09:00").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_by_post_has_an_address() {
    let app = TestApp::start().await;
    let address = json!({ "name": "虚收", "phone": "0571-87280185", "region": "330106", "street": "无有路3号" });
    let body = merged(&renewal("08:30"), &json!({ "collection": { "method": "post", "address": address } }));
    let booked = app.person(1).await.booked(&body).await;
    assert_eq!(members(&booked), APPOINTMENT, "what is sent is not shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_is_listed_in_its_order_and_belongs_to_its_members() {
    let app = TestApp::start().await;
    let maker = app.person(1).await;
    let applicants: Vec<Value> = [2, 3, 4].map(person).to_vec();
    let body = merged(&renewal("08:30"), &json!({ "applicants": applicants }));
    let party = maker.post("/v1/appointments", &body).await.ok(201);
    let shown: Vec<&Value> = party["appointments"].as_array().unwrap().iter().map(|one| &one["applicant"]).collect();
    assert_eq!(shown, [&masked(2), &masked(3), &masked(4)]);
    assert!(party["appointments"].as_array().unwrap().iter().all(|one| one["party"] == party["party"]));
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 3);

    let count = async |number| {
        let list = app.person(number).await.get("/v1/appointments").await.ok(200);
        list["appointments"].as_array().unwrap().len()
    };
    assert_eq!([count(1).await, count(2).await, count(3).await, count(5).await], [3, 1, 1, 0]);
    let second = app.person(3).await.get("/v1/appointments").await.ok(200);
    assert_eq!(second["appointments"][0], party["appointments"][1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_gets_all_its_places_or_none() {
    let app = TestApp::start().await;
    let five: Vec<Value> = (10..15).map(person).collect();
    let body = merged(&renewal("08:30"), &json!({ "applicants": five }));
    app.person(1).await.post("/v1/appointments", &body).await.ok(201);
    let two: Vec<Value> = (20..22).map(person).collect();
    let body = merged(&renewal("08:30"), &json!({ "applicants": two }));
    app.person(2).await.post("/v1/appointments", &body).await.refused(409, "slot_full");
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 5);
    app.person(20).await.booked(&renewal("08:30")).await;
    // Somebody of a party who is booked already: nobody of it is.
    let body = merged(&renewal("09:00"), &json!({ "applicants": [person(21), person(20)] }));
    app.person(3).await.post("/v1/appointments", &body).await.refused(409, "already_booked");
    assert_eq!(app.taken("east", "2026-11-25", "09:00").await, 0);
    app.person(21).await.booked(&renewal("09:00")).await;
}

/// How many of some calls at the same time had each outcome.
async fn at_once(calls: Vec<(Caller, Value)>) -> BTreeMap<String, usize> {
    let call =
        |(caller, body): (Caller, Value)| tokio::spawn(async move { caller.post("/v1/appointments", &body).await });
    let running: Vec<_> = calls.into_iter().map(call).collect();
    let mut outcomes = BTreeMap::new();
    for call in running {
        let heard = call.await.unwrap();
        let outcome = if heard.status == 201 { "booked" } else { heard.code() };
        *outcomes.entry(outcome.to_owned()).or_default() += 1;
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread")]
async fn rivals_share_exactly_the_places_that_there_are() {
    let app = TestApp::start().await;
    let mut rivals = Vec::new();
    for number in 0..60 {
        rivals.push((app.person(number).await, renewal("09:00")));
    }
    let expected = [("booked".to_owned(), 2), ("slot_full".to_owned(), 58)].into();
    assert_eq!(at_once(rivals).await, expected);
    assert_eq!(app.taken("east", "2026-11-25", "09:00").await, 2);

    // One person on many telephones.
    let caller = app.person(99).await;
    let calls = (0..60).map(|at| (caller.clone(), renewal(["08:30", "09:30", "10:00", "13:30"][at % 4]))).collect();
    let expected = [("already_booked".to_owned(), 59), ("booked".to_owned(), 1)].into();
    assert_eq!(at_once(calls).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_callers_is_not_there() {
    let app = TestApp::start().await;
    let held = app.person(1).await.booked(&hold("08:30")).await;
    let stranger = app.person(2).await;
    let target = json!({ "hall": "east", "date": "2026-11-26", "start": "08:30" });
    for id in [id(&held), "01979a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b", "no-uuid", "1", "%20", "杭州"] {
        let path = format!("/v1/appointments/{id}");
        stranger.get(&path).await.refused(404, "unknown_appointment");
        stranger.get(&format!("{path}/calendar.ics")).await.refused(404, "unknown_appointment");
        stranger.post(&format!("{path}/confirm"), &form()).await.refused(404, "unknown_appointment");
        stranger.post(&format!("{path}/reschedule"), &target).await.refused(404, "unknown_appointment");
        for call in ["cancel", "cancel?party=true"] {
            stranger.post_nothing(&format!("{path}/{call}")).await.refused(404, "unknown_appointment");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_page_by_page_from_the_newest_to_the_oldest() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let mut made = Vec::new();
    for _ in 0..7 {
        let booked = caller.booked(&renewal("08:30")).await;
        caller.post_nothing(&format!("/v1/appointments/{}/cancel", id(&booked))).await.ok(200);
        made.insert(0, id(&booked).to_owned());
        app.pass(TimeDelta::milliseconds(1));
    }
    let pages = async |limit: usize, between: bool| {
        let (mut found, mut pages, mut path) = (Vec::new(), 0, format!("/v1/appointments?limit={limit}"));
        loop {
            let page = caller.get(&path).await.ok(200);
            assert_eq!(members(&page), ["appointments", "next"]);
            found.extend(page["appointments"].as_array().unwrap().iter().map(|one| id(one).to_owned()));
            pages += 1;
            if between && pages == 1 {
                // What comes meanwhile is newer than every page that is still to come.
                caller.booked(&renewal("08:30")).await;
            }
            let Some(next) = page["next"].as_str() else { return (found, pages) };
            path = format!("/v1/appointments?limit={limit}&cursor={next}");
        }
    };
    for (limit, expected) in [(1, 7), (2, 4), (3, 3), (6, 2), (7, 1), (100, 1)] {
        assert_eq!(pages(limit, false).await, (made.clone(), expected), "limit {limit}");
    }
    assert_eq!(pages(3, true).await, (made.clone(), 3));
    assert_eq!(pages(100, false).await.0.into_iter().collect::<HashSet<_>>().len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_a_limit_has_pages_of_twenty() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    for _ in 0..21 {
        let booked = caller.booked(&renewal("08:30")).await;
        caller.post_nothing(&format!("/v1/appointments/{}/cancel", id(&booked))).await.ok(200);
    }
    let page = caller.get("/v1/appointments").await.ok(200);
    assert_eq!(page["appointments"].as_array().unwrap().len(), 20);
    let rest = caller.get(&format!("/v1/appointments?cursor={}", page["next"].as_str().unwrap())).await.ok(200);
    assert_eq!((rest["appointments"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_booked_is_there_after_a_restart() {
    let mut app = TestApp::start().await;
    let caller = app.person(1).await;
    caller.booked(&renewal("08:30")).await;
    caller.booked(&booking("east", "2026-11-26", "08:30", "permit.renewal")).await;
    let before = caller.get("/v1/appointments").await.ok(200);
    app.restart().await;
    assert_eq!(caller.get("/v1/appointments").await.ok(200), before);
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 1);
    caller.post("/v1/appointments", &renewal("09:00")).await.refused(409, "already_booked");
}
