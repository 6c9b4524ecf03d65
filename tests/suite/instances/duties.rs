//! What one instance does for all, and what all of them agree on.

use std::sync::atomic::Ordering;

use chrono::{NaiveDate, TimeDelta, Timelike as _, Utc};
use hallpass::clock::Clock;
use hallpass::domain::appointment::{Appointment, Status};
use hallpass::engine::{Begun, Call, Fingerprint};

use crate::races::race;
use crate::world::plan::Plan;
use crate::world::postgres::{Cable, sql, until};
use crate::world::shared::{Shared, addresses, join, join_by, recount};
use crate::world::{At, World, code, fast_directory, noon};

const AT: fn() -> At = || At::passport(1, 0);

/// A hold that the last of some engines has made, and that is over for all of them.
async fn ended_hold(worlds: &[World]) -> Appointment {
    let held = worlds[worlds.len() - 1].held(1, AT()).await;
    for world in worlds {
        assert!(world.engine.refresh().await);
        world.clock.set(held.expires_at.unwrap() + TimeDelta::seconds(1));
    }
    held
}

/// Wants a hold to have ended once, for everybody.
async fn ended_once(shared: &Shared, worlds: &[World], held: &Appointment) {
    for world in worlds {
        until("the hold is over", || world.now_of(held.id).status == Status::Expired);
        assert!(world.engine.refresh().await);
        assert_eq!((world.now_of(held.id).revision, world.taken(AT())), (1, 0));
    }
    assert_eq!(sql(&shared.url, "SELECT status, revision FROM hallpass.appointments"), "expired|1");
    recount(&shared.url).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_ends_once_whoever_sees_it() {
    let shared = Shared::start();
    let worlds = shared.join_all(3, &Plan::simple(1), noon()).await;
    let held = ended_hold(&worlds).await;
    let now = worlds[0].clock.now();
    race(worlds.iter().map(|world| {
        let engine = world.engine.clone();
        async move { engine.expire_due(now).await }
    }))
    .await;
    ended_once(&shared, &worlds, &held).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_meets_a_hold_that_has_ended_ends_it() {
    let shared = Shared::start();
    let worlds = shared.join_all(3, &Plan::simple(1), noon()).await;
    let held = ended_hold(&worlds).await;
    // Nobody keeps the time here.
    let stands = worlds.iter().filter(|world| world.now_of(held.id).status == Status::Held);
    assert_eq!(stands.count(), 3);
    let outcomes = race((0..3).map(|at| {
        let (engine, call) = (worlds[at].engine.clone(), worlds[at].call(at + 2));
        async move { engine.book(call, AT().wish(&[at + 2])).await }
    }))
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    for world in &worlds {
        assert!(world.engine.refresh().await);
        assert_eq!((world.now_of(held.id).revision, world.audit()), (1, 1));
    }
    recount(&shared.url).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn holds_end_also_when_whose_task_it_was_is_gone() {
    let shared = Shared::start();
    let cable = Cable::to(&shared.cluster);
    let dies = join(&addresses(&cable.url("hallpass")), &Plan::simple(1), noon()).await.unwrap();
    let worlds = shared.join_all(2, &Plan::simple(1), noon()).await;
    let ends_holds = |world: &World| world.engine.membership().unwrap().ends_holds.load(Ordering::Acquire);
    assert!(ends_holds(&dies) && !worlds.iter().any(ends_holds));
    cable.cut();
    until("it does not count on its task any more", || !ends_holds(&dies));
    let held = ended_hold(&worlds).await;
    let keeping: Vec<_> = worlds.iter().map(|world| world.engine.clone()).collect();
    for engine in keeping {
        tokio::spawn(async move { engine.keep_time().await });
    }
    until("somebody else has ended it", || {
        // Time goes on, so that whoever waits looks again.
        for world in &worlds {
            world.clock.set(world.clock.now() + TimeDelta::milliseconds(100));
        }
        worlds.iter().any(|world| world.now_of(held.id).status == Status::Expired)
    });
    ended_once(&shared, &worlds, &held).await;
    assert_eq!(dies.engine.appointment(held.id), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_stops_leaves_its_task_to_others() {
    let shared = Shared::start();
    let mut worlds = shared.join_all(2, &Plan::simple(1), noon()).await;
    worlds.remove(0).stop();
    assert_eq!(sql(&shared.url, "SELECT count(*) FROM hallpass.instances"), "1");
    let others = || worlds[0].engine.membership().unwrap().others.load(Ordering::Acquire);
    until("it knows that it is alone", || others() == 0);
    let ends_holds = &worlds[0].engine.membership().unwrap().ends_holds;
    until("it has the task", || ends_holds.load(Ordering::Acquire));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_is_thrown_away() {
    let shared = Shared::start();
    let worlds = shared.join_all(2, &Plan::simple(4), noon()).await;
    for key in [1, 2] {
        let (world, person) = (&worlds[0], usize::from(key));
        let print = Fingerprint { owner: None, key: [key; 16], call: [8; 16] };
        let Ok(Begun::Fresh(repeat)) = world.engine.begin(print, world.clock.now()).await else { panic!("it is new") };
        let call = Call { repeat: Some(repeat), ..world.call(person) };
        world.engine.book(call, AT().wish(&[person])).await.unwrap();
    }
    let rows = |table: &str| sql(&shared.url, &format!("SELECT count(*) FROM hallpass.{table}"));
    assert_eq!((rows("answers").as_str(), rows("journal").as_str()), ("2", "3"));
    let age = "UPDATE hallpass.answers SET at = '2020-01-01' WHERE key = repeat('01', 16)::uuid;
        UPDATE hallpass.journal SET at = '2020-01-01' WHERE sequence < (SELECT max(sequence) FROM hallpass.journal)";
    sql(&shared.url, age);
    until("the old answer is thrown away", || rows("answers") == "1");
    until("the old journal is thrown away", || rows("journal") == "1");
    assert_eq!(rows("appointments"), "2");
    let booked = worlds[1].booked(3, AT()).await;
    assert!(worlds[0].engine.refresh().await);
    assert_eq!(worlds[0].now_of(booked.id), booked);
}

/// A plan for a place where it is about noon now, in which the last day of the window opens in some minutes; with that
/// day.
pub fn plan_that_opens_in(minutes: i64) -> (Plan, NaiveDate) {
    let ahead = 12 - i64::from(Utc::now().hour());
    let there = Utc::now() + TimeDelta::hours(ahead);
    let release = there.time() + TimeDelta::minutes(minutes);
    let mut plan = Plan::simple(4);
    plan.release = u16::try_from(release.hour() * 60 + release.minute()).unwrap();
    for hall in &mut plan.halls {
        // Written so: what is east of Greenwich has a minus.
        hall.zone = format!("Etc/GMT{:+}", -ahead).leak();
        hall.ahead = ahead * 60;
    }
    let last = there.date_naive() + chrono::Days::new(plan.window_days.into());
    (plan, last)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_off_is_set_by_the_one_of_all() {
    let (plan, last) = plan_that_opens_in(10);
    let at = At { date: last, ..AT() };
    let early = || Clock::system_off_by(TimeDelta::minutes(20));
    let late = || Clock::system_off_by(TimeDelta::minutes(-20));

    // Where nobody sets it, such a clock opens the day too early.
    let directory = fast_directory();
    let alone = World::start(directory.path(), &plan, noon());
    let person = alone.person(1);
    alone.engine.decide(person, &at.wish(&[1]), &[person], early().now()).map(drop).unwrap();

    let shared = Shared::start();
    let mut worlds = Vec::new();
    for clock in [Clock::system(), early(), late()] {
        worlds.push(join_by(&addresses(&shared.url), &plan, clock).await.unwrap());
    }
    for world in &worlds {
        let off = (world.clock.now() - Utc::now()).abs();
        assert!(off < TimeDelta::minutes(5), "{off}");
        assert_eq!(code(&world.book(1, at).await.unwrap_err()), "not_released");
    }
    // A day that has been open for long is open for all.
    let open = At { date: last - chrono::Days::new(1), ..at };
    for (person, world) in worlds.iter().enumerate() {
        let booked = world.booked(person, open).await;
        assert!((booked.created_at - Utc::now()).abs() < TimeDelta::minutes(5));
    }
}

/// The number of the instance that has drawn a code.
fn part_of(appointment: &Appointment) -> u64 {
    u64::from(appointment.code) & 0xff
}

#[tokio::test(flavor = "multi_thread")]
async fn no_two_instances_draw_the_same_codes() {
    let shared = Shared::start();
    let worlds = shared.join_all(2, &Plan::simple(100), noon()).await;
    let mut parts = Vec::new();
    for (at, world) in worlds.iter().enumerate() {
        let one = part_of(&world.booked(10 * at, AT()).await);
        assert_eq!(part_of(&world.booked(10 * at + 1, AT()).await), one);
        parts.push(one);
    }
    assert_ne!(parts[0], parts[1]);
    // One that was thought to be gone finds its number with somebody else.
    let given_away = "UPDATE hallpass.instances SET origin = gen_random_uuid() WHERE part = ";
    sql(&shared.url, &format!("{given_away}{}", parts[0]));
    let mut person = 100;
    let mut fresh = parts[0];
    while fresh == parts[0] {
        person += 1;
        assert!(person < 3_000, "it goes on to draw what another draws");
        fresh = part_of(&worlds[0].booked(person, At::passport(1 + person as u64 % 20, 1)).await);
    }
    assert_ne!(fresh, parts[1]);
    let parts = sql(&shared.url, "SELECT count(*) - count(DISTINCT part) FROM hallpass.instances");
    assert_eq!(parts, "0");
}
