//! The ledger's own auditor must find what is wrong: entries that no engine writes, and stores that somebody changed.

use std::path::Path;

use chrono::TimeDelta;
use fjall::{Database, Keyspace, KeyspaceCreateOptions};
use hallpass::domain::appointment::{Action, Appointment, Code, PersonKey, Status};
use hallpass::ledger::audit::verify;
use hallpass::ledger::embedded::Embedded;
use hallpass::ledger::entry::{Deed, Entry, Event, Remembered, RememberedAnswer, RepeatKey};
use hallpass::ledger::{Ledger, LedgerFault};

use crate::world::entries::{adopted, booked, change, commit, entry, held, loaded, make, reschedule, slot};
use crate::world::{fast_directory, noon};

/// What the auditor says of a ledger with these entries.
fn violations(entries: &[Entry]) -> Vec<String> {
    let dir = fast_directory();
    let mut ledger = Embedded::open(dir.path()).unwrap();
    for entry in entries {
        commit(&mut ledger, std::slice::from_ref(entry));
    }
    verify(&ledger).unwrap().violations
}

#[track_caller]
fn finds(entries: &[Entry], words: &str) {
    let found = violations(entries);
    assert!(found.iter().any(|violation| violation.contains(words)), "{words:?} is not in {found:?}");
}

fn changed(before: &Appointment, status: Status) -> Appointment {
    let expires_at = before.expires_at.filter(|_| status == Status::Held);
    let extended = before.extended && status == Status::Held;
    Appointment { status, expires_at, extended, revision: before.revision + 1, ..*before }
}

#[test]
fn a_life_without_fault_is_found_without_fault() {
    let (hold, other) = (held(1, 1, 0), booked(2, 2, 0));
    let sealed = vec![serde_bytes::ByteBuf::from(b"more".to_vec())];
    let confirmed = changed(&hold, Status::Booked);
    let deed = Deed::Change(Action::Confirm);
    let after = vec![confirmed];
    let confirm = entry(Event::Appointments { deed, after, sealed, whole_party: false, capacity: None });
    let moved = Appointment { slot: slot(3), ..changed(&confirmed, Status::Booked) };
    let here = changed(&moved, Status::CheckedIn);
    let entries = [
        make(vec![hold], 2),
        make(vec![other], 2),
        confirm,
        reschedule(moved, 1),
        make(vec![booked(3, 3, 0)], 2),
        change(Action::Cancel, changed(&other, Status::Cancelled)),
        make(vec![booked(4, 2, 0)], 2),
        change(Action::CheckIn, here),
        change(Action::Serve, changed(&here, Status::Served)),
        make(vec![booked(5, 1, 4)], 1),
        adopted("next"),
    ];
    assert_eq!(violations(&entries), Vec::<String>::new());
}

#[test]
fn a_hold_that_is_extended_and_steps_that_are_taken_back_are_found_without_fault() {
    let hold = held(1, 1, 0);
    let longer = hold.extended_by(TimeDelta::minutes(5), noon());
    let moved = Appointment { slot: slot(1), ..changed(&longer, Status::Held) };
    let first = booked(2, 2, 0);
    let here = changed(&first, Status::CheckedIn);
    let served = changed(&here, Status::Served);
    let not_served = changed(&served, Status::CheckedIn);
    let back = changed(&not_served, Status::Booked);
    let missed = changed(&back, Status::NoShow);
    let entries = [
        make(vec![hold], 2),
        make(vec![first], 2),
        change(Action::Extend, longer),
        reschedule(moved, 1),
        change(Action::CheckIn, here),
        change(Action::Serve, served),
        change(Action::Undo, not_served),
        change(Action::Undo, back),
        change(Action::MarkNoShow, missed),
        change(Action::Undo, changed(&missed, Status::Booked)),
        change(Action::Expire, changed(&moved, Status::Expired)),
    ];
    assert_eq!(violations(&entries), Vec::<String>::new());

    let twice = Appointment { expires_at: Some(noon() + TimeDelta::minutes(20)), ..changed(&moved, Status::Held) };
    finds(&[&entries[..4], &[change(Action::Extend, twice)]].concat(), "one extension");
    finds(&[&entries[..1], &[change(Action::Extend, changed(&hold, Status::Held))]].concat(), "one extension");
    let later = Appointment { expires_at: longer.expires_at, ..changed(&hold, Status::Held) };
    finds(&[&entries[..1], &[change(Action::Reschedule, later)]].concat(), "one extension");
    finds(&[make(vec![Appointment { extended: true, ..hold }], 2)], "none begins in");
    let (expires_at, ended) = (longer.expires_at, changed(&longer, Status::Expired));
    let forgotten = Appointment { expires_at, extended: true, ..ended };
    finds(&[&entries[..3], &[change(Action::Expire, forgotten)]].concat(), "an end though it is no hold");
    // Who is back has the claim again, and nobody has two.
    let rival = make(vec![booked(3, 2, 1)], 2);
    finds(&[&entries[..9], &[rival], &entries[9..10]].concat(), "a second appointment");
    finds(&[&entries[..2], &[change(Action::Undo, changed(&first, Status::Booked))]].concat(), "lifecycle");
}

