//! Another configuration comes into force through one of several servers.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::outage::until_answered;
use super::servers::{Instance, on};
use crate::http::{Files, id, renewal};
use crate::world::postgres::{Cluster, sql};
use crate::world::shared::recount;
use crate::world::{directory, noon};

/// Two servers on one database, with the same files.
struct Two {
    cluster: Cluster,
    url: String,
    files: Files,
    one: Instance,
    other: Instance,
    _keys: tempfile::TempDir,
}

impl Two {
    async fn start() -> Self {
        let (cluster, keys) = (Cluster::start(), directory());
        let url = cluster.database("hallpass");
        let files = on(&Files::default(), &url, &keys.path().join("keys"));
        let (one, other) = (Instance::start(&files).await, Instance::start(&files).await);
        Self { cluster, url, files, one, other, _keys: keys }
    }

    /// The same files with so many places at the counter in the east.
    fn with_capacity(&self, capacity: u32) -> Files {
        self.files.clone().changed("halls/east.toml", "capacity = 6", &format!("capacity = {capacity}"))
    }

    /// Persons book the first band, each a second later and through the next server.
    async fn book(&self, persons: std::ops::Range<usize>) -> Vec<Value> {
        let mut booked = Vec::new();
        for person in persons {
            let through = if person % 2 == 0 { &self.one } else { &self.other };
            through.clock.set(noon() + TimeDelta::seconds(i64::try_from(person).unwrap()));
            booked.push(through.person(person).await.booked(&renewal("08:30")).await);
        }
        booked
    }

    fn capacity(&self) -> String {
        let slot =
            "SELECT capacity, taken FROM hallpass.slots WHERE hall = 'east' AND lane = 'counter' AND starts = 510";
        sql(&self.url, slot)
    }
}

async fn reload(instance: &Instance) -> Value {
    instance.chief().post_nothing("/v1/admin/config/reload").await.ok(200)
}

async fn version(instance: &Instance) -> Value {
    instance.chief().get("/v1/admin/config").await.ok(200)["version"].clone()
}

/// What a server says of its readiness, and what its metrics say of its configuration.
async fn readiness(instance: &Instance) -> (u16, Value, &'static str) {
    let ready = instance.nobody().get("/readyz").await;
    let metrics = instance.nobody().get("/metrics").await.text;
    let differs = ["hallpass_config_differs 0", "hallpass_config_differs 1"];
    let differs = differs.into_iter().find(|line| metrics.lines().any(|other| other == *line)).unwrap();
    (ready.status, ready.body["status"].clone(), differs)
}

