//! The office: how full the halls are, the configuration, and the people whom a change of it displaces.
//!
//! Every page wants a member of staff who has signed in, and shows that member's halls only. People are shown masked, but for
//! the telephone of a displaced person, whose opening is recorded before.

pub(crate) mod city;
pub(super) mod city_csv;
pub(super) mod configuration;
pub(super) mod displaced;
pub(crate) mod drafts;
pub(crate) mod edit_halls;
pub(crate) mod edited_file;
pub(super) mod editor;
pub(super) mod history;
pub(crate) mod interrupted;
pub(super) mod preview;
pub(super) mod sentences;
pub(super) mod trends;
