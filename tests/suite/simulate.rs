//! `hallpass simulate`: the peak day against the real server, and everything that can go wrong with a run.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::http::Files;
use crate::process::{Process, Said, hallpass, outcome, repository_config, serve};

const SCENARIO: &str = r#"[scenario]
title = { zh-CN = "试演", en = "Trial" }
city = "杭州"
[rush]
visitors = 150
early_share = 0
early_s = 0
within_s = 1
new_day_share = 1
[services]
"passport.renewal" = 2
"permit.renewal" = 1
[districts]
east = 2
south = 1
[day]
no_show = 0.1
early_min = { mean = 8, sd = 12 }
walk_ins = 0.2
utilisation = 0.85
[day.service_min]
other = { mean = 8, sd = 3 }
"#;

const WAYS: &str = r"[ways]
hold = 0.2
family = 0.1
give_up = 0.1
cancel = 0.1
rebook = 0.1
double_click = 0.1
lost_connection = 0.1
bot = 0.1
";

/// A configuration with one scenario, and room for what a run writes.
struct Stage(TempDir);

impl Stage {
    fn new(scenario: &str) -> Self {
        let stage = Self(tempfile::tempdir().unwrap());
        Files::default().write(&stage.config());
        fs::create_dir_all(stage.config().join("scenarios")).unwrap();
        fs::write(stage.config().join("scenarios/peak-day.toml"), scenario).unwrap();
        stage
    }

    fn config(&self) -> PathBuf {
        self.0.path().join("config")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A run with both files.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = hallpass(["simulate", "--seed", "7"]);
        command.arg("--config").arg(self.config());
        command.arg("--json").arg(self.path("run.json")).arg("--report").arg(self.path("run.html"));
        command.args(args);
        command
    }

    fn numbers(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("run.json")).unwrap()).unwrap()
    }

    fn report(&self) -> String {
        fs::read_to_string(self.path("run.html")).unwrap()
    }
}

fn count(answers: &Value, code: &str) -> u64 {
    let answers = answers.as_array().unwrap();
    answers.iter().filter(|one| one["code"] == code).map(|one| one["count"].as_u64().unwrap()).sum()
}

/// Many more than there are places come within a second: all places go, each once, and everybody is answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_stampede_fills_every_place_once() {
    let stage = Stage::new(SCENARIO);
    let said = outcome(stage.command(&[])).await;
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let run = stage.numbers();
    let rush = &run["today"]["rush"];
    assert_eq!(run["end"]["kind"], "finished");
    assert_eq!(run["today"]["violations"], serde_json::json!([]));
    assert_eq!((&rush["came"], &rush["served"]), (&150.into(), &rush["places"]), "{rush}");
    assert_eq!(rush["booked"], rush["places"]);
    let answers = rush["answers"].as_array().unwrap();
    assert!(answers.iter().all(|one| (200..500).contains(&one["status"].as_u64().unwrap())), "{answers:?}");
    let fair = count(&rush["answers"], "ok") + count(&rush["answers"], "slot_full");
    assert_eq!(rush["requests"], fair, "nobody is refused for anything but a full slot");
    assert_eq!(rush["places_left"].as_array().unwrap().last().unwrap()["left"], 0);
    assert!(said.stdout.contains("Trial") || said.stdout.contains("试演"), "{}", said.stdout);
    assert!(stage.report().contains("试演") && stage.report().contains("Trial"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_doing_things_is_judged_right_beside_a_draft() {
    let stage = Stage::new(&format!("{SCENARIO}{WAYS}"));
    let draft = fs::read_to_string(stage.config().join("halls/east.toml")).unwrap();
    fs::write(stage.path("draft.toml"), draft.replace("capacity = 6", "capacity = 60")).unwrap();
    let draft = stage.path("draft.toml");
    let said = outcome(stage.command(&["--visitors", "120", "--what-if", draft.to_str().unwrap()])).await;
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let run = stage.numbers();
    let (today, beside) = (&run["today"], &run["what_if"]);
    assert_eq!((&today["violations"], &beside["violations"]), (&serde_json::json!([]), &serde_json::json!([])));
    assert!(beside["rush"]["served"].as_u64() > today["rush"]["served"].as_u64(), "more places serve more visitors");
    let calls: Vec<&str> =
        beside["rush"]["calls"].as_array().unwrap().iter().map(|call| call["call"].as_str().unwrap()).collect();
    for call in ["session", "slots", "recommendations", "book", "hold", "confirm", "reschedule", "cancel", "read"] {
        assert!(calls.contains(&call), "nobody has made the call {call}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_played_is_told_before_anything_is() {
    let stage = Stage::new(&SCENARIO.replace("early_share = 0", "early_share = 1.5"));
    let refused = |said: Said, words: &[&str]| {
        assert_eq!(said.status.code(), Some(1), "{said:?}");
        assert!(words.iter().all(|word| said.stderr.contains(word)), "{said:?}");
        assert!(!stage.path("run.json").exists() && !stage.path("run.html").exists(), "nothing was written");
    };
    refused(outcome(stage.command(&[])).await, &["peak-day.toml:6", "early_share"]);
    let nowhere = stage.path("nowhere.toml");
    refused(outcome(stage.command(&["--scenario", nowhere.to_str().unwrap()])).await, &["nowhere.toml"]);

    fs::write(stage.config().join("scenarios/peak-day.toml"), SCENARIO).unwrap();
    refused(outcome(stage.command(&["--what-if", nowhere.to_str().unwrap()])).await, &["nowhere.toml"]);
    refused(outcome(stage.command(&["--url", "http://127.0.0.1:9"])).await, &["127.0.0.1:9", "does not answer"]);
    refused(outcome(stage.command(&["--url", &stranger().await])).await, &["no hallpass"]);
    let mut unwritable = stage.command(&[]);
    unwritable.arg("--report").arg(stage.path("missing/run.html"));
    let said = outcome(unwritable).await;
    assert!(said.status.code() != Some(0), "a report twice, or one that cannot be written: {said:?}");
    let mut unwritable = hallpass(["simulate", "--report"]);
    unwritable.arg(stage.path("missing/run.html")).arg("--config").arg(stage.config());
    refused(outcome(unwritable).await, &["missing/run.html cannot be written"]);
}

/// A server that is no hallpass: it says hello to everybody.
async fn stranger() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 1024];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello").await;
        }
    });
    format!("http://{address}")
}

