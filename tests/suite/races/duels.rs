//! Several changes of the same appointments at once: each time there is one order in which they happened.

use hallpass::domain::appointment::{Action, Appointment, AppointmentId, Status};
use hallpass::engine::{Answer, Call, Caller, Form, Named, StaffCaller, Wish};

use super::{Outcome, Pending, race, settled, tally, won};
use crate::world::plan::Plan;
use crate::world::{ANYWAY, At, World, all, code, fast_directory, first, noon};

const ROUNDS: usize = 150;

fn reschedule(world: &World, by: usize, id: AppointmentId, to: At) -> Pending {
    let (engine, call) = (world.engine.clone(), world.call(by));
    Box::pin(async move { engine.reschedule(call, id, false, to.target()).await })
}

fn cancel(world: &World, by: usize, id: AppointmentId, whole_party: bool) -> Pending {
    let (engine, call) = (world.engine.clone(), world.call(by));
    Box::pin(async move { engine.cancel(call, id, whole_party).await })
}

fn confirm(world: &World, by: usize, id: AppointmentId) -> Pending {
    let (engine, call) = (world.engine.clone(), world.call(by));
    Box::pin(async move { engine.confirm(call, id, false, None, Form::default()).await })
}

fn check_in(world: &World, id: AppointmentId) -> Pending {
    let (engine, call) = (world.engine.clone(), world.desk_call());
    Box::pin(async move { engine.attend(call, Named::Id(id), Action::CheckIn, ANYWAY).await })
}

/// The slot in which an appointment is made, and two others.
fn here(person: usize) -> At {
    At::passport(3 + person as u64 % 20, 0)
}

fn there() -> At {
    At::passport(25, 1)
}

fn elsewhere() -> At {
    At::passport(26, 2).in_hall_two()
}

fn is_at(appointment: &Appointment, at: At) -> bool {
    let slot = &appointment.slot;
    (slot.hall.as_str(), slot.date, slot.start) == (at.hall, at.date, at.start)
}

fn is_refused(outcome: &Outcome, wanted: &str) -> bool {
    outcome.as_ref().is_err_and(|refusal| code(refusal) == wanted)
}

