//! What is wished for a run, and the command that wishes the same again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

/// What is wished.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// The directory of the configuration.
    pub config: PathBuf,
    /// The file of the scenario; none for the usual one.
    pub scenario: Option<PathBuf>,
    /// How many visitors come; none for what the scenario says.
    pub visitors: Option<u32>,
    /// The seed of all chance.
    pub seed: u64,
    /// The day that opens on a server of the run's own; none for that of the scenario.
    pub day: Option<NaiveDate>,
    /// The address of a server; none for one of the run's own.
    pub url: Option<String>,
    /// A file with the token of an administrator of that server, where its whole state is to be audited too.
    pub admin_token_file: Option<PathBuf>,
    /// A file with halls that take the place of those of the configuration, to be played beside it.
    pub what_if: Option<PathBuf>,
}

impl Wishes {
    /// The command that plays the same again.
    pub(super) fn command(&self, scenario: &Path, visitors: u32, day: NaiveDate) -> String {
        let mut command = format!("hallpass simulate --config {} --scenario {}", typed(&self.config), typed(scenario));
        let _ = write!(command, " --visitors {visitors} --seed {}", self.seed);
        match &self.url {
            Some(url) => {
                let _ = write!(command, " --url {}", typed(Path::new(url)));
                if let Some(file) = &self.admin_token_file {
                    let _ = write!(command, " --admin-token-file {}", typed(file));
                }
            }
            None => {
                let _ = write!(command, " --day {day}");
            }
        }
        if let Some(file) = &self.what_if {
            let _ = write!(command, " --what-if {}", typed(file));
        }
        command
    }
}

/// A path as it is typed into a shell: in quotes where it holds more than plain letters.
fn typed(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-:".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_typed_again() {
        for (path, text) in [
            ("./config/scenarios/peak-day.toml", "./config/scenarios/peak-day.toml"),
            ("杭州.toml", "杭州.toml"),
            ("my halls.toml", "'my halls.toml'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
        ] {
            assert_eq!(typed(Path::new(path)), text);
        }
    }
}
