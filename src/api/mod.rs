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

mod appointment_view;
mod appointments;
mod halls;
mod openapi;
mod operations;
mod problem_sets;
mod recommendations;
pub mod routes;
mod services;
mod session;
mod slots;
mod slots_text;
pub(crate) mod staff;
#[cfg(test)]
mod tests;
