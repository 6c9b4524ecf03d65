//! Versions of the configuration that were in force, kept on disk: `NUMBER-VERSION/` with the files and a `version.toml`.
//!
//! `hallpass.toml` may hold an address with a password, so only the owner of the process reads what is kept. A version is
//! made whole beside its place and renamed; what a power cut leaves begins with a dot and goes with the next version. At
//! most [`MAX_KEPT_VERSIONS`] are kept; the oldest go. One process writes here, one version after the other.

use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;

use super::texts::{Texts, private_directories, synced};
use crate::config::load;
use crate::config::read::error::Errors;

/// How many versions are kept.
pub const MAX_KEPT_VERSIONS: usize = 200;
/// The largest version that is kept, in bytes of all its files.
pub const MAX_KEPT_BYTES: usize = 64 * 1024 * 1024;
/// The longest comment, in characters.
pub const MAX_COMMENT_CHARS: usize = 200;
/// What says of a version when and by whom it was put in force.
const ABOUT: &str = "version.toml";
/// What the name of a version begins with that is not whole yet.
const UNFINISHED: &str = ".new-";
const DIRECTORY_MODE: u32 = 0o700;

/// How a version came into force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// The version.
    pub version: String,
    /// When it came into force.
    pub adopted_at: DateTime<Utc>,
    /// Who put it in force.
    pub by: String,
    /// What was said of it.
    pub comment: Option<String>,
}

/// A version that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its place in the order of versions, from 1.
    pub number: u64,
    /// How it came into force.
    pub adoption: Adoption,
}

/// Why a version is not kept, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryFault {
    /// The operating system says no.
    #[error("the history of the configuration in {path} cannot be used")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The files are wrong.
    #[error("the files cannot be read")]
    Files(#[source] Errors),
    /// The files have changed since they were read.
    #[error("the files have changed since version {0} was read from them")]
    Changed(String),
    /// The files are too large.
    #[error("a version of more than {MAX_KEPT_BYTES} bytes is not kept")]
    TooLarge,
}

/// The versions in a directory, which need not be there before the first one.
#[derive(Debug, Clone)]
pub struct History(PathBuf);

#[derive(Deserialize)]
struct About {
    version: String,
    adopted_at: String,
    by: String,
    comment: Option<String>,
}

impl History {
    /// The history that lies in a directory, or is to lie there.
    #[must_use]
    pub const fn in_directory(path: PathBuf) -> Self {
        Self(path)
    }

    /// Keeps the files from which the version in force was read, unless they are the last that were kept. Says whether
    /// they are kept now and were not before.
    ///
    /// # Errors
    /// [`HistoryFault`]; then nothing is added.
    pub fn keep(&self, config_dir: &Path, adoption: &Adoption) -> Result<bool, HistoryFault> {
        let texts = Texts::read(config_dir).map_err(HistoryFault::Files)?;
        if texts.bytes() > MAX_KEPT_BYTES {
            return Err(HistoryFault::TooLarge);
        }
        let fault = |source| HistoryFault::Directory { path: self.0.clone(), source };
        DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(&self.0).map_err(fault)?;
        let last = self.places().map_err(fault)?.pop();
        let number = match last {
            Some((number, place)) if is_kept(&place, adoption, &texts) => {
                tracing::debug!(number, "the files are the last that were kept");
                return Ok(false);
            }
            last => last.map_or(1, |(number, _)| number + 1),
        };
        self.add(number, adoption, &texts)?;
        self.drop_oldest().map_err(fault)?;
        Ok(true)
    }

    /// The versions that are kept, the newest first.
    ///
    /// # Errors
    /// [`HistoryFault::Directory`].
    pub fn list(&self) -> Result<Vec<Kept>, HistoryFault> {
        let places = self.places().map_err(|source| HistoryFault::Directory { path: self.0.clone(), source })?;
        let kept = |(number, place): &(u64, PathBuf)| Some(Kept { number: *number, adoption: adoption_in(place)? });
        Ok(places.iter().rev().filter_map(kept).collect())
    }

    /// Since when a version is in force, if it is the one that came into force last.
    #[must_use]
    pub fn in_force_since(&self, version: &str) -> Option<DateTime<Utc>> {
        let last = self.list().ok()?.into_iter().next()?.adoption;
        (last.version == version).then_some(last.adopted_at)
    }

