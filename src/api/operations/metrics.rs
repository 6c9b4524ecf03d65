//! `GET /metrics`: what is counted and what is known, as one text for Prometheus.

use std::fmt;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use crate::app::state::App;
use crate::engine::{Engine, KeyShare, Sizes};
use crate::serve::problem::Problem;

/// Writes everything that is known at one instant.
struct Exposition(App);

impl fmt::Debug for Exposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exposition")
    }
}

impl Collector for Exposition {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0.metrics().encode_routes(&mut encoder)?;
        self.0.metrics().encode_lists(&mut encoder)?;
        self.encode_state(&mut encoder)
    }
}

impl Exposition {
    fn encode_state(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let engine = self.0.engine().ok();
        let loaded = self.0.loaded();
        let since = loaded.loaded_at.timestamp();
        gauge(encoder, "recovered", "Whether the engine has recovered", i64::from(engine.is_some()))?;
        gauge(encoder, "config_loaded_timestamp_seconds", "Since when the configuration is in force", since)?;
        if let Some(engine) = engine {
            encode_engine(engine, encoder)?;
            encode_keys(engine.key_shares().into_iter().chain([self.0.openings().share()]), encoder)?;
        }
        let version = [("version", loaded.configuration.snapshot.version.as_str())];
        let help = "The configuration in force";
        encoder.encode_descriptor("config", help, None, MetricType::Info)?.encode_info(&version)
    }
}

fn encode_engine(engine: &Engine, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let Sizes { appointments, holds, sheets, answers } = engine.sizes();
    for (name, help, value) in [
        ("read_only", "Whether nothing can be changed at the moment", i64::from(engine.is_read_only())),
        ("ledger_queue_entries", "Entries that wait for the ledger", count(engine.queue_depth())),
        ("appointments", "Appointments of any state in memory", count(appointments)),
        ("holds", "Holds that have not ended", count(holds)),
        ("day_sheets", "Day sheets in memory", count(sheets)),
        ("remembered_answers", "Answers kept for a repeat with the same idempotency key", count(answers)),
    ] {
        gauge(encoder, name, help, value)?;
    }
    if let Some(membership) = engine.membership() {
        let differs = engine.has_other_configuration();
        let age_ms = engine.age().map_or(0, |age| count(usize::try_from(age.as_millis()).unwrap_or(usize::MAX)));
        let others = i64::try_from(membership.others.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        for (name, help, value) in [
            ("other_instances", "Other instances that share the ledger", others),
            ("config_differs", "Whether another configuration is in force than this instance has", i64::from(differs)),
            ("memory_age_milliseconds", "How long nothing has been heard of what others wrote, from 1,000 on", age_ms),
            (
                "clock_offset_milliseconds",
                "The clock of the ledger less that of this machine",
                membership.clock_offset_ms.load(Ordering::Relaxed),
            ),
            (
                "ends_holds",
                "Whether it falls to this instance to end holds",
                i64::from(membership.ends_holds.load(Ordering::Relaxed)),
            ),
        ] {
            gauge(encoder, name, help, value)?;
        }
    }
    let (batches, entries) = engine.committed();
    for (name, help, value) in [
        ("ledger_batches", "Batches that the ledger has made durable", batches),
        ("ledger_entries", "Entries that the ledger has made durable", entries),
    ] {
        ConstCounter::new(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Counter)?)?;
    }
    Ok(())
}

/// Writes how many idempotency keys are remembered, and how many at most, by whose they are.
fn encode_keys(shares: impl Iterator<Item = KeyShare> + Clone, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let help = "Idempotency keys that are remembered";
    let mut family = encoder.encode_descriptor("remembered_keys", help, None, MetricType::Gauge)?;
    for share in shares.clone() {
        ConstGauge::new(count(share.used)).encode(family.encode_family(&[("of", share.of)])?)?;
    }
    let help = "Idempotency keys that are remembered at most";
    let mut family = encoder.encode_descriptor("remembered_keys_bound", help, None, MetricType::Gauge)?;
    for share in shares {
        ConstGauge::new(count(share.bound)).encode(family.encode_family(&[("of", share.of)])?)?;
    }
    Ok(())
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: i64) -> fmt::Result {
    ConstGauge::new(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
}

/// What is counted, as `OpenMetrics` text.
#[utoipa::path(get, path = "/metrics", tag = "operations", operation_id = "metrics",
    responses(
        (status = 200, description = "Counters, gauges and histograms in the OpenMetrics text format",
         body = String, content_type = "application/openmetrics-text"),
        crate::api::problem_sets::OfProbe,
    ))]
pub async fn metrics(State(app): State<App>) -> Response {
    let mut registry = Registry::with_prefix("hallpass");
    registry.register_collector(Box::new(Exposition(app)));
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => {
            ([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response()
        }
        Err(error) => Problem::internal(format!("the metrics cannot be written: {error}")).into_response(),
    }
}
