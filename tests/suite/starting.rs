//! Starts where something is not as it should be: the disk, the clock, the store. The real program, as an operator meets it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use hallpass::ledger::embedded::data_dir::DataDir;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::{CHIEF, Caller, Door, Files, Heard, booking, hold, id, merged, renewal};
use crate::identities::person;
use crate::process::{Process, Said, hallpass, outcome, serve};
use crate::small_disk::SmallDisk;

const NOW: &str = "2026-11-24T12:00:00+08:00";
const SKIPPED: &str = "skipped: a small disk cannot be mounted here, as only root may";

/// Where one server's files are.
struct Place {
    directory: TempDir,
    data: PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        Self::with_data(directory, data)
    }

    fn on(disk: &SmallDisk) -> Self {
        Self::with_data(tempfile::tempdir().unwrap(), disk.path().join("data"))
    }

    fn with_data(directory: TempDir, data: PathBuf) -> Self {
        Files::default().write(&directory.path().join("config"));
        Self { directory, data }
    }

    fn command(&self, args: &[&str]) -> tokio::process::Command {
        let mut command = serve(&self.directory.path().join("config"), &self.data);
        command.args(args);
        command
    }

    async fn start(&self, args: &[&str]) -> Process {
        Process::start(self.command(&[&["--now", NOW][..], args].concat())).await
    }

    async fn verify(&self) -> Said {
        outcome(hallpass(["verify".as_ref(), "--data".as_ref(), self.data.as_os_str()])).await
    }
}

fn caller(process: &Process, token: Option<&str>) -> Caller {
    Caller::new(Door::to(process.address), token.map(str::to_owned))
}

async fn session(process: &Process, number: usize) -> Caller {
    let opened = caller(process, None).post("/v1/session", &person(number)).await.ok(201);
    caller(process, opened["token"].as_str())
}

async fn ready(process: &Process) -> Heard {
    caller(process, None).get("/readyz").await
}

