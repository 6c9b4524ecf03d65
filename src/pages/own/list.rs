//! `GET /appointments`: what was booked by or for a person: on the first page what is to come, by its day, then and on the
//! pages after it what is over, the newest first.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::cancelling::RELEASE;
use super::news::News;
use super::party::{called, is_over, query};
use crate::app::access::person::Person;
use crate::app::input::booking::MAX_PARTY;
use crate::app::input::fields::Fields;
use crate::app::state::App;
use crate::domain::appointment::{Appointment, Status};
use crate::domain::snapshot::Snapshot;
use crate::pages::booking::countdown::until;
use crate::pages::finding::slot::{day_and_time, hall_name, service_name};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::visitor::{Citizen, Visit};
use crate::pages::text::Text;
use crate::serve::problem::Problem;
use crate::serve::read::cursor;
use crate::serve::read::query::Query;

/// How many appointments a page has, but for the rest of a party that began on it.
const PAGE: usize = 20;

/// How many of a person's newest appointments are looked at for what is to come: one that was made before all of these
/// stands on the page of its time.
const LOOKED_AT: usize = 256;

/// Which page.
#[derive(Deserialize)]
pub struct Asked {
    cursor: Option<String>,
}

/// Members of a party in one slot.
type Group = Vec<Appointment>;

/// The page.
///
/// # Errors
/// `invalid_field` where the cursor is none of ours.
pub async fn page(
    State(app): State<App>,
    citizen: Citizen,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Citizen { visit, person } = &citizen;
    let mut fields = Fields::default();
    let before = fields.read(format_args!("/cursor"), asked.cursor.as_deref(), cursor::read);
    fields.finish(Some(()))?;
    let engine = app.engine()?;
    let mut awaited = engine.of_person(person.key, None, LOOKED_AT);
    awaited.retain(|appointment| is_coming(appointment, visit.now));
    let mut found = engine.of_person(person.key, before, PAGE + MAX_PARTY as usize + 1);
    let end = end_of_page(&found);
    let next = (end < found.len()).then(|| cursor::after(found[end - 1].id));
    found.truncate(end);
    found.retain(|appointment| awaited.iter().all(|awaited| awaited.id != appointment.id));
    if before.is_none() {
        found.extend(awaited);
    }
    let (coming, past) = grouped(found, visit.now);
    let (text, snapshot) = (visit.text, engine.snapshot());
    let news = News::of(&app, engine, visit, person, &headers);
    let list = List { visit, person, snapshot: &snapshot, news: &news };
    let mut response = Frame::citizens(visit, text.get("own-title")).page(&html! {
        (news.banners(&snapshot))
        @if coming.is_empty() && past.is_empty() && before.is_none() {
            p class="lead" { (text.get("own-none")) }
        }
        (list.markup("own-coming", &coming))
        (list.markup("own-past", &past))
        div class="buttons" {
            a class="button" href="/" { (text.get("own-book")) }
            @if let Some(next) = &next {
                a class="button second" href={ "/appointments?cursor=" (next) } rel="next" { (text.get("own-older")) }
            }
            @if before.is_some() { a class="button quiet" href="/appointments" { (text.get("own-newest")) } }
        }
    });
    news.keep(&app, response.headers_mut());
    Ok(response)
}

/// Where a page ends: no party is torn.
fn end_of_page(found: &[Appointment]) -> usize {
    let mut end = found.len().min(PAGE);
    while end > 0 && end < found.len() && found[end].party == found[end - 1].party {
        end += 1;
    }
    end
}

/// What is to come, the next first, and what is over, the last first; members of a party in one slot together.
fn grouped(found: Vec<Appointment>, now: DateTime<Utc>) -> (Vec<Group>, Vec<Group>) {
    let mut groups: Vec<Group> = Vec::new();
    for appointment in found {
        let is_with = |other: &Appointment| {
            (other.party, other.slot) == (appointment.party, appointment.slot)
                && is_coming(other, now) == is_coming(&appointment, now)
        };
        match groups.iter_mut().find(|group| group.iter().any(is_with)) {
            Some(group) => group.push(appointment),
            None => groups.push(vec![appointment]),
        }
    }
    for group in &mut groups {
        group.sort_by_key(|member| member.position);
    }
    let (mut coming, mut past): (Vec<Group>, Vec<Group>) =
        groups.into_iter().partition(|group| is_coming(&group[0], now));
    coming.sort_by_key(|group| group[0].starts_at);
    past.sort_by_key(|group| std::cmp::Reverse(group[0].starts_at));
    (coming, past)
}

/// Whether somebody is still awaited or in the hall, and the band is not over.
fn is_coming(appointment: &Appointment, now: DateTime<Utc>) -> bool {
    appointment.status_at(now).is_active() && !is_over(appointment, now)
}

