//! The auditor of a database must find what is wrong with one that somebody changed.

use super::*;

/// What the auditor says when a statement has changed a database.
#[track_caller]
fn finds(base: &Database<'_>, statement: &str, words: &str) {
    base.fits();
    base.ask(statement);
    let report = base.verify();
    let found = report.violations.iter().any(|violation| violation.contains(words));
    assert!(found, "{words:?} is not in {report}");
    assert!(report.to_string().contains("the ledger is damaged"), "{report}");
}

#[test]
fn whatever_was_changed_in_a_database_is_found() {
    let databases = Databases::start();
    let file = Place::with(&life()).export();
    let of_first = "WHERE id = (SELECT min(id::text)::uuid FROM hallpass.appointments)";
    let without_keys = "ALTER TABLE hallpass.slots DROP CONSTRAINT never_oversold;
         DROP INDEX hallpass.one_claim, hallpass.one_share;";
    let appointment = |set: &str| format!("UPDATE hallpass.appointments SET {set} {of_first}");
    let cases = [
        (
            "UPDATE hallpass.slots SET taken = taken - 1 WHERE taken = 1".to_owned(),
            "0 places are counted, 1 appointments",
        ),
        ("UPDATE hallpass.slots SET taken = taken + 1, overhang = overhang + 1".to_owned(), "places are counted"),
        (format!("{without_keys} UPDATE hallpass.slots SET overhang = 0"), "is oversold"),
        ("DELETE FROM hallpass.slots".to_owned(), "and nobody counts them"),
        (
            appointment("body = set_byte(body, octet_length(body) - 1, 77)"),
            "its revision is not what its stored form says",
        ),
        (appointment("body = substr(body, 1, 20)"), "its stored form cannot be read"),
        (
            appointment("body = (SELECT body FROM hallpass.appointments ORDER BY id DESC LIMIT 1)"),
            "its id is not what its stored form says",
        ),
        (appointment("status = 'cancelled'"), "its status is not"),
        (appointment("hall = 'hall-two'"), "its hall is not"),
        (appointment("starts = starts + 1"), "its starts is not"),
        (appointment("applicant = gen_random_uuid()"), "its applicant is not"),
        (appointment("sealed = ARRAY['\\x00'::bytea]"), "cannot be opened with these keys"),
        (appointment("sealed = '{}'"), "has no personal data"),
        (
            format!(
                "{without_keys} UPDATE hallpass.appointments
             SET share = 5, made_by = (SELECT made_by FROM hallpass.appointments LIMIT 1)"
            ),
            "has the same share",
        ),
        (format!("DELETE FROM hallpass.appointments {of_first}"), "places are counted"),
        ("UPDATE hallpass.answers SET at = at + interval '1 ms'".to_owned(), "is another one in its stored form"),
        ("UPDATE hallpass.answers SET body = '\\x00'".to_owned(), "cannot be read"),
    ];
    for (number, (statement, words)) in cases.iter().enumerate() {
        let base = databases.fresh(&format!("case_{number}"));
        base.import(&file).unwrap();
        finds(&base, statement, words);
    }
}

#[test]
fn a_second_claim_is_found() {
    let databases = Databases::start();
    let base = databases.fresh("base");
    let entries = [make(vec![booked(1, 1, 0)], 9), make(vec![booked(2, 2, 1)], 9)];
    base.import(&Place::with(&entries).export()).unwrap();
    let other = databases.fresh("other");
    other.import(&Place::with(&[make(vec![booked(2, 1, 1)], 9)]).export()).unwrap();
    let body = other.ask("SELECT encode(body, 'hex') FROM hallpass.appointments");
    let statement = format!(
        "DROP INDEX hallpass.one_claim; DROP INDEX hallpass.one_share;
         UPDATE hallpass.appointments SET body = decode('{body}', 'hex'), applicant = '{one}', made_by = '{one}', share = 1
         WHERE applicant <> '{one}'",
        one = Uuid::from_bytes([1; 16]),
    );
    finds(&base, &statement, "a second appointment beside");
}

/// A change that no column tells: the journal does, as long as it is kept.
#[test]
fn what_the_journal_says_is_what_the_rows_say() {
    let databases = Databases::start();
    let base = databases.fresh("base");
    let world = base.join(&Plan::simple(2));
    let at = At::passport(1, 0);
    let booked = databases.runtime.block_on(async {
        let booked = world.booked(1, at).await;
        let moved = world.engine.reschedule(world.call(1), booked.id, false, at.in_hall_two().target()).await;
        moved.unwrap();
        booked
    });
    let audit = || {
        let vault = world.engine.vault();
        verify_database(&mut base.source(), &|id, sealed| hallpass::engine::opens(vault, id, sealed)).unwrap()
    };
    // The adoption, the booking and the move; audited while it serves.
    let report = audit();
    assert_eq!((report.violations.len(), report.entries, report.appointments, report.slots), (0, 3, 1, 1), "{report}");
    let found = |statement: &str, words: &str| {
        let before = base.ask("SELECT encode(body, 'hex') FROM hallpass.appointments");
        base.ask(statement);
        let report = audit();
        let expected = format!("the stored row of {} {words}", booked.id);
        assert!(report.violations.contains(&expected), "{statement}: {report}");
        base.ask(&format!("UPDATE hallpass.appointments SET revision = 1, body = decode('{before}', 'hex')"));
    };
    // A byte of the party, and then the revision.
    found(
        "UPDATE hallpass.appointments SET body = set_byte(body, 20, get_byte(body, 20) # 1)",
        "is not what the journal says",
    );
    found(
        "UPDATE hallpass.appointments SET body = set_byte(body, octet_length(body) - 1, 0), revision = 0",
        "is older than the journal says",
    );
    assert!(audit().violations.is_empty());
    base.ask("UPDATE hallpass.journal SET bodies = ARRAY['\\x00'::bytea] WHERE sequence = (SELECT max(sequence) FROM hallpass.journal)");
    let report = audit();
    assert!(report.violations[0].contains("of the journal cannot be read"), "{report}");
    world.stop();
}
