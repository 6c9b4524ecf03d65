//! Holds that live longer, once, on every store.

use chrono::TimeDelta;
use hallpass::domain::appointment::{Appointment, Status};
use hallpass::engine::{Answer, Form, Refusal, Wish};

use super::Store;
use crate::world::plan::Plan;
use crate::world::{At, World, all, code, first, noon};

async fn extend(world: &World, person: usize, one: &Appointment, whole_party: bool) -> Result<Answer, Refusal> {
    world.engine.extend(world.call(person), one.id, whole_party).await
}

async fn refused(world: &World, person: usize, one: &Appointment) -> &'static str {
    code(&extend(world, person, one, false).await.unwrap_err())
}

pub async fn once(store: &Store) {
    let plan = Plan::simple(1);
    let world = store.open(&plan, noon()).await;
    let at = At::passport(1, 0);
    let held = world.held(1, at).await;
    world.clock.set(noon() + TimeDelta::minutes(9));
    let longer = extend(&world, 1, &held, false).await.map(first).unwrap();
    assert_eq!(longer.expires_at, Some(noon() + TimeDelta::minutes(15)));
    assert_eq!((longer.status, longer.revision, longer.updated_at), (Status::Held, 1, world.clock.now()));
    assert_eq!(refused(&world, 1, &held).await, "wrong_state");
    assert_eq!(refused(&world, 2, &held).await, "unknown_appointment");

    // Neither a restart nor a move nor a configuration with other minutes gives it a second time.
    let other = Plan { version: "other", hold_minutes: 1, hold_extension_minutes: 60, ..plan.clone() };
    let world = store.reopen(world, &plan).await;
    assert_eq!(refused(&world, 1, &held).await, "wrong_state");
    let moved = world.engine.reschedule(world.call(1), held.id, false, At::passport(2, 0).target()).await;
    assert_eq!(moved.map(first).unwrap().expires_at, longer.expires_at);
    world.engine.adopt(world.desk_call(), other.snapshot().into()).await.unwrap();
    assert_eq!(refused(&world, 1, &held).await, "wrong_state");
    let world = store.reopen(world, &other).await;
    assert_eq!(refused(&world, 1, &held).await, "wrong_state");

    world.clock.set(noon() + TimeDelta::minutes(15) - TimeDelta::milliseconds(1));
    let confirmed =
        world.engine.confirm(world.call(1), held.id, false, None, Form::default()).await.map(first).unwrap();
    assert_eq!((confirmed.status, confirmed.expires_at, confirmed.extended), (Status::Booked, None, false));
    assert_eq!(refused(&world, 1, &held).await, "wrong_state");
    store.stop(world);
}

pub async fn for_a_party(store: &Store) {
    let world = store.open(&Plan::simple(9), noon()).await;
    let wish = Wish { hold: true, ..At::passport(1, 0).wish(&[1, 2, 3]) };
    let party = all(world.engine.book(world.call(1), wish).await.unwrap());
    assert_eq!(code(&extend(&world, 2, &party[1], true).await.unwrap_err()), "forbidden");
    extend(&world, 2, &party[1], false).await.expect("one's own hold");
    assert_eq!(code(&extend(&world, 1, &party[0], true).await.unwrap_err()), "wrong_state");
    let ends = |world: &World| party.iter().map(|one| world.now_of(one.id).expires_at.unwrap()).collect::<Vec<_>>();
    let [ten, fifteen] = [10, 15].map(|minutes| noon() + TimeDelta::minutes(minutes));
    assert_eq!(ends(&world), [ten, fifteen, ten], "all or nothing");
    world.engine.cancel(world.call(1), party[1].id, false).await.unwrap();
    let longer = all(extend(&world, 1, &party[0], true).await.unwrap());
    assert!(longer.len() == 2 && longer.iter().all(|one| one.expires_at == Some(fifteen)));
    // Its place is kept until then, and no longer.
    world.clock.set(fifteen);
    assert_eq!(refused(&world, 1, &party[0]).await, "hold_expired");
    world.engine.expire_due(fifteen).await;
    assert_eq!((world.now_of(party[0].id).status, world.audit()), (Status::Expired, 0));
    store.stop(world);
}

pub async fn where_it_is_off(store: &Store) {
    let plan = Plan { hold_extension_minutes: 0, ..Plan::simple(9) };
    let world = store.open(&plan, noon()).await;
    let held = world.held(1, At::passport(1, 0)).await;
    assert_eq!(refused(&world, 1, &held).await, "wrong_state");
    assert_eq!(world.now_of(held.id), held);
    store.stop(world);
}
