//! A process with few file handles, clients that only keep connections open, and a store that gets no handle any more.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use hallpass::ledger::embedded::data_dir::DataDir;
use hallpass::ledger::embedded::{Access, Embedded, Opening};
use hallpass::ledger::entry::Event;
use hallpass::serve::handles::MIN_HANDLES;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::http::{Caller, Door, Files, answers, renewal};
use crate::identities::person;
use crate::process::{Process, Said, hallpass, outcome, serve};
use crate::world::entries::{commit, entry};

/// How many handles the process may have, and how many connections that makes.
const HANDLES: usize = 600;
const CONNECTIONS: usize = HANDLES - 512;
/// How long an idle connection is kept, and a moment.
const IDLE: Duration = Duration::from_secs(12);

/// The same command in a shell that lowers its limit of file handles first.
fn limited(command: &Command, handles: usize) -> Command {
    let command = command.as_std();
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -n {handles} && exec \"$0\" \"$@\"")]);
    shell.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.kill_on_drop(true);
    shell
}

/// A client that keeps one connection and speaks over it.
struct Kept(TcpStream);

impl Kept {
    async fn to(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    async fn post(&mut self, path: &str, token: &str, body: &str) -> (u16, serde_json::Value) {
        self.try_post(path, token, body).await.expect("it is answered")
    }

    /// The answer; none if the other side has gone before the end of it.
    async fn try_post(&mut self, path: &str, token: &str, body: &str) -> Option<(u16, serde_json::Value)> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0.write_all(head.as_bytes()).await.ok()?;
        let mut came = Vec::new();
        loop {
            if self.0.read_buf(&mut came).await.ok()? == 0 {
                return None;
            }
            if let Some(end) = came.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&came[..end]).to_lowercase();
                let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
                if came.len() == end + 4 + length.parse::<usize>().unwrap() {
                    let answer = answers(&came).remove(0);
                    return Some((answer.status, answer.json()));
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_leave_the_store_its_handles() {
    let directory = tempfile::tempdir().unwrap();
    let (config, data) = (directory.path().join("config"), directory.path().join("data"));
    Files::default().write(&config);
    let mut command = serve(&config, &data);
    command.args(["--now", "2026-11-24T12:00:00+08:00"]);
    let process = Process::start(limited(&command, HANDLES)).await;
    process.until_logged("bounds the connections").await;
    let mut client = Kept::to(process.address).await;
    let (status, session) = client.post("/v1/session", "", &person(1).to_string()).await;
    assert_eq!(status, 201);
    let token = session["token"].as_str().unwrap().to_owned();

    let mut idle = Vec::new();
    for _ in 0..4 * CONNECTIONS {
        idle.push(TcpStream::connect(process.address).await.unwrap());
    }
    let (status, booked) = client.post("/v1/appointments", &token, &renewal("08:30").to_string()).await;
    assert_eq!(status, 201, "who was accepted goes on booking: {booked}");
    let handles = std::fs::read_dir(format!("/proc/{}/fd", process.id())).unwrap().count();
    assert!(handles < HANDLES - 200, "{handles} handles are open");
    assert!(handles > CONNECTIONS, "{handles} handles are open, so the connections were not at their bound");

    drop(idle);
    let nobody = Caller::new(Door::to(process.address), None);
    let ready = tokio::time::timeout(IDLE, nobody.get("/readyz")).await.expect("idle connections have gone");
    assert_eq!(ready.ok(200)["status"], "ready");
    let caller = Caller::new(Door::to(process.address), Some(token));
    caller
        .post_nothing(&format!("/v1/appointments/{}/cancel", booked["appointments"][0]["id"].as_str().unwrap()))
        .await
        .ok(200);
    drop(client);
    let said = process.stop().await;
    assert!(!said.stderr.contains("read-only") && !said.stderr.contains("cannot be accepted"), "{}", said.stderr);
}

/// A server whose files lie in a directory of its own.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        Files::default().write(&place.0.path().join("config"));
        place
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn command(&self) -> Command {
        let mut command = serve(&self.0.path().join("config"), &self.data());
        command.args(["--now", "2026-11-24T12:00:00+08:00"]);
        command
    }

    async fn verify(&self) -> Said {
        let said = outcome(hallpass(["verify".as_ref(), "--data".as_ref(), self.data().as_os_str()])).await;
        assert!(said.status.success(), "{said:?}");
        said
    }

    /// Fills what the store keeps of its journal in memory until little is left before it goes to a table, for which a file
    /// is opened.
    fn fill(&self) {
        let dir = DataDir::open(&self.data()).unwrap();
        let mut ledger = Embedded::open_in(&dir, Opening::to(Access::Write)).unwrap();
        let text = "x".repeat(FILLING_BYTES);
        let entry = entry(Event::Answered { refused: false, text });
        let filling = vec![entry; AT_ONCE];
        for _ in 0..(JOURNAL_MEMORY_BYTES - LEFT_BYTES) / (AT_ONCE * FILLING_BYTES) {
            commit(&mut ledger, &filling);
        }
    }
}

/// How much the store keeps of its journal in memory; how much of that is left at least; how large is what fills it, and how
/// many of that are written at once.
const JOURNAL_MEMORY_BYTES: usize = 32 << 20;
const LEFT_BYTES: usize = 64 << 10;
const FILLING_BYTES: usize = 8_000;
const AT_ONCE: usize = 16;
/// After how many bookings it should have been full long ago.
const MANY: usize = 4_000;

/// Takes every handle away that a process has not opened yet: whatever it opens from now on fails with EMFILE.
async fn give_no_more_handles_to(process: &Process) {
    let id = process.id().to_string();
    let lowered = Command::new("prlimit").args(["--pid", &id, "--nofile=3:"]).status().await.unwrap();
    assert!(lowered.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_gets_no_handle_ends_the_process_and_nothing_acknowledged_is_lost() {
    let place = Place::new();
    Process::start(place.command()).await.stop().await;
    place.fill();
    let process = Process::start(place.command()).await;
    let mut client = Kept::to(process.address).await;
    let mut tokens = Vec::new();
    for number in 1..=20 {
        let (status, session) = client.post("/v1/session", "", &person(number).to_string()).await;
        assert_eq!(status, 201);
        tokens.push(session["token"].as_str().unwrap().to_owned());
    }
    give_no_more_handles_to(&process).await;
    let (mut booked, mut last) = (0, None);
    let wish = renewal("08:30").to_string();
    for token in tokens.iter().cycle().take(MANY) {
        let Some((status, answer)) = client.try_post("/v1/appointments", token, &wish).await else { break };
        if status != 201 {
            assert_eq!((status, &answer["code"]), (503, &"read_only".into()), "{answer}");
            break;
        }
        booked += 1;
        let id = answer["appointments"][0]["id"].as_str().unwrap().to_owned();
        // Its place and its person are free for the next round.
        let Some((status, _)) = client.try_post(&format!("/v1/appointments/{id}/cancel"), token, "").await else {
            break;
        };
        last = Some((id, token.clone(), status == 200));
        if status != 200 {
            assert_eq!(status, 503);
            break;
        }
    }
    assert!((2..MANY).contains(&booked), "{booked}");
    let said = process.end().await;
    assert_eq!(said.status.code(), Some(75), "{said:?}");
    assert!(said.stderr.contains("the ledger has failed") && !said.stderr.contains("panicked"), "{}", said.stderr);

    let process = Process::start(place.command()).await;
    let (id, token, was_cancelled) = last.unwrap();
    let caller = Caller::new(Door::to(process.address), Some(token));
    let found = caller.get(&format!("/v1/appointments/{id}")).await.ok(200);
    // A change that was not acknowledged may have been made or not.
    assert!(found["status"] == "cancelled" || !was_cancelled && found["status"] == "booked", "{found}");
    let session = Caller::new(caller.door.clone(), None).post("/v1/session", &person(99)).await.ok(201);
    let another = Caller::new(caller.door, session["token"].as_str().map(str::to_owned));
    another.booked(&renewal("09:00")).await;
    process.stop().await;
    let report = place.verify().await.stdout;
    let counted: usize = report.split(" appointments").next().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    assert!((booked + 1..=booked + 2).contains(&counted), "{booked} were acknowledged: {report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_enough_handles_says_so_and_the_next_one_has_everything() {
    let place = Place::new();
    let process = Process::start(place.command()).await;
    let mut client = Kept::to(process.address).await;
    let (_, session) = client.post("/v1/session", "", &person(1).to_string()).await;
    let token = session["token"].as_str().unwrap().to_owned();
    let (status, booked) = client.post("/v1/appointments", &token, &renewal("08:30").to_string()).await;
    assert_eq!(status, 201);
    process.stop().await;
    for handles in [6, 10, 14, 18, 24, MIN_HANDLES - 1] {
        let said = outcome(limited(&place.command(), handles)).await;
        said.failed(&[&format!("may open {handles} files at once"), &format!("a server needs {MIN_HANDLES}")]);
        assert!(!said.stderr.contains("panicked"), "{handles}: {said:?}");
    }
    // What only reads needs fewer. Which step wants the one handle too many depends on how many are inherited.
    let verify = hallpass(["verify".as_ref(), "--data".as_ref(), place.data().as_os_str()]);
    for handles in 8..28 {
        let said = outcome(limited(&verify, handles)).await;
        if !said.status.success() {
            said.failed(&["Too many open files"]);
        }
        assert!(!said.stderr.contains("panicked"), "{handles}: {said:?}");
    }
    let process = Process::start(limited(&place.command(), MIN_HANDLES)).await;
    let caller = Caller::new(Door::to(process.address), Some(token));
    let booked = &booked["appointments"][0];
    assert_eq!(&caller.get(&format!("/v1/appointments/{}", booked["id"].as_str().unwrap())).await.ok(200), booked);
    process.stop().await;
    place.verify().await;
}
