//! The files of a run: the report and the numbers.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::outcome::Outcome;
use super::report::{self, Language};

/// Where the files go.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    /// The report.
    pub report: Option<PathBuf>,
    /// Every number, as JSON.
    pub json: Option<PathBuf>,
}

/// A file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be written; name a file in a directory that is there and that you may write to")]
pub struct OutputFault {
    path: PathBuf,
    source: io::Error,
}

impl Outputs {
    /// Tries whether every file can be written, and leaves what is there as it is.
    ///
    /// # Errors
    /// [`OutputFault`] for the first that cannot.
    pub fn judge(&self) -> Result<(), OutputFault> {
        if let (Some(report), Some(json)) = (&self.report, &self.json)
            && report == json
        {
            let twice = io::Error::new(io::ErrorKind::AlreadyExists, "both files have this name");
            return Err(fault(json)(twice));
        }
        for path in [&self.report, &self.json].into_iter().flatten() {
            let is_new = !path.exists();
            OpenOptions::new().append(true).create(true).open(path).map_err(fault(path))?;
            if is_new {
                fs::remove_file(path).map_err(fault(path))?;
            }
        }
        Ok(())
    }

    /// Writes the files.
    ///
    /// # Errors
    /// [`OutputFault`] for the first that cannot be written.
    pub fn write(&self, outcome: &Outcome) -> Result<(), OutputFault> {
        if let Some(path) = &self.report {
            fs::write(path, report::html(outcome, Language::default())).map_err(fault(path))?;
        }
        if let Some(path) = &self.json {
            let json = serde_json::to_vec_pretty(outcome).map_err(io::Error::from).map_err(fault(path))?;
            fs::write(path, json).map_err(fault(path))?;
        }
        Ok(())
    }
}

fn fault(path: &Path) -> impl FnOnce(io::Error) -> OutputFault {
    move |source| OutputFault { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_is_told_and_what_is_there_stays() {
        let dir = tempfile::tempdir().unwrap();
        let judged = |report: &Path| Outputs { report: Some(report.to_owned()), json: None }.judge();
        let (new, old) = (dir.path().join("new.html"), dir.path().join("old.html"));
        fs::write(&old, "before").unwrap();
        judged(&new).unwrap();
        judged(&old).unwrap();
        assert!(!new.exists(), "nothing is left of trying");
        assert_eq!(fs::read_to_string(&old).unwrap(), "before");
        let nowhere = dir.path().join("nowhere/report.html");
        assert!(judged(&nowhere).unwrap_err().to_string().contains("nowhere/report.html cannot be written"));
        assert!(judged(dir.path()).is_err(), "a directory is no file");
        let twice = Outputs { report: Some(new.clone()), json: Some(new) };
        assert!(twice.judge().is_err(), "the numbers would take the place of the report");
    }
}
