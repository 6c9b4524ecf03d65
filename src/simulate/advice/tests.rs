use super::*;
use crate::domain::localized::Localized;
use crate::simulate::outcome::{Audited, Rush};

/// A lane with two bands of `capacity` places each, `booked` of them taken.
fn lane(id: &str, desks: u32, booked: [u32; 2], wait_p90_min: f64, utilisation: f64) -> LaneDay {
    let band = |(start, booked): (&str, u32)| BandDay {
        start: start.into(),
        end: String::new(),
        capacity: 20,
        booked,
        wait_mean_min: None,
        wait_p90_min: None,
        queue_max: 0,
        utilisation,
    };
    LaneDay {
        lane: id.into(),
        desks,
        bands: ["09:00", "09:30"].into_iter().zip(booked).map(band).collect(),
        came: booked.iter().sum(),
        no_shows: 0,
        walk_ins: 0,
        wait_mean_min: wait_p90_min / 2.0,
        wait_p90_min,
        queue_max: 0,
        utilisation,
        closes_min: 600.0,
        done_min: 600.0,
    }
}

fn played(lanes: Vec<LaneDay>) -> Played {
    let hall = HallDay { hall: "hall".into(), name: Localized::default(), lanes };
    Played {
        version: String::new(),
        rush: Rush::default(),
        halls: vec![hall],
        audited: Audited::Answers,
        violations: Vec::new(),
    }
}

fn away(lane: &str, band: &str, people: u32) -> TurnedAway {
    let hall = HallId::intern("hall").unwrap();
    TurnedAway { hall, lane: LaneId::intern(lane).unwrap(), band: band.parse().unwrap(), people }
}

/// A lane in which nine in ten wait at most `12 · (load + places) / desks − 60` minutes.
fn replay(load: u32) -> impl Fn(&Trial<'_>) -> Option<LaneDay> {
    move |trial| {
        let places = trial.places * u32::try_from(trial.bands.len()).unwrap();
        let wait_min = (12.0 * f64::from(load + places) / f64::from(trial.desks) - 60.0).max(0.0);
        Some(lane(trial.lane, trial.desks, [20, 20], wait_min, 0.9))
    }
}

