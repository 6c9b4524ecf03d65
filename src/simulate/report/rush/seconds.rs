//! The charts over time again, as a table for who would rather read.

use maud::{Markup, html};

use super::super::super::notation::{count, decimal};
use super::super::super::outcome::{Rush, Second};
use super::super::table;
use super::{Page, Timeline, second_name};

pub(super) fn table(page: &Page, timeline: &Timeline) -> Markup {
    let words = page.words;
    let rush = &page.outcome.today.rush;
    let unit = |name: &str| format!("{name}, {}", words.units.ms);
    let [p50, p95, p99, longest] = [words.median, "p95", "p99", words.longest].map(unit);
    let heads = [words.second, words.requests, words.bookings, &p50, &p95, &p99, &longest, words.places_left];
    let grid = html! {
        table {
            caption class="hidden" { (words.as_table) }
            (table::head(&heads, 0))
            tbody {
                @for (at, second) in rush.seconds.iter().enumerate() {
                    tr {
                        th scope="row" class="number" { (second_name(page, timeline.since_opening(at))) }
                        td class="number" { (count(second.requests.into())) }
                        td class="number" { (count(second.bookings.into())) }
                        @for value in latencies(second) {
                            td class="number" { (value.map_or(words.none.to_owned(), |ms| decimal(ms, 1))) }
                        }
                        td class="number" { (left_after(rush, at).map_or(words.none.to_owned(), |left| count(left.into()))) }
                    }
                }
            }
        }
    };
    html! {
        details {
            summary { (words.as_table) }
            (table::scrolling(words.as_table, &grid))
        }
    }
}

/// The percentiles of a second; none where nothing was asked in it.
fn latencies(second: &Second) -> [Option<f64>; 4] {
    [second.p50_ms, second.p95_ms, second.p99_ms, second.max_ms].map(|ms| (second.requests > 0).then_some(ms))
}

/// How many places were left at the end of a second of the run.
fn left_after(rush: &Rush, second: usize) -> Option<u32> {
    let end_ms = (u64::try_from(second).ok()? + 1) * 1_000;
    let counted = rush.places_left.iter().take_while(|it| it.at_ms <= end_ms);
    counted.last().map(|it| it.left)
}
