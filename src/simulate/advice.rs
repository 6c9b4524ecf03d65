//! What the city should change: places, desks, and where there is room to spare.
//!
//! Advice is tried before it is given: a lane is replayed with the same seed and the change, so the numbers are those of
//! the same people. It is one day of one seed all the same, so room is given up with a margin that waits are not.
//!
//! This file knows what came of a day and how to ask for another try, and nothing of how a day is played.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use crate::domain::name::{HallId, LaneId};
use crate::domain::wall::WallTime;

use super::outcome::{Advice, BandDay, Change, HallDay, LaneDay, Played};

/// The longest wait, in minutes, that one in ten may exceed: an assumption, no hall publishes a bound of its own.
pub const WAIT_BOUND_MIN: f64 = 30.0;
/// What the same wait must keep to, in minutes, where desks are given up: half of the bound, so that who follows the
/// advice is not told the opposite by the next day.
pub const WAIT_MARGIN_MIN: f64 = WAIT_BOUND_MIN / 2.0;
/// Desks that are busy for less than this share of the opening time have room to spare.
pub const ROOM_TO_SPARE: f64 = 0.5;
/// Places that nobody took are worth a word from this share of all places on.
pub const SPARE_PLACES: f64 = 0.2;
/// So many desks are the most that are tried for a lane.
const MAX_DESKS: u32 = 10_000;

/// People who wanted a band on the day and did not get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnedAway {
    /// The hall.
    pub hall: HallId,
    /// The lane.
    pub lane: LaneId,
    /// The start of the band.
    pub band: WallTime,
    /// How many people; each should count once, in the band that it wanted most.
    pub people: u32,
}

/// A lane to be played once more, with something changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial<'a> {
    /// The hall.
    pub hall: &'a str,
    /// The lane.
    pub lane: &'a str,
    /// With so many desks.
    pub desks: u32,
    /// These bands, by their starts, are full …
    pub bands: &'a [String],
    /// … and have so many places more, each.
    pub places: u32,
}

/// What to change, most urgent first: where visitors are turned away, where they wait, where there is room.
///
/// `replay` plays a lane of the same day once more; where it knows no such lane, nothing is said that needs it.
#[must_use]
pub fn advise(
    played: &Played,
    turned_away: &[TurnedAway],
    replay: &dyn Fn(&Trial<'_>) -> Option<LaneDay>,
) -> Vec<Advice> {
    let case = |hall| move |lane| Case::new(hall, lane, turned_away, replay);
    let cases = played.halls.iter().flat_map(|hall| hall.lanes.iter().map(case(hall)));
    let mut advice: Vec<Advice> = cases.flat_map(|case| case.advice()).collect();
    advice.sort_by_key(|advice| Reverse(urgency(&advice.change)));
    advice
}

/// Greater is more urgent: what it is, then how many it is about (visitors, seconds of waiting, desks, places).
fn urgency(change: &Change) -> (u8, u64) {
    match *change {
        Change::MorePlaces { turned_away, .. } => (3, turned_away.into()),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a wait within a day, in seconds")]
        Change::MoreDesks { wait_p90_min, .. } => (2, (wait_p90_min * 60.0) as u64),
        Change::FewerDesks { desks, .. } => (1, desks.into()),
        Change::SparePlaces { places } => (0, places.into()),
    }
}

/// One lane, and what is to be said about it.
struct Case<'a> {
    hall: &'a HallDay,
    lane: &'a LaneDay,
    /// The starts of bands that had too few places.
    short: Vec<String>,
    /// People turned away from them.
    turned_away: u32,
    /// Those for whom the places that were left at the end would not have been enough either.
    missing: u32,
    replay: &'a dyn Fn(&Trial<'_>) -> Option<LaneDay>,
}

