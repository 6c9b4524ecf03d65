//! From a hall, the public calendar and a date to the bands of that day.
//!
//! Invariants: bands of one lane are in order and do not overlap; every band lies inside one opening period; a band whose
//! start falls into the gap of a clock change is not there.

use chrono::{Datelike, NaiveDate};

use super::calendar::{Calendar, CalendarDay};
use super::hall::{Exception, Hall, Lane, Period};
use super::wall::{WallTime, instant_of};

/// Whether a hall is open on a date, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening<'a> {
    /// Open in these periods, at least one.
    Open(&'a [Period]),
    /// Closed for the public holiday of this name.
    Holiday(&'a str),
    /// Closed, for this reason where the hall gives one.
    Closed(Option<&'a str>),
}

/// Whether the hall is open on that date: its own exception first, then the public calendar, then its weekly hours.
#[must_use]
pub fn opening<'a>(hall: &'a Hall, calendar: &'a Calendar, date: NaiveDate) -> Opening<'a> {
    let weekday = match (hall.exceptions.get(&date), calendar.day(date)) {
        (Some(Exception::Closed { reason }), _) => return Opening::Closed(reason.as_deref()),
        (Some(Exception::Hours { periods, .. }), _) => return open_in(periods),
        (None, Some(CalendarDay::Holiday { name })) => return Opening::Holiday(name),
        (None, Some(CalendarDay::Workday { hours_of })) => *hours_of,
        (None, None) => date.weekday(),
    };
    open_in(hall.hours.of(weekday))
}

fn open_in(periods: &[Period]) -> Opening<'_> {
    if periods.is_empty() { Opening::Closed(None) } else { Opening::Open(periods) }
}

/// A band of one lane on one date, `[start, end)` in hall-local wall time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// When it begins.
    pub start: WallTime,
    /// When it ends.
    pub end: WallTime,
    /// How many places it has, at least 1.
    pub capacity: u32,
}

/// The bands of a lane on a date, in order; none on a closed day.
#[must_use]
pub fn bands(hall: &Hall, calendar: &Calendar, lane: &Lane, date: NaiveDate) -> Vec<Band> {
    let Opening::Open(periods) = opening(hall, calendar, date) else { return Vec::new() };
    let exists = |band: &Band| instant_of(hall.zone, date, band.start).is_some();
    periods.iter().flat_map(|period| bands_in(lane, *period)).filter(exists).collect()
}

/// The bands of a lane inside one period: from its beginning, every `band_minutes`, the last one ending within it.
pub fn bands_in(lane: &Lane, period: Period) -> impl Iterator<Item = Band> {
    let length = lane.band_minutes.max(1);
    std::iter::successors(Some(period.start), move |start| start.plus(length))
        .map_while(move |start| start.plus(length).filter(|end| *end <= period.end).map(|end| (start, end)))
        .map(|(start, end)| Band { start, end, capacity: lane.capacity_at(start) })
}

#[cfg(test)]
pub(in crate::domain) mod tests {
    use std::collections::BTreeMap;

    use chrono::Weekday;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::calendar::CalendarDay;
    use crate::domain::geo::Location;
    use crate::domain::hall::WeeklyHours;
    use crate::domain::localized::Localized;
    use crate::domain::name::{HallId, LaneId};
    use crate::domain::policy::judge_band;

    /// A hall with one lane and the calendar around it.
    #[derive(Clone)]
    pub(in crate::domain) struct Scene {
        pub(in crate::domain) hall: Hall,
        pub(in crate::domain) calendar: BTreeMap<NaiveDate, CalendarDay>,
    }

    pub(in crate::domain) fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn periods(text: &str) -> Vec<Period> {
        let period = |text: &str| {
            let (start, end) = text.split_once('-').unwrap();
            Period { start: start.parse().unwrap(), end: end.parse().unwrap() }
        };
        text.split_whitespace().map(period).collect()
    }

