//! No name, number, telephone or address of a person leaves the process: a full run with the log at its most talkative,
//! then every file, every line and every answer is searched for all of them.

use std::fs;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::http::{Caller, DESK, Door, Files, booking, hear, merged};
use crate::identities::identity;
use crate::process::{Process, Said, hallpass, outcome, serve};

/// What is known of people, in clear. Every value stands in one field of one call only, so that what is found tells
/// where it leaked.
#[derive(Default)]
struct Secrets(Vec<String>);

impl Secrets {
    /// A name that nobody has, remembered without its first character, which may be shown.
    fn name(&mut self, name: &str) -> String {
        let rest: String = name.chars().skip(1).collect();
        assert!(rest.len() >= 6, "{name} may be found by chance");
        self.0.push(rest);
        name.to_owned()
    }

    /// A text that is remembered as a whole.
    fn text(&mut self, text: &str) -> String {
        self.0.push(text.to_owned());
        text.to_owned()
    }

    /// A made-up telephone number.
    fn phone(&mut self, number: usize) -> String {
        self.text(&format!("1990{number:07}"))
    }

    /// A made-up ID number, remembered by the eight digits that are never shown.
    fn identity(&mut self, number: usize) -> String {
        let identity = identity(number);
        self.0.push(identity[6..14].to_owned());
        identity
    }

    fn person(&mut self, name: &str, number: usize) -> Value {
        json!({ "name": self.name(name), "id_number": self.identity(number), "phone": self.phone(3_141_000 + number) })
    }

    fn form(&mut self, contact: &str, receiver: &str, street: &str, number: usize) -> Value {
        let address = json!({
            "name": self.name(receiver), "phone": self.phone(number), "region": "330106", "street": self.text(street),
        });
        json!({
            "residence": "330106",
            "emergency_contact": { "name": self.name(contact), "phone": self.phone(number + 1) },
            "collection": { "method": "post", "address": address },
        })
    }

    /// What of all this stands in some bytes.
    fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        self.0.iter().map(String::as_str).filter(|secret| contains(bytes, secret.as_bytes())).collect()
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    let first = part[0];
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
    starts.into_iter().any(|(at, _)| bytes[at..].starts_with(part))
}

/// Every file below a directory with its bytes, without the zeros with which the store makes room beforehand.
fn files_below(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            let mut bytes = fs::read(&path).unwrap();
            bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
            files.push((path.display().to_string(), bytes));
        }
    }
    files
}

/// A run and everything that was heard in it.
struct Run {
    secrets: Secrets,
    door: Door,
    heard: Vec<String>,
}

