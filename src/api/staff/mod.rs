//! `/v1/admin/…`: what desks and offices ask and do.

pub(crate) mod attend;
pub(crate) mod configuration;
pub(crate) mod day;
pub(crate) mod stats;
