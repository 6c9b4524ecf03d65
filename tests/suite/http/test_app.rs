//! A whole server for a test: files and a port of its own, and a clock that stands until it is set.
//!
//! The drop check: when the app goes, the server is stopped, nothing may have met a fault, and the ledger is verified.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use hallpass::clock::Clock;
use hallpass::ledger::audit::{Report, verify};
use hallpass::ledger::embedded::data_dir::DataDir;
use hallpass::ledger::embedded::{Access, Embedded, Opening};
use hallpass::server::{Server, Settings, Starting};
use serde_json::Value;
use tempfile::TempDir;

use super::caller::{Caller, Door};
use super::files::{CHIEF, DESK, Files};
use crate::identities;

/// Tuesday noon in Shanghai: the window is 2026-11-25 to 2026-12-24.
pub const NOON: &str = "2026-11-24T12:00:00.000+08:00";

pub struct TestApp {
    pub clock: Clock,
    pub door: Door,
    directory: TempDir,
    server: Option<Server>,
}

/// An instant, written with any offset.
pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A directory in memory where the system has one: these tests are not about the disk.
pub fn fast_directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// Started where the disk may be small, and is not what the test is about.
pub fn unwatched() -> Starting {
    Starting { min_free_mib: 0, ..Starting::default() }
}

impl TestApp {
    /// A server with the small configuration on Tuesday noon.
    pub async fn start() -> Self {
        Self::with(Files::default()).await
    }

    /// A server with a configuration of its own on Tuesday noon.
    pub async fn with(files: Files) -> Self {
        Self::at(files, NOON).await
    }

    /// A server with a configuration of its own at an instant.
    pub async fn at(files: Files, now: &str) -> Self {
        let directory = fast_directory();
        files.write(&directory.path().join("config"));
        let clock = Clock::manual(instant(now));
        let mut app = Self { clock, door: Door::closed(), directory, server: None };
        app.serve().await;
        app
    }

    async fn serve(&mut self) {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let (config, data, clock) = (self.config_dir(), self.data_dir(), self.clock.clone());
        let settings = Settings { config, data, listen, clock, starting: unwatched() };
        let server = Server::start(settings).await.unwrap();
        self.door.lead_to(server.address());
        self.server = Some(server);
    }

    /// Stops the server and starts it again on the same files. Callers find it.
    pub async fn restart(&mut self) {
        self.server.take().unwrap().stop().await.unwrap();
        self.serve().await;
    }

    pub fn config_dir(&self) -> PathBuf {
        self.directory.path().join("config")
    }

    pub fn data_dir(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Puts other configuration files in place, for a reload.
    pub fn write(&self, files: &Files) {
        files.write(&self.config_dir());
    }

    pub fn set_clock(&self, now: &str) {
        self.clock.set(instant(now));
    }

    pub fn pass(&self, time: TimeDelta) {
        self.clock.set(self.clock.now() + time);
    }

    /// Opens the session of a made-up person.
    pub async fn person(&self, number: usize) -> Caller {
        let body = identities::person(number);
        let session = self.nobody().post("/v1/session", &body).await.ok(201);
        self.with_token(session["token"].as_str().unwrap())
    }

    pub fn nobody(&self) -> Caller {
        Caller::new(self.door.clone(), None)
    }

    pub fn with_token(&self, token: &str) -> Caller {
        Caller::new(self.door.clone(), Some(token.to_owned()))
    }

    /// The role `admin`.
    pub fn chief(&self) -> Caller {
        self.with_token(CHIEF)
    }

    /// The role `hall`, for `east`.
    pub fn desk(&self) -> Caller {
        self.with_token(DESK)
    }

    /// The band of a lane as staff sees it.
    pub async fn slot(&self, hall: &str, date: &str, lane: &str, start: &str) -> Value {
        let day = self.chief().get(&format!("/v1/admin/halls/{hall}/days/{date}")).await.ok(200);
        let slots = day["slots"].as_array().unwrap();
        let slot = slots.iter().find(|slot| slot["lane"] == lane && slot["start"] == start);
        slot.unwrap_or_else(|| panic!("{hall} has no band {lane} {start} on {date}")).clone()
    }

    /// How many places of a band of the lane `counter` are taken.
    pub async fn taken(&self, hall: &str, date: &str, start: &str) -> u64 {
        self.slot(hall, date, "counter", start).await["taken"].as_u64().unwrap()
    }
}

/// Audits the ledger of a data directory and wants nothing wrong.
pub fn verified(data: &Path) -> Report {
    let dir = DataDir::open_existing(data).unwrap();
    let report = verify(&Embedded::open_in(&dir, Opening::to(Access::Look)).unwrap()).unwrap();
    assert_eq!(report.violations, Vec::<String>::new());
    report
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let Some(server) = self.server.take() else { return };
        if std::thread::panicking() {
            return;
        }
        let (door, data) = (self.door.clone(), self.data_dir());
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async move {
                let metrics = Caller::new(door, None).get("/metrics").await;
                let faults = "hallpass_problems_total{code=\"internal\"} 0";
                assert!(metrics.text.lines().any(|line| line == faults), "something met a fault");
                server.stop().await.unwrap();
            });
            verified(&data);
        });
    }
}
