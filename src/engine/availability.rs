//! What is free: the days of a hall, the first band with a place, the nearest halls that have one.
//!
//! Everything is read from the day sheets by the functions that also judge a booking. Counts are exact at the instant at
//! which they are read; a place that an answer shows may be gone when the next call comes.

use std::cmp::Reverse;
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::claims::sheet::{LaneSheet, Sheet};
use super::{Engine, Inner};
use crate::domain::appointment::Status;
use crate::domain::geo::Location;
use crate::domain::hall::Hall;
use crate::domain::name::{HallId, LaneId};
use crate::domain::policy;
use crate::domain::rejection::Rejection;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::{WallTime, days_after};

/// Upper ends of the distance classes, in kilometres: halls of one class are as good as equally far, since a visitor's
/// own place and a hall's are known to some hundred metres or some kilometres only.
const DISTANCE_CLASSES_KM: [u32; 7] = [2, 5, 10, 20, 50, 100, 300];

/// How full one band is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotCount {
    /// When the band begins.
    pub start: WallTime,
    /// When it ends.
    pub end: WallTime,
    /// How many places it has.
    pub capacity: u32,
    /// How many are taken.
    pub taken: u32,
}

impl SlotCount {
    /// How many places are left.
    #[must_use]
    pub const fn remaining(&self) -> u32 {
        self.capacity.saturating_sub(self.taken)
    }
}

/// One date of one lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// The date in the hall's zone.
    pub date: NaiveDate,
    /// Why it cannot be booked; none where it can.
    pub closed_by: Option<Rejection>,
    /// Every band of the lane, bookable or not.
    pub slots: Vec<SlotCount>,
}

impl Day {
    /// How many places are left in all bands, and how many there are.
    #[must_use]
    pub fn places(&self) -> (u32, u32) {
        let sum = |of: fn(&SlotCount) -> u32| self.slots.iter().map(of).sum();
        (sum(SlotCount::remaining), sum(|slot| slot.capacity))
    }
}

/// A band with a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Free {
    /// The date in the hall's zone.
    pub date: NaiveDate,
    /// The lane.
    pub lane: LaneId,
    /// The band.
    pub slot: SlotCount,
}

/// What somebody looks for.
#[derive(Debug, Clone, Copy)]
pub struct Preference<'a> {
    /// The service.
    pub service: &'a Service,
    /// Where they are.
    pub place: Option<Location>,
    /// Which dates suit; every one where none is said.
    pub dates: Option<&'a RangeInclusive<NaiveDate>>,
    /// How many of them need a place in the same band, at least one.
    pub people: u32,
}

/// Why a recommendation stands where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No hall with a place is nearer.
    Nearest,
    /// The hall is within so many kilometres: the distance class.
    WithinKm(u32),
    /// The first date of the hall that has a place is the first of all.
    EarliestDate,
    /// At least half of the band's places are left.
    MostlyFree,
}

/// A hall with a place.
#[derive(Debug, Clone)]
pub struct Recommendation<'a> {
    /// The hall.
    pub hall: &'a Hall,
    /// How far it is, in metres; none where the caller gave no place.
    pub distance_m: Option<f64>,
    /// The emptiest band of its first date with a place.
    pub free: Free,
    /// Why it stands here.
    pub reasons: Vec<Reason>,
}

/// Counts of one hall and date, over all its lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    /// The hall.
    pub hall: HallId,
    /// The date in the hall's zone.
    pub date: NaiveDate,
    /// How many places the configuration gives.
    pub capacity: u32,
    /// Held and not confirmed yet.
    pub held: u32,
    /// Booked and not checked in yet.
    pub booked: u32,
    /// In the hall.
    pub checked_in: u32,
    /// Served.
    pub served: u32,
    /// Did not come.
    pub no_show: u32,
    /// Cancelled.
    pub cancelled: u32,
}

