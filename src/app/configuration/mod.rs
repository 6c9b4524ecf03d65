//! The configuration in force: reloaded from its files, or edited through the server.

pub(crate) mod edit;
pub(crate) mod reload;
