//! What is counted together for every reader: the key figures of one configuration, and the difference of two.

use super::notation::{Units, milliseconds, minutes, percent, real, share, signed};
use super::outcome::{HallDay, LaneDay, Played};

/// One key figure of a configuration that was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    /// Visitors who came.
    Came,
    /// Visitors who have a place.
    Served,
    /// Visitors who found none.
    TurnedAway,
    /// Places that are taken.
    Taken,
    /// The share of the places that are taken.
    TakenShare,
    /// How long after the opening nothing was left.
    GoneAfter,
    /// Requests in the busiest second.
    PeakRequests,
    /// Bookings in the busiest second.
    PeakBookings,
    /// The 99th percentile of the latency of a booking.
    BookingP99,
    /// Answers that were the server's fault. A lost connection is not: some visitors lose theirs on purpose.
    Faults,
    /// Booked people who came to the halls.
    Arrived,
    /// Booked people who did not.
    NoShows,
    /// People without a booking.
    WalkIns,
    /// The mean wait over all halls.
    WaitMean,
    /// The longest 90th percentile of any lane.
    WaitWorst,
    /// The longest queue of any lane.
    QueueMax,
    /// The share of time that desks were busy.
    Utilisation,
    /// How long after closing the last one was done.
    Overtime,
}

impl Figure {
    /// Those of the release minute.
    pub(super) const RUSH: [Self; 10] = [
        Self::Came,
        Self::Served,
        Self::TurnedAway,
        Self::Taken,
        Self::TakenShare,
        Self::GoneAfter,
        Self::PeakRequests,
        Self::PeakBookings,
        Self::BookingP99,
        Self::Faults,
    ];
    /// Those of the day itself.
    pub(super) const DAY: [Self; 8] = [
        Self::Arrived,
        Self::NoShows,
        Self::WalkIns,
        Self::WaitMean,
        Self::WaitWorst,
        Self::QueueMax,
        Self::Utilisation,
        Self::Overtime,
    ];

    /// How much it is; none where the run has nothing to tell.
    pub(super) fn of(self, played: &Played) -> Option<Amount> {
        if Self::DAY.contains(&self) { self.of_day(played) } else { self.of_rush(played) }
    }

    fn of_rush(self, played: &Played) -> Option<Amount> {
        let rush = &played.rush;
        let seconds = rush.seconds.iter();
        Some(match self {
            Self::Came => Amount::Count(rush.came.into()),
            Self::Served => Amount::Count(rush.served.into()),
            Self::TurnedAway => Amount::Count(rush.turned_away.into()),
            Self::Taken => Amount::Count(rush.booked.into()),
            Self::TakenShare if rush.places > 0 => Amount::Share(share(rush.booked.into(), rush.places.into())),
            Self::GoneAfter => Amount::Milliseconds(gone_after_ms(played)?),
            Self::PeakRequests => Amount::Count(seconds.map(|second| second.requests).max()?.into()),
            Self::PeakBookings => Amount::Count(seconds.map(|second| second.bookings).max()?.into()),
            Self::BookingP99 => Amount::Milliseconds(rush.calls.iter().find(|call| call.call == "book")?.p99_ms),
            Self::Faults => {
                Amount::Count(rush.answers.iter().filter(|it| is_fault(it.status)).map(|it| it.count).sum())
            }
            _ => return None,
        })
    }

    fn of_day(self, played: &Played) -> Option<Amount> {
        let sum = |number: fn(&LaneDay) -> u32| Amount::Count(lanes(played).map(|lane| u64::from(number(lane))).sum());
        let most = |number: fn(&LaneDay) -> f64| lanes(played).map(number).reduce(f64::max);
        lanes(played).next()?;
        Some(match self {
            Self::Arrived => sum(|lane| lane.came),
            Self::NoShows => sum(|lane| lane.no_shows),
            Self::WalkIns => sum(|lane| lane.walk_ins),
            Self::WaitMean => Amount::Minutes(mean(played, |lane| (lane.wait_mean_min, lane.came + lane.walk_ins))),
            Self::WaitWorst => Amount::Minutes(most(|lane| lane.wait_p90_min)?),
            Self::QueueMax => Amount::Count(lanes(played).map(|lane| lane.queue_max).max()?.into()),
            Self::Utilisation => Amount::Share(mean(played, |lane| (lane.utilisation, lane.desks))),
            // Who is done before closing has no overtime, and no less than none.
            Self::Overtime => Amount::Minutes(most(|lane| (lane.done_min - lane.closes_min).max(0.0))?),
            _ => return None,
        })
    }

