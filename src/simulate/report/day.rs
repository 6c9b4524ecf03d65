//! The day itself: heat maps of bands, and a table of halls.

use maud::{Markup, html};

use super::super::figures::lanes_by_hall;
use super::super::notation::{clock, count, decimal, percent, share, wait};
use super::super::outcome::{Change, HallDay, LaneDay, Played};
use super::heat::{self, Measure};
use super::{Page, table};

pub(super) fn section(page: &Page) -> Markup {
    let words = page.words;
    let today = &page.outcome.today;
    html! {
        section {
            (page.heading("day", words.day))
            @if today.halls.is_empty() {
                p { (words.day_empty) }
            } @else {
                p { (words.day_intro) }
                @for lane in lane_ids(today) {
                    (heat::map(words, today, lane, Measure::Booked))
                    (heat::map(words, today, lane, Measure::Wait))
                    details {
                        summary { (words.heat_queue) " · " (words.heat_busy) " · " (words.lane_name(lane)) }
                        (heat::map(words, today, lane, Measure::Queue))
                        (heat::map(words, today, lane, Measure::Busy))
                    }
                }
                (halls(page))
            }
        }
    }
}

/// The lanes that any hall has, in order of their first appearance.
pub(super) fn lane_ids(played: &Played) -> Vec<&str> {
    let mut ids: Vec<&str> = Vec::new();
    for (_, lane) in lanes_by_hall(played) {
        if !ids.contains(&lane.lane.as_str()) {
            ids.push(&lane.lane);
        }
    }
    ids
}

fn halls(page: &Page) -> Markup {
    let words = page.words;
    let heads = [
        words.hall,
        words.desks,
        words.booked_share,
        words.came,
        words.no_shows,
        words.walk_ins,
        words.wait_mean,
        words.wait_p90,
        words.queue_max,
        words.busy,
        words.done,
    ];
    let rows = html! {
        table class="halls" {
            caption class="hidden" { (words.halls) }
            (table::head(&heads, 1))
            tbody {
                @for (hall, lane) in lanes_by_hall(&page.outcome.today) { (row(page, hall, lane)) }
            }
        }
    };
    html! {
        h3 { (words.halls) }
        p class="quiet" { (words.wait_p90_explained) }
        (table::scrolling(words.halls, &rows))
    }
}

fn row(page: &Page, hall: &HallDay, lane: &LaneDay) -> Markup {
    let words = page.words;
    let booked = lane.bands.iter().map(|band| u64::from(band.booked)).sum();
    let capacity = lane.bands.iter().map(|band| u64::from(band.capacity)).sum();
    let numbers = [
        count(lane.desks.into()),
        if capacity == 0 { words.none.to_owned() } else { percent(share(booked, capacity)) },
        count(lane.came.into()),
        count(lane.no_shows.into()),
        count(lane.walk_ins.into()),
        wait(lane.wait_mean_min),
    ];
    html! {
        tr {
            (table::lane_head(words, hall, lane))
            @for number in numbers { td class="number" { (number) } }
            td class="number" {
                @if is_short(page, hall, lane) { strong class="short" { (wait(lane.wait_p90_min)) } }
                @else { (wait(lane.wait_p90_min)) }
            }
            td class="number" { (count(lane.queue_max.into())) }
            td class="number" { (percent(lane.utilisation)) }
            td class="number" { (done(page, lane)) }
        }
    }
}

/// Whether the advice asks for more desks here.
fn is_short(page: &Page, hall: &HallDay, lane: &LaneDay) -> bool {
    let mut here = page.outcome.advice.iter().filter(|it| it.hall == hall.hall && it.lane == lane.lane);
    here.any(|it| matches!(it.change, Change::MoreDesks { .. }))
}

fn done(page: &Page, lane: &LaneDay) -> Markup {
    let late_min = lane.done_min - lane.closes_min;
    html! {
        (clock(lane.done_min))
        @if late_min >= 1.0 { small { ((page.words.after_closing)(&decimal(late_min, 0))) } }
    }
}
