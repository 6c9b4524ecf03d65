//! Durable before acknowledged: the kernel is watched while the server books.
//!
//! A crash of the process alone cannot show a missing flush, since what was written survives in the kernel. So `strace`
//! writes down the calls of the real binary: between two answers there must have been a flush.

use std::path::Path;
use std::process::Stdio;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::identities::identity;

const BOOKINGS: usize = 12;
const HALL: &str = "hangzhou-shi-crj";

async fn token(client: &Client, url: &str, number: usize) -> String {
    let body = json!({ "name": "样本", "id_number": identity(number), "phone": "19900000001" });
    let answer = client.post(format!("{url}/v1/session")).json(&body).send().await.unwrap();
    answer.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned()
}

async fn first_free(client: &Client, url: &str) -> (String, String) {
    let hall: Value = client.get(format!("{url}/v1/halls/{HALL}")).send().await.unwrap().json().await.unwrap();
    let text = |member: &str| hall["next_available"][member].as_str().unwrap().to_owned();
    (text("date"), text("start"))
}

fn flushes(trace: &Path) -> usize {
    std::fs::read_to_string(trace).unwrap().lines().filter(|line| line.contains("fdatasync(")).count()
}

#[tokio::test]
async fn each_answer_comes_after_a_flush() {
    let directory = tempfile::tempdir().unwrap();
    let (data, trace) = (directory.path().join("data"), directory.path().join("trace"));
    let mut server = Command::new("strace")
        .args(["--follow-forks", "--trace=fdatasync", "--output", trace.to_str().unwrap()])
        .args([env!("CARGO_BIN_EXE_hallpass"), "serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()])
        .args(["--config", concat!(env!("CARGO_MANIFEST_DIR"), "/config")])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("strace is there: tests/run.sh installs it");
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().expect("the server says where it listens");
    let url = line.strip_prefix("listening on ").unwrap().to_owned();
    let client = Client::new();
    let (date, start) = first_free(&client, &url).await;
    for number in 0..BOOKINGS {
        let token = token(&client, &url, number).await;
        let before = flushes(&trace);
        let body = json!({ "hall": HALL, "service": "passport.renewal", "date": date, "start": start, "hold": true });
        let answer = client.post(format!("{url}/v1/appointments")).bearer_auth(token).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
        assert!(flushes(&trace) > before, "booking {number} was answered before a flush");
    }
    server.kill().await.unwrap();
}