    /// A version that is kept and its files; none where there is none with this number.
    ///
    /// # Errors
    /// [`HistoryFault`].
    pub fn get(&self, number: u64) -> Result<Option<(Kept, Texts)>, HistoryFault> {
        let places = self.places().map_err(|source| HistoryFault::Directory { path: self.0.clone(), source })?;
        let Some((_, place)) = places.into_iter().find(|(found, _)| *found == number) else { return Ok(None) };
        let Some(adoption) = adoption_in(&place) else { return Ok(None) };
        let texts = Texts::read(&place).map_err(HistoryFault::Files)?;
        Ok(Some((Kept { number, adoption }, texts)))
    }

    fn add(&self, number: u64, adoption: &Adoption, texts: &Texts) -> Result<(), HistoryFault> {
        let fault = |source| HistoryFault::Directory { path: self.0.clone(), source };
        let fresh = private_directories(UNFINISHED).tempdir_in(&self.0).map_err(fault)?;
        texts.copy_to(fresh.path()).map_err(fault)?;
        // What is kept is what was in force: a file may have changed since it was read.
        let is_it = load(fresh.path()).is_ok_and(|read| read.snapshot.version == adoption.version);
        if !is_it {
            return Err(HistoryFault::Changed(adoption.version.clone()));
        }
        let written = || {
            let mut about = tempfile::Builder::new().tempfile_in(fresh.path())?;
            about.write_all(about_text(adoption).as_bytes())?;
            about.as_file().sync_all()?;
            about.persist(fresh.path().join(ABOUT))?;
            synced(fresh.path())?;
            fs::rename(fresh.path(), self.0.join(format!("{number:06}-{}", adoption.version)))?;
            synced(&self.0)
        };
        written().map_err(fault)
    }

    /// The directories of versions with their numbers, the oldest first.
    fn places(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut places = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.split_once('-')?.0.parse().ok());
            places.extend(number.map(|number| (number, entry.path())));
        }
        places.sort();
        Ok(places)
    }

    /// Keeps within [`MAX_KEPT_VERSIONS`], and throws away what a power cut has left.
    fn drop_oldest(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(UNFINISHED)) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        let places = self.places()?;
        let beyond = places.len().saturating_sub(MAX_KEPT_VERSIONS);
        places.iter().take(beyond).try_for_each(|(_, place)| fs::remove_dir_all(place))
    }
}

fn is_kept(place: &Path, adoption: &Adoption, texts: &Texts) -> bool {
    adoption_in(place).is_some_and(|kept| kept.version == adoption.version)
        && Texts::read(place).is_ok_and(|kept| kept == *texts)
}

/// What is known of a version; none where that cannot be read.
fn adoption_in(place: &Path) -> Option<Adoption> {
    let about: About = toml::from_str(&fs::read_to_string(place.join(ABOUT)).ok()?).ok()?;
    let adopted_at = about.adopted_at.parse().ok()?;
    Some(Adoption { version: about.version, adopted_at, by: about.by, comment: about.comment })
}

fn about_text(adoption: &Adoption) -> String {
    let Adoption { version, adopted_at, by, comment } = adoption;
    let adopted_at = adopted_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let lines = [("version", version.as_str()), ("adopted_at", &adopted_at), ("by", by)];
    let lines = lines.into_iter().chain(comment.as_deref().map(|comment| ("comment", comment)));
    lines.fold(String::new(), |text, (key, value)| text + key + " = \"" + &quoted(value) + "\"\n")
}

