//! What has been chosen on the way to a time, and how it is carried from page to page: in the address, so that a page can be
//! kept, shared and opened again.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use crate::app::input::booking::MAX_PARTY;
use crate::app::input::fields::Fields;
use crate::app::refusal::Refusal;
use crate::domain::appointment::Appointment;
use crate::domain::hall::Hall;
use crate::domain::policy::today;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::{WallTime, days_after};
use crate::engine::{Day, SlotCount};
use crate::pages::kit::meter::Fullness;
use crate::pages::kit::redirect::percent;
use crate::pages::text::Text;

/// The parameters by which a hall's days and bands are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Choice {
    /// The id of the service.
    pub service: Option<String>,
    /// The id of an appointment that is to be moved; none where a new one is made.
    pub moving: Option<String>,
    /// `true` where its whole party is.
    pub party: Option<String>,
    /// How many people need a place at the same time; one where it is not said.
    pub people: Option<String>,
    /// The area that was picked, for the way back to the halls, as the three that follow.
    pub area: Option<String>,
    /// The latitude that was given.
    pub lat: Option<String>,
    /// The longitude that was given.
    pub lon: Option<String>,
    /// What they are measured by.
    pub datum: Option<String>,
}

impl Choice {
    /// The choice of another time for an appointment, or for all of its party who move.
    #[must_use]
    pub fn for_moving(moving: &Appointment, whole_party: bool, people: usize) -> Self {
        Self {
            service: Some(moving.service.as_str().to_owned()),
            moving: Some(moving.id.to_string()),
            party: whole_party.then(|| "true".to_owned()),
            people: Some(people.to_string()),
            ..Self::default()
        }
    }

    /// The service that was chosen.
    ///
    /// # Errors
    /// `unknown_service`; `invalid_field` where none was chosen.
    pub fn service<'a>(&self, snapshot: &'a Snapshot) -> Result<&'a Service, Refusal> {
        let service = self.service.as_deref().map(|id| snapshot.service(id)).transpose()?;
        let mut fields = Fields::default();
        let service = fields.required(format_args!("/service"), service);
        fields.finish(service)
    }

    /// The page of a hall: its days and the times of the first that has a place.
    #[must_use]
    pub fn days_of(&self, hall: &Hall) -> String {
        format!("/halls/{}?{}", hall.id, self.query())
    }

    /// The calendar of a hall, which says why some days cannot be booked.
    #[must_use]
    pub fn calendar_of(&self, hall: &Hall) -> String {
        format!("/halls/{}/days?{}", hall.id, self.query())
    }

    /// The page of a day's times.
    #[must_use]
    pub fn bands_of(&self, hall: &Hall, date: NaiveDate) -> String {
        format!("/halls/{}/{date}?{}", hall.id, self.query())
    }

    /// The list of halls.
    #[must_use]
    pub fn halls(&self) -> String {
        format!("/halls?{}", self.query())
    }

    /// Where the choice of a band leads: to who is coming, or to the confirmation of a move.
    #[must_use]
    pub fn taking(&self, hall: &Hall, date: NaiveDate, start: WallTime) -> String {
        let (hall, start) = (percent(hall.id.as_str()), percent(&start.to_string()));
        if let Some(id) = &self.moving {
            let rest = Self { moving: None, ..self.clone() }.rest();
            return format!("/appointments/{}/move/confirm?hall={hall}&date={date}&start={start}{rest}", percent(id));
        }
        let service = percent(self.service.as_deref().unwrap_or_default());
        format!("/book?hall={hall}&service={service}&date={date}&start={start}{}", self.rest())
    }

    /// The choice as the query of an address.
    #[must_use]
    pub fn query(&self) -> String {
        format!("service={}{}", percent(self.service.as_deref().unwrap_or_default()), self.rest())
    }

    /// What a query has beside the service: how many come, and the way back.
    #[must_use]
    pub fn rest(&self) -> String {
        let people = Some(self.people()).filter(|people| *people > 1).map(|people| people.to_string());
        let party = self.is_party().then(|| "true".to_owned());
        // A datum without a place says nothing.
        let datum = self.datum.clone().filter(|_| self.lat.as_ref().is_some_and(|lat| !lat.is_empty()));
        let others = [
            ("moving", &self.moving),
            ("party", &party),
            ("people", &people),
            ("area", &self.area),
            ("lat", &self.lat),
            ("lon", &self.lon),
            ("datum", &datum),
        ];
        let given = others.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        given
            .filter(|(_, value)| !value.is_empty())
            .fold(String::new(), |query, (name, value)| format!("{query}&{name}={}", percent(value)))
    }

    /// The same for another number of people.
    #[must_use]
    pub fn for_people(&self, people: u32) -> Self {
        Self { people: Some(people.to_string()), ..self.clone() }
    }

    /// How many people need a place at the same time.
    #[must_use]
    pub fn people(&self) -> u32 {
        let people = self.people.as_deref().and_then(|people| people.parse().ok());
        people.filter(|people| (1..=MAX_PARTY).contains(people)).unwrap_or(1)
    }

    /// Whether a whole party is moved.
    #[must_use]
    pub fn is_party(&self) -> bool {
        self.party.as_deref() == Some("true")
    }
}

