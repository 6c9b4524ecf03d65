//! The data directory: what lies in it, its format, and its one owner.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::ledger::LedgerFault;

/// The first line of the file `FORMAT`, without the version.
const FORMAT_NAME: &str = "hallpass-ledger";
/// The version of everything below the data directory that this program knows. It reads every earlier one.
pub const FORMAT_VERSION: u32 = 3;
/// The first version in which the store has a head beside it.
const WITH_HEAD: u32 = 3;
/// The version of a directory in which nothing needs a later one, so that an older program can go on with it.
const FIRST_VERSION: u32 = 1;
/// The file that says that no store was ever begun in a directory of the first version.
const NO_STORE: &str = "NO-STORE";
/// The file with the address of the database that an instance with this directory has served from last.
const DATABASE: &str = "DATABASE";
/// Only the owner of the process reads what is remembered.
const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// An open data directory. No other process can open it while this value lives.
///
/// A new one is made in this order: `FORMAT.new`, keys, store, head, and last `FORMAT`, by a rename. A directory without
/// `FORMAT` is one in which nothing was ever acknowledged; one with it has everything, or something was lost.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// What `FORMAT` says; 0 if it is not there yet.
    format: AtomicU32,
    /// Holds the lock of the operating system, which ends with the process however that ends.
    _lock: File,
}

impl DataDir {
    /// Opens a data directory, beginning one if it is missing or empty.
    ///
    /// # Errors
    /// [`LedgerFault::InUse`] if another process has it open, [`LedgerFault::Format`] if it holds something else or a
    /// later format, [`LedgerFault::Directory`] if the operating system says no.
    pub fn open(path: &Path) -> Result<Self, LedgerFault> {
        let fault = |source| LedgerFault::Directory { path: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(path).map_err(fault)?;
        let is_new = !path.join("FORMAT").exists();
        if is_new && has_foreign_content(path).map_err(fault)? {
            return Err(LedgerFault::Format {
                path: path.to_owned(),
                found: "is not empty and holds no hallpass ledger; name an empty or a new directory".into(),
            });
        }
        let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(path.join("lock"));
        let dir = Self::locked(path, lock.map_err(fault)?)?;
        if is_new {
            let begun = Self::text_beside(path, FORMAT_VERSION).and_then(|()| File::open(path)?.sync_all());
            begun.map_err(fault)?;
        } else {
            dir.read_format()?;
        }
        dir.keep_to_owner();
        Ok(dir)
    }

    /// Takes what the server makes here away from others than its owner. An earlier version let everybody read it.
    fn keep_to_owner(&self) {
        let own = ["FORMAT", NO_STORE, "lock", "store"].map(|name| self.path.join(name));
        let kept = set_mode(&self.path).and_then(|()| own.iter().try_for_each(|path| keep_to_owner(path)));
        if let Err(error) = kept {
            tracing::warn!(%error, path = %self.path.display(), "others may read the data directory: its modes cannot be changed");
        }
    }

    /// Opens a data directory that must be there already.
    ///
    /// # Errors
    /// As [`DataDir::open`], and [`LedgerFault::Directory`] if there is none.
    pub fn open_existing(path: &Path) -> Result<Self, LedgerFault> {
        fs::metadata(path.join("FORMAT")).map_err(|source| LedgerFault::Directory { path: path.to_owned(), source })?;
        Self::open(path)
    }

    /// Opens a data directory that must be there already, and writes nothing: its disk may be full or read-only.
    ///
    /// # Errors
    /// As [`DataDir::open_existing`].
    pub fn open_to_read(path: &Path) -> Result<Self, LedgerFault> {
        let fault = |source| LedgerFault::Directory { path: path.to_owned(), source };
        fs::metadata(path.join("FORMAT")).map_err(fault)?;
        let dir = Self::locked(path, File::open(path.join("lock")).map_err(fault)?)?;
        dir.read_format()?;
        Ok(dir)
    }

    fn locked(path: &Path, lock: File) -> Result<Self, LedgerFault> {
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), format: AtomicU32::new(0), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(LedgerFault::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(LedgerFault::Directory { path: path.to_owned(), source }),
        }
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

    /// Whether the directory is being made: nothing was ever acknowledged from it.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.format.load(Ordering::Relaxed) == 0
    }

