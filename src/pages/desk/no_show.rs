//! `GET /staff/appointments/{id}/no-show`: asks once before somebody is said not to have come.
//!
//! A desk says it only on the day itself and once the band has begun, as the rules want it.

use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::names::{code_in_halves, service_name};
use crate::domain::appointment::{Action, Appointment};
use crate::domain::policy;
use crate::domain::snapshot::Snapshot;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::visitor::Desk;
use crate::pages::text::Text;

/// Whether somebody can be said not to have come now: it is the appointment's day in its hall, and its band has begun.
#[must_use]
pub fn can_be(one: &Appointment, snapshot: &Snapshot, now: DateTime<Utc>) -> bool {
    let hall = snapshot.hall(one.slot.hall.as_str()).ok();
    policy::judge_attendance(one, hall, Action::MarkNoShow, now).is_ok()
}

/// The page, with the button where it can be pressed now. It leads back to where the question was asked.
#[must_use]
pub fn page(desk: &Desk, snapshot: &Snapshot, one: &Appointment, back: &str) -> Response {
    let (visit, text) = (&desk.visit, desk.visit.text);
    let can_be = can_be(one, snapshot, visit.now);
    let frame = Frame::staff(visit, text.with("desk-no-show-title", &[("name", one.mask.name().into())])).back(back);
    let frame = if can_be { frame } else { frame.status(StatusCode::CONFLICT) };
    frame.page(&html! {
        (about(text, snapshot, one))
        @if can_be {
            p { (text.get("desk-no-show-lead")) }
            form method="post" action=(path(one)) data-once {
                (visit.csrf())
                input type="hidden" name="back" value=(back);
                div class="buttons" {
                    button class="button danger" { (text.get("desk-no-show-yes")) }
                    a class="button second" href=(back) { (text.get("desk-no-show-leave")) }
                }
            }
        } @else {
            div class="notice warn" role="alert" { p { (text.get("desk-no-show-not-now")) } }
        }
    })
}

/// The address of the question about somebody.
#[must_use]
pub fn path(one: &Appointment) -> String {
    let word = super::actions::word(Action::MarkNoShow).unwrap_or_default();
    format!("/staff/appointments/{}/{word}", one.id)
}

fn about(text: Text, snapshot: &Snapshot, one: &Appointment) -> Markup {
    let slot = &one.slot;
    let lines = [
        ("desk-list-name", one.mask.name()),
        ("desk-list-id-number", one.mask.id_number()),
        ("desk-list-code", code_in_halves(one)),
        ("desk-list-service", service_name(text, snapshot, one.service.as_str())),
        ("desk-no-show-when", format!("{} {}", text.day(slot.date), text.span(slot.start, slot.end))),
    ];
    html! {
        dl class="summary" {
            @for (key, value) in lines { div { dt { (text.get(key)) } dd { (value) } } }
        }
    }
}
