//! What a person does with appointments that were made by or for that person: move, cancel, extend, and see what
//! has become of them.

use super::access::person::Person;
use super::input::booking::{NewSlotInput, target};
use super::input::fields::Fields;
use super::metrics::Change;
use super::once::{self, Once};
use super::refusal::{Conflict, Refusal};
use super::state::App;
use crate::domain::appointment::{Appointment, AppointmentId};
use crate::engine::{Answer, Engine};

/// Which appointment a call names, or the party of which.
#[derive(Debug, Clone, Copy)]
pub struct Which<'a> {
    /// Its id.
    pub id: &'a str,
    /// Whether the whole party is meant, as `true` or `false`; left out, it is not.
    pub party: Option<&'a str>,
    /// The revision that the caller has seen, if the call says that: nobody changes what has changed since.
    pub seen: Option<&'a str>,
}

impl<'a> Which<'a> {
    /// One appointment, or its whole party, whatever has become of it.
    #[must_use]
    pub const fn of(id: &'a str, whole_party: bool) -> Self {
        Self { id, party: Some(if whole_party { "true" } else { "false" }), seen: None }
    }

    /// The appointment, if it is the person's and as the person has seen it.
    ///
    /// # Errors
    /// `unknown_appointment`, [`Conflict::AppointmentChanged`].
    pub fn find(&self, person: &Person, engine: &Engine) -> Result<Appointment, Refusal> {
        let appointment = person.appointment(engine, self.id)?;
        match self.seen {
            Some(seen) if seen != appointment.revision.to_string() => Err(Conflict::AppointmentChanged.into()),
            _ => Ok(appointment),
        }
    }

    /// Whether the whole party is meant.
    ///
    /// # Errors
    /// [`Refusal::Fields`].
    pub fn is_whole_party(&self) -> Result<bool, Refusal> {
        let mut fields = Fields::default();
        let whole = fields.flag(format_args!("/party"), self.party);
        fields.finish(whole)
    }
}

/// Moves an appointment: the new place is taken before the old one is given up, in one step.
///
/// # Errors
/// As [`Engine::reschedule`]; `unknown_hall`, [`Refusal::Fields`]; what [`once::answered`] refuses.
pub async fn reschedule(
    app: &App,
    person: &Person,
    once: Once,
    which: Which<'_>,
    to: NewSlotInput,
) -> Result<Answer, Refusal> {
    let engine = app.engine()?;
    let moving = async |call| {
        let appointment = which.find(person, engine)?;
        if let Some(hall) = &to.hall {
            engine.snapshot().hall(hall)?;
        }
        let whole_party = which.is_whole_party()?;
        let answer = engine.reschedule(call, appointment.id, whole_party, target(to)?).await?;
        Ok(app.counted(Change::Rescheduled, answer))
    };
    once::answered(engine, person.caller(), person.now, once, moving).await
}

/// Gives a place up, until the band begins.
///
/// # Errors
/// As [`Engine::cancel`]; [`Refusal::Fields`]; what [`once::answered`] refuses.
pub async fn cancel(app: &App, person: &Person, once: Once, which: Which<'_>) -> Result<Answer, Refusal> {
    let engine = app.engine()?;
    let cancelling = async |call| {
        let appointment = which.find(person, engine)?;
        let answer = engine.cancel(call, appointment.id, which.is_whole_party()?).await?;
        Ok(app.counted(Change::Cancelled, answer))
    };
    once::answered(engine, person.caller(), person.now, once, cancelling).await
}

/// Lets a hold live longer, once.
///
/// # Errors
/// As [`Engine::extend`]; [`Refusal::Fields`]; what [`once::answered`] refuses.
pub async fn extend(app: &App, person: &Person, once: Once, which: Which<'_>) -> Result<Answer, Refusal> {
    let engine = app.engine()?;
    let extending = async |call| {
        let appointment = which.find(person, engine)?;
        let answer = engine.extend(call, appointment.id, which.is_whole_party()?).await?;
        Ok(app.counted(Change::Extended, answer))
    };
    once::answered(engine, person.caller(), person.now, once, extending).await
}

/// Notes that a person has seen what became of an appointment, and gives it; `None` if it is not the person's, or has changed
/// since this revision: then it is news again.
///
/// # Errors
/// As [`Engine::note_seen`].
pub async fn seen(
    app: &App,
    person: &Person,
    id: AppointmentId,
    revision: u32,
) -> Result<Option<Appointment>, Refusal> {
    let engine = app.engine()?;
    let found = engine.appointment(id).filter(|found| found.belongs_to(person.key) && found.revision == revision);
    if found.is_some() {
        engine.note_seen(person.key, id, revision, person.now).await?;
    }
    Ok(found)
}
