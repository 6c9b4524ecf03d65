//! What the city should change, in words.

use maud::{Markup, html};

use super::super::outcome::Change;
use super::Page;

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
                ol class="advice" {
                    @for piece in advice {
                        li {
                            p class="where" {
                                span class={ "tag " (class(&piece.change)) } { ((words.advice_kind)(&piece.change)) }
                                " " strong { (words.name(&piece.name)) }
                                " · " (words.lane_name(&piece.lane)) " · " (words.bands(page.outcome, piece))
                            }
                            p { (words.advice_sentence(piece)) }
                        }
                    }
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
