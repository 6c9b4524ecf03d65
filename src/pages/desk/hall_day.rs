//! Which hall and which day a page of the desk is about, and the ways from there to other days and halls.

use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};

use crate::app::desk::queue::HallDay;
use crate::app::input::fields;
use crate::domain::hall::Hall;
use crate::domain::policy;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::WallTime;
use crate::engine::StaffCaller;
use crate::pages::kit::visitor::Desk;
use crate::pages::text::Text;
use crate::serve::problem::{Code, Problem};

/// A hall on a date, as a page has it.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The hall.
    pub hall: &'a Hall,
    /// The date that the page is about.
    pub date: NaiveDate,
    /// Today in that hall.
    pub today: NaiveDate,
}

impl<'a> Place<'a> {
    /// The place that an address names, where the hall is this member's.
    ///
    /// # Errors
    /// `unknown_hall`, `forbidden`, `not_found` for a date that is none.
    pub fn named(snapshot: &'a Snapshot, desk: &Desk, hall: &str, date: &str) -> Result<Self, Problem> {
        let hall = hall_of(snapshot, desk, hall)?;
        let date = fields::date(date).map_err(|_| Problem::new(Code::NotFound, "there is no such day"))?;
        Ok(Self { hall, date, today: policy::today(hall, desk.visit.now) })
    }

    /// Whether the page is about today.
    #[must_use]
    pub fn is_today(&self) -> bool {
        self.date == self.today
    }

    /// The hall and the date without what a page knows of them.
    #[must_use]
    pub const fn hall_day(&self) -> HallDay<'a> {
        HallDay { hall: self.hall, date: self.date }
    }

    /// The address of the day.
    #[must_use]
    pub fn path(&self) -> String {
        day_path(self.hall, self.date)
    }

    /// The address of a page that belongs to the day.
    #[must_use]
    pub fn path_to(&self, page: &str) -> String {
        format!("{}/{page}", self.path())
    }

    /// The time of day that the clock on the wall of the hall shows.
    #[must_use]
    pub fn wall_time(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.hall.zone).format("%H:%M").to_string()
    }

    /// The same as a time with which bands can be compared.
    #[must_use]
    pub fn wall_clock(&self, at: DateTime<Utc>) -> WallTime {
        WallTime::of(&at.with_timezone(&self.hall.zone))
    }
}

/// A hall that an address names, where it is this member's.
///
/// # Errors
/// `unknown_hall`, `forbidden`.
pub fn hall_of<'a>(snapshot: &'a Snapshot, desk: &Desk, id: &str) -> Result<&'a Hall, Problem> {
    let hall = snapshot.hall(id)?;
    desk.judge_hall(hall.id)?;
    Ok(hall)
}

/// The halls of a member, by city and id.
#[must_use]
pub fn halls_of<'a>(snapshot: &'a Snapshot, member: &StaffCaller) -> Vec<&'a Hall> {
    snapshot.halls().iter().filter(|hall| member.may_serve(hall.id)).collect()
}

/// The address of a day of a hall.
#[must_use]
pub fn day_path(hall: &Hall, date: NaiveDate) -> String {
    format!("/staff/halls/{}/{date}", hall.id)
}

/// An address with one more parameter.
#[must_use]
pub fn with_parameter(path: &str, name: &str, value: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{name}={}", crate::pages::kit::redirect::percent(value))
}

/// The ways from a page of a day to the other pages of that day.
#[must_use]
pub fn ways(text: Text, place: &Place<'_>, member: &StaffCaller) -> Markup {
    let link = |href: String, key: &str| html! { a href=(href) { (text.get(key)) } " " };
    let has_others = member.halls.as_ref().is_none_or(|halls| halls.len() > 1);
    html! {
        nav class="day-pages" aria-label=(text.get("desk-ways")) {
            (link(place.path_to("walk-ins"), "desk-way-queue"))
            (link(place.path_to("display"), "desk-way-display"))
            (link(place.path_to("list"), "desk-way-list"))
            @if has_others { (link("/staff?all=yes".to_owned(), "desk-way-halls")) }
        }
    }
}
