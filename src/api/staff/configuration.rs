//! `GET /v1/admin/config` and `POST /v1/admin/config/reload`.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use chrono::FixedOffset;
use chrono_tz::Asia::Shanghai;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::halls::ConfiguredHall;
use crate::api::problem_sets::{OfReload, OfStaffReading};
use crate::api::services::ServiceView;
use crate::app::access::staff::Staff;
use crate::app::configuration::reload::ReloadReport;
use crate::app::state::App;
use crate::engine::Displaced;
use crate::serve::json::localized;
use crate::serve::problem::Problem;
use crate::serve::read::body::NoBody;
use crate::serve::read::caller::Admin;
use crate::serve::read::idempotency_key::{KeyHeader, Target};
use crate::serve::read::language::{LanguageHeader, Languages};
use crate::serve::read::query::{NoParameters, Query};
use crate::serve::times::{Date, Id, Instant, Time};

/// Whether anything is to change.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReloadQuery {
    /// Whether to say only what would change.
    #[param(value_type = Option<bool>, default = false)]
    dry_run: Option<String>,
}

/// The configuration in force.
#[derive(Serialize, ToSchema)]
#[schema(as = Configuration)]
pub struct ConfigurationView<'a> {
    /// A digest of its content.
    version: &'a str,
    /// Since when it is in force.
    loaded_at: Instant,
    /// The halls; with role `hall` only the member's own.
    halls: Vec<ConfiguredHall<'a>>,
    /// The services.
    services: Vec<ServiceView<'a>>,
}

/// What a reload did, or would do.
#[derive(Serialize, ToSchema)]
#[schema(as = ReloadReport)]
pub struct ReloadView<'a> {
    /// The version that was read.
    version: &'a str,
    /// The version that was in force before.
    previous: &'a str,
    /// What differs, in words that a person can read.
    changes: Vec<String>,
    /// The appointments that no longer fit; they stay as they are.
    displaced: Vec<DisplacedView>,
}

/// An appointment that no longer fits the configuration.
#[derive(Serialize, ToSchema)]
#[schema(as = Displaced)]
pub struct DisplacedView {
    /// Its id.
    id: Id,
    /// The id of its hall.
    hall: &'static str,
    /// Its date.
    date: Date,
    /// When its band begins.
    start: Time,
    /// Why it no longer fits.
    reason: String,
}

impl From<&Displaced> for DisplacedView {
    fn from(displaced: &Displaced) -> Self {
        let (id, slot) = (Id(displaced.appointment.id.0), &displaced.appointment.slot);
        let (date, start) = (Date(slot.date), Time(slot.start));
        Self { id, hall: slot.hall.as_str(), date, start, reason: displaced.reason.to_string() }
    }
}

impl<'a> From<&'a ReloadReport> for ReloadView<'a> {
    fn from(report: &'a ReloadReport) -> Self {
        let displaced = report.displaced.iter().map(DisplacedView::from).collect();
        Self {
            version: &report.version,
            previous: &report.previous,
            changes: report.changes.iter().map(ToString::to_string).collect(),
            displaced,
        }
    }
}

/// The configuration in force.
#[utoipa::path(get, path = "/v1/admin/config", tag = "staff", operation_id = "read_configuration",
    params(LanguageHeader), security(("staff" = [])),
    responses((status = 200, description = "The configuration", body = ConfigurationView), OfStaffReading))]
pub async fn config(
    State(app): State<App>,
    staff: Staff,
    Query(NoParameters {}): Query<NoParameters>,
    languages: Languages,
) -> Result<Response, Problem> {
    let snapshot = app.engine()?.snapshot();
    let halls = snapshot.halls().iter().filter(|hall| staff.member.may_serve(hall.id));
    let loaded_at: chrono::DateTime<FixedOffset> = app.loaded().loaded_at.with_timezone(&Shanghai).fixed_offset();
    Ok(localized(&ConfigurationView {
        version: &snapshot.version,
        loaded_at: Instant(loaded_at),
        halls: halls.map(|hall| ConfiguredHall::new(&snapshot, hall, &languages)).collect(),
        services: snapshot.services().iter().map(|service| ServiceView::new(service, &languages)).collect(),
    }))
}

/// Reads the configuration again: all of it is put in force, or nothing.
#[utoipa::path(post, path = "/v1/admin/config/reload", tag = "staff", operation_id = "reload_configuration",
    params(ReloadQuery, KeyHeader), security(("staff" = [])),
    responses((status = 200, description = "What was changed, or would be", body = ReloadView), OfReload))]
pub async fn reload(
    State(app): State<App>,
    Admin(staff): Admin,
    Query(query): Query<ReloadQuery>,
    target: Target,
    _: NoBody,
) -> Result<Response, Problem> {
    let once = target.once(&staff.caller(), Bytes::new());
    let told = |report: &ReloadReport| {
        serde_json::to_string(&ReloadView::from(report)).expect("texts and dates can be written as JSON")
    };
    Ok(written(app.reload_once(&staff, once, query.dry_run.as_deref(), told).await?.to_string()))
}

fn written(text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
