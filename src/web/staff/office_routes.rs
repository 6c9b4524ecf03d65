//! The routes of the office: how full the halls are, the configuration, and those whom it displaces.

use axum::routing::get;

use super::{city, city_csv, configuration, displaced, halls_file, history, trends};
use crate::web::routes::Route;

/// Every route of these pages.
pub fn routes() -> Vec<Route> {
    vec![
        ("/staff/city", get(city::show)),
        ("/staff/city.csv", get(city_csv::table)),
        ("/staff/trends", get(trends::show)),
        ("/staff/configuration", get(configuration::show).post(configuration::reload)),
        ("/staff/configuration/halls/{file}", get(halls_file::show).post(halls_file::edit)),
        ("/staff/configuration/history/{number}", get(history::show)),
        ("/staff/configuration/history/{number}/roll-back", get(history::back).post(history::roll_back)),
        ("/staff/displaced", get(displaced::list)),
        ("/staff/displaced/telephone", get(displaced::back_to_list).post(displaced::open_telephone)),
        ("/staff/displaced/{id}", get(displaced::one).post(displaced::relocate)),
    ]
}
