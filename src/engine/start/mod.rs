//! How the engine's memory comes to be and stays current: recovery from the ledger, and following other instances.

mod answers;
pub(crate) mod following;
pub(crate) mod recovery;
