//! Bookings that run through reloads: none is lost, none is refused wrongly, and what is displaced is complete.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use hallpass::domain::appointment::AppointmentId;
use hallpass::domain::snapshot::Snapshot;
use hallpass::engine::{Displaced, Engine};

use super::{Outcome, book, race, settled, tally, won};
use crate::world::plan::Plan;
use crate::world::{At, World, all, code, fast_directory, first, noon};

fn ids(displaced: &[Displaced]) -> HashSet<AppointmentId> {
    displaced.iter().map(|displaced| displaced.appointment.id).collect()
}

/// Plans that differ in everything except what the bookings of these tests need.
fn harmless() -> Vec<Arc<Snapshot>> {
    let plan = Plan { max_active: 1_000, ..Plan::simple(600) };
    let with = |version, change: &dyn Fn(&mut Plan)| {
        let mut plan = Plan { version, ..plan.clone() };
        change(&mut plan);
        Arc::new(plan.snapshot())
    };
    vec![
        with("more places", &|plan| plan.halls[0].lanes[0].capacity = 900),
        with("a hall less", &|plan| drop(plan.halls.pop())),
        with("bands removed", &|plan| plan.halls[0].hours = std::array::from_fn(|_| vec![(540, 630)])),
        with("another lane", &|plan| plan.halls[0].lanes.insert(0, crate::world::plan::lane("kiosk", 3))),
        with("longer bands elsewhere", &|plan| plan.halls[1].lanes[0].minutes = 45),
        with("simple", &|_| {}),
    ]
}

