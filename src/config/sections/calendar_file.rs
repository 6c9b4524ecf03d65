//! `calendar/*.toml`: public holidays and make-up working days.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Weekday};

use crate::config::read::directory::TextFile;
use crate::config::read::document::{Document, Node, Shape, Table};
use crate::config::read::error::{Findings, Place};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::read::phrases::Part;
use crate::config::read::terms;
use crate::config::read::terms::WEEKDAYS;
use crate::config::read::unique::Unique;
use crate::domain::calendar::{Calendar, CalendarDay};

/// How many special days there may be over all calendars.
pub(crate) const MAX_CALENDAR_DAYS: usize = 10_000;

static ROOT: Shape = Shape {
    name: "a calendar",
    keys: &[
        ("holiday", r#"[{ date = "2026-10-01", name = "…" }]"#),
        ("workday", r#"[{ date = "2026-10-10", as = "mon" }]"#),
    ],
    other: None,
};

static HOLIDAY: Shape =
    Shape { name: "[[holiday]]", keys: &[("date", r#""2026-10-01""#), ("name", r#""国庆节""#)], other: None };

static WORKDAY: Shape =
    Shape { name: "[[workday]]", keys: &[("date", r#""2026-10-10""#), ("as", r#""mon""#)], other: None };

/// Reads all calendars into one. A day that could not be read is left out.
pub(crate) fn read(files: &[TextFile], findings: &Findings) -> Calendar {
    let (mut days, mut dates) = (BTreeMap::new(), Unique::default());
    for file in files {
        read_one(file, &mut days, &mut dates, findings);
    }
    if days.len() > MAX_CALENDAR_DAYS {
        let flaw = Flaw::TooManyDays { count: Part::of(days.len()) };
        findings.report(&Place::whole("calendar"), flaw, Mend::AtMost { most: Part::of(MAX_CALENDAR_DAYS) });
    }
    Calendar::new(days)
}

fn read_one(
    file: &TextFile,
    days: &mut BTreeMap<NaiveDate, CalendarDay>,
    dates: &mut Unique<NaiveDate>,
    findings: &Findings,
) -> Option<()> {
    let (document, tree) = Document::parse(&file.name, file.text.as_deref()?, findings);
    let tree = tree?;
    let root = document.root(&tree, &ROOT);
    let tables = |key, shape| root.get(key).and_then(|node| node.tables(shape)).unwrap_or_default();
    let holidays = tables("holiday", &HOLIDAY).into_iter().map(|table| (table, holiday(&table)));
    let workdays = tables("workday", &WORKDAY).into_iter().map(|table| (table, workday(&table)));
    for (table, day) in holidays.chain(workdays) {
        let Some(node) = table.need("date") else { continue };
        let Some(date) = terms::date(node) else { continue };
        dates.note(date, &node.place(), |place| Flaw::DayTwice { date: Part::of(date), place }, findings);
        days.extend(day.map(|day| (date, day)));
    }
    Some(())
}

fn holiday(table: &Table<'_>) -> Option<CalendarDay> {
    Some(CalendarDay::Holiday { name: table.need("name").and_then(terms::line)? })
}

fn workday(table: &Table<'_>) -> Option<CalendarDay> {
    let hours_of = table.get("as").map_or(Some(Weekday::Mon), working_weekday)?;
    Some(CalendarDay::Workday { hours_of })
}

/// A make-up working day has the hours of Monday to Friday, never those of a weekend.
fn working_weekday(node: Node<'_>) -> Option<Weekday> {
    let text = node.text()?;
    let known = WEEKDAYS[..5].iter().find(|(name, _)| *name == text).map(|(_, weekday)| *weekday);
    known.or_else(|| node.refuse(Flaw::NoWorkingWeekday { day: Part::quoted(text) }, Mend::WorkingWeekday {}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{CALENDAR, Fixture, check, texts};

    #[test]
    fn days_are_read_from_all_files() {
        let more = "[[workday]]\ndate = \"2027-01-03\"\nas = \"fri\"\n";
        let configuration = Fixture::default().with("calendar/next.toml", more).load();
        let days: Vec<_> =
            configuration.snapshot.calendar.iter().map(|(date, day)| (date.to_string(), day.clone())).collect();
        let workday = |hours_of| CalendarDay::Workday { hours_of };
        assert_eq!(
            days,
            [
                ("2026-10-01".to_owned(), CalendarDay::Holiday { name: "国庆节".to_owned() }),
                ("2026-10-10".to_owned(), workday(Weekday::Tue)),
                ("2026-10-11".to_owned(), workday(Weekday::Mon)),
                ("2027-01-03".to_owned(), workday(Weekday::Fri)),
            ]
        );
    }

    #[test]
    fn the_errors_of_a_calendar() {
        let check = |from: &str, to: &str, expected: &str| check("calendar/cn.toml", from, to, &[expected]);
        check("\"2026-10-01\"", "\"2026-10-32\"", "2 | `date` is \"2026-10-32\", no date | `date = ");
        check("\"2026-10-01\"", "\"01.10.2026\"", "2 | no date of the form YYYY-MM-DD | `date = ");
        check("\"tue\"", "\"Tue\"", "7 | `as` is \"Tue\", no working weekday | mon, tue, wed, thu or fri");
        check("\"tue\"", "\"sun\"", "7 | `as` is \"sun\", no working weekday | mon, tue, wed, thu or fri");
        check("\"tue\"", "2", "7 | `as` wants a string | `as = \"mon\"`");
        check("\"国庆节\"", "\"\"", "3 | `name` is empty | `name = ");
        check("\"2026-10-11\"", "\"2026-10-10\"", "10 | 2026-10-10 is already at calendar/cn.toml:6 | keep one");
        check("\"2026-10-11\"", "\"2026-10-01\"", "10 | 2026-10-01 is already at calendar/cn.toml:2 | keep one");
    }

    #[test]
    fn a_day_stands_once_over_all_files() {
        Fixture::default().with("calendar/more.toml", format!("\n{CALENDAR}")).check(&[
            "calendar/more.toml:3 | the day 2026-10-01 is already at calendar/cn.toml:2 | keep one",
            "calendar/more.toml:7 | the day 2026-10-10 is already at calendar/cn.toml:6 | keep one",
            "calendar/more.toml:11 | the day 2026-10-11 is already at calendar/cn.toml:10 | keep one",
        ]);
    }

    #[test]
    fn the_days_are_bounded() {
        let first = NaiveDate::from_ymd_opt(2030, 1, 1).unwrap();
        let days = texts(first.iter_days().take(MAX_CALENDAR_DAYS), |date| format!("[[workday]]\ndate = \"{date}\"\n"));
        Fixture::default().with("calendar/more.toml", days).check(&["calendar:0 | 10003 special days | at most 10000"]);
    }
}
