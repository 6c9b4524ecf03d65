//! A day at the desk, through the router on a real engine: without a script, as a browser would.

mod guards;
mod telephones;

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::app::access::token_digest::token_digest;
use crate::app::state::{App, Parts};
use crate::clock::Clock;
use crate::config::{self, Role, Staff};
use crate::domain::name::HallId;
use crate::engine::{self, Engine};
use crate::ledger::embedded::Embedded;
use crate::ledger::joined::Joined;
use crate::pages::kit::redirect::percent;
use crate::serve::envelope::Envelope;
use crate::serve::service::Answers as _;
use crate::vault::Vault;

const HALL: &str = "hangzhou-shi-crj";
const OTHER_HALL: &str = "hangzhou-xihu-crj";
const DAY: &str = "2026-11-26";
/// Made-up people.
const PEOPLE: [&str; 3] = ["330106200002299998", "650102198512310009", "33010819920309999X"];

pub(crate) struct Heard {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) text: String,
}

impl Heard {
    fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.text);
        self.headers["location"].to_str().unwrap()
    }

    /// The value of a hidden field of the first form on the page.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let (_, rest) = self.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    fn says(&self, words: &str) {
        assert!(self.text.contains(words), "{words:?} is not in {}", self.text);
    }

    fn lacks(&self, words: &str) {
        assert!(!self.text.contains(words), "{words:?} is in {}", self.text);
    }
}

pub(crate) struct Desk {
    web: Envelope,
    app: App,
    clock: Clock,
    cookies: Vec<String>,
    _ledger: Joined,
    _dir: TempDir,
}

impl Desk {
    /// Opens at noon of the day before the day before.
    pub(crate) fn open() -> Self {
        let noon: DateTime<Utc> = "2026-11-24T04:00:00Z".parse().unwrap();
        let (clock, dir) = (Clock::manual(noon), tempfile::tempdir().unwrap());
        let config_dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let mut configuration = config::load(&config_dir).unwrap();
        let role = Role::Hall(vec![HallId::intern(HALL).unwrap()]);
        for (id, role, token) in [("chief", Role::Admin, "hps.chief"), ("desk-3", role, "hps.desk")] {
            configuration.staff.push(Staff { id: id.into(), role, token_sha256: token_digest(token) });
        }
        let vault = || Arc::new(Vault::from_secret(&[7; 32]));
        let snapshot = Arc::clone(&configuration.snapshot);
        let app = App::new(Parts {
            clock: clock.clone(),
            vault: vault(),
            configuration,
            config_dir,
            admin_token_file: dir.path().join("admin.token"),
            history_dir: dir.path().join("history"),
            beyond_loopback: false,
        })
        .unwrap();
        let ledger = Embedded::open(&dir.path().join("store")).unwrap();
        let parts = engine::Parts { clock: clock.clone(), vault: vault(), snapshot, ledger };
        let (engine, thread) = Engine::start(parts).unwrap();
        app.start(engine);
        let web = crate::server::served(app.clone());
        Self { web, app, clock, cookies: Vec::new(), _ledger: Joined::on_drop(thread), _dir: dir }
    }

