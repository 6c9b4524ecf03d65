//! Holds end on time, to the millisecond, with and without anybody asking.

use chrono::{DateTime, TimeDelta, Utc};
use hallpass::domain::appointment::{AppointmentId, Status};
use hallpass::engine::{Form, Wish};
use hallpass::ledger::embedded::Embedded;

use crate::world::ledgers::{Steered, Way};
use crate::world::plan::Plan;
use crate::world::{At, World, all, code, directory, fast_directory, first, noon, poll_once};

fn millisecond() -> TimeDelta {
    TimeDelta::milliseconds(1)
}

/// Waits until an appointment has a status. Somebody else must be about to bring that about; where nobody does, the test
/// fails instead of going on for ever.
async fn becomes(world: &World, id: AppointmentId, status: Status) {
    let waiting = async {
        while world.now_of(id).status != status {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(3), waiting).await.expect("nobody brings it about");
}

/// Starts what ends holds without anybody asking.
fn keep_time(world: &World) -> tokio::task::JoinHandle<()> {
    let engine = world.engine.clone();
    tokio::spawn(async move { engine.keep_time().await })
}

async fn stop(world: World, time: tokio::task::JoinHandle<()>) {
    time.abort();
    assert!(time.await.unwrap_err().is_cancelled());
    world.stop();
}

fn start(dir: &tempfile::TempDir, now: DateTime<Utc>) -> World {
    World::start(dir.path(), &Plan { max_active: 1, ..Plan::simple(1) }, now)
}

#[tokio::test]
async fn the_place_the_claim_and_the_share_are_free_at_the_end_and_not_a_millisecond_before() {
    let dir = fast_directory();
    let world = start(&dir, noon());
    let (here, there) = (At::passport(1, 0), At::passport(1, 1));
    let hold = world.held(1, here).await;
    let end = hold.expires_at.unwrap();
    assert_eq!(end, noon() + TimeDelta::minutes(10));
    // Another document of another person, booked by the one who has the hold.
    let permit = At { service: "permit.renewal", ..there };
    let for_somebody = || world.engine.book(world.call(1), permit.wish(&[9]));

    world.clock.set(end - millisecond());
    assert_eq!(code(&world.book(2, here).await.unwrap_err()), "slot_full");
    assert_eq!(code(&world.book(1, there).await.unwrap_err()), "already_booked");
    assert_eq!(code(&for_somebody().await.unwrap_err()), "too_many_active");
    assert_eq!(world.now_of(hold.id).status, Status::Held);

    world.clock.set(end);
    for_somebody().await.unwrap();
    assert_eq!(world.now_of(hold.id).status, Status::Expired);
    world.booked(2, here).await;
    assert_eq!((world.taken(here), world.taken(there)), (1, 1));
    world.stop_and_verify(dir.path());
}

#[tokio::test]
async fn holds_end_without_anybody_asking() {
    let dir = fast_directory();
    let world = start(&dir, noon());
    let time = keep_time(&world);
    let first_hold = world.held(1, At::passport(1, 0)).await;
    // A later hold with an earlier end must wake who waits for the first.
    let shorter = Plan { version: "shorter", hold_minutes: 2, ..Plan::simple(1) };
    world.engine.adopt(world.desk_call(), shorter.snapshot().into()).await.unwrap();
    let second_hold = world.held(2, At::passport(1, 1)).await;
    world.clock.set(second_hold.expires_at.unwrap());
    becomes(&world, second_hold.id, Status::Expired).await;
    assert_eq!(world.now_of(first_hold.id).status, Status::Held);
    world.clock.set(first_hold.expires_at.unwrap());
    becomes(&world, first_hold.id, Status::Expired).await;
    assert_eq!((world.taken(At::passport(1, 0)), world.taken(At::passport(1, 1))), (0, 0));
    stop(world, time).await;
}

#[tokio::test]
async fn holds_end_on_time_across_a_restart() {
    let dir = directory();
    let world = start(&dir, noon());
    let hold = world.held(1, At::passport(1, 0)).await;
    let end = hold.expires_at.unwrap();
    world.stop();

    let world = start(&dir, end - millisecond());
    let time = keep_time(&world);
    assert_eq!(code(&world.book(2, At::passport(1, 0)).await.unwrap_err()), "slot_full");
    world.clock.set(end);
    becomes(&world, hold.id, Status::Expired).await;
    let other = world.held(2, At::passport(1, 0)).await;
    stop(world, time).await;

    // A start long after the end finds the hold ended.
    let world = start(&dir, end + TimeDelta::days(1));
    assert_eq!((world.now_of(hold.id).status, world.now_of(other.id).status), (Status::Expired, Status::Held));
    let time = keep_time(&world);
    becomes(&world, other.id, Status::Expired).await;
    stop(world, time).await;
    crate::world::verified(dir.path());
}

#[tokio::test]
async fn a_hold_that_is_confirmed_in_time_stays() {
    let dir = directory();
    let world = start(&dir, noon());
    let hold = world.held(1, At::passport(1, 0)).await;
    let late = world.held(2, At::passport(1, 1)).await;
    let end = hold.expires_at.unwrap();
    world.clock.set(end - millisecond());
    let confirm = |id, person| world.engine.confirm(world.call(person), id, false, None, Form::default());
    let confirmed = first(confirm(hold.id, 1).await.unwrap());
    assert_eq!((confirmed.status, confirmed.expires_at), (Status::Booked, None));
    world.clock.set(end);
    assert_eq!(code(&confirm(late.id, 2).await.unwrap_err()), "hold_expired");
    world.engine.expire_due(end + TimeDelta::days(1)).await;
    assert_eq!((world.now_of(hold.id), world.now_of(late.id).status), (confirmed, Status::Expired));
    world.stop();
    let world = start(&dir, end + TimeDelta::days(1));
    assert_eq!(world.now_of(hold.id), confirmed);
    world.stop_and_verify(dir.path());
}

#[tokio::test]
async fn a_hold_that_is_moved_keeps_its_end() {
    let dir = fast_directory();
    let world = start(&dir, noon());
    let hold = world.held(1, At::passport(1, 0)).await;
    world.clock.set(noon() + TimeDelta::minutes(9));
    let to = At::passport(1, 1);
    let moved = first(world.engine.reschedule(world.call(1), hold.id, false, to.target()).await.unwrap());
    assert_eq!((moved.status, moved.expires_at), (Status::Held, hold.expires_at));
    world.booked(2, At::passport(1, 0)).await;
    world.clock.set(hold.expires_at.unwrap());
    world.booked(3, to).await;
    world.stop_and_verify(dir.path());
}

#[tokio::test]
async fn more_holds_than_one_round_takes_end_for_the_first_who_asks() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(3_000), noon());
    let at = At::passport(1, 0);
    for party in 0..600 {
        let persons: Vec<_> = (party * 5..party * 5 + 5).collect();
        let wish = Wish { hold: true, ..at.wish(&persons) };
        assert_eq!(all(world.engine.book(world.call(party * 5), wish).await.unwrap()).len(), 5);
    }
    assert_eq!(code(&world.book(3_000, at).await.unwrap_err()), "slot_full");
    world.clock.set(noon() + TimeDelta::minutes(10));
    world.booked(3_000, at).await;
    world.engine.expire_due(world.clock.now()).await;
    world.engine.expire_due(world.clock.now()).await;
    assert_eq!((world.taken(at), world.engine.sizes().holds), (1, 0));
    world.stop_and_verify(dir.path());
}

