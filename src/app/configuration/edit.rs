//! The files of the configuration changed through the server: checked, shown, written and put in force, or nothing.
//!
//! A change is made from the files as somebody has seen them. Where they have changed since, it is refused, so that of two
//! who edit none undoes unseen what the other did. From looking at the files to having them in force nobody else reloads
//! or edits; where the reload is refused, the old files are put back.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::reload::{ReloadFault, ReloadReport, judge_identity, judge_store};
use crate::app::refusal::{Conflict, Forbidden, NotFound, Refusal};
use crate::app::state::App;
use crate::config::versions::draft::Draft;
use crate::config::versions::texts::{Texts, digest_of, hall_ids_in};
use crate::config::{self, Change, Configuration, Errors};
use crate::domain::hall::Hall;
use crate::domain::name::{HallId, MAX_NAMES, known_names};
use crate::domain::snapshot::Snapshot;
use crate::engine::{Displaced, StaffCaller};

/// How many names the process may know for a member of staff with halls to try out more: the rest is for reloads.
const MAX_NAMES_FOR_DRAFTS: usize = MAX_NAMES / 2;

/// What is to change.
#[derive(Debug, Clone)]
pub enum Edit {
    /// The text of one file.
    File {
        /// Its name in the configuration directory.
        name: String,
        /// The new text.
        text: String,
        /// The digest of the text that it was made from.
        was: String,
    },
    /// All files.
    Whole {
        /// The new files.
        texts: Texts,
        /// The digest of the files that they are to take the place of; none where nobody has seen them yet.
        was: Option<String>,
    },
}

