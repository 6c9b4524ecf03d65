//! Pages for staff: the desk of a hall, and the office that looks after all halls.
//!
//! Every page wants a member of staff who has signed in, and shows that member's halls only. People are shown masked, but for
//! the telephone of one who is displaced, whose opening is noted before.
//! What a desk does goes to the engine, and is noted in the log of the hall.

mod attending;
mod check_in;
mod city;
mod city_csv;
mod configuration;
mod day;
mod day_list;
mod desk_routes;
mod displaced;
mod display;
mod drafts;
mod editor;
pub mod halls_file;
mod history;
mod no_show;
mod office_routes;
mod people;
mod place;
mod queue;
mod record;
mod remembered;
mod scan;
mod sentences;
mod sign_in;
#[cfg(test)]
mod tests;
mod today;
mod trends;
mod walk_in;
mod what_changes;

pub use drafts::Drafts;

use super::routes::Route;

/// Every route of these pages, with what their forms keep.
pub fn routes(drafts: &Drafts) -> Vec<Route> {
    let mut routes = desk_routes::routes(drafts);
    routes.extend(office_routes::routes(drafts));
    routes
}
