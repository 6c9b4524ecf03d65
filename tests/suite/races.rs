//! Many callers at once for the same thing.
//!
//! Every race ends with a count: what callers were told, the book, the day sheets and the ledger's own audit must agree.
//! The control runs the same race over a list that is looked at first and added to later, and sees it oversell.

mod duels;
mod reloads;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use hallpass::domain::rejection::Rejection;
use hallpass::engine::{Answer, Refusal, Wish};
use tokio::sync::Barrier;

use crate::world::plan::Plan;
use crate::world::{At, World, all, code, fast_directory, noon};

/// Lets futures start together on several threads, and gives what each came to, in their order.
pub async fn race<F>(racers: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let racers: Vec<_> = racers.into_iter().collect();
    let start = Arc::new(Barrier::new(racers.len()));
    let racing: Vec<_> = racers
        .into_iter()
        .map(|racer| {
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                racer.await
            })
        })
        .collect();
    let mut outcomes = Vec::with_capacity(racing.len());
    for racer in racing {
        outcomes.push(racer.await.unwrap());
    }
    outcomes
}

type Outcome = Result<Answer, Refusal>;
type Pending = std::pin::Pin<Box<dyn Future<Output = Outcome> + Send>>;

fn book(world: &World, by: usize, wish: Wish) -> Pending {
    let (engine, call) = (world.engine.clone(), world.call(by));
    Box::pin(async move { engine.book(call, wish).await })
}

/// How often each outcome came: `ok` or the code.
fn tally(outcomes: &[Outcome]) -> HashMap<&'static str, usize> {
    let mut tally = HashMap::new();
    for outcome in outcomes {
        *tally.entry(outcome.as_ref().map_or_else(code, |_| "ok")).or_default() += 1;
    }
    tally
}

fn won(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| outcome.is_ok()).count()
}

/// Counts everything again, and wants so many places to be taken.
fn settled(world: World, dir: &tempfile::TempDir, placed: usize) {
    assert_eq!(world.audit(), placed);
    let report = world.stop_and_verify(dir.path());
    assert!(report.appointments >= placed);
}

const RACERS: usize = 100;
const PLACES: usize = 7;

/// Lets different persons race for the places of one slot, and says how many each got.
async fn race_for_places<F>(book: impl Fn(usize) -> F) -> Vec<Outcome>
where
    F: Future<Output = Outcome> + Send + 'static,
{
    race((0..RACERS).map(book)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn racing_persons_get_exactly_the_places_of_a_slot() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(7), noon());
    for round in 0..40 {
        let at = At::passport(1 + round / 6, (round % 6).try_into().unwrap());
        let outcomes = race_for_places(|racer| {
            let person = usize::try_from(round).unwrap() * RACERS + racer;
            book(&world, person, at.wish(&[person]))
        })
        .await;
        assert_eq!(tally(&outcomes), [("ok", PLACES), ("slot_full", RACERS - PLACES)].into(), "{at:?}");
        assert_eq!(world.taken(at), 7);
    }
    settled(world, &dir, 40 * PLACES);
}

/// The control: what many booking systems do, in the same race.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_list_that_is_looked_at_first_oversells_in_the_same_race() {
    let mut oversold = false;
    for _ in 0..1_000 {
        let list = Arc::new(Mutex::new(HashSet::new()));
        let outcomes = race_for_places(|racer| {
            let list = Arc::clone(&list);
            async move {
                let is_free = list.lock().unwrap().len() < PLACES;
                tokio::task::yield_now().await;
                let place = is_free.then(|| list.lock().unwrap().insert(racer));
                place.map(|_| Answer::Text("".into())).ok_or(Rejection::SlotFull.into())
            }
        })
        .await;
        oversold |= won(&outcomes) > PLACES;
        if oversold {
            break;
        }
    }
    assert!(oversold, "the race would not notice a missing guard");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn racing_parties_get_all_their_places_or_none() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(13), noon());
    let mut placed = 0;
    for round in 0..30_usize {
        let at = At::passport(1 + round as u64 / 6, (round % 6).try_into().unwrap());
        let sizes: Vec<_> = (0..40).map(|party| 1 + (party * 7 + round) % 5).collect();
        let wishes = sizes.iter().enumerate().map(|(party, size)| {
            let from = (round * 40 + party) * 5;
            book(&world, from, at.wish(&(from..from + size).collect::<Vec<_>>()))
        });
        let outcomes = race(wishes).await;
        let mut taken = 0;
        for (size, outcome) in sizes.iter().zip(&outcomes) {
            match outcome {
                Ok(answer) => taken += all(answer.clone()).len(),
                Err(refusal) => assert_eq!(code(refusal), "slot_full"),
            }
            assert!(outcome.as_ref().map_or(true, |answer| all(answer.clone()).len() == *size));
        }
        assert_eq!(world.taken(at) as usize, taken);
        // Places only went, so who was refused would not fit now either.
        let left = 13 - taken;
        let refused = sizes.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_err());
        refused.for_each(|(size, _)| assert!(*size > left, "{size} were refused where {left} are left"));
        placed += taken;
    }
    settled(world, &dir, placed);
}

