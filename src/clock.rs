//! The only reader of the time of day.
//!
//! Three clocks: the system's, a simulated one that starts at a given instant and then runs on in real time, and a manual
//! one for tests that moves only when told. Whoever decides something reads `now` once and hands it down. Where several
//! machines must agree on the time, the system's clock is corrected by what they share.
//!
//! A clock that runs is never behind what was recorded by it: if the machine's goes back, it stands until that has caught
//! up. So nothing is recorded before what came before it, and no day opens or ends twice. Limits by time, such as so many
//! changes a minute, go by [`Clock::running`], which stands never: nobody is kept out for as long as the time stands.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

/// The longest single sleep: a system clock that is set meanwhile is noticed within this time.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// By how much a clock may be behind the last entry before that is said to the operator.
pub const MAX_BEHIND: TimeDelta = TimeDelta::minutes(1);
/// By how much a clock may be behind the last entry at a start, unless the operator accepts it.
pub const MAX_BEHIND_AT_START: TimeDelta = TimeDelta::hours(1);
/// By how much an entry of another instance may be ahead of what this machine's clock shows, corrected by what they share,
/// for the time to follow it. An entry further ahead came from a clock that is wrong.
pub const MAX_AHEAD_OF_SHOWN: TimeDelta = TimeDelta::minutes(1);
/// The earliest instant of all, for a clock by which nothing was recorded yet.
const NOTHING_RECORDED: i64 = i64::MIN;

/// A clock. Clones show the same time.
#[derive(Debug, Clone)]
pub struct Clock {
    kind: Kind,
    /// The latest instant that was recorded, in milliseconds.
    recorded: Arc<AtomicI64>,
    /// Whether the operator has been told that another's entry was too far ahead: once is enough.
    has_told_of_ahead: Arc<AtomicBool>,
    /// When this clock was made: by the time of day, and by the machine's clock that never goes back.
    made: (DateTime<Utc>, Instant),
}

/// An instant that neither stands nor goes back, whatever becomes of the machine's time of day. It is no time of day itself:
/// only how far two of them are apart means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    ms: i64,
}

impl Running {
    /// The instant so many milliseconds after any one that all of them are counted from.
    #[must_use]
    pub const fn at_ms(ms: i64) -> Self {
        Self { ms }
    }

    /// How many milliseconds after that one it is.
    #[must_use]
    pub const fn ms(self) -> i64 {
        self.ms
    }
}