    /// Whether more of it is better, or worse; none where it is neither by itself.
    pub(super) fn more_is_better(self) -> Option<bool> {
        match self {
            Self::Served | Self::Taken => Some(true),
            Self::TurnedAway
            | Self::BookingP99
            | Self::Faults
            | Self::WaitMean
            | Self::WaitWorst
            | Self::QueueMax
            | Self::Overtime => Some(false),
            _ => None,
        }
    }
}

/// The mean over all lanes of a number by its weight; nothing where nothing weighs.
fn mean(played: &Played, number_and_weight: fn(&LaneDay) -> (f64, u32)) -> f64 {
    let (sum, weights) = lanes(played).map(number_and_weight).fold((0.0, 0.0), |(sum, weights), (number, weight)| {
        (sum + number * f64::from(weight), weights + f64::from(weight))
    });
    if weights > 0.0 { sum / weights } else { 0.0 }
}

/// Every lane of every hall.
pub(super) fn lanes(played: &Played) -> impl Iterator<Item = &LaneDay> {
    played.halls.iter().flat_map(|hall| &hall.lanes)
}

/// Every lane with its hall.
pub(super) fn lanes_by_hall(played: &Played) -> impl Iterator<Item = (&HallDay, &LaneDay)> {
    played.halls.iter().flat_map(|hall| hall.lanes.iter().map(move |lane| (hall, lane)))
}

/// The same lane of the same hall in another configuration.
pub(super) fn same_lane<'a>(played: &'a Played, hall: &str, lane: &str) -> Option<&'a LaneDay> {
    played.halls.iter().find(|it| it.hall == hall)?.lanes.iter().find(|it| it.lane == lane)
}

/// Stretches of time that these bands of a lane cover without a gap, each from the start of the first to the end of the
/// last.
pub(super) fn stretches<'a>(lane: &'a LaneDay, starts: &[String]) -> Vec<(&'a str, &'a str)> {
    let mut stretches: Vec<(&str, &str)> = Vec::new();
    for band in lane.bands.iter().filter(|band| starts.contains(&band.start)) {
        match stretches.last_mut() {
            Some((_, end)) if *end == band.start => *end = &band.end,
            _ => stretches.push((&band.start, &band.end)),
        }
    }
    stretches
}

/// Whether a status is the server's fault.
pub(super) fn is_fault(status: u16) -> bool {
    status >= 500
}

/// How long after the opening nothing was left, in milliseconds.
pub(super) fn gone_after_ms(played: &Played) -> Option<f64> {
    let rush = &played.rush;
    let gone = rush.places_left.iter().find(|it| it.left == 0 && it.at_ms >= rush.opened_ms)?;
    (rush.places > 0).then(|| real(gone.at_ms - rush.opened_ms))
}

/// How much of something there is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Amount {
    /// So many.
    Count(u64),
    /// A share of 1.
    Share(f64),
    /// A duration in milliseconds.
    Milliseconds(f64),
    /// A duration in minutes.
    Minutes(f64),
}

impl Amount {
    /// What stands for no difference.
    pub(super) const SAME: &str = "=";

    /// As people read it.
    pub(super) fn text(self, units: &Units) -> String {
        match self {
            Self::Count(number) => super::notation::count(number),
            Self::Share(share) => percent(share),
            Self::Milliseconds(ms) => milliseconds(ms, units),
            Self::Minutes(min) => minutes(min, units),
        }
    }

    /// How much more it is than `other`, as people read it; [`Self::SAME`] where that is nothing.
    ///
    /// The difference is the one between the numbers as they are shown, so that a reader who subtracts finds the same.
    pub(super) fn more_than(self, other: Self, units: &Units) -> String {
        let text = match (self, other) {
            (Self::Count(now), Self::Count(then)) => signed(real(now) - real(then), 0),
            (Self::Share(now), Self::Share(then)) => {
                format!("{} {}", signed((now * 100.0).round() - (then * 100.0).round(), 0), units.points)
            }
            (Self::Minutes(now), Self::Minutes(then)) => {
                let places = usize::from(now.abs().max(then.abs()) < 9.95);
                let scale = if places == 0 { 1.0 } else { 10.0 };
                let more = ((now * scale).round() - (then * scale).round()) / scale;
                format!("{} {}", signed(more, places), units.min)
            }
            (Self::Milliseconds(now), Self::Milliseconds(then)) => {
                let sign = if now > then { "+" } else { "" };
                format!("{sign}{}", milliseconds(now - then, units))
            }
            _ => String::new(),
        };
        if text.contains(|sign: char| matches!(sign, '1'..='9')) { text } else { Self::SAME.to_owned() }
    }

