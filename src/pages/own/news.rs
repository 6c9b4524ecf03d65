//! What a person must be told about the own appointments: that a configuration has closed what they were booked for, or that
//! somebody has changed them. It stands on the ticket, the list and the start page.
//!
//! What a configuration closed follows from the one in force, so it is said for as long as it is so. A change is said until
//! its person presses that it has been seen; looking at it is not that. Staff's changes are known to the engine for a day,
//! and to a browser that showed the appointment before ([`known`](crate::pages::own::known)) for as long as it is to come.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::known::Known;
use super::party::{called, is_over, judge, query};
use crate::app::access::person::{Person, appointment_id};
use crate::app::changes;
use crate::app::state::App;
use crate::domain::appointment::{Action, Appointment, AppointmentId, Slot, Status};
use crate::domain::snapshot::Snapshot;
use crate::engine::{Engine, Misfit};
use crate::pages::finding::slot::{day_and_time, hall_name};
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::help;
use crate::pages::kit::redirect::{own_path, percent, see_other};
use crate::pages::kit::visitor::Visit;
use crate::pages::text::Text;
use crate::serve::problem::Problem;

/// How many of a person's newest appointments are looked at.
const LOOKED_AT: usize = 256;
/// How many appointments one press says to have been seen.
const MAX_SEEN: usize = 16;
/// Where the press goes.
const SEEN: &str = "/appointments/seen";

/// What has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    /// The configuration in force has no room for it.
    Misfit(Misfit),
    /// It was in this slot.
    Moved { was: Slot, by_staff: bool },
    /// It was cancelled.
    Gone { by_staff: bool },
}

/// One piece of news, and those of a party whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    what: What,
    about: Vec<Appointment>,
}

/// All that a person must be told.
pub struct News<'a> {
    visit: &'a Visit,
    person: &'a Person,
    pieces: Vec<Piece>,
    brought: Known,
    known: Known,
}

impl<'a> News<'a> {
    /// What this person must be told now.
    #[must_use]
    pub fn of(app: &App, engine: &Engine, visit: &'a Visit, person: &'a Person, headers: &HeaderMap) -> Self {
        let brought = Known::brought(app.sealer(), person.key, headers);
        let mut known = brought.clone();
        let mut looked_at = engine.of_person(person.key, None, LOOKED_AT);
        looked_at.retain(|appointment| !is_over(appointment, visit.now));
        known.keep_only(|id| looked_at.iter().any(|appointment| appointment.id == id));
        let mut pieces = Vec::new();
        for appointment in looked_at.iter().rev() {
            for what in told_of(engine, person, appointment, &mut known, visit.now) {
                add(&mut pieces, what, appointment);
            }
        }
        Self { visit, person, pieces, brought, known }
    }

    /// Lets the browser remember what it has shown.
    pub fn keep(&self, app: &App, headers: &mut HeaderMap) {
        self.known.keep(app.sealer(), self.person.key, headers, &self.brought);
    }

    /// Why an appointment does not fit the configuration in force; none where it does.
    #[must_use]
    pub fn misfit(&self, id: AppointmentId) -> Option<&Misfit> {
        let about = self.pieces.iter().filter(|piece| piece.about.iter().any(|one| one.id == id));
        about.into_iter().find_map(|piece| match &piece.what {
            What::Misfit(misfit) => Some(misfit),
            What::Moved { .. } | What::Gone { .. } => None,
        })
    }

    /// Whether an appointment was changed by somebody, which has not been seen.
    #[must_use]
    pub fn is_changed(&self, id: AppointmentId) -> bool {
        let is_change = |piece: &&Piece| !matches!(piece.what, What::Misfit(_));
        self.pieces.iter().filter(is_change).any(|piece| piece.about.iter().any(|one| one.id == id))
    }

    /// Everything as banners.
    #[must_use]
    pub fn banners(&self, snapshot: &Snapshot) -> Markup {
        self.banners_about(snapshot, |_| true)
    }

