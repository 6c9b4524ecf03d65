//! A start: every appointment comes back, once, whoever reads it and in whatever order.

use std::path::Path;
use std::sync::{Arc, Mutex};

use fjall::{Database, KeyspaceCreateOptions};
use hallpass::clock::Clock;
use hallpass::domain::appointment::{Action, Appointment, Status};
use hallpass::engine::{Engine, Parts, Wish};
use hallpass::ledger::embedded::Embedded;
use hallpass::ledger::entry::Entry;
use hallpass::ledger::reading::Reader;
use hallpass::ledger::{BatchNumber, CommitFault, Draft, Ledger, LedgerFault, Restored, Verdicts};
use hallpass::vault::Vault;

use crate::world::entries::{booked, change, commit, loaded, make};
use crate::world::plan::{HallPlan, Plan};
use crate::world::{At, World, all, day, fast_directory, noon};

/// More entries than a start reads as one range.
const MANY: u64 = 20_000;

/// An appointment of a release minute, which has three of four, or of the quiet years behind it.
fn spread_unevenly(at: u64) -> Appointment {
    let is_quiet = at >= MANY / 4 * 3;
    booked(if is_quiet { at << 40 } else { at + 1 }, 1, 0)
}

/// A ledger with such appointments, the first hundred of them cancelled at last; and how they are left.
fn filled(dir: &Path) -> (Embedded, Vec<Appointment>) {
    let mut ledger = Embedded::open(dir).unwrap();
    let mut appointments: Vec<_> = (0..MANY).map(spread_unevenly).collect();
    let mut entries: Vec<Entry> = appointments.iter().map(|made| make(vec![*made], u32::MAX)).collect();
    for appointment in &mut appointments[..100] {
        *appointment = Appointment { status: Status::Cancelled, revision: 1, ..*appointment };
        entries.push(change(Action::Cancel, *appointment));
    }
    entries.chunks(1_000).for_each(|batch| commit(&mut ledger, batch));
    (ledger, appointments)
}

#[test]
fn ids_that_are_spread_unevenly_come_back_once_each_with_their_own_data() {
    let dir = fast_directory();
    let (mut ledger, appointments) = filled(dir.path());
    assert_eq!(loaded(&mut ledger), appointments);
    drop(ledger);

    let found = Mutex::new(Vec::new());
    let tell = |restored: Restored<'_>| {
        let Restored::Appointment(appointment, sealed) = restored else { return };
        assert_eq!(sealed, [appointment.id.0.as_bytes().as_slice()]);
        found.lock().unwrap().push(appointment);
    };
    Embedded::open(dir.path()).unwrap().load(&tell).unwrap();
    let mut found = found.into_inner().unwrap();
    found.sort_by_key(|appointment| appointment.id);
    assert_eq!(found, appointments, "now from rows that an earlier start has written");
}

#[test]
fn a_row_in_the_middle_that_cannot_be_read_is_a_fault() {
    let dir = fast_directory();
    let (mut ledger, appointments) = filled(dir.path());
    loaded(&mut ledger);
    drop(ledger);
    let database = Database::builder(dir.path()).open().unwrap();
    let rows = database.keyspace("appointments", KeyspaceCreateOptions::default).unwrap();
    rows.insert(appointments[appointments.len() / 2].id.0.as_bytes(), [1, 2, 3]).unwrap();
    drop((rows, database));
    let fault = Embedded::open(dir.path()).unwrap().load(&|_| {}).unwrap_err();
    assert!(fault.to_string().starts_with("an appointment "), "{fault}");
    assert!(matches!(fault, LedgerFault::Unreadable { .. }), "{fault:?}");
}

#[tokio::test]
async fn keys_that_did_not_seal_the_data_keep_the_engine_from_starting() {
    let dir = fast_directory();
    let plan = Plan::simple(5);
    let world = World::start(dir.path(), &plan, noon());
    let appointment = world.booked(1, At::passport(1, 0)).await;
    world.stop();
    let vault = Arc::new(Vault::from_secret(&[8; 32]));
    let ledger = Embedded::open(dir.path()).unwrap();
    let parts = Parts { clock: Clock::manual(noon()), vault, snapshot: Arc::new(plan.snapshot()), ledger };
    let fault = Engine::start(parts).map(|_| ()).unwrap_err().to_string();
    assert!(fault.contains(&appointment.id.to_string()) && fault.contains("key file"), "{fault}");
}

