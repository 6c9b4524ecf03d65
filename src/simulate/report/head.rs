//! The head: what was simulated, the verdict in one sentence, and the way to the sections.

use maud::{Markup, html};

use super::super::notation::{milliseconds, real};
use super::super::outcome::End;
use super::super::verdict::{Facts, Verdict};
use super::Page;

pub(super) fn section(page: &Page) -> Markup {
    let Page { outcome, words } = page;
    html! {
        header {
            p class="kind" { (words.kind) " · " (outcome.city) " · " ((words.opening_day)(&outcome.day.to_string())) }
            h1 { (words.name(&outcome.title)) }
            (verdict(page))
            (contents(page))
        }
    }
}

fn verdict(page: &Page) -> Markup {
    let Page { outcome, words } = page;
    let names = &words.verdict_names;
    let (class, name) = match Verdict::on(outcome) {
        Verdict::Wrong => ("wrong", names.wrong),
        Verdict::Partial => ("partial", names.partial),
        Verdict::Strained => ("strained", names.strained),
        Verdict::Fine => ("fine", names.fine),
    };
    html! {
        div class={ "verdict " (class) } {
            p class="name" { (name) }
            p class="sentence" { ((words.verdict)(&Facts::of(outcome))) }
            @if let Some(why) = cut_short(page) { p class="why" { (why) } }
        }
    }
}

/// Why the numbers are partial, where they are.
fn cut_short(page: &Page) -> Option<String> {
    let words = page.words;
    let after = milliseconds(real(page.outcome.today.rush.took_ms), &words.units);
    match &page.outcome.end {
        End::Finished => None,
        End::Interrupted => Some((words.interrupted)(&after)),
        End::ServerLost { reason } => Some((words.server_lost)(&after, reason)),
    }
}

fn contents(page: &Page) -> Markup {
    let words = page.words;
    let what_if = page.outcome.what_if.as_ref().map(|_| ("what-if", words.what_if));
    let sections = [("figures", words.figures), ("advice", words.advice)].into_iter().chain(what_if).chain([
        ("rush", words.rush),
        ("day", words.day),
        ("audit", words.audit),
        ("about", words.about),
    ]);
    html! {
        nav class="contents" aria-label=(words.contents) {
            ul {
                @for (name, text) in sections {
                    li { a href={ "#" (page.id(name)) } { (text) } }
                }
            }
        }
    }
}
