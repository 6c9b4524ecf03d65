//! The line that shows how far a transfer is, on standard error.
//!
//! On a terminal it is drawn over itself; elsewhere it is a plain line at each step and every few seconds.

use std::io::Write;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long a plain line is followed by none of the same step.
const PLAIN_EVERY: Duration = Duration::from_secs(5);
/// How long a drawn line stays as it is.
const DRAWN_EVERY: Duration = Duration::from_millis(100);
const MIB_BYTES: u64 = 1 << 20;

/// What is being done, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// So many appointments and answers are written.
    Exporting(u64),
    /// So many bytes of the file, and of how many, are judged.
    Judging(u64, u64),
    /// So many bytes of the file, and of how many, are in the store.
    Importing(u64, u64),
    /// So many appointments and answers of the store are counted.
    Counting(u64),
}

impl Standing {
    const fn step(self) -> &'static str {
        match self {
            Self::Exporting(_) => "exporting",
            Self::Judging(..) => "judging the file",
            Self::Importing(..) => "importing",
            Self::Counting(_) => "counting the store",
        }
    }

    fn message(self) -> String {
        match self {
            Self::Exporting(items) | Self::Counting(items) => format!("{items} appointments and answers"),
            Self::Judging(bytes, of) | Self::Importing(bytes, of) => {
                format!("{} of {} MiB", bytes / MIB_BYTES, of.div_ceil(MIB_BYTES))
            }
        }
    }
}

/// The line. It is wiped when dropped.
pub struct Progress<W: Write = crate::console::Log> {
    bar: ProgressBar,
    plain: W,
    begun: Instant,
    /// The step that was shown last, and when.
    shown: Option<(&'static str, Duration)>,
}

impl Progress {
    /// A line on standard error.
    #[must_use]
    pub fn on_stderr() -> Self {
        Self::new(ProgressDrawTarget::stderr(), crate::console::Log)
    }
}

impl<W: Write> Progress<W> {
    fn new(target: ProgressDrawTarget, plain: W) -> Self {
        let bar = ProgressBar::with_draw_target(None, target);
        let style = ProgressStyle::with_template("{prefix:<18} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, plain, begun: Instant::now(), shown: None }
    }

    /// Shows how far the transfer is. May be called with every line.
    pub fn show(&mut self, standing: Standing) {
        self.show_at(standing, self.begun.elapsed());
    }

    fn show_at(&mut self, standing: Standing, since_begin: Duration) {
        let every = if self.bar.is_hidden() { PLAIN_EVERY } else { DRAWN_EVERY };
        let is_due =
            self.shown.is_none_or(|(step, at)| step != standing.step() || since_begin.saturating_sub(at) >= every);
        if !is_due {
            return;
        }
        self.shown = Some((standing.step(), since_begin));
        if self.bar.is_hidden() {
            // One that cannot be written is left out: the transfer matters more.
            let _ = writeln!(self.plain, "{}: {}", standing.step(), standing.message());
        } else {
            self.bar.set_prefix(standing.step());
            self.bar.set_message(standing.message());
            self.bar.tick();
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

    #[test]
    fn without_a_terminal_there_is_a_line_for_each_step_and_every_five_seconds() {
        let mut written = Vec::new();
        let mut progress = Progress::new(ProgressDrawTarget::hidden(), &mut written);
        for second in 0..8 {
            progress.show_at(Standing::Judging(second << 20, 8 << 20), Duration::from_secs(second));
        }
        progress.show_at(Standing::Importing(1, 8 << 20), Duration::from_secs(8));
        progress.show_at(Standing::Counting(3), Duration::from_secs(8));
        drop(progress);
        let lines = String::from_utf8(written).unwrap();
        assert_eq!(
            lines.lines().collect::<Vec<_>>(),
            [
                "judging the file: 0 of 8 MiB",
                "judging the file: 5 of 8 MiB",
                "importing: 0 of 8 MiB",
                "counting the store: 3 appointments and answers",
            ]
        );
    }

    #[test]
    fn on_a_terminal_one_line_is_drawn_over_itself_and_wiped_at_the_end() {
        let terminal = InMemoryTerm::new(5, 120);
        let mut written = Vec::new();
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let mut progress = Progress::new(target, &mut written);
        progress.show_at(Standing::Exporting(1), Duration::ZERO);
        progress.show_at(Standing::Exporting(4_000), Duration::from_secs(1));
        progress.bar.force_draw();
        let shown = terminal.contents();
        assert!(shown.lines().count() == 1 && shown.contains("4000 appointments"), "{shown}");
        drop(progress);
        assert_eq!(terminal.contents(), "");
        assert!(written.is_empty());
    }
}
