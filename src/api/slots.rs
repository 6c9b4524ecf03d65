//! `GET /v1/halls/{hall}/slots`.

use std::ops::RangeInclusive;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::problem_sets::OfSlots;
use super::slots_text;
use super::slots_text::SlotsView;
use crate::app::input::dates;
use crate::app::input::fields::Fields;
use crate::app::state::App;
use crate::domain::policy::{Policy, today};
use crate::domain::wall::days_after;
use crate::serve::json::json_text;
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;
use crate::serve::times::Date;

/// How many days can be asked for at once.
pub const MAX_DAYS: i64 = 62;

/// Which slots of a hall.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SlotsQuery {
    /// The id of the service.
    #[param(required = true, value_type = String, example = "passport.renewal")]
    service: Option<String>,
    /// The first date; the first that can be booked when left out.
    #[param(value_type = Option<Date>)]
    from: Option<String>,
    /// The last date, at most 61 days after the first; the last that can be booked when left out.
    #[param(value_type = Option<Date>)]
    to: Option<String>,
}

/// The bands of a hall for a service, day by day, and how full they are.
#[utoipa::path(get, path = "/v1/halls/{hall}/slots", tag = "public", operation_id = "list_slots",
    params(("hall" = String, Path, description = "The id of the hall", example = "hangzhou-shi-crj"), SlotsQuery),
    responses((status = 200, description = "The days that were asked for", body = SlotsView), OfSlots))]
pub async fn slots(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<SlotsQuery>,
) -> Result<Response, Problem> {
    let (engine, now) = (app.engine()?, app.now());
    let snapshot = engine.snapshot();
    let hall = snapshot.hall(&id)?;
    let service = query.service.as_deref().map(|id| snapshot.service(id)).transpose()?;

    let mut fields = Fields::default();
    let service = fields.required(format_args!("/service"), service);
    let (from, to) = (query.from.as_deref(), query.to.as_deref());
    let dates = read_dates(&mut fields, from, to, &snapshot.policy, today(hall, now));
    let (service, dates) = fields.finish(service.zip(dates))?;

    let days = engine.days(hall, service, dates, now)?;
    Ok(json_text(StatusCode::OK, slots_text::of(hall.id.as_str(), service.id.as_str(), hall.zone.name(), &days)))
}

/// The dates from `from` to `to`, at most [`MAX_DAYS`]: what is left out is the bound of the booking window.
fn read_dates(
    fields: &mut Fields,
    from: Option<&str>,
    to: Option<&str>,
    policy: &Policy,
    today: NaiveDate,
) -> Option<RangeInclusive<NaiveDate>> {
    let window = (days_after(today, policy.min_days_ahead), days_after(today, policy.window_days));
    dates::read(fields, (from, to), window, MAX_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::input::fields::date;

    fn dates(from: Option<&str>, to: Option<&str>) -> Result<String, Vec<String>> {
        let mut fields = Fields::default();
        let today = date("2026-11-22").unwrap();
        let range = read_dates(&mut fields, from, to, &Policy::default(), today);
        let range = range.map(|range| format!("{} {}", range.start(), range.end()));
        fields.finish(range).map_err(|refusal| refusal.bad_fields().into_iter().map(|(pointer, _)| pointer).collect())
    }

    #[test]
    fn what_is_left_out_is_the_window() {
        let check = |from, to, expected: &str| assert_eq!(dates(from, to), Ok(expected.into()), "{from:?} {to:?}");
        check(None, None, "2026-11-23 2026-12-22");
        check(Some("2026-11-25"), None, "2026-11-25 2026-12-22");
        check(Some("2026-10-01"), None, "2026-10-01 2026-12-01");
        check(Some("2027-01-05"), None, "2027-01-05 2027-01-05");
        check(None, Some("2026-11-25"), "2026-11-23 2026-11-25");
        check(None, Some("2026-11-20"), "2026-11-20 2026-11-20");
        check(Some("2026-11-25"), Some("2026-11-25"), "2026-11-25 2026-11-25");
        check(Some("2026-11-01"), Some("2027-01-01"), "2026-11-01 2027-01-01");
        check(Some("9999-12-31"), Some("9999-12-31"), "9999-12-31 9999-12-31");
    }

    #[test]
    fn bad_dates_are_pointed_at() {
        let check = |from, to, expected: &[&str]| {
            assert_eq!(dates(from, to), Err(expected.iter().map(|pointer| (*pointer).to_owned()).collect()));
        };
        check(Some("2026-02-30"), Some("tomorrow"), &["/from", "/to"]);
        check(Some("2026-11-26"), Some("2026-11-25"), &["/to"]);
        check(Some("2026-11-01"), Some("2027-01-02"), &["/to"]);
        check(None, Some("2027-06-01"), &["/to"]);
    }
}
