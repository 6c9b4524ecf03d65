//! `GET /sign-in`, `POST /sign-in`, `POST /sign-out`: who are you?
//!
//! A form that met an ended session comes along, sealed, and is shown again as it was filled in once its person has signed
//! in ([`kept`](crate::web::kept)).

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use maud::html;
use serde::Deserialize;

use super::form::{Faults, Kind, Line};
use super::slot::SlotQuery;
use super::{company, details, who};
use crate::domain::applicant::{Applicant, IdNumber};
use crate::http::app::App;
use crate::http::booking_body::{ApplicantBody, read_applicant};
use crate::http::fields::{Fields as Judged, civil_today};
use crate::http::peer::Peer;
use crate::http::person::Person;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::session_token;
use crate::http::throttle::Writer;
use crate::web::answer::{own_path, percent, see_other};
use crate::web::cookies;
use crate::web::filled::{Fields, Filled};
use crate::web::frame::Frame;
use crate::web::kept::{self, Kept};
use crate::web::visit::Visit;

/// Where the page is.
const PATH: &str = "/sign-in";
/// Where to go on that was not said.
const USUAL_NEXT: &str = "/appointments";

/// Where to go on.
#[derive(Deserialize)]
pub struct Next {
    next: Option<String>,
}

/// The form as it stands.
#[derive(Default)]
struct Shown<'a> {
    next: String,
    kept: Option<String>,
    /// Whether a form met an ended session.
    is_interrupted: bool,
    typed: Option<&'a Fields>,
    faults: Faults,
    status: StatusCode,
}

/// The page; whoever is signed in already goes on.
pub async fn page(State(app): State<App>, visit: Visit, Query(asked): Query<Next>) -> Response {
    let next = own_path(asked.next.as_deref(), USUAL_NEXT);
    if visit.person.is_some() {
        return see_other(&next);
    }
    shown(&app, &visit, &Shown { next, ..Shown::default() })
}

/// The page for somebody whose session had ended when a form came: the form is kept.
#[must_use]
pub fn interrupted(app: &App, filled: &Filled) -> Response {
    let kept = Kept { path: filled.visit.here.clone(), fields: filled.fields().clone() };
    shown(app, &filled.visit, &Shown::interrupted(app, &filled.visit, &kept))
}

/// The page of a kept form for who sees it now, such as in another language: filled in for its person, the sign-in for
/// somebody who is not signed in any more; none where it cannot be shown.
#[must_use]
pub fn shown_again(app: &App, mut visit: Visit, kept: Kept) -> Option<Response> {
    kept.path.clone_into(&mut visit.here);
    if kept.path == PATH || kept.path.starts_with("/sign-in?") {
        let fields = &kept.fields;
        let next = own_path(Some(fields.raw("next")), USUAL_NEXT);
        return Some(shown(app, &visit, &Shown::typed(next, fields)));
    }
    let Some(person) = visit.person.take() else {
        return Some(shown(app, &visit, &Shown::interrupted(app, &visit, &kept)));
    };
    visit.person = Some(Person { applicant: person.applicant.clone(), ..person });
    if kept.belongs_to(app.vault(), person.key) { again_at(app, visit, &person, kept) } else { None }
}

impl<'a> Shown<'a> {
    /// For somebody whose session had ended when a form came.
    fn interrupted(app: &App, visit: &Visit, form: &Kept) -> Self {
        Self {
            next: form.path.clone(),
            kept: form.seal(app.vault(), visit.now),
            is_interrupted: true,
            ..Self::default()
        }
    }

    /// As it was filled in.
    fn typed(next: String, fields: &'a Fields) -> Self {
        let kept = Some(fields.raw(kept::FIELD).to_owned()).filter(|kept| !kept.is_empty());
        Self { next, is_interrupted: kept.is_some(), kept, typed: Some(fields), ..Self::default() }
    }
}

