//! A crowd that books through several engines while something goes wrong, and what must hold of it afterwards.
//!
//! Everybody wants one appointment. Who is told that nothing can be written tries again through another engine, so whoever
//! was told so although the booking was written meets that booking then, and nobody ever has two.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use hallpass::domain::appointment::{Appointment, Status};
use hallpass::engine::{Answer, Refusal};
use parking_lot::Mutex;
use tokio::task::JoinHandle;

use crate::world::postgres::{sql, until};
use crate::world::shared::recount;
use crate::world::{At, World, code, first};

/// How many persons book at a time through each engine.
const AT_ONCE: usize = 6;
/// How long somebody waits who is told that nothing can be written.
const REST: Duration = Duration::from_millis(20);
/// How long it takes until the next person comes: a long trouble must not bring more than can be counted.
const BREATH: Duration = Duration::from_millis(5);

/// A slot for a person; there is room for everybody.
fn slot_of(person: usize) -> At {
    At::passport(1 + (person as u64 / 6) % 20, u16::try_from(person % 6).unwrap())
}

/// Persons who come one after the other.
pub struct Crowd {
    seen: Arc<Seen>,
    running: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    ends: AtomicBool,
    came: AtomicUsize,
    booked: Mutex<Vec<Appointment>>,
    /// How often somebody was told that nothing can be written.
    put_off: AtomicUsize,
    /// Who has an appointment that was never acknowledged.
    found: AtomicUsize,
}

/// What came of everybody.
pub struct Outcome {
    /// What was acknowledged.
    pub booked: Vec<Appointment>,
    /// How often somebody was told that nothing can be written.
    pub put_off: usize,
    /// How many then met the booking of which they had been told so.
    pub found: usize,
}

impl Crowd {
    /// Lets persons come to all of some engines.
    pub fn start(worlds: &Arc<Vec<World>>) -> Self {
        let seen = Arc::<Seen>::default();
        let run = |caller: usize| tokio::spawn(run(Arc::clone(worlds), caller, Arc::clone(&seen)));
        Self { running: (0..AT_ONCE * worlds.len()).map(run).collect(), seen }
    }

    /// How many bookings have been acknowledged so far.
    pub fn booked(&self) -> usize {
        self.seen.booked.lock().len()
    }

    /// Waits until so many more have been acknowledged.
    pub fn until_booked(&self, more: usize) {
        let before = self.booked();
        until("bookings are acknowledged", || self.booked() >= before + more);
    }

    /// Lets nobody come any more, and waits until everybody has an appointment.
    pub async fn end(self) -> Outcome {
        self.seen.ends.store(true, Ordering::Relaxed);
        for caller in self.running {
            caller.await.unwrap();
        }
        let Seen { booked, put_off, found, .. } = &*self.seen;
        let booked = std::mem::take(&mut *booked.lock());
        Outcome { booked, put_off: put_off.load(Ordering::Relaxed), found: found.load(Ordering::Relaxed) }
    }
}

async fn run(worlds: Arc<Vec<World>>, caller: usize, seen: Arc<Seen>) {
    while !seen.ends.load(Ordering::Relaxed) {
        let person = seen.came.fetch_add(1, Ordering::Relaxed);
        let mut was_put_off = false;
        for attempt in caller.. {
            let world = &worlds[attempt % worlds.len()];
            match world.book(person, slot_of(person)).await {
                Ok(answer) => {
                    seen.booked.lock().push(first(answer));
                    tokio::time::sleep(BREATH).await;
                    break;
                }
                Err(Refusal::ReadOnly) => {
                    was_put_off = true;
                    seen.put_off.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(REST).await;
                }
                Err(refusal) => {
                    assert!(was_put_off && code(&refusal) == "already_booked", "{person}: {refusal:?}");
                    seen.found.fetch_add(1, Ordering::Relaxed);
                    break;
                }
            }
        }
    }
}

/// Books as soon as something can be written.
pub async fn booked_at_last(world: &World, person: usize, at: At) -> Answer {
    loop {
        match world.book(person, at).await {
            Err(Refusal::ReadOnly) => tokio::time::sleep(REST).await,
            outcome => return outcome.unwrap(),
        }
    }
}

impl Outcome {
    /// Wants everything that was acknowledged to be in the database and in every engine, nobody to have two appointments,
    /// and everything to be counted right.
    pub async fn judge(&self, url: &str, worlds: &[World]) {
        let Self { booked, found, .. } = self;
        let ids: Vec<String> = booked.iter().map(|appointment| format!("'{}'", appointment.id)).collect();
        let kept = format!("SELECT count(*) FROM hallpass.appointments WHERE active AND id IN ({})", ids.join(", "));
        assert_eq!(sql(url, &kept), booked.len().to_string(), "an acknowledged booking is lost");
        let persons = sql(url, "SELECT count(*), count(DISTINCT applicant) FROM hallpass.appointments");
        let all = booked.len() + found;
        assert_eq!(persons, format!("{all}|{all}"), "somebody has two appointments, or one that nobody asked for");
        recount(url).unwrap();
        for world in worlds {
            until("it is known what others wrote", || world.engine.age().is_none());
            assert!(world.engine.refresh().await);
            assert_eq!(world.audit(), all);
            for appointment in booked {
                assert_eq!(world.engine.appointment(appointment.id).map(|now| now.status), Some(Status::Booked));
            }
        }
    }
}
