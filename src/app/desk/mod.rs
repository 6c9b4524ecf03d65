//! What a desk does: with one appointment or its party, with a displaced appointment, with the numbers of the queue, and
//! with the counts of some days.

pub(crate) mod counts;
pub(crate) mod displaced;
pub(crate) mod queue;

use chrono::TimeDelta;

use super::access::person::appointment_id;
use super::access::staff::Staff;
use super::input::fields::{Fields, parsed};
use super::metrics::Change;
use super::once::{self, Once};
use super::refusal::{Code as RefusalCode, Refusal};
use super::state::App;
use crate::domain::appointment::{Action, Appointment, AppointmentId, Code, Status};
use crate::domain::rejection::Rejection;
use crate::engine::{Answer, Attending, Named, Via};

/// How soon the same once more counts as the same press, in seconds.
const AGAIN_S: i64 = 10;

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

/// Takes a step with an appointment, or with those of its party, by the press of a button. A button pressed twice, or a code
/// that a scanner read twice, is one deed without being remembered as a call: what has become of the appointment within the
/// last ten seconds is the answer.
///
/// # Errors
/// As [`step`]; [`is_late`] if another member was faster.
pub async fn press(
    app: &App,
    staff: &Staff,
    action: Action,
    (before, whole_party): (&Appointment, bool),
) -> Result<Appointment, Refusal> {
    let id = before.id.to_string();
    let party = Some(if whole_party && action != Action::Cancel { "true" } else { "false" });
    // A no-show is asked about on a page of its own; who is here is here, whatever day it is.
    let pressed = Step { whom: Whom::Id(&id), party, anyway: action != Action::MarkNoShow, via: Via::Page };
    let answer = match step(app, staff, Once::Unkeyed, action, pressed).await {
        Err(refusal) if is_late(&refusal) => return just_done(app, staff, before.id, action).ok_or(refusal),
        answered => answered?,
    };
    let after = answer.appointments().iter().find(|one| one.id == before.id).or(answer.appointments().first());
    after.copied().ok_or_else(|| Refusal::fault("the engine answered a desk with no appointment"))
}

/// Whether another member was faster, or the time for it is over.
#[must_use]
pub fn is_late(refusal: &Refusal) -> bool {
    refusal.code() == RefusalCode::WrongState
}

/// What the same press made of an appointment a moment ago.
fn just_done(app: &App, staff: &Staff, id: AppointmentId, action: Action) -> Option<Appointment> {
    let after = app.engine().ok()?.appointment(id)?;
    let is_done = match action {
        Action::CheckIn => after.status == Status::CheckedIn,
        Action::Serve => after.status == Status::Served,
        Action::MarkNoShow => after.status == Status::NoShow,
        Action::Cancel => after.status == Status::Cancelled,
        Action::Confirm | Action::Reschedule | Action::Expire | Action::Extend | Action::Undo => false,
    };
    (is_done && staff.now - after.updated_at < TimeDelta::seconds(AGAIN_S)).then_some(after)
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
