//! Configurations beside the one in force: the files as texts, drafts that are tried out, and versions that were in force.

pub(crate) mod draft;
pub(crate) mod history;
pub(crate) mod substitutes;
pub(crate) mod texts;