    /// What is about some appointments, as banners.
    #[must_use]
    pub fn banners_about(&self, snapshot: &Snapshot, is_meant: impl Fn(&Appointment) -> bool) -> Markup {
        let pieces = self.pieces.iter().filter(|piece| piece.about.iter().any(&is_meant));
        html! { @for piece in pieces { (self.banner(snapshot, piece)) } }
    }

    fn banner(&self, snapshot: &Snapshot, piece: &Piece) -> Markup {
        let text = self.visit.text;
        let hall = snapshot.hall(piece.about[0].slot.hall.as_str()).ok();
        let phone = hall.and_then(|hall| hall.phone.as_deref());
        html! {
            section class="notice warn news" {
                h2 { (headline(text, &piece.what)) }
                (self.whose(piece))
                @match &piece.what {
                    What::Misfit(misfit) => {
                        p { strong { (at(text, snapshot, &piece.about[0].slot)) } }
                        p { (misfit_words(text, misfit, phone)) }
                        @if *misfit == Misfit::NoService { p { (help::questions(text, phone)) } }
                        div class="buttons" { (self.ways(piece)) }
                    }
                    What::Moved { was, .. } => {
                        (was_and_is(text, snapshot, was, &piece.about[0].slot))
                        p { (text.get("news-calendar-again")) }
                        div class="buttons" {
                            (self.seen(piece))
                            a class="button second" href={ "/appointments/" (piece.about[0].id) "/calendar.ics" } {
                                (text.get("one-calendar"))
                            }
                            (self.ways(piece))
                        }
                    }
                    What::Gone { .. } => {
                        p { strong { (at(text, snapshot, &piece.about[0].slot)) } }
                        p { (text.get("news-gone-hint")) }
                        p { (help::questions(text, phone)) }
                        div class="buttons" {
                            (self.seen(piece))
                            a class="button second" href="/" { (text.get("own-book")) }
                        }
                    }
                }
            }
        }
    }

    /// Whom it is about, unless that is only who reads it.
    fn whose(&self, piece: &Piece) -> Markup {
        let text = self.visit.text;
        let only_own = matches!(piece.about[..], [Appointment { applicant, .. }] if applicant == self.person.key);
        let names: Vec<String> = piece.about.iter().map(|one| called(text, self.person, one)).collect();
        html! { @if !only_own { p { (names.join(&text.get("news-and"))) } } }
    }

    /// What can be done about it.
    fn ways(&self, piece: &Piece) -> Markup {
        let (text, first, now) = (self.visit.text, &piece.about[0], self.visit.now);
        let whole_party = piece.about.len() > 1;
        let may = |action| judge(first, self.person.key, whole_party, action, now).is_ok();
        let no_way_to_move = matches!(piece.what, What::Misfit(Misfit::NoService));
        let class = if matches!(piece.what, What::Misfit(_)) { "button" } else { "button second" };
        html! {
            @if !no_way_to_move && may(Action::Reschedule) {
                a class=(class) href={ "/appointments/" (first.id) "/move" (query(whole_party)) } { (text.get("one-move")) }
            }
            @if matches!(piece.what, What::Misfit(_)) && may(Action::Cancel) {
                a class="button quiet" href={ "/appointments/" (first.id) "/cancel" (query(whole_party)) } {
                    (text.get("one-cancel"))
                }
            }
        }
    }

    fn seen(&self, piece: &Piece) -> Markup {
        let seen: Vec<String> = piece.about.iter().map(|one| format!("{}:{}", one.id, one.revision)).collect();
        html! {
            form method="post" action=(SEEN) data-once {
                (self.visit.csrf())
                input type="hidden" name="seen" value=(seen.join(","));
                input type="hidden" name="next" value=(self.visit.here);
                button class="button" { (self.visit.text.get("news-seen")) }
            }
        }
    }
}

