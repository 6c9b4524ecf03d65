//! What a power cut leaves of the embedded ledger.
//!
//! The store appends every batch to one file, `N.jnl`: a head, the row, a checksum, four last bytes. The file is made
//! 64 MiB long at first, so behind the last batch there are zeros, until the store is opened again and cuts them off. A
//! process that dies in the middle of a write leaves a part of the last batch, with zeros or with nothing behind it. Each
//! test copies the files of an open store, as a crash would leave them, spoils the copy, and opens it: every batch that
//! came before must be there, the last one whole or not at all, and the ledger must go on from there.

use std::fs::{self, OpenOptions};
use std::ops::Range;
use std::path::{Path, PathBuf};

use hallpass::domain::appointment::{Action, Appointment, Status};
use hallpass::ledger::audit::verify;
use hallpass::ledger::embedded::Embedded;
use hallpass::ledger::entry::Entry;

use crate::world::entries::{adopted, booked, change, commit, entries, loaded, make};
use crate::world::fast_directory;

/// How many zeros the tests leave behind what was written.
const ZEROS_BEHIND: u64 = 64 << 10;

/// A store as it lies on the disk: the file that grows, and where each step began to write.
struct Wreck {
    dir: tempfile::TempDir,
    written: Vec<u8>,
    from: Vec<usize>,
}

impl Wreck {
    /// Opens the store for each step, and copies the files while it is open for the last.
    fn after(steps: &[&dyn Fn(&mut Embedded)]) -> Self {
        let (open, dir) = (fast_directory(), fast_directory());
        let mut ledger = None;
        let mut from = Vec::new();
        for step in steps {
            drop(ledger.take());
            let ledger = ledger.insert(Embedded::open(open.path()).unwrap());
            from.push(written(open.path()).len());
            step(ledger);
        }
        copy(open.path(), dir.path());
        let written = written(open.path());
        Self { dir, written, from }
    }

    /// What the last step wrote.
    fn last(&self) -> Range<usize> {
        self.from[self.from.len() - 1]..self.written.len()
    }

    /// What is written, with all bits of one byte turned over.
    fn changed_at(&self, at: usize) -> Vec<u8> {
        let mut spoilt = self.written.clone();
        spoilt[at] = !spoilt[at];
        spoilt
    }

    /// The store with this content of its file, and with or without zeros behind it.
    fn with(&self, content: &[u8], zeros_behind: bool) -> tempfile::TempDir {
        let dir = fast_directory();
        copy(self.dir.path(), dir.path());
        let file = journal_file(dir.path());
        fs::write(&file, content).unwrap();
        if zeros_behind {
            let length = content.len() as u64 + ZEROS_BEHIND;
            OpenOptions::new().write(true).open(&file).unwrap().set_len(length).unwrap();
        }
        dir
    }
}

fn journal_files(dir: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|ext| ext == "jnl")).collect()
}

