//! `GET /staff/displaced/{id}`: free bands near the lost one, and the question whether to move there.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::PLACE;
use super::moving::Pressed;
use super::offers::{days_before, offered, offers};
use super::reason::reason;
use super::telephone;
use super::telephone::{OpenedTelephone, anchor, number_of};
use crate::app::desk;
use crate::app::desk::displaced::misfit;
use crate::app::state::App;
use crate::domain::appointment::{Action, Appointment};
use crate::domain::snapshot::Snapshot;
use crate::engine::{Caller, Engine, Misfit, judge_change};
use crate::pages::desk::hall_day::with_parameter;
use crate::pages::desk::names::service_name;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::redirect::own_path;
use crate::pages::kit::refusals;
use crate::pages::kit::visitor::Desk;
use crate::pages::office::city::hall_name;
use crate::pages::text::{Arg, Text};
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// Where to, as far as it is chosen, and where the list was.
#[derive(Deserialize)]
pub struct OneQuery {
    to: Option<String>,
    back: Option<String>,
    gone: Option<String>,
}

/// `GET /staff/displaced/{id}`: free bands near the lost one; with `to=HALL DATE START` the question whether to move there.
///
/// # Errors
/// `unknown_appointment`; `forbidden` for another hall's.
pub async fn one(
    State(app): State<App>,
    desk: Desk,
    Path(id): Path<String>,
    Query(query): Query<OneQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let appointment = desk::appointment(&app, &desk.staff(), &id)?;
    let back = own_path(query.back.as_deref(), PLACE);
    let page = Page { app: &app, desk: &desk, headers: &headers, one: &appointment, back: &back };
    match query.to.as_deref().and_then(Pressed::read) {
        Some(pressed) => page.ask(&pressed),
        None => page.choose(query.gone.is_some()),
    }
}

/// The pages about one of them.
struct Page<'a> {
    app: &'a App,
    desk: &'a Desk,
    headers: &'a HeaderMap,
    one: &'a Appointment,
    back: &'a str,
}

impl Page<'_> {
    fn path(&self) -> String {
        format!("{PLACE}/{}", self.one.id)
    }

    /// Why it no longer fits; none where it does.
    fn why(&self, engine: &Engine, snapshot: &Arc<Snapshot>) -> Option<Misfit> {
        misfit(engine, snapshot, self.one, self.desk.visit.now)
    }

    fn choose(&self, is_gone: bool) -> Result<Response, Problem> {
        let (text, engine) = (self.desk.visit.text, self.app.engine()?);
        let snapshot = engine.snapshot();
        let why = self.why(engine, &snapshot);
        let offers = match snapshot.service(self.one.service.as_str()) {
            Ok(service) if why.is_some() => offers(engine, self.desk, &snapshot, service, self.one),
            _ => Vec::new(),
        };
        let frame = Frame::staff(&self.desk.visit, text.get("displaced-one-title")).back(self.back);
        let (visit, here) = (&self.desk.visit, with_parameter(&self.path(), "back", self.back));
        let opened = OpenedTelephone::brought(self.app.sealer(), &self.desk.member.id, visit.now, self.headers);
        let number = number_of(text, self.one, opened.as_ref());
        let body = html! {
            @if is_gone {
                div class="notice bad" role="alert" { p { (text.get("displaced-gone")) } }
            }
            (about(text, &snapshot, self.one, why.as_ref(), why.is_some().then_some(&number)))
            @if why.is_none() { (why_not(text, &self.desk.caller(), self.one, self.desk.visit.now)) }
            @if why.is_some() {
                (telephone::form(visit, &here))
                @if offers.is_empty() {
                    div class="notice warn" { p { (text.get("displaced-no-offer")) } }
                } @else {
                    // Nothing is moved by this form: what is chosen is asked about first.
                    form method="get" action=(self.path()) {
                        input type="hidden" name="back" value=(self.back);
                        @for offer in &offers { (offered(text, offer, self.one)) }
                    }
                }
            }
        };
        Ok(telephone::shown(frame, opened.as_ref(), self.headers, &body))
    }

    /// The old time, the new one, what is worse about it, and the button that moves.
    fn ask(&self, to: &Pressed) -> Result<Response, Problem> {
        let (text, engine) = (self.desk.visit.text, self.app.engine()?);
        let snapshot = engine.snapshot();
        let hall = snapshot.hall(&to.hall)?;
        self.desk.judge_hall(hall.id)?;
        let why = self.why(engine, &snapshot);
        if why.is_none() {
            return self.choose(false);
        }
        let slot = &self.one.slot;
        let when = format!("{} {}", text.day(to.date), to.start);
        let back = with_parameter(&self.path(), "back", self.back);
        let frame = Frame::staff(&self.desk.visit, text.get("displaced-ask-title")).back(back.clone());
        Ok(frame.page(&html! {
            (about(text, &snapshot, self.one, why.as_ref(), None))
            h2 { (text.get("displaced-new")) }
            dl class="summary" {
                div { dt { (text.get("displaced-hall")) } dd { (text.pick(&hall.name)) } }
                div { dt { (text.get("displaced-when")) } dd { (when) } }
            }
            @if hall.id != slot.hall || to.date < slot.date {
                div class="notice warn" {
                    @if hall.id != slot.hall { p { (text.get("displaced-other-hall")) } }
                    @if let Some(days) = days_before(slot.date, to.date) { p { (text.with("displaced-earlier", &[("days", Arg::from(days))])) } }
                }
            }
            form method="post" action=(self.path()) data-once {
                (self.desk.visit.csrf())
                input type="hidden" name="back" value=(self.back);
                input type="hidden" name="to" value=(Pressed::value(hall, to.date, to.start));
                div class="buttons" {
                    button class="button" name="sure" value="yes" { (text.get("displaced-sure")) }
                    a class="button second" href=(back) { (text.get("displaced-choose-other")) }
                }
            }
        }))
    }
}

fn about(
    text: Text,
    snapshot: &Snapshot,
    appointment: &Appointment,
    why: Option<&Misfit>,
    number: Option<&Markup>,
) -> Markup {
    let slot = &appointment.slot;
    let line = |key: &str, value: &str| html! { div { dt { (text.get(key)) } dd { (value) } } };
    let who = format!("{} {}", appointment.mask.name(), appointment.mask.id_number());
    let when = format!("{} {}", text.day(slot.date), text.span(slot.start, slot.end));
    html! {
        dl class="summary" {
            (line("displaced-who", &who))
            @if let Some(number) = number {
                div id=(anchor(appointment)) { dt { (text.get("displaced-telephone")) } dd class="acts" { (number) } }
            }
            (line("displaced-service", &service_name(text, snapshot, appointment.service.as_str())))
            (line("displaced-hall", &hall_name(text, snapshot, slot.hall)))
            (line("displaced-when", &when))
            @if let Some(why) = why { (line("displaced-reason", &reason(text, why))) }
        }
    }
}

/// Why an appointment is not moved here: it has ended or begun, or it fits.
fn why_not(text: Text, caller: &Caller, appointment: &Appointment, now: DateTime<Utc>) -> Markup {
    let refused = judge_change(caller, appointment, false, Action::Reschedule, now).err();
    html! {
        @if let Some(refused) = refused {
            div class="notice warn" { p { (refusals::rejection(text, &refused)) } }
        } @else {
            div class="notice good" { p { (text.get("displaced-fits")) } }
        }
    }
}
