//! Standard output and standard error that take nothing: a reader that has gone, a full disk, a pipe that nobody empties.

use std::fs::{self, File};
use std::io::{PipeReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::http::{Caller, Door, Files};
use crate::identities::person;
use crate::process::{hallpass, outcome, repository_config, serve};

/// How many bytes a pipe holds.
const PIPE_BYTES: usize = 64 << 10;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(2);

/// An end that takes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deaf {
    /// A pipe whose reader has gone.
    Gone,
    /// A disk without room.
    Full,
}

impl Deaf {
    const ALL: [Self; 2] = [Self::Gone, Self::Full];

    fn end(self) -> Stdio {
        match self {
            Self::Gone => std::io::pipe().unwrap().1.into(),
            Self::Full => File::options().write(true).open("/dev/full").unwrap().into(),
        }
    }
}

/// Runs a program to its end with one end deaf, and gives what the other one heard.
async fn ended(mut command: Command, deaf: Deaf, is_output: bool) -> (ExitStatus, String) {
    if is_output {
        command.stdout(deaf.end()).stderr(Stdio::piped());
    } else {
        command.stderr(deaf.end()).stdout(Stdio::piped());
    }
    let child = command.spawn().unwrap();
    drop(command);
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").unwrap();
    let heard = if is_output { output.stderr } else { output.stdout };
    (output.status, String::from_utf8(heard).unwrap())
}

fn check(config: &Path) -> Command {
    hallpass(["check".as_ref(), "--config".as_ref(), config.as_os_str()])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_ends_as_ever_when_nobody_takes_what_it_says() {
    let broken = tempfile::tempdir().unwrap();
    Files::default().changed("halls/east.toml", "capacity = 6", "capacity = 0").write(broken.path());
    let data = kept().await;
    let verify = || hallpass(["verify".as_ref(), "--data".as_ref(), data.path().as_os_str()]);
    for deaf in Deaf::ALL {
        for is_output in [true, false] {
            let cases = [
                (check(&repository_config()), 0),
                (check(broken.path()), 1),
                (verify(), 0),
                (hallpass(["verify", "--data", "/nowhere/at/all"]), 1),
                (hallpass(["--help"]), 0),
                (hallpass(["--version"]), 0),
                (hallpass(["check", "--help"]), 0),
                (hallpass(["fly"]), 2),
            ];
            for (command, expected) in cases {
                let shown = format!("{deaf:?} {is_output} {:?}", command.as_std().get_args().collect::<Vec<_>>());
                let (status, heard) = ended(command, deaf, is_output).await;
                assert_eq!(status.code(), Some(expected), "{shown}: {heard}");
                assert!(!heard.contains("panicked"), "{shown}: {heard}");
                assert!(!is_output || expected != 0 || heard.is_empty(), "{shown}: {heard}");
            }
        }
    }
}

/// A data directory with one appointment.
async fn kept() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let config = place.path().join("config");
    Files::default().write(&config);
    let server = crate::process::Process::start(serve(&config, &place.path().join("data"))).await;
    Caller::new(Door::to(server.address), None).post("/v1/session", &person(1)).await.ok(201);
    server.stop().await;
    let data = tempfile::tempdir().unwrap();
    fs::remove_dir(data.path()).unwrap();
    fs::rename(place.path().join("data"), data.path()).unwrap();
    data
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_did_not_arrive_is_a_failure_told_in_one_line() {
    let data = kept().await;
    let export = || hallpass(["export".as_ref(), "--data".as_ref(), data.path().as_os_str()]);
    for deaf in Deaf::ALL {
        let (status, heard) = ended(export(), deaf, true).await;
        let told: Vec<&str> = heard.lines().filter(|line| line.starts_with("hallpass: ")).collect();
        assert_eq!((status.code(), told.len()), (Some(1), 1), "{deaf:?}: {heard}");
        assert!(told[0].contains("standard output") && !heard.contains("panicked"), "{deaf:?}: {heard}");
        // What it says beside its lines is not missed.
        let (status, lines) = ended(export(), deaf, false).await;
        assert_eq!(status.code(), Some(0), "{deaf:?}");
        assert!(lines.lines().count() >= 2, "{lines}");
    }
}

/// A server with an end that takes nothing.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Waits until the end that is heard says where it listens: on standard output, or in the log.
    async fn listening(mut child: Child) -> Self {
        let address = match (child.stdout.take(), child.stderr.take()) {
            (Some(output), _) => address_in(output, "listening on http://").await,
            (None, Some(log)) => address_in(log, "serving address=").await,
            (None, None) => panic!("one end is heard"),
        };
        Self { child, address }
    }

    async fn start(config: &Path, data: &Path, deaf: Deaf, is_output: bool) -> Self {
        let mut command = serve(config, data);
        if is_output {
            command.stdout(deaf.end()).stderr(Stdio::piped());
        } else {
            command.stderr(deaf.end()).stdout(Stdio::piped());
        }
        Self::listening(command.spawn().unwrap()).await
    }

    async fn signal(&self, name: &str) {
        let pid = self.child.id().expect("it runs").to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().await.unwrap().success());
    }

    async fn version(&self) -> String {
        let ready = Caller::new(Door::to(self.address), None).get("/readyz").await.ok(200);
        ready["version"].as_str().unwrap().to_owned()
    }

    /// Reloads another configuration, is stopped, and ends well.
    async fn reloads_and_stops(mut self, config: &Path) {
        let before = self.version().await;
        Files::default().changed("halls/east.toml", "capacity = 6", "capacity = 5").write(config);
        self.signal("HUP").await;
        let changed = async {
            while self.version().await == before {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, changed).await.expect("a reload is answered");
        // A wrong one is told to nobody, and changes nothing.
        Files::default().changed("halls/east.toml", "capacity = 6", "capacity = -5").write(config);
        self.signal("HUP").await;
        Caller::new(Door::to(self.address), None).post("/v1/session", &person(1)).await.ok(201);
        self.signal("TERM").await;
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends").unwrap();
        assert_eq!(status.code(), Some(0));
    }
}

