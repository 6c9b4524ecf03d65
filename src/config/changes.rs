//! What differs between two snapshots, in words that a person can read.

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::NaiveDate;

use super::hours;
use super::terms::WEEKDAYS;
use crate::domain::calendar::{Calendar, CalendarDay};
use crate::domain::geo::Location;
use crate::domain::hall::{Exception, Hall, Lane};
use crate::domain::localized::Localized;
use crate::domain::name::ServiceId;
use crate::domain::policy::Policy;
use crate::domain::service::{Service, ServicePattern};
use crate::domain::snapshot::Snapshot;

/// What differs from `old` to `new`, one change a line: the policy, the calendar by date, services and halls by id.
/// Empty where the two say the same.
#[must_use]
pub fn changes(old: &Snapshot, new: &Snapshot) -> Vec<String> {
    let mut lines = Lines::default();
    policy(&mut lines, &old.policy, &new.policy);
    calendar(&mut lines, &old.calendar, &new.calendar);
    services(&mut lines, old.services(), new.services());
    let by_id = |hall: &Hall| hall.id;
    for (id, pair) in pairs(old.halls(), new.halls(), by_id) {
        let subject = format!("hall {id}");
        if let Some((old, new)) = lines.kept(&subject, pair) {
            hall(&mut lines, &subject, old, new);
        }
    }
    lines.0
}

/// The same thing in the old and in the new snapshot, where it is there.
type Pair<'a, T> = (Option<&'a T>, Option<&'a T>);

/// Everything that is in one of two lists, by key.
fn pairs<'a, T, K: Ord>(old: &'a [T], new: &'a [T], key: impl Fn(&T) -> K) -> BTreeMap<K, Pair<'a, T>> {
    let mut pairs = BTreeMap::<K, Pair<'a, T>>::new();
    for item in old {
        pairs.entry(key(item)).or_default().0 = Some(item);
    }
    for item in new {
        pairs.entry(key(item)).or_default().1 = Some(item);
    }
    pairs
}

/// The changes found so far.
#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    /// Takes down that a value has changed, where it has.
    fn value<T: PartialEq + Display>(&mut self, subject: &str, old: &T, new: &T) {
        if old != new {
            self.0.push(format!("{subject} {old} → {new}"));
        }
    }

    /// Both sides of a thing that is in both; otherwise takes down that it came or went.
    fn kept<'a, T>(&mut self, subject: &str, pair: Pair<'a, T>) -> Option<(&'a T, &'a T)> {
        match pair {
            (Some(_), None) => self.0.push(format!("{subject} removed")),
            (None, Some(_)) => self.0.push(format!("{subject} added")),
            (None, None) => {}
            (Some(old), Some(new)) => return Some((old, new)),
        }
        None
    }

    fn localized(&mut self, subject: &str, old: &Localized, new: &Localized) {
        let (old, new) = (old.iter().collect::<Vec<_>>(), new.iter().collect::<Vec<_>>());
        for (tag, (old, new)) in pairs(&old, &new, |(tag, _)| *tag) {
            let text = |side: Option<&(&str, &str)>| quoted(side.map(|(_, text)| *text));
            self.value(&format!("{subject}.{tag}"), &text(old), &text(new));
        }
    }
}

fn policy(lines: &mut Lines, old: &Policy, new: &Policy) {
    let Policy {
        earliest_start,
        min_days_ahead,
        window_days,
        release_time,
        hold_minutes,
        hold_extension_minutes,
        max_party,
        max_active,
    } = old;
    lines.value("policy: earliest_start", earliest_start, &new.earliest_start);
    lines.value("policy: min_days_ahead", min_days_ahead, &new.min_days_ahead);
    lines.value("policy: window_days", window_days, &new.window_days);
    lines.value("policy: release_time", release_time, &new.release_time);
    lines.value("policy: hold_minutes", hold_minutes, &new.hold_minutes);
    lines.value("policy: hold_extension_minutes", hold_extension_minutes, &new.hold_extension_minutes);
    lines.value("policy: max_party", max_party, &new.max_party);
    lines.value("policy: max_active", max_active, &new.max_active);
}

