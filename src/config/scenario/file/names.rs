//! What the names in a scenario are looked up in: the services, the halls in force, the city.
//!
//! Of what could not be read nothing is said: a slip of the pen in the halls must not bring forth an error wherever a
//! scenario names one.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::config::Configuration;
use crate::config::read::directory::TextFile;
use crate::config::read::document::Node;
use crate::config::read::error::{At, Findings, Place};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::sections::cross_checks;
use crate::config::sections::halls_file::Halls;
use crate::config::sections::services_file::Services;
use crate::config::versions::substitutes;
use crate::domain::calendar::Calendar;
use crate::domain::hall::Hall;
use crate::domain::name::ServiceId;
use crate::domain::schedule::{Opening, opening};
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;

/// How many cities a mend lists.
const MAX_LISTED_CITIES: usize = 40;

/// The names that a scenario may use.
#[derive(Debug)]
pub(crate) struct Names<'c> {
    /// None where the configuration could not be read.
    services: Option<&'c [Service]>,
    /// As above.
    calendar: Option<&'c Calendar>,
    /// Those of the configuration with the scenario's own in their places; none where one could not be read.
    halls: Option<Vec<Hall>>,
    /// The scenario's city; none where it could not be read, or no hall is there.
    city: Option<String>,
}

impl<'c> Names<'c> {
    /// The names of a configuration, none where it could not be read, with a scenario's own halls; `own` is none where
    /// there should be such halls and they could not be read.
    pub(crate) fn new(configuration: Option<&'c Configuration>, own: Option<&[TextFile]>, findings: &Findings) -> Self {
        let snapshot = configuration.map(|configuration| &*configuration.snapshot);
        let services = snapshot.map(Snapshot::services);
        let earliest = snapshot.map(|snapshot| snapshot.policy.earliest_start);
        let halls = snapshot.map_or_else(Halls::unknown, |snapshot| Halls::of(snapshot.halls()));
        let halls = substitutes::put_in(halls, own.unwrap_or_default(), earliest, findings);
        // The configuration is sound by itself: a lane that no hall has any more is missing from the halls put in.
        let place = Place::whole(own.and_then(<[_]>::first).map_or("services.toml", |file| &file.name));
        let drafts = services.map(|services| Services::of(services, &place)).unwrap_or_default();
        cross_checks::check(&drafts, &halls, findings);
        let known = own.is_some() && halls.complete;
        let halls = halls.drafts.into_iter().map(|hall| hall.whole).collect::<Option<_>>().filter(|_| known);
        Self { services, calendar: snapshot.map(|snapshot| &snapshot.calendar), halls, city: None }
    }

    /// Takes the city, which some hall must name.
    pub(crate) fn set_city(&mut self, city: &At<String>, findings: &Findings) {
        let (Some(halls), At { value: city, place }) = (&self.halls, city) else { return };
        if halls.iter().any(|hall| hall.city == *city) {
            self.city = Some(city.clone());
            return;
        }
        let cities: BTreeSet<&str> = halls.iter().map(|hall| hall.city.as_str()).collect();
        let list = cities.into_iter().take(MAX_LISTED_CITIES).collect::<Vec<_>>().join(", ");
        let flaw = Flaw::of_scenario(format!("no hall is in the city {city:?}"));
        findings.report(place, flaw, Mend::of_scenario(format!("use a city with halls: {list}")));
    }

    /// Checks that a hall of the city is open on the day.
    pub(crate) fn check_open(&self, At { value: day, place }: &At<NaiveDate>, findings: &Findings) {
        let (Some(calendar), Some(halls), Some(city)) = (self.calendar, &self.halls, &self.city) else { return };
        let is_open = |hall: &Hall| matches!(opening(hall, calendar, *day), Opening::Open(_));
        if !halls.iter().filter(|hall| hall.city == *city).any(is_open) {
            let message = format!("no hall of {city} is open on {day}");
            let mend = Mend::of_scenario("name a day on which one is, or leave it out");
            findings.report(place, Flaw::of_scenario(message), mend);
        }
    }

