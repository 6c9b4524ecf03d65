//! The routes of what somebody books and has booked.

mod appointment;
mod cancelling;
pub(crate) mod known;
mod list;
pub(crate) mod moving;
pub(crate) mod news;
pub(crate) mod party;
mod ticket;
pub(crate) mod waiting;
mod whose;

use axum::routing::get;

use super::booking::{applicants, details, place_picker, place_search, review, sign_in};
use super::routes::Route;

/// Every one of them.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        ("/sign-in", get(sign_in::page).post(sign_in::sign_in)),
        ("/sign-out", get(sign_in::stay).post(sign_in::sign_out)),
        ("/book", get(applicants::page).post(applicants::send)),
        ("/divisions/{language}", get(place_search::hits)),
        ("/divisions/{language}/{of}/{code}", get(place_picker::options)),
        ("/held/{id}", get(details::page).post(details::send)),
        ("/held/{id}/check", get(review::page).post(review::send)),
        ("/appointments", get(list::page)),
        ("/appointments/seen", get(news::nothing_to_see).post(news::seen)),
        ("/appointments/{id}", get(appointment::page)),
        ("/appointments/{id}/calendar.ics", get(appointment::calendar)),
        ("/appointments/{id}/move", get(moving::days)),
        ("/appointments/{id}/move/confirm", get(moving::page).post(moving::send)),
        ("/appointments/{id}/cancel", get(cancelling::page).post(cancelling::send)),
    ]
}