    impl Scene {
        /// A hall with the hours of the seven weekdays, Monday first, and a lane with bands of 60 minutes.
        pub(in crate::domain) fn new(zone: &str, week: [&str; 7]) -> Self {
            let lane = Lane {
                id: LaneId::intern("counter").unwrap(),
                band_minutes: 60,
                capacity: 4,
                single_bands: BTreeMap::new(),
            };
            let hall = Hall {
                id: HallId::intern("scene").unwrap(),
                name: Localized::default(),
                city: String::new(),
                city_name: None,
                municipal: false,
                address_verified: true,
                district: None,
                address: None,
                phone: None,
                location: Location { lat: 0.0, lon: 0.0 },
                zone: zone.parse().unwrap(),
                services: Vec::new(),
                hours: WeeklyHours::new(week.map(periods)),
                lanes: vec![lane],
                exceptions: BTreeMap::new(),
            };
            Self { hall, calendar: BTreeMap::new() }
        }

        pub(in crate::domain) fn holiday(mut self, day: &str, name: &str) -> Self {
            self.calendar.insert(date(day), CalendarDay::Holiday { name: name.to_owned() });
            self
        }

        pub(in crate::domain) fn workday(mut self, day: &str, hours_of: Weekday) -> Self {
            self.calendar.insert(date(day), CalendarDay::Workday { hours_of });
            self
        }

        pub(in crate::domain) fn closed(mut self, day: &str, reason: Option<&str>) -> Self {
            self.hall.exceptions.insert(date(day), Exception::Closed { reason: reason.map(str::to_owned) });
            self
        }

        pub(in crate::domain) fn open(mut self, day: &str, hours: &str) -> Self {
            self.hall.exceptions.insert(date(day), Exception::Hours { periods: periods(hours), reason: None });
            self
        }

        pub(in crate::domain) fn bands_of(mut self, minutes: u16) -> Self {
            self.hall.lanes[0].band_minutes = minutes;
            self
        }

        pub(in crate::domain) fn calendar(&self) -> Calendar {
            Calendar::new(self.calendar.clone())
        }

        pub(in crate::domain) fn bands(&self, day: NaiveDate) -> Vec<Band> {
            bands(&self.hall, &self.calendar(), &self.hall.lanes[0], day)
        }

        /// Asserts the bands of a day: `08:30-09:30 09:30-10:30`, or in brackets why it is closed.
        fn check(&self, day: &str, expected: &str) {
            let bands = self.bands(date(day));
            let calendar = self.calendar();
            let shown = match opening(&self.hall, &calendar, date(day)) {
                Opening::Holiday(name) => format!("[holiday {name}]"),
                Opening::Closed(reason) => format!("[closed {}]", reason.unwrap_or("as ever")),
                Opening::Open(_) => {
                    bands.iter().map(|band| format!("{}-{}", band.start, band.end)).collect::<Vec<_>>().join(" ")
                }
            };
            assert_eq!(shown, expected, "{day}");
            assert!(bands.is_empty() || !shown.starts_with('['), "a closed day has no bands: {day}");
        }
    }

    /// Monday two bands, Tuesday to Thursday one each at its own time, Friday closed, Saturday and Sunday open.
    fn week() -> Scene {
        Scene::new(
            "Asia/Shanghai",
            ["09:00-11:00", "10:00-11:00", "11:00-12:00", "12:00-13:00", "", "14:00-15:00", "15:00-16:00"],
        )
    }

    #[test]
    fn every_weekday_has_its_own_hours() {
        // 2026-11-23 is a Monday.
        week().check("2026-11-23", "09:00-10:00 10:00-11:00");
        week().check("2026-11-24", "10:00-11:00");
        week().check("2026-11-25", "11:00-12:00");
        week().check("2026-11-26", "12:00-13:00");
        week().check("2026-11-27", "[closed as ever]");
        week().check("2026-11-28", "14:00-15:00");
        week().check("2026-11-29", "15:00-16:00");
    }

