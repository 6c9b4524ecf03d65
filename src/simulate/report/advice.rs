//! What the city should change, in words.

use maud::{Markup, html};

use super::super::outcome::{Advice, Change};
use super::Page;

/// So many pieces are shown at once: a city with a bad day has more than anybody reads to the end.
const SHOWN: usize = 8;

pub(super) fn section(page: &Page) -> Markup {
    let words = page.words;
    let advice = &page.outcome.advice;
    html! {
        section {
            (page.heading("advice", words.advice))
            @if advice.is_empty() {
                p { (words.advice_none) }
            } @else {
                p class="quiet" { (words.advice_note) }
                @let (first, rest) = advice.split_at(advice.len().min(SHOWN));
                (list(page, first, 1))
                @if !rest.is_empty() {
                    details {
                        summary { ((words.advice_more)(rest.len())) }
                        (list(page, rest, SHOWN + 1))
                    }
                }
            }
        }
    }
}

fn list(page: &Page, pieces: &[Advice], number: usize) -> Markup {
    let words = page.words;
    html! {
        ol class="advice" start=(number) {
            @for piece in pieces {
                li {
                    p class="where" {
                        span class={ "tag " (class(&piece.change)) } { ((words.advice_kind)(&piece.change)) }
                        " " strong { (words.name(&piece.name)) } " · " (words.lane_name(&piece.lane)) " · "
                        @for (place, time) in words.bands(page.outcome, piece).iter().enumerate() {
                            @if place > 0 { (words.comma) }
                            span class="time" { (time) }
                        }
                    }
                    p { (words.advice_sentence(piece)) }
                }
            }
        }
    }
}

fn class(change: &Change) -> &'static str {
    match change {
        Change::MorePlaces { .. } | Change::MoreDesks { .. } => "short",
        Change::FewerDesks { .. } | Change::SparePlaces { .. } => "spare",
    }
}
