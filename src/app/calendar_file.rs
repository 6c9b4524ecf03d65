//! An appointment as an iCalendar file (RFC 5545): where and when, its code and what to mind, and nothing about the person.
//!
//! It names no `METHOD`: this is an event to keep and no message of a scheduler, which would need an `ORGANIZER` that can be
//! answered (RFC 5546, section 3.2.1). An edition is newer than another if the appointment has changed since, or the
//! configuration from which address and names come: `SEQUENCE`, `DTSTAMP` and `LAST-MODIFIED` all grow then.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use icalendar::{Alarm, Calendar, Component as _, Event, EventLike as _, EventStatus, Property};

use crate::domain::appointment::{Appointment, Status};
use crate::domain::hall::Hall;
use crate::domain::language::LanguageWishes;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::instant_of;

/// How long before the band begins a calendar reminds of it: a day, and the way there (RFC 5545, section 3.3.6).
const REMINDERS: [&str; 2] = ["-P1D", "-PT2H"];
/// The longest line, in octets, without its end (RFC 5545, section 3.1).
const MAX_LINE_OCTETS: usize = 75;

/// What is said of an appointment beside what it says itself.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// What to mind, a line each.
    pub lines: Vec<String>,
    /// Where it can be looked at and changed.
    pub link: Option<String>,
}

/// When a file is made, and of what.
#[derive(Debug, Clone, Copy)]
pub struct Edition<'a> {
    /// The configuration.
    pub snapshot: &'a Snapshot,
    /// Since when it is in force.
    pub in_force_since: DateTime<Utc>,
    /// The present instant.
    pub now: DateTime<Utc>,
}

/// The file of an appointment as it stands, in the language of the caller.
#[must_use]
pub fn of(appointment: &Appointment, edition: Edition<'_>, languages: &LanguageWishes, told: &Told) -> String {
    let snapshot = edition.snapshot;
    let (modified, sequence) = newness(appointment, edition);
    let summary = summary(appointment, snapshot, languages);
    let mut event = Event::new();
    event
        .uid(&appointment.id.to_string())
        .sequence(sequence)
        .timestamp(modified)
        .created(appointment.created_at)
        .last_modified(modified)
        .starts(appointment.starts_at.to_utc())
        .ends(ends_at(appointment, snapshot))
        .summary(&summary)
        .description(&description(appointment, told))
        .status(status(appointment.status_at(edition.now)));
    if let Some(link) = &told.link {
        event.url(link);
    }
    // A reload may have taken the hall out; the appointment stays.
    if let Ok(hall) = snapshot.hall(appointment.slot.hall.as_str()) {
        add_place(&mut event, hall);
    }
    if appointment.status == Status::Booked && edition.now < appointment.starts_at {
        for before in REMINDERS {
            // The crate would write it in seconds, which people cannot read in their calendar.
            event.alarm(Alarm::display(&summary, TimeDelta::zero()).add_property("TRIGGER", before).done());
        }
    }
    let mut calendar = Calendar::empty();
    for (name, value) in [("VERSION", "2.0"), ("PRODID", "-//hallpass//hallpass 1//EN")] {
        calendar.append_property(Property::new(name, value));
    }
    calendar.push(event.done());
    folded(&calendar.to_string())
}

/// When what is in the file changed last, and a number that grows with that: revisions, and the seconds since the
/// appointment was made, so that what a configuration changes counts as well.
fn newness(appointment: &Appointment, Edition { in_force_since, now, .. }: Edition<'_>) -> (DateTime<Utc>, u32) {
    // A hold that has ended is told as such before its end is recorded.
    let ended = appointment.expires_at.filter(|_| appointment.status_at(now) != appointment.status);
    let changed = ended.unwrap_or(appointment.updated_at);
    let modified = changed.max(in_force_since);
    let seconds = u32::try_from((modified - appointment.created_at).num_seconds().max(0)).unwrap_or(u32::MAX);
    (modified, seconds.saturating_add(appointment.revision + u32::from(ended.is_some())))
}

