//! Reaching a PostgreSQL: every address of every host in turn, each for a bounded time.
//!
//! Nothing is spawned here: the caller drives the connection, and so hears notifications. A session is opened with what
//! a pooler in transaction mode lets pass: no options, no prepared statement, and for `target_session_attrs=read-write`
//! one `SHOW`. A network that is cut is noticed within about [`SILENCE`], whether something was under way or not.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode as WireMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls::TlsFault;
use crate::postgres_url::protection::Protection;
use crate::postgres_url::{Address, Endpoint};

/// How long the other side may acknowledge nothing that was sent before the connection counts as cut.
pub const SILENCE: Duration = Duration::from_secs(5);
/// After how much quiet the other side is asked whether it is still there; then again each second until [`SILENCE`].
const KEEPALIVE_IDLE: Duration = Duration::from_secs(2);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(1);
const KEEPALIVE_RETRIES: u32 = 3;

/// The connection of a [`Client`]: nothing happens unless it is polled.
pub type Link = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// Why a PostgreSQL was not reached.
#[derive(Debug, thiserror::Error)]
pub enum PostgresFault {
    /// A file that protects the connection cannot be used.
    #[error("the connection to PostgreSQL cannot be protected")]
    Tls(#[from] TlsFault),
    /// No host took the connection: what came of each attempt, in order.
    #[error("no PostgreSQL was reached: {0}")]
    Unreachable(Attempts),
    /// The process is ending.
    #[error("the connection to PostgreSQL was given up, because the process is ending")]
    Ending,
}

/// What came of each attempt, in order. Its text tells of every one, with its causes.
#[derive(Debug)]
pub struct Attempts(pub Vec<Attempt>);

/// An attempt that failed.
#[derive(Debug)]
pub struct Attempt {
    /// The host and its port, with the address where it has several.
    pub at: String,
    /// Why it failed.
    pub fault: AttemptFault,
}

/// Why an attempt failed.
#[derive(Debug, thiserror::Error)]
pub enum AttemptFault {
    /// The name of the host has no address.
    #[error("its name has no address")]
    Name(#[source] io::Error),
    /// Nobody answered in time.
    #[error("no answer within {} s", .0.as_secs())]
    Silent(Duration),
    /// The connection was refused, broken off, or is not the one that was asked for.
    #[error(transparent)]
    Refused(#[from] tokio_postgres::Error),
}

impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Attempt { at, fault }) in self.0.iter().enumerate() {
            write!(f, "{}{at}: {fault}", if number == 0 { "" } else { "; " })?;
            let mut cause = fault.source();
            while let Some(error) = cause {
                write!(f, ": {error}")?;
                cause = error.source();
            }
        }
        Ok(())
    }
}

/// Opens a session with the first host that takes it.
///
/// # Errors
/// [`PostgresFault`]. Every attempt has taken at most [`Address::connect_timeout`].
pub async fn connect(address: &Address) -> Result<(Client, Link), PostgresFault> {
    let is_encrypted = address.endpoints().iter().any(|endpoint| matches!(endpoint.host, Host::Tcp(_)));
    let protection = if is_encrypted { address.protection().clone() } else { Protection::default() };
    let reading = tokio::task::spawn_blocking(move || protection.connector());
    let connector = reading.await.map_err(|_| PostgresFault::Ending)??;
    let mut attempts = Vec::new();
    for endpoint in address.endpoints() {
        if let Some(session) = reach(address, endpoint, &connector, &mut attempts).await {
            return Ok(session);
        }
    }
    Err(PostgresFault::Unreachable(Attempts(attempts)))
}

/// A session with one host; none where that failed, which is taken down.
async fn reach(
    address: &Address,
    endpoint: &Endpoint,
    connector: &MakeRustlsConnect,
    attempts: &mut Vec<Attempt>,
) -> Option<(Client, Link)> {
    let limit = address.connect_timeout();
    let found = match addresses_of(endpoint, limit).await {
        Ok(found) => found,
        Err(fault) => {
            attempts.push(Attempt { at: endpoint.to_string(), fault });
            return None;
        }
    };
    for ip in found {
        let config = config_for(address, endpoint, ip);
        let fault = match timeout(limit, open(config, address, connector)).await {
            Ok(Ok(session)) => return Some(session),
            Ok(Err(error)) => AttemptFault::Refused(error),
            Err(_) => AttemptFault::Silent(limit),
        };
        attempts.push(Attempt { at: place(endpoint, ip), fault });
    }
    None
}