/// A text as it stands between quotation marks in TOML, without what has no place in one line.
fn quoted(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_control()).take(MAX_COMMENT_CHARS);
    kept.collect::<String>().replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::config::tests::{Fixture, HALL};

    struct Room {
        dir: tempfile::TempDir,
        history: History,
    }

    impl Room {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir(dir.path().join("config")).unwrap();
            Fixture::default().write(&dir.path().join("config"));
            let history = History::in_directory(dir.path().join("data/config-history"));
            Self { dir, history }
        }

        fn config(&self) -> PathBuf {
            self.dir.path().join("config")
        }

        fn write(&self, text: &str) {
            fs::write(self.config().join("halls/one.toml"), text).unwrap();
        }

        fn adoption(&self) -> Adoption {
            Adoption {
                version: load(&self.config()).unwrap().snapshot.version.clone(),
                adopted_at: "2026-11-24T04:00:00Z".parse().unwrap(),
                by: "chief".into(),
                comment: Some("more \"places\" \\ here".into()),
            }
        }

        fn keep(&self) -> bool {
            self.history.keep(&self.config(), &self.adoption()).unwrap()
        }

        fn numbers(&self) -> Vec<u64> {
            self.history.list().unwrap().iter().map(|kept| kept.number).collect()
        }
    }

    #[test]
    fn a_version_is_kept_once_and_found_again() {
        let room = Room::new();
        assert_eq!(room.numbers(), Vec::<u64>::new());
        assert!(room.history.get(1).unwrap().is_none());
        assert!(room.keep() && !room.keep());
        let (kept, texts) = room.history.get(1).unwrap().unwrap();
        assert_eq!((kept.number, kept.adoption), (1, room.adoption()));
        assert_eq!(texts, Texts::read(&room.config()).unwrap());
    }

    #[test]
    fn other_files_of_the_same_version_and_an_old_version_again_are_kept_too() {
        let room = Room::new();
        room.keep();
        room.write(&format!("# the same in other words\n{HALL}"));
        assert!(room.keep());
        room.write(HALL);
        assert!(room.keep());
        assert_eq!(room.numbers(), [3, 2, 1]);
    }

    #[test]
    fn only_the_owner_reads_what_is_kept() {
        let room = Room::new();
        room.keep();
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let place = room.history.places().unwrap().pop().unwrap().1;
        assert_eq!(
            (mode(room.history.0.clone()), mode(place.clone()), mode(place.join("halls"))),
            (0o700, 0o700, 0o700)
        );
        for file in ["hallpass.toml", "halls/one.toml", ABOUT] {
            assert_eq!(mode(place.join(file)), 0o600, "{file}");
        }
    }

    #[test]
    fn files_that_have_changed_since_they_were_read_are_not_kept() {
        let room = Room::new();
        let adoption = room.adoption();
        room.write(&HALL.replace("capacity = 40", "capacity = 41"));
        let refused = room.history.keep(&room.config(), &adoption);
        assert!(matches!(refused, Err(HistoryFault::Changed(_))), "{refused:?}");
        room.write("[half");
        assert!(matches!(room.history.keep(&room.config(), &adoption), Err(HistoryFault::Changed(_))));
        assert_eq!(room.numbers(), Vec::<u64>::new());
        assert_eq!(fs::read_dir(&room.history.0).unwrap().count(), 0, "nothing is left");
    }

    #[test]
    fn the_oldest_go_and_so_does_what_a_power_cut_left() {
        let room = Room::new();
        room.keep();
        let place = room.history.places().unwrap().pop().unwrap().1;
        for number in 2..=MAX_KEPT_VERSIONS {
            fs::create_dir(room.history.0.join(format!("{number:06}-abc"))).unwrap();
        }
        fs::create_dir_all(room.history.0.join(".new-left/halls")).unwrap();
        assert_eq!(room.numbers(), [1], "a version without a word about it is passed over");
        room.write(&HALL.replace("capacity = 40", "capacity = 41"));
        assert!(room.keep());
        assert!(!place.exists() && !room.history.0.join(".new-left").exists());
        assert_eq!(room.numbers(), [MAX_KEPT_VERSIONS as u64 + 1]);
        assert_eq!(room.history.places().unwrap().len(), MAX_KEPT_VERSIONS);
    }

    #[test]
    fn a_comment_is_one_line_within_its_bound() {
        let room = Room::new();
        let adoption = Adoption { comment: Some(format!("a\nb{}", "长".repeat(300))), ..room.adoption() };
        room.history.keep(&room.config(), &adoption).unwrap();
        let (kept, _) = room.history.get(1).unwrap().unwrap();
        let comment = kept.adoption.comment.unwrap();
        assert_eq!((comment.chars().count(), &comment[..2]), (MAX_COMMENT_CHARS, "ab"));
    }
}