/// What a person who is signed in must be told, above a page that is about something else.
#[must_use]
pub fn above(app: &App, engine: &Engine, visit: &Visit, headers: &HeaderMap) -> Markup {
    let Some(person) = &visit.person else { return html! {} };
    News::of(app, engine, visit, person, headers).banners(&engine.snapshot())
}

/// `POST /appointments/seen` with `seen=ID:REVISION,…`: the person knows.
///
/// # Errors
/// `read_only` and `overloaded`: then it is told again.
pub async fn seen(State(app): State<App>, headers: HeaderMap, filled: Filled) -> Result<Response, Problem> {
    let visit = &filled.visit;
    let Some(person) = &visit.person else {
        return Ok(see_other(&format!("/sign-in?next={}", percent("/appointments"))));
    };
    let brought = Known::brought(app.sealer(), person.key, &headers);
    let mut known = brought.clone();
    for (id, revision) in filled.raw("seen").split(',').filter_map(read_seen).take(MAX_SEEN) {
        // What has changed since is news again.
        let Some(found) = changes::seen(&app, person, id, revision).await? else { continue };
        if found.status == Status::Cancelled { known.forget(id) } else { known.learn(&found) }
    }
    let mut response = see_other(&own_path(filled.get("next"), "/appointments"));
    known.keep(app.sealer(), person.key, response.headers_mut(), &brought);
    Ok(response)
}

/// `GET /appointments/seen`: nothing is shown here.
pub async fn nothing_to_see() -> Response {
    see_other("/appointments")
}

fn read_seen(text: &str) -> Option<(AppointmentId, u32)> {
    let (id, revision) = text.split_once(':')?;
    Some((appointment_id(id)?, revision.parse().ok()?))
}

/// What is to be told of one appointment; what is known of it afterwards is what this page shows.
fn told_of(
    engine: &Engine,
    person: &Person,
    appointment: &Appointment,
    known: &mut Known,
    now: DateTime<Utc>,
) -> Vec<What> {
    let status = appointment.status_at(now);
    if !matches!(status, Status::Held | Status::Booked | Status::Cancelled) {
        known.forget(appointment.id);
        return Vec::new();
    }
    let by_staff = engine.unseen_change(appointment, person.key);
    let shown = known.of(appointment.id).copied();
    let was = by_staff.map(|change| (change.was, true)).or(shown.map(|shown| (shown.slot, shown.by_staff)));
    let mut told = Vec::new();
    match (status, was) {
        (Status::Cancelled, None) => {}
        (Status::Cancelled, Some((was, by_staff))) => {
            known.remember(appointment.id, was, by_staff);
            told.push(What::Gone { by_staff });
        }
        (_, Some((was, by_staff))) if was != appointment.slot => {
            known.remember(appointment.id, was, by_staff);
            told.push(What::Moved { was, by_staff });
        }
        (Status::Booked, _) => known.learn(appointment),
        _ => known.forget(appointment.id),
    }
    if status != Status::Cancelled {
        told.extend(engine.misfit_of(appointment, now).map(What::Misfit));
    }
    told
}

/// Adds a piece of news, to what others of the party are told already where it is the same.
fn add(pieces: &mut Vec<Piece>, what: What, appointment: &Appointment) {
    let is_same = |piece: &&mut Piece| {
        let first = &piece.about[0];
        piece.what == what && (first.party, first.slot) == (appointment.party, appointment.slot)
    };
    match pieces.iter_mut().find(is_same) {
        Some(piece) => {
            piece.about.push(*appointment);
            piece.about.sort_by_key(|one| one.position);
        }
        None => pieces.push(Piece { what, about: vec![*appointment] }),
    }
}

fn headline(text: Text, what: &What) -> String {
    text.get(match what {
        What::Misfit(_) => "news-misfit",
        What::Moved { by_staff: true, .. } => "news-moved-by-staff",
        What::Moved { by_staff: false, .. } => "news-moved",
        What::Gone { by_staff: true } => "news-gone-by-staff",
        What::Gone { by_staff: false } => "news-gone",
    })
}

