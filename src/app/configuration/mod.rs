//! The configuration in force: reloaded from its files, or edited through the server; and what of a configuration is shown.

pub(crate) mod edit;
pub(crate) mod reload;

pub use crate::config::versions::history::{History, Kept, MAX_COMMENT_CHARS};
pub use crate::config::versions::texts::{Texts, digest_of, file_of_halls, hall_ids_in, halls_file_name};
pub use crate::config::{Change, ConfigError, Contact, Errors, Part, Word};
