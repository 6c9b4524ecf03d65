//! `GET /`: what is to be done? Every document with its actions, one press for both; above them what waits for the person.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};

use super::choice::Choice;
use super::questions;
use crate::app::input::fields::civil_today;
use crate::app::state::App;
use crate::domain::policy::Policy;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::{WallTime, days_after};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::visitor::Visit;
use crate::pages::own::{news, waiting};
use crate::pages::text::Text;
use crate::serve::problem::Problem;

/// The page.
///
/// # Errors
/// `overloaded` until the engine has recovered.
pub async fn page(State(app): State<App>, visit: Visit, headers: HeaderMap) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let text = visit.text;
    let last = days_after(civil_today(visit.now), snapshot.policy.window_days);
    Ok(Frame::citizens(&visit, text.get("find-title")).page(&html! {
        (news::above(&app, engine, &visit, &headers))
        p class="lead" { (text.get("find-lead")) }
        (waiting::markup(engine, &snapshot, &visit))
        h2 { (text.get("find-what")) }
        p class="hint" { (text.get("find-before")) }
        (documents(text, &snapshot))
        h2 { (text.get("find-rules")) }
        (rules(text, &snapshot.policy, &text.date(last)))
        section class="card" {
            h2 { (text.get("find-have-one")) }
            p { (text.get("find-have-one-hint")) }
            div class="buttons" { a class="button second" href="/appointments" { (text.get("frame-own")) } }
        }
    }))
}

/// The documents in the order of the configuration, each with its services.
fn by_document(snapshot: &Snapshot) -> Vec<(&Service, Vec<&Service>)> {
    let mut documents: Vec<(&Service, Vec<&Service>)> = Vec::new();
    for service in snapshot.services() {
        match documents.iter_mut().find(|(first, _)| first.document == service.document) {
            Some((_, services)) => services.push(service),
            None => documents.push((service, vec![service])),
        }
    }
    documents
}

fn documents(text: Text, snapshot: &Snapshot) -> Markup {
    let documents = by_document(snapshot);
    html! {
        // On a phone they stand below each other, and the third is two screens away.
        @if documents.len() > 1 {
            nav class="jumps" aria-label=(text.get("find-documents")) {
                @for (first, _) in &documents { a href={ "#" (first.document) } { (questions::document(text, first)) } }
            }
        }
        div class="documents" {
            @for (first, services) in &documents {
                section id=(first.document) aria-labelledby={ "name-" (first.document) } {
                    h3 id={ "name-" (first.document) } { (questions::document(text, first)) }
                    @if let Some(hint) = questions::document_hint(text, first) { p class="hint" { (hint) } }
                    ul class="actions" { @for service in services { li { (action(text, service)) } } }
                }
            }
        }
    }
}

fn action(text: Text, service: &Service) -> Markup {
    let choice = Choice { service: Some(service.id.as_str().to_owned()), ..Choice::default() };
    html! {
        a href=(choice.halls()) {
            strong { (questions::action(text, service)) }
            @if let Some(hint) = questions::action_hint(text, service) { span { (hint) } }
        }
    }
}

/// What everybody should know before choosing.
fn rules(text: Text, policy: &Policy, last: &str) -> Markup {
    html! {
        ul class="plain" {
            li { (text.with("find-rule-days", &[("days", policy.min_days_ahead.into()), ("last", last.into())])) }
            li { (text.with("find-rule-release", &[("time", spoken(policy.release_time).into())])) }
            li { (text.with("find-rule-earliest", &[("time", spoken(policy.earliest_start).into())])) }
            li { (text.with("find-rule-party", &[("count", policy.max_party.into())])) }
        }
    }
}

/// A time of day in a sentence: without a nought in front.
fn spoken(time: WallTime) -> String {
    format!("{}:{:02}", time.minutes() / 60, time.minutes() % 60)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config;
    use crate::pages::text::Language;

    #[test]
    fn every_service_is_one_press_away_under_the_heading_of_its_document() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let snapshot = config::load(&dir).unwrap_or_else(|errors| panic!("{errors}")).snapshot;
        for language in Language::ALL {
            let markup = documents(Text(language), &snapshot).into_string();
            assert_eq!(markup.matches("<h3").count(), 3);
            for service in snapshot.services() {
                let href = format!("href=\"/halls?service={}\"", service.id);
                assert_eq!(markup.matches(&href).count(), 1, "{}", service.id);
            }
        }
    }

    #[test]
    fn a_time_is_said_without_a_nought() {
        assert_eq!([spoken(WallTime::hm(0, 0)), spoken(WallTime::hm(8, 30))], ["0:00", "8:30"]);
    }
}
