//! A primary dies, and its synchronous standby takes its place.

use std::sync::Arc;

use hallpass::engine::Refusal;

use super::crowd::{Crowd, booked_at_last};
use super::servers::on;
use crate::http::Files;
use crate::process::{self, Process};
use crate::world::plan::Plan;
use crate::world::postgres::{Cluster, Session, sql, until, url_of_writer};
use crate::world::shared::{addresses, join};
use crate::world::{At, World, directory, first, noon};

/// A primary with a standby that has every commit before it is acknowledged, and engines that find the one that writes.
struct Pair {
    primary: Cluster,
    standby: Cluster,
    worlds: Arc<Vec<World>>,
}

impl Pair {
    async fn start(instances: usize) -> Self {
        let primary = Cluster::start();
        primary.database("hallpass");
        let standby = primary.standby(true);
        let addresses = addresses(&url_of_writer(&[primary.port(), standby.port()], "hallpass"));
        let mut worlds = Vec::new();
        for _ in 0..instances {
            worlds.push(join(&addresses, &Plan::simple(100_000), noon()).await.unwrap());
        }
        Self { primary, standby, worlds: Arc::new(worlds) }
    }

    /// The database of the primary.
    fn url(&self) -> String {
        self.primary.url("hallpass")
    }

    /// The database of the standby.
    fn other_url(&self) -> String {
        self.standby.url("hallpass")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_takes_over_at_once_has_everything() {
    let mut pair = Pair::start(2).await;
    let crowd = Crowd::start(&pair.worlds);
    crowd.until_booked(60);
    pair.primary.kill();
    pair.standby.promote();
    crowd.until_booked(60);
    crowd.end().await.judge(&pair.other_url(), &pair.worlds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_takes_over_late_has_everything() {
    let mut pair = Pair::start(2).await;
    let crowd = Crowd::start(&pair.worlds);
    crowd.until_booked(60);
    pair.primary.kill();
    for world in pair.worlds.iter() {
        until("it is known that nothing can be written", || world.engine.is_read_only());
    }
    pair.standby.promote();
    crowd.until_booked(60);
    let outcome = crowd.end().await;
    assert!(outcome.put_off > 0);
    outcome.judge(&pair.other_url(), &pair.worlds).await;
}

/// How many batches wait for the standby.
const WAITING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE 'SELECT hallpass.commit%'";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_standby_does_not_have_is_not_acknowledged_after_a_restart_either() {
    let mut pair = Pair::start(1).await;
    let (worlds, url) = (Arc::clone(&pair.worlds), pair.url());
    let kept = pair.worlds[0].booked(1, At::passport(1, 0)).await;
    pair.standby.kill();
    let booking = tokio::spawn(async move { worlds[0].book(2, At::passport(1, 1)).await });
    until("a batch waits for the standby", || sql(&url, WAITING) == "1");
    // The primary keeps what it has written, whoever waits for it; when it is asked again, the batch is there.
    pair.primary.restart();
    let visible = "SELECT count(*) FROM hallpass.appointments";
    assert_eq!(sql(&url, visible), "2");
    until("the batch is sent again", || booking.is_finished() || sql(&url, WAITING) == "1");
    assert!(!booking.is_finished(), "a booking is acknowledged that dies with the primary: {:?}", booking.await);
    pair.primary.kill();
    pair.standby.restart();
    pair.standby.promote();
    let outcome = booking.await.unwrap();
    assert!(matches!(outcome, Ok(_) | Err(Refusal::ReadOnly)), "{outcome:?}");
    let there = booked_at_last(&pair.worlds[0], 3, At::passport(1, 2)).await;
    let other = pair.other_url();
    let ids = sql(&other, "SELECT id FROM hallpass.appointments");
    let mut acknowledged = vec![kept, first(there)];
    acknowledged.extend(outcome.ok().map(first));
    assert!(acknowledged.iter().all(|one| ids.contains(&one.id.to_string())), "{ids}");
}

/// Ends some transactions that change nothing and have numbers all the same, of which a standby hears nothing: as those
/// do that were overtaken by others.
const NUMBERS_IN_VAIN: &str = "
    DO $$ BEGIN FOR n IN 1..40 LOOP PERFORM pg_current_xact_id(); ROLLBACK; END LOOP; END $$";

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_transactions_that_the_standby_never_heard_of_hide_nothing() {
    let mut pair = Pair::start(2).await;
    pair.primary.set("wal_writer_delay", "10s");
    let (one, other) = (&pair.worlds[0], &pair.worlds[1]);
    one.booked(1, At::passport(1, 0)).await;
    // Nothing else is written, so that nothing takes the word of those transactions to the standby.
    let mut session = Session::open(&pair.url());
    session.send("BEGIN; SELECT part FROM hallpass.instances FOR UPDATE");
    assert!(session.answer().is_some());
    let held_up = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%arrive%'";
    until("no instance writes that it is there", || sql(&pair.url(), held_up) == "2");
    sql(&pair.url(), NUMBERS_IN_VAIN);
    assert!(other.engine.refresh().await);
    pair.primary.kill();
    pair.standby.promote();
    for person in 2..8 {
        let booked = first(booked_at_last(one, person, At::passport(1, 1)).await);
        until("the other hears again", || other.engine.age().is_none());
        assert!(other.engine.refresh().await);
        assert_eq!(other.engine.appointment(booked.id), Some(booked));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_only_follows_for_a_while_is_waited_for() {
    let cluster = Cluster::start();
    let url = cluster.database("hallpass");
    // As behind a pool or a proxy, that leads to whatever server it is told.
    let world = join(&addresses(&format!("{url}?target_session_attrs=any")), &Plan::simple(4), noon()).await.unwrap();
    let follows = "ALTER DATABASE hallpass SET default_transaction_read_only = on;
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hallpass'";
    sql(&url, follows);
    let (engine, call) = (world.engine.clone(), world.call(1));
    let booking = tokio::spawn(async move { engine.book(call, At::passport(1, 0).wish(&[1])).await });
    until("it is refused there", || cluster.log().contains("function hallpass.commit"));
    sql(&cluster.url("postgres"), "ALTER DATABASE hallpass RESET default_transaction_read_only");
    assert!(booking.await.unwrap().is_ok());
    assert_eq!(world.audit(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_knows_more_than_a_standby_that_took_over_says_so() {
    let mut primary = Cluster::start();
    primary.database("hallpass");
    let mut standby = primary.standby(false);
    let addresses = addresses(&url_of_writer(&[primary.port(), standby.port()], "hallpass"));
    let world = join(&addresses, &Plan::simple(4), noon()).await.unwrap();
    standby.kill();
    let lost = world.booked(1, At::passport(1, 0)).await;
    // So many that the new primary does not come as far soon.
    sql(&primary.url("hallpass"), NUMBERS_IN_VAIN);
    world.booked(2, At::passport(1, 0)).await;
    assert!(world.engine.refresh().await);
    primary.kill();
    standby.restart();
    standby.promote();
    booked_at_last(&world, 3, At::passport(1, 0)).await;
    until("it is known that something is lost", || world.engine.age().is_some());
    sql(&standby.url("hallpass"), NUMBERS_IN_VAIN);
    sql(&standby.url("hallpass"), NUMBERS_IN_VAIN);
    assert!(!world.engine.refresh().await, "memory is not what the database holds");
    let started_again = join(&addresses, &Plan::simple(4), noon()).await.unwrap();
    assert_eq!((started_again.engine.appointment(lost.id), started_again.audit()), (None, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_is_told_where_a_standby_may_lack_something() {
    let (cluster, folder) = (Cluster::start(), directory());
    cluster.database("hallpass");
    let url = url_of_writer(&[cluster.port(), cluster.port()], "hallpass");
    let config = folder.path().join("config");
    on(&Files::default(), &url, &folder.path().join("keys")).write(&config);
    let server = Process::start(process::serve(&config, &folder.path().join("data"))).await;
    server.until_logged("the standby is asynchronous").await;
    server.stop().await;
}
