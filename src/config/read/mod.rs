//! How a file becomes values: texts of a directory, a TOML document whose values know their lines, words that several
//! sections share, and what is wrong, with its place and its mend.

pub(crate) mod amounts;
pub(crate) mod directory;
pub(crate) mod document;
pub(crate) mod error;
pub(crate) mod flaw;
pub(crate) mod phrases;
pub(crate) mod terms;
pub(crate) mod unique;
