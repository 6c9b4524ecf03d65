//! `/staff/trends`: a month back and a month ahead: how much was booked of what there was, and who did not come.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{Days, NaiveDate};
use maud::{Markup, html};
use serde::Deserialize;

use super::city::{cities_of, city_field, hall_name};
use crate::app::input::fields::civil_today;
use crate::app::state::App;
use crate::domain::hall::Hall;
use crate::domain::name::HallId;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::days_after;
use crate::engine::DayCount;
use crate::pages::desk::hall_day::{hall_of, halls_of};
use crate::pages::desk::remembered;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::meter::taken_percent;
use crate::pages::kit::redirect::percent;
use crate::pages::kit::visitor::Desk;
use crate::pages::text::{Arg, Text};
use crate::serve::problem::Problem;
use crate::serve::read::query::Query;

/// How many days are shown before today, and how many after.
const DAYS: u32 = 30;
/// How many halls are counted at once without one being chosen.
pub const MAX_HALLS: usize = 1_000;
/// The width of a day in the chart, the height of its bars, and the room around them, in units of the drawing.
const DAY_WIDTH: u32 = 12;
const HEIGHT: u32 = 180;
const LEFT: u32 = 56;
/// Half of the last label, which stands in the middle of its day.
const RIGHT: u32 = 36;
const TOP: u32 = 12;
const BOTTOM: u32 = 28;
/// Every so many days one is written out below the chart.
const LABEL_EVERY: usize = 10;

/// Which hall of which city; all of that city that may be seen where no hall is given, and of all cities where it is empty.
#[derive(Deserialize)]
pub struct Asked {
    city: Option<String>,
    hall: Option<String>,
}

/// What became of the places of a day, or of a hall.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Sum {
    capacity: u64,
    taken: u64,
    came: u64,
    no_show: u64,
}

impl Sum {
    fn add(&mut self, count: &DayCount) {
        let came = u64::from(count.checked_in) + u64::from(count.served);
        self.capacity += u64::from(count.capacity);
        self.taken += came + u64::from(count.held) + u64::from(count.booked) + u64::from(count.no_show);
        self.came += came;
        self.no_show += u64::from(count.no_show);
    }

    /// How many of those who were awaited did not come, in per cent; none where nobody has been awaited yet.
    fn no_show_percent(&self) -> Option<u64> {
        let awaited = self.came + self.no_show;
        (awaited > 0).then(|| (self.no_show * 100 + awaited / 2) / awaited)
    }

    fn taken_percent(&self) -> u32 {
        let part = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        taken_percent(part(self.taken), part(self.capacity))
    }
}

/// `GET /staff/trends?city=&hall=`. A hall of another city than the one that is asked for is not meant any more.
///
/// # Errors
/// `unknown_hall`; `forbidden` for another hall.
pub async fn show(
    State(app): State<App>,
    desk: Desk,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (text, engine, now) = (desk.visit.text, app.engine()?.clone(), desk.visit.now);
    let snapshot = engine.snapshot();
    let own = halls_of(&snapshot, &desk.member);
    let hall = asked.hall.as_deref().filter(|hall| !hall.is_empty());
    let hall = hall.map(|hall| hall_of(&snapshot, &desk, hall)).transpose()?;
    let city = match (&asked.city, hall) {
        (Some(city), _) => city.clone(),
        (None, Some(hall)) => hall.city.clone(),
        (None, None) => remembered::city(&headers, &snapshot, &desk.member),
    };
    let is_there = |hall: &&Hall| city.is_empty() || hall.city == city;
    let chosen = hall.filter(is_there).map(|hall| hall.id);
    let of_city: Vec<&Hall> = own.iter().copied().filter(is_there).collect();
    let halls = chosen.map_or_else(|| of_city.iter().map(|hall| hall.id).take(MAX_HALLS).collect(), |hall| vec![hall]);
    let today = civil_today(now);
    let first = today.checked_sub_days(Days::new(DAYS.into())).unwrap_or(today);
    let dates = first..=days_after(today, DAYS);
    let counting = Arc::clone(&snapshot);
    let counts = tokio::task::spawn_blocking(move || engine.day_counts(&counting, Some(&halls), dates, now)).await;
    let counts = counts.map_err(|_| Problem::internal("the days were not counted"))?;
    let days = by_day(&counts, first);
    let measured = measured(&days, today);
    let choice = Choice { own: &own, of_city: &of_city, city: &city, hall: chosen };
    let response = Frame::staff(&desk.visit, text.get("trends-title")).back("/staff/city").page(&html! {
        (filters(text, &snapshot, &choice))
        @if chosen.is_none() && of_city.len() > MAX_HALLS {
            p class="muted" { (text.with("trends-beyond", &[("count", Arg::from(of_city.len() - MAX_HALLS))])) }
        }
        h2 { (text.get("trends-booked")) }
        (chart(text, &days, today))
        (table_of_days(text, &city, &days, &measured, today))
        h2 { (text.get("trends-halls")) }
        (table_of_halls(text, &snapshot, &counts, *measured.start(), today))
    });
    Ok(if asked.city.is_some() { remembered::keeping_city(response, &city) } else { response })
}

