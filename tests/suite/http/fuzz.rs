//! Bookings at random: a valid body, broken in a few places. Whatever comes, the answer is a booking or a problem, and
//! places are taken by bookings only.

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use super::appointments::{form, hold, id, renewal};
use super::caller::Caller;
use super::heard::merged;
use super::test_app::TestApp;
use crate::identities::person;

const REQUESTS: usize = 2_000;

/// One thing that is done to a body. Numbers choose a place in it.
#[derive(Debug, Clone)]
enum Mutation {
    Plausible(&'static str, Value),
    Replace(usize, Value),
    Remove(usize),
    Add(usize, String, Value),
    /// Writes a member twice.
    Repeat(usize),
    Cut(usize),
    Splice(usize, Vec<u8>),
}

fn texts() -> impl Strategy<Value = String> {
    let special = ["", "east", "2026-11-26", "08:30", "true", "330106", "\u{0}", "\u{202e}", "💥", "0", "null", "NaN"];
    prop_oneof![proptest::sample::select(special.to_vec()).prop_map(str::to_owned), any::<String>(), "[0-9:-]{0,12}"]
}

/// A member of a booking and something that might stand there.
fn plausible() -> impl Strategy<Value = (&'static str, Value)> {
    let dates = [
        "2026-11-23",
        "2026-11-24",
        "2026-11-26",
        "2026-11-29",
        "2026-12-01",
        "2026-12-02",
        "2026-12-24",
        "2026-12-25",
    ];
    let any_of = |member: &'static str, texts: &[&'static str]| {
        proptest::sample::select(texts.to_vec()).prop_map(move |text| (member, Value::from(text)))
    };
    let applicants = proptest::collection::vec((0..12_usize).prop_map(person), 0..7);
    prop_oneof![
        any_of("hall", &["east", "south", "west", "nowhere"]),
        any_of("service", &["passport.first-issue", "permit.renewal", "permit.endorsement", "nothing"]),
        any_of("date", &dates),
        any_of("start", &["08:30", "09:00", "10:00", "13:30", "24:00"]),
        any::<bool>().prop_map(|hold| ("hold", hold.into())),
        applicants.prop_map(|applicants| ("applicants", applicants.into())),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        texts().prop_map(Value::from),
        (0..40_usize).prop_map(person),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..7).prop_map(Value::from),
            proptest::collection::vec((texts(), inner), 0..4)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let place = any::<usize>();
    let mutation = prop_oneof![
        20 => plausible().prop_map(|(member, value)| Mutation::Plausible(member, value)),
        4 => (place, values()).prop_map(|(at, value)| Mutation::Replace(at, value)),
        4 => (place, texts()).prop_map(|(at, text)| Mutation::Replace(at, text.into())),
        3 => place.prop_map(Mutation::Remove),
        2 => (place, texts(), values()).prop_map(|(at, name, value)| Mutation::Add(at, name, value)),
        1 => place.prop_map(Mutation::Repeat),
        1 => place.prop_map(Mutation::Cut),
        2 => (place, proptest::collection::vec(any::<u8>(), 0..6)).prop_map(|(at, bytes)| Mutation::Splice(at, bytes)),
    ];
    proptest::collection::vec(mutation, 0..4)
}

/// The pointers of everything in a value, the value itself left out.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut note = |name: &str, inner: &Value| {
        let pointer = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        pointers(inner, &pointer, found);
        found.push(pointer);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| note(name, inner)),
        Value::Array(items) => items.iter().enumerate().for_each(|(name, inner)| note(&name.to_string(), inner)),
        _ => {}
    }
}

fn chosen(body: &Value, at: usize) -> Option<String> {
    let mut found = Vec::new();
    pointers(body, "", &mut found);
    (!found.is_empty()).then(|| found[at % found.len()].clone())
}

