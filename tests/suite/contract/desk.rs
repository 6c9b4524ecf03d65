//! Desks, on every store: when they may say something, whole parties, and what they take back.

use chrono::TimeDelta;
use hallpass::domain::appointment::{Action, Appointment, Status};
use hallpass::domain::rejection::Rejection;
use hallpass::engine::{Answer, Attending, Call, Caller, Named, Refusal, StaffCaller};

use super::Store;
use crate::world::plan::Plan;
use crate::world::{ANYWAY, At, World, all, code, day, first, noon};

fn desk(world: &World, id: &str) -> Call {
    Call { caller: Caller::Staff(StaffCaller { id: id.into(), halls: None }), ..world.desk_call() }
}

async fn attend(world: &World, one: &Appointment, action: Action, attending: Attending) -> Result<Answer, Refusal> {
    world.engine.attend(world.desk_call(), Named::Id(one.id), action, attending).await
}

async fn attended(world: &World, one: &Appointment, action: Action) -> Appointment {
    attend(world, one, action, ANYWAY).await.map(first).unwrap()
}

async fn undo(world: &World, by: &str, one: &Appointment) -> Result<Appointment, Rejection> {
    match world.engine.undo(desk(world, by), one.id, false).await {
        Ok(answer) => Ok(first(answer)),
        Err(Refusal::Rejected(rejection)) => Err(rejection),
        Err(other) => panic!("{other}"),
    }
}

fn pass(world: &World, seconds: i64) {
    world.clock.set(world.clock.now() + TimeDelta::seconds(seconds));
}

pub async fn on_its_day(store: &Store) {
    let world = store.open(&Plan::simple(9), noon()).await;
    let booked = world.booked(1, At::passport(1, 0)).await;
    let (begins, now_is) = (booked.starts_at.to_utc(), Attending::default());
    let not_on_its_day =
        |action, today| Err(Refusal::Rejected(Rejection::NotOnItsDay { date: booked.slot.date, today, action }));
    for action in [Action::CheckIn, Action::MarkNoShow] {
        assert_eq!(attend(&world, &booked, action, now_is).await, not_on_its_day(action, day(0)));
    }
    world.clock.set(begins - TimeDelta::milliseconds(1));
    let early = Rejection::NotBegun { begins: booked.starts_at, action: Action::MarkNoShow };
    assert_eq!(attend(&world, &booked, Action::MarkNoShow, now_is).await, Err(early.into()));
    attend(&world, &booked, Action::CheckIn, now_is).await.expect("on its day, before it begins");
    world.clock.set(begins + TimeDelta::hours(24));
    assert_eq!(attend(&world, &booked, Action::Serve, now_is).await, not_on_its_day(Action::Serve, day(2)));
    assert_eq!(attended(&world, &booked, Action::Serve).await.status, Status::Served);
    let missed = world.booked(1, At::passport(3, 0)).await;
    world.clock.set(missed.starts_at.to_utc());
    let missed = attend(&world, &missed, Action::MarkNoShow, now_is).await.map(first).unwrap();
    assert_eq!((missed.status, world.audit()), (Status::NoShow, 2));
    // What can't be done at all is told before when it can be.
    let twice = attend(&world, &missed, Action::CheckIn, now_is).await.unwrap_err();
    assert_eq!(twice, Rejection::WrongState { status: Status::NoShow, action: Action::CheckIn }.into());
    store.stop(world);
}

pub async fn a_whole_party(store: &Store) {
    let world = store.open(&Plan::simple(9), noon()).await;
    let at = At::passport(1, 0);
    let party = all(world.engine.book(world.call(1), at.wish(&[1, 2, 3, 4, 5])).await.unwrap());
    let statuses = |world: &World| party.iter().map(|one| world.now_of(one.id).status.as_str()).collect::<Vec<_>>();
    world.engine.cancel(world.call(1), party[1].id, false).await.unwrap();
    let later = At::passport(2, 0).target();
    world.engine.reschedule(world.call(1), party[2].id, false, later).await.unwrap();
    attended(&world, &party[3], Action::CheckIn).await;
    let whole = Attending { whole_party: true, anyway: false };
    let refused = attend(&world, &party[0], Action::CheckIn, whole).await.unwrap_err();
    assert_eq!(code(&refused), "wrong_state");
    world.clock.set(party[0].starts_at.to_utc());
    // Whoever of them is scanned, those who are expected today come along.
    let here = all(attend(&world, &party[3], Action::CheckIn, whole).await.unwrap());
    assert_eq!(here.iter().map(|one| one.id).collect::<Vec<_>>(), [party[0].id, party[4].id]);
    assert_eq!(statuses(&world), ["checked_in", "cancelled", "booked", "checked_in", "checked_in"]);
    let again = attend(&world, &party[0], Action::CheckIn, whole).await.unwrap_err();
    assert_eq!(again, Rejection::WrongState { status: Status::CheckedIn, action: Action::CheckIn }.into());
    let back = all(world.engine.undo(world.desk_call(), party[4].id, true).await.unwrap());
    // The one that was checked in by itself is more than a minute ago, so it stays.
    assert_eq!(back.iter().map(|one| one.id).collect::<Vec<_>>(), [party[0].id, party[4].id]);
    assert_eq!(statuses(&world), ["booked", "cancelled", "booked", "checked_in", "booked"]);
    assert_eq!((world.taken(at), world.audit()), (3, 4));
    store.stop(world);
}

