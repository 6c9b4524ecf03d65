//! What a change of the configuration is and does, as parts of a page: errors, lines that differ, changes in words, and
//! whom it displaces.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Shanghai;
use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

use super::displaced::reason;
use super::sentences::Sentences;
use crate::app::configuration::file_of_halls;
use crate::app::configuration::{Change, ConfigError, Errors};
use crate::domain::snapshot::Snapshot;
use crate::engine::Displaced;
use crate::pages::kit::redirect::percent;
use crate::pages::text::{Arg, Text};

/// How many lines of a comparison are shown.
pub const MAX_DIFF_LINES: usize = 2_000;
/// Where this page is.
pub const PLACE: &str = "/staff/configuration";
/// How many bands with displaced appointments are listed before a change is made.
pub const MAX_LISTED: usize = 50;
/// How many changes in words are listed.
const MAX_CHANGES: usize = 200;
/// How long two texts are compared; what is not compared by then is shown as replaced.
const MAX_COMPARING: Duration = Duration::from_millis(500);
/// How many lines that are equal stand around those that differ.
const LINES_AROUND: usize = 3;
/// The file that may hold passwords: it is never shown.
pub const SECRET_FILE: &str = "hallpass.toml";

/// Every error, in the language of the page. Those of a file that lies elsewhere name it, and lead to its editor.
#[must_use]
pub fn errors(sentences: Sentences<'_>, errors: &Errors, elsewhere: &str) -> Markup {
    let one = |error: &ConfigError| {
        let editor = file_of_halls(&error.file).map(|file| format!("{PLACE}/halls/{}", percent(file)));
        html! {
            a href=(editor.unwrap_or_else(|| format!("#{elsewhere}"))) {
                span translate="no" { (error.file) }
                @if error.line > 0 { " " (line_number(sentences.text, error)) }
                " " (sentences.error(error))
            }
        }
    };
    error_list(sentences.text, errors, one)
}

/// Every error of a text that is in the page, each leading to its line in the field; the line is shown with it, for those
/// whom no script takes there.
#[must_use]
pub fn errors_of_text(sentences: Sentences<'_>, errors: &Errors, (file, typed): (&str, &str), field: &str) -> Markup {
    let one = |error: &ConfigError| {
        let is_here = error.file == file;
        let line = Some(error).filter(|_| is_here).and_then(|error| typed.lines().nth(error.line.checked_sub(1)?));
        html! {
            a href={ "#" (field) } data-line=[line.map(|_| error.line)] {
                @if !is_here { span translate="no" { (error.file) " " } }
                @if error.line > 0 { (line_number(sentences.text, error)) " " }
                (sentences.error(error))
            }
            @if let Some(line) = line.filter(|line| !line.trim().is_empty()) {
                pre translate="no" { span class="muted" { (error.line) " │ " } (line.trim_end()) }
            }
        }
    };
    error_list(sentences.text, errors, one)
}

fn line_number(text: Text, error: &ConfigError) -> String {
    text.with("configuration-error-at", &[("line", error.line.to_string().into())])
}

fn error_list(text: Text, errors: &Errors, one: impl Fn(&ConfigError) -> Markup) -> Markup {
    html! {
        div class="errors" role="alert" tabindex="-1" {
            h2 { (text.with("configuration-errors", &[("count", Arg::from(errors.0.len()))])) }
            ul { @for error in &errors.0 { li { (one(error)) } } }
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

/// Whether a change can be put in force, and whom it hits: people first, as they cannot be taken back by another press.
#[must_use]
pub fn verdict(text: Text, snapshot: &Snapshot, displaced: &[Displaced]) -> Markup {
    html! {
        @if displaced.is_empty() {
            div class="notice good" role="status" {
                h2 { (text.get("configuration-sound")) }
                p { (text.get("configuration-sound-explained")) }
            }
        } @else {
            div class="notice warn" role="alert" {
                h2 { (text.with("configuration-sound-but", &[("count", Arg::from(displaced.len()))])) }
                p { (text.get("configuration-displaced-stay")) }
            }
            (list(text, snapshot, displaced))
        }
    }
}

/// What would be different, in words.
#[must_use]
pub fn outcome(sentences: Sentences<'_>, found: &[Change]) -> Markup {
    let text = sentences.text;
    html! {
        h2 { (text.get("configuration-changes")) }
        @if found.is_empty() { p { (text.get("configuration-changes-none")) } } @else { (changes(sentences, found)) }
    }
}

/// Changes in words.
#[must_use]
pub fn changes(sentences: Sentences<'_>, changes: &[Change]) -> Markup {
    html! {
        ul { @for change in changes.iter().take(MAX_CHANGES) { li { (sentences.change(change)) } } }
        (more(sentences.text, changes.len(), MAX_CHANGES))
    }
}

/// Those who are hit, band by band: one line says how many of them.
fn list(text: Text, snapshot: &Snapshot, displaced: &[Displaced]) -> Markup {
    let key = |one: &&Displaced| {
        let slot = one.appointment.slot;
        (slot.date, slot.start, slot.end, slot.hall, one.reason.to_string())
    };
    let mut displaced: Vec<&Displaced> = displaced.iter().collect();
    displaced.sort_by_cached_key(key);
    let bands: Vec<_> = displaced.chunk_by(|one, next| key(one) == key(next)).collect();
    let columns = ["displaced-hall", "displaced-when", "displaced-how-many", "displaced-reason"];
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(text.get("displaced-table")) {
            table class="table" {
                thead { tr { @for column in columns { th scope="col" { (text.get(column)) } } } }
                tbody {
                    @for (first, count) in bands.iter().take(MAX_LISTED).filter_map(|band| Some((band.first()?, band.len()))) {
                        @let slot = &first.appointment.slot;
                        tr {
                            td { (crate::pages::office::city::hall_name(text, snapshot, slot.hall)) }
                            td { (text.day(slot.date)) " " (text.span(slot.start, slot.end)) }
                            td { (text.with("displaced-people", &[("count", Arg::from(count))])) }
                            td { (reason(text, &first.reason)) }
                        }
                    }
                }
            }
        }
        (more(text, bands.len(), MAX_LISTED))
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
    use crate::pages::text::Language;

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
