//! The files of a configuration directory, as texts.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::error::{Findings, Place};
use super::flaw::{Flaw, Mend};
use super::phrases::Part;

/// Where the scenarios are.
const SCENARIOS: &str = "scenarios";
/// The files that stand in the directory itself.
const ROOT_FILES: [&str; 2] = ["hallpass.toml", "services.toml"];
/// How many files `calendar/`, `halls/` or `scenarios/` may hold.
pub(crate) const MAX_FILES: usize = 1_000;
/// The size of the largest file.
pub(crate) const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// One file. The text is none where it could not be read, which has been reported.
#[derive(Debug)]
pub(crate) struct TextFile {
    /// Its path relative to the configuration directory; for a file from elsewhere, the path by which it was named.
    pub(crate) name: String,
    pub(crate) text: Option<String>,
}

impl TextFile {
    /// Reads the file at `path`, which errors call `name`.
    pub(crate) fn read(path: &Path, name: String, findings: &Findings) -> Self {
        let text = match bytes_of(path) {
            Ok(bytes) => text_of(bytes, &name, findings),
            Err(error) => {
                let flaw = Flaw::FileUnreadable { why: Part::of(error) };
                findings.report(&Place::whole(&name), flaw, Mend::ReadableFile {});
                None
            }
        };
        Self { name, text }
    }
}

/// All the files of a configuration. A list is none where its directory could not be read.
#[derive(Debug)]
pub(crate) struct Directory {
    /// None where there is no such file: it is optional.
    pub(crate) hallpass: Option<TextFile>,
    pub(crate) services: TextFile,
    pub(crate) calendar: Option<Vec<TextFile>>,
    pub(crate) halls: Option<Vec<TextFile>>,
}

impl Directory {
    /// Reads every file under `dir`; none where there is no such directory.
    pub(crate) fn read(dir: &Path, findings: &Findings) -> Option<Self> {
        if let Err(error) = fs::read_dir(dir) {
            let flaw = Flaw::RootUnreadable { directory: Part::of(dir.display()), why: Part::of(error) };
            findings.report(&Place::whole("."), flaw, Mend::NameDirectory {});
            return None;
        }
        let hallpass = match fs::symlink_metadata(dir.join("hallpass.toml")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            _ => Some(read_file(dir, "hallpass.toml".to_owned(), findings)),
        };
        let services = read_file(dir, "services.toml".to_owned(), findings);
        hint_at_passed_over(dir, "", |name| ROOT_FILES.contains(&name), findings);
        let calendar = read_directory(dir, "calendar", findings);
        let halls = read_directory(dir, "halls", findings);
        Some(Self { hallpass, services, calendar, halls })
    }
}

/// The scenarios of a configuration directory; an empty list where it has no directory of them, which is optional.
pub(crate) fn read_scenarios(dir: &Path, findings: &Findings) -> Option<Vec<TextFile>> {
    match fs::symlink_metadata(dir.join(SCENARIOS)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Vec::new()),
        _ => read_directory(dir, SCENARIOS, findings),
    }
}

/// The `*.toml` of a directory, by name. Like the shell's star, this passes over names that begin with a dot.
fn read_directory(dir: &Path, name: &str, findings: &Findings) -> Option<Vec<TextFile>> {
    let mut names = match toml_names(&dir.join(name)) {
        Ok(names) => names,
        Err(error) => {
            let flaw = Flaw::DirectoryUnreadable { why: Part::of(error) };
            findings.report(&Place::whole(name), flaw, Mend::MakeDirectory {});
            return None;
        }
    };
    hint_at_passed_over(&dir.join(name), name, is_read, findings);
    if names.len() > MAX_FILES {
        let flaw = Flaw::TooManyFiles { count: Part::of(names.len()) };
        findings.report(&Place::whole(name), flaw, Mend::GatherFiles { most: Part::of(MAX_FILES) });
        return None;
    }
    names.sort();
    Some(names.into_iter().map(|file| read_file(dir, format!("{name}/{file}"), findings)).collect())
}

fn toml_names(dir: &Path) -> io::Result<Vec<String>> {
    let names = fs::read_dir(dir)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.filter(|name: &io::Result<String>| name.as_ref().map_or(true, |name| is_read(name))).collect()
}