#[test]
fn an_entry_that_breaks_a_rule_is_found() {
    let first = booked(1, 1, 0);
    let made = make(vec![first], 1);
    let after_first = |entry: Entry| [made.clone(), entry];

    finds(&after_first(make(vec![booked(2, 2, 0)], 1)), "oversells");
    finds(&[make(vec![booked(1, 1, 0), booked(2, 2, 0)], 1)], "oversells");
    finds(&after_first(make(vec![booked(2, 1, 1)], 1)), "a second appointment");
    finds(&after_first(make(vec![Appointment { code: Code::from_random(1), ..booked(2, 2, 1) }], 1)), "a second time");
    finds(&after_first(made.clone()), "twice");
    finds(&[make(vec![booked(1, 1, 0), booked(2, 2, 1)], 9)], "more than one slot");
    finds(&[make(Vec::new(), 1)], "changes no appointment");
    finds(&[make(vec![Appointment { status: Status::Served, ..first }], 1)], "none begins in");
    finds(&[change(Action::Cancel, changed(&first, Status::Cancelled))], "never made");
    finds(&after_first(change(Action::Serve, changed(&first, Status::Served))), "lifecycle");
    finds(&after_first(change(Action::Cancel, changed(&first, Status::Served))), "lifecycle");
    finds(
        &after_first(change(Action::Cancel, Appointment { revision: 7, ..changed(&first, Status::Cancelled) })),
        "revision",
    );
    let elsewhere = Appointment { slot: slot(1), ..changed(&first, Status::Cancelled) };
    finds(&after_first(change(Action::Cancel, elsewhere)), "moves without");
    let somebody = Appointment { applicant: PersonKey([9; 16]), ..changed(&first, Status::Cancelled) };
    finds(&after_first(change(Action::Cancel, somebody)), "never changes");
    let moved = Appointment { slot: slot(1), ..changed(&first, Status::Booked) };
    finds(&[made.clone(), make(vec![booked(2, 2, 1)], 1), reschedule(moved, 1)], "oversells");
    finds(&after_first(change(Action::Reschedule, moved)), "names a capacity");
    let ended = Appointment { expires_at: Some(first.created_at), ..changed(&first, Status::CheckedIn) };
    finds(&after_first(change(Action::CheckIn, ended)), "has an end");
}

/// The entry that takes over appointments, each with one sealed text.
fn import(after: Vec<Appointment>) -> Entry {
    let sealed = after.iter().map(|_| vec![serde_bytes::ByteBuf::from(b"sealed".to_vec())]).collect();
    entry(Event::Imported { after, sealed, answers: Vec::new() })
}

