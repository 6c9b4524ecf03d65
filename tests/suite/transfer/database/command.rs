//! The commands on a store that a configuration names, as an operator uses them.

use super::*;
use crate::http::{Files, renewal};
use crate::process::{Process, Said};
use crate::transfer::command::{Move, lived, seen, session};

/// A place in which the configuration `shared` has its store in a database.
struct Shared {
    place: Move,
    _cluster: Cluster,
}

impl Shared {
    fn start() -> Self {
        let (place, cluster) = (Move::new(), Cluster::start());
        let url = cluster.database("hallpass");
        let store = format!("[store]\nkind = \"postgres\"\nurl = \"{url}\"\n\n[policy]");
        Files::default().changed("hallpass.toml", "[policy]", &store).write(&place.path("shared"));
        Self { place, _cluster: cluster }
    }

    /// Runs a command on the database, with the keys of a data directory.
    async fn run(&self, command: &str, data: &str, args: &[&str]) -> Said {
        self.place.run(command, data, &[&["--config", "shared"], args].concat()).await
    }

    async fn serve(&self, data: &str) -> Process {
        self.place.start_with("shared", data).await
    }
}

#[track_caller]
fn succeeded(said: &Said) {
    assert!(said.status.success(), "{said:?}");
}

/// Wants the file and the store to have the same, and gives what that is.
#[track_caller]
fn counted(said: &Said) -> String {
    succeeded(said);
    let counted: Vec<&str> = said.stdout.lines().collect();
    let [file, store] = counted[..] else { panic!("{said:?}") };
    assert_eq!(file.strip_prefix("the file has "), store.strip_prefix("the store has "), "{said:?}");
    file.strip_prefix("the file has ").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_moves_to_a_database_and_back() {
    let shared = Shared::start();
    let place = &shared.place;
    let (repeats, before) = lived(place).await;
    place.export(&["--output", "lines"]).await;
    place.bring_keys_to("node");
    // Without the configuration it would be the embedded store of the data directory.
    let first = counted(&shared.run("import", "node", &["--input", "lines"]).await);
    assert!(first.starts_with("5 appointments, 4 answers, "), "{first}");
    assert!(!place.path("node/FORMAT").exists(), "nothing was made in the data directory");
    let verified = shared.run("verify", "node", &[]).await;
    assert!(verified.status.success() && verified.stdout.contains("5 appointments (4 active)"), "{verified:?}");

    let process = shared.serve("node").await;
    assert_eq!(seen(&process, &repeats).await, before);
    session(&process, 6).await.booked(&renewal("09:30")).await;
    // It need not be stopped for whoever only reads.
    succeeded(&shared.run("verify", "node", &[]).await);
    succeeded(&shared.run("export", "node", &["--output", "running"]).await);
    shared.run("import", "node", &["--input", "lines"]).await.failed(&["1 instances serve from the database"]);
    process.stop().await;

    succeeded(&shared.run("export", "node", &["--output", "running", "--resume"]).await);
    place.bring_keys_to("back");
    let second = counted(&place.run("import", "back", &["--input", "running"]).await);
    assert!(second.starts_with("6 appointments, 4 answers, "), "{second}");
    succeeded(&place.run("verify", "back", &[]).await);
    let process = place.start("back").await;
    let [mut then, now] = [before, seen(&process, &repeats).await];
    // The day at the desk has one more.
    assert_eq!(now[..5], then[..5]);
    assert_ne!(now.last(), then.pop().as_ref());
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_are_those_that_the_configuration_names() {
    let shared = Shared::start();
    let place = &shared.place;
    lived(place).await;
    place.export(&["--output", "lines"]).await;
    shared.run("import", "node", &["--input", "lines"]).await.failed(&["node/keys is missing", "copy the file `keys`"]);
    shared.run("export", "old", &[]).await.failed(&["has nothing of hallpass"]);
    shared.run("verify", "node", &[]).await.failed(&["keys is missing"]);
    let elsewhere = place.path("elsewhere");
    fs::write(&elsewhere, [8; 32]).unwrap();
    let hallpass = place.path("shared/hallpass.toml");
    let text = fs::read_to_string(&hallpass).unwrap();
    let with_keys = text.replace("[store]\n", &format!("[store]\nkeys = {elsewhere:?}\n"));
    fs::write(&hallpass, &with_keys).unwrap();
    shared.run("import", "old", &["--input", "lines"]).await.failed(&["other keys", "elsewhere", "empty database"]);
    fs::copy(place.path("old/keys"), &elsewhere).unwrap();
    counted(&shared.run("import", "nothing", &["--input", "lines"]).await);
    succeeded(&shared.run("verify", "nothing", &[]).await);
    fs::write(place.path("other"), [8; 32]).unwrap();
    shared.run("verify", "nothing", &["--keys", "other"]).await.failed(&["begun with other keys"]);
    // An embedded store has them too, where it is the one that the configuration names.
    let store =
        with_keys.split_once("kind = ").unwrap().1.lines().take(2).fold(String::new(), |all, line| all + line + "\n");
    let embedded = with_keys.replace(&format!("kind = {store}"), "");
    fs::write(&hallpass, embedded).unwrap();
    fs::rename(place.path("old/keys"), place.path("away")).unwrap();
    succeeded(&shared.run("export", "old", &[]).await);
    succeeded(&shared.run("verify", "old", &[]).await);
    fs::write(&hallpass, "[store]\nkind = 7\n").unwrap();
    shared.run("export", "old", &[]).await.failed(&["the configuration is wrong"]);
}
