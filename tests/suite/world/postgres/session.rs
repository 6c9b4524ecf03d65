//! A connection that stays open.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::{psql, sql};

/// A `psql` that a test talks to.
pub struct Session {
    psql: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Session {
    /// Connects to a database.
    pub fn open(url: &str) -> Self {
        let mut psql = psql(url).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (asks, answers) = (psql.stdin.take().unwrap(), BufReader::new(psql.stdout.take().unwrap()));
        let mut session = Self { psql, asks, answers };
        session.send("SELECT 'connected'");
        assert_eq!(session.answer().as_deref(), Some("connected"), "{url}");
        session
    }

    /// Sends a statement, and waits for nothing.
    pub fn send(&mut self, statement: &str) {
        // Where `psql` has ended, there is no answer either.
        drop(writeln!(self.asks, "{statement};"));
    }

    /// Waits for the next row; none where the connection has ended, or a statement has failed.
    pub fn answer(&mut self) -> Option<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.strip_suffix('\n').map(str::to_owned)
    }
}

/// Where a function of the database is to wait while a gate is shut.
pub const AT_GATE: &str = "PERFORM pg_advisory_xact_lock_shared(20261128); ";

/// A gate before [`AT_GATE`], shut until it is dropped: so a test need not be quicker than anything.
pub struct Gate {
    _holds: Session,
}

impl Gate {
    /// Shuts the gate of a database.
    pub fn shut(url: &str) -> Self {
        let mut holds = Session::open(url);
        holds.send("SELECT pg_advisory_lock(20261128), 'shut'");
        assert!(holds.answer().is_some_and(|answer| answer.ends_with("shut")), "{url}");
        Self { _holds: holds }
    }
}

/// How many sessions of a cluster wait: before a gate, or for what another one has locked.
pub fn waiting(url: &str) -> usize {
    sql(url, "SELECT count(*) FROM pg_locks WHERE NOT granted").parse().unwrap()
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.psql.kill());
        drop(self.psql.wait());
    }
}
