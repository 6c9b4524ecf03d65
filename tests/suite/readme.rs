//! The tours of README and `docs/api.md`, taken by a shell against a real server: every command ends well, and prints what
//! the document shows, as far as that is the same every time.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::process::{Process, repository_config, serve};

/// What stands between the outputs of two blocks.
const NEXT: &str = "---- the next block ----";
/// The documents with a tour, each with the heading that it stands below.
const SHORT_TOUR: (&str, &str) = ("README.md", "## A short tour of the API");
const FULL_TOUR: (&str, &str) = ("docs/api.md", "## Five minutes");

/// A command of a tour, and what the document shows directly after it.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    command: String,
    shown: Option<String>,
}

/// The fenced blocks of a section that are commands, with what is fenced directly after them as `json` or `text`.
fn steps(document: &str, heading: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut in_section, mut block) = (false, None::<(String, String)>);
    let mut last_kind = String::new();
    for line in document.lines() {
        match (&mut block, line.strip_prefix("```")) {
            (None, None) if line.starts_with("## ") => in_section = line == heading,
            (None, Some(kind)) => block = Some((kind.trim().to_owned(), String::new())),
            (Some((_, text)), None) => text.extend([line, "\n"]),
            (Some(_), Some(_)) => {
                let (kind, text) = block.take().unwrap();
                match kind.as_str() {
                    _ if !in_section => {}
                    "sh" => steps.push(Step { command: text, shown: None }),
                    "json" | "text" if last_kind == "sh" => steps.last_mut().unwrap().shown = Some(text),
                    _ => {}
                }
                last_kind = kind;
            }
            (None, None) => {}
        }
    }
    steps
}

/// The members that a JSON text has at any depth, and the words of those that say what became of something.
fn shape(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                let place = format!("{at}/{name}");
                if matches!(name.as_str(), "status" | "code" | "lane" | "service" | "open" | "reason")
                    && at.matches('/').count() <= 2
                {
                    // The code of an appointment is another one every time.
                    let is_drawn = name == "code" && members.contains_key("party");
                    found.insert(if is_drawn { place.clone() } else { format!("{place}: {inner}") });
                }
                found.insert(place.clone());
                shape(inner, &place, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| shape(item, at, found)),
        _ => {}
    }
}

fn shape_of(text: &str) -> BTreeSet<String> {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let mut found = BTreeSet::new();
    shape(&value, "", &mut found);
    found
}

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs all commands in one shell, and gives what each printed.
async fn outputs(steps: &[Step], process: &Process, place: &Path) -> Vec<String> {
    let script: Vec<String> = steps.iter().map(|step| format!("{}\necho\necho '{NEXT}'\n", step.command)).collect();
    let script = script.concat().replace("127.0.0.1:8080", &process.address.to_string());
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", &script]).current_dir(place).stdin(Stdio::null()).kill_on_drop(true);
    shell.env_remove("http_proxy").env("no_proxy", "*");
    let said = shell.output().await.unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    assert!(said.status.success(), "{text}\n{}", String::from_utf8_lossy(&said.stderr));
    let outputs: Vec<String> = text.split(&format!("\n{NEXT}\n")).map(str::to_owned).collect();
    assert_eq!((outputs.len(), outputs.last().unwrap().as_str()), (steps.len() + 1, ""));
    outputs
}

/// Takes the tour of a document, which has at least so many commands, and so many of them with what they print.
async fn take_the_tour(tour: (&str, &str), least_commands: usize, least_shown: usize) {
    let (file, heading) = tour;
    let steps = steps(&read(file), heading);
    assert!(steps.len() >= least_commands, "{steps:?}");
    assert!(steps.iter().filter(|step| step.shown.is_some()).count() >= least_shown, "{steps:?}");
    assert!(steps[0].command.contains("127.0.0.1:8080"), "{}", steps[0].command);
    let place = tempfile::tempdir().unwrap();
    let mut command = serve(&repository_config(), &place.path().join("data"));
    // The documents show what was printed on this day.
    command.args(["--now", "2026-11-22T12:04:00+08:00"]);
    let process = Process::start(command).await;
    let outputs = outputs(&steps, &process, place.path()).await;
    for (step, printed) in steps.iter().zip(outputs) {
        match &step.shown {
            Some(shown) => assert_eq!(shape_of(&printed), shape_of(shown), "{}", step.command),
            None => assert_eq!(printed, "", "{}", step.command),
        }
    }
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_short_tour_works() {
    take_the_tour(SHORT_TOUR, 3, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_full_tour_works() {
    take_the_tour(FULL_TOUR, 7, 6).await;
}

#[test]
fn the_chinese_tours_have_the_same_commands_and_outputs() {
    for ((file, heading), (chinese, chinese_heading)) in
        [(SHORT_TOUR, ("README.zh-CN.md", "## API 速览")), (FULL_TOUR, ("docs/zh-CN/api.md", "## 五分钟上手"))]
    {
        let expected = steps(&read(file), heading);
        assert_eq!(steps(&read(chinese), chinese_heading), expected, "{chinese}");
        assert!(!expected.is_empty(), "{file}");
    }
}

#[test]
fn steps_are_found_in_their_section_only() {
    let sample = "# T\n\n```sh\nnot here\n```\n\n## Five minutes\n\nText:\n\n```sh\nA=1\ncurl $A\n```\n\nShows:\n\n```json\n{\"a\": 1}\n```\n\n\
                  ```\nnot run\n```\n\n```json\n{}\n```\n\n```sh\necho\n```\n\n## Next\n\n```sh\nnot here\n```\n";
    let step = |command: &str, shown: Option<&str>| Step { command: command.into(), shown: shown.map(str::to_owned) };
    let expected = [step("A=1\ncurl $A\n", Some("{\"a\": 1}\n")), step("echo\n", None)];
    assert_eq!(steps(sample, "## Five minutes"), expected);
    let shape = shape_of(r#"{"status":"booked","code":"X","party":"y","list":[{"a":1},{"b":null}]}"#);
    let expected = ["/code", "/list", "/list/a", "/list/b", "/party", "/status", "/status: \"booked\""];
    assert_eq!(shape, expected.map(str::to_owned).into());
}
