//! Where a PostgreSQL is: its hosts, who comes, and how the way there is protected, as a URL says it.
//!
//! The URL is what the manual of libpq calls a connection URI: `postgresql://user:password@host1:port1,host2/db?name=value`,
//! where `%2Frun%2Fpostgresql` as a host, or `?host=/run/postgresql`, is the directory of a Unix socket. Stricter than
//! libpq: nothing may be given twice, a parameter that is not known is refused, a host must be named (no guess at a
//! socket), `@` is written as `%40` everywhere but before the hosts, and a mode that verifies needs its `sslrootcert`
//! (no guess at a home directory). Other than there, `target_session_attrs` is `read-write` unless said otherwise, since
//! a ledger that cannot be written to is of no use, and no attempt waits for ever.
//!
//! Invariants: a password is in none of `Debug`, `Display` and errors. Nor is any other text of a URL that is wrong, but
//! for names of parameters: whoever forgets to encode a character of a password moves its rest into another part.

pub mod protection;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, Host, TargetSessionAttrs};

use protection::{ClientCertificate, Protection, Roots, SslMode};

/// What the server is told about who comes, unless the URL says otherwise.
pub const APPLICATION_NAME: &str = "hallpass";
/// How long one attempt at one address of a host may take, unless the URL says otherwise.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest such time that a URL may ask for, in seconds.
const MAX_CONNECT_TIMEOUT_S: u64 = 60;
/// The port where none is named.
const USUAL_PORT: u16 = 5432;

const SCHEMES: [&str; 2] = ["postgresql://", "postgres://"];
const EXAMPLE: &str =
    "write it like postgresql://user:password@host:5432/database?sslmode=verify-full&sslrootcert=system";
const ENCODING: &str = "in user, password, host and database, write @ as %40, / as %2F, ? as %3F, : as %3A, % as %25";

/// The parameters that a URL may have after its `?`. The first five also have a place before it.
const PARAMETERS: [&str; 13] = [
    "user",
    "password",
    "host",
    "port",
    "dbname",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "channel_binding",
    "target_session_attrs",
    "connect_timeout",
    "application_name",
];

/// Where a PostgreSQL is, and how to come there.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    endpoints: Vec<Endpoint>,
    /// Everything that is the same for every host, and a password.
    config: Config,
    protection: Protection,
    connect_timeout: Duration,
}

/// One host of several that hold the same database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name, or the directory of its socket.
    pub host: Host,
    /// Its port.
    pub port: u16,
}

/// What is wrong with a URL. Tells nothing of what the URL holds, except names of parameters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}; {mend}")]
pub struct AddressError {
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub mend: String,
}

fn wrong<T>(message: impl Into<String>, mend: impl Into<String>) -> Result<T, AddressError> {
    Err(AddressError { message: message.into(), mend: mend.into() })
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`AddressError`]: the first thing that is wrong.
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        let parameters = Parameters::of(url)?;
        let get = |name| parameters.get(name);
        let mut config = Config::new();
        if let Some(user) = get("user") {
            config.user(user);
        }
        if let Some(password) = get("password") {
            config.password(password);
        }
        if let Some(database) = get("dbname") {
            config.dbname(database);
        }
        config.application_name(get("application_name").unwrap_or(APPLICATION_NAME));
        config.target_session_attrs(target(get("target_session_attrs"))?);
        config.channel_binding(channel_binding(get("channel_binding"))?);
        Ok(Self {
            endpoints: endpoints(get("host"), get("port"))?,
            config,
            protection: protection(&parameters)?,
            connect_timeout: connect_timeout(get("connect_timeout"))?,
        })
    }

    /// The hosts, in the order in which they are tried; at least one.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// What is the same for every host: who comes, with which password, to which database, for what. Names no host.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// How the way there is protected.
    #[must_use]
    pub fn protection(&self) -> &Protection {
        &self.protection
    }

    /// How long one attempt at one address of a host may take.
    #[must_use]
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }
}

