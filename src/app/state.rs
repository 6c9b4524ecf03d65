//! What every request may ask: the engine, the clock, the keys, the configuration in force.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::RwLock;
use tokio::sync::watch;

use super::access::admin_token::AdminTokenFault;
use super::access::guesses::Guesses;
use super::access::openings::Openings;
use super::access::staff_table::StaffTable;
use super::access::throttle::Throttle;
use super::metrics::{Change, Metrics};
use super::refusal::Busy;
use super::sealer::Sealer;
use crate::clock::{Clock, Running};
use crate::config::versions::history::History;
use crate::config::{self, Configuration, IdentityMode};
use crate::engine::{Answer, Engine, ReadOnlyReason};
use crate::vault::Vault;

/// What an [`App`] is made of.
#[derive(Debug)]
pub struct Parts {
    /// The clock of the whole process.
    pub clock: Clock,
    /// The keys.
    pub vault: Arc<Vault>,
    /// The configuration that the engine starts with.
    pub configuration: Configuration,
    /// Where the configuration is read again.
    pub config_dir: PathBuf,
    /// Where the versions of the configuration are kept.
    pub history_dir: PathBuf,
    /// Where the admin token lies, or is put, while no staff is configured.
    pub admin_token_file: PathBuf,
    /// Whether others than this machine reach the server.
    pub beyond_loopback: bool,
}

/// The state of the HTTP room. Clones are the same state.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    clock: Clock,
    vault: Arc<Vault>,
    /// Set once the engine has recovered.
    engine: OnceLock<Engine>,
    /// Held for one clone or one exchange of the pointer.
    loaded: RwLock<Arc<Loaded>>,
    config_dir: PathBuf,
    history: History,
    admin_token_file: PathBuf,
    beyond_loopback: bool,
    /// Held through a reload, so that two of them follow each other.
    reloading: tokio::sync::Mutex<()>,
    /// Held while a draft of the configuration is read, which takes memory and disk.
    checking: tokio::sync::Mutex<()>,
    metrics: Metrics,
    throttle: Throttle,
    guesses: Guesses,
    openings: Openings,
    /// True once the server is stopping: what streams to browsers ends then.
    stopping: watch::Sender<bool>,
}

/// A configuration and what was made of it.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub configuration: Configuration,
    /// Who works here.
    pub staff: StaffTable,
    /// When this process read it.
    pub loaded_at: DateTime<Utc>,
    /// Since when it is in force, as far as the history knows: a process that starts with it again did not change it.
    pub in_force_since: DateTime<Utc>,
    /// What works as it stands and may not be what was meant, but for what depends on the day.
    pub hints: Vec<String>,
}

impl Loaded {
    /// A configuration as it comes into force, with what the operator should see of it in the log.
    #[must_use]
    pub fn new(
        configuration: Configuration,
        staff: StaffTable,
        loaded_at: DateTime<Utc>,
        in_force_since: DateTime<Utc>,
    ) -> Self {
        let hints = config::hints(&configuration, loaded_at);
        let loaded = Self { configuration, staff, loaded_at, in_force_since, hints };
        for hint in loaded.hints_at(loaded_at) {
            tracing::warn!(hint, "the configuration works, and may not do what was meant");
        }
        loaded
    }

    /// Whether anybody may be anybody here.
    #[must_use]
    pub fn is_demonstration(&self) -> bool {
        self.configuration.identity.mode == IdentityMode::Demo
    }

    /// Everything that works as it stands and may not be what was meant, at an instant.
    #[must_use]
    pub fn hints_at(&self, now: DateTime<Utc>) -> Vec<String> {
        let of_the_day = config::calendar_hints(&self.configuration.snapshot, now);
        self.hints.iter().cloned().chain(of_the_day).collect()
    }
}

