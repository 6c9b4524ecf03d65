//! A repeat of a call gets the first answer, whatever has happened since, for a day.

use chrono::{DateTime, TimeDelta, Utc};
use hallpass::domain::appointment::{AppointmentId, Status};
use hallpass::domain::rejection::Rejection;
use hallpass::engine::{Answer, Begun, Call, Engine, Fingerprint, Form, Refusal, Wish};
use hallpass::ledger::entry::Owner;

use crate::world::plan::Plan;
use crate::world::postgres::until;
use crate::world::{At, World, all, code, directory, fast_directory, first, noon};

fn print(key: u8, call: u8) -> Fingerprint {
    Fingerprint { owner: None, key: [key; 16], call: [call; 16] }
}

/// Makes a call with a key, as the HTTP room does: begins, calls only where the key is new, and has a refusal remembered.
async fn keyed<F>(
    engine: &Engine,
    print: Fingerprint,
    call: Call,
    make: impl FnOnce(Call) -> F,
) -> Result<Answer, Refusal>
where
    F: Future<Output = Result<Answer, Refusal>>,
{
    match engine.begin(print, call.now).await? {
        Begun::Answered(answer) => Ok(answer),
        Begun::Fresh(repeat) => {
            let (caller, now, repeat) = (call.caller.clone(), call.now, Some(repeat));
            let answer = make(Call { repeat: repeat.clone(), ..call }).await;
            if let Err(refusal @ Refusal::Rejected(_)) = &answer {
                engine.remember_refusal(Call { caller, now, repeat }, code(refusal).into()).await?;
            }
            answer
        }
    }
}

async fn book(world: &World, print: Fingerprint, person: usize, wish: Wish) -> Result<Answer, Refusal> {
    keyed(&world.engine, print, world.call(person), |call| world.engine.book(call, wish)).await
}

async fn cancel(world: &World, print: Fingerprint, person: usize, id: AppointmentId) -> Result<Answer, Refusal> {
    keyed(&world.engine, print, world.call(person), |call| world.engine.cancel(call, id, false)).await
}

async fn move_to(world: &World, print: Fingerprint, id: AppointmentId, at: At) -> Result<Answer, Refusal> {
    keyed(&world.engine, print, world.call(1), |call| world.engine.reschedule(call, id, false, at.target())).await
}

async fn confirm(world: &World, print: Fingerprint, id: AppointmentId) -> Result<Answer, Refusal> {
    let make = |call| world.engine.confirm(call, id, true, None, Form::default());
    keyed(&world.engine, print, world.call(1), make).await
}

fn restarted(world: World, dir: &tempfile::TempDir, now: DateTime<Utc>) -> World {
    world.stop();
    World::start(dir.path(), &Plan::simple(2), now)
}

#[tokio::test]
async fn repeats_give_the_first_answers_before_and_after_a_restart() {
    let dir = directory();
    let mut world = World::start(dir.path(), &Plan::simple(2), noon());
    let wish = Wish { hold: true, ..At::passport(1, 0).wish(&[1, 2]) };
    let held = book(&world, print(1, 1), 1, wish.clone()).await.unwrap();
    let id = first(held.clone()).id;
    let confirmed = confirm(&world, print(2, 1), id).await.unwrap();
    let moved = move_to(&world, print(3, 1), id, At::passport(2, 3)).await.unwrap();
    let cancelled = cancel(&world, print(4, 1), 1, id).await.unwrap();
    let statuses = [&held, &confirmed, &moved, &cancelled].map(|answer| first(answer.clone()).status);
    assert_eq!(statuses, [Status::Held, Status::Booked, Status::Booked, Status::Cancelled]);

    for start in 0..3 {
        assert_eq!(book(&world, print(1, 1), 1, wish.clone()).await.unwrap(), held, "start {start}");
        assert_eq!(confirm(&world, print(2, 1), id).await.unwrap(), confirmed, "start {start}");
        assert_eq!(move_to(&world, print(3, 1), id, At::passport(2, 3)).await.unwrap(), moved, "start {start}");
        assert_eq!(cancel(&world, print(4, 1), 1, id).await.unwrap(), cancelled, "start {start}");
        let other = book(&world, print(1, 2), 1, wish.clone()).await.unwrap_err();
        assert_eq!(other, Rejection::IdempotencyMismatch.into(), "start {start}");
        assert_eq!(world.engine.sizes().appointments, 2, "start {start}");
        world = restarted(world, &dir, noon() + TimeDelta::minutes(start));
    }
    assert_eq!(world.stop_and_verify(dir.path()).entries, 4);
}

