//! What differs between two configurations, and the version that a content has.

mod change;
pub(crate) mod changes;
pub(crate) mod settings_changes;
pub(crate) mod version;
