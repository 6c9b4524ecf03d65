//! A pool of connections between the clients and a cluster.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;

use tempfile::TempDir;

use super::cluster::Cluster;
use super::port::Port;
use super::programs::{as_server_user, give_to_server_user, server_folder};
use super::server::Server;
use super::url_of;

/// Not every user has its folder in the path of programs.
const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// A pgbouncer that lends a connection for one transaction.
pub struct Pgbouncer {
    server: Server,
    port: Port,
    /// Removed after the server is gone.
    _folder: TempDir,
}

impl Pgbouncer {
    /// Starts one in front of a cluster.
    pub fn start(cluster: &Cluster) -> Self {
        let folder = server_folder();
        let (port, server) = Port::listening(|port| serve(&folder, port, cluster.port()));
        Self { server, port, _folder: folder }
    }

    /// Where it listens on loopback.
    pub fn port(&self) -> u16 {
        self.port.number
    }

    /// The URL of a database behind it.
    pub fn url(&self, database: &str) -> String {
        url_of(self.port(), database)
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.server.log()
    }
}

fn serve(folder: &TempDir, port: u16, cluster: u16) -> Result<Server, String> {
    let (settings, users) = (folder.path().join("pgbouncer.ini"), folder.path().join("users"));
    fs::write(&users, "\"postgres\" \"\"\n").unwrap();
    // A cluster that comes back is asked again after one second, not after fifteen, and a query waits for a connection
    // not for two minutes.
    let text = format!(
        "[databases]\n\
         * = host=127.0.0.1 port={cluster} user=postgres\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\n\
         listen_port = {port}\n\
         unix_socket_dir =\n\
         auth_type = trust\n\
         auth_file = {}\n\
         pool_mode = transaction\n\
         server_login_retry = 1\n\
         query_wait_timeout = 5\n",
        users.display()
    );
    fs::write(&settings, text).unwrap();
    give_to_server_user(folder.path());
    let mut command = as_server_user(Command::new(PROGRAM));
    command.arg(settings);
    let mut server = Server::start(command, folder.path());
    server.await_ready(|| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok())?;
    Ok(server)
}
