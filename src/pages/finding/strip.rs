//! The days of a hall as a strip of a week above the times of one of them; each leads to its own times.

use chrono::{Datelike as _, NaiveDate};
use maud::{Markup, html};

use super::choice::{Choice, day_words, places};
use crate::domain::hall::Hall;
use crate::domain::rejection::Rejection;
use crate::engine::Day;
use crate::pages::kit::meter::Fullness;
use crate::pages::text::Text;

/// How many days the strip shows at once.
const DAYS: usize = 7;

/// The days that a calendar of a hall shows, and which of them is today.
#[derive(Debug, Clone, Copy)]
pub struct Days<'a> {
    /// In which language.
    pub text: Text,
    /// The hall.
    pub hall: &'a Hall,
    /// What has been chosen so far.
    pub choice: &'a Choice,
    /// The days, from today on.
    pub shown: &'a [Day],
    /// Today in the hall.
    pub today: NaiveDate,
}

impl<'a> Days<'a> {
    /// The strip on which a day lies; the first one for a day outside of the calendar.
    #[must_use]
    pub fn strip(&self, on: NaiveDate) -> Markup {
        let at = self.shown.iter().position(|day| day.date == on).unwrap_or_default() / DAYS;
        let part = |at: usize| self.shown.chunks(DAYS).nth(at);
        let before = at.checked_sub(1).and_then(part);
        html! {
            nav class="strip" aria-label=(self.text.get("choose-strip")) {
                ol class="days" {
                    @for day in part(at).unwrap_or_default() { (self.cell(day, day.date == on, "")) }
                }
                p class="links" {
                    @if let Some(before) = before { (self.turn(before, "choose-strip-before")) }
                    @if let Some(after) = part(at + 1) { (self.turn(after, "choose-strip-after")) }
                    a href=(self.choice.calendar_of(self.hall)) { (self.text.get("choose-to-calendar")) }
                }
            }
        }
    }

    /// To another strip: to its first day with places, else to its first day.
    fn turn(&self, part: &'a [Day], key: &str) -> Markup {
        let day = part.iter().find(|day| self.has_places(day)).or(part.first());
        html! { @if let Some(day) = day { a href=(self.choice.bands_of(self.hall, day.date)) { (self.text.get(key)) } } }
    }

    /// Whether a day can be booked and has places for all who come.
    #[must_use]
    pub fn has_places(&self, day: &Day) -> bool {
        day.closed_by.is_none() && places(day, self.choice.people()).0 > 0
    }

    /// A day as a cell of the strip or of a month, in the column that `class` names.
    #[must_use]
    pub fn cell(&self, day: &Day, is_shown: bool, column: &str) -> Markup {
        let (class, words) = self.state(day);
        let today = if day.date == self.today { " today" } else { "" };
        let number = day.date.weekday().number_from_monday();
        html! {
            li class={ "day " (class) (today) (column) } {
                a href=(self.choice.bands_of(self.hall, day.date)) aria-current=[is_shown.then_some("date")] {
                    span class="visually-hidden" { (self.text.day(day.date)) }
                    span class="weekday" aria-hidden="true" { (self.text.weekday(number)) }
                    span class="date" aria-hidden="true" { (day.date.day()) }
                    @match day.closed_by {
                        None => span class="state" data-count=(day.date) { (words) },
                        Some(_) => span class="state" { (words) },
                    }
                }
            }
        }
    }

    /// The class and the few words of a day.
    fn state(&self, day: &Day) -> (&'static str, String) {
        let Some(why) = &day.closed_by else {
            let people = self.choice.people();
            let (usable, capacity) = places(day, people);
            return (Fullness::of(usable, capacity).class(), day_words(self.text, day, people));
        };
        let (class, key) = match why {
            Rejection::SameDay { .. } | Rejection::Past => ("s-closed", "choose-day-today"),
            Rejection::BeyondWindow { .. } | Rejection::NotReleased { .. } => ("s-ahead", "choose-day-ahead"),
            Rejection::Holiday { .. } => ("s-closed", "choose-day-holiday"),
            _ => ("s-closed", "choose-day-closed"),
        };
        (class, self.text.get(key))
    }
}
