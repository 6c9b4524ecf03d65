//! What waits for the person who is signed in: a hold that runs, with its clock, and the next appointment.

use maud::{Markup, html};

use crate::domain::appointment::{Appointment, Status};
use crate::domain::snapshot::Snapshot;
use crate::engine::Engine;
use crate::pages::booking::countdown;
use crate::pages::booking::countdown::Around;
use crate::pages::finding::slot::{day_and_time, hall_name, service_name};
use crate::pages::kit::visitor::Visit;

/// How many of a person's newest appointments are looked at.
const LOOKED_AT: usize = 64;

/// The hold and the next appointment; nothing for somebody who is not signed in or has neither.
#[must_use]
pub fn markup(engine: &Engine, snapshot: &Snapshot, visit: &Visit) -> Markup {
    let Some(person) = &visit.person else { return html! {} };
    let found = engine.of_person(person.key, None, LOOKED_AT);
    let is_held = |one: &&Appointment| one.status_at(visit.now) == Status::Held && one.made_by == person.key;
    // Members of a party are kept for as long as each other.
    let held = found.iter().filter(is_held).min_by_key(|one| (one.expires_at, one.position));
    let next = found.iter().filter(|one| one.status_at(visit.now) == Status::Booked && one.starts_at > visit.now);
    let next = next.min_by_key(|one| (one.starts_at, one.position));
    html! {
        @if let Some(held) = held {
            (running(snapshot, visit, held, found.iter().filter(|one| one.party == held.party).filter(is_held).count()))
        }
        @if let Some(next) = next { (coming(snapshot, visit, next)) }
    }
}

/// A hold that runs, and the two ways to end it.
fn running(snapshot: &Snapshot, visit: &Visit, held: &Appointment, people: usize) -> Markup {
    let text = visit.text;
    let release =
        format!("/appointments/{}/cancel{}", held.id, if people > 1 { "?party=true" } else { "?party=false" });
    html! {
        section class="card held" aria-labelledby="held" {
            h2 id="held" { (text.with("find-held", &[("count", people.into())])) }
            p { (day_and_time(text, &held.slot)) " · " (hall_name(text, snapshot, &held.slot)) br; (service_name(text, snapshot, held.service)) }
            (countdown::countdown(text, held, Around::Words("find-held-until"), visit.now))
            p class="muted" role="status" data-when-over hidden { (text.get("find-held-over")) }
            div class="buttons" {
                a class="button" href={ "/held/" (held.id) } { (text.get("find-held-go-on")) }
                form method="post" action=(release) data-once {
                    (visit.csrf())
                    button class="button quiet" name="do" value="release" { (text.with("find-held-release", &[("count", people.into())])) }
                }
            }
        }
    }
}

fn coming(snapshot: &Snapshot, visit: &Visit, next: &Appointment) -> Markup {
    let text = visit.text;
    html! {
        section class="card" aria-labelledby="next" {
            h2 id="next" { (text.get("find-next")) }
            p {
                a href={ "/appointments/" (next.id) } { strong { (day_and_time(text, &next.slot)) } }
                br; (hall_name(text, snapshot, &next.slot)) " · " (service_name(text, snapshot, next.service))
            }
        }
    }
}
