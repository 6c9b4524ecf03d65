//! `GET /v1/halls` and `GET /v1/halls/{hall}`.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem_sets::{OfHall, OfHalls};
use crate::app::input::fields::{Fields, count_up_to};
use crate::app::state::App;
use crate::domain::geo::Location;
use crate::domain::hall::{Exception, Hall, Lane, Period};
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::engine::Engine;
use crate::engine::Free;
use crate::serve::json::localized;
use crate::serve::problem::Problem;
use crate::serve::read::language::{LanguageHeader, Languages};
use crate::serve::read::location;
use crate::serve::read::path::Path;
use crate::serve::read::query::{NoParameters, Query};
use crate::serve::times::{Date, Time};

/// How many halls are listed at most.
const MAX_HALLS: usize = 10_000;
const DEFAULT_HALLS: usize = 100;

/// Which halls, and from where.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HallsQuery {
    /// Latitude of the caller, in degrees; only with `lon`.
    #[param(value_type = Option<f64>, minimum = -90, maximum = 90, example = 30.25)]
    lat: Option<String>,
    /// Longitude of the caller, in degrees; only with `lat`.
    #[param(value_type = Option<f64>, minimum = -180, maximum = 180, example = 120.21)]
    lon: Option<String>,
    /// What `lat` and `lon` refer to: `wgs84` (GPS, the default), `gcj02` (Chinese maps) or `bd09` (Baidu).
    #[param(pattern = "^(wgs84|gcj02|bd09)$", example = "wgs84")]
    datum: Option<String>,
    /// Only halls that offer this service; `next_available` is then one for it.
    #[param(example = "passport.renewal")]
    service: Option<String>,
    /// How many halls at most, 1 to 10,000.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 10_000, default = 100)]
    limit: Option<String>,
}

/// A place in WGS-84, in degrees.
#[derive(Serialize, ToSchema)]
#[schema(as = Location)]
pub struct LocationView {
    /// Latitude.
    #[schema(example = 30.25)]
    lat: f64,
    /// Longitude.
    #[schema(example = 120.21)]
    lon: f64,
}

/// A band with a place.
#[derive(Serialize, ToSchema)]
#[schema(as = NextAvailable)]
pub struct FreeView {
    /// The date.
    pub date: Date,
    /// When the band begins.
    pub start: Time,
    /// When it ends.
    pub end: Time,
    /// How many places are left.
    #[schema(example = 37)]
    pub remaining: u32,
}

impl From<Free> for FreeView {
    fn from(free: Free) -> Self {
        let slot = &free.slot;
        Self { date: Date(free.date), start: Time(slot.start), end: Time(slot.end), remaining: slot.remaining() }
    }
}

/// What a hall is.
#[derive(Serialize, ToSchema)]
pub struct HallCore<'a> {
    /// Its id.
    #[schema(example = "hangzhou-shi-crj")]
    id: &'a str,
    /// What people call it, in the language of the caller.
    #[schema(example = "杭州市公安局出入境接待大厅")]
    name: &'a str,
    /// The city.
    #[schema(example = "杭州")]
    city: &'a str,
    /// Where it is, in words; null when unknown.
    #[schema(required = true)]
    address: Option<&'a str>,
    /// Its telephone number; null when unknown.
    #[schema(required = true)]
    phone: Option<&'a str>,
    /// Where it is.
    location: LocationView,
    /// The IANA name of the zone in which its dates and times are meant.
    #[schema(example = "Asia/Shanghai")]
    time_zone: &'static str,
}

/// A hall, how far it is, and when it next has a place.
#[derive(Serialize, ToSchema)]
#[schema(as = HallSummary)]
pub struct HallView<'a> {
    #[serde(flatten)]
    core: HallCore<'a>,
    /// How far it is, in metres; null where the caller gave no place.
    #[schema(required = true)]
    distance_m: Option<u64>,
    /// The first band with a place; null where there is none.
    #[schema(required = true)]
    next_available: Option<FreeView>,
}

/// The halls that were asked for.
#[derive(Serialize, ToSchema)]
pub struct HallList<'a> {
    /// The halls: nearest first where the caller gave a place, else by city and id.
    halls: Vec<HallView<'a>>,
}

/// An opening period, `[start, end)`.
#[derive(Serialize, ToSchema)]
#[schema(as = Period)]
pub struct PeriodView {
    /// When it begins.
    start: Time,
    /// When it ends.
    end: Time,
}

