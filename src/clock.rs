//! The only reader of the time of day.
//!
//! Three clocks: the system's, a simulated one that starts at a given instant and then runs on in real time, and a manual
//! one for tests that moves only when told. Whoever decides something reads `now` once and hands it down. Where several
//! machines must agree on the time, the system's clock is corrected by what they share.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

/// The longest single sleep: a system clock that is set meanwhile is noticed within this time.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// A clock. Clones show the same time.
#[derive(Debug, Clone)]
pub struct Clock(Kind);

#[derive(Debug, Clone)]
enum Kind {
    System {
        /// How wrong the machine's clock is made to be: a test's way to a machine that is off.
        off: TimeDelta,
        /// In milliseconds.
        correction: Arc<AtomicI64>,
    },
    Shifted(TimeDelta),
    Manual(watch::Sender<DateTime<Utc>>),
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::system_off_by(TimeDelta::zero())
    }

    /// The clock of a machine that is off by so much.
    #[must_use]
    pub fn system_off_by(off: TimeDelta) -> Self {
        Self(Kind::System { off, correction: Arc::default() })
    }

    /// The way to correct this clock; none where it is not the system's.
    #[must_use]
    pub fn correction(&self) -> Option<Correction> {
        match &self.0 {
            Kind::System { off, correction } => Some(Correction { off: *off, correction: Arc::clone(correction) }),
            Kind::Shifted(_) | Kind::Manual(_) => None,
        }
    }

    /// A clock that shows `start` now and runs on in real time.
    #[must_use]
    pub fn simulated(start: DateTime<Utc>) -> Self {
        Self(Kind::Shifted(start - Utc::now()))
    }

    /// A clock that stands at `start` until it is set.
    #[must_use]
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self(Kind::Manual(watch::Sender::new(start)))
    }

    /// The present instant, cut to whole milliseconds: the resolution of everything that is recorded.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let exact = match &self.0 {
            Kind::System { off, correction } => {
                Utc::now() + *off + TimeDelta::milliseconds(correction.load(Ordering::Relaxed))
            }
            Kind::Shifted(shift) => Utc::now() + *shift,
            Kind::Manual(time) => *time.borrow(),
        };
        DateTime::from_timestamp_millis(exact.timestamp_millis()).unwrap_or(exact)
    }

    /// Sets a manual clock and wakes whoever waits for the time; does nothing to the others.
    pub fn set(&self, now: DateTime<Utc>) {
        if let Kind::Manual(time) = &self.0 {
            time.send_replace(now);
        }
    }

    /// Waits until the clock shows `instant` or later.
    pub async fn wait_until(&self, instant: DateTime<Utc>) {
        match &self.0 {
            Kind::System { .. } | Kind::Shifted(_) => loop {
                let Ok(left) = (instant - self.now()).to_std() else { return };
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
            },
            Kind::Manual(time) => {
                // The sender is part of this clock, so the channel cannot close while somebody waits.
                let _ = time.subscribe().wait_for(|now| *now >= instant).await;
            }
        }
    }
}

/// The way to correct a clock, and all of its clones.
#[derive(Debug, Clone)]
pub struct Correction {
    off: TimeDelta,
    correction: Arc<AtomicI64>,
}

impl Correction {
    /// By how much the clock must be wrong at least before it is corrected: what a question and its answer take is less.
    pub const TOLERANCE: TimeDelta = TimeDelta::milliseconds(250);

    /// Makes the clock show so much more than the machine's, where it is wrong by more than [`Self::TOLERANCE`].
    pub fn set(&self, offset: TimeDelta) {
        let (wanted, now) = (offset.num_milliseconds(), self.correction.load(Ordering::Relaxed));
        if (wanted - now).abs() > Self::TOLERANCE.num_milliseconds() {
            tracing::warn!(offset_ms = wanted, "the clock of this machine is off and is corrected");
            self.correction.store(wanted, Ordering::Relaxed);
        }
    }

    /// The machine's clock as it is.
    #[must_use]
    pub fn uncorrected(&self) -> Clock {
        Clock::system_off_by(self.off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simulated_clock_starts_where_it_is_told_and_runs_on() {
        let start = "2026-11-24T15:59:59Z".parse().unwrap();
        let clock = Clock::simulated(start);
        let first = clock.now();
        assert!(first >= start && first < start + TimeDelta::minutes(1), "{first}");
        while clock.now() == first {
            std::thread::yield_now();
        }
        assert!(clock.now() > first);
    }

    #[tokio::test]
    async fn a_manual_clock_wakes_who_waits() {
        let start: DateTime<Utc> = "2026-11-24T16:00:00Z".parse().unwrap();
        let clock = Clock::manual(start);
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.wait_until(start + TimeDelta::minutes(10)).await;
                clock.now()
            }
        });
        clock.set(start + TimeDelta::minutes(9));
        clock.set(start + TimeDelta::minutes(11));
        assert_eq!(waiting.await.unwrap(), start + TimeDelta::minutes(11));
    }
}
