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
pub(crate) struct Place {
    pub(crate) file: Rc<str>,
    pub(crate) line: usize,
}

impl Place {
    /// A file as a whole.
    pub(crate) fn whole(file: &str) -> Self {
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
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

/// How many errors are taken down; what is beyond them is found once they are mended.
pub(crate) const MAX_ERRORS: usize = 1_000;

/// The errors found so far, at most [`MAX_ERRORS`]. Reading goes on after an error, so this is shared by everything that reads, and a report
/// needs no exclusive access.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    errors: RefCell<Vec<ConfigError>>,
    /// What is not wrong, and may not be what was meant.
    hints: RefCell<Vec<ConfigError>>,
}

impl Findings {
    /// Takes down one error.
    pub(crate) fn report(&self, place: &Place, flaw: Flaw, mend: Mend) {
        note(&self.errors, place, flaw, mend);
    }

    /// Takes down what is not wrong, and may not be what was meant.
    pub(crate) fn hint(&self, place: &Place, flaw: Flaw, mend: Mend) {
        note(&self.hints, place, flaw, mend);
    }

    /// Takes down errors that others found.
    pub(crate) fn adopt(&self, errors: Errors) {
        let room = MAX_ERRORS.saturating_sub(self.errors.borrow().len());
        self.errors.borrow_mut().extend(errors.0.into_iter().take(room));
    }

    /// The hints where nothing wrong was found, else all that is wrong, in order of file and line.
    pub(crate) fn into_result(self) -> Result<Vec<ConfigError>, Errors> {
        let in_order = |found: RefCell<Vec<ConfigError>>| {
            let mut found = found.into_inner();
            let order =
                |error: &ConfigError| (error.file.clone(), error.line, error.flaw.to_string(), error.mend.to_string());
            found.sort_by_cached_key(order);
            found.dedup();
            found
        };
        let errors = in_order(self.errors);
        if errors.is_empty() { Ok(in_order(self.hints)) } else { Err(Errors(errors)) }
    }
}

fn note(found: &RefCell<Vec<ConfigError>>, place: &Place, flaw: Flaw, mend: Mend) {
    let mut found = found.borrow_mut();
    if found.len() < MAX_ERRORS {
        found.push(ConfigError { file: place.file.to_string(), line: place.line, flaw, mend });
    }
}
