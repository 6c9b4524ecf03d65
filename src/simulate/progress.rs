//! The line that shows how far a run is, on standard error.
//!
//! On a terminal it is drawn over itself; elsewhere (a file, a build server) it is a plain line every few seconds. It
//! reads no clock: whoever runs the simulation tells how long it has been going on, and rates come from two tellings.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::notation::{count, decimal};

/// How long a plain line is followed by none.
const PLAIN_EVERY: Duration = Duration::from_secs(5);
/// Over how long a rate is measured at least: over less, it would jump.
const RATE_OVER: Duration = Duration::from_millis(500);

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The day is not open yet; who comes early waits.
    Waiting,
    /// The day is open, and everybody comes.
    Release,
}

impl Phase {
    const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting for the release",
            Self::Release => "release minute",
        }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// What it is doing.
    pub phase: Phase,
    /// How long it has been going on.
    pub since_start: Duration,
    /// Visitors who are done with the phase.
    pub visitors_done: u32,
    /// Requests answered so far, over all phases.
    pub requests: u64,
    /// Bookings and holds made so far, over all phases.
    pub bookings: u64,
}

/// The line. It is wiped when dropped.
#[derive(Debug)]
pub struct Progress<W: Write = crate::console::Log> {
    bar: ProgressBar,
    plain: W,
    visitors: u32,
    /// From where rates are measured: the older of two tellings, and the newer one that will replace it.
    rates_from: Option<(Standing, Standing)>,
    last_plain: Option<(Phase, Duration)>,
}

impl Progress {
    /// A line on standard error for so many visitors.
    #[must_use]
    pub fn on_stderr(visitors: u32) -> Self {
        Self::new(visitors, ProgressDrawTarget::stderr(), crate::console::Log)
    }
}

impl<W: Write> Progress<W> {
    fn new(visitors: u32, target: ProgressDrawTarget, plain: W) -> Self {
        let bar = ProgressBar::with_draw_target(Some(visitors.into()), target);
        let style = ProgressStyle::with_template("{prefix:<24} {bar:30} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("█▉▊▋▌▍▎▏ "));
        Self { bar, plain, visitors, rates_from: None, last_plain: None }
    }

    /// Shows how far the run is. To be called a few times a second.
    pub fn show(&mut self, standing: &Standing) {
        let message = self.message(standing);
        if self.bar.is_hidden() {
            self.show_plain(standing, &message);
        } else {
            self.bar.set_prefix(standing.phase.name());
            self.bar.set_position(standing.visitors_done.into());
            self.bar.set_message(message);
        }
    }

    fn message(&mut self, standing: &Standing) -> String {
        let done = format!("{} of {} visitors", count(standing.visitors_done.into()), count(self.visitors.into()));
        let (requests, bookings) = self.rates(standing);
        format!("{done}, {requests} requests/s, {bookings} bookings/s")
    }

    /// Requests and bookings a second since the last telling but one that is old enough.
    fn rates(&mut self, now: &Standing) -> (String, String) {
        let (older, newer) = self.rates_from.get_or_insert((*now, *now));
        if now.since_start.saturating_sub(newer.since_start) >= RATE_OVER {
            *older = *newer;
            *newer = *now;
        }
        let passed_s = now.since_start.saturating_sub(older.since_start).as_secs_f64();
        let rate = |now: u64, then: u64| match passed_s {
            0.0 => "0".to_owned(),
            passed_s => decimal(super::notation::real(now.saturating_sub(then)) / passed_s, 0),
        };
        (rate(now.requests, older.requests), rate(now.bookings, older.bookings))
    }

    /// A plain line, at each change of the phase and every few seconds. One that cannot be written is left out: the run
    /// matters more.
    fn show_plain(&mut self, standing: &Standing, message: &str) {
        let is_due = self.last_plain.is_none_or(|(phase, at)| {
            phase != standing.phase || standing.since_start.saturating_sub(at) >= PLAIN_EVERY
        });
        if is_due {
            self.last_plain = Some((standing.phase, standing.since_start));
            let _ = writeln!(self.plain, "{}: {message}", standing.phase.name());
        }
    }
}

impl<W: Write> Drop for Progress<W> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    fn standing(phase: Phase, ms: u64, visitors_done: u32, requests: u64, bookings: u64) -> Standing {
        Standing { phase, since_start: Duration::from_millis(ms), visitors_done, requests, bookings }
    }

    #[test]
    fn without_a_terminal_there_is_a_line_for_each_phase_and_every_five_seconds() {
        let mut written = Vec::new();
        let mut progress = Progress::new(8_000, ProgressDrawTarget::hidden(), &mut written);
        progress.show(&standing(Phase::Waiting, 0, 0, 0, 0));
        for tenth in 0..120 {
            progress.show(&standing(Phase::Release, tenth * 100, 100, tenth * 200, tenth * 30));
        }
        drop(progress);
        let lines = String::from_utf8(written).unwrap();
        assert_eq!(
            lines.lines().collect::<Vec<_>>(),
            [
                "waiting for the release: 0 of 8,000 visitors, 0 requests/s, 0 bookings/s",
                "release minute: 100 of 8,000 visitors, 0 requests/s, 0 bookings/s",
                "release minute: 100 of 8,000 visitors, 2,000 requests/s, 300 bookings/s",
                "release minute: 100 of 8,000 visitors, 2,000 requests/s, 300 bookings/s",
            ]
        );
    }

    #[test]
    fn on_a_terminal_one_line_is_drawn_over_itself_and_wiped_at_the_end() {
        let terminal = InMemoryTerm::new(5, 120);
        let mut written = Vec::new();
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let mut progress = Progress::new(8_000, target, &mut written);
        progress.show(&standing(Phase::Waiting, 0, 0, 0, 0));
        progress.show(&standing(Phase::Waiting, 2_000, 4_000, 4_000, 0));
        progress.bar.force_draw();
        let shown = terminal.contents();
        assert_eq!(shown.lines().count(), 1, "{shown}");
        assert!(
            shown.starts_with("waiting for the release") && shown.contains("4,000 of 8,000 visitors, 2,000 requests/s")
        );
        drop(progress);
        assert_eq!(terminal.contents(), "");
        assert!(written.is_empty());
    }

    #[test]
    fn time_that_stands_still_is_no_rate() {
        let mut progress = Progress::new(1, ProgressDrawTarget::hidden(), Vec::new());
        progress.show(&standing(Phase::Waiting, 700, 0, 5, 5));
        progress.show(&standing(Phase::Release, 700, 1, 9, 9));
        let lines = String::from_utf8(progress.plain.clone()).unwrap();
        assert!(lines.ends_with("release minute: 1 of 1 visitors, 0 requests/s, 0 bookings/s\n"), "{lines}");
    }
}
