//! What callers hear while the engine recovers, while the ledger is behind, and after the ledger has failed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use hallpass::api::routes;
use hallpass::app::state;
use hallpass::app::state::App;
use hallpass::clock::Clock;
use hallpass::config;
use hallpass::domain::applicant::{Applicant, IdNumber};
use hallpass::domain::appointment::AppointmentId;
use hallpass::domain::wall::WallTime;
use hallpass::engine::{self, Call, Caller as EngineCaller, Engine, Form, ReadOnlyReason, Wish};
use hallpass::ledger::commit::MAX_QUEUED_ENTRIES;
use hallpass::ledger::reading::{Reader, SealedParts};
use hallpass::ledger::{BatchNumber, Boxed, CommitFault, Draft, Ledger, LedgerFault, Restored, Verdicts};
use hallpass::serve::connections;
use hallpass::vault::Vault;
use parking_lot::{Condvar, Mutex};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::appointments::{form, hold, id, renewal};
use super::caller::{Caller, Door};
use super::files::{CHIEF, DESK, Files};
use super::test_app::{NOON, fast_directory, instant};
use crate::identities::{identity, person};

/// A ledger that keeps nothing, fails when told, and waits before each batch while its gate is shut.
#[derive(Debug, Clone, Default)]
struct Fallible {
    fails: Arc<AtomicBool>,
    gate: Arc<(Mutex<bool>, Condvar)>,
}

impl Fallible {
    fn shut(&self, is_shut: bool) {
        *self.gate.0.lock() = is_shut;
        self.gate.1.notify_all();
    }
}

/// What is kept nowhere is found nowhere.
impl Reader for Fallible {
    fn sealed(&self, _: AppointmentId) -> Boxed<'_, Result<SealedParts, LedgerFault>> {
        Box::pin(async { Ok(SealedParts::new()) })
    }
}

