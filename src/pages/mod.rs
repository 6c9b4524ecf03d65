//! Pages for citizens and staff, made by the server, without anything from another site.
//!
//! A page works without a script. Citizens find a time (`finding`), book it (`booking`) and look after what they have (`own`);
//! staff run the day (`desk`) and look after all halls (`office`). Each file is one page, its form included; `kit` is what
//! pages are made of, `text` has their words. What they ask and what they write goes to the engine as it does from the API,
//! through the same reading of bodies: there is one source of rules.
//!
//! It must never know how anything is stored, and never show a name, a number or an address unmasked but to the person who
//! has just typed it.
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
mod text;

pub use problem_page::for_people;
pub use routes::routes;