/// Signs in, and goes on.
///
/// # Errors
/// `too_many_requests`.
pub async fn sign_in(State(app): State<App>, peer: Peer, filled: Filled) -> Result<Response, Problem> {
    let (fields, mut visit) = (filled.fields().clone(), filled.visit);
    let (now, today) = (visit.now, civil_today(visit.now));
    let next = own_path(Some(fields.raw("next")), USUAL_NEXT);
    if !visit.is_demonstration {
        return Ok(shown(&app, &visit, &Shown { next, ..Shown::default() }));
    }
    // Guessing costs too, as soon as it is known whose number is guessed.
    if let Ok(number) = IdNumber::parse(fields.raw("id_number"), today) {
        app.throttle().admit(Writer::Newcomer(app.vault().person_key(&number), peer.network()), now)?;
    }
    let applicant = match applicant(&fields, visit.now) {
        Ok(applicant) => applicant,
        Err(problem) => {
            let id_of = |pointer: &str| pointer.trim_start_matches('/').to_owned();
            let faults = Faults::of(visit.text, &problem, &fields, today, id_of);
            let status = problem.status;
            return Ok(shown(&app, &visit, &Shown { faults, status, ..Shown::typed(next, &fields) }));
        }
    };
    let token = session_token::seal(app.vault(), &applicant, session_token::end_of(now), None);
    let key = app.vault().person_key(&applicant.id_number);
    let person = Person { applicant: applicant.clone(), key, now };
    visit.person = Some(Person { applicant, key, now });
    let kept = Kept::open(app.vault(), fields.raw(kept::FIELD), now);
    let again = kept.filter(|kept| kept.belongs_to(app.vault(), key));
    let mut response = again.and_then(|kept| again_at(&app, visit, &person, kept)).unwrap_or_else(|| see_other(&next));
    cookies::keep(response.headers_mut(), cookies::SESSION, &token);
    Ok(response)
}

/// `GET /sign-out`: nobody is signed out by a link, so to the start.
pub async fn stay() -> Response {
    see_other("/")
}

/// Signs out.
pub async fn sign_out(_: Filled) -> Response {
    let mut response = see_other("/");
    for cookie in [cookies::SESSION, details::TYPED, company::COMPANY] {
        cookies::forget(response.headers_mut(), cookie);
    }
    response
}

/// The page of a kept form, filled in; none where that page cannot be shown any more.
fn again_at(app: &App, mut visit: Visit, person: &Person, kept: Kept) -> Option<Response> {
    let Kept { path, fields } = kept;
    path.clone_into(&mut visit.here);
    if let Some(id) = path.strip_prefix("/held/") {
        return details::filled_in(app, &visit, person, id, &fields).ok();
    }
    if !path.starts_with("/book?") {
        return None;
    }
    let address: Uri = path.parse().ok()?;
    let asked = axum::extract::Query::<SlotQuery>::try_from_uri(&address).ok()?.0;
    who::filled_in(app, &visit, person, &asked, &fields).ok()
}

/// Who says who it is: judged as the API judges it.
fn applicant(fields: &Fields, now: chrono::DateTime<chrono::Utc>) -> Result<Applicant, Problem> {
    let typed = |name: &str| Some(fields.raw(name).trim().to_owned()).filter(|typed| !typed.is_empty());
    let body = ApplicantBody { name: typed("name"), id_number: typed("id_number"), phone: typed("phone") };
    let mut judged = Judged::default();
    let applicant = read_applicant(&mut judged, format_args!(""), body, civil_today(now));
    judged.finish(applicant)
}

fn shown(app: &App, visit: &Visit, shown: &Shown<'_>) -> Response {
    let text = visit.text;
    let frame = Frame::citizens(visit, text.get("sign-in-title")).status(shown.status);
    if !visit.is_demonstration {
        return frame.page(&html! {
            p class="lead" { (text.get("sign-in-elsewhere")) }
            p { (text.get("sign-in-elsewhere-hint")) }
        });
    }
    let none = Fields::default();
    let typed = shown.typed.unwrap_or(&none);
    let kept = shown.typed.map_or_else(|| shown.kept.clone(), |typed| visit.sealed(app.vault(), typed));
    let frame = frame.again(kept);
    let line = |id, label, hint, kind, autocomplete| {
        Line { id, label, hint, kind, autocomplete }.markup(text, typed, &shown.faults)
    };
    frame.page(&html! {
        (shown.faults.summary(text))
        @if shown.is_interrupted {
            div class="notice warn" role="status" {
                h2 { (text.get("sign-in-ended")) }
                p { (text.get(if shown.kept.is_some() { "sign-in-kept" } else { "sign-in-not-kept" })) }
            }
        }
        p class="lead" { (text.get("sign-in-lead")) }
        div class="notice info" { p { (text.get("sign-in-demonstration")) } }
        form method="post" action={ "/sign-in?next=" (percent(&shown.next)) } data-once novalidate {
            (visit.csrf())
            input type="hidden" name="next" value=(shown.next);
            @if let Some(kept) = &shown.kept { input type="hidden" name=(kept::FIELD) value=(kept); }
            (line("name", "form-name", None, Kind::Name, "name"))
            (line("id_number", "form-id-number", Some("form-id-number-hint"), Kind::IdNumber, "off"))
            (line("phone", "form-mobile", Some("form-mobile-hint"), Kind::Phone, "tel"))
            div class="buttons" { button class="button" { (text.get("sign-in-button")) } }
        }
        p class="hint" { (text.with("sign-in-hours", &[("hours", session_token::SESSION_HOURS.into())])) }
    })
}
