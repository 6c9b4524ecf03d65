//! Races across instances, each with a control that fails where the guard in the database is taken out.
//!
//! Every race is held up before a gate between the judgement of a batch and its writing, with the guard and without, until the
//! database says that batches of several instances wait there or for one that does. So they meet on the busiest machine.

use std::future::Future;
use std::pin::Pin;

use hallpass::domain::appointment::{Appointment, Status};
use hallpass::engine::{Answer, Begun, Call, Fingerprint, Refusal};

use crate::races::race;
use crate::world::plan::Plan;
use crate::world::postgres::{AT_GATE, Gate, sql, until, waiting};
use crate::world::shared::{Shared, recount};
use crate::world::{At, World, code, noon};

const INSTANCES: usize = 3;
const CAPACITY: u32 = 4;
const LEFT: usize = 3;

pub type Racer = Pin<Box<dyn Future<Output = Result<Answer, Refusal>> + Send>>;

/// Puts other words in the place of some in the function that writes batches.
pub fn rewrite(url: &str, changes: &[(&str, &str)]) {
    let mut text = "pg_get_functiondef('hallpass.commit'::regproc)".to_owned();
    for (words, others) in changes {
        let found =
            sql(url, &format!("SELECT position($a${words}$a$ IN pg_get_functiondef('hallpass.commit'::regproc))"));
        assert_ne!(found, "0", "the function has no {words:?}");
        text = format!("replace({text}, $a${words}$a$, $a${others}$a$)");
    }
    sql(url, &format!("DO $do$ BEGIN EXECUTE {text}; END $do$"));
}

/// Where a batch has its verdicts, and nothing but the guards of the database is between it and its writing.
const JUDGED: &str = "IF 0 = ANY (verdicts) THEN";
/// As if a slot were nearly full: places are given one by one, under the lock.
const ONE_BY_ONE: (&str, &str) = ("AND t.taken + s.places <= t.capacity", "AND false");
const WITHOUT_ROOM: (&str, &str) = ("AND t.taken + s.places <= t.capacity", "");
const WITHOUT_SLOT_LOCK: (&str, &str) = ("FOR UPDATE OF t", "");
const WITHOUT_COUNT: (&str, &str) = ("IF changed <>", "IF false AND changed <>");
const WITHOUT_APPOINTMENT_LOCK: (&str, &str) = ("ORDER BY o.id FOR UPDATE;", ";");

pub async fn instances(changes: &[(&str, &str)], statements: &str) -> (Shared, Vec<World>) {
    let shared = Shared::start();
    let worlds = shared.join_all(INSTANCES, &Plan::simple(CAPACITY), noon()).await;
    put_gate(&shared.url);
    if !changes.is_empty() {
        rewrite(&shared.url, changes);
    }
    if !statements.is_empty() {
        sql(&shared.url, statements);
    }
    (shared, worlds)
}

/// Puts a gate between the judgement of every batch and its writing.
pub fn put_gate(url: &str) {
    rewrite(url, &[(JUDGED, &format!("{AT_GATE}{JUDGED}"))]);
}

/// Lets futures start together, and holds their batches up until as many wait as there are instances, of each of which there
/// is one at least, and until it is as wanted here.
async fn race_to_gate<F>(url: &str, racers: Vec<F>, is_as_wanted: impl Fn() -> bool) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let gate = Gate::shut(url);
    let racing = tokio::spawn(race(racers));
    until("batches of several instances meet", || waiting(url) >= INSTANCES && is_as_wanted());
    drop(gate);
    racing.await.unwrap()
}

/// The same, of one batch of each instance.
pub async fn meet<F>(shared: &Shared, racers: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    race_to_gate(&shared.url, racers.into_iter().collect(), || true).await
}

pub fn book(world: &World, person: usize, at: At) -> Racer {
    let (engine, call) = (world.engine.clone(), world.call(person));
    Box::pin(async move { engine.book(call, at.wish(&[person])).await })
}

pub fn won(outcomes: &[Result<Answer, Refusal>]) -> usize {
    outcomes.iter().filter(|outcome| outcome.is_ok()).count()
}

pub fn refused(outcomes: &[Result<Answer, Refusal>]) -> Vec<&'static str> {
    let mut codes: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err().map(code)).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Wants every instance to know the same, and the database to have counted right.
