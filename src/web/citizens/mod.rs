//! Pages for citizens: find a hall, choose a time, book it, and look after what is booked.
//!
//! The way through them: `start` asks what is to be done, `halls` where and `bands` when, with `days` as its calendar;
//! `sign_in` and `who` ask for whom and for what else a hall must know, which holds the places; `details` is the same form
//! while they are held, and `review` shows all of it and books them. `own`
//! lists what somebody has, `one` shows a `ticket`, `moving` and `cancelling` change it, for `whose` of a party it may be;
//! `news` tells what others have changed.

mod about;
mod bands;
mod booking_form;
mod cancelling;
pub mod choice;
mod clock;
mod company;
mod days;
mod details;
mod details_form;
mod elsewhere;
mod form;
mod hall_facts;
mod hall_list;
mod halls;
mod known;
mod moving;
mod news;
mod one;
mod own;
mod own_routes;
mod parties;
mod people;
mod place_picker;
mod place_search;
pub(in crate::web) mod places;
mod qr;
mod review;
mod service;
mod sign_in;
mod slot;
mod start;
pub(in crate::web) mod steps;
mod strip;
mod taking;
mod ticket;
mod trouble;
mod waiting;
mod where_form;
mod who;
mod whose;

use axum::routing::get;

pub use sign_in::in_another_language;

use super::routes::Route;

/// Every route of the pages for citizens.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes: Vec<Route> = vec![
        ("/", get(start::page)),
        ("/about", get(about::page)),
        ("/service", get(service::page)),
        ("/halls", get(halls::page)),
        ("/halls/{hall}", get(bands::first)),
        ("/halls/{hall}/days", get(days::page)),
        ("/halls/{hall}/{date}", get(bands::page)),
    ];
    routes.extend(own_routes::routes());
    routes
}
