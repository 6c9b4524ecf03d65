//! A pool of connections before the database, and encryption on the way to it.

use std::error::Error;
use std::sync::Arc;

use hallpass::ledger::postgres::Addresses;
use hallpass::postgres_url::Address;

use super::crowd::Crowd;
use crate::world::plan::Plan;
use crate::world::postgres::{Certificate, Cluster, Pgbouncer, sql, until};
use crate::world::shared::{addresses, join, recount};
use crate::world::{At, World, noon};

/// The way through a pool, with the way past it for those who listen.
fn past(pool: &Pgbouncer, cluster: &Cluster) -> Addresses {
    let listen = Arc::new(Address::parse(&cluster.url("hallpass")).unwrap());
    Addresses { listen, ..addresses(&pool.url("hallpass")) }
}

/// How many listen at the database itself.
fn listening(url: &str) -> String {
    sql(url, "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN hallpass' AND application_name = 'hallpass'")
}

/// Each hears what the other writes, without asking.
async fn hear_each_other(worlds: &[World], band: u16) {
    for (person, (writes, hears)) in [(0, 1), (1, 0)].into_iter().enumerate() {
        let person = usize::from(band) * 2 + person;
        let booked = worlds[writes].booked(person, At::passport(30, band)).await;
        until("the other hears it", || worlds[hears].engine.appointment(booked.id) == Some(booked));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_through_a_pool() {
    let mut cluster = Cluster::start();
    let url = cluster.database("hallpass");
    let pool = Pgbouncer::start(&cluster);
    let plan = Plan::simple(100_000);
    let listens = join(&past(&pool, &cluster), &plan, noon()).await.unwrap();
    until("it listens past the pool", || listening(&url) == "1");
    let polls = join(&addresses(&pool.url("hallpass")), &plan, noon()).await.unwrap();
    let worlds = [listens, polls];
    hear_each_other(&worlds, 0).await;
    let held = worlds[1].held(4, At::passport(30, 1)).await;
    let call = worlds[0].call(4);
    until("the hold is known", || worlds[0].engine.appointment(held.id).is_some());
    worlds[0].engine.cancel(call, held.id, false).await.unwrap();
    let moved = worlds[0].booked(4, At::passport(30, 1)).await;
    worlds[1].engine.refresh().await;
    let target = At::passport(30, 2).target();
    worlds[1].engine.reschedule(worlds[1].call(4), moved.id, false, target).await.unwrap();

    assert_eq!(sql(&url, "SELECT count(*) FROM hallpass.appointments"), "4");
    recount(&url).unwrap();
    cluster.restart();
    for world in &worlds {
        until("memory is as good as new", || !world.engine.is_read_only() && world.engine.age().is_none());
    }
    hear_each_other(&worlds, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_goes_through_a_pool_whose_database_restarts() {
    let mut cluster = Cluster::start();
    let url = cluster.database("hallpass");
    let pool = Pgbouncer::start(&cluster);
    let mut worlds = Vec::new();
    for _ in 0..2 {
        worlds.push(join(&addresses(&pool.url("hallpass")), &Plan::simple(100_000), noon()).await.unwrap());
    }
    let worlds = Arc::new(worlds);
    let crowd = Crowd::start(&worlds);
    crowd.until_booked(60);
    cluster.kill();
    cluster.restart();
    crowd.until_booked(60);
    crowd.end().await.judge(&url, &worlds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_trusted_that_proves_its_name_and_no_other() {
    let this = Cluster::with_tls(Certificate::OfThisHost);
    let another = Cluster::with_tls(Certificate::OfAnotherHost);
    let verified = |cluster: &Cluster| {
        let authority = cluster.authority();
        addresses(&format!("{}?sslmode=verify-full&sslrootcert={}", cluster.database("hallpass"), authority.display()))
    };
    let world = join(&verified(&this), &Plan::simple(4), noon()).await.unwrap();
    world.booked(1, At::passport(1, 0)).await;
    let plain = "SELECT count(*) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)
        WHERE application_name = 'hallpass' AND NOT ssl";
    assert_eq!(sql(&this.url("hallpass"), plain), "0");

    let fault = join(&verified(&another), &Plan::simple(4), noon()).await.err().unwrap();
    let causes = std::iter::successors(fault.source(), |cause| (*cause).source());
    let told = causes.fold(fault.to_string(), |told, cause| format!("{told}: {cause}"));
    assert!(told.contains("reach the database") && told.contains("not valid for name"), "{told}");
    let there = "SELECT count(*) FROM pg_namespace WHERE nspname = 'hallpass'";
    assert_eq!(sql(&another.url("hallpass"), there), "0");
}
