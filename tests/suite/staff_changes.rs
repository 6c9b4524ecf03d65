//! What staff changed is told to its person until that person has seen it, over restarts, for a day.

use chrono::TimeDelta;
use hallpass::domain::appointment::{Action, Appointment};
use hallpass::engine::{Caller, StaffCaller, StaffChange, Via};

use crate::world::plan::Plan;
use crate::world::{At, World, fast_directory, first, noon};

/// A member of staff of every hall.
pub fn member() -> StaffCaller {
    StaffCaller { id: "desk".into(), halls: None }
}

/// Staff moves an appointment, as a desk does it.
pub async fn moved(world: &World, before: &Appointment, to: At) -> Appointment {
    let answer = world.engine.reschedule(world.desk_call(), before.id, false, to.target()).await;
    let moved = first(answer.unwrap());
    world.engine.note_moved(&member(), &before.slot, &moved, Via::Page).await;
    moved
}

/// Staff cancels an appointment, as a desk does it.
async fn cancelled(world: &World, before: &Appointment) -> Appointment {
    let answer = world.engine.cancel(world.desk_call(), before.id, false).await;
    let cancelled = first(answer.unwrap());
    world.engine.note(&member(), &cancelled, Action::Cancel, Via::Page).await;
    cancelled
}

fn told(world: &World, appointment: &Appointment) -> Option<StaffChange> {
    world.engine.unseen_change(&world.now_of(appointment.id), appointment.applicant)
}

async fn sees(world: &World, appointment: &Appointment) {
    let seen = world.engine.note_seen(appointment.applicant, appointment.id, appointment.revision, world.clock.now());
    seen.await.unwrap();
}

#[tokio::test]
async fn a_move_by_staff_is_told_until_it_is_seen_and_over_restarts() {
    let (dir, plan) = (fast_directory(), Plan::simple(5));
    let world = World::start(dir.path(), &plan, noon());
    let booked = world.booked(1, At::passport(1, 0)).await;
    assert_eq!(told(&world, &booked), None);
    let after = moved(&world, &booked, At::passport(2, 1)).await;
    let change = StaffChange { action: Action::Reschedule, was: booked.slot };
    assert_eq!(told(&world, &after), Some(change), "looking at it is not seeing it");
    assert_eq!(told(&world, &after), Some(change));

    world.stop();
    let world = World::start(dir.path(), &plan, noon() + TimeDelta::hours(23));
    assert_eq!(told(&world, &after), Some(change));
    sees(&world, &after).await;
    sees(&world, &after).await;
    assert_eq!(told(&world, &after), None);

    // What was seen is not told again when the first of the two is forgotten.
    for (other, hours) in [24, 25, 47, 49].into_iter().enumerate() {
        world.clock.set(noon() + TimeDelta::hours(hours));
        world.booked(2 + other, At::passport(4, 0)).await;
        assert_eq!(told(&world, &after), None, "after {hours} hours");
    }
    world.stop_and_verify(dir.path());
}

#[tokio::test]
async fn several_moves_are_told_as_one_from_where_the_person_knew_it() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(5), noon());
    let booked = world.booked(1, At::passport(1, 0)).await;
    let once = moved(&world, &booked, At::passport(2, 0)).await;
    let twice = moved(&world, &once, At::passport(3, 0)).await;
    assert_eq!(told(&world, &twice), Some(StaffChange { action: Action::Reschedule, was: booked.slot }));
    let gone = cancelled(&world, &twice).await;
    assert_eq!(told(&world, &gone), Some(StaffChange { action: Action::Cancel, was: booked.slot }));
    sees(&world, &gone).await;
    assert_eq!(told(&world, &gone), None);
    world.stop_and_verify(dir.path());
}

#[tokio::test]
async fn what_a_person_has_seen_is_where_the_next_change_begins() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(5), noon());
    let booked = world.booked(1, At::passport(1, 0)).await;
    let once = moved(&world, &booked, At::passport(2, 0)).await;
    sees(&world, &once).await;
    let twice = moved(&world, &once, At::passport(3, 0)).await;
    assert_eq!(told(&world, &twice), Some(StaffChange { action: Action::Reschedule, was: once.slot }));
    world.stop_and_verify(dir.path());
}

#[tokio::test]
async fn a_change_of_ones_own_ends_the_tale_of_an_earlier_one() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(5), noon());
    let booked = world.booked(1, At::passport(1, 0)).await;
    let once = moved(&world, &booked, At::passport(2, 0)).await;
    let own = world.engine.reschedule(world.call(1), once.id, false, At::passport(3, 0).target()).await;
    let own = first(own.unwrap());
    assert_eq!(told(&world, &own), None);
    // Staff of the desk does other things with appointments, none of which is news.
    world.engine.note(&member(), &own, Action::CheckIn, Via::Page).await;
    assert_eq!(told(&world, &own), None);
    world.stop_and_verify(dir.path());
}

/// Who made an appointment for another sees the change by itself.
#[tokio::test]
async fn each_person_sees_for_itself() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(5), noon());
    let booked = first(world.engine.book(world.call(1), At::passport(1, 0).wish(&[2])).await.unwrap());
    let after = moved(&world, &booked, At::passport(2, 0)).await;
    sees(&world, &after).await;
    let Caller::Person(maker) = world.call(1).caller else { unreachable!() };
    assert!(world.engine.unseen_change(&after, maker).is_some());
    assert_eq!(told(&world, &after), None);
    // A change that was never made is not seen either, and costs no key.
    let keys = world.engine.sizes().answers;
    world.engine.note_seen(maker, after.id, 77, world.clock.now()).await.unwrap();
    assert_eq!(world.engine.sizes().answers, keys);
    world.stop_and_verify(dir.path());
}
