//! `GET /appointments/{id}` and `GET /appointments/{id}/calendar.ics`: what was booked, as a ticket to be shown at the hall.
//!
//! Those of a party who come to the same slot have one ticket, with one code that checks all of them in.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::cancelling::RELEASE;
use super::news::{News, is_closed};
use super::party::{count, is_over, judge, members, query};
use super::ticket::{Ticket, code_of, in_groups};
use crate::app::access::person::Person;
use crate::app::calendar_file;
use crate::app::calendar_file::{Edition, Told};
use crate::app::state::App;
use crate::domain::appointment::{Action, Appointment, Status};
use crate::domain::hall::Hall;
use crate::domain::service::Service;
use crate::domain::shown_code::ShownCode;
use crate::domain::snapshot::Snapshot;
use crate::pages::booking::countdown;
use crate::pages::booking::countdown::Around;
use crate::pages::finding::documents_to_bring;
use crate::pages::finding::documents_to_bring::Audience;
use crate::pages::finding::slot::{Wanted, service_name};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::visitor::Citizen;
use crate::pages::kit::{help, refusals};
use crate::pages::text::Text;
use crate::serve::problem::Problem;
use crate::serve::read::address::address_of;
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// What has just been done, or could not be done.
#[derive(Deserialize)]
pub struct Done {
    new: Option<String>,
    moved: Option<String>,
    unchanged: Option<String>,
    cancelled: Option<String>,
    released: Option<String>,
    /// `move` or `cancel`: it was too late for that.
    late: Option<String>,
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
    news: News<'a>,
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
    headers: HeaderMap,
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
        news: News::of(&app, engine, &citizen.visit, &citizen.person, &headers),
    };
    let mut response = scene.page(&done);
    scene.news.keep(&app, response.headers_mut());
    Ok(response)
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
    let (snapshot, text, now) = (engine.snapshot(), citizen.visit.text, citizen.visit.now);
    let party = members(engine, citizen.person.key, &shown);
    let code = code_of(&on_ticket(&party, &shown, now).0, &shown);
    let audience = audience(&citizen.person, &party, &shown, snapshot.hall(shown.slot.hall.as_str()).ok());
    let languages = text.0.wishes();
    let edition = Edition { snapshot: &snapshot, in_force_since: app.loaded().in_force_since, now };
    let told = Told {
        lines: calendar_lines(text, snapshot.service(shown.service.as_str()).ok(), code, &audience),
        link: address_of(&headers, &format!("/appointments/{}", shown.id)),
    };
    let file = calendar_file::of(&shown, edition, languages, &told);
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"appointment-{}.ics\"", shown.code)),
    ];
    Ok((headers, file).into_response())
}

/// What a calendar reminds of, a line each: the code of the ticket, and what to bring as the ticket says it.
fn calendar_lines(text: Text, service: Option<&Service>, code: ShownCode, audience: &Audience) -> Vec<String> {
    let code = text.with("calendar-code", &[("code", in_groups(code).into())]);
    let bring = service.map_or_else(Vec::new, |service| documents_to_bring::items(text, service, audience));
    let bring = bring.iter().map(|item| text.with("calendar-item", &[("item", item.as_str().into())]));
    std::iter::once(code).chain(bring).collect()
}

/// Where in its life an appointment is, as far as a ticket goes: to be confirmed, to be shown, or over.
const fn stage(status: Status) -> u8 {
    match status {
        Status::Held => 0,
        Status::Booked | Status::CheckedIn | Status::Served | Status::NoShow => 1,
        Status::Cancelled | Status::Expired => 2,
    }
}

/// The members of a party who have one ticket with an appointment, and the others.
fn on_ticket(party: &[Appointment], shown: &Appointment, now: DateTime<Utc>) -> (Vec<Appointment>, Vec<Appointment>) {
    let is_on =
        |member: &Appointment| member.slot == shown.slot && stage(member.status_at(now)) == stage(shown.status_at(now));
    party.iter().copied().partition(is_on)
}

/// For whom the list of what to bring is: of others only the masks are known, so a list for a party is for anybody.
fn audience(person: &Person, party: &[Appointment], shown: &Appointment, hall: Option<&Hall>) -> Audience {
    let is_alone = party.len() == 1 && shown.applicant == person.key;
    let own = is_alone.then(|| person.applicant.id_number.birth_date());
    Audience::anybody(hall).aged(own, shown.slot.date)
}

