//! The day itself: a discrete-event simulation of the lanes of a hall, from the bookings that were made.
//!
//! *Who comes.* Each booked person comes or not, some minutes before or after the band begins; walk-ins come at random
//! over the opening hours (`people`, `walk_ins`). Doors are closed before an opening period and between two: whoever
//! comes then waits outside, and the wait that is counted begins when the doors open. Whoever comes after the last
//! period finds the hall closed and counts as one who did not come.
//!
//! *Who is served next.* One queue a lane, in order of arrival, with one exception: a person whose booked band has
//! begun goes before walk-ins and before people who are early. Halls that take both promise that much to those who
//! booked; those who are early may not push in front of others by it, but no desk is idle while they wait. A person who
//! is late keeps the promise. Services begin within opening periods only and are finished once begun, also into the
//! break; after the last period everybody who is inside is still served.
//!
//! *Chance.* Every person draws from a stream of its own (`streams`), so that two runs with one seed compare the same
//! people under two configurations.
//!
//! Invariants: a day is a pure function of seed, hall and plan; people who arrive are served exactly once; desks are
//! never busy for more than all of the time. Tested against the closed formulas for M/M/c and M/G/1, against a naive
//! queue, and by properties over random small days. Times are `f64` minutes after midnight, `WallTime` at the edge.

mod desks;
mod doors;
mod lane_day;
mod people;
mod queue;
mod replay;
mod service_time;
mod steps;
mod streams;
#[cfg(test)]
mod tests;
mod walk_ins;

use std::num::NonZeroU32;

pub use desks::desks_for;
pub use replay::Replay;
pub use service_time::service_time_min;

use crate::config::scenario::DayPlan;
use crate::domain::hall::Period;
use crate::domain::localized::Localized;
use crate::domain::name::{HallId, LaneId, ServiceId};
use crate::domain::schedule::Band;
use crate::simulate::outcome::{HallDay, LaneDay};

use doors::Doors;
use people::People;
use streams::Streams;

/// A hall on the date that is played.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenHall {
    /// Which.
    pub id: HallId,
    /// Its name.
    pub name: Localized,
    /// Its lanes, in the order in which they are shown.
    pub lanes: Vec<OpenLane>,
}

/// A lane of a hall on the date that is played.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenLane {
    /// Which.
    pub id: LaneId,
    /// How many desks work at once.
    pub desks: NonZeroU32,
    /// When they work: in order and without overlap, a lunch break is the time between two. None: the hall is closed.
    pub periods: Vec<Period>,
    /// The bands, in order and without overlap.
    pub bands: Vec<BookedBand>,
}

/// A band and who has booked it.
#[derive(Debug, Clone, PartialEq)]
pub struct BookedBand {
    /// Its time and its capacity.
    pub band: Band,
    /// The service of each booked person. The position is who it is: runs that are to compare the same people keep it.
    pub booked: Vec<ServiceId>,
}

/// Plays the day of a hall.
///
/// # Panics
/// Where the plan breaks the bounds that it documents, such as a service time of 0: a bug of who made it.
#[must_use]
pub fn play(seed: u64, hall: &OpenHall, plan: &DayPlan) -> HallDay {
    HallDay {
        hall: hall.id.to_string(),
        name: hall.name.clone(),
        lanes: hall.lanes.iter().map(|lane| play_lane(seed, hall.id, lane, plan)).collect(),
    }
}

/// Plays the day of one lane, which no other lane of the hall has a part in.
///
/// # Panics
/// As [`play`].
#[must_use]
pub fn play_lane(seed: u64, hall: HallId, lane: &OpenLane, plan: &DayPlan) -> LaneDay {
    let doors = Doors::new(&lane.periods);
    let people = People::draw(&Streams::new(seed, hall, lane.id), &doors, lane, plan);
    let visits = queue::serve(&people.customers, lane.desks, &doors.shifts());
    lane_day::tell(lane, &doors, &people, &visits)
}

/// How many there are, where nobody has more than a few million.
fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}