fn at(text: Text, snapshot: &Snapshot, slot: &Slot) -> String {
    format!("{} {}", day_and_time(text, slot), hall_name(text, snapshot, slot))
}

/// Old and new, and what of the new one is easily overlooked.
fn was_and_is(text: Text, snapshot: &Snapshot, was: &Slot, is: &Slot) -> Markup {
    html! {
        dl class="facts" {
            div { dt { (text.get("news-is")) } dd { strong { (at(text, snapshot, is)) } } }
            div { dt { (text.get("news-was")) } dd { del { (at(text, snapshot, was)) } } }
        }
        @if (is.date, is.start) < (was.date, was.start) { p { strong { (text.get("news-earlier")) } } }
        @if is.hall != was.hall { p { strong { (text.get("news-other-hall")) } } }
    }
}

/// Why an appointment cannot stay as it is, and what to do; `phone` is the hall's, if it has one.
fn misfit_words(text: Text, misfit: &Misfit, phone: Option<&str>) -> String {
    match misfit {
        Misfit::NoHall => text.get("misfit-no-hall"),
        Misfit::Holiday(name) => text.with("misfit-holiday", &[("name", name.as_str().into())]),
        Misfit::Closed(Some(reason)) => {
            let reason = reason.trim_end_matches(['。', '.']);
            text.with("misfit-closed-because", &[("reason", reason.into())])
        }
        Misfit::Closed(None) => text.get("misfit-closed"),
        Misfit::NoService => text.get("misfit-no-service"),
        Misfit::NotInLane => text.get("misfit-not-in-lane"),
        Misfit::OtherZone(_) => text.get("misfit-other-zone"),
        Misfit::NoBand(start, end) => text.with("misfit-no-band", &[("time", text.span(*start, *end).into())]),
        Misfit::FewerPlaces(_) => match phone {
            Some(phone) => text.with("misfit-fewer-places-call", &[("phone", phone.into())]),
            None => text.get("misfit-fewer-places"),
        },
    }
}

/// Whether the hall does not serve anybody then, so that the code is of no use.
#[must_use]
pub const fn is_closed(misfit: &Misfit) -> bool {
    matches!(misfit, Misfit::NoHall | Misfit::Holiday(_) | Misfit::Closed(_) | Misfit::NoService)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::samples;
    use crate::domain::wall::WallTime;

    #[test]
    fn a_party_is_told_once_what_is_the_same_for_all() {
        let member = |position: u8, start: WallTime| {
            let held = samples::held();
            let id = AppointmentId(uuid::Uuid::from_u128(u128::from(position)));
            Appointment { id, position, slot: Slot { start, ..held.slot }, ..held }
        };
        let (nine, ten) = (WallTime::hm(9, 0), WallTime::hm(10, 0));
        let mut pieces = Vec::new();
        let moved = |start| What::Moved { was: member(0, start).slot, by_staff: true };
        add(&mut pieces, moved(nine), &member(0, ten));
        add(&mut pieces, moved(nine), &member(1, ten));
        add(&mut pieces, What::Gone { by_staff: true }, &member(2, ten));
        add(&mut pieces, moved(nine), &member(3, nine));
        let counts: Vec<usize> = pieces.iter().map(|piece| piece.about.len()).collect();
        assert_eq!(counts, [2, 1, 1]);
    }

    #[test]
    fn what_a_press_says_is_read() {
        let id = samples::held().id;
        assert_eq!(read_seen(&format!("{id}:3")), Some((id, 3)));
        for text in ["", ":", "x:1", &format!("{id}"), &format!("{id}:"), &format!("{id}:-1")] {
            assert_eq!(read_seen(text), None, "{text:?}");
        }
    }
}
