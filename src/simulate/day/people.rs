//! Who comes to a lane on the day, when, and how long they take.

use rand::RngExt;
use rand::distr::{Bernoulli, Distribution};
use rand_distr::Normal;

use crate::config::scenario::DayPlan;
use crate::domain::name::ServiceId;

use super::doors::Doors;
use super::queue::Customer;
use super::service_time::{lognormal, service_time_min};
use super::streams::Streams;
use super::walk_ins::{Profile, how_many};
use super::{BookedBand, OpenLane, count};

/// The people of a lane.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Those who come, in order of arrival.
    pub customers: Vec<Customer>,
    /// How many of them have booked.
    pub came: u32,
    /// How many have booked and do not come, or come after the hall has closed.
    pub no_shows: u32,
    /// How many come without a booking.
    pub walk_ins: u32,
}

impl People {
    pub(super) fn draw(streams: &Streams, doors: &Doors, lane: &OpenLane, plan: &DayPlan) -> Self {
        let mut customers: Vec<_> = lane.bands.iter().flat_map(|band| booked(streams, doors, band, plan)).collect();
        let came = customers.len();
        customers.extend(walk_ins(streams, doors, lane, plan));
        let walk_ins = customers.len() - came;
        // The order of those who arrive at one instant, such as the opening, is kept: booked first, by band.
        customers.sort_by(|one, other| one.arrives_min.total_cmp(&other.arrives_min));
        let booked: usize = lane.bands.iter().map(|band| band.booked.len()).sum();
        Self { customers, came: count(came), no_shows: count(booked - came), walk_ins: count(walk_ins) }
    }
}

/// Those who booked a band and come.
fn booked(streams: &Streams, doors: &Doors, band: &BookedBand, plan: &DayPlan) -> Vec<Customer> {
    let start_min = f64::from(band.band.start.minutes());
    let no_show = Bernoulli::new(plan.no_show).expect("a plan's no-show is a share");
    let (mean_min, sd_min) = plan.early_min;
    let early = Normal::new(mean_min, sd_min).expect("a plan's punctuality has a finite deviation");
    let customer = |(position, service): (u32, &ServiceId)| {
        let mut stream = streams.booked(band.band.start, position);
        // All three are drawn whatever comes of it: what one configuration leaves out must not move the rest.
        let stays_away = no_show.sample(&mut stream);
        let comes_min = start_min - early.sample(&mut stream);
        let service_min = lognormal(service_time_min(plan, *service)).sample(&mut stream);
        let arrives_min = doors.entry_min(comes_min).filter(|_| !stays_away)?;
        Some(Customer { arrives_min, service_min, due_min: Some(start_min) })
    };
    (0..).zip(&band.booked).filter_map(customer).collect()
}

/// Those who come without a booking, for the services that others have booked.
fn walk_ins(streams: &Streams, doors: &Doors, lane: &OpenLane, plan: &DayPlan) -> Vec<Customer> {
    let booked: Vec<ServiceId> = lane.bands.iter().flat_map(|band| band.booked.iter().copied()).collect();
    let profile = Profile::over(doors);
    let mean = plan.walk_ins * f64::from(count(booked.len()));
    let customer = |position| {
        let mut stream = streams.walk_in(position);
        let arrives_min = profile.minute_at(stream.random())?;
        let service = booked[stream.random_range(0..booked.len())];
        let service_min = lognormal(service_time_min(plan, service)).sample(&mut stream);
        Some(Customer { arrives_min, service_min, due_min: None })
    };
    (0..how_many(&mut streams.walk_in_count(), mean)).filter_map(customer).collect()
}