impl<'a> Case<'a> {
    fn new(
        hall: &'a HallDay,
        lane: &'a LaneDay,
        turned_away: &[TurnedAway],
        replay: &'a dyn Fn(&Trial<'_>) -> Option<LaneDay>,
    ) -> Self {
        let mut case = Self { hall, lane, short: Vec::new(), turned_away: 0, missing: 0, replay };
        let here = |away: &&TurnedAway| away.hall.as_str() == hall.hall && away.lane.as_str() == lane.lane;
        for band in &lane.bands {
            let of_band = turned_away.iter().filter(here).filter(|away| away.band.to_string() == band.start);
            let people = of_band.map(|away| away.people).sum::<u32>();
            // A band that has places again at the end, from holds that ended, needs only what goes beyond them.
            let missing = people.saturating_sub(left(band));
            if missing > 0 {
                case.short.push(band.start.clone());
                case.turned_away += people;
                case.missing += missing;
            }
        }
        case
    }

    fn advice(&self) -> Vec<Advice> {
        if self.missing > 0 {
            return [self.more_places(), self.more_desks()].into_iter().flatten().collect();
        }
        [self.more_desks(), self.fewer_desks(), self.spare_places()].into_iter().flatten().collect()
    }

    /// Places for all who were turned away, with the desks that they need, and how many today's desks serve in time.
    fn more_places(&self) -> Option<Advice> {
        let places = self.missing.div_ceil(u32::try_from(self.short.len()).ok()?);
        let is_in_time =
            |desks, places| self.replay(desks, places).is_some_and(|day| worst_p90_min(&day) <= WAIT_BOUND_MIN);
        let today = self.lane.desks;
        let in_time = fewest(1, places, |places| !is_in_time(today, places)).map_or(places, |too_many| too_many - 1);
        let desks =
            if in_time == places { today } else { fewest(today + 1, MAX_DESKS, |desks| is_in_time(desks, places))? };
        let change = Change::MorePlaces { places, desks: desks - today, in_time, turned_away: self.turned_away };
        Some(self.say(self.short.clone(), change))
    }

    /// Desks that bring the wait down to the bound.
    fn more_desks(&self) -> Option<Advice> {
        let today = self.lane;
        if today.wait_p90_min <= WAIT_BOUND_MIN {
            return None;
        }
        let in_time = |desks| self.replay(desks, 0).is_some_and(|day| day.wait_p90_min <= WAIT_BOUND_MIN);
        let desks = fewest(today.desks + 1, MAX_DESKS, in_time)?;
        let change = Change::MoreDesks {
            desks: desks - today.desks,
            wait_p90_min: today.wait_p90_min,
            then_p90_min: self.replay(desks, 0)?.wait_p90_min,
        };
        Some(self.say(Vec::new(), change))
    }

    /// Desks that can be given up, where they are seldom busy.
    fn fewer_desks(&self) -> Option<Advice> {
        let today = self.lane;
        if today.utilisation >= ROOM_TO_SPARE {
            return None;
        }
        let short_wait = |desks| self.replay(desks, 0).is_some_and(|day| worst_p90_min(&day) <= WAIT_MARGIN_MIN);
        let desks = fewest(1, today.desks.checked_sub(1)?, short_wait)?;
        let change = Change::FewerDesks { desks: today.desks - desks, utilisation: today.utilisation };
        Some(self.say(Vec::new(), change))
    }

    /// Places that nobody took, where they are many.
    fn spare_places(&self) -> Option<Advice> {
        let bands = &self.lane.bands;
        let places: u32 = bands.iter().map(left).sum();
        let capacity: u32 = bands.iter().map(|band| band.capacity).sum();
        if places == 0 || f64::from(places) < SPARE_PLACES * f64::from(capacity) {
            return None;
        }
        let with_places: Vec<_> = bands.iter().filter(|band| left(band) > 0).map(|band| band.start.clone()).collect();
        let named = if with_places.len() == bands.len() { Vec::new() } else { with_places };
        Some(self.say(named, Change::SparePlaces { places }))
    }

    fn replay(&self, desks: u32, places: u32) -> Option<LaneDay> {
        let bands = if places > 0 { self.short.as_slice() } else { &[] };
        let trial = Trial { hall: &self.hall.hall, lane: &self.lane.lane, desks, bands, places };
        (self.replay)(&trial)
    }

    fn say(&self, bands: Vec<String>, change: Change) -> Advice {
        let (hall, name, lane) = (self.hall.hall.clone(), self.hall.name.clone(), self.lane.lane.clone());
        Advice { hall, name, lane, bands, change }
    }
}

fn left(band: &BandDay) -> u32 {
    band.capacity.saturating_sub(band.booked)
}

/// The wait of the lane or of its slowest band: a change to few bands hardly shows in the wait of the whole day.
fn worst_p90_min(day: &LaneDay) -> f64 {
    day.bands.iter().filter_map(|band| band.wait_p90_min).fold(day.wait_p90_min, f64::max)
}

/// The least number from `first` to `last` that is enough, where every greater number is enough too.
///
/// Steps double until one is enough, so the tries stay near the answer: a replay takes the longer the more it has to
/// serve. Waits of one day are not strictly monotone in desks, but then the answer is still enough, and one less is not.
fn fewest(first: u32, last: u32, enough: impl Fn(u32) -> bool) -> Option<u32> {
    let (mut too_few, mut step) = (first.checked_sub(1)?, 1);
    let mut found = loop {
        if too_few >= last {
            return None;
        }
        let tried = too_few.saturating_add(step).min(last);
        if enough(tried) {
            break tried;
        }
        (too_few, step) = (tried, step.saturating_mul(2));
    };
    while found - too_few > 1 {
        let middle = too_few + (found - too_few) / 2;
        if enough(middle) {
            found = middle;
        } else {
            too_few = middle;
        }
    }
    Some(found)
}
