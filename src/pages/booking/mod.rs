//! Pages for citizens: find a hall, choose a time, book it, and look after what is booked.
//!
//! The way through them: `start` asks what is to be done, `halls` where and `bands` when, with `days` as its calendar;
//! `sign_in` and `who` ask for whom and for what else a hall must know, which holds the places; `details` is the same form
//! while they are held, and `review` shows all of it and books them. `own`
//! lists what somebody has, `one` shows a `ticket`, `moving` and `cancelling` change it, for `whose` of a party it may be;
//! `news` tells what others have changed.

pub(crate) mod applicants;
pub(crate) mod booking_form;
pub(crate) mod countdown;
pub(crate) mod details;
mod details_form;
pub(crate) mod party_form;
pub(crate) mod place_picker;
pub(crate) mod place_search;
pub(crate) mod review;
pub(crate) mod sign_in;
pub(crate) mod taking;

use axum::routing::get;

pub use sign_in::in_another_language;

use super::routes::Route;

/// Every route of the pages for citizens.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes: Vec<Route> = vec![
        ("/", get(crate::pages::finding::choose_document::page)),
        ("/about", get(crate::pages::about::page)),
        ("/service", get(crate::pages::finding::choose_service::page)),
        ("/halls", get(crate::pages::finding::choose_hall::page)),
        ("/halls/{hall}", get(crate::pages::finding::choose_time::first)),
        ("/halls/{hall}/days", get(crate::pages::finding::choose_day::page)),
        ("/halls/{hall}/{date}", get(crate::pages::finding::choose_time::page)),
    ];
    routes.extend(crate::pages::own::routes());
    routes
}
