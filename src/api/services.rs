//! `GET /v1/services`.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem_sets::OfList;
use crate::app::state::App;
use crate::domain::service::Service;
use crate::serve::json::localized;
use crate::serve::problem::Problem;
use crate::serve::read::language::{LanguageHeader, Languages};
use crate::serve::read::query::{NoParameters, Query};

/// What can be applied for: a document and what is done with it.
#[derive(Serialize, ToSchema)]
#[schema(as = Service)]
pub struct ServiceView<'a> {
    /// Its id.
    #[schema(example = "passport.renewal")]
    id: &'a str,
    /// The document. An applicant has one active appointment for each.
    #[schema(example = "passport")]
    document: &'a str,
    /// What is done with it.
    #[schema(example = "renewal")]
    action: &'a str,
    /// The lane of a hall that serves it.
    #[schema(example = "counter")]
    lane: &'a str,
    /// What people call it, in the language of the caller.
    #[schema(example = "换发普通护照")]
    name: &'a str,
}

impl<'a> ServiceView<'a> {
    /// A service in the language of the caller.
    #[must_use]
    pub fn new(service: &'a Service, languages: &Languages) -> Self {
        Self {
            id: service.id.as_str(),
            document: service.document.as_str(),
            action: &service.action,
            lane: service.lane.as_str(),
            name: service.name.pick(&languages.0),
        }
    }
}

/// All services.
#[derive(Serialize, ToSchema)]
pub struct ServiceList<'a> {
    /// The services, in the order of the configuration.
    services: Vec<ServiceView<'a>>,
}

/// What can be applied for.
#[utoipa::path(get, path = "/v1/services", tag = "public", operation_id = "list_services", params(LanguageHeader),
    responses((status = 200, description = "All services", body = ServiceList), OfList))]
pub async fn services(
    State(app): State<App>,
    Query(NoParameters {}): Query<NoParameters>,
    languages: Languages,
) -> Result<Response, Problem> {
    let snapshot = app.engine()?.snapshot();
    let services = snapshot.services().iter().map(|service| ServiceView::new(service, &languages)).collect();
    Ok(localized(&ServiceList { services }))
}