/// What a change would do.
#[derive(Debug)]
pub struct Judged {
    /// The files before and after.
    pub draft: Draft,
    /// The configuration that they make.
    pub configuration: Configuration,
    /// What differs from the one in force, in words that a person can read.
    pub changes: Vec<Change>,
    /// The appointments that would no longer fit.
    pub displaced: Vec<Displaced>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EditFault {
    /// The files would be wrong, or those that are there cannot be read.
    #[error("the configuration is wrong")]
    Wrong(#[source] Errors),
    /// There is no such file.
    #[error("there is no such file")]
    NoSuchFile,
    /// The files have changed since they were seen.
    #[error("the files have changed since they were seen")]
    Changed,
    /// The change reaches beyond the halls of whoever makes it.
    #[error("the change reaches beyond the member's own halls")]
    BeyondOwnHalls,
    /// The files cannot be written.
    #[error("the files cannot be written")]
    Unwritten(#[source] std::io::Error),
    /// The configuration does not come into force.
    #[error(transparent)]
    Reload(#[from] ReloadFault),
}

impl From<EditFault> for Refusal {
    fn from(fault: EditFault) -> Self {
        match fault {
            EditFault::NoSuchFile => NotFound::File.into(),
            EditFault::Reload(fault) => fault.into(),
            EditFault::Wrong(errors) => Self::Configuration(errors),
            EditFault::BeyondOwnHalls => Forbidden::BeyondOwnHalls.into(),
            EditFault::Changed => Conflict::FilesChanged.into(),
            EditFault::Unwritten(error) => Self::Fault(format!("the files cannot be written: {error}")),
        }
    }
}

impl App {
    /// The files of the configuration as they lie on disk.
    ///
    /// # Errors
    /// Every file that cannot be read.
    pub async fn texts(&self) -> Result<Texts, EditFault> {
        let dir = self.config_dir().to_owned();
        blocking(move || Texts::read(&dir)).await?.map_err(EditFault::Wrong)
    }

    /// What a change would do.
    ///
    /// # Errors
    /// [`EditFault`].
    pub async fn judge_edit(&self, edit: Edit, actor: &StaffCaller) -> Result<Judged, EditFault> {
        let draft = self.drafted(edit).await?;
        if !names_only_own(actor, &draft) {
            return Err(EditFault::BeyondOwnHalls);
        }
        let _turn = self.check_turn().await;
        let checked = draft.clone();
        let configuration = blocking(move || checked.load()).await?.map_err(EditFault::Wrong)?;
        judge_identity(&configuration, self.is_beyond_loopback()).map_err(EditFault::Wrong)?;
        judge_store(&self.loaded().configuration.store, &configuration.store).map_err(EditFault::Wrong)?;
        let engine = self.engine().map_err(|_| ReloadFault::Broken)?.clone();
        let (old, new, now) = (engine.snapshot(), Arc::clone(&configuration.snapshot), self.now());
        let settings = config::settings_changes(&self.loaded().configuration, &configuration);
        let is_own = is_within(actor, &old, &new) && (actor.halls.is_none() || settings.is_empty());
        if !is_own {
            return Err(EditFault::BeyondOwnHalls);
        }
        let mut changes = config::changes(&old, &new);
        changes.extend(settings);
        let displaced = blocking(move || engine.displaced_by(&new, now)).await?;
        Ok(Judged { draft, configuration, changes, displaced })
    }

    /// Writes the files and puts them in force. A caller who goes away does not break it off.
    ///
    /// # Errors
    /// [`EditFault`]; then the files are as they were.
    pub async fn apply_edit(
        &self,
        edit: Edit,
        actor: StaffCaller,
        comment: Option<String>,
    ) -> Result<ReloadReport, EditFault> {
        let app = self.clone();
        let applying = tokio::spawn(async move { app.apply_in_turn(edit, actor, comment).await });
        applying.await.map_err(|_| ReloadFault::Broken)?
    }

    async fn apply_in_turn(
        &self,
        edit: Edit,
        actor: StaffCaller,
        comment: Option<String>,
    ) -> Result<ReloadReport, EditFault> {
        let _turn = self.reload_turn().await;
        let Judged { draft, changes, displaced, .. } = self.judge_edit(edit, &actor).await?;
        if draft.before() == draft.after() && changes.is_empty() {
            // Sent twice, it is in force already: nothing is put in force again, and nothing noted.
            let version = self.loaded().configuration.snapshot.version.clone();
            return Ok(ReloadReport { previous: version.clone(), version, changes, displaced });
        }
        let files = draft.before().differing(draft.after()).join(", ");
        tracing::info!(actor = actor.id, files, "writing the configuration");
        let dir = self.config_dir().to_owned();
        let written = blocking(move || draft.write(&dir)).await?.map_err(EditFault::Unwritten)?;
        let report = self.reload_now(false, actor, comment).await?;
        written.keep();
        Ok(report)
    }

    /// The files before and after a change.
    async fn drafted(&self, edit: Edit) -> Result<Draft, EditFault> {
        let before = self.texts().await?;
        let after = match edit {
            Edit::File { name, text, was } => {
                let there = before.get(&name).ok_or(EditFault::NoSuchFile)?;
                // Who sends the same twice finds it done.
                if digest_of(there) != was && there != text {
                    return Err(EditFault::Changed);
                }
                before.clone().with(&name, text)
            }
            Edit::Whole { texts, was } => {
                if was.is_some_and(|was| was != before.digest()) && texts != before {
                    return Err(EditFault::Changed);
                }
                texts
            }
        };
        Ok(Draft::new(before, after))
    }
}

/// Whether of what is in force nothing differs but the halls of whoever makes the change, as what others have written and
/// not put in force would.
fn is_within(actor: &StaffCaller, old: &Snapshot, new: &Snapshot) -> bool {
    actor.halls.as_ref().is_none_or(|own| rest_is_equal(own, old, new))
}

/// Whether the files that differ have no other halls than those of whoever makes the change, before and after. It is asked
/// before anything is read: a name that has been read is kept until the process ends, so whoever may not bring new ones
/// must not fill the table with them. What is no TOML at all names nothing, and is for the check to tell.
fn names_only_own(actor: &StaffCaller, draft: &Draft) -> bool {
    let Some(own) = &actor.halls else { return true };
    let is_own = |text: &str| {
        hall_ids_in(text).is_none_or(|ids| ids.len() <= own.len() && ids.iter().all(|id| is_one_of(own, id)))
    };
    let files_are_own = draft.before().differing(draft.after()).into_iter().all(|name| {
        let sides = [draft.before().get(name), draft.after().get(name)];
        config::versions::texts::file_of_halls(name).is_some() && sides.into_iter().flatten().all(is_own)
    });
    files_are_own && known_names() < MAX_NAMES_FOR_DRAFTS
}

/// Whether a text of a file of halls has no halls but these. One that cannot be read may have any.
#[must_use]
pub fn has_only(text: &str, halls: &[HallId]) -> bool {
    hall_ids_in(text).is_some_and(|ids| ids.iter().all(|id| is_one_of(halls, id)))
}

fn is_one_of(halls: &[HallId], id: &str) -> bool {
    halls.iter().any(|hall| hall.as_str() == id)
}

fn rest_is_equal(own: &[HallId], old: &Snapshot, new: &Snapshot) -> bool {
    let of_others = |snapshot: &Snapshot| -> Vec<Hall> {
        snapshot.halls().iter().filter(|hall| !own.contains(&hall.id)).cloned().collect()
    };
    let names = |snapshot: &Snapshot| -> BTreeSet<HallId> { snapshot.halls().iter().map(|hall| hall.id).collect() };
    let new_names = names(new);
    old.policy == new.policy
        && old.calendar == new.calendar
        && old.services() == new.services()
        && of_others(old) == of_others(new)
        // A hall that is gone is more than a hall that has changed: its staff and its visitors lose it.
        && names(old).is_subset(&new_names)
}

/// Does what reads or writes files, or takes long, without keeping others waiting.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, EditFault> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| ReloadFault::Broken)?)
}
