//! A server of the run's own: the same one as an operator's, on a free port of this machine, with data that go with it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use crate::clock::Clock;
use crate::config::{Configuration, IdentityMode, Store};
use crate::ledger::embedded::data_dir::DataDir;
use crate::server::{Server, ServerFault, Settings, Starting};

/// Why it does not start or stop.
#[derive(Debug, thiserror::Error)]
pub enum OwnServerFault {
    /// There is no room for its data.
    #[error("the data of the server to play against cannot be kept in a temporary directory")]
    Directory(#[source] std::io::Error),
    /// The server itself.
    #[error("the server to play against does not run")]
    Server(#[from] ServerFault),
}

/// A running server, stopped by [`OwnServer::stop`].
#[derive(Debug)]
pub struct OwnServer {
    server: Server,
    admin_token: String,
    /// Goes with everything in it.
    _data: tempfile::TempDir,
}

impl OwnServer {
    /// Starts it with a configuration that has been read from `config_dir`. Its persons are made up, its only
    /// administrator is the run, and it remembers in a directory of its own, whatever is said there.
    ///
    /// # Errors
    /// [`OwnServerFault`].
    pub async fn start(
        mut configuration: Configuration,
        config_dir: &Path,
        clock: Clock,
    ) -> Result<Self, OwnServerFault> {
        configuration.staff.clear();
        configuration.identity.mode = IdentityMode::Demo;
        configuration.store = Store::default();
        let data =
            tempfile::Builder::new().prefix("hallpass-simulate-").tempdir().map_err(OwnServerFault::Directory)?;
        let settings = Settings {
            config: config_dir.to_owned(),
            data: data.path().to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock,
            // Its data is thrown away in any case.
            starting: Starting { min_free_mib: 0, ..Starting::default() },
        };
        let server = Server::start_with(settings, configuration).await?;
        let token = fs::read_to_string(DataDir::admin_token_in(data.path())).map_err(OwnServerFault::Directory)?;
        Ok(Self { server, admin_token: token.trim().to_owned(), _data: data })
    }

    /// Its address, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The token of its administrator.
    #[must_use]
    pub fn admin_token(&self) -> String {
        self.admin_token.clone()
    }

    /// Stops it, and throws its data away.
    ///
    /// # Errors
    /// [`OwnServerFault::Server`].
    pub async fn stop(self) -> Result<(), OwnServerFault> {
        Ok(self.server.stop().await?)
    }
}
