//! An appointment as an iCalendar file (RFC 5545): where and when, and nothing about the person.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use icalendar::{Calendar, Component as _, Event, EventLike as _, EventStatus, Property};

use super::language::Languages;
use crate::domain::appointment::{Appointment, Status};
use crate::domain::hall::Hall;
use crate::domain::snapshot::Snapshot;

/// The longest line, in octets, without its end (RFC 5545, section 3.1).
const MAX_LINE_OCTETS: usize = 75;

/// The file of an appointment as it stands at an instant, in the language of the caller.
#[must_use]
pub fn of(appointment: &Appointment, snapshot: &Snapshot, languages: &Languages, now: DateTime<Utc>) -> String {
    let slot = &appointment.slot;
    let starts_at = appointment.starts_at.to_utc();
    let length = TimeDelta::minutes(i64::from(slot.end.minutes()) - i64::from(slot.start.minutes()));
    let mut event = Event::new();
    event
        .uid(&appointment.id.to_string())
        .sequence(appointment.revision)
        .timestamp(appointment.updated_at)
        .created(appointment.created_at)
        .last_modified(appointment.updated_at)
        .starts(starts_at)
        .ends(starts_at + length)
        .summary(&summary(appointment, snapshot, languages))
        .status(status(appointment.status_at(now)));
    // A reload may have taken the hall out; the appointment stays.
    if let Ok(hall) = snapshot.hall(slot.hall.as_str()) {
        add_place(&mut event, hall);
    }
    let mut calendar = Calendar::empty();
    for (name, value) in [("VERSION", "2.0"), ("PRODID", "-//hallpass//hallpass 1//EN"), ("METHOD", "PUBLISH")] {
        calendar.append_property(Property::new(name, value));
    }
    calendar.push(event.done());
    folded(&calendar.to_string())
}

fn summary(appointment: &Appointment, snapshot: &Snapshot, languages: &Languages) -> String {
    let service = snapshot.service(appointment.service.as_str());
    let service = service.map_or(appointment.service.as_str(), |service| service.name.pick(&languages.0));
    let hall = snapshot.hall(appointment.slot.hall.as_str());
    let hall = hall.map_or(appointment.slot.hall.as_str(), |hall| hall.name.pick(&languages.0));
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
        of(appointment, &snapshot(), &Languages(vec![language.into()]), samples::held().created_at)
    }

    #[test]
    fn a_file_says_where_and_when_and_nothing_of_the_person() {
        assert_eq!(
            file(&samples::held(), "zh").replace("\r\n", "\n"),
            "\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//hallpass//hallpass 1//EN
METHOD:PUBLISH
BEGIN:VEVENT
CREATED:20261122T021530Z
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
