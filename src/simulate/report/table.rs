//! A table in a box of its own: on a narrow screen the box scrolls, not the page.

use maud::{Markup, html};

use super::super::outcome::{HallDay, LaneDay};
use super::super::words::Words;

/// The box around a table, which can be reached and scrolled by keyboard.
pub(super) fn scrolling(name: &str, table: &Markup) -> Markup {
    html! {
        div class="scroll" role="region" aria-label=(name) tabindex="0" { (table) }
    }
}

/// A head of columns; the first `texts` of them hold words, the others numbers.
pub(super) fn head(names: &[&str], texts: usize) -> Markup {
    html! {
        thead {
            tr {
                @for (place, name) in names.iter().enumerate() {
                    th scope="col" class=[(place >= texts).then_some("number")] { (name) }
                }
            }
        }
    }
}

/// The head of a row that is about one lane of a hall.
pub(super) fn lane_head(words: &Words, hall: &HallDay, lane: &LaneDay) -> Markup {
    html! {
        th scope="row" { (words.name(&hall.name)) " " span class="lane" { (words.lane_name(&lane.lane)) } }
    }
}
