//! Whether the description is whole and true.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{House, OTHERS, person};

/// Every `$ref` of a JSON value.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str().filter(|_| name == "$ref") {
                    Some(target) => found.push(target.to_owned()),
                    None => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_description_is_whole() {
    let house = House::open().await;
    let document = house.get("/openapi.json", "").await.body;
    assert_eq!(document["openapi"], "3.1.0");
    let mut targets = Vec::new();
    references(&document, &mut targets);
    for target in targets {
        assert!(document.pointer(target.strip_prefix('#').unwrap()).is_some(), "{target} leads nowhere");
    }
    let mut ids = HashSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{method} {path}: its id is used twice");
            check_operation(path, method, operation);
        }
    }
    assert_eq!(ids.len(), 28);
}

fn check_operation(path: &str, method: &str, operation: &Value) {
    let name = format!("{method} {path}");
    assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{name}");
    let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    let place = |parameter: &&Value| parameter["in"] == "path";
    let described: Vec<&str> =
        parameters.iter().filter(place).map(|parameter| parameter["name"].as_str().unwrap()).collect();
    let wanted: Vec<&str> = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
    assert_eq!(described, wanted, "{name}");
    for (prefix, scheme) in [("/v1/admin", "staff"), ("/v1/appointments", "session")] {
        assert_eq!(path.starts_with(prefix), operation["security"][0][scheme].is_array(), "{name}");
    }
    if path.starts_with("/v1") {
        assert!(operation["responses"]["400"]["content"]["application/problem+json"].is_object(), "{name}");
    }
    let takes_key = parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key");
    assert_eq!(takes_key, method == "post", "{name}");
}

#[tokio::test]
async fn what_may_be_left_out_is_described() {
    let house = House::open().await;
    let document = house.get("/openapi.json", "").await.body;
    let required = |schema: &str| document["components"]["schemas"][schema]["required"].clone();
    assert_eq!(required("Booking"), json!(["hall", "service", "date", "start"]));
    assert_eq!(required("Confirmation"), json!(["residence", "emergency_contact", "collection"]));
    assert_eq!(required("NewSession"), Value::Null);
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let leaves_out = ["Booking", "CheckIn", "Confirmation", "DeskStep", "NewSession", "Collection", "Problem"]
            .contains(&name.as_str());
        let members = schema["properties"].as_object().map_or(0, serde_json::Map::len);
        let required = schema["required"].as_array().map_or(0, Vec::len);
        assert_eq!(required != members, leaves_out, "{name}");
    }
}

#[tokio::test]
async fn the_examples_of_bodies_are_good_bodies() {
    let house = House::open().await;
    let held = house.booked(json!({"hold": true})).await.remove(0);
    let other = house.booked(json!({"applicants": [person(OTHERS[1])]})).await.remove(0);
    let path = |appointment: &Value, call| format!("/v1/appointments/{}/{call}", appointment["id"].as_str().unwrap());
    let document = house.get("/openapi.json", "").await.body;
    for (path, schema, token, status) in [
        (path(&held, "confirm"), "Confirmation", house.session.as_str(), 200),
        (path(&other, "reschedule"), "NewSlot", &house.session, 200),
        ("/v1/appointments".into(), "Booking", &house.session, 201),
        ("/v1/session".into(), "NewSession", "", 201),
        ("/v1/admin/check-in".into(), "CheckIn", "hps.desk", 404),
    ] {
        let heard = house.post(&path, token, &document["components"]["schemas"][schema]["example"]).await;
        assert_eq!(heard.status, status, "{path} {}", heard.text);
    }
}

#[tokio::test]
async fn how_many_may_be_asked_for_is_what_is_described() {
    let house = House::open().await;
    let document = house.get("/openapi.json", "").await.body;
    for (path, with, token) in [
        ("/v1/halls", "", ""),
        ("/v1/recommendations", "service=passport.renewal&", ""),
        ("/v1/appointments", "", house.session.as_str()),
    ] {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
        let limit = parameters.iter().find(|parameter| parameter["name"] == "limit").unwrap();
        let [least, most] = ["minimum", "maximum"].map(|bound| limit["schema"][bound].as_f64().unwrap());
        for (limit, status) in [(least, 200), (most, 200), (least - 1.0, 422), (most + 1.0, 422)] {
            let heard = house.get(&format!("{path}?{with}limit={limit}"), token).await;
            assert_eq!(heard.status, status, "{path}: {limit}");
        }
    }
}