async fn reload_until(engine: Engine, call: impl Fn() -> hallpass::engine::Call, done: Arc<AtomicBool>) -> usize {
    let snapshots = harmless();
    let mut reloads = 0;
    while !done.load(Ordering::Acquire) {
        let snapshot = Arc::clone(&snapshots[reloads % snapshots.len()]);
        let displaced = engine.adopt(call(), snapshot).await.unwrap();
        assert_eq!(displaced, Vec::new(), "reload {reloads}");
        reloads += 1;
    }
    reloads
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stream_of_bookings_runs_through_a_stream_of_reloads() {
    const BOOKERS: usize = 8;
    const EACH: usize = 400;
    let dir = fast_directory();
    let world = Arc::new(World::start(dir.path(), &Plan::simple(600), noon()));
    let done = Arc::new(AtomicBool::new(false));
    let reloading = tokio::spawn({
        let (world, done) = (Arc::clone(&world), Arc::clone(&done));
        async move { reload_until(world.engine.clone(), || world.desk_call(), done).await }
    });
    let bookers = (0..BOOKERS).map(|booker| {
        let world = Arc::clone(&world);
        async move {
            for step in 0..EACH {
                let person = booker * EACH + step;
                let to = At::passport(22 + step as u64 % 8 / 4, 1);
                let from = At::passport(1 + step as u64 % 20, 0);
                let made = world.booked(person, from).await;
                match step % 4 {
                    0 => first(world.engine.reschedule(world.call(person), made.id, false, to.target()).await.unwrap()),
                    1 => first(world.engine.cancel(world.call(person), made.id, false).await.unwrap()),
                    _ => made,
                };
            }
        }
    });
    race(bookers).await;
    done.store(true, Ordering::Release);
    let reloads = reloading.await.unwrap();
    assert!(reloads > 50, "{reloads} reloads");
    let world = Arc::into_inner(world).unwrap();
    world.engine.adopt(world.desk_call(), Plan::simple(600).snapshot().into()).await.unwrap();
    settled(world, &dir, BOOKERS * EACH * 3 / 4);
}

/// Six callers book one after the other, sixty in all, and a reload comes when some of them have been answered.
async fn reload_into(world: &World, plan: &Plan, at: At, from: usize) -> (Vec<Outcome>, Vec<Displaced>) {
    const ANSWERED_BEFORE: usize = 12;
    let answered = Arc::new(AtomicUsize::new(0));
    let reload = tokio::spawn({
        let (engine, call, snapshot) = (world.engine.clone(), world.desk_call(), Arc::new(plan.snapshot()));
        let answered = Arc::clone(&answered);
        async move {
            while answered.load(Ordering::Acquire) < ANSWERED_BEFORE {
                tokio::task::yield_now().await;
            }
            engine.adopt(call, snapshot).await
        }
    });
    let callers = (0..6).map(|caller| {
        let persons = from + caller * 10..from + caller * 10 + 10;
        let bookings: Vec<_> = persons.map(|person| book(world, person, at.wish(&[person]))).collect();
        let answered = Arc::clone(&answered);
        async move {
            let mut outcomes = Vec::new();
            for booking in bookings {
                outcomes.push(booking.await);
                answered.fetch_add(1, Ordering::AcqRel);
            }
            outcomes
        }
    });
    let outcomes = race(callers).await.concat();
    (outcomes, reload.await.unwrap().unwrap())
}

fn booked(outcomes: &[Outcome]) -> HashSet<AppointmentId> {
    outcomes.iter().flatten().flat_map(|answer| all(answer.clone())).map(|appointment| appointment.id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_was_booked_before_a_band_went_is_displaced_and_nobody_is_forgotten() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(60), noon());
    let mut without = Plan { version: "without", ..Plan::simple(60) };
    without.halls[0].hours = std::array::from_fn(|_| vec![(570, 720)]);
    let mut in_midst = 0;
    for round in 0..25 {
        let at = At::passport(1 + round, 0);
        let from = usize::try_from(round).unwrap() * 60;
        let (outcomes, displaced) = reload_into(&world, &without, at, from).await;
        let refused = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
        assert!(refused.clone().all(|refusal| code(refusal) == "no_such_band"), "{:?}", tally(&outcomes));
        let of_round: Vec<_> =
            displaced.into_iter().filter(|displaced| displaced.appointment.slot.date == at.date).collect();
        assert_eq!(ids(&of_round), booked(&outcomes));
        in_midst += usize::from((1..60).contains(&won(&outcomes)));
        world.engine.adopt(world.desk_call(), Plan::simple(60).snapshot().into()).await.unwrap();
        assert_eq!(world.taken(at) as usize, won(&outcomes));
    }
    assert!(in_midst > 0, "no reload fell in the midst of the bookings");
    let placed = world.audit();
    settled(world, &dir, placed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_a_lower_capacity_the_latest_are_displaced() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(50), noon());
    let mut in_midst = 0;
    for round in 0..25 {
        let at = At::passport(1 + round, 0);
        let from = usize::try_from(round).unwrap() * 60;
        let (outcomes, displaced) = reload_into(&world, &Plan { version: "less", ..Plan::simple(5) }, at, from).await;
        let placed = won(&outcomes);
        assert_eq!(tally(&outcomes).get("slot_full").copied().unwrap_or_default(), 60 - placed);
        assert!((5..=50).contains(&placed), "{placed}");
        in_midst += usize::from((6..50).contains(&placed));
        let of_round: Vec<_> =
            displaced.into_iter().filter(|displaced| displaced.appointment.slot.date == at.date).collect();
        assert_eq!(of_round.len(), placed - 5);
        let kept = booked(&outcomes).difference(&ids(&of_round)).copied().collect::<HashSet<_>>();
        let came = |id: &AppointmentId| (world.now_of(*id).created_at, *id);
        assert!(kept.iter().map(came).max() < ids(&of_round).iter().map(came).min() || of_round.is_empty());
        world.engine.adopt(world.desk_call(), Plan::simple(50).snapshot().into()).await.unwrap();
    }
    assert!(in_midst > 0, "no reload fell in the midst of the bookings");
    let placed = world.audit();
    settled(world, &dir, placed);
}
