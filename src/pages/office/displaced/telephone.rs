//! `POST /staff/displaced/telephone`: the telephone of somebody who has to be told of a change, on demand.
//!
//! The engine notes who opens it, and then does. The number goes to the next page in a cookie, sealed for who has asked, and
//! that page forgets it: it is in no address and no log, no browser stores a page of a desk, and the next look hides it.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};

use super::PLACE;
use crate::app::desk::displaced;
use crate::app::sealer::Sealer;
use crate::app::state::App;
use crate::domain::appointment::{Appointment, AppointmentId};
use crate::engine::Telephone;
use crate::pages::kit::cookies;
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::redirect::{own_path, see_other};
use crate::pages::kit::visitor::{Desk, Visit};
use crate::pages::text::Text;
use crate::serve::problem::Problem;

/// How long a number stands on a page, in seconds: enough to dial it.
pub const SHOWN_S: u32 = 120;
/// How long a number may be on its way to the page, in seconds.
const ON_ITS_WAY_S: i64 = 60;
/// Where numbers are asked for.
const HERE: &str = "/staff/displaced/telephone";
/// The id of the form that every button of a page belongs to.
const FORM: &str = "telephone";
const CONTEXT: &[u8] = b"telephone 1";

/// A telephone that the member of staff who looks has just opened.
pub struct OpenedTelephone {
    appointment: AppointmentId,
    telephone: Telephone,
}

impl OpenedTelephone {
    /// Lets the browser carry it to the next page.
    fn keep(&self, sealer: Sealer<'_>, member: &str, now: DateTime<Utc>, headers: &mut HeaderMap) {
        let Self { appointment, telephone: Telephone { name, number } } = self;
        let until = now + TimeDelta::seconds(ON_ITS_WAY_S);
        let sealed = sealer.seal_until(CONTEXT, until, &(member, appointment, name, number));
        cookies::keep(headers, cookies::TELEPHONE, &sealed);
    }

    /// What a browser brings; none where it is not ours, another member has opened it, or its time is over.
    #[must_use]
    pub fn brought(sealer: Sealer<'_>, member: &str, now: DateTime<Utc>, headers: &HeaderMap) -> Option<Self> {
        let opened = sealer.open_until(CONTEXT, cookies::value(headers, cookies::TELEPHONE)?)?;
        let (whose, appointment, name, number): (String, _, _, _) = opened.before_its_end(now)?;
        (whose == member).then_some(Self { appointment, telephone: Telephone { name, number } })
    }

    /// Whom to call, if this is the telephone of an appointment.
    #[must_use]
    pub fn of(&self, one: &Appointment) -> Option<&Telephone> {
        (self.appointment == one.id).then_some(&self.telephone)
    }
}

/// The page with a number that was opened, if one was: it is hidden again after [`SHOWN_S`] and at the next look.
#[must_use]
pub fn shown(frame: Frame<'_>, opened: Option<&OpenedTelephone>, headers: &HeaderMap, body: &Markup) -> Response {
    let frame = if opened.is_some() { frame.refreshed_every(SHOWN_S).reloaded_every(SHOWN_S) } else { frame };
    let mut response = frame.page(body);
    if cookies::value(headers, cookies::TELEPHONE).is_some() {
        cookies::forget(response.headers_mut(), cookies::TELEPHONE);
    }
    response
}

/// The form of the buttons of a page, and what a press means.
#[must_use]
pub fn form(visit: &Visit, back: &str) -> Markup {
    html! {
        form id=(FORM) method="post" action=(HERE) data-once data-in-place {
            (visit.csrf())
            input type="hidden" name="back" value=(back);
        }
        p class="hint" { (visit.text.get("displaced-telephone-noted")) }
    }
}

