//! Wall time in a hall: minutes after midnight, and the instant that a date and such a time stand for.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Days, FixedOffset, MappedLocalTime, NaiveDate, Offset, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

const MINUTES_A_DAY: u16 = 24 * 60;

/// A time of day in the hall's zone, in whole minutes after midnight, `00:00` to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallTime(u16);

/// A text that is no wall time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a time of day has the form HH:MM, from 00:00 to 24:00")]
pub struct WallTimeError;

impl WallTime {
    /// The wall time at this hour and minute.
    ///
    /// # Panics
    /// Where that is later than 24:00, or the minute is above 59: a bug of the caller, who writes a literal.
    #[must_use]
    pub const fn hm(hour: u16, minute: u16) -> Self {
        assert!(minute < 60 && hour * 60 + minute <= MINUTES_A_DAY);
        Self(hour * 60 + minute)
    }

    /// Minutes after midnight, 0 to 1,440.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// The wall time `minutes` later on the same day; none where that is later than 24:00.
    #[must_use]
    pub fn plus(self, minutes: u16) -> Option<Self> {
        self.0.checked_add(minutes).filter(|&sum| sum <= MINUTES_A_DAY).map(Self)
    }

    /// The wall time that a local clock shows, seconds cut off.
    #[must_use]
    pub fn of(time: &impl Timelike) -> Self {
        Self(u16::try_from(time.hour() * 60 + time.minute()).unwrap_or(MINUTES_A_DAY))
    }
}

impl FromStr for WallTime {
    type Err = WallTimeError;

    fn from_str(text: &str) -> Result<Self, WallTimeError> {
        let [h1, h0, b':', m1, m0] = *text.as_bytes() else { return Err(WallTimeError) };
        let digit = |byte: u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0')).ok_or(WallTimeError);
        let (hour, minute) = (digit(h1)? * 10 + digit(h0)?, digit(m1)? * 10 + digit(m0)?);
        if minute > 59 || hour * 60 + minute > MINUTES_A_DAY {
            return Err(WallTimeError);
        }
        Ok(Self(hour * 60 + minute))
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// The instant at which a clock on the wall in `zone` shows `time` on `date`, with the offset that holds then.
///
/// A time in the gap of a clock change does not exist and gives none; one in a fold is the earlier of the two.
#[must_use]
pub fn instant_of(zone: Tz, date: NaiveDate, time: WallTime) -> Option<DateTime<FixedOffset>> {
    let midnight = date.and_hms_opt(0, 0, 0)?;
    let local = midnight.checked_add_signed(TimeDelta::minutes(i64::from(time.minutes())))?;
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(instant) | MappedLocalTime::Ambiguous(instant, _) => {
            Some(instant.with_timezone(&instant.offset().fix()))
        }
        MappedLocalTime::None => None,
    }
}

/// The date that is `days` after `date`, held at the last date that the calendar knows.
#[must_use]
pub fn days_after(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_times_are_read_strictly() {
        for (text, minutes) in [("00:00", 0), ("08:30", 510), ("23:59", 1439), ("24:00", 1440)] {
            let time: WallTime = text.parse().unwrap();
            assert_eq!((time.minutes(), time.to_string().as_str()), (minutes, text));
        }
        for text in ["", "8:30", "08:60", "24:01", "08.30", "08:30:00", "0a:30", "+8:30", "08:3０"] {
            assert_eq!(text.parse::<WallTime>(), Err(WallTimeError), "{text:?}");
        }
    }

    #[test]
    fn a_clock_change_makes_a_gap_and_a_fold() {
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        let on = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let at = |date, time: &str| instant_of(berlin, date, time.parse().unwrap()).map(|i| i.to_rfc3339());

        assert_eq!(at(on(2026, 3, 29), "01:59").unwrap(), "2026-03-29T01:59:00+01:00");
        assert_eq!(at(on(2026, 3, 29), "02:30"), None, "02:00 to 03:00 does not exist on that day");
        assert_eq!(at(on(2026, 3, 29), "03:00").unwrap(), "2026-03-29T03:00:00+02:00");
        assert_eq!(at(on(2026, 10, 25), "02:30").unwrap(), "2026-10-25T02:30:00+02:00", "the earlier of the two");
        assert_eq!(at(on(2026, 12, 31), "24:00").unwrap(), "2027-01-01T00:00:00+01:00");
    }
}
