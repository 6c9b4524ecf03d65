//! The reading kit: body, query, path, language and bearer token of a request.

pub(crate) mod address;
pub(crate) mod bearer;
pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod cursor;
pub(crate) mod diagnosis;
pub(crate) mod idempotency_key;
pub(crate) mod language;
pub(crate) mod location;
pub(crate) mod path;
pub(crate) mod query;
