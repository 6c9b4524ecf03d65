//! Days whose course is known, and days that are compared.

use std::num::NonZeroU32;

use super::{clockwork, hall, hall_id, lane, plan};
use crate::config::scenario::DayPlan;
use crate::domain::name::{LaneId, ServiceId};
use crate::simulate::advice::Trial;
use crate::simulate::day::doors::Doors;
use crate::simulate::day::people::People;
use crate::simulate::day::queue::{Customer, serve};
use crate::simulate::day::streams::Streams;
use crate::simulate::day::{OpenLane, Replay, play, play_lane};
use crate::simulate::outcome::LaneDay;

const USUAL: &str = "08:30-12:00 13:30-17:00";

#[track_caller]
fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
}

#[test]
fn a_day_by_clockwork() {
    // Three at once every half hour, 10 minutes each, one desk: waits of 0, 10 and 20 minutes, and never idle.
    let day = play_lane(1, hall_id(), &lane(1, USUAL, 4, 3), &clockwork(10.0));

    assert_eq!((day.came, day.no_shows, day.walk_ins, day.queue_max), (42, 0, 0, 2));
    assert_near(day.wait_mean_min, 10.0);
    assert_near(day.wait_p90_min, 20.0);
    assert_near(day.utilisation, 1.0);
    assert_near(day.closes_min, 1_020.0);
    assert_near(day.done_min, 1_020.0);
    let band = &day.bands[7];
    assert_eq!((band.start.as_str(), band.capacity, band.booked, band.queue_max), ("13:30", 4, 3, 2));
    assert_near(band.wait_mean_min.unwrap(), 10.0);
    assert_near(band.wait_p90_min.unwrap(), 20.0);
    assert_near(band.utilisation, 1.0);
}

#[test]
fn a_service_is_finished_in_the_break_and_begun_after_it() {
    // Two at 09:00 and two at 09:30, 25 minutes each; one desk that works until 10:00 and again from 11:00.
    let mut lane = lane(1, "09:00-10:00 11:00-11:30", 2, 2);
    lane.bands.truncate(2);
    let day = play_lane(1, hall_id(), &lane, &clockwork(25.0));

    // Begun at 09:00, 09:25, 09:50 (done at 10:15) and, after the break, at 11:00.
    assert_near(day.done_min, 11.0 * 60.0 + 25.0);
    assert_near(day.wait_mean_min, (0.0 + 25.0 + 20.0 + 90.0) / 4.0);
    assert_near(day.bands[1].utilisation, 1.0);
    assert_near(day.utilisation, (60.0 + 25.0) / 90.0);
}

#[test]
fn everybody_inside_at_closing_is_served_and_nobody_later() {
    let band_at_11 = |early_min: f64| {
        let mut lane = lane(1, "09:00-11:30", 3, 3);
        lane.bands.drain(..4);
        play_lane(1, hall_id(), &lane, &DayPlan { early_min: (early_min, 0.0), ..clockwork(20.0) })
    };
    let on_time = band_at_11(0.0);
    assert_eq!((on_time.came, on_time.no_shows), (3, 0));
    assert_near(on_time.done_min, 12.0 * 60.0);
    let too_late = band_at_11(-30.0);
    assert_eq!((too_late.came, too_late.no_shows), (0, 3));
    assert_near(too_late.done_min, too_late.closes_min);
}

#[test]
fn who_comes_before_the_doors_open_waits_outside() {
    let day =
        play_lane(1, hall_id(), &lane(1, "09:00-10:00", 1, 1), &DayPlan { early_min: (45.0, 0.0), ..clockwork(30.0) });
    // Both are inside at 09:00, the second though booked for 09:30; the wait outside is not counted.
    assert_near(day.wait_mean_min, 15.0);
    assert_near(day.done_min, 600.0);
}

#[test]
fn a_booking_goes_before_walk_ins_once_its_band_has_begun() {
    // One walk-in comes for each that booked; on average those who booked must not wait longer.
    let lane = lane(2, USUAL, 8, 4);
    let plan = DayPlan { walk_ins: 1.0, early_min: (0.0, 0.0), no_show: 0.0, ..plan() };
    let doors = Doors::new(&lane.periods);
    let (mut booked_wait, mut walk_in_wait) = (0.0, 0.0);
    for seed in 0..20 {
        let people = People::draw(&Streams::new(seed, hall_id(), lane.id), &doors, &lane, &plan);
        let visits = serve(&people.customers, lane.desks, &doors.shifts());
        for (customer, visit) in people.customers.iter().zip(visits) {
            *if customer.due_min.is_some() { &mut booked_wait } else { &mut walk_in_wait } += visit.wait_min();
        }
    }
    assert!(booked_wait * 2.0 < walk_in_wait, "booked {booked_wait}, walk-ins {walk_in_wait}");
}

#[test]
fn a_closed_hall_has_an_empty_day() {
    let mut lane = lane(3, USUAL, 4, 2);
    lane.periods.clear();
    let day = play_lane(1, hall_id(), &lane, &plan());
    assert_eq!((day.came, day.no_shows, day.walk_ins, day.queue_max), (0, 28, 0, 0));
    assert_near(day.utilisation + day.wait_mean_min + day.done_min, 0.0);
}