/// A hold whose time came while it was being changed could not be ended; whoever was refused for quite another reason
/// asked again and again without a pause, and was then told that the engine is overloaded.
#[tokio::test]
async fn a_hold_that_is_being_changed_as_it_ends_keeps_nobody_from_his_refusal() {
    let dir = fast_directory();
    let (ledger, steering) = Steered::new(Embedded::open(dir.path()).unwrap());
    let world = World::start_on(ledger, &Plan::simple(1), noon());
    world.booked(1, At::passport(1, 0)).await;
    let hold = world.held(2, At::passport(1, 1)).await;
    world.clock.set(hold.expires_at.unwrap() - millisecond());
    steering.set(Way::Wait);
    let mut cancel = Box::pin(world.engine.cancel(world.call(2), hold.id, false));
    assert!(poll_once(&mut cancel).await.is_pending());
    world.clock.set(hold.expires_at.unwrap());
    let mut rival = Box::pin(world.book(3, At::passport(1, 0)));
    assert!(poll_once(&mut rival).await.is_pending());
    steering.set(Way::Open);
    assert_eq!(code(&rival.await.unwrap_err()), "slot_full");
    assert_eq!(first(cancel.await.unwrap()).status, Status::Cancelled);
    world.stop_and_verify(dir.path());
}
