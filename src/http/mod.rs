//! The HTTP API, version 1: routes, sessions, problems, `OpenAPI`.
//!
//! A request passes these doors, in this order. [`serve`] accepts the connection and `wire` words what hyper refuses by
//! itself. `envelope` gives the request its id, bounds its head, turns away what comes before the engine is there, catches
//! panics, writes problem documents, counts. [`routes`] finds the handler. Extractors judge who calls (`person`, `staff`),
//! then the syntax (`query`, `json_body`, `idempotency_key`); the handler answers a repeat, looks names up, has the fields
//! read (`fields`, `booking_body`) and asks the engine; `view` shapes the answer. That is the contract's order of
//! judgement, and nothing else decides it.
//!
//! This room knows the engine, the configuration, the clock and the vault. It must never know how anything is stored, and
//! never put a name, a number or an address of a person into an answer or a log unless it is masked.
//!
//! Tested by units beside the code for everything that is pure, on raw sockets for [`serve`], and through the router on a real
//! engine (`tests`).

pub(crate) mod address;
pub mod admin_token;
mod answer;
pub mod answers;
pub mod app;
mod appointments;
pub(crate) mod bearer;
mod body_budget;
pub(crate) mod body_watch;
pub(crate) mod booking_body;
pub(crate) mod calendar_file;
pub(crate) mod compression;
pub(crate) mod config_edit;
pub(crate) mod cursor;
mod diagnosis;
pub(crate) mod envelope;
mod exposition;
pub(crate) mod fields;
mod framing;
mod guards;
mod guesses;
mod halls;
pub mod handles;
mod health;
pub(crate) mod idempotency_key;
pub(crate) mod json_body;
pub(crate) mod language;
pub mod listener;
pub(crate) mod metrics;
mod openapi;
mod openings;
pub(crate) mod path;
pub(crate) mod peer;
pub(crate) mod person;
pub(crate) mod place;
pub mod problem;
mod problem_sets;
pub(crate) mod query;
mod recommendations;
pub mod reload;
mod request_id;
pub mod routes;
pub mod serve;
mod services;
mod session;
pub(crate) mod session_token;
mod slots;
mod slots_text;
mod staff;
pub(crate) mod staff_appointments;
mod staff_config;
mod staff_day;
mod staff_stats;
pub(crate) mod staff_table;
#[cfg(test)]
mod tests;
pub(crate) mod throttle;
mod times;
pub(crate) mod turn;
mod view;
mod wire;
