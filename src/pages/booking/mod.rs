//! From a time to an appointment: who comes and what else a hall must know, in one form.
//!
//! `sign_in` asks who somebody is, `applicants` is the form, which holds the places as soon as it is complete enough,
//! `details` is the same form while they are held, and `review` shows all of it and books them.

pub(crate) mod applicants;
pub(crate) mod booking_form;
pub(crate) mod countdown;
pub(crate) mod details;
pub(super) mod details_form;
pub(crate) mod party_form;
pub(crate) mod picked;
pub(crate) mod place_picker;
pub(crate) mod place_search;
pub(crate) mod refused;
pub(crate) mod review;
pub(crate) mod sign_in;

pub use sign_in::in_another_language;