    /// The service whose id is the key.
    pub(crate) fn service(&self, node: &Node<'_>) -> Option<&'c Service> {
        let found = self.services?.iter().find(|service| service.id.as_str() == node.key);
        if found.is_none() {
            let mend = "use the id of a service in services.toml, in quotes, such as \"passport.renewal\"";
            let flaw = Flaw::of_scenario(format!("no service has the id `{}`", node.key));
            node.findings().report(&node.key_place(), flaw, Mend::of_scenario(mend));
        }
        found
    }

    /// The service whose id is the key, which a hall of the city must offer.
    pub(crate) fn offered(&self, node: &Node<'_>) -> Option<ServiceId> {
        let service = self.service(node)?;
        let (halls, city) = (self.halls.as_ref()?, self.city.as_ref()?);
        if !halls.iter().any(|hall| hall.city == *city && hall.lane_for(service).is_some()) {
            let message = format!("no hall in {city} offers the service `{}`", service.id);
            let mend = "take it out, or let a hall there offer it and have its lane";
            node.findings().report(&node.key_place(), Flaw::of_scenario(message), Mend::of_scenario(mend));
        }
        Some(service.id)
    }

    /// The hall whose id is the key, which must be in the city.
    pub(crate) fn hall(&self, node: &Node<'_>) -> Option<&Hall> {
        let (halls, key) = (self.halls.as_ref()?, node.key);
        let Some(hall) = halls.iter().find(|hall| hall.id.as_str() == key) else {
            let flaw = Flaw::of_scenario(format!("no hall has the id `{key}`"));
            node.findings().report(&node.key_place(), flaw, Mend::HallId {});
            return None;
        };
        if let Some(city) = self.city.as_ref().filter(|city| hall.city != **city) {
            let message = format!("the hall `{key}` is in {}, not in {city}", hall.city);
            let mend = Mend::of_scenario("take it out, or use a hall of the scenario's city");
            node.findings().report(&node.key_place(), Flaw::of_scenario(message), mend);
        }
        Some(hall)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::tests::{Fixture, HALL, check_scenario as check};

    #[test]
    fn a_city_has_halls() {
        check("\"杭州\"", "\"宁波\"", "3 | no hall is in the city \"宁波\" | use a city with halls: 杭州");
        Fixture::with_scenario()
            .spoilt("scenarios/small.toml", "\"杭州\"", "\"宁波\"")
            .spoilt("scenarios/small.toml", "counters = 17", "counters = 0")
            .check_all(&[
                "scenarios/small.toml:3 | no hall is in the city | with halls: 杭州",
                "scenarios/small.toml:29 | the hall `one` has a lane `counter` and no counters | at least 1",
            ]);
        check("\"杭州\"", "\"\"", "3 | `city` is empty | `city = \"杭州\"`");
    }

    #[test]
    fn the_day_that_opens_is_one_on_which_a_hall_is_open() {
        let named = |day: &str| format!("\"杭州\"\nnew_day = {day}");
        check("\"杭州\"", &named("\"2026-10-01\""), "4 | no hall of 杭州 is open on 2026-10-01 | leave it out");
        check("\"杭州\"", &named("\"2026-11-31\""), "4 | no date of the form YYYY-MM-DD | `new_day = \"2026-12-19\"`");
        let fixture = Fixture::with_scenario().spoilt("scenarios/small.toml", "\"杭州\"", &named("\"2026-10-12\""));
        assert_eq!(fixture.scenarios()[0].new_day, "2026-10-12".parse().ok());
        assert_eq!(Fixture::with_scenario().scenarios()[0].new_day, None);
    }

    #[test]
    fn services_are_known_and_offered_in_the_city() {
        check(
            "\"passport.renewal\" = 3",
            "\"visa\" = 3",
            "16 | no service has the id `visa` | in services.toml, in quotes",
        );
        // Without quotes a point makes a table.
        Fixture::with_scenario()
            .spoilt("scenarios/small.toml", "\"passport.renewal\" = 3", "passport.renewal = 3")
            .check_all(&[
                "scenarios/small.toml:16 | `passport` wants a number and holds a table | `passport = 18`",
                "scenarios/small.toml:16 | no service has the id `passport` | in quotes, such as \"passport.renewal\"",
            ]);
        let counters_only = HALL
            .replace("\"one\"", "\"two\"")
            .replace("\"杭州\"", "\"宁波\"")
            .replace(", \"permit.endorsement\"", "")
            .replace("[hall.lanes.kiosk]\nband_minutes = 15\ncapacity = 6\n", "");
        let file = "scenarios/small.toml";
        let elsewhere =
            Fixture::with_scenario().with("halls/two.toml", counters_only).spoilt(file, "\"杭州\"", "\"宁波\"");
        elsewhere.check_all(&[
            "scenarios/small.toml:17 | no hall in 宁波 offers the service `permit.endorsement` | let a hall there offer it",
            "scenarios/small.toml:19 | the hall `one` is in 杭州, not in 宁波 | a hall of the scenario's city",
            "scenarios/small.toml:29 | the hall `one` is in 杭州, not in 宁波 | a hall of the scenario's city",
        ]);
    }

    #[test]
    fn districts_are_halls() {
        check("one = 14", "two = 14", "19 | no hall has the id `two` | the id of a hall in halls/");
    }

    #[test]
    fn weights_are_above_zero() {
        check("one = 14", "one = 0", "19 | `one` is 0 | above 0, at most 1000000");
        check("one = 14", "one = -1", "19 | `one` is -1 | above 0");
        check("one = 14", "one = nan", "19 | `one` is NaN | above 0");
        check("one = 14", "one = inf", "19 | `one` is inf | above 0");
        check("\" = 3", "\" = 0.0", "16 | `passport.renewal` is 0 | above 0");
        check("\" = 3", "\" = \"3\"", "16 | wants a number and holds a string | `\"passport.renewal\" = 18`");
        check("one = 14\n", "", "18 | [districts] is empty | at least one id with its weight");
    }

    #[test]
    fn nothing_is_said_of_names_where_their_files_are_wrong() {
        Fixture::with_scenario()
            .spoilt("halls/one.toml", "lat = 30.25", "lat = 91")
            .spoilt("scenarios/small.toml", "one = 14", "two = 14")
            .spoilt("scenarios/small.toml", "hold = 0.5", "hold = 5")
            .check_all(
                &[
                    "halls/one.toml:7 | not on the earth | WGS-84",
                    "scenarios/small.toml:12 | `hold` is 5 | from 0 to 1",
                ][..],
            );
    }
}
