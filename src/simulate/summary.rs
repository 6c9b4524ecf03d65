//! A run as plain text for a terminal, in English: key figures, halls, answers, advice and what the auditor found.
//!
//! Names may be Chinese, whose characters are two columns wide, so columns are measured by width and not by letters.

use unicode_width::UnicodeWidthStr;

use super::figures::{Amount, Figure, lanes_by_hall, same_lane};
use super::notation::{clock, count, milliseconds, percent, real, share, wait};
use super::outcome::{End, HallDay, LaneDay, Outcome, Played};
use super::verdict::{Facts, violations};
use super::words::ENGLISH as WORDS;

/// What stands between two columns.
const GAP: &str = "  ";
/// What stands before a line of a part.
const INDENT: &str = "  ";

/// The summary of a run as lines of text, the last one ended.
///
/// A control character, which a terminal might obey, is replaced wherever it comes from.
#[must_use]
pub fn text(outcome: &Outcome) -> String {
    let mut lines = head(outcome);
    lines.extend(figures(outcome));
    lines.extend(halls(outcome));
    lines.extend(answers(&outcome.today));
    lines.extend(advice(outcome));
    lines.extend(audit(outcome));
    lines.extend([String::new(), format!("{}: {}", WORDS.repeat, outcome.command), String::new()]);
    let plain = |letter: char| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter };
    lines.iter().map(|line| line.chars().map(plain).collect::<String>()).collect::<Vec<_>>().join("\n")
}

fn head(outcome: &Outcome) -> Vec<String> {
    let mut lines = vec![
        format!("{} ({}), {}, seed {}", WORDS.name(&outcome.title), outcome.scenario, outcome.day, outcome.seed),
        (WORDS.verdict)(&Facts::of(outcome)),
    ];
    let after = milliseconds(real(outcome.today.rush.took_ms), &WORDS.units);
    match &outcome.end {
        End::Finished => {}
        End::Interrupted => lines.push((WORDS.interrupted)(&after)),
        End::ServerLost { reason } => lines.push((WORDS.server_lost)(&after, reason)),
    }
    lines
}

/// Key figures, with those of the draft beside them where there is one.
fn figures(outcome: &Outcome) -> Vec<String> {
    let heads = match &outcome.what_if {
        Some(_) => vec![WORDS.today, WORDS.draft, WORDS.difference],
        None => vec![WORDS.today],
    };
    let part = |title: &str, figures: &[Figure]| {
        let rows = figures.iter().filter_map(|figure| figure_row(outcome, *figure)).collect();
        table(outcome, title, &heads, rows)
    };
    let mut lines = part(WORDS.rush, &Figure::RUSH);
    lines.extend(part(WORDS.day, &Figure::DAY));
    lines
}

fn figure_row(outcome: &Outcome, figure: Figure) -> Option<Vec<String>> {
    let text = |amount: Option<Amount>| amount.map_or(WORDS.none.to_owned(), |amount| amount.text(&WORDS.units));
    let before = figure.of(&outcome.today);
    let after = outcome.what_if.as_ref().map(|draft| figure.of(draft));
    before.or(after.flatten())?;
    let mut row = vec![(WORDS.figure)(figure).to_owned(), text(before)];
    if let Some(after) = after {
        let difference = after.zip(before).map(|(after, before)| after.more_than(before, &WORDS.units));
        row.extend([text(after), difference.unwrap_or(WORDS.none.to_owned())]);
    }
    Some(row)
}

fn halls(outcome: &Outcome) -> Vec<String> {
    let mut heads = vec![
        WORDS.lane_head,
        WORDS.desks,
        WORDS.booked_share,
        WORDS.came,
        WORDS.no_shows,
        WORDS.walk_ins,
        WORDS.wait_mean,
        WORDS.wait_p90,
        WORDS.queue_max,
        WORDS.busy,
        WORDS.done,
    ];
    heads.extend(outcome.what_if.as_ref().map(|_| "p90 with the draft"));
    let rows = lanes_by_hall(&outcome.today).map(|(hall, lane)| hall_row(outcome, hall, lane)).collect();
    table(outcome, WORDS.halls, &heads, rows)
}

fn hall_row(outcome: &Outcome, hall: &HallDay, lane: &LaneDay) -> Vec<String> {
    let booked = lane.bands.iter().map(|band| u64::from(band.booked)).sum();
    let capacity = lane.bands.iter().map(|band| u64::from(band.capacity)).sum();
    let draft = outcome.what_if.as_ref().map(|draft| same_lane(draft, &hall.hall, &lane.lane));
    let draft = draft.map(|lane| lane.map_or(WORDS.none.to_owned(), |lane| wait(lane.wait_p90_min)));
    let row = [
        WORDS.name(&hall.name),
        WORDS.lane_name(&lane.lane).to_owned(),
        count(lane.desks.into()),
        percent(share(booked, capacity)),
        count(lane.came.into()),
        count(lane.no_shows.into()),
        count(lane.walk_ins.into()),
        wait(lane.wait_mean_min),
        wait(lane.wait_p90_min),
        count(lane.queue_max.into()),
        percent(lane.utilisation),
        clock(lane.done_min),
    ];
    row.into_iter().chain(draft).collect()
}

