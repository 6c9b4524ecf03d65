//! Single records of the embedded store, read while it is open: from its rows, from its journal, and from both.

use std::sync::Arc;

use hallpass::domain::appointment::{Action, Appointment, AppointmentId, Status};
use hallpass::ledger::embedded::Embedded;
use hallpass::ledger::entry::{Deed, Entry, Event};
use hallpass::ledger::reading::Reader;
use hallpass::ledger::{Ledger, LedgerFault};
use serde_bytes::ByteBuf;
use uuid::Uuid;

use crate::world::entries::{booked, commit, entry, held, loaded, make};
use crate::world::fast_directory;

fn id(number: u64) -> AppointmentId {
    AppointmentId(Uuid::from_u128(number.into()))
}

/// What `make` seals for an appointment.
fn first_part(number: u64) -> Vec<u8> {
    id(number).0.as_bytes().to_vec()
}

async fn sealed(reader: &Arc<dyn Reader>, number: u64) -> Vec<Vec<u8>> {
    reader.sealed(id(number)).await.unwrap()
}

/// The entry that confirms a hold with data of its own.
fn confirm(number: u64, part: &[u8]) -> Entry {
    let held = held(number, 1, 0);
    let after = vec![Appointment { status: Status::Booked, expires_at: None, revision: 1, ..held }];
    let sealed = vec![ByteBuf::from(part.to_vec())];
    let deed = Deed::Change(Action::Confirm);
    entry(Event::Appointments { deed, after, sealed, whole_party: false, capacity: None })
}

/// Until a ledger is loaded nothing brings its rows up to the journal, so each test knows where what it reads is.
#[tokio::test]
async fn what_is_in_the_journal_only_is_found_and_so_it_is_in_rows_and_in_both() {
    let dir = fast_directory();
    let mut ledger = Embedded::open(dir.path()).unwrap();
    let reader = ledger.reader();
    assert_eq!(sealed(&reader, 1).await, Vec::<Vec<u8>>::new(), "nothing was ever made");
    commit(&mut ledger, &[make(vec![held(1, 1, 0)], 9), make(vec![booked(2, 2, 0), booked(3, 3, 0)], 9)]);
    assert_eq!(ledger.projected().unwrap(), 0);
    for number in 1..=3 {
        assert_eq!(sealed(&reader, number).await, [first_part(number)], "{number} in the journal");
    }
    assert_eq!(sealed(&reader, 4).await, Vec::<Vec<u8>>::new());

    loaded(&mut ledger);
    assert_eq!(ledger.projected().unwrap(), 2);
    for number in 1..=3 {
        assert_eq!(sealed(&reader, number).await, [first_part(number)], "{number} in its row");
    }
    drop((ledger, reader));

    let mut ledger = Embedded::open(dir.path()).unwrap();
    let reader = ledger.reader();
    commit(&mut ledger, &[confirm(1, b"second")]);
    assert_eq!(ledger.projected().unwrap(), 2);
    assert_eq!(sealed(&reader, 1).await, [first_part(1), b"second".to_vec()], "a row and the journal");
    loaded(&mut ledger);
    assert_eq!(sealed(&reader, 1).await, [first_part(1), b"second".to_vec()], "two rows");
    assert_eq!(sealed(&reader, 2).await, [first_part(2)]);
}

#[tokio::test]
async fn all_parts_of_what_was_imported_are_found() {
    let dir = fast_directory();
    let mut ledger = Embedded::open(dir.path()).unwrap();
    let reader = ledger.reader();
    let parts = |number: u8| vec![vec![number], vec![number, 1], vec![number, 2]];
    let sealed_of = |number| parts(number).into_iter().map(ByteBuf::from).collect();
    let (after, sealed_parts) = (vec![booked(1, 1, 0), booked(2, 2, 0)], vec![sealed_of(1), sealed_of(2)]);
    commit(&mut ledger, &[entry(Event::Imported { after, sealed: sealed_parts, answers: Vec::new() })]);
    for place in ["the journal", "rows"] {
        for number in 1..=2 {
            assert_eq!(sealed(&reader, number.into()).await, parts(number), "{number} in {place}");
        }
        loaded(&mut ledger);
    }
}

/// Rows come up to the journal while it is read: whatever is durable is found, wherever it is at that moment.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_found_right_behind_its_write_and_while_rows_are_made() {
    const ROUNDS: u64 = 4;
    const ENTRIES: u64 = 40;
    let dir = fast_directory();
    let mut ledger = Embedded::open(dir.path()).unwrap();
    loaded(&mut ledger);
    let reader = ledger.reader();
    for round in 0..ROUNDS {
        let (first, last) = (round * ENTRIES + 1, (round + 1) * ENTRIES);
        for number in first..=last {
            commit(&mut ledger, &[make(vec![booked(number, 1, 0)], 9)]);
            assert_eq!(sealed(&reader, number).await, [first_part(number)]);
        }
        while ledger.projected().unwrap() < last {
            for number in [1, first, last] {
                assert_eq!(sealed(&reader, number).await, [first_part(number)]);
            }
        }
        assert_eq!(sealed(&reader, last).await, [first_part(last)]);
    }
}

#[tokio::test]
async fn a_ledger_that_is_closed_is_read_no_more_and_can_be_opened_again() {
    let dir = fast_directory();
    let mut ledger = Embedded::open(dir.path()).unwrap();
    commit(&mut ledger, &[make(vec![booked(1, 1, 0)], 9)]);
    let reader = ledger.reader();
    drop(ledger);
    let fault = reader.sealed(id(1)).await.unwrap_err();
    assert!(matches!(fault, LedgerFault::Store { .. }), "{fault}");
    let again = Embedded::open(dir.path()).expect("a reader that is left has nothing open");
    assert_eq!(sealed(&again.reader(), 1).await, [first_part(1)]);
}
