//! Reading the configuration again while the server runs: all of it, or nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::app::access::admin_token::AdminTokenFault;
use crate::app::access::staff::Staff;
use crate::app::access::staff_table::StaffTable;
use crate::app::input::fields::Fields;
use crate::app::once::{self, Once};
use crate::app::refusal;
use crate::app::state::{App, Loaded};
use crate::config::versions::history::Adoption;
use crate::config::{self, Change, ConfigError, Configuration, Flaw, IdentityMode, Mend, Store};
use crate::engine::Displaced;
use crate::engine::{Answer, Call, Caller, Refusal, StaffCaller};

/// What a reload did, or would do.
#[derive(Debug)]
pub struct ReloadReport {
    /// The version that was read.
    pub version: String,
    /// The version that was in force before.
    pub previous: String,
    /// What differs.
    pub changes: Vec<Change>,
    /// The appointments that no longer fit.
    pub displaced: Vec<Displaced>,
}

/// Why a reload changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReloadFault {
    /// The files are wrong.
    #[error("the configuration is wrong")]
    Configuration(#[source] config::Errors),
    /// The engine does not take it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The new configuration names no staff, and the admin token cannot be used.
    #[error(transparent)]
    AdminToken(#[from] AdminTokenFault),
    /// The reload broke off.
    #[error("the reload broke off")]
    Broken,
}

impl App {
    /// Reads the configuration again and puts it in force, or with `dry_run` only says what would change. Bookings go on
    /// meanwhile; two reloads follow each other. A caller who goes away does not break it off.
    ///
    /// # Errors
    /// [`ReloadFault`]; then nothing has changed.
    pub async fn reload(&self, dry_run: bool, actor: StaffCaller) -> Result<ReloadReport, ReloadFault> {
        let app = self.clone();
        let reloading = tokio::spawn(async move {
            let _turn = app.reload_turn().await;
            app.reload_now(dry_run, actor, None).await
        });
        reloading.await.map_err(|_| ReloadFault::Broken)?
    }

    /// The same once for each idempotency key, with what is told of it. `dry_run` is `true` or `false`; left out, it is not.
    ///
    /// # Errors
    /// As [`App::reload`]; [`refusal::Refusal::Fields`]; what [`once::answered`] refuses.
    pub async fn reload_once(
        &self,
        staff: &Staff,
        once: Once,
        dry_run: Option<&str>,
        told: impl FnOnce(&ReloadReport) -> String,
    ) -> Result<Arc<str>, refusal::Refusal> {
        let engine = self.engine()?;
        let reloading = async |call| {
            let mut fields = Fields::default();
            let dry_run = fields.flag(format_args!("/dry_run"), dry_run);
            let report = self.reload(fields.finish(dry_run)?, staff.member.clone()).await?;
            Ok(engine.remember(call, told(&report)).await?)
        };
        match once::answered(engine, staff.caller(), staff.now, once, reloading).await? {
            Answer::Text(text) => Ok(text),
            _ => Err(refusal::Refusal::fault("what is remembered of a reload is no text")),
        }
    }

    /// The same for a caller whose turn it is, with what is to be said of it in the history.
    ///
    /// # Errors
    /// As [`App::reload`].
    pub async fn reload_now(
        &self,
        dry_run: bool,
        actor: StaffCaller,
        comment: Option<String>,
    ) -> Result<ReloadReport, ReloadFault> {
        let engine = self.engine().map_err(|_| Refusal::Overloaded)?;
        let directory = self.config_dir().to_owned();
        let read = tokio::task::spawn_blocking(move || config::load(&directory)).await;
        let configuration = read.map_err(|_| ReloadFault::Broken)?.map_err(ReloadFault::Configuration)?;
        judge_identity(&configuration, self.is_beyond_loopback()).map_err(ReloadFault::Configuration)?;
        judge_store(&self.loaded().configuration.store, &configuration.store).map_err(ReloadFault::Configuration)?;

        let (old, new, now) = (engine.snapshot(), Arc::clone(&configuration.snapshot), self.now());
        let (version, previous) = (new.version.clone(), old.version.clone());
        let mut changes = config::changes(&old, &new);
        changes.extend(config::settings_changes(&self.loaded().configuration, &configuration));
        let displaced = if dry_run {
            engine.displaced_by(&new, now)
        } else {
            let loaded = self.made_ready(configuration)?;
            tracing::info!(actor = actor.id, version, previous, changes = changes.len(), "adopting a configuration");
            let by = actor.id.clone();
            let displaced = engine.adopt(Call { caller: Caller::Staff(actor), now, repeat: None }, new).await?;
            self.replace_loaded(loaded);
            self.keep_in_history(&by, comment).await;
            engine.note_adopted(&by, &version).await;
            displaced
        };
        Ok(ReloadReport { version, previous, changes, displaced })
    }

    /// Reads the configuration again and puts it in force where it has this version. Says whether it has.
    async fn follow(&self, version: &str) -> Result<bool, ReloadFault> {
        let _turn = self.reload_turn().await;
        let engine = self.engine().map_err(|_| Refusal::Overloaded)?;
        if engine.snapshot().version == version {
            return Ok(true);
        }
        let directory = self.config_dir().to_owned();
        let read = tokio::task::spawn_blocking(move || config::load(&directory)).await;
        let configuration = read.map_err(|_| ReloadFault::Broken)?.map_err(ReloadFault::Configuration)?;
        judge_identity(&configuration, self.is_beyond_loopback()).map_err(ReloadFault::Configuration)?;
        let snapshot = Arc::clone(&configuration.snapshot);
        if snapshot.version != version {
            return Ok(false);
        }
        judge_store(&self.loaded().configuration.store, &configuration.store).map_err(ReloadFault::Configuration)?;
        let loaded = self.made_ready(configuration)?;
        engine.follow_adoption(&snapshot);
        self.replace_loaded(loaded);
        self.keep_in_history(OTHERS, None).await;
        Ok(true)
    }

    /// Keeps the configuration in force in the history, unless it is the last that was kept. The caller's turn it is. What
    /// cannot be kept is in force all the same: the log says so.
    async fn keep_in_history(&self, by: &str, comment: Option<String>) {
        let version = self.loaded().configuration.snapshot.version.clone();
        let adoption = Adoption { version, adopted_at: self.now(), by: by.to_owned(), comment };
        let (history, directory) = (self.history().clone(), self.config_dir().to_owned());
        let keeping = tokio::task::spawn_blocking(move || history.keep(&directory, &adoption)).await;
        match keeping {
            Ok(Ok(_)) => {}
            Ok(Err(fault)) => {
                tracing::warn!(fault = words_of(&fault), "the version in force is not kept in the history");
            }
            Err(fault) => tracing::error!(%fault, "keeping a version in the history broke off"),
        }
    }

    /// Records the configuration that this instance has started with, where it is to be in force: where none is, or
    /// nobody else is there who has another.
    ///
    /// # Errors
    /// Where the ledger takes nothing.
    pub async fn adopt_at_start(&self) -> Result<(), Refusal> {
        let Ok(engine) = self.engine() else { return Ok(()) };
        let _turn = self.reload_turn().await;
        let Some(others) = engine.membership() else {
            self.keep_in_history(START, None).await;
            return Ok(());
        };
        let is_alone = others.others.load(Ordering::Relaxed) == 0;
        let snapshot = engine.snapshot();
        let wanted = match others.in_force.lock().as_ref() {
            None => true,
            Some(in_force) => *in_force != snapshot.version && is_alone,
        };
        if wanted {
            let operator = StaffCaller { id: START.to_owned(), halls: None };
            let call = Call { caller: Caller::Staff(operator), now: self.now(), repeat: None };
            let displaced = engine.adopt(call, snapshot).await?;
            tracing::info!(displaced = displaced.len(), "the configuration of this instance is in force");
        }
        if !engine.has_other_configuration() {
            self.keep_in_history(START, None).await;
        }
        Ok(())
    }

    fn made_ready(&self, configuration: Configuration) -> Result<Loaded, AdminTokenFault> {
        let staff = StaffTable::new(&configuration.staff, self.admin_token_file())?;
        let (before, loaded_at) = (self.loaded(), self.now());
        let is_the_same = before.configuration.snapshot.version == configuration.snapshot.version;
        let in_force_since = if is_the_same { before.in_force_since } else { loaded_at };
        Ok(Loaded::new(configuration, staff, loaded_at, in_force_since))
    }
}

/// Puts in force what other instances have put in force, whenever they do, for as long as it is polled: each has files of
/// its own, and takes them where they are the same. Where they are not, `/readyz` and the metrics say so.
pub async fn follow_others(app: &App) {
    let Ok(engine) = app.engine() else { return };
    let Some(mut adopted) = engine.adopted_by_others() else { return };
    loop {
        let version = match tokio::time::timeout(LOOK_AGAIN, adopted.changed()).await {
            Ok(Ok(())) => adopted.borrow_and_update().clone(),
            Ok(Err(_)) => return,
            // The files may have come meanwhile, or whoever had other ones may have gone.
            Err(_) if engine.has_other_configuration() => {
                if let Err(refusal) = app.adopt_at_start().await {
                    tracing::warn!(%refusal, "the configuration of this instance is not in force yet");
                }
                engine.membership().and_then(|others| others.in_force.lock().clone())
            }
            Err(_) => None,
        };
        let Some(version) = version else { continue };
        match app.follow(&version).await {
            Ok(true) => tracing::info!(version, "the configuration of the other instances is in force here too"),
            Ok(false) => tracing::error!(
                version,
                "another configuration is in force than the files here are; bring the same files here and reload"
            ),
            Err(fault) => tracing::error!(version, fault = words_of(&fault), "the configuration stays as it was"),
        }
    }
}

/// Who reloads where the operator sends a signal.
const SIGNAL: &str = "signal";
/// How long an instance with other files than are in force waits before it reads them again.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Who reloads where an instance starts.
const START: &str = "start";
/// Who has put a configuration in force that this instance has followed.
const OTHERS: &str = "others";

/// Reads the configuration again because the operator has sent a signal, and says in the log what came of it.
pub async fn on_signal(app: &App) {
    let operator = StaffCaller { id: SIGNAL.to_owned(), halls: None };
    match app.reload(false, operator).await {
        Ok(report) => {
            let ReloadReport { version, previous, changes, displaced } = &report;
            tracing::info!(version, previous, displaced = displaced.len(), "the configuration is in force");
            for change in changes {
                tracing::info!(%change, "the configuration has changed");
            }
        }
        Err(ReloadFault::Configuration(config::Errors(errors))) => {
            for error in errors {
                tracing::error!(%error, "the configuration stays as it was");
            }
        }
        Err(fault) => tracing::error!(fault = words_of(&fault), "the configuration stays as it was"),
    }
}

/// Whether a configuration may serve whom the server can be reached by: demonstration is for this machine only, unless
/// the configuration says otherwise.
///
/// # Errors
/// The one error that says so.
pub fn judge_identity(configuration: &Configuration, beyond_loopback: bool) -> Result<(), config::Errors> {
    let identity = &configuration.identity;
    if identity.mode != IdentityMode::Demo || !beyond_loopback || identity.demo_beyond_loopback {
        return Ok(());
    }
    let error = ConfigError {
        file: "hallpass.toml".into(),
        line: 0,
        flaw: Flaw::DemonstrationBeyond {},
        mend: Mend::ListenHere {},
    };
    Err(config::Errors(vec![error]))
}

/// Whether a configuration keeps the store of the one in force: a running server cannot move to another.
///
/// # Errors
/// The one error that says so.
pub fn judge_store(old: &Store, new: &Store) -> Result<(), config::Errors> {
    let differing: Vec<String> = old.differs_in(new).into_iter().map(|key| format!("`{key}`")).collect();
    if differing.is_empty() {
        return Ok(());
    }
    let error = ConfigError {
        file: "hallpass.toml".into(),
        line: 0,
        flaw: Flaw::StoreChanged { keys: differing.join(", ").into() },
        mend: Mend::RestartServer {},
    };
    Err(config::Errors(vec![error]))
}

impl From<ReloadFault> for refusal::Refusal {
    fn from(fault: ReloadFault) -> Self {
        match fault {
            ReloadFault::Configuration(errors) => Self::Configuration(errors),
            ReloadFault::Refused(refusal) => refusal.into(),
            ReloadFault::AdminToken(_) | ReloadFault::Broken => Self::Fault(words_of(&fault)),
        }
    }
}

/// A fault with what caused it, as one line.
fn words_of(fault: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(fault.source(), |cause| cause.source());
    causes.fold(fault.to_string(), |words, cause| format!("{words}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_server_keeps_its_store() {
        let old = Store::default();
        assert_eq!(judge_store(&old, &old), Ok(()));
        let new = Store { keys: Some("/etc/hallpass/keys".into()), ..Store::default() };
        let told = judge_store(&old, &new).unwrap_err().to_string();
        let expected = "hallpass.toml: [store] has changed in `keys`, and a running server keeps the store that it was \
                        started with; restart the server, or put [store] back";
        assert_eq!(told, expected);
    }

    #[test]
    fn every_error_of_the_files_is_told() {
        let error = |file: &str, line| ConfigError {
            file: file.into(),
            line,
            flaw: Flaw::PeriodTooEarly { period: "08:00-09:00".into(), earliest: "08:30".into() },
            mend: Mend::EndAfterBegin {},
        };
        let errors = config::Errors(vec![error("halls/hangzhou.toml", 12), error("services.toml", 3)]);
        let refusal = refusal::Refusal::from(ReloadFault::Configuration(errors));
        assert_eq!(refusal.to_string(), "the configuration has 2 errors; nothing was changed");
        let told = refusal.bad_fields();
        let places: Vec<&str> = told.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["halls/hangzhou.toml:12", "services.toml:3"]);
        assert_eq!(
            told[0].1,
            "the period 08:00-09:00 begins before policy.earliest_start, 08:30; let it end after it begins"
        );
        assert_eq!(refusal::Refusal::from(ReloadFault::Refused(Refusal::ReadOnly)), refusal::Refusal::ReadOnly);
        let broken = refusal::Refusal::Fault("the reload broke off".to_owned());
        assert_eq!(refusal::Refusal::from(ReloadFault::Broken), broken);
    }
}
