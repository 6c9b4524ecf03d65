//! Why a date or a band can or cannot be booked: rules 1 to 5 of the contract, as one function each.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

use super::calendar::Calendar;
use super::hall::Hall;
use super::rejection::Rejection;
use super::schedule::{Band, Opening, opening};
use super::wall::{WallTime, days_after, instant_of};

/// The rules' numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// No band starts before this hall-local time.
    pub earliest_start: WallTime,
    /// How many days after today the first bookable date is, at least 1.
    pub min_days_ahead: u32,
    /// How many days after today the last bookable date is.
    pub window_days: u32,
    /// The hall-local time at which the last day of the window opens.
    pub release_time: WallTime,
    /// How long a hold keeps its place, in minutes.
    pub hold_minutes: u32,
    /// How many applicants a party may have.
    pub max_party: u32,
    /// How many active appointments one booking person may have made.
    pub max_active: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            earliest_start: WallTime::hm(8, 30),
            min_days_ahead: 1,
            window_days: 30,
            release_time: WallTime::hm(0, 0),
            hold_minutes: 10,
            max_party: 5,
            max_active: 5,
        }
    }
}

/// Today in the hall's zone at an instant.
#[must_use]
pub fn today(hall: &Hall, now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&hall.zone).date_naive()
}

/// Whether a date can be booked in a hall at an instant, where `bands` are the bands of the lane on that date.
///
/// # Errors
/// The first rule that says no, in the order past, same day, window, release, holiday or closed.
pub fn judge_day(
    policy: &Policy,
    hall: &Hall,
    calendar: &Calendar,
    bands: &[Band],
    date: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), Rejection> {
    let local = now.with_timezone(&hall.zone);
    let today = local.date_naive();
    let earliest = days_after(today, policy.min_days_ahead);
    let last = days_after(today, policy.window_days);
    if date < today {
        return Err(Rejection::Past);
    }
    if date < earliest {
        return Err(Rejection::SameDay { earliest });
    }
    if date > last {
        return Err(Rejection::BeyondWindow { last });
    }
    if date == last && WallTime::of(&local) < policy.release_time {
        return Err(Rejection::NotReleased { opens_at: instant_of(hall.zone, today, policy.release_time) });
    }
    match opening(hall, calendar, date) {
        Opening::Holiday(name) => Err(Rejection::Holiday { name: name.to_owned() }),
        Opening::Closed(reason) => Err(Rejection::Closed { reason: reason.map(str::to_owned) }),
        Opening::Open(_) if bands.is_empty() => Err(Rejection::Closed { reason: None }),
        Opening::Open(_) => Ok(()),
    }
}

/// The band that starts at `start`.
///
/// # Errors
/// [`Rejection::NoSuchBand`] where the lane has none on that date.
pub fn judge_band(bands: &[Band], start: WallTime) -> Result<usize, Rejection> {
    bands.binary_search_by_key(&start, |band| band.start).map_err(|_| Rejection::NoSuchBand)
}

/// Whether an appointment that starts at `starts_at` may still be cancelled or moved at an instant: until the band starts.
#[must_use]
pub fn still_changeable(starts_at: DateTime<FixedOffset>, now: DateTime<Utc>) -> bool {
    now < starts_at
}
