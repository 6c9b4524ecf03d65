//! A disk that fails: whoever waits is told, nothing more is written, everything can still be read, and nothing that was
//! acknowledged is lost.

use std::path::Path;

use hallpass::domain::appointment::{Action, Appointment, Status};
use hallpass::engine::{Answer, Begun, Call, Fingerprint, Form, Named, Refusal, Wish};
use hallpass::ledger::embedded::Embedded;

use crate::contract::telephones::{member, noted, of, opened};
use crate::world::ledgers::{Steered, Steering, Way};
use crate::world::plan::Plan;
use crate::world::{ANYWAY, At, World, code, day, fast_directory, noon, poll_once};

fn start(dir: &Path, plan: &Plan) -> (World, Steering) {
    let (ledger, steering) = Steered::new(Embedded::open(dir).unwrap());
    (World::start_on(ledger, plan, noon()), steering)
}

/// Tries everything that writes; each must be refused because nothing can be written, and at once.
async fn every_write_is_refused(world: &World, known: &[&Appointment]) {
    let engine = &world.engine;
    let (at, to) = (At::passport(3, 0), At::passport(4, 0));
    let mut refusals = vec![
        world.book(77, at).await,
        engine.book(world.call(78), Wish { hold: true, ..at.wish(&[78, 79]) }).await,
        engine.remember(keyed(world, 99).await, "text".into()).await,
        engine.adopt(world.desk_call(), Plan::simple(9).snapshot().into()).await.map(|_| Answer::Text("".into())),
    ];
    for appointment in known {
        let (id, call) = (appointment.id, || Call { caller: crate::world::person(appointment), ..world.desk_call() });
        refusals.push(engine.cancel(call(), id, false).await);
        refusals.push(engine.cancel(world.desk_call(), id, false).await);
        refusals.push(engine.reschedule(call(), id, true, to.target()).await);
        refusals.push(match appointment.status {
            Status::Held => engine.confirm(call(), id, false, None, Form::default()).await,
            _ => engine.attend(world.desk_call(), Named::Id(id), Action::CheckIn, ANYWAY).await,
        });
    }
    for (at, refusal) in refusals.into_iter().enumerate() {
        assert_eq!(refusal, Err(Refusal::ReadOnly), "write {at}");
    }
    assert_eq!(engine.snapshot().version, "simple", "no configuration comes into force that is not recorded");
}

/// A call with a key that is new.
async fn keyed(world: &World, key: u8) -> Call {
    let begun = world.engine.begin(Fingerprint { owner: None, key: [key; 16], call: [1; 16] }, world.clock.now()).await;
    let Ok(Begun::Fresh(repeat)) = begun else { panic!("not fresh: {begun:?}") };
    Call { repeat: Some(repeat), ..world.desk_call() }
}

#[tokio::test]
async fn after_a_failure_nothing_is_written_everything_is_read_and_nothing_is_lost() {
    for way in [Way::FailUnwritten, Way::FailWritten] {
        let dir = fast_directory();
        let (world, steering) = start(dir.path(), &Plan::simple(2));
        let (here, there) = (At::passport(1, 0), At::passport(1, 1));
        let booked = world.booked(1, here).await;
        let held = world.held(2, there).await;
        assert!(!world.engine.is_read_only());

        steering.set(way);
        assert_eq!(world.engine.cancel(world.call(1), booked.id, false).await, Err(Refusal::ReadOnly));
        assert!(world.engine.is_read_only());
        let batches = steering.batches();
        every_write_is_refused(&world, &[&booked, &held]).await;
        // The key of a call without an answer is free for another try.
        drop(keyed(&world, 99).await);
        assert_eq!(steering.batches(), batches, "the ledger is left alone");

        assert_eq!((world.now_of(booked.id), world.now_of(held.id)), (booked, held));
        assert_eq!((world.taken(here), world.taken(there)), (1, 1));
        assert_eq!(world.engine.of_person(world.person(1), None, 9), std::slice::from_ref(&booked));
        let snapshot = world.engine.snapshot();
        let (hall, service) = (snapshot.hall("hall-one").unwrap(), snapshot.service("passport.renewal").unwrap());
        assert_eq!(world.engine.days(hall, service, day(1)..=day(2), noon()).unwrap().len(), 2);
        world.stop();

        let world = World::start(dir.path(), &Plan::simple(2), noon());
        let after = if way == Way::FailWritten { Status::Cancelled } else { Status::Booked };
        assert_eq!((world.now_of(booked.id).status, world.now_of(held.id)), (after, held));
        world.booked(3, here).await;
        world.stop_and_verify(dir.path());
    }
}

#[tokio::test]
async fn what_cannot_be_noted_stays_sealed() {
    for way in [Way::FailUnwritten, Way::FailWritten] {
        let dir = fast_directory();
        let (world, steering) = start(dir.path(), &Plan::simple(2));
        let booked = world.booked(1, At::passport(1, 0)).await;
        let desk = member("desk", None);
        assert_eq!(opened(&world, &desk, &booked).await, Ok(of(1)));
        assert_eq!((steering.reads(), noted(&world, "hall-one").await.len()), (1, 1));
        steering.set(way);
        for _ in 0..3 {
            assert_eq!(opened(&world, &desk, &booked).await, Err("read_only"));
        }
        assert_eq!(steering.reads(), 1, "the record comes before the read");
        world.stop();
    }
}

