//! The counts of some days, and the table of them that is taken away.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use crate::app::access::staff::Staff;
use crate::app::input::dates;
use crate::app::input::fields::{Fields, date};
use crate::app::refusal::Refusal;
use crate::app::state::App;
use crate::engine::Engine;

/// How many days can be asked for at once.
pub const MAX_DAYS: i64 = 366;

/// The days from the first to the last, as a form names them.
///
/// # Errors
/// [`Refusal::Fields`] if one is no date, if the last is before the first, and for more than [`MAX_DAYS`].
pub fn read_days(from: Option<String>, to: Option<String>) -> Result<RangeInclusive<NaiveDate>, Refusal> {
    let mut fields = Fields::default();
    let from = fields.need(format_args!("/from"), from, date);
    let to = fields.need(format_args!("/to"), to, date);
    let dates = from.zip(to).and_then(|(from, to)| dates::span(&mut fields, from, to, MAX_DAYS));
    fields.finish(dates)
}

/// Notes that a member takes the counts of these days away, and gives what counts.
///
/// # Errors
/// As [`App::engine`].
pub async fn export<'a>(app: &'a App, staff: &Staff, days: &RangeInclusive<NaiveDate>) -> Result<&'a Engine, Refusal> {
    let (engine, from, to) = (app.engine()?, *days.start(), *days.end());
    tracing::info!(actor = staff.member.id, %from, %to, "counts were taken as a table");
    engine.note_exported(&staff.member, from, to).await;
    Ok(engine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dates_are_given_and_at_most_a_year() {
        let read = |from: &str, to: &str| {
            let text = |date: &str| Some(date.to_owned()).filter(|date| !date.is_empty());
            let dates = read_days(text(from), text(to));
            dates.map(|dates| (*dates.end() - *dates.start()).num_days()).map_err(|refusal| refusal.bad_fields().len())
        };
        assert_eq!(read("2026-01-01", "2026-01-01"), Ok(0));
        assert_eq!(read("2026-01-01", "2027-01-01"), Ok(365));
        assert_eq!(read("2026-01-01", "2027-01-02"), Err(1));
        assert_eq!(read("2026-01-02", "2026-01-01"), Err(1));
        assert_eq!(read("", ""), Err(2));
    }
}
