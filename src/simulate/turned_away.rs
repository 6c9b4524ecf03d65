//! Where those who found no place had wanted to go.
//!
//! Most of them were never refused a slot: when they looked, nothing was left that they could have asked for. What they
//! wanted follows from who they are, so it is found without the server: the hall that is nearest to their home and offers
//! the service, and there the band of the day that opens which suits them best.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::advice::TurnedAway;
use super::places::halls;
use super::rush::visitor::Visitor;
use crate::config::scenario::Scenario;
use crate::domain::hall::{Hall, Lane};
use crate::domain::name::{HallId, LaneId};
use crate::domain::schedule::bands;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::WallTime;

/// A hall, a lane and the start of a band.
type Wish = (HallId, LaneId, WallTime);

/// Counts people by what they wanted, everybody of a party by itself. Who wanted a service that no hall has on that date
/// is not counted.
#[must_use]
pub fn turned_away(
    snapshot: &Snapshot,
    scenario: &Scenario,
    date: NaiveDate,
    visitors: impl Iterator<Item = Visitor>,
) -> Vec<TurnedAway> {
    let mut people: BTreeMap<(String, String, WallTime), (Wish, u32)> = BTreeMap::new();
    for visitor in visitors {
        let Some(wish) = wish(snapshot, scenario, date, &visitor) else { continue };
        let key = (wish.0.to_string(), wish.1.to_string(), wish.2);
        people.entry(key).or_insert((wish, 0)).1 += u32::try_from(visitor.party.len()).unwrap_or(u32::MAX);
    }
    let counted = |((hall, lane, band), people)| TurnedAway { hall, lane, band, people };
    people.into_values().map(counted).collect()
}

fn wish(snapshot: &Snapshot, scenario: &Scenario, date: NaiveDate, visitor: &Visitor) -> Option<Wish> {
    let service = snapshot.service(&visitor.service).ok()?;
    let starts = |hall: &Hall, lane: &Lane| -> Vec<WallTime> {
        bands(hall, &snapshot.calendar, lane, date).iter().map(|band| band.start).collect()
    };
    let open = |hall: &'_ Hall| {
        let lane = hall.lane_for(service)?;
        let starts = starts(hall, lane);
        (!starts.is_empty()).then_some((visitor.home.distance_m(hall.location), (hall.id, lane.id), starts))
    };
    let nearest = halls(snapshot, scenario).filter_map(open).min_by(|(one, ..), (other, ..)| one.total_cmp(other));
    let (_, (hall, lane), starts) = nearest?;
    let band = starts.into_iter().min_by_key(|start| start.minutes().abs_diff(visitor.suits_min))?;
    Some((hall, lane, band))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{load, load_scenario};
    use crate::simulate::rush::identity::Identity;
    use crate::simulate::rush::visitor::Way;

    fn visitor(hall: &Hall, service: &str, suits_min: u16, party: u32) -> Visitor {
        Visitor {
            number: 0,
            way: Way::BookAtOnce,
            party: (0..party).map(Identity::nth).collect(),
            home: hall.location,
            service: service.into(),
            comes_ms: 0,
            wants_new_day: true,
            suits_min,
            patience: 1,
            thinks: std::time::Duration::ZERO,
            looks_at_pages: false,
        }
    }

    #[test]
    fn everybody_counts_in_the_nearest_hall_at_the_time_that_suits() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let configuration = load(&dir).unwrap();
        let scenario = load_scenario(&dir.join("scenarios/peak-day.toml"), &configuration).unwrap();
        let snapshot = &configuration.snapshot;
        let hall = snapshot.hall("hangzhou-xihu-crj").unwrap();
        let visitors = [("passport.renewal", 605, 1), ("passport.renewal", 595, 3), ("unknown", 600, 1)]
            .map(|(service, suits_min, party)| visitor(hall, service, suits_min, party));
        let date = "2026-12-22".parse().unwrap();
        let found = turned_away(snapshot, &scenario, date, visitors.into_iter());
        let lane = LaneId::intern("counter").unwrap();
        assert_eq!(found, [TurnedAway { hall: hall.id, lane, band: WallTime::hm(10, 0), people: 4 }]);
    }
}