#[test]
fn nobody_booked_is_a_day_of_no_work() {
    let day = play_lane(1, hall_id(), &lane(3, USUAL, 4, 0), &plan());
    assert_eq!((day.came, day.walk_ins, day.bands.len()), (0, 0, 14));
    assert!(day.bands.iter().all(|band| band.wait_mean_min.is_none() && band.wait_p90_min.is_none()));
    assert_near(day.done_min, 1_020.0);
}

#[test]
fn the_same_seed_gives_the_same_day_and_another_one_another() {
    let hall =
        hall(vec![lane(4, USUAL, 30, 20), OpenLane { id: LaneId::intern("kiosk").unwrap(), ..lane(2, USUAL, 10, 5) }]);
    let told = |seed| serde_json::to_string(&play(seed, &hall, &plan())).unwrap();
    assert_eq!(told(3), told(3));
    assert_ne!(told(3), told(4));
    let day = play(3, &hall, &plan());
    assert_eq!((day.hall.as_str(), day.lanes[1].lane.as_str(), day.lanes[1].desks), ("hall", "kiosk", 2));
}

#[test]
fn shares_come_out_as_planned() {
    let lane = lane(60, USUAL, 400, 400);
    let day = play_lane(9, hall_id(), &lane, &plan());
    let booked = 5_600.0;
    // Four standard deviations: of a binomial and of a Poisson number.
    assert!((f64::from(day.no_shows) - 0.12 * booked).abs() < 4.0 * (0.12 * 0.88 * booked).sqrt(), "{}", day.no_shows);
    assert!((f64::from(day.walk_ins) - 0.4 * booked).abs() < 4.0 * (0.4 * booked).sqrt(), "{}", day.walk_ins);
}

#[test]
fn a_desk_more_never_makes_the_mean_wait_longer() {
    for (booked, walk_ins) in [(4, 0.4), (10, 0.0), (12, 0.4), (20, 1.0)] {
        for seed in 0..5 {
            let plan = DayPlan { walk_ins, ..plan() };
            let wait = |desks| play_lane(seed, hall_id(), &lane(desks, USUAL, 20, booked), &plan).wait_mean_min;
            let waits: Vec<_> = (1..12).map(wait).collect();
            assert!(waits.is_sorted_by(|fewer, more| more <= fewer), "{booked} booked, seed {seed}: {waits:?}");
        }
    }
}

/// Everybody who comes, as bits: by whether booked, arrival, service.
fn people(lane: &OpenLane, plan: &DayPlan) -> Vec<(bool, u64, u64)> {
    let people = People::draw(&Streams::new(5, hall_id(), lane.id), &Doors::new(&lane.periods), lane, plan);
    let of = |customer: &Customer| {
        (customer.due_min.is_some(), customer.arrives_min.to_bits(), customer.service_min.to_bits())
    };
    people.customers.iter().map(of).collect()
}

#[test]
fn people_stay_who_they_are_when_something_else_changes() {
    let plan = DayPlan { walk_ins: 0.5, ..plan() };
    let today = lane(4, USUAL, 20, 10);
    let before = people(&today, &plan);

    let mut desks = today.clone();
    desks.desks = NonZeroU32::MAX;
    assert_eq!(people(&desks, &plan), before, "desks change nobody");

    let mut longer = today.clone();
    longer.bands[2].booked.extend([ServiceId::intern("passport.renewal").unwrap(); 6]);
    let after = people(&longer, &plan);
    assert!(after.len() > before.len() && before.iter().all(|one| after.contains(one)), "people are only added");

    let nobody_stays_away = people(&today, &DayPlan { no_show: 0.0, ..plan.clone() });
    assert!(before.iter().all(|one| nobody_stays_away.contains(one)));
}

#[test]
fn a_replay_changes_only_what_is_tried() {
    let halls = [hall(vec![lane(3, USUAL, 12, 10)])];
    let plan = plan();
    let replay = Replay { seed: 5, halls: &halls, plan: &plan };
    let today = play(5, &halls[0], &plan).lanes.remove(0);
    let told = |day: &LaneDay| serde_json::to_string(day).unwrap();
    let nothing = Trial { hall: "hall", lane: "counter", desks: 3, bands: &[], places: 0 };

    assert_eq!(told(&replay.lane(&nothing).unwrap()), told(&today));
    let more_desks = replay.lane(&Trial { desks: 4, ..nothing }).unwrap();
    assert_eq!((more_desks.desks, more_desks.came, more_desks.walk_ins), (4, today.came, today.walk_ins));
    assert!(more_desks.wait_mean_min < today.wait_mean_min);
    let fuller = replay.lane(&Trial { bands: &["09:00".into()], places: 5, ..nothing }).unwrap();
    let booked = |day: &LaneDay| day.bands.iter().map(|band| band.booked).collect::<Vec<_>>();
    assert_eq!(booked(&fuller)[..3], [10, 17, 10], "two places that were left, and five more");
    assert_eq!(booked(&fuller)[3..], booked(&today)[3..]);
    assert!(replay.lane(&Trial { hall: "elsewhere", ..nothing }).is_none());
    assert!(replay.lane(&Trial { lane: "kiosk", ..nothing }).is_none());
}
