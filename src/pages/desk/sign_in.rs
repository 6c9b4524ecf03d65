//! `/staff/sign-in` and `/staff/sign-out`: a member of staff shows the token once, and a sealed cookie remembers it.
//!
//! A file of halls that was being edited when the session ended waits as a draft, or goes through this page and comes back
//! after it.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::sign_in_page::{Typed, page};
use crate::app::access::peer::Peer;
use crate::app::access::staff;
use crate::app::state::App;
use crate::domain::reading;
use crate::pages::kit::cookies;
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::redirect::{own_path, percent, see_other};
use crate::pages::kit::visitor::{Desk, Visit};
use crate::pages::office::drafts::Drafts;
use crate::pages::office::edit_halls::{again, is_kept};
use crate::pages::office::edited_file::MAX_EDITOR_BYTES;
use crate::pages::office::interrupted::Interrupted;
use crate::serve::problem::Problem;
use crate::serve::read::query::Query;

/// The largest form, in bytes: a file of halls may come along, and the rest needs little.
const MAX_SIGN_IN_BYTES: usize = MAX_EDITOR_BYTES + 16 * 1024;
const HOME: &str = "/staff";

/// Where to go on after signing in.
#[derive(Deserialize)]
pub struct Next {
    next: Option<String>,
    /// Whether a wrong token has just been typed.
    wrong: Option<String>,
}

/// `GET /staff/sign-in`: asks for the token.
pub async fn ask(Extension(drafts): Extension<Drafts>, visit: Visit, Query(asked): Query<Next>) -> Response {
    let next = own_path(asked.next.as_deref(), HOME);
    if visit.staff.is_some() {
        return see_other(&next);
    }
    let waits = is_kept(&drafts, &next, visit.now);
    page(&visit, &next, if waits { Typed::Waits } else { Typed::Nothing }, asked.wrong.is_some())
}

/// `POST /staff/sign-in`: lets the browser keep who has signed in.
///
/// # Errors
/// `too_many_requests` for a wrong token where too many were tried. A right one is never refused.
pub async fn sign_in(
    State(app): State<App>,
    Extension(drafts): Extension<Drafts>,
    peer: Peer,
    form: Filled<MAX_SIGN_IN_BYTES>,
) -> Result<Response, Problem> {
    let (now, next) = (form.visit.now, own_path(form.get("next"), HOME));
    let kept = Interrupted::of(form.fields());
    let token = reading::text(form.raw("token"));
    let Some(member) = staff::sign_in(&app, &token, peer).await? else {
        // A text that was kept has no other place than the page; else it is shown anew, and a refresh tries nothing again.
        return Ok(match kept {
            Some(kept) => page(&form.visit, &next, Typed::Carried(&kept), true),
            None => see_other(&format!("/staff/sign-in?next={}&wrong=yes", percent(&next))),
        });
    };
    let sealed = cookies::sealed_staff(app.sealer(), &token, now);
    let visit = Visit { staff: Some(member.clone()), ..form.visit };
    let mut response = match kept {
        Some(kept) => again(&app, &drafts, Desk { visit, member }, &kept).await.unwrap_or_else(|_| see_other(&next)),
        None => see_other(&next),
    };
    cookies::keep(response.headers_mut(), cookies::STAFF, &sealed);
    Ok(response)
}

/// `GET /staff/sign-out`: nobody is signed out by a link, so to the start.
pub async fn stay() -> Response {
    see_other(HOME)
}

/// `POST /staff/sign-out`: lets the browser forget it.
pub async fn sign_out(_: Filled) -> Response {
    let mut response = see_other("/staff/sign-in");
    cookies::forget(response.headers_mut(), cookies::STAFF);
    response
}
