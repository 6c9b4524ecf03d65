//! A copy of a store that is opened in its place where nothing can be written.
//!
//! To open a store is to write a little: its log is cut to its end, and what is in the log alone goes to tables. On a disk
//! that is full or read-only that fails. So the files that may change are copied to another disk, or to memory, and the
//! tables, which never change and are nearly all of the store, are links to where they lie. The store itself is not
//! touched: what is removed here is a link.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::ledger::LedgerFault;

/// Where a copy can lie, the first that takes it.
const PLACES: [&str; 2] = ["/dev/shm", "/run"];
/// How much of a file is copied at once, in bytes. Where all of it is zeros, nothing is written.
const PIECE_BYTES: usize = 64 << 10;
/// The directories whose files never change.
const UNCHANGED: [&str; 2] = ["tables", "blobs"];

/// The copy, which goes with this value.
#[derive(Debug)]
pub struct Shadow {
    dir: TempDir,
}

impl Shadow {
    /// Copies a store.
    ///
    /// # Errors
    /// [`LedgerFault::Directory`] if no place has room for it.
    pub fn of(store: &Path) -> Result<Self, LedgerFault> {
        let temporary = std::env::temp_dir();
        let places = std::iter::once(temporary.as_path()).chain(PLACES.iter().map(Path::new));
        let mut last = None;
        for place in places {
            match Self::of_in(store, place) {
                Ok(shadow) => return Ok(shadow),
                Err(error) => last = Some((place.to_owned(), error)),
            }
        }
        let (path, source) = last.unwrap_or_else(|| (temporary.clone(), io::ErrorKind::NotFound.into()));
        Err(LedgerFault::Directory { path, source })
    }

    fn of_in(store: &Path, place: &Path) -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix("hallpass-reading-").tempdir_in(place)?;
        copy(&fs::canonicalize(store)?, &dir.path().join("store"))?;
        Ok(Self { dir })
    }

    /// Where the copied store is.
    pub fn store(&self) -> PathBuf {
        self.dir.path().join("store")
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    let never_changes = from.file_name().is_some_and(|name| UNCHANGED.iter().any(|unchanged| name == *unchanged));
    for entry in fs::read_dir(from)? {
        let (path, target) = {
            let entry = entry?;
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            copy(&path, &target)?;
        } else if never_changes {
            symlink(&path, &target)?;
        } else {
            copy_file(&path, &target)?;
        }
    }
    Ok(())
}

/// Copies a file, and leaves out what is zeros: a log has tens of megabytes of them.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let (mut from, mut to) = (File::open(from)?, File::create_new(to)?);
    let length = from.metadata()?.len();
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    loop {
        piece.clear();
        if (&mut from).take(PIECE_BYTES as u64).read_to_end(&mut piece)? == 0 {
            break;
        }
        if piece.iter().all(|byte| *byte == 0) {
            to.seek(SeekFrom::Current(i64::try_from(piece.len()).unwrap_or(0)))?;
        } else {
            to.write_all(&piece)?;
        }
    }
    to.set_len(length)
}