impl Run {
    async fn call(
        &mut self,
        token: Option<&str>,
        method: Method,
        path: &str,
        body: &Value,
        key: Option<&str>,
    ) -> Value {
        let caller = Caller::new(self.door.clone(), token.map(str::to_owned));
        let mut request = caller.request(method, path);
        if !body.is_null() {
            request = request.json(body);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let heard = hear(request).await;
        self.heard.push(heard.text);
        heard.body
    }

    async fn post(&mut self, token: &str, path: &str, body: &Value) -> Value {
        self.call(Some(token), Method::POST, path, body, None).await
    }

    async fn get(&mut self, token: &str, path: &str) -> Value {
        self.call(Some(token), Method::GET, path, &Value::Null, None).await
    }

    /// Posts and wants this status of the appointment, or of the first of a party.
    async fn done(&mut self, token: &str, path: &str, body: &Value, status: &str) -> Value {
        let answer = self.post(token, path, body).await;
        let appointment = answer.get("appointments").map_or(&answer, |party| &party[0]);
        assert_eq!(appointment["status"], status, "{path}: {answer}");
        appointment.clone()
    }

    async fn session(&mut self, person: &Value, key: Option<&str>) -> String {
        let session = self.call(None, Method::POST, "/v1/session", person, key).await;
        session["token"].as_str().unwrap_or_else(|| panic!("{session}")).to_owned()
    }
}

fn own(appointment: &Value, call: &str) -> String {
    format!("/v1/appointments/{}{call}", appointment["id"].as_str().unwrap())
}

/// Everything that people and desks do.
async fn lives(run: &mut Run) -> (String, Value) {
    let maker = run.secrets.person("钱塘虚构者", 7_001);
    let token = run.session(&maker, Some("first-session")).await;
    let body = merged(
        &booking("east", "2026-11-25", "08:30", "passport.renewal"),
        &run.secrets.form("Xanthe Quillfeather", "Yorick Zephyrhill", "无何有之乡大椿路88号", 2_718_100),
    );
    run.call(Some(&token), Method::POST, "/v1/appointments", &body, Some("first-booking")).await;
    let again = run.call(Some(&token), Method::POST, "/v1/appointments", &body, Some("first-booking")).await;
    let booked = again["appointments"][0].clone();

    let (first, second) = (run.secrets.person("孙武虚拟人", 7_102), run.secrets.person("李耳虚设人", 7_203));
    let hold = json!({ "hall": "east", "service": "permit.renewal", "date": "2026-11-25", "start": "10:00", "hold": true,
                       "applicants": [first, second] });
    let held = run.done(&token, "/v1/appointments", &hold, "held").await;
    let renamed =
        merged(&first, &json!({ "name": run.secrets.name("孙膑改名人"), "phone": run.secrets.phone(5_550_001) }));
    let form = run.secrets.form("Wilhelmina Overbrook", "Ulysses Tanglewood", "无何有之乡朝菌路99号", 2_718_200);
    let confirmation = merged(&form, &json!({ "applicants": [renamed, second] }));
    run.done(&token, &own(&held, "/confirm?party=true"), &confirmation, "booked").await;
    let target = json!({ "hall": "south", "date": "2026-11-26", "start": "09:00" });
    run.done(&token, &own(&held, "/reschedule?party=true"), &target, "booked").await;
    run.done(&token, &own(&held, "/cancel?party=true"), &Value::Null, "cancelled").await;
    run.get(&token, &own(&booked, "/calendar.ics")).await;

    let ends = [("周庄虚名", 7_304, "check-in"), ("吴起虚名", 7_405, "no-show"), ("郑国虚名", 7_506, "cancel")];
    for (name, number, step) in ends {
        let visitor = run.secrets.person(name, number);
        let token = run.session(&visitor, None).await;
        let slot = json!({ "hall": "east", "service": "passport.renewal", "date": "2026-11-25", "start": "13:30", "hold": true });
        let held = run.done(&token, "/v1/appointments", &slot, "held").await;
        let form = run.secrets.form(
            &format!("Contact of {number}"),
            &format!("Receiver for {number}"),
            &format!("冥灵路{number}号"),
            2_800_000 + number,
        );
        let booked = run.done(&token, &own(&held, "/confirm"), &form, "booked").await;
        let body = if step == "cancel" { Value::Null } else { json!({ "anyway": true }) };
        run.post(DESK, &format!("/v1/admin/appointments/{}/{step}", booked["id"].as_str().unwrap()), &body).await;
    }
    for path in ["halls/east/days/2026-11-25", "stats", "config"] {
        run.get(DESK, &format!("/v1/admin/{path}")).await;
    }
    (token, booked)
}

/// Personal data where it does not belong: every one of these is refused, and what stood there is not repeated.
async fn slips(run: &mut Run, token: &str) {
    let sound = booking("east", "2026-11-26", "08:30", "passport.first-issue");
    let mut number = 8_000;
    let mut next = |run: &mut Run| {
        number += 1;
        run.secrets.identity(number)
    };
    for member in [
        "hall",
        "service",
        "date",
        "start",
        "residence",
        "hold",
        "applicants",
        "emergency_contact",
        "collection",
        "nickname",
    ] {
        let body = merged(&sound, &json!({ member: next(run) }));
        assert!(run.post(token, "/v1/appointments", &body).await["code"].is_string(), "{member}");
    }
    let bad = json!({ "name": run.secrets.name("冯谖\u{7}虚名"), "id_number": next(run).replace("00", "0"), "phone": run.secrets.text("+1 555 0100 77") });
    let body = merged(
        &sound,
        &json!({ "applicants": [bad], "emergency_contact": { "name": " ", "phone": run.secrets.text("+44 20 7946 0000") } }),
    );
    assert_eq!(run.post(token, "/v1/appointments", &body).await["code"], "invalid_field");
    let twice = run.secrets.person("陈轸虚名", 7_607);
    let body = merged(&sound, &json!({ "applicants": [twice, twice] }));
    assert_eq!(run.post(token, "/v1/appointments", &body).await["code"], "duplicate_applicant");
    let wrong = merged(
        &run.secrets.person("卫鞅虚名", 7_708),
        &json!({ "identity_token": run.secrets.text("not-a-token-at-all") }),
    );
    run.call(None, Method::POST, "/v1/session", &wrong, None).await;
    let caller = Caller::new(run.door.clone(), Some(token.to_owned()));
    let torn =
        format!("{{\"applicants\":[{{\"name\":\"{}\",\"id_number\":\"{}\"", run.secrets.name("蒋干虚名"), next(run));
    let heard = caller.post_raw("/v1/appointments", torn).await.refused(400, "malformed_request");
    run.heard.push(heard.text);
    for path in [
        "/v1/appointments/{}",
        "/v1/appointments/{}/calendar.ics",
        "/v1/appointments?cursor={}",
        "/v1/halls/{}",
        "/v1/halls?service={}",
        "/v1/halls/east/slots?service=passport.renewal&from={}",
        "/{}",
    ] {
        let path = path.replace("{}", &next(run));
        assert!(run.get(token, &path).await["code"].is_string(), "{path}");
    }
    let (path, key) = (format!("/v1/appointments/{}/cancel", next(run)), next(run));
    run.call(Some(token), Method::POST, &path, &Value::Null, Some(&key)).await;
    let (code, stranger) = (next(run), next(run));
    run.post(DESK, "/v1/admin/check-in", &json!({ "code": code })).await;
    run.get(&stranger, "/v1/appointments").await;
}

fn judge(run: &Run, data: &Path, said: &[&Said]) {
    for (file, bytes) in files_below(data) {
        assert_eq!(run.secrets.found_in(&bytes), Vec::<&str>::new(), "in {file}");
    }
    for said in said {
        for text in [&said.stdout, &said.stderr] {
            assert_eq!(run.secrets.found_in(text.as_bytes()), Vec::<&str>::new(), "in {text}");
        }
    }
    for text in &run.heard {
        assert_eq!(run.secrets.found_in(text.as_bytes()), Vec::<&str>::new(), "in {text}");
    }
}

/// The search finds what is there: otherwise it would prove nothing. What is stored is not compressed.
fn the_search_works(run: &Run, data: &Path, said: &Said, booked: &Value) {
    let store = files_below(&data.join("store"));
    for word in ["passport.renewal", "permit.renewal", "east", "south"] {
        assert!(store.iter().any(|(_, bytes)| contains(bytes, word.as_bytes())), "{word} is not in the store");
    }
    let code = booked["code"].as_str().unwrap();
    assert!(run.heard.iter().any(|text| contains(text.as_bytes(), code.as_bytes())));
    assert!(
        contains(said.stderr.as_bytes(), b"/v1/appointments/{id}/calendar.ics"),
        "the log is not talkative: {}",
        said.stderr
    );
    assert_eq!(run.secrets.found_in(format!("…{}…", run.secrets.0[1]).as_bytes()), [run.secrets.0[1].as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_leaves_the_process() {
    let place = tempfile::tempdir().unwrap();
    let (config, data) = (place.path().join("config"), place.path().join("data"));
    Files::default().write(&config);
    let start = async || {
        let mut command = serve(&config, &data);
        command.args(["--now", "2026-11-24T12:00:00+08:00"]).env("HALLPASS_LOG", "trace");
        Process::start(command).await
    };
    let process = start().await;
    let mut run = Run { secrets: Secrets::default(), door: Door::to(process.address), heard: Vec::new() };
    let (token, booked) = lives(&mut run).await;
    slips(&mut run, &token).await;
    process.signal("HUP").await;
    process.until_logged("the configuration is in force").await;
    run.call(None, Method::GET, "/metrics", &Value::Null, None).await;
    judge(&run, &data, &[]);
    let first = process.stop().await;

    let process = start().await;
    run.door = Door::to(process.address);
    assert_eq!(run.get(&token, &own(&booked, "")).await, booked);
    run.get(&token, "/v1/appointments").await;
    run.done(&token, &own(&booked, "/cancel"), &Value::Null, "cancelled").await;
    run.get(DESK, "/v1/admin/halls/east/days/2026-11-25").await;
    let second = process.stop().await;
    let verified = outcome(hallpass(["verify".as_ref(), "--data".as_ref(), data.as_os_str()])).await;
    assert!(verified.status.success(), "{verified:?}");
    let export = |more: &[&str]| {
        let mut command = hallpass(["export"]);
        command.arg("--data").arg(&data).args(more);
        outcome(command)
    };
    let exported = export(&[]).await;
    assert!(exported.status.success(), "{exported:?}");
    let revealed = run.secrets.found_in(export(&["--reveal"]).await.stdout.as_bytes()).len();
    assert!(revealed > 30, "told to, it shows {revealed}");
    assert!(run.secrets.0.len() > 60, "{}", run.secrets.0.len());
    judge(&run, &data, &[&first, &second, &verified, &exported]);
    the_search_works(&run, &data, &first, &booked);
}