#[track_caller]
fn check(today: LaneDay, away: &[TurnedAway], load: u32, expected: &[(&[&str], Change)]) {
    let found = advise(&played(vec![today]), away, &replay(load));
    let found: Vec<_> = found.iter().map(|advice| (advice.bands.clone(), advice.change)).collect();
    let owned = |bands: &[&str]| bands.iter().map(ToString::to_string).collect::<Vec<_>>();
    let expected: Vec<_> = expected.iter().map(|(bands, change)| (owned(bands), *change)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_lane_that_does_well_is_left_alone() {
    check(lane("counter", 6, [20, 20], 20.0, 0.8), &[], 40, &[]);
    check(lane("counter", 6, [20, 17], 30.0, 0.5), &[], 40, &[]);
}

#[test]
fn a_short_band_gets_places_for_all_and_is_told_how_many_its_desks_can_serve() {
    // Six desks keep to 30 minutes up to 45 persons; 540 persons need 72 desks, 540 · 12 / 72 − 60 = 30 minutes.
    let today = lane("counter", 6, [20, 20], 20.0, 0.8);
    let more = |places, desks, in_time, turned_away| Change::MorePlaces { places, desks, in_time, turned_away };
    check(today.clone(), &[away("counter", "09:30", 3)], 40, &[(&["09:30"], more(3, 0, 3, 3))]);
    check(today.clone(), &[away("counter", "09:30", 500)], 40, &[(&["09:30"], more(500, 66, 5, 500))]);
    let both = [away("counter", "09:00", 2), away("counter", "09:30", 1)];
    check(today.clone(), &both, 40, &[(&["09:00", "09:30"], more(2, 0, 2, 3))]);
    // Others' visitors are not this lane's.
    check(today, &[away("kiosk", "09:30", 3), away("counter", "11:00", 3)], 40, &[]);
}

#[test]
fn a_short_band_whose_desks_are_full_gets_desks() {
    // With 45 persons, six desks are at the bound; 20 more need nine desks, 65 · 12 / 9 − 60 = 26.7 minutes.
    let today = lane("counter", 6, [20, 20], 30.0, 0.95);
    let change = Change::MorePlaces { places: 20, desks: 3, in_time: 0, turned_away: 20 };
    check(today, &[away("counter", "09:00", 20)], 45, &[(&["09:00"], change)]);
}

#[test]
fn places_that_are_left_at_the_end_count_first() {
    let today = lane("counter", 6, [20, 12], 20.0, 0.8);
    check(today.clone(), &[away("counter", "09:30", 8)], 20, &[(&["09:30"], Change::SparePlaces { places: 8 })]);
    let change = Change::MorePlaces { places: 2, desks: 0, in_time: 2, turned_away: 10 };
    check(today, &[away("counter", "09:30", 10)], 20, &[(&["09:30"], change)]);
}

#[test]
fn a_long_wait_gets_the_fewest_desks_that_end_it() {
    // 40 persons: 5 desks 36 minutes, 6 desks 20; 1,000 persons need 134 desks.
    let change = |desks, wait_p90_min, then_p90_min| Change::MoreDesks { desks, wait_p90_min, then_p90_min };
    check(lane("counter", 5, [20, 20], 36.0, 0.9), &[], 40, &[(&[], change(1, 36.0, 20.0))]);
    let then_min = 12_000.0 / 134.0 - 60.0;
    check(lane("counter", 3, [20, 20], 3_940.0, 1.0), &[], 1_000, &[(&[], change(131, 3_940.0, then_min))]);
}

#[test]
fn a_lane_with_room_gives_up_desks_and_names_its_places() {
    // 40 persons: 7 desks keep to 8.6 minutes, 6 would mean 20, which is below the bound and above the margin.
    let fewer = Change::FewerDesks { desks: 3, utilisation: 0.3 };
    check(lane("counter", 10, [20, 20], 0.0, 0.3), &[], 40, &[(&[], fewer)]);
    check(
        lane("counter", 10, [20, 5], 0.0, 0.3),
        &[],
        40,
        &[(&[], fewer), (&["09:30"], Change::SparePlaces { places: 15 })],
    );
    check(lane("counter", 10, [5, 5], 0.0, 0.6), &[], 40, &[(&[], Change::SparePlaces { places: 30 })]);
    check(lane("counter", 1, [20, 20], 0.0, 0.1), &[], 0, &[]);
    // Whoever turns visitors away has no room to spare.
    let more = Change::MorePlaces { places: 4, desks: 0, in_time: 4, turned_away: 4 };
    check(lane("counter", 10, [20, 5], 0.0, 0.3), &[away("counter", "09:00", 4)], 40, &[(&["09:00"], more)]);
}

#[test]
fn the_most_urgent_comes_first() {
    let lanes = vec![
        lane("roomy", 10, [20, 0], 0.0, 0.3),
        lane("slow", 5, [20, 20], 36.0, 0.9),
        lane("slower", 4, [20, 20], 60.0, 0.9),
        lane("short", 6, [20, 20], 20.0, 0.8),
        lane("shorter", 6, [20, 20], 20.0, 0.8),
    ];
    let away = [away("short", "09:00", 1), away("shorter", "09:30", 7)];
    let advice = advise(&played(lanes), &away, &replay(40));
    let lanes: Vec<_> = advice.iter().map(|advice| advice.lane.as_str()).collect();
    assert_eq!(lanes, ["shorter", "short", "slower", "slow", "roomy", "roomy"]);
    assert!(matches!(advice[4].change, Change::FewerDesks { .. }));
    assert!(matches!(advice[5].change, Change::SparePlaces { places: 20 }));
}

#[test]
fn nothing_is_said_of_a_lane_that_cannot_be_tried() {
    let lanes = vec![lane("counter", 5, [20, 20], 36.0, 0.9)];
    assert_eq!(advise(&played(lanes), &[away("counter", "09:00", 5)], &|_| None), []);
}

#[test]
fn one_slow_band_is_not_hidden_by_the_day() {
    // The day as a whole never waits; each place more costs its band two minutes, each desk less ten.
    let replay = |trial: &Trial<'_>| {
        let mut day = lane(trial.lane, trial.desks, [20, 20], 0.0, 0.4);
        day.bands[1].wait_p90_min = Some(f64::from(20 + 2 * trial.places + 60 - 10 * trial.desks));
        Some(day)
    };
    let advice = |today: LaneDay, away: &[TurnedAway]| advise(&played(vec![today]), away, &replay);
    let more = advice(lane("counter", 6, [20, 20], 0.0, 0.9), &[away("counter", "09:30", 8)]);
    assert_eq!(more[0].change, Change::MorePlaces { places: 8, desks: 1, in_time: 5, turned_away: 8 });
    let fewer = advice(lane("counter", 8, [20, 20], 0.0, 0.4), &[]);
    assert_eq!(fewer[0].change, Change::FewerDesks { desks: 1, utilisation: 0.4 });
}

#[test]
fn the_fewest_are_found() {
    for answer in 1..200 {
        for (first, last) in [(1, 200), (answer, answer), (1, answer), (answer, 10_000)] {
            assert_eq!(fewest(first, last, |number| number >= answer), Some(answer), "{first} to {last}");
        }
        assert_eq!(fewest(1, answer, |_| false), None);
    }
    assert_eq!(fewest(5, 3, |_| true), None);
    assert_eq!(fewest(3, 9, |_| true), Some(3));
}