/// Lets two changes of one appointment race, again and again; what they came to and what then is must fit together.
async fn duel(
    hold: bool,
    racers: impl Fn(&World, usize, &Appointment) -> [Pending; 2],
    judge: impl Fn(&Outcome, &Outcome, &Appointment),
) {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(1_000), noon());
    let mut placed = 0;
    for person in 0..ROUNDS {
        let at = here(person);
        let made = if hold { world.held(person, at).await } else { world.booked(person, at).await };
        let [one, other] = racers(&world, person, &made);
        let outcomes = if person % 2 == 0 {
            race([one, other]).await
        } else {
            race([other, one]).await.into_iter().rev().collect()
        };
        let now = world.now_of(made.id);
        judge(&outcomes[0], &outcomes[1], &now);
        placed += usize::from(now.status.takes_place());
    }
    settled(world, &dir, placed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_moves_leave_an_appointment_in_one_place() {
    let racers = |world: &World, by, made: &Appointment| {
        [reschedule(world, by, made.id, there()), reschedule(world, by, made.id, elsewhere())]
    };
    duel(false, racers, |one, other, now| {
        assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
        assert_eq!(now.revision, 2);
        assert!(is_at(now, there()) ^ is_at(now, elsewhere()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_move_and_a_cancellation_end_with_the_cancellation() {
    let racers = |world: &World, by, made: &Appointment| {
        [reschedule(world, by, made.id, there()), cancel(world, by, made.id, false)]
    };
    duel(false, racers, |moved, cancelled, now| {
        assert!(cancelled.is_ok(), "{cancelled:?}");
        assert_eq!((now.status, is_at(now, there())), (Status::Cancelled, moved.is_ok()));
        assert!(moved.is_ok() || is_refused(moved, "wrong_state"), "{moved:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_check_in_and_a_cancellation_exclude_each_other() {
    let racers = |world: &World, by, made: &Appointment| [check_in(world, made.id), cancel(world, by, made.id, false)];
    duel(false, racers, |checked_in, cancelled, now| {
        let (winner, loser) = match now.status {
            Status::CheckedIn => (checked_in, cancelled),
            Status::Cancelled => (cancelled, checked_in),
            other => panic!("{other}"),
        };
        assert!(winner.is_ok() && is_refused(loser, "wrong_state"), "{checked_in:?} {cancelled:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_confirmation_at_the_last_moment_and_the_end_of_the_hold_exclude_each_other() {
    let racers = |world: &World, by, made: &Appointment| {
        let end = made.expires_at.unwrap();
        world.clock.set(end - chrono::TimeDelta::milliseconds(1));
        let in_time = confirm(world, by, made.id);
        world.clock.set(end);
        // A rival in another slot does not wait for the hold; who ends it is the engine itself.
        let engine = world.engine.clone();
        let ending: Pending = Box::pin(async move {
            engine.expire_due(end).await;
            Err(hallpass::engine::Refusal::Overloaded)
        });
        [in_time, ending]
    };
    duel(true, racers, |confirmed, _, now| match now.status {
        Status::Booked => assert!(confirmed.is_ok(), "{confirmed:?}"),
        Status::Expired => assert!(is_refused(confirmed, "hold_expired"), "{confirmed:?}"),
        other => panic!("{other}"),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_cancellations_one_counts_and_gives_one_place_back() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(2), noon());
    for round in 0..ROUNDS {
        let at = At::passport(1 + round as u64 / 6, (round % 6).try_into().unwrap());
        let (person, stays) = (2 * round, 2 * round + 1);
        let made = world.booked(person, at).await;
        world.booked(stays, at).await;
        let outcomes = race((0..12).map(|_| cancel(&world, person, made.id, false))).await;
        assert_eq!(tally(&outcomes), [("ok", 1), ("wrong_state", 11)].into());
        assert_eq!(world.taken(at), 1);
    }
    settled(world, &dir, ROUNDS);
}

/// A party of four is cancelled, one member moves away, one is cancelled alone, one checks in: the party's cancellation
/// takes those who still wait, or nobody where somebody is in the hall already.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_party_and_its_members_are_changed_one_after_the_other() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(1_000), noon());
    let mut placed = 0;
    for round in 0..ROUNDS {
        let persons: Vec<_> = (4 * round..4 * round + 4).collect();
        let by = persons[0];
        let made = all(world.engine.book(world.call(by), here(round).wish(&persons)).await.unwrap());
        let racers = [
            cancel(&world, by, made[0].id, true),
            reschedule(&world, by, made[1].id, there()),
            cancel(&world, by, made[2].id, false),
            check_in(&world, made[3].id),
        ];
        let outcomes = race(racers).await;
        let now: Vec<_> = made.iter().map(|member| world.now_of(member.id)).collect();
        let statuses: Vec<_> = now.iter().map(|member| member.status).collect();
        if outcomes[0].is_ok() {
            assert_eq!(statuses, [Status::Cancelled; 4], "{outcomes:?}");
            assert!(is_refused(&outcomes[3], "wrong_state"));
        } else {
            let expected = [Status::Booked, Status::Booked, Status::Cancelled, Status::CheckedIn];
            assert_eq!(statuses, expected, "{outcomes:?}");
            assert!(is_at(&now[1], there()));
        }
        placed += now.iter().filter(|member| member.status.takes_place()).count();
    }
    settled(world, &dir, placed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_ring_of_moves_among_full_slots_moves_nobody_and_loses_nobody() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(5), noon());
    let ring: Vec<_> = (0..6).map(|slot| At::passport(1 + slot, 0)).collect();
    let mut made = Vec::new();
    for (slot, at) in ring.iter().enumerate() {
        for person in 0..5 {
            made.push((slot, 5 * slot + person, world.booked(5 * slot + person, *at).await.id));
        }
    }
    let everybody = || made.iter().map(|(slot, by, id)| reschedule(&world, *by, *id, ring[(slot + 1) % 6]));
    for _ in 0..20 {
        let outcomes = race(everybody()).await;
        assert_eq!(tally(&outcomes), [("slot_full", 30)].into());
    }
    // With one place free, one after the other may move up; the free place wanders, and stays one.
    world.engine.cancel(world.call(29), made[29].2, false).await.unwrap();
    made.pop();
    let mut moved = 0;
    for _ in 0..40 {
        let racers = made.iter().map(|(_, by, id)| {
            let slot = ring.iter().position(|at| is_at(&world.now_of(*id), *at)).unwrap();
            reschedule(&world, *by, *id, ring[(slot + 1) % 6])
        });
        let outcomes = race(racers).await;
        moved += won(&outcomes);
        assert!(outcomes.iter().all(|outcome| outcome.is_ok() || is_refused(outcome, "slot_full")));
        assert_eq!(ring.iter().map(|at| world.taken(*at)).sum::<u32>(), 29);
    }
    assert!(moved >= 40, "{moved} moves");
    settled(world, &dir, 29);
}

/// Who did not come has given up the claim: it is taken back, or a new booking takes it, and never both.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_no_show_that_is_taken_back_and_a_new_booking_exclude_each_other() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(1_000), noon());
    let mut placed = 0;
    for person in 0..ROUNDS {
        let made = world.booked(person, here(person)).await;
        let missed = world.engine.attend(world.desk_call(), Named::Id(made.id), Action::MarkNoShow, ANYWAY).await;
        assert_eq!(missed.map(first).unwrap().status, Status::NoShow);
        let (engine, call, id) = (world.engine.clone(), world.desk_call(), made.id);
        let back: Pending = Box::pin(async move { engine.undo(call, id, false).await });
        let outcomes = race([back, super::book(&world, person, there().wish(&[person]))]).await;
        assert_eq!(tally(&outcomes), [("ok", 1), ("already_booked", 1)].into());
        assert_eq!(world.now_of(id).status == Status::Booked, outcomes[0].is_ok());
        // A no-show has its place all the same.
        placed += 1 + usize::from(outcomes[1].is_ok());
    }
    settled(world, &dir, placed);
}

/// A hold that is extended at the last moment lives on, or has ended before.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_extension_at_the_last_moment_and_the_end_of_the_hold_exclude_each_other() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(1_000), noon());
    for person in 0..ROUNDS {
        let held = world.held(person, here(person)).await;
        let end = held.expires_at.unwrap();
        world.clock.set(end - chrono::TimeDelta::milliseconds(1));
        let (engine, call) = (world.engine.clone(), world.call(person));
        let extending: Pending = Box::pin(async move { engine.extend(call, held.id, false).await });
        let (engine, clock) = (world.engine.clone(), world.clock.clone());
        let ending: Pending = Box::pin(async move {
            clock.set(end);
            engine.expire_due(end).await;
            Ok(Answer::Text("".into()))
        });
        let outcomes = race([extending, ending]).await;
        let now = world.now_of(held.id);
        assert_eq!(now.status_at(end) == Status::Held, outcomes[0].is_ok(), "{now:?} {outcomes:?}");
        assert!(outcomes[0].is_ok() || is_refused(&outcomes[0], "hold_expired"), "{outcomes:?}");
        if outcomes[0].is_ok() {
            assert_eq!((now.expires_at, now.extended), (Some(end + chrono::TimeDelta::minutes(5)), true));
            world.engine.cancel(world.call(person), held.id, false).await.unwrap();
        }
        // Where both met, the end of the hold was left for later.
        world.engine.expire_due(end).await;
    }
    settled(world, &dir, 0);
}

/// While somebody moves to and fro between two slots, the place that he leaves is never given twice and never lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn places_that_are_left_are_won_once() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(1), noon());
    for round in 0..ROUNDS {
        let (left, to) = (At::passport(1, 0), At::passport(2, 0));
        let made = world.booked(1_000 + round, left).await;
        let movers = [reschedule(&world, 1_000 + round, made.id, to)];
        let rivals = (0..20).map(|rival| super::book(&world, rival, left.wish(&[rival])));
        let outcomes = race(movers.into_iter().chain(rivals)).await;
        assert!(outcomes[0].is_ok() && won(&outcomes) <= 2, "{outcomes:?}");
        assert_eq!((world.taken(to), world.taken(left) as usize), (1, won(&outcomes) - 1));
        for (by, id) in outcomes.into_iter().enumerate().filter_map(|(at, outcome)| Some((at, first(outcome.ok()?).id)))
        {
            let by = if by == 0 { 1_000 + round } else { by - 1 };
            world.engine.cancel(world.call(by), id, false).await.unwrap();
        }
    }
    settled(world, &dir, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn holds_that_race_to_be_confirmed_by_everybody_are_confirmed_once() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(1_000), noon());
    for round in 0..ROUNDS {
        let persons = [3 * round, 3 * round + 1, 3 * round + 2];
        let wish = Wish { hold: true, ..here(round).wish(&persons) };
        let made = all(world.engine.book(world.call(persons[0]), wish).await.unwrap());
        let single = made.iter().map(|member| confirm(&world, persons[0], member.id));
        let (engine, call, id) = (world.engine.clone(), world.call(persons[0]), made[0].id);
        let party: Pending = Box::pin(async move { engine.confirm(call, id, true, None, Form::default()).await });
        let outcomes = race(single.chain([party])).await;
        // Either the party was first and the others came too late, or one of them was and the party is refused.
        let expected = if outcomes[3].is_ok() { 1 } else { 3 };
        assert_eq!(tally(&outcomes), [("ok", expected), ("wrong_state", 4 - expected)].into());
        assert!(made.iter().all(|member| world.now_of(member.id).status == Status::Booked));
    }
    settled(world, &dir, 3 * ROUNDS);
}

/// A desk serves its own hall only: where the appointment has moved away meanwhile, the desk comes too late.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_desk_does_not_check_in_what_has_just_moved_to_another_hall() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(10_000), noon());
    for person in 0..4 * ROUNDS {
        let made = world.booked(person, here(person)).await;
        let (id, hall) = (made.id, made.slot.hall);
        let desks = (0..7).map(|_| {
            let caller = Caller::Staff(StaffCaller { id: "desk".into(), halls: Some(vec![hall]) });
            let (engine, call) = (world.engine.clone(), Call { caller, ..world.desk_call() });
            let desk: Pending =
                Box::pin(async move { engine.attend(call, Named::Id(id), Action::CheckIn, ANYWAY).await });
            desk
        });
        let mut outcomes = race(desks.chain([reschedule(&world, person, made.id, elsewhere())])).await;
        let moved = outcomes.pop().unwrap();
        let now = world.now_of(made.id);
        assert_eq!(
            (now.status == Status::CheckedIn, now.slot.hall == hall),
            (moved.is_err(), moved.is_err()),
            "{now:?}"
        );
    }
}
