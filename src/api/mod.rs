//! The JSON API, version 1: routes, views and the `OpenAPI` description.
//!
//! [`routes`] finds the handler. Extractors judge who calls, then the syntax; the handler answers a repeat, looks names up, has
//! the fields read and asks the engine; `appointment_view` shapes the answer. That is the contract's order of judgement.
//!
//! This room must never know how anything is stored, and never put a name, a number or an address of a person into an answer
//! unless it is masked. Tested through the router on a real engine (`tests`).

mod appointment_view;
mod appointments;
mod bodies;
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
