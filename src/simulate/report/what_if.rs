//! Today's configuration and the draft, side by side.

use maud::{Markup, html};

use super::super::figures::{Amount, Figure, lanes, lanes_by_hall, same_lane};
use super::super::notation::{count, wait};
use super::super::outcome::{HallDay, LaneDay, Played};
use super::chart::{Linear, dumbbell};
use super::heat::{self, Measure};
use super::{Page, day, table};

/// The comparison; nothing where there is no draft.
pub(super) fn section(page: &Page) -> Markup {
    let Page { outcome, words } = page;
    let Some(draft) = &outcome.what_if else {
        return html! {};
    };
    html! {
        section {
            (page.heading("what-if", words.what_if))
            p { ((words.what_if_intro)(&outcome.today.version, &draft.version)) }
            (figures(page, draft))
            @if !draft.halls.is_empty() {
                (halls(page, draft))
                @for lane in day::lane_ids(draft) {
                    (heat::captioned(words, draft, lane, Measure::Wait, words.heat_wait_draft))
                }
            }
        }
    }
}

fn figures(page: &Page, draft: &Played) -> Markup {
    let words = page.words;
    let rows = Figure::RUSH.iter().chain(&Figure::DAY).filter_map(|figure| {
        let (before, after) = (figure.of(&page.outcome.today), figure.of(draft));
        (before.is_some() || after.is_some()).then_some((*figure, before, after))
    });
    let grid = html! {
        table class="compare" {
            caption class="hidden" { (words.what_if) }
            (table::head(&[words.key_figure, words.today, words.draft, words.difference], 1))
            tbody {
                @for (figure, before, after) in rows {
                    tr {
                        th scope="row" { ((words.figure)(figure)) }
                        td class="number" { (text(page, before)) }
                        td class="number" { (text(page, after)) }
                        td class="number" { (difference(page, figure.more_is_better(), before, after)) }
                    }
                }
            }
        }
    };
    table::scrolling(words.what_if, &grid)
}

fn text(page: &Page, amount: Option<Amount>) -> String {
    amount.map_or(page.words.none.to_owned(), |amount| amount.text(&page.words.units))
}

/// How much more it is with the draft, and whether that is for the better.
fn difference(page: &Page, more_is_better: Option<bool>, before: Option<Amount>, after: Option<Amount>) -> Markup {
    let words = page.words;
    let Some((before, after)) = before.zip(after) else {
        return html! { (words.none) };
    };
    let text = after.more_than(before, &words.units);
    let is_better =
        more_is_better.filter(|_| text != Amount::SAME).map(|more| more == (after.number() > before.number()));
    html! {
        (text)
        @match is_better {
            Some(true) => { " " span class="better" { (words.better) } },
            Some(false) => { " " span class="worse" { (words.worse) } },
            None => {},
        }
    }
}

fn halls(page: &Page, draft: &Played) -> Markup {
    let Page { outcome, words } = page;
    let waits = lanes(&outcome.today).chain(lanes(draft)).map(|lane| lane.wait_p90_min);
    let scale = Linear::up_to(waits.fold(0.0, f64::max));
    let grid = html! {
        table class="compare waits" {
            caption class="hidden" { (words.wait_by_hall) }
            thead {
                tr {
                    th scope="col" { (words.hall) }
                    th scope="col" class="number" { (words.desks) }
                    th scope="col" class="number" { span class="ring" {} (words.today) }
                    th scope="col" class="number" { span class="dot" {} (words.draft) }
                    th scope="col" class="chart" { (ends(scale)) }
                }
            }
            tbody {
                @for (hall, lane) in lanes_by_hall(draft) {
                    (hall_row(page, hall, lane, same_lane(&outcome.today, &hall.hall, &lane.lane), scale))
                }
            }
        }
    };
    html! {
        h3 { (words.wait_by_hall) }
        (table::scrolling(words.wait_by_hall, &grid))
    }
}

/// The ends of the scale, above the chart.
fn ends(scale: Linear) -> Markup {
    html! {
        span class="ends" {
            span { "0" }
            span { (wait(scale.ticks().last().unwrap_or_default())) }
        }
    }
}

fn hall_row(page: &Page, hall: &HallDay, after: &LaneDay, before: Option<&LaneDay>, scale: Linear) -> Markup {
    let words = page.words;
    let desks = match before {
        Some(before) if before.desks != after.desks => {
            format!("{} → {}", count(before.desks.into()), count(after.desks.into()))
        }
        _ => count(after.desks.into()),
    };
    html! {
        tr {
            (table::lane_head(words, hall, after))
            td class="number" { (desks) }
            td class="number" { (before.map_or(words.none.to_owned(), |lane| wait(lane.wait_p90_min))) }
            td class="number" { (wait(after.wait_p90_min)) }
            td class="chart" {
                (dumbbell(scale.at(before.unwrap_or(after).wait_p90_min), scale.at(after.wait_p90_min)))
            }
        }
    }
}
