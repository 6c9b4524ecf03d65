//! The halls of a scenario on the day that opens: their bands, their desks, and who is booked where.

use std::collections::HashMap;
use std::num::NonZeroU32;

use chrono::NaiveDate;

use super::day::{BookedBand, OpenHall, OpenLane, desks_for, service_time_min};
use super::rush::Booked;
use crate::config::scenario::{DayPlan, Scenario};
use crate::domain::hall::{Hall, Lane, Period};
use crate::domain::name::ServiceId;
use crate::domain::schedule::{Band, Opening, bands, opening};
use crate::domain::snapshot::Snapshot;

/// The halls of the scenario's city, in the order of the configuration.
pub fn halls<'a>(snapshot: &'a Snapshot, scenario: &'a Scenario) -> impl Iterator<Item = &'a Hall> {
    snapshot.halls().iter().filter(|hall| hall.city == scenario.city)
}

/// The first date from `from` on for which all of these halls are open; none within a year.
#[must_use]
pub fn first_open_day(snapshot: &Snapshot, scenario: &Scenario, from: NaiveDate) -> Option<NaiveDate> {
    let open = |date: &NaiveDate| halls(snapshot, scenario).all(|hall| is_open(hall, snapshot, *date));
    from.iter_days().take(366).find(open)
}

/// Whether a hall is open on a date.
#[must_use]
pub fn is_open(hall: &Hall, snapshot: &Snapshot, date: NaiveDate) -> bool {
    matches!(opening(hall, &snapshot.calendar, date), Opening::Open(_))
}

/// How many places the lanes that the scenario's services need have on a date.
#[must_use]
pub fn places(snapshot: &Snapshot, scenario: &Scenario, date: NaiveDate) -> u32 {
    let wanted = |hall: &Hall, lane: &Lane| {
        let mut served = scenario.services.iter().filter_map(|(service, _)| snapshot.service(service.as_str()).ok());
        served.any(|service| hall.lane_for(service).is_some_and(|found| found.id == lane.id))
    };
    halls(snapshot, scenario)
        .flat_map(|hall| hall.lanes.iter().filter(|lane| wanted(hall, lane)).map(move |lane| (hall, lane)))
        .flat_map(|(hall, lane)| bands(hall, &snapshot.calendar, lane, date))
        .map(|band| band.capacity)
        .sum()
}

/// The halls as they are played on the day, with everybody who is booked.
#[must_use]
pub fn open_halls(snapshot: &Snapshot, scenario: &Scenario, date: NaiveDate, booked: &[Booked]) -> Vec<OpenHall> {
    let mut by_band: HashMap<(&str, &str, &str), Vec<ServiceId>> = HashMap::new();
    for one in booked {
        let Ok(service) = snapshot.service(&one.service) else { continue };
        by_band.entry((&one.slot.hall, &one.lane, &one.slot.start)).or_default().push(service.id);
    }
    let open = |hall: &Hall| {
        let Opening::Open(periods) = opening(hall, &snapshot.calendar, date) else { return None };
        let lane = |lane: &Lane| {
            let bands = bands(hall, &snapshot.calendar, lane, date);
            open_lane((snapshot, scenario), hall, lane, (periods, &bands), &by_band)
        };
        Some(OpenHall { id: hall.id, name: hall.name.clone(), lanes: hall.lanes.iter().map(lane).collect() })
    };
    halls(snapshot, scenario).filter_map(open).collect()
}

fn open_lane(
    (snapshot, scenario): (&Snapshot, &Scenario),
    hall: &Hall,
    lane: &Lane,
    (periods, bands): (&[Period], &[Band]),
    by_band: &HashMap<(&str, &str, &str), Vec<ServiceId>>,
) -> OpenLane {
    let booked = |band: &Band| {
        let start = band.start.to_string();
        by_band.get(&(hall.id.as_str(), lane.id.as_str(), start.as_str())).cloned().unwrap_or_default()
    };
    OpenLane {
        id: lane.id,
        desks: desks(snapshot, scenario, (hall, lane), (periods, bands)),
        periods: periods.to_vec(),
        bands: bands.iter().map(|band| BookedBand { booked: booked(band), band: *band }).collect(),
    }
}

/// As many as the scenario says, else as its capacity keeps busy.
fn desks(
    snapshot: &Snapshot,
    scenario: &Scenario,
    (hall, lane): (&Hall, &Lane),
    (periods, bands): (&[Period], &[Band]),
) -> NonZeroU32 {
    let plan = &scenario.day;
    if let Some((_, desks)) = plan.desks.iter().find(|(id, _)| *id == hall.id) {
        let named = if lane.id.as_str() == "kiosk" { desks.kiosks } else { desks.counters };
        if let Some(named) = NonZeroU32::new(named) {
            return named;
        }
    }
    let open_min: f64 = periods.iter().map(|period| f64::from(period.end.minutes() - period.start.minutes())).sum();
    let places: u32 = bands.iter().map(|band| band.capacity).sum();
    // Those who come, when every place is booked.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shares of a number of people")]
    let people = (f64::from(places) * (1.0 - plan.no_show + plan.walk_ins)).ceil() as u32;
    desks_for(people, mean_service_min(snapshot, scenario, lane), open_min, plan.utilisation)
}

/// The mean service time in a lane, over the scenario's mix of services.
fn mean_service_min(snapshot: &Snapshot, scenario: &Scenario, lane: &Lane) -> f64 {
    let plan: &DayPlan = &scenario.day;
    let here = |service: &ServiceId| snapshot.service(service.as_str()).is_ok_and(|service| service.lane == lane.id);
    let mix: Vec<(f64, f64)> = scenario
        .services
        .iter()
        .filter(|(service, _)| here(service))
        .map(|(service, weight)| (*weight, service_time_min(plan, *service).0))
        .collect();
    let weights: f64 = mix.iter().map(|(weight, _)| weight).sum();
    if weights > 0.0 {
        mix.iter().map(|(weight, mean)| weight * mean).sum::<f64>() / weights
    } else {
        plan.service_min.0
    }
}
