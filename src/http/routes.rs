//! Every route, in the order of the contract. The pattern and method of each stand above its handler.

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::app::App;
use super::envelope::{envelope, gate};
use super::openapi::Description;
use super::problem::{Code, Problem};
use super::{
    appointments, halls, health, metrics, openapi, recommendations, services, session, slots, staff_appointments,
    staff_config, staff_day, staff_stats,
};

/// The router of the whole API, ready to be served.
pub fn router(app: App) -> Router {
    let (router, _) = api().split_for_parts();
    let gated = bounded(router).layer(from_fn_with_state(app.clone(), gate));
    dressed(gated, app)
}

/// Every route with its description.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Description::openapi())
        // Operations.
        .routes(routes!(openapi::openapi))
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
        .routes(routes!(appointments::calendar))
        // Staff.
        .routes(routes!(staff_config::reload))
        .routes(routes!(staff_config::config))
        .routes(routes!(staff_day::day))
        .routes(routes!(staff_appointments::check_in))
        .routes(routes!(staff_appointments::serve))
        .routes(routes!(staff_appointments::no_show))
        .routes(routes!(staff_appointments::cancel))
        .routes(routes!(staff_appointments::check_in_by_code))
        .routes(routes!(staff_stats::stats))
}

/// The same routes with an answer for every other path and method.
fn bounded(router: Router<App>) -> Router<App> {
    router.method_not_allowed_fallback(method_not_allowed).fallback(not_found)
}

fn dressed(router: Router<App>, app: App) -> Router {
    router.layer(from_fn_with_state(app.clone(), envelope)).with_state(app)
}

async fn not_found() -> Problem {
    Problem::new(Code::NotFound, "there is nothing at this path; GET /openapi.json describes what there is")
}

async fn method_not_allowed(request: Request) -> Problem {
    let detail = format!("this path does not take {}; the header Allow names what it takes", request.method());
    Problem::new(Code::MethodNotAllowed, detail)
}