pub async fn taken_back(store: &Store) {
    let plan = Plan::simple(9);
    let world = store.open(&plan, noon()).await;
    let booked = world.booked(1, At::passport(1, 0)).await;
    assert_eq!(undo(&world, "desk", &booked).await, Err(Rejection::NothingToUndo { status: Status::Booked }));
    attended(&world, &booked, Action::CheckIn).await;
    pass(&world, 30);
    attended(&world, &booked, Action::Serve).await;
    assert_eq!(undo(&world, "other", &booked).await, Err(Rejection::UndoByAnother));
    pass(&world, 30);
    assert_eq!(undo(&world, "desk", &booked).await.unwrap().status, Status::CheckedIn);
    assert_eq!(undo(&world, "desk", &booked).await.unwrap().status, Status::Booked, "both were within their minute");
    assert_eq!((world.taken(At::passport(1, 0)), world.audit()), (1, 1));
    attended(&world, &booked, Action::CheckIn).await;
    pass(&world, 60);
    world.clock.set(world.clock.now() + TimeDelta::milliseconds(1));
    assert!(matches!(undo(&world, "desk", &booked).await, Err(Rejection::UndoTooLate { .. })));

    let other = world.booked(2, At::passport(1, 0)).await;
    attended(&world, &other, Action::CheckIn).await;
    let world = store.reopen(world, &plan).await;
    assert_eq!(undo(&world, "desk", &other).await, Err(Rejection::UndoForgotten));
    pass(&world, 61);
    assert!(matches!(undo(&world, "desk", &other).await, Err(Rejection::UndoTooLate { .. })));
    store.stop(world);
}

pub async fn a_no_show_taken_back(store: &Store) {
    let plan = Plan { max_active: 2, ..Plan::simple(9) };
    let world = store.open(&plan, noon()).await;
    let at = At::passport(1, 0);
    let missed = world.booked(1, at).await;
    world.clock.set(missed.starts_at.to_utc());
    attended(&world, &missed, Action::MarkNoShow).await;
    let world = store.reopen(world, &plan).await;
    // 2026-11-26 ends at 16:00 UTC in Shanghai.
    world.clock.set("2026-11-26T15:59:59.999Z".parse().unwrap());
    let back = undo(&world, "other", &missed).await.unwrap();
    assert_eq!((back.status, world.taken(at), world.audit()), (Status::Booked, 1, 1));
    assert_eq!(code(&world.book(1, At::passport(9, 0)).await.unwrap_err()), "already_booked");

    attended(&world, &missed, Action::MarkNoShow).await;
    let rival = world.booked(1, At::passport(9, 0)).await;
    assert_eq!(undo(&world, "desk", &missed).await, Err(Rejection::AlreadyBooked { applicant: 0 }));
    world.engine.cancel(world.call(1), rival.id, false).await.unwrap();
    // Others that this person makes meanwhile take the shares.
    let others = world.engine.book(world.call(1), At::passport(9, 1).wish(&[2, 3])).await.map(all).unwrap();
    assert_eq!(undo(&world, "desk", &missed).await, Err(Rejection::TooManyActive { max: 2 }));
    world.engine.cancel(world.call(1), others[0].id, false).await.unwrap();
    assert_eq!(undo(&world, "desk", &missed).await.unwrap().status, Status::Booked);

    // It was marked on the 26th, so it stands from the 28th on.
    attended(&world, &missed, Action::MarkNoShow).await;
    world.clock.set("2026-11-27T16:00:00Z".parse().unwrap());
    assert_eq!(undo(&world, "desk", &missed).await, Err(Rejection::NoShowStands { last: day(3) }));
    // One that was marked long before its day can be taken back until the day after it.
    let early = world.booked(5, At::passport(20, 0)).await;
    attended(&world, &early, Action::MarkNoShow).await;
    world.clock.set(early.starts_at.to_utc() + TimeDelta::hours(24));
    assert_eq!(undo(&world, "desk", &early).await.unwrap().status, Status::Booked);
    store.stop(world);
}