    /// Whether no store was ever begun here, so that one may be: the directory is being made, or was used with a database
    /// alone.
    #[must_use]
    pub fn begins(&self) -> bool {
        let was_without = || !self.has_head() && self.path.join(NO_STORE).exists() && !self.store().exists();
        self.is_new() || was_without()
    }

    /// Whether the store of this directory has a head, or gets one while it is upgraded.
    #[must_use]
    pub fn has_head(&self) -> bool {
        self.format.load(Ordering::Relaxed) >= WITH_HEAD
    }

    /// Says that everything is there that a directory with a store and its head has. An older program refuses it then.
    ///
    /// # Errors
    /// [`LedgerFault::Directory`].
    pub fn settle(&self) -> Result<(), LedgerFault> {
        self.settle_as(FORMAT_VERSION)?;
        // From this version on it means nothing; it is only removed to confuse nobody.
        let _ = fs::remove_file(self.path.join(NO_STORE));
        Ok(())
    }

    /// Says that everything is there, if what is remembered lies in a database and not here.
    ///
    /// # Errors
    /// [`LedgerFault::Directory`].
    pub fn settle_without_store(&self) -> Result<(), LedgerFault> {
        if !self.is_new() {
            return Ok(());
        }
        // An interrupted first start of an embedded store may have left one.
        if !self.store().exists() {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true).mode(FILE_MODE);
            let marked = options.open(self.path.join(NO_STORE)).and_then(|marker| marker.sync_all());
            marked.map_err(|source| LedgerFault::Directory { path: self.path.clone(), source })?;
        }
        self.settle_as(FIRST_VERSION)
    }

    /// Whether an instance with this directory has served from a database, so that there is none that is new. It may have
    /// another address now: a standby, another role or a stricter `sslmode` is part of it.
    ///
    /// # Errors
    /// If that cannot be known.
    pub fn has_served_from_a_database(&self) -> Result<bool, LedgerFault> {
        let place = self.path.join(DATABASE);
        place.try_exists().map_err(|source| LedgerFault::Directory { path: place, source })
    }

    /// Says that an instance with this directory serves from the database at this address. A directory that cannot be
    /// written to remembers nothing of it, and the instance serves all the same.
    pub fn note_served_from(&self, address: &str) {
        let place = self.path.join(DATABASE);
        if fs::read_to_string(&place).is_ok_and(|known| known.trim_end() == address) {
            return;
        }
        let beside = place.with_extension("new");
        let write = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create(true).truncate(true).mode(FILE_MODE).open(&beside)?;
            writeln!(file, "{address}")?;
            file.sync_all()?;
            fs::rename(&beside, &place)?;
            File::open(&self.path)?.sync_all()
        };
        if let Err(error) = write() {
            tracing::warn!(%error, path = %place.display(), "it is not noted from which database this instance serves");
        }
    }

    /// Written beside and renamed, so that a power cut leaves no half a line.
    fn settle_as(&self, version: u32) -> Result<(), LedgerFault> {
        let settled = Self::text_beside(&self.path, version)
            .and_then(|()| fs::rename(self.path.join("FORMAT.new"), self.path.join("FORMAT")))
            .and_then(|()| File::open(&self.path)?.sync_all());
        settled.map_err(|source| LedgerFault::Directory { path: self.path.clone(), source })?;
        self.format.store(version, Ordering::Relaxed);
        Ok(())
    }

    fn text_beside(path: &Path, version: u32) -> io::Result<()> {
        let beside = path.join("FORMAT.new");
        let mut written = OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(beside)?;
        writeln!(written, "{FORMAT_NAME} {version}")?;
        written.sync_all()
    }

    fn read_format(&self) -> Result<(), LedgerFault> {
        let fault = |source| LedgerFault::Directory { path: self.path.clone(), source };
        let text = fs::read_to_string(self.path.join("FORMAT")).map_err(fault)?;
        let version = text.trim_end().strip_prefix(FORMAT_NAME).and_then(|rest| rest.trim().parse::<u32>().ok());
        let found = match version {
            Some(known @ FIRST_VERSION..=FORMAT_VERSION) => {
                self.format.store(known, Ordering::Relaxed);
                return Ok(());
            }
            Some(later) if later > FORMAT_VERSION => format!(
                "has format {later}, and this hallpass knows formats up to {FORMAT_VERSION}; start the hallpass that wrote it, or a newer one"
            ),
            Some(_) | None => "has a FORMAT file that this hallpass cannot read; name another directory".to_owned(),
        };
        Err(LedgerFault::Format { path: self.path.clone(), found })
    }
}