/// The opening periods of each weekday; a day without any is closed.
#[derive(Serialize, ToSchema)]
#[schema(as = WeeklyHours)]
pub struct HoursView {
    mon: Vec<PeriodView>,
    tue: Vec<PeriodView>,
    wed: Vec<PeriodView>,
    thu: Vec<PeriodView>,
    fri: Vec<PeriodView>,
    sat: Vec<PeriodView>,
    sun: Vec<PeriodView>,
}

/// A pool of places, cut into bands.
#[derive(Serialize, ToSchema)]
#[schema(as = Lane)]
pub struct LaneView<'a> {
    /// Its id.
    #[schema(example = "counter")]
    id: &'a str,
    /// The length of a band, in minutes.
    #[schema(example = 30)]
    band_minutes: u16,
    /// Places in a band.
    #[schema(example = 40)]
    capacity: u32,
    /// Places in single bands that differ, by the band's start.
    bands: BTreeMap<String, u32>,
}

/// What a hall does differently on one date.
#[derive(Serialize, ToSchema)]
#[schema(as = HallException)]
pub struct ExceptionView<'a> {
    /// The date.
    date: Date,
    /// Whether the hall is closed all day.
    closed: bool,
    /// The periods in which it is open instead of its weekly ones.
    hours: Vec<PeriodView>,
    /// Why; null where the hall does not say.
    #[schema(required = true)]
    reason: Option<&'a str>,
}

/// When a hall is open and what it offers.
#[derive(Serialize, ToSchema)]
pub struct HallSchedule<'a> {
    /// Its weekly hours. Public holidays, make-up working days and exceptions come before them.
    hours: HoursView,
    /// Its lanes.
    lanes: Vec<LaneView<'a>>,
    /// The ids of the services that it offers.
    #[schema(example = json!(["passport.renewal"]))]
    services: Vec<&'static str>,
    /// The dates on which it differs.
    exceptions: Vec<ExceptionView<'a>>,
}

/// One hall with its hours.
#[derive(Serialize, ToSchema)]
#[schema(as = Hall)]
pub struct HallDetail<'a> {
    #[serde(flatten)]
    summary: HallView<'a>,
    #[serde(flatten)]
    schedule: HallSchedule<'a>,
}

/// One hall as it is configured.
#[derive(Serialize, ToSchema)]
pub struct ConfiguredHall<'a> {
    #[serde(flatten)]
    core: HallCore<'a>,
    #[serde(flatten)]
    schedule: HallSchedule<'a>,
}

impl<'a> HallCore<'a> {
    fn new(hall: &'a Hall, languages: &Languages) -> Self {
        Self {
            id: hall.id.as_str(),
            name: hall.name.pick(&languages.0),
            city: &hall.city,
            address: hall.address.as_deref(),
            phone: hall.phone.as_deref(),
            location: LocationView { lat: hall.location.lat, lon: hall.location.lon },
            time_zone: hall.zone.name(),
        }
    }
}

impl<'a> ConfiguredHall<'a> {
    /// A hall with the services of its snapshot that it offers.
    #[must_use]
    pub fn new(snapshot: &Snapshot, hall: &'a Hall, languages: &Languages) -> Self {
        Self { core: HallCore::new(hall, languages), schedule: HallSchedule::new(snapshot, hall) }
    }
}

impl<'a> HallSchedule<'a> {
    fn new(snapshot: &Snapshot, hall: &'a Hall) -> Self {
        let offered = |service: &&Service| hall.lane_for(service).is_some();
        let exceptions = hall.exceptions.iter().map(|(date, exception)| exception_view(*date, exception));
        Self {
            hours: hours(hall),
            lanes: hall.lanes.iter().map(lane_view).collect(),
            services: snapshot.services().iter().filter(offered).map(|service| service.id.as_str()).collect(),
            exceptions: exceptions.collect(),
        }
    }
}

fn hours(hall: &Hall) -> HoursView {
    let of = |day| periods(hall.hours.of(day));
    HoursView {
        mon: of(Weekday::Mon),
        tue: of(Weekday::Tue),
        wed: of(Weekday::Wed),
        thu: of(Weekday::Thu),
        fri: of(Weekday::Fri),
        sat: of(Weekday::Sat),
        sun: of(Weekday::Sun),
    }
}