    #[test]
    fn the_public_calendar_beats_the_week() {
        let scene = week()
            .holiday("2026-11-23", "a Monday")
            .holiday("2026-11-29", "a Sunday")
            .workday("2026-11-28", Weekday::Mon)
            .workday("2026-12-05", Weekday::Thu)
            .workday("2026-12-06", Weekday::Fri)
            .workday("2026-11-24", Weekday::Wed);
        scene.check("2026-11-23", "[holiday a Monday]");
        scene.check("2026-11-29", "[holiday a Sunday]");
        scene.check("2026-11-28", "09:00-10:00 10:00-11:00");
        scene.check("2026-12-05", "12:00-13:00");
        scene.check("2026-12-06", "[closed as ever]");
        scene.check("2026-11-24", "11:00-12:00");
    }

    #[test]
    fn an_exception_beats_the_calendar_and_the_week() {
        let scene = week()
            .holiday("2026-11-23", "opened all the same")
            .open("2026-11-23", "18:00-19:00")
            .holiday("2026-11-24", "closed twice")
            .closed("2026-11-24", Some("repairs"))
            .closed("2026-11-25", None)
            .workday("2026-11-28", Weekday::Mon)
            .closed("2026-11-28", Some("moving"))
            .workday("2026-12-05", Weekday::Mon)
            .open("2026-12-05", "20:00-21:00")
            .open("2026-11-27", "08:30-09:30 10:00-11:00");
        scene.check("2026-11-23", "18:00-19:00");
        scene.check("2026-11-24", "[closed repairs]");
        scene.check("2026-11-25", "[closed as ever]");
        scene.check("2026-11-28", "[closed moving]");
        scene.check("2026-12-05", "20:00-21:00");
        scene.check("2026-11-27", "08:30-09:30 10:00-11:00");
    }

    #[test]
    fn bands_start_with_each_period_and_end_within_it() {
        let check = |hours: &str, minutes: u16, expected: &str| {
            Scene::new("Asia/Shanghai", [hours; 7]).bands_of(minutes).check("2026-11-23", expected);
        };
        check("08:30-10:30", 60, "08:30-09:30 09:30-10:30");
        check("08:30-10:29", 60, "08:30-09:30");
        check("08:30-10:45", 60, "08:30-09:30 09:30-10:30");
        check("08:30-09:30", 60, "08:30-09:30");
        check("08:30-09:29", 60, "");
        check("08:30-09:30", 25, "08:30-08:55 08:55-09:20");
        check("08:30-10:00 10:00-11:00", 45, "08:30-09:15 09:15-10:00 10:00-10:45");
        check("08:30-12:00 13:30-15:45", 90, "08:30-10:00 10:00-11:30 13:30-15:00");
        check("08:30-09:15 09:15-10:30 10:30-10:40", 60, "09:15-10:15");
        check("22:30-24:00", 45, "22:30-23:15 23:15-24:00");
        check("23:30-24:00", 45, "");
        check("00:00-24:00", 1440, "00:00-24:00");
        check("00:00-00:03", 1, "00:00-00:01 00:01-00:02 00:02-00:03");
    }

    #[test]
    fn a_single_band_has_its_own_capacity() {
        let mut scene = Scene::new("Asia/Shanghai", ["08:30-11:30"; 7]);
        scene.hall.lanes[0].single_bands = [(WallTime::hm(9, 30), 7), (WallTime::hm(9, 0), 9)].into();
        let capacities: Vec<_> = scene.bands(date("2026-11-23")).iter().map(|band| band.capacity).collect();
        assert_eq!(capacities, [4, 7, 4]);
    }

    #[test]
    fn leap_days_and_year_ends_are_days_like_others() {
        week().check("2028-02-28", "09:00-10:00 10:00-11:00");
        week().check("2028-02-29", "10:00-11:00");
        week().check("2028-03-01", "11:00-12:00");
        week().check("2026-12-31", "12:00-13:00");
        week().check("2027-01-01", "[closed as ever]");
        week().holiday("2028-02-29", "leap").check("2028-02-29", "[holiday leap]");
    }

