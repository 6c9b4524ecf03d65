//! One running hallpass: configuration, keys, ledger, engine and listener, wired together, started and stopped.
//!
//! Everything comes from outside: where the files are, where to listen, which clock. So a test runs the same server as
//! an operator, with a clock of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle as ThreadHandle;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};

use crate::api;
use crate::app::access::admin_token;
use crate::app::access::admin_token::AdminTokenFault;
use crate::app::configuration::reload;
use crate::app::state;
use crate::app::state::App;
use crate::clock::{Clock, ClockBehind};
use crate::config::{self, Configuration, IdentityMode, PostgresStore, StoreKind};
use crate::domain::snapshot::Snapshot;
use crate::engine::{Engine, Parts, ReadOnlyReason};
use crate::ledger::embedded::data_dir::DataDir;
use crate::ledger::embedded::{self, Access, Embedded, Opening};
use crate::ledger::postgres::Addresses;
use crate::ledger::postgres::store::{Postgres, judge_not_begun_anew};
use crate::ledger::{Ledger, LedgerFault};
use crate::pages;
use crate::serve::envelope::Envelope;
use crate::serve::{connections, handles, listener};
use crate::space::{self, Room};
use crate::vault::{Vault, VaultFault};

/// How long a stop waits for the ledger's thread after the last call has been answered.
const LEDGER_STOP: Duration = Duration::from_secs(10);

/// How a server is started where something is not as it should be.
#[derive(Debug, Clone, Copy)]
pub struct Starting {
    /// Whether to go on with a store from which something is lost.
    pub accept_loss: bool,
    /// Whether the clock is right although the last entry is from its future.
    pub accept_clock: bool,
    /// Whether nothing is to be written.
    pub read_only: bool,
    /// Below how much free space on the disk of the data directory nothing is changed, in MiB; 0 if it is not watched.
    pub min_free_mib: u64,
    /// How long a server that only reads, since its disk was full or read-only, serves at least before it is to be started
    /// anew.
    pub reopens_after: Duration,
}

impl Default for Starting {
    fn default() -> Self {
        Self {
            accept_loss: false,
            accept_clock: false,
            read_only: false,
            min_free_mib: space::MIN_FREE_MIB,
            reopens_after: space::LOOK_EVERY,
        }
    }
}

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The directory of the configuration.
    pub config: PathBuf,
    /// The data directory.
    pub data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the time comes from.
    pub clock: Clock,
    /// What is done where something is not as it should be.
    pub starting: Starting,
}

/// Why a server that serves is to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Its ledger has failed: the next start judges what is stored.
    LedgerFailed,
    /// It was started to read only since its disk was full or read-only, and that has passed.
    CanWriteAgain,
}

/// Why a server does not start, or does not stop cleanly.
#[derive(Debug, thiserror::Error)]
pub enum ServerFault {
    /// The configuration is wrong.
    #[error("the configuration is wrong:\n{0}")]
    Configuration(config::Errors),
    /// Anybody could open a session for anybody.
    #[error(
        "identity.mode = \"demo\" lets anybody be anybody, so it does not listen on {0}, beyond this machine; \
         listen on 127.0.0.1, or set identity.demo_beyond_loopback = true in hallpass.toml"
    )]
    DemoBeyondLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerFault),
    /// The clock is far behind the last entry.
    #[error(transparent)]
    Clock(#[from] ClockBehind),
    /// A database is to be only read.
    #[error(
        "--read-only is for the embedded store; a PostgreSQL is made read-only by itself, and instances then read on"
    )]
    ReadOnlyDatabase,
    /// The keys cannot be used.
    #[error(transparent)]
    Vault(#[from] VaultFault),
    /// The token of the first administrator cannot be used.
    #[error(transparent)]
    AdminToken(#[from] AdminTokenFault),
    /// A thread or task ended by a bug; it has been reported where it happened.
    #[error("a part of the server ended by a bug")]
    Bug,
    /// The ledger's thread did not end.
    #[error("the ledger did not stop within {} s; everything acknowledged is durable all the same", LEDGER_STOP.as_secs())]
    LedgerStop,
}

/// A server that accepts calls.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    app: App,
    stop_listening: oneshot::Sender<()>,
    listening: JoinHandle<()>,
    keeping_time: JoinHandle<((), ())>,
    ledger: ThreadHandle<()>,
    watching: JoinHandle<()>,
    ending: watch::Receiver<Option<Ending>>,
    /// The lock on the data directory goes last.
    data: DataDir,
}

impl Server {
    /// Starts a server. It listens at once, answers `/healthz`, and serves everything else once the engine has recovered,
    /// which is when this returns.
    ///
    /// # Errors
    /// [`ServerFault`].
    pub async fn start(settings: Settings) -> Result<Self, ServerFault> {
        let configuration = config::load(&settings.config).map_err(ServerFault::Configuration)?;
        Self::start_with(settings, configuration).await
    }

