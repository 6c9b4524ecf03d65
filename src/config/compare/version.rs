//! The version of a snapshot: a digest of what it says, not of how the files say it.
//!
//! The settings beside the rules are left out. So instances that share a store have one version, though each may reach
//! the store by an address of its own.

use std::fmt::Write;

use aws_lc_rs::digest::{SHA256, digest};

use crate::config::read::terms::WEEKDAYS;
use crate::config::sections::hours;
use crate::domain::calendar::{Calendar, CalendarDay};
use crate::domain::hall::{Exception, Hall, Lane};
use crate::domain::localized::Localized;
use crate::domain::policy::Policy;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;

/// How many hexadecimal digits a version has.
const DIGITS: usize = 12;

/// The first hexadecimal digits of the SHA-256 of the canonical text.
pub(crate) fn of(snapshot: &Snapshot) -> String {
    let text = canonical(snapshot);
    let hash = digest(&SHA256, text.as_bytes());
    hash.as_ref().iter().take(DIGITS / 2).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// The snapshot as lines: policy, calendar, services in their order, halls by city and id. Texts are quoted, so no text
/// can look like two lines. Every value is taken apart by name, so a new field cannot be forgotten here.
fn canonical(snapshot: &Snapshot) -> String {
    let mut lines = vec![policy(&snapshot.policy)];
    lines.extend(calendar(&snapshot.calendar));
    lines.extend(snapshot.services().iter().map(service));
    lines.extend(snapshot.halls().iter().flat_map(hall));
    lines.join("\n")
}

fn policy(policy: &Policy) -> String {
    let Policy {
        earliest_start,
        min_days_ahead,
        window_days,
        release_time,
        hold_minutes,
        hold_extension_minutes,
        max_party,
        max_active,
    } = policy;
    let mut text = format!(
        "policy {earliest_start} {min_days_ahead} {window_days} {release_time} {hold_minutes} {max_party} {max_active}"
    );
    // A policy with the usual one has the version that it had before there was such a key.
    if *hold_extension_minutes != Policy::default().hold_extension_minutes {
        // Writing to a string cannot fail.
        let _ = write!(text, " extension {hold_extension_minutes}");
    }
    text
}

fn calendar(calendar: &Calendar) -> impl Iterator<Item = String> {
    calendar.iter().map(|(date, day)| match day {
        CalendarDay::Holiday { name } => format!("holiday {date} {name:?}"),
        CalendarDay::Workday { hours_of } => format!("workday {date} {hours_of}"),
    })
}

fn service(service: &Service) -> String {
    let Service { id, document, action, lane, name } = service;
    format!("service {id} {document} {action:?} {lane}{}", texts(name))
}

fn hall(hall: &Hall) -> Vec<String> {
    let Hall {
        id,
        name,
        city,
        city_name,
        municipal,
        district,
        address,
        address_verified,
        phone,
        location,
        zone,
        services,
        hours,
        lanes,
        exceptions,
    } = hall;
    let (lat, lon) = (location.lat, location.lon);
    let patterns: String = services.iter().fold(String::new(), |text, pattern| format!("{text} {pattern}"));
    let mut lines = vec![
        format!("hall {id}{} {city:?} {address:?} {phone:?} {lat:?} {lon:?} {zone}", texts(name)),
        format!("services{patterns}"),
    ];
    // A hall that leaves these out has the version that it had before there were such keys.
    lines.extend(district.iter().map(|district| format!("district{}", texts(district))));
    lines.extend(city_name.iter().map(|name| format!("city_name{}", texts(name))));
    lines.extend(municipal.then(|| "municipal".to_owned()));
    lines.extend((!address_verified).then(|| "address unverified".to_owned()));
    lines.extend(WEEKDAYS.iter().map(|(day, weekday)| format!("{day} {}", hours::text_of(hours.of(*weekday)))));
    lines.extend(lanes.iter().map(lane));
    lines.extend(exceptions.iter().map(|(date, exception)| match exception {
        Exception::Closed { reason } => format!("exception {date} {reason:?}"),
        Exception::Hours { periods, reason } => format!("exception {date} {} {reason:?}", hours::text_of(periods)),
    }));
    lines
}

fn lane(lane: &Lane) -> String {
    let Lane { id, band_minutes, capacity, single_bands } = lane;
    single_bands.iter().fold(format!("lane {id} {band_minutes} {capacity}"), |text, (start, places)| {
        format!("{text} {start}={places}")
    })
}

fn texts(name: &Localized) -> String {
    let mut text = String::new();
    for (tag, words) in name.iter() {
        // Writing to a string cannot fail.
        let _ = write!(text, " {tag}={words:?}");
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::config::tests::{CALENDAR, Fixture, HALL};

    fn version(fixture: &Fixture) -> String {
        fixture.load().snapshot.version.clone()
    }

    #[test]
    fn a_version_is_twelve_hexadecimal_digits_and_the_same_on_every_machine() {
        assert_eq!(version(&Fixture::default()), "f2c246d39e6a");
    }

    #[test]
    fn comments_formatting_and_the_division_into_files_do_not_count() {
        let other = HALL.replace("\"one\"", "\"two\"").replace("\"杭州\"", "\"上海\"");
        let base = Fixture::default().with("halls/two.toml", &other);
        let same = |fixture: Fixture| assert_eq!(version(&fixture), version(&base));
        same(Fixture::default().with("halls/one.toml", format!("{HALL}{other}")));
        same(Fixture::default().with("halls/one.toml", format!("{other}# the first comes last\n{HALL}")));
        same(base.clone().with("halls/zero.toml", "# nothing").spoilt(
            "halls/one.toml",
            "capacity = 40",
            "capacity=0x28 # forty",
        ));
        same(base.clone().spoilt("halls/one.toml", "\"08:30\" = 60\n\"18:00\" = 20", "\"18:00\" = 20\n\"08:30\" = 60"));
        same(base.clone().spoilt(
            "halls/one.toml",
            "\"passport.*\", \"permit.endorsement\"",
            "\"permit.endorsement\", \"passport.*\"",
        ));
        same(base.clone().without("calendar/cn.toml").with("calendar/other.toml", format!("# x\n{CALENDAR}")));
        same(base.clone().spoilt("calendar/cn.toml", "date = \"2026-10-11\"", "date = \"2026-10-11\"\nas = \"mon\""));
        same(base.clone().without("hallpass.toml"));
        same(base.clone().spoilt("hallpass.toml", "window_days = 30\n", ""));
    }

    #[test]
    fn everything_that_the_rules_read_counts() {
        let mut seen = vec![version(&Fixture::default())];
        let mut other = |file: &str, from: &str, to: &str| {
            let version = version(&Fixture::default().spoilt(file, from, to));
            assert!(!seen.contains(&version), "{from:?} → {to:?} changes the version");
            seen.push(version);
        };
        for (from, to) in [
            ("earliest_start = \"08:30\"", "earliest_start = \"08:00\""),
            ("min_days_ahead = 1", "min_days_ahead = 2"),
            ("window_days = 30", "window_days = 20"),
            ("release_time = \"00:00\"", "release_time = \"08:00\""),
            ("hold_minutes = 10", "hold_minutes = 11"),
            ("max_party = 5", "max_party = 4"),
            ("max_active = 5", "max_active = 6"),
            ("max_active = 5", "max_active = 5\nhold_extension_minutes = 6"),
        ] {
            other("hallpass.toml", from, to);
        }
        for (from, to) in [
            ("\"2026-10-01\"", "\"2026-10-02\""),
            ("国庆节", "中秋节"),
            ("\"tue\"", "\"wed\""),
            ("[[workday]]\ndate = \"2026-10-11\"", "[[holiday]]\nname = \"x\"\ndate = \"2026-10-11\""),
        ] {
            other("calendar/cn.toml", from, to);
        }
        for (from, to) in [
            ("passport.renewal", "passport.renewals"),
            ("document = \"passport\"", "document = \"pass\""),
            ("action = \"renewal\"", "action = \"renew\""),
            ("Passport: renewal", "Passport renewal"),
            ("en = \"Passport", "en-GB = \"Passport"),
        ] {
            other("services.toml", from, to);
        }
        for (from, to) in [
            ("en = \"One\"", "en = \"1\""),
            ("city = \"杭州\"", "city = \"宁波\""),
            ("1 Road", "2 Road"),
            ("phone = \"0571-1\"\n", ""),
            ("phone = \"0571-1\"\n", "municipal = true\n"),
            ("phone = \"0571-1\"\n", "address_verified = false\n"),
            ("phone = \"0571-1\"\n", "city_name = { zh-CN = \"杭\" }\n"),
            ("lat = 30.25", "lat = 30.250000001"),
            ("120.21", "120.22"),
            ("Asia/Shanghai", "Asia/Urumqi"),
            ("\"permit.endorsement\"", "\"permit.*\""),
            ("mon = ", "tue = "),
            ("\"09:00-12:00\"", "\"09:00-12:01\""),
            ("band_minutes = 15", "band_minutes = 10"),
            ("capacity = 6", "capacity = 7"),
            ("\"18:00\" = 20", "\"18:00\" = 21"),
            ("\"18:00\" = 20", "\"17:30\" = 20"),
            ("2026-12-01", "2026-12-02"),
            ("repairs", "storm"),
            ("closed = true", "hours = [\"09:00-10:00\"]"),
            ("\"17:30-18:30\"", "\"17:30-19:00\""),
        ] {
            other("halls/one.toml", from, to);
        }
    }

    #[test]
    fn a_district_counts_where_there_is_one() {
        let with = |district: &str| {
            let to = format!("city = \"杭州\"\ndistrict = {district}");
            version(&Fixture::default().spoilt("halls/one.toml", "city = \"杭州\"", &to))
        };
        let versions = [
            version(&Fixture::default()),
            with(r#"{ zh-CN = "上城区" }"#),
            with(r#"{ zh-CN = "下城区" }"#),
            with(r#"{ zh-CN = "上城区", en = "Shangcheng District" }"#),
        ];
        let different: std::collections::BTreeSet<_> = versions.iter().collect();
        assert_eq!(different.len(), versions.len(), "{versions:?}");
        let other_order = with(r#"{ en = "Shangcheng District", zh-CN = "上城区" }"#);
        assert_eq!(other_order, versions[3]);
    }

    #[test]
    fn the_settings_beside_the_rules_do_not_count() {
        let with_staff = version(&Fixture::default().spoilt("hallpass.toml", "\"boss\"", "\"chief\""));
        assert_eq!(with_staff, version(&Fixture::default()));
        let store = "[store]\nkind = \"postgres\"\nurl = \"postgresql://db\"\nkeys = \"/k\"\n[identity]\n";
        let with_store = version(&Fixture::default().spoilt("hallpass.toml", "[identity]\n", store));
        assert_eq!(with_store, version(&Fixture::default()));
    }
}
