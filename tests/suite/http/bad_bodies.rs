//! Bodies that are wrong: each is answered with a problem that points at what is wrong, and none books anything.

use serde_json::{Value, json};

use super::appointments::{booking, id, renewal};
use super::caller::Caller;
use super::heard::merged;
use super::test_app::TestApp;
use crate::identities::{identity, person};

/// A complete booking for one other person, with everything that a form can have.
fn complete() -> Value {
    let address = json!({ "name": "虚收", "phone": "19901999998", "region": "330106", "street": "无有路3号" });
    merged(
        &booking("east", "2026-11-25", "08:30", "passport.renewal"),
        &json!({ "hold": false, "applicants": [person(2)], "collection": { "method": "post", "address": address } }),
    )
}

/// The complete booking with another value at a pointer; without a value there is nothing.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut body = complete();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
        (Value::Object(members), Some(value)) => drop(members.insert(name.to_owned(), value)),
        (Value::Object(members), None) => drop(members.remove(name)),
        other => panic!("{pointer}: {other:?}"),
    }
    body
}

async fn nothing_is_booked(app: &TestApp, caller: &Caller) {
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 0);
    assert_eq!(caller.get("/v1/appointments").await.ok(200)["appointments"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_is_told() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let held = caller.booked(&merged(&renewal("09:00"), &json!({ "hold": true }))).await;
    let own = format!("/v1/appointments/{}", id(&held));
    let sound = complete().to_string();
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "\n\t ",
        "{",
        "}",
        "{}}",
        "[]",
        "[1]",
        "null",
        "true",
        "0",
        "\"text\"",
        "{\"hall\"}",
        "{\"hall\":}",
        "{'hall':'east'}",
        "{hall:\"east\"}",
        "{\"hall\":\"east\",}",
        "// no\n{}",
        "{\"hall\":\"ea\u{1}st\"}",
        "{\"hall\":\"\\ud800\"}",
        "{\"hall\":\"\\x\"}",
        "{\"hall\":NaN}",
        "{\"hall\":Infinity}",
        "{\"hold\":01}",
        "{\"hold\":1e999}",
        "{\"hold\":.5}",
        "\u{feff}{}",
        "{} {}",
        "<xml/>",
        "hall=east&date=2026-11-25",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    bodies.push(sound[..sound.len() - 1].into());
    bodies.push(sound.replace("east", "ea\u{0}st").into());
    bodies.push(b"{\"hall\":\"\xff\xfe\"}".to_vec());
    bodies.push(b"{\"\xc3\x28\":1}".to_vec());
    bodies.push(sound.encode_utf16().flat_map(u16::to_le_bytes).collect());
    bodies.push(vec![0; 100]);
    bodies.push("[".repeat(60_000).into());
    bodies.push("{\"applicants\":[".repeat(4_000).into());
    bodies.push(format!("{{\"x\":{}1{}}}", "[".repeat(20_000), "]".repeat(20_000)).into());
    bodies.push(format!("{{\"hold\":{}}}", "9".repeat(60_000)).into());
    for path in ["/v1/session", "/v1/appointments", &format!("{own}/confirm"), &format!("{own}/reschedule")] {
        for body in &bodies {
            let heard = caller.post_raw(path, body.clone()).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            assert_eq!((heard.status, heard.code()), (400, "malformed_request"), "{path} {shown:?}: {}", heard.text);
        }
    }
    for body in bodies.into_iter().filter(|body| !body.is_empty()) {
        app.desk().post_raw("/v1/admin/check-in", body.clone()).await.refused(400, "malformed_request");
        caller.post_raw(&format!("{own}/cancel"), body.clone()).await.refused(400, "malformed_request");
        app.chief().post_raw("/v1/admin/config/reload", body).await.refused(400, "malformed_request");
    }
    assert_eq!(caller.get(&own).await.ok(200), held);
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_the_wrong_shape_is_pointed_at() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let table = [
        ("/nickname", json!("x")),
        ("/Hall", json!("east")),
        ("/applicants/0/age", json!(36)),
        ("/emergency_contact/kin", json!("aunt")),
        ("/collection/when", json!("soon")),
        ("/collection/address/city", json!("杭州")),
        ("/a~1b", json!(1)),
        ("/hall", json!(5)),
        ("/hall", json!(["east"])),
        ("/service", json!(true)),
        ("/date", json!(20_261_125)),
        ("/date", json!({ "y": 2026 })),
        ("/start", json!(8.5)),
        ("/hold", json!("true")),
        ("/hold", json!(0)),
        ("/applicants", json!({})),
        ("/applicants", json!("虚")),
        ("/applicants/0", json!("虚")),
        ("/applicants/0", json!(null)),
        ("/applicants/0", json!(["虚", "330102195001010006", "19900000000"])),
        ("/applicants/0/name", json!(1)),
        ("/applicants/0/id_number", json!(330_102_195_001_010_006_u64)),
        ("/applicants/0/phone", json!(19_900_000_000_u64)),
        ("/residence", json!(330_106)),
        ("/emergency_contact", json!("虚友")),
        ("/emergency_contact/phone", json!([])),
        ("/collection", json!("counter")),
        ("/collection/method", json!(null)),
        ("/collection/address", json!([])),
        ("/collection/address/region", json!(1.5)),
    ];
    for (pointer, value) in table {
        // A name with a slash in it is put there by its own name.
        let body = if pointer == "/a~1b" {
            merged(&complete(), &json!({ "a/b": 1 }))
        } else {
            with(pointer, Some(value.clone()))
        };
        let heard = caller.post("/v1/appointments", &body).await;
        let expected = if value.is_null() && pointer.ends_with("method") {
            (422, "invalid_field")
        } else {
            (400, "malformed_request")
        };
        assert_eq!(
            (heard.status, heard.code(), heard.pointers()),
            (expected.0, expected.1, vec![pointer]),
            "{value}: {}",
            heard.text
        );
    }
    for (text, pointer) in [
        (r#"{"hall":"east","hall":"south"}"#, "/hall"),
        (r#"{"applicants":[{"name":"a","name":"b"}]}"#, "/applicants/0/name"),
        (r#"{"collection":{"method":"counter","method":"post"}}"#, "/collection/method"),
    ] {
        let heard = caller.post_raw("/v1/appointments", text).await;
        heard.refused_at(400, "malformed_request", &[pointer]);
    }
    nothing_is_booked(&app, &caller).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let whole = ["/hall", "/service", "/date", "/start", "/residence", "/emergency_contact", "/collection"];
    caller.post("/v1/appointments", &json!({})).await.refused_at(422, "invalid_field", &whole);
    let slot = &whole[..4];
    caller.post("/v1/appointments", &json!({ "hold": true })).await.refused_at(422, "invalid_field", slot);
    let inner = [
        "/applicants/0/name",
        "/applicants/0/id_number",
        "/applicants/0/phone",
        "/emergency_contact/name",
        "/emergency_contact/phone",
        "/collection/method",
        "/collection/address",
        "/collection/address/name",
        "/collection/address/phone",
        "/collection/address/region",
        "/collection/address/street",
    ];
    for pointer in whole.into_iter().chain(inner) {
        for absent in [None, Some(Value::Null)] {
            let heard = caller.post("/v1/appointments", &with(pointer, absent)).await;
            heard.refused_at(422, "invalid_field", &[pointer]);
        }
    }
    let nothing = json!({});
    let fields = ["/name", "/id_number", "/phone"];
    app.nobody().post("/v1/session", &nothing).await.refused_at(422, "invalid_field", &fields);
    nothing_is_booked(&app, &caller).await;
    let booked = caller.booked(&renewal("08:30")).await;
    let target = caller.post(&format!("/v1/appointments/{}/reschedule", id(&booked)), &nothing).await;
    target.refused_at(422, "invalid_field", &["/hall", "/date", "/start"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_mean_nothing_are_pointed_at() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let long = "x".repeat(10_000);
    let table: [(&str, &[&str]); 9] = [
        (
            "/date",
            &[
                "2026-02-30",
                "2026-13-01",
                "2026-00-10",
                "2026-2-3",
                "20261125",
                "",
                "2026-11-25T00:00",
                "明天",
                "+2026-11-25",
                "２０２６-11-25",
            ],
        ),
        ("/start", &["8:30", "08:60", "24:01", "", "08:30:00", "0830", " 08:30", "noon", "-8:30", "08：30"]),
        (
            "/applicants/0/id_number",
            &[
                "330102199001010005",
                "330102199902290007",
                "33010220991231999X",
                "000102199001010008",
                "330102199013010001",
                "33010219900101000",
                "330102900101000",
                "33010219900101OOO4",
                "330102 19900101 000",
                "\u{3164}",
                "",
                "０３３０１０２１９９０",
                "x",
                &long,
            ],
        ),
        (
            "/applicants/0/name",
            &[
                "",
                "  ",
                "\u{7}",
                "虚\n虚",
                "\u{3164}",
                "\u{115f}\u{1160}",
                "\u{2800}",
                "\u{e0041}",
                "\u{fe0f}",
                "\u{200b}\u{feff}",
                &long,
            ],
        ),
        (
            "/applicants/0/phone",
            &["", "1990000000", "199000000000", "12900000000", "+1 555 0100", "0571-87280185", "1990000000x", &long],
        ),
        ("/residence", &["", "33010", "3301066", "990106", "３３０１０", "\u{2800}", "abcdef"]),
        ("/emergency_contact/phone", &["", "12367", "110", "+1 555 0100", &long]),
        ("/collection/method", &["", "pigeon", "Counter"]),
        ("/collection/address/street", &["", " ", "\u{0}", "\u{3164}\u{2800}", &long]),
    ];
    for (pointer, values) in table {
        for value in values {
            let heard = caller.post("/v1/appointments", &with(pointer, Some(json!(value)))).await;
            assert_eq!(heard.code(), "invalid_field", "{pointer} {value:?}: {}", heard.text);
            assert_eq!((heard.status, heard.pointers()), (422, vec![pointer]), "{value:?}");
            assert!(heard.text.len() < 2_000, "what was sent is not repeated");
        }
    }
    caller.post("/v1/appointments", &with("/start", Some(json!("08:31")))).await.refused(422, "no_such_band");
    let counter = with("/collection/method", Some(json!("counter")));
    caller.post("/v1/appointments", &counter).await.refused_at(422, "invalid_field", &["/collection/address"]);
    let several = merged(&complete(), &json!({ "date": "x", "start": "y", "residence": "z" }));
    caller.post("/v1/appointments", &several).await.refused_at(
        422,
        "invalid_field",
        &["/date", "/start", "/residence"],
    );
    nothing_is_booked(&app, &caller).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_has_one_to_five_different_people() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let book = async |applicants: Value| {
        caller.post("/v1/appointments", &merged(&complete(), &json!({ "applicants": applicants }))).await
    };
    let people = |numbers: &[usize]| json!(numbers.iter().copied().map(person).collect::<Vec<_>>());
    book(json!([])).await.refused_at(422, "invalid_field", &["/applicants"]);
    book(people(&[1, 2, 3, 4, 5, 6])).await.refused_at(422, "party_too_large", &["/applicants"]);
    book(json!(vec![person(7); 500])).await.refused_at(422, "party_too_large", &["/applicants"]);
    book(people(&[2, 3, 2])).await.refused_at(422, "duplicate_applicant", &["/applicants/2/id_number"]);
    let again = merged(&person(2), &json!({ "name": "别名", "phone": "19901999997" }));
    book(json!([person(2), again])).await.refused_at(422, "duplicate_applicant", &["/applicants/1/id_number"]);
    let (upper, lower) = (json!({ "id_number": "33010819920309999X" }), json!({ "id_number": "33010819920309999x" }));
    let twice = json!([merged(&person(2), &upper), merged(&person(3), &lower)]);
    book(twice).await.refused_at(422, "duplicate_applicant", &["/applicants/1/id_number"]);
    let spaced = merged(&person(2), &json!({ "id_number": format!(" {} ", identity(2)) }));
    book(json!([person(2), spaced])).await.refused_at(422, "duplicate_applicant", &["/applicants/1/id_number"]);
    let bad = merged(&person(3), &json!({ "id_number": "330102199001010005" }));
    book(json!([person(2), bad, person(4)])).await.refused_at(422, "invalid_field", &["/applicants/1/id_number"]);
    nothing_is_booked(&app, &caller).await;
    book(people(&[2, 3, 4, 5, 6])).await.ok(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_has_at_most_64_kib() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let padded = |bytes: usize| {
        let body = complete().to_string();
        format!("{}{body}", " ".repeat(bytes - body.len())).into_bytes()
    };
    caller.post_raw("/v1/appointments", padded(65_537)).await.refused(413, "too_large");
    caller.post_raw("/v1/appointments", padded(900_000)).await.refused(413, "too_large");
    nothing_is_booked(&app, &caller).await;
    caller.post_raw("/v1/appointments", padded(65_536)).await.ok(201);
    let cancel = "/v1/appointments/x/cancel";
    caller.post_raw(cancel, padded(65_537)).await.refused(413, "too_large");
}
