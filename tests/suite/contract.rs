//! What every store must do: one suite, on the embedded store and on a real PostgreSQL.

mod desk;
mod extending;
pub mod telephones;

use std::future::Future;
use std::pin::Pin;

use chrono::{DateTime, TimeDelta, Utc};
use hallpass::domain::appointment::{Action, Status};
use hallpass::engine::{Begun, Call, Fingerprint, Form, Named};

use crate::world::plan::Plan;
use crate::world::postgres::Cluster;
use crate::world::{ANYWAY, At, World, all, code, fast_directory, first, noon, shared};

/// Where an engine remembers.
pub enum Store {
    Embedded(tempfile::TempDir),
    Postgres(String),
}

impl Store {
    async fn open(&self, plan: &Plan, now: DateTime<Utc>) -> World {
        match self {
            Self::Embedded(directory) => World::start(directory.path(), plan, now),
            Self::Postgres(url) => shared::join(&shared::addresses(url), plan, now).await.unwrap(),
        }
    }

    async fn reopen(&self, world: World, plan: &Plan) -> World {
        let now = world.clock.now();
        world.stop();
        self.open(plan, now).await
    }

    /// Stops an engine and audits what it remembers, where that can be done by itself.
    fn stop(&self, world: World) {
        match self {
            Self::Embedded(directory) => drop(world.stop_and_verify(directory.path())),
            Self::Postgres(_) => world.stop(),
        }
    }
}

type Case = for<'a> fn(&'a Store) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

