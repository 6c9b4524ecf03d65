//! PostgreSQL for the tests: clusters of their own, and what stands between a client and them.
//!
//! A cluster is real: Debian's programs on a copy of a fresh data folder, in a temporary folder, on ports that nobody
//! else has. It flushes as one in service does, and the cluster of the system is never touched. All of it is stopped and
//! removed when the value is dropped, also by a panic; when the test itself is killed, a guard does it for each server
//! that runs.
//!
//! The functions block the thread that calls them. Servers and cables do not need it: they are other processes, and
//! other threads.

mod cable;
mod certificates;
mod cluster;
mod pgbouncer;
mod port;
mod programs;
mod server;
mod session;
mod standby;
mod template;

use std::fmt::Write as _;
use std::io::{Seek as _, Write as _};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

pub use cable::Cable;
pub use certificates::Certificate;
pub use cluster::Cluster;
pub use pgbouncer::Pgbouncer;
pub use programs::give_to_server_user;
pub use session::{AT_GATE, Gate, Session, waiting};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(3);
/// How long a wait sleeps before it looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(4);

/// Runs statements one by one through `psql`, and gives what they answer: a line a row, `|` between the columns.
pub fn sql(url: &str, statements: &str) -> String {
    try_sql(url, statements).unwrap_or_else(|said| panic!("{statements}\n{said}"))
}

/// The same, with what `psql` complains about where it cannot connect or a statement fails.
pub fn try_sql(url: &str, statements: &str) -> Result<String, String> {
    let mut input = tempfile::tempfile().unwrap();
    input.write_all(statements.as_bytes()).unwrap();
    input.rewind().unwrap();
    let output = psql(url).stdin(input).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().trim_end().to_owned();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// The URL of a database on one of some ports, whichever of them takes writes.
pub fn url_of_writer(ports: &[u16], database: &str) -> String {
    let mut hosts = String::new();
    for port in ports {
        let comma = if hosts.is_empty() { "" } else { "," };
        write!(hosts, "{comma}127.0.0.1:{port}").unwrap();
    }
    format!("postgresql://postgres@{hosts}/{database}?target_session_attrs=read-write")
}

/// `psql` that prints nothing but answers, and ends at the first error.
fn psql(url: &str) -> Command {
    let mut psql = programs::program("psql");
    psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url]);
    psql
}

/// The URL of a database on a port.
fn url_of(port: u16, database: &str) -> String {
    format!("postgresql://postgres@127.0.0.1:{port}/{database}")
}

/// Waits until something is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        thread::sleep(LOOK_AGAIN);
    }
}
