//! Pages for staff: the desk of a hall, and the office that looks after all halls.
//!
//! Every page wants a member of staff who has signed in, and shows that member's halls only. People are shown masked, but for
//! the telephone of one who is displaced, whose opening is noted before.
//! What a desk does goes to the engine, and is noted in the log of the hall.

pub use super::office::drafts::Drafts;

use super::routes::Route;

/// Every route of these pages, with what their forms keep.
pub fn routes(drafts: &Drafts) -> Vec<Route> {
    let mut routes = crate::pages::desk::routes(drafts);
    routes.extend(crate::pages::office::routes(drafts));
    routes
}
