//! The day as a whole. The queue core against formulas is in `theory`, against properties in `properties`.

mod days;
mod properties;
mod theory;

use std::num::NonZeroU32;

use crate::config::scenario::DayPlan;
use crate::domain::hall::{Lane, Period};
use crate::domain::localized::Localized;
use crate::domain::name::{HallId, LaneId, ServiceId};
use crate::domain::schedule::bands_in;

use super::{BookedBand, OpenHall, OpenLane};

/// A plan with chance in everything.
pub(super) fn plan() -> DayPlan {
    DayPlan {
        no_show: 0.12,
        early_min: (8.0, 12.0),
        walk_ins: 0.4,
        service_times_min: Vec::new(),
        service_min: (8.0, 3.0),
        desks: Vec::new(),
        utilisation: 0.85,
    }
}

/// A plan without chance: everybody comes on time and takes `service_min`, and nobody else comes.
fn clockwork(service_min: f64) -> DayPlan {
    DayPlan { no_show: 0.0, early_min: (0.0, 0.0), walk_ins: 0.0, service_min: (service_min, 0.0), ..plan() }
}

/// A lane with bands of half an hour and this many places in each, of which so many are booked.
fn lane(desks: u32, hours: &str, places: u32, booked: usize) -> OpenLane {
    let period = |text: &str| {
        let (start, end) = text.split_once('-').unwrap();
        Period { start: start.parse().unwrap(), end: end.parse().unwrap() }
    };
    let periods: Vec<_> = hours.split_whitespace().map(period).collect();
    let id = LaneId::intern("counter").unwrap();
    let lane = Lane { id, band_minutes: 30, capacity: places, single_bands: [].into() };
    let service = ServiceId::intern("passport.renewal").unwrap();
    let bands = periods.iter().flat_map(|period| bands_in(&lane, *period));
    let bands = bands.map(|band| BookedBand { band, booked: vec![service; booked] }).collect();
    OpenLane { id, desks: NonZeroU32::new(desks).unwrap(), periods, bands }
}

fn hall_id() -> HallId {
    HallId::intern("hall").unwrap()
}

fn hall(lanes: Vec<OpenLane>) -> OpenHall {
    OpenHall { id: hall_id(), name: Localized::default(), lanes }
}