/// The dates that a calendar of a hall shows: from today to the day after the last of the window, which says when it opens.
#[must_use]
pub fn window(snapshot: &Snapshot, hall: &Hall, now: DateTime<Utc>) -> RangeInclusive<NaiveDate> {
    let today = today(hall, now);
    today..=days_after(today, snapshot.policy.window_days.saturating_add(1))
}

/// How many of the places that a band has left so many people can use: all or none.
#[must_use]
pub const fn usable(remaining: u32, people: u32) -> u32 {
    if remaining >= people { remaining } else { 0 }
}

/// How many people at most find places in one band of a day.
#[must_use]
pub fn most_together(day: &Day) -> u32 {
    day.slots.iter().map(SlotCount::remaining).max().unwrap_or_default()
}

/// How many places of a day so many people can use, and how many there are in all.
#[must_use]
pub fn places(day: &Day, people: u32) -> (u32, u32) {
    let usable: u32 = day.slots.iter().map(|slot| usable(SlotCount::remaining(slot), people)).sum();
    (usable, day.places().1)
}

/// How many places a band has left, in words, for whom needs so many.
#[must_use]
pub fn left_words(text: Text, remaining: u32, people: u32) -> String {
    if remaining == 0 {
        text.get("choose-band-full")
    } else if usable(remaining, people) == 0 {
        text.with("choose-band-few", &[("count", remaining.into()), ("people", people.into())])
    } else {
        text.with("choose-band-left", &[("count", remaining.into())])
    }
}

/// How many places a day has left for so many people, in the few words for which a calendar has room. The number stands
/// there only when it is small enough to matter.
#[must_use]
pub fn day_words(text: Text, day: &Day, people: u32) -> String {
    let (usable, capacity) = places(day, people);
    match (Fullness::of(usable, capacity), day.places().0) {
        (Fullness::Full, 0) => text.get("choose-day-full"),
        (Fullness::Full, _) => text.with("choose-day-few", &[("count", most_together(day).into())]),
        (Fullness::Nearly, _) => text.with("choose-day-left", &[("count", usable.into())]),
        (Fullness::Free, _) => text.get("choose-day-free"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::samples;
    use crate::pages::text::Language;

    #[test]
    fn a_choice_is_carried_in_the_address() {
        let choice = Choice { service: Some("passport.renewal".into()), ..Choice::default() };
        assert_eq!(choice.query(), "service=passport.renewal");
        let away = Choice {
            area: Some("杭州".into()),
            lat: Some(String::new()),
            datum: Some("wgs84".into()),
            ..choice.clone()
        };
        assert_eq!(away.query(), "service=passport.renewal&area=%E6%9D%AD%E5%B7%9E");
        assert_eq!(away.for_people(2).rest(), "&people=2&area=%E6%9D%AD%E5%B7%9E");
        let moving = Choice { moving: Some("a b".into()), party: Some("true".into()), ..choice.for_people(3) };
        assert_eq!(moving.query(), "service=passport.renewal&moving=a+b&party=true&people=3");
    }

    #[test]
    fn a_number_stands_in_a_calendar_only_when_it_is_small() {
        let slot = |capacity, taken| SlotCount { start: WallTime::hm(9, 0), end: WallTime::hm(10, 0), capacity, taken };
        let words = |capacity, taken, people| {
            let date = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
            let day = Day { date, closed_by: None, slots: vec![slot(capacity, taken)] };
            day_words(Text(Language::Simplified), &day, people)
        };
        let check = |given: (u32, u32, u32), expected: &str| {
            assert_eq!(words(given.0, given.1, given.2), expected, "{given:?}");
        };
        check((40, 0, 1), "可约");
        check((40, 32, 1), "可约");
        check((40, 33, 1), "余7");
        check((40, 39, 1), "余1");
        check((40, 40, 1), "约满");
        check((40, 38, 3), "最多2人");
        check((40, 20, 3), "可约");
    }

    #[test]
    fn so_many_come_as_a_party_may_have() {
        let people = |text: &str| Choice { people: Some(text.to_owned()), ..Choice::default() }.people();
        assert_eq!(["1", "5", "6", "0", "-1", "x"].map(people), [1, 5, 1, 1, 1, 1]);
        assert_eq!([usable(3, 3), usable(2, 3), usable(2, 1), usable(0, 1)], [3, 0, 2, 0]);
    }

    #[test]
    fn the_way_to_another_time_says_what_is_moved() {
        let moving = samples::held();
        let query = Choice::for_moving(&moving, true, 2).query();
        assert_eq!(query, format!("service=passport.renewal&moving={}&party=true&people=2", moving.id));
    }
}