    /// Starts a server with a configuration that has been read already.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn start_with(settings: Settings, configuration: Configuration) -> Result<Self, ServerFault> {
        let Settings { config: config_dir, data, listen, clock, starting } = settings;
        let beyond_loopback = !listen.ip().is_loopback();
        reload::judge_identity(&configuration, beyond_loopback).map_err(|_| ServerFault::DemoBeyondLoopback(listen))?;
        warn_of_demonstration(&configuration, listen);
        handles::raise_limit();
        let is_embedded = configuration.store.kind == StoreKind::Embedded;
        if starting.read_only && !is_embedded {
            return Err(ServerFault::ReadOnlyDatabase);
        }
        let (data, access) = open_directory(&data, starting.read_only)?;
        let vault = Arc::new(open_vault(&configuration, &data, access)?);
        let snapshot = Arc::clone(&configuration.snapshot);
        let (admin_token_file, kind) = (data.admin_token(), configuration.store.kind.clone());
        if kind != StoreKind::Embedded && configuration.staff.is_empty() {
            admin_token::make_shared(&admin_token_file, &vault.admin_token())?;
        }
        let parts = state::Parts {
            clock: clock.clone(),
            vault: Arc::clone(&vault),
            configuration,
            config_dir,
            history_dir: data.config_history(),
            admin_token_file,
            beyond_loopback,
        };
        let app = App::new(parts)?;

        let fault = |source| ServerFault::Listen { address: listen, source };
        let listener = listener::listen(listen).map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        let (stop_listening, stopped) = oneshot::channel();
        let until_stopped = async {
            // A sender that is gone means the same as a word from it.
            let _ = stopped.await;
        };
        let listening = tokio::spawn(connections::run(listener, served(app.clone()), until_stopped));