#[test]
fn an_imported_appointment_begins_its_life_as_it_was_left() {
    let (here, hold) = (changed(&booked(1, 1, 0), Status::CheckedIn), held(2, 2, 0));
    let served = Appointment { revision: 7, ..changed(&booked(3, 3, 0), Status::Served) };
    let entries = [
        import(vec![here, hold]),
        import(vec![served]),
        change(Action::Serve, changed(&here, Status::Served)),
        change(Action::Cancel, changed(&hold, Status::Cancelled)),
        make(vec![booked(4, 2, 0)], 3),
    ];
    assert_eq!(violations(&entries), Vec::<String>::new());
    finds(&[entries.as_slice(), &[make(vec![booked(5, 5, 0)], 3)]].concat(), "oversells");
}

#[test]
fn an_import_that_breaks_a_rule_is_found() {
    let first = booked(1, 1, 0);
    finds(&[import(vec![first]), import(vec![first])], "imports an appointment that is there");
    finds(&[make(vec![first], 1), import(vec![first])], "imports an appointment that is there");
    finds(&[import(vec![first]), make(vec![first], 1)], "twice");
    finds(&[import(vec![first, booked(2, 1, 1)])], "a second appointment");
    finds(&[import(vec![first, Appointment { code: first.code, ..booked(2, 2, 1) }])], "a second time");
    finds(&[import(vec![first]), make(vec![booked(2, 1, 1)], 1)], "a second appointment");
    finds(&[import(vec![Appointment { status: Status::Held, ..first }])], "has an end");
    finds(&[import(vec![Appointment { status: Status::Served, ..held(1, 1, 0) }])], "has an end");
    finds(&[import(Vec::new())], "imports nothing");
    for sealed in [Vec::new(), vec![Vec::new()]] {
        finds(
            &[entry(Event::Imported { after: vec![first], sealed, answers: Vec::new() })],
            "has not the sealed texts",
        );
    }
    finds(&[import(vec![first]), change(Action::Serve, changed(&first, Status::Served))], "lifecycle");
}

/// A key whose answer is remembered.
const REPEAT: RepeatKey = RepeatKey { owner: None, key: [7; 16], call: [8; 16] };

/// A ledger of four entries in three rows, one of them with a remembered answer, all projected, in the hands of somebody with the store's own tools.
fn tampered_with(tamper: impl FnOnce(&Database, &dyn Fn(&str) -> Keyspace)) -> tempfile::TempDir {
    let dir = fast_directory();
    let mut ledger = Embedded::open(dir.path()).unwrap();
    commit(&mut ledger, &[make(vec![booked(1, 1, 0)], 2), make(vec![booked(2, 2, 0)], 2)]);
    commit(&mut ledger, &[adopted("second")]);
    commit(&mut ledger, &[Entry { repeat: Some(REPEAT), ..make(vec![booked(3, 3, 1)], 2) }]);
    assert_eq!(loaded(&mut ledger).len(), 3);
    drop(ledger);
    let database = Database::builder(dir.path()).open().unwrap();
    tamper(&database, &|name| database.keyspace(name, KeyspaceCreateOptions::default).unwrap());
    drop(database);
    dir
}

fn number(of: u64) -> [u8; 8] {
    of.to_be_bytes()
}

#[track_caller]
fn finds_in(dir: &Path, words: &str) {
    let report = verify(&Embedded::open(dir).unwrap()).unwrap();
    assert!(report.violations.iter().any(|violation| violation.contains(words)), "{words:?} is not in {report}");
}

#[track_caller]
fn is_unreadable<T>(result: Result<T, LedgerFault>) {
    let fault = result.err().expect("must be refused");
    assert!(matches!(fault, LedgerFault::Unreadable { .. }), "{fault:?}");
}

#[test]
fn nothing_is_found_where_nobody_tampered() {
    let dir = tampered_with(|_, _| {});
    let report = verify(&Embedded::open(dir.path()).unwrap()).unwrap();
    assert_eq!(
        (report.violations.len(), report.entries, report.appointments, report.active, report.slots),
        (0, 4, 3, 3, 2)
    );
    assert_eq!(report.to_string(), "everything fits: 4 entries, 3 appointments (3 active) in 2 slots");
}

