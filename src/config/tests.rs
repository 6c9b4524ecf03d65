//! A small sound configuration and ways to spoil it, for the tests of every file; and the configuration that the
//! repository brings along.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::scenario::{RushPlan, Scenario, Ways};
use super::{ConfigError, Configuration, Identity, load, load_scenario, load_with};
use crate::domain::calendar::CalendarDay;
use crate::domain::hall::Hall;
use crate::domain::language::LanguageWishes;
use crate::domain::localized::Localized;
use crate::domain::policy::Policy;
use crate::domain::schedule::{Band, bands};
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::WallTime;

/// The files of a configuration, by name.
#[derive(Debug, Clone)]
pub(super) struct Fixture(BTreeMap<String, Vec<u8>>);

pub(super) const HALLPASS: &str = r#"[policy]
earliest_start = "08:30"
min_days_ahead = 1
window_days = 30
release_time = "00:00"
hold_minutes = 10
max_party = 5
max_active = 5

[identity]
mode = "demo"

[[staff]]
id = "boss"
role = "admin"
token_sha256 = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

[[staff]]
id = "desk"
role = "hall"
halls = ["one"]
token_sha256 = "f0112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
"#;

pub(super) const SERVICES: &str = r#"[[service]]
id = "passport.renewal"
document = "passport"
action = "renewal"
lane = "counter"
name = { zh-CN = "护照换发", en = "Passport: renewal" }

[[service]]
id = "permit.endorsement"
document = "permit"
action = "endorsement"
lane = "kiosk"
name = { zh-CN = "签注" }
"#;

pub(super) const CALENDAR: &str = r#"[[holiday]]
date = "2026-10-01"
name = "国庆节"

[[workday]]
date = "2026-10-10"
as = "tue"

[[workday]]
date = "2026-10-11"
"#;

pub(super) const HALL: &str = r#"[[hall]]
id = "one"
name = { zh-CN = "一厅", en = "One" }
city = "杭州"
address = "1 Road"
phone = "0571-1"
location = { lat = 30.25, lon = 120.21 }
time_zone = "Asia/Shanghai"
services = ["passport.*", "permit.endorsement"]
[hall.hours]
mon = ["08:30-12:00", "13:30-17:00"]
sat = ["09:00-12:00"]
[hall.lanes.counter]
band_minutes = 30
capacity = 40
[hall.lanes.counter.bands]
"08:30" = 60
"18:00" = 20
[hall.lanes.kiosk]
band_minutes = 15
capacity = 6
[[hall.exceptions]]
date = "2026-12-01"
closed = true
reason = "repairs"
[[hall.exceptions]]
date = "2026-12-05"
hours = ["17:30-18:30"]
"#;

/// A scenario for the sound configuration.
pub(super) const SCENARIO: &str = r#"[scenario]
title = { zh-CN = "小", en = "Small" }
city = "杭州"
[rush]
visitors = 800
early_share = 0.25
early_s = 20
within_s = 60
decay_s = 15.5
new_day_share = 1
[ways]
hold = 0.5
family = 0.125
bot = 0.25
[services]
"passport.renewal" = 3
"permit.endorsement" = 0.5
[districts]
one = 14
[day]
no_show = 0.125
early_min = { mean = -8, sd = 12 }
walk_ins = 0.1
utilisation = 0.85
[day.service_min]
"passport.renewal" = { mean = 10, sd = 4 }
other = { mean = 7, sd = 0 }
[day.desks]
one = { counters = 17, kiosks = 2 }
"#;

impl Default for Fixture {
    fn default() -> Self {
        Self(BTreeMap::new())
            .with("hallpass.toml", HALLPASS)
            .with("services.toml", SERVICES)
            .with("calendar/cn.toml", CALENDAR)
            .with("halls/one.toml", HALL)
    }
}

impl Fixture {
    /// With this file, instead of one of the same name.
    pub(super) fn with(mut self, file: &str, text: impl AsRef<[u8]>) -> Self {
        self.0.insert(file.to_owned(), text.as_ref().to_owned());
        self
    }

    /// Without this file; its directory stays.
    pub(super) fn without(mut self, file: &str) -> Self {
        self.0.remove(file).expect("the file is there");
        self
    }

