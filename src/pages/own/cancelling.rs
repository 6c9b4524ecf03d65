//! `GET /appointments/{id}/cancel` and `POST /appointments/{id}/cancel`: a place is given up, knowingly. Places that are only
//! held are let go by one press, wherever the button stands.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};

use super::moving::{REVISION, learn, seen_in, too_late};
use super::party::{PartyQuery, called, concerned, judge, query};
use super::whose;
use crate::app::access::person::Person;
use crate::app::changes;
use crate::app::changes::Which;
use crate::app::refusal::Code;
use crate::app::state::App;
use crate::domain::appointment::{Action, Appointment, Status};
use crate::engine::Engine;
use crate::pages::finding::slot::Wanted;
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::redirect::{percent, see_other};
use crate::pages::kit::visitor::{Citizen, Visit};
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// What a form says in `do` that lets go of places which are only held.
pub const RELEASE: &str = "release";

/// What giving up means.
///
/// # Errors
/// `unknown_appointment`, `forbidden` for somebody else's party.
pub async fn page(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<String>,
    Query(asked): Query<PartyQuery>,
) -> Result<Response, Problem> {
    let Citizen { visit, person } = &citizen;
    let engine = app.engine()?;
    let scene = Scene::of(engine, visit, person, &id, asked.is_whole())?;
    if asked.is_open()
        && let Some(question) = whose::asked(engine, visit, person, &scene.given_up, Action::Cancel)
    {
        return Ok(question);
    }
    match judge(&scene.given_up, person.key, scene.whole_party, Action::Cancel, visit.now) {
        Ok(()) => Ok(scene.page(asked.is_changed())),
        Err(rejection) => too_late(&scene.given_up, rejection, "cancel"),
    }
}

/// Gives up.
///
/// # Errors
/// `unknown_appointment`, `forbidden`, and faults of the server.
pub async fn send(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<PartyQuery>,
    headers: HeaderMap,
    filled: Filled,
) -> Result<Response, Problem> {
    let visit = &filled.visit;
    let Some(person) = &visit.person else {
        return Ok(see_other(&format!("/sign-in?next={}", percent(&visit.here))));
    };
    let engine = app.engine()?;
    let scene = Scene::of(engine, visit, person, &id, asked.is_whole())?;
    // Once it is given up nobody can tell a hold from what was booked, so a form sent twice says it itself.
    let was_held = scene.given_up.expires_at.is_some() || filled.raw("do") == RELEASE;
    let which = Which { seen: seen_in(&filled), ..Which::of(&id, scene.whole_party) };
    let once = filled.once(&person.caller());
    match changes::cancel(&app, person, once, which).await {
        Ok(answer) => {
            let what = if was_held { "released" } else { "cancelled" };
            let mut response = see_other(&format!("/appointments/{id}?{what}=1"));
            learn(&app, person, &headers, &answer, &mut response);
            Ok(response)
        }
        Err(refusal) if refusal.code() == Code::WrongState && was_held && scene.has_ended(engine) => {
            Ok(see_other(&format!("/appointments/{id}?released=1")))
        }
        Err(refusal) if refusal.code() == Code::WrongState => {
            // It was changed meanwhile: what can still be given up is shown as it is now, the rest is said by its ticket.
            Ok(see_other(&format!("/appointments/{id}/cancel{}&changed=1", query(scene.whole_party))))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// A cancellation that has not been made yet.
struct Scene<'a> {
    engine: &'a Engine,
    visit: &'a Visit,
    person: &'a Person,
    given_up: Appointment,
    whole_party: bool,
    /// Whose places are given up.
    concerned: Vec<Appointment>,
}

impl<'a> Scene<'a> {
    fn of(
        engine: &'a Engine,
        visit: &'a Visit,
        person: &'a Person,
        id: &str,
        whole_party: bool,
    ) -> Result<Self, Problem> {
        let given_up = person.appointment(engine, id)?;
        let concerned = concerned(engine, person.key, &given_up, whole_party, visit.now);
        Ok(Self { engine, visit, person, given_up, whole_party, concerned })
    }

    fn has_ended(&self, engine: &Engine) -> bool {
        let now = engine.appointment(self.given_up.id).unwrap_or(self.given_up);
        matches!(now.status_at(self.visit.now), Status::Expired | Status::Cancelled)
    }

    fn page(&self, is_changed: bool) -> Response {
        if self.given_up.status_at(self.visit.now) == Status::Held {
            return self.release();
        }
        let (text, id) = (self.visit.text, self.given_up.id);
        let title = text.get(if self.whole_party { "cancelling-title-all" } else { "cancelling-title" });
        let changed = html! {
            @if is_changed {
                div class="notice warn" role="alert" tabindex="-1" { p { (text.get("cancelling-changed")) } }
            }
        };
        Frame::citizens(self.visit, title).back(format!("/appointments/{id}")).errors(changed).page(&html! {
            p class="lead" { (text.get("cancelling-consequences")) }
            div class="notice info" {
                p { (text.get("cancelling-or-move")) }
                p { a href={ "/appointments/" (id) "/move" (query(self.whole_party)) } { (text.get("cancelling-move")) } }
            }
            (Wanted::of(&self.given_up).summary(text, &self.engine.snapshot()))
            (self.people())
            (self.form("cancel", "cancelling-button", &format!("/appointments/{id}"), "cancelling-keep"))
        })
    }

    /// For whoever comes to this page with a hold: the button that stands beside it elsewhere.
    fn release(&self) -> Response {
        let (text, id) = (self.visit.text, self.given_up.id);
        Frame::citizens(self.visit, text.get("one-release")).back(format!("/held/{id}")).page(&html! {
            (Wanted::of(&self.given_up).summary(text, &self.engine.snapshot()))
            (self.form(RELEASE, "one-release", &format!("/held/{id}"), "one-go-on"))
        })
    }

    fn people(&self) -> Markup {
        let text = self.visit.text;
        html! {
            h2 { (text.with("cancelling-people", &[("count", self.concerned.len().into())])) }
            ul class="plain" { @for member in &self.concerned { li { (called(text, self.person, member)) } } }
        }
    }

    fn form(&self, what: &str, label: &str, other_way: &str, other_label: &str) -> Markup {
        let (text, id) = (self.visit.text, self.given_up.id);
        let class = if what == RELEASE { "button" } else { "button danger" };
        html! {
            form method="post" action={ "/appointments/" (id) "/cancel" (query(self.whole_party)) } data-once {
                (self.visit.csrf())
                input type="hidden" name=(REVISION) value=(self.given_up.revision);
                div class="buttons" {
                    button class=(class) name="do" value=(what) { (text.get(label)) }
                    a class="button second" href=(other_way) { (text.get(other_label)) }
                }
            }
        }
    }
}