/// When the band ends by the clock on the wall of the hall, which may have been changed since it began.
fn ends_at(appointment: &Appointment, snapshot: &Snapshot) -> DateTime<Utc> {
    let (slot, starts_at) = (&appointment.slot, appointment.starts_at.to_utc());
    let zone = snapshot.hall(slot.hall.as_str()).ok().map(|hall| hall.zone);
    // In another zone than the one in which it was made, the band of the configuration is not that of the appointment.
    let zone = zone.filter(|zone| instant_of(*zone, slot.date, slot.start) == Some(appointment.starts_at));
    let on_the_wall = zone.and_then(|zone| instant_of(zone, slot.date, slot.end)).map(|end| end.to_utc());
    let length = TimeDelta::minutes(i64::from(slot.end.minutes()) - i64::from(slot.start.minutes()));
    on_the_wall.filter(|end| *end > starts_at).unwrap_or(starts_at + length)
}

fn description(appointment: &Appointment, told: &Told) -> String {
    let code = appointment.code.to_string();
    let lines = if told.lines.is_empty() { std::slice::from_ref(&code) } else { told.lines.as_slice() };
    let lines = lines.iter().chain(&told.link).map(String::as_str);
    lines.collect::<Vec<_>>().join("\n")
}

fn summary(appointment: &Appointment, snapshot: &Snapshot, languages: &LanguageWishes) -> String {
    let service = snapshot.service(appointment.service.as_str());
    let service = service.map_or(appointment.service.as_str(), |service| service.name.pick(languages));
    let hall = snapshot.hall(appointment.slot.hall.as_str());
    let hall = hall.map_or(appointment.slot.hall.as_str(), |hall| hall.name.pick(languages));
    format!("{service}, {hall}")
}

fn add_place(event: &mut Event, hall: &Hall) {
    if let Some(address) = &hall.address {
        event.location(address);
    }
    event.append_property(Property::new("GEO", format!("{};{}", hall.location.lat, hall.location.lon)));
}

const fn status(status: Status) -> EventStatus {
    match status {
        Status::Held => EventStatus::Tentative,
        Status::Cancelled | Status::Expired => EventStatus::Cancelled,
        Status::Booked | Status::CheckedIn | Status::Served | Status::NoShow => EventStatus::Confirmed,
    }
}