/// The address behind some words in what is heard; whatever comes later is read and thrown away.
async fn address_in(heard: impl AsyncRead + Unpin + Send + 'static, words: &str) -> SocketAddr {
    let mut lines = BufReader::new(heard).lines();
    let found = async {
        loop {
            let line = lines.next_line().await.unwrap().expect("it says where it listens");
            if let Some((_, rest)) = line.split_once(words) {
                return rest.split_whitespace().next().unwrap().parse().unwrap();
            }
        }
    };
    let address = tokio::time::timeout(PATIENCE, found).await.expect("it starts");
    tokio::spawn(async move { lines.into_inner().read_to_end(&mut Vec::new()).await });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_reloads_and_stops_when_nobody_takes_what_it_says() {
    for deaf in Deaf::ALL {
        for is_output in [true, false] {
            let place = tempfile::tempdir().unwrap();
            let (config, data) = (place.path().join("config"), place.path().join("data"));
            Files::default().write(&config);
            let server = Server::start(&config, &data, deaf, is_output).await;
            server.reloads_and_stops(&config).await;
        }
    }
}

/// A log that nobody reads fills its pipe: nobody waits for it, and its end is not waited for long either.
#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_that_nobody_empties_makes_nobody_wait() {
    let place = tempfile::tempdir().unwrap();
    let (config, data) = (place.path().join("config"), place.path().join("data"));
    Files::default().write(&config);
    let (mut unread, mut log) = std::io::pipe().unwrap();
    // As much as a pipe holds: there is no room for the first line of the log.
    log.write_all(&vec![b' '; PIPE_BYTES]).unwrap();
    let mut command = serve(&config, &data);
    command.env("HALLPASS_LOG", "trace").stderr(log).stdout(Stdio::piped());
    let child = command.spawn().unwrap();
    drop(command);
    let server = Server::listening(child).await;
    let caller = Caller::new(Door::to(server.address), None);
    caller.get("/v1/services").await.ok(200);
    server.reloads_and_stops(&config).await;
    assert_eq!(heard(&mut unread), PIPE_BYTES, "nothing of the log has come through");
}

fn heard(unread: &mut PipeReader) -> usize {
    let mut heard = Vec::new();
    unread.read_to_end(&mut heard).unwrap()
}

/// A run whose summary nobody takes leaves its files all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_says_nothing_to_anybody_does_what_it_does() {
    let place = tempfile::tempdir().unwrap();
    let (config, data) = (place.path().join("config"), kept().await);
    Files::default().write(&config);
    for deaf in Deaf::ALL {
        let file = place.path().join(format!("{deaf:?}.jsonl"));
        let mut export = hallpass(["export".as_ref(), "--data".as_ref(), data.path().as_os_str()]);
        export.arg("--output").arg(&file).stdout(deaf.end()).stderr(deaf.end());
        let status = export.status().await.unwrap();
        drop(export);
        assert_eq!((status.code(), file.exists()), (Some(0), true), "{deaf:?}");
    }
    assert!(outcome(check(&config)).await.status.success());
}
