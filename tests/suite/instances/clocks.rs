//! Clocks that do not agree: at a start, and while others write.

use chrono::{TimeDelta, Utc};
use hallpass::clock::{Clock, MAX_AHEAD_OF_SHOWN};
use hallpass::engine::{Answer, Begun, Call, Fingerprint};
use hallpass::ledger::Ledger as _;
use hallpass::ledger::postgres::store::Postgres;
use hallpass::server::{ServerFault, Starting};
use hallpass::vault::Vault;

use super::duties::plan_that_opens_in;
use super::servers::{Instance, on};
use crate::http::{Files, unwatched};
use crate::world::plan::Plan;
use crate::world::postgres::{Cluster, until};
use crate::world::shared::{Shared, addresses, join_by};
use crate::world::{At, World, directory, noon};

#[tokio::test(flavor = "multi_thread")]
async fn a_start_far_behind_what_is_stored_is_refused_unless_its_clock_is_right() {
    let (cluster, keys) = (Cluster::start(), directory());
    let files = on(&Files::default(), &cluster.database("hallpass"), &keys.path().join("keys"));
    // What it puts in force is of its own time.
    let ahead = Clock::simulated(Utc::now() + TimeDelta::days(4));
    Instance::start_by(&files, ahead, unwatched()).await.unwrap().stop().await;

    for off in [TimeDelta::zero(), TimeDelta::minutes(20)] {
        // A clock that is off is corrected by the database's before it is judged.
        let refused = Instance::start_by(&files, Clock::system_off_by(off), unwatched()).await.err().unwrap();
        assert!(matches!(refused, ServerFault::Clock(_)), "{refused}");
        assert!(refused.to_string().contains("--accept-clock"), "{refused}");
    }
    let accepting = Starting { accept_clock: true, ..unwatched() };
    let one = Instance::start_by(&files, Clock::system(), accepting).await.unwrap();
    assert!((one.clock.now() - Utc::now()).abs() < TimeDelta::minutes(5), "{}", one.clock.now());
    one.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_follows_what_others_write_but_not_into_the_far_future() {
    let shared = Shared::start();
    let (plan, last) = plan_that_opens_in(10);
    let open = At { date: last - chrono::Days::new(1), ..At::passport(1, 0) };
    let join = async |clock| join_by(&addresses(&shared.url), &plan, clock).await.unwrap();
    let own = join(Clock::system()).await;
    let near = join(Clock::simulated(Utc::now() + MAX_AHEAD_OF_SHOWN / 2)).await;
    let far = join(Clock::simulated(Utc::now() + TimeDelta::hours(2))).await;

    let followed = near.booked(1, open).await;
    assert!(own.engine.refresh().await);
    assert!(own.clock.now() >= followed.created_at, "{} before {}", own.clock.now(), followed.created_at);

    let from_afar = far.booked(2, open).await;
    assert!(own.engine.refresh().await);
    assert_eq!(own.now_of(from_afar.id), from_afar, "it is known all the same");
    let dragged = own.clock.now() - Utc::now();
    assert!(dragged <= MAX_AHEAD_OF_SHOWN, "{dragged}");

    // A start goes by the latest entry, which is not the last one.
    assert!(own.booked(3, open).await.created_at < from_afar.created_at);
    let (version, keys) = (plan.snapshot().version, Vault::from_secret(&[7; 32]).fingerprint());
    let mut ledger = Postgres::open(addresses(&shared.url), &version, &keys, &Clock::system()).await.unwrap();
    let last = tokio::task::spawn_blocking(move || ledger.last_instant()).await.unwrap().unwrap();
    assert_eq!(last, Some(from_afar.created_at));
    assert!(Clock::system().judge(last.unwrap(), false).is_err());
}

/// Books under a key.
async fn keyed(world: &World, person: usize) -> Answer {
    let print = Fingerprint { owner: None, key: [u8::try_from(person).unwrap(); 16], call: [1; 16] };
    match world.engine.begin(print, world.clock.now()).await.unwrap() {
        Begun::Answered(answer) => answer,
        Begun::Fresh(repeat) => {
            let call = Call { repeat: Some(repeat), ..world.call(person) };
            world.engine.book(call, At::passport(10, 0).wish(&[person])).await.unwrap()
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_from_the_future_keeps_no_other_whoever_hears_or_reads_it() {
    let (shared, plan) = (Shared::start(), Plan::simple(9));
    let hears = shared.join(&plan, noon()).await;
    let far = shared.join(&plan, noon() + TimeDelta::days(4)).await;
    let from_the_future = keyed(&far, 1).await;
    assert!(hears.engine.refresh().await);
    far.stop();
    let worlds = [hears, shared.join(&plan, noon()).await];
    for (world, person) in worlds.iter().zip([2, 3]) {
        keyed(world, person).await;
    }
    let used = |world: &World| world.engine.key_shares().iter().map(|share| share.used).sum::<usize>();
    for world in &worlds {
        assert!(world.engine.refresh().await);
        assert_eq!(keyed(world, 1).await, from_the_future);
        assert_eq!(used(world), 3);
        let engine = world.engine.clone();
        let keeping = tokio::spawn(async move { engine.keep_time().await });
        world.clock.set(noon() + TimeDelta::hours(24) + TimeDelta::minutes(2));
        until("all of them are forgotten", || used(world) == 0);
        keeping.abort();
        assert!(keeping.await.unwrap_err().is_cancelled());
    }
}