    /// The bare number, in the unit of its kind.
    pub(super) fn number(self) -> f64 {
        match self {
            Self::Count(number) => real(number),
            Self::Share(number) | Self::Milliseconds(number) | Self::Minutes(number) => number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::outcome::PlacesLeft;
    use super::super::sample;
    use super::*;

    const ENGLISH: Units = Units { ms: "ms", s: "s", min: "min", points: "pp" };

    #[test]
    fn a_difference_is_that_of_the_numbers_as_they_are_shown() {
        for (now, then, text) in [
            (Amount::Count(5), Amount::Count(1_205), "−1,200"),
            (Amount::Count(5), Amount::Count(5), "="),
            (Amount::Share(0.734), Amount::Share(0.718), "+1 pp"),
            (Amount::Share(0.724), Amount::Share(0.718), "="),
            (Amount::Minutes(43.4), Amount::Minutes(96.6), "−54 min"),
            (Amount::Minutes(6.84), Amount::Minutes(7.36), "−0.6 min"),
            (Amount::Minutes(-12.0), Amount::Minutes(10.0), "−22 min"),
            (Amount::Milliseconds(41.0), Amount::Milliseconds(38.5), "+2.5 ms"),
            (Amount::Milliseconds(38.5), Amount::Milliseconds(1_038.5), "−1.00 s"),
            (Amount::Milliseconds(1.0), Amount::Milliseconds(1.01), "="),
        ] {
            assert_eq!(now.more_than(then, &ENGLISH), text, "{now:?} {then:?}");
        }
    }

    #[test]
    fn places_are_gone_only_after_the_opening_and_where_there_were_any() {
        let mut played = sample::outcome().today;
        played.rush.opened_ms = 10_000;
        played.rush.places_left = [(0, 0), (9_999, 0), (10_400, 7), (12_500, 0), (13_000, 0)]
            .map(|(at_ms, left)| PlacesLeft { at_ms, left })
            .into();
        assert_eq!(gone_after_ms(&played), Some(2_500.0));
        played.rush.places = 0;
        assert_eq!(gone_after_ms(&played), None);
    }

    #[test]
    fn bands_that_follow_each_other_are_one_stretch() {
        let played = sample::outcome().today;
        let of = |starts: &[&str]| {
            let starts: Vec<String> = starts.iter().map(ToString::to_string).collect();
            stretches(&played.halls[0].lanes[0], &starts)
        };
        assert_eq!(of(&["09:30"]), [("09:30", "10:00")]);
        assert_eq!(
            of(&["11:00", "11:30", "13:30", "15:00"]),
            [("11:00", "12:00"), ("13:30", "14:00"), ("15:00", "15:30")]
        );
        assert!(of(&["07:00"]).is_empty());
    }

    #[test]
    fn means_weigh_lanes_by_people_and_by_desks() {
        let mut played = sample::outcome().today;
        played.halls.truncate(1);
        let [one, other] = &mut played.halls[0].lanes[..] else { panic!("two lanes") };
        (one.came, one.walk_ins, one.wait_mean_min, one.desks, one.utilisation) = (20, 10, 10.0, 9, 1.0);
        (other.came, other.walk_ins, other.wait_mean_min, other.desks, other.utilisation) = (9, 1, 50.0, 1, 0.5);
        assert_eq!(Figure::WaitMean.of(&played), Some(Amount::Minutes(20.0)));
        assert_eq!(Figure::Utilisation.of(&played), Some(Amount::Share(0.95)));
        for lane in &mut played.halls[0].lanes {
            (lane.closes_min, lane.done_min) = (1_020.0, 1_003.0);
        }
        assert_eq!(Figure::Overtime.of(&played), Some(Amount::Minutes(0.0)), "nobody works less than no time longer");
        played.halls.clear();
        assert!(Figure::DAY.iter().all(|figure| figure.of(&played).is_none()));
    }
}