    /// With one text of a file replaced by another.
    pub(super) fn spoilt(self, file: &str, from: &str, to: &str) -> Self {
        let text = String::from_utf8(self.0[file].clone()).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from:?} stands once in {file}");
        self.with(file, text.replace(from, to))
    }

    /// Writes the files under a directory, which gets the sub-directories in any case.
    pub(super) fn write(&self, dir: &Path) {
        for name in ["calendar", "halls"] {
            fs::create_dir_all(dir.join(name)).unwrap();
        }
        for (file, bytes) in &self.0 {
            let path = dir.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    pub(super) fn load(&self) -> Configuration {
        let dir = tempfile::tempdir().unwrap();
        self.write(dir.path());
        load(dir.path()).unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// Asserts that loading gives exactly these errors, see [`assert_errors`].
    pub(super) fn check(&self, expected: &[&str]) {
        let dir = tempfile::tempdir().unwrap();
        self.write(dir.path());
        assert_errors(dir.path(), expected);
    }

    /// With [`SCENARIO`] as `scenarios/small.toml`.
    pub(super) fn with_scenario() -> Self {
        Self::default().with("scenarios/small.toml", SCENARIO)
    }

    /// The scenarios, which are sound.
    pub(super) fn scenarios(&self) -> Vec<Scenario> {
        let dir = tempfile::tempdir().unwrap();
        self.write(dir.path());
        super::check(dir.path()).unwrap_or_else(|errors| panic!("{errors}")).1
    }

    /// Asserts that the check of everything gives exactly these errors, see [`assert_errors`].
    pub(super) fn check_all(&self, expected: &[&str]) {
        let dir = tempfile::tempdir().unwrap();
        self.write(dir.path());
        assert_fits(&super::check(dir.path()).map_or_else(|errors| errors.0, |_| Vec::new()), expected);
    }
}

/// Asserts that one replacement in [`SCENARIO`] gives exactly this error: `LINE | words of the message | words of the
/// mend`.
pub(super) fn check_scenario(from: &str, to: &str, expected: &str) {
    let expected = format!("scenarios/small.toml:{expected}");
    Fixture::with_scenario().spoilt("scenarios/small.toml", from, to).check_all(&[&expected]);
}

/// One text for each item, one after the other.
pub(super) fn texts<T>(items: impl IntoIterator<Item = T>, text: impl Fn(T) -> String) -> String {
    items.into_iter().map(text).collect()
}

/// Asserts that a directory gives exactly these errors, in order, each written as
/// `FILE:LINE | words of the message | words of the mend`.
pub(super) fn assert_errors(dir: &Path, expected: &[&str]) {
    assert_fits(&load(dir).map_or_else(|errors| errors.0, |_| Vec::new()), expected);
}

/// Asserts that these are exactly the errors expected, written as for [`assert_errors`].
pub(super) fn assert_fits(errors: &[ConfigError], expected: &[&str]) {
    let shown = || errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(errors.len(), expected.len(), "found:\n{}\nexpected:\n{}", shown(), expected.join("\n"));
    for (error, expected) in errors.iter().zip(expected) {
        let [place, message, mend] = *expected.split(" | ").collect::<Vec<_>>() else { panic!("{expected:?}") };
        let ConfigError { file, line, .. } = error;
        let fits = format!("{file}:{line}") == place
            && error.flaw.to_string().contains(message)
            && error.mend.to_string().contains(mend);
        assert!(fits, "found:\n{}\nexpected: {expected}", shown());
    }
}

/// Asserts that one replacement in one file of the sound configuration gives exactly these errors of that file:
/// `LINE | words of the message | words of the mend`.
pub(super) fn check(file: &str, from: &str, to: &str, expected: &[&str]) {
    let expected: Vec<String> = expected.iter().map(|error| format!("{file}:{error}")).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    Fixture::default().spoilt(file, from, to).check(&expected);
}

#[test]
fn the_fixture_is_sound() {
    Fixture::default().load();
}

fn repository_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config")
}

/// The configuration that the repository brings along.
fn repository() -> Configuration {
    load(&repository_dir()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// A scenario that the repository brings along.
fn repository_scenario(id: &str) -> Scenario {
    let path = repository_dir().join(format!("scenarios/{id}.toml"));
    load_scenario(&path, &repository()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Every band of a hall on a date, over all its lanes.
fn bands_on(snapshot: &Snapshot, hall: &Hall, date: NaiveDate) -> Vec<Band> {
    hall.lanes.iter().flat_map(|lane| bands(hall, &snapshot.calendar, lane, date)).collect()
}

#[test]
fn the_repository_brings_a_sound_configuration() {
    let configuration = repository();
    let snapshot = &configuration.snapshot;
    assert_eq!((snapshot.halls().len(), snapshot.services().len()), (62, 16));
    assert_eq!(snapshot.policy, Policy::default());
    assert_eq!(configuration.identity, Identity::default());
    let hall_of = |service| snapshot.halls().iter().filter(move |hall| hall.lane_for(service).is_some());
    assert!(snapshot.services().iter().all(|service| hall_of(service).count() >= 10), "every service is near");
}

#[test]
fn every_hall_and_service_of_the_repository_is_named_in_three_languages() {
    let snapshot = repository().snapshot;
    let tags = |texts: &Localized| texts.iter().map(|(tag, _)| tag.to_owned()).collect::<Vec<_>>();
    for hall in snapshot.halls() {
        assert_eq!(tags(&hall.name), ["en", "zh-CN", "zh-TW"], "{}", hall.id);
        assert_eq!(hall.district.as_ref().map(tags), Some(tags(&hall.name)), "{}", hall.id);
    }
    for service in snapshot.services() {
        assert_eq!(tags(&service.name), ["en", "zh-CN", "zh-TW"], "{}", service.id);
    }
}

#[test]
fn the_places_of_hangzhou_add_up_on_every_day_of_two_years() {
    let snapshot = repository().snapshot;
    let hangzhou: Vec<&Hall> = snapshot.halls().iter().filter(|hall| hall.city == "杭州").collect();
    let peaks = [
        "2027-01-23",
        "2027-01-24",
        "2027-01-30",
        "2027-01-31",
        "2027-09-18",
        "2027-09-19",
        "2027-09-25",
        "2027-09-26",
    ];
    let peaks = peaks.map(date);
    for day in date("2026-01-01").iter_days().take_while(|day| *day <= date("2027-12-31")) {
        let bands = hangzhou.iter().flat_map(|hall| bands_on(&snapshot, hall, day));
        let expected = match snapshot.calendar.day(day) {
            _ if peaks.contains(&day) => 8_026,
            Some(CalendarDay::Holiday { .. }) => 0,
            Some(CalendarDay::Workday { .. }) | None => 5_800,
        };
        assert_eq!(bands.map(|band| band.capacity).sum::<u32>(), expected, "{day}");
    }
}

#[test]
fn no_hall_of_the_repository_begins_before_half_past_eight() {
    let snapshot = repository().snapshot;
    for day in date("2026-11-01").iter_days().take(420) {
        for hall in snapshot.halls() {
            let early = bands_on(&snapshot, hall, day).into_iter().find(|band| band.start < WallTime::hm(8, 30));
            assert_eq!(early, None, "{} on {day}", hall.id);
        }
    }
}

#[test]
fn the_repository_brings_sound_scenarios() {
    let (_, scenarios) = super::check(&repository_dir()).unwrap_or_else(|errors| panic!("{errors}"));
    let visitors: Vec<_> = scenarios.iter().map(|scenario| (scenario.id.as_str(), scenario.rush.visitors)).collect();
    let expected =
        [("bots", 8_000), ("holiday-eve", 10_600), ("ordinary-day", 5_800), ("peak-day", 8_000), ("stampede", 8_000)];
    assert_eq!(visitors, expected);
    for Scenario { id, city, title, services, districts, .. } in &scenarios {
        assert_eq!((city.as_str(), districts.len()), ("杭州", 15), "{id}: every hall has its surroundings");
        assert_ne!(
            title.pick(&LanguageWishes::of(&["en"])),
            title.pick(&LanguageWishes::of(&["zh-CN"])),
            "{id} has a title in both languages"
        );
        let percent = |weights: &[f64]| weights.iter().sum::<f64>().to_string();
        assert_eq!(percent(&districts.iter().map(|(_, weight)| *weight).collect::<Vec<_>>()), "100", "{id}");
        let passports: Vec<f64> =
            services.iter().filter(|(id, _)| id.as_str().starts_with("passport.")).map(|(_, weight)| *weight).collect();
        assert_eq!(percent(&passports), "46", "{id}: as many passports as were issued");
    }
}

#[test]
fn the_stampede_is_for_exactly_two_thousand_places() {
    let scenario = repository_scenario("stampede");
    let RushPlan { visitors, early_share, within_s, decay_s, new_day_share, .. } = scenario.rush;
    assert_eq!((visitors, early_share.to_bits(), within_s.to_string(), decay_s), (8_000, 0, "1".into(), None));
    assert_eq!((new_day_share.to_string(), scenario.ways), ("1".into(), Ways::default()), "all book one place at once");

    let snapshot = load_with(&repository_dir(), scenario.halls_file.as_slice()).unwrap().snapshot;
    let hangzhou: Vec<&Hall> = snapshot.halls().iter().filter(|hall| hall.city == scenario.city).collect();
    assert_eq!(hangzhou.len(), scenario.districts.len());
    let lane = hangzhou[0].lanes[0].id;
    assert!(hangzhou.iter().all(|hall| hall.lanes.len() == 1 && hall.lane(lane).is_some()), "one lane, the same");
    let lane_of = |id: &str| snapshot.service(id).unwrap().lane;
    assert!(scenario.services.iter().all(|(id, _)| lane_of(id.as_str()) == lane), "which every service uses");
    for day in date("2026-01-01").iter_days().take_while(|day| *day <= date("2027-12-31")) {
        let places = |hall: &&Hall| bands_on(&snapshot, hall, day).iter().map(|band| band.capacity).sum::<u32>();
        let closed = matches!(snapshot.calendar.day(day), Some(CalendarDay::Holiday { .. }));
        assert_eq!(hangzhou.iter().map(places).sum::<u32>(), if closed { 0 } else { 2_000 }, "{day}");
        for (hall, percent) in scenario.districts.iter().filter(|_| !closed) {
            let wanted = f64::from(visitors) * percent / 100.0;
            let places = f64::from(places(&snapshot.hall(hall.as_str()).unwrap()));
            assert!(
                (2.0..8.0).contains(&(wanted / places)),
                "{hall}: its surroundings alone fill it, {wanted} for {places}"
            );
        }
    }
}