    #[test]
    fn a_band_that_begins_in_the_gap_of_a_clock_change_is_not_there() {
        let night = |zone| Scene::new(zone, ["00:30-05:00"; 7]);
        // Clocks go from 02:00 to 03:00.
        night("Europe/Berlin").check("2026-03-28", "00:30-01:30 01:30-02:30 02:30-03:30 03:30-04:30");
        night("Europe/Berlin").check("2026-03-29", "00:30-01:30 01:30-02:30 03:30-04:30");
        let short = night("Europe/Berlin").bands_of(30);
        short
            .check("2026-03-29", "00:30-01:00 01:00-01:30 01:30-02:00 03:00-03:30 03:30-04:00 04:00-04:30 04:30-05:00");
        night("America/New_York").check("2026-03-08", "00:30-01:30 01:30-02:30 03:30-04:30");
        // China has had no clock change since 1991.
        night("Asia/Shanghai").check("2026-03-29", "00:30-01:30 01:30-02:30 02:30-03:30 03:30-04:30");
    }

    #[test]
    fn a_band_in_the_fold_of_a_clock_change_is_there_once_and_is_the_earlier_one() {
        let scene = Scene::new("Europe/Berlin", ["01:00-05:00"; 7]);
        // Clocks go back from 03:00 to 02:00.
        scene.check("2026-10-25", "01:00-02:00 02:00-03:00 03:00-04:00 04:00-05:00");
        let instants: Vec<_> = scene
            .bands(date("2026-10-25"))
            .iter()
            .map(|band| instant_of(scene.hall.zone, date("2026-10-25"), band.start).unwrap().to_rfc3339())
            .collect();
        let expected = ["01:00:00+02:00", "02:00:00+02:00", "03:00:00+01:00", "04:00:00+01:00"];
        assert_eq!(instants, expected.map(|time| format!("2026-10-25T{time}")));
    }

    /// Up to four periods of one day, in order and without overlap, from the cuts between them.
    fn any_periods() -> impl Strategy<Value = Vec<Period>> {
        proptest::collection::btree_set(0_u16..=1440, 2..=8).prop_map(|cuts| {
            let cuts: Vec<_> = cuts.into_iter().map(|minutes| WallTime::hm(minutes / 60, minutes % 60)).collect();
            cuts.chunks_exact(2).map(|pair| Period { start: pair[0], end: pair[1] }).collect()
        })
    }

    proptest! {
        /// A naive auditor walks through the minutes of the day: a band starts where a period does, or where the last
        /// band ended, as long as all its minutes lie in that period.
        #[test]
        fn bands_are_what_a_walk_through_the_day_finds(periods in any_periods(), minutes in 1_u16..=1440) {
            let mut scene = Scene::new("Asia/Shanghai", [""; 7]).bands_of(minutes);
            let day = date("2026-11-23");
            scene.hall.exceptions.insert(day, Exception::Hours { periods: periods.clone(), reason: None });
            let found = scene.bands(day);

            let mut expected = Vec::new();
            for period in &periods {
                let mut start = period.start.minutes();
                for minute in period.start.minutes()..period.end.minutes() {
                    if minute + 1 == start + minutes {
                        expected.push((start, minute + 1));
                        start = minute + 1;
                    }
                }
            }
            let shown: Vec<_> = found.iter().map(|band| (band.start.minutes(), band.end.minutes())).collect();
            prop_assert_eq!(&shown, &expected);

            prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start), "in order and disjoint");
            prop_assert!(found.iter().all(|band| band.end.minutes() - band.start.minutes() == minutes));
            let inside = |band: &Band| periods.iter().any(|it| it.start <= band.start && band.end <= it.end);
            prop_assert!(found.iter().all(inside), "inside one period");

            for minute in 0..=1440 {
                let start = WallTime::hm(minute / 60, minute % 60);
                let listed = found.iter().position(|band| band.start == start);
                prop_assert_eq!(judge_band(&found, start).ok(), listed, "what is listed is what is accepted");
            }
        }
    }
}
