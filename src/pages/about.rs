//! `GET /about`: what this is, what it promises, and what it keeps of whom.

use axum::extract::State;
use axum::response::Response;
use maud::html;

use super::kit::frame::{Frame, HELP_LINE};
use super::kit::visitor::Visit;
use crate::app::access::session_token::SESSION_HOURS;
use crate::app::state::App;
use crate::serve::problem::Problem;

/// The page.
///
/// # Errors
/// `overloaded` until the engine has recovered.
pub async fn page(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    let policy = &app.engine()?.snapshot().policy;
    let text = visit.text;
    Ok(Frame::citizens(&visit, text.get("frame-about-title")).back("/").page(&html! {
        h2 { (text.get("frame-about-fair")) }
        p { (text.with("frame-about-fair-words", &[("active", policy.max_active.into()), ("minutes", policy.hold_minutes.into())])) }
        h2 { (text.get("frame-about-data")) }
        p { (text.get("frame-about-data-words")) }
        h2 { (text.get("frame-about-cookies")) }
        p { (text.with("frame-about-cookies-words", &[("hours", SESSION_HOURS.into())])) }
        h2 { (text.get("frame-about-help")) }
        p { (text.with("frame-about-help-words", &[("number", HELP_LINE.into())])) }
        h2 { (text.get("frame-about-access")) }
        p { (text.get("frame-about-access-words")) }
    }))
}
