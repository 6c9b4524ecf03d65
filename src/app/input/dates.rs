//! The dates that a call asks for, from one to another.

use std::ops::RangeInclusive;

use chrono::{NaiveDate, TimeDelta};

use super::fields::{Fields, date};
use crate::app::refusal::Wrong;

/// The dates from one to another. None before the first, and more than `max_days`, are noted as a fault of `/to`.
pub fn span(fields: &mut Fields, from: NaiveDate, to: NaiveDate, max_days: i64) -> Option<RangeInclusive<NaiveDate>> {
    let days = (to - from).num_days() + 1;
    if days < 1 {
        fields.refuse(format_args!("/to"), Wrong::BeforeFirst);
    } else if days > max_days {
        fields.refuse(format_args!("/to"), Wrong::TooManyDays { max: max_days });
    }
    (1..=max_days).contains(&days).then_some(from..=to)
}

/// Reads `/from` and `/to`. What is left out is the date of `unasked`, drawn to the other one if that lies beyond it, and never
/// further than `max_days`.
pub fn read(
    fields: &mut Fields,
    (from, to): (Option<&str>, Option<&str>),
    unasked: (NaiveDate, NaiveDate),
    max_days: i64,
) -> Option<RangeInclusive<NaiveDate>> {
    let from = from.map_or(Some(None), |text| fields.read(format_args!("/from"), Some(text), date).map(Some));
    let to = to.map_or(Some(None), |text| fields.read(format_args!("/to"), Some(text), date).map(Some));
    let (given_from, given_to) = (from?, to?);
    let from = given_from.unwrap_or_else(|| given_to.map_or(unasked.0, |to| unasked.0.min(to)));
    let longest = from.checked_add_signed(TimeDelta::days(max_days - 1)).unwrap_or(NaiveDate::MAX);
    let to = given_to.unwrap_or_else(|| unasked.1.max(from).min(longest));
    span(fields, from, to, max_days)
}
