//! hallpass: the appointment engine for entry-exit halls.
//!
//! One process: an in-memory slot allocator that decides, a group-committed ledger that remembers, and an HTTP API.
//! Promises, in this order: never oversold, nothing acknowledged is ever lost, fair, fast, pleasant.
//!
//! # The rooms
//! | room | owns | must never know |
//! | --- | --- | --- |
//! | [`domain`] | the rules, as values and pure functions | I/O, time of day, any other room |
//! | [`clock`] | the time of day | what it is used for |
//! | [`console`] | standard output and standard error | what is said |
//! | [`vault`] | keys: person keys and sealing | what is sealed, and why |
//! | [`config`] | files → one checked, versioned snapshot, and checked scenarios | the engine, HTTP |
//! | [`ledger`] | entries, group commit, the embedded store, single records, `verify`, `transfer` | the engine: whoever waits is a `Pending` |
//! | [`engine`] | claims, day sheets, the book of appointments | HTTP, JSON, the store behind the ledger's trait |
//! | [`http`] | the JSON API | rules: it asks the engine |
//! | [`web`] | pages for citizens and staff | rules: it asks the engine as the API does |
//! | [`space`] | how much room a disk has | what it is for |
//! | [`server`] | wiring, start and stop | decisions of any kind |
//! | [`simulate`] | a city's peak day, played and judged | rules: it asks the server like any client |
//!
//! Dependencies point inwards: `simulate → server → web → http → engine → domain`, `engine → ledger`'s trait, `ledger, config → domain`.
//! Of the ledger, `config` knows how an address of a PostgreSQL is written, and nothing else.
//!
//! # The law
//! Take before the write, give back after the write: see [`engine`].

pub mod api;
pub mod app;
pub mod clock;
pub mod config;
pub mod console;
pub mod domain;
pub mod engine;
pub mod ledger;
pub mod pages;
pub mod serve;
pub mod server;
pub mod simulate;
pub mod space;
pub mod vault;