    pub(crate) async fn ask(&mut self, request: axum::http::request::Builder, body: impl Into<Body>) -> Heard {
        let request: Request = request.header("host", "127.0.0.1").body(body.into()).unwrap();
        let (parts, body) = self.web.clone().answer(request).await.into_parts();
        for cookie in parts.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            let name = pair.split('=').next().unwrap().to_owned() + "=";
            self.cookies.retain(|kept| !kept.starts_with(&name));
            self.cookies.push(pair);
        }
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Heard { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path).header("accept", "text/html");
        request.header("cookie", self.cookies.join("; "))
    }

    pub(crate) async fn get(&mut self, path: &str) -> Heard {
        let request = self.request("GET", path);
        self.ask(request, String::new()).await
    }

    /// Sends a form with the hidden fields of a page.
    async fn send(&mut self, page: &Heard, path: &str, fields: &[(&str, &str)]) -> Heard {
        let mut body = format!("mark={}&once={}", percent(&page.hidden("mark")), percent(&page.hidden("once")));
        for (name, value) in fields {
            body.extend(["&", name, "=", &percent(value)]);
        }
        let request = self.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        self.ask(request, body).await
    }

    pub(crate) async fn sign_in(&mut self, token: &str) -> Heard {
        let page = self.get("/staff/sign-in").await;
        self.send(&page, "/staff/sign-in", &[("token", token), ("next", "/staff")]).await
    }

    /// Somebody books by the API; gives the appointment.
    async fn booked(&mut self, at: usize, hall: &str, date: &str) -> Value {
        let who = json!({"name": "张伟", "id_number": PEOPLE[at], "phone": "19900000004"});
        let json = |path: &str| Request::builder().method("POST").uri(path).header("content-type", "application/json");
        let session = self.ask(json("/v1/session"), who.to_string()).await;
        let token = serde_json::from_str::<Value>(&session.text).unwrap()["token"].as_str().unwrap().to_owned();
        let body = json!({
            "hall": hall, "service": "passport.renewal", "date": date, "start": "08:30", "residence": "330106",
            "emergency_contact": {"name": "李芳", "phone": "0571-87280185"}, "collection": {"method": "counter"}
        });
        let request = json("/v1/appointments").header("authorization", format!("Bearer {token}"));
        let heard = self.ask(request, body.to_string()).await;
        assert_eq!(heard.status, 201, "{}", heard.text);
        serde_json::from_str::<Value>(&heard.text).unwrap()["appointments"][0].clone()
    }

    /// Two book together by the API; gives their appointments.
    async fn booked_together(&mut self) -> [Value; 2] {
        let who = |at: usize| json!({"name": "张伟", "id_number": PEOPLE[at], "phone": "19900000004"});
        let json = |path: &str| Request::builder().method("POST").uri(path).header("content-type", "application/json");
        let session = self.ask(json("/v1/session"), who(0).to_string()).await;
        let token = serde_json::from_str::<Value>(&session.text).unwrap()["token"].as_str().unwrap().to_owned();
        let body = json!({
            "hall": HALL, "service": "passport.renewal", "date": DAY, "start": "08:30", "residence": "330106",
            "applicants": [who(0), who(1)],
            "emergency_contact": {"name": "李芳", "phone": "0571-87280185"}, "collection": {"method": "counter"}
        });
        let request = json("/v1/appointments").header("authorization", format!("Bearer {token}"));
        let heard = self.ask(request, body.to_string()).await;
        assert_eq!(heard.status, 201, "{}", heard.text);
        let booked = serde_json::from_str::<Value>(&heard.text).unwrap();
        [booked["appointments"][0].clone(), booked["appointments"][1].clone()]
    }

    fn day_comes(&self) {
        self.clock.set("2026-11-26T01:00:00Z".parse().unwrap());
    }
}

pub(crate) fn day(page: &str) -> String {
    format!("/staff/halls/{HALL}/{DAY}{page}")
}

fn text_of<'a>(appointment: &'a Value, member: &str) -> &'a str {
    appointment[member].as_str().unwrap()
}

