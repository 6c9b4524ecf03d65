//! What was sent, read into values of the domain, with every bad field named.

pub(crate) mod booking;
pub(crate) mod dates;
pub(crate) mod fields;
