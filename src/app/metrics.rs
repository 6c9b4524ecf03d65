//! What is counted, for Prometheus.
//!
//! Every label set is bounded: routes are the patterns that the router knows, codes and changes are closed lists. What is
//! counted on the way of a request are atomics; the text is made when it is asked for.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use dashmap::DashMap;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::registry::Unit;

use super::refusal::Code;
use crate::domain::appointment::Action;

/// The route of a request that no pattern matches.
const UNMATCHED: &str = "unmatched";
const METHODS: [Method; 3] = [Method::GET, Method::HEAD, Method::POST];
/// Statuses that this server gives; any other is counted as `other`.
const STATUSES: [u16; 18] = [200, 201, 303, 400, 401, 403, 404, 405, 409, 413, 414, 415, 422, 429, 431, 500, 501, 503];
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
    /// Holds that live longer.
    Extended,
    /// Check-ins, servings and no-shows that were taken back.
    Undone,
}

impl Change {
    /// What an action counts as.
    #[must_use]
    pub const fn of(action: Action) -> Self {
        match action {
            Action::CheckIn => Self::CheckedIn,
            Action::Serve => Self::Served,
            Action::Cancel => Self::Cancelled,
            Action::Reschedule => Self::Rescheduled,
            Action::Undo => Self::Undone,
            Action::Confirm => Self::Confirmed,
            Action::Extend => Self::Extended,
            Action::MarkNoShow | Action::Expire => Self::NoShow,
        }
    }
}

const CHANGES: [(Change, &str); 10] = [
    (Change::Held, "held"),
    (Change::Booked, "booked"),
    (Change::Confirmed, "confirmed"),
    (Change::Rescheduled, "rescheduled"),
    (Change::Cancelled, "cancelled"),
    (Change::CheckedIn, "checked_in"),
    (Change::Served, "served"),
    (Change::NoShow, "no_show"),
    (Change::Extended, "extended"),
    (Change::Undone, "undone"),
];

/// Everything that is counted since the start.
#[derive(Debug)]
pub struct Metrics {
    routes: DashMap<String, RouteMeter, foldhash::fast::RandomState>,
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

impl Metrics {
    /// Writes the answers of every route.
    ///
    /// # Errors
    /// Where the text cannot be written.
    pub fn encode_routes(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
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

    /// Writes problems and changes.
    ///
    /// # Errors
    /// Where the text cannot be written.
    pub fn encode_lists(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
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
