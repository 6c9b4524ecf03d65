//! When a hall is open: `[hall.hours]` and `[[hall.exceptions]]`.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::config::read::document::{Node, Shape, Table, all};
use crate::config::read::error::At;
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::read::phrases::Part;
use crate::config::read::terms;
use crate::config::read::terms::WEEKDAYS;
use crate::config::read::unique::Unique;
use crate::domain::hall::{Exception, Period, WeeklyHours};
use crate::domain::wall::WallTime;

/// How many opening periods one day may have.
pub(crate) const MAX_PERIODS_A_DAY: usize = 24;
/// How many exceptions one hall may have.
pub(crate) const MAX_EXCEPTIONS: usize = 2_000;

const PERIODS: &str = r#"["08:30-12:00", "13:30-17:00"]"#;

static HOURS: Shape = Shape {
    name: "[hall.hours]",
    keys: &[
        (WEEKDAYS[0].0, PERIODS),
        (WEEKDAYS[1].0, PERIODS),
        (WEEKDAYS[2].0, PERIODS),
        (WEEKDAYS[3].0, PERIODS),
        (WEEKDAYS[4].0, PERIODS),
        (WEEKDAYS[5].0, PERIODS),
        (WEEKDAYS[6].0, PERIODS),
    ],
    other: None,
};

