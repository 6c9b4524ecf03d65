//! A person books, or holds places and confirms them.
//!
//! A second thought never meets one's own first one: if the same people hold another time for the same service, that hold
//! moves, in the engine's one atomic step. If the hold is for other people or another service, its owner decides which of the
//! two stays ([`Taken::Offered`]).

use chrono::{DateTime, Utc};

use super::access::person::Person;
use super::changes::Which;
use super::input::booking::{BookingInput, ConfirmationInput, confirmation, wish};
use super::input::fields::civil_today;
use super::metrics::Change;
use super::once::{self, Once};
use super::refusal::Refusal;
use super::state::App;
use crate::domain::appointment::{Appointment, AppointmentId, PersonKey, Slot, Status};
use crate::domain::name::DocumentId;
use crate::domain::rejection::Rejection;
use crate::domain::snapshot::Snapshot;
use crate::engine::{Answer, Call, Engine, SlotCount, Target, Wish};

/// How many appointments of a person are looked at for a hold of its own: far more than anybody has within ten minutes.
const MAX_LOOKED_AT: usize = 64;

/// Books places for a party, all or none, or holds them for a while.
///
/// # Errors
/// As [`Engine::book`]; [`Refusal::Fields`]; what [`once::answered`] refuses.
pub async fn book(app: &App, person: &Person, once: Once, input: BookingInput) -> Result<Answer, Refusal> {
    let engine = app.engine()?;
    let booking = async |call| {
        let snapshot = engine.snapshot();
        judge_names(&snapshot, input.hall.as_deref(), input.service.as_deref())?;
        let wish = wish(input, &person.applicant, &snapshot.policy, civil_today(person.now))?;
        drop(snapshot);
        let change = if wish.hold { Change::Held } else { Change::Booked };
        let answer = engine.book(call, wish).await?;
        Ok(app.counted(change, answer))
    };
    once::answered(engine, person.caller(), person.now, once, booking).await
}

/// Judges whether the hall, and then the service, are known, if they are given.
fn judge_names(snapshot: &Snapshot, hall: Option<&str>, service: Option<&str>) -> Result<(), Rejection> {
    hall.map(|id| snapshot.hall(id)).transpose()?;
    service.map(|id| snapshot.service(id)).transpose()?;
    Ok(())
}

/// Turns a hold into a booking.
///
/// # Errors
/// As [`Engine::confirm`]; [`Refusal::Fields`]; what [`once::answered`] refuses.
pub async fn confirm(
    app: &App,
    person: &Person,
    once: Once,
    which: Which<'_>,
    input: ConfirmationInput,
) -> Result<Answer, Refusal> {
    let engine = app.engine()?;
    let confirming = async |call| {
        let appointment = which.find(person, engine)?;
        // A service that a reload has taken out is still the one of this hold.
        let other = input.service.as_deref().filter(|service| *service != appointment.service.as_str());
        judge_names(&engine.snapshot(), None, other)?;
        let whole_party = which.is_whole_party()?;
        let (applicants, form) = confirmation(input, &appointment, civil_today(person.now))?;
        let answer = engine.confirm(call, appointment.id, whole_party, applicants, form).await?;
        Ok(app.counted(Change::Confirmed, answer))
    };
    once::answered(engine, person.caller(), person.now, once, confirming).await
}

/// What came of taking places while the same person may hold others.
pub enum Taken {
    /// The places are held, under the id of the first member.
    Held(AppointmentId),
    /// Another hold of the same person is in the way.
    Offered,
}

/// Holds places for the people of a wish: new ones, or those that the same person already holds for them. `replaces`: another
/// hold that is in the way is given up.
///
/// # Errors
/// As [`Engine::book`], [`Engine::reschedule`] and [`Engine::cancel`]; what [`once::answered`] refuses.
pub async fn take(app: &App, person: &Person, once: Once, wish: Wish, replaces: bool) -> Result<Taken, Refusal> {
    let engine = app.engine()?;
    let people: Vec<PersonKey> = wish.applicants.iter().map(|it| app.vault().person_key(&it.id_number)).collect();
    let snapshot = engine.snapshot();
    let document = snapshot.service(&wish.service)?.document;
    let in_the_way = holds_in_the_way(engine, person, document, &people);
    if let [party] = in_the_way.as_slice()
        && party.iter().map(|member| &member.applicant).eq(&people)
        && party[0].service.as_str() == wish.service
    {
        return take_along(app, person, once, &party[0], &wish).await;
    }
    // If the people of a time change, the same time is meant; everything else is asked.
    let is_same_slot = in_the_way.iter().all(|party| is_at(&party[0].slot, &wish));
    if !in_the_way.is_empty() && !replaces && !is_same_slot {
        return Ok(Taken::Offered);
    }
    judge_room(engine, &snapshot, &in_the_way, &wish, person.now)?;
    drop(snapshot);
    let holding = async |call: Call| {
        for party in &in_the_way {
            let call = Call { caller: call.caller.clone(), now: call.now, repeat: None };
            let given_up = engine.cancel(call, party[0].id, true).await?;
            app.metrics().changed(Change::Cancelled, given_up.appointments().len());
        }
        let answer = engine.book(call, wish).await?;
        Ok(app.counted(Change::Held, answer))
    };
    first_of(&once::answered(engine, person.caller(), person.now, once, holding).await?)
}