#[tokio::test]
async fn a_token_opens_the_desk_and_a_wrong_one_says_nothing() {
    let mut desk = Desk::open();
    assert_eq!(desk.get("/staff").await.location(), "/staff/sign-in?next=%2Fstaff");
    let wrong = desk.sign_in("hps.wrong").await;
    assert_eq!(wrong.location(), "/staff/sign-in?next=%2Fstaff&wrong=yes");
    let wrong = desk.get(wrong.location()).await;
    assert_eq!(wrong.status, 422);
    wrong.says("口令不对");
    wrong.lacks("hps.wrong");
    assert_eq!(desk.sign_in("hps.desk").await.location(), "/staff");
    assert_eq!(desk.get("/staff").await.location(), "/staff/halls/hangzhou-shi-crj/2026-11-24");
    let page = desk.get(&day("")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(desk.get(&format!("/staff/halls/{OTHER_HALL}/{DAY}")).await.status, 403);
    assert_eq!(desk.get("/staff/halls/hangzhou-shi-crj/2026-02-30").await.status, 404);
    assert_eq!(desk.send(&page, "/staff/sign-out", &[]).await.location(), "/staff/sign-in");
    assert_eq!(desk.get("/staff").await.status, 303);
}

#[tokio::test]
async fn guesses_run_out() {
    let mut desk = Desk::open();
    let page = desk.get("/staff/sign-in").await;
    for _ in 0..60 {
        let wrong = desk.send(&page, "/staff/sign-in", &[("token", "guess")]).await;
        assert_eq!(wrong.location(), "/staff/sign-in?next=%2Fstaff&wrong=yes");
    }
    for _ in 0..3 {
        let said = desk.get("/staff/sign-in?next=%2Fstaff&wrong=yes").await;
        assert_eq!(said.status, 422, "a refresh of the page tries nothing");
    }
    assert_eq!(desk.send(&page, "/staff/sign-in", &[("token", "guess")]).await.status, 429);
    assert_eq!(
        desk.send(&page, "/staff/sign-in", &[("token", "hps.desk")]).await.status,
        303,
        "a right one is not refused"
    );
    desk.clock.set("2026-11-24T04:01:00Z".parse().unwrap());
    let wrong = desk.send(&page, "/staff/sign-in", &[("token", "guess")]).await;
    assert_eq!(wrong.location(), "/staff/sign-in?next=%2Fstaff&wrong=yes");
}

#[tokio::test]
async fn who_comes_is_checked_in_by_code_called_and_served() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, DAY).await;
    let (id, code) = (text_of(&booked, "id").to_owned(), text_of(&booked, "code").to_owned());
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    let page = desk.get(&day("")).await;
    page.says("张*");
    page.lacks("张伟");
    let done = desk.send(&page, &day("/check-in"), &[("code", &code.to_lowercase())]).await;
    assert_eq!(done.location(), day(&format!("?done={id}")));
    assert_eq!(
        desk.send(&page, &day("/check-in"), &[("code", &code.to_lowercase())]).await.location(),
        done.location()
    );
    let after = desk.get(&day(&format!("?done={id}"))).await;
    let shown = "A001";
    after.says("张* 已签到");
    after.says(&format!("排队号 {shown}"));
    desk.clock.set("2026-11-26T01:01:00Z".parse().unwrap());
    let again = desk.send(&after, &day("/check-in"), &[("code", &code)]).await;
    assert_eq!(again.location(), day(&format!("?scanned={code}")));
    let again = desk.get(again.location()).await;
    again.says("已经签到过了");
    again.lacks(&format!("value=\"{code}\""));

    let queue = desk.get(&day("/walk-ins?counter=3")).await;
    queue.says(shown);
    queue.says("预约 08:30");
    let called = desk.send(&queue, &day("/next"), &[("counter", "3")]).await;
    assert_eq!(called.location(), day(&format!("/walk-ins?counter=3&called={code}")));
    let display = desk.get(&day("/display")).await;
    display.says(shown);
    display.says("3 号窗口");
    display.lacks("张");
    display.lacks(&code);
    let queue = desk.get(&day("/walk-ins?counter=3")).await;
    let served = desk.send(&queue, &day("/served"), &[("number", &code), ("counter", "3")]).await;
    assert_eq!(served.location(), day(&format!("/walk-ins?counter=3&done={id}")));
    desk.get(&day("")).await.says("status-served");
    let record = desk.get("/staff/record").await;
    for words in ["desk-3", "张* 签到", "张* 办结", &format!("叫 {shown} 到 3 号窗口")] {
        record.says(words);
    }
    let page = desk.get(&day("/walk-ins")).await;
    let late = desk.send(&page, &format!("/staff/appointments/{id}/no-show"), &[("back", &day(""))]).await;
    assert_eq!(late.location(), day(&format!("?late={id}")));
    desk.get(&day(&format!("?late={id}"))).await.says("没有更改");
    desk.get(&day("/list")).await.says(&format!("{} {}", &code[..4], &code[4..]));
}

