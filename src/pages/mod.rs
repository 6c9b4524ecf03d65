//! Pages for citizens and staff, made by the server, without anything from elsewhere.
//!
//! A page works without a script. `visit` knows who looks, `filled` reads what was filled in, `frame` puts a page together,
//! `text` has its words. Pages for citizens are in `citizens`, those for staff in `staff`; each file is one page, its form
//! included. What they ask and what they write goes to the engine as it does from the API, through the same reading of
//! bodies: there is one source of rules.
//!
//! This room knows [`http`](crate::api) and the engine. It must never know how anything is stored, and never show a name,
//! a number or an address unmasked but to the person who has just typed it, and to staff who has to call somebody and whose
//! look the engine has noted.
//!
//! Tested by units beside the code, through HTTP without a script, and in a real browser (`tests/suite/pages`).

mod about;
mod assets;
mod booking;
mod desk;
mod finding;
mod kit;
mod languages;
mod office;
mod own;
mod problem_page;
mod routes;
mod staff;
mod text;

pub use routes::served;