/// Moves a hold of the same people to another slot; nothing happens if it is there already.
async fn take_along(app: &App, person: &Person, once: Once, held: &Appointment, wish: &Wish) -> Result<Taken, Refusal> {
    if is_at(&held.slot, wish) {
        return Ok(Taken::Held(held.id));
    }
    let engine = app.engine()?;
    let target = Target { hall: wish.hall.clone(), date: wish.date, start: wish.start };
    let moving = async |call| {
        let answer = engine.reschedule(call, held.id, true, target).await?;
        Ok(app.counted(Change::Rescheduled, answer))
    };
    first_of(&once::answered(engine, person.caller(), person.now, once, moving).await?)
}

fn is_at(slot: &Slot, wish: &Wish) -> bool {
    (slot.hall.as_str(), slot.date, slot.start) == (wish.hall.as_str(), wish.date, wish.start)
}

fn first_of(answer: &Answer) -> Result<Taken, Refusal> {
    let first = answer.appointments().first();
    first
        .map(|first| Taken::Held(first.id))
        .ok_or_else(|| Refusal::fault("the engine answered a hold with no appointment"))
}

/// The hold of a person's own for some of these people and a document, if one is running.
#[must_use]
pub fn own_hold(engine: &Engine, person: &Person, document: DocumentId, people: &[PersonKey]) -> Option<Appointment> {
    holds_in_the_way(engine, person, document, people).first().map(|party| party[0])
}

/// The holds that a person has made for some of these people and a document, each with its members in their order.
fn holds_in_the_way(
    engine: &Engine,
    person: &Person,
    document: DocumentId,
    people: &[PersonKey],
) -> Vec<Vec<Appointment>> {
    let held = engine.of_person(person.key, None, MAX_LOOKED_AT).into_iter().filter(|appointment| {
        appointment.made_by == person.key
            && appointment.status_at(person.now) == Status::Held
            && appointment.document == document
    });
    let mut parties: Vec<Vec<Appointment>> = Vec::new();
    for member in held {
        match parties.iter_mut().find(|party| party[0].party == member.party) {
            Some(party) => party.push(member),
            None => parties.push(vec![member]),
        }
    }
    for party in &mut parties {
        party.sort_by_key(|member| member.position);
    }
    parties.retain(|party| party.iter().any(|member| people.contains(&member.applicant)));
    parties
}

/// Judges whether a slot takes so many before anything is given up for it. Another person may still be quicker; then the form
/// says so, and keeps what was typed.
fn judge_room(
    engine: &Engine,
    snapshot: &Snapshot,
    given_up: &[Vec<Appointment>],
    wish: &Wish,
    now: DateTime<Utc>,
) -> Result<(), Rejection> {
    if given_up.is_empty() {
        return Ok(());
    }
    let freed = given_up.iter().flatten().filter(|member| is_at(&member.slot, wish)).count();
    let remaining = remaining(engine, snapshot, wish, now)? as usize;
    if remaining + freed < wish.applicants.len() { Err(Rejection::SlotFull) } else { Ok(()) }
}

/// How many places the slot of a wish has left, by the rules.
fn remaining(engine: &Engine, snapshot: &Snapshot, wish: &Wish, now: DateTime<Utc>) -> Result<u32, Rejection> {
    let (hall, service) = (snapshot.hall(&wish.hall)?, snapshot.service(&wish.service)?);
    let day = engine.days(hall, service, wish.date..=wish.date, now)?.pop().ok_or(Rejection::NoSuchBand)?;
    if let Some(rule) = day.closed_by {
        return Err(rule);
    }
    let band = day.slots.iter().find(|band| band.start == wish.start);
    band.map(SlotCount::remaining).ok_or(Rejection::NoSuchBand)
}
