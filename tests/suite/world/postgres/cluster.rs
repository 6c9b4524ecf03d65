//! One cluster: a data folder and the server on it.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::certificates::{self, Certificate};
use super::port::{Port, is_free};
use super::programs::{as_server_user, program, server_folder};
use super::server::Server;
use super::{sql, template, until, url_of};

/// What differs from the settings of a fresh cluster, beside where it listens. None of it makes a commit less durable.
const SETTINGS: [&str; 5] = [
    "listen_addresses=127.0.0.1",
    "max_connections=100",
    "shared_buffers=16MB",
    // As files in the data folder it is removed with them, also after a kill.
    "dynamic_shared_memory_type=mmap",
    // A start after a kill flushes everything once, instead of each of a thousand files by itself.
    "recovery_init_sync_method=syncfs",
];

/// A cluster of a test, with the superuser `postgres` whom it trusts.
pub struct Cluster {
    /// None after a stop or a kill.
    server: Option<Server>,
    port: Port,
    folder: TempDir,
}

impl Cluster {
    /// Starts a fresh cluster.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a fresh cluster with settings of its own, such as `max_connections=5`.
    pub fn with(settings: &[&str]) -> Self {
        Self::on(fresh(), settings)
    }

    /// Starts a fresh cluster that also speaks TLS, with a certificate that [`Self::authority`] has signed.
    pub fn with_tls(certificate: Certificate) -> Self {
        let folder = fresh();
        certificates::make(folder.path(), &data(&folder), certificate);
        Self::on(folder, &["ssl=on"])
    }

    /// Starts a cluster on the data in a folder.
    pub(super) fn on(folder: TempDir, settings: &[&str]) -> Self {
        configure(&folder, settings);
        let (port, server) = Port::listening(|port| {
            let sockets = folder.path().display();
            configure(&folder, [&format!("port={port}"), &format!("unix_socket_directories={sockets}")]);
            serve(&folder)
        });
        Self { server: Some(server), port, folder }
    }

    /// Where it listens on loopback, the same after every restart.
    pub fn port(&self) -> u16 {
        self.port.number
    }

    /// The URL of a database by way of the Unix socket.
    pub fn socket_url(&self, database: &str) -> String {
        let folder = self.folder.path().display();
        format!("postgresql://postgres@/{database}?host={folder}&port={}", self.port())
    }

    /// The file with the certificate of the authority that signed the one of the server.
    pub fn authority(&self) -> PathBuf {
        certificates::authority(self.folder.path())
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        self.server.as_ref().map(Server::log).unwrap_or_default()
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        url_of(self.port(), database)
    }

    /// Makes an empty database, and gives its URL.
    pub fn database(&self, name: &str) -> String {
        self.ask(&format!("CREATE DATABASE \"{name}\""));
        self.url(name)
    }

    /// Changes a setting, and waits until new connections have it. One that needs a restart changes with the next.
    pub fn set(&self, name: &str, value: &str) {
        let loaded = || self.ask("SELECT pg_conf_load_time()");
        let before = loaded();
        let value = value.replace('\'', "''");
        self.ask(&format!("ALTER SYSTEM SET {name} = '{value}'; SELECT pg_reload_conf();"));
        until("the settings are loaded", || loaded() != before);
    }

    /// Stops it as an operator does: who is connected is cut off, and everything is written.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.signal("INT");
            server.await_end();
        }
    }

    /// Kills all its processes at one moment, as a machine that dies.
    pub fn kill(&mut self) {
        let Some(server) = self.server.take() else { return };
        server.kill();
        forget_shared_memory(&self.folder);
        until("the port is free", || is_free(self.port()));
    }

    /// Starts it again on the same port, after a stop where it still runs.
    pub fn restart(&mut self) {
        self.stop();
        self.server = Some(serve(&self.folder).unwrap_or_else(|log| panic!("{log}")));
    }

    /// Asks the database that every cluster has.
    pub(super) fn ask(&self, statements: &str) -> String {
        sql(&self.url("postgres"), statements)
    }
}

/// A folder with the data of a fresh cluster.
fn fresh() -> TempDir {
    let folder = server_folder();
    template::copy_to(&data(&folder));
    configure(&folder, SETTINGS);
    folder
}

/// The data folder in the folder of a cluster.
pub(super) fn data(folder: &TempDir) -> PathBuf {
    folder.path().join("data")
}

/// Writes settings behind those that are there: the last of a name counts, until `ALTER SYSTEM` says something else.
pub(super) fn configure<S: AsRef<str>>(folder: &TempDir, settings: impl IntoIterator<Item = S>) {
    let mut file = File::options().append(true).open(data(folder).join("postgresql.conf")).unwrap();
    for setting in settings {
        let (name, value) = setting.as_ref().split_once('=').expect("a setting is written name=value");
        writeln!(file, "{name} = '{}'", value.replace('\'', "''")).unwrap();
    }
}

/// Starts the server, and waits until it answers.
fn serve(folder: &TempDir) -> Result<Server, String> {
    let mut command = as_server_user(program("postgres"));
    command.arg("-D").arg(data(folder));
    let mut server = Server::start(command, folder.path());
    let id = server.id().to_string();
    server.await_ready(|| {
        // The file of an earlier run may still be there. How the eighth line is read is what `pg_ctl` does.
        let lines = lock_file(folder);
        lines.first() == Some(&id) && lines.get(7).is_some_and(|status| status.trim_end() == "ready")
    })?;
    Ok(server)
}

fn lock_file(folder: &TempDir) -> Vec<String> {
    let text = fs::read_to_string(data(folder).join("postmaster.pid")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Removes the segment of a server that was killed: a machine that dies has none left, and one for each killed server
/// would stay until the system has no more to give. Where there is no `ipcrm`, that is so.
fn forget_shared_memory(folder: &TempDir) {
    let lines = lock_file(folder);
    if let Some(segment) = lines.get(6).and_then(|line| line.split_whitespace().nth(1)) {
        drop(Command::new("ipcrm").args(["--shmem-id", segment]).output());
    }
}
