//! `GET /v1/admin/halls/{hall}/days/{date}`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::appointment_view::AppointmentView;
use crate::api::problem_sets::OfStaffReading;
use crate::api::slots_text::SlotView;
use crate::app::access::staff::Staff;
use crate::app::input::fields::{Fields, date};
use crate::app::state::App;
use crate::serve::json::json;
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;
use crate::serve::read::query::{NoParameters, Query};

/// How full one band of one lane is.
#[derive(Serialize, ToSchema)]
#[schema(as = LaneSlot)]
pub struct LaneSlotView {
    /// The lane.
    #[schema(example = "counter")]
    lane: &'static str,
    #[serde(flatten)]
    slot: SlotView,
}

/// One day of a hall.
#[derive(Serialize, ToSchema)]
#[schema(as = HallDay)]
pub struct HallDayView {
    /// Every band of every lane.
    slots: Vec<LaneSlotView>,
    /// Every appointment of the day, by start.
    appointments: Vec<AppointmentView>,
}

/// What is booked in a hall on a date.
#[utoipa::path(get, path = "/v1/admin/halls/{hall}/days/{date}", tag = "staff", operation_id = "read_hall_day",
    params(
        ("hall" = String, Path, description = "The id of the hall", example = "hangzhou-shi-crj"),
        ("date" = crate::serve::times::Date, Path, description = "The date"),
    ),
    security(("staff" = [])),
    responses((status = 200, description = "The day", body = HallDayView), OfStaffReading))]
pub async fn day(
    State(app): State<App>,
    staff: Staff,
    Path((hall, on)): Path<(String, String)>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let hall = snapshot.hall(&hall)?;
    staff.judge_hall(hall.id)?;
    let mut fields = Fields::default();
    let on = fields.need(format_args!("/date"), Some(on), date);
    let on = fields.finish(on)?;

    let slots = engine.slots_of_hall_day(hall, on);
    let slots = slots.iter().map(|(lane, slot)| LaneSlotView { lane: lane.as_str(), slot: slot.into() }).collect();
    let appointments = engine.of_hall_day(hall.id, on);
    let appointments = appointments.iter().map(|one| AppointmentView::at(one, staff.now)).collect();
    Ok(json(StatusCode::OK, &HallDayView { slots, appointments }))
}
