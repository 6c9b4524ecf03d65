//! Every route of the pages.

use axum::Extension;
use axum::routing::{MethodRouter, get, post};

use super::finding::live;
use super::office::drafts::Drafts;
use super::{about, assets, booking, desk, finding, languages, office, own};
use crate::app::state::App;

/// A pattern and who answers it.
type Route = (&'static str, MethodRouter<App>);

/// Every route of the pages. Drafts are what the editor keeps over an ended session or a switch of language.
#[must_use]
pub fn routes() -> Vec<Route> {
    let (listeners, drafts) = (live::Listeners::default(), Drafts::default());
    let language = get(languages::choose).post(languages::choose_again).layer(Extension(drafts.clone()));
    let mut routes: Vec<Route> = vec![
        ("/static/{file}", get(assets::asset)),
        ("/language/{tag}", language),
        ("/live/halls/{hall}", get(live::of_hall).layer(Extension(listeners.clone()))),
        ("/live/halls/{hall}/{date}", get(live::of_day).layer(Extension(listeners))),
    ];
    for group in [finding(), own(), desk(&drafts), office(&drafts)] {
        routes.extend(group);
    }
    routes
}

/// From what somebody needs to a time.
fn finding() -> Vec<Route> {
    vec![
        ("/", get(finding::choose_document::page)),
        ("/about", get(about::page)),
        ("/service", get(finding::choose_service::page)),
        ("/halls", get(finding::choose_hall::page)),
        ("/halls/{hall}", get(finding::choose_time::first)),
        ("/halls/{hall}/days", get(finding::choose_day::page)),
        ("/halls/{hall}/{date}", get(finding::choose_time::page)),
    ]
}

/// From a time to an appointment, and what is booked.
fn own() -> Vec<Route> {
    vec![
        ("/sign-in", get(booking::sign_in::page).post(booking::sign_in::sign_in)),
        ("/sign-out", get(booking::sign_in::stay).post(booking::sign_in::sign_out)),
        ("/book", get(booking::applicants::page).post(booking::applicants::send)),
        ("/divisions/{language}", get(booking::place_search::hits)),
        ("/divisions/{language}/{of}/{code}", get(booking::place_picker::options)),
        ("/held/{id}", get(booking::details::page).post(booking::details::send)),
        ("/held/{id}/check", get(booking::review::page).post(booking::review::send)),
        ("/appointments", get(own::list::page)),
        ("/appointments/seen", get(own::news::nothing_to_see).post(own::news::seen)),
        ("/appointments/{id}", get(own::appointment::page)),
        ("/appointments/{id}/calendar.ics", get(own::appointment::calendar)),
        ("/appointments/{id}/move", get(own::moving::days)),
        ("/appointments/{id}/move/confirm", get(own::moving::page).post(own::moving::send)),
        ("/appointments/{id}/cancel", get(own::cancelling::page).post(own::cancelling::send)),
    ]
}

/// A desk of a hall. Where something is only sent to, a look leads back to the page with the form: a session that has
/// ended, or another language, leads there by the address of the form.
fn desk(drafts: &Drafts) -> Vec<Route> {
    let sign_in = get(desk::sign_in::ask).post(desk::sign_in::sign_in).layer(Extension(drafts.clone()));
    vec![
        ("/staff", get(desk::today::today)),
        ("/staff/sign-in", sign_in),
        ("/staff/sign-out", get(desk::sign_in::stay).post(desk::sign_in::sign_out)),
        ("/staff/record", get(desk::record::record)),
        ("/staff/scan", post(desk::scan::scan)),
        ("/staff/appointments/{id}/{action}", get(desk::attend::before).post(desk::attend::change_one)),
        ("/staff/halls/{hall}", get(desk::today::of_hall)),
        ("/staff/halls/{hall}/{date}", get(desk::day::day)),
        ("/staff/halls/{hall}/{date}/check-in", get(desk::check_in::back_to_day).post(desk::check_in::check_in)),
        ("/staff/halls/{hall}/{date}/walk-ins", get(desk::queue::queue).post(desk::walk_in::draw)),
        ("/staff/halls/{hall}/{date}/tickets/{number}", get(desk::walk_in::ticket)),
        ("/staff/halls/{hall}/{date}/call", get(desk::walk_in::back_to_queue).post(desk::walk_in::call)),
        ("/staff/halls/{hall}/{date}/next", get(desk::walk_in::back_to_queue).post(desk::walk_in::next)),
        ("/staff/halls/{hall}/{date}/served", get(desk::walk_in::back_to_queue).post(desk::walk_in::served)),
        ("/staff/halls/{hall}/{date}/gone", get(desk::walk_in::back_to_queue).post(desk::walk_in::gone)),
        ("/staff/halls/{hall}/{date}/display", get(desk::display::display)),
        ("/staff/halls/{hall}/{date}/list", get(desk::print_list::list)),
    ]
}

/// How full the halls are, the configuration, and those whom it displaces.
fn office(drafts: &Drafts) -> Vec<Route> {
    let editor = get(office::edit_halls::show).post(office::edit_halls::edit).layer(Extension(drafts.clone()));
    vec![
        ("/staff/city", get(office::city::show)),
        ("/staff/city.csv", get(office::city_csv::table)),
        ("/staff/trends", get(office::trends::show)),
        ("/staff/configuration", get(office::configuration::show).post(office::configuration::reload)),
        ("/staff/configuration/halls/{file}", editor),
        ("/staff/configuration/history/{number}", get(office::history::show)),
        (
            "/staff/configuration/history/{number}/roll-back",
            get(office::history::preview).post(office::history::roll_back),
        ),
        ("/staff/displaced", get(office::displaced::list)),
        ("/staff/displaced/telephone", get(office::displaced::back_to_list).post(office::displaced::open_telephone)),
        ("/staff/displaced/{id}", get(office::displaced::one).post(office::displaced::relocate)),
    ]
}
