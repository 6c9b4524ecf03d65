//! From files to one validated, versioned [`Snapshot`], with the settings that stand beside it.
//!
//! A configuration directory holds `hallpass.toml` (optional), `services.toml`, `calendar/*.toml`, `halls/*.toml`, and
//! for simulations `scenarios/*.toml` (optional); the files of a directory are read in order of name; other extensions,
//! and names that begin with a dot, are passed over; [`hints`] names those that look like files of a configuration. [`load`] gives either a configuration in which everything has been
//! checked, or every error of every file, each with its line and a mend; [`load_scenario`] does so with a [`Scenario`]
//! and [`check`] with everything. Nothing half-good leaves this room.
//!
//! How a file becomes a value: `directory` reads texts, `document` parses one into a tree whose values know their
//! lines, each noun's own file turns tables into *drafts* (what could be read, with places), `cross_checks` compares
//! drafts of different files, and only when nothing has been reported the drafts are finished.
//!
//! `texts` reads and writes the files as they are, `draft` checks files that are not in place yet as if they were, and
//! `history` keeps the versions that were in force.
//!
//! Invariants: a snapshot from here obeys every bound that the domain documents; periods of a day are in order and do
//! not overlap; lanes are in order of id; equal content has an equal version, however it is spread over files,
//! commented or formatted. This room knows the domain, and of the ledger only how an address of a PostgreSQL is written.

mod compare;
mod hints;
mod read;
pub mod scenario;
mod sections;
mod summary;
#[cfg(test)]
mod tests;
pub(crate) mod versions;
mod zone_data;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use compare::changes::{Change, changes};
pub use compare::settings_changes::settings_changes;
pub use hints::{calendar_hints, hints};
pub use read::error::{ConfigError, Errors};
pub use read::flaw::{Flaw, Mend};
pub use read::phrases::{Part, Word};
pub use scenario::list::scenario_list;
pub use sections::contact::Contact;
pub use sections::identity::{Identity, IdentityMode};
pub use sections::staff::{Role, Staff};
pub use sections::store::{PostgresStore, Store, StoreKind};
pub use summary::summary;

use read::directory::{Directory, TextFile};
use read::error::Findings;
use scenario::Scenario;
use sections::hallpass_file::Settings;
use sections::halls_file::Halls;
use sections::services_file::Services;
use sections::store::Overrides;

use crate::domain::calendar::Calendar;
use crate::domain::snapshot::Snapshot;

/// A configuration in which everything has been checked.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// What a booking is judged by.
    pub snapshot: Arc<Snapshot>,
    /// How people prove who they are.
    pub identity: Identity,
    /// Who may work at the desk; empty where none is configured.
    pub staff: Vec<Staff>,
    /// Where everything is remembered. A running server keeps the one that it was started with.
    pub store: Store,
    /// Whom people ask.
    pub contact: Arc<Contact>,
    /// What works as it stands in the files and may not be what was meant, by file and line.
    pub hints: Vec<ConfigError>,
}

/// Everything that the files say, as far as it could be read.
#[derive(Debug)]
struct Draft {
    settings: Settings,
    calendar: Calendar,
    services: Services,
    halls: Halls,
}

/// Reads and checks the configuration in a directory. The addresses of `[store]` come from the environment where that has
/// them: `HALLPASS_STORE_URL`, `HALLPASS_STORE_LISTEN_URL`, `HALLPASS_STORE_MIGRATION_URL`.
///
/// # Errors
/// [`Errors`]: everything that is wrong in any file, by file and line.
///
/// # Panics
/// Never: what is missing from a draft has been reported.
pub fn load(dir: &Path) -> Result<Configuration, Errors> {
    load_with(dir, &[])
}

/// Reads and checks the configuration in a directory as [`load`] does, where each hall of the files in `halls_files`
/// takes the place of the hall with the same id, or is added where there is none. Of two files with the same hall the
/// later one counts.
///
/// # Errors
/// [`Errors`]: everything that is wrong in any file; the files given are called by the paths by which they were given.
///
/// # Panics
/// Never: what is missing from a draft has been reported.
pub fn load_with(dir: &Path, halls_files: &[PathBuf]) -> Result<Configuration, Errors> {
    load_in(dir, halls_files, &|variable| env::var_os(variable))
}

