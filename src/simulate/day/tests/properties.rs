//! What holds for every queue and every day.

use std::num::NonZeroU32;

use proptest::prelude::*;

use super::{hall_id, lane, plan};
use crate::config::scenario::DayPlan;
use crate::simulate::day::doors::Doors;
use crate::simulate::day::people::People;
use crate::simulate::day::queue::{Customer, Shift, Visit, serve};
use crate::simulate::day::steps::Steps;
use crate::simulate::day::streams::Streams;
use crate::simulate::day::{OpenLane, play_lane};

const SHIFTS: [Shift; 2] = [Shift { from_min: 10.0, to_min: 30.0 }, Shift { from_min: 40.0, to_min: f64::INFINITY }];

prop_compose! {
    /// Arrivals, before, within and between shifts, on a grid of quarter minutes so that many fall together.
    fn customers(dues: bool)(
        drawn in prop::collection::vec((0_u16..280, 0_u16..60, prop::option::of(0_u16..280)), 0..60)
    ) -> Vec<Customer> {
        let quarters = |quarters: u16| f64::from(quarters) / 4.0;
        let customer = |(arrives, service, due): (u16, u16, Option<u16>)| Customer {
            arrives_min: quarters(arrives),
            service_min: quarters(service),
            due_min: due.filter(|_| dues).map(quarters),
        };
        let mut customers: Vec<_> = drawn.into_iter().map(customer).collect();
        customers.sort_by(|one, other| one.arrives_min.total_cmp(&other.arrives_min));
        customers
    }
}

fn begins_in_a_shift(minute: f64) -> bool {
    SHIFTS.iter().any(|shift| (shift.from_min..shift.to_min).contains(&minute))
}

/// First come, first served without ranks, told without events: each takes the desk that is free first, then waits for
/// a shift.
fn naive_begins(customers: &[Customer], desks: u32) -> Vec<f64> {
    let mut free_min = vec![0.0_f64; desks as usize];
    let begin = |customer: &Customer| {
        let desk = free_min.iter_mut().min_by(|one, other| one.total_cmp(other)).unwrap();
        let ready = customer.arrives_min.max(*desk);
        let shift = SHIFTS.iter().find(|shift| ready < shift.to_min).unwrap();
        let began = ready.max(shift.from_min);
        *desk = began + customer.service_min;
        began
    };
    customers.iter().map(begin).collect()
}

fn busy_at(visits: &[Visit], minute: f64) -> usize {
    visits.iter().filter(|visit| visit.began_min <= minute && minute < visit.done_min).count()
}

proptest! {
    #[test]
    fn without_ranks_the_queue_is_the_naive_one(customers in customers(false), desks in 1_u32..5) {
        let visits = serve(&customers, NonZeroU32::new(desks).unwrap(), &SHIFTS);
        let begins: Vec<_> = visits.iter().map(|visit| visit.began_min).collect();
        prop_assert_eq!(begins, naive_begins(&customers, desks));
    }

    #[test]
    fn without_ranks_a_desk_more_makes_nobody_wait_longer(customers in customers(false), desks in 1_u32..5) {
        let fewer = serve(&customers, NonZeroU32::new(desks).unwrap(), &SHIFTS);
        let more = serve(&customers, NonZeroU32::new(desks + 1).unwrap(), &SHIFTS);
        prop_assert!(fewer.iter().zip(&more).all(|(fewer, more)| more.began_min <= fewer.began_min));
    }

    #[test]
    fn a_queue_keeps_its_invariants(customers in customers(true), desks in 1_u32..5) {
        let visits = serve(&customers, NonZeroU32::new(desks).unwrap(), &SHIFTS);
        prop_assert_eq!(visits.len(), customers.len());
        let due_at = |who: usize, minute: f64| customers[who].due_min.is_some_and(|due| due <= minute);
        for (who, visit) in visits.iter().enumerate() {
            prop_assert!(visit.began_min >= visit.arrived_min && begins_in_a_shift(visit.began_min));
            prop_assert!((visit.done_min - visit.began_min - customers[who].service_min).abs() < 1e-9);
            prop_assert!(busy_at(&visits, visit.began_min) <= desks as usize);
            // Whoever waited at that moment and was called later had no better claim.
            for (other, waiting) in visits.iter().enumerate() {
                if waiting.arrived_min <= visit.began_min && waiting.began_min > visit.began_min {
                    let (mine, theirs) = (due_at(who, visit.began_min), due_at(other, visit.began_min));
                    prop_assert!((!mine, who) < (!theirs, other), "{} before {}", who, other);
                }
            }
        }
        // No desk is idle in a shift while somebody waits: all are busy until the moment somebody is called who waited.
        for visit in visits.iter().filter(|visit| visit.wait_min() > 0.0) {
            for minute in [visit.arrived_min, visit.arrived_min.midpoint(visit.began_min), visit.began_min.next_down()] {
                prop_assert!(!begins_in_a_shift(minute) || busy_at(&visits, minute) == desks as usize);
            }
        }
    }

    #[test]
    fn littles_law_holds_on_the_path(customers in customers(true), desks in 1_u32..5) {
        // From the first arrival until the last one is gone, L·T is the area below the path and λ·T the number of people,
        // so L = λ·W is that the area equals the sum of the stays; for the room, the queue and the desks alike.
        let visits = serve(&customers, NonZeroU32::new(desks).unwrap(), &SHIFTS);
        let room = visits.iter().map(|visit| (visit.arrived_min, visit.done_min));
        let queue = visits.iter().map(|visit| (visit.arrived_min, visit.began_min));
        let at_desks = visits.iter().map(|visit| (visit.began_min, visit.done_min));
        for stays in [room.collect::<Vec<_>>(), queue.collect(), at_desks.collect()] {
            let sum: f64 = stays.iter().map(|(from, to)| to - from).sum();
            let area = Steps::of(stays.into_iter()).area();
            prop_assert!((sum - area).abs() < 1e-6, "{} and {}", sum, area);
        }
        let served: f64 = customers.iter().map(|customer| customer.service_min).sum();
        let busy: f64 = visits.iter().map(|visit| visit.done_min - visit.began_min).sum();
        prop_assert!((served - busy).abs() < 1e-6, "busy as long as the services take");
    }
}

