//! The JSON shapes of appointments.

use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::appointment::{Appointment, Status};
use crate::engine::Answer;
use crate::serve::json::json;
use crate::serve::problem::Problem;
use crate::serve::times::{Date, Id, Instant, Start, Time};

/// One applicant's claim on one slot.
#[derive(Serialize, ToSchema)]
#[schema(as = Appointment)]
pub struct AppointmentView {
    /// Its id.
    id: Id,
    /// What the applicant shows at the desk: 8 characters of Crockford's base 32.
    #[schema(example = "K7QX2M9F")]
    code: String,
    /// The party that it was made in.
    party: Id,
    /// Where it stands in its life: `held`, `booked`, `checked_in`, `served`, `expired`, `cancelled` or `no_show`.
    #[schema(example = "booked")]
    status: &'static str,
    /// The id of the hall.
    #[schema(example = "hangzhou-shi-crj")]
    hall: &'static str,
    /// The id of the service.
    #[schema(example = "passport.renewal")]
    service: &'static str,
    /// The lane of the hall.
    #[schema(example = "counter")]
    lane: &'static str,
    /// The date.
    date: Date,
    /// When the band begins.
    start: Time,
    /// When the band ends.
    end: Time,
    /// The instant at which the band begins.
    starts_at: Start,
    /// Until when a hold keeps its place; null once it is booked.
    #[schema(required = true)]
    expires_at: Option<Instant>,
    /// Who must appear, masked.
    applicant: ApplicantView,
    /// When it was made.
    created_at: Instant,
    /// When it was last changed.
    updated_at: Instant,
}

/// What may be shown of an applicant.
#[derive(Serialize, ToSchema)]
#[schema(as = MaskedApplicant)]
pub struct ApplicantView {
    /// The first character of the name.
    #[schema(example = "张*")]
    name: String,
    /// The first six and the last four characters of the number.
    #[schema(example = "330106********1234")]
    id_number: String,
}

/// Appointments of one party.
#[derive(Serialize, ToSchema)]
#[schema(as = Party)]
pub struct PartyView {
    /// The id of the party.
    party: Id,
    /// Its appointments, in the order of its applicants.
    appointments: Vec<AppointmentView>,
}

/// What a change answers: the appointment; with `party=true` the party.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Changed)]
pub enum ChangedView {
    /// The appointment.
    One(AppointmentView),
    /// The party.
    Party(PartyView),
}

/// One page of a list of appointments.
#[derive(Serialize, ToSchema)]
#[schema(as = AppointmentPage)]
pub struct PageView {
    /// The appointments, newest first.
    pub appointments: Vec<AppointmentView>,
    /// The cursor of the next page; null on the last one.
    #[schema(required = true, example = "AZeaKzxNfl-Ka3yNng8aKw")]
    pub next: Option<String>,
}

impl AppointmentView {
    /// An appointment as it stands at an instant.
    #[must_use]
    pub fn at(appointment: &Appointment, now: DateTime<Utc>) -> Self {
        Self::with(appointment, appointment.status_at(now))
    }

    /// An appointment as it was recorded: what a call that changed it answers, and its repeat again.
    #[must_use]
    pub fn recorded(appointment: &Appointment) -> Self {
        Self::with(appointment, appointment.status)
    }

    fn with(appointment: &Appointment, status: Status) -> Self {
        let local = |instant: DateTime<Utc>| Instant(instant.with_timezone(appointment.starts_at.offset()));
        let slot = &appointment.slot;
        Self {
            id: Id(appointment.id.0),
            code: appointment.code.to_string(),
            party: Id(appointment.party.0),
            status: status.as_str(),
            hall: slot.hall.as_str(),
            service: appointment.service.as_str(),
            lane: slot.lane.as_str(),
            date: Date(slot.date),
            start: Time(slot.start),
            end: Time(slot.end),
            starts_at: Start(appointment.starts_at),
            expires_at: appointment.expires_at.map(local),
            applicant: ApplicantView { name: appointment.mask.name(), id_number: appointment.mask.id_number() },
            created_at: local(appointment.created_at),
            updated_at: local(appointment.updated_at),
        }
    }
}

/// The answer to a call that changed appointments: a party where it was about one, else the appointment.
///
/// # Errors
/// `internal` where the engine answers something else.
pub fn changed(status: StatusCode, answer: &Answer) -> Result<Response, Problem> {
    let views = |appointments: &[Appointment]| appointments.iter().map(AppointmentView::recorded).collect();
    let view = match answer {
        Answer::Appointment(appointment) => ChangedView::One(AppointmentView::recorded(appointment)),
        Answer::Party(appointments) => match appointments.first() {
            Some(first) => {
                ChangedView::Party(PartyView { party: Id(first.party.0), appointments: views(appointments) })
            }
            None => return Err(Problem::internal("the engine answered with an empty party")),
        },
        Answer::Text(_) | Answer::Refused(_) => {
            return Err(Problem::internal("the engine answered a change of appointments with a text"));
        }
    };
    Ok(json(status, &view))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::samples;

    fn text(view: &AppointmentView) -> String {
        serde_json::to_string(view).unwrap()
    }

    #[test]
    fn an_appointment_has_the_members_of_the_contract_in_their_order() {
        let held = samples::held();
        assert_eq!(
            text(&AppointmentView::at(&held, held.created_at)),
            concat!(
                r#"{"id":"01979a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b","code":"00000007","#,
                r#""party":"01979a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2c","status":"held","hall":"hangzhou-shi-crj","#,
                r#""service":"passport.renewal","lane":"counter","date":"2026-11-25","start":"08:30","end":"09:00","#,
                r#""starts_at":"2026-11-25T08:30:00+08:00","expires_at":"2026-11-22T10:25:30.123+08:00","#,
                r#""applicant":{"name":"张*","id_number":"330106********1234"},"#,
                r#""created_at":"2026-11-22T10:15:30.123+08:00","updated_at":"2026-11-22T10:15:30.123+08:00"}"#
            )
        );
        let booked = held.changed(Status::Booked, held.created_at);
        assert!(text(&AppointmentView::recorded(&booked)).contains(r#""status":"booked""#));
        assert!(text(&AppointmentView::recorded(&booked)).contains(r#""expires_at":null"#));
    }

    #[test]
    fn a_hold_that_has_ended_is_shown_expired_but_its_first_answer_stays() {
        let held = samples::held();
        let end = held.expires_at.unwrap();
        assert!(text(&AppointmentView::at(&held, end)).contains(r#""status":"expired""#));
        assert!(text(&AppointmentView::recorded(&held)).contains(r#""status":"held""#));
    }
}
