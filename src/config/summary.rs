//! What a configuration offers, as a table: for the operator who has just checked it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Weekday};

use super::Configuration;
use super::read::terms::WEEKDAYS;
use crate::domain::calendar::Calendar;
use crate::domain::hall::{Hall, Period};
use crate::domain::schedule::{Opening, bands_in, opening};
use crate::domain::wall::days_after;

/// How many days the column "most on one date" looks ahead.
const DAYS_AHEAD: usize = 365;
const TOTAL: &str = "total";
const LANES: &str = "lanes";

/// Where the store is, and a table for each city: lanes, and bands and places on the fullest of the weekdays, on a Saturday, on a Sunday, and
/// on the fullest date of the 365 days after `today`, with a total line.
///
/// Weekday columns are the weekly hours; dates know the calendar and the exceptions. A band that a clock change
/// swallows on one day of the year is counted.
#[must_use]
pub fn summary(configuration: &Configuration, today: NaiveDate) -> String {
    let snapshot = &configuration.snapshot;
    let cities: Vec<&[Hall]> = snapshot.halls().chunk_by(|a, b| a.city == b.city).collect();
    let mut lines = vec![format!(
        "version {}: {} in {}, {}, {} of staff",
        snapshot.version,
        count(snapshot.halls().len(), "hall", "halls"),
        count(cities.len(), "city", "cities"),
        count(snapshot.services().len(), "service", "services"),
        count(configuration.staff.len(), "member", "members"),
    )];
    lines.push(format!("store: {}", configuration.store));
    let columns = Columns::for_halls(snapshot.halls());
    for halls in cities {
        let offers: Vec<_> = halls.iter().map(|hall| Offers::of(hall, &snapshot.calendar, today)).collect();
        lines.extend(city(halls, &offers, columns, today));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The lines of one city. Its name stands on a line of its own, because Chinese characters are two columns wide.
fn city(halls: &[Hall], offers: &[Offers], columns: Columns, today: NaiveDate) -> Vec<String> {
    let name = halls.first().map_or("", |hall| hall.city.as_str());
    let mut lines = vec![String::new(), format!("{name}: {}", count(halls.len(), "hall", "halls"))];
    lines.push(columns.line(
        "",
        "",
        &["weekday", "Saturday", "Sunday", "most on one date"].map(|it| format!("{it:>13}")),
    ));
    lines.push(columns.line("hall", LANES, &["bands  places"; 4].map(str::to_owned)));
    for (hall, offers) in halls.iter().zip(offers) {
        lines.push(columns.line(hall.id.as_str(), &lane_list(hall), &offers.cells(today)));
    }
    let total = offers.iter().fold(Offers::default(), Offers::plus);
    lines.push(columns.line(TOTAL, "", &total.cells(today)));
    lines
}

fn lane_list(hall: &Hall) -> String {
    hall.lanes.iter().map(|lane| lane.id.as_str()).collect::<Vec<_>>().join(" ")
}

/// The widths of the first two columns, the same for all cities.
#[derive(Debug, Clone, Copy)]
struct Columns {
    id: usize,
    lanes: usize,
}

impl Columns {
    fn for_halls(halls: &[Hall]) -> Self {
        let id = halls.iter().map(|hall| hall.id.as_str().len()).max().unwrap_or_default();
        let lanes = halls.iter().map(|hall| lane_list(hall).len()).max().unwrap_or_default();
        Self { id: id.max(TOTAL.len()), lanes: lanes.max(LANES.len()) }
    }

    fn line(self, id: &str, lanes: &str, cells: &[String; 4]) -> String {
        let line = format!("  {id:0$}  {lanes:1$}   {2}", self.id, self.lanes, cells.join("   "));
        line.trim_end().to_owned()
    }
}

/// What a hall or a city offers on different days.
#[derive(Debug)]
struct Offers {
    weekday: Offer,
    saturday: Offer,
    sunday: Offer,
    /// The days after today, in order.
    coming: [Offer; DAYS_AHEAD],
}

impl Default for Offers {
    fn default() -> Self {
        let none = Offer::default();
        Self { weekday: none, saturday: none, sunday: none, coming: [none; DAYS_AHEAD] }
    }
}

impl Offers {
    fn of(hall: &Hall, calendar: &Calendar, today: NaiveDate) -> Self {
        let on = |weekday| offer(hall, hall.hours.of(weekday));
        let mut offers = Self {
            weekday: WEEKDAYS[..5].iter().map(|(_, weekday)| on(*weekday)).fold(Offer::default(), Offer::most),
            saturday: on(Weekday::Sat),
            sunday: on(Weekday::Sun),
            ..Self::default()
        };
        // A hall has few different days, so each is counted once.
        let mut known: BTreeMap<&[Period], Offer> = BTreeMap::new();
        for (days, coming) in (1..).zip(&mut offers.coming) {
            if let Opening::Open(periods) = opening(hall, calendar, days_after(today, days)) {
                *coming = *known.entry(periods).or_insert_with(|| offer(hall, periods));
            }
        }
        offers
    }

    fn plus(self, other: &Self) -> Self {
        let mut coming = self.coming;
        coming.iter_mut().zip(other.coming).for_each(|(sum, offer)| *sum = sum.plus(offer));
        Self {
            weekday: self.weekday.plus(other.weekday),
            saturday: self.saturday.plus(other.saturday),
            sunday: self.sunday.plus(other.sunday),
            coming,
        }
    }

    fn cells(&self, today: NaiveDate) -> [String; 4] {
        let Self { weekday, saturday, sunday, coming } = self;
        let most = coming.iter().copied().fold(Offer::default(), Offer::most);
        let date = (1..).zip(coming).find(|(_, offer)| offer.places == most.places && most.places > 0);
        let date = date.map_or("never open".to_owned(), |(days, _)| days_after(today, days).to_string());
        [weekday.cell(), saturday.cell(), sunday.cell(), format!("{}  {date}", most.cell())]
    }
}

/// Bands and places of one day.
#[derive(Debug, Clone, Copy, Default)]
struct Offer {
    bands: usize,
    places: u64,
}

impl Offer {
    fn plus(self, other: Self) -> Self {
        Self { bands: self.bands + other.bands, places: self.places + other.places }
    }

    /// The one with more places, the first of two equal ones.
    fn most(self, other: Self) -> Self {
        if other.places > self.places { other } else { self }
    }

    fn cell(self) -> String {
        format!("{:>5} {:>7}", self.bands, self.places)
    }
}

fn offer(hall: &Hall, periods: &[Period]) -> Offer {
    let bands = hall.lanes.iter().flat_map(|lane| periods.iter().flat_map(|period| bands_in(lane, *period)));
    bands.fold(Offer::default(), |sum, band| sum.plus(Offer { bands: 1, places: u64::from(band.capacity) }))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Fixture, HALL};
    use super::*;

    fn summary_of(fixture: &Fixture, today: &str) -> String {
        summary(&fixture.load(), today.parse().unwrap())
    }

    #[test]
    fn a_city_has_a_line_for_each_hall_and_a_total() {
        let far = HALL.replace("\"one\"", "\"far-away\"").replace("\"杭州\"", "\"上海\"");
        let two = HALL.replace("\"one\"", "\"two\"").replace("capacity = 6", "capacity = 10");
        let fixture = Fixture::default().with("halls/far.toml", far).with("halls/two.toml", two);
        let text = summary_of(&fixture, "2026-11-22");
        let expected = "\
version d21f3cac0cd6: 3 halls in 2 cities, 2 services, 2 members of staff
store: embedded, keys in the data directory

上海: 1 hall
                                  weekday        Saturday          Sunday   most on one date
  hall      lanes           bands  places   bands  places   bands  places   bands  places
  far-away  counter kiosk      42     748      18     312       0       0      42     748  2026-11-23
  total                        42     748      18     312       0       0      42     748  2026-11-23

杭州: 2 halls
                                  weekday        Saturday          Sunday   most on one date
  hall      lanes           bands  places   bands  places   bands  places   bands  places
  one       counter kiosk      42     748      18     312       0       0      42     748  2026-11-23
  two       counter kiosk      42     860      18     360       0       0      42     860  2026-11-23
  total                        84    1608      36     672       0       0      84    1608  2026-11-23
";
        assert_eq!(text, expected, "\n{text}");
    }

    #[test]
    fn the_fullest_date_lies_after_today_and_within_a_year() {
        let most = |today: &str, date: &str| {
            let fixture =
                Fixture::default().spoilt("halls/one.toml", "date = \"2026-12-05\"", &format!("date = \"{date}\""));
            let fixture = fixture.spoilt("halls/one.toml", "\"17:30-18:30\"", "\"09:30-23:30\"");
            let text = summary_of(&fixture, today);
            text.lines().last().unwrap().rsplit("  ").next().unwrap().to_owned()
        };
        assert_eq!(most("2026-11-22", "2026-12-05"), "2026-12-05");
        assert_eq!(most("2026-11-22", "2027-11-22"), "2027-11-22");
        assert_eq!(most("2026-11-22", "2027-11-23"), "2026-11-23", "a Monday");
        assert_eq!(most("2026-11-22", "2026-11-22"), "2026-11-23");
    }

    #[test]
    fn a_hall_that_never_opens_is_shown_as_such() {
        let hours = "mon = [\"08:30-12:00\", \"13:30-17:00\"]\nsat = [\"09:00-12:00\"]\n";
        let fixture = Fixture::default()
            .spoilt("halls/one.toml", hours, "")
            .spoilt("halls/one.toml", "[hall.lanes.counter.bands]\n\"08:30\" = 60\n\"18:00\" = 20\n", "")
            .spoilt("halls/one.toml", "hours = [\"17:30-18:30\"]", "closed = true");
        let text = summary_of(&fixture, "2026-11-22");
        assert!(text.lines().last().unwrap().ends_with("0       0  never open"), "{text}");
    }
}
