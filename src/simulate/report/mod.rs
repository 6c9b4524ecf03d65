//! A run as one page for a browser: no network, no script, both languages in one file.
//!
//! An operator gets the page by mail and opens it anywhere, so it holds everything that it shows. Each language is an
//! article of its own, and two radio buttons decide by style sheet which one is seen; where styles are taken away, both
//! are read one after the other. A section is a file, each with one function from a [`Page`] to its markup. The markup
//! is clean XML but for void elements, which the tests rely on.

mod advice;
mod audit;
mod chart;
mod day;
mod figures;
mod foot;
mod head;
mod heat;
mod rush;
mod table;
#[cfg(test)]
mod tests;
mod what_if;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::outcome::{End, Outcome};
use super::words::Words;

pub use super::words::Language;

const STYLE: &str = include_str!("style.css");

/// The report as an HTML page. It opens in `language` and can be switched to the other one.
#[must_use]
pub fn html(outcome: &Outcome, language: Language) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "hallpass " (env!("CARGO_PKG_VERSION")) };
                title { (title(outcome, language)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                @for choice in Language::ALL {
                    input type="radio" name="language" id={ "show-" (choice.tag()) }
                        checked=[(choice == language).then_some("checked")];
                }
                nav class="languages" {
                    @for choice in Language::ALL {
                        label for={ "show-" (choice.tag()) } lang=(choice.tag()) { (choice.words().own_name) }
                    }
                }
                main {
                    @for choice in Language::ALL {
                        (Page { outcome, words: choice.words() }.article())
                    }
                }
            }
        }
    };
    page.into_string()
}

fn title(outcome: &Outcome, language: Language) -> String {
    let words = language.words();
    format!("{} · {} · {}", words.name(&outcome.title), outcome.day, words.kind)
}

/// One run in one language.
#[derive(Clone, Copy)]
struct Page<'a> {
    outcome: &'a Outcome,
    words: &'static Words,
}

impl Page<'_> {
    fn article(&self) -> Markup {
        let tag = self.words.language.tag();
        html! {
            article lang=(tag) class={ "in-" (tag) } {
                (head::section(self))
                (audit::alarm(self))
                (figures::section(self))
                (advice::section(self))
                (what_if::section(self))
                (rush::section(self))
                (day::section(self))
                (audit::section(self))
                (foot::section(self))
            }
        }
    }

    /// An id that is unique on the page, which holds every section twice.
    fn id(&self, name: &str) -> String {
        format!("{}-{name}", self.words.language.tag())
    }

    /// Whether the run came to its end.
    fn is_whole(&self) -> bool {
        self.outcome.end == End::Finished
    }

    /// The heading of a section, marked where its numbers are partial.
    fn heading(&self, name: &str, text: &str) -> Markup {
        html! {
            h2 id=(self.id(name)) {
                (text)
                @if !self.is_whole() { " " span class="tag" { (self.words.partial) } }
            }
        }
    }
}
