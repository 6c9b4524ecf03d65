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

/// Holds places for the people of a wish in the slot that it means: new ones, or those that the same person already holds for
/// them. `replaces`: another hold that is in the way is given up.
///
/// # Errors
/// As [`Engine::book`], [`Engine::reschedule`] and [`Engine::cancel`]; what [`once::answered`] refuses.
pub async fn take(
    app: &App,
    person: &Person,
    once: Once,
    (wish, slot): (Wish, &Slot),
    replaces: bool,
) -> Result<Taken, Refusal> {
    let engine = app.engine()?;
    let people: Vec<PersonKey> = wish.applicants.iter().map(|it| app.vault().person_key(&it.id_number)).collect();
    let snapshot = engine.snapshot();
    let document = snapshot.service(&wish.service)?.document;
    let in_the_way = holds_in_the_way(engine, person, document, &people);
    if let [party] = in_the_way.as_slice()
        && party.iter().map(|member| &member.applicant).eq(&people)
        && party[0].service.as_str() == wish.service
    {
        return take_along(app, person, once, &party[0], slot).await;
    }
    // If the people of a time change, the same time is meant; everything else is asked.
    let is_same_slot = in_the_way.iter().all(|party| party[0].slot == *slot);
    if !in_the_way.is_empty() && !replaces && !is_same_slot {
        return Ok(Taken::Offered);
    }
    judge_room(engine, &snapshot, &in_the_way, (&wish, slot), person.now)?;
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
async fn take_along(app: &App, person: &Person, once: Once, held: &Appointment, slot: &Slot) -> Result<Taken, Refusal> {
    if held.slot == *slot {
        return Ok(Taken::Held(held.id));
    }
    let engine = app.engine()?;
    let target = Target { hall: slot.hall.as_str().to_owned(), date: slot.date, start: slot.start };
    let moving = async |call| {
        let answer = engine.reschedule(call, held.id, true, target).await?;
        Ok(app.counted(Change::Rescheduled, answer))
    };
    first_of(&once::answered(engine, person.caller(), person.now, once, moving).await?)
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
    (wish, slot): (&Wish, &Slot),
    now: DateTime<Utc>,
) -> Result<(), Rejection> {
    if given_up.is_empty() {
        return Ok(());
    }
    let freed = given_up.iter().flatten().filter(|member| member.slot == *slot).count();
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

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use tempfile::TempDir;

    use super::*;
    use crate::app::state::Parts;
    use crate::clock::Clock;
    use crate::config;
    use crate::domain::applicant::{Applicant, IdNumber};
    use crate::domain::name::{HallId, LaneId};
    use crate::domain::wall::WallTime;
    use crate::engine::{self, Form};
    use crate::ledger::embedded::Embedded;
    use crate::ledger::joined::Joined;
    use crate::vault::Vault;

    const HALL: &str = "hangzhou-shi-crj";

    /// An application with the configuration of the project, at noon of 2026-11-24 in China.
    fn application() -> (App, Person, Joined, TempDir) {
        let (now, dir) = ("2026-11-24T04:00:00Z".parse().unwrap(), tempfile::tempdir().unwrap());
        let (clock, vault) = (Clock::manual(now), || Arc::new(Vault::from_secret(&[7; 32])));
        let config_dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let configuration = config::load(&config_dir).unwrap();
        let snapshot = Arc::clone(&configuration.snapshot);
        let app = App::new(Parts {
            clock: clock.clone(),
            vault: vault(),
            configuration,
            config_dir,
            admin_token_file: dir.path().join("admin.token"),
            history_dir: dir.path().join("history"),
            beyond_loopback: false,
        })
        .unwrap();
        let ledger = Embedded::open(&dir.path().join("store")).unwrap();
        let (engine, thread) = Engine::start(engine::Parts { clock, vault: vault(), snapshot, ledger }).unwrap();
        app.start(engine);
        let id_number = IdNumber::parse("330102199001010004", civil_today(now)).unwrap();
        let key = app.vault().person_key(&id_number);
        let applicant = Applicant { name: "张伟".into(), id_number, phone: "19900000004".into() };
        (app, Person { applicant, key, now }, Joined::on_drop(thread), dir)
    }

    /// A wish of the person for a service at half past eight, with its slot in a lane.
    fn wish(person: &Person, service: &str, lane: &str, end: WallTime) -> (Wish, Slot) {
        let (date, start) = ("2026-11-26".parse().unwrap(), WallTime::hm(8, 30));
        let applicants = vec![person.applicant.clone()];
        let (hall, form) = (HALL.to_owned(), Form::default());
        let wish = Wish { hall, service: service.to_owned(), date, start, hold: true, applicants, form };
        (wish, Slot { hall: HallId::intern(HALL).unwrap(), lane: LaneId::intern(lane).unwrap(), date, start, end })
    }

    async fn taken(app: &App, person: &Person, (wish, slot): (Wish, Slot)) -> Option<AppointmentId> {
        match take(app, person, Once::Unkeyed, (wish, &slot), false).await.unwrap() {
            Taken::Held(id) => Some(id),
            Taken::Offered => None,
        }
    }

    #[tokio::test]
    async fn a_hold_in_another_lane_at_the_same_time_is_not_given_up_unasked() {
        let (app, person, _ledger, _dir) = application();
        let counter = || wish(&person, "hkmo-permit.endorsement", "counter", WallTime::hm(9, 0));
        let kiosk = wish(&person, "hkmo-permit.kiosk-endorsement", "kiosk", WallTime::hm(8, 45));
        let held = taken(&app, &person, counter()).await.unwrap();
        assert_eq!(taken(&app, &person, kiosk).await, None, "the person is asked");
        let status = |id| app.engine().unwrap().appointment(id).unwrap().status;
        assert_eq!(status(held), Status::Held);
        assert_eq!(taken(&app, &person, counter()).await, Some(held), "the same time once more is the same hold");
    }
}
