//! Percentiles of the latency over time, on a logarithmic scale, because the slowest are the ones that matter.

use maud::{Markup, html};

use super::super::super::notation::milliseconds;
use super::super::super::outcome::Second;
use super::super::chart::{EndLabel, Logarithmic, Tick, end_labels, hover, line};
use super::{HEIGHT_PX, Page, Timeline, figure, plot, second_name};

/// How high this chart is, in pixels: it holds four lines.
const TALL_PX: f64 = HEIGHT_PX * 1.4;

/// A line: its class, and what it shows of a second.
type Line = (&'static str, fn(&Second) -> f64);

/// The lines from the lowest to the highest.
const LINES: [Line; 4] =
    [("p50", |it| it.p50_ms), ("p95", |it| it.p95_ms), ("p99", |it| it.p99_ms), ("max", |it| it.max_ms)];

pub(super) fn chart(page: &Page, timeline: &Timeline) -> Markup {
    let words = page.words;
    let seconds = &page.outcome.today.rush.seconds;
    let scale = Logarithmic::around(seconds.iter().flat_map(|second| LINES.map(|(_, value)| value(second))));
    let names = [words.median, "p95", "p99", words.longest];
    let drawn: Vec<_> = LINES.iter().map(|(_, value)| stretches(seconds, timeline, scale, *value)).collect();
    let labels: Vec<_> = LINES
        .iter()
        .zip(names)
        .zip(&drawn)
        .filter_map(|(((class, _), text), line)| Some(EndLabel { at: *line.last()?.last()?, text, class }))
        .collect();
    let mut plot = plot(page, timeline, "latency", words.latency);
    plot.height_px = TALL_PX;
    plot.y = scale.ticks().map(|tick| Tick { at: scale.at(tick), text: tick_name(page, tick) }).collect();
    plot.description = description(page);
    let columns: Vec<_> =
        (0..).zip(seconds).map(|(at, it)| timeline.bar(at, 0.0, tip(page, timeline, at, it))).collect();
    let shapes = html! {
        @for ((class, _), stretches) in LINES.iter().zip(&drawn) { (line(stretches, TALL_PX, class)) }
        (end_labels(&labels, TALL_PX))
        (hover(&columns, TALL_PX))
    };
    figure(words.latency, Some(words.latency_note), &plot.draw(&shapes))
}

/// The points of a line, in the middle of each second; a second without requests breaks the line.
fn stretches(
    seconds: &[Second],
    timeline: &Timeline,
    scale: Logarithmic,
    value: fn(&Second) -> f64,
) -> Vec<Vec<(f64, f64)>> {
    let mut stretches = vec![Vec::new()];
    for (second, measured) in seconds.iter().enumerate() {
        if measured.requests == 0 {
            stretches.push(Vec::new());
        } else if let Some(stretch) = stretches.last_mut() {
            let (from, to) = timeline.column(second);
            stretch.push((f64::midpoint(from, to), scale.at(value(measured))));
        }
    }
    stretches.retain(|stretch| !stretch.is_empty());
    stretches
}

/// A power of ten in the unit of its size, without decimals where it has none.
fn tick_name(page: &Page, ms: f64) -> String {
    let words = page.words;
    match ms {
        _ if ms < 1.0 => milliseconds(ms, &words.units),
        _ if ms < 1_000.0 => format!("{ms:.0} {}", words.units.ms),
        _ => format!("{:.0} {}", ms / 1_000.0, words.units.s),
    }
}

fn tip(page: &Page, timeline: &Timeline, at: usize, second: &Second) -> String {
    let words = page.words;
    let when = second_name(page, timeline.since_opening(at));
    if second.requests == 0 {
        return format!("{when}: {}", words.none);
    }
    format!("{when}: {}", values(page, second))
}

/// What the four lines say of one second.
fn values(page: &Page, second: &Second) -> String {
    let words = page.words;
    let names = [words.median, "p95", "p99", words.longest];
    let values =
        names.iter().zip(LINES).map(|(name, (_, of))| format!("{name} {}", milliseconds(of(second), &words.units)));
    values.collect::<Vec<_>>().join(words.comma)
}

/// The worst second, for who cannot see the chart.
fn description(page: &Page) -> String {
    let seconds = page.outcome.today.rush.seconds.iter();
    let slowest = seconds.max_by(|a, b| a.p99_ms.total_cmp(&b.p99_ms));
    slowest.map(|second| values(page, second)).unwrap_or_default()
}