#[tokio::test]
async fn an_appointment_of_another_day_is_asked_about_and_one_of_another_hall_refused() {
    let mut desk = Desk::open();
    let later = desk.booked(0, HALL, "2026-11-27").await;
    let elsewhere = desk.booked(1, OTHER_HALL, DAY).await;
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    for (code, words) in [
        (text_of(&elsewhere, "code"), "请到那里办理"),
        ("00000000", "没有预约码 00000000"),
        ("x", "预约码是 8 位"),
        ("<b>&\"", "读到的不是预约码"),
        (&"长".repeat(200), "读到的不是预约码"),
    ] {
        let page = desk.get(&day("")).await;
        let refused = desk.send(&page, &day("/check-in"), &[("code", code)]).await;
        let said = desk.get(refused.location()).await;
        assert_eq!(said.status, 200);
        said.says(words);
        said.lacks("value=\"x\"");
    }
    let page = desk.get(&day("")).await;
    let asked = desk.send(&page, &day("/check-in"), &[("code", text_of(&later, "code"))]).await;
    let asked = desk.get(asked.location()).await;
    asked.says("仍然签到");
    let fields = [("code", text_of(&later, "code")), ("anyway", "yes")];
    let done = desk.send(&asked, &day("/check-in"), &fields).await;
    assert_eq!(done.location(), day(&format!("?done={}", text_of(&later, "id"))));
}

#[tokio::test]
async fn whoever_has_no_appointment_draws_a_number() {
    let mut desk = Desk::open();
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    let page = desk.get(&day("/walk-ins")).await;
    let service = [("service", "passport.renewal")];
    assert_eq!(desk.send(&page, &day("/walk-ins"), &service).await.location(), day("/tickets/W001"));
    assert_eq!(desk.send(&page, &day("/walk-ins"), &service).await.location(), day("/tickets/W001"), "the same press");
    let page = desk.get(&day("/walk-ins")).await;
    assert_eq!(desk.send(&page, &day("/walk-ins"), &service).await.location(), day("/tickets/W002"));
    desk.get(&day("/tickets/W002")).await.says("前面还有 1 人");
    assert_eq!(desk.get(&day("/tickets/W003")).await.status, 404);

    let page = desk.get(&day("/walk-ins")).await;
    let bad = desk.send(&page, &day("/call"), &[("number", "W002"), ("counter", "")]).await;
    assert_eq!(bad.location(), day("/walk-ins?refused=counter"));
    desk.get(bad.location()).await.says("请填写窗口号");
    let page = desk.get(&day("/walk-ins?counter=4")).await;
    let called = desk.send(&page, &day("/call"), &[("number", "W002"), ("counter", "4")]).await;
    assert_eq!(called.location(), day("/walk-ins?counter=4&called=W002"));
    desk.get(&day("/display")).await.says("W002");
    for (press, number) in [("/gone", "W002"), ("/served", "W001")] {
        let page = desk.get(&day("/walk-ins?counter=4")).await;
        assert_eq!(desk.send(&page, &day(press), &[("number", number), ("counter", "4")]).await.status, 303);
    }
    let page = desk.get(&day("/walk-ins?counter=4")).await;
    page.says("现在没有人等候");
    assert_eq!(
        desk.send(&page, &day("/next"), &[("counter", "4")]).await.location(),
        day("/walk-ins?counter=4&nobody=yes")
    );
    let tomorrow = format!("/staff/halls/{HALL}/2026-11-27/walk-ins");
    let page = desk.get(&tomorrow).await;
    let refused = desk.send(&page, &tomorrow, &service).await;
    desk.get(refused.location()).await.says("只能在当天取号和叫号");
}

#[tokio::test]
async fn nothing_is_drawn_before_a_service_is_chosen() {
    let mut desk = Desk::open();
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    let page = desk.get(&day("/walk-ins")).await;
    page.says("<option value=\"\" selected>");
    for service in ["", "nonsense"] {
        let page = desk.get(&day("/walk-ins")).await;
        let refused = desk.send(&page, &day("/walk-ins"), &[("service", service)]).await;
        assert_eq!(refused.location(), day("/walk-ins?refused=service"));
    }
    desk.get(&day("/walk-ins?refused=service")).await.says("请选择本大厅办理的业务");
    desk.get(&day("/walk-ins")).await.says("等候 0 人");
}

