//! What desks and operators do, and who may do what.

use reqwest::Method;
use serde_json::{Value, json};

use super::appointments::{APPOINTMENT, booking, form, hold, id, renewal};
use super::caller::{Caller, hear};
use super::files::Files;
use super::heard::{Heard, members};
use super::test_app::TestApp;

async fn attend(staff: &Caller, appointment: &Value, call: &str) -> Heard {
    let path = format!("/v1/admin/appointments/{}/{call}", id(appointment));
    match call {
        "cancel" => staff.post_nothing(&path).await,
        // Most tests are not about the time at which a desk does something.
        _ => staff.post(&path, &json!({ "anyway": true })).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_checks_in_and_serves() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let booked = caller.booked(&renewal("08:30")).await;
    app.set_clock("2026-11-25T08:30:00.000+08:00");
    let caller = app.person(1).await;
    let desk = app.desk();
    attend(&desk, &booked, "serve").await.refused(409, "wrong_state");
    let here = attend(&desk, &booked, "check-in").await.ok(200);
    assert_eq!((members(&here).as_slice(), &here["status"]), (&APPOINTMENT[..], &json!("checked_in")));
    attend(&desk, &booked, "check-in").await.refused(409, "wrong_state");
    attend(&desk, &booked, "no-show").await.refused(409, "wrong_state");
    caller
        .post("/v1/appointments", &booking("east", "2026-11-26", "08:30", "passport.renewal"))
        .await
        .refused(409, "already_booked");
    assert_eq!(attend(&desk, &booked, "serve").await.ok(200)["status"], "served");
    assert_eq!(caller.get(&format!("/v1/appointments/{}", id(&booked))).await.ok(200)["status"], "served");
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 1, "who has been served had a place");
    caller.booked(&booking("east", "2026-11-26", "08:30", "passport.renewal")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_marks_a_no_show_and_cancels() {
    let app = TestApp::start().await;
    let (first, second) = (app.person(1).await, app.person(2).await);
    let missed = first.booked(&renewal("08:30")).await;
    let cancelled = second.booked(&renewal("08:30")).await;
    let desk = app.desk();
    assert_eq!(attend(&desk, &missed, "no-show").await.ok(200)["status"], "no_show");
    assert_eq!(attend(&desk, &cancelled, "cancel").await.ok(200)["status"], "cancelled");
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 1);
    attend(&desk, &missed, "cancel").await.refused(409, "wrong_state");
    first.booked(&renewal("09:00")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_read_as_people_type_it() {
    let app = TestApp::start().await;
    let desk = app.desk();
    let typed: [fn(&str) -> String; 4] = [
        str::to_owned,
        str::to_lowercase,
        |code| format!(" {}-{} ", &code[..4], &code[4..]),
        |code| code.replace('0', "o").replace('1', "l"),
    ];
    for (number, typed) in typed.into_iter().enumerate() {
        let booked = app.person(number).await.booked(&renewal("08:30")).await;
        let code = typed(booked["code"].as_str().unwrap());
        let here = desk.post("/v1/admin/check-in", &json!({ "code": code, "anyway": true })).await.ok(200);
        assert_eq!((id(&here), &here["status"]), (id(&booked), &json!("checked_in")), "{code:?}");
    }
    desk.post("/v1/admin/check-in", &json!({ "code": "00000000" })).await.refused(404, "unknown_appointment");
    for code in ["", "0000000", "000000000", "U0000000", "杭州杭州杭州杭州"] {
        let heard = desk.post("/v1/admin/check-in", &json!({ "code": code })).await;
        heard.refused_at(422, "invalid_field", &["/code"]);
    }
    desk.post("/v1/admin/check-in", &json!({})).await.refused_at(422, "invalid_field", &["/code"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_shows_every_band_and_every_appointment() {
    let app = TestApp::start().await;
    let late = app.person(1).await.booked(&renewal("09:30")).await;
    let early = app.person(2).await.booked(&renewal("08:30")).await;
    let kiosk = app.person(3).await.booked(&booking("east", "2026-11-25", "08:30", "permit.endorsement")).await;
    let day = app.desk().get("/v1/admin/halls/east/days/2026-11-25").await.ok(200);
    assert_eq!(members(&day), ["appointments", "slots"]);
    let slots = day["slots"].as_array().unwrap();
    assert_eq!(slots.len(), 6 + 3);
    let first =
        json!({ "lane": "counter", "start": "08:30", "end": "09:00", "capacity": 6, "taken": 1, "remaining": 5 });
    assert_eq!(slots[0], first);
    let full = json!({ "lane": "kiosk", "start": "08:30", "end": "09:30", "capacity": 1, "taken": 1, "remaining": 0 });
    assert_eq!(slots[6], full);
    let shown = day["appointments"].as_array().unwrap();
    assert_eq!(shown.len(), 3);
    assert!(shown[..2].contains(&early) && shown[..2].contains(&kiosk) && shown[2] == late, "{day}");
    let empty = app.desk().get("/v1/admin/halls/east/days/2026-12-01").await.ok(200);
    assert_eq!(empty, json!({ "slots": [], "appointments": [] }));
}

#[tokio::test(flavor = "multi_thread")]
async fn stats_count_by_hall_and_day() {
    let app = TestApp::start().await;
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(app.person(number).await.booked(&renewal("08:30")).await);
    }
    app.person(5).await.booked(&hold("08:30")).await;
    let desk = app.desk();
    for (at, call) in [(0, "check-in"), (0, "serve"), (1, "check-in"), (2, "no-show"), (3, "cancel")] {
        attend(&desk, &made[at], call).await.ok(200);
    }
    let day = "from=2026-11-25&to=2026-11-25";
    let east = json!({
        "hall": "east", "date": "2026-11-25", "capacity": 5 * 6 + 2 + 3, "held": 1, "booked": 1, "checked_in": 1,
        "served": 1, "no_show": 1, "cancelled": 1,
    });
    assert_eq!(desk.get(&format!("/v1/admin/stats?{day}")).await.ok(200), json!({ "stats": [east] }));
    let all = app.chief().get(&format!("/v1/admin/stats?{day}")).await.ok(200);
    let halls: Vec<&str> = all["stats"].as_array().unwrap().iter().map(|one| one["hall"].as_str().unwrap()).collect();
    assert_eq!(halls, ["west", "east", "south"]);
    app.chief().get("/v1/admin/stats").await.ok(200);
    app.chief().get("/v1/admin/stats?from=2026-01-01&to=2026-12-31").await.ok(200);
    app.chief().get("/v1/admin/stats?from=2026-01-01&to=2027-01-02").await.refused_at(422, "invalid_field", &["/to"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_can_be_read() {
    let app = TestApp::start().await;
    let config = app.chief().get("/v1/admin/config").await.ok(200);
    assert_eq!(members(&config), ["halls", "loaded_at", "services", "version"]);
    assert_eq!(config["loaded_at"], "2026-11-24T12:00:00.000+08:00");
    assert_eq!(config["halls"].as_array().unwrap().len(), 3);
    assert_eq!(config["services"].as_array().unwrap().len(), 4);
    let own = app.desk().get("/v1/admin/config").await.ok(200);
    assert_eq!(own["halls"].as_array().unwrap().iter().map(id).collect::<Vec<_>>(), ["east"]);
}

/// Every call of a person and of staff, as somebody may make it.
fn calls(appointment: &str) -> Vec<(Method, String, Value)> {
    let own = format!("/v1/appointments/{appointment}");
    let admin = format!("/v1/admin/appointments/{appointment}");
    let (get, post) =
        (|path: &str| (Method::GET, path.to_owned(), Value::Null), |path: String, body| (Method::POST, path, body));
    let target = json!({ "hall": "east", "date": "2026-11-26", "start": "08:30" });
    vec![
        post("/v1/appointments".into(), renewal("08:30")),
        get("/v1/appointments"),
        get(&own),
        post(format!("{own}/confirm"), form()),
        post(format!("{own}/reschedule"), target),
        post(format!("{own}/cancel"), Value::Null),
        post(format!("{own}/extend"), Value::Null),
        get(&format!("{own}/calendar.ics")),
        post("/v1/admin/config/reload".into(), Value::Null),
        get("/v1/admin/config"),
        get("/v1/admin/halls/east/days/2026-11-25"),
        post(format!("{admin}/check-in"), Value::Null),
        post(format!("{admin}/serve"), Value::Null),
        post(format!("{admin}/no-show"), Value::Null),
        post(format!("{admin}/cancel"), Value::Null),
        post(format!("{admin}/undo"), Value::Null),
        post("/v1/admin/check-in".into(), json!({ "code": "00000000" })),
        get("/v1/admin/stats"),
    ]
}

async fn call(caller: &Caller, (method, path, body): &(Method, String, Value)) -> Heard {
    let request = caller.request(method.clone(), path);
    hear(if body.is_null() { request } else { request.json(body) }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_is_for_those_whom_the_contract_names() {
    let app = TestApp::start().await;
    let person = app.person(1).await;
    let booked = person.booked(&renewal("08:30")).await;
    for one in calls(id(&booked)) {
        let name = format!("{} {}", one.0, one.1);
        for nobody in [app.nobody(), app.with_token("x"), app.with_token("hp1.x"), app.with_token("hps.x")] {
            assert_eq!(call(&nobody, &one).await.code(), "unauthenticated", "{name}");
        }
        let for_staff = one.1.starts_with("/v1/admin");
        let wrong = if for_staff { vec![person.clone()] } else { vec![app.desk(), app.chief()] };
        for caller in wrong {
            assert_eq!(call(&caller, &one).await.code(), "forbidden", "{name}");
        }
        if for_staff {
            let is_refused = call(&app.desk(), &one).await.code() == "forbidden";
            assert_eq!(is_refused, one.1.ends_with("reload"), "{name}");
            assert_ne!(call(&app.chief(), &one).await.code(), "forbidden", "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_works_in_its_own_hall() {
    let app = TestApp::start().await;
    let abroad = app.person(1).await.booked(&booking("south", "2026-11-25", "09:00", "passport.renewal")).await;
    let desk = app.desk();
    desk.post_nothing(&format!("/v1/admin/appointments/{}/undo", id(&abroad))).await.refused(403, "forbidden");
    for step in ["check-in", "serve", "no-show", "cancel"] {
        attend(&desk, &abroad, step).await.refused(403, "forbidden");
    }
    desk.post("/v1/admin/check-in", &json!({ "code": abroad["code"] })).await.refused(403, "forbidden");
    desk.get("/v1/admin/halls/south/days/2026-11-25").await.refused(403, "forbidden");
    desk.get("/v1/admin/halls/nowhere/days/2026-11-25").await.refused(404, "unknown_hall");
    attend(&desk, &json!({ "id": "no-uuid" }), "check-in").await.refused(404, "unknown_appointment");
    attend(&app.chief(), &abroad, "check-in").await.ok(200);
    let day = app.chief().get("/v1/admin/halls/south/days/2026-11-25").await.ok(200);
    assert_eq!(day["appointments"][0]["status"], "checked_in");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_made_admin_token_opens_everything_until_staff_is_configured() {
    let app = TestApp::with(Files::without_staff()).await;
    let file = app.data_dir().join("admin.token");
    let token = std::fs::read_to_string(&file).unwrap();
    let admin = app.with_token(token.trim());
    admin.get("/v1/admin/config").await.ok(200);
    app.chief().get("/v1/admin/config").await.refused(401, "unauthenticated");
    app.write(&Files::default());
    admin.post_nothing("/v1/admin/config/reload").await.ok(200);
    admin.get("/v1/admin/config").await.refused(401, "unauthenticated");
    app.chief().get("/v1/admin/config").await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_staff_are_guessed_by_no_call_and_a_right_one_is_always_let_in() {
    let app = TestApp::start().await;
    let guess = app.with_token("hps.guess");
    let mut heard = Vec::new();
    for at in 0..61 {
        // Each of them would tell whether the token is one of staff.
        let path = ["/v1/admin/config", "/v1/appointments", "/v1/admin/stats?from=2026-11-25&to=2026-11-25"][at % 3];
        heard.push(guess.get(path).await.status);
    }
    assert_eq!(heard, [vec![401; 60], vec![429]].concat());
    let refused = guess.get("/v1/admin/config").await.refused(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "61", "the next minute begins then");
    app.chief().get("/v1/admin/config").await.ok(200);
    app.desk().get("/v1/admin/halls/east/days/2026-11-25").await.ok(200);
    app.person(1).await.get("/v1/appointments").await.ok(200);
    // A session that is no good is no guess at a token of staff.
    app.with_token("hp1.AAAA").get("/v1/appointments").await.refused(401, "unauthenticated");
    app.pass(chrono::TimeDelta::minutes(1));
    guess.get("/v1/admin/config").await.refused(401, "unauthenticated");
}
