//! `/openapi.json`: whole, true to the contract, and what the answers are held against.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::description::description;
use super::heard::CODES;
use super::test_app::TestApp;

/// The calls of the contract.
const CALLS: [&str; 28] = [
    "get /openapi.json",
    "get /healthz",
    "get /readyz",
    "get /metrics",
    "get /v1/services",
    "get /v1/halls",
    "get /v1/halls/{hall}",
    "get /v1/halls/{hall}/slots",
    "get /v1/recommendations",
    "post /v1/session",
    "post /v1/appointments",
    "get /v1/appointments",
    "get /v1/appointments/{id}",
    "post /v1/appointments/{id}/confirm",
    "post /v1/appointments/{id}/reschedule",
    "post /v1/appointments/{id}/cancel",
    "post /v1/appointments/{id}/extend",
    "get /v1/appointments/{id}/calendar.ics",
    "post /v1/admin/config/reload",
    "get /v1/admin/config",
    "get /v1/admin/halls/{hall}/days/{date}",
    "post /v1/admin/appointments/{id}/check-in",
    "post /v1/admin/appointments/{id}/serve",
    "post /v1/admin/appointments/{id}/no-show",
    "post /v1/admin/appointments/{id}/cancel",
    "post /v1/admin/appointments/{id}/undo",
    "post /v1/admin/check-in",
    "get /v1/admin/stats",
];

/// Every operation by method and path.
fn operations(document: &Value) -> BTreeMap<String, &Value> {
    let items = document["paths"].as_object().unwrap().iter();
    items
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

/// Everything in a document, with the pointer to it.
fn walk(value: &Value, at: &str, visit: &mut dyn FnMut(&str, &Value)) {
    visit(at, value);
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| {
            walk(inner, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), visit);
        }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(name, inner)| walk(inner, &format!("{at}/{name}"), visit));
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_that_is_served_is_the_one_that_answers_are_held_against() {
    let app = TestApp::start().await;
    let heard = app.nobody().get("/openapi.json").await;
    assert_eq!(heard.header("content-type"), "application/json");
    assert_eq!(heard.ok(200), description().0);
}

#[test]
fn every_call_of_the_contract_is_described_and_no_other() {
    let document = &description().0;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
    assert_eq!(document["info"]["title"], "hallpass");
    let described: BTreeSet<String> = operations(document).into_keys().collect();
    assert_eq!(described, CALLS.map(str::to_owned).into());
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let document = &description().0;
    let mut targets = BTreeSet::new();
    walk(document, "", &mut |at, value| {
        if let (true, Some(target)) = (at.ends_with("/$ref"), value.as_str()) {
            let pointer = target.strip_prefix('#').expect("references stay in the document");
            assert!(document.pointer(pointer).is_some(), "{at}: {target} leads nowhere");
            targets.insert(target.to_owned());
        }
    });
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(targets.contains(&format!("#/components/schemas/{name}")), "{name} is not used");
    }
    let schemes: BTreeSet<&str> =
        document["components"]["securitySchemes"].as_object().unwrap().keys().map(String::as_str).collect();
    let used: BTreeSet<&str> = operations(document)
        .into_values()
        .flat_map(|operation| operation["security"].as_array().into_iter().flatten())
        .flat_map(|security| security.as_object().unwrap().keys().map(String::as_str))
        .collect();
    assert_eq!(schemes, used);
}

#[test]
fn every_operation_has_an_id_a_success_and_its_problems() {
    let document = &description().0;
    let mut ids = BTreeSet::new();
    let mut codes = BTreeSet::new();
    for (name, operation) in operations(document) {
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{name}: an id twice");
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{name}");
        let answers = operation["responses"].as_object().unwrap();
        assert_eq!(answers.keys().filter(|status| status.starts_with('2')).count(), 1, "{name}");
        for (status, answer) in answers.iter().filter(|(status, _)| !status.starts_with('2')) {
            assert!(!answer["description"].as_str().unwrap().is_empty(), "{name} {status}");
            let Some(problem) = answer["content"].get("application/problem+json") else {
                assert_eq!((name.as_str(), status.as_str()), ("get /readyz", "503"), "no problem document");
                continue;
            };
            assert_eq!(problem["schema"], json!({ "$ref": "#/components/schemas/Problem" }), "{name} {status}");
            for (code, example) in problem["examples"].as_object().unwrap() {
                let is_of_head = code == "too_large" && ["414", "431"].contains(&status.as_str());
                let known = CODES.contains(&(status.parse().unwrap(), code.as_str())) || code == "internal";
                assert!(known || is_of_head, "{name}: {status} {code}");
                assert_eq!(example["value"]["status"].to_string(), *status, "{name}");
                description().fits(&problem["schema"], &example["value"], code).unwrap();
                codes.insert(code.clone());
            }
        }
        let is_probe = matches!(name.as_str(), "get /healthz" | "get /readyz");
        assert!(is_probe || answers.contains_key("503"), "{name}: a server that starts answers with overloaded");
        let secured = operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty());
        assert_eq!(secured, answers.contains_key("401") && answers.contains_key("403"), "{name}");
    }
    // Two are told before a route is found, and are described at the top.
    let mut told_elsewhere: BTreeSet<&str> = CODES.iter().map(|(_, code)| *code).collect();
    told_elsewhere.retain(|code| !codes.contains(*code));
    assert_eq!(told_elsewhere, ["method_not_allowed", "not_found"].into());
    let top = document["info"]["description"].as_str().unwrap();
    assert!(told_elsewhere.iter().all(|code| top.contains(code)), "{top}");
}

#[test]
fn every_example_fits_its_schema() {
    let document = &description().0;
    let mut examples = 0;
    walk(document, "", &mut |at, value| {
        let Some(schema) =
            value.as_object().filter(|schema| schema.contains_key("type") || schema.contains_key("$ref"))
        else {
            return;
        };
        let many = schema.get("examples").and_then(Value::as_array).into_iter().flatten();
        for example in schema.get("example").into_iter().chain(many) {
            description().fits(value, example, at).unwrap();
            examples += 1;
        }
    });
    walk(document, "", &mut |at, value| {
        if let (Some(schema), Some(example), Some(name)) = (value.get("schema"), value.get("example"), value.get("in"))
        {
            description().fits(schema, example, &format!("{at} in {name}")).unwrap();
            examples += 1;
        }
    });
    assert!(examples > 70, "{examples}");
}
