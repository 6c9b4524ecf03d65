//! Free bands for somebody who has to be moved: near in time first, then near in space.

use std::cmp::Reverse;

use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};

use super::moving::Pressed;
use crate::domain::appointment::Appointment;
use crate::domain::hall::Hall;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::days_after;
use crate::engine::{Engine, SlotCount};
use crate::pages::kit::visitor::Desk;
use crate::pages::text::{Arg, Text};

/// How many days with a free band are offered in the same hall.
const DAYS_OFFERED: usize = 3;
/// How many halls are offered besides.
const OTHER_HALLS: usize = 3;
/// How many days with a free band are offered in each other hall.
const DAYS_OFFERED_ELSEWHERE: usize = 2;
/// How many bands of a day are offered.
const BANDS_OFFERED: usize = 4;

/// The free bands of one day of a hall.
pub struct Offer<'a> {
    hall: &'a Hall,
    date: NaiveDate,
    bands: Vec<SlotCount>,
}

/// Free bands: those of the same hall on the nearest days, then those of the next halls.
#[must_use]
pub fn offers<'a>(
    engine: &Engine,
    desk: &Desk,
    snapshot: &'a Snapshot,
    service: &Service,
    appointment: &Appointment,
) -> Vec<Offer<'a>> {
    let slot = &appointment.slot;
    let own = snapshot.hall(slot.hall.as_str()).ok();
    let mut halls: Vec<&Hall> = snapshot
        .halls()
        .iter()
        .filter(|hall| hall.id != slot.hall && desk.member.may_serve(hall.id) && hall.lane_for(service).is_some())
        .collect();
    if let Some(own) = own {
        halls.sort_by(|a, b| own.location.distance_m(a.location).total_cmp(&own.location.distance_m(b.location)));
    } else {
        // Nobody knows any more where it was. Ids usually begin with the city, so those that begin alike are likely near.
        halls.sort_by_key(|hall| Reverse(beginning_in_common(hall.id.as_str(), slot.hall.as_str())));
    }
    let near = |hall: &'a Hall, days: usize| {
        let mut found = free_days(engine, snapshot, hall, service, desk.visit.now);
        // Somebody who has planned for a day can rather come later than earlier.
        found.sort_by_key(|offer| (offer.date < slot.date, (offer.date - slot.date).abs()));
        found.truncate(days);
        for offer in &mut found {
            let distance = |band: &SlotCount| band.start.minutes().abs_diff(slot.start.minutes());
            offer.bands.sort_by_key(distance);
            offer.bands.truncate(BANDS_OFFERED);
            offer.bands.sort_by_key(|band| band.start);
        }
        found
    };
    let here = own.into_iter().flat_map(|hall| near(hall, DAYS_OFFERED));
    let elsewhere = halls.into_iter().map(|hall| near(hall, DAYS_OFFERED_ELSEWHERE)).filter(|found| !found.is_empty());
    here.chain(elsewhere.take(OTHER_HALLS).flatten()).collect()
}

/// How many characters two ids begin with alike.
fn beginning_in_common(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count()
}

/// Every day of a hall that can be booked now and has a place.
fn free_days<'a>(
    engine: &Engine,
    snapshot: &Snapshot,
    hall: &'a Hall,
    service: &Service,
    now: DateTime<Utc>,
) -> Vec<Offer<'a>> {
    let today = crate::domain::policy::today(hall, now);
    let last = days_after(today, snapshot.policy.window_days);
    let days = engine.days(hall, service, today..=last, now).unwrap_or_default();
    let free = days.into_iter().filter(|day| day.closed_by.is_none()).map(|day| {
        let bands = day.slots.into_iter().filter(|slot| slot.remaining() > 0).collect();
        Offer { hall, date: day.date, bands }
    });
    free.filter(|offer| !offer.bands.is_empty()).collect()
}

/// The free bands of one day, as buttons.
#[must_use]
pub fn offered(text: Text, Offer { hall, date, bands }: &Offer<'_>, one: &Appointment) -> Markup {
    html! {
        section class="card" {
            h2 {
                (text.pick(&hall.name)) " " (text.day(*date))
                @if let Some(days) = days_before(one.slot.date, *date) {
                    " " span class="badge warn" { (text.with("displaced-earlier", &[("days", Arg::from(days))])) }
                }
            }
            div class="buttons choices" {
                @for band in bands {
                    button class="button second" name="to" value=(Pressed::value(hall, *date, band.start)) {
                        (text.span(band.start, band.end)) " "
                        small { (text.with("displaced-left", &[("count", Arg::from(band.remaining()))])) }
                    }
                }
            }
        }
    }
}

/// How many days before a date another one is; none where it is not before it.
#[must_use]
pub fn days_before(date: NaiveDate, other: NaiveDate) -> Option<i64> {
    Some((date - other).num_days()).filter(|days| *days > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halls_whose_ids_begin_alike_are_likely_near() {
        let common = |other: &str| beginning_in_common("hangzhou-shi-crj", other);
        assert!(common("hangzhou-xihu-crj") > common("haerbin-shi-crj"));
        assert_eq!((common(""), common("beijing-shi-crj")), (0, 0));
    }
}
