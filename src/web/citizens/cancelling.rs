//! `GET /appointments/{id}/cancel` and `POST /appointments/{id}/cancel`: a place is given up, knowingly.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::choice::window;
use super::moving::people;
use super::parties::{PartyQuery, concerned, judge, query};
use super::slot::Wanted;
use super::trouble::Told;
use crate::domain::appointment::{Action, Appointment};
use crate::engine::Engine;
use crate::http::app::App;
use crate::http::metrics::Change;
use crate::http::path::Path;
use crate::http::person::Person;
use crate::http::problem::{Code, Problem};
use crate::http::query::Query;
use crate::web::answer::{percent, see_other};
use crate::web::filled::Filled;
use crate::web::frame::Frame;
use crate::web::once;
use crate::web::visit::{Citizen, Visit};

/// What giving up means.
///
/// # Errors
/// `unknown_appointment`, `wrong_state` where it can no longer be cancelled, `forbidden` for somebody else's party.
pub async fn page(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<String>,
    Query(asked): Query<PartyQuery>,
) -> Result<Response, Problem> {
    let Citizen { visit, person } = &citizen;
    let engine = app.engine()?;
    let scene = Scene::of(engine, visit, person, &id, asked.is_whole())?;
    judge(&scene.given_up, person.key, scene.whole_party, Action::Cancel, visit.now)?;
    Ok(scene.page(StatusCode::OK, &html! {}))
}

/// Gives up.
///
/// # Errors
/// `unknown_appointment`, and faults of the server.
pub async fn send(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<PartyQuery>,
    filled: Filled,
) -> Result<Response, Problem> {
    let visit = &filled.visit;
    let Some(person) = &visit.person else {
        return Ok(see_other(&format!("/sign-in?next={}", percent(&visit.here))));
    };
    let engine = app.engine()?;
    let scene = Scene::of(engine, visit, person, &id, asked.is_whole())?;
    let told = Told::default();
    let cancelling = async |call| {
        let cancelled = engine.cancel(call, scene.given_up.id, scene.whole_party).await;
        let answer = cancelled.map_err(|refusal| told.noted(refusal))?;
        app.metrics().changed(Change::Cancelled, answer.appointments().len());
        Ok(answer)
    };
    match once::answered(&app, &filled, person.caller(), cancelling).await {
        Ok(_) => Ok(see_other(&format!("/appointments/{}?cancelled=1", scene.given_up.id))),
        Err(problem) if problem.code == Code::Internal => Err(problem),
        Err(problem) => {
            let notice = told.notice(visit.text, &problem, &html! {});
            Ok(scene.page(problem.status, &notice))
        }
    }
}

/// A cancellation that has not been made yet.
struct Scene<'a> {
    engine: &'a Engine,
    visit: &'a Visit,
    given_up: Appointment,
    whole_party: bool,
    /// Whose places are given up.
    concerned: Vec<Appointment>,
}

impl<'a> Scene<'a> {
    fn of(engine: &'a Engine, visit: &'a Visit, person: &Person, id: &str, whole_party: bool) -> Result<Self, Problem> {
        let given_up = person.appointment(engine, id)?;
        let concerned = concerned(engine, person.key, &given_up, whole_party, visit.now);
        Ok(Self { engine, visit, given_up, whole_party, concerned })
    }

    /// How many other times of the hall still have a place; none where the hall or the service is not there any more.
    fn times_left(&self) -> Option<usize> {
        let snapshot = self.engine.snapshot();
        let hall = snapshot.hall(self.given_up.slot.hall.as_str()).ok()?;
        let service = snapshot.service(self.given_up.service.as_str()).ok()?;
        let days = self.engine.days(hall, service, window(&snapshot, hall, self.visit.now), self.visit.now).ok()?;
        let open = days.iter().filter(|day| day.closed_by.is_none());
        Some(open.flat_map(|day| &day.slots).filter(|band| band.remaining() > 0).count())
    }

    fn consequences(&self) -> Markup {
        let text = self.visit.text;
        html! {
            ul class="plain" {
                li { (text.get("cancelling-at-once")) }
                li { (text.get("cancelling-no-way-back")) }
                @if let Some(count) = self.times_left() {
                    li { (text.with("cancelling-times-left", &[("count", count.into())])) }
                }
            }
        }
    }

    fn page(&self, status: StatusCode, notice: &Markup) -> Response {
        let (text, id) = (self.visit.text, self.given_up.id);
        let title = text.get(if self.whole_party { "cancelling-title-all" } else { "cancelling-title" });
        let action = format!("/appointments/{id}/cancel{}", query(self.whole_party));
        Frame::citizens(self.visit, title).back(format!("/appointments/{id}")).status(status).page(&html! {
            (notice)
            (Wanted::of(&self.given_up).summary(text, &self.engine.snapshot()))
            (people(text, &self.concerned))
            div class="notice warn" { h2 { (text.get("cancelling-consequences")) } (self.consequences()) }
            p { (text.get("cancelling-or-move")) " "
                a href={ "/appointments/" (id) "/move" (query(self.whole_party)) } { (text.get("one-move")) }
            }
            form method="post" action=(action) data-once {
                (self.visit.csrf())
                div class="buttons" {
                    button class="button danger" name="do" value="cancel" { (text.get("cancelling-button")) }
                    a class="button second" href={ "/appointments/" (id) } { (text.get("cancelling-keep")) }
                }
            }
        })
    }
}
