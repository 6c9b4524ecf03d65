//! Public holidays and make-up working days.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Weekday};

/// What a public calendar says of one date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalendarDay {
    /// A public holiday: halls are closed unless an exception of the hall opens them.
    Holiday {
        /// What the day is called.
        name: String,
    },
    /// A make-up working day (调休): halls have the hours of a weekday, whatever day it falls on.
    Workday {
        /// The weekday whose hours hold, Monday where the calendar names none.
        hours_of: Weekday,
    },
}

/// The public calendar of all the years that are configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    days: BTreeMap<NaiveDate, CalendarDay>,
}

impl Calendar {
    /// A calendar from its special days.
    #[must_use]
    pub fn new(days: BTreeMap<NaiveDate, CalendarDay>) -> Self {
        Self { days }
    }

    /// What the calendar says of a date; none for an ordinary one.
    #[must_use]
    pub fn day(&self, date: NaiveDate) -> Option<&CalendarDay> {
        self.days.get(&date)
    }

    /// Every special day, in order of date.
    pub fn iter(&self) -> impl Iterator<Item = (NaiveDate, &CalendarDay)> {
        self.days.iter().map(|(date, day)| (*date, day))
    }
}
