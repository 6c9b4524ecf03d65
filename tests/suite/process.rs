//! The real program, started and stopped as an operator does it.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(2);
/// After which a program that should end by itself goes on for ever. A whole simulation takes less on a busy machine.
const ENDS_WITHIN: Duration = Duration::from_mins(10);

/// The program with arguments, and without whatever the environment of the tests says to it.
pub fn hallpass<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallpass"));
    for name in [
        "CONFIG",
        "DATA",
        "LISTEN",
        "READ_ONLY",
        "MIN_FREE_MIB",
        "NOW",
        "LOG",
        "ADMIN_TOKEN_FILE",
        "STORE_URL",
        "STORE_LISTEN_URL",
        "STORE_MIGRATION_URL",
    ] {
        command.env_remove(format!("HALLPASS_{name}"));
    }
    command.args(args).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// `hallpass serve` on a free port of loopback.
pub fn serve(config: &Path, data: &Path) -> Command {
    let mut command = hallpass(["serve", "--listen", "127.0.0.1:0"]);
    command.arg("--config").arg(config).arg("--data").arg(data);
    command
}

/// The configuration that the repository brings along.
pub fn repository_config() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config")
}

/// What a program that ends by itself said. One that does not, such as a server that should not have started, is killed.
pub async fn outcome(mut command: Command) -> Said {
    let ended = tokio::time::timeout(ENDS_WITHIN, command.output()).await;
    let Output { status, stdout, stderr } = ended.expect("it ends by itself").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { status, stdout: text(stdout), stderr: text(stderr) }
}

/// What a program said until its end.
#[derive(Debug)]
pub struct Said {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    /// Wants a failure that the operator is told about, in one line.
    pub fn failed(&self, words: &[&str]) {
        assert_eq!(self.status.code(), Some(1), "{self:?}");
        // What it logs on the way out may come after it.
        let told = self.stderr.lines().rfind(|line| line.starts_with("hallpass: "));
        assert!(told.is_some_and(|told| words.iter().all(|word| told.contains(word))), "{self:?}");
    }
}

/// A server that listens.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    stdout: BufReader<ChildStdout>,
    stderr: Arc<Mutex<String>>,
    reading: JoinHandle<()>,
}

impl Process {
    /// Starts a server and waits until it says where it listens.
    pub async fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = Arc::default();
        let reading = tokio::spawn(collect(child.stderr.take().unwrap(), Arc::clone(&stderr)));
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).await.unwrap();
        let address = line.strip_prefix("listening on http://").and_then(|rest| rest.strip_suffix('\n')?.parse().ok());
        let address = address.unwrap_or_else(|| panic!("it says {line:?} and {:?}", stderr.lock()));
        Self { child, address, stdout, stderr, reading }
    }

    /// The number by which the system knows it.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.stderr.lock().clone()
    }

    /// Waits until the log says something.
    pub async fn until_logged(&self, words: &str) {
        let begun = Instant::now();
        while !self.log().contains(words) {
            assert!(begun.elapsed() < PATIENCE, "{words:?} is not logged: {}", self.log());
            tokio::task::yield_now().await;
        }
    }

    /// Sends a signal, such as `TERM`.
    pub async fn signal(&self, name: &str) {
        let pid = self.child.id().expect("it runs").to_string();
        let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &pid]).status().await.unwrap();
        assert!(sent.success());
    }

    /// Waits for its end. What it said on standard output is without the line that says where it listens.
    pub async fn end(mut self) -> Said {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends").unwrap();
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).await.unwrap();
        self.reading.await.unwrap();
        let stderr = self.stderr.lock().clone();
        Said { status, stdout, stderr }
    }

    /// Stops it and wants it to end well.
    pub async fn stop(self) -> Said {
        self.signal("TERM").await;
        let said = self.end().await;
        assert_eq!((said.status.code(), said.stdout.as_str()), (Some(0), ""), "{said:?}");
        said
    }
}

async fn collect(mut from: impl AsyncRead + Unpin, into: Arc<Mutex<String>>) {
    let mut bytes = [0; 8192];
    loop {
        let count = from.read(&mut bytes).await.unwrap();
        if count == 0 {
            return;
        }
        into.lock().push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
}
