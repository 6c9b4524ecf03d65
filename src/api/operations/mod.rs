//! What operators ask: health, readiness and metrics.

pub(crate) mod health;
pub(crate) mod metrics;
