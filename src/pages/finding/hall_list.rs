//! Which halls a search finds, and in which order.

use super::areas;
use super::choice::Choice;
use crate::app::input::fields::Fields;
use crate::domain::geo::Location;
use crate::domain::hall::Hall;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::serve::problem::Problem;
use crate::serve::read::location;

/// How far from where somebody looks a hall is shown, in metres: about as far as one goes in a morning.
pub const NEAR_M: f64 = 100_000.0;
/// How many of the nearest are shown however far they are, to whom shares a place: an area that was picked has its own.
const LEAST: usize = 3;

/// From where somebody looks.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// A place that the device knows.
    Place(Location),
    /// A city that was picked.
    City(String),
    /// A district that was picked.
    District(String),
    /// Nowhere yet.
    Nowhere,
}

/// A hall that was found, and how far it is, in metres, where that says something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found<'a> {
    /// The hall.
    pub hall: &'a Hall,
    /// How far it is from the place of the device or the middle of a district; none for a hall in the area itself.
    pub distance_m: Option<f64>,
}

impl Origin {
    /// From the place that was given; it goes before an area, which may have been picked earlier. An area in which there is
    /// no hall is none.
    ///
    /// # Errors
    /// `invalid_field` where the place is none.
    pub fn of(choice: &Choice, snapshot: &Snapshot) -> Result<Self, Problem> {
        let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        let (lat, lon) = (given(&choice.lat), given(&choice.lon));
        let mut fields = Fields::default();
        let place = location::read(&mut fields, lat.as_deref(), lon.as_deref(), given(&choice.datum).as_deref());
        fields.finish(Some(()))?;
        if let Some(place) = place {
            return Ok(Self::Place(place));
        }
        let area = given(&choice.area).filter(|area| snapshot.halls().iter().any(|hall| areas::lies_in(hall, area)));
        Ok(match area {
            Some(area) if areas::is_district(&area) => Self::District(area),
            Some(area) => Self::City(area),
            None => Self::Nowhere,
        })
    }

    /// The area that was picked.
    #[must_use]
    pub fn area(&self) -> Option<&str> {
        match self {
            Self::City(area) | Self::District(area) => Some(area),
            Self::Place(_) | Self::Nowhere => None,
        }
    }

    /// Where distances begin.
    #[must_use]
    pub fn middle(&self, snapshot: &Snapshot) -> Option<Location> {
        match self {
            Self::Place(place) => Some(*place),
            Self::District(area) => {
                let inside: Vec<&Hall> = snapshot.halls().iter().filter(|hall| areas::lies_in(hall, area)).collect();
                areas::middle(&inside)
            }
            Self::City(_) | Self::Nowhere => None,
        }
    }

    /// The halls that offer a service, as they are shown: those of the area first, the municipal one before the others;
    /// then those that are near.
    #[must_use]
    pub fn halls<'a>(&self, snapshot: &'a Snapshot, service: &Service) -> Vec<Found<'a>> {
        let middle = self.middle(snapshot);
        let offering = snapshot.halls().iter().filter(|hall| hall.lane_for(service).is_some());
        let inside = |hall: &Hall| self.area().is_some_and(|area| areas::lies_in(hall, area));
        let shown = offering.filter(|hall| !matches!(self, Self::City(_)) || inside(hall));
        let mut found: Vec<Found<'a>> = shown
            .map(|hall| {
                let distance_m = middle.filter(|_| !inside(hall)).map(|middle| middle.distance_m(hall.location));
                Found { hall, distance_m }
            })
            .collect();
        // The sort keeps the order of the configuration for halls that are alike.
        let far = |one: &Found<'_>| one.distance_m.unwrap_or_default();
        let is_district = |one: &Found<'_>| !one.hall.municipal && one.distance_m.is_none();
        found.sort_by(|a, b| far(a).total_cmp(&far(b)).then(is_district(a).cmp(&is_district(b))));
        let near = found.iter().filter(|one| far(one) <= NEAR_M).count();
        let least = if matches!(self, Self::Place(_)) { LEAST } else { 0 };
        found.truncate(near.max(least));
        found
    }
}

