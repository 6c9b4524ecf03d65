//! What can stand in the files, one noun each: a table becomes a draft, and the drafts are compared.

pub(crate) mod calendar_file;
pub(crate) mod contact;
pub(crate) mod cross_checks;
pub(crate) mod hallpass_file;
pub(crate) mod halls_file;
pub(crate) mod hours;
pub(crate) mod identity;
mod lanes;
mod policy;
pub(crate) mod services_file;
pub(crate) mod staff;
pub(crate) mod store;