#[tokio::test]
async fn a_counter_is_asked_for_once() {
    let mut desk = Desk::open();
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    desk.get(&day("/walk-ins")).await.says("您在几号窗口");
    desk.get(&day("/walk-ins?counter=3")).await.says("3 号窗口");
    // From another page, by an address without the counter.
    desk.get(&day("")).await;
    let queue = desk.get(&day("/walk-ins")).await;
    queue.says("叫下一位");
    queue.says("3 号窗口");
    let asked = desk.get(&day("/walk-ins?counter=")).await;
    asked.says("您在几号窗口");
    desk.get(&day("/walk-ins?counter=7")).await.says("7 号窗口");
    desk.get(&day("/walk-ins")).await.says("7 号窗口");
}

#[tokio::test]
async fn what_comes_by_the_api_is_in_the_record_too() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, DAY).await;
    desk.day_comes();
    let path = format!("/v1/admin/appointments/{}/check-in", text_of(&booked, "id"));
    let request = Request::builder().method("POST").uri(path).header("authorization", "Bearer hps.chief");
    assert_eq!(desk.ask(request, String::new()).await.status, 200);
    desk.sign_in("hps.desk").await;
    let record = desk.get("/staff/record").await;
    record.says("chief");
    record.says("接口");
    desk.get(&day("/walk-ins")).await.says("A001");
}

#[tokio::test]
async fn a_party_is_checked_in_at_once_by_the_code_of_any_of_its_members() {
    for member in 0..2 {
        let mut desk = Desk::open();
        let party = desk.booked_together().await;
        desk.day_comes();
        desk.sign_in("hps.desk").await;
        let page = desk.get(&day("")).await;
        page.says("两人一起签到");
        let code = format!("p{}", text_of(&party[member], "code"));
        let done = desk.send(&page, &day("/check-in"), &[("code", &code)]).await;
        let said = desk.get(done.location()).await;
        said.says("张*、张* 已签到");
        for number in ["排队号 A001", "排队号 A002"] {
            said.says(number);
        }
        desk.get(&day("/walk-ins")).await.says("等候 2 人");
        // And all of it is taken back at once.
        let path = format!("/staff/appointments/{}/undo", text_of(&party[member], "id"));
        said.says(&path);
        let undone = desk.send(&said, &path, &[("back", &day("")), ("party", "yes")]).await;
        desk.get(undone.location()).await.says("已撤销");
        let page = desk.get(&day("")).await;
        page.says("两人一起签到");
        desk.get(&day("/walk-ins")).await.says("等候 0 人");
    }
}

#[tokio::test]
async fn whoever_of_a_party_is_not_here_yet_follows_by_one_press() {
    let mut desk = Desk::open();
    let party = desk.booked_together().await;
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    let page = desk.get(&day("")).await;
    let done = desk.send(&page, &day("/check-in"), &[("code", text_of(&party[1], "code"))]).await;
    let said = desk.get(done.location()).await;
    said.says("其余 1 人一起签到");
    said.lacks("两人一起签到");
    let path = format!("/staff/appointments/{}/check-in", text_of(&party[1], "id"));
    let done = desk.send(&said, &path, &[("back", &day("")), ("party", "yes")]).await;
    desk.get(done.location()).await.says("排队号 A002");
    desk.get(&day("/walk-ins")).await.says("等候 2 人");
}

