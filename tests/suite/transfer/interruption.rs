//! Exports and imports that end in the middle, and go on.

use hallpass::ledger::LedgerFault;
use hallpass::ledger::entry::Remembered;
use hallpass::ledger::transfer::output::{Beside, Lines, beside};
use hallpass::ledger::transfer::{Carried, Put, Sink, TellAnswer, TellAppointment};

use super::*;

/// Appointments and answers of a chunk.
pub const CHUNK: usize = 3;

/// A store that fails at a chunk, before it is written or behind it.
pub struct Failing<S> {
    pub inner: S,
    /// How many chunks are put before.
    pub left: usize,
    /// Whether the chunk is written all the same.
    pub is_written: bool,
}

impl<S: Sink> Failing<S> {
    fn put(&mut self, put: impl FnOnce(&mut S) -> Result<Put, TransferFault>) -> Result<Put, TransferFault> {
        let failed = || LedgerFault::Store { step: "flush a batch", source: "the test said so".into() }.into();
        if self.left > 0 {
            self.left -= 1;
            return put(&mut self.inner);
        }
        if self.is_written { put(&mut self.inner).and(Err(failed())) } else { Err(failed()) }
    }
}

impl<S: Sink> Source for Failing<S> {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn appointments(
        &mut self,
        after: Option<hallpass::domain::appointment::AppointmentId>,
        tell: &mut TellAppointment,
    ) -> Result<(), TransferFault> {
        self.inner.appointments(after, tell)
    }

    fn answers(&mut self, tell: &mut TellAnswer) -> Result<(), TransferFault> {
        self.inner.answers(tell)
    }

    fn configuration(&mut self) -> Result<Option<String>, TransferFault> {
        self.inner.configuration()
    }
}

impl<S: Sink> Sink for Failing<S> {
    fn put_appointments(&mut self, chunk: &[Carried]) -> Result<Put, TransferFault> {
        self.put(|inner| inner.put_appointments(chunk))
    }

    fn put_answers(&mut self, chunk: &[Remembered]) -> Result<Put, TransferFault> {
        self.put(|inner| inner.put_answers(chunk))
    }

    fn put_configuration(&mut self, version: &str) -> Result<Put, TransferFault> {
        self.put(|inner| inner.put_configuration(version))
    }
}

#[test]
fn an_import_that_was_interrupted_at_any_chunk_goes_on() {
    let from = Place::with(&life());
    let file = from.export();
    for is_written in [false, true] {
        let mut interrupted = 0;
        loop {
            let to = Place::new();
            let dir = to.dir();
            let inner = Importing::open(&dir).unwrap();
            let mut sink = Failing { inner, left: interrupted, is_written };
            let outcome = import(reader(&file).unwrap(), &mut sink, CHUNK, &mut |_| {});
            drop(sink);
            drop(dir);
            if outcome.is_ok() {
                break;
            }
            let there = to.rows().0.len();
            assert!(there < 10 || interrupted >= 3, "{there} after {interrupted}");
            to.import(&file).unwrap();
            assert_eq!(to.rows(), from.rows());
            assert_eq!(to.entries(), 10 + 4 + 1, "nothing is there twice");
            interrupted += 1;
        }
        assert!(interrupted >= 7, "{interrupted}");
    }
}

/// What has been written to the file of an export when it is cut off.
fn cut_off(place: &Place, file: &[u8], name: &Path) {
    fs::write(name, file).unwrap();
    let (lines, _) = Beside::go_on(&place.file()).unwrap();
    export(&mut place.ledger(), &wishes(), lines, &mut |_| {}).unwrap();
}

#[test]
fn an_export_that_was_cut_off_at_any_byte_goes_on_to_the_same_file() {
    let place = Place::with(&short_life());
    let whole = place.export();
    for cut in (0..=whole.len()).rev() {
        let name = if cut % 2 == 0 { beside(&place.file()) } else { place.file() };
        cut_off(&place, &whole[..cut], &name);
        assert!(fs::read(place.file()).unwrap() == whole, "cut at {cut}");
        assert!(!beside(&place.file()).exists());
        fs::remove_file(place.file()).unwrap();
    }
}

#[test]
fn what_is_not_from_this_store_is_not_continued() {
    let place = Place::with(&short_life());
    let whole = place.export();
    let go_on = |content: &[u8]| {
        fs::write(beside(&place.file()), content).unwrap();
        let (lines, header) = Beside::go_on(&place.file())?;
        assert_eq!(header.unwrap().made_at, made_at());
        export(&mut place.ledger(), &wishes(), lines, &mut |_| {})
    };
    let second = whole.iter().position(|byte| *byte == b'\n').unwrap() + 20;
    let mut changed = whole[..whole.len() - 9].to_vec();
    changed[second] ^= 1;
    let more = [whole.as_slice(), b"{}\n"].concat();
    for (content, line) in [(changed, "line 2 of"), (more, "line 7 of")] {
        let fault = go_on(&content).unwrap_err().to_string();
        assert!(fault.contains(line) && fault.contains("leave out --resume"), "{fault}");
        assert!(fs::read(beside(&place.file())).unwrap() == content, "it is left as it is");
        assert!(!place.file().exists());
    }
    fs::write(beside(&place.file()), "something else\n").unwrap();
    assert!(Beside::go_on(&place.file()).is_err());
    // Begun anew, it makes no difference what lies there.
    export(&mut place.ledger(), &wishes(), Beside::begin(&place.file()).unwrap(), &mut |_| {}).unwrap();
    assert!(fs::read(place.file()).unwrap() == whole);
}

#[test]
fn a_file_has_its_name_when_it_is_whole() {
    let place = Place::with(&short_life());
    fs::write(place.file(), "before").unwrap();
    let mut lines = Beside::begin(&place.file()).unwrap();
    lines.take(b"a line").unwrap();
    drop(lines);
    assert_eq!(fs::read_to_string(place.file()).unwrap(), "before");
    assert_eq!(fs::read_to_string(beside(&place.file())).unwrap(), "a line\n");
    assert!(Beside::begin(place.path()).is_err(), "a directory is no file");
}
