//! What the visits to a lane come to: waits, queues, how busy the desks were.

use crate::simulate::outcome::{BandDay, LaneDay};

use super::doors::{Doors, Open};
use super::people::People;
use super::queue::Visit;
use super::steps::Steps;
use super::{BookedBand, OpenLane, count};

/// Tells the day of a lane from its visits.
pub(super) fn tell(lane: &OpenLane, doors: &Doors, people: &People, visits: &[Visit]) -> LaneDay {
    let day = Day { visits, queue: Steps::of(visits.iter().map(|visit| (visit.arrived_min, visit.began_min))) };
    let waits = Waits::of(visits.iter());
    let supply_min = f64::from(lane.desks.get()) * doors.total_min();
    let busy_min = doors.periods().iter().map(|open| day.busy_min(*open)).sum();
    LaneDay {
        lane: lane.id.to_string(),
        desks: lane.desks.get(),
        bands: lane.bands.iter().map(|band| day.band(band, lane.desks.get())).collect(),
        came: people.came,
        no_shows: people.no_shows,
        walk_ins: people.walk_ins,
        wait_mean_min: waits.mean_min().unwrap_or(0.0),
        wait_p90_min: waits.p90_min().unwrap_or(0.0),
        queue_max: day.queue.max(),
        utilisation: share(busy_min, supply_min),
        closes_min: doors.closes_min(),
        done_min: visits.iter().map(|visit| visit.done_min).max_by(f64::total_cmp).unwrap_or(doors.closes_min()),
    }
}

struct Day<'a> {
    visits: &'a [Visit],
    queue: Steps,
}

impl Day<'_> {
    fn band(&self, BookedBand { band, booked }: &BookedBand, desks: u32) -> BandDay {
        let time = Open { from_min: band.start.minutes().into(), to_min: band.end.minutes().into() };
        let arrived_in_it = |visit: &&Visit| (time.from_min..time.to_min).contains(&visit.arrived_min);
        let waits = Waits::of(self.visits.iter().filter(arrived_in_it));
        BandDay {
            start: band.start.to_string(),
            end: band.end.to_string(),
            capacity: band.capacity,
            booked: count(booked.len()),
            wait_mean_min: waits.mean_min(),
            wait_p90_min: waits.p90_min(),
            queue_max: self.queue.max_within(time.from_min, time.to_min),
            utilisation: share(self.busy_min(time), f64::from(desks) * time.length_min()),
        }
    }

    /// Minutes of that time in which desks were busy, of all desks together.
    fn busy_min(&self, time: Open) -> f64 {
        let overlap = |visit: &Visit| visit.done_min.min(time.to_min) - visit.began_min.max(time.from_min);
        self.visits.iter().map(|visit| overlap(visit).max(0.0)).sum()
    }
}

/// Part of a whole, at most 1, which the sum of many parts may miss by rounding; 0 of nothing.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { (part / whole).min(1.0) } else { 0.0 }
}

/// Waits in minutes, shortest first.
struct Waits(Vec<f64>);

impl Waits {
    fn of<'a>(visits: impl Iterator<Item = &'a Visit>) -> Self {
        let mut waits: Vec<f64> = visits.map(|visit| visit.wait_min()).collect();
        waits.sort_by(f64::total_cmp);
        Self(waits)
    }

    fn mean_min(&self) -> Option<f64> {
        (!self.0.is_empty()).then(|| self.0.iter().sum::<f64>() / f64::from(count(self.0.len())))
    }

    /// The 90th percentile by the nearest rank: the shortest wait that at least nine in ten did not exceed.
    fn p90_min(&self) -> Option<f64> {
        let rank = (self.0.len() * 9).div_ceil(10);
        self.0.get(rank.checked_sub(1)?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_percentile_is_that_of_the_nearest_rank() {
        let check = |waits: &[f64], expected| assert_eq!(Waits(waits.to_vec()).p90_min(), expected, "{waits:?}");
        check(&[], None);
        check(&[4.0], Some(4.0));
        check(&[0.0, 1.0], Some(1.0));
        check(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], Some(8.0));
        check(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0], Some(9.0));
    }
}
