//! What a person does: session, booking, holding, moving, cancelling, and all of it twice.

use chrono::TimeDelta;
use serde_json::json;

use super::{House, OTHERS, booking, noon, person, with};

#[tokio::test]
async fn an_appointment_is_booked_moved_and_cancelled() {
    let house = House::open().await;
    let booked = house.booked(json!({})).await.remove(0);
    let path = format!("/v1/appointments/{}", booked["id"].as_str().unwrap());
    assert_eq!(house.get(&path, &house.session).await.body, booked);
    assert_eq!(booked["applicant"], json!({"name": "张*", "id_number": "330102********0004"}));
    let again = house.post("/v1/appointments", &house.session, &booking(json!({}))).await;
    assert_eq!(again.code(), (409, "already_booked"));

    let to = json!({"hall": "hangzhou-xihu-crj", "date": "2026-11-27", "start": "09:00"});
    let moved = house.post(&format!("{path}/reschedule"), &house.session, &to).await;
    assert_eq!((moved.status, &moved.body["start"], &moved.body["id"]), (200, &json!("09:00"), &booked["id"]));
    let nowhere = house.post(&format!("{path}/reschedule"), &house.session, &json!({"hall": "x", "date": "y"})).await;
    assert_eq!(nowhere.code(), (404, "unknown_hall"));
    let bad = house.post(&format!("{path}/reschedule"), &house.session, &json!({"date": "y"})).await;
    assert_eq!((bad.code(), bad.pointers()), ((422, "invalid_field"), vec!["/hall", "/date", "/start"]));

    let file = house.get(&format!("{path}/calendar.ics"), &house.session).await;
    assert_eq!(file.headers["content-type"], "text/calendar; charset=utf-8");
    assert!(file.text.contains("\r\nDTSTART:20261127T010000Z\r\n") && file.text.contains("\r\nSEQUENCE:1\r\n"));

    let stranger = house.session_of("王芳", OTHERS[0]).await;
    for heard in [
        house.get(&path, &stranger).await,
        house.get(&format!("{path}/calendar.ics"), &stranger).await,
        house.tell(&format!("{path}/cancel"), &stranger).await,
        house.post(&format!("{path}/reschedule"), &stranger, &json!({})).await,
        house.post(&format!("{path}/confirm"), &stranger, &json!({})).await,
    ] {
        assert_eq!(heard.code(), (404, "unknown_appointment"));
    }
    let cancelled = house.tell(&format!("{path}/cancel"), &house.session).await;
    assert_eq!((cancelled.status, &cancelled.body["status"]), (200, &json!("cancelled")));
    assert_eq!(house.tell(&format!("{path}/cancel"), &house.session).await.code(), (409, "wrong_state"));
}

#[tokio::test]
async fn a_party_is_held_and_confirmed_together() {
    let house = House::open().await;
    let held = house.booked(json!({"hold": true, "residence": null, "emergency_contact": null, "collection": null,
                                   "applicants": [person(OTHERS[0]), person(OTHERS[1])]}));
    let held = held.await;
    assert_eq!((held.len(), &held[1]["status"]), (2, &json!("held")));
    assert_eq!(held[0]["expires_at"], "2026-11-24T12:10:00.000+08:00");
    let path = format!("/v1/appointments/{}/confirm", held[0]["id"].as_str().unwrap());
    let missing = house.post(&path, &house.session, &json!({})).await;
    assert_eq!(missing.pointers(), ["/residence", "/emergency_contact", "/collection"]);
    let form = json!({"residence": "330106", "emergency_contact": {"name": "李", "phone": "19900000005"},
                      "collection": {"method": "counter"}});
    let unclear = house.post(&format!("{path}?party=1"), &house.session, &form).await;
    assert_eq!(unclear.pointers(), ["/party"]);
    let other = with(&form, json!({"service": "passport.replacement", "hold": true}));
    let other = house.post(&path, &house.session, &other).await;
    assert_eq!((other.code(), other.pointers()), ((422, "invalid_field"), vec!["/service", "/hold"]));
    let unknown = house.post(&path, &house.session, &with(&form, json!({"service": "passport.none"}))).await;
    assert_eq!(unknown.code(), (404, "unknown_service"));
    let form = with(&form, json!({"service": "passport.renewal", "hold": false}));
    let confirmed = house.post(&format!("{path}?party=true"), &house.session, &form).await;
    assert_eq!((confirmed.status, &confirmed.body["party"]), (200, &held[0]["party"]));
    assert_eq!(confirmed.body["appointments"][1]["status"], "booked");

    let member = house.session_of("王", OTHERS[1]).await;
    let cancel = format!("/v1/appointments/{}/cancel", held[1]["id"].as_str().unwrap());
    assert_eq!(house.tell(&format!("{cancel}?party=true"), &member).await.code(), (403, "forbidden"));
    assert_eq!(house.tell(&cancel, &member).await.status, 200);
}