/// The number of somebody as a link that dials it, or the button that shows it.
#[must_use]
pub fn number_of(text: Text, one: &Appointment, opened: Option<&OpenedTelephone>) -> Markup {
    html! {
        @if let Some(Telephone { name, number }) = opened.and_then(|opened| opened.of(one)) {
            a class="button second telephone" href={ "tel:" (number) } {
                span class="visually-hidden" { (name) " " } (number)
            }
        } @else {
            button class="button second" form=(FORM) name="of" value=(one.id) {
                (text.get("displaced-telephone-show"))
                span class="visually-hidden" { " " (one.mask.name()) " " (text.span(one.slot.start, one.slot.end)) }
            }
        }
    }
}

/// What stands for somebody in an address behind `#`.
#[must_use]
pub fn anchor(one: &Appointment) -> String {
    format!("person-{}", one.id)
}

/// `GET`: the list. There is nothing to look at here.
pub async fn back_to_list(_: Desk) -> Response {
    see_other(PLACE)
}

/// `POST` with `of=ID`: opens the telephone of somebody who is displaced.
///
/// # Errors
/// `unknown_appointment`; `forbidden` for another hall's; `too_many_requests`; `read_only` where it cannot be noted;
/// `overloaded` where the store does not answer.
pub async fn open(State(app): State<App>, desk: Desk, filled: Filled) -> Result<Response, Problem> {
    let back = own_path(filled.get("back"), PLACE);
    let back = back.split('#').next().unwrap_or(PLACE);
    let Some((one, telephone)) = displaced::telephone(&app, &desk.staff(), filled.raw("of")).await? else {
        // It fits meanwhile: the page says so by itself.
        return Ok(see_other(back));
    };
    let mut response = see_other(&format!("{back}#{}", anchor(&one)));
    let opened = OpenedTelephone { appointment: one.id, telephone };
    opened.keep(app.sealer(), &desk.member.id, desk.visit.now, response.headers_mut());
    Ok(response)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::{COOKIE, SET_COOKIE};

    use super::*;
    use crate::domain::appointment::samples;
    use crate::vault::Vault;

    const NUMBER: &str = "19900000004";

    fn noon() -> DateTime<Utc> {
        "2026-11-24T04:00:00Z".parse().unwrap()
    }

    /// The headers of the next request of the browser in which `a` has opened a telephone at noon.
    fn next_request(name: &str) -> HeaderMap {
        let telephone = Telephone { name: name.into(), number: NUMBER.into() };
        let mut answer = HeaderMap::new();
        OpenedTelephone { appointment: samples::held().id, telephone }.keep(
            Sealer::of(&vault(7)),
            "a",
            noon(),
            &mut answer,
        );
        let set = answer[SET_COOKIE].to_str().unwrap();
        assert!(!set.contains(NUMBER) && set.contains("HttpOnly"), "{set}");
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(set.split(';').next().unwrap()).unwrap())])
    }

    fn vault(secret: u8) -> Vault {
        Vault::from_secret(&[secret; 32])
    }

    #[test]
    fn what_was_opened_is_brought_for_a_minute_by_who_has_opened_it() {
        let longest = "𠮷".repeat(64);
        let request = next_request(&longest);
        let brought = |secret, member, seconds| {
            OpenedTelephone::brought(Sealer::of(&vault(secret)), member, noon() + TimeDelta::seconds(seconds), &request)
        };
        let opened = brought(7, "a", ON_ITS_WAY_S - 1).unwrap();
        let Telephone { name, number } = opened.of(&samples::held()).unwrap();
        assert_eq!((name, number.as_str()), (&longest, NUMBER));
        let other = Appointment { id: AppointmentId(uuid::Uuid::from_u128(7)), ..samples::held() };
        assert!(opened.of(&other).is_none());
        for (secret, member, seconds) in [(7, "a", ON_ITS_WAY_S), (7, "b", 0), (8, "a", 0)] {
            assert!(brought(secret, member, seconds).is_none(), "{secret} {member} {seconds}");
        }
        assert!(OpenedTelephone::brought(Sealer::of(&vault(7)), "a", noon(), &HeaderMap::new()).is_none());
    }
}
