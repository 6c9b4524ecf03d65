//! A configuration that is not in force yet: what the directory would hold, checked as if it held it.

use std::io;
use std::path::{Path, PathBuf};

use super::texts::{Texts, private_directories};
use crate::config::read::error::{ConfigError, Errors};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::read::phrases::Part;
use crate::config::{Configuration, load};

/// The files of a directory as they are, and as they are to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    before: Texts,
    after: Texts,
}

/// Files that have been written into a directory. Unless they are kept, the old ones are put back when this goes.
#[derive(Debug)]
#[must_use]
pub struct Written {
    draft: Draft,
    dir: PathBuf,
    is_kept: bool,
}

impl Draft {
    /// A draft that turns some files into others.
    #[must_use]
    pub const fn new(before: Texts, after: Texts) -> Self {
        Self { before, after }
    }

    /// The files as they are.
    #[must_use]
    pub const fn before(&self) -> &Texts {
        &self.before
    }

    /// The files as they are to be.
    #[must_use]
    pub const fn after(&self) -> &Texts {
        &self.after
    }

    /// Reads and checks the files as they are to be, from a copy that only this process can read.
    ///
    /// # Errors
    /// As [`load`].
    pub fn load(&self) -> Result<Configuration, Errors> {
        let unwritten = |error: io::Error| Errors(vec![no_copy(&error)]);
        let dir = private_directories("hallpass-draft-").tempdir().map_err(unwritten)?;
        self.after.copy_to(dir.path()).map_err(unwritten)?;
        load(dir.path())
    }

    /// Writes the files into the directory.
    ///
    /// # Errors
    /// What the operating system says; then the files are as they were, as far as they can be.
    pub fn write(self, dir: &Path) -> io::Result<Written> {
        let written = Written { draft: self, dir: dir.to_owned(), is_kept: false };
        written.draft.before.exchange_for(&written.draft.after, dir)?;
        Ok(written)
    }
}

impl Written {
    /// Lets the files stay.
    pub fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        // What is there is asked again: a write may have stopped half-way.
        let Ok(there) = Texts::read(&self.dir) else { return };
        if let Err(error) = there.exchange_for(&self.draft.before, &self.dir) {
            tracing::error!(%error, dir = %self.dir.display(), "the old files of the configuration cannot be put back");
        }
    }
}

fn no_copy(error: &io::Error) -> ConfigError {
    ConfigError { file: ".".into(), line: 0, flaw: Flaw::NotCopied { why: Part::of(error) }, mend: Mend::MakeRoom {} }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, HALL};

    fn draft(dir: &Path, text: &str) -> Draft {
        Fixture::default().write(dir);
        let before = Texts::read(dir).unwrap();
        Draft::new(before.clone(), before.with("halls/one.toml", text.to_owned()))
    }

    #[test]
    fn a_draft_is_checked_as_the_directory_is() {
        let dir = tempfile::tempdir().unwrap();
        let sound = draft(dir.path(), &HALL.replace("capacity = 40", "capacity = 41"));
        let configuration = sound.load().unwrap();
        assert_eq!(configuration.snapshot.hall("one").unwrap().lanes[0].capacity, 41);
        let wrong = draft(dir.path(), &HALL.replace("30.25", "91"));
        let errors = wrong.load().unwrap_err().0;
        assert_eq!((errors[0].file.as_str(), errors[0].line), ("halls/one.toml", 7));
        assert_eq!(
            load(dir.path()).unwrap().snapshot.hall("one").unwrap().lanes[0].capacity,
            40,
            "nothing was written"
        );
    }

    #[test]
    fn what_is_not_kept_is_put_back() {
        let dir = tempfile::tempdir().unwrap();
        let made = draft(dir.path(), "# another\n");
        drop(made.clone().write(dir.path()).unwrap());
        assert_eq!(Texts::read(dir.path()).unwrap(), *made.before());
        made.clone().write(dir.path()).unwrap().keep();
        assert_eq!(Texts::read(dir.path()).unwrap(), *made.after());
    }

    #[test]
    fn a_write_that_stops_half_way_is_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        let made = draft(dir.path(), "# another\n");
        // Something that cannot be renamed over: the last step fails after the others have been made.
        std::fs::create_dir(dir.path().join("halls/zzz.toml")).unwrap();
        let after = made.after().clone().with("halls/zzz.toml", "x".into());
        let before = made.before().clone();
        let refused = Draft::new(before.clone(), after).write(dir.path());
        assert!(refused.is_err());
        std::fs::remove_dir(dir.path().join("halls/zzz.toml")).unwrap();
        assert_eq!(Texts::read(dir.path()).unwrap(), before);
    }
}
