//! `GET /staff/halls/{hall}/{date}/list`: the list of a day on paper, for when the network is down.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::day::title;
use super::hall_day::Place;
use super::names::{code_in_halves, service_name};
use super::people::{BandOfPeople, People, lane_name, status_name};
use crate::app::state::App;
use crate::domain::appointment::{Appointment, Status};
use crate::domain::snapshot::Snapshot;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::visitor::{Desk, Visit};
use crate::pages::text::{Arg, Text};
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;

/// The list.
///
/// # Errors
/// `unknown_hall`, `forbidden`, `not_found`.
pub async fn list(
    State(app): State<App>,
    desk: Desk,
    Path((hall, date)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let place = Place::named(&snapshot, &desk, &hall, &date)?;
    let (visit, text) = (&desk.visit, desk.visit.text);
    let people = People::of_day(engine, &place, visit.now);
    let count: usize = people.bands.iter().map(|band| band.people.len()).sum();
    let made_at = text.instant(visit.now.with_timezone(&place.hall.zone).fixed_offset());
    Ok(Frame::staff(visit, text.with("desk-list-title", &[("where", title(text, &place).into())]))
        .back(place.path())
        .page(&html! {
            div class="list print" {
                p { (text.with("desk-list-made", &[("time", made_at.into()), ("count", Arg::from(count))])) }
                p class="only-script" { button class="button" type="button" data-print { (text.get("desk-print")) } }
                @if count == 0 { p { (text.get("desk-day-nobody")) } } @else {
                    (table(visit, &snapshot, &people))
                }
            }
        }))
}

fn table(visit: &Visit, snapshot: &Snapshot, people: &People) -> Markup {
    let text = visit.text;
    let columns = [
        "desk-list-name",
        "desk-list-id-number",
        "desk-list-code",
        "desk-list-service",
        "desk-list-state",
        "desk-list-here",
        "desk-list-served",
    ];
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(text.get("desk-list-region")) {
            table class="table" {
                thead { tr { @for column in columns { th scope="col" { (text.get(column)) } } } }
                // A band is a body of its own, so that none is torn over two pages.
                @for band in people.bands.iter().filter(|band| !band.people.is_empty()) {
                    tbody {
                        tr { th colspan=(columns.len()) scope="rowgroup" { (heading(text, band)) } }
                        @for one in &band.people { (row(visit, snapshot, one)) }
                    }
                }
            }
        }
    }
}

fn heading(text: Text, band: &BandOfPeople) -> String {
    let slot = &band.slot;
    let parts = [("taken", Arg::from(band.people.len())), ("capacity", Arg::from(slot.capacity))];
    format!(
        "{} · {} · {}",
        text.span(slot.start, slot.end),
        lane_name(text, band.lane),
        text.with("desk-band-count", &parts)
    )
}

fn row(visit: &Visit, snapshot: &Snapshot, one: &Appointment) -> Markup {
    let (text, status) = (visit.text, one.status_at(visit.now));
    let tick = |is_done: bool| html! { td { @if is_done { "☑" } @else { "☐" } } };
    html! {
        tr {
            td { (one.mask.name()) }
            td class="whole" { (one.mask.id_number()) }
            td class="whole" translate="no" { (code_in_halves(one)) }
            td { (service_name(text, snapshot, one.service.as_str())) }
            td { (status_name(text, status)) }
            (tick(matches!(status, Status::CheckedIn | Status::Served)))
            (tick(status == Status::Served))
        }
    }
}