async fn signalled(pid: u32, name: &str) {
    let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &pid.to_string()]).status().await;
    assert!(sent.unwrap().success());
}

/// Waits until an own or foreign server is being played against: the run has said so on its progress line.
async fn begun(stderr: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut seen = String::new();
    let mut buffer = [0; 4096];
    while !seen.contains("request") {
        let read = tokio::time::timeout(Duration::from_secs(30), stderr.read(&mut buffer)).await.expect("it tells");
        let read = read.unwrap();
        assert!(read > 0, "it ended early: {seen}");
        seen.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_reports_how_far_it_came() {
    let slow = SCENARIO.replace("within_s = 1", "within_s = 600");
    let stage = Stage::new(&slow);
    let mut child =
        stage.command(&[]).stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    begun(child.stderr.as_mut().unwrap()).await;
    signalled(child.id().unwrap(), "INT").await;
    let ended = tokio::time::timeout(Duration::from_secs(30), child.wait()).await.expect("nothing hangs").unwrap();
    assert_eq!(ended.code(), Some(130));
    assert_eq!(stage.numbers()["end"]["kind"], "interrupted");
    assert!(stage.report().contains("</html>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_ends_the_run_with_what_there_is() {
    let slow = SCENARIO.replace("within_s = 1", "within_s = 60");
    let stage = Stage::new(&slow);
    let server = Process::start(serve(&stage.config(), &stage.path("data"))).await;
    let url = format!("http://{}", server.address);
    let mut child = stage.command(&["--url", &url]).stderr(std::process::Stdio::piped()).spawn().unwrap();
    begun(child.stderr.as_mut().unwrap()).await;
    server.signal("KILL").await;
    let ended = tokio::time::timeout(Duration::from_secs(90), child.wait()).await.expect("nothing hangs").unwrap();
    assert_eq!(ended.code(), Some(1));
    let run = stage.numbers();
    assert_eq!(run["end"]["kind"], "server_lost");
    assert!(run["end"]["reason"].as_str().unwrap().contains(&url), "{}", run["end"]);
}

/// The scenarios that the repository brings can be played; the real ones take minutes, so only a few visitors come.
#[tokio::test(flavor = "multi_thread")]
async fn the_stampede_of_the_repository_begins_with_its_own_halls() {
    let stage = Stage::new(SCENARIO);
    let mut command = hallpass(["simulate", "--visitors", "60", "--seed", "3"]);
    command.arg("--config").arg(repository_config()).arg("--json").arg(stage.path("run.json"));
    command.arg("--scenario").arg(repository_config().join("scenarios/stampede.toml"));
    let said = outcome(command).await;
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let rush = &stage.numbers()["today"]["rush"];
    assert_eq!((&rush["places"], &rush["served"]), (&2_000.into(), &60.into()), "{rush}");
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/scenarios/stampede/halls.toml").exists());
}
