//! The routes of the office: how full the halls are, the configuration, and those whom it displaces.

pub(crate) mod city;
mod city_csv;
mod configuration;
mod displaced;
pub(crate) mod drafts;
pub(crate) mod edit_halls;
mod editor;
mod history;
mod preview;
mod sentences;
mod trends;

use axum::Extension;
use axum::routing::get;

use super::routes::Route;
use drafts::Drafts;

/// Every route of these pages.
pub fn routes(drafts: &Drafts) -> Vec<Route> {
    let editor = get(edit_halls::show).post(edit_halls::edit).layer(Extension(drafts.clone()));
    vec![
        ("/staff/city", get(city::show)),
        ("/staff/city.csv", get(city_csv::table)),
        ("/staff/trends", get(trends::show)),
        ("/staff/configuration", get(configuration::show).post(configuration::reload)),
        ("/staff/configuration/halls/{file}", editor),
        ("/staff/configuration/history/{number}", get(history::show)),
        ("/staff/configuration/history/{number}/roll-back", get(history::preview).post(history::roll_back)),
        ("/staff/displaced", get(displaced::list)),
        ("/staff/displaced/telephone", get(displaced::back_to_list).post(displaced::open_telephone)),
        ("/staff/displaced/{id}", get(displaced::one).post(displaced::relocate)),
    ]
}
