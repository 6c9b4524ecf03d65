//! Three batches want slots that nobody has counted in yet, and none waits for another in a circle.
//!
//! One finds neither of its two slots, one makes the first of them meanwhile, and one finds that and waits for the first batch
//! to have made the second. The control runs the same through the function of the schema before, which kept what it had
//! locked while it made what lacked.

use super::races::rewrite;
use crate::world::postgres::{Cluster, Session, sql, until, waiting};

const FIRST: &str = include_str!("../../../src/ledger/postgres/schema/1.sql");
const SECOND: &str = include_str!("../../../src/ledger/postgres/schema/2.sql");
const THIRD: &str = include_str!("../../../src/ledger/postgres/schema/3.sql");

/// The batch that is held up, before it makes slots and after that.
const HELD_UP: u32 = 2;
const BEFORE: u32 = 1;
const AFTER: u32 = 2;

fn gate(number: u32) -> String {
    format!(" IF p_number = {HELD_UP} THEN PERFORM pg_advisory_xact_lock_shared({number}); END IF; ")
}

fn shut(url: &str, gate: u32) -> Session {
    let mut session = Session::open(url);
    session.send(&format!("SELECT pg_advisory_lock({gate}), 'shut'"));
    assert!(session.answer().is_some());
    session
}

fn until_it_waits_at(url: &str, gate: u32) {
    let waits = format!("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND objid = {gate}");
    until("the batch is held up", || sql(url, &waits) == "1");
}

/// A batch with one entry that takes no place, and names a slot in each of these halls.
fn batch(number: u32, halls: &[&str]) -> String {
    let same = |value: &str| vec![value; halls.len()].join(", ");
    let names = halls.iter().map(|hall| format!("'{hall}'")).collect::<Vec<_>>().join(", ");
    let (dates, lanes, ones, none) = (same("date '2026-12-01'"), same("'counter'"), same("1"), ["'{}'"; 18].join(", "));
    format!(
        "SELECT hallpass.commit(gen_random_uuid(), gen_random_uuid(), {number}, NULL, false, ARRAY['\\x00'::bytea],
            ARRAY[NULL]::uuid[], ARRAY[now()], ARRAY[NULL]::bytea[], {none}, ARRAY[{names}], ARRAY[{dates}], ARRAY[{lanes}],
            ARRAY[{ones}]::smallint[], ARRAY[{ones}]::smallint[], ARRAY[{ones}], ARRAY[{ones}])"
    )
}

/// How many of the two batches that meet are written; the database ends one if they wait in a circle.
fn written(steps: &[&str]) -> usize {
    let cluster = Cluster::start();
    let url = cluster.database("hallpass");
    sql(&url, "CREATE SCHEMA hallpass");
    for step in steps {
        sql(&url, step);
    }
    let (making, made) = ("INSERT INTO hallpass.slots (hall", "ON CONFLICT DO NOTHING;");
    rewrite(&url, &[(making, &(gate(BEFORE) + making)), (made, &(made.to_owned() + &gate(AFTER)))]);
    let (before, after) = (shut(&url, BEFORE), shut(&url, AFTER));
    let (mut held_up, mut last) = (Session::open(&url), Session::open(&url));
    held_up.send(&batch(HELD_UP, &["hall-1", "hall-2"]));
    until_it_waits_at(&url, BEFORE);
    assert_eq!(sql(&url, &batch(1, &["hall-1"])), "{0}");
    drop(before);
    until_it_waits_at(&url, AFTER);
    last.send(&batch(3, &["hall-1", "hall-2"]));
    until("the last one waits for what the other makes", || waiting(&url) == 2);
    drop(after);
    let answers = [held_up.answer(), last.answer()];
    assert!(answers.iter().flatten().all(|answer| answer == "{0}"), "{answers:?}");
    answers.iter().flatten().count()
}

#[test]
fn batches_that_make_slots_wait_in_no_circle() {
    assert_eq!(written(&[FIRST, SECOND, THIRD]), 2);
}

#[test]
fn those_of_the_schema_before_did() {
    assert_eq!(written(&[FIRST, SECOND]), 1);
}