/// The same file with every line folded: the crate's own folding lets the last part of a line grow one octet too long.
fn folded(file: &str) -> String {
    let mut folded = String::with_capacity(file.len());
    for line in file.replace("\r\n ", "").split_terminator("\r\n") {
        let mut room = MAX_LINE_OCTETS;
        for character in line.chars() {
            if character.len_utf8() > room {
                folded.push_str("\r\n ");
                room = MAX_LINE_OCTETS - 1;
            }
            folded.push(character);
            room -= character.len_utf8();
        }
        // Writing to a string cannot fail.
        let _ = write!(folded, "\r\n");
    }
    folded
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::appointment::samples;
    use crate::domain::calendar::Calendar as PublicCalendar;
    use crate::domain::geo::Location;
    use crate::domain::hall::WeeklyHours;
    use crate::domain::localized::Localized;
    use crate::domain::policy::Policy;
    use crate::domain::service::Service;

    fn localized(chinese: &str, english: &str) -> Localized {
        Localized::new([("zh-CN", chinese), ("en", english)].map(|(tag, text)| (tag.into(), text.into())).into())
    }

    fn snapshot() -> Snapshot {
        let appointment = samples::held();
        let hall = Hall {
            id: appointment.slot.hall,
            name: localized("杭州市公安局出入境接待大厅", "Hangzhou Exit-Entry Hall"),
            city: "杭州".into(),
            city_name: None,
            municipal: false,
            address_verified: true,
            district: None,
            address: Some("浙江省杭州市上城区(原江干区)某某路35号市民之家,一楼; 东门".into()),
            phone: None,
            location: Location { lat: 30.25, lon: 120.21 },
            zone: chrono_tz::Asia::Shanghai,
            services: Vec::new(),
            hours: WeeklyHours::default(),
            lanes: Vec::new(),
            exceptions: BTreeMap::new(),
        };
        let service = Service {
            id: appointment.service,
            document: appointment.document,
            action: "renewal".into(),
            lane: appointment.slot.lane,
            name: localized("换发普通护照", "Passport renewal"),
        };
        Snapshot::new("1".into(), Policy::default(), PublicCalendar::default(), vec![hall], vec![service])
    }

    fn file(appointment: &Appointment, language: &str) -> String {
        let (snapshot, at) = (snapshot(), samples::held().created_at);
        let edition = Edition { snapshot: &snapshot, in_force_since: at - TimeDelta::days(1), now: at };
        of(appointment, edition, &LanguageWishes::of(&[language]), &Told::default())
    }

    /// The value of a property, its line not folded.
    fn value(file: &str, name: &str) -> Option<String> {
        let file = file.replace("\r\n ", "");
        file.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.to_owned()))
    }

    #[test]
    fn a_file_says_where_and_when_and_nothing_of_the_person() {
        assert_eq!(
            file(&samples::held(), "zh").replace("\r\n", "\n"),
            "\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//hallpass//hallpass 1//EN
BEGIN:VEVENT
CREATED:20261122T021530Z
DESCRIPTION:00000007
DTEND:20261125T010000Z
DTSTAMP:20261122T021530Z
DTSTART:20261125T003000Z
GEO:30.25;120.21
LAST-MODIFIED:20261122T021530Z
LOCATION:浙江省杭州市上城区(原江干区)某某路35号市民之
 家\\,一楼\\; 东门
SEQUENCE:0
STATUS:TENTATIVE
SUMMARY:换发普通护照\\, 杭州市公安局出入境接待大厅
UID:01979a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b
END:VEVENT
END:VCALENDAR
"
        );
    }

    #[test]
    fn the_state_and_the_language_show() {
        let mut appointment = samples::held();
        assert!(file(&appointment, "en").contains("SUMMARY:Passport renewal\\, Hangzhou Exit-Entry Hall\r\n"));
        for (status, word) in [
            (Status::Booked, "CONFIRMED"),
            (Status::Served, "CONFIRMED"),
            (Status::Cancelled, "CANCELLED"),
            (Status::Expired, "CANCELLED"),
        ] {
            appointment.status = status;
            assert!(file(&appointment, "en").contains(&format!("STATUS:{word}\r\n")), "{status}");
        }
        appointment.slot.hall = crate::domain::name::HallId::intern("gone").unwrap();
        assert!(file(&appointment, "en").contains("SUMMARY:Passport renewal\\, gone\r\n"));
    }

    #[test]
    fn what_to_mind_and_the_link_stand_in_the_description_and_reminders_in_what_is_booked() {
        let (snapshot, held) = (snapshot(), samples::held());
        let booked = held.changed(Status::Booked, held.created_at);
        let told = Told {
            lines: vec!["预约码：0000 0007".into(), "请带：身份证, 旧护照".into()],
            link: Some("https://hall.example/appointments/1".into()),
        };
        let edition = Edition { snapshot: &snapshot, in_force_since: held.created_at, now: held.created_at };
        let file = of(&booked, edition, &LanguageWishes::of(&["zh"]), &told);
        let description = "预约码：0000 0007\\n请带：身份证\\, 旧护照\\nhttps://hall.example/appointments/1";
        assert_eq!(value(&file, "DESCRIPTION").as_deref(), Some(description));
        assert_eq!(value(&file, "URL").as_deref(), Some("https://hall.example/appointments/1"));
        let triggers: Vec<_> = file.lines().filter(|line| line.starts_with("TRIGGER")).collect();
        assert_eq!(triggers, ["TRIGGER:-P1D", "TRIGGER:-PT2H"]);
        assert_eq!(file.matches("ACTION:DISPLAY").count(), 2);
        let begun = Edition { now: booked.starts_at.to_utc(), ..edition };
        for (one, edition) in
            [(held, edition), (booked.changed(Status::Cancelled, held.created_at), edition), (booked, begun)]
        {
            assert!(!of(&one, edition, &LanguageWishes::default(), &told).contains("VALARM"), "{}", one.status);
        }
    }

    #[test]
    fn a_file_is_newer_if_the_appointment_or_the_configuration_has_changed() {
        let (snapshot, held) = (snapshot(), samples::held());
        let seen = |appointment: &Appointment, in_force_since, now| {
            let file = of(
                appointment,
                Edition { snapshot: &snapshot, in_force_since, now },
                &LanguageWishes::default(),
                &Told::default(),
            );
            let sequence: u32 = value(&file, "SEQUENCE").unwrap().parse().unwrap();
            let stamp = value(&file, "DTSTAMP").unwrap();
            assert_eq!(value(&file, "LAST-MODIFIED").unwrap(), stamp);
            (sequence, stamp)
        };
        let after = |seconds: i64| held.created_at + TimeDelta::seconds(seconds);
        let long_ago = after(-1_000_000);
        let first = seen(&held, long_ago, after(0));
        assert_eq!((first.0, first.1.as_str()), (0, "20261122T021530Z"));
        assert_eq!(seen(&held, long_ago, after(9)), first, "time alone changes nothing");
        let mut last = first.clone();
        let booked = held.changed(Status::Booked, after(20));
        let editions = [
            (held, after(10)),
            (booked, after(10)),
            (booked, after(600)),
            (booked.moved(booked.slot, booked.starts_at, after(600)), after(600)),
            (
                booked.moved(booked.slot, booked.starts_at, after(600)).changed(Status::Cancelled, after(900)),
                after(600),
            ),
        ];
        for (appointment, in_force_since) in editions {
            let next = seen(&appointment, in_force_since, after(0));
            assert!(next.0 > last.0 && next.1 >= last.1, "{next:?} after {last:?}");
            last = next;
        }
        // The end of a hold, before and after it is recorded.
        let end = held.expires_at.unwrap();
        let ended = seen(&held, long_ago, end);
        assert!(ended > first);
        assert!(seen(&held.changed(Status::Expired, end), long_ago, end) >= ended);
    }

    #[test]
    fn a_band_ends_by_the_clock_on_the_wall() {
        use chrono_tz::{America::New_York, Asia::Shanghai, Europe::Berlin};

        let check = |zone: chrono_tz::Tz, date: &str, (start, end): ((u16, u16), (u16, u16)), expected: &str| {
            let mut appointment = samples::held();
            let [start, end] = [start, end].map(|(hour, minute)| crate::domain::wall::WallTime::hm(hour, minute));
            (appointment.slot.date, appointment.slot.start, appointment.slot.end) = (date.parse().unwrap(), start, end);
            appointment.starts_at = instant_of(zone, appointment.slot.date, start).unwrap();
            let mut hall = snapshot().halls()[0].clone();
            hall.zone = zone;
            let snapshot = Snapshot::new("1".into(), Policy::default(), PublicCalendar::default(), vec![hall], vec![]);
            let ends = ends_at(&appointment, &snapshot);
            assert_eq!(ends, expected.parse::<DateTime<Utc>>().unwrap(), "{zone} {date} {start}");
            // Without the hall nobody knows of a clock change: the band is as long as it says.
            let nowhere = Snapshot::new("1".into(), Policy::default(), PublicCalendar::default(), vec![], vec![]);
            let minutes = i64::from(end.minutes() - start.minutes());
            assert_eq!(ends_at(&appointment, &nowhere), appointment.starts_at.to_utc() + TimeDelta::minutes(minutes));
        };
        check(Shanghai, "2027-03-28", ((8, 30), (9, 0)), "2027-03-28T01:00:00Z");
        // The hour from 02:00 is left out, and comes twice in autumn.
        check(Berlin, "2027-03-28", ((1, 0), (4, 0)), "2027-03-28T02:00:00Z");
        check(Berlin, "2027-03-28", ((0, 0), (24, 0)), "2027-03-28T22:00:00Z");
        check(Berlin, "2027-10-31", ((1, 0), (4, 0)), "2027-10-31T03:00:00Z");
        check(Berlin, "2027-10-31", ((2, 0), (3, 0)), "2027-10-31T02:00:00Z");
        check(New_York, "2026-11-01", ((0, 30), (3, 0)), "2026-11-01T08:00:00Z");
        // An end that no clock shows: as long as the band says.
        check(Berlin, "2027-03-28", ((1, 30), (2, 30)), "2027-03-28T01:30:00Z");
    }

    #[test]
    fn no_line_is_longer_than_75_octets() {
        for length in 60..240 {
            for letter in ["x", "é", "杭", "𠮷", " "] {
                let file = folded(&format!("SUMMARY:{}\r\nEND:VEVENT\r\n", letter.repeat(length)));
                assert!(file.split("\r\n").all(|line| line.len() <= MAX_LINE_OCTETS), "{length} {letter}");
                assert_eq!(file.replace("\r\n ", ""), format!("SUMMARY:{}\r\nEND:VEVENT\r\n", letter.repeat(length)));
            }
        }
    }
}
