//! What desks do in a hall on a day: the log of it, its records, and the queue that follows from them.

pub(crate) mod log;
pub(crate) mod queue;
pub(crate) mod record;
