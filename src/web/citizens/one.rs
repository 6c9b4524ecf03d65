//! `GET /appointments/{id}` and `GET /appointments/{id}/calendar.ics`: one appointment, to be shown at the hall.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::own::badge;
use super::parties::{judge, members, query};
use super::qr;
use super::slot::{Wanted, service_name};
use crate::domain::appointment::{Action, Appointment, Code, Status};
use crate::domain::hall::Hall;
use crate::domain::snapshot::Snapshot;
use crate::http::address::address_of;
use crate::http::app::App;
use crate::http::calendar_file::{self, Edition, Told};
use crate::http::language::Languages;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::web::bringing;
use crate::web::frame::Frame;
use crate::web::text::Text;
use crate::web::visit::Citizen;

/// What has just been done.
#[derive(Deserialize)]
pub struct Done {
    new: Option<String>,
    moved: Option<String>,
    cancelled: Option<String>,
}

/// An appointment that somebody looks at.
struct Scene<'a> {
    text: Text,
    citizen: &'a Citizen,
    snapshot: &'a Snapshot,
    shown: Appointment,
    status: Status,
    /// The party, as far as this person sees it.
    party: Vec<Appointment>,
}

/// The page.
///
/// # Errors
/// `unknown_appointment`.
pub async fn page(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let shown = citizen.person.appointment(engine, &id)?;
    let snapshot = engine.snapshot();
    let scene = Scene {
        text: citizen.visit.text,
        citizen: &citizen,
        snapshot: &snapshot,
        shown,
        status: shown.status_at(citizen.visit.now),
        party: members(engine, citizen.person.key, &shown),
    };
    let title = scene.text.get("one-title");
    Ok(Frame::citizens(&citizen.visit, title).back("/appointments").page(&html! {
        (scene.done(&done))
        (scene.ticket())
        (scene.bringing())
        (scene.company())
    }))
}

/// The appointment as a calendar file.
///
/// # Errors
/// `unknown_appointment`.
pub async fn calendar(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let shown = citizen.person.appointment(engine, &id)?;
    let (snapshot, text) = (engine.snapshot(), citizen.visit.text);
    let languages = Languages(text.0.wishes().to_vec());
    let edition = Edition { snapshot: &snapshot, in_force_since: app.loaded().in_force_since, now: citizen.visit.now };
    let told = Told {
        lines: calendar_lines(text, &snapshot, &shown),
        link: address_of(&headers, &format!("/appointments/{}", shown.id)),
    };
    let file = calendar_file::of(&shown, edition, &languages, &told);
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"appointment-{}.ics\"", shown.code)),
    ];
    Ok((headers, file).into_response())
}

/// What a calendar reminds of: the code, and what to bring, a line each.
fn calendar_lines(text: Text, snapshot: &Snapshot, shown: &Appointment) -> Vec<String> {
    let code = text.with("calendar-code", &[("code", in_halves(shown.code).into())]);
    let service = snapshot.service(shown.service.as_str());
    let bring = service.map_or_else(|_| Vec::new(), |service| bringing::items(text, service));
    let bring = bring.iter().map(|item| text.with("calendar-item", &[("item", item.as_str().into())]));
    std::iter::once(code).chain(bring).collect()
}

/// A code in two halves, as it is read aloud.
fn in_halves(code: Code) -> String {
    let code = code.to_string();
    let (first, second) = code.split_at(code.len() / 2);
    format!("{first} {second}")
}