/// The addresses of a host; a socket has none, and is there all the same.
async fn addresses_of(endpoint: &Endpoint, limit: Duration) -> Result<Vec<Option<IpAddr>>, AttemptFault> {
    let Host::Tcp(name) = &endpoint.host else { return Ok(vec![None]) };
    let looked_up = timeout(limit, lookup_host((name.as_str(), endpoint.port))).await;
    let found = looked_up.map_err(|_| AttemptFault::Silent(limit))?.map_err(AttemptFault::Name)?;
    Ok(found.map(|found| Some(found.ip())).collect())
}

fn place(endpoint: &Endpoint, ip: Option<IpAddr>) -> String {
    let mut place = endpoint.to_string();
    if let Some(ip) = ip.filter(|ip| endpoint.host != Host::Tcp(ip.to_string())) {
        // Writing to a string cannot fail.
        let _ = write!(place, " ({ip})");
    }
    place
}

/// The address with one host, which is not looked up again, and with the bounds of a connection.
fn config_for(address: &Address, endpoint: &Endpoint, ip: Option<IpAddr>) -> Config {
    let mut config = address.config().clone();
    match &endpoint.host {
        Host::Tcp(name) => config.host(name).ssl_mode(address.protection().mode.wire()),
        // The server would refuse encryption here, where nobody can listen.
        Host::Unix(directory) => config.host_path(directory).ssl_mode(WireMode::Disable),
    };
    if let Some(ip) = ip {
        config.hostaddr(ip);
    }
    config
        .port(endpoint.port)
        .keepalives(true)
        .keepalives_idle(KEEPALIVE_IDLE)
        .keepalives_interval(KEEPALIVE_INTERVAL)
        .keepalives_retries(KEEPALIVE_RETRIES)
        .tcp_user_timeout(SILENCE);
    config
}

/// One attempt; where that is allowed, a second one without encryption if the first failed because of it.
async fn open(
    mut config: Config,
    address: &Address,
    connector: &MakeRustlsConnect,
) -> Result<(Client, Link), tokio_postgres::Error> {
    match config.connect(connector.clone()).await {
        Err(error)
            if config.get_ssl_mode() != WireMode::Disable
                && address.protection().mode.may_be_plain()
                && failed_by_encryption(&error) =>
        {
            config.ssl_mode(WireMode::Disable).connect(connector.clone()).await
        }
        opened => opened,
    }
}