impl Scene<'_> {
    fn page(&self, done: &Done) -> Response {
        let (on_ticket, others) = on_ticket(&self.party, &self.shown, self.citizen.visit.now);
        let ticket = Ticket {
            visit: &self.citizen.visit,
            person: &self.citizen.person,
            snapshot: self.snapshot,
            shown: self.shown,
            members: on_ticket,
            shows_code: self.shows_code(),
            // What can be done then stands in the banner.
            has_actions: !self.is_closed(),
        };
        let is_awaited = matches!(self.status, Status::Held | Status::Booked) && !self.is_closed();
        let (title, hint) = self.title(done);
        Frame::citizens(&self.citizen.visit, title).back("/appointments").errors(self.late(done)).page(&html! {
            @if let Some(hint) = hint {
                p .lead .good[self.status == Status::Booked && done.unchanged.is_none()] role="status" { (hint) }
            }
            (self.news.banners_about(self.snapshot, |one| self.party.iter().any(|member| member.id == one.id)))
            (self.held())
            (ticket.markup())
            @if is_awaited { (self.bringing()) }
            @if is_awaited && self.status == Status::Booked { (self.what_next()) }
            (self.others(&others, &ticket))
            (help::section(&self.citizen.visit, self.hall()))
        })
    }

    fn hall(&self) -> Option<&Hall> {
        // A reload may have taken the hall out; the appointment stays.
        self.snapshot.hall(self.shown.slot.hall.as_str()).ok()
    }

    /// Whether there is somebody who would read the code.
    fn shows_code(&self) -> bool {
        matches!(self.status, Status::Booked | Status::CheckedIn) && !self.is_closed()
    }

    /// Whether nobody is served at the hall then.
    fn is_closed(&self) -> bool {
        self.news.misfit(self.shown.id).is_some_and(is_closed)
    }

    /// What happened, and what follows from it; else what this is.
    fn title(&self, done: &Done) -> (String, Option<String>) {
        let text = self.text;
        let is = |asked: &Option<String>| asked.as_deref() == Some("1");
        let is_news = self.news.is_changed(self.shown.id) || self.news.misfit(self.shown.id).is_some();
        let told = match self.status {
            Status::Booked if is(&done.new) && !is_news => Some(("one-new", "one-new-hint")),
            Status::Booked if is(&done.moved) && !is_news => Some(("one-moved", "one-moved-hint")),
            Status::Booked if is(&done.unchanged) => Some(("one-unchanged", "one-unchanged-hint")),
            Status::Cancelled | Status::Expired if is(&done.released) => Some(("one-released", "one-released-hint")),
            Status::Cancelled if is(&done.cancelled) => Some(("one-cancelled", "one-cancelled-hint")),
            _ => None,
        };
        if let Some((title, hint)) = told {
            return (text.get(title), Some(text.get(hint)));
        }
        let service = service_name(text, self.snapshot, self.shown.service);
        (text.with("one-title", &[("service", service.into())]), None)
    }

    /// Why something could not be done: it is said by how things stand now.
    fn late(&self, done: &Done) -> Markup {
        let action = match done.late.as_deref() {
            Some("move") => Action::Reschedule,
            Some("cancel") => Action::Cancel,
            _ => return html! {},
        };
        let person = self.citizen.person.key;
        let Err(rejection) = judge(&self.shown, person, false, action, self.citizen.visit.now) else {
            return html! {};
        };
        html! {
            div class="notice warn" role="alert" tabindex="-1" { p { (refusals::rejection(self.text, &rejection)) } }
        }
    }

    fn held(&self) -> Markup {
        let (text, id) = (self.text, self.shown.id);
        let whole_party = self.shown.made_by == self.citizen.person.key && self.party.len() > 1;
        html! {
            @if self.status == Status::Held {
                // No live region: the clock in it changes every second.
                div class="notice warn" {
                    h2 { (text.get("one-held")) }
                    (countdown::countdown(text, &self.shown, Around::Words("one-held-hint"), self.citizen.visit.now))
                    div class="buttons" {
                        a class="button" href={ "/held/" (id) } { (text.get("one-go-on")) }
                        form method="post" action={ "/appointments/" (id) "/cancel" (query(whole_party)) } data-once {
                            (self.citizen.visit.csrf())
                            button class="button quiet" name="do" value=(RELEASE) { (text.get("one-release")) }
                        }
                    }
                }
            }
            @if matches!(self.status, Status::Cancelled | Status::Expired | Status::NoShow) {
                div class="buttons" {
                    a class="button" href=(self.again()) { (text.get("own-book")) }
                }
            }
        }
    }

    /// Where somebody goes on whose appointment is over: to the same day, where there is such a hall, for as many as were to
    /// come together.
    fn again(&self) -> String {
        let is_there = self.hall().is_some() && !is_over(&self.shown, self.citizen.visit.now);
        if !is_there {
            return "/".to_owned();
        }
        let is_alike = |member: &&Appointment| {
            member.slot == self.shown.slot && member.status_at(self.citizen.visit.now) == self.status
        };
        Wanted::of(&self.shown).others_for(count(self.party.iter().filter(is_alike).count()))
    }

    fn bringing(&self) -> Markup {
        let text = self.text;
        let Ok(service) = self.snapshot.service(self.shown.service.as_str()) else { return html! {} };
        let audience = audience(&self.citizen.person, &self.party, &self.shown, self.hall());
        html! {
            section class="card" {
                h2 { (text.get("one-bring")) }
                ul class="plain" { @for item in documents_to_bring::items(text, service, &audience) { li { (item) } } }
                dl class="facts" {
                    @for (label, fact) in documents_to_bring::facts(text, service, &audience) { div { dt { (label) } dd { (fact) } } }
                }
            }
        }
    }

    fn what_next(&self) -> Markup {
        let text = self.text;
        html! {
            section class="card" {
                h2 { (text.get("one-next")) }
                ol class="plain" {
                    @for step in ["one-next-arrive", "one-next-wait", "one-next-collect", "one-next-change"] {
                        li { (text.get(step)) }
                    }
                }
            }
        }
    }

    /// Members of the party who are not on this ticket.
    fn others(&self, others: &[Appointment], ticket: &Ticket<'_>) -> Markup {
        html! {
            @if !others.is_empty() {
                section class="card" {
                    h2 { (self.text.get("one-others")) }
                    dl class="summary" { @for member in others { (ticket.other(member)) } }
                }
            }
        }
    }
}