fn journal_file(dir: &Path) -> PathBuf {
    let mut files = journal_files(dir);
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

/// What the store has written to its file, without the zeros behind it.
fn written(dir: &Path) -> Vec<u8> {
    let mut content = fs::read(journal_file(dir)).unwrap();
    let end = content.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    content.truncate(end);
    content
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.path().extension().is_some_and(|ext| ext == "jnl") {
            fs::write(target, written(from)).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The batches of the tests: bookings, a change, an entry without appointments, and a last batch of three.
fn batches() -> Vec<Vec<Entry>> {
    let cancelled = Appointment { status: Status::Cancelled, revision: 1, ..booked(1, 1, 0) };
    vec![
        vec![make(vec![booked(1, 1, 0)], 2), make(vec![booked(2, 2, 0)], 2)],
        vec![adopted("second")],
        vec![change(Action::Cancel, cancelled)],
        vec![make(vec![booked(3, 1, 1)], 2), make(vec![booked(4, 4, 0)], 2), adopted("third")],
    ]
}

/// Opens a spoilt store, wants all of `whole` and either all of `last` or nothing of it, and goes on writing.
fn opens_with(dir: &Path, whole: &[Entry], last: &[Entry], what: &str) -> bool {
    let mut ledger = Embedded::open(dir).unwrap_or_else(|fault| panic!("{what}: {fault:?}"));
    let found = entries(&ledger);
    let with_last = [whole, last].concat();
    let has_last = found == with_last;
    assert!(has_last || found == whole, "{what}: {} entries", found.len());
    assert_eq!(loaded(&mut ledger).len(), if has_last { 4 } else { 2 }, "{what}");
    commit(&mut ledger, &[make(vec![booked(9, 9, 5)], 2)]);
    drop(ledger);

    let ledger = Embedded::open(dir).unwrap();
    let report = verify(&ledger).unwrap();
    assert!(report.violations.is_empty(), "{what}: {report}");
    assert_eq!(report.entries, found.len() as u64 + 1, "{what}");
    has_last
}

/// Whether a byte of a batch, counted from its beginning, is one of its number: that is outside of the checksum, and a
/// wrong one in a whole batch is no unfinished write.
fn is_in_number(at: usize) -> bool {
    (5..13).contains(&at)
}

/// A store with all batches, and the entries of its last one and of those before it.
fn wreck_of_batches() -> (Wreck, Vec<Entry>, Vec<Entry>) {
    let mut batches = batches();
    let last = batches.pop().unwrap();
    let wreck = Wreck::after(&[
        &|ledger: &mut Embedded| batches.iter().for_each(|batch| commit(ledger, batch)),
        &|ledger: &mut Embedded| commit(ledger, &last),
    ]);
    (wreck, batches.concat(), last)
}

#[test]
fn cut_at_every_byte_of_the_last_batch_the_ledger_has_the_others() {
    let (wreck, whole, last) = wreck_of_batches();
    let part = wreck.last();
    assert!(part.len() > 300, "the last batch is {part:?}");
    for cut in part.start..=part.end {
        for zeros_behind in [false, true] {
            let dir = wreck.with(&wreck.written[..cut], zeros_behind);
            let has_last = opens_with(dir.path(), &whole, &last, &format!("cut at {cut} of {part:?}"));
            assert_eq!(has_last, cut == part.end, "cut at {cut} of {part:?}");
        }
    }
}

#[test]
fn cut_at_every_byte_of_the_rows_behind_the_journal_nothing_is_missing() {
    let batches = batches();
    let wreck = Wreck::after(&[
        &|ledger: &mut Embedded| batches.iter().for_each(|batch| commit(ledger, batch)),
        &|ledger: &mut Embedded| assert_eq!(loaded(ledger).len(), 4),
    ]);
    let part = wreck.last();
    assert!(part.len() > 300, "the rows are {part:?}");
    for cut in part.start..=part.end {
        let dir = wreck.with(&wreck.written[..cut], true);
        opens_with(dir.path(), &batches.concat(), &[], &format!("cut at {cut} of {part:?}"));
    }
}

#[test]
fn with_any_byte_of_the_last_batch_changed_the_ledger_has_the_others() {
    let (wreck, whole, last) = wreck_of_batches();
    let part = wreck.last();
    for at in part.clone().filter(|at| !is_in_number(at - part.start)) {
        let dir = wreck.with(&wreck.changed_at(at), at % 2 == 0);
        opens_with(dir.path(), &whole, &last, &format!("changed at {at} of {part:?}"));
    }
}

/// The pages of one write reach a disk in any order.
#[test]
fn with_any_part_of_a_long_last_batch_missing_the_ledger_has_the_others() {
    const HOLE: usize = 512;
    let batches = batches();
    let last: Vec<_> = (100..160).map(|number| make(vec![booked(number.into(), number, 3)], 60)).collect();
    let wreck = Wreck::after(&[
        &|ledger: &mut Embedded| batches.iter().for_each(|batch| commit(ledger, batch)),
        &|ledger: &mut Embedded| commit(ledger, &last),
    ]);
    let part = wreck.last();
    assert!(part.len() > 10 * HOLE, "the last batch is {part:?}");
    for hole in part.clone().step_by(HOLE) {
        let mut spoilt = wreck.written.clone();
        spoilt[hole..part.end.min(hole + HOLE)].fill(0);
        let dir = wreck.with(&spoilt, true);
        let mut ledger = Embedded::open(dir.path()).unwrap_or_else(|fault| panic!("hole at {hole}: {fault:?}"));
        assert!(entries(&ledger) == batches.concat(), "hole at {hole} of {part:?}");
        assert_eq!(loaded(&mut ledger).len(), 4);
    }
}

/// The projecting thread writes rows without a flush; the next batch flushes them. A crash in that flush may leave the
/// batch whole and the rows before it not.
#[test]
fn a_whole_batch_behind_unfinished_rows_is_kept() {
    let mut batches = batches();
    let last = batches.pop().unwrap();
    let wreck = Wreck::after(&[
        &|ledger: &mut Embedded| batches.iter().for_each(|batch| commit(ledger, batch)),
        &|ledger: &mut Embedded| assert_eq!(loaded(ledger).len(), 2),
        &|ledger: &mut Embedded| commit(ledger, &last),
    ]);
    let rows = wreck.from[1]..wreck.from[2];
    assert!(rows.len() > 300, "the rows are {rows:?}");
    for at in rows.clone().filter(|at| !is_in_number(at - rows.start)) {
        let dir = wreck.with(&wreck.changed_at(at), false);
        let has_last = opens_with(dir.path(), &batches.concat(), &last, &format!("rows changed at {at} of {rows:?}"));
        assert!(has_last, "rows changed at {at} of {rows:?}");
    }
}

/// A process that dies leaves no damage in front of what was acknowledged; a bad disk does. No start may pass that over.
#[test]
fn damage_in_front_of_the_last_batch_is_a_fault_and_is_left_as_it_is() {
    let (wreck, ..) = wreck_of_batches();
    // The highest byte of a number too: the store leaves numbers out of its checksums.
    for at in (0..wreck.last().start).chain([wreck.last().start + 12]) {
        let spoilt = wreck.changed_at(at);
        let dir = wreck.with(&spoilt, at % 2 == 0);
        let fault = Embedded::open(dir.path()).err().unwrap_or_else(|| panic!("changed at {at}: opened"));
        assert!(fault.to_string().contains("damaged at byte"), "changed at {at}: {fault}");
        assert!(written(dir.path()) == spoilt, "changed at {at}");
    }
}

/// Behind a start that found much to do, the journal is longer than what one round takes into the rows.
#[test]
fn a_long_journal_that_no_row_has_seen_is_loaded() {
    let dir = fast_directory();
    let mut ledger = Embedded::open(dir.path()).unwrap();
    let batch = vec![adopted("again"); 1_000];
    (0..140).for_each(|_| commit(&mut ledger, &batch));
    commit(&mut ledger, &[make(vec![booked(1, 1, 0)], 1)]);
    drop(ledger);
    for _ in 0..2 {
        let mut ledger = Embedded::open(dir.path()).unwrap();
        assert_eq!(loaded(&mut ledger), [booked(1, 1, 0)]);
        assert_eq!(ledger.projected().unwrap(), 140_001);
    }
}

/// The store begins a new file of its log now and then; the older ones are judged too.
#[test]
fn a_log_of_several_files_is_opened() {
    let dir = fast_directory();
    let large = adopted(&"x".repeat(1 << 20));
    for start in 1..=2 {
        let mut ledger = Embedded::open(dir.path()).unwrap();
        (0..100).for_each(|_| commit(&mut ledger, std::slice::from_ref(&large)));
        commit(&mut ledger, &[adopted("small")]);
        // The older file goes when what it has is elsewhere, which may be at once.
        assert!(journal_files(dir.path()).iter().any(|file| !file.ends_with("0.jnl")));
        drop(ledger);
        assert_eq!(entries(&Embedded::open(dir.path()).unwrap()).len(), start * 101);
    }
}

/// The store is made of several files, one after the other. A first start that dies in between left some of them, and
/// every later start refused the directory.
#[test]
fn a_first_start_that_was_cut_off_does_not_keep_the_next_from_starting() {
    for marks in [&["version"][..], &["version", "lock"], &["version", "keyspaces"], &[]] {
        let dir = fast_directory();
        let (path, half_made) = (dir.path().join("store"), dir.path().join("store.new"));
        drop(Embedded::open(&half_made).unwrap());
        for mark in marks.iter().map(|mark| half_made.join(mark)) {
            if mark.is_dir() { fs::remove_dir_all(mark).unwrap() } else { fs::remove_file(mark).unwrap() }
        }
        for start in 1..=2 {
            let mut ledger = Embedded::open(&path).unwrap_or_else(|fault| panic!("without {marks:?}: {fault:?}"));
            commit(&mut ledger, &[adopted("next")]);
            assert_eq!(entries(&ledger).len(), start);
            assert!(!half_made.exists());
        }
    }
}