/// The same in an environment, given the value of each of its variables.
fn load_in(
    dir: &Path,
    halls_files: &[PathBuf],
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Configuration, Errors> {
    let findings = Findings::default();
    let overrides = Overrides::of_environment(variable, &findings);
    let substitutes: Vec<_> =
        halls_files.iter().map(|path| TextFile::read(path, path.display().to_string(), &findings)).collect();
    let draft =
        Directory::read(dir, &findings).map(|directory| Draft::read(&directory, &substitutes, &overrides, &findings));
    let hints = findings.into_result()?;
    let configuration = draft.and_then(Draft::finish).expect("what is missing has been reported");
    Ok(Configuration { hints, ..configuration })
}

/// Reads and checks the scenario in the file at `path`, whose names are those of this configuration, and of its own halls
/// where it brings any. [`load_with`] puts those in force.
///
/// # Errors
/// [`Errors`]: everything that is wrong with it, also in the file of its own halls.
///
/// # Panics
/// Never: what is missing has been reported.
pub fn load_scenario(path: &Path, configuration: &Configuration) -> Result<Scenario, Errors> {
    let findings = Findings::default();
    let file = TextFile::read(path, path.display().to_string(), &findings);
    let scenario = crate::config::scenario::file::read(&file, path, Some(configuration), &findings);
    findings.into_result()?;
    Ok(scenario.expect("what is missing has been reported"))
}

/// Reads and checks the configuration in a directory as [`load`] does, and every scenario in its `scenarios/`.
///
/// A server reads neither at its start nor at a reload what only a simulation uses, so that a slip in a scenario cannot
/// keep it from serving; who asks whether a directory is sound wants to hear of both.
///
/// # Errors
/// [`Errors`]: everything that is wrong in any file. Where the configuration is wrong, scenarios are checked as far as
/// that goes without its names.
///
/// # Panics
/// Never: what is missing has been reported.
pub fn check(dir: &Path) -> Result<(Configuration, Vec<Scenario>), Errors> {
    let findings = Findings::default();
    let configuration = load(dir).map_err(|errors| findings.adopt(errors)).ok();
    let scenarios = crate::config::scenario::file::read_all(dir, configuration.as_ref(), &findings);
    findings.into_result()?;
    Ok(configuration.zip(scenarios).expect("what is missing has been reported"))
}

impl Draft {
    fn read(directory: &Directory, substitutes: &[TextFile], overrides: &Overrides, findings: &Findings) -> Self {
        let settings = crate::config::sections::hallpass_file::read(directory.hallpass.as_ref(), overrides, findings);
        let services = crate::config::sections::services_file::read(&directory.services, findings);
        let calendar =
            crate::config::sections::calendar_file::read(directory.calendar.as_deref().unwrap_or_default(), findings);
        let earliest = settings.policy.earliest_start;
        let halls = crate::config::sections::halls_file::read(directory.halls.as_deref(), earliest, findings);
        let halls = crate::config::versions::substitutes::put_in(halls, substitutes, earliest, findings);
        crate::config::sections::cross_checks::check(&services, &halls, findings);
        if halls.complete {
            let ids = crate::config::sections::cross_checks::hall_ids(&halls);
            settings.staff.iter().for_each(|member| member.check_halls(&ids, findings));
        }
        Self { settings, calendar, services, halls }
    }

    /// The configuration; none where something is missing, which has been reported.
    fn finish(self) -> Option<Configuration> {
        let Settings { policy, identity, staff, store, contact } = self.settings;
        let ids = crate::config::sections::cross_checks::hall_ids(&self.halls);
        let staff = staff.into_iter().map(|member| member.finish(&ids)).collect::<Option<_>>()?;
        let store = store?;
        let halls = self.halls.drafts.into_iter().map(|hall| hall.whole).collect::<Option<_>>()?;
        let services = self.services.drafts.into_iter().map(|service| service.whole).collect::<Option<_>>()?;
        let mut snapshot = Snapshot::new(String::new(), policy.policy, self.calendar, halls, services);
        snapshot.version = crate::config::compare::version::of(&snapshot);
        let (snapshot, contact) = (Arc::new(snapshot), Arc::new(contact));
        Some(Configuration { snapshot, identity, staff, store, contact, hints: Vec::new() })
    }
}
