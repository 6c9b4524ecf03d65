//! From "what do I need?" to a time: document and action, hall, day and time, each a page whose state is its address.

pub(crate) mod areas;
pub(crate) mod choice;
pub(crate) mod choose_day;
pub(crate) mod choose_document;
pub(crate) mod choose_hall;
pub(crate) mod choose_service;
pub(crate) mod choose_time;
pub(crate) mod documents_to_bring;
mod elsewhere;
pub(crate) mod hall_facts;
mod hall_list;
pub(crate) mod live;
mod party_size;
mod questions;
pub(crate) mod slot;
pub(crate) mod steps;
mod strip;
mod where_form;