/// A ledger that gives appointments from two threads, each beginning with the last.
struct Scattered(Embedded);

impl Ledger for Scattered {
    fn commit(&mut self, number: BatchNumber, batch: &[Draft<'_>]) -> Result<Verdicts, CommitFault> {
        self.0.commit(number, batch)
    }

    fn reader(&self) -> Arc<dyn Reader> {
        self.0.reader()
    }

    fn load(&mut self, restore: &(dyn Fn(Restored<'_>) + Sync)) -> Result<(), LedgerFault> {
        let (appointments, answers) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
        self.0.load(&|restored| match restored {
            Restored::Appointment(appointment, sealed) => {
                let sealed: Vec<_> = sealed.iter().map(|part| part.to_vec()).collect();
                appointments.lock().unwrap().push((appointment, sealed));
            }
            Restored::Answer(answer) => answers.lock().unwrap().push(answer),
        })?;
        let mut appointments = appointments.into_inner().unwrap();
        appointments.sort_by_key(|(appointment, _)| std::cmp::Reverse(appointment.id));
        std::thread::scope(|scope| {
            for first in 0..2 {
                let mine = appointments.iter().skip(first).step_by(2);
                scope.spawn(move || {
                    for (appointment, sealed) in mine {
                        let sealed: Vec<_> = sealed.iter().map(Vec::as_slice).collect();
                        restore(Restored::Appointment(*appointment, &sealed));
                    }
                });
            }
        });
        answers.into_inner().unwrap().into_iter().for_each(|answer| restore(Restored::Answer(answer)));
        Ok(())
    }
}

/// Members of a party, holds and bookings of one person come from different threads.
#[tokio::test]
async fn the_order_in_which_appointments_come_back_changes_nothing() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(20), noon());
    let (at, other) = (At::passport(1, 0), At::passport(2, 1));
    let party = all(world.engine.book(world.call(1), at.wish(&[1, 2, 3, 4])).await.unwrap());
    let held = world.engine.book(world.call(5), Wish { hold: true, ..other.wish(&[5, 6]) }).await.map(all).unwrap();
    for person in 10..20 {
        world.booked(person, at).await;
    }
    let made = world.engine.of_person(world.person(1), None, 9);
    let (taken, placed) = ((world.taken(at), world.taken(other)), world.audit());
    world.stop();

    let world = World::start_on(Scattered(Embedded::open(dir.path()).unwrap()), &Plan::simple(20), noon());
    assert_eq!(((world.taken(at), world.taken(other)), world.audit()), (taken, placed));
    assert_eq!(world.engine.of_person(world.person(1), None, 9), made);
    for appointment in party.iter().chain(&held) {
        assert_eq!(world.now_of(appointment.id), *appointment, "with the mask that its own data gives");
    }
    let cancelled = all(world.engine.cancel(world.call(1), party[2].id, true).await.unwrap());
    let ids = |of: &[Appointment]| of.iter().map(|appointment| appointment.id).collect::<Vec<_>>();
    assert_eq!(ids(&cancelled), ids(&party), "the party is whole, in the order of its applicants");
    world.clock.set(held[0].expires_at.unwrap());
    world.booked(30, other).await;
    assert_eq!(world.now_of(held[1].id).status_at(world.clock.now()), Status::Expired);
    world.stop_and_verify(dir.path());
}

/// Two threads find at a time that a band is gone: it gets one cell, in which both count.
#[tokio::test]
async fn places_in_a_band_that_is_gone_are_counted_by_all_threads() {
    let dir = fast_directory();
    let open = Plan::simple(200);
    let world = World::start(dir.path(), &open, noon());
    let at = At::passport(1, 0);
    let mut booked = Vec::new();
    for person in 0..100 {
        booked.push(world.booked(person, at).await);
    }
    world.stop();

    let mut closed = open.clone();
    closed.halls[0] = HallPlan { exceptions: vec![(day(1), Vec::new())], ..closed.halls[0].clone() };
    let world = World::start_on(Scattered(Embedded::open(dir.path()).unwrap()), &closed, noon());
    world.engine.adopt(world.desk_call(), Arc::new(open.snapshot())).await.unwrap();
    assert_eq!(world.taken(at), 100);
    for (person, appointment) in booked.iter().enumerate() {
        world.engine.cancel(world.call(person), appointment.id, false).await.unwrap();
    }
    assert_eq!(world.taken(at), 0);
    world.stop_and_verify(dir.path());
}