/// Waits until a server says of itself that it only reads, for this reason; `None` if it takes bookings.
async fn until_read_only(process: &Process, reason: Option<&str>) {
    for _ in 0..3_000 {
        // While it starts anew, nobody answers.
        let answer = client().get(format!("http://{}/readyz", process.address)).send().await.ok();
        let body: Option<Value> = match answer {
            Some(answer) => answer.json().await.ok(),
            None => None,
        };
        if body.is_some_and(|body| body["read_only_reason"] == json!(reason) && body["status"] != "recovering") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never says {reason:?}: {}", process.log());
}

fn modes(path: &Path, found: &mut Vec<(PathBuf, u32)>) {
    let metadata = fs::metadata(path).unwrap();
    found.push((path.to_owned(), metadata.permissions().mode() & 0o777));
    if metadata.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            modes(&entry.unwrap().path(), found);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_makes_is_for_its_owner_alone() {
    let place = Place::new();
    let process = place.start(&[]).await;
    session(&process, 1).await.booked(&renewal("08:30")).await;
    process.stop().await;
    let mut found = Vec::new();
    modes(&place.data, &mut found);
    assert!(found.len() > 20, "{found:?}");
    for (path, mode) in found {
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_gone_is_said_in_words_and_nothing_is_made() {
    let place = Place::new();
    let process = place.start(&[]).await;
    session(&process, 1).await.booked(&renewal("08:30")).await;
    process.stop().await;
    assert!(place.verify().await.status.success());
    let (store, away) = (place.data.join("store"), place.data.join("away"));
    fs::rename(&store, &away).unwrap();
    let words = ["lost a part of its store", "store is not there", "volume mounted", "backup"];
    for args in [&["--now", NOW][..], &["--now", NOW, "--accept-loss"], &["--now", NOW, "--read-only"]] {
        outcome(place.command(args)).await.failed(&words);
    }
    place.verify().await.failed(&words);
    assert!(!store.exists(), "nothing was made");
    fs::rename(&away, &store).unwrap();
    let process = place.start(&[]).await;
    let own = session(&process, 1).await.get("/v1/appointments").await.ok(200);
    assert_eq!(own["appointments"].as_array().unwrap().len(), 1);
    process.stop().await;
}

/// A first start that is killed wherever it is leaves a directory that another start takes.
#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_that_is_killed_anywhere_is_no_end() {
    let mut steps = 0;
    for moment in 0..12_u64 {
        let place = Place::new();
        let mut child = place.command(&["--now", NOW]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Each kill comes when one thing more is there, or a little later.
        let wanted = ["lock", "FORMAT.new", "keys", "admin.token", "store.new", "store", "head", "FORMAT"];
        let wanted = place.data.join(wanted[usize::try_from(moment).unwrap() % wanted.len()]);
        for _ in 0..20_000 {
            if wanted.exists() {
                steps += 1;
                break;
            }
            tokio::task::yield_now().await;
        }
        child.kill().await.unwrap();
        let process = place.start(&[]).await;
        session(&process, 1).await.booked(&renewal("08:30")).await;
        process.stop().await;
        assert!(place.verify().await.status.success());
    }
    assert!(steps > 0, "no kill came at a step");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_may_start_a_server_that_only_reads() {
    let place = Place::new();
    let process = place.start(&[]).await;
    let booked = session(&process, 1).await.booked(&renewal("08:30")).await;
    process.stop().await;
    let mut command = place.command(&["--now", NOW]);
    command.env("HALLPASS_READ_ONLY", "true");
    let process = Process::start(command).await;
    until_read_only(&process, Some("started_read_only")).await;
    let own = session(&process, 1).await;
    assert_eq!(own.get(&format!("/v1/appointments/{}", id(&booked))).await.ok(200), booked);
    let refused = own.post("/v1/appointments", &hold("09:00")).await.refused(503, "read_only");
    assert_eq!(refused.header("retry-after"), "60");
    caller(&process, None).get("/v1/halls").await.ok(200);
    let chief = caller(&process, Some(CHIEF));
    chief.post_nothing("/v1/admin/config/reload").await;
    process.stop().await;
    assert!(place.verify().await.status.success());
    place.start(&[]).await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bookings_stop_before_the_disk_is_full_and_go_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(96) else { return println!("{SKIPPED}") };
    let place = Place::on(&disk);
    let process = place.start(&["--min-free-mib", "20"]).await;
    let own = session(&process, 1).await;
    let booked = own.booked(&renewal("08:30")).await;
    disk.take(80);
    until_read_only(&process, Some("no_space")).await;
    assert_eq!(ready(&process).await.status, 503);
    own.post("/v1/appointments", &hold("09:00")).await.refused(503, "read_only");
    assert_eq!(own.get(&format!("/v1/appointments/{}", id(&booked))).await.ok(200), booked);
    disk.empty();
    until_read_only(&process, None).await;
    own.post_nothing(&format!("/v1/appointments/{}/cancel", id(&booked))).await.ok(200);
    process.stop().await;
    assert!(place.verify().await.status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_ends_the_process_for_its_supervisor_and_the_next_one_reads_until_there_is_room() {
    let Some(disk) = SmallDisk::mount(48) else { return println!("{SKIPPED}") };
    let place = Place::on(&disk);
    let unwatched = ["--min-free-mib", "0"];
    let process = place.start(&unwatched).await;
    let own = session(&process, 1).await;
    let booked = own.booked(&renewal("08:30")).await;
    disk.fill();
    let mut acknowledged = 1;
    for number in 2..2_000 {
        let Some(person) = try_session(&process, number).await else { break };
        let Some(heard) = try_hold(&person, number).await else { break };
        match heard {
            201 => acknowledged += 1,
            status => assert!([409, 422, 503].contains(&status), "{status}"),
        }
        if heard == 503 {
            break;
        }
    }
    let said = process.end().await;
    assert_eq!(said.status.code(), Some(75), "{said:?}");
    assert!(said.stderr.contains("the ledger has failed"), "{said:?}");

    let process = place.start(&["--min-free-mib", "4"]).await;
    let own = session(&process, 1).await;
    assert_eq!(own.get(&format!("/v1/appointments/{}", id(&booked))).await.ok(200), booked);
    assert_eq!(ready(&process).await.status, 503);
    own.post("/v1/appointments", &hold("10:00")).await.refused(503, "read_only");
    disk.empty();
    until_read_only(&process, None).await;
    own.post_nothing(&format!("/v1/appointments/{}/cancel", id(&booked))).await.ok(200);
    process.stop().await;
    let said = place.verify().await;
    assert!(said.status.success(), "{said:?}");
    let words = format!("{acknowledged} appointments");
    let one_more = format!("{} appointments", acknowledged + 1);
    assert!(said.stdout.contains(&words) || said.stdout.contains(&one_more), "{words}: {said:?}");
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A session of a person; `None` if the server is gone.
async fn try_session(process: &Process, number: usize) -> Option<(reqwest::Client, String, String)> {
    let (client, url) = (client(), format!("http://{}", process.address));
    let opened = client.post(format!("{url}/v1/session")).json(&person(number)).send().await.ok()?;
    let body: Value = opened.json().await.ok()?;
    Some((client, url, body["token"].as_str()?.to_owned()))
}

/// The status of a hold with a long answer to be remembered; `None` if the server is gone.
async fn try_hold((client, url, token): &(reqwest::Client, String, String), number: usize) -> Option<u16> {
    let wish = merged(&hold("08:30"), &json!({ "date": format!("2026-12-{:02}", 1 + number % 20) }));
    let call = client.post(format!("{url}/v1/appointments")).bearer_auth(token).json(&wish);
    Some(call.header("Idempotency-Key", format!("key-{number}")).send().await.ok()?.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_can_only_be_read_is_read() {
    let Some(disk) = SmallDisk::mount(96) else { return println!("{SKIPPED}") };
    let place = Place::on(&disk);
    let process = place.start(&["--min-free-mib", "4"]).await;
    let booked = session(&process, 1).await.booked(&renewal("08:30")).await;
    process.stop().await;
    disk.set_read_only(true);
    let process = place.start(&["--min-free-mib", "4"]).await;
    until_read_only(&process, Some("started_read_only")).await;
    let own = session(&process, 1).await;
    assert_eq!(own.get(&format!("/v1/appointments/{}", id(&booked))).await.ok(200), booked);
    own.post_nothing(&format!("/v1/appointments/{}/cancel", id(&booked))).await.refused(503, "read_only");
    disk.set_read_only(false);
    until_read_only(&process, None).await;
    own.post_nothing(&format!("/v1/appointments/{}/cancel", id(&booked))).await.ok(200);
    process.stop().await;
    assert!(place.verify().await.status.success());
}

/// A store can have a mount of its own: that the data directory takes a file says nothing about it.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_on_a_read_only_mount_of_its_own_is_read_and_not_started_anew_again_and_again() {
    let Some(disk) = SmallDisk::mount(96) else { return println!("{SKIPPED}") };
    let place = Place::new();
    let process = place.start(&["--min-free-mib", "4"]).await;
    let booked = session(&process, 1).await.booked(&renewal("08:30")).await;
    process.stop().await;
    let (store, moved) = (place.data.join("store"), disk.path().join("store"));
    let copied = std::process::Command::new("cp").arg("-a").args([&store, &moved]).status().unwrap();
    assert!(copied.success());
    fs::remove_dir_all(&store).unwrap();
    std::os::unix::fs::symlink(&moved, &store).unwrap();
    disk.set_read_only(true);
    let process = place.start(&["--min-free-mib", "4"]).await;
    until_read_only(&process, Some("started_read_only")).await;
    let own = session(&process, 1).await;
    // Some looks at the disk later it is still the same server.
    tokio::time::sleep(4 * hallpass::space::LOOK_EVERY).await;
    assert_eq!(own.get(&format!("/v1/appointments/{}", id(&booked))).await.ok(200), booked);
    assert!(!process.log().contains("the server starts anew"), "{}", process.log());
    disk.set_read_only(false);
    until_read_only(&process, None).await;
    own.post_nothing(&format!("/v1/appointments/{}/cancel", id(&booked))).await.ok(200);
    process.stop().await;
    assert!(place.verify().await.status.success());
    let left = fs::read_dir(&moved).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<_> =
        left.filter(|name| Path::new(name).extension().is_none_or(|extension| extension != "jnl")).collect();
    assert!(left.iter().all(|name| ["lock", "version", "keyspaces"].contains(&name.as_str())), "{left:?}");
}

/// A day soon after an instant on which the hall is open: two days of its calendar are not.
fn open_day_after(at: DateTime<Utc>) -> String {
    let days = (3..6).map(|days| (at + TimeDelta::days(days)).date_naive().to_string());
    days.into_iter().find(|day| day != "2026-12-01" && day != "2026-12-06").unwrap()
}

fn text_of(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_far_behind_the_last_entry_is_refused_unless_it_is_right() {
    let place = Place::new();
    let ahead = Utc::now() + TimeDelta::days(4);
    let date = open_day_after(ahead);
    let process = Process::start(place.command(&["--now", &text_of(ahead)])).await;
    let own = session(&process, 1).await;
    own.booked(&booking("east", &date, "08:30", "passport.renewal")).await;
    process.stop().await;

    outcome(place.command(&[])).await.failed(&["the clock says", "--accept-clock"]);
    // A clock that is set by hand is where the operator wants it.
    let process = Process::start(place.command(&["--now", &text_of(ahead - TimeDelta::days(1))])).await;
    process.until_logged("the clock is behind the last entry").await;
    process.stop().await;
    let process = Process::start(place.command(&["--accept-clock"])).await;
    let own = session(&process, 2).await;
    let booked = own.booked(&booking("east", &date, "08:30", "passport.renewal")).await;
    let at: DateTime<Utc> = booked["updated_at"].as_str().unwrap().parse().unwrap();
    assert!((at - Utc::now()).abs() < TimeDelta::minutes(5), "the time is that of the clock: {at}");
    process.stop().await;
    Process::start(place.command(&[])).await.stop().await;
}

/// The record of a loss is of the present instant: behind it nobody would see how far ahead the entry before it is.
#[tokio::test(flavor = "multi_thread")]
async fn who_accepts_a_loss_does_not_accept_a_clock() {
    let place = Place::new();
    let ahead = Utc::now() + TimeDelta::days(4);
    let process = Process::start(place.command(&["--now", &text_of(ahead)])).await;
    let wish = booking("east", &open_day_after(ahead), "08:30", "passport.renewal");
    session(&process, 1).await.booked(&wish).await;
    process.stop().await;
    fs::remove_file(place.data.join("head")).unwrap();
    for _ in 0..2 {
        outcome(place.command(&["--accept-loss"])).await.failed(&["the clock says", "--accept-clock"]);
        outcome(place.command(&["--accept-clock"])).await.failed(&["has no file `head`", "--accept-loss"]);
    }
    Process::start(place.command(&["--accept-loss", "--accept-clock"])).await.stop().await;
    Process::start(place.command(&[])).await.stop().await;
    assert!(place.verify().await.status.success());
}

/// A directory that was used with a database alone, and ones of which nobody can say whether they had a store.
#[tokio::test(flavor = "multi_thread")]
async fn a_directory_in_which_nothing_was_stored_is_no_end() {
    let place = Place::new();
    DataDir::open(&place.data).unwrap().settle_without_store().unwrap();
    outcome(place.command(&["--now", NOW, "--read-only"])).await.failed(&["never had one", "PostgreSQL"]);
    let process = place.start(&[]).await;
    session(&process, 1).await.booked(&renewal("08:30")).await;
    process.stop().await;
    assert!(place.verify().await.status.success());
    place.start(&[]).await.stop().await;
    // From now on it had one.
    fs::remove_dir_all(place.data.join("store")).unwrap();
    outcome(place.command(&["--now", NOW])).await.failed(&["lost a part of its store"]);

    for (format, has_keys) in [(1, false), (1, true), (2, false), (2, true)] {
        let place = Place::new();
        fs::create_dir(&place.data).unwrap();
        fs::write(place.data.join("FORMAT"), format!("hallpass-ledger {format}\n")).unwrap();
        if has_keys {
            fs::write(place.data.join("keys"), [7; 32]).unwrap();
        }
        let words = ["two possibilities", "volume mounted", "PostgreSQL", "did not finish", "FORMAT.new"];
        outcome(place.command(&["--now", NOW])).await.failed(&words);
        assert_eq!(place.data.join("keys").exists(), has_keys, "nothing was made");
        assert!(!place.data.join("store").exists());
        fs::rename(place.data.join("FORMAT"), place.data.join("FORMAT.new")).unwrap();
        let process = place.start(&[]).await;
        session(&process, 1).await.booked(&renewal("08:30")).await;
        process.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_stands_until_the_clock_has_caught_up_with_the_last_entry() {
    let place = Place::new();
    let ahead = Utc::now() + TimeDelta::minutes(20);
    let date = open_day_after(ahead);
    let process = Process::start(place.command(&["--now", &text_of(ahead)])).await;
    let first = session(&process, 1).await.booked(&booking("east", &date, "08:30", "passport.renewal")).await;
    process.stop().await;
    let process = Process::start(place.command(&[])).await;
    process.until_logged("the time stands until").await;
    let behind = ready(&process).await;
    assert_eq!(behind.status, 200);
    assert!((600..=1_200).contains(&behind.body["clock_behind_s"].as_i64().unwrap()), "{}", behind.body);
    let second = session(&process, 2).await.booked(&booking("east", &date, "08:30", "passport.renewal")).await;
    assert!(second["updated_at"].as_str() >= first["updated_at"].as_str(), "{second} after {first}");
    process.stop().await;
    assert!(place.verify().await.status.success());
}
