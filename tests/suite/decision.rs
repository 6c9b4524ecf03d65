//! When and where a decision holds: at the instant at which it is made, and for the slot that there is.

use chrono::TimeDelta;
use hallpass::domain::rejection::Rejection;
use hallpass::engine::Refusal;

use crate::world::plan::Plan;
use crate::world::{At, World, day, fast_directory, first, noon};

/// A call whose body arrives slowly began on one day and is judged on the next.
#[tokio::test]
async fn a_call_is_judged_at_the_instant_of_the_decision() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(2), noon());
    let tomorrow = At::passport(1, 0);
    let (began, moved) = (world.call(1), world.booked(2, At::passport(2, 0)).await);
    let reschedule = world.call(2);
    // The instant at which tomorrow becomes today in Shanghai.
    world.clock.set((day(1).and_hms_opt(0, 0, 0).unwrap() - TimeDelta::hours(8)).and_utc());

    let same_day = |refusal| matches!(refusal, Err(Refusal::Rejected(Rejection::SameDay { .. })));
    assert!(same_day(world.engine.book(began, tomorrow.wish(&[1])).await));
    assert!(same_day(world.engine.reschedule(reschedule, moved.id, false, tomorrow.target()).await));
    assert_eq!(world.taken(tomorrow), 0);
    world.stop_and_verify(dir.path());
}

/// A reload makes the bands longer: the old band is gone, and the new one that begins at the same time is another slot.
#[tokio::test]
async fn the_same_time_in_another_band_is_another_slot() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(2), noon());
    let here = At::passport(1, 0);
    let booked = world.booked(1, here).await;
    let mut plan = Plan { version: "longer", ..Plan::simple(2) };
    for lane in plan.halls.iter_mut().flat_map(|hall| &mut hall.lanes) {
        lane.minutes = 60;
    }
    let displaced = world.engine.adopt(world.desk_call(), plan.snapshot().into()).await.unwrap();
    assert_eq!(displaced.len(), 1, "{displaced:?}");

    let moved = first(world.engine.reschedule(world.call(1), booked.id, false, here.target()).await.unwrap());
    assert_eq!((moved.slot.start, moved.revision), (booked.slot.start, booked.revision + 1));
    assert_ne!(moved.slot.end, booked.slot.end);
    assert_eq!(world.engine.displaced_by(&world.engine.snapshot(), noon()), []);
    let again = first(world.engine.reschedule(world.call(1), booked.id, false, here.target()).await.unwrap());
    assert_eq!(again, moved, "now it is there, and nothing changes");
    world.stop_and_verify(dir.path());
}
