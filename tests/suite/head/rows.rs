//! Rows for a quick start that are gone while the journal is whole, and while it is not.

use super::*;

use chrono::TimeDelta;
use fjall::{Database, Keyspace, KeyspaceCreateOptions};
use hallpass::engine::Engine;
use hallpass::ledger::embedded::head::Mark;
use hallpass::ledger::entry::RepeatKey;

use crate::world::plan::Plan;
use crate::world::{At, World};

fn with_keyspace(place: &Place, name: &str, change: impl FnOnce(&Keyspace)) {
    let database = Database::builder(place.store()).open().unwrap();
    change(&database.keyspace(name, KeyspaceCreateOptions::default).unwrap());
}

/// Removes these of the rows of a keyspace, in their order.
fn remove(place: &Place, name: &str, is_lost: impl Fn(usize) -> bool) {
    with_keyspace(place, name, |rows| {
        let keys: Vec<_> = rows.iter().map(|guard| guard.key().unwrap()).collect();
        for (_, key) in keys.iter().enumerate().filter(|(at, _)| is_lost(*at)) {
            rows.remove(key.to_vec()).unwrap();
        }
    });
}

/// A directory in which everything is in rows: bookings, and answers to repeats.
fn filled() -> Place {
    let place = Place::with(0);
    let mut ledger = place.open(Opening::to(Access::Write)).unwrap();
    for number in 1..=50 {
        let repeat = Some(RepeatKey { owner: None, key: [u8::try_from(number).unwrap(); 16], call: [1; 16] });
        let at = noon() + TimeDelta::seconds(i64::try_from(number).unwrap());
        commit(&mut ledger, &[Entry { at, repeat, ..make(vec![booked(number, person(number), 0)], u32::MAX) }]);
    }
    assert_eq!(loaded(&mut ledger).len(), 50);
    drop(ledger);
    place
}

#[test]
fn rows_that_are_missing_are_made_again_from_the_journal() {
    let whole = filled();
    let losses: [(&str, &dyn Fn(usize) -> bool); 5] = [
        ("appointments", &|_| true),
        ("appointments", &|at| at == 0),
        ("appointments", &|at| at == 49),
        ("answers", &|_| true),
        ("answers", &|at| at % 7 == 3),
    ];
    for (keyspace, is_lost) in losses {
        let place = whole.copied();
        remove(&place, keyspace, is_lost);
        let report = verify(&place.open(Opening::to(Access::Look)).unwrap()).unwrap();
        assert!(!report.violations.is_empty(), "an audit names it");
        let mut ledger = place.open(Opening::to(Access::Write)).unwrap();
        assert!(matches!(ledger.load(&|_| {}), Err(LedgerFault::RowsMadeAgain)), "{keyspace}");
        assert_eq!(loaded(&mut ledger).len(), 50, "{keyspace}");
        commit(&mut ledger, &[make(vec![booked(60, 60, 0)], u32::MAX)]);
        drop(ledger);
        assert_eq!(place.is_sound(), 51);
    }
}

#[test]
fn without_a_whole_journal_missing_rows_keep_a_start_from_serving() {
    let place = filled();
    remove(&place, "appointments", |at| at == 3);
    remove(&place, "journal", |at| at == 20);
    let fault = place.open(Opening::to(Access::Write)).unwrap().load(&|_| {}).unwrap_err();
    assert!(fault.to_string().contains("the journal after entry 20"), "{fault}");
}

#[tokio::test]
async fn an_engine_starts_with_every_booking_although_rows_were_lost() {
    let place = Place::with(0);
    let open = || place.open(Opening::to(Access::Write)).unwrap();
    let world = World::start_on(open(), &Plan::simple(9), noon());
    for person in 1..=5 {
        world.booked(person, At::passport(1, 0)).await;
    }
    world.stop();
    // A start brings the rows up to the journal.
    World::start_on(open(), &Plan::simple(9), noon()).stop();
    remove(&place, "appointments", |_| true);
    let world = World::start_on(open(), &Plan::simple(9), noon());
    assert_eq!((world.audit(), world.taken(At::passport(1, 0))), (5, 5));
    let engine: &Engine = &world.engine;
    assert_eq!(engine.sizes().appointments, 5);
    world.booked(6, At::passport(1, 0)).await;
    world.stop();
    assert_eq!(place.is_sound(), 6);
}

/// Where the end of the journal is lost and the rows are not, a head would be written that nobody can read.
#[test]
fn rows_that_are_ahead_of_the_journal_are_refused_and_made_again_where_that_is_accepted() {
    let whole = filled();
    for kept in [49, 30, 1] {
        let (headed, behind) = (whole.copied(), whole.copied());
        for place in [&headed, &behind] {
            remove(place, "journal", |at| at >= kept);
        }
        // A head that a crash left behind: it knows nothing of what is lost.
        let start =
            Head { last: 0, mark: Mark::default(), appointments: 0, at: None, is_clean: false, ..behind.head() };
        start.write(behind.path()).unwrap();
        for (place, words) in [(headed, "lost its end"), (behind, "lost the end of its journal")] {
            place.refuses(words);
            for _ in 0..2 {
                drop(place.open(accepting()).unwrap());
                let head = place.head();
                assert!(head.mark.entry <= head.last, "{head:?}");
            }
            let entries = u64::try_from(kept).unwrap() + 1;
            assert_eq!(place.is_sound(), entries, "{words}");
            assert_eq!(place.records().len(), 1, "a loss is accepted once");
            let mut ledger = place.open(Opening::to(Access::Write)).unwrap();
            assert_eq!(loaded(&mut ledger).len(), kept);
            commit(&mut ledger, &[make(vec![booked(60, 60, 0)], u32::MAX)]);
            drop(ledger);
            assert_eq!(place.is_sound(), entries + 1);
        }
    }
}
