//! The files of a configuration directory as texts, to keep, compare and write them.
//!
//! Only the files that make up a version count: `hallpass.toml`, `services.toml`, `calendar/*.toml`, `halls/*.toml`. Every
//! file is written beside its place, made durable and renamed, so that a reader finds the old or the new one and never a
//! part. What is written beside has a name that begins with a dot, which nobody reads should a power cut leave it.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};

use crate::config::read::directory::{Directory, TextFile};
use crate::config::read::error::{Errors, Findings};

/// Where the halls are.
const HALLS: &str = "halls/";
/// The longest name of a file of halls that can be edited, in bytes.
const MAX_NAME_BYTES: usize = 100;
/// Who may read a new file: everybody, as with one that an editor makes.
const FILE_MODE: u32 = 0o644;
/// Who may read a directory of copies: its owner, since `hallpass.toml` may hold a password.
const COPY_DIRECTORY_MODE: u32 = 0o700;

/// The files of one version, by their names relative to the configuration directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts(BTreeMap<String, String>);

impl Texts {
    /// The files in a directory.
    ///
    /// # Errors
    /// Every file that cannot be read.
    pub fn read(dir: &Path) -> Result<Self, Errors> {
        let findings = Findings::default();
        let directory = Directory::read(dir, &findings);
        findings.into_result()?;
        Ok(Self(directory.into_iter().flat_map(files_of).filter_map(|file| Some((file.name, file.text?))).collect()))
    }

    /// The text of a file.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Every file: its name and its text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// How many bytes all texts have.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.values().map(String::len).sum()
    }

    /// The same with another text of a file.
    #[must_use]
    pub fn with(mut self, name: &str, text: String) -> Self {
        self.0.insert(name.to_owned(), text);
        self
    }

    /// The files that are not the same in another version, those that only one of them has included, by name.
    #[must_use]
    pub fn differing<'a>(&'a self, other: &'a Self) -> Vec<&'a str> {
        let mut names: Vec<&str> = self.0.keys().chain(other.0.keys()).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names.retain(|name| self.get(name) != other.get(name));
        names
    }

    /// What only these very files have: a digest of all of them.
    #[must_use]
    pub fn digest(&self) -> String {
        let lines = self.iter().map(|(name, text)| format!("{} {name}\n", digest_of(text)));
        digest_of(&lines.collect::<String>())
    }

    /// Writes copies into an empty directory that only its owner may read, and makes them durable.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn copy_to(&self, dir: &Path) -> io::Result<()> {
        for part in ["calendar", "halls"] {
            DirBuilder::new().mode(COPY_DIRECTORY_MODE).create(dir.join(part))?;
        }
        for (name, text) in self.iter() {
            let mut file = tempfile::Builder::new().tempfile_in(dir)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(dir.join(name))?;
        }
        ["calendar", "halls", "."].iter().try_for_each(|part| synced(&dir.join(part)))
    }

    /// Brings the files in a directory from this version to another: first every new text lies beside its place, then
    /// each takes it, and then what the other version has not goes. A full disk is noticed before anything has changed.
    ///
    /// # Errors
    /// What the operating system says, and where a file is a link: to rename would put a file in the place of the link.
    pub fn exchange_for(&self, other: &Self, dir: &Path) -> io::Result<()> {
        let differing = self.differing(other);
        let mut beside = Vec::new();
        for name in &differing {
            let place = dir.join(name);
            if fs::symlink_metadata(&place).is_ok_and(|found| !found.is_file()) {
                return Err(io::Error::other(format!("{name} is no ordinary file; edit what it leads to")));
            }
            if let Some(text) = other.get(name) {
                beside.push((written_beside(&place, text)?, place));
            }
        }
        for (file, place) in beside {
            file.persist(place)?;
        }
        for name in differing.iter().filter(|name| other.get(name).is_none()) {
            fs::remove_file(dir.join(name))?;
        }
        ["calendar", "halls", "."].iter().try_for_each(|part| synced(&dir.join(part)))
    }
}

/// A text in a file beside its place, durable, with the permissions of the file that has the place.
fn written_beside(place: &Path, text: &str) -> io::Result<tempfile::NamedTempFile> {
    let parent = place.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let permissions = fs::metadata(place).map_or(Permissions::from_mode(FILE_MODE), |found| found.permissions());
    let mut file = tempfile::Builder::new().prefix(".new-").suffix(".part").tempfile_in(parent)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Makes directories that only their owner may read; their names begin like this and go on by chance.
pub(crate) fn private_directories(prefix: &str) -> tempfile::Builder<'_, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).permissions(Permissions::from_mode(COPY_DIRECTORY_MODE));
    builder
}