/// As a URL, without the password and what nobody needs to see.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEMES[0])?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{}@", encoded(user))?;
        }
        for (at, endpoint) in self.endpoints.iter().enumerate() {
            write!(f, "{}{endpoint}", if at == 0 { "" } else { "," })?;
        }
        if let Some(database) = self.config.get_dbname() {
            write!(f, "/{}", encoded(database))?;
        }
        write!(f, "?sslmode={}", self.protection.mode.name())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// As in a URL.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.port;
        match &self.host {
            Host::Tcp(name) if name.contains(':') => write!(f, "[{name}]:{port}"),
            Host::Tcp(name) => write!(f, "{}:{port}", encoded(name)),
            Host::Unix(directory) => write!(f, "{}:{port}", encoded(&directory.to_string_lossy())),
        }
    }
}

/// What a URL says, by name of parameter and decoded, wherever in the URL it stands. Hosts and ports are lists with
/// commas. What is empty is left out.
struct Parameters(BTreeMap<&'static str, String>);

impl Parameters {
    fn of(url: &str) -> Result<Self, AddressError> {
        let Some(rest) = SCHEMES.iter().find_map(|scheme| url.strip_prefix(scheme)) else {
            return wrong("it does not begin with postgresql://", EXAMPLE);
        };
        if rest.contains(|char: char| char.is_whitespace() || char.is_control()) {
            return wrong("it holds a space or a control character", "write a space as %20, and the URL on one line");
        }
        let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let database = path.strip_prefix('/').unwrap_or(path);
        if rest.contains('@') || authority.matches('@').count() > 1 || database.contains('/') {
            return wrong("a character that separates its parts stands inside one of them", ENCODING);
        }
        let mut parameters = Self(BTreeMap::new());
        let (credentials, hosts) = authority.split_once('@').unwrap_or(("", authority));
        let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        let (hosts, ports) = hosts_and_ports(hosts)?;
        let places = [("user", user), ("password", password), ("host", &hosts), ("port", &ports), ("dbname", database)];
        for (name, value) in places {
            parameters.set(name, value)?;
        }
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let Some((name, value)) = parameter.split_once('=') else {
                return wrong("a parameter has no value", "write parameters like ?name=value&name=value");
            };
            parameters.set(known(name)?, value)?;
        }
        Ok(parameters)
    }

    fn set(&mut self, name: &'static str, value: &str) -> Result<(), AddressError> {
        let Some(value) = decoded(value) else {
            return wrong(format!("`{name}` holds a % that encodes no character"), "write % itself as %25");
        };
        match self.0.entry(name) {
            _ if value.is_empty() => Ok(()),
            Entry::Occupied(_) => wrong(format!("`{name}` is given twice"), "give it once"),
            Entry::Vacant(place) => {
                place.insert(value);
                Ok(())
            }
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

fn known(name: &str) -> Result<&'static str, AddressError> {
    if let Some(known) = PARAMETERS.iter().find(|known| **known == name) {
        return Ok(known);
    }
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let which =
        if is_name { format!("the parameter `{name}` is not known") } else { "a parameter is not known".into() };
    wrong(which, format!("take it out, or use one of {}", PARAMETERS.map(|known| format!("`{known}`")).join(", ")))
}

/// The hosts of `host:port,[address]:port` and their ports, as two lists with commas; both empty where there is nothing.
fn hosts_and_ports(text: &str) -> Result<(String, String), AddressError> {
    let mut lists = (Vec::new(), Vec::new());
    for (at, host) in text.split(',').enumerate() {
        let (host, port) = match host.strip_prefix('[') {
            None => host.split_once(':').unwrap_or((host, "")),
            Some(bracketed) => match bracketed.split_once(']') {
                Some((host, "")) => (host, ""),
                Some((host, rest)) if rest.starts_with(':') => (host, &rest[1..]),
                _ => return wrong(format!("host {} is no address in brackets", at + 1), "write it like [::1]:5432"),
            },
        };
        lists.0.push(host);
        lists.1.push(port);
    }
    let ports = if lists.1.iter().all(|port| port.is_empty()) { String::new() } else { lists.1.join(",") };
    Ok((lists.0.join(","), ports))
}

fn endpoints(hosts: Option<&str>, ports: Option<&str>) -> Result<Vec<Endpoint>, AddressError> {
    let Some(hosts) = hosts else { return wrong("it names no host", EXAMPLE) };
    let hosts: Vec<&str> = hosts.split(',').collect();
    let mut ports: Vec<&str> = ports.unwrap_or_default().split(',').collect();
    if let [port] = *ports.as_slice() {
        ports = vec![port; hosts.len()];
    }
    if ports.len() != hosts.len() {
        return wrong(
            format!("it has {} hosts and {} ports", hosts.len(), ports.len()),
            "give each host its port, or one port for all",
        );
    }
    hosts.iter().zip(ports).zip(1..).map(|((host, port), at)| endpoint(host, port, at)).collect()
}

fn endpoint(host: &str, port: &str, at: usize) -> Result<Endpoint, AddressError> {
    let host = match host {
        "" => return wrong(format!("host {at} has no name"), "name it, or take the comma out"),
        socket if socket.starts_with('@') => {
            return wrong(
                format!("host {at} is an abstract socket"),
                "use a socket in a directory, or a host and a port",
            );
        }
        directory if directory.starts_with('/') => Host::Unix(directory.into()),
        name => Host::Tcp(name.to_owned()),
    };
    let port = if port.is_empty() { Some(USUAL_PORT) } else { port.parse().ok().filter(|port| *port > 0) };
    let Some(port) = port else {
        return wrong(format!("the port of host {at} is no number from 1 to 65535"), format!("{EXAMPLE}; {ENCODING}"));
    };
    Ok(Endpoint { host, port })
}

fn target(value: Option<&str>) -> Result<TargetSessionAttrs, AddressError> {
    match value {
        None | Some("read-write") => Ok(TargetSessionAttrs::ReadWrite),
        Some("any") => Ok(TargetSessionAttrs::Any),
        Some(_) => wrong("`target_session_attrs` has a value that is not known", "use one of read-write, any"),
    }
}

fn channel_binding(value: Option<&str>) -> Result<ChannelBinding, AddressError> {
    match value {
        None | Some("prefer") => Ok(ChannelBinding::Prefer),
        Some("disable") => Ok(ChannelBinding::Disable),
        Some("require") => Ok(ChannelBinding::Require),
        Some(_) => wrong("`channel_binding` has a value that is not known", "use one of disable, prefer, require"),
    }
}

fn connect_timeout(value: Option<&str>) -> Result<Duration, AddressError> {
    let Some(value) = value else { return Ok(CONNECT_TIMEOUT) };
    match value.parse() {
        Ok(seconds) if (1..=MAX_CONNECT_TIMEOUT_S).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => wrong(
            format!("`connect_timeout` is no whole number from 1 to {MAX_CONNECT_TIMEOUT_S}"),
            format!("give seconds, such as connect_timeout={}", CONNECT_TIMEOUT.as_secs()),
        ),
    }
}

fn protection(parameters: &Parameters) -> Result<Protection, AddressError> {
    let roots = parameters.get("sslrootcert").map(|value| match value {
        "system" => Roots::System,
        file => Roots::File(file.into()),
    });
    let mode = match parameters.get("sslmode") {
        None if roots == Some(Roots::System) => SslMode::VerifyFull,
        None => SslMode::default(),
        Some(name) => ssl_mode(name)?,
    };
    if roots == Some(Roots::System) && mode != SslMode::VerifyFull {
        // Anybody can have a certificate of such a root for a host of their own.
        return wrong(
            "`sslrootcert=system` is of no use without the name of the host",
            "use sslmode=verify-full, or name the file of the root that signs for PostgreSQL",
        );
    }
    if matches!(mode, SslMode::VerifyCa | SslMode::VerifyFull) && roots.is_none() {
        return wrong(
            format!("`sslmode={}` has no `sslrootcert` to verify by", mode.name()),
            "add sslrootcert=FILE, or sslrootcert=system with sslmode=verify-full",
        );
    }
    let client = match (parameters.get("sslcert"), parameters.get("sslkey")) {
        (None, None) => None,
        (Some(chain), Some(key)) => Some(ClientCertificate { chain: PathBuf::from(chain), key: PathBuf::from(key) }),
        (Some(_), None) => return wrong("`sslcert` has no `sslkey`", "give both, or neither"),
        (None, Some(_)) => return wrong("`sslkey` has no `sslcert`", "give both, or neither"),
    };
    Ok(Protection { mode, roots, client })
}

fn ssl_mode(name: &str) -> Result<SslMode, AddressError> {
    match SslMode::ALL.into_iter().find(|mode| mode.name() == name) {
        Some(mode) => Ok(mode),
        None => wrong(
            "`sslmode` has a value that is not known",
            format!("use one of {}", SslMode::ALL.map(SslMode::name).join(", ")),
        ),
    }
}

/// The text of which this is the percent-encoding; none where it is no encoding of a text, or of one with a zero byte.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let byte = if byte == b'%' { digit(bytes.next()?)? << 4 | digit(bytes.next()?)? } else { byte };
        plain.push(byte);
    }
    String::from_utf8(plain).ok().filter(|text| !text.contains('\0'))
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A text with everything percent-encoded that might separate parts of a URL.
fn encoded(text: &str) -> String {
    let is_plain = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_' | '.' | '~');
    text.chars().fold(String::with_capacity(text.len()), |mut encoded, char| {
        if is_plain(char) {
            encoded.push(char);
        } else {
            for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a string cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a URL says: its address as it is shown, and the password.
    fn shown(url: &str) -> (String, Option<String>) {
        let address = Address::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        let password = address.config().get_password().map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
        (address.to_string(), password)
    }

    #[test]
    fn who_where_and_what() {
        let check = |url: &str, expected: &str, password: Option<&str>| {
            assert_eq!(shown(url), (format!("postgresql://{expected}"), password.map(str::to_owned)), "{url}");
        };
        check("postgresql://db", "db:5432?sslmode=prefer", None);
        check("postgres://me@db/hall", "me@db:5432/hall?sslmode=prefer", None);
        check("postgresql://me:s3cret@db:5433/hall", "me@db:5433/hall?sslmode=prefer", Some("s3cret"));
        check("postgresql://me:a:b@db/", "me@db:5432?sslmode=prefer", Some("a:b"));
        check("postgresql://m%40e:%2F%3f%E5%8E%85@db/a%2Fb", "m%40e@db:5432/a%2Fb?sslmode=prefer", Some("/?厅"));
        check("postgresql://me@one:1,two,[::1]:3/hall", "me@one:1,two:5432,[::1]:3/hall?sslmode=prefer", None);
        check("postgresql://[fe80::1]/hall", "[fe80::1]:5432/hall?sslmode=prefer", None);
        check("postgresql://me@%2Frun%2Fpg:6432/hall", "me@%2Frun%2Fpg:6432/hall?sslmode=prefer", None);
        check("postgresql:///hall?host=/run/pg&user=me", "me@%2Frun%2Fpg:5432/hall?sslmode=prefer", None);
        check("postgresql:///?host=one,two&port=7&dbname=x&password=p", "one:7,two:7/x?sslmode=prefer", Some("p"));
        check("postgresql:///?host=one,two&port=7,", "one:7,two:5432?sslmode=prefer", None);
        check("postgresql://one,two/?port=7", "one:7,two:7?sslmode=prefer", None);
        check("postgresql://db?sslmode=allow&", "db:5432?sslmode=allow", None);
        check("postgresql://db?user=&sslmode=", "db:5432?sslmode=prefer", None);
    }

    #[test]
    fn how_a_session_is_opened() {
        let config = |url: &str| Address::parse(url).unwrap().config().clone();
        let usual = config("postgresql://db");
        assert_eq!(usual.get_application_name(), Some("hallpass"));
        assert_eq!(usual.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        assert_eq!(usual.get_channel_binding(), ChannelBinding::Prefer);
        let other =
            config("postgresql://db?application_name=hall%201&target_session_attrs=any&channel_binding=require");
        assert_eq!(other.get_application_name(), Some("hall 1"));
        assert_eq!(other.get_target_session_attrs(), TargetSessionAttrs::Any);
        assert_eq!(other.get_channel_binding(), ChannelBinding::Require);

        let timeout = |url: &str| Address::parse(url).unwrap().connect_timeout().as_secs();
        assert_eq!((timeout("postgresql://db"), timeout("postgresql://db?connect_timeout=60")), (5, 60));
    }

    #[test]
    fn the_protection() {
        let check = |query: &str, mode: SslMode, roots: Option<Roots>| {
            let address = Address::parse(&format!("postgresql://db?{query}")).unwrap();
            let expected = Protection { mode, roots, client: None };
            assert_eq!(address.protection(), &expected, "{query}");
        };
        let file = || Some(Roots::File("/etc/root.pem".into()));
        check("", SslMode::Prefer, None);
        for mode in [SslMode::Disable, SslMode::Allow, SslMode::Prefer, SslMode::Require] {
            check(&format!("sslmode={}", mode.name()), mode, None);
        }
        check("sslmode=require&sslrootcert=/etc/root.pem", SslMode::Require, file());
        check("sslmode=verify-ca&sslrootcert=/etc/root.pem", SslMode::VerifyCa, file());
        check("sslmode=verify-full&sslrootcert=%2Fetc/root.pem", SslMode::VerifyFull, file());
        check("sslrootcert=/etc/root.pem", SslMode::Prefer, file());
        check("sslrootcert=system", SslMode::VerifyFull, Some(Roots::System));

        let address = Address::parse("postgresql://db?sslcert=/c.pem&sslkey=/k.pem").unwrap();
        let expected = ClientCertificate { chain: "/c.pem".into(), key: "/k.pem".into() };
        assert_eq!(address.protection().client, Some(expected));
    }

    /// URLs that are wrong, each with words of the message and words of the mend.
    const WRONG: &[(&str, &str, &str)] = &[
        ("", "does not begin with postgresql://", "postgresql://user:password@host"),
        ("host=db password=hunter2", "does not begin", "postgresql://user"),
        ("mysql://me:hunter2@db/hall", "does not begin", "postgresql://user"),
        ("POSTGRESQL://me:hunter2@db/hall", "does not begin", "postgresql://user"),
        ("postgresql://me:hunter2 @db", "a space or a control character", "%20"),
        ("postgresql://me:hunter2@db/hall\n", "a space or a control character", "on one line"),
        ("postgresql://", "names no host", "postgresql://user:password@host"),
        ("postgresql:///hall", "names no host", "postgresql://user:password@host"),
        ("postgresql://me:hunter2@/hall", "names no host", "postgresql://user:password@host"),
        ("postgresql://me:hunter2@one,,two/hall", "host 2 has no name", "take the comma out"),
        ("postgresql://me:hun@ter2@db/hall", "separates its parts", "write @ as %40"),
        ("postgresql://me:5/hunter2@db/hall", "separates its parts", "/ as %2F"),
        ("postgresql://me:5?hunter2@db/hall", "separates its parts", "? as %3F"),
        ("postgresql://me:hunter2@db/hall/2", "separates its parts", "/ as %2F"),
        ("postgresql://db?user=me@hunter2", "separates its parts", "@ as %40"),
        ("postgresql://me:hunter2/hall", "the port of host 1 is no number", "% as %25"),
        ("postgresql://me@db:0/hall", "the port of host 1 is no number from 1 to 65535", "host:5432"),
        ("postgresql://me@one,db:65536/hall", "the port of host 2 is no number", "host:5432"),
        ("postgresql://me@one:1,two:2/hall?port=3", "`port` is given twice", "once"),
        ("postgresql://a,b,c?port=1,2", "3 hosts and 2 ports", "one port for all"),
        ("postgresql://me:hunter2@[::1/hall", "host 1 is no address in brackets", "[::1]:5432"),
        ("postgresql://me:hunter2@db,[::1]5432/hall", "host 2 is no address in brackets", "[::1]:5432"),
        ("postgresql://%40socket", "abstract socket", "a socket in a directory"),
        ("postgresql://me:hunter2%@db", "`password` holds a % that encodes no character", "%25"),
        ("postgresql://me:hunter2%4g@db", "`password` holds a % that", "%25"),
        ("postgresql://me:hunter2%00@db", "`password` holds a % that", "%25"),
        ("postgresql://me:hunter2%ff@db", "`password` holds a % that", "%25"),
        ("postgresql://me:hunter2@db?password=hunter3", "`password` is given twice", "once"),
        ("postgresql://db?sslmode=require&sslmode=require", "`sslmode` is given twice", "once"),
        ("postgresql://db?sslmode", "a parameter has no value", "?name=value"),
        ("postgresql://db?ssl_mode=require", "`ssl_mode` is not known", "`sslmode`"),
        ("postgresql://db?hun-ter2=1", "a parameter is not known", "`sslmode`"),
        ("postgresql://db?sslmode=hunter2", "`sslmode` has a value", "verify-ca, verify-full"),
        ("postgresql://db?sslmode=verify-full", "`sslmode=verify-full` has no `sslrootcert`", "sslrootcert=FILE"),
        ("postgresql://db?sslmode=require&sslrootcert=system", "of no use", "sslmode=verify-full"),
        ("postgresql://db?sslcert=/hunter2", "`sslcert` has no `sslkey`", "give both"),
        ("postgresql://db?sslkey=/hunter2", "`sslkey` has no `sslcert`", "give both"),
    ];

    #[test]
    fn what_is_wrong_is_said_with_its_mend_and_without_what_the_url_holds() {
        for (url, message, mend) in WRONG {
            let error = Address::parse(url).expect_err(url);
            assert!(error.message.contains(message) && error.mend.contains(mend), "{url:?} gives {error}");
            for told in [error.to_string(), format!("{error:?}")] {
                assert!(!told.contains("hunter") && !told.contains("ter2"), "{url:?} tells a secret: {told}");
            }
        }
    }

    #[test]
    fn values_outside_their_bounds_are_refused() {
        for seconds in ["0", "-1", "61", "5s", "hunter2"] {
            let error = Address::parse(&format!("postgresql://db?connect_timeout={seconds}")).unwrap_err();
            let expected = "`connect_timeout` is no whole number from 1 to 60; give seconds, such as connect_timeout=5";
            assert_eq!(error.to_string(), expected);
        }
        for (name, mend) in
            [("target_session_attrs", "read-write, any"), ("channel_binding", "disable, prefer, require")]
        {
            let error = Address::parse(&format!("postgresql://db?{name}=hunter2")).unwrap_err().to_string();
            assert_eq!(error, format!("`{name}` has a value that is not known; use one of {mend}"));
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        for url in ["postgresql://me:hunter2@db/hall?sslmode=require", "postgresql://db?password=hunter2"] {
            let address = Address::parse(url).unwrap();
            for told in [address.to_string(), format!("{address:?}"), format!("{:?}", address.config())] {
                assert!(!told.contains("hunter2"), "{told}");
            }
        }
        let with = Address::parse("postgresql://me:hunter2@db").unwrap();
        assert_ne!(with, Address::parse("postgresql://me:hunter3@db").unwrap(), "but it counts");
    }

    #[test]
    fn an_address_is_shown_as_a_url_that_says_the_same() {
        for url in ["postgresql://m%40e@one:1,[::1]:3,%2Frun%2Fa%3Ab:4/%E5%8E%85%25?sslmode=require", "postgresql://db"]
        {
            let address = Address::parse(url).unwrap();
            assert_eq!(Address::parse(&address.to_string()), Ok(address), "{url}");
        }
    }
}
