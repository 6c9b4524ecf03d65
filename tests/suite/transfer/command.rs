//! `hallpass export` and `hallpass import`, as an operator uses them.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::http::{Caller, DESK, Door, Files, booking, id, merged, renewal};
use crate::identities::person;
use crate::process::{Process, Said, hallpass, outcome, serve};
use crate::transfer::*;

/// What nobody may read: every value stands in one field only.
const SECRETS: [&str; 6] = ["19904400001", "19904400002", "19904400003", "周虚友", "郑虚收", "无有路77号"];

/// Two data directories, and a file between them.
pub struct Move(tempfile::TempDir);

impl Move {
    pub fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        Files::default().write(&place.path("config"));
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub async fn start(&self, data: &str) -> Process {
        self.start_with("config", data).await
    }

    pub async fn start_with(&self, config: &str, data: &str) -> Process {
        let mut command = serve(&self.path(config), &self.path(data));
        command.args(["--now", "2026-11-24T12:00:00+08:00"]);
        Process::start(command).await
    }

    pub async fn run(&self, command: &str, data: &str, args: &[&str]) -> Said {
        let mut run = hallpass([command]);
        run.arg("--data").arg(self.path(data)).args(args).current_dir(self.0.path());
        outcome(run).await
    }

    pub async fn export(&self, args: &[&str]) -> Said {
        let said = self.run("export", "old", args).await;
        assert!(said.status.success() && said.stderr.contains("exported: "), "{said:?}");
        said
    }

    async fn import(&self, file: &str) -> Said {
        self.run("import", "new", &["--input", file]).await
    }

    fn bring_keys(&self) {
        self.bring_keys_to("new");
    }