impl App {
    /// The state from its parts. Calls are answered with `overloaded` until [`App::start`].
    ///
    /// # Errors
    /// [`AdminTokenFault`] where no staff is configured and the admin token cannot be read or made.
    pub fn new(parts: Parts) -> Result<Self, AdminTokenFault> {
        let Parts { clock, vault, configuration, config_dir, history_dir, admin_token_file, beyond_loopback } = parts;
        let staff = StaffTable::new(&configuration.staff, &admin_token_file)?;
        let (history, loaded_at) = (History::in_directory(history_dir), clock.now());
        let in_force_since = history.in_force_since(&configuration.snapshot.version).unwrap_or(loaded_at);
        let loaded = Loaded::new(configuration, staff, loaded_at, in_force_since);
        Ok(Self(Arc::new(Inner {
            clock,
            vault,
            engine: OnceLock::new(),
            loaded: RwLock::new(Arc::new(loaded)),
            config_dir,
            history,
            admin_token_file,
            beyond_loopback,
            reloading: tokio::sync::Mutex::default(),
            checking: tokio::sync::Mutex::default(),
            metrics: Metrics::default(),
            throttle: Throttle::default(),
            guesses: Guesses::default(),
            openings: Openings::default(),
            stopping: watch::Sender::new(false),
        })))
    }

    /// Opens the doors: the engine has recovered. A second engine is passed over.
    pub fn start(&self, engine: Engine) {
        if self.0.engine.set(engine).is_err() {
            tracing::error!("the engine was started twice; the first one stays");
        }
    }

    /// The engine.
    ///
    /// # Errors
    /// `overloaded` until the engine has recovered.
    pub fn engine(&self) -> Result<&Engine, Busy> {
        self.0.engine.get().ok_or(Busy::Starting)
    }

    /// Why nothing can be changed at the moment; `None` if something can, or the engine has not recovered yet.
    #[must_use]
    pub fn read_only_reason(&self) -> Option<ReadOnlyReason> {
        self.0.engine.get().and_then(Engine::read_only_reason)
    }

    /// The present instant. A request reads it once and hands it down.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// An instant for limits by time, which goes on even if the time of day stands.
    #[must_use]
    pub fn running(&self) -> Running {
        self.0.clock.running()
    }

    /// By how much the clock of the machine is behind what was recorded; `None` if it is not, or not by much.
    #[must_use]
    pub fn clock_behind(&self) -> Option<TimeDelta> {
        self.0.clock.behind()
    }

    /// The keys.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// What seals what a client is given to keep.
    #[must_use]
    pub fn sealer(&self) -> Sealer<'_> {
        Sealer::of(&self.0.vault)
    }

    /// The configuration in force, with the staff.
    #[must_use]
    pub fn loaded(&self) -> Arc<Loaded> {
        Arc::clone(&self.0.loaded.read())
    }

    /// Puts a configuration in force.
    pub fn replace_loaded(&self, loaded: Loaded) {
        *self.0.loaded.write() = Arc::new(loaded);
    }

    /// Where the configuration is read.
    #[must_use]
    pub fn config_dir(&self) -> &Path {
        &self.0.config_dir
    }

    /// The versions of the configuration that are kept.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.0.history
    }

    /// Where the admin token lies while no staff is configured.
    #[must_use]
    pub fn admin_token_file(&self) -> &Path {
        &self.0.admin_token_file
    }

    /// Whether others than this machine reach the server.
    #[must_use]
    pub fn is_beyond_loopback(&self) -> bool {
        self.0.beyond_loopback
    }

    /// Waits until no other reload is under way.
    pub async fn reload_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.reloading.lock().await
    }

    /// Waits until no other draft of the configuration is being read.
    pub async fn check_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.checking.lock().await
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Counts the appointments that a call has changed. Gives the answer back.
    #[must_use]
    pub fn counted(&self, change: Change, answer: Answer) -> Answer {
        self.0.metrics.changed(change, answer.appointments().len());
        answer
    }

    /// The budgets of those who write.
    #[must_use]
    pub fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// The budget of those who try tokens of staff.
    #[must_use]
    pub fn guesses(&self) -> &Guesses {
        &self.0.guesses
    }

    /// The sessions that were opened with a key lately.
    #[must_use]
    pub fn openings(&self) -> &Openings {
        &self.0.openings
    }

    /// Ends what streams to browsers.
    pub fn stop_streams(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Becomes true when the server is stopping.
    #[must_use]
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.subscribe()
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("started", &self.0.engine.get().is_some()).finish_non_exhaustive()
    }
}
