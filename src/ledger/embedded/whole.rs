//! Whether a store is there as a whole, looked at before it is opened.
//!
//! The store takes the absence of its parts for a beginning: without its file `version` it makes everything anew; without
//! the file `current` of a keyspace it removes what is left of that one; without its log, or without the list of its
//! keyspaces, it removes them all. So nothing opens a store before this has seen that every part is in its place.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// The file that the store makes last but for its keyspaces.
pub const MADE: &str = "version";
/// The keyspaces of a store, each in a directory of its own.
const KEYSPACES: &str = "keyspaces";
/// The keyspace that has the names of all others.
const NAMES: &str = "0";
/// The file that says which version of a keyspace is the current one.
const CURRENT: &str = "current";
/// The tables of a keyspace.
const TABLES: &str = "tables";

/// The first part that is missing of a store with so many keyspaces, in words; `None` if everything is in its place.
///
/// # Errors
/// If the operating system does not let this process look.
pub fn missing_part(store: &Path, keyspaces: usize) -> io::Result<Option<String>> {
    if !store.is_dir() {
        return Ok(Some(told(store, "is not there")));
    }
    let (marker, directories) = (store.join(MADE), store.join(KEYSPACES));
    if is_empty(&marker)? {
        return Ok(Some(told(&marker, "is not there or empty")));
    }
    if !directories.is_dir() {
        return Ok(Some(told(&directories, "is not there")));
    }
    let mut found = 0;
    for entry in fs::read_dir(&directories)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found += 1;
            let current = entry.path().join(CURRENT);
            if is_empty(&current)? {
                return Ok(Some(told(&current, "is not there or empty")));
            }
        }
    }
    // One more has their names.
    if found <= keyspaces || !directories.join(NAMES).is_dir() {
        return Ok(Some(format!(
            "{} of {} keyspaces in {} are not there",
            (keyspaces + 1).saturating_sub(found).max(1),
            keyspaces + 1,
            directories.display()
        )));
    }
    let logs = log_files(store)?;
    if logs.is_empty() {
        return Ok(Some(format!("there is no log (a file such as 0.jnl) in {}", store.display())));
    }
    // What is in no table is in the log alone: first of all, the names of the keyspaces.
    let is_in_tables = has_tables(&directories.join(NAMES))? && any_has_tables(&directories)?;
    if !is_in_tables
        && logs.iter().try_fold(true, |empty, log| Ok::<_, io::Error>(empty && starts_with_nothing(log)?))?
    {
        return Ok(Some(format!("the log in {} is empty", store.display())));
    }
    Ok(None)
}

fn told(path: &Path, what: &str) -> String {
    format!("{} {what}", path.display())
}

fn is_empty(file: &Path) -> io::Result<bool> {
    match fs::metadata(file) {
        Ok(found) => Ok(found.len() == 0),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Whether a keyspace has a table.
fn has_tables(keyspace: &Path) -> io::Result<bool> {
    match fs::read_dir(keyspace.join(TABLES)) {
        Ok(mut tables) => Ok(tables.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether any keyspace has a table but the one with the names.
fn any_has_tables(keyspaces: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(keyspaces)? {
        let entry = entry?;
        if entry.file_name() != NAMES && has_tables(&entry.path())? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a log has nothing in it: a batch begins with a byte that is not zero.
fn starts_with_nothing(log: &Path) -> io::Result<bool> {
    let mut first = [0];
    Ok(File::open(log)?.read(&mut first)? == 0 || first == [0])
}

/// The files of the log of a store, in order.
///
/// # Errors
/// If the directory cannot be read.
pub fn log_files(store: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(store)? {
        let path = entry?.path();
        let number = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".jnl")?.parse::<u64>().ok());
        files.extend(number.map(|number| (number, path)));
    }
    files.sort();
    Ok(files.into_iter().map(|(_, path)| path).collect())
}
