//! A directory that is made, or upgraded, and a crash at each step of that.

use super::*;

use fjall::{Database, KeyspaceCreateOptions};

/// Takes rows out of the keyspace `meta` of a store.
fn forget(place: &Place, keys: &[&str]) {
    let database = Database::builder(place.store()).open().unwrap();
    let meta = database.keyspace("meta", KeyspaceCreateOptions::default).unwrap();
    for key in keys {
        meta.remove(*key).unwrap();
    }
}

fn set_format(place: &Place, version: u32) {
    fs::write(place.path().join("FORMAT"), format!("hallpass-ledger {version}\n")).unwrap();
}

fn format(place: &Place) -> String {
    fs::read_to_string(place.path().join("FORMAT")).unwrap()
}

#[test]
fn a_first_start_that_was_interrupted_begins_again() {
    let whole = Place::with(0);
    assert_eq!(format(&whole), "hallpass-ledger 3\n");
    // Each step leaves one thing more than the one before.
    let steps: [&[&str]; 6] =
        [&["lock"], &["FORMAT.new"], &["keys.new"], &["keys"], &["store.new", "admin.token"], &["store"]];
    let place = Place(fast_directory());
    for step in steps {
        for name in step {
            match *name {
                "store" => copy_all(&whole.store(), &place.store()),
                "store.new" => copy_all(&whole.store().join("keyspaces"), &place.path().join("store.new/keyspaces")),
                name => fs::write(place.path().join(name), "hallpass-ledger 3\n").unwrap(),
            }
        }
        let begun = place.copied();
        begun.book(1..=2);
        assert_eq!((begun.is_sound(), format(&begun).as_str()), (2, "hallpass-ledger 3\n"), "{step:?}");
    }
    // With the head, and without the last rename.
    let headed = whole.copied();
    fs::rename(headed.path().join("FORMAT"), headed.path().join("FORMAT.new")).unwrap();
    headed.book(1..=2);
    assert_eq!(headed.is_sound(), 2);
    // A directory that has bookings is no interrupted first start, whatever is missing there.
    let filled = Place::with(2);
    fs::rename(filled.path().join("FORMAT"), filled.path().join("FORMAT.new")).unwrap();
    let refused = filled.open(Opening::to(Access::Write)).err().unwrap().to_string();
    assert!(refused.contains("a store with 2 entries"), "{refused}");
}

#[test]
fn a_directory_of_an_earlier_format_is_upgraded_and_a_crash_on_the_way_goes_on() {
    for version in [1, 2] {
        let old = Place::with(7);
        forget(&old, &["rows_have", "store", "headed"]);
        fs::remove_file(Head::file_in(old.path())).unwrap();
        set_format(&old, version);

        let looked_at = old.copied();
        let report = verify(&looked_at.open(Opening::to(Access::Look)).unwrap()).unwrap();
        assert_eq!((report.entries, report.violations.len()), (7, 0));
        assert_eq!(format(&looked_at), format(&old), "an audit upgrades nothing");
        assert!(!Head::file_in(looked_at.path()).exists());

        // Its format was raised, and nothing else done.
        let raised = old.copied();
        set_format(&raised, 3);
        // It got its id, and has no head.
        let named = Place::with(7);
        forget(&named, &["headed"]);
        fs::remove_file(Head::file_in(named.path())).unwrap();
        // It has a head, and does not know.
        let headed = Place::with(7);
        forget(&headed, &["headed"]);
        for place in [old, raised, named, headed] {
            place.book(8..=9);
            assert_eq!((place.is_sound(), format(&place).as_str()), (9, "hallpass-ledger 3\n"));
            let head = place.head();
            assert_eq!((head.last, head.appointments, head.is_clean), (9, 9, true));
            fs::remove_file(Head::file_in(place.path())).unwrap();
            place.refuses("has no file `head`");
        }
    }
}

#[test]
fn an_old_store_under_a_newer_head_is_no_upgrade() {
    let place = Place::with(7);
    forget(&place, &["rows_have", "store", "headed"]);
    place.refuses("an older one without an id");
    drop(place.open(accepting()).unwrap());
    assert_eq!(place.is_sound(), 8);
}

#[test]
fn a_directory_that_was_used_with_a_database_may_begin_a_store() {
    let used = Place(fast_directory());
    DataDir::open(used.path()).unwrap().settle_without_store().unwrap();
    assert_eq!(format(&used), "hallpass-ledger 1\n");
    let marker = |place: &Place| place.path().join("NO-STORE").exists();
    assert!(marker(&used));
    for access in [Access::Look, Access::ReadOnly] {
        let refused = used.open(Opening::to(access)).err().unwrap().to_string();
        assert!(refused.contains("never had one"), "{refused}");
        assert!(!used.store().exists(), "{access:?} makes nothing");
    }
    let whole = Place::with(0);
    // A crash left the store, or its head too, or the format.
    let (with_store, with_head, raised) = (used.copied(), used.copied(), used.copied());
    for place in [&with_store, &with_head, &raised] {
        copy_all(&whole.store(), &place.store());
    }
    for place in [&with_head, &raised] {
        fs::copy(Head::file_in(whole.path()), Head::file_in(place.path())).unwrap();
    }
    set_format(&raised, 3);
    for place in [used, with_store, with_head, raised] {
        place.book(1..=2);
        assert_eq!((place.is_sound(), format(&place).as_str()), (2, "hallpass-ledger 3\n"));
        DataDir::open(place.path()).unwrap().settle_without_store().unwrap();
        assert!(!DataDir::open(place.path()).unwrap().begins());
        fs::remove_dir_all(place.store()).unwrap();
        place.refuses("lost a part of its store");
    }
}

#[test]
fn a_database_takes_no_store_for_one_that_never_was() {
    // Of an earlier version; and of an interrupted first start.
    let (old, begun) = (Place::with(3), Place::with(0));
    set_format(&old, 1);
    fs::rename(begun.path().join("FORMAT"), begun.path().join("FORMAT.new")).unwrap();
    for (place, bookings) in [(old, 3), (begun, 0)] {
        let data = DataDir::open(place.path()).unwrap();
        data.settle_without_store().unwrap();
        assert!(!data.begins());
        drop(data);
        assert!(!place.path().join("NO-STORE").exists());
        assert_eq!(place.is_sound(), bookings);
        let away = place.path().join("away");
        set_format(&place, 1);
        fs::rename(place.store(), away).unwrap();
        place.refuses("two possibilities");
    }
}
