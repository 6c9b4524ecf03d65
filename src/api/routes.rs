//! Every route, in the order of the contract. The pattern and method of each stand above its handler.
//!
//! Routes and description are one list, so that neither can have what the other has not.

use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use axum::routing::MethodRouter;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::openapi::Description;
use super::operations::{health, metrics};
use super::problem_sets::OfProbe;
use super::staff::{attend, configuration, day, stats};
use super::{appointments, halls, recommendations, services, session, slots};
use crate::app::state::App;
use crate::serve::envelope::{Envelope, ForPeople};
use crate::serve::problem::{Code, Problem};

/// The API alone, ready to be served.
#[must_use]
pub fn served(app: App) -> Envelope {
    served_with(app, [], |_, _| None)
}

/// The API and the routes of the pages beside it, whose problems are worded `for_people`, ready to be served.
pub fn served_with(
    app: App,
    pages: impl IntoIterator<Item = (&'static str, MethodRouter<App>)>,
    for_people: ForPeople,
) -> Envelope {
    let (mut router, description) = api().split_for_parts();
    let mut patterns: Vec<String> = description.paths.paths.into_keys().collect();
    for (pattern, answers) in pages {
        router = router.route(pattern, answers);
        patterns.push(pattern.to_owned());
    }
    let router = router.method_not_allowed_fallback(method_not_allowed).fallback(not_found).with_state(app.clone());
    Envelope::around(router, patterns, app, for_people)
}

/// Every route with its description.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Description::openapi())
        // Operations.
        .routes(routes!(openapi))
        .routes(routes!(health::health))
        .routes(routes!(health::readiness))
        .routes(routes!(metrics::metrics))
        // Public.
        .routes(routes!(services::services))
        .routes(routes!(halls::halls))
        .routes(routes!(halls::hall))
        .routes(routes!(slots::slots))
        .routes(routes!(recommendations::recommendations))
        // Session.
        .routes(routes!(session::open))
        // Appointments.
        .routes(routes!(appointments::book, appointments::appointments))
        .routes(routes!(appointments::appointment))
        .routes(routes!(appointments::confirm))
        .routes(routes!(appointments::reschedule))
        .routes(routes!(appointments::cancel))
        .routes(routes!(appointments::extend))
        .routes(routes!(appointments::calendar))
        // Staff.
        .routes(routes!(configuration::reload))
        .routes(routes!(configuration::config))
        .routes(routes!(day::day))
        .routes(routes!(attend::check_in))
        .routes(routes!(attend::serve))
        .routes(routes!(attend::no_show))
        .routes(routes!(attend::cancel))
        .routes(routes!(attend::undo))
        .routes(routes!(attend::check_in_by_code))
        .routes(routes!(stats::stats))
}

/// The description as bytes, made when it is first asked for.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    let document = api().into_openapi();
    document.to_json().expect("a description made of texts can be written as JSON").into()
});

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "operations", operation_id = "openapi",
    responses((status = 200, description = "The description of this API, OpenAPI 3.1", body = Object), OfProbe))]
async fn openapi() -> Response {
    let mut response = Response::new(Body::from(DOCUMENT.clone()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn not_found() -> Problem {
    Problem::new(Code::NotFound, "there is nothing at this path; GET /openapi.json describes what there is")
}

async fn method_not_allowed(request: Request) -> Problem {
    let detail = format!("this path does not take {}; the header Allow names what it takes", request.method());
    Problem::new(Code::MethodNotAllowed, detail)
}
