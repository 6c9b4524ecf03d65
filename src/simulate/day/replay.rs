//! A lane once more, with the same seed and something changed.

use std::num::NonZeroU32;

use crate::config::scenario::DayPlan;
use crate::domain::name::ServiceId;
use crate::simulate::advice::Trial;
use crate::simulate::outcome::LaneDay;

use super::{OpenHall, OpenLane, play_lane};

/// Replays lanes of a day that has been played.
#[derive(Debug, Clone, Copy)]
pub struct Replay<'a> {
    /// The seed of the day.
    pub seed: u64,
    /// The halls, as they were played.
    pub halls: &'a [OpenHall],
    /// The plan, as it was played.
    pub plan: &'a DayPlan,
}

impl Replay<'_> {
    /// The lane with the changes of the trial; none where no such lane was played.
    #[must_use]
    pub fn lane(&self, trial: &Trial<'_>) -> Option<LaneDay> {
        let hall = self.halls.iter().find(|hall| hall.id.as_str() == trial.hall)?;
        let lane = hall.lanes.iter().find(|lane| lane.id.as_str() == trial.lane)?;
        Some(play_lane(self.seed, hall.id, &changed(lane, trial), self.plan))
    }
}

/// The lane with the desks of the trial, and its further places booked for the services that the lane has in turn.
fn changed(lane: &OpenLane, trial: &Trial<'_>) -> OpenLane {
    let services: Vec<ServiceId> = lane.bands.iter().flat_map(|band| band.booked.iter().copied()).collect();
    let mut more = services.into_iter().cycle();
    let mut lane = lane.clone();
    lane.desks = NonZeroU32::new(trial.desks).unwrap_or(NonZeroU32::MIN);
    for band in &mut lane.bands {
        if trial.bands.contains(&band.band.start.to_string()) {
            band.band.capacity = band.band.capacity.saturating_add(trial.places);
            // Those who are turned away now would take the places that are left first, then the further ones.
            let room = (band.band.capacity as usize).saturating_sub(band.booked.len());
            band.booked.extend(more.by_ref().take(room));
        }
    }
    lane
}
