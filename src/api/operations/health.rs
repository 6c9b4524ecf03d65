//! Whether the process is up, and whether it serves bookings.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::state::App;
use crate::engine::{Engine, KeyShare, ReadOnlyReason};
use crate::serve::json::json;

/// What the operator of a server in mode `demo` must know.
const DEMO_WARNING: &str =
    "identity.mode is demo: whoever knows a name and an ID number can act for that person; never for the public";

/// That the process is up.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// Always `up`.
    #[schema(example = "up")]
    status: &'static str,
}

/// Whether bookings are served.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    /// `ready`, `recovering`, `read_only`, `behind` where nothing is heard of what other instances write, or
    /// `other_configuration` where they have another one in force.
    #[schema(example = "ready")]
    status: &'static str,
    /// Why nothing can be changed: `ledger_failed`, `ledger_away`, `no_space` or `started_read_only`; null if something can.
    #[schema(required = true)]
    read_only_reason: Option<&'static str>,
    /// By how many seconds the clock of the machine is behind the last entry, if that is more than a minute: the time
    /// stands until it has caught up.
    #[schema(required = true)]
    clock_behind_s: Option<i64>,
    /// The version of the configuration that this instance has.
    version: String,
    /// The version that all instances are to have; null where there are no others.
    #[schema(required = true)]
    in_force: Option<String>,
    /// How persons identify themselves: `demo` or `oidc`.
    #[schema(example = "demo")]
    identity: &'static str,
    /// What the operator must know; null where there is nothing.
    #[schema(required = true)]
    warning: Option<&'static str>,
    /// Which bounds are nearly reached, so that calls will be refused when they are: `keys_of_persons`, `keys_of_staff`.
    #[schema(value_type = Vec<String>, example = json!([]))]
    nearly_full: Vec<String>,
    /// The release of the time zone database inside the program.
    #[schema(example = "2025b")]
    time_zones: &'static str,
    /// What works as configured and may not be what was meant, as `hallpass check` says it.
    hints: Vec<String>,
}

/// Whether the process is up.
#[utoipa::path(get, path = "/healthz", tag = "operations", operation_id = "health",
    responses((status = 200, description = "The process is up", body = Health)))]
pub async fn health() -> Response {
    json(StatusCode::OK, &Health { status: "up" })
}

/// Whether the server takes bookings.
#[utoipa::path(get, path = "/readyz", tag = "operations", operation_id = "readiness",
    responses(
        (status = 200, description = "The server takes bookings", body = Readiness),
        (status = 503, description = "The server is recovering, the ledger has failed, or the other instances have another \
         configuration; with `Retry-After`",
         body = Readiness, headers(("Retry-After" = u32, description = "Seconds"))),
    ))]
pub async fn readiness(State(app): State<App>) -> Response {
    let (status, word) = match app.engine() {
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "recovering"),
        Ok(engine) if engine.is_read_only() => (StatusCode::SERVICE_UNAVAILABLE, "read_only"),
        Ok(engine) if engine.age().is_some() => (StatusCode::SERVICE_UNAVAILABLE, "behind"),
        Ok(engine) if engine.has_other_configuration() => (StatusCode::SERVICE_UNAVAILABLE, "other_configuration"),
        Ok(_) => (StatusCode::OK, "ready"),
    };
    let in_force = app.engine().ok().and_then(Engine::membership).and_then(|others| others.in_force.lock().clone());
    let loaded = app.loaded();
    let (identity, warning) = if loaded.is_demonstration() { ("demo", Some(DEMO_WARNING)) } else { ("oidc", None) };
    let version = loaded.configuration.snapshot.version.clone();
    let read_only_reason = app.read_only_reason().map(ReadOnlyReason::as_str);
    let (nearly_full, clock_behind_s) = (nearly_full(&app), app.clock_behind().map(|behind| behind.num_seconds()));
    let (time_zones, hints) = (chrono_tz::IANA_TZDB_VERSION, loaded.hints_at(app.now()));
    let readiness = Readiness {
        status: word,
        read_only_reason,
        clock_behind_s,
        version,
        in_force,
        identity,
        warning,
        nearly_full,
        time_zones,
        hints,
    };
    let mut response = json(status, &readiness);
    if status != StatusCode::OK {
        response.headers_mut().insert(RETRY_AFTER, 1.into());
    }
    response
}

/// The shares of the idempotency keys that are nearly full.
fn nearly_full(app: &App) -> Vec<String> {
    let shares = app.engine().map(Engine::key_shares).into_iter().flatten();
    shares.filter(KeyShare::is_nearly_full).map(|share| format!("keys_of_{}", share.of)).collect()
}
