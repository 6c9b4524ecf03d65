//! Connections and what is around every request, whoever answers it.
//!
//! [`connections`] accepts a connection and `wire` words what hyper refuses by itself. `envelope` gives the request its id, bounds
//! its head, turns away what comes before the engine is there, catches panics, writes problem documents, counts. `read` has
//! the extractors for body, query, path and language. Tested on raw sockets and by units beside the code.

pub(crate) mod body_budget;
pub(crate) mod body_watch;
pub(crate) mod compression;
pub mod connections;
mod cookies;
pub(crate) mod deadline;
pub(crate) mod envelope;
mod framing;
mod guards;
pub mod handles;
pub(crate) mod json;
pub(crate) mod listener;
pub(crate) mod problem;
pub(crate) mod read;
pub(crate) mod request_id;
pub(crate) mod service;
pub(crate) mod times;
mod wire;
