//! The data directory: what lies in it, its format, and its one owner.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::LedgerFault;

/// The first line of the file `FORMAT`, without the version.
const FORMAT_NAME: &str = "hallpass-ledger";
/// The version of everything below the data directory that this program knows. It reads every earlier one.
pub const FORMAT_VERSION: u32 = 2;
/// The version of a directory in which nothing needs a later one, so that an older program can go on with it.
const FIRST_VERSION: u32 = 1;

/// An open data directory. No other process can open it while this value lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// Holds the lock of the operating system, which ends with the process however that ends.
    _lock: File,
}

impl DataDir {
    /// Opens a data directory, making it where it is missing or empty.
    ///
    /// # Errors
    /// [`LedgerFault::InUse`] where another process has it open, [`LedgerFault::Format`] where it holds something else or
    /// a later format, [`LedgerFault::Directory`] where the operating system says no.
    pub fn open(path: &Path) -> Result<Self, LedgerFault> {
        let fault = |source| LedgerFault::Directory { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(fault)?;
        let foreign = !path.join("FORMAT").exists() && has_foreign_content(path).map_err(fault)?;
        if foreign {
            return Err(LedgerFault::Format {
                path: path.to_owned(),
                found: "is not empty and holds no hallpass ledger; name an empty or a new directory".into(),
            });
        }
        let lock = File::create(path.join("lock")).map_err(fault)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LedgerFault::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(fault(error)),
        }
        let dir = Self { path: path.to_owned(), _lock: lock };
        dir.settle_format()?;
        Ok(dir)
    }

    /// Opens a data directory that must be there already.
    ///
    /// # Errors
    /// As [`DataDir::open`], and [`LedgerFault::Directory`] where there is none.
    pub fn open_existing(path: &Path) -> Result<Self, LedgerFault> {
        fs::metadata(path.join("FORMAT")).map_err(|source| LedgerFault::Directory { path: path.to_owned(), source })?;
        Self::open(path)
    }

    /// Where the directory is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file with the secret from which all keys come.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        Self::keys_in(&self.path)
    }

    /// The same of the data directory at a path.
    #[must_use]
    pub fn keys_in(path: &Path) -> PathBuf {
        path.join("keys")
    }

    /// The file with the token of the first administrator.
    #[must_use]
    pub fn admin_token(&self) -> PathBuf {
        Self::admin_token_in(&self.path)
    }

    /// The same of the data directory at a path.
    #[must_use]
    pub fn admin_token_in(path: &Path) -> PathBuf {
        path.join("admin.token")
    }

    /// The directory of the versions of the configuration that were in force.
    #[must_use]
    pub fn config_history(&self) -> PathBuf {
        self.path.join("config-history")
    }

    /// The directory of the store.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.path.join("store")
    }

    /// Says that the directory holds from now on what only format 2 has: appointments of another store. An older program
    /// refuses it then.
    ///
    /// # Errors
    /// [`LedgerFault::Directory`].
    pub fn hold_imports(&self) -> Result<(), LedgerFault> {
        self.write_format(FORMAT_VERSION).map_err(|source| LedgerFault::Directory { path: self.path.clone(), source })
    }

    fn settle_format(&self) -> Result<(), LedgerFault> {
        let fault = |source| LedgerFault::Directory { path: self.path.clone(), source };
        match fs::read_to_string(self.path.join("FORMAT")) {
            Ok(text) => self.judge_format(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.write_format(FIRST_VERSION).map_err(fault),
            Err(error) => Err(fault(error)),
        }
    }

    /// Written beside and renamed, so that a power cut leaves no half a line.
    fn write_format(&self, version: u32) -> io::Result<()> {
        let fresh = self.path.join("FORMAT.new");
        let mut written = File::create(&fresh)?;
        writeln!(written, "{FORMAT_NAME} {version}")?;
        written.sync_all()?;
        fs::rename(&fresh, self.path.join("FORMAT"))?;
        File::open(&self.path)?.sync_all()
    }

    fn judge_format(&self, text: &str) -> Result<(), LedgerFault> {
        let version = text.trim_end().strip_prefix(FORMAT_NAME).and_then(|rest| rest.trim().parse::<u32>().ok());
        let found = match version {
            Some(FIRST_VERSION..=FORMAT_VERSION) => return Ok(()),
            Some(later) if later > FORMAT_VERSION => format!(
                "has format {later}, and this hallpass knows formats up to {FORMAT_VERSION}; start the hallpass that wrote it, or a newer one"
            ),
            Some(_) | None => "has a FORMAT file that this hallpass cannot read; name another directory".to_owned(),
        };
        Err(LedgerFault::Format { path: self.path.clone(), found })
    }
}

/// Whether a directory without a FORMAT file holds more than what an interrupted first start leaves, or keys that somebody
/// put there for what is to be imported.
fn has_foreign_content(path: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        if name != "lock" && name != "FORMAT.new" && name != "keys" {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &Path) -> String {
        DataDir::open(path).expect_err("must be refused").to_string()
    }

    #[test]
    fn a_directory_has_one_owner_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/data");
        let first = DataDir::open(&path).unwrap();
        assert!(refused(&path).contains("another process"), "{}", refused(&path));
        drop(first);
        DataDir::open(&path).unwrap();
    }

    #[test]
    fn a_foreign_or_later_format_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("photo.jpg"), "x").unwrap();
        assert!(refused(dir.path()).contains("holds no hallpass ledger"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing was added");

        fs::write(dir.path().join("FORMAT"), "hallpass-ledger 3\n").unwrap();
        assert!(refused(dir.path()).contains("has format 3"));
        fs::write(dir.path().join("FORMAT"), "something 1\n").unwrap();
        assert!(refused(dir.path()).contains("cannot read"));
        for known in ["hallpass-ledger 1\n", "hallpass-ledger 2\n"] {
            fs::write(dir.path().join("FORMAT"), known).unwrap();
            DataDir::open(dir.path()).unwrap();
            assert_eq!(fs::read_to_string(dir.path().join("FORMAT")).unwrap(), known, "opening changes nothing");
        }
    }

    #[test]
    fn only_what_needs_a_later_format_raises_it() {
        let dir = tempfile::tempdir().unwrap();
        let format = || fs::read_to_string(dir.path().join("FORMAT")).unwrap();
        fs::write(dir.path().join("keys"), [7; 32]).unwrap();
        let data = DataDir::open(dir.path()).expect("keys alone are nothing foreign");
        assert_eq!(format(), "hallpass-ledger 1\n");
        data.hold_imports().unwrap();
        drop(data);
        assert_eq!(format(), "hallpass-ledger 2\n");
        DataDir::open(dir.path()).unwrap();
    }

    #[test]
    fn a_directory_that_is_not_there_is_not_made_for_reading() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("nothing");
        assert!(matches!(DataDir::open_existing(&path), Err(LedgerFault::Directory { .. })));
        assert!(!path.exists());
    }
}
