//! The desk of a hall: who comes on a day, check-in, numbers for walk-ins, calls, the display.
//!
//! Every page wants a member of staff who has signed in, and shows that member's halls only. People are shown masked.
//! What a desk does goes to the engine, and is recorded in the log of the hall.

mod actions;
pub(super) mod attend;
pub(super) mod check_in;
pub(super) mod day;
pub(super) mod display;
pub(crate) mod hall_day;
pub(super) mod names;
pub(super) mod no_show;
pub(crate) mod people;
pub(super) mod print_list;
pub(super) mod queue;
pub(super) mod record;
pub(crate) mod remembered;
pub(super) mod scan;
pub(crate) mod sign_in;
pub(crate) mod sign_in_page;
#[cfg(test)]
mod tests;
pub(super) mod today;
pub(super) mod walk_in;