pub async fn agree(shared: &Shared, worlds: &[World], placed: usize) {
    for world in worlds {
        assert!(world.engine.refresh().await);
        assert_eq!(world.audit(), placed);
    }
    let counted = "SELECT coalesce(sum(taken), 0) FROM hallpass.slots";
    assert_eq!(sql(&shared.url, counted), placed.to_string());
}

/// Many persons, each through one of the instances, want the same slot, in which somebody has a place already. Nothing is
/// written before every instance has given all places that it knows of, so none of them hears of the others in time.
async fn for_the_last_places(shared: &Shared, worlds: &[World]) -> Vec<Result<Answer, Refusal>> {
    let at = At::passport(1, 0);
    worlds[0].booked(100, at).await;
    for world in worlds {
        world.engine.refresh().await;
    }
    let racers = (0..30).map(|person| book(&worlds[person % INSTANCES], person, at)).collect();
    race_to_gate(&shared.url, racers, || worlds.iter().all(|world| world.taken(at) == CAPACITY)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_places_go_to_as_many_as_there_are() {
    let (shared, worlds) = instances(&[], "").await;
    let outcomes = for_the_last_places(&shared, &worlds).await;
    assert_eq!(won(&outcomes), LEFT);
    assert_eq!(refused(&outcomes), ["slot_full"]);
    agree(&shared, &worlds, CAPACITY as usize).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_places_go_to_as_many_as_there_are_where_they_are_given_one_by_one() {
    let (shared, worlds) = instances(&[ONE_BY_ONE], "").await;
    let outcomes = for_the_last_places(&shared, &worlds).await;
    assert_eq!(won(&outcomes), LEFT);
    assert_eq!(refused(&outcomes), ["slot_full"]);
    agree(&shared, &worlds, CAPACITY as usize).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_look_for_room_and_the_check_the_same_race_oversells() {
    let without_check = "ALTER TABLE hallpass.slots DROP CONSTRAINT never_oversold";
    let (shared, worlds) = instances(&[WITHOUT_ROOM], without_check).await;
    let outcomes = for_the_last_places(&shared, &worlds).await;
    assert!(won(&outcomes) > LEFT, "the race would not notice a missing guard");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_lock_and_the_check_the_same_race_oversells() {
    let without_check = "ALTER TABLE hallpass.slots DROP CONSTRAINT never_oversold";
    let (shared, worlds) = instances(&[ONE_BY_ONE, WITHOUT_SLOT_LOCK, WITHOUT_COUNT], without_check).await;
    let outcomes = for_the_last_places(&shared, &worlds).await;
    assert!(won(&outcomes) > LEFT, "the race would not notice a missing guard");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_lock_the_check_stands() {
    let (shared, worlds) = instances(&[ONE_BY_ONE, WITHOUT_SLOT_LOCK], "").await;
    let outcomes = for_the_last_places(&shared, &worlds).await;
    assert!(won(&outcomes) <= LEFT);
    let oversold = "SELECT count(*) FROM hallpass.slots WHERE taken > capacity";
    assert_eq!(sql(&shared.url, oversold), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_batches_of_one_instance_meet_and_nothing_is_oversold() {
    const SLOTS: usize = 8;
    const PLACES: u32 = 40;
    let shared = Shared::start();
    let world = shared.join(&Plan::simple(PLACES), noon()).await;
    put_gate(&shared.url);
    let gate = Gate::shut(&shared.url);
    let wanted = |person: usize| At::passport(1 + (person % SLOTS) as u64, 0);
    let first = tokio::spawn(book(&world, 0, wanted(0)));
    until("the first batch is at work", || waiting(&shared.url) == 1);
    let others: Vec<_> = (1..400).map(|person| book(&world, person, wanted(person))).collect();
    let others = tokio::spawn(race(others));
    until("a second batch is at work beside it", || waiting(&shared.url) == 2);
    drop(gate);
    let mut outcomes = others.await.unwrap();
    outcomes.push(first.await.unwrap());
    let placed = SLOTS * PLACES as usize;
    assert_eq!((won(&outcomes), refused(&outcomes)), (placed, vec!["slot_full"]));
    agree(&shared, &[world], placed).await;
    recount(&shared.url).unwrap();
}

/// One person wants a slot through each of the instances, a different one each time.
async fn for_one_person(shared: &Shared, worlds: &[World]) -> Vec<Result<Answer, Refusal>> {
    meet(shared, (0..INSTANCES).map(|at| book(&worlds[at], 1, At::passport(1, u16::try_from(at).unwrap())))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_gets_one_appointment() {
    let (shared, worlds) = instances(&[], "").await;
    let outcomes = for_one_person(&shared, &worlds).await;
    assert_eq!((won(&outcomes), refused(&outcomes)), (1, vec!["already_booked"]));
    agree(&shared, &worlds, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_unique_key_one_person_gets_several() {
    let without_keys = "DROP INDEX hallpass.one_claim; DROP INDEX hallpass.one_share";
    let (shared, worlds) = instances(&[], without_keys).await;
    assert!(won(&for_one_person(&shared, &worlds).await) > 1, "the race would not notice a missing guard");
}

/// One person books for others, through all of the instances.
async fn by_one_booker(shared: &Shared, worlds: &[World]) -> Vec<Result<Answer, Refusal>> {
    let racers = (0..12).map(|other| {
        let world = &worlds[other % INSTANCES];
        let (engine, call) = (world.engine.clone(), world.call(0));
        let wish = At::passport(1, u16::try_from(other / 3).unwrap()).wish(&[10 + other]);
        async move { engine.book(call, wish).await }
    });
    meet(shared, racers).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_booker_makes_as_many_as_one_may() {
    let (shared, worlds) = instances(&[], "").await;
    let max = worlds[0].engine.snapshot().policy.max_active as usize;
    let outcomes = by_one_booker(&shared, &worlds).await;
    assert_eq!((won(&outcomes), refused(&outcomes)), (max, vec!["too_many_active"]));
    agree(&shared, &worlds, max).await;
}

/// One appointment is changed through each of the instances at a time.
async fn for_one_appointment(shared: &Shared, worlds: &[World]) -> (Appointment, Vec<Result<Answer, Refusal>>) {
    let booked = worlds[0].booked(1, At::passport(1, 0)).await;
    for world in worlds {
        world.engine.refresh().await;
    }
    let racers = (0..INSTANCES).map(|at| -> Racer {
        let (engine, call) = (worlds[at].engine.clone(), worlds[at].call(1));
        if at == 0 {
            return Box::pin(async move { engine.cancel(call, booked.id, false).await });
        }
        let target = At::passport(2, u16::try_from(at).unwrap()).target();
        Box::pin(async move { engine.reschedule(call, booked.id, false, target).await })
    });
    (booked, meet(shared, racers).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_one_appointment_come_one_after_the_other() {
    let (shared, worlds) = instances(&[], "").await;
    let (booked, outcomes) = for_one_appointment(&shared, &worlds).await;
    assert!(outcomes[0].is_ok(), "it can be cancelled before and after it is moved: {outcomes:?}");
    agree(&shared, &worlds, 0).await;
    for world in &worlds {
        let now = world.now_of(booked.id);
        assert_eq!((now.status, now.revision as usize), (Status::Cancelled, won(&outcomes)), "{outcomes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_lock_on_the_appointment_a_change_is_lost() {
    let without_revision = ("IS DISTINCT FROM a.revision - 1", "IS NULL");
    let changes = [WITHOUT_APPOINTMENT_LOCK, WITHOUT_SLOT_LOCK, without_revision];
    let without_check = "ALTER TABLE hallpass.slots DROP CONSTRAINT never_oversold";
    let (shared, worlds) = instances(&changes, without_check).await;
    let (_, outcomes) = for_one_appointment(&shared, &worlds).await;
    let revision: usize = sql(&shared.url, "SELECT revision FROM hallpass.appointments").parse().unwrap();
    // An instance that follows a change which does not go on from what it knows asserts, and writes nothing any more.
    let asserted = outcomes.contains(&Err(Refusal::ReadOnly));
    assert!(asserted || revision < won(&outcomes), "the race would not notice a missing guard: {outcomes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_gets_one_answer_through_all_instances() {
    let (shared, worlds) = instances(&[], "").await;
    let print = Fingerprint { owner: None, key: [7; 16], call: [8; 16] };
    let racers = (0..INSTANCES).map(|at| {
        let (engine, call) = (worlds[at].engine.clone(), worlds[at].call(1));
        async move {
            match engine.begin(print, call.now).await.unwrap() {
                Begun::Answered(answer) => answer,
                Begun::Fresh(repeat) => {
                    let call = Call { repeat: Some(repeat), ..call };
                    engine.book(call, At::passport(1, 0).wish(&[1])).await.unwrap()
                }
            }
        }
    });
    let answers = meet(&shared, racers).await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    agree(&shared, &worlds, 1).await;
}