#[tokio::test]
async fn the_list_goes_on_from_page_to_page() {
    let house = House::open().await;
    let mut ids = Vec::new();
    for (minute, other) in OTHERS.iter().enumerate() {
        house.clock.set(noon() + TimeDelta::minutes(i64::try_from(minute).unwrap()));
        let booked = house.booked(json!({"applicants": [person(other)]})).await;
        ids.insert(0, booked[0]["id"].clone());
    }
    let mut seen = Vec::new();
    let mut path = "/v1/appointments?limit=2".to_owned();
    loop {
        let page = house.get(&path, &house.session).await.body;
        seen.extend(page["appointments"].as_array().unwrap().iter().map(|one| one["id"].clone()));
        match page["next"].as_str() {
            Some(next) => path = format!("/v1/appointments?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ids);
    let bad = house.get("/v1/appointments?limit=0&cursor=x", &house.session).await;
    assert_eq!((bad.code(), bad.pointers()), ((422, "invalid_field"), vec!["/limit", "/cursor"]));
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer() {
    let house = House::open().await;
    let (session, path) = (&house.session, "/v1/appointments");
    let first = house.keyed("k", path, session, &booking(json!({"hold": true}))).await;
    assert_eq!(first.status, 201);
    house.clock.set(noon() + TimeDelta::hours(1));
    let again = house.keyed("k", path, session, &booking(json!({"hold": true}))).await;
    assert_eq!((again.status, &again.text), (201, &first.text), "though the hold has ended meanwhile");
    let other = house.keyed("k", path, session, &booking(json!({"hall": "x"}))).await;
    assert_eq!(other.code(), (409, "idempotency_mismatch"), "before the hall is looked up");
    let bad = house.keyed("k2", path, session, &booking(json!({"start": "x"}))).await;
    assert_eq!(bad.code(), (422, "invalid_field"));
    let again = house.keyed("k2", path, session, &booking(json!({"start": "x"}))).await;
    assert_eq!((again.code(), again.pointers()), (bad.code(), bad.pointers()));
    let mended = house.keyed("k2", path, session, &booking(json!({}))).await;
    assert_eq!(mended.code(), (409, "idempotency_mismatch"), "another body is another call");
    let unread = house.keyed("k3", path, session, &json!("no object")).await;
    assert_eq!(unread.code(), (400, "malformed_request"));
    let read = house.keyed("k3", path, session, &booking(json!({}))).await;
    assert_eq!(read.status, 201, "what cannot be read is no call: {}", read.text);
    let unseen = house.keyed("a b", path, session, &booking(json!({}))).await;
    assert_eq!(unseen.code(), (400, "malformed_request"));
}

#[tokio::test]
async fn a_repeated_session_is_the_same_session() {
    let house = House::open().await;
    let body = json!({"name": "王芳", "id_number": OTHERS[0], "phone": "19900000001"});
    let first = house.keyed("k", "/v1/session", "", &body).await;
    house.clock.set(noon() + TimeDelta::minutes(9));
    let again = house.keyed("k", "/v1/session", "", &body).await;
    assert_eq!((first.status, &first.text), (201, &again.text));
    let ends_at = first.body["expires_at"].as_str().unwrap();
    assert!(("2026-11-24T23:50:00.000+08:00"..="2026-11-25T00:00:00.000+08:00").contains(&ends_at), "{ends_at}");
    let renamed = json!({"name": "王", "id_number": OTHERS[0], "phone": "19900000001"});
    assert_eq!(house.keyed("k", "/v1/session", "", &renamed).await.code(), (409, "idempotency_mismatch"));
    assert_ne!(house.keyed("k2", "/v1/session", "", &body).await.body["token"], first.body["token"]);

    let bad = house.post("/v1/session", "", &json!({"name": "", "id_number": "1"})).await;
    assert_eq!((bad.code(), bad.pointers()), ((422, "invalid_field"), vec!["/name", "/id_number", "/phone"]));
    let token = house.post("/v1/session", "", &json!({"identity_token": "x"})).await;
    assert_eq!((token.code(), token.pointers()), ((422, "invalid_field"), vec!["/identity_token"]));
}
