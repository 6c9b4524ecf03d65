//! Who looks at a page: in which language, signed in as whom, and to what the forms of this browser are bound.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::cookies;
use super::cookies::FormMark;
use super::redirect::{percent, see_other};
use crate::app::access::person::Person;
use crate::app::access::session_token;
use crate::app::access::staff::Staff;
use crate::app::configuration::Contact;
use crate::app::refusal::Forbidden;
use crate::app::sealer::drawn;
use crate::app::state::App;
use crate::engine::{Caller, Engine, StaffCaller};
use crate::pages::text::{Language, Text};
use crate::serve::problem::Problem;
use crate::serve::read::language::Languages;

/// One look at a page.
pub struct Visit {
    /// The words for this visitor.
    pub text: Text,
    /// The person who is signed in, where one is.
    pub person: Option<Person>,
    /// The member of staff who is signed in, where one is.
    pub staff: Option<StaffCaller>,
    /// When the request came.
    pub now: DateTime<Utc>,
    /// Path and query of the page.
    pub here: String,
    /// Whether anybody may be anybody here.
    pub is_demonstration: bool,
    /// Whether nothing can be changed at the moment.
    pub is_read_only: bool,
    /// Whom to ask, as far as that is configured.
    pub contact: Arc<Contact>,
    /// By what the forms of this browser are known.
    pub(crate) form_mark: FormMark,
    /// What the forms of this answer carry.
    pub(crate) masked_mark: String,
    /// The visitor's new cookie, where it had none.
    pub(crate) new_visitor: Option<String>,
}

/// A look by a person who is signed in.
pub struct Citizen {
    /// The look.
    pub visit: Visit,
    /// The person.
    pub person: Person,
}

/// A look by a member of staff who is signed in.
pub struct Desk {
    /// The look.
    pub visit: Visit,
    /// The member.
    pub member: StaffCaller,
}

/// A look by a member of staff who may do everything.
pub struct Chief(pub Desk);

impl Visit {
    /// Who looks, by the head of a request.
    #[must_use]
    pub fn of(app: &App, headers: &HeaderMap, uri: &Uri, wishes: &Languages) -> Self {
        let now = app.now();
        let visitor = cookies::value(headers, cookies::VISITOR).filter(|it| !it.is_empty());
        let new_visitor = visitor.is_none().then(fresh_name);
        let loaded = app.loaded();
        let configuration = &loaded.configuration;
        let bound_to = visitor.or(new_visitor.as_deref()).unwrap_or_default();
        let form_mark = FormMark::of(app.sealer(), bound_to);
        Self {
            text: Text(language(headers, wishes)),
            person: person(app, headers, now),
            staff: staff(app, headers, now),
            now,
            here: uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            is_demonstration: loaded.is_demonstration(),
            is_read_only: app.engine().is_ok_and(Engine::is_read_only),
            contact: Arc::clone(&configuration.contact),
            form_mark,
            masked_mark: form_mark.masked(drawn()),
            new_visitor,
        }
    }

    /// What every form that changes something carries: the mark of this browser, and a name of its own, so that the form
    /// sent twice is one call.
    #[must_use]
    pub fn csrf(&self) -> Markup {
        html! {
            input type="hidden" name="mark" value=(self.masked_mark);
            input type="hidden" name="once" value=(fresh_name());
        }
    }

    /// This member of staff as the engine knows callers; none where nobody is signed in.
    #[must_use]
    pub fn desk(self) -> Option<Desk> {
        let member = self.staff.clone()?;
        Some(Desk { visit: self, member })
    }
}

impl Desk {
    /// This member as the engine knows callers.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller::Staff(self.member.clone())
    }

    /// Judges whether a hall is this member's.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn judge_hall(&self, hall: crate::domain::name::HallId) -> Result<(), Forbidden> {
        self.staff().judge_hall(hall)
    }

    /// This member and the time of the look.
    #[must_use]
    pub fn staff(&self) -> Staff {
        Staff { member: self.member.clone(), now: self.visit.now }
    }
}

fn language(headers: &HeaderMap, wishes: &Languages) -> Language {
    let chosen = cookies::value(headers, cookies::LANGUAGE).and_then(Language::tagged);
    chosen.unwrap_or_else(|| Language::wished(&wishes.0))
}

fn person(app: &App, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Person> {
    let token = cookies::value(headers, cookies::SESSION)?;
    let applicant = session_token::open(app.sealer(), token, now).ok()?;
    let key = app.vault().person_key(&applicant.id_number);
    Some(Person { applicant, key, now })
}

fn staff(app: &App, headers: &HeaderMap, now: DateTime<Utc>) -> Option<StaffCaller> {
    let token = cookies::opened_staff(app.sealer(), cookies::value(headers, cookies::STAFF)?, now)?;
    app.loaded().staff.holder(&token).cloned()
}

/// A text that nobody can guess.
pub fn fresh_name() -> String {
    URL_SAFE_NO_PAD.encode(drawn::<16>())
}

impl FromRequestParts<App> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let wishes = Languages::from_request_parts(parts, app).await?;
        Ok(Self::of(app, &parts.headers, &parts.uri, &wishes))
    }
}

/// Where somebody signs in who wants to see a page.
fn sign_in(at: &str, here: &str) -> Response {
    see_other(&format!("{at}?next={}", percent(here)))
}

impl FromRequestParts<App> for Citizen {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let mut visit = Visit::from_request_parts(parts, app).await.unwrap_or_else(|never| match never {});
        match visit.person.take() {
            Some(person) => {
                visit.person = Some(Person { applicant: person.applicant.clone(), ..person });
                Ok(Self { visit, person })
            }
            None => Err(sign_in("/sign-in", &visit.here)),
        }
    }
}

impl FromRequestParts<App> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, app).await.unwrap_or_else(|never| match never {});
        let here = visit.here.clone();
        visit.desk().ok_or_else(|| sign_in("/staff/sign-in", &here))
    }
}

impl FromRequestParts<App> for Chief {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let desk = Desk::from_request_parts(parts, app).await?;
        match desk.member.halls {
            None => Ok(Self(desk)),
            Some(_) => Err(Problem::from(Forbidden::ForAdmins).into_response()),
        }
    }
}
