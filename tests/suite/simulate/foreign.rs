//! Runs against somebody else's server: one that is right, one that lies, one that is no hallpass, one that goes away.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const NOW: &str = "2026-11-24T12:00:00+08:00";

/// A stage whose server runs, with the file that holds the token of its administrator.
async fn with_server(scenario: &str) -> (Stage, Process, PathBuf) {
    let stage = Stage::new(scenario);
    let mut command = serve(&stage.config(), &stage.path("data"));
    command.args(["--now", NOW]);
    let server = Process::start(command).await;
    let token = stage.path("data/admin.token");
    (stage, server, token)
}

/// What a server says instead of the truth, in answers to calls whose first line holds some words.
#[derive(Debug, Clone, Copy)]
struct Lie {
    calls: &'static str,
    truth: &'static str,
    instead: &'static str,
    /// What the auditor says of it.
    found: &'static str,
}

/// A server that passes on what the real one says, but for one lie.
async fn liar(real: SocketAddr, lie: Lie) -> String {
    assert_eq!(lie.truth.len(), lie.instead.len(), "a lie is as long as the truth, so that no length has to lie too");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((visitor, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect(real).await else { continue };
            let lies = Arc::new(AtomicBool::new(false));
            let ((from_visitor, to_visitor), (from_server, to_server)) = (visitor.into_split(), server.into_split());
            tokio::spawn(pass_on(from_visitor, to_server, {
                let lies = Arc::clone(&lies);
                move |bytes| {
                    let head = String::from_utf8_lossy(&bytes);
                    if let Some(line) = head.lines().next().filter(|line| line.ends_with(" HTTP/1.1")) {
                        lies.store(line.contains(lie.calls), Ordering::Release);
                    }
                    bytes
                }
            }));
            tokio::spawn(pass_on(from_server, to_visitor, move |bytes| {
                if !lies.load(Ordering::Acquire) {
                    return bytes;
                }
                String::from_utf8_lossy(&bytes).replace(lie.truth, lie.instead).into_bytes()
            }));
        }
    });
    format!("http://{address}")
}

async fn pass_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, change: impl Fn(Vec<u8>) -> Vec<u8>) {
    let mut buffer = vec![0; 1 << 20];
    while let Ok(read) = from.read(&mut buffer).await {
        if read == 0 || to.write_all(&change(buffer[..read].to_vec())).await.is_err() {
            return;
        }
    }
}

/// A run of a few visitors against a server that lies.
async fn played_against(lie: Lie) -> (Stage, Said) {
    let (stage, server, token) = with_server(SCENARIO).await;
    let url = liar(server.address, lie).await;
    let mut command = stage.command(&["--visitors", "12", "--url", &url, "--admin-token-file"]);
    command.arg(token);
    let said = outcome(command).await;
    server.stop().await;
    (stage, said)
}

/// The judge is judged: a server that tells the truth passes, and each lie is found, named with the seed, and fatal.
#[tokio::test(flavor = "multi_thread")]
async fn every_lie_is_found_and_the_truth_passes() {
    let lie = |calls, truth, instead, found| Lie { calls, truth, instead, found };
    let lies = [
        lie("POST /v1/appointments", "\"status\":\"booked\"", "\"status\":\"served\"", "status is \"served\""),
        lie("POST /v1/appointments", "\"lane\":\"counter\"", "\"lane\":\"cellars\"", "lane is \"cellars\""),
        lie("GET /v1/appointments?limit=100", "\"id\":\"", "\"ID\":\"", "does not see appointment"),
        lie("GET /v1/admin/halls", "\"capacity\":6", "\"capacity\":0", "is oversold"),
        lie("GET /v1/admin/halls", "\"id\":\"", "\"ID\":\"", "without an id"),
        lie("GET /v1/admin/halls", "\"status\":\"booked\"", "\"status\":\"served\"", "status is \"served\""),
    ];
    for lie in lies {
        let (stage, said) = played_against(lie).await;
        assert_eq!(said.status.code(), Some(1), "{lie:?} {said:?}");
        assert!(said.stdout.contains(lie.found) && said.stdout.contains("Seed 7 plays"), "{lie:?} {said:?}");
        let violations = stage.numbers()["today"]["violations"].as_array().unwrap().len();
        assert!(violations > 0 && stage.report().contains("section class=\"alarm\""), "{lie:?}");
    }
    let (stage, said) = played_against(lie("GET", "\"status\":\"booked\"", "\"status\":\"booked\"", "")).await;
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert_eq!(stage.numbers()["today"]["audited"], "whole_state");
    assert!(said.stdout.contains("the whole state of the server were right"), "{said:?}");
}

/// Which calls a forgetful server loses with their connections: of those whose first line holds some words, the first so many
/// pass, and the next so many are lost.
#[derive(Debug, Clone, Copy)]
struct Loss {
    calls: &'static str,
    pass: usize,
    lost: usize,
}

/// A server that passes on what the real one says, but for a loss. Gives its address and how many such calls it has seen.
async fn forgetful(real: SocketAddr, loss: Loss) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, seen) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((visitor, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect(real).await else { continue };
            tokio::spawn(relay(visitor, server, loss, Arc::clone(&counted)));
        }
    });
    (format!("http://{address}"), seen)
}

/// Passes bytes both ways until one side ends, or a call is lost.
async fn relay(visitor: TcpStream, server: TcpStream, loss: Loss, seen: Arc<AtomicUsize>) {
    let ((mut from_visitor, to_visitor), (from_server, mut to_server)) = (visitor.into_split(), server.into_split());
    let back = tokio::spawn(pass_on(from_server, to_visitor, |bytes| bytes));
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read) = from_visitor.read(&mut buffer).await {
        let head = String::from_utf8_lossy(&buffer[..read]);
        let is_meant = head.lines().next().is_some_and(|line| line.contains(loss.calls));
        let is_lost = is_meant && (loss.pass..loss.pass + loss.lost).contains(&seen.fetch_add(1, Ordering::AcqRel));
        if read == 0 || is_lost || to_server.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
    back.abort();
}