fn is_read(name: &str) -> bool {
    !name.starts_with('.') && Path::new(name).extension().is_some_and(|it| it == "toml")
}

/// Says which files look like some of a configuration and are not read: `hangzhou.TOML`, `hangzhou.toml.bak`,
/// `hangzhou.toml~`. What cannot be listed is reported elsewhere.
fn hint_at_passed_over(dir: &Path, name: &str, is_read: impl Fn(&str) -> bool, findings: &Findings) {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    for file in
        names.filter(|file| !is_read(file) && !file.starts_with('.') && file.to_ascii_lowercase().contains(".toml"))
    {
        let (path, mend) = match name {
            "" => (file, Mend::KnownFile {}),
            _ => (format!("{name}/{file}"), Mend::EndInToml {}),
        };
        findings.hint(&Place::whole(&path), Flaw::NotRead {}, mend);
    }
}

fn read_file(dir: &Path, name: String, findings: &Findings) -> TextFile {
    TextFile::read(&dir.join(&name), name, findings)
}

fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    // Asked before opening: to open a pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no ordinary file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn text_of(bytes: Vec<u8>, name: &str, findings: &Findings) -> Option<String> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let mend = Mend::SplitFile { most: Part::of(MAX_FILE_BYTES) };
        findings.report(&Place::whole(name), Flaw::FileTooLarge {}, mend);
        return None;
    }
    String::from_utf8(bytes)
        .map_err(|error| {
            let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = sound.split(|byte| *byte == b'\n').count();
            let place = Place { file: name.into(), line };
            findings.report(&place, Flaw::NotUtf8 {}, Mend::SaveUtf8 {});
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, HALL, assert_errors};

    #[test]
    fn files_that_cannot_be_read_are_reported_and_the_others_checked() {
        let sound = Fixture::default;
        sound().without("services.toml").check(&["services.toml:0 | cannot be read | make it a readable file"]);
        sound()
            .with("halls/two.toml", b"# \n# \xff\n")
            .check(&["halls/two.toml:2 | no UTF-8 | save the file in UTF-8"]);
        sound()
            .with("services.toml", b"\xff")
            .spoilt("halls/one.toml", "30.25", "91")
            .check(&["halls/one.toml:7 | not on the earth | WGS-84", "services.toml:1 | no UTF-8 | UTF-8"]);
        let large = vec![b'\n'; usize::try_from(MAX_FILE_BYTES).unwrap() + 1];
        sound().with("calendar/cn.toml", &large[1..]).load();
        sound().with("calendar/cn.toml", large).check(&["calendar/cn.toml:0 | too large | split"]);
    }

    #[test]
    fn missing_directories_are_reported() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("none");
        assert_errors(&missing, &[".:0 | none cannot be read | --config"]);
        assert_errors(
            dir.path(),
            &[
                "calendar:0 | the directory cannot be read | make it",
                "halls:0 | the directory cannot be read | make it",
                "services.toml:0 | cannot be read | make it",
            ],
        );
    }

    #[test]
    fn too_many_files_and_things_that_are_no_files_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        Fixture::default().write(dir.path());
        fs::create_dir(dir.path().join("halls/two.toml")).unwrap();
        assert_errors(dir.path(), &["halls/two.toml:0 | no ordinary file | readable file"]);
        fs::remove_dir(dir.path().join("halls/two.toml")).unwrap();

        for number in 0..MAX_FILES {
            fs::write(dir.path().join(format!("calendar/{number}.toml")), "").unwrap();
        }
        assert_errors(dir.path(), &["calendar:0 | 1001 files | at most 1000"]);
    }

    #[test]
    fn other_extensions_and_hidden_files_are_passed_over() {
        let fixture =
            Fixture::default().with("halls/one.toml.bak", HALL).with("halls/.two.toml", "[").with("x.toml", "[");
        fixture.with("calendar/README.md", "[").load();
    }

    #[test]
    fn the_files_that_are_optional_may_be_missing() {
        let fixture = Fixture::default().without("hallpass.toml").without("calendar/cn.toml");
        let configuration = fixture.load();
        assert_eq!(configuration.snapshot.policy, crate::domain::policy::Policy::default());
        assert!(configuration.staff.is_empty());
    }
}