        let clock_to_watch = clock.clone();
        let parts = Recovering { clock, vault, snapshot, starting };
        let Recovered { engine, ledger, data, access } = match kind {
            StoreKind::Embedded => tokio::task::spawn_blocking(move || recover_embedded(&parts, data, access))
                .await
                .map_err(|_| ServerFault::Bug)??,
            StoreKind::Postgres(store) => recover_from_database(parts, *store, data).await?,
        };
        if access == Access::ReadOnly {
            engine.bar(Some(ReadOnlyReason::StartedReadOnly));
        }
        let (end, ending) = watch::channel(None);
        let watched = Watched {
            directory: data.path().to_owned(),
            store: data.store(),
            engine: engine.clone(),
            room: is_embedded.then(|| Room::with_min_free_mib(starting.min_free_mib)),
            reopens_from: (access == Access::ReadOnly && !starting.read_only)
                .then(|| Instant::now() + starting.reopens_after),
            clock: WatchedClock::new(clock_to_watch),
            end,
        };
        let watching = tokio::spawn(watched.run(access));
        app.start(engine.clone());
        let keeping_time = tokio::spawn({
            let app = app.clone();
            async move { tokio::join!(engine.keep_time(), reload::follow_others(&app)) }
        });
        // An instance that cannot write at first serves what it read, and takes its configuration in force later.
        if let Err(refusal) = app.adopt_at_start().await {
            tracing::error!(%refusal, "the configuration of this instance is not in force yet");
        }
        tracing::info!(%address, data = %data.path().display(), "serving");
        Ok(Self { address, app, stop_listening, listening, keeping_time, ledger, watching, ending, data })
    }

    /// Waits until there is a reason to end this server, and says which.
    pub async fn ending(&self) -> Ending {
        let mut ending = self.ending.clone();
        match ending.wait_for(Option::is_some).await.map(|found| *found) {
            Ok(Some(ending)) => ending,
            // Nobody watches any more: the server is being stopped.
            _ => std::future::pending().await,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Reads the configuration again; a wrong one changes nothing and is logged.
    pub async fn reload(&self) {
        reload::on_signal(&self.app).await;
    }

    /// Stops accepting, finishes what is in flight, and closes the ledger.
    ///
    /// # Errors
    /// [`ServerFault::LedgerStop`]; everything acknowledged is durable all the same.
    pub async fn stop(self) -> Result<(), ServerFault> {
        let Self { app, stop_listening, listening, keeping_time, ledger, watching, data, .. } = self;
        tracing::info!("stopping");
        app.stop_streams();
        if let Ok(engine) = app.engine() {
            engine.end();
        }
        // The other end may have gone already, which is what this asks for.
        let _ = stop_listening.send(());
        let _ = listening.await;
        for task in [watching.abort_handle(), keeping_time.abort_handle()] {
            task.abort();
        }
        let _ = tokio::join!(watching, keeping_time);
        drop(app);
        let joined = tokio::task::spawn_blocking(move || ledger.join());
        let outcome = tokio::time::timeout(LEDGER_STOP, joined).await;
        drop(data);
        match outcome {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(_) => Err(ServerFault::Bug),
            Err(_) => Err(ServerFault::LedgerStop),
        }
    }
}

/// The API and the pages, ready to be served.
#[must_use]
pub fn served(app: App) -> Envelope {
    api::routes::served_with(app, pages::routes(), pages::for_people)
}

/// Opens the data directory; only to read it if that is wanted, or nothing can be written there.
fn open_directory(path: &Path, read_only: bool) -> Result<(DataDir, Access), LedgerFault> {
    if read_only {
        return Ok((DataDir::open_to_read(path)?, Access::ReadOnly));
    }
    match DataDir::open(path) {
        Err(fault) if fault.is_about_a_full_or_read_only_disk() => {
            let Ok(data) = DataDir::open_to_read(path) else { return Err(fault) };
            warn_of_reading_only(&fault);
            Ok((data, Access::ReadOnly))
        }
        opened => Ok((opened?, Access::Write)),
    }
}

/// Opens the keys, or makes those of a beginning. They are made before the store, so a store without them has lost them.
fn open_vault(configuration: &Configuration, data: &DataDir, access: Access) -> Result<Vault, ServerFault> {
    let is_embedded = configuration.store.kind == StoreKind::Embedded;
    let keys = configuration.store.keys.clone().unwrap_or_else(|| data.keys());
    let begins = data.begins() && access == Access::Write;
    if is_embedded && !begins && !data.store().exists() {
        embedded::judge_parts(data)?;
    }
    let has_store = data.store().exists() || is_embedded && !begins;
    Ok(if has_store { Vault::open_existing(&keys)? } else { Vault::open(&keys)? })
}

fn warn_of_reading_only(fault: &LedgerFault) {
    let source = std::error::Error::source(fault).map(ToString::to_string);
    tracing::error!(%fault, source, "nothing can be written: this start only reads");
}

/// What an engine is made of but its ledger.
struct Recovering {
    clock: Clock,
    vault: Arc<Vault>,
    snapshot: Arc<Snapshot>,
    starting: Starting,
}

impl Recovering {
    fn judge_clock(&self, ledger: &mut impl Ledger) -> Result<(), ServerFault> {
        match ledger.last_instant()? {
            Some(last) => Ok(self.clock.judge(last, self.starting.accept_clock)?),
            None => Ok(()),
        }
    }

    /// An engine from what its ledger remembers, and the ledger's thread.
    fn recover(&self, mut ledger: impl Ledger) -> Result<(Engine, ThreadHandle<()>), ServerFault> {
        self.judge_clock(&mut ledger)?;
        let Self { clock, vault, snapshot, .. } = self;
        let (clock, vault, snapshot) = (clock.clone(), Arc::clone(vault), Arc::clone(snapshot));
        Ok(Engine::start(Parts { clock, vault, snapshot, ledger })?)
    }
}

/// An engine that has recovered, with its ledger's thread and the data directory that it holds.
struct Recovered {
    engine: Engine,
    ledger: ThreadHandle<()>,
    data: DataDir,
    access: Access,
}

/// An engine on a database.
async fn recover_from_database(
    parts: Recovering,
    store: PostgresStore,
    data: DataDir,
) -> Result<Recovered, ServerFault> {
    data.settle_without_store()?;
    let addresses = addresses_of(store);
    let address = addresses.main.to_string();
    if data.has_served_from_a_database()? {
        judge_not_begun_anew(&addresses).await?;
    }
    let (version, keys) = (&parts.snapshot.version, parts.vault.fingerprint());
    let opened = Postgres::open(addresses, version, &keys, &parts.clock).await?;
    data.note_served_from(&address);
    let recovered = tokio::task::spawn_blocking(move || parts.recover(opened)).await;
    let (engine, ledger) = recovered.map_err(|_| ServerFault::Bug)??;
    Ok(Recovered { engine, ledger, data, access: Access::Write })
}

/// An engine on the embedded store of a data directory. If nothing can be written there, it is only read.
fn recover_embedded(parts: &Recovering, data: DataDir, access: Access) -> Result<Recovered, ServerFault> {
    let open = |access| {
        let accepts_loss = parts.starting.accept_loss.then(|| parts.clock.now());
        if accepts_loss.is_some() && access == Access::Write && !data.begins() {
            // The record of a loss is of the present instant, so the clock is judged by what is there before it.
            parts.judge_clock(&mut Embedded::open_in(&data, Opening { access: Access::Look, accepts_loss })?)?;
        }
        let accepts_loss = parts.starting.accept_loss.then(|| parts.clock.now());
        parts.recover(Embedded::open_in(&data, Opening { access, accepts_loss })?)
    };
    let (recovered, access) = match open(access) {
        Err(ServerFault::Ledger(fault))
            if access == Access::Write && !data.begins() && fault.is_about_a_full_or_read_only_disk() =>
        {
            warn_of_reading_only(&fault);
            (open(Access::ReadOnly)?, Access::ReadOnly)
        }
        recovered => (recovered?, access),
    };
    let (engine, ledger) = recovered;
    Ok(Recovered { engine, ledger, data, access })
}

/// What is looked at while a server serves.
struct Watched {
    directory: PathBuf,
    /// The directory of the store, which may be on another disk.
    store: PathBuf,
    engine: Engine,
    /// `None` if nothing is written to the disk here.
    room: Option<Room>,
    /// From when on the server is to be started anew if its disk can be written to; `None` if it is not.
    reopens_from: Option<Instant>,
    clock: WatchedClock,
    end: watch::Sender<Option<Ending>>,
}

/// A clock of which it is said when it falls behind what was recorded.
struct WatchedClock {
    clock: Clock,
    /// Whether it was behind at the last look.
    was_behind: bool,
}

impl WatchedClock {
    /// Of a clock that is behind already, the start has said so.
    fn new(clock: Clock) -> Self {
        let was_behind = clock.behind().is_some();
        Self { clock, was_behind }
    }

    /// By how much the clock is behind, if it was not at the last look.
    fn newly_behind(&mut self) -> Option<TimeDelta> {
        let behind = self.clock.behind();
        let was_behind = std::mem::replace(&mut self.was_behind, behind.is_some());
        behind.filter(|_| !was_behind)
    }

    fn look(&mut self) {
        if let Some(behind) = self.newly_behind() {
            tracing::warn!(
                behind_s = behind.num_seconds(),
                "the clock of this machine is behind what was recorded: the time stands until it has caught up. If the clock \
                 is right, and more than an hour behind, start again with --accept-clock"
            );
        }
    }
}

impl Watched {
    /// Looks until the server ends: whether the ledger has failed, whether the clock is behind, and whether there is room.
    async fn run(mut self, access: Access) {
        let mut looks = tokio::time::interval(space::LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if self.engine.read_only_reason() == Some(ReadOnlyReason::LedgerFailed) {
                self.end.send_replace(Some(Ending::LedgerFailed));
                return;
            }
            self.clock.look();
            let Some(room) = &mut self.room else { continue };
            let places = [self.directory.clone(), self.store.clone()];
            let probes = self.reopens_from.is_some_and(|from| from <= Instant::now());
            let look = move || {
                let free = |place: &PathBuf| space::free_mib(place);
                let free_mib =
                    places.iter().map(free).try_fold(u64::MAX, |least, free| free.map(|free| least.min(free)));
                (free_mib, probes && places.iter().all(|place| space::can_write(place)))
            };
            let Ok((Ok(free_mib), can_write)) = tokio::task::spawn_blocking(look).await else { continue };
            let is_short = room.is_short(free_mib);
            match access {
                Access::ReadOnly if can_write && !is_short => {
                    self.end.send_replace(Some(Ending::CanWriteAgain));
                    return;
                }
                Access::ReadOnly => {}
                Access::Write | Access::Look => self.engine.bar(is_short.then_some(ReadOnlyReason::NoSpace)),
            }
        }
    }
}

/// The ways to the database of a configured store.
#[must_use]
pub fn addresses_of(store: PostgresStore) -> Addresses {
    let PostgresStore { url, listen_url, migration_url } = store;
    let main = Arc::new(url);
    Addresses {
        listen: listen_url.map_or_else(|| Arc::clone(&main), Arc::new),
        migration: migration_url.map(Arc::new),
        main,
    }
}

fn warn_of_demonstration(configuration: &Configuration, listen: SocketAddr) {
    if configuration.identity.mode == IdentityMode::Demo && !listen.ip().is_loopback() {
        tracing::warn!(%listen, "identity.mode = \"demo\" beyond this machine: anybody can book as anybody");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_falls_behind_is_told_of_once_each_time() {
        let clock = Clock::system();
        let mut watched = WatchedClock::new(clock.clone());
        assert_eq!(watched.newly_behind(), None);
        clock.has_recorded(clock.now());
        let correction = clock.correction().unwrap();
        for _ in 0..2 {
            correction.set(-TimeDelta::minutes(30));
            assert!(watched.newly_behind().is_some_and(|behind| behind.num_minutes() >= 29));
            assert_eq!(watched.newly_behind(), None, "once is enough");
            assert_eq!(WatchedClock::new(clock.clone()).newly_behind(), None, "a start says so by itself");
            correction.set(TimeDelta::zero());
            assert_eq!(watched.newly_behind(), None);
        }
    }
}