/// A run of a few visitors with the token of an administrator, against a server that loses calls.
async fn played_with(loss: Loss) -> (Stage, Said) {
    let (stage, server, token) = with_server(SCENARIO).await;
    let (url, seen) = forgetful(server.address, loss).await;
    let mut command = stage.command(&["--visitors", "12", "--url", &url, "--admin-token-file"]);
    command.arg(token);
    let said = outcome(command).await;
    assert!(seen.load(Ordering::Acquire) > loss.pass, "{loss:?}: something was lost");
    server.stop().await;
    (stage, said)
}

/// How many calls judge the token before anything is played: one for each hall.
const JUDGING: usize = 2;

/// A few answers that the run itself asked for and never got say nothing of the server, which is up.
#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_is_lost_is_looked_again() {
    let days = "GET /v1/admin/halls";
    for (calls, pass, lost) in [(days, 0, 1), (days, JUDGING, 1), (days, JUDGING, 3), ("GET /v1/services", 0, 1)] {
        let loss = Loss { calls, pass, lost };
        let (stage, said) = played_with(loss).await;
        assert_eq!(said.status.code(), Some(0), "{loss:?}: {said:?}");
        let run = stage.numbers();
        assert_eq!((&run["end"]["kind"], &run["today"]["audited"]), (&"finished".into(), &"whole_state".into()));
    }
}

/// A server that is up and never tells a day is not said to be away.
#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_never_told_is_named() {
    let (stage, said) = played_with(Loss { calls: "GET /v1/admin/halls", pass: JUDGING, lost: 1_000 }).await;
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    let run = stage.numbers();
    assert_eq!((&run["end"]["kind"], &run["today"]["audited"]), (&"server_lost".into(), &"answers".into()));
    let reason = run["end"]["reason"].as_str().unwrap();
    assert!(reason.contains("is up and tells nothing of east on 2026-") && !reason.contains("no longer"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_token_is_judged_by_its_answers_and_only_once() {
    let (stage, server, token) = with_server(&format!("{SCENARIO}{WAYS}")).await;
    let url = format!("http://{}", server.address);
    let said = outcome(stage.command(&["--visitors", "30", "--url", &url])).await;
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert_eq!(stage.numbers()["today"]["audited"], "answers");
    assert!(said.stdout.contains("Only what visitors see was audited"), "{said:?}");
    assert!(stage.report().contains("--admin-token-file"));

    // Its visitors would be refused as persons who have an appointment, which is no fault of the server's.
    let mut again = stage.command(&["--url", &url, "--admin-token-file"]);
    again.arg(&token);
    outcome(again).await.failed(&["has been played against before"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_server_to_play_against_is_told_before_anything_is_played() {
    let (stage, server, _) = with_server(SCENARIO).await;
    let url = format!("http://{}", server.address);
    let refused = |said: &Said, words: &[&str]| {
        said.failed(words);
        assert!(!stage.path("run.json").exists() && !stage.path("run.html").exists(), "nothing was written");
    };
    refused(&outcome(stage.command(&["--url", "http://127.0.0.1:9"])).await, &["127.0.0.1:9", "does not answer"]);
    refused(&outcome(stage.command(&["--url", "127.0.0.1:8080"])).await, &["give one such as http://"]);
    refused(
        &outcome(stage.command(&["--url", &stranger(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await]))
            .await,
        &["no hallpass"],
    );
    // It takes the call and never says anything.
    refused(&outcome(stage.command(&["--url", &stranger(b"").await])).await, &["does not answer"]);

    let mut nowhere = stage.command(&["--url", &url, "--admin-token-file"]);
    nowhere.arg(stage.path("nowhere"));
    refused(&outcome(nowhere).await, &["nowhere", "cannot be read"]);
    let somebody = stage.path("somebody");
    fs::write(&somebody, "somebody").unwrap();
    let mut stranger = stage.command(&["--url", &url, "--admin-token-file"]);
    stranger.arg(&somebody);
    refused(&outcome(stranger).await, &["--admin-token-file", "east", "unauthenticated"]);

    let draft = outcome(stage.command(&["--url", &url, "--what-if", "draft.toml"])).await;
    assert_eq!(draft.status.code(), Some(2), "a draft cannot be played on a server that has its own: {draft:?}");
    server.stop().await;
}

/// A server that is no hallpass: it says this to everybody, and keeps the connection.
async fn stranger(says: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 1024];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(says).await;
            kept.push(stream);
        }
    });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_ends_the_run_with_what_there_is() {
    let (stage, server, _) = with_server(&SCENARIO.replace("within_s = 1", "within_s = 60")).await;
    let url = format!("http://{}", server.address);
    let mut child = stage.command(&["--url", &url]).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    begun(child.stderr.as_mut().unwrap()).await;
    server.signal("KILL").await;
    let ended = tokio::time::timeout(Duration::from_mins(4), child.wait_with_output()).await.expect("nothing hangs");
    let ended = ended.unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let run = stage.numbers();
    assert_eq!(run["end"]["kind"], "server_lost");
    assert!(run["end"]["reason"].as_str().unwrap().contains(&url), "{}", run["end"]);
    let summary = String::from_utf8(ended.stdout).unwrap();
    assert!(summary.contains("The server was lost") && summary.contains("The release minute (partial)"), "{summary}");
    assert!(stage.report().contains("The server was lost") && stage.report().contains("verdict partial"));
}
