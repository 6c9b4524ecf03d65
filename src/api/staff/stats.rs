//! `GET /v1/admin/stats`.

use std::ops::RangeInclusive;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::problem_sets::OfStaffReading;
use crate::app::access::staff::Staff;
use crate::app::desk::counts::MAX_DAYS;
use crate::app::input::dates;
use crate::app::input::fields::{Fields, civil_today};
use crate::app::refusal::Refusal;
use crate::app::state::App;
use crate::domain::wall::days_after;
use crate::engine::DayCount;
use crate::serve::json::json;
use crate::serve::problem::Problem;
use crate::serve::read::query::Query;
use crate::serve::times::Date;

/// How many days before today are counted when nothing is asked for.
const DEFAULT_DAYS_BACK: u64 = 7;

/// Which dates.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatsQuery {
    /// The first date; seven days ago when left out.
    #[param(value_type = Option<Date>)]
    from: Option<String>,
    /// The last date, at most 365 days after the first; the last that can be booked when left out.
    #[param(value_type = Option<Date>)]
    to: Option<String>,
}

/// Counts of one hall and date.
#[derive(Serialize, ToSchema)]
#[schema(as = DayCount)]
pub struct DayCountView {
    /// The id of the hall.
    #[schema(example = "hangzhou-shi-crj")]
    hall: &'static str,
    /// The date.
    date: Date,
    /// How many places all bands of all lanes have.
    capacity: u32,
    /// Appointments that are held.
    held: u32,
    /// Appointments that are booked.
    booked: u32,
    /// Applicants who have come.
    checked_in: u32,
    /// Applicants who have been served.
    served: u32,
    /// Applicants who did not come.
    no_show: u32,
    /// Appointments that were cancelled.
    cancelled: u32,
}

/// Counts by hall and date.
#[derive(Serialize, ToSchema)]
#[schema(as = Stats)]
pub struct StatsView {
    /// The counts.
    stats: Vec<DayCountView>,
}

impl From<DayCount> for DayCountView {
    fn from(count: DayCount) -> Self {
        Self {
            hall: count.hall.as_str(),
            date: Date(count.date),
            capacity: count.capacity,
            held: count.held,
            booked: count.booked,
            checked_in: count.checked_in,
            served: count.served,
            no_show: count.no_show,
            cancelled: count.cancelled,
        }
    }
}

/// How many places there are, and what became of them, by hall and date. Role `hall` sees its own halls.
#[utoipa::path(get, path = "/v1/admin/stats", tag = "staff", operation_id = "read_stats",
    params(StatsQuery), security(("staff" = [])),
    responses((status = 200, description = "The counts", body = StatsView), OfStaffReading))]
pub async fn stats(State(app): State<App>, staff: Staff, Query(query): Query<StatsQuery>) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let today = civil_today(staff.now);
    let last = days_after(today, snapshot.policy.window_days);
    let dates = read_dates(query.from.as_deref(), query.to.as_deref(), today, last)?;
    let counts = engine.day_counts(&snapshot, staff.member.halls.as_deref(), dates, staff.now);
    let stats = counts.into_iter().map(DayCountView::from).collect();
    Ok(json(StatusCode::OK, &StatsView { stats }))
}

fn read_dates(
    from: Option<&str>,
    to: Option<&str>,
    today: NaiveDate,
    last: NaiveDate,
) -> Result<RangeInclusive<NaiveDate>, Refusal> {
    let mut fields = Fields::default();
    let week_ago = today.checked_sub_days(Days::new(DEFAULT_DAYS_BACK)).unwrap_or(NaiveDate::MIN);
    let dates = dates::read(&mut fields, (from, to), (week_ago, last), MAX_DAYS);
    fields.finish(dates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::input::fields::date;

    fn dates(from: Option<&str>, to: Option<&str>) -> Result<String, usize> {
        let (today, last) = (date("2026-11-22").unwrap(), date("2026-12-22").unwrap());
        let range = read_dates(from, to, today, last);
        range.map(|range| format!("{} {}", range.start(), range.end())).map_err(|refusal| refusal.bad_fields().len())
    }

    #[test]
    fn the_dates_are_a_week_back_and_the_window_unless_asked_otherwise() {
        assert_eq!(dates(None, None), Ok("2026-11-15 2026-12-22".into()));
        assert_eq!(dates(Some("2026-01-01"), None), Ok("2026-01-01 2026-12-22".into()));
        assert_eq!(dates(Some("2025-01-01"), None), Ok("2025-01-01 2026-01-01".into()));
        assert_eq!(dates(None, Some("2026-11-01")), Ok("2026-11-01 2026-11-01".into()));
        assert_eq!(dates(Some("2026-01-01"), Some("2027-01-01")), Ok("2026-01-01 2027-01-01".into()));
        assert_eq!(dates(Some("2026-01-01"), Some("2027-01-02")), Err(1));
        assert_eq!(dates(Some("2026-01-02"), Some("2026-01-01")), Err(1));
        assert_eq!(dates(Some("x"), Some("y")), Err(2));
    }
}