static EXCEPTION: Shape = Shape {
    name: "[[hall.exceptions]]",
    keys: &[("date", r#""2026-12-01""#), ("closed", "true"), ("hours", r#"["09:00-12:00"]"#), ("reason", r#""…""#)],
    other: None,
};

/// When a hall is open, as far as it could be read.
#[derive(Debug)]
pub(crate) struct Timetable {
    pub(crate) weekly: WeeklyHours,
    pub(crate) exceptions: BTreeMap<NaiveDate, Exception>,
    /// Whether all of it could be read, so that it can be said which times there are not.
    pub(crate) complete: bool,
    /// Every period and where it stands.
    pub(crate) periods: Vec<At<Period>>,
}

impl Timetable {
    /// The periods of every kind of day that the hall knows: seven weekdays, and the exceptions that open it.
    pub(crate) fn days(&self) -> impl Iterator<Item = &[Period]> {
        let exceptions = self.exceptions.values().filter_map(|exception| match exception {
            Exception::Hours { periods, .. } => Some(periods.as_slice()),
            Exception::Closed { .. } => None,
        });
        WEEKDAYS.iter().map(|(_, weekday)| self.weekly.of(*weekday)).chain(exceptions)
    }
}

/// Reads both tables of a hall. Periods must not begin before `earliest`, where that is known.
pub(crate) fn read(hall: &Table<'_>, earliest: Option<WallTime>) -> Timetable {
    let mut seen = Vec::new();
    let weekly = hall.need("hours").and_then(|node| weekly(node, earliest, &mut seen));
    let exceptions = hall.get("exceptions").map_or(Some(BTreeMap::new()), |node| exceptions(node, earliest, &mut seen));
    Timetable {
        complete: weekly.is_some() && exceptions.is_some(),
        weekly: weekly.unwrap_or_default(),
        exceptions: exceptions.unwrap_or_default(),
        periods: seen,
    }
}

fn weekly(node: Node<'_>, earliest: Option<WallTime>, seen: &mut Vec<At<Period>>) -> Option<WeeklyHours> {
    let table = node.table(&HOURS)?;
    let mut day = |key| table.get(key).map_or(Some(Vec::new()), |node| periods(node, earliest, seen));
    let days: Vec<_> = all(WEEKDAYS.iter().map(|(key, _)| day(key)))?;
    // An unknown key stands for a day that was meant to have hours.
    days.try_into().ok().filter(|_| table.has_only_known_keys()).map(WeeklyHours::new)
}

fn exceptions(
    node: Node<'_>,
    earliest: Option<WallTime>,
    seen: &mut Vec<At<Period>>,
) -> Option<BTreeMap<NaiveDate, Exception>> {
    let tables = node.tables(&EXCEPTION)?;
    if tables.len() > MAX_EXCEPTIONS {
        let flaw = Flaw::TooManyExceptions { count: Part::of(tables.len()) };
        return node.refuse(flaw, Mend::AtMost { most: Part::of(MAX_EXCEPTIONS) });
    }
    let mut dates = Unique::default();
    all(tables.iter().map(|table| {
        let date = table.need("date").and_then(|node| {
            let date = terms::date(node)?;
            let twice = |place| Flaw::ExceptionTwice { date: Part::of(date), place };
            dates.note(date, &node.place(), twice, node.findings());
            Some(date)
        });
        date.zip(exception(table, earliest, seen))
    }))
}

fn exception(table: &Table<'_>, earliest: Option<WallTime>, seen: &mut Vec<At<Period>>) -> Option<Exception> {
    let reason = table.get("reason").and_then(terms::line);
    let closed = table.get("closed").map_or(Some(false), |node| node.flag())?;
    match (closed, table.get("hours")) {
        (true, None) => Some(Exception::Closed { reason }),
        (false, Some(hours)) => {
            let periods = periods(hours, earliest, seen)?;
            if periods.is_empty() {
                return hours.refuse(Flaw::ExceptionEmpty {}, Mend::WriteClosed {});
            }
            Some(Exception::Hours { periods, reason })
        }
        (true, Some(hours)) => hours.refuse(Flaw::ExceptionBoth {}, Mend::TakeOneOut {}),
        (false, None) => {
            table.findings().report(&table.place(), Flaw::ExceptionNeither {}, Mend::ClosedOrHours {});
            None
        }
    }
}

/// The periods of one day, in order; none where one cannot be read or two overlap. Each is noted with its place.
fn periods(node: Node<'_>, earliest: Option<WallTime>, seen: &mut Vec<At<Period>>) -> Option<Vec<Period>> {
    let items = node.items()?;
    if items.len() > MAX_PERIODS_A_DAY {
        let flaw = Flaw::TooManyPeriods { key: node.key.into(), count: Part::of(items.len()) };
        return node.refuse(flaw, Mend::AtMost { most: Part::of(MAX_PERIODS_A_DAY) });
    }
    let mut periods: Vec<(Period, Node<'_>)> =
        all(items.iter().map(|item| period(*item, earliest).map(|period| (period, *item))))?;
    periods.sort_by_key(|(period, _)| *period);
    seen.extend(periods.iter().map(|(value, node)| At { value: *value, place: node.place() }));
    let clashes = periods.windows(2).filter(|pair| pair[1].0.start < pair[0].0.end);
    let clashing = clashes
        .map(|pair| {
            let (first, second) = (text_of(&[pair[0].0]), text_of(&[pair[1].0]));
            pair[1].1.refuse::<()>(
                Flaw::Overlap { second: Part::of(second), first: Part::of(first) },
                Mend::EndBeforeNext {},
            );
        })
        .count();
    (clashing == 0).then(|| periods.into_iter().map(|(period, _)| period).collect())
}

fn period(node: Node<'_>, earliest: Option<WallTime>) -> Option<Period> {
    let text = node.text()?;
    let times = text.split_once('-').and_then(|(start, end)| Some((start.parse().ok()?, end.parse().ok()?)));
    let Some((start, end)): Option<(WallTime, WallTime)> = times else {
        return node.refuse_form(Flaw::NoPeriod { period: Part::quoted(text) });
    };
    if start >= end {
        return node.refuse(Flaw::PeriodBackwards { period: text.into() }, Mend::EndAfterBegin {});
    }
    if let Some(earliest) = earliest.filter(|earliest| start < *earliest) {
        // The period is readable all the same: the lanes are measured by it.
        node.refuse::<()>(
            Flaw::PeriodTooEarly { period: text.into(), earliest: Part::of(earliest) },
            Mend::BeginLater { earliest: Part::of(earliest) },
        );
    }
    Some(Period { start, end })
}

/// Periods in words: `08:30-12:00, 13:30-17:00`, or `closed`.
pub(crate) fn text_of(periods: &[Period]) -> String {
    if periods.is_empty() {
        return "closed".to_owned();
    }
    periods.iter().map(|Period { start, end }| format!("{start}-{end}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, check};

    #[test]
    fn hours_and_exceptions_are_read() {
        let configuration = Fixture::default().load();
        let hall = configuration.snapshot.hall("one").unwrap();
        let week = WEEKDAYS.map(|(_, weekday)| text_of(hall.hours.of(weekday)));
        assert_eq!(week, ["08:30-12:00, 13:30-17:00", "closed", "closed", "closed", "closed", "09:00-12:00", "closed"]);
        let exceptions: Vec<_> =
            hall.exceptions.iter().map(|(date, exception)| format!("{date} {exception:?}")).collect();
        assert_eq!(exceptions.len(), 2);
        assert!(exceptions[0].starts_with("2026-12-01 Closed") && exceptions[0].contains("repairs"), "{exceptions:?}");
        assert!(exceptions[1].starts_with("2026-12-05 Hours"), "{exceptions:?}");
    }

    #[test]
    fn periods_are_put_in_order_and_may_touch() {
        let sat = |to: &str| {
            let configuration = Fixture::default().spoilt("halls/one.toml", "[\"09:00-12:00\"]", to).load();
            text_of(configuration.snapshot.hall("one").unwrap().hours.of(chrono::Weekday::Sat))
        };
        assert_eq!(sat("[\"14:00-15:00\", \"09:00-12:00\"]"), "09:00-12:00, 14:00-15:00");
        assert_eq!(sat("[\"09:00-12:00\", \"12:00-14:00\"]"), "09:00-12:00, 12:00-14:00");
        assert_eq!(sat("[\"20:00-24:00\"]"), "20:00-24:00");
        assert_eq!(sat("[]"), "closed");
    }

    #[test]
    fn the_errors_of_weekly_hours() {
        let check = |to: &str, expected: &str| check("halls/one.toml", "\"09:00-12:00\"", to, &[expected]);
        check("\"9:00-12:00\"", "12 | \"9:00-12:00\" is no period of the form HH:MM-HH:MM | `sat = [");
        check("\"09:00–12:00\"", "12 | is no period of the form | `sat = [");
        check("\"09:00-25:00\"", "12 | is no period of the form | `sat = [");
        check("\"09:00\"", "12 | is no period of the form | `sat = [");
        check("\"12:00-09:00\"", "12 | 12:00-09:00 ends before or when it begins | after it begins");
        check("\"09:00-09:00\"", "12 | 09:00-09:00 ends before or when it begins | after it begins");
        check(
            "\"08:29-12:00\"",
            "12 | 08:29-12:00 begins before policy.earliest_start, 08:30 | begin at 08:30 or later",
        );
        check(
            "\"09:00-12:00\",\n\"11:59-13:00\"",
            "13 | 11:59-13:00 overlaps with 09:00-12:00 | before the next begins",
        );
        check("\"09:00-12:00\",\n\"09:00-12:00\"", "13 | overlaps | before the next begins");
        check("\"09:00-12:00\", 1", "12 | `sat` wants a string | `sat = [");
        let many: Vec<String> = (0..25).map(|at| format!("\"09:{at}-09:{at}\"")).collect();
        check(&many.join(","), "12 | `sat` has 25 periods | at most 24");
    }

    #[test]
    fn the_earliest_start_is_the_one_that_is_configured() {
        let early = Fixture::default().spoilt("halls/one.toml", "\"09:00-12:00\"", "\"07:00-12:00\"");
        early.clone().spoilt("hallpass.toml", "\"08:30\"", "\"07:00\"").load();
        early
            .clone()
            .without("hallpass.toml")
            .check(&["halls/one.toml:12 | before policy.earliest_start, 08:30 | hallpass.toml"]);
        // Where it cannot be read, hours are not measured by a guess.
        early
            .clone()
            .spoilt("hallpass.toml", "\"08:30\"", "\"8:30\"")
            .check(&["hallpass.toml:2 | no time | earliest_start"]);
        early.with("hallpass.toml", "[").check(&["hallpass.toml:1 | syntax | TOML"]);
    }

    #[test]
    fn the_errors_of_an_exception() {
        let check = |from: &str, to: &str, expected: &str| check("halls/one.toml", from, to, &[expected]);
        check("\"2026-12-01\"", "\"2026-12-1\"", "23 | `date` is \"2026-12-1\", no date | `date = \"2026-12-01\"`");
        check("\"2026-12-01\"", "\"2026-02-29\"", "23 | no date of the form YYYY-MM-DD | `date = ");
        check("\"2026-12-01\"", "\"+2026-12-01\"", "23 | no date of the form YYYY-MM-DD | `date = ");
        check(
            "\"2026-12-01\"",
            "\"2026-12-05\"",
            "27 | an exception for 2026-12-05 is already at halls/one.toml:23 | keep one",
        );
        check(
            "closed = true",
            "closed = true\nhours = [\"09:00-10:00\"]",
            "25 | both `closed = true` and `hours` | take one",
        );
        check("closed = true\n", "", "22 | neither `closed = true` nor `hours` | add `closed = true`");
        check("closed = true", "closed = false", "22 | neither `closed = true` nor `hours` | add `closed = true`");
        check("closed = true", "hours = []", "24 | without any period | closed = true");
        check("closed = true", "hours = [\"08:00-12:00\"]", "24 | before policy.earliest_start | 08:30 or later");
        check("closed = true", "hours = [\"12:00-09:00\"]", "24 | ends before | after it begins");
        check("closed = true", "hours = [\"09:00-11:00\", \"10:00-12:00\"]", "24 | overlaps | before the next begins");
        check("reason = \"repairs\"", "reason = \"\"", "25 | `reason` is empty | `reason = ");
    }

    #[test]
    fn exceptions_are_bounded() {
        let many = "[[hall.exceptions]]\n".repeat(MAX_EXCEPTIONS) + "[[hall.exceptions]]\ndate = \"2026-12-01\"";
        check(
            "halls/one.toml",
            "[[hall.exceptions]]\ndate = \"2026-12-01\"",
            &many,
            &["22 | 2002 exceptions | at most 2000"],
        );
    }
}
