//! What keeps a database from being read or written.

use super::*;

#[test]
fn nothing_is_imported_while_an_instance_serves() {
    let databases = Databases::start();
    let (base, file) = (databases.fresh("base"), Place::with(&life()).export());
    // An instance that comes between two chunks ends the import.
    let mut sink = base.sink();
    let world = base.join(&Plan::simple(9));
    let served = |fault: TransferFault| {
        assert!(matches!(fault, TransferFault::Served { instances: 1, .. }), "{fault}");
        assert!(fault.to_string().contains("1 instances serve from the database"), "{fault}");
    };
    served(import(reader(&file).unwrap(), &mut sink, CHUNK, &mut |_| {}).unwrap_err());
    served(base.import(&file).unwrap_err());
    assert_eq!(base.fits().appointments, 0);
    world.stop();
    drop(sink);
    base.forget_instances();
    // It has put its own configuration in force.
    let fault = base.import(&file).unwrap_err().to_string();
    assert!(fault.contains("configuration simple is in the store already"), "{fault}");
    base.ask("UPDATE hallpass.store SET configuration = NULL");
    base.import(&file).unwrap();
    assert_eq!(base.fits().appointments, 10);
}

#[test]
fn a_database_has_the_keys_with_which_it_was_begun() {
    let databases = Databases::start();
    let (base, file) = (databases.fresh("base"), Place::with(&life()).export());
    let fault = base.source_with(keys()).unwrap_err().to_string();
    assert!(fault.contains("the database has nothing of hallpass"), "{fault}");

    // Only what is put begins it.
    drop(base.sink_with([1; 16]).unwrap());
    base.import(&file).unwrap();
    let hex = format!("{:032x}", u128::from_be_bytes(keys()));
    assert_eq!(base.ask("SELECT encode(keys, 'hex') FROM hallpass.store"), hex);
    assert!(matches!(base.source_with([1; 16]), Err(LedgerFault::Keys { .. })));
    let fault = base.sink_with([1; 16]).unwrap_err();
    assert!(matches!(fault, TransferFault::Ledger(LedgerFault::Keys { .. })), "{fault}");
    base.ask("INSERT INTO hallpass.schema_steps (step) VALUES (99)");
    let faults = [base.source_with(keys()).unwrap_err().to_string(), base.sink_with(keys()).unwrap_err().to_string()];
    assert!(faults.iter().all(|fault| fault.contains("has schema 99")), "{faults:?}");
}

#[test]
fn a_database_with_anything_else_is_left_as_it_is() {
    let databases = Databases::start();
    let file = Place::with(&life()).export();
    let refused = |name: &str, entries: &[Entry], words: &str| {
        let base = databases.fresh(name);
        base.import(&Place::with(entries).export()).unwrap();
        let before = base.export();
        let fault = base.import(&file).expect_err(words).to_string();
        assert!(fault.contains(words) && fault.contains("an empty database"), "{words}: {fault}");
        assert!(base.export() == before, "{words}");
    };
    let other = Appointment { code: booked(77, 1, 0).code, ..booked(4, 4, 0) };
    refused("other", &[make(vec![other], 9)], &format!("appointment {} is in the store already", other.id));
    let foreign = booked(12, 12, 0);
    refused("foreign", &[make(vec![foreign], 9)], &format!("appointment {} is in the store and not", foreign.id));
    let said = Event::Answered { refused: false, text: "another".into() };
    let answered = Entry { repeat: Some(repeat(2)), ..entry_at(later(2), said) };
    refused("answer", &[answered], "for key 02020202020202020202020202020202 is in the store already");
    refused("configuration", &[adopted("another")], "configuration another is in the store already");
}

/// What is judged before is judged again where it is put: a database may have changed meanwhile.
#[test]
fn nothing_takes_the_place_of_what_is_there() {
    let databases = Databases::start();
    let file = Place::with(&life()).export();
    let put = |name: &str, entries: &[Entry]| {
        let base = databases.fresh(name);
        base.import(&Place::with(entries).export()).unwrap();
        let fault = import(reader(&file).unwrap(), &mut base.sink(), 1_024, &mut |_| {}).unwrap_err();
        assert_eq!(base.fits().appointments as u64, judged(&base.export()).unwrap().appointments);
        fault
    };
    let different = |name: &str, entries: &[Entry]| {
        let fault = put(name, entries);
        assert!(matches!(fault, TransferFault::Different { .. }), "{fault:?}");
    };
    different("appointment", &[make(vec![booked(4, 4, 0)], 9)]);
    let said = Event::Answered { refused: false, text: "x".into() };
    different("answer", &[Entry { repeat: Some(repeat(2)), ..entry_at(later(2), said) }]);
    different("configuration", &[adopted("another")]);

    // The ninth person has an active appointment for a passport in the file too.
    let claimed = booked(20, 9, 0);
    match put("claim", &[make(vec![claimed], 9)]) {
        fault @ TransferFault::Claimed { .. } => {
            let (words, of_file) = (fault.to_string(), booked(9, 9, 0).id);
            assert!(words.contains(&claimed.id.to_string()) && words.contains(&of_file.to_string()), "{words}");
        }
        fault => panic!("{fault:?}"),
    }
}

#[test]
fn two_claims_in_one_file_are_refused_and_named() {
    let databases = Databases::start();
    let base = databases.fresh("base");
    // No auditor would let this pass; a file may come from anywhere.
    let file = Place::with(&[make(vec![booked(1, 1, 0)], 9), make(vec![booked(2, 1, 1)], 9)]).export();
    let fault = base.import(&file).unwrap_err();
    assert!(matches!(fault, TransferFault::Claimed { id, other } if id.0.as_u128() == 2 && other.0.as_u128() == 1));
    assert_eq!(base.fits().appointments, 0);
}
