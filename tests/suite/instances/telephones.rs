//! Telephones that staff opens through several instances.

use hallpass::engine::{MAX_OPENED_AN_HOUR, Refusal, Telephone};

use super::races::{meet, put_gate};
use crate::contract::telephones::{member, noted, of, opened};
use crate::world::plan::Plan;
use crate::world::postgres::{sql, until};
use crate::world::shared::{Shared, recount};
use crate::world::{At, World, code, noon};

const INSTANCES: usize = 3;
/// How many numbers of the hour are left when the race begins, and how many through each instance want one.
const LEFT: usize = 5;
const RACERS_OF_ONE: usize = 4;

/// One member of staff opens a telephone through all instances at once, with `LEFT` numbers of the hour left.
async fn for_the_last_numbers(statements: &str) -> (Shared, Vec<World>, Vec<Result<(), Refusal>>) {
    let shared = Shared::start();
    let worlds = shared.join_all(INSTANCES, &Plan::simple(9), noon()).await;
    let (desk, one) = (member("desk", None), worlds[0].booked(1, At::passport(1, 0)).await);
    for at in 0..MAX_OPENED_AN_HOUR as usize - LEFT {
        assert_eq!(opened(&worlds[at % INSTANCES], &desk, &one).await, Ok(of(1)), "number {at}");
    }
    put_gate(&shared.url);
    if !statements.is_empty() {
        sql(&shared.url, statements);
    }
    let racers = (0..INSTANCES * RACERS_OF_ONE).map(|at| {
        let (engine, desk, id) = (worlds[at % INSTANCES].engine.clone(), desk.clone(), one.id);
        async move {
            engine.telephone_of(&desk, id).await.map(|Telephone { name, number }| assert_eq!((name, number), of(1)))
        }
    });
    // The first of each instance wants the same number, and none is written before all have been judged.
    let outcomes = meet(&shared, racers).await;
    (shared, worlds, outcomes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_staff_has_one_bound_over_all_instances() {
    let (shared, worlds, outcomes) = for_the_last_numbers("").await;
    let refused: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).map(code).collect();
    assert_eq!(refused, ["too_many_requests"; INSTANCES * RACERS_OF_ONE - LEFT], "{outcomes:?}");
    for world in &worlds {
        assert!(world.engine.refresh().await);
        assert_eq!(noted(world, "hall-one").await.len(), MAX_OPENED_AN_HOUR as usize, "each is on the record");
    }
    recount(&shared.url).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_key_of_the_answers_the_same_race_goes_beyond_the_bound() {
    let without_key = "ALTER TABLE hallpass.answers DROP CONSTRAINT answers_pkey";
    let (_shared, _worlds, outcomes) = for_the_last_numbers(without_key).await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(won > LEFT, "the race would not notice a missing guard: {outcomes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_instance_has_just_made_another_opens_at_once() {
    let shared = Shared::start();
    let worlds = shared.join_all(2, &Plan::simple(9), noon()).await;
    let desk = member("desk", None);
    for person in 1..=9 {
        let one = worlds[0].booked(person, At::passport(1, 0)).await;
        assert_eq!(opened(&worlds[1], &desk, &one).await, Ok(of(person)));
    }
    assert_eq!(noted(&worlds[0], "hall-one").await.len(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_database_nothing_is_opened_and_afterwards_all_is_as_before() {
    let mut shared = Shared::start();
    let world = shared.join(&Plan::simple(9), noon()).await;
    let (desk, one) = (member("desk", None), world.booked(1, At::passport(1, 0)).await);
    assert_eq!(opened(&world, &desk, &one).await, Ok(of(1)));
    shared.cluster.stop();
    assert_eq!(opened(&world, &desk, &one).await, Err("read_only"));
    assert_eq!(world.now_of(one.id), one, "memory answers as before");
    shared.cluster.restart();
    until("something can be written again", || !world.engine.is_read_only());
    until("others are heard again", || world.engine.age().is_none());
    assert_eq!(opened(&world, &desk, &one).await, Ok(of(1)), "the lost session is opened again");
    world.booked(2, At::passport(1, 0)).await;
    assert_eq!(noted(&world, "hall-one").await.len(), 2, "what was refused is not on the record");
    recount(&shared.url).unwrap();
}