fn calendar(lines: &mut Lines, old: &Calendar, new: &Calendar) {
    let (old, new) = (old.iter().collect::<Vec<_>>(), new.iter().collect::<Vec<_>>());
    let kind = |day: &CalendarDay| match day {
        CalendarDay::Holiday { .. } => "a holiday",
        CalendarDay::Workday { .. } => "a make-up working day",
    };
    let detail = |day: &CalendarDay| match day {
        CalendarDay::Holiday { name } => name.clone(),
        CalendarDay::Workday { hours_of } => format!("hours of {hours_of}"),
    };
    for (date, sides) in pairs(&old, &new, |(date, _)| *date) {
        let line = match (sides.0.map(|side| side.1), sides.1.map(|side| side.1)) {
            (Some(old), None) => format!("is no longer {}", kind(old)),
            (None, Some(new)) => format!("is now {} ({})", kind(new), detail(new)),
            (Some(old), Some(new)) if kind(old) != kind(new) => {
                format!("is no longer {}, but {} ({})", kind(old), kind(new), detail(new))
            }
            (Some(old), Some(new)) if old != new => format!("is {}: {} → {}", kind(new), detail(old), detail(new)),
            _ => continue,
        };
        lines.0.push(format!("calendar: {date} {line}"));
    }
}

fn services(lines: &mut Lines, old: &[Service], new: &[Service]) {
    let pairs = pairs(old, new, |service| service.id);
    for (id, pair) in &pairs {
        let subject = format!("service {id}");
        let Some((old, new)) = lines.kept(&subject, *pair) else { continue };
        let Service { id: _, document, action, lane, name } = old;
        lines.value(&format!("{subject}: document"), document, &new.document);
        lines.value(&format!("{subject}: action"), action, &new.action);
        lines.value(&format!("{subject}: lane"), lane, &new.lane);
        lines.localized(&format!("{subject}: name"), name, &new.name);
    }
    let kept = |service: &&Service| matches!(pairs.get(&service.id), Some((Some(_), Some(_))));
    let order = |services: &[Service]| -> Vec<ServiceId> { services.iter().filter(kept).map(|it| it.id).collect() };
    if order(old) != order(new) {
        lines.0.push("services: listed in another order".to_owned());
    }
}

fn hall(lines: &mut Lines, subject: &str, old: &Hall, new: &Hall) {
    let Hall { id: _, name, city, district, address, phone, location, zone, services, hours, lanes, exceptions } = old;
    lines.localized(&format!("{subject}: name"), name, &new.name);
    lines.value(&format!("{subject}: city"), city, &new.city);
    let nowhere = Localized::default();
    let districts = [district, &new.district].map(|district| district.as_ref().unwrap_or(&nowhere));
    lines.localized(&format!("{subject}: district"), districts[0], districts[1]);
    lines.value(&format!("{subject}: address"), &quoted(address.as_deref()), &quoted(new.address.as_deref()));
    lines.value(&format!("{subject}: phone"), &quoted(phone.as_deref()), &quoted(new.phone.as_deref()));
    lines.value(&format!("{subject}: location"), &place(*location), &place(new.location));
    lines.value(&format!("{subject}: time_zone"), zone, &new.zone);
    lines.value(&format!("{subject}: services"), &patterns(services), &patterns(&new.services));
    for (day, weekday) in WEEKDAYS {
        let (old, new) = (hours.of(weekday), new.hours.of(weekday));
        lines.value(&format!("{subject}: {day}"), &hours::text_of(old), &hours::text_of(new));
    }
    for (id, pair) in pairs(lanes, &new.lanes, |lane| lane.id) {
        let subject = format!("{subject}: lane {id}");
        if let Some((old, new)) = lines.kept(&subject, pair) {
            lane(lines, &subject, old, new);
        }
    }
    exceptions_by_date(lines, subject, exceptions, &new.exceptions);
}

