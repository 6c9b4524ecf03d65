//! `GET /`: which document?

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use crate::domain::policy::Policy;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::days_after;
use crate::http::app::App;
use crate::http::fields::civil_today;
use crate::http::problem::Problem;
use crate::web::answer::percent;
use crate::web::frame::Frame;
use crate::web::questions;
use crate::web::text::Text;
use crate::web::visit::Visit;

/// The page.
///
/// # Errors
/// `overloaded` until the engine has recovered.
pub async fn page(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    let snapshot = app.engine()?.snapshot();
    let text = visit.text;
    let last = days_after(civil_today(visit.now), snapshot.policy.window_days);
    Ok(Frame::citizens(&visit, text.get("find-title")).page(&html! {
        p class="lead" { (text.get("find-lead")) }
        h2 { (text.get("find-which-document")) }
        (documents(text, &snapshot))
        (rules(text, &snapshot.policy, &text.date(last)))
        section class="card" {
            h2 { (text.get("find-have-one")) }
            p { (text.get("find-have-one-hint")) }
            div class="buttons" { a class="button second" href="/appointments" { (text.get("frame-own")) } }
        }
    }))
}

fn documents(text: Text, snapshot: &Snapshot) -> Markup {
    let mut firsts: Vec<&Service> = Vec::new();
    for service in snapshot.services() {
        if firsts.iter().all(|first| first.document != service.document) {
            firsts.push(service);
        }
    }
    html! {
        ul class="tiles" {
            @for first in firsts {
                li {
                    a href={ "/service?document=" (percent(first.document.as_str())) } {
                        strong { (questions::document(text, first)) }
                        @if let Some(hint) = questions::document_hint(text, first) { span { (hint) } }
                    }
                }
            }
        }
    }
}

/// What everybody should know before choosing.
fn rules(text: Text, policy: &Policy, last: &str) -> Markup {
    let earliest = policy.earliest_start.to_string();
    html! {
        ul class="plain" {
            li { (text.with("find-rule-days", &[("days", policy.min_days_ahead.into()), ("last", last.into())])) }
            li { (text.with("find-rule-release", &[("time", policy.release_time.to_string().into())])) }
            li { (text.with("find-rule-earliest", &[("time", earliest.into())])) }
            li { (text.with("find-rule-party", &[("count", policy.max_party.into())])) }
        }
    }
}
