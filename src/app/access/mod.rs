//! Who calls: sessions of persons, tokens of staff, and how often somebody may try.

pub(crate) mod admin_token;
pub(crate) mod guesses;
pub(crate) mod opening;
pub(crate) mod openings;
pub(crate) mod peer;
pub(crate) mod person;
pub(crate) mod session_token;
pub(crate) mod staff;
pub(crate) mod staff_table;
pub(crate) mod throttle;
pub(crate) mod token_digest;

/// The longest token that is looked at, of a person or of staff, in bytes.
pub const MAX_TOKEN_BYTES: usize = 1024;
