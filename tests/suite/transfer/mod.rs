//! From one store to a file and from the file to another store: nothing is lost, added or taken unseen.

mod command;
mod damage;
mod database;
mod interruption;
mod outputs;
mod round_trip;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use hallpass::domain::appointment::{Action, Appointment, PartyId, PersonKey, Status};
use hallpass::ledger::Restored;
use hallpass::ledger::audit::verify;
use hallpass::ledger::embedded::data_dir::DataDir;
use hallpass::ledger::embedded::{Access, Embedded, Opening};
use hallpass::ledger::entry::{Deed, Entry, Event, Owner, Remembered, RepeatKey};
use hallpass::ledger::transfer::export::{Wishes, count, export};
use hallpass::ledger::transfer::import::{import, judge};
use hallpass::ledger::transfer::output::Passing;
use hallpass::ledger::transfer::reader::Reader;
use hallpass::ledger::transfer::totals::Totals;
use hallpass::ledger::transfer::{Importing, Source, TransferFault};
use serde_bytes::ByteBuf;
use uuid::Uuid;

use crate::world::entries::{adopted, booked, change, commit, entry_at, held, make, reschedule, slot};
use crate::world::{fast_directory, noon};

/// An appointment with its sealed data.
type Row = (Appointment, Vec<Vec<u8>>);

/// A data directory.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(fast_directory())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn dir(&self) -> DataDir {
        DataDir::open(self.path()).unwrap()
    }

    fn ledger(&self) -> Embedded {
        Embedded::open_in(&self.dir(), Opening::to(Access::Write)).unwrap()
    }

    /// Commits an entry a batch.
    fn with(entries: &[Entry]) -> Self {
        let place = Self::new();
        let mut ledger = place.ledger();
        for entry in entries {
            commit(&mut ledger, std::slice::from_ref(entry));
        }
        drop(ledger);
        place
    }

    fn file(&self) -> PathBuf {
        self.path().join("lines")
    }

    /// The export of all of it.
    fn export(&self) -> Vec<u8> {
        exported(&mut self.ledger())
    }

    /// Judges a file, puts it here and compares: as the command does it.
    fn import(&self, file: &[u8]) -> Result<(), TransferFault> {
        let dir = self.dir();
        let mut sink = Importing::open(&dir)?;
        let totals = judge(reader(file)?, &mut sink, &mut |_| {})?;
        import(reader(file)?, &mut sink, 3, &mut |_| {})?;
        assert_eq!(count(&mut sink, reader(file)?.header().after, &mut |_| {})?, totals);
        Ok(())
    }

    /// Everything in its rows, and nothing wrong in its journal.
    fn rows(&self) -> (Vec<Row>, Vec<Remembered>) {
        let ledger = self.ledger();
        let report = verify(&ledger).unwrap();
        assert!(report.violations.is_empty(), "{report}");
        let (mut appointments, mut answers) = (Vec::new(), Vec::new());
        ledger
            .rows(&mut |restored| match restored {
                Restored::Appointment(appointment, sealed) => {
                    appointments.push((appointment, sealed.iter().map(|part| part.to_vec()).collect()));
                }
                Restored::Answer(answer) => answers.push(answer),
            })
            .unwrap();
        (appointments, answers)
    }

    fn entries(&self) -> usize {
        crate::world::entries::entries(&self.ledger()).len()
    }

    fn format(&self) -> String {
        fs::read_to_string(self.path().join("FORMAT")).unwrap()
    }
}

fn reader(file: &[u8]) -> Result<Reader<&[u8]>, TransferFault> {
    Reader::open(file, Path::new("lines"))
}

fn wishes() -> Wishes<'static> {
    Wishes { made_at: made_at(), keys: [7; 16], after: None, reveal: None }
}

fn made_at() -> DateTime<Utc> {
    "2026-11-26T08:00:00Z".parse().unwrap()
}

