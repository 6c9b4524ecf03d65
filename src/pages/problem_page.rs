//! A problem, as a page for the person who met it.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::Response;
use maud::html;

use super::kit::frame::Frame;
use super::kit::refusals;
use super::kit::visitor::Visit;
use crate::app::state::App;
use crate::serve::envelope::ProblemPage;
use crate::serve::problem::{Code, Problem};
use crate::serve::read::language::Languages;

/// Where programs ask: no page is for them.
const OF_PROGRAMS: [&str; 6] = ["/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/static/"];

/// How a problem with a request is to be worded for whoever looks at a page; none where a program asks.
#[must_use]
pub fn for_people(app: &App, request: &Request) -> Option<ProblemPage> {
    let path = request.uri().path();
    if OF_PROGRAMS.iter().any(|beginning| path.starts_with(beginning)) || !wants_a_page(request.headers()) {
        return None;
    }
    let visit = Visit::of(app, request.headers(), request.uri(), &Languages::of(request.headers()));
    Some(Box::new(move |problem, id| page(&visit, problem, id)))
}

fn wants_a_page(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// The page of a problem, for the request with this id.
#[must_use]
pub fn page(visit: &Visit, problem: &Problem, id: &str) -> Response {
    let text = visit.text;
    let staff = visit.here == "/staff" || visit.here.starts_with("/staff/");
    // A form names its wrong fields itself. If a page of its own is about one, the address is wrong.
    let code = if problem.code == Code::InvalidField { Code::NotFound } else { problem.code };
    let title = refusals::heading(text, code);
    let frame = if staff { Frame::staff(visit, title) } else { Frame::citizens(visit, title) };
    let home = if staff { "/staff" } else { "/" };
    let is_fault = matches!(problem.code, Code::Internal);
    frame.status(problem.status).page(&html! {
        p class="lead" { (refusals::advice(text, code, problem.retry_after_s)) }
        @if is_fault { p class="muted" { (text.with("frame-request-id", &[("id", id.into())])) } }
        div class="buttons" {
            @if problem.retry_after_s.is_some() {
                a class="button" href=(visit.here) { (text.get("frame-try-again")) }
            }
            a class="button second" href=(home) { (text.get("frame-to-start")) }
            @if !staff { a class="button quiet" href="/appointments" { (text.get("frame-own")) } }
        }
    })
}