const CASES: [(&str, Case); 16] = [
    ("what is booked is there after a restart", |store| Box::pin(is_there_after_a_restart(store))),
    ("a life from hold to served", |store| Box::pin(a_life(store))),
    ("a party is all or nothing", |store| Box::pin(a_party(store))),
    ("a hold ends once and frees its place", |store| Box::pin(a_hold_ends(store))),
    ("a repeat gets the first answer", |store| Box::pin(a_repeat(store))),
    ("a lower capacity un-books nobody", |store| Box::pin(a_lower_capacity(store))),
    ("a freed place is given again", |store| Box::pin(a_freed_place(store))),
    ("a desk says what it says on the day", |store| Box::pin(desk::on_its_day(store))),
    ("a party is checked in together", |store| Box::pin(desk::a_whole_party(store))),
    ("what a desk did is taken back within a minute", |store| Box::pin(desk::taken_back(store))),
    ("a no-show is taken back until the next day ends", |store| Box::pin(desk::a_no_show_taken_back(store))),
    ("a hold is extended once", |store| Box::pin(extending::once(store))),
    ("the holds of a party are extended together", |store| Box::pin(extending::for_a_party(store))),
    ("a telephone is opened on the record", |store| Box::pin(telephones::on_the_record(store))),
    ("a desk opens so many telephones an hour", |store| Box::pin(telephones::within_a_bound(store))),
    ("no hold is extended where that is off", |store| Box::pin(extending::where_it_is_off(store))),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_store_does_what_every_store_must() {
    for (name, case) in CASES {
        println!("{name}");
        case(&Store::Embedded(fast_directory())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_does_what_every_store_must() {
    let cluster = Cluster::start();
    for (at, (name, case)) in CASES.into_iter().enumerate() {
        println!("{name}");
        let url = cluster.database(&format!("case_{at}"));
        case(&Store::Postgres(url.clone())).await;
        shared::recount(&url).unwrap();
    }
}

async fn is_there_after_a_restart(store: &Store) {
    let plan = Plan::simple(3);
    let world = store.open(&plan, noon()).await;
    let booked = world.booked(1, At::passport(1, 0)).await;
    let held = world.held(2, At::passport(1, 0)).await;
    let world = store.reopen(world, &plan).await;
    assert_eq!((world.now_of(booked.id), world.now_of(held.id)), (booked, held), "masks, codes and all");
    assert_eq!((world.taken(At::passport(1, 0)), world.audit()), (2, 2));
    assert_eq!(world.engine.of_person(world.person(1), None, 5), [booked]);
    let call = world.desk_call();
    let found = world.engine.attend(call, Named::Code(booked.code), Action::CheckIn, ANYWAY).await.map(first).unwrap();
    assert_eq!((found.id, found.status), (booked.id, Status::CheckedIn));
    assert_eq!(code(&world.book(1, At::passport(2, 0)).await.unwrap_err()), "already_booked");
    world.stop();
}

async fn a_life(store: &Store) {
    let plan = Plan::simple(1);
    let world = store.open(&plan, noon()).await;
    let (from, to) = (At::passport(1, 0), At::passport(2, 3).in_hall_two());
    let held = world.held(1, from).await;
    let confirmed =
        world.engine.confirm(world.call(1), held.id, false, None, Form::default()).await.map(first).unwrap();
    assert_eq!((confirmed.status, confirmed.expires_at), (Status::Booked, None));
    let moved = world.engine.reschedule(world.call(1), held.id, false, to.target()).await.map(first).unwrap();
    assert_eq!((world.taken(from), world.taken(to), moved.revision), (0, 1, 2));
    let world = store.reopen(world, &plan).await;
    assert_eq!((world.taken(from), world.taken(to)), (0, 1));
    for (action, status) in [(Action::CheckIn, Status::CheckedIn), (Action::Serve, Status::Served)] {
        let seen = world.engine.attend(world.desk_call(), Named::Id(held.id), action, ANYWAY).await.map(first).unwrap();
        assert_eq!(seen.status, status);
    }
    let refused = world.engine.cancel(world.call(1), held.id, false).await.unwrap_err();
    assert_eq!(code(&refused), "wrong_state");
    world.booked(1, from).await;
    assert_eq!(world.audit(), 2, "who has been served may book again");
    world.stop();
}

async fn a_party(store: &Store) {
    let plan = Plan::simple(3);
    let world = store.open(&plan, noon()).await;
    let at = At::passport(1, 0);
    world.booked(4, At::passport(3, 0)).await;
    let refused = world.engine.book(world.call(1), at.wish(&[1, 2, 4])).await.unwrap_err();
    assert_eq!((code(&refused), world.taken(at)), ("already_booked", 0));
    let party = all(world.engine.book(world.call(1), at.wish(&[1, 2, 3])).await.unwrap());
    assert_eq!((party.len(), world.taken(at)), (3, 3));
    let refused = world.engine.book(world.call(5), at.wish(&[5])).await.unwrap_err();
    assert_eq!(code(&refused), "slot_full");
    let world = store.reopen(world, &plan).await;
    let cancelled = all(world.engine.cancel(world.call(1), party[0].id, true).await.unwrap());
    assert!(cancelled.len() == 3 && cancelled.iter().all(|member| member.status == Status::Cancelled));
    assert_eq!((world.taken(at), world.audit()), (0, 1));
    world.stop();
}

async fn a_hold_ends(store: &Store) {
    let plan = Plan::simple(1);
    let world = store.open(&plan, noon()).await;
    let at = At::passport(1, 0);
    let held = world.held(1, at).await;
    world.clock.set(held.expires_at.unwrap() - TimeDelta::milliseconds(1));
    assert_eq!(code(&world.book(2, at).await.unwrap_err()), "slot_full");
    world.clock.set(held.expires_at.unwrap());
    let other = world.booked(2, at).await;
    assert_eq!(world.now_of(held.id).status, Status::Expired, "whoever needs the place ends the hold");
    let late = world.engine.confirm(world.call(1), held.id, false, None, Form::default()).await.unwrap_err();
    assert_eq!(code(&late), "hold_expired");
    let world = store.reopen(world, &plan).await;
    assert_eq!((world.now_of(held.id).status, world.now_of(other.id).status), (Status::Expired, Status::Booked));
    assert_eq!(world.audit(), 1);
    world.stop();
}

async fn keyed(world: &World, key: u8, person: usize, at: At) -> Result<Vec<String>, &'static str> {
    let print = Fingerprint { owner: None, key: [key; 16], call: [u8::try_from(person).unwrap(); 16] };
    let call = world.call(person);
    let answer = match world.engine.begin(print, call.now).await.map_err(|refusal| code(&refusal))? {
        Begun::Answered(answer) => answer,
        Begun::Fresh(repeat) => {
            let call = Call { repeat: Some(repeat), ..call };
            world.engine.book(call, at.wish(&[person])).await.map_err(|refusal| code(&refusal))?
        }
    };
    Ok(all(answer).iter().map(|appointment| appointment.id.to_string()).collect())
}

async fn a_repeat(store: &Store) {
    let plan = Plan::simple(3);
    let world = store.open(&plan, noon()).await;
    let at = At::passport(1, 0);
    let answer = keyed(&world, 1, 1, at).await.unwrap();
    assert_eq!(keyed(&world, 1, 1, at).await, Ok(answer.clone()));
    assert_eq!(keyed(&world, 1, 2, at).await, Err("idempotency_mismatch"));
    let world = store.reopen(world, &plan).await;
    assert_eq!(keyed(&world, 1, 1, at).await, Ok(answer), "the first answer survives a restart");
    world.clock.set(noon() + TimeDelta::hours(25));
    assert_eq!(keyed(&world, 1, 1, At::passport(3, 0)).await, Err("already_booked"), "after a day the key is new");
    assert_eq!(world.audit(), 1);
    world.stop();
}

async fn a_lower_capacity(store: &Store) {
    let plan = Plan::simple(3);
    let world = store.open(&plan, noon()).await;
    let at = At::passport(1, 0);
    for person in 1..=3 {
        world.booked(person, at).await;
    }
    let lower = Plan { version: "lower", ..Plan::simple(1) };
    let displaced = world.engine.adopt(world.desk_call(), lower.snapshot().into()).await.unwrap();
    assert_eq!(displaced.len(), 2);
    assert_eq!(world.taken(at), 3);
    let third = displaced[1].appointment.id;
    let person = (1..=3).find(|person| world.person(*person) == world.now_of(third).applicant).unwrap();
    world.engine.cancel(world.call(person), third, false).await.unwrap();
    assert_eq!(code(&world.book(9, at).await.unwrap_err()), "slot_full");
    let world = store.reopen(world, &lower).await;
    assert_eq!(world.taken(at), 2);
    assert_eq!(code(&world.book(9, at).await.unwrap_err()), "slot_full");
    world.booked(9, At::passport(1, 1)).await;
    assert_eq!(code(&world.book(10, At::passport(1, 1)).await.unwrap_err()), "slot_full");
    world.stop();
}

async fn a_freed_place(store: &Store) {
    let plan = Plan::simple(1);
    let world = store.open(&plan, noon()).await;
    let at = At::passport(1, 0);
    for person in 0..5 {
        let booked = world.booked(person, at).await;
        assert_eq!(code(&world.book(9, at).await.unwrap_err()), "slot_full");
        world.engine.cancel(world.call(person), booked.id, false).await.unwrap();
    }
    let world = store.reopen(world, &plan).await;
    world.booked(9, at).await;
    assert_eq!((world.taken(at), world.engine.sizes().appointments), (1, 6));
    world.stop();
}
