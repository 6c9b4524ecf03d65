//! What a booking takes before its entry is written: places of a slot, the right to change an appointment, a person's one
//! appointment for a document. Each is given back when it is dropped, unless the ledger has made it a fact.

pub(crate) mod holds;
pub(crate) mod persons;
pub(crate) mod places;
pub(crate) mod sheet;
