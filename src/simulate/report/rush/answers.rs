//! Answers by code, and latency by kind of call.

use maud::{Markup, html};

use super::super::super::figures::is_fault;
use super::super::super::notation::{count, milliseconds, percent, share};
use super::super::super::outcome::Answers;
use super::super::table;
use super::Page;

/// The code under which a lost connection is explained.
const LOST: &str = "connection_lost";

pub(super) fn tables(page: &Page) -> Markup {
    html! {
        (answers(page))
        (calls(page))
    }
}

fn answers(page: &Page) -> Markup {
    let words = page.words;
    let answers = &page.outcome.today.rush.answers;
    if answers.is_empty() {
        return html! {};
    }
    let all = answers.iter().map(|it| it.count).sum();
    let most = answers.iter().map(|it| it.count).max().unwrap_or_default();
    let grid = html! {
        table class="answers" {
            caption class="hidden" { (words.answers) }
            thead {
                tr {
                    th scope="col" { (words.answer) }
                    th scope="col" { (words.status) }
                    th scope="col" class="number" { (words.times) }
                    th scope="col" class="number" { (words.of_all) }
                    td class="chart" {}
                }
            }
            tbody {
                @for answer in answers { (row(page, answer, all, most)) }
            }
        }
    };
    html! {
        h3 { (words.answers) }
        p class="quiet" { (words.answers_note) }
        (table::scrolling(words.answers, &grid))
    }
}

fn row(page: &Page, answer: &Answers, all: u64, most: u64) -> Markup {
    let words = page.words;
    let (class, name) = match answer.status {
        status if is_fault(status) => ("fault", words.classes.fault),
        0 => ("lost", words.classes.lost),
        200..400 => ("success", words.classes.success),
        _ => ("refusal", words.classes.refusal),
    };
    let meaning = if answer.status == 0 { LOST } else { &answer.code };
    html! {
        tr {
            th scope="row" { (words.code_meaning(meaning)) " " code { (answer.code) } }
            td { (answer.status) " " span class={ "class " (class) } { (name) } }
            td class="number" { (count(answer.count)) }
            td class="number" { (percent(share(answer.count, all))) }
            td class="chart" {
                svg class={ "share " (class) } width="100%" height="14" aria-hidden="true" {
                    rect width={ (format!("{:.2}", 100.0 * share(answer.count, most))) "%" } height="14" {}
                }
            }
        }
    }
}

fn calls(page: &Page) -> Markup {
    let words = page.words;
    let calls = &page.outcome.today.rush.calls;
    if calls.is_empty() {
        return html! {};
    }
    let grid = html! {
        table class="calls" {
            caption class="hidden" { (words.calls) }
            (table::head(&[words.call_head, words.times, words.median, "p99", words.longest], 1))
            tbody {
                @for call in calls {
                    tr {
                        th scope="row" { (words.call_name(&call.call)) }
                        td class="number" { (count(call.count)) }
                        @for ms in [call.p50_ms, call.p99_ms, call.max_ms] {
                            td class="number" { (milliseconds(ms, &words.units)) }
                        }
                    }
                }
            }
        }
    };
    html! {
        h3 { (words.calls) }
        (table::scrolling(words.calls, &grid))
    }
}
