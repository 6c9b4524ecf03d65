//! Telephones that a desk opens, on every store.

use chrono::TimeDelta;
use hallpass::domain::applicant::Applicant;
use hallpass::domain::appointment::{Appointment, AppointmentId};
use hallpass::domain::name::HallId;
use hallpass::engine::{Deed, DeskDay, Form, MAX_OPENED_AN_HOUR, Refusal, StaffCaller, Telephone};
use uuid::Uuid;

use super::Store;
use crate::world::plan::Plan;
use crate::world::{At, World, code, day, noon, people};

/// More lines than a test writes.
const ALL: usize = 1_000;

pub fn member(id: &str, halls: Option<&[&str]>) -> StaffCaller {
    let halls = halls.map(|halls| halls.iter().map(|hall| HallId::intern(hall).unwrap()).collect());
    StaffCaller { id: id.into(), halls }
}

/// Name and number, or the code of the refusal.
pub async fn opened(world: &World, by: &StaffCaller, one: &Appointment) -> Result<(String, String), &'static str> {
    let telephone = world.engine.telephone_of(by, one.id).await;
    telephone.map(|Telephone { name, number }| (name, number)).map_err(|refusal| code(&refusal))
}

/// Name and number of a made-up person.
pub fn of(person: usize) -> (String, String) {
    let Applicant { name, phone, .. } = people::applicant(person);
    (name, phone)
}

/// Who opened whose telephone today in a hall, the latest first.
pub async fn noted(world: &World, hall: &str) -> Vec<(String, AppointmentId)> {
    let records = world.engine.records_of(DeskDay::of(HallId::intern(hall).unwrap(), day(0)), ALL).await;
    let opened = records.into_iter().filter_map(|record| match record.deed {
        Deed::Opened { appointment, .. } => Some((record.by, appointment)),
        _ => None,
    });
    opened.collect()
}

pub async fn on_the_record(store: &Store) {
    let plan = Plan::simple(9);
    let world = store.open(&plan, noon()).await;
    let (chief, own, other) =
        (member("chief", None), member("own", Some(&["hall-one"])), member("other", Some(&["hall-two"])));
    let booked = world.booked(1, At::passport(1, 0)).await;
    assert_eq!(opened(&world, &chief, &booked).await, Ok(of(1)), "right behind its write");
    let held = world.held(2, At::passport(1, 0)).await;
    assert_eq!(opened(&world, &own, &held).await, Ok(of(2)));
    let again = Applicant { phone: "19911112222".into(), ..people::applicant(2) };
    world.engine.confirm(world.call(2), held.id, false, Some(vec![again]), Form::default()).await.unwrap();
    let confirmed = Ok((people::name(2), "19911112222".to_owned()));
    assert_eq!(opened(&world, &own, &held).await, confirmed, "what was said last counts");
    let lines = [("own", held.id), ("own", held.id), ("chief", booked.id)].map(|(by, id)| (by.to_owned(), id));
    assert_eq!(noted(&world, "hall-one").await, lines);

    assert_eq!(opened(&world, &other, &booked).await, Err("forbidden"));
    let nobody = Appointment { id: AppointmentId(Uuid::from_u128(7)), ..booked };
    assert_eq!(opened(&world, &chief, &nobody).await, Err("unknown_appointment"));
    assert_eq!(noted(&world, "hall-one").await, lines, "what is refused opens nothing");
    let moved =
        world.engine.reschedule(world.call(1), booked.id, false, At::passport(2, 0).in_hall_two().target()).await;
    moved.unwrap();
    assert_eq!(opened(&world, &own, &booked).await, Err("forbidden"), "it is another hall's now");
    assert_eq!(opened(&world, &other, &booked).await, Ok(of(1)));

    let world = store.reopen(world, &plan).await;
    assert_eq!(noted(&world, "hall-one").await, lines, "the record survives a restart");
    assert_eq!(opened(&world, &own, &held).await, confirmed);
    assert_eq!(opened(&world, &chief, &booked).await, Ok(of(1)));
    assert_eq!((noted(&world, "hall-one").await.len(), noted(&world, "hall-two").await.len()), (4, 2));
    store.stop(world);
}

pub async fn within_a_bound(store: &Store) {
    let plan = Plan::simple(9);
    let world = store.open(&plan, noon()).await;
    let desk = member("desk", None);
    let here = world.booked(1, At::passport(1, 0)).await;
    let there = world.booked(2, At::passport(1, 0).in_hall_two()).await;
    for number in 0..MAX_OPENED_AN_HOUR {
        let (one, person) = if number % 2 == 0 { (&here, 1) } else { (&there, 2) };
        assert_eq!(opened(&world, &desk, one).await, Ok(of(person)), "number {number}");
    }
    let last_second = noon() + TimeDelta::seconds(3_599);
    world.clock.set(last_second);
    let refused = world.engine.telephone_of(&desk, here.id).await.map(|_| ());
    assert_eq!(refused, Err(Refusal::TooManyOpened { retry_s: 1 }));
    assert_eq!(opened(&world, &member("another", None), &here).await, Ok(of(1)), "each member has a bound of its own");
    let world = store.reopen(world, &plan).await;
    assert_eq!(opened(&world, &desk, &there).await, Err("too_many_requests"), "after a restart too");
    world.clock.set(last_second + TimeDelta::seconds(1));
    assert_eq!(opened(&world, &desk, &there).await, Ok(of(2)), "the next hour begins anew");
    let half = MAX_OPENED_AN_HOUR as usize / 2;
    assert_eq!((noted(&world, "hall-one").await.len(), noted(&world, "hall-two").await.len()), (half + 1, half + 1));
    store.stop(world);
}