#[tokio::test]
async fn a_slip_is_taken_back_for_a_minute_and_a_no_show_until_the_next_day_ends() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, DAY).await;
    let (id, code) = (text_of(&booked, "id").to_owned(), text_of(&booked, "code").to_owned());
    let undo = format!("/staff/appointments/{id}/undo");
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    let page = desk.get(&day("")).await;
    page.lacks(&undo);
    let done = desk.send(&page, &day("/check-in"), &[("code", &code)]).await.location().to_owned();
    desk.get(&done).await.says(&undo);
    desk.clock.set("2026-11-26T01:01:01Z".parse().unwrap());
    let late = desk.get(&done).await;
    late.lacks(&undo);
    assert_eq!(desk.send(&late, &undo, &[("back", &day(""))]).await.location(), day(&format!("?late={id}")));

    // Served by mistake: back to the queue, with the same number.
    let page = desk.get(&day("")).await;
    let served = desk.send(&page, &format!("/staff/appointments/{id}/serve"), &[("back", &day(""))]).await;
    desk.get(&day("/walk-ins")).await.says("等候 0 人");
    let page = desk.get(served.location()).await;
    let undone = desk.send(&page, &undo, &[("back", &day(""))]).await;
    assert_eq!(undone.location(), day(&format!("?undone={id}")));
    desk.get(undone.location()).await.says("已撤销：张* 现在是「已签到」");
    desk.get(&day("/walk-ins")).await.says("A001");
}

#[tokio::test]
async fn what_is_no_code_never_stands_in_an_address() {
    let mut desk = Desk::open();
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    let named = "张伟，男，330106200002299998";
    for typed in [
        PEOPLE[0],
        PEOPLE[2],
        "３３０１０６２００００２２９９９９８",
        "https://example.org/330106200002299998",
        named,
        "19900000004",
    ] {
        let page = desk.get(&day("")).await;
        let refused = desk.send(&page, &day("/check-in"), &[("code", typed)]).await;
        assert_eq!(refused.location(), day("?scanned=unreadable"), "{typed}");
        let said = desk.get(refused.location()).await;
        said.says("读到的不是预约码");
        said.lacks(typed);
    }
    // The control: a code stands there, and nothing but the code.
    let page = desk.get(&day("")).await;
    let typed = format!("https://example.org/?who={}&code=00000000", PEOPLE[0]);
    let unknown = desk.send(&page, &day("/check-in"), &[("code", &typed)]).await;
    assert_eq!(unknown.location(), day("?scanned=00000000"));
}

#[tokio::test]
async fn a_step_is_taken_back_in_its_row_after_the_next_scan_and_only_by_who_took_it() {
    let mut desk = Desk::open();
    let [first, second] = [desk.booked(0, HALL, DAY).await, desk.booked(1, HALL, DAY).await];
    let undo = |one: &Value| format!("/staff/appointments/{}/undo", text_of(one, "id"));
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    for one in [&first, &second] {
        let page = desk.get(&day("")).await;
        desk.send(&page, &day("/check-in"), &[("code", text_of(one, "code"))]).await.location();
    }
    let page = desk.get(&day("")).await;
    page.says(&undo(&first));
    page.says(&undo(&second));
    // Somebody else, at another machine, would be refused.
    let mine = std::mem::take(&mut desk.cookies);
    desk.sign_in("hps.chief").await;
    desk.get(&day("")).await.lacks(&undo(&first));
    desk.cookies = mine;
    let undone = desk.send(&page, &undo(&first), &[("back", &day(""))]).await;
    assert_eq!(undone.location(), day(&format!("?undone={}", text_of(&first, "id"))));
    let page = desk.get(&day("")).await;
    page.lacks(&undo(&first));
    page.says(&undo(&second));
    desk.clock.set("2026-11-26T01:01:01Z".parse().unwrap());
    desk.get(&day("")).await.lacks(&undo(&second));
}

