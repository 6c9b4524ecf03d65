//! The key figures, large.

use maud::{Markup, html};

use super::super::figures::Figure;
use super::super::notation::count;
use super::Page;

pub(super) fn section(page: &Page) -> Markup {
    let words = page.words;
    html! {
        section {
            (page.heading("figures", words.figures))
            h3 { (words.rush) }
            (list(page, &Figure::RUSH))
            @if !page.outcome.today.halls.is_empty() {
                h3 { (words.day) }
                (list(page, &Figure::DAY))
            }
        }
    }
}

fn list(page: &Page, figures: &[Figure]) -> Markup {
    let words = page.words;
    let known = figures.iter().filter_map(|figure| Some((*figure, figure.of(&page.outcome.today)?)));
    html! {
        dl class="figures" {
            @for (figure, amount) in known {
                div {
                    dt { ((words.figure)(figure)) }
                    dd {
                        (amount.text(&words.units))
                        @if let Some(beside) = beside(page, figure) { small { (beside) } }
                    }
                }
            }
        }
    }
}

/// What a figure is to be measured by.
fn beside(page: &Page, figure: Figure) -> Option<String> {
    match figure {
        Figure::Came => Some((page.words.came_of)(&count(page.outcome.visitors.into()))),
        Figure::Taken => Some((page.words.taken_of)(&count(page.outcome.today.rush.places.into()))),
        _ => None,
    }
}