/// A distance in kilometres, as exact as it matters.
#[must_use]
pub fn kilometres(metres: f64) -> String {
    if metres < 10_000.0 { format!("{:.1}", metres / 1000.0) } else { format!("{:.0}", metres / 1000.0) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::config;

    fn repository() -> Arc<Snapshot> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        config::load(&dir).unwrap_or_else(|errors| panic!("{errors}")).snapshot
    }

    fn search(choice: &Choice) -> (Origin, Vec<(String, Option<f64>)>) {
        let snapshot = repository();
        let from = Origin::of(choice, &snapshot).unwrap();
        let service = snapshot.service("passport.renewal").unwrap();
        let found = from.halls(&snapshot, service);
        (from, found.iter().map(|one| (one.hall.id.to_string(), one.distance_m)).collect())
    }

    fn area(area: &str) -> Choice {
        Choice { area: Some(area.to_owned()), ..Choice::default() }
    }

    #[test]
    fn a_city_is_that_city_alone_with_its_own_hall_first_and_no_distance() {
        for (city, count, first) in [
            ("杭州", 15, "hangzhou-shi-crj"),
            ("昆明", 2, "kunming-shi-crj"),
            ("深圳", 2, "shenzhen-shi-crj"),
            ("宁波", 3, "ningbo-haishu-crj"),
        ] {
            let (from, found) = search(&area(city));
            assert_eq!((from, found.len(), found[0].0.as_str()), (Origin::City(city.to_owned()), count, first));
            assert!(found.iter().all(|(_, distance)| distance.is_none()), "{city}: {found:?}");
        }
    }

    #[test]
    fn a_district_is_measured_from_its_own_halls_which_come_first() {
        let (from, found) = search(&area("杭州/西湖区"));
        assert_eq!(from, Origin::District("杭州/西湖区".to_owned()));
        let own: Vec<&str> = found.iter().filter(|one| one.1.is_none()).map(|one| one.0.as_str()).collect();
        assert_eq!(own, ["hangzhou-xihu-crj", "hangzhou-xihu-scenic-crj"]);
        assert_eq!(own[..], [found[0].0.as_str(), found[1].0.as_str()], "they come first");
        let distances: Vec<f64> = found.iter().filter_map(|one| one.1).collect();
        assert!(
            distances.is_sorted() && distances[0] > 0.0 && distances[distances.len() - 1] <= 100_000.0,
            "{distances:?}"
        );
    }

    #[test]
    fn a_district_lists_no_hall_that_is_far() {
        // The other hall of the city is some 125 km away.
        for (district, hall) in [("昆明/盘龙区", "kunming-shi-crj"), ("昆明/东川区", "kunming-dongchuan-crj")]
        {
            let found = search(&area(district)).1;
            assert_eq!(found, [(hall.to_owned(), None)], "{district}");
        }
    }

    #[test]
    fn a_distance_has_a_decimal_only_where_it_is_short() {
        assert_eq!([0.0, 949.0, 9_960.0, 12_345.0].map(kilometres), ["0.0", "0.9", "10.0", "12"]);
    }

    #[test]
    fn a_place_finds_what_is_near_and_never_nothing() {
        let at = |lat: &str, lon: &str| Choice { lat: Some(lat.into()), lon: Some(lon.into()), ..area("北京") };
        let (from, found) = search(&at("30.229", "120.192"));
        assert!(matches!(from, Origin::Place(_)), "a place goes before an area");
        assert_eq!((found[0].0.as_str(), found[0].1), ("hangzhou-shi-crj", Some(0.0)));
        assert!(found.iter().all(|(_, metres)| metres.unwrap() <= 100_000.0));
        let (_, far) = search(&at("29.65", "91.1"));
        assert_eq!(far.len(), 3, "from Lhasa all are far: {far:?}");
    }

    #[test]
    fn nowhere_is_said_to_be_nowhere() {
        for choice in [Choice::default(), area(""), area("火星"), area("杭州/火星区")] {
            assert_eq!(search(&choice).0, Origin::Nowhere, "{choice:?}");
        }
        let snapshot = repository();
        let wrong = Choice { lat: Some("x".into()), lon: Some("1".into()), ..Choice::default() };
        assert!(Origin::of(&wrong, &snapshot).is_err());
    }
}
