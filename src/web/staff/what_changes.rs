//! What a change of the configuration is and does, as parts of a page: errors, lines that differ, changes in words, and
//! whom it displaces.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Shanghai;
use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

use super::displaced::reason;
use crate::config::Errors;
use crate::domain::snapshot::Snapshot;
use crate::engine::Displaced;
use crate::http::config_edit::Judged;
use crate::web::text::{Arg, Text};

/// How many lines of a comparison are shown.
pub const MAX_DIFF_LINES: usize = 2_000;
/// How many displaced appointments are listed before a change is made.
pub const MAX_LISTED: usize = 50;
/// How many changes in words are listed.
const MAX_CHANGES: usize = 200;
/// How long two texts are compared; what is not compared by then is shown as replaced.
const MAX_COMPARING: Duration = Duration::from_millis(500);
/// How many lines that are equal stand around those that differ.
const LINES_AROUND: usize = 3;
/// The file that may hold passwords: it is never shown.
pub const SECRET_FILE: &str = "hallpass.toml";

/// Every error, each leading to the field in which it is to be mended, in the words of the check.
#[must_use]
pub fn errors(text: Text, errors: &Errors, field: &str) -> Markup {
    html! {
        div class="errors" role="alert" tabindex="-1" {
            h2 { (text.with("configuration-errors", &[("count", Arg::from(errors.0.len()))])) }
            ul {
                @for error in &errors.0 {
                    li { a href={ "#" (field) } lang="en" { (error) } }
                }
            }
        }
    }
}

/// The lines that differ between two texts, with some around them.
#[must_use]
pub fn diff(text: Text, old: &str, new: &str) -> Markup {
    let diff = TextDiff::configure().timeout(MAX_COMPARING).diff_lines(old, new);
    let mut unified = diff.unified_diff();
    unified.context_radius(LINES_AROUND);
    let lines = unified.iter_hunks().flat_map(|hunk| {
        let head = (None, hunk.header().to_string());
        let lines: Vec<_> = hunk.iter_changes().map(|change| (Some(change.tag()), change.value().to_owned())).collect();
        [head].into_iter().chain(lines)
    });
    let mut lines: Vec<_> = lines.take(MAX_DIFF_LINES + 1).collect();
    let is_cut = lines.len() > MAX_DIFF_LINES;
    lines.truncate(MAX_DIFF_LINES);
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(text.get("configuration-diff")) {
            pre class="diff" translate="no" {
                @for (tag, line) in &lines { (diff_line(*tag, line.trim_end_matches('\n'))) }
            }
        }
        @if is_cut { p class="muted" { (text.get("configuration-diff-cut")) } }
    }
}

fn diff_line(tag: Option<ChangeTag>, line: &str) -> Markup {
    html! {
        @match tag {
            Some(ChangeTag::Insert) => { span class="add" { "+" (line) } },
            Some(ChangeTag::Delete) => { span class="del" { "-" (line) } },
            Some(ChangeTag::Equal) => { " " (line) },
            None => { span class="muted" { (line) } },
        }
        "\n"
    }
}

/// What a change would do: its changes in words, and whom it displaces.
#[must_use]
pub fn outcome(text: Text, judged: &Judged, displaced: &[Displaced]) -> Markup {
    html! {
        section class="card" {
            h2 { (text.get("configuration-changes")) }
            @if judged.changes.is_empty() {
                p { (text.get("configuration-changes-none")) }
            } @else {
                (changes(text, &judged.changes))
            }
        }
        section class="card" {
            h2 { (text.with("configuration-displaced", &[("count", Arg::from(displaced.len()))])) }
            @if displaced.is_empty() {
                p { (text.get("configuration-displaced-none")) }
            } @else {
                p { (text.get("configuration-displaced-stay")) }
                (list(text, &judged.configuration.snapshot, displaced))
            }
        }
    }
}

/// Changes in the words in which the log has them too.
#[must_use]
pub fn changes(text: Text, changes: &[String]) -> Markup {
    html! {
        ul lang="en" {
            @for change in changes.iter().take(MAX_CHANGES) { li { (change) } }
        }
        (more(text, changes.len(), MAX_CHANGES))
    }
}

fn list(text: Text, snapshot: &Snapshot, displaced: &[Displaced]) -> Markup {
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(text.get("displaced-table")) {
            table class="table" {
                thead {
                    tr {
                        th scope="col" { (text.get("displaced-hall")) }
                        th scope="col" { (text.get("displaced-when")) }
                        th scope="col" { (text.get("displaced-reason")) }
                    }
                }
                tbody {
                    @for one in displaced.iter().take(MAX_LISTED) {
                        @let slot = &one.appointment.slot;
                        tr {
                            td { (super::city::hall_name(text, snapshot, slot.hall)) }
                            td { (text.day(slot.date)) " " (text.span(slot.start, slot.end)) }
                            td { (reason(text, &one.reason)) }
                        }
                    }
                }
            }
        }
        (more(text, displaced.len(), MAX_LISTED))
    }
}

/// How many more there are than are shown.
#[must_use]
pub fn more(text: Text, there: usize, shown: usize) -> Markup {
    let beyond = there.saturating_sub(shown);
    html! {
        @if beyond > 0 { p class="muted" { (text.with("configuration-more", &[("count", Arg::from(beyond))])) } }
    }
}

/// An instant with its year, in the time of the country.
#[must_use]
pub fn when(text: Text, at: DateTime<Utc>) -> String {
    let at = at.with_timezone(&Shanghai);
    let (day, time) = (text.full_date(at.date_naive()), at.format("%H:%M").to_string());
    text.with("date-and-time", &[("day", day.into()), ("time", time.into())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::text::Language;

    #[test]
    fn lines_that_differ_are_marked_and_written_as_text() {
        let text = Text(Language::English);
        let shown = diff(text, "a\nb\nc\n", "a\n<b>\nc\n").into_string();
        assert!(
            shown.contains("<span class=\"del\">-b</span>\n<span class=\"add\">+&lt;b&gt;</span>\n c\n"),
            "{shown}"
        );
    }

    #[test]
    fn a_long_comparison_is_cut() {
        let text = Text(Language::Simplified);
        let long = "a = 1\n".repeat(MAX_DIFF_LINES + 10);
        let shown = diff(text, "", &long).into_string();
        assert_eq!(shown.matches("class=\"add\"").count(), MAX_DIFF_LINES - 1, "the head of the part counts too");
        assert!(shown.contains("class=\"muted\""));
    }
}
