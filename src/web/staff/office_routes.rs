//! The routes of the office: how full the halls are, the configuration, and those whom it displaces.

use axum::Extension;
use axum::routing::get;

use super::drafts::Drafts;
use super::{city, city_csv, configuration, displaced, halls_file, history, trends};
use crate::web::routes::Route;

/// Every route of these pages.
pub fn routes(drafts: &Drafts) -> Vec<Route> {
    let editor = get(halls_file::show).post(halls_file::edit).layer(Extension(drafts.clone()));
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
