//! A process with few file handles, and clients that only keep connections open.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::http::{Caller, Door, Files, answers, renewal};
use crate::identities::person;
use crate::process::{Process, serve};

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
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0.write_all(head.as_bytes()).await.unwrap();
        let mut came = Vec::new();
        loop {
            assert!(self.0.read_buf(&mut came).await.unwrap() > 0, "closed after {came:?}");
            if let Some(end) = came.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&came[..end]).to_lowercase();
                let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
                if came.len() == end + 4 + length.parse::<usize>().unwrap() {
                    let answer = answers(&came).remove(0);
                    return (answer.status, answer.json());
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