impl Engine {
    /// The days of a hall for a service, each with every band of its lane.
    ///
    /// # Errors
    /// [`Rejection::ServiceNotOffered`]; [`Rejection::UnknownHall`] where a reload has just taken the hall away.
    pub fn days(
        &self,
        hall: &Hall,
        service: &Service,
        dates: RangeInclusive<NaiveDate>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Day>, Rejection> {
        let snapshot = self.0.snapshot.read();
        let hall = snapshot.hall(hall.id.as_str())?;
        let lane = hall.lane_for(service).ok_or(Rejection::ServiceNotOffered)?.id;
        let (from, to) = dates.into_inner();
        Ok(from
            .iter_days()
            .take_while(|date| *date <= to)
            .map(|date| self.0.day(&snapshot, hall, lane, date, now))
            .collect())
    }

    /// The first band of a hall that has a place for so many people and can be booked now; over all its lanes where no
    /// service is given.
    #[must_use]
    pub fn next_free(&self, hall: &Hall, service: Option<&Service>, people: u32, now: DateTime<Utc>) -> Option<Free> {
        let snapshot = self.0.snapshot.read();
        let hall = snapshot.hall(hall.id.as_str()).ok()?;
        let lanes = match service {
            Some(service) => vec![hall.lane_for(service)?.id],
            None => hall.lanes.iter().map(|lane| lane.id).collect(),
        };
        bookable_dates(&snapshot, hall, now).find_map(|date| {
            let first = |lane: &LaneId| {
                let mut bands = self.0.free_bands(&snapshot, hall, *lane, date, now).into_iter();
                bands.find(|free| free.slot.remaining() >= people)
            };
            lanes.iter().filter_map(first).min_by_key(|free| free.slot.start)
        })
    }

    /// Those of some halls that have places for a preference, best first: by distance class, then the emptier band, then the
    /// earlier date, then the distance itself. Each hall stands for the emptiest band of its first date with places.
    #[must_use]
    pub fn recommend<'a>(
        &self,
        halls: impl IntoIterator<Item = &'a Hall>,
        preference: &Preference<'_>,
        limit: usize,
        now: DateTime<Utc>,
    ) -> Vec<Recommendation<'a>> {
        let candidate = |hall: &'a Hall| {
            let free = self.emptiest_of_first_day(hall, preference, now)?;
            let distance_m = preference.place.map(|place| place.distance_m(hall.location));
            Some(Recommendation { hall, distance_m, free, reasons: Vec::new() })
        };
        let mut found: Vec<_> = halls.into_iter().filter_map(candidate).collect();
        give_reasons(&mut found);
        found.sort_by(|a, b| {
            let class = |r: &Recommendation<'_>| r.distance_m.map(distance_class);
            let near = |r: &Recommendation<'_>| r.distance_m.unwrap_or_default();
            (class(a), Reverse(share_free(&a.free)), a.free.date)
                .cmp(&(class(b), Reverse(share_free(&b.free)), b.free.date))
                .then(near(a).total_cmp(&near(b)))
                .then(a.hall.id.cmp(&b.hall.id))
        });
        found.truncate(limit);
        found
    }

    /// Every band of every lane of a hall on a date, in the order of lane and start.
    #[must_use]
    pub fn slots_of_hall_day(&self, hall: &Hall, date: NaiveDate) -> Vec<(LaneId, SlotCount)> {
        let snapshot = self.0.snapshot.read();
        let Ok(hall) = snapshot.hall(hall.id.as_str()) else { return Vec::new() };
        let sheet = self.0.sheet_to_read(&snapshot, hall, date);
        let of_lane =
            |(lane, sheet): &(LaneId, LaneSheet)| counts(sheet).map(|count| (*lane, count)).collect::<Vec<_>>();
        sheet.lanes().iter().flat_map(of_lane).collect()
    }

    /// Counts by hall and date, in that order, of the halls that are wanted, or all. A date without places and without
    /// appointments is left out.
    #[must_use]
    pub fn day_counts(
        &self,
        snapshot: &Snapshot,
        halls: Option<&[HallId]>,
        dates: RangeInclusive<NaiveDate>,
        now: DateTime<Utc>,
    ) -> Vec<DayCount> {
        let wanted = |id: &HallId| halls.is_none_or(|halls| halls.contains(id));
        let (from, to) = dates.into_inner();
        let halls = snapshot.halls().iter().filter(|hall| wanted(&hall.id));
        halls
            .flat_map(|hall| from.iter_days().take_while(|date| *date <= to).map(move |date| (hall, date)))
            .map(|(hall, date)| self.day_count(hall, date, now))
            .filter(|count| count.capacity > 0 || count.is_used())
            .collect()
    }

    fn day_count(&self, hall: &Hall, date: NaiveDate, now: DateTime<Utc>) -> DayCount {
        let capacity = self.slots_of_hall_day(hall, date).iter().map(|(_, slot)| slot.capacity).sum();
        let mut count = DayCount {
            hall: hall.id,
            date,
            capacity,
            held: 0,
            booked: 0,
            checked_in: 0,
            served: 0,
            no_show: 0,
            cancelled: 0,
        };
        for appointment in self.0.book.of_hall_day(hall.id, date) {
            match appointment.status_at(now) {
                Status::Held => count.held += 1,
                Status::Booked => count.booked += 1,
                Status::CheckedIn => count.checked_in += 1,
                Status::Served => count.served += 1,
                Status::NoShow => count.no_show += 1,
                Status::Cancelled => count.cancelled += 1,
                Status::Expired => {}
            }
        }
        count
    }

    fn emptiest_of_first_day(&self, hall: &Hall, preference: &Preference<'_>, now: DateTime<Utc>) -> Option<Free> {
        let snapshot = self.0.snapshot.read();
        let hall = snapshot.hall(hall.id.as_str()).ok()?;
        let lane = hall.lane_for(preference.service)?.id;
        let suits = |free: &Free| free.slot.remaining() >= preference.people;
        bookable_dates(&snapshot, hall, now)
            .filter(|date| preference.dates.is_none_or(|dates| dates.contains(date)))
            .map(|date| {
                self.0.free_bands(&snapshot, hall, lane, date, now).into_iter().filter(suits).collect::<Vec<_>>()
            })
            .find(|free| !free.is_empty())?
            .into_iter()
            .max_by_key(|free| (share_free(free), Reverse(free.slot.start)))
    }
}

