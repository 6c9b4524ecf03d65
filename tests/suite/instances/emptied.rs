//! A database of which a part is gone. What is gone never looks like a beginning: a start refuses it, and the audit names it.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::servers::{on, person_at};
use crate::http::{Door, Files, id, renewal};
use crate::process::{Process, Said, hallpass, outcome, serve};
use crate::world::directory;
use crate::world::postgres::{Cluster, sql, until};

const NOW: &str = "2026-11-24T12:00:00+08:00";
const TABLES: &str = "SELECT count(*) FROM pg_tables WHERE schemaname = 'hallpass'";
const EVERY_TABLE: &str =
    "TRUNCATE hallpass.store, hallpass.slots, hallpass.appointments, hallpass.answers, hallpass.journal,
    hallpass.instances, hallpass.leases, hallpass.schema_steps";

/// One instance as it is installed, and a database that is lost and put back again and again, always at the same address.
struct Place {
    cluster: Cluster,
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { cluster: Cluster::start(), folder: directory() };
        place.cluster.database("hallpass");
        on(&Files::default(), &place.url(), &place.path("keys")).write(&place.path("config"));
        place
    }

    fn url(&self) -> String {
        self.cluster.url("hallpass")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self) -> tokio::process::Command {
        let mut command = serve(&self.path("config"), &self.path("data"));
        command.args(["--now", NOW]);
        command
    }

    async fn start(&self) -> Process {
        Process::start(self.command()).await
    }

    async fn verify(&self) -> Said {
        let mut command = hallpass(["verify"]);
        command.arg("--config").arg(self.path("config")).arg("--data").arg(self.path("data"));
        outcome(command).await
    }

    fn ask(&self, statements: &str) -> String {
        sql(&self.url(), statements)
    }

    /// Books for so many persons, stops, and keeps a copy of the database.
    async fn lived(&self, persons: usize) -> Vec<Value> {
        let process = self.start().await;
        let mut booked = Vec::new();
        for number in 1..=persons {
            let person = person_at(&Door::to(process.address), number).await;
            booked.push(person.booked(&renewal("08:30")).await);
        }
        process.stop().await;
        self.copy("hallpass", "kept");
        booked
    }

    fn put_back(&self) {
        self.until_unused("hallpass");
        sql(&self.cluster.url("postgres"), "DROP DATABASE hallpass");
        self.copy("kept", "hallpass");
    }

    fn copy(&self, from: &str, to: &str) {
        self.until_unused(from);
        sql(&self.cluster.url("postgres"), &format!("CREATE DATABASE {to} TEMPLATE {from}"));
    }

    fn until_unused(&self, name: &str) {
        let sessions = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'");
        until("nobody is connected", || sql(&self.cluster.url("postgres"), &sessions) == "0");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_emptied_is_refused_in_words_and_nothing_is_made_in_it() {
    let place = Place::new();
    let booked = place.lived(1).await.remove(0);
    let nothing = ["has nothing of hallpass", "volume is not mounted", "backup", "DATABASE"];
    for (statement, words) in [
        ("DELETE FROM hallpass.store", &["lost what was remembered", "hallpass.store is empty", "backup"][..]),
        ("DROP SCHEMA hallpass CASCADE", &nothing),
        ("DROP SCHEMA hallpass CASCADE; CREATE SCHEMA hallpass", &nothing),
        ("TRUNCATE hallpass.schema_steps", &["lost what was remembered", "schema_steps is empty", "backup"]),
        ("DROP TABLE hallpass.schema_steps", &["lost what was remembered", "or gone", "backup"]),
        (EVERY_TABLE, &["lost what was remembered", "backup"]),
    ] {
        place.ask(statement);
        let left = place.ask(TABLES);
        for _ in 0..2 {
            outcome(place.command()).await.failed(words);
            place.verify().await.failed(&words[..1]);
        }
        assert_eq!(place.ask(TABLES), left, "{statement}: nothing was made");
        place.put_back();
    }
    let process = place.start().await;
    let own = person_at(&Door::to(process.address), 1).await;
    assert_eq!(own.get(&format!("/v1/appointments/{}", id(&booked))).await.ok(200), booked);
    process.stop().await;
    let verified = place.verify().await;
    assert!(verified.status.success(), "{verified:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn appointments_that_are_gone_are_missed_by_the_places_and_by_the_journal() {
    let place = Place::new();
    place.lived(1).await;
    let missing = "is missing, and the journal has it";
    for (statement, words, found) in [
        (
            "TRUNCATE hallpass.appointments",
            &["hallpass.appointments is empty", "places are taken", "backup"],
            &["1 places are counted, 0 appointments have one", missing][..],
        ),
        (
            "TRUNCATE hallpass.appointments; UPDATE hallpass.slots SET taken = 0",
            &["hallpass.appointments is empty", "its journal has made some", "backup"],
            &[missing],
        ),
        (
            "TRUNCATE hallpass.appointments, hallpass.slots, hallpass.answers",
            &["hallpass.appointments is empty", "its journal has made some", "backup"],
            &[missing],
        ),
    ] {
        place.ask(statement);
        outcome(place.command()).await.failed(words);
        let said = place.verify().await;
        assert_eq!(said.status.code(), Some(1), "{statement}: {said:?}");
        assert!(found.iter().all(|words| said.stdout.contains(words)), "{statement}: {said:?}");
        place.put_back();
    }
    place.start().await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_counts_more_than_it_has_serves_what_it_has_and_says_so() {
    let place = Place::new();
    let booked = place.lived(2).await;
    place.ask(&format!("DELETE FROM hallpass.appointments WHERE id = '{}'", id(&booked[0])));
    let process = place.start().await;
    process.until_logged("the database counts other places than its appointments have").await;
    let own = person_at(&Door::to(process.address), 2).await;
    assert_eq!(own.get(&format!("/v1/appointments/{}", id(&booked[1]))).await.ok(200), booked[1]);
    process.stop().await;
    let said = place.verify().await;
    assert!(said.status.code() == Some(1) && said.stdout.contains("is missing, and the journal has it"), "{said:?}");
    place.put_back();
    let said = place.start().await.stop().await;
    assert!(!said.stderr.contains("the database counts other places"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_means_to_begin_anew_says_so_also_at_another_address() {
    let place = Place::new();
    place.lived(1).await;
    place.ask("DROP SCHEMA hallpass CASCADE");
    outcome(place.command()).await.failed(&["remove the file DATABASE"]);
    fs::remove_file(place.path("data/DATABASE")).unwrap();
    place.start().await.stop().await;
    assert_eq!(place.ask("SELECT count(*) FROM hallpass.appointments"), "0");

    // A standby, another role or a stricter `sslmode` is another address of the same database: none tells it from another.
    let other = place.cluster.database("other");
    on(&Files::default(), &other, &place.path("keys")).write(&place.path("config"));
    outcome(place.command()).await.failed(&["remove the file DATABASE"]);
    fs::remove_file(place.path("data/DATABASE")).unwrap();
    for _ in 0..2 {
        place.start().await.stop().await;
    }
    assert_eq!(sql(&other, "SELECT count(*) FROM hallpass.store"), "1");
}
