//! What works as it stands and may not be what was meant: said by `check`, in the log when a configuration comes into force,
//! and by `/readyz`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike as _, Days, NaiveDate, TimeDelta, Utc};

use super::Configuration;
use super::zone_data::{Difference, ZoneData};
use crate::domain::hall::Hall;
use crate::domain::snapshot::Snapshot;

/// How many days before today and after the window time zones are compared too: what was booked is served meanwhile, and
/// whoever hears of a difference has some days to mend it.
const DAYS_AROUND_THE_WINDOW: u64 = 7;

/// Everything that does not depend on the day: what files and time zones have.
#[must_use]
pub fn hints(configuration: &Configuration, now: DateTime<Utc>) -> Vec<String> {
    hints_beside(configuration, now, &ZoneData::of_the_system())
}

fn hints_beside(configuration: &Configuration, now: DateTime<Utc>, system: &ZoneData) -> Vec<String> {
    let of_files = configuration.hints.iter().map(ToString::to_string);
    of_files.chain(zone_hints(&configuration.snapshot, now, system)).collect()
}

/// The years that the window reaches and of which no calendar has a day.
#[must_use]
pub fn calendar_hints(snapshot: &Snapshot, now: DateTime<Utc>) -> Vec<String> {
    let known: BTreeSet<i32> = snapshot.calendar.iter().map(|(date, _)| date.year()).collect();
    let window = Days::new(snapshot.policy.window_days.into());
    let dates = snapshot.halls().iter().map(|hall| now.with_timezone(&hall.zone).date_naive());
    let ends: BTreeSet<NaiveDate> =
        dates.flat_map(|today| [Some(today), today.checked_add_days(window)]).flatten().collect();
    let years = ends.first().zip(ends.last()).map(|(first, last)| first.year()..=last.year());
    let unknown = years.into_iter().flatten().filter(|year| !known.contains(year));
    unknown
        .map(|year| {
            format!(
                "calendar: people can book days of {year}, and no file has a holiday or a make-up working day of {year}, so \
                 halls are open as in any week; add calendar/NAME-{year}.toml as soon as that year is announced"
            )
        })
        .collect()
}

/// The zones of halls of which the operating system has other data.
fn zone_hints(snapshot: &Snapshot, now: DateTime<Utc>, system: &ZoneData) -> Vec<String> {
    let around = TimeDelta::days(DAYS_AROUND_THE_WINDOW.cast_signed());
    let until = now + TimeDelta::days(snapshot.policy.window_days.into()) + around;
    let mut halls_of: BTreeMap<&str, Vec<&Hall>> = BTreeMap::new();
    for hall in snapshot.halls() {
        halls_of.entry(hall.zone.name()).or_default().push(hall);
    }
    let differing = halls_of.into_values().filter_map(|halls| {
        let difference = system.difference(halls.first()?.zone, now - around, until)?;
        Some(sentence(&halls, &difference, system.version.as_deref()))
    });
    differing.collect()
}