impl DayCount {
    const fn is_used(&self) -> bool {
        self.held + self.booked + self.checked_in + self.served + self.no_show + self.cancelled > 0
    }
}

impl Inner {
    fn day(&self, snapshot: &Snapshot, hall: &Hall, lane: LaneId, date: NaiveDate, now: DateTime<Utc>) -> Day {
        let (sheet, judged) = self.judge_day(snapshot, hall, lane, date, now);
        Day {
            date,
            closed_by: judged.err(),
            slots: sheet.lane(lane).map(|lane| counts(lane).collect()).unwrap_or_default(),
        }
    }

    /// The bands of a lane that have a place and can be booked now.
    fn free_bands(
        &self,
        snapshot: &Snapshot,
        hall: &Hall,
        lane: LaneId,
        date: NaiveDate,
        now: DateTime<Utc>,
    ) -> Vec<Free> {
        let day = self.day(snapshot, hall, lane, date, now);
        let free = day.slots.into_iter().filter(|slot| day.closed_by.is_none() && slot.remaining() > 0);
        free.map(|slot| Free { date, lane, slot }).collect()
    }

    /// The sheet of a date, where one is kept; else one to read from and throw away, so that asking fills no memory.
    fn sheet_to_read(&self, snapshot: &Snapshot, hall: &Hall, date: NaiveDate) -> Arc<Sheet> {
        let kept = self.sheets.get(hall.id, date);
        kept.unwrap_or_else(|| Arc::new(Sheet::build(snapshot, Some(hall), date, None)))
    }
}

fn bookable_dates(snapshot: &Snapshot, hall: &Hall, now: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> + use<> {
    let today = policy::today(hall, now);
    let (first, last) =
        (days_after(today, snapshot.policy.min_days_ahead), days_after(today, snapshot.policy.window_days));
    first.iter_days().take_while(move |date| *date <= last)
}

fn counts(lane: &LaneSheet) -> impl Iterator<Item = SlotCount> {
    lane.bands.iter().zip(&lane.cells).map(|(band, cell)| {
        let (taken, capacity) = cell.counts();
        SlotCount { start: band.start, end: band.end, capacity, taken }
    })
}

/// How much of a band is left, in thousandths.
fn share_free(free: &Free) -> u64 {
    u64::from(free.slot.remaining()) * 1_000 / u64::from(free.slot.capacity.max(1))
}

fn distance_class(distance_m: f64) -> usize {
    DISTANCE_CLASSES_KM.partition_point(|end_km| distance_m > f64::from(*end_km) * 1_000.0)
}

fn give_reasons(found: &mut [Recommendation<'_>]) {
    let nearest = found.iter().filter_map(|r| r.distance_m).min_by(f64::total_cmp);
    let earliest = found.iter().map(|r| r.free.date).min();
    for recommendation in found {
        let within = recommendation.distance_m.and_then(|m| DISTANCE_CLASSES_KM.get(distance_class(m)));
        let is_nearest = nearest.is_some() && recommendation.distance_m == nearest;
        let reasons = [
            is_nearest.then_some(Reason::Nearest),
            within.map(|km| Reason::WithinKm(*km)),
            (Some(recommendation.free.date) == earliest).then_some(Reason::EarliestDate),
            (share_free(&recommendation.free) >= 500).then_some(Reason::MostlyFree),
        ];
        recommendation.reasons = reasons.into_iter().flatten().collect();
    }
}
