//! Every route of the pages, put beside those of the API.

use axum::Extension;
use axum::routing::{MethodRouter, get};

use super::finding::live;
use super::problem_page::for_people;
use super::{assets, booking, languages, staff};
use crate::api::routes as api;
use crate::app::state::App;
use crate::serve::envelope::Envelope;

/// A pattern and who answers it.
pub type Route = (&'static str, MethodRouter<App>);

/// The API and the pages, ready to be served.
#[must_use]
pub fn served(app: App) -> Envelope {
    api::served_with(app, routes(), for_people)
}

/// Every route of the pages.
fn routes() -> Vec<Route> {
    let (listeners, drafts) = (live::Listeners::default(), staff::Drafts::default());
    let language = get(languages::choose).post(languages::choose_again).layer(Extension(drafts.clone()));
    let mut routes: Vec<Route> = vec![
        ("/static/{file}", get(assets::asset)),
        ("/language/{tag}", language),
        ("/live/halls/{hall}", get(live::of_hall).layer(Extension(listeners.clone()))),
        ("/live/halls/{hall}/{date}", get(live::of_day).layer(Extension(listeners))),
    ];
    routes.extend(booking::routes());
    routes.extend(staff::routes(&drafts));
    routes
}
