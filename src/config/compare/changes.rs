//! What differs between two snapshots.

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::NaiveDate;

pub use super::change::Change;
use crate::config::read::phrases::{Part, Word};
use crate::config::read::terms::WEEKDAYS;
use crate::config::sections::hours;
use crate::domain::calendar::{Calendar, CalendarDay};
use crate::domain::geo::Location;
use crate::domain::hall::{Exception, Hall, Lane, Period};
use crate::domain::localized::Localized;
use crate::domain::name::ServiceId;
use crate::domain::policy::Policy;
use crate::domain::service::{Service, ServicePattern};
use crate::domain::snapshot::Snapshot;

/// What differs from `old` to `new`, one change after another: the policy, the calendar by date, services and halls by id.
/// Empty where the two say the same.
#[must_use]
pub fn changes(old: &Snapshot, new: &Snapshot) -> Vec<Change> {
    let mut found = Vec::new();
    policy(&mut found, &old.policy, &new.policy);
    calendar(&mut found, &old.calendar, &new.calendar);
    services(&mut found, old.services(), new.services());
    for (id, pair) in pairs(old.halls(), new.halls(), |hall: &Hall| hall.id) {
        let id = Part::of(id);
        match pair {
            (Some(old), Some(new)) => hall(&mut found, &id, old, new),
            (Some(_), None) => found.push(Change::HallRemoved { hall: id }),
            (None, _) => found.push(Change::HallAdded { hall: id }),
        }
    }
    found
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

/// Takes down what `change` makes of both sides of a field, where they differ.
fn compared(found: &mut Vec<Change>, field: &str, old: Part, new: Part, change: impl Fn(Part, Part, Part) -> Change) {
    debug_assert!(Change::FIELDS.contains(&field), "{field} has no words");
    if old != new {
        found.push(change(field.into(), old, new));
    }
}

/// Takes down what `change` makes of a language and both texts in it, where they differ.
fn localized(found: &mut Vec<Change>, old: &Localized, new: &Localized, change: impl Fn(Part, Part, Part) -> Change) {
    let (old, new) = (old.iter().collect::<Vec<_>>(), new.iter().collect::<Vec<_>>());
    for (tag, (old, new)) in pairs(&old, &new, |(tag, _)| *tag) {
        let text = |side: Option<&(&str, &str)>| quoted(side.map(|(_, text)| *text));
        let (old, new) = (text(old), text(new));
        if old != new {
            found.push(change(tag.into(), old, new));
        }
    }
}

fn policy(found: &mut Vec<Change>, old: &Policy, new: &Policy) {
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
    let mut value = |field: &str, old: &dyn Display, new: &dyn Display| {
        compared(found, field, Part::of(old), Part::of(new), |field, old, new| Change::Policy { field, old, new });
    };
    value("earliest_start", earliest_start, &new.earliest_start);
    value("min_days_ahead", min_days_ahead, &new.min_days_ahead);
    value("window_days", window_days, &new.window_days);
    value("release_time", release_time, &new.release_time);
    value("hold_minutes", hold_minutes, &new.hold_minutes);
    value("hold_extension_minutes", hold_extension_minutes, &new.hold_extension_minutes);
    value("max_party", max_party, &new.max_party);
    value("max_active", max_active, &new.max_active);
}

fn calendar(found: &mut Vec<Change>, old: &Calendar, new: &Calendar) {
    let (old, new) = (old.iter().collect::<Vec<_>>(), new.iter().collect::<Vec<_>>());
    for (date, sides) in pairs(&old, &new, |(date, _)| *date) {
        let date = Part::of(date);
        let change = match (sides.0.map(|side| side.1), sides.1.map(|side| side.1)) {
            (Some(old), None) => Change::DayEnded { date, kind: kind_of(old) },
            (None, Some(new)) => Change::DayAdded { date, kind: kind_of(new), detail: detail_of(new) },
            (Some(old), Some(new)) if kind_of(old) != kind_of(new) => {
                Change::DayTurned { date, was: kind_of(old), kind: kind_of(new), detail: detail_of(new) }
            }
            (Some(old), Some(new)) if old != new => {
                Change::DayChanged { date, kind: kind_of(new), old: detail_of(old), new: detail_of(new) }
            }
            _ => continue,
        };
        found.push(change);
    }
}

fn kind_of(day: &CalendarDay) -> Part {
    match day {
        CalendarDay::Holiday { .. } => Word::Holiday {}.into(),
        CalendarDay::Workday { .. } => Word::Workday {}.into(),
    }
}

fn detail_of(day: &CalendarDay) -> Part {
    match day {
        CalendarDay::Holiday { name } => name.as_str().into(),
        CalendarDay::Workday { hours_of } => Word::HoursOf { weekday: Part::of(hours_of) }.into(),
    }
}

fn services(found: &mut Vec<Change>, old: &[Service], new: &[Service]) {
    let pairs = pairs(old, new, |service| service.id);
    for (id, pair) in &pairs {
        let id = Part::of(id);
        match pair {
            (Some(old), Some(new)) => service(found, &id, old, new),
            (Some(_), None) => found.push(Change::ServiceRemoved { service: id }),
            (None, _) => found.push(Change::ServiceAdded { service: id }),
        }
    }
    let kept = |service: &&Service| matches!(pairs.get(&service.id), Some((Some(_), Some(_))));
    let order = |services: &[Service]| -> Vec<ServiceId> { services.iter().filter(kept).map(|it| it.id).collect() };
    if order(old) != order(new) {
        found.push(Change::ServicesOrder {});
    }
}

fn service(found: &mut Vec<Change>, id: &Part, old: &Service, new: &Service) {
    let Service { id: _, document, action, lane, name } = old;
    let mut value = |field: &str, old: &dyn Display, new: &dyn Display| {
        let change = |field, old, new| Change::ServiceValue { service: id.clone(), field, old, new };
        compared(found, field, Part::of(old), Part::of(new), change);
    };
    value("document", document, &new.document);
    value("action", action, &new.action);
    value("lane", lane, &new.lane);
    localized(found, name, &new.name, |language, old, new| Change::ServiceText {
        service: id.clone(),
        field: "name".into(),
        language,
        old,
        new,
    });
}

fn hall(found: &mut Vec<Change>, id: &Part, old: &Hall, new: &Hall) {
    let Hall {
        id: _,
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
    } = old;
    let text = |field: &'static str| {
        move |language, old, new| Change::HallText { hall: id.clone(), field: field.into(), language, old, new }
    };
    let value = |field, old, new| Change::HallValue { hall: id.clone(), field, old, new };
    localized(found, name, &new.name, text("name"));
    compared(found, "city", city.as_str().into(), new.city.as_str().into(), value);
    let nowhere = Localized::default();
    for (key, old, new) in [("city_name", city_name, &new.city_name), ("district", district, &new.district)] {
        let [old, new] = [old, new].map(|name| name.as_ref().unwrap_or(&nowhere));
        localized(found, old, new, text(key));
    }
    compared(found, "municipal", Word::of_flag(*municipal), Word::of_flag(new.municipal), value);
    compared(found, "address", quoted(address.as_deref()), quoted(new.address.as_deref()), value);
    let verified = Word::of_flag(*address_verified);
    compared(found, "address_verified", verified, Word::of_flag(new.address_verified), value);
    compared(found, "phone", quoted(phone.as_deref()), quoted(new.phone.as_deref()), value);
    compared(found, "location", place(*location), place(new.location), value);
    compared(found, "time_zone", Part::of(zone), Part::of(new.zone), value);
    compared(found, "services", patterns(services), patterns(&new.services), value);
    for (day, weekday) in WEEKDAYS {
        compared(found, day, periods(hours.of(weekday)), periods(new.hours.of(weekday)), value);
    }
    for (lane_id, pair) in pairs(lanes, &new.lanes, |lane| lane.id) {
        let (hall, lane_id) = (id.clone(), Part::of(lane_id));
        match pair {
            (Some(old), Some(new)) => lane(found, (id, &lane_id), old, new),
            (Some(_), None) => found.push(Change::LaneRemoved { hall, lane: lane_id }),
            (None, _) => found.push(Change::LaneAdded { hall, lane: lane_id }),
        }
    }
    exceptions_by_date(found, id, exceptions, &new.exceptions);
}