impl Ledger for Fallible {
    fn commit(&mut self, _: BatchNumber, _: &[Draft<'_>]) -> Result<Verdicts, CommitFault> {
        self.gate.1.wait_while(&mut self.gate.0.lock(), |is_shut| *is_shut);
        if self.fails.load(Ordering::Acquire) {
            return Err(LedgerFault::Store { step: "flush a batch", source: "the disk is full".into() }.into());
        }
        Ok(Verdicts::AllWritten)
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(self.clone())
    }

    fn load(&mut self, _: &(dyn Fn(Restored<'_>) + Sync)) -> Result<(), LedgerFault> {
        Ok(())
    }
}

/// The HTTP room on such a ledger, whose thread waits for nothing once the room is gone.
struct Room {
    app: App,
    clock: Clock,
    vault: Arc<Vault>,
    ledger: Fallible,
    door: Door,
    thread: Option<JoinHandle<()>>,
    _stop: oneshot::Sender<()>,
    directory: TempDir,
}

impl Drop for Room {
    fn drop(&mut self) {
        self.ledger.shut(false);
    }
}

impl Room {
    /// A room whose engine has not recovered yet.
    async fn open(files: Files) -> Self {
        let directory = fast_directory();
        files.write(directory.path());
        let (clock, vault) = (Clock::manual(instant(NOON)), Arc::new(Vault::from_secret(&[7; 32])));
        let parts = state::Parts {
            clock: clock.clone(),
            vault: Arc::clone(&vault),
            configuration: config::load(directory.path()).unwrap(),
            config_dir: directory.path().to_owned(),
            history_dir: directory.path().join("config-history"),
            admin_token_file: directory.path().join("admin.token"),
            beyond_loopback: false,
        };
        let app = App::new(parts).unwrap();
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let door = Door::to(listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(connections::run(listener, routes::served(app.clone()), async {
            // A room that is gone has stopped too.
            let _ = stopped.await;
        }));
        Self { app, clock, vault, ledger: Fallible::default(), door, thread: None, _stop: stop, directory }
    }

    /// Lets the engine recover.
    fn recover(&mut self) -> Engine {
        let snapshot = self.app.loaded().configuration.snapshot.clone();
        let (clock, vault, ledger) = (self.clock.clone(), Arc::clone(&self.vault), self.ledger.clone());
        let (engine, thread) = Engine::start(engine::Parts { clock, vault, snapshot, ledger }).unwrap();
        self.app.start(engine.clone());
        self.thread = Some(thread);
        engine
    }

    fn caller(&self, token: Option<&str>) -> Caller {
        Caller::new(self.door.clone(), token.map(str::to_owned))
    }

    async fn person(&self, number: usize) -> Caller {
        let session = self.caller(None).post("/v1/session", &person(number)).await.ok(201);
        self.caller(session["token"].as_str())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_engine_has_recovered_only_the_probes_answer() {
    let mut room = Room::open(Files::default()).await;
    let nobody = room.caller(None);
    assert_eq!(nobody.get("/healthz").await.ok(200), json!({ "status": "up" }));
    assert_eq!(nobody.get("/readyz").await.ok(503)["status"], "recovering");
    for path in ["/v1/services", "/v1/halls", "/v1/halls/east", "/v1/appointments", "/v1/nothing", "/v1/admin/config"] {
        assert_eq!(nobody.get(path).await.refused(503, "overloaded").header("retry-after"), "1", "{path}");
    }
    nobody.post("/v1/session", &person(1)).await.refused(503, "overloaded");
    room.caller(Some(CHIEF)).post_nothing("/v1/admin/config/reload").await.refused(503, "overloaded");
    room.recover();
    assert_eq!(nobody.get("/readyz").await.ok(200)["status"], "ready");
    room.person(1).await.booked(&renewal("08:30")).await;
}

/// Books a place for a made-up person without HTTP in between, and does not wait for it.
fn book_aside(engine: &Engine, number: usize, clock: &Clock) {
    let today = clock.now().date_naive();
    let id_number = IdNumber::parse(&identity(number), today).unwrap();
    let applicant = Applicant { name: "虚".into(), id_number, phone: "19900000000".into() };
    let caller = EngineCaller::Person(engine.vault().person_key(&id_number));
    let call = Call { caller, now: clock.now(), repeat: None };
    let wish = Wish {
        hall: "east".into(),
        service: "passport.renewal".into(),
        date: "2026-11-25".parse().unwrap(),
        start: WallTime::hm(8, 30),
        hold: true,
        applicants: vec![applicant],
        form: Form::default(),
    };
    let engine = engine.clone();
    tokio::spawn(async move { engine.book(call, wish).await });
}

#[tokio::test(flavor = "multi_thread")]
async fn more_calls_than_the_ledger_takes_are_told_to_come_back() {
    let files = Files::default().changed("halls/east.toml", "capacity = 6", "capacity = 1000000");
    let mut room = Room::open(files).await;
    let engine = room.recover();
    let caller = room.person(1).await;
    room.ledger.shut(true);
    let mut number = 10;
    while engine.queue_depth() < MAX_QUEUED_ENTRIES {
        book_aside(&engine, number, &room.clock);
        number += 1;
        if number.is_multiple_of(256) {
            tokio::task::yield_now().await;
        }
    }
    let refused = caller.post("/v1/appointments", &renewal("09:30")).await.refused(503, "overloaded");
    assert_eq!(refused.header("retry-after"), "1");
    caller.get("/v1/appointments").await.ok(200);
    assert_eq!(caller.get("/readyz").await.ok(200)["status"], "ready");
    room.ledger.shut(false);
    while engine.queue_depth() > 0 {
        tokio::task::yield_now().await;
    }
    caller.booked(&renewal("09:30")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_ledger_has_failed_nothing_changes_and_everything_can_be_read() {
    let mut room = Room::open(Files::default()).await;
    room.recover();
    let (caller, other) = (room.person(1).await, room.person(2).await);
    let held = caller.booked(&hold("08:30")).await;
    let version = caller.get("/readyz").await.ok(200)["version"].clone();
    room.ledger.fails.store(true, Ordering::Release);
    let refused = other.post("/v1/appointments", &renewal("08:30")).await.refused(503, "read_only");
    assert_eq!(refused.header("retry-after"), "60");
    room.ledger.fails.store(false, Ordering::Release);

    let own = format!("/v1/appointments/{}", id(&held));
    let target = json!({ "hall": "east", "date": "2026-11-26", "start": "08:30" });
    other.post("/v1/appointments", &renewal("09:00")).await.refused(503, "read_only");
    other.post_keyed("/v1/appointments", &renewal("09:00"), "key").await.refused(503, "read_only");
    caller.post(&format!("{own}/confirm"), &form()).await.refused(503, "read_only");
    caller.post(&format!("{own}/reschedule"), &target).await.refused(503, "read_only");
    caller.post_nothing(&format!("{own}/cancel")).await.refused(503, "read_only");
    let (chief, desk) = (room.caller(Some(CHIEF)), room.caller(Some(DESK)));
    desk.post_nothing(&format!("/v1/admin/appointments/{}/cancel", id(&held))).await.refused(503, "read_only");
    Files::default().changed("halls/east.toml", "capacity = 6", "capacity = 7").write(room.directory.path());
    chief.post_nothing("/v1/admin/config/reload").await.refused(503, "read_only");
    assert_eq!(chief.get("/v1/admin/config").await.ok(200)["version"], version, "nothing has changed");

    assert_eq!(caller.get(&own).await.ok(200), held);
    assert_eq!(caller.get("/healthz").await.ok(200), json!({ "status": "up" }));
    let ready = caller.get("/readyz").await;
    assert_eq!((ready.status, &ready.body["status"]), (503, &json!("read_only")));
    assert!(caller.get("/metrics").await.text.lines().any(|line| line == "hallpass_read_only 1"));
    caller.get("/v1/halls").await.ok(200);
    room.person(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_only_reads_says_why_and_goes_on_when_it_may() {
    let mut room = Room::open(Files::default()).await;
    let engine = room.recover();
    let caller = room.person(1).await;
    let held = caller.booked(&hold("08:30")).await;
    let own = format!("/v1/appointments/{}", id(&held));
    for (reason, word) in [
        (ReadOnlyReason::NoSpace, "no_space"),
        (ReadOnlyReason::StartedReadOnly, "started_read_only"),
        (ReadOnlyReason::LedgerAway, "ledger_away"),
        (ReadOnlyReason::LedgerFailed, "ledger_failed"),
    ] {
        engine.bar(Some(reason));
        assert_eq!(engine.read_only_reason(), Some(reason));
        let refused = caller.post(&format!("{own}/confirm"), &form()).await.refused(503, "read_only");
        assert_eq!(refused.header("retry-after"), "60");
        assert_eq!(caller.get(&own).await.ok(200), held);
        let ready = caller.get("/readyz").await;
        assert_eq!((ready.status, &ready.body["status"]), (503, &json!("read_only")));
        assert_eq!(ready.body["read_only_reason"], word);
        engine.bar(None);
    }
    assert_eq!(caller.get("/readyz").await.ok(200)["read_only_reason"], json!(null));
    caller.post(&format!("{own}/confirm"), &form()).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_says_when_nothing_can_be_changed() {
    let mut room = Room::open(Files::default()).await;
    let engine = room.recover();
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let pages = hallpass::server::served(room.app.clone());
    tokio::spawn(connections::run(listener, pages, std::future::pending::<()>()));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let says_so = async |page: &str| {
        let request = client.get(format!("http://{address}{page}")).header("accept", "text/html");
        request.send().await.unwrap().text().await.unwrap().contains("系统暂时只能查看")
    };
    let pages = [
        "/",
        "/about",
        "/halls?service=passport.renewal",
        "/halls/east?service=passport.renewal",
        "/halls/east/2026-11-25?service=passport.renewal",
        "/halls/east/days?service=passport.renewal",
        "/sign-in",
        "/staff/sign-in",
        "/nowhere",
    ];
    for page in pages {
        assert!(!says_so(page).await, "{page}");
    }
    engine.bar(Some(ReadOnlyReason::NoSpace));
    for page in pages {
        assert!(says_so(page).await, "{page} goes on as if nothing were wrong");
    }
}
