//! What is counted, for Prometheus.
//!
//! Every label set is bounded: routes are the patterns that the router knows, codes and changes are closed lists. What is
//! counted on the way of a request are atomics; the text is made when it is asked for.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use dashmap::DashMap;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

use super::app::App;
use super::problem::{Code, Problem};
use crate::engine::{Engine, Sizes};

/// The route of a request that no pattern matches.
const UNMATCHED: &str = "unmatched";
const METHODS: [Method; 3] = [Method::GET, Method::HEAD, Method::POST];
/// Statuses that this server gives; any other is counted as `other`.
const STATUSES: [u16; 17] = [200, 201, 400, 401, 403, 404, 405, 409, 413, 414, 415, 422, 429, 431, 500, 503, 304];
/// Upper bounds of the buckets of latency, in microseconds.
const BOUNDS_US: [u64; 13] =
    [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000];
const CODES: usize = Code::ALL.len();

/// A change of appointments that callers made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Places held.
    Held,
    /// Places booked.
    Booked,
    /// Holds confirmed.
    Confirmed,
    /// Appointments moved.
    Rescheduled,
    /// Appointments cancelled.
    Cancelled,
    /// Applicants who came.
    CheckedIn,
    /// Applicants who were served.
    Served,
    /// Applicants who did not come.
    NoShow,
}

const CHANGES: [(Change, &str); 8] = [
    (Change::Held, "held"),
    (Change::Booked, "booked"),
    (Change::Confirmed, "confirmed"),
    (Change::Rescheduled, "rescheduled"),
    (Change::Cancelled, "cancelled"),
    (Change::CheckedIn, "checked_in"),
    (Change::Served, "served"),
    (Change::NoShow, "no_show"),
];

/// Everything that is counted since the start.
#[derive(Debug)]
pub struct Metrics {
    routes: DashMap<String, RouteMeter>,
    problems: [AtomicU64; CODES],
    changes: [AtomicU64; CHANGES.len()],
}

impl Default for Metrics {
    fn default() -> Self {
        Self { routes: DashMap::default(), problems: [const { AtomicU64::new(0) }; CODES], changes: Default::default() }
    }
}

/// The answers of one route: by method and status, and how long they took.
#[derive(Debug, Default)]
struct RouteMeter {
    answers: [[AtomicU64; STATUSES.len() + 1]; METHODS.len() + 1],
    buckets: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Metrics {
    /// Counts an answer. `route` is the pattern that matched.
    pub fn answered(&self, route: Option<&str>, method: &Method, status: StatusCode, took: Duration) {
        let route = route.unwrap_or(UNMATCHED);
        match self.routes.get(route) {
            Some(meter) => meter.answered(method, status, took),
            None => self.routes.entry(route.to_owned()).or_default().answered(method, status, took),
        }
    }

    /// Counts a problem.
    pub fn refused(&self, code: Code) {
        add(&self.problems[code as usize], 1);
    }

    /// Counts changed appointments.
    pub fn changed(&self, change: Change, appointments: usize) {
        add(&self.changes[change as usize], appointments as u64);
    }
}

impl RouteMeter {
    fn answered(&self, method: &Method, status: StatusCode, took: Duration) {
        let method = METHODS.iter().position(|known| known == method).unwrap_or(METHODS.len());
        let status = STATUSES.iter().position(|known| *known == status.as_u16()).unwrap_or(STATUSES.len());
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        add(&self.answers[method][status], 1);
        add(&self.buckets[BOUNDS_US.partition_point(|bound| *bound < took_us)], 1);
        add(&self.sum_us, took_us);
    }

    /// The answers that were given at all: method, status, count.
    fn counts(&self) -> impl Iterator<Item = (&'static str, String, u64)> {
        let method = |at: usize| METHODS.get(at).map_or("other", |method| method_word(method));
        let status = |at: usize| STATUSES.get(at).map_or_else(|| "other".to_owned(), u16::to_string);
        self.answers.iter().enumerate().flat_map(move |(method_at, row)| {
            let counted = row.iter().enumerate().map(|(at, count)| (at, count.load(Ordering::Relaxed)));
            counted.filter(|(_, count)| *count > 0).map(move |(at, count)| (method(method_at), status(at), count))
        })
    }

