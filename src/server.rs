//! One running hallpass: configuration, keys, ledger, engine and listener, wired together, started and stopped.
//!
//! Everything comes from outside: where the files are, where to listen, which clock. So a test runs the same server as
//! an operator, with a clock of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle as ThreadHandle;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::config::{self, Configuration, IdentityMode, PostgresStore, StoreKind};
use crate::domain::snapshot::Snapshot;
use crate::engine::{Engine, Parts};
use crate::http::admin_token::{self, AdminTokenFault};
use crate::http::app::{self, App};
use crate::http::{handles, listener, reload, serve};
use crate::ledger::data_dir::DataDir;
use crate::ledger::embedded::Embedded;
use crate::ledger::postgres::Addresses;
use crate::ledger::postgres::store::Postgres;
use crate::ledger::{Ledger, LedgerFault};
use crate::vault::{Vault, VaultFault};
use crate::web;

/// How long a stop waits for the ledger's thread after the last call has been answered.
const LEDGER_STOP: Duration = Duration::from_secs(10);

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
        let Settings { config: config_dir, data, listen, clock } = settings;
        let beyond_loopback = !listen.ip().is_loopback();
        reload::judge_identity(&configuration, beyond_loopback).map_err(|_| ServerFault::DemoBeyondLoopback(listen))?;
        warn_of_demonstration(&configuration, listen);
        handles::raise_limit();
        let data = DataDir::open(&data)?;
        // Keys are made before the store, so a store without them has lost them.
        let keys = configuration.store.keys.clone().unwrap_or_else(|| data.keys());
        let vault = Arc::new(if data.store().exists() { Vault::open_existing(&keys)? } else { Vault::open(&keys)? });
        let snapshot = Arc::clone(&configuration.snapshot);
        let (admin_token_file, kind) = (data.admin_token(), configuration.store.kind.clone());
        if kind != StoreKind::Embedded && configuration.staff.is_empty() {
            admin_token::make_shared(&admin_token_file, &vault.admin_token())?;
        }
        let parts = app::Parts {
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
        let listening = tokio::spawn(serve::run(listener, web::served(app.clone()), until_stopped));

        let (engine, ledger) = match kind {
            StoreKind::Embedded => {
                let store = data.store();
                recover(clock, vault, snapshot, move || Embedded::open(&store)).await?
            }
            StoreKind::Postgres(store) => {
                let addresses = addresses_of(*store);
                let opened = Postgres::open(addresses, &snapshot.version, &vault.fingerprint(), &clock).await?;
                recover(clock, vault, snapshot, move || Ok(opened)).await?
            }
        };
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
        Ok(Self { address, app, stop_listening, listening, keeping_time, ledger, data })
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
        let Self { app, stop_listening, listening, keeping_time, ledger, data, .. } = self;
        tracing::info!("stopping");
        app.stop_streams();
        if let Ok(engine) = app.engine() {
            engine.end();
        }
        // The other end may have gone already, which is what this asks for.
        let _ = stop_listening.send(());
        let _ = listening.await;
        keeping_time.abort();
        let _ = keeping_time.await;
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

/// An engine from what its ledger remembers, and the ledger's thread.
async fn recover<L: Ledger>(
    clock: Clock,
    vault: Arc<Vault>,
    snapshot: Arc<Snapshot>,
    open: impl FnOnce() -> Result<L, LedgerFault> + Send + 'static,
) -> Result<(Engine, ThreadHandle<()>), ServerFault> {
    let recover = move || Engine::start(Parts { clock, vault, snapshot, ledger: open()? });
    Ok(tokio::task::spawn_blocking(recover).await.map_err(|_| ServerFault::Bug)??)
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