/// Parties that share members: nobody is in two, and who is refused shares a member with one that won.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn racing_parties_with_a_common_member_exclude_each_other_and_nobody_else() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(1_000), noon());
    let mut placed = 0;
    for round in 0..60 {
        // A ring: each party shares its first member with the one before and its last with the one behind.
        let from = round * 30;
        let member = |at: usize| from + at % 30;
        // Every other one names its members the other way round.
        let order = |party: usize| if party.is_multiple_of(2) { [0, 1, 2] } else { [2, 1, 0] };
        let parties: Vec<_> = (0..15).map(|party| order(party).map(|at| member(2 * party + at))).collect();
        let at = At::passport(1 + round as u64 % 28, 0);
        let outcomes = race(parties.iter().map(|party| book(&world, party[0], at.wish(party)))).await;
        let winners: Vec<_> = (0..15).filter(|party| outcomes[*party].is_ok()).collect();
        let members: Vec<_> = winners.iter().flat_map(|party| &parties[*party]).collect();
        assert_eq!(members.iter().collect::<HashSet<_>>().len(), members.len(), "somebody is in two parties");
        for (party, outcome) in parties.iter().zip(&outcomes) {
            let excluded = party.iter().any(|member| members.contains(&member));
            assert!(
                outcome.is_ok() || code(outcome.as_ref().unwrap_err()) == "already_booked" && excluded,
                "{outcome:?}"
            );
        }
        placed += members.len();
    }
    settled(world, &dir, placed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_person_that_races_with_himself_gets_one_place() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(1_000), noon());
    for person in 0..60 {
        let slots = if person % 2 == 0 { 1 } else { 6 };
        let racers = (0..24).map(|racer| book(&world, person, At::passport(1, racer % slots).wish(&[person])));
        let outcomes = race(racers).await;
        assert_eq!(tally(&outcomes), [("ok", 1), ("already_booked", 23)].into(), "person {person}");
    }
    settled(world, &dir, 60);
}

/// Nobody is refused for something that did not happen: a wish that fails must not keep another one from being granted.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_person_that_races_for_a_full_and_a_free_slot_gets_the_free_one() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan { max_active: 1, ..Plan::simple(200) }, noon());
    let (full, free) = (At::passport(1, 0), At::passport(1, 1));
    let others = race((1_000..1_200).map(|person| book(&world, person, full.wish(&[person])))).await;
    assert_eq!(won(&others), 200);
    for person in 0..150 {
        // The free one is asked for by one racer only, at another place each time.
        let racers = (0..24).map(|racer| if racer == person % 24 { free } else { full });
        let outcomes = race(racers.map(|at| book(&world, person, at.wish(&[person])))).await;
        assert!(outcomes[person % 24].is_ok(), "person {person}: {outcomes:?}");
        assert_eq!(won(&outcomes), 1);
    }
    settled(world, &dir, 350);
}

/// The same for the share of who books, here one appointment, and different applicants.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_may_make_one_and_races_for_full_slots_gets_the_free_one() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan { max_active: 1, ..Plan::simple(200) }, noon());
    let (full, free) = (At::passport(1, 0), At::passport(1, 1));
    let others = race((1_000..1_200).map(|person| book(&world, person, full.wish(&[person])))).await;
    assert_eq!(won(&others), 200);
    for booker in 0..150 {
        let racers = (0..24).map(|racer| {
            let at = if racer == booker % 24 { free } else { full };
            book(&world, booker, at.wish(&[2_000 + 24 * booker + racer]))
        });
        let outcomes = race(racers).await;
        assert!(outcomes[booker % 24].is_ok(), "booker {booker}: {outcomes:?}");
        assert_eq!(won(&outcomes), 1);
    }
    settled(world, &dir, 350);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_races_to_book_for_many_gets_the_most_that_one_may_make() {
    let dir = fast_directory();
    let world = World::start(dir.path(), &Plan::simple(1_000), noon());
    let mut placed = 0;
    for round in 0..60 {
        let (booker, from) = (10_000 + round, round * 100);
        let sizes: Vec<_> = (0..20).map(|racer| if round % 2 == 0 { 1 } else { 1 + racer % 3 }).collect();
        let racers = sizes.iter().enumerate().map(|(racer, size)| {
            let persons: Vec<_> = (0..*size).map(|at| from + racer * 5 + at).collect();
            book(&world, booker, At::passport(1, 0).wish(&persons))
        });
        let outcomes = race(racers).await;
        let made: usize =
            sizes.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok()).map(|(size, _)| size).sum();
        let refused = sizes.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_err());
        for (size, outcome) in refused {
            assert_eq!(code(outcome.as_ref().unwrap_err()), "too_many_active");
            assert!(made + size > 5, "{size} were refused where {made} are made");
        }
        assert!(made <= 5 && (made == 5 || round % 2 == 1), "{made}");
        placed += made;
    }
    settled(world, &dir, placed);
}
