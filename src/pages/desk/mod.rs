//! The routes of the desk. Where something is only sent to, a look leads back to the page with the form: a session that has
//! ended, or another language, leads there by the address of the form.

mod attend;
mod check_in;
mod day;
mod display;
pub(crate) mod hall_day;
mod no_show;
pub(crate) mod people;
mod print_list;
mod queue;
mod record;
pub(crate) mod remembered;
mod scan;
pub(crate) mod sign_in;
#[cfg(test)]
mod tests;
mod today;
mod walk_in;

use axum::Extension;
use axum::routing::{get, post};

use super::office::drafts::Drafts;
use super::routes::Route;

/// Every route of the desk.
pub fn routes(drafts: &Drafts) -> Vec<Route> {
    let drafts = || Extension(drafts.clone());
    vec![
        ("/staff", get(today::today)),
        ("/staff/sign-in", get(sign_in::ask).post(sign_in::sign_in).layer(drafts())),
        ("/staff/sign-out", get(sign_in::stay).post(sign_in::sign_out)),
        ("/staff/record", get(record::record)),
        ("/staff/scan", post(scan::scan)),
        ("/staff/appointments/{id}/{action}", get(attend::before).post(attend::change_one)),
        ("/staff/halls/{hall}", get(today::of_hall)),
        ("/staff/halls/{hall}/{date}", get(day::day)),
        ("/staff/halls/{hall}/{date}/check-in", get(check_in::back_to_day).post(check_in::check_in)),
        ("/staff/halls/{hall}/{date}/walk-ins", get(queue::queue).post(walk_in::draw)),
        ("/staff/halls/{hall}/{date}/tickets/{number}", get(walk_in::ticket)),
        ("/staff/halls/{hall}/{date}/call", get(walk_in::back_to_queue).post(walk_in::call)),
        ("/staff/halls/{hall}/{date}/next", get(walk_in::back_to_queue).post(walk_in::next)),
        ("/staff/halls/{hall}/{date}/served", get(walk_in::back_to_queue).post(walk_in::served)),
        ("/staff/halls/{hall}/{date}/gone", get(walk_in::back_to_queue).post(walk_in::gone)),
        ("/staff/halls/{hall}/{date}/display", get(display::display)),
        ("/staff/halls/{hall}/{date}/list", get(print_list::list)),
    ]
}
