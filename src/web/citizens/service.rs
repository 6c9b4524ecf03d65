//! `GET /service?document=`: what is to be done with the document, and whose household it is.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::steps::{Step, steps};
use crate::domain::service::Service;
use crate::http::app::App;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::web::answer::see_other;
use crate::web::frame::Frame;
use crate::web::questions;
use crate::web::text::Text;
use crate::web::visit::Visit;

/// Which document.
#[derive(Deserialize)]
pub struct Asked {
    document: Option<String>,
}

/// The page; without a document that is known, the way back to the start.
///
/// # Errors
/// `overloaded` until the engine has recovered.
pub async fn page(State(app): State<App>, visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let snapshot = app.engine()?.snapshot();
    let text = visit.text;
    let wanted = asked.document.as_deref().unwrap_or_default();
    let services: Vec<&Service> =
        snapshot.services().iter().filter(|service| service.document.as_str() == wanted).collect();
    let Some(first) = services.first() else { return Ok(see_other("/").into_response()) };
    let document = questions::document(text, first);
    Ok(Frame::citizens(&visit, document).back("/").page(&html! {
        (steps(text, Step::What))
        form action="/halls" {
            fieldset class="field" {
                legend { h2 { (text.get("find-which-action")) } }
                @for (at, service) in services.iter().enumerate() { (action(text, service, at == 0)) }
            }
            fieldset class="field" {
                legend { h2 { (text.get("find-whose-household")) } }
                p class="hint" { (text.get("find-household-hint")) }
                (household(text, "here", true))
                (household(text, "elsewhere", false))
            }
            div class="buttons" { button class="button" { (text.get("find-go-on")) } }
        }
    }))
}

fn action(text: Text, service: &Service, checked: bool) -> Markup {
    let id = format!("service-{}", service.id);
    html! {
        div class="choice" {
            input type="radio" name="service" id=(id) value=(service.id) checked[checked];
            label for=(id) {
                (questions::action(text, service))
                @if let Some(hint) = questions::action_hint(text, service) { span class="hint" { (hint) } }
            }
        }
    }
}

fn household(text: Text, value: &str, checked: bool) -> Markup {
    let id = format!("household-{value}");
    html! {
        div class="choice" {
            input type="radio" name="household" id=(id) value=(value) checked[checked];
            label for=(id) { (text.get(&format!("find-household-{value}"))) }
        }
    }
}