/// The body after some mutations, as it is sent.
fn mutated(mut body: Value, mutations: &[Mutation]) -> Vec<u8> {
    for mutation in mutations {
        if let Mutation::Plausible(member, value) = mutation {
            body[member] = value.clone();
        }
        let (Mutation::Replace(at, _) | Mutation::Remove(at) | Mutation::Add(at, ..)) = mutation else { continue };
        let Some(pointer) = chosen(&body, *at) else { break };
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match (mutation, body.pointer_mut(parent).unwrap()) {
            (Mutation::Replace(_, value), _) => *body.pointer_mut(&pointer).unwrap() = value.clone(),
            (Mutation::Remove(_), Value::Object(members)) => drop(members.remove(name)),
            (Mutation::Remove(_), Value::Array(items)) => drop(items.pop()),
            (Mutation::Add(_, name, value), Value::Object(members)) => {
                members.insert(name.clone(), value.clone());
            }
            (Mutation::Add(_, _, value), Value::Array(items)) => items.push(value.clone()),
            _ => unreachable!("the parent of something is an object or an array"),
        }
    }
    let mut bytes = body.to_string().into_bytes();
    for mutation in mutations {
        match mutation {
            Mutation::Repeat(at) => {
                let member = body.as_object().and_then(|members| members.iter().nth(at % members.len().max(1)));
                if let Some((name, value)) = member {
                    bytes.splice(1..1, format!("{}:{value},", json!(name)).into_bytes());
                }
            }
            Mutation::Cut(at) => bytes.truncate(at % (bytes.len() + 1)),
            Mutation::Splice(at, new) => {
                let at = at % (bytes.len() + 1);
                bytes.splice(at..(at + new.len() / 2).min(bytes.len()), new.iter().copied());
            }
            _ => {}
        }
    }
    bytes
}

/// How many places are taken in all halls and on all days that can be booked.
async fn taken(staff: &Caller) -> u64 {
    let stats = staff.get("/v1/admin/stats").await.ok(200);
    let counts = stats["stats"].as_array().unwrap().iter();
    counts.map(|day| day["held"].as_u64().unwrap() + day["booked"].as_u64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_is_booked_or_refused() {
    let app = TestApp::start().await;
    let (caller, staff) = (app.person(1).await, app.chief());
    let address = json!({ "name": "虚收", "phone": "19901999998", "region": "330106", "street": "无有路3号" });
    let family: Vec<Value> = (1..4).map(person).collect();
    let bodies = [
        renewal("08:30"),
        merged(&hold("08:30"), &json!({ "applicants": family })),
        merged(
            &merged(&renewal("10:00"), &form()),
            &json!({ "applicants": [person(2)], "collection": { "method": "post", "address": address } }),
        ),
    ];
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, b"the same bodies on each test run");
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut booked, mut codes) = (0, std::collections::BTreeMap::<String, usize>::new());
    for number in 0..REQUESTS {
        let mutations = mutations().new_tree(&mut runner).unwrap().current();
        let body = mutated(bodies[number % bodies.len()].clone(), &mutations);
        let heard = caller.post_raw("/v1/appointments", body.clone()).await;
        let shown = String::from_utf8_lossy(&body);
        // That every other answer is a problem document below 500 is wanted of whatever is heard.
        let places = if heard.status == 201 { heard.body["appointments"].as_array().unwrap().len() as u64 } else { 0 };
        assert_eq!(taken(&staff).await, places, "{}: {shown}", heard.text);
        assert!(heard.status == 201 || (400..500).contains(&heard.status), "{}: {shown}", heard.status);
        if heard.status == 201 {
            booked += 1;
            let first = id(&heard.body["appointments"][0]).to_owned();
            caller.post_nothing(&format!("/v1/appointments/{first}/cancel?party=true")).await.ok(200);
        } else {
            *codes.entry(heard.code().to_owned()).or_default() += 1;
        }
        app.pass(TimeDelta::milliseconds(250));
    }
    assert!(booked > REQUESTS / 10 && codes.len() > 12, "{booked} booked, refused: {codes:?}");
}
