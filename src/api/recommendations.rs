//! `GET /v1/recommendations`.

use std::ops::RangeInclusive;

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::halls::{FreeView, whole_metres};
use super::problem_sets::OfHalls;
use crate::app::input::fields::{Fields, count_up_to, date};
use crate::app::refusal::Wrong;
use crate::app::state::App;
use crate::domain::wall::days_after;
use crate::engine::{Preference, Reason, Recommendation};
use crate::serve::json::localized;
use crate::serve::problem::Problem;
use crate::serve::read::language::{LanguageHeader, Languages};
use crate::serve::read::location;
use crate::serve::read::query::Query;
use crate::serve::times::Date;

const MAX_RECOMMENDATIONS: usize = 20;
const DEFAULT_RECOMMENDATIONS: usize = 5;

/// What is wished, and from where.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecommendationsQuery {
    /// The id of the service.
    #[param(required = true, value_type = String, example = "passport.renewal")]
    service: Option<String>,
    /// Latitude of the caller, in degrees; only with `lon`.
    #[param(value_type = Option<f64>, minimum = -90, maximum = 90, example = 30.25)]
    lat: Option<String>,
    /// Longitude of the caller, in degrees; only with `lat`.
    #[param(value_type = Option<f64>, minimum = -180, maximum = 180, example = 120.21)]
    lon: Option<String>,
    /// What `lat` and `lon` refer to: `wgs84` (GPS, the default), `gcj02` (Chinese maps) or `bd09` (Baidu).
    #[param(pattern = "^(wgs84|gcj02|bd09)$", example = "wgs84")]
    datum: Option<String>,
    /// The first date that suits.
    #[param(value_type = Option<Date>)]
    from: Option<String>,
    /// The last date that suits.
    #[param(value_type = Option<Date>)]
    to: Option<String>,
    /// How many halls at most, 1 to 20.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 20, default = 5)]
    limit: Option<String>,
}

/// A hall with a place.
#[derive(Serialize, ToSchema)]
#[schema(as = Recommendation)]
pub struct RecommendationView<'a> {
    /// The id of the hall.
    #[schema(example = "hangzhou-shi-crj")]
    hall: &'a str,
    /// What people call it, in the language of the caller.
    name: &'a str,
    /// How far it is, in metres; null where the caller gave no place.
    #[schema(required = true)]
    distance_m: Option<u64>,
    #[serde(flatten)]
    free: FreeView,
    /// Why it stands here: `nearest`, `within_N_km`, `earliest_date`, `mostly_free`.
    #[schema(example = json!(["nearest", "within_5_km", "mostly_free"]))]
    reasons: Vec<String>,
}

/// Where to go.
#[derive(Serialize, ToSchema)]
pub struct RecommendationList<'a> {
    /// The nearest halls that still have a place, best first.
    recommendations: Vec<RecommendationView<'a>>,
}

fn word(reason: Reason) -> String {
    match reason {
        Reason::Nearest => "nearest".to_owned(),
        Reason::WithinKm(kilometres) => format!("within_{kilometres}_km"),
        Reason::EarliestDate => "earliest_date".to_owned(),
        Reason::MostlyFree => "mostly_free".to_owned(),
    }
}

fn view<'a>(recommended: Recommendation<'a>, languages: &Languages) -> RecommendationView<'a> {
    RecommendationView {
        hall: recommended.hall.id.as_str(),
        name: recommended.hall.name.pick(&languages.0),
        distance_m: recommended.distance_m.map(whole_metres),
        free: recommended.free.into(),
        reasons: recommended.reasons.into_iter().map(word).collect(),
    }
}

/// The nearest halls that still have a place for a service, best first.
#[utoipa::path(get, path = "/v1/recommendations", tag = "public", operation_id = "list_recommendations",
    params(RecommendationsQuery, LanguageHeader),
    responses((status = 200, description = "The halls that fit best", body = RecommendationList), OfHalls))]
pub async fn recommendations(
    State(app): State<App>,
    Query(query): Query<RecommendationsQuery>,
    languages: Languages,
) -> Result<Response, Problem> {
    let (engine, now) = (app.engine()?, app.now());
    let snapshot = engine.snapshot();
    let service = query.service.as_deref().map(|id| snapshot.service(id)).transpose()?;

    let mut fields = Fields::default();
    let service = fields.required(format_args!("/service"), service);
    let place = location::read(&mut fields, query.lat.as_deref(), query.lon.as_deref(), query.datum.as_deref());
    let (from, to) = (query.from.as_deref(), query.to.as_deref());
    let dates = read_dates(&mut fields, from, to, snapshot.policy.window_days, now);
    let limit = fields.read(format_args!("/limit"), query.limit, count_up_to(MAX_RECOMMENDATIONS));
    let service = fields.finish(service)?;

    let limit = limit.unwrap_or(DEFAULT_RECOMMENDATIONS);
    let recommended = match dates {
        Some(dates) if dates.is_empty() => Vec::new(),
        dates => {
            let preference = Preference { service, place, dates: dates.as_ref(), people: 1 };
            engine.recommend(snapshot.halls(), &preference, limit, now)
        }
    };
    let recommendations = recommended.into_iter().map(|one| view(one, &languages)).collect();
    Ok(localized(&RecommendationList { recommendations }))
}

/// Reads the dates that suit, cut to those that any hall of the earth could have in its window; none for all of them.
fn read_dates(
    fields: &mut Fields,
    from: Option<&str>,
    to: Option<&str>,
    window_days: u32,
    now: DateTime<Utc>,
) -> Option<RangeInclusive<NaiveDate>> {
    if from.is_none() && to.is_none() {
        return None;
    }
    let first = now.date_naive().checked_sub_days(Days::new(1)).unwrap_or(NaiveDate::MIN);
    let last = days_after(now.date_naive(), window_days.saturating_add(1));
    let from = fields.read(format_args!("/from"), from, date);
    let to = fields.read(format_args!("/to"), to, date);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        fields.refuse(format_args!("/to"), Wrong::BeforeFirst);
    }
    Some(from.map_or(first, |from| from.max(first))..=to.map_or(last, |to| to.min(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(from: Option<&str>, to: Option<&str>) -> Result<Option<(String, String)>, usize> {
        let mut fields = Fields::default();
        let range = read_dates(&mut fields, from, to, 30, "2026-11-22T04:00:00Z".parse().unwrap());
        let range = range.map(|range| (range.start().to_string(), range.end().to_string()));
        fields.finish(Some(range)).map_err(|refusal| refusal.bad_fields().len())
    }

    #[test]
    fn dates_are_cut_to_the_window() {
        let range = |from: &str, to: &str| Ok(Some((from.to_owned(), to.to_owned())));
        assert_eq!(dates(None, None), Ok(None));
        assert_eq!(dates(Some("2026-11-25"), None), range("2026-11-25", "2026-12-23"));
        assert_eq!(dates(None, Some("2026-11-25")), range("2026-11-21", "2026-11-25"));
        assert_eq!(dates(Some("0001-01-01"), Some("9999-12-31")), range("2026-11-21", "2026-12-23"));
        assert_eq!(dates(Some("2026-11-26"), Some("2026-11-25")), Err(1));
        assert_eq!(dates(Some("x"), Some("2026-02-30")), Err(2));
    }
}