/// Found by the auditor: the answer that nothing had to be changed was not recorded, so after a restart its repeat was
/// judged anew, and moved the appointment back to where it once had been.
#[tokio::test]
async fn a_repeat_of_a_move_to_where_it_was_does_not_move_it_back_after_a_restart() {
    let dir = directory();
    let world = World::start(dir.path(), &Plan::simple(2), noon());
    let here = At::passport(1, 0);
    let made = world.booked(1, here).await;
    let unchanged = move_to(&world, print(1, 1), made.id, here).await.unwrap();
    assert_eq!(first(unchanged.clone()), made);
    let on = world.engine.reschedule(world.call(1), made.id, false, At::passport(2, 0).target()).await.unwrap();

    let world = restarted(world, &dir, noon());
    assert_eq!(move_to(&world, print(1, 1), made.id, here).await.unwrap(), unchanged);
    assert_eq!(world.now_of(made.id), first(on));
    world.stop_and_verify(dir.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_repeats_at_once_make_one_booking() {
    let dir = fast_directory();
    let world = std::sync::Arc::new(World::start(dir.path(), &Plan::simple(2), noon()));
    for round in 0..50_u8 {
        let person = usize::from(round);
        let calls: Vec<_> = (0..16)
            .map(|_| {
                let world = std::sync::Arc::clone(&world);
                let wish = At::passport(u64::from(round) % 28 + 1, u16::from(round) % 6).wish(&[person]);
                tokio::spawn(async move { book(&world, print(round, 1), person, wish).await })
            })
            .collect();
        let mut answers = Vec::new();
        for call in calls {
            answers.push(call.await.unwrap().unwrap());
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "round {round}");
        assert_eq!(all(answers.remove(0)).len(), 1);
    }
    assert_eq!((world.engine.sizes().appointments, world.audit()), (50, 50));
    std::sync::Arc::into_inner(world).unwrap().stop_and_verify(dir.path());
}

#[tokio::test]
async fn an_answer_is_given_for_a_day_and_no_longer() {
    let dir = directory();
    let mut world = World::start(dir.path(), &Plan::simple(2), noon());
    let wish = At::passport(5, 0).wish(&[1]);
    let answer = book(&world, print(1, 1), 1, wish.clone()).await.unwrap();
    let day_later = noon() + TimeDelta::hours(24);
    for _ in 0..2 {
        world.clock.set(day_later - TimeDelta::milliseconds(1));
        assert_eq!(book(&world, print(1, 1), 1, wish.clone()).await.unwrap(), answer);
        world = restarted(world, &dir, day_later - TimeDelta::milliseconds(1));
    }
    world.clock.set(day_later);
    assert_eq!(code(&book(&world, print(1, 1), 1, wish.clone()).await.unwrap_err()), "already_booked");
    // The key is free for another call, whose answer then counts, also after a restart.
    let cancelled = cancel(&world, print(2, 1), 1, first(answer.clone()).id).await.unwrap();
    world = restarted(world, &dir, day_later);
    let again = book(&world, print(1, 1), 1, wish.clone()).await.unwrap();
    assert_ne!(again, answer);
    world = restarted(world, &dir, day_later);
    assert_eq!(book(&world, print(1, 1), 1, wish).await.unwrap(), again);
    assert_eq!(cancel(&world, print(2, 1), 1, first(answer).id).await.unwrap(), cancelled);
    world.stop_and_verify(dir.path());
}

/// It came from a clock that was wrong. Behind it the others would never be forgotten, and the keys of all would run out.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_from_the_future_is_forgotten_a_day_after_a_start_and_keeps_no_other() {
    let dir = fast_directory();
    let ahead = noon() + TimeDelta::days(4);
    let world = World::start(dir.path(), &Plan::simple(2), ahead);
    let from_the_future = book(&world, print(1, 1), 1, At::passport(10, 0).wish(&[1])).await.unwrap();
    let world = restarted(world, &dir, noon());
    for number in 2..=5 {
        book(&world, print(number, 1), number.into(), At::passport(10, number.into()).wish(&[number.into()]))
            .await
            .unwrap();
    }
    let used = || world.engine.key_shares().iter().map(|share| share.used).sum::<usize>();
    let keeping = tokio::spawn({
        let engine = world.engine.clone();
        async move { engine.keep_time().await }
    });
    let day_later = noon() + TimeDelta::hours(24);
    world.clock.set(day_later - TimeDelta::milliseconds(1));
    assert_eq!(book(&world, print(1, 1), 1, At::passport(10, 0).wish(&[1])).await.unwrap(), from_the_future);
    assert_eq!(used(), 5);
    world.clock.set(day_later + TimeDelta::minutes(2));
    until("all of them are forgotten", || used() == 0);
    keeping.abort();
    assert!(keeping.await.unwrap_err().is_cancelled());
    world.stop_and_verify(dir.path());
}

#[tokio::test]
async fn a_refusal_is_repeated_even_when_the_reason_has_gone_also_after_a_restart() {
    let dir = directory();
    let mut world = World::start(dir.path(), &Plan::simple(1), noon());
    let at = At::passport(1, 0);
    let made = world.booked(1, at).await;
    assert_eq!(book(&world, print(1, 1), 2, at.wish(&[2])).await.unwrap_err(), Rejection::SlotFull.into());
    world.engine.cancel(world.call(1), made.id, false).await.unwrap();
    for _ in 0..3 {
        let repeated = book(&world, print(1, 1), 2, at.wish(&[2])).await;
        assert_eq!(repeated, Ok(Answer::Refused("slot_full".into())));
        world.stop();
        world = World::start(dir.path(), &Plan::simple(1), noon());
    }
    book(&world, print(2, 1), 2, at.wish(&[2])).await.unwrap();
    assert_eq!(world.stop_and_verify(dir.path()).entries, 4);
}

#[tokio::test]
async fn one_person_cannot_use_up_the_keys_of_all_also_not_by_restarts() {
    let dir = fast_directory();
    let mut world = World::start(dir.path(), &Plan::simple(2), noon());
    let remember = async |world: &World, person: usize, nth: u32| {
        let mut key = [0; 16];
        key[..4].copy_from_slice(&nth.to_be_bytes());
        let print = Fingerprint { owner: Some(Owner::Person(world.person(person))), key, call: [1; 16] };
        let engine = &world.engine;
        keyed(engine, print, world.call(person), |call| engine.remember(call, "text".into())).await
    };
    for at in 0..1_000 {
        if at % 400 == 0 {
            world = restarted(world, &dir, noon());
        }
        remember(&world, 1, at).await.unwrap();
    }
    world = restarted(world, &dir, noon());
    assert_eq!(remember(&world, 1, 1_000).await, Err(Refusal::TooManyKeys { retry_s: 24 * 3_600 + 1 }));
    remember(&world, 1, 0).await.unwrap();
    remember(&world, 2, 2_000).await.unwrap();
    world.stop_and_verify(dir.path());
}

#[tokio::test]
async fn a_text_is_remembered_too() {
    let dir = directory();
    let world = World::start(dir.path(), &Plan::simple(1), noon());
    let text = || "{\"token\":\"made up\"}".to_owned();
    let remember = |world: &World| {
        let (engine, call) = (world.engine.clone(), world.desk_call());
        async move { keyed(&engine, print(1, 1), call, |call| engine.remember(call, text())).await.unwrap() }
    };
    assert_eq!(remember(&world).await, Answer::Text(text().into()));
    let world = restarted(world, &dir, noon());
    assert_eq!(remember(&world).await, Answer::Text(text().into()));
    assert_eq!(world.stop_and_verify(dir.path()).entries, 1);
}