/// Whether the same without encryption may come further: the handshake failed, or the server lets nobody in this way.
fn failed_by_encryption(error: &tokio_postgres::Error) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref::<io::Error>()).and_then(io::Error::get_ref);
    let in_handshake = source.and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some();
    in_handshake || error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// The eight bytes with which a client asks for encryption.
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

    fn address(url: &str) -> Address {
        Address::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    /// A listener on a free port of this machine, and the port.
    async fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    /// What a client says first.
    async fn first_words(stream: &mut TcpStream) -> Vec<u8> {
        let length = stream.read_u32().await.unwrap();
        let mut words = length.to_be_bytes().to_vec();
        words.resize(length.try_into().unwrap(), 0);
        stream.read_exact(&mut words[4..]).await.unwrap();
        words
    }

    /// A message of a server.
    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[kind], length.to_be_bytes().as_slice(), body].concat()
    }

    /// Lets a client in without a password, as the server of this test.
    async fn let_in(stream: &mut TcpStream) {
        let welcome = [message(b'R', &[0; 4]), message(b'K', &[0; 8]), message(b'Z', b"I")].concat();
        stream.write_all(&welcome).await.unwrap();
    }

    #[test]
    fn a_connection_has_its_bounds() {
        let address = address("postgresql://me@db/hall?sslmode=require");
        let ip = IpAddr::from(Ipv4Addr::LOCALHOST);
        let config = config_for(&address, &address.endpoints()[0], Some(ip));
        assert_eq!(
            (config.get_hosts(), config.get_hostaddrs()),
            ([Host::Tcp("db".into())].as_slice(), [ip].as_slice())
        );
        assert_eq!((config.get_ports(), config.get_ssl_mode()), ([5432].as_slice(), WireMode::Require));
        assert_eq!((config.get_keepalives(), config.get_tcp_user_timeout()), (true, Some(&SILENCE)));
        assert_eq!(config.get_options(), None, "poolers refuse options");
        let probes = config.get_keepalives_interval().unwrap() * config.get_keepalives_retries().unwrap();
        assert_eq!(config.get_keepalives_idle() + probes, SILENCE);
    }

    #[test]
    fn a_socket_is_not_encrypted() {
        let address = address("postgresql:///hall?host=/run/pg&sslmode=require");
        let config = config_for(&address, &address.endpoints()[0], None);
        assert_eq!(
            (config.get_hosts(), config.get_ssl_mode()),
            ([Host::Unix("/run/pg".into())].as_slice(), WireMode::Disable)
        );
    }

    #[tokio::test]
    async fn every_host_is_tried_and_every_attempt_told() {
        let (refusing, gone) = listener().await;
        drop(refusing);
        // Longer than a part of a name may be, so that nobody is asked for it.
        let nameless = "x".repeat(64);
        let url = format!("postgresql://me:hunter2@127.0.0.1:{gone},{nameless},%2Fno%2Fwhere/hall");
        let fault = connect(&address(&url)).await.err().unwrap();
        let PostgresFault::Unreachable(attempts) = &fault else { panic!("{fault}") };
        let places: Vec<&str> = attempts.0.iter().map(|attempt| attempt.at.as_str()).collect();
        assert_eq!(places, [format!("127.0.0.1:{gone}").as_str(), &format!("{nameless}:5432"), "%2Fno%2Fwhere:5432"]);
        let told = fault.to_string();
        assert!(told.contains("Connection refused") && told.contains("its name has no address"), "{told}");
        assert!(!told.contains("hunter2") && !format!("{fault:?}").contains("hunter2"), "{fault:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_does_not_answer_is_given_up() {
        let (_silent, port) = listener().await;
        let fault =
            connect(&address(&format!("postgresql://me@127.0.0.1:{port}?connect_timeout=7"))).await.err().unwrap();
        assert_eq!(fault.to_string(), format!("no PostgreSQL was reached: 127.0.0.1:{port}: no answer within 7 s"));
    }

    #[tokio::test]
    async fn no_password_is_sent_where_encryption_is_required_and_refused() {
        for mode in ["require", "verify-ca", "verify-full"] {
            let root = tempfile::NamedTempFile::new().unwrap();
            let authority = rcgen::generate_simple_self_signed(["db".to_owned()]).unwrap();
            std::fs::write(root.path(), authority.cert.pem()).unwrap();
            let (listener, port) = listener().await;
            let refuse = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                assert_eq!(first_words(&mut stream).await, SSL_REQUEST);
                stream.write_all(b"N").await.unwrap();
                let mut more = Vec::new();
                stream.read_to_end(&mut more).await.unwrap();
                more
            };
            let root = root.path().display();
            let url = format!("postgresql://me:hunter2@127.0.0.1:{port}?sslmode={mode}&sslrootcert={root}");
            let address = address(&url);
            let (more, fault) = tokio::join!(refuse, connect(&address));
            assert_eq!(more, b"", "{mode}");
            assert!(fault.err().unwrap().to_string().contains("server does not support TLS"), "{mode}");
        }
    }

    #[tokio::test]
    async fn where_encryption_is_only_preferred_a_session_goes_on_without() {
        let (listener, port) = listener().await;
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            assert_eq!(first_words(&mut stream).await, SSL_REQUEST);
            stream.write_all(b"N").await.unwrap();
            let opening = first_words(&mut stream).await;
            let_in(&mut stream).await;
            (stream, opening)
        };
        let address = address(&format!("postgresql://me@127.0.0.1:{port}/hall?target_session_attrs=any"));
        let ((_stream, opening), session) = tokio::join!(serve, connect(&address));
        assert!(session.is_ok(), "{:?}", session.err());
        let words = String::from_utf8_lossy(&opening[8..]);
        let words: Vec<&str> = words.split_terminator('\0').filter(|word| !word.is_empty()).collect();
        let expected = ["client_encoding", "UTF8", "user", "me", "database", "hall", "application_name", "hallpass"];
        assert_eq!(words, expected, "nothing that a pooler refuses");
    }

    #[tokio::test]
    async fn a_handshake_that_fails_is_no_way_around_a_requirement() {
        for (mode, comes_again) in [("prefer", true), ("allow", true), ("require", false)] {
            let (listener, port) = listener().await;
            let serve = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                assert_eq!(first_words(&mut stream).await, SSL_REQUEST);
                stream.write_all(b"S this is no TLS").await.unwrap();
                if comes_again {
                    let (mut plain, _) = listener.accept().await.unwrap();
                    let opening = first_words(&mut plain).await;
                    assert_ne!(opening, SSL_REQUEST, "{mode}");
                    let_in(&mut plain).await;
                    return Some(plain);
                }
                None
            };
            let url = format!("postgresql://me@127.0.0.1:{port}?sslmode={mode}&target_session_attrs=any");
            let address = address(&url);
            let (_plain, session) = tokio::join!(serve, connect(&address));
            assert_eq!(session.is_ok(), comes_again, "{mode}");
        }
    }
}