/// What an interrupted first start may leave in a directory without a FORMAT file, besides what lies there from the
/// beginning.
const BEGUN: [&str; 7] = ["admin.token", "store", "store.new", "head", "head.new", "config-history", NO_STORE];

/// Whether a directory without a FORMAT file holds more than what an interrupted first start leaves, or keys that somebody
/// put there for what is to be imported.
fn has_foreign_content(path: &Path) -> io::Result<bool> {
    let is_begun = path.join("FORMAT.new").exists();
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        let is_first = name == "lock" || name == "FORMAT.new" || name == "keys";
        // Keys and tokens are written beside their places.
        let is_beside = name.to_str().is_some_and(|name| name.starts_with("keys.") || name.starts_with("admin.token."));
        if !is_first && !(is_begun && (is_beside || BEGUN.iter().any(|begun| name == *begun))) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn keep_to_owner(path: &Path) -> io::Result<()> {
    match set_mode(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        set => set?,
    }
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            keep_to_owner(&entry?.path())?;
        }
    }
    Ok(())
}

fn set_mode(path: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(path)?;
    let wanted = if found.is_dir() { DIRECTORY_MODE } else { FILE_MODE };
    // A link leads to a place that the operator chose.
    if found.is_symlink() || found.permissions().mode() & 0o777 & !wanted == 0 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(wanted))
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

        fs::write(dir.path().join("FORMAT"), "hallpass-ledger 4\n").unwrap();
        assert!(refused(dir.path()).contains("has format 4"));
        fs::write(dir.path().join("FORMAT"), "something 1\n").unwrap();
        assert!(refused(dir.path()).contains("cannot read"));
        for known in ["hallpass-ledger 1\n", "hallpass-ledger 2\n", "hallpass-ledger 3\n"] {
            fs::write(dir.path().join("FORMAT"), known).unwrap();
            DataDir::open(dir.path()).unwrap();
            assert_eq!(fs::read_to_string(dir.path().join("FORMAT")).unwrap(), known, "opening changes nothing");
        }
    }

    #[test]
    fn a_directory_has_its_format_when_it_has_everything_else() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("keys"), [7; 32]).unwrap();
        let data = DataDir::open(dir.path()).expect("keys alone are nothing foreign");
        assert!(data.is_new() && !dir.path().join("FORMAT").exists());
        drop(data);
        for left in ["keys.new", "admin.token", "store.new", "store", "head", "head.new", "config-history", NO_STORE] {
            fs::write(dir.path().join(left), "").unwrap();
            assert!(DataDir::open(dir.path()).unwrap().is_new(), "{left} is of an interrupted first start");
        }
        fs::write(dir.path().join("photo.jpg"), "").unwrap();
        assert!(refused(dir.path()).contains("holds no hallpass ledger"));
        fs::remove_file(dir.path().join("photo.jpg")).unwrap();
        DataDir::open(dir.path()).unwrap().settle().unwrap();
        let data = DataDir::open(dir.path()).unwrap();
        assert!(!data.is_new() && data.has_head());
        drop(data);
        // Without the mark of a first start, all of that is somebody's.
        fs::remove_file(dir.path().join("FORMAT")).unwrap();
        assert!(refused(dir.path()).contains("holds no hallpass ledger"));
    }

    #[test]
    fn others_read_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        fs::create_dir_all(path.join("store/keyspaces")).unwrap();
        for file in ["FORMAT", "store/0.jnl", "store/keyspaces/current"] {
            fs::write(path.join(file), "hallpass-ledger 1\n").unwrap();
            fs::set_permissions(path.join(file), Permissions::from_mode(0o644)).unwrap();
        }
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        DataDir::open(&path).unwrap();
        let mode = |name: &str| fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777;
        for directory in ["", "store", "store/keyspaces"] {
            assert_eq!(mode(directory), 0o700, "{directory}");
        }
        for file in ["FORMAT", "lock", "store/0.jnl", "store/keyspaces/current"] {
            assert_eq!(mode(file), 0o600, "{file}");
        }
    }

    #[test]
    fn a_directory_that_is_not_there_is_not_made_for_reading() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("nothing");
        assert!(matches!(DataDir::open_existing(&path), Err(LedgerFault::Directory { .. })));
        assert!(!path.exists());
    }
}
