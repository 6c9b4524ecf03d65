//! What staff does.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{HALL, House, OTHERS, person};

#[tokio::test]
async fn the_desk_serves_its_own_halls() {
    let house = House::open().await;
    let here = house.booked(json!({})).await.remove(0);
    let there = house.booked(json!({"hall": "hangzhou-xihu-crj", "applicants": [person(OTHERS[0])]})).await.remove(0);
    let check_in = async |code: &Value, token| {
        house.post("/v1/admin/check-in", token, &json!({"code": code, "anyway": true})).await
    };
    assert_eq!(check_in(&there["code"], "hps.desk").await.code(), (403, "forbidden"));
    assert_eq!(check_in(&there["code"], "hps.chief").await.body["status"], "checked_in");
    assert_eq!(check_in(&json!("00000000"), "hps.desk").await.code(), (404, "unknown_appointment"));
    assert_eq!(check_in(&json!("short"), "hps.desk").await.pointers(), ["/code"]);
    assert_eq!(check_in(&Value::Null, "hps.desk").await.pointers(), ["/code"]);

    let step = async |what: &str| {
        let id = here["id"].as_str().unwrap();
        let path = format!("/v1/admin/appointments/{id}/{what}");
        if what == "cancel" {
            return house.tell(&path, "hps.desk").await;
        }
        house.post(&path, "hps.desk", &json!({"anyway": true})).await
    };
    assert_eq!(step("serve").await.code(), (409, "wrong_state"));
    assert_eq!(step("check-in").await.body["status"], "checked_in");
    assert_eq!(step("no-show").await.code(), (409, "wrong_state"));
    assert_eq!(step("serve").await.body["status"], "served");
    assert_eq!(step("cancel").await.code(), (409, "wrong_state"));

    let day = house.get(&format!("/v1/admin/halls/{HALL}/days/2026-11-26"), "hps.desk").await;
    assert_eq!(day.body["appointments"].as_array().unwrap().len(), 1);
    let lanes: HashSet<&str> =
        day.body["slots"].as_array().unwrap().iter().map(|slot| slot["lane"].as_str().unwrap()).collect();
    assert!(lanes.contains("counter") && lanes.contains("kiosk"), "{lanes:?}");
    let elsewhere = house.get("/v1/admin/halls/hangzhou-xihu-crj/days/2026-11-26", "hps.desk").await;
    assert_eq!(elsewhere.code(), (403, "forbidden"));
    let nowhen = house.get(&format!("/v1/admin/halls/{HALL}/days/2026-02-30"), "hps.desk").await;
    assert_eq!((nowhen.code(), nowhen.pointers()), ((422, "invalid_field"), vec!["/date"]));

    let stats = house.get("/v1/admin/stats?from=2026-11-26&to=2026-11-26", "hps.desk").await.body["stats"].clone();
    assert_eq!(stats.as_array().unwrap().len(), 1, "only its own hall");
    assert_eq!((&stats[0]["hall"], &stats[0]["served"], &stats[0]["booked"]), (&json!(HALL), &json!(1), &json!(0)));
    let all = house.get("/v1/admin/stats?from=2026-11-26&to=2026-11-26", "hps.chief").await.body["stats"].clone();
    assert!(all.as_array().unwrap().len() > 10);

    let halls = house.get("/v1/admin/config", "hps.desk").await.body["halls"].clone();
    assert_eq!((halls.as_array().unwrap().len(), &halls[0]["id"]), (1, &json!(HALL)));
    assert_eq!(house.tell("/v1/admin/config/reload", "hps.desk").await.code(), (403, "forbidden"));
}

#[tokio::test]
async fn a_reload_says_what_it_displaces_and_changes_all_or_nothing() {
    let house = House::open().await;
    let booked = house.booked(json!({})).await.remove(0);
    let version = async |token: &str| house.get("/v1/admin/config", token).await.body["version"].clone();
    let before = version("hps.chief").await;
    let unclear = house.tell("/v1/admin/config/reload?dry_run=maybe", "hps.chief").await;
    assert_eq!((unclear.code(), unclear.pointers()), ((422, "invalid_field"), vec!["/dry_run"]));

    let halls = house.config_dir().join("halls/hangzhou.toml");
    let good = std::fs::read_to_string(&halls).unwrap();
    std::fs::write(&halls, format!("colour = 1\n{good}")).unwrap();
    let bad = house.tell("/v1/admin/config/reload", "hps.chief").await;
    assert_eq!((bad.code(), bad.pointers()), ((422, "invalid_field"), vec!["halls/hangzhou.toml:1"]));
    assert_eq!(version("hps.chief").await, before);

    std::fs::remove_file(&halls).unwrap();
    let dry = house.tell("/v1/admin/config/reload?dry_run=true", "hps.chief").await;
    assert_eq!((dry.status, &dry.body["previous"]), (200, &before), "{}", dry.text);
    assert!(dry.body["version"] != before && !dry.body["changes"].as_array().unwrap().is_empty());
    let displaced = json!([{"id": booked["id"], "hall": HALL, "date": "2026-11-26", "start": "08:30",
                            "reason": "the hall is no longer there"}]);
    assert_eq!(dry.body["displaced"], displaced);
    assert_eq!(version("hps.chief").await, before, "a dry run changes nothing");

    let done = house.tell("/v1/admin/config/reload", "hps.chief").await;
    assert_eq!((done.status, &done.text), (200, &dry.text));
    // The files name no staff, so from now on the token that the server makes opens the door, and no other.
    assert_eq!(house.get("/v1/admin/config", "hps.chief").await.code(), (401, "unauthenticated"));
    let token = std::fs::read_to_string(house.dir.path().join("admin.token")).unwrap();
    assert_eq!(version(token.trim()).await, done.body["version"]);
    assert_eq!(house.get(&format!("/v1/halls/{HALL}"), "").await.code(), (404, "unknown_hall"));
    let path = format!("/v1/appointments/{}", booked["id"].as_str().unwrap());
    assert_eq!(house.get(&path, &house.session).await.body, booked, "nobody is un-booked");
}
