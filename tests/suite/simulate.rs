//! `hallpass simulate`: the peak day against the real server, and everything that can go wrong with a run.

mod foreign;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
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
        // Nobody is named as staff, so a server writes the token of its administrator.
        Files::without_staff().write(&stage.config());
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
    // Who found nothing left was turned away as much as who was refused a slot, and the city is told of everybody.
    let turned_away = rush["turned_away"].as_u64().unwrap();
    assert_eq!(turned_away + rush["served"].as_u64().unwrap(), 150);
    let changes = run["advice"].as_array().unwrap().iter().map(|piece| &piece["change"]);
    let more = changes.filter(|change| change["kind"] == "more_places").map(|change| change["turned_away"].as_u64());
    assert_eq!(more.sum::<Option<u64>>(), Some(turned_away), "{}", run["advice"]);
    assert_eq!(run["today"]["audited"], "whole_state");
    assert!(said.stdout.contains("Trial") || said.stdout.contains("试演"), "{}", said.stdout);
    assert!(stage.report().contains("试演") && stage.report().contains("Trial"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_doing_things_is_judged_right_beside_a_draft() {
    let scenario = SCENARIO.replace("new_day_share = 1", "new_day_share = 1\npages_share = 0.5");
    let stage = Stage::new(&format!("{scenario}{WAYS}"));
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
    let expected = "session halls slots page recommendations book hold confirm reschedule cancel read";
    for call in expected.split(' ') {
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
    let mut unwritable = stage.command(&[]);
    unwritable.arg("--report").arg(stage.path("missing/run.html"));
    let said = outcome(unwritable).await;
    assert!(said.status.code() != Some(0), "a report twice, or one that cannot be written: {said:?}");
    let mut unwritable = hallpass(["simulate", "--report"]);
    unwritable.arg(stage.path("missing/run.html")).arg("--config").arg(stage.config());
    refused(outcome(unwritable).await, &["missing/run.html cannot be written"]);
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
        let read = tokio::time::timeout(Duration::from_mins(2), stderr.read(&mut buffer)).await.expect("it tells");
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
    let mut child = stage.command(&[]).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    begun(child.stderr.as_mut().unwrap()).await;
    signalled(child.id().unwrap(), "INT").await;
    let ended = tokio::time::timeout(Duration::from_mins(2), child.wait_with_output()).await.expect("nothing hangs");
    let ended = ended.unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert_eq!(stage.numbers()["end"]["kind"], "interrupted");
    let summary = String::from_utf8(ended.stdout).unwrap();
    assert!(summary.contains("The run was interrupted") && summary.contains("(partial)"), "{summary}");
    let report = stage.report();
    for mark in ["verdict partial", "The run was interrupted", "被中断", "could not be judged as a whole", "</html>"]
    {
        assert!(report.contains(mark), "{mark}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_played_on_the_day_that_is_named_whenever_it_is_started() {
    let named = SCENARIO.replace("city =", "new_day = \"2027-03-02\"\ncity =");
    let stage = Stage::new(&named);
    let day = async |args: &[&str]| {
        let said = outcome(stage.command(&[&["--visitors", "2"], args].concat())).await;
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        let run = stage.numbers();
        let day = run["day"].as_str().unwrap().to_owned();
        assert!(run["command"].as_str().unwrap().contains(&format!("--day {day}")), "{run}");
        day
    };
    assert_eq!(day(&[]).await, "2027-03-02");
    assert_eq!(day(&["--day", "2026-11-30"]).await, "2026-11-30");
    let said = outcome(stage.command(&["--day", "2026-12-06"])).await;
    said.failed(&["no hall of 杭州 is open on 2026-12-06"]);
}

/// A hold that nobody confirms takes a place until it ends, and is nobody who comes.
#[tokio::test(flavor = "multi_thread")]
async fn who_only_holds_a_place_does_not_come_to_the_hall() {
    let stage = Stage::new(&format!("{SCENARIO}[ways]\ngive_up = 1\n"));
    let said = outcome(stage.command(&["--visitors", "6"])).await;
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let today = &stage.numbers()["today"];
    assert_eq!(today["rush"]["booked"], 6, "{}", today["rush"]);
    let lanes = today["halls"].as_array().unwrap().iter().flat_map(|hall| hall["lanes"].as_array().unwrap());
    let people = lanes.map(|lane| lane["came"].as_u64().unwrap() + lane["no_shows"].as_u64().unwrap());
    assert_eq!(people.sum::<u64>(), 0);
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
