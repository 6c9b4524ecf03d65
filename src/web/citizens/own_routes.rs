//! The routes of what somebody books and has booked.

use axum::routing::get;

use super::{cancelling, details, moving, news, one, own, place_picker, place_search, review, sign_in, who};
use crate::web::routes::Route;

/// Every one of them.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        ("/sign-in", get(sign_in::page).post(sign_in::sign_in)),
        ("/sign-out", get(sign_in::stay).post(sign_in::sign_out)),
        ("/book", get(who::page).post(who::send)),
        ("/divisions/{language}", get(place_search::hits)),
        ("/divisions/{language}/{of}/{code}", get(place_picker::options)),
        ("/held/{id}", get(details::page).post(details::send)),
        ("/held/{id}/check", get(review::page).post(review::send)),
        ("/appointments", get(own::page)),
        ("/appointments/seen", get(news::nothing_to_see).post(news::seen)),
        ("/appointments/{id}", get(one::page)),
        ("/appointments/{id}/calendar.ics", get(one::calendar)),
        ("/appointments/{id}/move", get(moving::days)),
        ("/appointments/{id}/move/confirm", get(moving::page).post(moving::send)),
        ("/appointments/{id}/cancel", get(cancelling::page).post(cancelling::send)),
    ]
}