#[tokio::test]
async fn whoever_was_served_by_mistake_comes_back_to_the_queue_where_it_was_pressed() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, DAY).await;
    let (id, code) = (text_of(&booked, "id").to_owned(), text_of(&booked, "code").to_owned());
    let undo = format!("/staff/appointments/{id}/undo");
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    let page = desk.get(&day("")).await;
    desk.send(&page, &day("/check-in"), &[("code", &code)]).await.location();
    let queue = desk.get(&day("/walk-ins?counter=3")).await;
    desk.send(&queue, &day("/next"), &[("counter", "3")]).await.location();
    let queue = desk.get(&day("/walk-ins?counter=3")).await;
    queue.lacks(&undo);
    let served = desk.send(&queue, &day("/served"), &[("number", &code), ("counter", "3")]).await;
    assert_eq!(served.location(), day(&format!("/walk-ins?counter=3&done={id}")));
    let said = desk.get(served.location()).await;
    said.says("张* 已办结");
    said.says(&undo);
    let back = day("/walk-ins?counter=3");
    said.says(&format!("name=\"back\" value=\"{back}\""));
    let undone = desk.send(&said, &undo, &[("back", &back)]).await;
    assert_eq!(undone.location(), format!("{back}&undone={id}"));
    let queue = desk.get(undone.location()).await;
    queue.says("已撤销：张* 现在是「已签到」");
    queue.says("A001");

    // And after the minute no more.
    let served = desk.send(&queue, &day("/served"), &[("number", &code), ("counter", "3")]).await.location().to_owned();
    desk.clock.set("2026-11-26T01:01:01Z".parse().unwrap());
    let said = desk.get(&served).await;
    said.lacks(&undo);
    let late = desk.send(&said, &undo, &[("back", &back)]).await;
    assert_eq!(late.location(), format!("{back}&late={id}"));
    desk.get(late.location()).await.says("没有更改");
}

#[tokio::test]
async fn a_party_of_another_day_is_asked_about_and_checked_in_whole() {
    for member in 0..2 {
        let mut desk = Desk::open();
        let party = desk.booked_together().await;
        desk.clock.set("2026-11-25T01:00:00Z".parse().unwrap());
        desk.sign_in("hps.desk").await;
        let today = format!("/staff/halls/{HALL}/2026-11-25");
        let page = desk.get(&today).await;
        let code = format!("P{}", text_of(&party[member], "code"));
        let asked = desk.send(&page, &format!("{today}/check-in"), &[("code", &code)]).await;
        assert_eq!(asked.location(), format!("{today}?scanned={code}"), "nobody is checked in unasked");
        let asked = desk.get(asked.location()).await;
        asked.says("仍然签到");
        assert_eq!(asked.hidden("code"), code);
        let done = desk.send(&asked, &format!("{today}/check-in"), &[("code", &code), ("anyway", "yes")]).await;
        desk.get(done.location()).await.says("张*、张* 已签到");
        desk.get(&day("")).await.lacks("person status-booked");
    }
}

#[tokio::test]
async fn cities_have_their_names_in_the_language_of_the_page_and_are_chosen_for_trends_too() {
    let mut desk = Desk::open();
    desk.sign_in("hps.chief").await;
    for page in ["/staff/city", "/staff/trends", "/staff?all=yes"] {
        let request = desk.request("GET", page).header("accept-language", "en");
        let english = desk.ask(request, String::new()).await;
        let at =
            |city: &str| english.text.find(&format!(">{city}</option>")).unwrap_or_else(|| panic!("{page}: {city}"));
        assert!(at("Beijing") < at("Hangzhou") && at("Hangzhou") < at("Zhuhai"), "{page}");
        english.lacks(">杭州<");
    }
    let hangzhou = percent("杭州");
    let one = desk.get(&format!("/staff/trends?city={hangzhou}")).await;
    one.says("value=\"杭州\" selected");
    one.says(&format!("value=\"{HALL}\""));
    one.lacks("value=\"beijing-");
    one.says(&format!("&amp;city={hangzhou}\""));
    // Remembered, also by the other pages; all of them are a choice; a hall brings its city along.
    desk.get("/staff/city").await.says("value=\"杭州\" selected");
    desk.get("/staff/trends").await.lacks("value=\"beijing-");
    desk.get("/staff/trends?city=").await.says("value=\"beijing-");
    desk.get(&format!("/staff/trends?hall={HALL}")).await.says(&format!("value=\"{HALL}\" selected"));
    let elsewhere = desk.get(&format!("/staff/trends?city={}&hall={HALL}", percent("北京"))).await;
    elsewhere.lacks(&format!("value=\"{HALL}\""));
    elsewhere.says("value=\"北京\" selected");
    assert_eq!(desk.get("/staff/trends?hall=nowhere").await.status, 404);
}
