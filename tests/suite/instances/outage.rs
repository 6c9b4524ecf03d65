//! The database is away, or out of reach of one instance, or one instance dies in the middle of its work.

use std::sync::Arc;

use serde_json::Value;

use super::crowd::Crowd;
use super::races::rewrite;
use super::servers::{Instance, on, person_at};
use crate::http::{Door, Files, id, renewal};
use crate::process::{self, Process};
use crate::world::plan::Plan;
use crate::world::postgres::{AT_GATE, Cable, Cluster, Gate, sql, until};
use crate::world::shared::{Shared, addresses, join, recount};
use crate::world::{directory, noon};

/// Where the appointment is.
fn path_of(appointment: &Value) -> String {
    format!("/v1/appointments/{}", id(appointment))
}

/// Asks until an answer is as it is wanted. The test's patience bounds it.
pub async fn until_answered(what: &str, mut asked: impl AsyncFnMut() -> bool) {
    let waiting = async { while !asked().await {} };
    tokio::time::timeout(std::time::Duration::from_mins(3), waiting)
        .await
        .unwrap_or_else(|_| panic!("in vain: {what}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_database_memory_answers_and_says_how_old_it_is() {
    let mut cluster = Cluster::start();
    let (url, folder) = (cluster.database("hallpass"), directory());
    let files = on(&Files::default(), &url, &folder.path().join("keys"));
    let (one, other) = (Instance::start(&files).await, Instance::start(&files).await);
    let (caller, stranger) = (one.person(1).await, other.person(2).await);
    let booked = caller.booked(&renewal("08:30")).await;
    let fresh = caller.get(&path_of(&booked)).await;
    assert_eq!(fresh.header("age"), "", "memory is as good as new");
    fresh.ok(200);

    cluster.stop();
    until_answered("memory says how old it is", async || {
        let seen = caller.get(&path_of(&booked)).await;
        let is_old = seen.header("age").parse::<u32>().is_ok_and(|seconds| seconds > 0);
        assert_eq!(seen.ok(200), booked);
        is_old
    })
    .await;
    // Whoever asks without a name hears of it too.
    assert_ne!(one.nobody().get("/v1/halls/east/slots?service=passport.renewal").await.header("age"), "");
    let refused = stranger.post("/v1/appointments", &renewal("09:30")).await.refused(503, "read_only");
    assert_ne!(refused.header("retry-after"), "");
    let cancel = format!("{}/cancel", path_of(&booked));
    caller.post_nothing(&cancel).await.refused(503, "read_only");
    for instance in [&one, &other] {
        let ready = instance.nobody().get("/readyz").await;
        assert_eq!((ready.status, &ready.body["status"]), (503, &"read_only".into()));
    }

    cluster.restart();
    for instance in [&one, &other] {
        until_answered("an instance is ready", async || instance.nobody().get("/readyz").await.status == 200).await;
    }
    assert_eq!(caller.post_nothing(&cancel).await.ok(200)["status"], "cancelled");
    let seen = Instance::start(&files).await.person(1).await.get(&path_of(&booked)).await.ok(200);
    assert_eq!(seen["status"], "cancelled");
    let later = stranger.booked(&renewal("09:30")).await;
    until_answered("memory is as good as new", async || stranger.get(&path_of(&later)).await.header("age").is_empty())
        .await;
    recount(&url).unwrap();
    one.stop().await;
    other.stop().await;
}

/// One of two engines is cut off from the database, by what is done to its cable, and reached again.
async fn cut_off(cut: impl FnOnce(&Cable)) {
    let shared = Shared::start();
    let cable = Cable::to(&shared.cluster);
    let by_cable = addresses(&format!("{}?connect_timeout=1", cable.url("hallpass")));
    let plan = Plan::simple(100_000);
    let direct = shared.join(&plan, noon()).await;
    let worlds = Arc::new(vec![direct, join(&by_cable, &plan, noon()).await.unwrap()]);
    let crowd = Crowd::start(&worlds);
    crowd.until_booked(40);
    cut(&cable);
    until("it is known that nothing can be written", || worlds[1].engine.is_read_only());
    until("memory says how old it is", || worlds[1].engine.age().is_some());
    crowd.until_booked(40);
    assert!(!worlds[0].engine.is_read_only());
    assert_eq!(worlds[0].engine.age(), None);
    cable.mend();
    until("something can be written again", || !worlds[1].engine.is_read_only());
    crowd.until_booked(40);
    let outcome = crowd.end().await;
    assert!(outcome.put_off > 0);
    outcome.judge(&shared.url, &worlds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_cut_off_comes_back_by_itself() {
    cut_off(Cable::cut).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hears_nothing_any_more_comes_back_by_itself() {
    cut_off(Cable::freeze).await;
}

/// How many batches are at work.
pub const AT_WORK: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event IN ('PgSleep', 'advisory') AND query LIKE '%.commit(%'";

#[tokio::test(flavor = "multi_thread")]
async fn one_that_dies_in_the_middle_of_a_batch_holds_nobody_up() {
    let (shared, folder) = (Shared::start(), directory());
    let files = on(&Files::default(), &shared.url, &folder.path().join("keys"));
    let survivor = Instance::start(&files).await;
    let config = folder.path().join("config");
    // The address comes from the environment, as where a secret is mounted.
    on(&Files::default(), "postgresql://nobody@127.0.0.1:1/nowhere", &folder.path().join("keys")).write(&config);
    let mut serve = process::serve(&config, &folder.path().join("data"));
    serve.env("HALLPASS_STORE_URL", &shared.url).env("HALLPASS_NOW", noon().to_rfc3339());
    let victim = Process::start(serve).await;
    let door = Door::to(victim.address);
    until_answered("it serves", async || person_is_served(&door).await).await;
    let (first, second) = (person_at(&door, 1).await, person_at(&door, 2).await);
    let acknowledged = first.booked(&renewal("08:30")).await;

    rewrite(&shared.url, &[("-- Last of all", &format!("{AT_GATE}-- Last of all"))]);
    let gate = Gate::shut(&shared.url);
    let dying = tokio::spawn(async move {
        // What it hears when its server dies does not matter.
        let request = second.request(reqwest::Method::POST, "/v1/appointments").json(&renewal("09:00"));
        request.send().await.map(|answer| answer.status())
    });
    until("the batch is at work", || sql(&shared.url, AT_WORK) == "1");
    victim.signal("KILL").await;
    dying.await.unwrap().unwrap_err();
    victim.end().await;
    drop(gate);

    survivor.person(3).await.booked(&renewal("09:00")).await;
    assert_eq!(survivor.person(1).await.get(&path_of(&acknowledged)).await.ok(200), acknowledged);
    let again = survivor.person(2).await.post("/v1/appointments", &renewal("09:30")).await;
    assert!(again.status == 201 || again.code() == "already_booked", "{}", again.text);
    let counted = "SELECT count(*), count(DISTINCT applicant) FROM hallpass.appointments";
    assert_eq!(sql(&shared.url, counted), "3|3");
    recount(&shared.url).unwrap();
}

async fn person_is_served(door: &Door) -> bool {
    crate::http::Caller::new(door.clone(), None).get("/readyz").await.status == 200
}
