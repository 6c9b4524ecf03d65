//! `GET /staff/halls/{hall}/{date}/display`: the screen in the hall. Numbers only, never a name.

use axum::extract::State;
use axum::response::Response;
use chrono::{SecondsFormat, TimeDelta};
use maud::html;

use super::day::stale;
use super::hall_day::Place;
use crate::app::state::App;
use crate::engine::{Calling, DeskQueue};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::visitor::Desk;
use crate::pages::text::Arg;
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;

/// After how many seconds the screen is fetched again.
const REFRESH_S: u32 = 3;
/// The same where no script runs.
const RELOAD_S: u32 = 5;
/// How many calls are shown.
const MAX_CALLS: usize = 9;
/// How many of those who wait are shown; the others are counted.
const MAX_WAITING: usize = 16;
/// How long a call stands out, in seconds.
const FRESH_S: i64 = 60;

/// The screen.
///
/// # Errors
/// `unknown_hall`, `forbidden`, `not_found`.
pub async fn display(
    State(app): State<App>,
    desk: Desk,
    Path((hall, date)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let place = Place::named(&snapshot, &desk, &hall, &date)?;
    let (visit, text) = (&desk.visit, desk.visit.text);
    let queue = engine.queue_of(place.hall_day().log()).await;
    let calls: Vec<&Calling> = queue.last_calls().into_iter().take(MAX_CALLS).collect();
    let is_fresh = |at: usize, calling: &Calling| at == 0 && visit.now - calling.at < TimeDelta::seconds(FRESH_S);
    let now_here = visit.now.with_timezone(&place.hall.zone).to_rfc3339_opts(SecondsFormat::Millis, false);
    let title = text.with("desk-display-title", &[("hall", text.pick(&place.hall.name).into())]);
    Ok(Frame::display(visit, title.as_str()).refreshed_every(REFRESH_S).reloaded_every(RELOAD_S).page(&html! {
        (stale(text))
        h1 { (title) }
        p class="clock" data-clock data-now=(now_here) { (place.wall_time(visit.now)) }
        @if calls.is_empty() { p { (text.get("desk-display-no-calls")) } }
        ol class="calls" aria-live="polite" aria-label=(text.get("desk-display-calls")) {
            @for (at, calling) in calls.into_iter().enumerate() {
                li class=[is_fresh(at, calling).then_some("fresh")] {
                    span class="number" { (queue.shown(calling.ticket)) } " "
                    span class="to" { (text.with("desk-call-to", &[("counter", calling.counter.as_str().into())])) }
                }
            }
        }
        p class="waiting" {
            (text.with("desk-queue-waiting", &[("count", Arg::from(queue.waiting().len()))])) " " (numbers(&queue))
        }
    }))
}

/// The numbers of those who wait, the longest waiting first.
fn numbers(queue: &DeskQueue) -> String {
    let shown = queue.waiting().iter().take(MAX_WAITING).map(|one| queue.shown(one.ticket));
    let numbers = shown.collect::<Vec<_>>().join("  ");
    if queue.waiting().len() > MAX_WAITING { format!("{numbers}  …") } else { numbers }
}