fn lane(found: &mut Vec<Change>, (hall, id): (&Part, &Part), old: &Lane, new: &Lane) {
    let Lane { id: _, band_minutes, capacity, single_bands } = old;
    let value = |field, old, new| Change::LaneValue { hall: hall.clone(), lane: id.clone(), field, old, new };
    compared(found, "band_minutes", Part::of(band_minutes), Part::of(new.band_minutes), value);
    compared(found, "capacity", Part::of(capacity), Part::of(new.capacity), value);
    let (old, new) = (single_bands.iter().collect::<Vec<_>>(), new.single_bands.iter().collect::<Vec<_>>());
    for (start, (old, new)) in pairs(&old, &new, |(start, _)| **start) {
        let places = |side: Option<&(_, &u32)>| side.map_or(Word::OfTheLane {}.into(), |(_, places)| Part::of(places));
        let (old, new) = (places(old), places(new));
        if old != new {
            let (hall, lane) = (hall.clone(), id.clone());
            found.push(Change::BandPlaces { hall, lane, start: Part::of(start), old, new });
        }
    }
}

fn exceptions_by_date(
    found: &mut Vec<Change>,
    hall: &Part,
    old: &BTreeMap<NaiveDate, Exception>,
    new: &BTreeMap<NaiveDate, Exception>,
) {
    let (old, new) = (old.iter().collect::<Vec<_>>(), new.iter().collect::<Vec<_>>());
    for (date, (old, new)) in pairs(&old, &new, |(date, _)| **date) {
        let text = |side: Option<&(_, &Exception)>| side.map_or(Word::AsUsual {}.into(), |(_, it)| exception(it));
        let (old, new) = (text(old), text(new));
        if old != new {
            found.push(Change::Exception { hall: hall.clone(), date: Part::of(date), old, new });
        }
    }
}