fn sentence(halls: &[&Hall], difference: &Difference, version: Option<&str>) -> String {
    let ids = halls.iter().map(|hall| hall.id.as_str()).collect::<Vec<_>>().join(", ");
    let Difference { from, here, there } = difference;
    let zone = halls.first().map_or("", |hall| hall.zone.name());
    let (ours, theirs) = (chrono_tz::IANA_TZDB_VERSION, version.unwrap_or("of unknown version"));
    let minutes = (here.local_minus_utc() - there.local_minus_utc()).abs() / 60;
    let mend = match version {
        Some(theirs) if theirs < ours => "bring the data of the operating system (tzdata) up to date",
        _ => {
            "run a build with newer data of time zones, or close the days in question by exceptions until there is one"
        }
    };
    format!(
        "halls: {ids}: from {} on, {zone} is UTC{here} by the data in this program ({ours}) and UTC{there} by those of the \
         operating system ({theirs}): bands there begin {minutes} minutes off the clock on the wall; {mend}",
        from.format("%Y-%m-%dT%H:%MZ")
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::tests::{Fixture, HALL};
    use super::super::zone_data::tests::fixed;
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// The hints of a configuration beside an operating system without zones: each must have the words of its line.
    fn check(fixture: &Fixture, expected: &[&str]) {
        let system = ZoneData::in_directory("/nowhere/at/all".into());
        let found = hints_beside(&fixture.load(), at("2026-11-22T04:00:00Z"), &system);
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (hint, expected) in found.iter().zip(expected) {
            assert!(expected.split(" | ").all(|words| hint.contains(words)), "{hint}\n{expected}");
        }
    }

    #[test]
    fn files_that_are_passed_over_are_named() {
        let sound = Fixture::default;
        check(&sound(), &[]);
        let other = HALL.replace("\"one\"", "\"two\"");
        for name in
            ["halls/two.TOML", "halls/two.Toml", "halls/two.toml.bak", "halls/two.toml~", "calendar/cn.toml.orig"]
        {
            check(&sound().with(name, &other), &[&format!("{name}: the file is not read | `.toml`, in small letters")]);
        }
        check(&sound().with("service.toml", "["), &["service.toml: the file is not read | services.toml"]);
        check(&sound().with("halls/.two.toml.swp", "[").with("halls/README.md", "[").with(".hallpass.toml", "["), &[]);
        check(
            &sound().with("scenarios.toml", "").with("HALLPASS.TOML", ""),
            &["HALLPASS.TOML: the file is not read", "scenarios.toml: the file is not read"],
        );
    }

    #[test]
    fn periods_that_are_shorter_than_a_band_are_named_by_line() {
        let spoilt = |from: &str, to: &str| Fixture::default().spoilt("halls/one.toml", from, to);
        let short =
            "halls/one.toml:11: in the period 12:10-12:30 the lane `counter` has no band | take 30 minutes | longer";
        check(
            &spoilt("\"08:30-12:00\", \"13:30-17:00\"", "\"08:30-12:00\", \"12:10-12:30\", \"13:30-17:00\""),
            &[short],
        );
        check(&spoilt("\"08:30-12:00\", \"13:30-17:00\"", "\"08:30-12:00\", \"12:00-12:30\", \"13:30-17:00\""), &[]);
        check(
            &spoilt("\"08:30-12:00\", \"13:30-17:00\"", "\"08:30-12:00\", \"12:10-12:20\", \"13:30-17:00\""),
            &["lane `counter` has no band", "lane `kiosk` has no band | take 15 minutes"],
        );
    }

    #[test]
    fn a_year_that_no_calendar_knows_is_named_once_it_can_be_booked() {
        let calendar = |text: &str| Fixture::default().with("calendar/cn.toml", text).load().snapshot;
        let of_2026 = calendar("[[holiday]]\ndate = \"2026-10-01\"\nname = \"国庆节\"\n");
        let hints = |snapshot: &Snapshot, now: &str| calendar_hints(snapshot, at(now));
        // The window has 30 days, and the hall is in Shanghai.
        let before = hints(&of_2026, "2026-12-01T15:59:59Z");
        assert!(before.is_empty(), "{before:?}");
        let after = hints(&of_2026, "2026-12-01T16:00:00Z");
        assert!(after.len() == 1 && after[0].contains("days of 2027") && after[0].contains("calendar/NAME-2027.toml"));
        let none = hints(&calendar(""), "2026-12-15T00:00:00Z");
        assert!(none.len() == 2 && none[0].contains("days of 2026") && none[1].contains("days of 2027"), "{none:?}");
        let passed = hints(&of_2026, "2027-02-01T00:00:00Z");
        assert!(passed.len() == 1 && passed[0].contains("2027"), "{passed:?}");
    }

    #[test]
    fn halls_whose_zone_the_operating_system_knows_otherwise_are_named() {
        let dir = tempfile::tempdir().unwrap();
        for (zone, hours) in [("America/Vancouver", -7), ("Asia/Shanghai", 8)] {
            let path = dir.path().join(zone);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, fixed(hours)).unwrap();
        }
        let vancouver =
            |id: &str| HALL.replace("\"one\"", &format!("\"{id}\"")).replace("Asia/Shanghai", "America/Vancouver");
        let fixture =
            Fixture::default().with("halls/two.toml", vancouver("two")).with("halls/three.toml", vancouver("three"));
        let found = |now: &str, version: &str| {
            fs::write(dir.path().join("tzdata.zi"), format!("# version {version}\n")).unwrap();
            hints_beside(&fixture.load(), at(now), &ZoneData::in_directory(dir.path().to_owned()))
        };
        let newer = found("2026-11-22T04:00:00Z", "2099a");
        assert_eq!(newer.len(), 1, "{newer:?}");
        for words in
            ["halls: three, two: ", "America/Vancouver is UTC-08:00", "(2099a)", "60 minutes off", "newer data"]
        {
            assert!(newer[0].contains(words), "{words}: {newer:?}");
        }
        let older = found("2026-11-22T04:00:00Z", "2020a");
        assert!(older[0].contains("tzdata") && older[0].contains("up to date"), "{older:?}");
        // The clock is put back on 1 November: the window with a week more reaches that from 24 September on.
        assert_eq!(found("2026-09-24T08:00:00Z", "2099a").len(), 0);
        assert_eq!(found("2026-09-25T09:00:00Z", "2099a").len(), 1);
    }
}
