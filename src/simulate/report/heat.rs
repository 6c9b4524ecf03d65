//! Heat maps of halls by bands: tables with coloured cells, so they read themselves to who cannot see them.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::super::figures::lanes_by_hall;
use super::super::notation::{count, decimal, percent};
use super::super::outcome::{BandDay, LaneDay, Played};
use super::super::words::{BandNote, Words};
use super::table;

/// What the colour of a cell stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Measure {
    /// Booked places of the capacity.
    Booked,
    /// The 90th percentile of the wait.
    Wait,
    /// The longest queue.
    Queue,
    /// The share of time that desks were busy.
    Busy,
}

impl Measure {
    /// The value of a band as it is shown, a whole number; none where there is nothing to measure.
    fn of(self, band: &BandDay) -> Option<f64> {
        match self {
            Self::Booked => booked_percent(band),
            Self::Wait => band.wait_p90_min.map(f64::round),
            Self::Queue => Some(band.queue_max.into()),
            Self::Busy => Some((100.0 * band.utilisation).round()),
        }
    }

    /// Where each colour but the first begins.
    const fn steps(self) -> [f64; 5] {
        match self {
            Self::Booked => [20.0, 40.0, 60.0, 80.0, 100.0],
            Self::Wait => [5.0, 10.0, 20.0, 30.0, 60.0],
            Self::Queue => [5.0, 10.0, 20.0, 40.0, 80.0],
            Self::Busy => [20.0, 40.0, 60.0, 80.0, 95.0],
        }
    }

    /// The class of the colour of a value.
    fn class(self, value: f64) -> String {
        let is_over = matches!(self, Self::Booked) && value > 100.0;
        let step = self.steps().iter().filter(|begin| value >= **begin).count();
        if is_over { "over".to_owned() } else { format!("{} s{step}", self.hue()) }
    }

    const fn hue(self) -> &'static str {
        match self {
            Self::Booked | Self::Busy => "blue",
            Self::Wait | Self::Queue => "amber",
        }
    }

    const fn caption(self, words: &Words) -> &'static str {
        match self {
            Self::Booked => words.heat_booked,
            Self::Wait => words.heat_wait,
            Self::Queue => words.heat_queue,
            Self::Busy => words.heat_busy,
        }
    }
}

/// Booked places in whole percent. Only what is full is 100, and only what is oversold is more.
fn booked_percent(band: &BandDay) -> Option<f64> {
    let percent = 100.0 * f64::from(band.booked) / f64::from(band.capacity);
    match band.capacity {
        0 => None,
        capacity if band.booked > capacity => Some(percent.ceil()),
        _ => Some(percent.floor()),
    }
}

/// The heat map of one lane of all halls, with its scale.
pub(super) fn map(words: &Words, played: &Played, lane: &str, measure: Measure) -> Markup {
    captioned(words, played, lane, measure, measure.caption(words))
}

/// The same with another caption.
pub(super) fn captioned(words: &Words, played: &Played, lane: &str, measure: Measure, caption: &str) -> Markup {
    let caption = format!("{caption} · {}", words.lane_name(lane));
    let lanes: Vec<_> = lanes_by_hall(played).filter(|(_, it)| it.lane == lane).collect();
    let bands = lanes.iter().flat_map(|(_, it)| &it.bands);
    let starts: BTreeSet<&str> = bands.map(|band| band.start.as_str()).collect();
    let grid = html! {
        table class="heat" {
            caption class="hidden" { (caption) }
            thead {
                tr {
                    th scope="col" { (words.hall) }
                    @for start in &starts { th scope="col" { (start) } }
                }
            }
            tbody {
                @for (hall, lane) in &lanes {
                    tr {
                        th scope="row" { (words.name(&hall.name)) }
                        @for start in &starts { (cell(words, lane, start, measure)) }
                    }
                }
            }
        }
    };
    html! {
        figure class="heat" {
            figcaption { h3 { (caption) } (key(words, measure)) }
            (table::scrolling(&caption, &grid))
        }
    }
}

fn cell(words: &Words, lane: &LaneDay, start: &str, measure: Measure) -> Markup {
    let Some(band) = lane.bands.iter().find(|band| band.start == start) else {
        return html! { td {} };
    };
    let tip = (words.band_note)(&note(band));
    html! {
        @match measure.of(band) {
            Some(value) => td class=(measure.class(value)) title=(tip) { (decimal(value, 0)) },
            None => td class="none" title=(tip) { (words.none) },
        }
    }
}

fn note(band: &BandDay) -> BandNote {
    BandNote {
        start: band.start.clone(),
        booked: count(band.booked.into()),
        capacity: count(band.capacity.into()),
        wait_mean: band.wait_mean_min.map(|min| decimal(min, 0)),
        wait_p90: band.wait_p90_min.map(|min| decimal(min, 0)),
        queue: count(band.queue_max.into()),
        busy: percent(band.utilisation),
    }
}

/// The scale: each colour with the values that it stands for.
fn key(words: &Words, measure: Measure) -> Markup {
    let steps = measure.steps();
    html! {
        ul class="key" aria-label=(words.heat_key) {
            li class=(measure.class(0.0)) { "<" (steps[0]) }
            @for pair in steps.windows(2) {
                li class=(measure.class(pair[0])) { (pair[0]) "–" (pair[1] - 1.0) }
            }
            li class=(measure.class(steps[4])) { (steps[4]) @if !matches!(measure, Measure::Booked) { "+" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_band_is_full_and_only_an_oversold_one_is_more() {
        let band = |booked, capacity| BandDay {
            start: "08:30".into(),
            end: "09:00".into(),
            capacity,
            booked,
            wait_mean_min: None,
            wait_p90_min: None,
            queue_max: 0,
            utilisation: 0.0,
        };
        for (booked, capacity, shown) in
            [(0, 0, None), (399, 400, Some(99.0)), (400, 400, Some(100.0)), (401, 400, Some(101.0))]
        {
            assert_eq!(Measure::Booked.of(&band(booked, capacity)), shown);
        }
    }

    #[test]
    fn a_colour_begins_at_its_step_and_more_than_all_is_an_alarm() {
        for (measure, value, class) in [
            (Measure::Booked, 0.0, "blue s0"),
            (Measure::Booked, 99.9, "blue s4"),
            (Measure::Booked, 100.0, "blue s5"),
            (Measure::Booked, 100.1, "over"),
            (Measure::Wait, 4.9, "amber s0"),
            (Measure::Wait, 30.0, "amber s4"),
            (Measure::Queue, 500.0, "amber s5"),
            (Measure::Busy, 101.0, "blue s5"),
        ] {
            assert_eq!(measure.class(value), class, "{measure:?} {value}");
        }
    }
}
