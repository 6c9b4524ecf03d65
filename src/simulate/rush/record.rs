//! What was asked and answered, moment by moment, and what follows from it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::simulate::outcome::{Answers, CallLatency, Second};

/// How many observations are kept; later ones are counted, and their details thrown away.
pub const MAX_OBSERVATIONS: usize = 20_000_000;

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    /// Opening a session.
    Session,
    /// The nearest halls.
    Halls,
    /// A hall's slots.
    Slots,
    /// A page: a hall's days, or the bands of one.
    Page,
    /// Recommendations.
    Recommendations,
    /// A booking.
    Book,
    /// A hold.
    Hold,
    /// A confirmation.
    Confirm,
    /// A reschedule.
    Reschedule,
    /// A cancellation.
    Cancel,
    /// The caller's own appointments.
    Read,
}

impl Call {
    /// The word of the report.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Halls => "halls",
            Self::Slots => "slots",
            Self::Page => "page",
            Self::Recommendations => "recommendations",
            Self::Book => "book",
            Self::Hold => "hold",
            Self::Confirm => "confirm",
            Self::Reschedule => "reschedule",
            Self::Cancel => "cancel",
            Self::Read => "read",
        }
    }

    const fn makes(self) -> bool {
        matches!(self, Self::Book | Self::Hold)
    }
}

/// One answered call.
#[derive(Debug, Clone)]
pub struct Observation {
    call: Call,
    /// When the answer came, since the beginning.
    at: Duration,
    took: Duration,
    status: u16,
    code: Box<str>,
}

impl Observation {
    /// A call that began and ended so long after the beginning, with this status and code.
    #[must_use]
    pub fn new(call: Call, (begun, ended): (Duration, Duration), status: u16, code: &str) -> Self {
        Self { call, at: ended, took: ended.saturating_sub(begun), status, code: code.into() }
    }

    /// Whether it made a booking or a hold.
    const fn made(&self) -> bool {
        self.call.makes() && self.status == 201
    }
}

/// Where observations go. Clones are the same.
#[derive(Debug, Clone)]
pub struct Recorder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    begun: Instant,
    answered: AtomicU64,
    made: AtomicU64,
    observations: Mutex<Vec<Observation>>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self(Arc::new(Inner {
            begun: Instant::now(),
            answered: AtomicU64::default(),
            made: AtomicU64::default(),
            observations: Mutex::default(),
        }))
    }
}

impl Recorder {
    /// How long ago the recording began.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.0.begun.elapsed()
    }

    /// Notes an observation.
    pub fn note(&self, observation: Observation) {
        self.0.answered.fetch_add(1, Ordering::Relaxed);
        self.0.made.fetch_add(u64::from(observation.made()), Ordering::Relaxed);
        let mut observations = self.0.observations.lock();
        if observations.len() < MAX_OBSERVATIONS {
            observations.push(observation);
        }
    }

    /// How many calls were answered, and how many of them made a booking or a hold.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.0.answered.load(Ordering::Relaxed), self.0.made.load(Ordering::Relaxed))
    }

    /// Second by second, to the last one in which something was answered.
    #[must_use]
    pub fn seconds(&self) -> Vec<Second> {
        let observations = self.0.observations.lock();
        let mut seconds: Vec<(Vec<f64>, u32)> = Vec::new();
        for one in observations.iter() {
            let at = usize::try_from(one.at.as_secs()).unwrap_or(usize::MAX);
            if seconds.len() <= at {
                seconds.resize_with(at + 1, Default::default);
            }
            seconds[at].0.push(one.took.as_secs_f64() * 1_000.0);
            seconds[at].1 += u32::from(one.made());
        }
        seconds.into_iter().map(|(took_ms, bookings)| second(took_ms, bookings)).collect()
    }

    /// Answers by status and code, most frequent first.
    #[must_use]
    pub fn answers(&self) -> Vec<Answers> {
        let mut counts: HashMap<(u16, Box<str>), u64> = HashMap::new();
        for one in self.0.observations.lock().iter() {
            *counts.entry((one.status, one.code.clone())).or_default() += 1;
        }
        let mut answers: Vec<_> = counts
            .into_iter()
            .map(|((status, code), count)| Answers { status, code: code.into_string(), count })
            .collect();
        answers.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| (a.status, &a.code).cmp(&(b.status, &b.code))));
        answers
    }

    /// How long each kind of call took.
    #[must_use]
    pub fn calls(&self) -> Vec<CallLatency> {
        let mut calls: std::collections::BTreeMap<Call, Vec<f64>> = std::collections::BTreeMap::new();
        for one in self.0.observations.lock().iter() {
            calls.entry(one.call).or_default().push(one.took.as_secs_f64() * 1_000.0);
        }
        let latency = |(call, mut took_ms): (Call, Vec<f64>)| {
            took_ms.sort_by(f64::total_cmp);
            CallLatency {
                call: call.word().to_owned(),
                count: took_ms.len() as u64,
                p50_ms: quantile(&took_ms, 0.5),
                p99_ms: quantile(&took_ms, 0.99),
                max_ms: quantile(&took_ms, 1.0),
            }
        };
        calls.into_iter().map(latency).collect()
    }
}

fn second(mut took_ms: Vec<f64>, bookings: u32) -> Second {
    took_ms.sort_by(f64::total_cmp);
    Second {
        requests: u32::try_from(took_ms.len()).unwrap_or(u32::MAX),
        bookings,
        p50_ms: quantile(&took_ms, 0.5),
        p95_ms: quantile(&took_ms, 0.95),
        p99_ms: quantile(&took_ms, 0.99),
        max_ms: quantile(&took_ms, 1.0),
    }
}

/// The smallest of the sorted values that at least this share of them does not exceed; 0 where there are none.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in the list"
    )]
    let place = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(place.clamp(1, sorted.len().max(1)) - 1).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(recorder: &Recorder, call: Call, at_ms: u64, took_ms: u64, status: u16, code: &str) {
        let at = Duration::from_millis(at_ms);
        recorder.note(Observation::new(call, (Duration::from_millis(at_ms - took_ms), at), status, code));
    }

    #[test]
    fn seconds_answers_and_latencies_follow_from_what_was_noted() {
        let recorder = Recorder::default();
        for took in 1..=100 {
            noted(&recorder, Call::Book, 500, took, 201, "ok");
        }
        noted(&recorder, Call::Book, 2_500, 7, 409, "slot_full");
        noted(&recorder, Call::Slots, 2_600, 3, 0, "lost");
        assert_eq!(recorder.counts(), (102, 100));
        let seconds = recorder.seconds();
        assert_eq!(
            seconds.iter().map(|second| (second.requests, second.bookings)).collect::<Vec<_>>(),
            [(100, 100), (0, 0), (2, 0)]
        );
        let close = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(close(seconds[0].p50_ms, 50.0) && close(seconds[0].p99_ms, 99.0) && close(seconds[0].max_ms, 100.0));
        assert!(close(seconds[1].max_ms, 0.0));
        let answers: Vec<_> = recorder.answers().into_iter().map(|one| (one.status, one.code, one.count)).collect();
        assert_eq!(answers, [(201, "ok".into(), 100), (0, "lost".into(), 1), (409, "slot_full".into(), 1)]);
        let calls: Vec<_> = recorder.calls().into_iter().map(|one| (one.call, one.count)).collect();
        assert_eq!(calls, [("slots".to_owned(), 1), ("book".to_owned(), 101)]);
    }
}
