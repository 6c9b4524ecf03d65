//! Entries of a ledger made by hand, without an engine: right ones, and ones that no engine would write.

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use hallpass::domain::applicant::Mask;
use hallpass::domain::appointment::{Action, Appointment, AppointmentId, Code, PartyId, PersonKey, Slot, Status};
use hallpass::domain::name::{DocumentId, HallId, LaneId, ServiceId};
use hallpass::domain::snapshot::Snapshot;
use hallpass::domain::wall::instant_of;
use hallpass::ledger::embedded::Embedded;
use hallpass::ledger::entry::{Actor, Deed, Entry, Event};
use hallpass::ledger::{Draft, Ledger, Restored};
use serde_bytes::ByteBuf;
use uuid::Uuid;

use super::{day, noon, plan};

/// The slot of the first hall that begins so many half-hours after nine tomorrow.
pub fn slot(band: u16) -> Slot {
    Slot {
        hall: HallId::intern("hall-one").unwrap(),
        date: day(1),
        lane: LaneId::intern("counter").unwrap(),
        start: plan::wall(540 + 30 * band),
        end: plan::wall(570 + 30 * band),
    }
}

/// A booked appointment of a person, with its number as its id, its party and its code.
pub fn booked(number: u64, person: u8, band: u16) -> Appointment {
    let slot = slot(band);
    Appointment {
        id: AppointmentId(Uuid::from_u128(number.into())),
        party: PartyId(Uuid::from_u128(number.into())),
        position: 0,
        code: Code::from_random(number),
        status: Status::Booked,
        service: ServiceId::intern("passport.renewal").unwrap(),
        document: DocumentId::intern("passport").unwrap(),
        slot,
        starts_at: instant_of("Asia/Shanghai".parse().unwrap(), slot.date, slot.start).unwrap(),
        expires_at: None,
        extended: false,
        applicant: PersonKey([person; 16]),
        made_by: PersonKey([person; 16]),
        created_at: noon(),
        updated_at: noon(),
        revision: 0,
        mask: Mask::default(),
    }
}

/// The hold that such an appointment might have been.
pub fn held(number: u64, person: u8, band: u16) -> Appointment {
    let expires_at = Some(noon() + TimeDelta::minutes(10));
    Appointment { status: Status::Held, expires_at, ..booked(number, person, band) }
}

/// The entry that makes appointments, under so many places in their slot.
pub fn make(after: Vec<Appointment>, capacity: u32) -> Entry {
    let sealed = after.iter().map(|appointment| ByteBuf::from(appointment.id.0.as_bytes().to_vec())).collect();
    entry(Event::Appointments { deed: Deed::Make, after, sealed, whole_party: true, capacity: Some(capacity) })
}

/// The entry of a change of one appointment that takes no place and brings no data.
pub fn change(action: Action, after: Appointment) -> Entry {
    let (deed, sealed) = (Deed::Change(action), Vec::new());
    entry(Event::Appointments { deed, after: vec![after], sealed, whole_party: false, capacity: None })
}

/// The entry that moves an appointment.
pub fn reschedule(after: Appointment, capacity: u32) -> Entry {
    let deed = Deed::Change(Action::Reschedule);
    let capacity = Some(capacity);
    entry(Event::Appointments { deed, after: vec![after], sealed: Vec::new(), whole_party: false, capacity })
}

/// An entry that changes no appointment.
pub fn adopted(version: &str) -> Entry {
    entry(Event::Adopted { version: version.into() })
}

/// The entry of an event, at noon, by the engine.
pub fn entry(event: Event) -> Entry {
    entry_at(noon(), event)
}

/// The entry of an event.
pub fn entry_at(at: DateTime<Utc>, event: Event) -> Entry {
    Entry { at, by: Actor::Engine, event, repeat: None }
}

/// Commits entries as one batch.
pub fn commit(ledger: &mut impl Ledger, entries: &[Entry]) {
    let (encoded, snapshot) = (entries.iter().map(Entry::encode).collect::<Vec<_>>(), Snapshot::default());
    let draft = |entry| Draft { entry, snapshot: &snapshot, made_before: 0, capacities: &[] };
    ledger.commit(1, &encoded.iter().map(|entry| draft(entry.as_slice())).collect::<Vec<_>>()).unwrap();
}

/// Every entry that a ledger has.
pub fn entries(ledger: &Embedded) -> Vec<Entry> {
    let mut found = Vec::new();
    ledger
        .replay(&mut |_, entry| {
            found.push(entry);
            Ok(())
        })
        .unwrap();
    found
}

/// Every appointment that a ledger gives at a start, in the order of ids.
pub fn loaded(ledger: &mut Embedded) -> Vec<Appointment> {
    let found = Mutex::new(Vec::new());
    ledger
        .load(&|restored| {
            if let Restored::Appointment(appointment, _) = restored {
                found.lock().unwrap().push(appointment);
            }
        })
        .unwrap();
    let mut found = found.into_inner().unwrap();
    found.sort_by_key(|appointment| appointment.id);
    found
}
