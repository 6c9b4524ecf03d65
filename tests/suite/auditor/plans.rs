//! The configurations between which the random sequences reload.

use chrono::Weekday;

use crate::world::day;
use crate::world::plan::{HallPlan, LanePlan, Plan, ServicePlan, hall, lane};

/// Halls and services that a sequence asks for. The last of each is in no configuration.
pub const HALLS: [&str; 4] = ["hall-one", "hall-two", "hall-three", "hall-nowhere"];
pub const SERVICES: [&str; 5] = ["passport.renewal", "passport.first", "permit.renewal", "card.first", "visa.first"];

/// The configuration with which every sequence begins and ends: it has every band that any other has.
pub fn base() -> Plan {
    Plan {
        version: "base",
        min_days_ahead: 1,
        window_days: 6,
        release: 540,
        hold_minutes: 10,
        hold_extension_minutes: 5,
        max_party: 4,
        max_active: 4,
        holidays: vec![day(3), day(9), day(16)],
        workdays: vec![(day(4), Weekday::Mon), (day(12), Weekday::Fri), (day(18), Weekday::Sun)],
        halls: vec![one(), two(), three()],
        services: [("passport", "counter"), ("passport", "counter"), ("permit", "kiosk"), ("card", "counter")]
            .into_iter()
            .zip(SERVICES)
            .map(|((document, lane), id)| ServicePlan { id, document, lane })
            .collect(),
    }
}

/// Weekdays with a lunch break, a short Saturday, no Sunday; exceptions both ways.
fn one() -> HallPlan {
    let mut hours = std::array::from_fn(|_| vec![(540, 635), (780, 840)]);
    hours[5] = vec![(540, 600)];
    hours[6] = vec![];
    HallPlan {
        hours,
        exceptions: vec![(day(2), vec![]), (day(5), vec![(540, 600)]), (day(10), vec![(570, 630)])],
        ..hall("hall-one", vec![LanePlan { single: vec![(540, 1)], ..lane("counter", 2) }, lane("kiosk", 1)])
    }
}

/// Two hours behind the others, open on a holiday, for passports only.
fn two() -> HallPlan {
    HallPlan {
        zone: "Asia/Urumqi",
        ahead: 360,
        hours: std::array::from_fn(|_| vec![(540, 630)]),
        exceptions: vec![(day(9), vec![(540, 570)])],
        documents: vec!["passport"],
        ..hall("hall-two", vec![lane("counter", 1)])
    }
}

fn three() -> HallPlan {
    HallPlan { hours: std::array::from_fn(|_| vec![(540, 600)]), ..hall("hall-three", vec![lane("kiosk", 2)]) }
}

/// Every configuration, the base first.
pub fn all() -> Vec<Plan> {
    let base = base();
    let with = |version, change: &dyn Fn(&mut Plan)| {
        let mut plan = Plan { version, ..base.clone() };
        change(&mut plan);
        plan
    };
    vec![
        base.clone(),
        with("more places", &|plan| {
            plan.halls.iter_mut().flat_map(|hall| &mut hall.lanes).for_each(|lane| lane.capacity += 1);
            plan.max_active = 8;
        }),
        with("one place a band", &|plan| {
            plan.halls.iter_mut().flat_map(|hall| &mut hall.lanes).for_each(|lane| lane.capacity = 1);
        }),
        with("bands removed", &|plan| plan.halls[0].hours[..5].fill(vec![(570, 600), (780, 840)])),
        with("days closed", &|plan| {
            plan.halls[0].exceptions = [1, 4, 6, 7, 13].map(|date| (day(date), vec![])).into();
            plan.holidays.push(day(8));
        }),
        with("services removed", &|plan| {
            plan.halls[0].documents = vec!["permit", "card"];
            plan.services.pop();
        }),
        with("everything shorter", &|plan| {
            (plan.window_days, plan.release, plan.hold_minutes) = (2, 0, 1);
            (plan.max_party, plan.max_active, plan.hold_extension_minutes) = (5, 2, 0);
        }),
        with("hall removed", &|plan| drop(plan.halls.remove(1))),
        with("lane removed", &|plan| drop(plan.halls[0].lanes.remove(1))),
        with("bands of twenty minutes", &|plan| plan.halls[0].lanes[0].minutes = 20),
        with("two days ahead", &|plan| plan.min_days_ahead = 2),
    ]
}
