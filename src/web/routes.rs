//! Every route of the pages, put beside those of the API.

use axum::Extension;
use axum::routing::{MethodRouter, get};

use super::problem_page::for_people;
use super::{assets, citizens, languages, live, staff};
use crate::http::app::App;
use crate::http::envelope::Envelope;
use crate::http::routes as api;

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
    routes.extend(citizens::routes());
    routes.extend(staff::routes(&drafts));
    routes
}
