//! The pages in a real browser: Chromium, driven as a person would use it.
//!
//! A test opens a browser on the server of a `TestApp`, which it made before, goes to a page, and reads like the story
//! of a visit: `click`, `fill`, `choose`, `see`. It runs on several threads, since a browser is closed where it is
//! dropped.
//!
//! `tests/run.sh` installs the browser, its driver and the checker of accessibility; nothing of them is in the
//! repository.

mod axe;
mod behind;
mod browser;
mod citizens;
mod console;
mod driver;
mod editing;
mod effort;
mod everybody;
mod finding;
mod hands;
mod harness;
mod moments;
mod own;
mod pictures;
mod places;
mod scanning;
mod script;
mod setup;
mod staff;
mod telephones;
mod way;

pub use browser::Browser;