/// The sum of every day that is shown, those without places included.
fn by_day(counts: &[DayCount], first: NaiveDate) -> Vec<(NaiveDate, Sum)> {
    let mut days: BTreeMap<NaiveDate, Sum> =
        first.iter_days().take(2 * DAYS as usize + 1).map(|day| (day, Sum::default())).collect();
    for count in counts {
        days.entry(count.date).or_default().add(count);
    }
    days.into_iter().collect()
}

/// The days of which a rate says something: from the first one for which anybody booked to today. What was before the start
/// is not a bad day, and what is ahead can still be booked.
fn measured(days: &[(NaiveDate, Sum)], today: NaiveDate) -> RangeInclusive<NaiveDate> {
    let first = days.iter().find(|(_, sum)| sum.taken > 0).map_or(today, |(day, _)| *day);
    RangeInclusive::new(first, today)
}

/// What can be chosen, and what is.
struct Choice<'a> {
    /// The halls of this member.
    own: &'a [&'a Hall],
    /// Those of them in the city.
    of_city: &'a [&'a Hall],
    /// The city; empty for all of them.
    city: &'a str,
    hall: Option<HallId>,
}

fn filters(text: Text, snapshot: &Snapshot, choice: &Choice<'_>) -> Markup {
    let halls = &choice.of_city[..choice.of_city.len().min(MAX_HALLS)];
    let cities = cities_of(text, snapshot, halls);
    html! {
        form class="filters" method="get" action="/staff/trends" {
            (city_field(text, snapshot, choice.own, Some(choice.city)))
            div class="field" {
                label for="hall" { (text.get("trends-hall")) }
                select id="hall" name="hall" {
                    option value="" { (text.get("trends-all-halls")) }
                    @for city in &cities {
                        @for hall in halls.iter().filter(|hall| hall.city == city.value) {
                            option value=(hall.id) selected[choice.hall == Some(hall.id)] {
                                @if cities.len() > 1 { (city.name) " " } (text.pick(&hall.name))
                            }
                        }
                    }
                }
            }
            button class="button" { (text.get("trends-show")) }
        }
    }
}

/// For each day a pale outline of its places, in it what is taken, and on top of that who did not come.
fn chart(text: Text, days: &[(NaiveDate, Sum)], today: NaiveDate) -> Markup {
    let most = days.iter().map(|(_, sum)| sum.capacity.max(sum.taken)).max().unwrap_or(0).max(1);
    let height = |number: u64| u32::try_from(number * u64::from(HEIGHT) / most).unwrap_or(HEIGHT);
    let width = u32::try_from(days.len()).unwrap_or(0) * DAY_WIDTH;
    let (right, base) = (LEFT + width, TOP + HEIGHT);
    let bar = |class: &str, at: u32, from: u64, to: u64| {
        let (low, high) = (height(from), height(to));
        html! {
            rect class=(class) x=(LEFT + at * DAY_WIDTH + 2) y=(base - high) width=(DAY_WIDTH - 4) height=(high - low) {}
        }
    };
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(text.get("trends-chart")) {
            svg class="chart" viewBox={ "0 0 " (right + RIGHT) " " (base + BOTTOM) } role="img"
                aria-labelledby="chart-title chart-words" {
                title id="chart-title" { (text.get("trends-chart")) }
                desc id="chart-words" { (text.get("trends-chart-explained")) }
                @for (part, of) in [(0, 0), (1, most / 2), (2, most)] {
                    line class="grid" x1=(LEFT) x2=(right) y1=(base - HEIGHT / 2 * part) y2=(base - HEIGHT / 2 * part) {}
                    text class="label" x=(LEFT - 6) y=(base - HEIGHT / 2 * part + 4) text-anchor="end" { (of) }
                }
                @for (at, (day, sum)) in (0_u32..).zip(days) {
                    (bar("bar-a", at, 0, sum.capacity))
                    (bar("bar-b", at, 0, sum.taken))
                    (bar("bar-c", at, sum.taken - sum.no_show, sum.taken))
                    @if *day == today {
                        line class="line-a" x1=(LEFT + at * DAY_WIDTH) x2=(LEFT + at * DAY_WIDTH) y1=(TOP) y2=(base) {}
                    }
                    @if (at as usize).is_multiple_of(LABEL_EVERY) {
                        text class="label" x=(LEFT + at * DAY_WIDTH + DAY_WIDTH / 2) y=(base + 18) text-anchor="middle" {
                            (text.date(*day))
                        }
                    }
                }
                line class="axis" x1=(LEFT) x2=(right) y1=(base) y2=(base) {}
            }
        }
        ul class="legend" {
            li class="bar-a" { (text.get("trends-capacity")) }
            li class="bar-b" { (text.get("trends-taken")) }
            li class="bar-c" { (text.get("trends-no-show")) }
        }
    }
}

