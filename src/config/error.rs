//! What is wrong with a configuration, where it stands, and how to mend it.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::flaw::{Flaw, Mend};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, relative to the configuration directory; `.` for the directory itself; a file from elsewhere as it was
    /// named.
    pub file: String,
    /// The line, counted from 1; 0 where the file as a whole is the trouble.
    pub line: usize,
    /// What is wrong.
    pub flaw: Flaw,
    /// How to mend it.
    pub mend: Mend,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, flaw, mend } = self;
        match line {
            0 => write!(f, "{file}: {flaw}; {mend}"),
            _ => write!(f, "{file}:{line}: {flaw}; {mend}"),
        }
    }
}

/// Everything that is wrong with a configuration, by file and line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors(pub Vec<ConfigError>);

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: Rc<str>,
    pub(super) line: usize,
}

impl Place {
    /// A file as a whole.
    pub(super) fn whole(file: &str) -> Self {
        Self { file: file.into(), line: 0 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

/// How many errors are taken down; what is beyond them is found once they are mended.
pub(super) const MAX_ERRORS: usize = 1_000;

/// The errors found so far, at most [`MAX_ERRORS`]. Reading goes on after an error, so this is shared by everything that reads, and a report
/// needs no exclusive access.
#[derive(Debug, Default)]
pub(super) struct Findings(RefCell<Vec<ConfigError>>);

impl Findings {
    /// Takes down one error.
    pub(super) fn report(&self, place: &Place, flaw: Flaw, mend: Mend) {
        if self.0.borrow().len() >= MAX_ERRORS {
            return;
        }
        let Place { file, line } = place;
        let error = ConfigError { file: file.to_string(), line: *line, flaw, mend };
        self.0.borrow_mut().push(error);
    }

    /// Takes down errors that others found.
    pub(super) fn adopt(&self, errors: Errors) {
        let room = MAX_ERRORS.saturating_sub(self.0.borrow().len());
        self.0.borrow_mut().extend(errors.0.into_iter().take(room));
    }

    /// Nothing where nothing was found, else everything in order of file and line.
    pub(super) fn into_result(self) -> Result<(), Errors> {
        let mut errors = self.0.into_inner();
        if errors.is_empty() {
            return Ok(());
        }
        let order =
            |error: &ConfigError| (error.file.clone(), error.line, error.flaw.to_string(), error.mend.to_string());
        errors.sort_by_cached_key(order);
        errors.dedup();
        Err(Errors(errors))
    }
}