    /// Upper bounds in seconds with the count of each bucket, and the sum in seconds.
    fn latency(&self) -> (Vec<(f64, u64)>, f64) {
        let bounds = BOUNDS_US.iter().map(|bound| seconds(*bound)).chain([f64::INFINITY]);
        let counts = self.buckets.iter().map(|count| count.load(Ordering::Relaxed));
        (bounds.zip(counts).collect(), seconds(self.sum_us.load(Ordering::Relaxed)))
    }
}

fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        _ => "POST",
    }
}

fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

fn seconds(microseconds: u64) -> f64 {
    Duration::from_micros(microseconds).as_secs_f64()
}

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

impl Metrics {
    fn encode_routes(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Requests answered, by route, method and status";
        let mut family = encoder.encode_descriptor("http_requests", help, None, MetricType::Counter)?;
        for route in &self.routes {
            for (method, status, count) in route.counts() {
                let labels = [("route", route.key().as_str()), ("method", method), ("status", &status)];
                ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
            }
        }
        let help = "Time from the head of a request to the head of its answer";
        let unit = Some(&Unit::Seconds);
        let mut family = encoder.encode_descriptor("http_request_duration", help, unit, MetricType::Histogram)?;
        for route in &self.routes {
            let (buckets, sum) = route.latency();
            let count = buckets.iter().map(|(_, count)| count).sum();
            let labels = [("route", route.key().as_str())];
            family.encode_family(&labels)?.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
        }
        Ok(())
    }

    fn encode_lists(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Problem documents given, by code";
        let mut family = encoder.encode_descriptor("problems", help, None, MetricType::Counter)?;
        for code in Code::ALL {
            let count = self.problems[*code as usize].load(Ordering::Relaxed);
            ConstCounter::new(count).encode(family.encode_family(&[("code", code.as_str())])?)?;
        }
        let help = "Appointments changed by callers, by what was done";
        let mut family = encoder.encode_descriptor("appointment_changes", help, None, MetricType::Counter)?;
        for (change, word) in CHANGES {
            let count = self.changes[change as usize].load(Ordering::Relaxed);
            ConstCounter::new(count).encode(family.encode_family(&[("change", word)])?)?;
        }
        Ok(())
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
        ("read_only", "Whether the ledger has failed", i64::from(engine.is_read_only())),
        ("ledger_queue_entries", "Entries that wait for the ledger", count(engine.queue_depth())),
        ("appointments", "Appointments of any state in memory", count(appointments)),
        ("holds", "Holds that have not ended", count(holds)),
        ("day_sheets", "Day sheets in memory", count(sheets)),
        ("remembered_answers", "Answers kept for a repeat with the same idempotency key", count(answers)),
    ] {
        gauge(encoder, name, help, value)?;
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

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: i64) -> fmt::Result {
    ConstGauge::new(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
}

/// What is counted, as `OpenMetrics` text.
#[utoipa::path(get, path = "/metrics", tag = "operations", operation_id = "metrics",
    responses(
        (status = 200, description = "Counters, gauges and histograms in the OpenMetrics text format",
         body = String, content_type = "application/openmetrics-text"),
        super::problem_sets::OfProbe,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_the_lists_are_those_of_the_enums() {
        for (at, code) in Code::ALL.iter().enumerate() {
            assert_eq!(*code as usize, at);
        }
        for (at, (change, _)) in CHANGES.iter().enumerate() {
            assert_eq!(*change as usize, at);
        }
    }

    #[test]
    fn answers_are_counted_by_route_method_and_status() {
        let metrics = Metrics::default();
        metrics.answered(Some("/a"), &Method::POST, StatusCode::CREATED, Duration::from_micros(250));
        metrics.answered(Some("/a"), &Method::POST, StatusCode::CREATED, Duration::from_micros(251));
        metrics.answered(Some("/a"), &Method::PUT, StatusCode::IM_A_TEAPOT, Duration::from_secs(9));
        metrics.answered(None, &Method::GET, StatusCode::NOT_FOUND, Duration::ZERO);

        let route = metrics.routes.get("/a").unwrap();
        let mut counts: Vec<_> = route.counts().collect();
        counts.sort();
        assert_eq!(counts, [("POST", "201".to_owned(), 2), ("other", "other".to_owned(), 1)]);
        let (buckets, sum) = route.latency();
        let filled: Vec<(f64, u64)> = buckets.into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(filled, [(0.000_25, 1), (0.000_5, 1), (f64::INFINITY, 1)]);
        assert!((sum - 9.000_501).abs() < 1e-9);
        assert_eq!(metrics.routes.get(UNMATCHED).unwrap().counts().count(), 1);
    }
}
