//! What two stores have when one has been carried to the other.

use hallpass::ledger::entry::Event;

use super::*;
use crate::world::entries::{entry, loaded};

#[test]
fn a_store_that_was_carried_to_another_is_the_same_store() {
    let (from, to) = (Place::with(&life()), Place::new());
    let file = from.export();
    assert_eq!(lines(&file).len(), 1 + 10 + 4 + 1 + 1, "{}", String::from_utf8_lossy(&file));
    to.import(&file).unwrap();
    let (there, here) = (from.rows(), to.rows());
    assert_eq!((there.0.len(), there.1.len()), (10, 4));
    assert_eq!(here, there);
    assert_eq!(to.rows().0[1].1.len(), 2, "a hold that was confirmed has two sealed texts");
    assert!(to.export() == file, "also byte by byte");
    assert_eq!((from.format().as_str(), to.format().as_str()), ("hallpass-ledger 3\n", "hallpass-ledger 3\n"));

    // What was carried goes on: in the order of a life, and in its own rows.
    let hold = there.0[0].0;
    let mut ledger = to.ledger();
    commit(&mut ledger, &[change(Action::Cancel, after(&hold, Status::Cancelled)), make(vec![booked(11, 1, 0)], 3)]);
    assert_eq!(loaded(&mut ledger).len(), 11);
    drop(ledger);
    assert_eq!(to.rows().0[0].0.status, Status::Cancelled);
}

#[test]
fn an_import_that_is_repeated_adds_nothing() {
    let (from, to) = (Place::with(&life()), Place::new());
    let file = from.export();
    to.import(&file).unwrap();
    let entries = to.entries();
    to.import(&file).unwrap();
    from.import(&file).unwrap();
    assert_eq!((to.entries(), from.entries()), (entries, life().len()));
}

#[test]
fn an_empty_store_has_a_header_and_an_end() {
    let (from, to) = (Place::new(), Place::new());
    let file = from.export();
    assert_eq!(lines(&file).len(), 2);
    to.import(&file).unwrap();
    assert_eq!(to.entries(), 0);
}

/// More than one batch, and more than a start reads as one range.
#[test]
fn many_appointments_come_back_at_a_start() {
    let from = Place::new();
    let mut ledger = from.ledger();
    let made: Vec<_> = (1..=9_000).map(|number| make(vec![booked(number, 1, 0)], u32::MAX)).collect();
    made.chunks(1_000).for_each(|batch| commit(&mut ledger, batch));
    let file = exported(&mut ledger);
    let to = Place::new();
    let dir = to.dir();
    import(reader(&file).unwrap(), &mut Importing::open(&dir).unwrap(), 1_024, &mut |_| {}).unwrap();
    let mut imported = Embedded::open_in(&dir, Opening::to(Access::Look)).unwrap();
    assert_eq!(loaded(&mut imported), loaded(&mut ledger));
    assert!(exported(&mut imported) == file);
}

#[test]
fn a_part_begins_behind_an_id_and_has_appointments_only() {
    let from = Place::with(&life());
    let part_of = |after| {
        let mut file = Vec::new();
        let wishes = Wishes { after: Some(after), ..wishes() };
        export(&mut from.ledger(), &wishes, Passing::new(&mut file, "memory"), &mut |_| {}).unwrap();
        file
    };
    let ids: Vec<_> = from.rows().0.iter().map(|(appointment, _)| appointment.id).collect();
    for (at, id) in ids.iter().enumerate() {
        let part = part_of(*id);
        assert_eq!(lines(&part).len(), 2 + ids.len() - 1 - at);
        let to = Place::new();
        to.import(&part).unwrap();
        assert_eq!(to.rows().0, from.rows().0[at + 1..]);
        // A part of what is there is there.
        from.import(&part).unwrap();
    }
    let greatest = hallpass::domain::appointment::AppointmentId(Uuid::max());
    assert_eq!(lines(&part_of(greatest)).len(), 2);
}

#[test]
fn answers_that_no_repeat_can_ask_for_are_left() {
    let late = entry_at(noon() + TimeDelta::hours(30), Event::Adopted { version: "third".into() });
    let from = Place::with(&[life(), vec![late]].concat());
    let file = from.export();
    assert!(!lines(&file).iter().any(|line| line.starts_with("{\"answer\"")));
    assert!(lines(&file).iter().any(|line| line == "{\"configuration\":{\"version\":\"third\"}}"));
    Place::new().import(&file).unwrap();
}

#[test]
fn a_store_with_anything_else_is_left_as_it_is() {
    let file = Place::with(&life()).export();
    let check = |entries: &[Entry], words: &str| {
        let to = Place::with(entries);
        let fault = to.import(&file).expect_err(words).to_string();
        assert!(fault.contains(words) && fault.contains("new data directory"), "{words}: {fault}");
        assert_eq!(to.entries(), entries.len(), "{words}");
    };
    let other = booked(4, 4, 0);
    check(&[make(vec![other], 9)], &format!("appointment {} is in the store already", other.id));
    let foreign = booked(12, 12, 0);
    check(&[make(vec![foreign], 9)], &format!("appointment {} is in the store and not", foreign.id));
    let between = booked(0, 12, 0);
    check(&[make(vec![between], 9)], &format!("appointment {} is in the store and not", between.id));
    let text = |text: &str| Event::Answered { refused: false, text: text.into() };
    let answered = |number, said| [Entry { repeat: Some(repeat(number)), ..entry_at(later(2), text(said)) }];
    check(&answered(2, "another"), "for key 02020202020202020202020202020202 is in the store already");
    check(&answered(5, "another"), "for key 05050505050505050505050505050505 is in the store and not");
    check(&[adopted("another")], "configuration another is in the store already");
    let without = Place::with(&[make(vec![booked(1, 1, 0)], 9)]).export();
    let fault = Place::with(&[entry(Event::Adopted { version: "x".into() })]).import(&without).unwrap_err();
    assert!(fault.to_string().contains("configuration x is in the store and not"), "{fault}");
    let more = Place::with(&[make(vec![booked(1, 1, 0)], 9)]);
    more.import(&Place::with(&[make(vec![booked(1, 1, 0)], 9), make(vec![booked(2, 2, 0)], 9)]).export()).unwrap();
    assert_eq!(more.rows().0.len(), 2);
}

/// What is judged before is judged again where it is put: a store may have changed meanwhile.
#[test]
fn nothing_takes_the_place_of_what_is_there() {
    let file = Place::with(&life()).export();
    for entries in [
        vec![make(vec![booked(4, 4, 0)], 9)],
        vec![Entry {
            repeat: Some(repeat(2)),
            ..entry_at(later(2), Event::Answered { refused: false, text: "x".into() })
        }],
        vec![adopted("another")],
    ] {
        let to = Place::with(&entries);
        let dir = to.dir();
        let mut sink = Importing::open(&dir).unwrap();
        let fault = import(reader(&file).unwrap(), &mut sink, 1_024, &mut |_| {}).unwrap_err();
        assert!(matches!(fault, TransferFault::Different { .. }), "{fault:?}");
    }
}
