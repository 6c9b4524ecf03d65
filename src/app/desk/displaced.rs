//! What a desk does for somebody whose appointment no longer fits the configuration: it calls, and moves the appointment.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::appointment;
use crate::app::access::staff::Staff;
use crate::app::metrics::Change;
use crate::app::once::{self, Once};
use crate::app::refusal::{Conflict, Refusal};
use crate::app::state::App;
use crate::domain::appointment::{Appointment, Slot};
use crate::domain::snapshot::Snapshot;
use crate::engine::{Answer, Engine, Misfit, Target, Telephone, Via};

/// Why an appointment no longer fits a configuration; `None` if it does.
#[must_use]
pub fn misfit(engine: &Engine, snapshot: &Arc<Snapshot>, one: &Appointment, now: DateTime<Utc>) -> Option<Misfit> {
    let Slot { hall, date, .. } = one.slot;
    let displaced = engine.displaced_on_day(snapshot, hall, date, now);
    displaced.into_iter().find(|other| other.appointment.id == one.id).map(|one| one.reason)
}

/// Moves a displaced appointment for its applicant. One that fits the configuration is moved by its applicant only. A repeat
/// needs no memory of the call: the appointment is there already.
///
/// # Errors
/// `unknown_appointment`, `unknown_hall`; `forbidden` for another hall's; [`Conflict::Fits`], [`Conflict::IsThere`]; as
/// [`Engine::reschedule`]; what [`once::answered`] refuses.
pub async fn relocate(app: &App, staff: &Staff, id: &str, target: Target) -> Result<Answer, Refusal> {
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
    once::answered(engine, staff.caller(), staff.now, Once::Unkeyed, relocating).await
}

/// Opens the telephone of somebody who is displaced, and notes that before; `None` if the appointment fits meanwhile, since
/// then nobody has to be called.
///
/// # Errors
/// As [`appointment`] and [`Engine::telephone_of`].
pub async fn telephone(app: &App, staff: &Staff, id: &str) -> Result<Option<(Appointment, Telephone)>, Refusal> {
    let (engine, one) = (app.engine()?, appointment(app, staff, id)?);
    if misfit(engine, &engine.snapshot(), &one, staff.now).is_none() {
        return Ok(None);
    }
    let telephone = engine.telephone_of(&staff.member, one.id).await?;
    tracing::info!(actor = staff.member.id, appointment = %one.id, "the telephone of somebody who is displaced was opened");
    Ok(Some((one, telephone)))
}

fn in_short(slot: &Slot) -> String {
    format!("{} {} {}", slot.hall, slot.date, slot.start)
}