/// Makes the names in a directory durable.
pub(crate) fn synced(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn files_of(directory: Directory) -> impl Iterator<Item = TextFile> {
    let Directory { hallpass, services, calendar, halls } = directory;
    let listed = calendar.into_iter().chain(halls).flatten();
    hallpass.into_iter().chain([services]).chain(listed)
}

/// The SHA-256 of a text, in hexadecimal digits.
#[must_use]
pub fn digest_of(text: &str) -> String {
    let hash = digest(&SHA256, text.as_bytes());
    hash.as_ref().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// The name, relative to the configuration directory, of the file of halls that is called so; none where that could lead
/// anywhere else.
#[must_use]
pub fn halls_file_name(file: &str) -> Option<String> {
    let harmless = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let stem = file.strip_suffix(".toml")?;
    let fits = !stem.is_empty() && !file.starts_with('.') && file.len() <= MAX_NAME_BYTES && file.chars().all(harmless);
    fits.then(|| format!("{HALLS}{file}"))
}

/// The name within `halls/` of a file of halls; none for another file.
#[must_use]
pub fn file_of_halls(name: &str) -> Option<&str> {
    name.strip_prefix(HALLS)
}

/// The ids of the halls that a text of a file of halls has, as far as it can be read; none where it is no TOML.
#[must_use]
pub fn hall_ids_in(text: &str) -> Option<Vec<String>> {
    let table: toml::Table = text.parse().ok()?;
    let halls = table.get("hall").and_then(toml::Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Some(halls.iter().map(|hall| hall.get("id").and_then(toml::Value::as_str).unwrap_or_default().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, HALL};

    fn fixture(dir: &Path) -> Texts {
        Fixture::default().write(dir);
        Texts::read(dir).unwrap()
    }

    #[test]
    fn only_files_of_halls_have_names() {
        let check =
            |file: &str, expected: Option<&str>| assert_eq!(halls_file_name(file).as_deref(), expected, "{file:?}");
        check("hangzhou.toml", Some("halls/hangzhou.toml"));
        check("杭州_2.toml", Some("halls/杭州_2.toml"));
        check("a..toml", Some("halls/a..toml"));
        let tricks = [
            "../hallpass.toml",
            "..",
            ".toml",
            ".hidden.toml",
            "a/b.toml",
            "a\\b.toml",
            "/etc/x.toml",
            "hangzhou",
            "hangzhou.toml.bak",
            "a\0.toml",
            "a b.toml",
            "a\n.toml",
            "%2e%2e.toml",
            "",
        ];
        for trick in tricks {
            check(trick, None);
        }
        check(&format!("{}.toml", "a".repeat(MAX_NAME_BYTES)), None);
    }

    #[test]
    fn files_are_exchanged_and_back() {
        let dir = tempfile::tempdir().unwrap();
        let before = fixture(dir.path());
        let mut after = before.clone().with("halls/two.toml", HALL.replace("\"one\"", "\"two\""));
        after.0.remove("calendar/cn.toml");
        assert_eq!(before.differing(&after), ["calendar/cn.toml", "halls/two.toml"]);
        before.exchange_for(&after, dir.path()).unwrap();
        assert_eq!(Texts::read(dir.path()).unwrap(), after);
        after.exchange_for(&before, dir.path()).unwrap();
        assert_eq!(Texts::read(dir.path()).unwrap(), before);
        assert_ne!(before.digest(), after.digest());
    }

    #[test]
    fn a_file_keeps_its_permissions_and_nothing_is_left_beside() {
        let dir = tempfile::tempdir().unwrap();
        let before = fixture(dir.path());
        let place = dir.path().join("halls/one.toml");
        fs::set_permissions(&place, Permissions::from_mode(0o640)).unwrap();
        let after = before.clone().with("halls/one.toml", format!("# new\n{HALL}"));
        before.exchange_for(&after, dir.path()).unwrap();
        assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(dir.path().join("halls")).unwrap().count(), 1);
    }

    #[test]
    fn nothing_changes_where_one_file_cannot_be_written() {
        let dir = tempfile::tempdir().unwrap();
        let before = fixture(dir.path());
        // The files go by name, so the one that is a link is met after another has been written beside its place.
        let elsewhere = dir.path().join("elsewhere");
        fs::rename(dir.path().join("halls/one.toml"), &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, dir.path().join("halls/one.toml")).unwrap();
        let after = before.clone().with("calendar/cn.toml", String::new()).with("halls/one.toml", String::new());
        let refused = before.exchange_for(&after, dir.path()).unwrap_err();
        assert!(refused.to_string().contains("halls/one.toml is no ordinary file"), "{refused}");
        assert_eq!(Texts::read(dir.path()).unwrap(), before);
        assert_eq!(fs::read_dir(dir.path().join("calendar")).unwrap().count(), 1, "nothing is left beside");
    }

    #[test]
    fn what_a_power_cut_leaves_beside_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let before = fixture(dir.path());
        let file = written_beside(&dir.path().join("halls/one.toml"), "[half").unwrap();
        file.keep().unwrap();
        assert_eq!(Texts::read(dir.path()).unwrap(), before);
        crate::config::load(dir.path()).unwrap();
    }

    #[test]
    fn the_halls_of_a_text_are_known_by_their_ids() {
        assert_eq!(hall_ids_in(HALL), Some(vec!["one".to_owned()]));
        assert_eq!(hall_ids_in(""), Some(Vec::new()));
        assert_eq!(hall_ids_in("[[hall]]\n"), Some(vec![String::new()]), "a hall without an id is one too");
        assert_eq!(hall_ids_in("["), None);
    }
}
