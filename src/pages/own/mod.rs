//! What a person has booked: the list, the ticket, a move, a cancellation, and what staff or a reload changed.
//!
//! `list` lists it, `appointment` shows a `ticket`, `moving` and `cancelling` change it, for `whose` of a party it may be;
//! `news` tells what others have changed.

pub(super) mod appointment;
pub(super) mod cancelling;
pub(crate) mod known;
pub(super) mod list;
pub(crate) mod moving;
pub(crate) mod news;
pub(crate) mod party;
pub(super) mod ticket;
pub(crate) mod waiting;
pub(super) mod whose;
