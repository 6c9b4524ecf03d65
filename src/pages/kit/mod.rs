//! What pages are made of: the visitor, the frame, forms and what was typed into them, refusals in words, cookies.

pub(crate) mod cookies;
pub(crate) mod form;
pub(crate) mod form_input;
pub(crate) mod frame;
pub(crate) mod help;
pub(crate) mod kept_form;
pub(crate) mod meter;
pub(crate) mod qr;
pub(crate) mod redirect;
pub(crate) mod refusals;
pub(crate) mod visitor;
