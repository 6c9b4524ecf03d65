//! Several engines on one PostgreSQL.

mod clocks;
mod configuration;
mod crowd;
mod doubt;
mod duties;
mod editing;
mod emptied;
mod failover;
mod limits;
mod new_slots;
mod outage;
mod pooler;
mod races;
mod schema;
mod servers;
mod staff_changes;
mod telephones;
mod undoing;
mod words;

use hallpass::domain::appointment::Status;

use crate::http::{Files, id, renewal};
use crate::world::plan::Plan;
use crate::world::shared::Shared;
use crate::world::{At, code, directory, noon};
use servers::{Instance, on};

#[tokio::test(flavor = "multi_thread")]
async fn what_one_writes_the_other_knows() {
    let shared = Shared::start();
    let worlds = shared.join_all(2, &Plan::simple(3), noon()).await;
    let (one, other) = (&worlds[0], &worlds[1]);
    let at = At::passport(1, 0);
    let booked = one.booked(1, at).await;
    assert!(other.engine.refresh().await);
    assert_eq!(other.now_of(booked.id), booked);
    assert_eq!(other.taken(at), 1);
    assert_eq!(other.engine.of_person(other.person(1), None, 10), [booked]);
    assert_eq!(code(&other.book(1, At::passport(2, 0)).await.unwrap_err()), "already_booked");
    let cancelled = other.engine.cancel(other.call(1), booked.id, false).await.unwrap();
    assert_eq!(cancelled.appointments()[0].status, Status::Cancelled);
    let again = one.booked(1, At::passport(2, 0)).await;
    other.engine.refresh().await;
    one.engine.refresh().await;
    for world in &worlds {
        assert_eq!((world.taken(at), world.taken(At::passport(2, 0))), (0, 1));
        assert_eq!(world.now_of(again.id), again);
        assert_eq!(world.audit(), 1);
    }
}

/// Nothing but the call itself asks for what the other one wrote, and a word of the database takes longer than the next
/// call; so many make sure that not all of them are late.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_booked_through_one_server_is_cancelled_through_the_other_at_once() {
    let (shared, folder) = (Shared::start(), directory());
    let files = on(&Files::default(), &shared.url, &folder.path().join("keys"));
    let (one, other) = (Instance::start(&files).await, Instance::start(&files).await);
    for number in 1..=20 {
        let (here, there) = (one.person(number).await, other.person(number).await);
        let path = format!("/v1/appointments/{}", id(&here.booked(&renewal("08:30")).await));
        let cancelled = there.post_nothing(&format!("{path}/cancel")).await.ok(200);
        assert_eq!(cancelled["status"], "cancelled");
        assert_eq!(here.get(&path).await.ok(200), cancelled);
    }
    one.stop().await;
    other.stop().await;
}
