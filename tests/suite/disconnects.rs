//! Callers that go away: a call is dropped at any moment, and has happened in full or not at all.
//!
//! A call that was handed to the ledger happens, whoever listens; one that was not leaves nothing behind. So a place that
//! was taken by somebody who went away is in the book after a moment, and every claim of a call that did not happen is
//! free for the next.

use std::time::Duration;

use hallpass::domain::appointment::Status;
use hallpass::engine::{Answer, Begun, Call, Fingerprint, Form, Wish};
use hallpass::ledger::embedded::Embedded;

use crate::world::ledgers::{Steered, Way};
use crate::world::plan::Plan;
use crate::world::{At, World, all, code, fast_directory, first, noon, poll_once};

/// Waits until the ledger has settled everything that was handed to it so far.
async fn settled(world: &World) {
    world.engine.adopt(world.desk_call(), world.engine.snapshot()).await.unwrap();
}

/// A small generator of numbers, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        // Knuth, The Art of Computer Programming, volume 2, 3.3.4: the multiplier of MMIX.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// Drops a call in one of several ways; the answer where it came all the same.
async fn abandon<F: Future>(call: F, way: usize) -> Option<F::Output> {
    let mut call = Box::pin(call);
    match way {
        0 => None,
        1 => match poll_once(&mut call).await {
            std::task::Poll::Ready(answer) => Some(answer),
            std::task::Poll::Pending => None,
        },
        2 => tokio::time::timeout(Duration::ZERO, call).await.ok(),
        3 => tokio::select! {
            biased;
            answer = call => Some(answer),
            () = std::future::ready(()) => None,
        },
        4 => {
            for _ in 0..3 {
                if let std::task::Poll::Ready(answer) = poll_once(&mut call).await {
                    return Some(answer);
                }
                tokio::task::yield_now().await;
            }
            None
        }
        _ => Some(call.await),
    }
}

const WAYS: usize = 6;

#[tokio::test]
async fn a_call_that_was_never_polled_has_not_happened() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(1), noon());
    let at = At::passport(1, 0);
    drop(world.book(1, at));
    settled(&world).await;
    assert_eq!((world.taken(at), world.engine.sizes().appointments), (0, 0));
    world.booked(2, at).await;
    world.stop_and_verify(dir.path());
}

#[tokio::test]
async fn a_call_that_was_handed_over_happens_without_its_caller() {
    let dir = fast_directory();
    let (ledger, steering) = Steered::new(Embedded::open(dir.path()).unwrap());
    let world = World::start_on(ledger, &Plan::simple(1), noon());
    let (at, to) = (At::passport(1, 0), At::passport(2, 0));
    steering.set(Way::Wait);
    assert!(abandon(world.book(1, at), 1).await.is_none());
    // Nothing is visible before it is durable, and nobody else gets the place meanwhile.
    assert_eq!((world.taken(at), world.engine.sizes().appointments), (1, 0));
    assert_eq!(code(&world.book(2, at).await.unwrap_err()), "slot_full");
    steering.set(Way::Open);
    settled(&world).await;
    let made = world.engine.of_person(world.person(1), None, 9).remove(0);

    let engine = &world.engine;
    steering.set(Way::Wait);
    assert!(abandon(engine.reschedule(world.call(1), made.id, false, to.target()), 1).await.is_none());
    assert_eq!((world.taken(at), world.taken(to)), (1, 1), "the old place is kept until the move is durable");
    steering.set(Way::Open);
    settled(&world).await;
    assert_eq!((world.taken(at), world.taken(to)), (0, 1));

    steering.set(Way::Wait);
    assert!(abandon(engine.cancel(world.call(1), made.id, false), 1).await.is_none());
    assert_eq!(world.taken(to), 1, "the place is kept until the cancellation is durable");
    assert_eq!(code(&world.book(2, to).await.unwrap_err()), "slot_full");
    steering.set(Way::Open);
    settled(&world).await;
    assert_eq!((world.taken(to), world.now_of(made.id).status), (0, Status::Cancelled));
    world.stop_and_verify(dir.path());
}

/// Who waits for something under way and then goes away takes nothing with him.
#[tokio::test]
async fn a_call_that_waited_leaves_nothing_behind() {
    let dir = fast_directory();
    let (ledger, steering) = Steered::new(Embedded::open(dir.path()).unwrap());
    let world = World::start_on(ledger, &Plan { max_active: 2, ..Plan::simple(2) }, noon());
    steering.set(Way::Wait);
    let mut first_call = Box::pin(world.book(1, At::passport(1, 0)));
    assert!(poll_once(&mut first_call).await.is_pending());
    // A party with a new member and one whose claim is under way.
    let at = At::passport(1, 1);
    for way in [1, 2, 3, 4] {
        assert!(abandon(world.engine.book(world.call(2), at.wish(&[2, 1])), way).await.is_none(), "way {way}");
    }
    assert_eq!(world.taken(at), 0);
    steering.set(Way::Open);
    first_call.await.unwrap();
    let party = world.engine.book(world.call(2), at.wish(&[2, 3])).await.unwrap();
    assert_eq!(all(party).len(), 2);
    assert_eq!(world.audit(), 3);
    world.stop_and_verify(dir.path());
}