    pub fn bring_keys_to(&self, data: &str) {
        fs::create_dir_all(self.path(data)).unwrap();
        fs::copy(self.path("old/keys"), self.path(data).join("keys")).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
}

pub async fn session(process: &Process, number: usize) -> Caller {
    let door = Door::to(process.address);
    let opened = Caller::new(door.clone(), None).post("/v1/session", &person(number)).await.ok(201);
    Caller::new(door, opened["token"].as_str().map(str::to_owned))
}

fn secret_form() -> Value {
    json!({
        "emergency_contact": { "name": "周虚友", "phone": "19904400001" },
        "collection": { "method": "post", "address":
            { "name": "郑虚收", "phone": "19904400002", "region": "330106", "street": "无有路77号" } },
    })
}

/// An answer without what names the request that it answers, which a refusal has.
fn without_instance(mut answer: Value) -> Value {
    answer.as_object_mut().unwrap().remove("instance");
    answer
}

/// What a person may see, and what a repeat gets.
pub async fn seen(process: &Process, repeats: &[(usize, Value, Value)]) -> Vec<Value> {
    let mut seen = Vec::new();
    for number in 1..=5 {
        seen.push(session(process, number).await.get("/v1/appointments").await.ok(200));
    }
    for (number, body, answer) in repeats {
        let again = session(process, *number).await.post_keyed("/v1/appointments", body, "once").await;
        assert_eq!(without_instance(again.body), without_instance(answer.clone()), "a repeat gets the first answer");
    }
    let desk = Caller::new(Door::to(process.address), Some(DESK.to_owned()));
    seen.push(desk.get("/v1/admin/halls/east/days/2026-11-25").await.ok(200));
    seen
}

/// Lives on the old server, and what was seen at their end.
pub async fn lived(place: &Move) -> (Vec<(usize, Value, Value)>, Vec<Value>) {
    let process = place.start("old").await;
    let mut repeats = Vec::new();
    let secret = merged(&renewal("08:30"), &secret_form());
    let applicant =
        json!({ "applicants": [{ "name": "样本", "id_number": person(1)["id_number"], "phone": "19904400003" }] });
    for (number, body) in [(1, merged(&secret, &applicant)), (2, renewal("09:00")), (3, renewal("09:00"))] {
        let answer = session(&process, number).await.post_keyed("/v1/appointments", &body, "once").await.ok(201);
        repeats.push((number, body, answer));
    }
    let full = session(&process, 4).await.post_keyed("/v1/appointments", &renewal("09:00"), "once").await;
    repeats.push((4, renewal("09:00"), full.refused(409, "slot_full").body));
    let hold =
        json!({ "hold": true, "hall": "east", "service": "permit.renewal", "date": "2026-11-26", "start": "10:00" });
    let maker = session(&process, 5).await;
    let held = maker.booked(&hold).await;
    let confirmation = json!({
        "residence": "330106", "emergency_contact": { "name": "虚友", "phone": "19901999999" },
        "collection": { "method": "counter" },
    });
    maker.post(&format!("/v1/appointments/{}/confirm", id(&held)), &confirmation).await.ok(200);
    let other = maker.booked(&booking("east", "2026-11-25", "10:00", "passport.renewal")).await;
    maker.post_nothing(&format!("/v1/appointments/{}/cancel", id(&other))).await.ok(200);
    let seen = seen(&process, &repeats).await;
    process.stop().await;
    (repeats, seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_the_new_store_answers_as_the_old_one() {
    let place = Move::new();
    let (repeats, before) = lived(&place).await;
    place.export(&["--output", "lines"]).await;
    assert_eq!(fs::metadata(place.path("lines")).unwrap().permissions().mode() & 0o777, 0o600);

    let said = place.import("lines").await;
    said.failed(&["new/keys is missing", "copy the file `keys`"]);
    assert!(!place.path("new").exists(), "nothing was made");
    place.bring_keys();
    let said = place.import("lines").await;
    assert!(said.status.success(), "{said:?}");
    let counted: Vec<&str> = said.stdout.lines().collect();
    let (file, store) = (counted[0].strip_prefix("the file has "), counted[1].strip_prefix("the store has "));
    assert!(file.is_some() && file == store && file.unwrap().starts_with("5 appointments, 4 answers, "), "{said:?}");
    for step in ["judging the file: ", "importing: ", "counting the store: "] {
        assert!(said.stderr.contains(step), "{said:?}");
    }
    assert_eq!(place.read("new/FORMAT"), "hallpass-ledger 3\n");

    let verified = place.run("verify", "new", &[]).await;
    assert!(verified.status.success() && verified.stdout.contains("5 appointments (4 active)"), "{verified:?}");
    let process = place.start("new").await;
    assert_eq!(seen(&process, &repeats).await, before);
    session(&process, 6).await.booked(&renewal("09:30")).await;
    process.stop().await;
    let verified = place.run("verify", "new", &[]).await;
    assert!(verified.status.success(), "{verified:?}");

    // What has gone on by itself is not what the file has.
    let said = place.import("lines").await;
    said.failed(&["is in the store and not in the file"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_has_nothing_personal_in_clear_unless_told_to() {
    let place = Move::new();
    lived(&place).await;
    let sealed = place.export(&[]).await.stdout;
    let revealed = place.export(&["--reveal"]).await.stdout;
    let numbers: Vec<String> =
        [1, 2, 3, 5].iter().map(|number| person(*number)["id_number"].as_str().unwrap().to_owned()).collect();
    for secret in SECRETS.iter().copied().chain(numbers.iter().map(String::as_str)) {
        assert!(!sealed.contains(secret), "{secret}");
        assert!(revealed.contains(secret), "the search works: {secret}");
    }
    assert!(!sealed.contains("\"person\":{\"name\"") && revealed.contains("\"person\":{\"name\":\"样本\""));
    assert!(sealed.lines().next().unwrap().contains("\"revealed\":false"));
    assert!(revealed.lines().next().unwrap().contains("\"revealed\":true"));

    // A file with persons is taken all the same, and nothing of them.
    place.bring_keys();
    fs::write(place.path("lines"), &revealed).unwrap();
    let said = place.import("lines").await;
    assert!(said.status.success(), "{said:?}");
    let without_head = |text: &str| text.split_once('\n').unwrap().1.to_owned();
    let again = place.run("export", "new", &[]).await.stdout;
    let lines_of = |text: &str| without_head(text).lines().filter(|line| !line.starts_with("{\"end\"")).count();
    assert_eq!(lines_of(&again), lines_of(&sealed));
    assert!(!SECRETS.iter().any(|secret| again.contains(secret)));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_keys_a_running_server_and_wrong_files_are_refused() {
    let place = Move::new();
    let running = place.start("old").await;
    place.run("export", "old", &[]).await.failed(&["another process"]);
    running.stop().await;
    place.run("export", "nothing", &[]).await.failed(&["nothing"]);
    assert!(!place.path("nothing").exists());
    place.export(&["--output", "lines"]).await;

    fs::create_dir(place.path("new")).unwrap();
    fs::write(place.path("new/keys"), [8; 32]).unwrap();
    place.import("lines").await.failed(&["other keys", "new/keys", "new data directory"]);
    place.bring_keys();
    place.import("missing").await.failed(&["missing cannot be read"]);
    place.import("config/hallpass.toml").await.failed(&["no hallpass export"]);
    let lines = place.read("lines");
    fs::write(place.path("cut"), &lines[..lines.len() - 5]).unwrap();
    place.import("cut").await.failed(&["cut off behind line 1", "--resume"]);
    assert!(place.import("lines").await.status.success());
    let running = place.start("new").await;
    place.import("lines").await.failed(&["another process"]);
    running.stop().await;

    let wrong = place.run("export", "old", &["--resume"]).await;
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
    let wrong = place.run("export", "old", &["--after", "1"]).await;
    assert!(wrong.status.code() == Some(2) && wrong.stderr.contains("the id of an appointment"), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_resumed_and_can_begin_behind_an_id() {
    let place = Move::new();
    lived(&place).await;
    place.export(&["--output", "lines"]).await;
    let whole = place.read("lines");
    fs::write(place.path("lines.partial"), &whole[..whole.len() / 2]).unwrap();
    fs::remove_file(place.path("lines")).unwrap();
    place.export(&["--output", "lines", "--resume"]).await;
    assert_eq!(place.read("lines"), whole, "also the instant at which the first attempt began");
    assert!(!place.path("lines.partial").exists());

    let third = whole.lines().nth(2).unwrap();
    let third: Value = serde_json::from_str(third).unwrap();
    let part = place.export(&["--after", third["appointment"]["id"].as_str().unwrap()]).await.stdout;
    assert_eq!(part.lines().count(), 2 + 3);
    assert_eq!(part.lines().nth(1), whole.lines().nth(3));
}