fn table_of_days(
    text: Text,
    city: &str,
    days: &[(NaiveDate, Sum)],
    measured: &RangeInclusive<NaiveDate>,
    today: NaiveDate,
) -> Markup {
    html! {
        details id="days" {
            summary { (text.get("trends-days")) }
            div class="scroll" tabindex="0" role="region" aria-label=(text.get("trends-days")) {
                table class="table" {
                    (head(text, "trends-day"))
                    tbody {
                        @for (day, sum) in days {
                            tr {
                                th scope="row" {
                                    a href={ "/staff/city?date=" (day) "&city=" (percent(city)) } { (text.day(*day)) }
                                    @if *day == today { " " span class="badge" { (text.get("trends-today")) } }
                                }
                                (cells(text, sum, measured.contains(day)))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn table_of_halls(text: Text, snapshot: &Snapshot, counts: &[DayCount], first: NaiveDate, today: NaiveDate) -> Markup {
    let mut halls: BTreeMap<HallId, Sum> = BTreeMap::new();
    for count in counts.iter().filter(|count| (first..today).contains(&count.date)) {
        halls.entry(count.hall).or_default().add(count);
    }
    let mut halls: Vec<_> = halls.into_iter().collect();
    halls.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.no_show_percent()));
    html! {
        p class="hint" { (text.with("trends-halls-explained", &[("days", Arg::from(DAYS))])) }
        @if halls.is_empty() { p { (text.get("trends-nothing")) } } @else {
            div class="scroll" tabindex="0" role="region" aria-label=(text.get("trends-halls")) {
                table class="table" {
                    (head(text, "trends-hall"))
                    tbody {
                        @for (hall, sum) in &halls {
                            tr { th scope="row" { (hall_name(text, snapshot, *hall)) } (cells(text, sum, true)) }
                        }
                    }
                }
            }
        }
    }
}

fn head(text: Text, first: &str) -> Markup {
    let numbers =
        ["trends-capacity", "trends-taken", "trends-share", "trends-came", "trends-no-show", "trends-no-show-rate"];
    html! {
        thead {
            tr {
                th scope="col" { (text.get(first)) }
                @for key in numbers { th scope="col" class="n" { (text.get(key)) } }
            }
        }
    }
}

/// The numbers of a day or a hall, with the share that was booked only where it is measured.
fn cells(text: Text, sum: &Sum, is_measured: bool) -> Markup {
    let percent = |share: Option<u64>| share.map_or_else(|| text.get("trends-none"), |share| format!("{share}%"));
    let share = Some(u64::from(sum.taken_percent())).filter(|_| is_measured && sum.capacity > 0);
    html! {
        td class="n" { (sum.capacity) }
        td class="n" { (sum.taken) }
        td class="n" { (percent(share)) }
        td class="n" { (sum.came) }
        td class="n" { (sum.no_show) }
        td class="n" { (percent(sum.no_show_percent())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::text::Language;

    fn count(date: &str, capacity: u32, served: u32, no_show: u32) -> DayCount {
        DayCount {
            hall: HallId::intern("hangzhou-shi-crj").unwrap(),
            date: date.parse().unwrap(),
            capacity,
            held: 0,
            booked: 1,
            checked_in: 0,
            served,
            no_show,
            cancelled: 5,
        }
    }

    #[test]
    fn every_day_is_there_with_what_all_halls_have() {
        let first = "2026-10-27".parse().unwrap();
        let days = by_day(&[count("2026-10-28", 10, 5, 1), count("2026-10-28", 10, 1, 1)], first);
        assert_eq!(days.len(), 61);
        assert_eq!(days[0].1, Sum::default());
        assert_eq!(days[1].1, Sum { capacity: 20, taken: 10, came: 6, no_show: 2 });
        assert_eq!((days[1].1.no_show_percent(), days[0].1.no_show_percent()), (Some(25), None));
        assert_eq!(days[1].1.taken_percent(), 50);
    }

    #[test]
    fn a_rate_is_of_days_since_the_start_and_not_of_those_ahead() {
        let date = |text: &str| -> NaiveDate { text.parse().unwrap() };
        let (first, today) = (date("2026-10-27"), date("2026-11-26"));
        let days = by_day(&[count("2026-11-24", 10, 5, 1), count("2026-11-28", 10, 0, 0)], first);
        let days_measured = measured(&days, today);
        assert_eq!(days_measured, date("2026-11-24")..=today);
        let shown = |day: &str, counted: &DayCount| {
            let mut sum = Sum::default();
            sum.add(counted);
            cells(Text(Language::Simplified), &sum, days_measured.contains(&date(day))).into_string()
        };
        assert!(shown("2026-11-24", &count("2026-11-24", 10, 5, 1)).contains(">70%<"));
        for (day, capacity) in [("2026-11-23", 10), ("2026-11-28", 10), ("2026-11-25", 0)] {
            let cells = shown(day, &DayCount { booked: 0, ..count(day, capacity, 0, 0) });
            assert!(!cells.contains("0%"), "{day}: {cells}");
        }
        assert_eq!(measured(&by_day(&[], first), today), today..=today);
    }
}
