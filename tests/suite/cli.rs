//! The command line of the real program: what it prints, what it refuses, how it ends.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::http::{CHIEF, Caller, Door, Files, answers, exchange, hold, renewal};
use crate::identities::person;
use crate::process::{Process, hallpass, outcome, repository_config, serve};

const NOW: &str = "2026-11-24T12:00:00+08:00";

/// A place for one server's files.
struct Place(TempDir);

impl Place {
    fn new(files: &Files) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        files.write(&place.config());
        place
    }

    fn config(&self) -> PathBuf {
        self.0.path().join("config")
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// A server on these files, on Tuesday noon.
    async fn start(&self) -> Process {
        let mut command = serve(&self.config(), &self.data());
        command.args(["--now", NOW]);
        Process::start(command).await
    }

    fn admin(&self) -> String {
        fs::read_to_string(self.data().join("admin.token")).unwrap().trim().to_owned()
    }
}

fn caller(process: &Process, token: Option<&str>) -> Caller {
    Caller::new(Door::to(process.address), token.map(str::to_owned))
}

async fn session(process: &Process, number: usize) -> Caller {
    let opened = caller(process, None).post("/v1/session", &person(number)).await.ok(201);
    caller(process, opened["token"].as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn check_prints_a_summary_or_every_error() {
    let config = repository_config();
    let said = outcome(hallpass(["check".as_ref(), "--config".as_ref(), config.as_os_str()])).await;
    assert!(said.status.success() && said.stderr.is_empty(), "{said:?}");
    for word in ["hangzhou-shi-crj", "杭州", "weekday", "total", "10600  Eve of a holiday", "8000  Peak day"] {
        assert!(said.stdout.contains(word), "{word}: {}", said.stdout);
    }

    let files = Files::default()
        .changed("hallpass.toml", "max_party = 5", "max_party = 9")
        .changed("services.toml", "lane = \"kiosk\"", "lane = \"attic\"")
        .changed("halls/east.toml", "mon = [\"08:30-10:30\"", "mon = [\"08:00-10:30\"");
    let place = Place::new(&files);
    let mut command = hallpass(["check"]);
    command.env("HALLPASS_CONFIG", place.config());
    let said = outcome(command).await;
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    let lines: Vec<&str> = said.stdout.lines().collect();
    for file in ["hallpass.toml:", "services.toml:", "halls/east.toml:"] {
        let line = lines.iter().find(|line| line.starts_with(file)).unwrap_or_else(|| panic!("{file}: {said:?}"));
        let (place, words) = line.split_once(": ").unwrap();
        assert!(place.rsplit_once(':').unwrap().1.parse::<usize>().is_ok_and(|number| number > 0), "{line}");
        assert!(words.split_once("; ").is_some_and(|(wrong, mend)| !wrong.is_empty() && !mend.is_empty()), "{line}");
    }
    let said = outcome(hallpass(["check", "--config", "/nowhere/at/all"])).await;
    assert_eq!(said.status.code(), Some(1), "{said:?}");
}

/// A scenario of the east hall.
const SCENARIO: &str = r#"[scenario]
title = { zh-CN = "小", en = "Small" }
city = "杭州"
[rush]
visitors = 12
early_share = 0
early_s = 0
within_s = 1
new_day_share = 1
[services]
"passport.renewal" = 1
[districts]
east = 1
[day]
no_show = 0.1
early_min = { mean = 8, sd = 12 }
walk_ins = 0
utilisation = 0.9
[day.service_min]
other = { mean = 8, sd = 3 }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn check_also_checks_the_scenarios_and_a_server_does_not() {
    let check = |place: &Place| outcome(hallpass(["check".as_ref(), "--config".as_ref(), place.config().as_os_str()]));
    let said = check(&Place::new(&Files::default())).await;
    assert!(said.status.success() && !said.stdout.contains("scenario"), "a directory without scenarios: {said:?}");

    let files = Files::default().with("scenarios/small.toml", SCENARIO);
    let said = check(&Place::new(&files)).await;
    assert!(said.status.success() && said.stdout.contains("\n  small           12  Small\n"), "{said:?}");

    let files = files
        .changed("scenarios/small.toml", "visitors = 12", "visitors = 0")
        .changed("scenarios/small.toml", "\"passport.renewal\"", "\"visa.renewal\"")
        .changed("scenarios/small.toml", "no_show = 0.1", "no_show = 1.1");
    let place = Place::new(&files);
    let said = check(&place).await;
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{said:?}");
    for (line, number) in lines.iter().zip([5, 11, 15]) {
        assert!(line.starts_with(&format!("scenarios/small.toml:{number}: ")) && line.contains("; "), "{line}");
    }
    place.start().await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_does_not_start() {
    let place = Place::new(&Files::default().changed("halls/east.toml", "capacity = 6", "capacity = 0"));
    let said = outcome(serve(&place.config(), &place.data())).await;
    assert_eq!((said.status.code(), said.stdout.as_str()), (Some(1), ""), "{said:?}");
    assert!(said.stderr.contains("halls/east.toml:") && said.stderr.contains("capacity"), "{said:?}");
    assert!(!place.data().exists(), "nothing was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_are_explained() {
    for args in [
        &["--nonsense"][..],
        &["fly"],
        &["serve", "--listen", "nowhere"],
        &["serve", "--now", "noon"],
        &["check", "--data", "x"],
    ] {
        let said = outcome(hallpass(args)).await;
        assert_eq!((said.status.code(), said.stdout.as_str()), (Some(2), ""), "{args:?}: {said:?}");
        assert!(said.stderr.contains("error"), "{said:?}");
    }
    let version = outcome(hallpass(["--version"])).await;
    let zones = chrono_tz::IANA_TZDB_VERSION;
    assert_eq!(version.stdout, format!("hallpass {}\ntime zones {zones}\n", env!("CARGO_PKG_VERSION")));
    let help = outcome(hallpass(["--help"])).await;
    assert!(
        help.status.success() && ["serve", "check", "verify"].iter().all(|word| help.stdout.contains(word)),
        "{help:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_line_says_where_it_listens() {
    let place = Place::new(&Files::without_staff());
    let process = place.start().await;
    assert!(process.address.ip().is_loopback() && process.address.port() != 0);
    let nobody = caller(&process, None);
    assert_eq!(nobody.get("/healthz").await.ok(200), json!({ "status": "up" }));
    let ready = nobody.get("/readyz").await.ok(200);
    assert_eq!((&ready["status"], &ready["identity"]), (&json!("ready"), &json!("demo")));
    // `stop` wants nothing more on standard output.
    let said = process.stop().await;
    assert!(said.stderr.contains("the clock is simulated"), "{}", said.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_command_it_serves_what_the_environment_says() {
    let place = Place::new(&Files::default());
    let mut command = hallpass([] as [&str; 0]);
    command
        .env("HALLPASS_CONFIG", place.config())
        .env("HALLPASS_DATA", place.data())
        .env("HALLPASS_LISTEN", "localhost:0")
        .env("HALLPASS_NOW", NOW)
        .env("HALLPASS_LOG", "error");
    let process = Process::start(command).await;
    let slots = caller(&process, None).get("/v1/halls/east/slots?service=passport.renewal").await.ok(200);
    assert_eq!(slots["days"][0]["date"], "2026-11-25");
    let said = process.stop().await;
    assert_eq!(said.stderr, "", "the log has errors only");
    assert!(place.data().join("store").is_dir());

    // A flag beats the environment.
    let mut command = serve(&place.config(), &place.data());
    command.args(["--now", "2026-12-01T12:00:00+08:00"]).env("HALLPASS_NOW", NOW).env("HALLPASS_DATA", "/nowhere");
    let process = Process::start(command).await;
    let slots = caller(&process, None).get("/v1/halls/east/slots?service=passport.renewal").await.ok(200);
    assert_eq!(slots["days"][0]["date"], "2026-12-02");
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_has_one_owner() {
    let place = Place::new(&Files::default());
    let first = place.start().await;
    let second = outcome(serve(&place.config(), &place.data())).await;
    second.failed(&["another process", place.data().to_str().unwrap()]);
    assert_eq!(second.stdout, "");
    let mut verify = hallpass(["verify"]);
    verify.env("HALLPASS_DATA", place.data());
    outcome(verify).await.failed(&["another process"]);
    session(&first, 1).await.booked(&renewal("08:30")).await;
    first.stop().await;
    place.start().await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_one_owner() {
    let (place, other) = (Place::new(&Files::default()), Place::new(&Files::default()));
    let first = place.start().await;
    let mut command = hallpass(["serve", "--listen", &first.address.to_string()]);
    command.arg("--config").arg(other.config()).arg("--data").arg(other.data());
    outcome(command).await.failed(&[&first.address.to_string()]);
    first.stop().await;
}

/// A call that the server has begun to read and that waits for its body.
async fn call_in_flight(process: &Process, body: &[u8]) -> TcpStream {
    let head = format!(
        "POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(process.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_what_is_in_flight() {
    for signal in ["TERM", "INT"] {
        let place = Place::new(&Files::default());
        let process = place.start().await;
        session(&process, 1).await.booked(&renewal("08:30")).await;
        let idle = TcpStream::connect(process.address).await.unwrap();
        let body = person(2).to_string().into_bytes();
        let mut stream = call_in_flight(&process, &body).await;
        process.signal(signal).await;
        while TcpStream::connect(process.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        stream.write_all(&body).await.unwrap();
        let mut came = Vec::new();
        stream.read_to_end(&mut came).await.unwrap();
        assert_eq!(answers(&came)[0].status, 201, "{signal}");
        drop((stream, idle));
        let said = process.end().await;
        assert_eq!((said.status.code(), said.stdout.as_str()), (Some(0), ""), "{signal}: {said:?}");

        let again = place.start().await;
        let list = session(&again, 1).await.get("/v1/appointments").await.ok(200);
        assert_eq!(list["appointments"][0]["status"], "booked");
        again.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn demo_stays_on_this_machine_unless_told_otherwise() {
    let place = Place::new(&Files::default());
    let everywhere = |place: &Place| {
        let mut command = hallpass(["serve", "--listen", "0.0.0.0:0"]);
        command.arg("--config").arg(place.config()).arg("--data").arg(place.data());
        command
    };
    let said = outcome(everywhere(&place)).await;
    said.failed(&["demo", "0.0.0.0", "demo_beyond_loopback"]);
    assert!(!place.data().exists(), "nothing was made");

    let open =
        Files::default().changed("hallpass.toml", "mode = \"demo\"", "mode = \"demo\"\ndemo_beyond_loopback = true");
    let place = Place::new(&open);
    let process = Process::start(everywhere(&place)).await;
    let near = Door::to(([127, 0, 0, 1], process.address.port()).into());
    let ready = Caller::new(near.clone(), None).get("/readyz").await.ok(200);
    assert_eq!(ready["identity"], "demo");
    assert!(ready["warning"].as_str().unwrap().contains("demo"), "{ready}");
    assert!(process.log().contains("WARN") && process.log().contains("demo"), "{}", process.log());

    // Nor does a reload leave a demonstration that everybody reaches without that word.
    Files::default().write(&place.config());
    process.signal("HUP").await;
    process.until_logged("the configuration stays as it was").await;
    assert!(process.log().contains("identity.demo_beyond_loopback = true"), "{}", process.log());
    assert_eq!(Caller::new(near, None).get("/readyz").await.ok(200), ready);
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_named_in_the_environment_and_no_password_is_told() {
    let files = Files::default().changed("hallpass.toml", "[identity]", "[store]\nkind = \"postgres\"\n[identity]");
    let place = Place::new(&files);
    let check = |url: &'static str| {
        let mut command = hallpass(["check".as_ref(), "--config".as_ref(), place.config().as_os_str()]);
        command.env("HALLPASS_STORE_URL", url);
        outcome(command)
    };
    let said = check("postgresql://me:hunter2@db/hall").await;
    assert!(said.status.success(), "{said:?}");
    assert!(said.stdout.contains("store: postgresql://me@db:5432/hall?sslmode=prefer, keys in"), "{said:?}");
    assert!(!said.stdout.contains("hunter2"), "{said:?}");
    let said = check("postgresql://me:hunter2@db/hall?ssl=on").await;
    let expected = "HALLPASS_STORE_URL: the variable is no address of a PostgreSQL: the parameter `ssl` is not known; ";
    assert!(said.stdout.starts_with(expected) && !said.stdout.contains("hunter2"), "{said:?}");
    assert_eq!(said.status.code(), Some(1), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_lie_where_the_configuration_says_for_as_long_as_a_server_runs() {
    let place = Place::new(&Files::default());
    let keys = place.0.path().join("shared.keys");
    let elsewhere = format!("[store]\nkeys = {keys:?}\n[identity]");
    Files::default().changed("hallpass.toml", "[identity]", &elsewhere).write(&place.config());
    let process = place.start().await;
    session(&process, 1).await.booked(&renewal("08:30")).await;
    assert_eq!((keys.exists(), place.data().join("keys").exists()), (true, false));

    Files::default().write(&place.config());
    let before = caller(&process, None).get("/readyz").await.ok(200);
    for query in ["", "?dry_run=true"] {
        let reload = format!("/v1/admin/config/reload{query}");
        let refused = caller(&process, Some(CHIEF)).post_nothing(&reload).await.refused(422, "invalid_field");
        let detail = refused.body["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("[store] has changed in `keys`") && detail.contains("restart the server"), "{detail}");
    }
    process.signal("HUP").await;
    process.until_logged("the configuration stays as it was").await;
    assert_eq!(caller(&process, None).get("/readyz").await.ok(200), before);
    process.stop().await;

    verify(&place.data()).await.failed(&["keys is missing"]);
    let mut command = hallpass(["verify"]);
    command.arg("--data").arg(place.data()).arg("--keys").arg(&keys);
    assert!(outcome(command).await.status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_and_newer_data_is_refused_and_left_alone() {
    let place = Place::new(&Files::default());
    fs::create_dir_all(place.data()).unwrap();
    fs::write(place.data().join("photo.jpg"), "x").unwrap();
    outcome(serve(&place.config(), &place.data())).await.failed(&["holds no hallpass ledger"]);
    assert_eq!(fs::read_dir(place.data()).unwrap().count(), 1);
    fs::remove_dir_all(place.data()).unwrap();

    let process = place.start().await;
    session(&process, 1).await.booked(&renewal("08:30")).await;
    process.stop().await;
    let format = fs::read_to_string(place.data().join("FORMAT")).unwrap();
    for (text, words) in
        [("hallpass-ledger 4\n", "format 4"), ("another-ledger 1\n", "cannot read"), ("", "cannot read")]
    {
        fs::write(place.data().join("FORMAT"), text).unwrap();
        outcome(serve(&place.config(), &place.data())).await.failed(&[words]);
        outcome(hallpass(["verify".as_ref(), "--data".as_ref(), place.data().as_os_str()])).await.failed(&[words]);
    }
    fs::write(place.data().join("FORMAT"), format).unwrap();
    let secret = fs::read(place.data().join("keys")).unwrap();
    fs::write(place.data().join("keys"), [7; 32]).unwrap();
    outcome(serve(&place.config(), &place.data())).await.failed(&["personal data", "key file"]);
    fs::write(place.data().join("keys"), &secret[..31]).unwrap();
    outcome(serve(&place.config(), &place.data())).await.failed(&["31 bytes"]);
    fs::write(place.data().join("keys"), [7; 32]).unwrap();
    let said = verify(&place.data()).await;
    assert!(said.status.code() == Some(1) && said.stdout.contains("cannot be opened with these keys"), "{said:?}");
    // Keys that are lost are not made anew beside what was sealed with them.
    fs::remove_file(place.data().join("keys")).unwrap();
    outcome(serve(&place.config(), &place.data())).await.failed(&["keys is missing", "backup"]);
    verify(&place.data()).await.failed(&["keys is missing"]);
    assert!(!place.data().join("keys").exists());
    fs::write(place.data().join("keys"), secret).unwrap();
    place.start().await.stop().await;
    assert_eq!(verify(&place.data()).await.status.code(), Some(0));
}

async fn verify(data: &Path) -> crate::process::Said {
    outcome(hallpass(["verify".as_ref(), "--data".as_ref(), data.as_os_str()])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_recounts_the_ledger() {
    let place = Place::new(&Files::default());
    verify(&place.data()).await.failed(&[place.data().to_str().unwrap()]);
    assert!(!place.data().exists(), "nothing was made");
    let process = place.start().await;
    for number in 0..3 {
        session(&process, number).await.booked(&hold("08:30")).await;
    }
    process.stop().await;
    for _ in 0..2 {
        let said = verify(&place.data()).await;
        assert!(said.status.success() && said.stdout.contains("3 appointments"), "{said:?}");
    }
    // A start brings the rows up to the journal; then one is gone behind the ledger's back.
    place.start().await.stop().await;
    let database = fjall::Database::builder(place.data().join("store")).open().unwrap();
    let rows = database.keyspace("appointments", fjall::KeyspaceCreateOptions::default).unwrap();
    rows.remove(rows.first_key_value().unwrap().key().unwrap()).unwrap();
    database.persist(fjall::PersistMode::SyncAll).unwrap();
    drop((rows, database));
    let said = verify(&place.data()).await;
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    assert!(said.stdout.contains("wrong: ") && said.stdout.contains("damaged"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_private_and_never_logged() {
    let place = Place::new(&Files::without_staff());
    let mut command = serve(&place.config(), &place.data());
    command.args(["--now", NOW]).env("HALLPASS_LOG", "trace");
    let process = Process::start(command).await;
    for file in ["admin.token", "keys"] {
        let mode = fs::metadata(place.data().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let token = place.admin();
    let admin = caller(&process, Some(&token));
    admin.get("/v1/admin/config").await.ok(200);
    admin.post_nothing("/v1/admin/config/reload").await.ok(200);
    let opened = caller(&process, None).post("/v1/session", &person(1)).await.ok(201);
    let guest = opened["token"].as_str().unwrap();
    caller(&process, Some(guest)).booked(&renewal("08:30")).await;
    caller(&process, Some(&format!("{guest}x"))).get("/v1/appointments").await.refused(401, "unauthenticated");
    let said = process.stop().await;
    assert!(
        said.stderr.contains("admin.token") && said.stderr.contains("TRACE") || said.stderr.contains("DEBUG"),
        "{said:?}"
    );
    for secret in [token.as_str(), &token[4..], guest, &guest[4..40]] {
        assert!(!said.stderr.contains(secret), "a token is in the log");
    }
    // The token stays the same.
    let again = place.start().await;
    assert_eq!(place.admin(), token);
    caller(&again, Some(&token)).get("/v1/admin/config").await.ok(200);
    again.stop().await;
}

/// Reads the version in force until it is another one, or the log says why it stays.
async fn version_after(process: &Process, before: &Value) -> Value {
    loop {
        let version = caller(process, None).get("/readyz").await.ok(200)["version"].clone();
        if version != *before {
            return version;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sighup_reads_the_configuration_again() {
    let place = Place::new(&Files::default());
    let process = place.start().await;
    let first = version_after(&process, &Value::Null).await;
    let booked = session(&process, 1).await.booked(&renewal("10:00")).await;
    Files::default()
        .changed("halls/east.toml", "wed = [\"08:30-10:30\"", "wed = [\"08:30-10:00\"")
        .write(&place.config());
    process.signal("HUP").await;
    let second = version_after(&process, &first).await;
    process.until_logged("the configuration is in force").await;
    assert!(process.log().contains("displaced=1"), "{}", process.log());
    let refused = session(&process, 2).await.post("/v1/appointments", &renewal("10:00")).await;
    refused.refused(422, "no_such_band");
    let own = format!("/v1/appointments/{}", booked["id"].as_str().unwrap());
    assert_eq!(session(&process, 1).await.get(&own).await.ok(200), booked);

    Files::default().changed("halls/east.toml", "capacity = 6", "capacity = -6").write(&place.config());
    process.signal("HUP").await;
    process.until_logged("the configuration stays as it was").await;
    assert!(process.log().contains("halls/east.toml:"), "{}", process.log());
    assert_eq!(caller(&process, None).get("/readyz").await.ok(200)["version"], second);
    Files::default().write(&place.config());
    process.signal("HUP").await;
    assert_eq!(version_after(&process, &second).await, first);
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_idle_connections_does_not_keep_it_from_stopping() {
    let place = Place::new(&Files::default());
    let process = place.start().await;
    let mut idle = Vec::new();
    for _ in 0..200 {
        idle.push(TcpStream::connect(process.address).await.unwrap());
    }
    let heard = exchange(process.address, b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert_eq!(heard[0].status, 200);
    process.stop().await;
    drop(idle);
}