/// Many random calls, most of them abandoned: in the end the counts are the book's, and whoever has nothing can book.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn abandoned_calls_happen_in_full_or_not_at_all() {
    const CALLERS: usize = 4;
    const CALLS: usize = 1_500;
    let dir = fast_directory();
    let world = std::sync::Arc::new(World::start(dir.path(), &Plan::simple(6), noon()));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let world = std::sync::Arc::clone(&world);
            tokio::spawn(async move {
                let mut numbers = Numbers(caller as u64);
                for _ in 0..CALLS {
                    random_call(&world, &mut numbers).await;
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let world = std::sync::Arc::into_inner(world).unwrap();
    settled(&world).await;
    let placed = world.audit();
    assert!(placed > 10, "{placed}");
    // Nobody's claim is left over: whoever has no appointment can make one, with his full share.
    for person in 0..PERSONS {
        let own = world.engine.of_person(world.person(person), None, usize::MAX);
        for appointment in own.iter().filter(|appointment| appointment.status.is_active()) {
            world.engine.cancel(world.desk_call(), appointment.id, false).await.unwrap();
        }
    }
    assert_eq!(world.audit(), 0);
    for person in 0..PERSONS {
        let others = 1_000 + 5 * person..1_000 + 5 * person + 4;
        let day = 1 + person as u64 % 28;
        let wish = At::passport(day, (person / 28).try_into().unwrap()).wish(&[person]);
        world.engine.book(world.call(person), wish).await.unwrap();
        let wish = At::passport(day, 3 + u16::try_from(person / 28).unwrap()).wish(&others.collect::<Vec<_>>());
        world.engine.book(world.call(person), wish).await.unwrap();
    }
    assert_eq!(world.audit(), 5 * PERSONS);
    world.stop_and_verify(dir.path());
}

const PERSONS: usize = 40;

async fn random_call(world: &World, numbers: &mut Numbers) {
    let (person, way) = (numbers.below(PERSONS), numbers.below(WAYS));
    let at = At::passport(1 + numbers.below(2) as u64, numbers.below(3).try_into().unwrap());
    let (engine, call) = (&world.engine, world.call(person));
    let own = engine.of_person(world.person(person), None, 3);
    let own = (!own.is_empty()).then(|| own[numbers.below(own.len())].id);
    let (whole_party, hold) = (numbers.below(3) == 0, numbers.below(2) == 0);
    let outcome = match (numbers.below(5), own) {
        (2, Some(id)) => abandon(engine.reschedule(call, id, whole_party, at.target()), way).await,
        (3, Some(id)) => abandon(engine.cancel(call, id, whole_party), way).await,
        (4, Some(id)) => abandon(engine.confirm(call, id, whole_party, None, Form::default()), way).await,
        _ => {
            let mut persons = vec![person, (person + 1) % PERSONS, (person + 2) % PERSONS];
            persons.truncate(1 + numbers.below(3));
            abandon(engine.book(call, Wish { hold, ..at.wish(&persons) }), way).await
        }
    };
    let known = ["already_booked", "too_many_active", "slot_full", "wrong_state", "forbidden"];
    if let Some(Err(refusal)) = outcome {
        assert!(known.contains(&code(&refusal)), "{refusal}");
    }
}

/// The caller goes away, and asks again with the same key: there is one booking, and its answer.
#[tokio::test]
async fn a_repeat_after_a_disconnect_gets_the_answer_of_what_happened() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(2), noon());
    for way in 0..WAYS {
        let wish = At::passport(1 + way as u64, 0).wish(&[way]);
        let key = Fingerprint { owner: None, key: [u8::try_from(way).unwrap(); 16], call: [1; 16] };
        let keyed = || async {
            match world.engine.begin(key, noon()).await? {
                Begun::Fresh(repeat) => {
                    world.engine.book(Call { repeat: Some(repeat), ..world.call(way) }, wish.clone()).await
                }
                Begun::Answered(answer) => Ok(answer),
            }
        };
        let answered = abandon(keyed(), way).await;
        let repeated: Answer = keyed().await.unwrap();
        assert_eq!(keyed().await.unwrap(), repeated);
        if let Some(answer) = answered {
            assert_eq!(answer.unwrap(), repeated, "way {way}");
        }
        let own = world.engine.of_person(world.person(way), None, 9);
        assert_eq!(own, [first(repeated)], "way {way}");
    }
    assert_eq!(world.audit(), WAYS);
    world.stop_and_verify(dir.path());
}
