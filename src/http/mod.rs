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

pub mod admin_token;
mod answer;
pub mod answers;
pub mod app;
mod appointments;
mod bearer;
mod body_watch;
mod booking_body;
mod calendar_file;
mod cursor;
mod diagnosis;
mod envelope;
mod exposition;
mod fields;
mod halls;
mod health;
mod idempotency_key;
mod json_body;
mod language;
mod metrics;
mod openapi;
mod path;
mod person;
mod place;
pub mod problem;
mod problem_sets;
mod query;
mod recommendations;
pub mod reload;
mod request_id;
pub mod routes;
pub mod serve;
mod services;
mod session;
mod session_token;
mod slots;
mod slots_text;
mod staff;
mod staff_appointments;
mod staff_config;
mod staff_day;
mod staff_stats;
mod staff_table;
#[cfg(test)]
mod tests;
mod throttle;
mod times;
mod turn;
mod view;
mod wire;