fn answers(played: &Played) -> Vec<String> {
    let answers = &played.rush.answers;
    let all = answers.iter().map(|it| it.count).sum();
    let rows = answers
        .iter()
        .map(|it| vec![format!("{:>3} {}", it.status, it.code), count(it.count), percent(share(it.count, all))]);
    lines_of(WORDS.answers.to_owned(), &["", WORDS.times, WORDS.of_all], rows.collect())
}

fn advice(outcome: &Outcome) -> Vec<String> {
    let mut lines = vec![String::new(), heading(outcome, WORDS.advice)];
    if outcome.advice.is_empty() {
        lines.push(format!("{INDENT}{}", WORDS.advice_none));
    }
    for (number, piece) in (1..).zip(&outcome.advice) {
        let lane = WORDS.lane_name(&piece.lane);
        lines.push(format!(
            "{INDENT}{number}. {}, {lane}, {}",
            WORDS.name(&piece.name),
            WORDS.bands(outcome, piece).join(WORDS.comma)
        ));
        lines.push(format!("{INDENT}   {}", WORDS.advice_sentence(piece)));
    }
    lines
}

fn audit(outcome: &Outcome) -> Vec<String> {
    let found: Vec<_> = violations(outcome).collect();
    let mut lines = vec![String::new(), WORDS.audit.to_owned()];
    if found.is_empty() {
        lines.push(format!("{INDENT}{}", WORDS.audit_of(outcome)));
    } else {
        lines.push(format!("{INDENT}{}", (WORDS.audit_found)(found.len(), outcome.seed)));
        lines.extend(found.iter().map(|violation| format!("{INDENT}- {violation}")));
    }
    lines
}

/// A heading, marked where the numbers below it are partial.
fn heading(outcome: &Outcome, title: &str) -> String {
    if outcome.end == End::Finished { title.to_owned() } else { format!("{title} ({})", WORDS.partial) }
}

/// A table of the run; nothing where it has no rows.
fn table(outcome: &Outcome, title: &str, heads: &[&str], rows: Vec<Vec<String>>) -> Vec<String> {
    let heads: Vec<_> = std::iter::once("").chain(heads.iter().copied()).collect();
    lines_of(heading(outcome, title), &heads, rows)
}

/// The lines of a table: the first column begins at the left, the others end at the right.
fn lines_of(title: String, heads: &[&str], rows: Vec<Vec<String>>) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let heads = heads.iter().map(|&head| head.to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(heads).chain(rows).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    let mut lines = vec![String::new(), title];
    lines.extend(rows.iter().map(|row| line(row, &widths)));
    lines
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
        let room = " ".repeat(width.saturating_sub(cell.width()));
        if column == 0 { format!("{cell}{room}") } else { format!("{room}{cell}") }
    });
    format!("{INDENT}{}", cells.collect::<Vec<_>>().join(GAP)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn columns_end_at_the_same_place_whatever_the_letters() {
        let mut outcome = sample::outcome();
        outcome.today.halls[0].name = sample::named("西湖", "西湖区公安出入境窗口");
        let text = text(&outcome);
        let table: Vec<&str> =
            text.lines().skip_while(|line| *line != WORDS.halls).skip(1).take_while(|line| !line.is_empty()).collect();
        assert_eq!(table.len(), 1 + 23, "{text}");
        assert!(table.iter().all(|line| line.width() == table[0].width()), "{text}");
        assert!(table.iter().any(|line| line.contains("西湖区公安出入境窗口")));
    }

    #[test]
    fn today_stands_beside_the_draft_with_the_difference() {
        let text = text(&sample::outcome());
        let line = |start: &str| text.lines().find(|line| line.trim_start().starts_with(start)).unwrap();
        let words = |start: &str| line(start)[INDENT.len() + start.len()..].split_whitespace().collect::<Vec<_>>();
        assert_eq!(words("Visitors with a place"), ["5,212", "6,000", "+788"]);
        assert_eq!(words("Visitors who came"), ["8,000", "8,000", "="]);
        assert!(
            text.starts_with("Peak day in Hangzhou (peak-day), 2026-12-22, seed 20261222\n5,212 of 8,000 visitors")
        );
        assert!(text.contains("Open 3 counters more: nine in ten then wait at most 24 minutes instead of 71."));
    }

    #[test]
    fn without_a_draft_there_is_one_column() {
        let text = text(&Outcome { what_if: None, ..sample::outcome() });
        assert!(!text.contains("draft") && !text.contains(WORDS.difference), "{text}");
    }

    #[test]
    fn what_is_partial_or_wrong_says_so() {
        let mut outcome = sample::outcome();
        outcome.end = End::ServerLost { reason: "connection \u{1b}[2Jrefused".into() };
        outcome.today.halls.clear();
        outcome.today.violations = vec!["slot over capacity".into()];
        let text = text(&outcome);
        for part in [
            "So far, 5,212 of 8,000",
            "The release minute (partial)",
            "The server was lost 60.0 s into the release minute (connection \u{fffd}[2Jrefused).",
            "The auditor found 1 violation. Seed 20261222",
            "- slot over capacity",
            "the day itself was not simulated",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(text.lines().filter(|line| *line == WORDS.halls).count(), 0);
    }
}
