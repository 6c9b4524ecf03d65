//! What a desk does: with one appointment or its party, with a displaced appointment, and with the numbers of the queue.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::access::person::appointment_id;
use super::access::staff::Staff;
use super::input::fields::{Fields, parsed};
use super::metrics::Change;
use super::once::{self, Once};
use super::refusal::{Conflict, Refusal};
use super::state::App;
use crate::domain::appointment::{Action, Appointment, AppointmentId, Code, Slot};
use crate::domain::rejection::Rejection;
use crate::domain::snapshot::Snapshot;
use crate::engine::{Answer, Attending, Deed, DeskDay, DeskQueue, Engine, Misfit, Named, Target, Ticket, Via};

/// A step that a desk takes.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// With which appointment.
    pub whom: Whom<'a>,
    /// Whether the step is for everybody of its party who can take it in the same hall on the same day, as `true` or `false`;
    /// left out, it is not.
    pub party: Option<&'a str>,
    /// Whether it is meant though the appointment is on another day, or a no-show before the band has begun.
    pub anyway: bool,
    /// Where it is taken.
    pub via: Via,
}

/// Which appointment a desk means, as the call names it.
#[derive(Debug, Clone, Copy)]
pub enum Whom<'a> {
    /// The one with this id.
    Id(&'a str),
    /// The one with this code, as people type it.
    Code(Option<&'a str>),
}

impl Whom<'_> {
    fn read(self) -> Result<Named, Refusal> {
        match self {
            Self::Id(id) => Ok(Named::Id(id_of(id)?)),
            Self::Code(code) => {
                let mut fields = Fields::default();
                let code = fields.need(format_args!("/code"), code, parsed::<Code>);
                Ok(Named::Code(fields.finish(code)?))
            }
        }
    }
}

fn id_of(text: &str) -> Result<AppointmentId, Rejection> {
    appointment_id(text).ok_or(Rejection::UnknownAppointment)
}

/// Takes a step with an appointment, or with those of its party, and notes it in the log of the hall.
///
/// # Errors
/// As [`Engine::attend`], [`Engine::undo`] and [`Engine::cancel`]; [`Refusal::Fields`]; what [`once::answered`] refuses.
pub async fn step(app: &App, staff: &Staff, once: Once, action: Action, step: Step<'_>) -> Result<Answer, Refusal> {
    let engine = app.engine()?;
    let stepping = async |call| {
        let named = step.whom.read()?;
        let mut fields = Fields::default();
        let whole_party = fields.flag(format_args!("/party"), step.party);
        let whole_party = fields.finish(whole_party)?;
        let answer = match (action, named) {
            (Action::Cancel, Named::Id(id)) => engine.cancel(call, id, false).await?,
            (Action::Undo, Named::Id(id)) => engine.undo(call, id, whole_party).await?,
            _ => engine.attend(call, named, action, Attending { whole_party, anyway: step.anyway }).await?,
        };
        let answer = app.counted(Change::of(action), answer);
        for one in answer.appointments() {
            engine.note(&staff.member, one, action, step.via).await;
        }
        Ok(answer)
    };
    once::answered(engine, staff.caller(), staff.now, once, stepping).await
}

/// The appointment with this id, if it is in a hall of the member.
///
/// # Errors
/// `unknown_appointment`; `forbidden` for another hall's.
pub fn appointment(app: &App, staff: &Staff, id: &str) -> Result<Appointment, Refusal> {
    let appointment = app.engine()?.appointment(id_of(id)?).ok_or(Rejection::UnknownAppointment)?;
    staff.judge_hall(appointment.slot.hall)?;
    Ok(appointment)
}

/// Why an appointment no longer fits a configuration; `None` if it does.
#[must_use]
pub fn misfit(engine: &Engine, snapshot: &Arc<Snapshot>, one: &Appointment, now: DateTime<Utc>) -> Option<Misfit> {
    let Slot { hall, date, .. } = one.slot;
    let displaced = engine.displaced_on_day(snapshot, hall, date, now);
    displaced.into_iter().find(|other| other.appointment.id == one.id).map(|one| one.reason)
}

/// Moves a displaced appointment for its applicant. One that fits the configuration is moved by its applicant only.
///
/// # Errors
/// `unknown_appointment`, `unknown_hall`; `forbidden` for another hall's; [`Conflict::Fits`], [`Conflict::IsThere`]; as
/// [`Engine::reschedule`]; what [`once::answered`] refuses.
pub async fn relocate(app: &App, staff: &Staff, once: Once, id: &str, target: Target) -> Result<Answer, Refusal> {
    let (engine, before) = (app.engine()?, appointment(app, staff, id)?);
    staff.judge_hall(engine.snapshot().hall(&target.hall)?.id)?;
    let relocating = async |call| {
        if misfit(engine, &engine.snapshot(), &before, staff.now).is_none() {
            return Err(Conflict::Fits.into());
        }
        let answer = engine.reschedule(call, before.id, false, target).await?;
        if answer.appointments().iter().all(|one| one.revision == before.revision) {
            return Err(Conflict::IsThere.into());
        }
        let answer = app.counted(Change::Rescheduled, answer);
        for moved in answer.appointments() {
            engine.note_moved(&staff.member, &before.slot, moved, Via::Page).await;
            let (actor, from, to) = (&staff.member.id, in_short(&before.slot), in_short(&moved.slot));
            tracing::info!(actor, appointment = %before.id, from, to, "a displaced appointment was moved");
        }
        Ok(answer)
    };
    once::answered(engine, staff.caller(), staff.now, once, relocating).await
}

fn in_short(slot: &Slot) -> String {
    format!("{} {} {}", slot.hall, slot.date, slot.start)
}

/// Writes the deed that `decide` returns for the queue of a day into the log of the hall. Gives the ticket that it is about;
/// `None` if there was nothing to do.
///
/// # Errors
/// As [`Engine::log`]; what [`once::answered`] refuses.
pub async fn log(
    app: &App,
    staff: &Staff,
    once: Once,
    day: DeskDay,
    decide: impl Fn(&DeskQueue) -> Option<Deed> + Send,
) -> Result<Option<Ticket>, Refusal> {
    let engine = app.engine()?;
    let logging = async |call| {
        let record = engine.log(&staff.member, day, decide).await?;
        let ticket = record.and_then(|record| ticket_of(&record.deed));
        let text = ticket.map(|ticket| ticket.to_string()).unwrap_or_default();
        Ok(engine.remember(call, text).await?)
    };
    match once::answered(engine, staff.caller(), staff.now, once, logging).await? {
        Answer::Text(text) => Ok(text.parse().ok()),
        _ => Err(Refusal::fault("what is remembered of a deed is no text")),
    }
}

const fn ticket_of(deed: &Deed) -> Option<Ticket> {
    match deed {
        Deed::Drawn { number, .. } => Some(Ticket::WalkIn(*number)),
        Deed::Called { number, .. } | Deed::Served { number } | Deed::Gone { number } => Some(*number),
        Deed::Noted { code, .. } => Some(Ticket::Appointment(*code)),
        Deed::Opened { .. } | Deed::Adopted { .. } | Deed::SignedIn | Deed::Exported { .. } => None,
    }
}