impl Scene<'_> {
    fn hall(&self) -> Option<&Hall> {
        // A reload may have taken the hall out; the appointment stays.
        self.snapshot.hall(self.shown.slot.hall.as_str()).ok()
    }

    fn may(&self, of: &Appointment, whole_party: bool, action: Action) -> bool {
        judge(of, self.citizen.person.key, whole_party, action, self.citizen.visit.now).is_ok()
    }

    fn done(&self, done: &Done) -> Markup {
        let text = self.text;
        let is = |asked: &Option<String>| asked.as_deref() == Some("1");
        let told = match self.status {
            Status::Booked if is(&done.new) => Some(("one-new", "one-new-hint")),
            Status::Booked | Status::Held if is(&done.moved) => Some(("one-moved", "one-moved-hint")),
            Status::Cancelled if is(&done.cancelled) => Some(("one-cancelled", "one-cancelled-hint")),
            _ => None,
        };
        html! {
            @if let Some((title, hint)) = told {
                div class="notice good" role="status" { h2 { (text.get(title)) } p { (text.get(hint)) } }
            }
            @if self.status == Status::Held {
                div class="notice warn" role="status" {
                    h2 { (text.get("one-held")) }
                    p { (text.get("one-held-hint")) }
                    div class="buttons" {
                        a class="button" href={ "/held/" (self.shown.id) } { (text.get("one-go-on")) }
                    }
                }
            }
        }
    }

    fn ticket(&self) -> Markup {
        let (text, shown) = (self.text, &self.shown);
        html! {
            article class="ticket" {
                h2 { (service_name(text, self.snapshot, shown.service)) }
                p { (badge(text, self.status)) }
                dl class="summary" {
                    div {
                        dt { (text.get("one-who")) }
                        dd { (shown.mask.name()) " " span class="muted n" { (shown.mask.id_number()) } }
                    }
                    (Wanted::of(shown).place(text, self.snapshot))
                    @if let Some(hall) = self.hall() { (self.reaching(hall)) }
                }
                (self.actions())
                @if matches!(self.status, Status::Booked | Status::CheckedIn) { (self.stub()) }
            }
        }
    }

    /// What is shown at the hall.
    fn stub(&self) -> Markup {
        let (text, code) = (self.text, self.shown.code);
        html! {
            div class="stub" {
                p class="hint" { (text.get("one-code")) }
                p class="code" translate="no" { (in_halves(code)) }
                figure class="qr" {
                    (qr::of(&code.to_string(), &text.get("one-qr")))
                    figcaption { (text.get("one-code-hint")) }
                }
            }
        }
    }

    /// How to get to a hall, and whom to call.
    fn reaching(&self, hall: &Hall) -> Markup {
        let text = self.text;
        let place = format!("geo:{},{}", hall.location.lat, hall.location.lon);
        html! {
            div {
                dt { (text.get("one-address")) }
                @match &hall.address {
                    Some(address) => dd lang=[text.foreign(address)] { (address) },
                    None => dd { (text.pick(&hall.name)) },
                }
                dd class="action" { a href=(place) { (text.get("one-route")) } }
            }
            @if let Some(phone) = &hall.phone {
                div {
                    dt { (text.get("one-phone")) }
                    dd { (phone) }
                    dd class="action" { a href={ "tel:" (phone) } { (text.get("one-call")) } }
                }
            }
        }
    }

    fn actions(&self) -> Markup {
        let (text, id) = (self.text, self.shown.id);
        html! {
            div class="buttons" {
                @if self.status == Status::Booked {
                    a class="button second" href={ "/appointments/" (id) "/calendar.ics" } { (text.get("one-calendar")) }
                    button class="button second only-script" type="button" data-print { (text.get("one-print")) }
                }
                @if self.may(&self.shown, false, Action::Reschedule) {
                    a class="button second" href={ "/appointments/" (id) "/move" } { (text.get("one-move")) }
                }
                @if self.may(&self.shown, false, Action::Cancel) {
                    a class="button quiet" href={ "/appointments/" (id) "/cancel" } { (text.get("one-cancel")) }
                }
                @if matches!(self.status, Status::Cancelled | Status::Expired | Status::NoShow) {
                    a class="button" href="/" { (text.get("own-book")) }
                }
            }
        }
    }

    /// What to bring, while there is something to come for.
    fn bringing(&self) -> Markup {
        let text = self.text;
        let service = self.snapshot.service(self.shown.service.as_str()).ok();
        html! {
            @if let Some(service) = service.filter(|_| matches!(self.status, Status::Held | Status::Booked)) {
                section class="card" {
                    h2 { (text.get("one-bring")) }
                    ul class="plain" { @for item in bringing::items(text, service) { li { (item) } } }
                    dl class="facts" {
                        @for (label, fact) in bringing::facts(text, service) { div { dt { (label) } dd { (fact) } } }
                    }
                }
            }
        }
    }

    /// The others of the party, and what can be done for all of them.
    fn company(&self) -> Markup {
        let (text, now, id) = (self.text, self.citizen.visit.now, self.shown.id);
        let is_active = |member: &&Appointment| member.status_at(now).is_active();
        let is_shared = self.party.iter().filter(is_active).count() > 1;
        html! {
            @if self.party.len() > 1 {
                section class="card" {
                    h2 { (text.get("one-party")) }
                    dl class="summary" { @for member in &self.party { (self.member(member)) } }
                    @if is_shared {
                        div class="buttons" {
                            @if self.may(&self.shown, true, Action::Reschedule) {
                                a class="button second" href={ "/appointments/" (id) "/move" (query(true)) } {
                                    (text.get("one-move-all"))
                                }
                            }
                            @if self.may(&self.shown, true, Action::Cancel) {
                                a class="button quiet" href={ "/appointments/" (id) "/cancel" (query(true)) } {
                                    (text.get("one-cancel-all"))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn member(&self, member: &Appointment) -> Markup {
        let text = self.text;
        html! {
            div {
                dt { (member.mask.name()) " " span class="n" { (member.mask.id_number()) } }
                dd {
                    (badge(text, member.status_at(self.citizen.visit.now)))
                    @if member.slot != self.shown.slot { " " (super::slot::day_and_time(text, &member.slot)) }
                }
                dd class="action" {
                    @if member.id == self.shown.id { span class="muted" { (text.get("one-this")) } } @else {
                        a href={ "/appointments/" (member.id) } {
                            (text.get("own-show")) span class="visually-hidden" { " " (member.mask.name()) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_in_halves() {
        assert_eq!(in_halves("K7QX2M9F".parse().unwrap()), "K7QX 2M9F");
    }
}
