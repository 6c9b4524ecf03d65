//! Pages for citizens: find a hall, choose a time, book it, and look after what is booked.
//!
//! The way through them: `start` asks which document, `service` what is to be done with it, `halls` where, `days` and
//! `bands` when; `sign_in` and `who` ask for whom, which holds the places, and `details` for the rest, which books them. `own`
//! lists what somebody has, `one` shows an appointment, `moving` and `cancelling` change it.

mod about;
mod bands;
mod cancelling;
pub mod choice;
mod company;
mod days;
mod details;
mod details_form;
mod form;
mod halls;
mod moving;
mod one;
mod own;
mod own_routes;
mod parties;
mod places;
mod qr;
mod service;
mod sign_in;
mod slot;
mod start;
pub(in crate::web) mod steps;
mod trouble;
mod who;

use axum::routing::get;

pub use sign_in::shown_again;

use super::routes::Route;

/// Every route of the pages for citizens.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes: Vec<Route> = vec![
        ("/", get(start::page)),
        ("/about", get(about::page)),
        ("/service", get(service::page)),
        ("/halls", get(halls::page)),
        ("/halls/{hall}", get(days::page)),
        ("/halls/{hall}/{date}", get(bands::page)),
    ];
    routes.extend(own_routes::routes());
    routes
}
