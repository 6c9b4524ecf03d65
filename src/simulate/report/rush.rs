//! The release minute: charts over one axis of time, and tables of answers and calls.

mod answers;
mod latency;
mod places;
mod rates;
mod seconds;

use maud::{Markup, html};

use super::super::notation::{decimal, real};
use super::super::outcome::Rush;
use super::Page;
use super::chart::{Bar, Mark, Plot, Span, Tick};

/// How high a chart is, in pixels.
const HEIGHT_PX: f64 = 180.0;

pub(super) fn section(page: &Page) -> Markup {
    let words = page.words;
    let rush = &page.outcome.today.rush;
    html! {
        section {
            (page.heading("rush", words.rush))
            @if rush.seconds.is_empty() {
                p { (words.rush_empty) }
            } @else {
                p { (words.rush_intro) }
                @let timeline = Timeline::of(rush);
                (rates::charts(page, &timeline))
                (latency::chart(page, &timeline))
                (places::chart(page, &timeline))
                (seconds::table(page, &timeline))
            }
            (answers::tables(page))
        }
    }
}

/// The axis of time that all charts share: seconds since the day opened.
struct Timeline {
    span: Span,
    opened_s: f64,
}

impl Timeline {
    fn of(rush: &Rush) -> Self {
        let opened_s = real(rush.opened_ms) / 1_000.0;
        let length_s = f64::from(u32::try_from(rush.seconds.len()).unwrap_or(u32::MAX));
        Self { span: Span::new(-opened_s, length_s - opened_s), opened_s }
    }

    /// The second, counted from the opening, in which the given second of the run begins.
    fn since_opening(&self, second: usize) -> f64 {
        f64::from(u32::try_from(second).unwrap_or(u32::MAX)) - self.opened_s
    }

    /// From where to where a second of the run lies.
    fn column(&self, second: usize) -> (f64, f64) {
        let begin = self.since_opening(second);
        (self.span.at(begin), self.span.at(begin + 1.0))
    }

    /// A bar for a second of the run.
    fn bar(&self, second: usize, at: f64, tip: String) -> Bar {
        Bar { x: self.column(second), at, tip }
    }
}

/// The words for a second of the run, like `−3 s`.
fn second_name(page: &Page, second_s: f64) -> String {
    format!("{} {}", decimal(second_s, usize::from(second_s.fract().abs() >= 0.05)), page.words.units.s)
}

/// The frame of a chart over time.
fn plot<'a>(page: &Page<'a>, timeline: &Timeline, name: &str, title: &'a str) -> Plot<'a> {
    let ticks = timeline.span.ticks().map(|second| Tick { at: timeline.span.at(second), text: decimal(second, 0) });
    Plot {
        id: page.id(name),
        title,
        description: String::new(),
        height_px: HEIGHT_PX,
        x: ticks.collect(),
        x_name: page.words.since_opening,
        y: Vec::new(),
        mark: Some(Mark { at: timeline.span.at(0.0), text: page.words.day_opens }),
    }
}

/// A chart with its heading, and a note where it needs one.
fn figure(title: &str, note: Option<&str>, chart: &Markup) -> Markup {
    html! {
        figure class="plot" {
            figcaption {
                h3 { (title) }
                @if let Some(note) = note { p class="quiet" { (note) } }
            }
            div class="frame" { (chart) }
        }
    }
}
