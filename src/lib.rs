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
//! | [`space`] | how much room a disk has | what it is for |
//! | [`postgres_url`] | where a PostgreSQL is, as a URL says it | connections |
//! | [`vault`] | keys: person keys and sealing | what is sealed, and why |
//! | [`config`] | files → one checked, versioned snapshot, and checked scenarios | the engine, HTTP |
//! | [`ledger`] | entries, group commit, the stores, single records, the auditor, `transfer` | the engine: a caller that waits is a `Pending` |
//! | [`engine`] | claims, day sheets, the book of appointments | HTTP, the JSON API, the store behind the ledger's trait |
//! | [`app`] | what may be asked, by whom, and once | how an answer is rendered |
//! | [`serve`] | connections, what is around every request, the reading kit | what is asked |
//! | [`api`] | the JSON API | pages; how anything is stored |
//! | [`pages`] | pages for citizens and staff | the JSON API; how anything is stored |
//! | [`server`] | wiring, start and stop | decisions of any kind |
//! | [`simulate`] | a city's peak day, played and judged | rules: it asks the server like any client |
//!
//! Dependencies point inwards: `server → api, pages → serve → app → engine → ledger → domain`, `app → config → domain`,
//! `simulate → server`. The test `tidy` reads the sources and holds this, and that no files need one another in a circle.
//!
//! # The law
//! Take before the write, give back after the write: see [`engine`].
//!
//! # Words
//! | word | means |
//! | --- | --- |
//! | slot | a band of one lane of a hall on one date: what a place is taken in |
//! | place | one unit of a slot's capacity, and nothing else |
//! | lane, band | a kind of counter of a hall; a stretch of its day, such as 09:00 to 09:30 |
//! | appointment | the record; *booking* is the act that makes it |
//! | hold | an appointment that ends by itself unless it is confirmed |
//! | party | appointments made together: all of them or none |
//! | claim | what an entry takes before it is written: a place, a person's share, a code, the right to change |
//! | entry, batch | one change in the ledger; several of them, made durable by one flush |
//! | settle | make facts of claims once their entry is durable, and give back what it gave up |
//! | snapshot | the configuration in force, immutable, with its version |
//! | displaced | booked, but without room in the configuration in force |
//! | person key | HMAC of an ID number: the same person without the number |

pub mod api;
pub mod app;
pub mod clock;
pub mod config;
pub mod console;
pub mod domain;
pub mod engine;
pub mod ledger;
pub mod pages;
pub mod postgres_url;
pub mod serve;
pub mod server;
pub mod simulate;
pub mod space;
pub mod vault;
