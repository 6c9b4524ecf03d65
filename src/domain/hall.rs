//! A hall: where it is, when it is open, and its lanes.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;

use super::geo::Location;
use super::localized::Localized;
use super::name::{HallId, LaneId};
use super::service::{Service, ServicePattern};
use super::wall::WallTime;

/// The largest capacity of one band.
pub const MAX_CAPACITY: u32 = 1_000_000;

/// An opening period of one day, `[start, end)` in hall-local wall time; `start < end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// When it begins.
    pub start: WallTime,
    /// When it ends.
    pub end: WallTime,
}

/// The opening periods of the seven weekdays, each day's in order and without overlap; an empty day is closed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WeeklyHours([Vec<Period>; 7]);

impl WeeklyHours {
    /// Hours from the seven days, Monday first.
    #[must_use]
    pub fn new(days: [Vec<Period>; 7]) -> Self {
        Self(days)
    }

    /// The periods of a weekday.
    #[must_use]
    pub fn of(&self, day: Weekday) -> &[Period] {
        &self.0[day.num_days_from_monday() as usize]
    }
}

/// What a hall does differently on one date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exception {
    /// The hall is closed all day.
    Closed {
        /// Why, in the words of the hall.
        reason: Option<String>,
    },
    /// The hall has these periods instead of its weekly ones.
    Hours {
        /// The periods, in order and without overlap.
        periods: Vec<Period>,
        /// Why, in the words of the hall.
        reason: Option<String>,
    },
}

/// A pool of places in a hall, cut into bands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Its id, such as `counter`.
    pub id: LaneId,
    /// The length of a band, in minutes, 1 to 1,440.
    pub band_minutes: u16,
    /// Places in a band, 1 to [`MAX_CAPACITY`].
    pub capacity: u32,
    /// Places in single bands that differ, by the band's start.
    pub single_bands: BTreeMap<WallTime, u32>,
}

impl Lane {
    /// Places in the band that starts at `start`.
    #[must_use]
    pub fn capacity_at(&self, start: WallTime) -> u32 {
        self.single_bands.get(&start).copied().unwrap_or(self.capacity)
    }
}

/// An entry-exit reception hall.
#[derive(Debug, Clone, PartialEq)]
pub struct Hall {
    /// Its id, such as `hangzhou-shi-crj`.
    pub id: HallId,
    /// What people call it.
    pub name: Localized,
    /// The city, such as `杭州`.
    pub city: String,
    /// What people call the city; none where it is called as it is written above in every language.
    pub city_name: Option<Localized>,
    /// Whether it is the hall of the city itself, and not of one of its districts.
    pub municipal: bool,
    /// The county-level division in which it stands, such as `上城区`.
    pub district: Option<Localized>,
    /// Where it is, in words.
    pub address: Option<String>,
    /// Whether the address is known to lead to the door.
    pub address_verified: bool,
    /// Its telephone number.
    pub phone: Option<String>,
    /// Where it is, in WGS-84.
    pub location: Location,
    /// The zone whose wall time the hall speaks.
    pub zone: Tz,
    /// Which services it offers; empty for every one whose lane it has.
    pub services: Vec<ServicePattern>,
    /// Its opening hours.
    pub hours: WeeklyHours,
    /// Its lanes, at least one.
    pub lanes: Vec<Lane>,
    /// The dates on which it differs.
    pub exceptions: BTreeMap<NaiveDate, Exception>,
}

impl Hall {
    /// The lane with this id.
    #[must_use]
    pub fn lane(&self, id: LaneId) -> Option<&Lane> {
        self.lanes.iter().find(|lane| lane.id == id)
    }

    /// The lane in which the hall serves this service; none where it does not offer it.
    #[must_use]
    pub fn lane_for(&self, service: &Service) -> Option<&Lane> {
        let offered = self.services.is_empty() || self.services.iter().any(|pattern| pattern.covers(service.id));
        offered.then(|| self.lane(service.lane)).flatten()
    }
}
