//! When the doors of a lane are open, in minutes after midnight.

use crate::domain::hall::Period;

use super::queue::Shift;

/// An opening period, `[from_min, to_min)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Open {
    pub from_min: f64,
    pub to_min: f64,
}

impl Open {
    pub(super) fn length_min(self) -> f64 {
        self.to_min - self.from_min
    }
}

/// The opening periods of a lane on the date, in order.
#[derive(Debug)]
pub(super) struct Doors(Vec<Open>);

impl Doors {
    pub(super) fn new(periods: &[Period]) -> Self {
        let minutes = |period: &Period| Open {
            from_min: f64::from(period.start.minutes()),
            to_min: f64::from(period.end.minutes()),
        };
        Self(periods.iter().map(minutes).collect())
    }

    pub(super) fn periods(&self) -> &[Open] {
        &self.0
    }

    /// When a person who comes at that time is inside: then, or when the doors open next; none after the last period.
    pub(super) fn entry_min(&self, comes_min: f64) -> Option<f64> {
        self.0.iter().find(|open| comes_min < open.to_min).map(|open| comes_min.max(open.from_min))
    }

    /// When the last period ends; 0 where there is none.
    pub(super) fn closes_min(&self) -> f64 {
        self.0.last().map_or(0.0, |open| open.to_min)
    }

    pub(super) fn total_min(&self) -> f64 {
        self.0.iter().map(|open| open.length_min()).sum()
    }

    /// When services may begin: within the periods, and after the last one until everybody inside is done.
    pub(super) fn shifts(&self) -> Vec<Shift> {
        let mut shifts: Vec<_> =
            self.0.iter().map(|open| Shift { from_min: open.from_min, to_min: open.to_min }).collect();
        if let Some(last) = shifts.last_mut() {
            last.to_min = f64::INFINITY;
        }
        shifts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::wall::WallTime;

    #[test]
    fn people_wait_outside_until_the_doors_open() {
        let period = |start, end| Period { start: WallTime::hm(start, 0), end: WallTime::hm(end, 0) };
        let doors = Doors::new(&[period(9, 12), period(14, 17)]);
        let check = |comes_min, expected| assert_eq!(doors.entry_min(comes_min), expected, "comes at {comes_min}");

        check(-30.0, Some(540.0));
        check(500.0, Some(540.0));
        check(600.5, Some(600.5));
        check(719.9, Some(719.9));
        check(720.0, Some(840.0));
        check(1_000.0, Some(1_000.0));
        check(1_020.0, None);
        assert_eq!((doors.closes_min(), doors.total_min()), (1_020.0, 360.0));
        assert_eq!(doors.shifts()[1], Shift { from_min: 840.0, to_min: f64::INFINITY });

        let closed = Doors::new(&[]);
        assert_eq!((closed.entry_min(600.0), closed.closes_min(), closed.shifts().len()), (None, 0.0, 0));
    }
}