prop_compose! {
    fn small_day()(
        desks in 1_u32..6,
        hours in prop::sample::select(vec!["08:30-12:00 13:30-17:00", "09:00-12:00", "10:00-18:00", ""]),
        booked in 0_usize..8,
        no_show in 0.0..=1.0,
        mean_early_min in -20.0..40.0,
        early_deviation_min in 0.0..40.0,
        walk_ins in 0.0..2.0,
        service_min in (0.5..20.0, 0.0..20.0),
    ) -> (OpenLane, DayPlan) {
        let early_min = (mean_early_min, early_deviation_min);
        (lane(desks, hours, 6, booked), DayPlan { no_show, early_min, walk_ins, service_min, ..plan() })
    }
}

proptest! {
    #[test]
    fn a_day_adds_up((lane, plan) in small_day(), seed: u64) {
        let day = play_lane(seed, hall_id(), &lane, &plan);
        let booked: usize = lane.bands.iter().map(|band| band.booked.len()).sum();
        prop_assert_eq!((day.came + day.no_shows) as usize, booked);
        prop_assert_eq!(day.bands.len(), lane.bands.len());
        prop_assert!(day.queue_max <= day.came + day.walk_ins);
        prop_assert!(day.bands.iter().all(|band| band.queue_max <= day.queue_max));
        for utilisation in day.bands.iter().map(|band| band.utilisation).chain([day.utilisation]) {
            prop_assert!((0.0..=1.0).contains(&utilisation));
        }
        // Bands cover the opening hours here, so the day is the mean of them.
        let of_bands: f64 = day.bands.iter().map(|band| band.utilisation).sum();
        let bands = f64::from(u32::try_from(day.bands.len()).unwrap()).max(1.0);
        prop_assert!((of_bands / bands - day.utilisation).abs() < 1e-9);
        prop_assert!(day.wait_mean_min >= 0.0 && day.wait_p90_min >= 0.0);
        prop_assert_eq!(format!("{day:?}"), format!("{:?}", play_lane(seed, hall_id(), &lane, &plan)));
    }

    #[test]
    fn nobody_is_inside_or_served_out_of_hours((lane, plan) in small_day(), seed: u64) {
        let doors = Doors::new(&lane.periods);
        let people = People::draw(&Streams::new(seed, hall_id(), lane.id), &doors, &lane, &plan);
        let visits = serve(&people.customers, lane.desks, &doors.shifts());
        prop_assert_eq!(visits.len(), (people.came + people.walk_ins) as usize, "everybody who came was served");
        for visit in visits {
            let open = |minute| doors.periods().iter().any(|open| (open.from_min..open.to_min).contains(&minute));
            prop_assert!(open(visit.arrived_min));
            prop_assert!(open(visit.began_min) || visit.began_min >= doors.closes_min());
        }
    }
}