fn exported(source: &mut dyn Source) -> Vec<u8> {
    let mut file = Vec::new();
    export(source, &wishes(), Passing::new(&mut file, "memory"), &mut |_| {}).unwrap();
    file
}

/// Reads a file to its end.
fn judged(file: &[u8]) -> Result<Totals, TransferFault> {
    let mut reader = reader(file)?;
    while reader.next_line()?.is_some() {}
    Ok(reader.totals().clone())
}

/// The lines of a file, without their ends.
fn lines(file: &[u8]) -> Vec<String> {
    std::str::from_utf8(file).unwrap().lines().map(str::to_owned).collect()
}

fn repeat(number: u8) -> RepeatKey {
    RepeatKey { owner: Some(Owner::Person(PersonKey([number; 16]))), key: [number; 16], call: [9; 16] }
}

fn after(before: &Appointment, status: Status) -> Appointment {
    let expires_at = before.expires_at.filter(|_| status == Status::Held);
    Appointment { status, expires_at, revision: before.revision + 1, updated_at: later(1), ..*before }
}

/// An instant some minutes after noon.
fn later(minutes: i64) -> DateTime<Utc> {
    noon() + TimeDelta::minutes(minutes)
}

/// A few appointments in every state, a hold that was confirmed, a party, and an answer of each kind.
fn life() -> Vec<Entry> {
    let (confirmed, expired, cancelled) = (held(2, 2, 0), held(3, 3, 0), booked(4, 4, 0));
    let (here, served, no_show, moved) = (booked(5, 5, 1), booked(6, 6, 1), booked(7, 7, 1), booked(8, 8, 1));
    let party = PartyId(Uuid::from_u128(9));
    let member = Appointment { party, position: 1, ..booked(10, 10, 2) };
    let confirm = Event::Appointments {
        deed: Deed::Change(Action::Confirm),
        after: vec![after(&confirmed, Status::Booked)],
        sealed: vec![ByteBuf::from(b"more".to_vec())],
        whole_party: false,
        capacity: None,
    };
    let text = |refused, text: &str| Event::Answered { refused, text: text.to_owned() };
    vec![
        adopted("first"),
        make(vec![held(1, 1, 0)], 9),
        make(vec![confirmed], 9),
        make(vec![expired], 9),
        make(vec![cancelled], 9),
        make(vec![here], 9),
        make(vec![served], 9),
        make(vec![no_show], 9),
        make(vec![moved], 9),
        Entry { repeat: Some(repeat(1)), ..make(vec![booked(9, 9, 2), member], 9) },
        entry_at(later(1), confirm),
        change(Action::Expire, after(&expired, Status::Expired)),
        change(Action::Cancel, after(&cancelled, Status::Cancelled)),
        change(Action::CheckIn, after(&here, Status::CheckedIn)),
        change(Action::CheckIn, after(&served, Status::CheckedIn)),
        change(Action::Serve, after(&after(&served, Status::CheckedIn), Status::Served)),
        change(Action::MarkNoShow, after(&no_show, Status::NoShow)),
        reschedule(Appointment { slot: slot(4), ..after(&moved, Status::Booked) }, 1),
        adopted("second"),
        Entry { repeat: Some(repeat(2)), ..entry_at(later(2), text(false, "\u{2028}\"text\"\n")) },
        Entry { repeat: Some(repeat(3)), ..entry_at(later(2), text(true, "{\"code\":\"slot_full\"}")) },
        Entry {
            repeat: Some(RepeatKey { owner: None, ..repeat(4) }),
            ..entry_at(later(3), Event::Unchanged { whole_party: false, after: vec![here] })
        },
    ]
}

/// Two appointments and an answer: a file that is short enough to be spoilt at every byte.
fn short_life() -> Vec<Entry> {
    vec![
        adopted("first"),
        Entry { repeat: Some(repeat(1)), ..make(vec![booked(1, 1, 0)], 9) },
        make(vec![held(2, 2, 0)], 9),
    ]
}
