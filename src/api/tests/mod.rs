//! Through the router, on a real engine with its ledger in a temporary directory and a clock that moves when told.

mod config_edit;
mod description;
mod desk;
mod judgement;
mod persons;
mod public;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::serve::envelope::Envelope;
use crate::serve::service::Answers as _;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue};
use chrono::{DateTime, Utc};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::routes;
use crate::app::access::token_digest::token_digest;
use crate::app::state::{App, Parts};
use crate::clock::Clock;
use crate::config::{self, Configuration, Role, Staff};
use crate::domain::name::HallId;
use crate::engine::{self, Engine};
use crate::ledger::embedded::Embedded;
use crate::ledger::joined::Joined;
use crate::vault::Vault;

const HALL: &str = "hangzhou-shi-crj";
const JSON: &str = "application/json";
/// Made-up people, none of whom is the person of [`House::session`].
const OTHERS: [&str; 5] =
    ["330106200002299998", "650102198512310009", "33010819920309999X", "33010920150601999X", "440305197506150009"];

/// Noon of 2026-11-24 in China.
fn noon() -> DateTime<Utc> {
    "2026-11-24T04:00:00Z".parse().unwrap()
}

/// Copies the configuration that comes with the project.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}

/// The configuration in a directory, and two members of staff.
fn configuration(dir: &Path) -> Configuration {
    let mut configuration = config::load(dir).unwrap();
    let desk = Role::Hall(vec![HallId::intern(HALL).unwrap()]);
    for (id, role, token) in [("chief", Role::Admin, "hps.chief"), ("desk", desk, "hps.desk")] {
        configuration.staff.push(Staff { id: id.into(), role, token_sha256: token_digest(token) });
    }
    configuration
}

/// A running house: router, state and clock. Its ledger goes with it.
struct House {
    api: Envelope,
    app: App,
    clock: Clock,
    session: String,
    /// None until the engine has recovered.
    ledger: Option<Joined>,
    dir: TempDir,
}

impl House {
    /// A house whose engine has not recovered yet.
    fn closed() -> Self {
        Self::closed_by(Clock::manual(noon()))
    }

    fn closed_by(clock: Clock) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config_dir = dir.path().join("config");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config"), &config_dir);
        let parts = Parts {
            clock: clock.clone(),
            vault: Arc::new(Vault::from_secret(&[7; 32])),
            configuration: configuration(&config_dir),
            config_dir,
            history_dir: dir.path().join("config-history"),
            admin_token_file: dir.path().join("admin.token"),
            beyond_loopback: false,
        };
        let app = App::new(parts).unwrap();
        Self { api: routes::served(app.clone()), app, clock, session: String::new(), ledger: None, dir }
    }

    async fn open() -> Self {
        Self::open_by(Clock::manual(noon())).await
    }

    async fn open_by(clock: Clock) -> Self {
        let mut house = Self::closed_by(clock);
        let vault = Arc::new(Vault::from_secret(&[7; 32]));
        let snapshot = Arc::clone(&house.app.loaded().configuration.snapshot);
        let ledger = Embedded::open(&house.dir.path().join("store")).unwrap();
        let (engine, thread) =
            Engine::start(engine::Parts { clock: house.clock.clone(), vault, snapshot, ledger }).unwrap();
        house.app.start(engine);
        house.ledger = Some(Joined::on_drop(thread));
        house.session = house.session_of("张伟", "330102199001010004").await;
        house
    }

    fn config_dir(&self) -> PathBuf {
        self.dir.path().join("config")
    }

    async fn session_of(&self, name: &str, id_number: &str) -> String {
        let body = json!({"name": name, "id_number": id_number, "phone": "19900000004"});
        let heard = self.post("/v1/session", "", &body).await;
        assert_eq!(heard.status, 201);
        heard.body["token"].as_str().unwrap().to_owned()
    }

    async fn get(&self, path: &str, token: &str) -> Heard {
        self.ask(request("GET", path, token, None, Bytes::new())).await
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Heard {
        self.ask(request("POST", path, token, Some(JSON), body.to_string())).await
    }

    /// A call without a body.
    async fn tell(&self, path: &str, token: &str) -> Heard {
        self.ask(request("POST", path, token, None, Bytes::new())).await
    }

    async fn keyed(&self, key: &'static str, path: &str, token: &str, body: &Value) -> Heard {
        let mut request = request("POST", path, token, Some(JSON), body.to_string());
        request.headers_mut().insert("idempotency-key", HeaderValue::from_static(key));
        self.ask(request).await
    }

    async fn ask(&self, request: Request) -> Heard {
        let (parts, body) = self.api.clone().answer(request).await.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        let heard = Heard { status: parts.status.as_u16(), headers: parts.headers, body, text };
        heard.assert_sound();
        heard
    }

    /// Books and gives the appointments.
    async fn booked(&self, changes: Value) -> Vec<Value> {
        let heard = self.post("/v1/appointments", &self.session, &booking(changes)).await;
        assert_eq!(heard.status, 201, "{}", heard.text);
        heard.body["appointments"].as_array().unwrap().clone()
    }
}

struct Heard {
    status: u16,
    headers: HeaderMap,
    body: Value,
    text: String,
}

impl Heard {
    fn code(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    fn pointers(&self) -> Vec<&str> {
        self.body["errors"].as_array().into_iter().flatten().filter_map(|error| error["pointer"].as_str()).collect()
    }

    /// What holds for every answer: an id, no storing, and of a refusal a whole problem document.
    fn assert_sound(&self) {
        let id = self.headers["x-request-id"].to_str().unwrap();
        assert_eq!(self.headers["cache-control"], "no-store");
        if self.status >= 400 && self.headers["content-type"] != JSON {
            assert_eq!(self.headers["content-type"], "application/problem+json");
            assert_eq!(self.body["instance"], format!("urn:hallpass:request:{id}"));
            assert_eq!(self.body["status"], self.status);
            assert_eq!(self.body["type"], format!("urn:hallpass:problem:{}", self.body["code"].as_str().unwrap()));
        }
        for secret in ["张伟", "19900101", "19900000004", "panic"] {
            assert!(!self.text.contains(secret), "{}", self.text);
        }
    }
}

fn request(method: &str, path: &str, token: &str, content_type: Option<&str>, body: impl Into<Body>) -> Request {
    let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1");
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(body.into()).unwrap()
}

/// A complete booking of the day after tomorrow with some members replaced, or left out where the new value is null.
fn booking(changes: Value) -> Value {
    let body = json!({
        "hall": HALL, "service": "passport.renewal", "date": "2026-11-26", "start": "08:30", "residence": "330106",
        "emergency_contact": {"name": "李芳", "phone": "0571-87280185"}, "collection": {"method": "counter"}
    });
    with(&body, changes)
}

/// An object with some members changed.
fn with(object: &Value, changes: Value) -> Value {
    let mut object = object.clone();
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    for (name, value) in changes {
        object[name] = value;
    }
    object
}

fn person(id_number: &str) -> Value {
    json!({"name": "王", "id_number": id_number, "phone": "19900000001"})
}