/// The ids of those that a reload displaces.
fn displaced(report: &Value) -> Vec<&str> {
    report["displaced"].as_array().unwrap().iter().map(id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_puts_in_force_the_other_follows() {
    let two = Two::start().await;
    let booked = two.book(0..5).await;
    let narrow = two.with_capacity(3);
    two.one.write(&narrow);
    two.other.write(&narrow);
    let report = reload(&two.one).await;
    let mut latest = [id(&booked[3]), id(&booked[4])];
    latest.sort_unstable();
    assert_eq!(displaced(&report), latest, "one of them was booked through the other server");
    assert_eq!(two.capacity(), "3|5");
    until_answered("the other follows", async || version(&two.other).await == report["version"]).await;
    for (person, instance) in [&two.one, &two.other].into_iter().enumerate() {
        assert_eq!(readiness(instance).await, (200, json!("ready"), "hallpass_config_differs 0"));
        instance.person(10 + person).await.post("/v1/appointments", &renewal("08:30")).await.refused(409, "slot_full");
    }
    // Places that are given back beyond the capacity are for nobody.
    let cancel = async |person: usize| {
        let path = format!("/v1/appointments/{}/cancel", id(&booked[person]));
        two.other.person(person).await.post_nothing(&path).await.ok(200);
    };
    cancel(0).await;
    cancel(3).await;
    assert_eq!(two.capacity(), "3|3");
    two.one.person(12).await.post("/v1/appointments", &renewal("08:30")).await.refused(409, "slot_full");
    cancel(1).await;
    two.one.person(12).await.booked(&renewal("08:30")).await;
    recount(&two.url).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_with_other_files_says_so_and_oversells_nothing() {
    let two = Two::start().await;
    two.book(0..2).await;
    let narrow = two.with_capacity(3);
    two.one.write(&narrow);
    let report = reload(&two.one).await;
    assert_eq!(displaced(&report), [""; 0]);
    let differs = (503, json!("other_configuration"), "hallpass_config_differs 1");
    until_answered("the other says that it differs", async || readiness(&two.other).await == differs).await;
    let ready = two.other.nobody().get("/readyz").await.body;
    assert_eq!((&ready["in_force"], &ready["version"]), (&report["version"], &report["previous"]));
    // By its own files there are six places, and by those in force three.
    two.other.person(2).await.booked(&renewal("08:30")).await;
    for person in 3..6 {
        two.other.person(person).await.post("/v1/appointments", &renewal("08:30")).await.refused(409, "slot_full");
    }
    assert_eq!(two.capacity(), "3|3");
    // How many places a slot has that nobody has counted in yet, it does not know.
    two.other.person(6).await.post("/v1/appointments", &renewal("10:00")).await.refused(503, "overloaded");
    two.one.person(6).await.booked(&renewal("10:00")).await;
    two.other.person(7).await.booked(&renewal("10:00")).await;

    two.other.write(&narrow);
    let same = (200, json!("ready"), "hallpass_config_differs 0");
    until_answered("the other has taken the files", async || readiness(&two.other).await == same).await;
    two.other.person(8).await.booked(&renewal("09:30")).await;
    recount(&two.url).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_that_cannot_be_recorded_changes_nothing() {
    let mut two = Two::start().await;
    let before = version(&two.one).await;
    two.one.write(&two.with_capacity(3));
    two.cluster.stop();
    two.one.chief().post_nothing("/v1/admin/config/reload").await.refused(503, "read_only");
    two.cluster.restart();
    let ready = (200, json!("ready"), "hallpass_config_differs 0");
    for instance in [&two.one, &two.other] {
        until_answered("a server is ready", async || readiness(instance).await == ready).await;
        assert_eq!(version(instance).await, before);
    }
    two.book(0..6).await;
    two.one.write(&two.with_capacity(7));
    two.other.write(&two.with_capacity(7));
    let report = reload(&two.one).await;
    assert_eq!(report["previous"], before);
    assert_eq!(two.capacity(), "7|6");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_one_puts_its_files_in_force_when_it_starts_again() {
    let two = Two::start().await;
    let narrow = two.with_capacity(3);
    two.one.stop().await;
    // While there is another, it is asked first.
    let one = Instance::start(&narrow).await;
    let differs = (503, json!("other_configuration"), "hallpass_config_differs 1");
    assert_eq!(readiness(&one).await, differs);
    two.other.stop().await;
    one.stop().await;
    let one = Instance::start(&narrow).await;
    assert_eq!(readiness(&one).await, (200, json!("ready"), "hallpass_config_differs 0"));
    for person in 0..3 {
        one.person(person).await.booked(&renewal("08:30")).await;
    }
    one.person(3).await.post("/v1/appointments", &renewal("08:30")).await.refused(409, "slot_full");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_put_in_force_at_the_start_is_put_in_force_later() {
    let Two { cluster: _cluster, url, files, one, other, _keys } = Two::start().await;
    let in_force = || sql(&url, "SELECT configuration FROM hallpass.store");
    let before = in_force();
    one.stop().await;
    other.stop().await;
    sql(&url, "ALTER FUNCTION hallpass.adopt RENAME TO adopt_later");
    let one = Instance::start(&files.changed("halls/east.toml", "capacity = 6", "capacity = 3")).await;
    let differs = (503, json!("other_configuration"), "hallpass_config_differs 1");
    until_answered("it serves with other files than are in force", async || readiness(&one).await == differs).await;
    assert_eq!(in_force(), before);

    sql(&url, "ALTER FUNCTION hallpass.adopt_later RENAME TO adopt");
    let same = (200, json!("ready"), "hallpass_config_differs 0");
    until_answered("its files are in force", async || readiness(&one).await == same).await;
    assert_eq!(json!(in_force()), version(&one).await);
    assert_ne!(in_force(), before);
    for person in 0..3 {
        one.person(person).await.booked(&renewal("08:30")).await;
    }
    one.person(3).await.post("/v1/appointments", &renewal("08:30")).await.refused(409, "slot_full");
}