/// The cards of a list.
struct List<'a> {
    visit: &'a Visit,
    person: &'a Person,
    snapshot: &'a Snapshot,
    news: &'a News<'a>,
}

impl List<'_> {
    fn markup(&self, title: &str, groups: &[Group]) -> Markup {
        html! {
            @if !groups.is_empty() {
                h2 { (self.visit.text.get(title)) }
                ol class="cards" { @for group in groups { (self.card(group)) } }
            }
        }
    }

    fn card(&self, group: &[Appointment]) -> Markup {
        let (text, first) = (self.visit.text, &group[0]);
        html! {
            li class="card" {
                h3 { (day_and_time(text, &first.slot)) }
                p {
                    (service_name(text, self.snapshot, first.service)) br;
                    (hall_name(text, self.snapshot, &first.slot))
                }
                dl class="summary" { @for member in group { (self.member(member)) } }
                @if first.status_at(self.visit.now) == Status::Held {
                    p { strong { (text.with("details-kept-until", &[("time", until(first).into())])) } }
                }
                (self.ways(group))
            }
        }
    }

    fn member(&self, member: &Appointment) -> Markup {
        let (text, news) = (self.visit.text, self.news);
        html! {
            div {
                dt { (called(text, self.person, member)) }
                dd {
                    (badge(text, member.status_at(self.visit.now)))
                    @if news.misfit(member.id).is_some() { " " span class="badge warn" { (text.get("own-misfit")) } }
                    @if news.is_changed(member.id) { " " span class="badge warn" { (text.get("own-changed")) } }
                }
            }
        }
    }

    /// Where a group goes on: to its ticket; a hold has still to be confirmed, or is let go by one press.
    fn ways(&self, group: &[Appointment]) -> Markup {
        let (text, first) = (self.visit.text, &group[0]);
        let whole_party = group.len() > 1 && first.made_by == self.person.key;
        let which = html! { span class="visually-hidden" { " " (day_and_time(text, &first.slot)) } };
        html! {
            div class="buttons" {
                @if first.status_at(self.visit.now) == Status::Held {
                    a class="button" href={ "/held/" (first.id) } { (text.get("own-go-on")) (which) }
                    form method="post" action={ "/appointments/" (first.id) "/cancel" (query(whole_party)) } data-once {
                        (self.visit.csrf())
                        button class="button quiet" name="do" value=(RELEASE) { (text.get("one-release")) (which) }
                    }
                } @else {
                    a class="button second" href={ "/appointments/" (first.id) } { (text.get("own-show")) (which) }
                }
            }
        }
    }
}

/// Where an appointment stands in its life, as a badge.
#[must_use]
pub fn badge(text: Text, status: Status) -> Markup {
    let word = text.get(&format!("own-status-{}", status.as_str().replace('_', "-")));
    html! { span class={ "badge status-" (status.as_str()) } { (word) } }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;
    use crate::domain::appointment::{AppointmentId, PartyId, samples};

    /// Appointments of one party, newest first.
    fn party(number: u128, members: u8) -> Vec<Appointment> {
        let held = samples::held();
        let member = |position| Appointment {
            id: AppointmentId(Uuid::from_u128(number << 8 | u128::from(position))),
            party: PartyId(Uuid::from_u128(number)),
            position,
            status: Status::Booked,
            expires_at: None,
            ..held
        };
        (0..members).rev().map(member).collect()
    }

    #[test]
    fn no_party_is_torn_by_the_end_of_a_page() {
        let found: Vec<Appointment> = (1..10).rev().flat_map(|number| party(number, 3)).collect();
        assert_eq!(end_of_page(&found), 21);
        assert_eq!(end_of_page(&found[..5]), 5);
        assert_eq!(end_of_page(&[]), 0);
    }

    #[test]
    fn what_is_to_come_stands_apart_and_parties_together() {
        let mut found = party(2, 3);
        found.extend(party(1, 1));
        found[0].status = Status::Cancelled;
        let now = found[0].created_at;
        let sizes = |groups: &[Group]| groups.iter().map(Vec::len).collect::<Vec<_>>();
        let (coming, past) = grouped(found.clone(), now);
        assert_eq!((sizes(&coming), sizes(&past)), (vec![2, 1], vec![1]));
        assert_eq!(coming[0].iter().map(|member| member.position).collect::<Vec<_>>(), [0, 1]);
        let (coming, past) = grouped(found, samples::held().starts_at.to_utc() + TimeDelta::minutes(30));
        assert_eq!((sizes(&coming), sizes(&past)), (vec![], vec![3, 1]), "the band is over");
    }
}
