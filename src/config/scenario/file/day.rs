//! The table `[day]` of a scenario: how the halls work on the day itself.

use super::names::Names;
use crate::config::read::amounts;
use crate::config::read::amounts::MAX_MINUTES;
use crate::config::read::document::{Node, Shape, Table, all};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::scenario::{DayPlan, Desks};
use crate::domain::hall::Hall;
use crate::domain::name::{HallId, ServiceId};

/// How many walk-ins may come for each person with a booking.
const MAX_WALK_INS: f64 = 5.0;
/// How many counters, or kiosks, one hall may have.
const MAX_DESKS: u32 = 10_000;
/// The key under which the service time of every service that is not named stands.
const OTHER: &str = "other";

static DAY: Shape = Shape {
    name: "[day]",
    keys: &[
        ("no_show", "0.12"),
        ("early_min", "{ mean = 8, sd = 12 }"),
        ("walk_ins", "0.1"),
        ("utilisation", "0.85"),
        ("service_min", "{ other = { mean = 8, sd = 3 } }"),
        ("desks", "{ hangzhou-shi-crj = { counters = 17, kiosks = 2 } }"),
    ],
    other: None,
};

static SERVICE_MIN: Shape =
    Shape { name: "[day.service_min]", keys: &[(OTHER, "{ mean = 8, sd = 3 }")], other: Some("{ mean = 10, sd = 4 }") };

static DESKS: Shape = Shape { name: "[day.desks]", keys: &[], other: Some("{ counters = 17, kiosks = 2 }") };

static HALL_DESKS: Shape =
    Shape { name: "the desks of a hall", keys: &[("counters", "17"), ("kiosks", "2")], other: None };

/// Service times: those of named services, and that of every other one.
type ServiceTimes = (Vec<(ServiceId, (f64, f64))>, (f64, f64));

/// Reads the table.
pub(crate) fn read(node: Node<'_>, names: &Names<'_>) -> Option<DayPlan> {
    let table = node.table(&DAY)?;
    let no_show = table.need("no_show").and_then(amounts::share);
    let early_min = table.need("early_min").and_then(early_min);
    let walk_ins = table.need("walk_ins").and_then(|node| amounts::within(node, 0.0..=MAX_WALK_INS));
    let utilisation = table.need("utilisation").and_then(|node| amounts::above_zero(node, 1.0));
    let service_times = table.need("service_min").and_then(|node| service_times(node, names));
    let desks = table.get("desks").map_or(Some(Vec::new()), |node| desks(node, names));
    let (service_times_min, service_min) = service_times?;
    Some(DayPlan {
        no_show: no_show?,
        early_min: early_min?,
        walk_ins: walk_ins?,
        service_times_min,
        service_min,
        desks: desks?,
        utilisation: utilisation?,
    })
}

fn early_min(node: Node<'_>) -> Option<(f64, f64)> {
    amounts::spread(node, |mean| amounts::within(mean, -MAX_MINUTES..=MAX_MINUTES))
}

fn service_times(node: Node<'_>, names: &Names<'_>) -> Option<ServiceTimes> {
    let table = node.table(&SERVICE_MIN)?;
    let time = |node| amounts::spread(node, |mean| amounts::above_zero(mean, MAX_MINUTES));
    let others = table.need(OTHER).and_then(time);
    let named = table.nodes().filter(|node| node.key != OTHER);
    let named = all(named.map(|node| {
        let (service, time) = (names.service(&node), time(node));
        Some(service?.id).zip(time)
    }));
    named.zip(others)
}

fn desks(node: Node<'_>, names: &Names<'_>) -> Option<Vec<(HallId, Desks)>> {
    all(node.table(&DESKS)?.nodes().map(|node| {
        let hall = names.hall(&node);
        let table = node.table(&HALL_DESKS)?;
        let counters = number_of_desks(&table, "counters", "counter", hall);
        let kiosks = number_of_desks(&table, "kiosks", "kiosk", hall);
        Some((hall?.id, Desks { counters: counters?, kiosks: kiosks? }))
    }))
}