fn lane(lines: &mut Lines, subject: &str, old: &Lane, new: &Lane) {
    let Lane { id: _, band_minutes, capacity, single_bands } = old;
    lines.value(&format!("{subject}: band_minutes"), band_minutes, &new.band_minutes);
    lines.value(&format!("{subject}: capacity"), capacity, &new.capacity);
    let (old, new) = (single_bands.iter().collect::<Vec<_>>(), new.single_bands.iter().collect::<Vec<_>>());
    for (start, (old, new)) in pairs(&old, &new, |(start, _)| **start) {
        let places = |side: Option<&(_, &u32)>| side.map_or("the lane's".to_owned(), |(_, places)| places.to_string());
        lines.value(&format!("{subject}: capacity at {start}"), &places(old), &places(new));
    }
}

fn exceptions_by_date(
    lines: &mut Lines,
    subject: &str,
    old: &BTreeMap<NaiveDate, Exception>,
    new: &BTreeMap<NaiveDate, Exception>,
) {
    let (old, new) = (old.iter().collect::<Vec<_>>(), new.iter().collect::<Vec<_>>());
    for (date, (old, new)) in pairs(&old, &new, |(date, _)| **date) {
        let text = |side: Option<&(_, &Exception)>| side.map_or("as usual".to_owned(), |(_, it)| exception(it));
        lines.value(&format!("{subject}: {date}"), &text(old), &text(new));
    }
}

fn exception(exception: &Exception) -> String {
    let (hours, reason) = match exception {
        Exception::Closed { reason } => ("closed".to_owned(), reason),
        Exception::Hours { periods, reason } => (hours::text_of(periods), reason),
    };
    match reason {
        Some(reason) => format!("{hours} ({reason})"),
        None => hours,
    }
}

/// A text in quotation marks, so that it is never taken for the word that says there is none.
fn quoted(text: Option<&str>) -> String {
    text.map_or("none".to_owned(), |text| format!("{text:?}"))
}

fn place(location: Location) -> String {
    format!("{}, {}", location.lat, location.lon)
}

