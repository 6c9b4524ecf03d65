//! Whole servers on one database: files, a port and a data directory for each, and one key file for all.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hallpass::clock::Clock;
use hallpass::server::{Server, ServerFault, Settings, Starting};
use tempfile::TempDir;

use crate::http::{CHIEF, Caller, Door, Files, unwatched};
use crate::identities;
use crate::world::{fast_directory, noon};

/// One server among several.
pub struct Instance {
    pub door: Door,
    pub clock: Clock,
    server: Server,
    folder: TempDir,
}

/// A configuration with its store in a PostgreSQL.
pub fn on(files: &Files, url: &str, keys: &Path) -> Files {
    let store = format!("[store]\nkind = \"postgres\"\nurl = \"{url}\"\nkeys = \"{}\"\n\n[policy]", keys.display());
    files.clone().changed("hallpass.toml", "[policy]", &store)
}

impl Instance {
    /// Starts a server with these files on Tuesday noon.
    pub async fn start(files: &Files) -> Self {
        Self::start_by(files, Clock::manual(noon()), unwatched()).await.unwrap()
    }

    /// Starts a server with these files by a clock of its own.
    pub async fn start_by(files: &Files, clock: Clock, starting: Starting) -> Result<Self, ServerFault> {
        let folder = fast_directory();
        let (config, data) = (folder.path().join("config"), folder.path().join("data"));
        files.write(&config);
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let settings = Settings { config, data, listen, clock: clock.clone(), starting };
        let server = Server::start(settings).await?;
        Ok(Self { door: Door::to(server.address()), clock, server, folder })
    }

    /// Puts other configuration files in place, for a reload.
    pub fn write(&self, files: &Files) {
        files.write(&self.config_dir());
    }

    fn config_dir(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    pub fn nobody(&self) -> Caller {
        Caller::new(self.door.clone(), None)
    }

    /// The role `admin`.
    pub fn chief(&self) -> Caller {
        Caller::new(self.door.clone(), Some(CHIEF.to_owned()))
    }

    /// Opens the session of a made-up person.
    pub async fn person(&self, number: usize) -> Caller {
        person_at(&self.door, number).await
    }

    /// Stops it as an operator does.
    pub async fn stop(self) {
        self.server.stop().await.unwrap();
    }
}

/// Opens the session of a made-up person at any server.
pub async fn person_at(door: &Door, number: usize) -> Caller {
    let nobody = Caller::new(door.clone(), None);
    let session = nobody.post("/v1/session", &identities::person(number)).await.ok(201);
    Caller::new(door.clone(), Some(session["token"].as_str().unwrap().to_owned()))
}