/// How many desks of a lane a hall has: some where it has the lane, else none.
fn number_of_desks(table: &Table<'_>, key: &str, lane: &str, hall: Option<&Hall>) -> Option<u32> {
    let node = table.get(key);
    let number = node.map_or(Some(0), |node| node.number(0..=MAX_DESKS))?;
    let place = node.map_or_else(|| table.place(), |node| node.place());
    let Hall { id, lanes, .. } = hall?;
    match (lanes.iter().any(|it| it.id.as_str() == lane), number) {
        (true, 0) => {
            let message = format!("the hall `{id}` has a lane `{lane}` and no {key}");
            let mend = format!("give it at least 1, such as `{key} = 2`, or take the hall out of [day.desks]");
            table.findings().report(&place, Flaw::of_scenario(message), Mend::of_scenario(mend));
        }
        (false, 1..) => {
            let mend = format!("leave `{key}` out, or add [hall.lanes.{lane}] to the hall");
            let flaw = Flaw::of_scenario(format!("the hall `{id}` has {key} and no lane `{lane}`"));
            table.findings().report(&place, flaw, Mend::of_scenario(mend));
        }
        (true, 1..) | (false, 0) => {}
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, check_scenario as check};

    fn day_of(fixture: &Fixture) -> DayPlan {
        fixture.scenarios()[0].day.clone()
    }

    #[test]
    fn a_day_is_read_with_everything_in_it() {
        let day = DayPlan {
            no_show: 0.125,
            early_min: (-8.0, 12.0),
            walk_ins: 0.1,
            service_times_min: vec![(ServiceId::intern("passport.renewal").unwrap(), (10.0, 4.0))],
            service_min: (7.0, 0.0),
            desks: vec![(HallId::intern("one").unwrap(), Desks { counters: 17, kiosks: 2 })],
            utilisation: 0.85,
        };
        assert_eq!(day_of(&Fixture::with_scenario()), day);
    }

    #[test]
    fn desks_and_times_of_single_services_may_be_left_out() {
        let fixture = Fixture::with_scenario()
            .spoilt("scenarios/small.toml", "[day.desks]\none = { counters = 17, kiosks = 2 }\n", "")
            .spoilt("scenarios/small.toml", "\"passport.renewal\" = { mean = 10, sd = 4 }\n", "");
        let day = day_of(&fixture);
        assert!(day.desks.is_empty() && day.service_times_min.is_empty(), "{day:?}");
        assert_eq!(day.service_min, (7.0, 0.0));
    }

    #[test]
    fn the_errors_of_a_day() {
        check("no_show = 0.125", "no_show = 1.1", "21 | `no_show` is 1.1 | a number from 0 to 1");
        check("no_show = 0.125", "no_show = -inf", "21 | `no_show` is -inf | a number from 0 to 1");
        check("sd = 12", "sd = -1", "22 | `sd` is -1 | a number from 0 to 1440");
        check("mean = -8", "mean = nan", "22 | `mean` is NaN | a number from -1440 to 1440");
        check("mean = -8, ", "", "22 | a time with its spread lacks the key `mean` | such as `mean = 8`");
        check("{ mean = -8, sd = 12 }", "8", "22 | `early_min` wants a table | `early_min = { mean = 8, sd = 12 }`");
        check("walk_ins = 0.1", "walk_ins = 5.5", "23 | `walk_ins` is 5.5 | a number from 0 to 5");
        check("walk_ins = 0.1", "walk_ins = -0.1", "23 | `walk_ins` is -0.1 | a number from 0 to 5");
        check("utilisation = 0.85", "utilisation = 0", "24 | `utilisation` is 0 | above 0, at most 1");
        check("utilisation = 0.85", "utilisation = 1.01", "24 | `utilisation` is 1.01 | above 0, at most 1");
        check("utilisation = 0.85", "utilisation = nan", "24 | `utilisation` is NaN | above 0, at most 1");
        check("no_show = 0.125\n", "", "20 | [day] lacks the key `no_show` | such as `no_show = 0.12`");
        check("utilisation = 0.85", "load = 0.85\nutilisation = 1", "24 | unknown key `load` in [day] | `utilisation`");
    }

    #[test]
    fn the_errors_of_service_times() {
        check("mean = 10", "mean = 0", "26 | `mean` is 0 | above 0, at most 1440");
        check("mean = 10", "mean = -3", "26 | `mean` is -3 | above 0, at most 1440");
        check("mean = 7", "mean = 0.0", "27 | `mean` is 0 | above 0, at most 1440");
        check("mean = 7", "mean = 1e999", "27 | `mean` is inf | above 0, at most 1440");
        check("sd = 0 ", "sd = -0.5 ", "27 | `sd` is -0.5 | a number from 0 to 1440");
        check("other = { mean = 7, sd = 0 }\n", "", "25 | [day.service_min] lacks the key `other` | such as `other = ");
        let unknown = "\"visa\" = { mean = 1, sd = 0 }\nother";
        check("other", unknown, "27 | no service has the id `visa` | the id of a service in services.toml");
    }

    #[test]
    fn a_lane_has_desks_and_desks_have_a_lane() {
        check("counters = 17", "counters = 0", "29 | the hall `one` has a lane `counter` and no counters | at least 1");
        check("counters = 17, ", "", "29 | the hall `one` has a lane `counter` and no counters | at least 1");
        check("kiosks = 2", "kiosks = 0", "29 | the hall `one` has a lane `kiosk` and no kiosks | at least 1");
        check("kiosks = 2", "kiosks = -2", "29 | `kiosks` is -2 | a whole number from 0 to 10000");
        check("counters = 17", "counters = 1.5", "29 | `counters` wants a whole number | `counters = 17`");
        check("kiosks = 2", "kiosk = 2, kiosks = 2", "29 | unknown key `kiosk` in the desks of a hall | `kiosks`");
        check("one = { c", "two = { c", "29 | no hall has the id `two` | the id of a hall in halls/");

        let kiosk = "[hall.lanes.kiosk]\nband_minutes = 15\ncapacity = 6\n";
        let other = crate::config::tests::HALL.replace("\"one\"", "\"two\"");
        let fixture = Fixture::with_scenario()
            .with("halls/two.toml", other)
            .spoilt("halls/one.toml", kiosk, "")
            .spoilt("halls/one.toml", ", \"permit.endorsement\"", "");
        fixture.check_all(&[
            "scenarios/small.toml:29 | the hall `one` has kiosks and no lane `kiosk` | leave `kiosks` out",
        ]);
        let day = day_of(&fixture.spoilt("scenarios/small.toml", ", kiosks = 2", ""));
        assert_eq!(day.desks[0].1, Desks { counters: 17, kiosks: 0 });
    }
}