/// The clock is far behind what was recorded last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the clock says {now}, and the last entry is of {last}: one of the two is wrong. Set the clock of this machine; if it is \
     right, and the entry came from a clock that was not, start with --accept-clock"
)]
pub struct ClockBehind {
    /// What the clock shows.
    pub now: DateTime<Utc>,
    /// The instant of the last entry.
    pub last: DateTime<Utc>,
}

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
        Self::of(Kind::System { off, correction: Arc::default() })
    }

    fn of(kind: Kind) -> Self {
        let recorded = Arc::new(AtomicI64::new(NOTHING_RECORDED));
        Self { kind, recorded, has_told_of_ahead: Arc::default(), made: (Utc::now(), Instant::now()) }
    }

    /// The way to correct this clock; none where it is not the system's.
    #[must_use]
    pub fn correction(&self) -> Option<Correction> {
        match &self.kind {
            Kind::System { off, correction } => Some(Correction { off: *off, correction: Arc::clone(correction) }),
            Kind::Shifted(_) | Kind::Manual(_) => None,
        }
    }

    /// A clock that shows `start` now and runs on in real time.
    #[must_use]
    pub fn simulated(start: DateTime<Utc>) -> Self {
        Self::of(Kind::Shifted(start - Utc::now()))
    }

    /// A clock that stands at `start` until it is set.
    #[must_use]
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self::of(Kind::Manual(watch::Sender::new(start)))
    }

    /// The present instant, cut to whole milliseconds: the resolution of everything that is recorded. It is not before what
    /// was recorded, but on a manual clock, which shows what it is told.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let shown = self.shown();
        let latest = match self.kind {
            Kind::Manual(_) => shown.timestamp_millis(),
            Kind::System { .. } | Kind::Shifted(_) => {
                shown.timestamp_millis().max(self.recorded.load(Ordering::Relaxed))
            }
        };
        DateTime::from_timestamp_millis(latest).unwrap_or(shown)
    }

    /// The present instant for limits by time. On a manual clock it is what that was set to.
    #[must_use]
    pub fn running(&self) -> Running {
        let instant = match &self.kind {
            Kind::Manual(_) => self.shown(),
            Kind::System { .. } | Kind::Shifted(_) => {
                let (time_of_day, made) = self.made;
                time_of_day + TimeDelta::from_std(made.elapsed()).unwrap_or(TimeDelta::zero())
            }
        };
        Running { ms: instant.timestamp_millis() }
    }

    /// What the clock shows by itself.
    fn shown(&self) -> DateTime<Utc> {
        match &self.kind {
            Kind::System { off, correction } => {
                Utc::now() + *off + TimeDelta::milliseconds(correction.load(Ordering::Relaxed))
            }
            Kind::Shifted(shift) => Utc::now() + *shift,
            Kind::Manual(time) => *time.borrow(),
        }
    }

    /// Says that this instant was recorded: the clock is not before it from now on.
    pub fn has_recorded(&self, instant: DateTime<Utc>) {
        let instant = instant.timestamp_millis();
        // Most of the time another has said so already, and nobody waits for the line of memory.
        if self.recorded.load(Ordering::Relaxed) < instant {
            self.recorded.fetch_max(instant, Ordering::Relaxed);
        }
    }

    /// Says that another has recorded this instant: the clock is not before it from now on, unless it is further ahead than
    /// [`MAX_AHEAD_OF_SHOWN`]. Several wrong clocks together cannot drag this one further, since what counts is what it
    /// shows by itself.
    pub fn has_followed(&self, instant: DateTime<Utc>) {
        let shown = self.shown();
        if instant - shown <= MAX_AHEAD_OF_SHOWN {
            self.has_recorded(instant);
        } else if !matches!(self.kind, Kind::Manual(_)) && !self.has_told_of_ahead.swap(true, Ordering::Relaxed) {
            tracing::warn!(%instant, now = %shown, "another instance has written an entry that is ahead of the clock: the \
                time does not follow it; check the clocks of all instances, and whether one runs with --now");
        }
    }

    /// By how much the machine's clock is behind what was recorded, if that is more than [`MAX_BEHIND`]: the time stands
    /// until it has caught up.
    #[must_use]
    pub fn behind(&self) -> Option<TimeDelta> {
        let behind = self.now() - self.shown();
        (behind > MAX_BEHIND).then_some(behind)
    }

    /// Judges the clock by the last entry of a ledger, at a start. One that is set by hand may be wherever it is set.
    ///
    /// # Errors
    /// [`ClockBehind`] if it is behind the entry by more than [`MAX_BEHIND_AT_START`] and that is not accepted.
    pub fn judge(&self, last: DateTime<Utc>, accepts: bool) -> Result<(), ClockBehind> {
        let now = self.now();
        let behind = last - now;
        let is_set_by_hand = matches!(self.kind, Kind::Shifted(_) | Kind::Manual(_));
        if is_set_by_hand || (accepts && behind > MAX_BEHIND_AT_START) {
            if behind > MAX_BEHIND {
                tracing::warn!(%now, %last, "the clock is behind the last entry, as the operator wants it");
            }
            return Ok(());
        }
        if behind > MAX_BEHIND_AT_START {
            return Err(ClockBehind { now, last });
        }
        self.has_recorded(last);
        if behind > MAX_BEHIND {
            tracing::warn!(%now, %last, "the clock is behind the last entry: the time stands until it has caught up");
        }
        Ok(())
    }

    /// Sets a manual clock and wakes whoever waits for the time; does nothing to the others.
    pub fn set(&self, now: DateTime<Utc>) {
        if let Kind::Manual(time) = &self.kind {
            time.send_replace(now);
        }
    }

    /// Waits until the clock shows `instant` or later.
    pub async fn wait_until(&self, instant: DateTime<Utc>) {
        match &self.kind {
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

    #[test]
    fn a_clock_is_not_behind_what_was_recorded() {
        let clock = Clock::system();
        assert_eq!(clock.behind(), None);
        let recorded = clock.now();
        clock.has_recorded(recorded);
        let correction = clock.correction().unwrap();
        for back in [TimeDelta::seconds(50), TimeDelta::minutes(30), TimeDelta::days(400)] {
            correction.set(-back);
            assert_eq!(clock.now(), recorded, "{back} back");
            clock.has_recorded(recorded - TimeDelta::hours(1));
            assert_eq!((clock.now(), clock.behind().is_some()), (recorded, back > MAX_BEHIND));
        }
        correction.set(TimeDelta::minutes(1));
        assert!(clock.now() > recorded && clock.clone().now() > recorded);
        assert_eq!(clock.behind(), None);
    }

    #[test]
    fn what_others_wrote_moves_a_clock_by_no_more_than_the_bound() {
        for (ahead_s, is_followed) in [(-3_600, true), (0, true), (30, true), (55, true), (65, false), (345_600, false)]
        {
            let clock = Clock::system();
            let instant = clock.now() + TimeDelta::seconds(ahead_s);
            clock.has_followed(instant);
            assert_eq!(clock.now() >= instant, is_followed, "{ahead_s} s ahead");
        }
        // Each is ahead of the one before by less than the bound: the clock goes no further than the bound all the same.
        let clock = Clock::system();
        let start = clock.now();
        for step in 1..=20 {
            clock.has_followed(start + TimeDelta::seconds(30 * step));
        }
        let moved = clock.now() - start;
        assert!(moved >= TimeDelta::seconds(30) && moved < MAX_AHEAD_OF_SHOWN + TimeDelta::seconds(30), "{moved}");
        let by_hand = Clock::manual(start);
        by_hand.has_followed(start + TimeDelta::seconds(30));
        assert_eq!(by_hand.now(), start, "it shows what it was set to");
    }

    #[test]
    fn a_clock_far_behind_the_last_entry_is_refused_unless_that_is_wanted() {
        let last = Clock::system().now();
        let behind = |by: TimeDelta| Clock::system_off_by(-by);
        for (by, is_refused) in
            [(-5, false), (0, false), (30, false), (1_800, false), (3_590, false), (3_610, true), (345_600, true)]
        {
            let by = TimeDelta::seconds(by);
            assert_eq!(behind(by).judge(last, false).is_err(), is_refused, "{by}");
            let clock = behind(by);
            clock.judge(last, true).unwrap();
            // An hour at most is waited for; what is further away was a wrong clock then.
            assert_eq!(clock.now() >= last, !is_refused, "{by}");
        }
        let refused = behind(TimeDelta::days(4)).judge(last, false).unwrap_err();
        assert!(refused.to_string().contains("--accept-clock"), "{refused}");
        for by_hand in [Clock::simulated(last - TimeDelta::days(4)), Clock::manual(last - TimeDelta::days(4))] {
            by_hand.judge(last, false).unwrap();
            assert!(by_hand.now() < last - TimeDelta::days(3), "it shows what it was set to");
        }
    }

    #[test]
    fn limits_by_time_go_on_while_the_time_stands_or_goes_back() {
        for (has_recorded, back) in
            [(true, TimeDelta::minutes(30)), (false, TimeDelta::hours(1)), (false, TimeDelta::days(400))]
        {
            let clock = Clock::system();
            let (before, begun) = (clock.now(), clock.running());
            if has_recorded {
                clock.has_recorded(before);
            }
            clock.correction().unwrap().set(-back);
            while clock.clone().running().ms() - begun.ms() < 20 {
                std::thread::yield_now();
            }
            assert!(clock.now() <= before, "{back} back");
        }
        let noon: DateTime<Utc> = "2026-11-24T04:00:00Z".parse().unwrap();
        let by_hand = Clock::manual(noon);
        for minutes in [0, 1, -60] {
            by_hand.set(noon + TimeDelta::minutes(minutes));
            assert_eq!(by_hand.running(), Running::at_ms(noon.timestamp_millis() + minutes * 60_000));
        }
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