fn exception(exception: &Exception) -> Part {
    match exception {
        Exception::Closed { reason: None } => Word::Closed {}.into(),
        Exception::Closed { reason: Some(reason) } => Word::ClosedBecause { reason: reason.as_str().into() }.into(),
        Exception::Hours { periods: opened, reason: None } => periods(opened),
        Exception::Hours { periods: opened, reason: Some(reason) } => {
            Word::HoursBecause { hours: periods(opened), reason: reason.as_str().into() }.into()
        }
    }
}

fn periods(periods: &[Period]) -> Part {
    if periods.is_empty() { Word::Closed {}.into() } else { hours::text_of(periods).into() }
}

/// A text in quotation marks, so that it is never taken for the word that says there is none.
fn quoted(text: Option<&str>) -> Part {
    text.map_or(Word::None {}.into(), Part::quoted)
}

fn place(location: Location) -> Part {
    format!("{}, {}", location.lat, location.lon).into()
}

fn patterns(patterns: &[ServicePattern]) -> Part {
    if patterns.is_empty() {
        return Word::All {}.into();
    }
    patterns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, HALL, SERVICES};

    fn lines(old: &Snapshot, new: &Snapshot) -> Vec<String> {
        changes(old, new).iter().map(ToString::to_string).collect()
    }

    /// What changes from the sound configuration to one with this replacement, and back.
    fn check(file: &str, from: &str, to: &str, there: &[&str], back: &[&str]) {
        let (old, new) = (Fixture::default().load(), Fixture::default().spoilt(file, from, to).load());
        assert_eq!(lines(&old.snapshot, &new.snapshot), there, "{from:?} → {to:?}");
        assert_eq!(lines(&new.snapshot, &old.snapshot), back, "{to:?} → {from:?}");
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
        assert_eq!(lines(&old.snapshot, &new.snapshot), ["services: listed in another order"]);
        assert_ne!(old.snapshot.version, new.snapshot.version);
    }

    #[test]
    fn a_service_that_moves_to_another_lane() {
        let kiosk = &SERVICES[SERVICES.rfind("[[service]]").unwrap()..].replace("permit.endorsement", "permit.other");
        let old = Fixture::default().with("services.toml", SERVICES.to_owned() + kiosk);
        let new =
            Fixture::default().with("services.toml", SERVICES.to_owned() + &kiosk.replace("\"kiosk\"", "\"counter\""));
        let lines = lines(&old.load().snapshot, &new.load().snapshot);
        assert_eq!(lines, ["service permit.other: lane kiosk → counter"]);
    }

    #[test]
    fn changes_of_a_hall() {
        let check = |from: &str, to: &str, there: &str, back: &str| {
            check("halls/one.toml", from, to, &[&format!("hall one: {there}")], &[&format!("hall one: {back}")]);
        };
        check("en = \"One\"", "en = \"1\"", "name.en \"One\" → \"1\"", "name.en \"1\" → \"One\"");
        check("\"杭州\"", "\"宁波\"", "city 杭州 → 宁波", "city 宁波 → 杭州");
        let municipal = "city = \"杭州\"\nmunicipal = true";
        check("city = \"杭州\"", municipal, "municipal false → true", "municipal true → false");
        let rough = "phone = \"0571-1\"\naddress_verified = false";
        check("phone = \"0571-1\"", rough, "address_verified true → false", "address_verified false → true");
        let named = "city = \"杭州\"\ncity_name = { zh-CN = \"杭\" }";
        check("city = \"杭州\"", named, "city_name.zh-CN none → \"杭\"", "city_name.zh-CN \"杭\" → none");
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
        let lines = |old: &Fixture, new: &Fixture| lines(&old.load().snapshot, &new.load().snapshot);
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
