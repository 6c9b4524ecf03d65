//! The database has no connection, no time or no room left.

use std::fs;
use std::ops::Range;

use hallpass::engine::{Answer, Refusal};
use hallpass::ledger::postgres::Addresses;

use super::crowd::booked_at_last;
use super::races::rewrite;
use super::servers::on;
use crate::http::Files;
use crate::process;
use crate::races::race;
use crate::small_disk::SmallDisk;
use crate::world::plan::Plan;
use crate::world::postgres::{AT_GATE, Cluster, Gate, Session, give_to_server_user, sql, try_sql, until};
use crate::world::shared::{Shared, addresses, join, recount};
use crate::world::{At, World, directory, first, noon};

const MAX_CONNECTIONS: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_a_free_connection_says_so() {
    let max = format!("max_connections={MAX_CONNECTIONS}");
    let cluster = Cluster::with(&[&max, "superuser_reserved_connections=0"]);
    let (url, folder) = (cluster.database("hallpass"), directory());
    let config = folder.path().join("config");
    on(&Files::default(), &url, &folder.path().join("keys")).write(&config);
    let others: Vec<_> = (0..MAX_CONNECTIONS).map(|_| Session::open(&url)).collect();
    let said = process::outcome(process::serve(&config, &folder.path().join("data"))).await;
    said.failed(&["reach the database", "too many clients already"]);
    drop(others);
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'hallpass'";
    until("the connections are free", || try_sql(&url, tables).is_ok());
    assert_eq!(sql(&url, tables), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_free_connection_an_instance_reads_and_waits() {
    let shared = Shared::start();
    sql(&shared.url, "CREATE ROLE limited LOGIN SUPERUSER");
    let by_role = addresses(&shared.url.replace("postgres@", "limited@"));
    let world = join(&by_role, &Plan::simple(4), noon()).await.unwrap();
    let booked = world.booked(1, At::passport(1, 0)).await;
    // The limit of a role is not for superusers.
    let cut = "ALTER ROLE limited NOSUPERUSER CONNECTION LIMIT 0;
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'limited'";
    sql(&shared.url, cut);
    until("memory says how old it is", || world.engine.age().is_some());
    assert_eq!(world.book(2, At::passport(1, 0)).await, Err(Refusal::ReadOnly));
    assert_eq!((world.now_of(booked.id), world.taken(At::passport(1, 0))), (booked, 1));
    sql(&shared.url, "ALTER ROLE limited SUPERUSER CONNECTION LIMIT -1");
    booked_at_last(&world, 2, At::passport(1, 0)).await;
    until("memory is as good as new", || world.engine.age().is_none());
    assert_eq!(world.audit(), 2);
    recount(&shared.url).unwrap();
}

const SESSIONS: &str = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'limited'";

/// An engine that may have so many sessions, and one more to listen.
async fn limited_to(shared: &Shared, sessions: usize) -> World {
    sql(
        &shared.url,
        &format!("CREATE ROLE limited LOGIN CONNECTION LIMIT {sessions}; ALTER DATABASE hallpass OWNER TO limited"),
    );
    let (listening, limited) = (addresses(&shared.url), addresses(&shared.url.replace("postgres@", "limited@")));
    join(&Addresses { listen: listening.listen, ..limited }, &Plan::simple(100), noon()).await.unwrap()
}

/// So many persons at once, for whom there is room.
async fn rush(world: &World, persons: Range<usize>) -> Vec<Result<Answer, Refusal>> {
    race(persons.map(|person| {
        let (engine, call) = (world.engine.clone(), world.call(person));
        let wish = At::passport(1 + person as u64 % 5, 0).wish(&[person]);
        async move { engine.book(call, wish).await }
    }))
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_second_session_to_write_over_a_rush_is_served_over_the_first() {
    let shared = Shared::start();
    let world = limited_to(&shared, 3).await;
    let outcomes = rush(&world, 0..300).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(sql(&shared.url, SESSIONS), "3");
    assert_eq!(world.audit(), 300);
    recount(&shared.url).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_session_that_is_lost_keeps_nobody_from_writing_over_the_first() {
    let shared = Shared::start();
    let world = limited_to(&shared, 4).await;
    assert_eq!(sql(&shared.url, SESSIONS), "4");
    // The second session is the one that was opened last.
    let end = "ALTER ROLE limited CONNECTION LIMIT 3; SELECT pg_terminate_backend((
        SELECT pid FROM pg_stat_activity WHERE usename = 'limited' ORDER BY backend_start DESC LIMIT 1))";
    sql(&shared.url, end);
    until("it has ended", || sql(&shared.url, SESSIONS) == "3");
    let mut put_off = 0;
    for person in 0..10 {
        match world.book(person, At::passport(1, 0)).await {
            Ok(_) => {}
            Err(refusal) => {
                assert_eq!(refusal, Refusal::ReadOnly);
                assert!(!world.engine.is_read_only());
                put_off += 1;
            }
        }
    }
    assert_eq!(put_off, 1, "the way that is lost is tried once");
    let outcomes = rush(&world, 10..200).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    sql(&shared.url, "ALTER ROLE limited CONNECTION LIMIT -1");
    until("the second session is back", || sql(&shared.url, SESSIONS) == "4");
    assert_eq!(world.audit(), 199);
    recount(&shared.url).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_takes_too_long_has_no_effect() {
    let shared = Shared::start();
    sql(&shared.url, "ALTER ROLE postgres SET statement_timeout = '2s'");
    let worlds = shared.join_all(2, &Plan::simple(4), noon()).await;
    rewrite(&shared.url, &[("-- Last of all", &format!("{AT_GATE}-- Last of all"))]);
    let gate = Gate::shut(&shared.url);
    let at = At::passport(1, 0);
    assert_eq!(worlds[0].book(1, at).await, Err(Refusal::ReadOnly));
    assert_eq!(sql(&shared.url, "SELECT count(*) FROM hallpass.appointments"), "0");
    drop(gate);
    let booked = first(booked_at_last(&worlds[0], 1, at).await);
    for world in &worlds {
        assert!(world.engine.refresh().await);
        assert_eq!((world.now_of(booked.id), world.audit()), (booked, 1));
    }
    recount(&shared.url).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_writing_until_there_is_room() {
    let Some(disk) = SmallDisk::mount(24) else {
        println!("skipped: a small disk cannot be mounted here, as only root may");
        return;
    };
    let cluster = Cluster::start();
    let space = disk.path().join("space");
    fs::create_dir(&space).unwrap();
    give_to_server_user(&space);
    let spaces = format!("CREATE TABLESPACE small LOCATION '{}'", space.display());
    sql(&cluster.url("postgres"), &spaces);
    sql(&cluster.url("postgres"), "CREATE DATABASE hallpass TABLESPACE small");
    let url = cluster.url("hallpass");
    let world = join(&addresses(&url), &Plan::simple(100), noon()).await.unwrap();
    let slot = |person: usize| At::passport(1 + person as u64 % 20, 0);
    disk.fill();
    // Pages that are begun have room for some.
    let (mut booked, mut refused) = (Vec::new(), None);
    for person in 0..1_000 {
        match world.book(person, slot(person)).await {
            Ok(answer) => booked.push(first(answer)),
            Err(refusal) => {
                refused = Some((person, refusal));
                break;
            }
        }
    }
    let (person, refusal) = refused.expect("the disk is full");
    assert_eq!(refusal, Refusal::ReadOnly);
    assert!(cluster.log().contains("No space left on device"), "{}", cluster.log());
    assert!(booked.iter().all(|one| world.engine.appointment(one.id).as_ref() == Some(one)));
    assert!(world.engine.refresh().await, "what is written can be read");
    disk.empty();
    booked_at_last(&world, person, slot(person)).await;
    assert_eq!(world.audit(), booked.len() + 1);
    recount(&url).unwrap();
    let there = sql(&url, "SELECT count(*) FROM hallpass.appointments");
    assert_eq!(there, (booked.len() + 1).to_string());
}