fn patterns(patterns: &[ServicePattern]) -> String {
    if patterns.is_empty() {
        return "all".to_owned();
    }
    patterns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Fixture, HALL, SERVICES};
    use super::*;

    /// What changes from the sound configuration to one with this replacement, and back.
    fn check(file: &str, from: &str, to: &str, there: &[&str], back: &[&str]) {
        let (old, new) = (Fixture::default().load(), Fixture::default().spoilt(file, from, to).load());
        assert_eq!(changes(&old.snapshot, &new.snapshot), there, "{from:?} → {to:?}");
        assert_eq!(changes(&new.snapshot, &old.snapshot), back, "{to:?} → {from:?}");
    }

    #[test]
    fn nothing_changes_between_equal_snapshots() {
        let [one, two] = [(); 2].map(|()| Fixture::default().load().snapshot);
        assert_eq!((one.as_ref(), changes(&one, &two)), (two.as_ref(), Vec::new()));
    }

    #[test]
    fn changes_of_the_policy() {
        let check = |from: &str, to: &str, there: &str, back: &str| check("hallpass.toml", from, to, &[there], &[back]);
        check("\"08:30\"", "\"08:00\"", "policy: earliest_start 08:30 → 08:00", "policy: earliest_start 08:00 → 08:30");
        check("ahead = 1", "ahead = 2", "policy: min_days_ahead 1 → 2", "policy: min_days_ahead 2 → 1");
        check("window_days = 30", "window_days = 20", "policy: window_days 30 → 20", "policy: window_days 20 → 30");
        check("\"00:00\"", "\"09:00\"", "policy: release_time 00:00 → 09:00", "policy: release_time 09:00 → 00:00");
        check("hold_minutes = 10", "hold_minutes = 5", "policy: hold_minutes 10 → 5", "policy: hold_minutes 5 → 10");
        check(
            "max_active = 5",
            "max_active = 5\nhold_extension_minutes = 0",
            "policy: hold_extension_minutes 5 → 0",
            "policy: hold_extension_minutes 0 → 5",
        );
        check("max_party = 5", "max_party = 4", "policy: max_party 5 → 4", "policy: max_party 4 → 5");
        check("max_active = 5", "max_active = 6", "policy: max_active 5 → 6", "policy: max_active 6 → 5");
    }

    #[test]
    fn changes_of_the_calendar() {
        let check =
            |from: &str, to: &str, there: &[&str], back: &[&str]| check("calendar/cn.toml", from, to, there, back);
        check(
            "[[holiday]]\ndate = \"2026-10-01\"\nname = \"国庆节\"\n",
            "",
            &["calendar: 2026-10-01 is no longer a holiday"],
            &["calendar: 2026-10-01 is now a holiday (国庆节)"],
        );
        check(
            "\"国庆节\"",
            "\"中秋节\"",
            &["calendar: 2026-10-01 is a holiday: 国庆节 → 中秋节"],
            &["calendar: 2026-10-01 is a holiday: 中秋节 → 国庆节"],
        );
        check(
            "\"tue\"",
            "\"fri\"",
            &["calendar: 2026-10-10 is a make-up working day: hours of Tue → hours of Fri"],
            &["calendar: 2026-10-10 is a make-up working day: hours of Fri → hours of Tue"],
        );
        check(
            "[[workday]]\ndate = \"2026-10-11\"",
            "[[holiday]]\ndate = \"2026-10-11\"\nname = \"重阳节\"",
            &["calendar: 2026-10-11 is no longer a make-up working day, but a holiday (重阳节)"],
            &["calendar: 2026-10-11 is no longer a holiday, but a make-up working day (hours of Mon)"],
        );
        check(
            "\"2026-10-11\"",
            "\"2026-10-12\"",
            &[
                "calendar: 2026-10-11 is no longer a make-up working day",
                "calendar: 2026-10-12 is now a make-up working day (hours of Mon)",
            ],
            &[
                "calendar: 2026-10-11 is now a make-up working day (hours of Mon)",
                "calendar: 2026-10-12 is no longer a make-up working day",
            ],
        );
    }

    #[test]
    fn changes_of_the_services() {
        let check = |from: &str, to: &str, there: &[&str], back: &[&str]| check("services.toml", from, to, there, back);
        check(
            "\"passport.renewal\"",
            "\"passport.renew\"",
            &["service passport.renew added", "service passport.renewal removed"],
            &["service passport.renew removed", "service passport.renewal added"],
        );
        let subject = "service passport.renewal:";
        check(
            "document = \"passport\"\naction = \"renewal\"",
            "document = \"pass\"\naction = \"renew\"",
            &[&format!("{subject} document passport → pass"), &format!("{subject} action renewal → renew")],
            &[&format!("{subject} document pass → passport"), &format!("{subject} action renew → renewal")],
        );
        check(
            ", en = \"Passport: renewal\"",
            "",
            &[&format!("{subject} name.en \"Passport: renewal\" → none")],
            &[&format!("{subject} name.en none → \"Passport: renewal\"")],
        );
        let (first, second) = SERVICES.split_once("\n\n").unwrap();
        let new = Fixture::default().with("services.toml", format!("{second}\n{first}")).load();
        let old = Fixture::default().load();
        assert_eq!(changes(&old.snapshot, &new.snapshot), ["services: listed in another order"]);
        assert_ne!(old.snapshot.version, new.snapshot.version);
    }

    #[test]
    fn a_service_that_moves_to_another_lane() {
        let kiosk = &SERVICES[SERVICES.rfind("[[service]]").unwrap()..].replace("permit.endorsement", "permit.other");
        let old = Fixture::default().with("services.toml", SERVICES.to_owned() + kiosk);
        let new =
            Fixture::default().with("services.toml", SERVICES.to_owned() + &kiosk.replace("\"kiosk\"", "\"counter\""));
        let lines = changes(&old.load().snapshot, &new.load().snapshot);
        assert_eq!(lines, ["service permit.other: lane kiosk → counter"]);
    }

    #[test]
    fn changes_of_a_hall() {
        let check = |from: &str, to: &str, there: &str, back: &str| {
            check("halls/one.toml", from, to, &[&format!("hall one: {there}")], &[&format!("hall one: {back}")]);
        };
        check("en = \"One\"", "en = \"1\"", "name.en \"One\" → \"1\"", "name.en \"1\" → \"One\"");
        check("\"杭州\"", "\"宁波\"", "city 杭州 → 宁波", "city 宁波 → 杭州");
        let there = "district.zh-CN none → \"上城区\"";
        let district = "phone = \"0571-1\"\ndistrict = { zh-CN = \"上城区\" }\n";
        check("phone = \"0571-1\"\n", district, there, "district.zh-CN \"上城区\" → none");
        check("\"1 Road\"", "\"2 Road\"", "address \"1 Road\" → \"2 Road\"", "address \"2 Road\" → \"1 Road\"");
        check("phone = \"0571-1\"\n", "", "phone \"0571-1\" → none", "phone none → \"0571-1\"");
        check("30.25", "30.5", "location 30.25, 120.21 → 30.5, 120.21", "location 30.5, 120.21 → 30.25, 120.21");
        check("Shanghai", "Urumqi", "time_zone Asia/Shanghai → Asia/Urumqi", "time_zone Asia/Urumqi → Asia/Shanghai");
        check(
            "services = [\"passport.*\", \"permit.endorsement\"]",
            "",
            "services passport.*, permit.endorsement → all",
            "services all → passport.*, permit.endorsement",
        );
        check("sat = [\"09:00-12:00\"]\n", "", "sat 09:00-12:00 → closed", "sat closed → 09:00-12:00");
        check(
            "band_minutes = 15",
            "band_minutes = 10",
            "lane kiosk: band_minutes 15 → 10",
            "lane kiosk: band_minutes 10 → 15",
        );
        check("capacity = 40", "capacity = 48", "lane counter: capacity 40 → 48", "lane counter: capacity 48 → 40");
        check(
            "\"18:00\" = 20\n",
            "",
            "lane counter: capacity at 18:00 20 → the lane's",
            "lane counter: capacity at 18:00 the lane's → 20",
        );
        check(
            "closed = true",
            "hours = [\"09:00-10:00\"]",
            "2026-12-01 closed (repairs) → 09:00-10:00 (repairs)",
            "2026-12-01 09:00-10:00 (repairs) → closed (repairs)",
        );
        check(
            "\nreason = \"repairs\"",
            "",
            "2026-12-01 closed (repairs) → closed",
            "2026-12-01 closed → closed (repairs)",
        );
    }

    #[test]
    fn halls_and_parts_of_halls_come_and_go() {
        let (old, two) = (Fixture::default(), HALL.replace("\"one\"", "\"two\""));
        let lines = |old: &Fixture, new: &Fixture| changes(&old.load().snapshot, &new.load().snapshot);
        let new = old.clone().with("halls/two.toml", &two).spoilt("halls/one.toml", "capacity = 40", "capacity = 41");
        assert_eq!(lines(&old, &new), ["hall one: lane counter: capacity 40 → 41", "hall two added"]);
        assert_eq!(lines(&new, &old), ["hall one: lane counter: capacity 41 → 40", "hall two removed"]);

        let old = old.with("halls/two.toml", two);
        let kiosk = "[hall.lanes.kiosk]\nband_minutes = 15\ncapacity = 6\n";
        let new =
            old.clone().spoilt("halls/one.toml", kiosk, "").spoilt("halls/one.toml", ", \"permit.endorsement\"", "");
        let services = "hall one: services passport.*, permit.endorsement → passport.*";
        assert_eq!(lines(&old, &new), [services, "hall one: lane kiosk removed"]);

        let closing = "[[hall.exceptions]]\ndate = \"2026-12-01\"\nclosed = true\nreason = \"repairs\"\n";
        let new = old.clone().spoilt("halls/one.toml", closing, "");
        assert_eq!(lines(&old, &new), ["hall one: 2026-12-01 closed (repairs) → as usual"]);
        assert_eq!(lines(&new, &old), ["hall one: 2026-12-01 as usual → closed (repairs)"]);
    }
}