#[test]
fn a_changed_a_missing_and_an_added_row_are_found() {
    let (row, other) = (booked(1, 1, 0), booked(8, 8, 0));
    let stored = |appointment: &Appointment| postcard::to_stdvec(appointment).unwrap();
    let key = |appointment: &Appointment| *appointment.id.0.as_bytes();

    let forged = Appointment { status: Status::Served, ..row };
    let dir = tampered_with(|_, keyspace| keyspace("appointments").insert(key(&row), stored(&forged)).unwrap());
    finds_in(dir.path(), "is not what the journal says");
    let dir = tampered_with(|_, keyspace| keyspace("appointments").remove(key(&row)).unwrap());
    finds_in(dir.path(), "2 appointments are stored, 3 are in the journal");
    let dir = tampered_with(|_, keyspace| keyspace("appointments").insert(key(&other), stored(&other)).unwrap());
    finds_in(dir.path(), "is not what the journal says");
    let dir = tampered_with(|_, keyspace| {
        let sealed = [key(&row).as_slice(), &[0]].concat();
        keyspace("sealed").insert(sealed, b"forged".as_slice()).unwrap();
    });
    finds_in(dir.path(), "personal data");

    let (at, text) = (noon().timestamp_millis(), RememberedAnswer::Text("forged".into()));
    let answer_at = |at: i64| [at.to_be_bytes().as_slice(), &REPEAT.key].concat();
    let forged = postcard::to_stdvec(&Remembered { repeat: REPEAT, at: noon(), answer: text }).unwrap();
    let dir = tampered_with(|_, keyspace| keyspace("answers").insert(answer_at(at), forged.as_slice()).unwrap());
    finds_in(dir.path(), "is not the journal's");
    let dir = tampered_with(|_, keyspace| keyspace("answers").insert(answer_at(at + 1), forged.as_slice()).unwrap());
    finds_in(dir.path(), "2 answers are stored for repeats, the journal has 1");
    let dir = tampered_with(|_, keyspace| keyspace("answers").remove(answer_at(at)).unwrap());
    finds_in(dir.path(), "0 answers are stored for repeats, the journal has 1");
}

#[test]
fn a_missing_row_of_the_journal_is_a_fault() {
    let dir = tampered_with(|_, keyspace| keyspace("journal").remove(number(3)).unwrap());
    is_unreadable(verify(&Embedded::open(dir.path()).unwrap()));
    let dir = tampered_with(|_, keyspace| {
        keyspace("journal").remove(number(3)).unwrap();
        keyspace("meta").insert("projected", number(2)).unwrap();
    });
    is_unreadable(Embedded::open(dir.path()).unwrap().load(&|_| {}));
}

#[test]
fn a_row_of_a_later_format_or_of_none_is_a_fault() {
    let dir = tampered_with(|_, keyspace| keyspace("journal").insert(number(5), [2, 1, 0, 0, 0, 9]).unwrap());
    is_unreadable(Embedded::open(dir.path()));
    let dir = tampered_with(|_, keyspace| keyspace("journal").insert(number(5), [1, 9, 0, 0, 0, 9]).unwrap());
    is_unreadable(Embedded::open(dir.path()));
    let dir = tampered_with(|_, keyspace| keyspace("journal").insert(number(5), [1, 1, 0, 0, 0, 255]).unwrap());
    is_unreadable(verify(&Embedded::open(dir.path()).unwrap()));
    is_unreadable(Embedded::open(dir.path()).unwrap().load(&|_| {}));
}

/// Where the end of the journal is lost and the rows are not, new entries would get numbers that the rows have already:
/// nothing would put them into the rows, and the start after the next would not know them.
#[test]
fn rows_that_the_journal_does_not_have_are_found_and_keep_the_ledger_from_starting() {
    let dir = tampered_with(|_, keyspace| keyspace("journal").remove(number(4)).unwrap());
    finds_in(dir.path(), "rows contain entry 4, the journal ends with 3");
    is_unreadable(Embedded::open(dir.path()).unwrap().load(&|_| {}));
}
