//! The schema: made once, by the role that may, and left alone where it is a later one.

use hallpass::domain::appointment::{Action, Status};
use hallpass::engine::Named;
use hallpass::ledger::LedgerFault;
use hallpass::ledger::postgres::Addresses;

use super::races::rewrite;
use crate::races::race;
use crate::world::plan::Plan;
use crate::world::postgres::{AT_GATE, Cluster, Gate, Session, sql, try_sql, until, waiting};
use crate::world::shared::{Shared, addresses, join, recount};
use crate::world::{ANYWAY, At, World, first, noon};

const INSTANCES: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn many_that_start_at_once_make_one_schema() {
    let shared = Shared::start();
    let starting = (0..INSTANCES).map(|_| {
        let addresses = addresses(&shared.url);
        async move { join(&addresses, &Plan::simple(4), noon()).await }
    });
    let started = race(starting).await;
    let worlds: Vec<World> = started.into_iter().map(Result::unwrap).collect();
    assert_eq!(sql(&shared.url, "SELECT string_agg(step::text, ' ') FROM hallpass.schema_steps"), "1 2 3");
    let there = "SELECT count(*), count(DISTINCT part), count(DISTINCT configuration) FROM hallpass.instances";
    assert_eq!(sql(&shared.url, there), format!("{INSTANCES}|{INSTANCES}|1"));
    for (person, world) in worlds.iter().enumerate() {
        world.booked(person, At::passport(1 + person as u64, 0)).await;
    }
    for world in &worlds {
        assert!(world.engine.refresh().await);
        assert_eq!(world.audit(), INSTANCES);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_schema_is_left_alone() {
    let shared = Shared::start();
    let world = shared.join(&Plan::simple(4), noon()).await;
    sql(&shared.url, "INSERT INTO hallpass.schema_steps (step) VALUES (99)");
    let fault = join(&addresses(&shared.url), &Plan::simple(4), noon()).await.err().unwrap();
    assert!(matches!(fault, LedgerFault::Schema { .. }), "{fault}");
    let told =
        "the database has schema 99, and this version of hallpass knows schema 3 as the last; run the later version";
    assert_eq!(fault.to_string(), told);
    // One that was there before goes on: a later schema is made so that it can.
    world.booked(1, At::passport(1, 0)).await;
    assert_eq!(sql(&shared.url, "SELECT count(*) FROM hallpass.instances"), "1");
}

/// A database as the first version made it.
fn first_schema(url: &str) {
    sql(
        url,
        "CREATE SCHEMA hallpass; CREATE TABLE hallpass.schema_steps (
            step integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())",
    );
    sql(url, include_str!("../../../src/ledger/postgres/schema/1.sql"));
    sql(url, "INSERT INTO hallpass.schema_steps (step) VALUES (1)");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_schema_is_brought_up_and_takes_back_what_a_desk_did() {
    let shared = Shared::start();
    first_schema(&shared.url);
    let world = shared.join(&Plan::simple(4), noon()).await;
    assert_eq!(sql(&shared.url, "SELECT string_agg(step::text, ' ') FROM hallpass.schema_steps"), "1 2 3");
    let booked = world.booked(1, At::passport(1, 0)).await;
    let missed = world.engine.attend(world.desk_call(), Named::Id(booked.id), Action::MarkNoShow, ANYWAY).await;
    assert_eq!(missed.map(first).unwrap().status, Status::NoShow);
    let back = world.engine.undo(world.desk_call(), booked.id, false).await.map(first).unwrap();
    assert_eq!((back.status, world.audit()), (Status::Booked, 1));
    recount(&shared.url).unwrap();
}

/// The statements that the description of the roles gives, for who owns the database and for who owns the schema.
fn described_roles() -> (&'static str, &'static str) {
    let text = include_str!("../../../ARCHITECTURE.md");
    let (_, roles) = text.split_once("### Roles").unwrap();
    let (statements, _) = roles.split_once("```sql\n").unwrap().1.split_once("```").unwrap();
    statements
        .split_once("-- as hallpass_owner")
        .map(|(first, then)| (first, then.split_once('\n').unwrap().1))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_role_makes_the_schema_and_another_only_uses_it() {
    let shared = Shared::start();
    let (by_owner_of_database, by_owner_of_schema) = described_roles();
    let [owner, user] = ["hallpass_owner", "hallpass"].map(|role| shared.url.replace("postgres@", &format!("{role}@")));
    sql(&shared.url, by_owner_of_database);
    sql(&owner, by_owner_of_schema);
    let used = addresses(&user);
    let fault = join(&used, &Plan::simple(4), noon()).await.err().unwrap();
    assert!(fault.to_string().contains("schema"), "{fault}");
    assert_eq!(sql(&shared.url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'hallpass'"), "0");

    let migrated = Addresses { migration: Some(addresses(&owner).main), ..addresses(&user) };
    let mut worlds = vec![join(&migrated, &Plan::simple(4), noon()).await.unwrap()];
    // Where the schema is there, nobody needs to be able to change it.
    worlds.push(join(&used, &Plan::simple(4), noon()).await.unwrap());
    everything_works(&shared, &worlds).await;
    let owners = "SELECT string_agg(DISTINCT tableowner, ' ') FROM pg_tables WHERE schemaname = 'hallpass'";
    assert_eq!(sql(&shared.url, owners), "hallpass_owner");

    for statement in [
        "CREATE TABLE hallpass.mine ()",
        "CREATE FUNCTION hallpass.mine() RETURNS integer LANGUAGE sql RETURN 1",
        "ALTER TABLE hallpass.slots DROP CONSTRAINT never_oversold",
        "DROP INDEX hallpass.one_claim",
        "DROP FUNCTION hallpass.give_up",
        "TRUNCATE hallpass.journal",
        "DROP SCHEMA hallpass CASCADE",
    ] {
        let said = try_sql(&user, statement).unwrap_err();
        assert!(said.contains("permission denied") || said.contains("must be owner"), "{statement}: {said}");
    }
}

/// Everything that an instance does with the database.
async fn everything_works(shared: &Shared, worlds: &[World]) {
    let (one, other) = (&worlds[0], &worlds[1]);
    let booked = one.booked(1, At::passport(1, 0)).await;
    until("the other hears it", || other.engine.appointment(booked.id).is_some());
    let target = At::passport(2, 0).target();
    other.engine.reschedule(other.call(1), booked.id, false, target).await.unwrap();
    one.engine.refresh().await;
    one.engine.cancel(one.call(1), booked.id, false).await.unwrap();
    let held = one.held(2, At::passport(1, 0)).await;
    one.clock.set(held.expires_at.unwrap());
    assert!(one.engine.expire_due(one.clock.now()).await);
    assert_eq!(one.now_of(held.id).status, Status::Expired);
    let snapshot = Plan { version: "changed", ..Plan::simple(2) }.snapshot();
    one.engine.adopt(one.desk_call(), snapshot.into()).await.unwrap();
    assert_eq!(sql(&shared.url, "SELECT configuration FROM hallpass.store"), "changed");
    sql(&shared.url, "UPDATE hallpass.journal SET at = '2020-01-01' WHERE sequence = 1");
    until("the old is thrown away", || sql(&shared.url, "SELECT min(sequence) > 1 FROM hallpass.journal") == "t");
    recount(&shared.url).unwrap();
}

/// What a batch locks of two slots, without anything else.
fn batch_of_two_slots(is_plain: bool) -> String {
    let (slots, nothing) =
        (["{ch,d}", "{2026-12-01,2026-12-01}", "{l,l}", "{0,0}", "{30,30}", "{4,4}", "{1,1}"], ["{}"; 22]);
    let arrays: Vec<_> = nothing.iter().chain(&slots).map(|array| format!("'{array}'")).collect();
    format!("SELECT hallpass.commit(gen_random_uuid(), gen_random_uuid(), 1, '', {is_plain}, {})", arrays.join(", "))
}

/// How many of two batches are written that want the same two slots, one of which looks quickly for room. None where the
/// server has no collation of another order for a whole database.
async fn written_in_czech(changes: &[(&str, &str)]) -> Option<usize> {
    let cluster = Cluster::start();
    // In Czech, "ch" comes behind "d".
    let czech = "CREATE DATABASE hallpass TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'cs-CZ'";
    if let Err(said) = try_sql(&cluster.url("postgres"), czech) {
        println!("skipped: {said}");
        return None;
    }
    let url = cluster.url("hallpass");
    let _world = join(&addresses(&url), &Plan::simple(4), noon()).await.unwrap();
    sql(
        &url,
        "INSERT INTO hallpass.slots (hall, date, lane, starts, ends, capacity)
            VALUES ('ch', '2026-12-01', 'l', 0, 30, 4), ('d', '2026-12-01', 'l', 0, 30, 4)",
    );
    // A row is locked before its trigger is called.
    let gate = format!("CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {AT_GATE} RETURN new; END'");
    sql(&url, &gate);
    sql(&url, "CREATE TRIGGER gate BEFORE UPDATE ON hallpass.slots FOR EACH ROW EXECUTE FUNCTION gate()");
    if !changes.is_empty() {
        rewrite(&url, changes);
    }
    let (mut quick, mut careful) = (Session::open(&url), Session::open(&url));
    let gate = Gate::shut(&url);
    quick.send(&batch_of_two_slots(true));
    until("it has locked its first slot", || waiting(&url) == 1);
    careful.send(&batch_of_two_slots(false));
    until("the other wants that slot", || waiting(&url) == 2);
    drop(gate);
    Some([quick.answer(), careful.answer()].iter().flatten().count())
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_are_locked_in_one_order_whatever_the_collation_of_the_database() {
    assert_eq!(written_in_czech(&[]).await.unwrap_or(2), 2, "they wait for each other");
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_that_are_sorted_by_the_collation_of_the_database_are_locked_in_two_orders() {
    let by_bytes = "ORDER BY s.hall COLLATE \"C\", s.date, s.lane COLLATE \"C\", s.starts, s.ends";
    let written = written_in_czech(&[(by_bytes, "ORDER BY 1, 2, 3, 4, 5")]).await;
    assert_eq!(written.unwrap_or(1), 1, "the test would not notice another order");
}
