//! What a data directory says of its own losses: a store of which a part is gone, or another store in its place, is never
//! taken for a younger one, and nothing is ever begun anew where something was.

mod making;
mod rows;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hallpass::ledger::audit::verify;
use hallpass::ledger::embedded::data_dir::DataDir;
use hallpass::ledger::embedded::head::Head;
use hallpass::ledger::embedded::{Access, Embedded, Opening};
use hallpass::ledger::entry::{Actor, Entry, Event};
use hallpass::ledger::{Ledger, LedgerFault};

use crate::world::entries::{booked, commit, entries, loaded, make};
use crate::world::{fast_directory, noon};

/// A data directory.
struct Place(tempfile::TempDir);

impl Place {
    /// A new one with so many bookings.
    fn with(bookings: u64) -> Self {
        let place = Self(fast_directory());
        place.book(1..=bookings);
        place
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn store(&self) -> PathBuf {
        self.path().join("store")
    }

    fn open(&self, opening: Opening) -> Result<Embedded, LedgerFault> {
        Embedded::open_in(&DataDir::open(self.path())?, opening)
    }

    /// Books these numbers, as one run of a server does.
    fn book(&self, numbers: impl IntoIterator<Item = u64>) {
        let mut ledger = self.open(Opening::to(Access::Write)).unwrap();
        ledger.load(&|_| {}).unwrap();
        for number in numbers {
            commit(&mut ledger, &[make(vec![booked(number, person(number), 0)], u32::MAX)]);
        }
    }

    /// The directory as a crash leaves it behind so many bookings.
    fn crashed_after(bookings: u64) -> Self {
        let (place, copy) = (Self(fast_directory()), Self(fast_directory()));
        let mut ledger = place.open(Opening::to(Access::Write)).unwrap();
        for number in 1..=bookings {
            commit(&mut ledger, &[make(vec![booked(number, person(number), 0)], u32::MAX)]);
        }
        copy_all(place.path(), copy.path());
        copy
    }

    fn copied(&self) -> Self {
        let copy = Self(fast_directory());
        copy_all(self.path(), copy.path());
        copy
    }

    fn head(&self) -> Head {
        Head::read(self.path()).unwrap().unwrap()
    }

    /// Puts another store in the place of this one.
    fn replace_store(&self, by: &Place) {
        fs::remove_dir_all(self.store()).unwrap();
        copy_all(&by.store(), &self.store());
    }

    /// Wants that a start and an audit say this, and that both leave everything as it is.
    #[track_caller]
    fn refuses(&self, words: &str) {
        let before = files(self.path());
        for access in [Access::Look, Access::Write, Access::ReadOnly] {
            match self.open(Opening::to(access)) {
                Err(fault) => assert!(fault.to_string().contains(words), "{words:?} is not in {fault}"),
                Ok(_) => panic!("opened to {access:?} where it must say {words:?}"),
            }
            assert!(files(self.path()) == before, "{words}: to {access:?} it has changed something");
        }
    }

    /// Opens it, audits it, and gives the number of its entries.
    #[track_caller]
    fn is_sound(&self) -> u64 {
        let report = verify(&self.open(Opening::to(Access::Look)).unwrap()).unwrap();
        assert_eq!(report.violations, Vec::<String>::new());
        self.open(Opening::to(Access::Write)).unwrap().load(&|_| {}).unwrap();
        report.entries
    }

    /// The entries that operators left here.
    fn records(&self) -> Vec<String> {
        let all = entries(&self.open(Opening::to(Access::Look)).unwrap());
        let record = |entry: Entry| match entry {
            Entry { by: Actor::Operator, event: Event::Answered { text, .. }, .. } => Some(text),
            _ => None,
        };
        all.into_iter().filter_map(record).collect()
    }
}

/// Who makes the booking with a number: somebody else each time.
fn person(number: u64) -> u8 {
    u8::try_from(number).unwrap()
}

fn accepting() -> Opening {
    Opening { access: Access::Write, accepts_loss: Some(noon()) }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every file with its content, without the zeros behind it.
fn files(path: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(files(&entry));
            found.insert(entry, Vec::new());
        } else {
            let mut content = fs::read(&entry).unwrap();
            content.truncate(content.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
            found.insert(entry, content);
        }
    }
    found
}

/// The log of a store that has one file of it.
fn log(store: &Path) -> PathBuf {
    let logs = fs::read_dir(store).unwrap().map(|entry| entry.unwrap().path());
    let logs: Vec<_> = logs.filter(|path| path.extension().is_some_and(|extension| extension == "jnl")).collect();
    assert_eq!(logs.len(), 1, "{logs:?}");
    logs[0].clone()
}

/// What is written in a log.
fn written(log: &Path) -> Vec<u8> {
    let mut content = fs::read(log).unwrap();
    content.truncate(content.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
    content
}

#[test]
fn a_part_that_is_gone_is_never_made_anew() {
    let whole = Place::with(40);
    assert_eq!(whole.is_sound(), 40);
    let keyspaces = whole.store().join("keyspaces");
    let of_keyspaces = fs::read_dir(&keyspaces).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut parts: Vec<_> = of_keyspaces
        .flat_map(|name| [format!("store/keyspaces/{name}"), format!("store/keyspaces/{name}/current")])
        .collect();
    assert_eq!(parts.len(), 12, "{parts:?}");
    let log = log(&whole.store()).file_name().unwrap().to_str().unwrap().to_owned();
    parts.extend(["store".into(), "store/keyspaces".into(), "store/version".into(), format!("store/{log}")]);
    for part in parts {
        let place = whole.copied();
        let lost = place.path().join(&part);
        let removed = if lost.is_dir() { fs::remove_dir_all(&lost) } else { fs::remove_file(&lost) };
        removed.unwrap();
        place.refuses("lost a part of its store");
        // What a volume that is not mounted leaves is a directory, and nothing in it.
        if place.path().join(&part).extension().is_none() && part != "store/version" && !part.ends_with("current") {
            fs::create_dir(&lost).unwrap();
        } else {
            fs::write(&lost, "").unwrap();
        }
        place.refuses("lost a part of its store");
        // Not even an operator who accepts a loss begins anew here.
        assert!(matches!(place.open(accepting()), Err(LedgerFault::Loss { .. })), "{part}");
    }
}

#[test]
fn an_older_copy_of_the_store_is_noticed() {
    let place = Place::with(3);
    let old = place.copied();
    place.book(4..=8);
    place.replace_store(&old);
    place.refuses("5 acknowledged entries are missing");

    let ledger = place.open(accepting()).unwrap();
    assert_eq!(entries(&ledger).len(), 4, "three bookings and a record");
    drop(ledger);
    assert_eq!(place.records(), ["accept-loss: the store has 3 entries, its head said 8"]);
    assert_eq!(place.is_sound(), 4);
    place.book(9..=10);
    assert_eq!(place.is_sound(), 6);
    assert_eq!(place.records().len(), 1, "a loss is accepted once");
}

#[test]
fn another_store_in_its_place_is_noticed() {
    let (place, other) = (Place::with(3), Place::with(9));
    place.replace_store(&other);
    place.refuses("another store");
    drop(place.open(accepting()).unwrap());
    assert_eq!(place.is_sound(), 10);

    // A copy that went its own way has the same id.
    let (one, two) = (Place::with(3), Place::with(0));
    fs::remove_dir_all(two.path()).unwrap();
    copy_all(one.path(), two.path());
    one.book(4..=6);
    two.book(14..=17);
    two.replace_store(&one);
    two.refuses("1 acknowledged entries are missing");
    one.book(7..=9);
    two.replace_store(&one);
    two.refuses("another history");
    drop(two.open(accepting()).unwrap());
    assert_eq!(two.is_sound(), 10);
}

#[test]
fn a_head_that_is_gone_or_spoilt_is_noticed() {
    let place = Place::with(3);
    let head = Head::file_in(place.path());
    let text = fs::read(&head).unwrap();
    fs::remove_file(&head).unwrap();
    place.refuses("has no file `head`");
    fs::write(&head, &text[..text.len() / 2]).unwrap();
    place.refuses("the head of the store");
    drop(place.open(accepting()).unwrap());
    assert_eq!(place.is_sound(), 4);
}

#[test]
fn a_bit_of_the_last_record_after_a_clean_stop_is_noticed() {
    let place = Place::with(5);
    assert!(place.head().is_clean);
    assert_eq!(place.head().last, 5);
    let log = log(&place.store());
    let sound = written(&log);
    for at in (1..200).step_by(7).chain([1, 2, 5, 13]) {
        let mut spoilt = sound.clone();
        let byte = spoilt.len() - at;
        spoilt[byte] ^= 1;
        fs::write(&log, &spoilt).unwrap();
        place.refuses("damaged at byte");
    }
    for cut in [1, 13, 100, 500] {
        fs::write(&log, &sound[..sound.len() - cut]).unwrap();
        place.refuses("");
    }
    fs::write(&log, &sound).unwrap();
    assert_eq!(place.is_sound(), 5);
}

#[test]
fn after_a_crash_only_what_nobody_was_told_is_cut_off() {
    let place = Place::crashed_after(5);
    let head = place.head();
    assert_eq!((head.last, head.is_clean), (0, false), "the head was written before the bookings");
    let log = log(&place.store());
    let sound = written(&log);
    // The last booking was being written, and the head does not know of it.
    let cut = place.copied();
    fs::write(cut.store().join(log.file_name().unwrap()), &sound[..sound.len() - 20]).unwrap();
    assert_eq!(cut.is_sound(), 4);
    // The head knows of it.
    let known = Head { last: 5, ..head };
    for (last, refuses) in [(4, false), (5, true)] {
        let cut = place.copied();
        Head { last, ..known }.write(cut.path()).unwrap();
        fs::write(cut.store().join(log.file_name().unwrap()), &sound[..sound.len() - 20]).unwrap();
        if refuses {
            cut.refuses("damaged at byte");
        } else {
            assert_eq!(cut.is_sound(), 4);
        }
    }
    assert_eq!(place.is_sound(), 5);
}

#[test]
fn a_log_that_goes_while_the_store_is_open_is_missed_at_the_next_start() {
    let place = Place::with(3);
    let mut ledger = place.open(Opening::to(Access::Write)).unwrap();
    assert_eq!(loaded(&mut ledger).len(), 3);
    fs::remove_file(log(&place.store())).unwrap();
    for number in 4..=20 {
        commit(&mut ledger, &[make(vec![booked(number, person(number), 0)], u32::MAX)]);
    }
    drop(ledger);
    place.refuses("lost a part of its store");
}

#[test]
fn a_start_that_only_reads_changes_nothing() {
    let place = Place::crashed_after(30);
    let before = files(place.path());
    let mut ledger = place.open(Opening::to(Access::ReadOnly)).unwrap();
    assert_eq!(loaded(&mut ledger).len(), 30, "also what no row has yet");
    let entry = make(vec![booked(99, 99, 0)], u32::MAX).encode();
    let snapshot = hallpass::domain::snapshot::Snapshot::default();
    let draft = hallpass::ledger::Draft { entry: &entry, snapshot: &snapshot, made_before: 0, capacities: &[] };
    assert!(matches!(ledger.commit(2, &[draft]), Err(hallpass::ledger::CommitFault::NotWritten(_))));
    drop(ledger);
    assert!(files(place.path()) == before);
    assert_eq!(place.is_sound(), 30);
}