/// The number of the hour can be written, and then nothing more.
#[tokio::test(flavor = "multi_thread")]
async fn where_only_the_number_of_the_hour_was_written_nothing_is_opened() {
    let dir = fast_directory();
    let (world, steering) = start(dir.path(), &Plan::simple(2));
    let booked = world.booked(1, At::passport(1, 0)).await;
    let before = steering.batches();
    steering.set(Way::Wait);
    let opening = tokio::spawn({
        let (engine, id) = (world.engine.clone(), booked.id);
        async move { engine.telephone_of(&member("desk", None), id).await.map(|_| ()) }
    });
    steering.await_batches(before + 1);
    steering.set(Way::OpenOnce);
    steering.await_batches(before + 2);
    steering.set(Way::FailUnwritten);
    assert_eq!(opening.await.unwrap(), Err(Refusal::ReadOnly));
    assert_eq!(steering.reads(), 0);
    world.stop();
}

#[tokio::test]
async fn a_read_that_fails_is_refused_and_harms_nothing() {
    let dir = fast_directory();
    let (world, steering) = start(dir.path(), &Plan::simple(2));
    let booked = world.booked(1, At::passport(1, 0)).await;
    steering.fail_reads();
    assert_eq!(opened(&world, &member("desk", None), &booked).await, Err("overloaded"));
    assert_eq!((steering.reads(), noted(&world, "hall-one").await.len()), (1, 1), "it was noted, and then tried");
    assert!(!world.engine.is_read_only());
    world.booked(2, At::passport(1, 0)).await;
    world.stop_and_verify(dir.path());
}

/// Bookings in the failing batch, behind it, and waiting for one in it: each is answered.
#[tokio::test(flavor = "multi_thread")]
async fn everybody_under_way_is_told() {
    let dir = fast_directory();
    let (world, steering) = start(dir.path(), &Plan::simple(50));
    world.booked(100, At::passport(1, 1)).await;
    steering.set(Way::Wait);
    let calls: Vec<_> = (0..60)
        .map(|call| {
            // Each person twice: the second waits to see what becomes of the first.
            let (engine, wish) = (world.engine.clone(), At::passport(1, 0).wish(&[call % 30]));
            let call = world.call(call % 30);
            tokio::spawn(async move { engine.book(call, wish).await })
        })
        .collect();
    steering.await_batches(2);
    steering.set(Way::FailUnwritten);
    for call in calls {
        assert_eq!(call.await.unwrap(), Err(Refusal::ReadOnly));
    }
    world.stop();
    assert_eq!(crate::world::verified(dir.path()).entries, 1);
}

#[tokio::test]
async fn holds_stay_where_they_are_and_end_after_the_restart() {
    let dir = fast_directory();
    let (world, steering) = start(dir.path(), &Plan::simple(1));
    let at = At::passport(1, 0);
    let hold = world.held(1, at).await;
    steering.set(Way::FailUnwritten);
    world.clock.set(hold.expires_at.unwrap());
    assert!(matches!(world.book(2, at).await, Err(Refusal::ReadOnly)));
    assert!(world.engine.is_read_only());
    let time = tokio::spawn({
        let engine = world.engine.clone();
        async move { engine.keep_time().await }
    });
    tokio::task::yield_now().await;
    assert!(!time.is_finished());
    time.abort();
    let _ = time.await;
    assert_eq!((world.now_of(hold.id).status, world.taken(at)), (Status::Held, 1));
    world.stop();

    let world = World::start(dir.path(), &Plan::simple(1), hold.expires_at.unwrap());
    world.booked(2, at).await;
    assert_eq!(world.now_of(hold.id).status, Status::Expired);
    world.stop_and_verify(dir.path());
}

/// Where more calls wait than the queue has places, one more is refused before anything has happened.
#[tokio::test]
async fn a_full_queue_refuses_and_nothing_has_happened() {
    let dir = fast_directory();
    let (world, steering) = start(dir.path(), &Plan::simple(1_000_000));
    let at = At::passport(1, 0);
    let booked = world.booked(1, at).await;
    steering.set(Way::Wait);
    let mut waiting = Vec::new();
    let mut person = 10;
    let refused = loop {
        let mut call = Box::pin(world.book(person, at));
        match poll_once(&mut call).await {
            std::task::Poll::Pending => waiting.push(call),
            std::task::Poll::Ready(answer) => break answer.unwrap_err(),
        }
        person += 1;
    };
    assert_eq!(code(&refused), "overloaded");
    let taken = world.taken(at);
    for refused in [
        world.book(9, at).await,
        world.engine.cancel(world.call(1), booked.id, false).await,
        world.engine.reschedule(world.call(1), booked.id, false, At::passport(2, 0).target()).await,
        world
            .engine
            .adopt(world.desk_call(), Plan { version: "next", ..Plan::simple(1) }.snapshot().into())
            .await
            .map(|_| Answer::Text("".into())),
    ] {
        assert_eq!(refused, Err(Refusal::Overloaded));
    }
    assert_eq!((world.taken(at), world.taken(At::passport(2, 0))), (taken, 0));
    assert_eq!(world.engine.snapshot().version, "simple", "what is refused does not come into force");
    steering.set(Way::Open);
    for call in waiting {
        call.await.unwrap();
    }
    world.booked(9, at).await;
    world.engine.cancel(world.call(1), booked.id, false).await.unwrap();
    assert_eq!(world.audit(), person - 10 + 1);
    world.stop_and_verify(dir.path());
}
