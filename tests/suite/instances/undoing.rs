//! What a desk takes back through one instance, while something else is done through others.

use hallpass::domain::appointment::{Action, Appointment, Status};
use hallpass::engine::{Answer, Named, Refusal};

use super::races::{Racer, agree, book, instances, meet, refused, won};
use crate::world::postgres::sql;
use crate::world::shared::{Shared, recount};
use crate::world::{ANYWAY, At, World, all, first};

const ROUNDS: usize = 4;

async fn missed(world: &World, one: &Appointment) {
    let marked = world.engine.attend(world.desk_call(), Named::Id(one.id), Action::MarkNoShow, ANYWAY).await;
    assert_eq!(marked.map(first).unwrap().status, Status::NoShow);
}

fn undo(world: &World, one: &Appointment) -> Racer {
    let (engine, call, id) = (world.engine.clone(), world.desk_call(), one.id);
    Box::pin(async move { engine.undo(call, id, false).await })
}

/// A no-show is taken back through one instance while the same person books through two others.
async fn for_one_claim(shared: &Shared, worlds: &[World], person: usize) -> Vec<Result<Answer, Refusal>> {
    let one = worlds[0].booked(person, At::passport(1, 0)).await;
    missed(&worlds[1], &one).await;
    for world in worlds {
        world.engine.refresh().await;
    }
    let racers = [
        undo(&worlds[2], &one),
        book(&worlds[0], person, At::passport(2, 0)),
        book(&worlds[1], person, At::passport(3, 0)),
    ];
    meet(shared, racers).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_show_that_is_taken_back_and_bookings_of_the_same_person_exclude_each_other() {
    let (shared, worlds) = instances(&[], "").await;
    for round in 1..=ROUNDS {
        let outcomes = for_one_claim(&shared, &worlds, round).await;
        assert_eq!((won(&outcomes), refused(&outcomes)), (1, vec!["already_booked"]), "{outcomes:?}");
        // The no-show has a place, whether it was taken back or not.
        agree(&shared, &worlds, round + usize::from(outcomes[0].is_err())).await;
        let extra = outcomes.into_iter().skip(1).find_map(Result::ok).map(first);
        if let Some(extra) = extra {
            worlds[0].engine.cancel(worlds[0].call(round), extra.id, false).await.unwrap();
        }
    }
    recount(&shared.url).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_unique_key_the_same_race_gives_one_person_several() {
    let without_keys = "DROP INDEX hallpass.one_claim; DROP INDEX hallpass.one_share";
    let (shared, worlds) = instances(&[], without_keys).await;
    assert!(won(&for_one_claim(&shared, &worlds, 1).await) > 1, "the race would not notice a missing guard");
}

/// Five no-shows of one booker, who has made four others since, are taken back through all instances.
async fn for_one_share(shared: &Shared, worlds: &[World]) -> Vec<Result<Answer, Refusal>> {
    let booker = &worlds[0];
    let mut gone = Vec::new();
    for half in [&[10, 11, 12][..], &[13, 14]] {
        let at = At::passport(1, u16::try_from(half.len()).unwrap());
        gone.extend(booker.engine.book(booker.call(0), at.wish(half)).await.map(all).unwrap());
    }
    for one in &gone {
        missed(booker, one).await;
    }
    booker.engine.book(booker.call(0), At::passport(2, 0).wish(&[20, 21, 22, 23])).await.unwrap();
    for world in worlds {
        world.engine.refresh().await;
    }
    meet(shared, gone.iter().enumerate().map(|(at, one)| undo(&worlds[at % worlds.len()], one))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_taken_back_than_one_booker_may_have_made() {
    let (shared, worlds) = instances(&[], "").await;
    let outcomes = for_one_share(&shared, &worlds).await;
    assert_eq!((won(&outcomes), refused(&outcomes)), (1, vec!["too_many_active"]), "{outcomes:?}");
    agree(&shared, &worlds, 9).await;
    let shares = "SELECT count(*), count(DISTINCT share) FROM hallpass.appointments WHERE active";
    assert_eq!(sql(&shared.url, shares), "5|5");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_unique_key_more_is_taken_back() {
    let (shared, worlds) = instances(&[], "DROP INDEX hallpass.one_share").await;
    assert!(won(&for_one_share(&shared, &worlds).await) > 1, "the race would not notice a missing guard");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_through_one_instance_is_taken_back_through_another_and_once() {
    let (shared, worlds) = instances(&[], "").await;
    let one = worlds[0].booked(1, At::passport(1, 0)).await;
    for action in [Action::CheckIn, Action::Serve] {
        worlds[1].engine.attend(worlds[1].desk_call(), Named::Id(one.id), action, ANYWAY).await.unwrap();
    }
    // Two steps were taken, so two are taken back, whoever asks first.
    let outcomes = meet(&shared, (0..3).map(|at| undo(&worlds[at], &one))).await;
    assert_eq!((won(&outcomes), refused(&outcomes)), (2, vec!["wrong_state"]), "{outcomes:?}");
    agree(&shared, &worlds, 1).await;
    for world in &worlds {
        assert_eq!((world.now_of(one.id).status, world.now_of(one.id).revision), (Status::Booked, 4));
        assert_eq!(crate::world::code(&world.book(1, At::passport(2, 0)).await.unwrap_err()), "already_booked");
    }
}
