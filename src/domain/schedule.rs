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