fn periods(periods: &[Period]) -> Vec<PeriodView> {
    periods.iter().map(|period| PeriodView { start: Time(period.start), end: Time(period.end) }).collect()
}

fn lane_view(lane: &Lane) -> LaneView<'_> {
    let bands = lane.single_bands.iter().map(|(start, capacity)| (start.to_string(), *capacity)).collect();
    LaneView { id: lane.id.as_str(), band_minutes: lane.band_minutes, capacity: lane.capacity, bands }
}

fn exception_view(date: NaiveDate, exception: &Exception) -> ExceptionView<'_> {
    let (closed, hours, reason) = match exception {
        Exception::Closed { reason } => (true, Vec::new(), reason),
        Exception::Hours { periods: open, reason } => (false, periods(open), reason),
    };
    ExceptionView { date: Date(date), closed, hours, reason: reason.as_deref() }
}

/// A distance in whole metres.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "half the earth's girth fits, and is positive"
)]
pub fn whole_metres(distance_m: f64) -> u64 {
    distance_m.round() as u64
}

/// The halls, nearest first or by city and id, with their next free band.
#[utoipa::path(get, path = "/v1/halls", tag = "public", operation_id = "list_halls",
    params(HallsQuery, LanguageHeader),
    responses((status = 200, description = "The halls that fit", body = HallList), OfHalls))]
pub async fn halls(
    State(app): State<App>,
    Query(query): Query<HallsQuery>,
    languages: Languages,
) -> Result<Response, Problem> {
    let (engine, now) = (app.engine()?, app.now());
    let snapshot = engine.snapshot();
    let service = query.service.as_deref().map(|id| snapshot.service(id)).transpose()?;

    let mut fields = Fields::default();
    let place = location::read(&mut fields, query.lat.as_deref(), query.lon.as_deref(), query.datum.as_deref());
    let limit = fields.read(format_args!("/limit"), query.limit, count_up_to(MAX_HALLS));
    fields.finish(Some(()))?;

    let view = |(hall, distance_m)| hall_view(engine, hall, distance_m, service, &languages, now);
    let nearest = nearest_first(&snapshot, service, place);
    let halls = nearest.into_iter().take(limit.unwrap_or(DEFAULT_HALLS)).map(view).collect();
    Ok(localized(&HallList { halls }))
}

/// Halls that offer a service with their distance, nearest first; in the snapshot's order where there is no place.
fn nearest_first<'a>(
    snapshot: &'a Snapshot,
    service: Option<&Service>,
    place: Option<Location>,
) -> Vec<(&'a Hall, Option<f64>)> {
    let offers = |hall: &&Hall| service.is_none_or(|service| hall.lane_for(service).is_some());
    let distance_m = |hall: &Hall| place.map(|place| place.distance_m(hall.location));
    let mut halls: Vec<_> = snapshot.halls().iter().filter(offers).map(|hall| (hall, distance_m(hall))).collect();
    // Stable, so halls at the same distance, and all of them where there is none, stay in their order.
    halls.sort_by(|a, b| a.1.unwrap_or_default().total_cmp(&b.1.unwrap_or_default()));
    halls
}

fn hall_view<'a>(
    engine: &Engine,
    hall: &'a Hall,
    distance_m: Option<f64>,
    service: Option<&Service>,
    languages: &Languages,
    now: DateTime<Utc>,
) -> HallView<'a> {
    HallView {
        core: HallCore::new(hall, languages),
        distance_m: distance_m.map(whole_metres),
        next_available: engine.next_free(hall, service, 1, now).map(FreeView::from),
    }
}

/// One hall with its hours, lanes and exceptions.
#[utoipa::path(get, path = "/v1/halls/{hall}", tag = "public", operation_id = "read_hall",
    params(("hall" = String, Path, description = "The id of the hall", example = "hangzhou-shi-crj"), LanguageHeader),
    responses((status = 200, description = "The hall", body = HallDetail), OfHall))]
pub async fn hall(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    languages: Languages,
) -> Result<Response, Problem> {
    let (engine, now) = (app.engine()?, app.now());
    let snapshot = engine.snapshot();
    let hall = snapshot.hall(&id)?;
    let summary = hall_view(engine, hall, None, None, &languages, now);
    Ok(localized(&HallDetail { summary, schedule: HallSchedule::new(&snapshot, hall) }))
}
