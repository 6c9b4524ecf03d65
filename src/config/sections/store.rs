//! The table `[store]`: where everything is remembered, and where its keys are.
//!
//! An address of a PostgreSQL may hold a password, so it may also come from a file of its own, or from the environment,
//! which goes before the file. Nothing that is said here or about this tells what an address holds beyond what
//! [`Address`] shows.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::config::read::directory::TextFile;
use crate::config::read::document::{Node, Shape, Table};
use crate::config::read::error::{Findings, Place};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::read::phrases::{Part, Word};
use crate::postgres_url::Address;

static STORE: Shape = Shape {
    name: "[store]",
    keys: &[
        ("kind", r#""embedded""#),
        ("url", r#""postgresql://hallpass:password@db:5432/hallpass?sslmode=verify-full&sslrootcert=system""#),
        ("url_file", r#""/run/secrets/store_url""#),
        ("listen_url", r#""postgresql://hallpass:password@db:5432/hallpass?sslmode=verify-full&sslrootcert=system""#),
        ("listen_url_file", r#""/run/secrets/store_listen_url""#),
        ("migration_url", r#""postgresql://owner:password@db:5432/hallpass?sslmode=verify-full&sslrootcert=system""#),
        ("migration_url_file", r#""/run/secrets/store_migration_url""#),
        ("keys", r#""/etc/hallpass/keys""#),
    ],
    other: None,
};

/// One of the addresses: its key, the key of the file that may hold it, the variable that goes before both.
struct Slot {
    key: &'static str,
    file_key: &'static str,
    variable: &'static str,
}

static URL: Slot = Slot { key: "url", file_key: "url_file", variable: "HALLPASS_STORE_URL" };
static LISTEN_URL: Slot =
    Slot { key: "listen_url", file_key: "listen_url_file", variable: "HALLPASS_STORE_LISTEN_URL" };
static MIGRATION_URL: Slot =
    Slot { key: "migration_url", file_key: "migration_url_file", variable: "HALLPASS_STORE_MIGRATION_URL" };
static SLOTS: [&Slot; 3] = [&URL, &LISTEN_URL, &MIGRATION_URL];

/// Where everything is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Store {
    /// In what.
    pub kind: StoreKind,
    /// The file with the secret from which all keys come, an absolute path; none: the one in the data directory.
    pub keys: Option<PathBuf>,
}

/// In what everything is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum StoreKind {
    /// In the data directory, for one instance.
    #[default]
    Embedded,
    /// In a PostgreSQL, for several instances.
    Postgres(Box<PostgresStore>),
}

/// Where the PostgreSQL is, for each use of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresStore {
    /// For everything that has no address of its own; may lead through a pooler in transaction mode.
    pub url: Address,
    /// Where notifications can be listened to; none: at `url`.
    pub listen_url: Option<Address>,
    /// As whom the schema may be changed; none: as in `url`.
    pub migration_url: Option<Address>,
}

impl PostgresStore {
    /// Where notifications can be listened to.
    #[must_use]
    pub fn listening(&self) -> &Address {
        self.listen_url.as_ref().unwrap_or(&self.url)
    }

    /// Where the schema may be changed.
    #[must_use]
    pub fn migrating(&self) -> &Address {
        self.migration_url.as_ref().unwrap_or(&self.url)
    }
}

impl Store {
    /// The keys of the table whose values differ in another one, in order.
    #[must_use]
    pub fn differs_in(&self, other: &Self) -> Vec<&'static str> {
        let Self { kind, keys } = self;
        let mut differing = match (kind, &other.kind) {
            (StoreKind::Embedded, StoreKind::Embedded) => Vec::new(),
            (StoreKind::Postgres(one), StoreKind::Postgres(other)) => one.differs_in(other),
            _ => vec!["kind"],
        };
        if *keys != other.keys {
            differing.push("keys");
        }
        differing
    }
}

impl PostgresStore {
    fn differs_in(&self, other: &Self) -> Vec<&'static str> {
        let Self { url, listen_url, migration_url } = self;
        let pairs = [
            (URL.key, *url != other.url),
            (LISTEN_URL.key, *listen_url != other.listen_url),
            (MIGRATION_URL.key, *migration_url != other.migration_url),
        ];
        pairs.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
    }
}

/// For the operator: without passwords.
impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            StoreKind::Embedded => f.write_str("embedded")?,
            StoreKind::Postgres(store) => {
                write!(f, "{}", store.url)?;
                if let Some(address) = &store.listen_url {
                    write!(f, ", listening at {address}")?;
                }
                if let Some(address) = &store.migration_url {
                    write!(f, ", migrating at {address}")?;
                }
            }
        }
        match &self.keys {
            None => f.write_str(", keys in the data directory"),
            Some(path) => write!(f, ", keys in {}", path.display()),
        }
    }
}

/// What the environment says in place of the files. Not to be printed: it may hold passwords.
pub(crate) struct Overrides(Vec<(&'static str, String)>);

impl Overrides {
    /// What an environment says, given the value of each of its variables. An empty one counts as none.
    pub(crate) fn of_environment(variable: &dyn Fn(&str) -> Option<OsString>, findings: &Findings) -> Self {
        let value = |slot: &Slot| {
            let value = variable(slot.variable).filter(|value| !value.is_empty())?.into_string();
            let report = |_| findings.report(&slot.place(), Flaw::VariableNotUtf8 {}, Mend::SetUrl {});
            Some((slot.variable, value.map_err(report).ok()?))
        };
        Self(SLOTS.into_iter().filter_map(value).collect())
    }

    fn of(&self, slot: &Slot) -> Option<&str> {
        self.0.iter().find(|(variable, _)| *variable == slot.variable).map(|(_, value)| value.as_str())
    }

    /// Reports what the environment says of a PostgreSQL where there is none.
    fn refuse_all(&self, findings: &Findings) {
        for slot in SLOTS.into_iter().filter(|slot| self.of(slot).is_some()) {
            findings.report(&slot.place(), Flaw::VariableWithoutPostgres {}, Mend::PostgresOrUnset {});
        }
    }
}

/// Something has been reported that leaves no value.
struct Reported;

/// The store where no table says anything of it.
pub(crate) fn without_table(overrides: &Overrides, findings: &Findings) -> Store {
    overrides.refuse_all(findings);
    Store::default()
}

/// Reads the table; none where something of it has been reported.
pub(crate) fn read(node: Node<'_>, overrides: &Overrides) -> Option<Store> {
    let table = node.table(&STORE)?;
    let keys = table.get("keys").map(absolute).transpose();
    let kind = match table.get("kind") {
        None => Some(embedded(&table, overrides)),
        Some(node) => match node.text()? {
            "embedded" => Some(embedded(&table, overrides)),
            "postgres" => postgres(&table, overrides).ok(),
            // Not repeated: it may be an address, given by mistake.
            _ => node.refuse(Flaw::UnknownStore {}, Mend::StoreKind {}),
        },
    };
    Some(Store { kind: kind?, keys: keys.ok()? })
}

fn absolute(node: Node<'_>) -> Result<PathBuf, Reported> {
    let path = PathBuf::from(node.text().ok_or(Reported)?);
    if path.is_absolute() {
        return Ok(path);
    }
    node.refuse_form(Flaw::NoAbsolutePath { key: node.key.into() }).ok_or(Reported)
}

fn embedded(table: &Table<'_>, overrides: &Overrides) -> StoreKind {
    overrides.refuse_all(table.findings());
    for key in SLOTS.into_iter().flat_map(|slot| [slot.key, slot.file_key]) {
        if let Some(node) = table.get(key) {
            let flaw = Flaw::EmbeddedHasNo { key: key.into() };
            table.findings().report(&node.key_place(), flaw, Mend::PostgresOrDrop { key: key.into() });
        }
    }
    StoreKind::Embedded
}

fn postgres(table: &Table<'_>, overrides: &Overrides) -> Result<StoreKind, Reported> {
    // All are read before the first that is wrong ends this, so that every one that is wrong is reported.
    let [url, listen_url, migration_url] = SLOTS.map(|slot| slot.read(table, overrides));
    let url = url.and_then(|url| {
        url.ok_or_else(|| {
            let mend = Mend::AddUrl { variable: URL.variable.into() };
            table.findings().report(&table.place(), Flaw::PostgresWithoutUrl {}, mend);
            Reported
        })
    });
    let store = PostgresStore { url: url?, listen_url: listen_url?, migration_url: migration_url? };
    Ok(StoreKind::Postgres(Box::new(store)))
}

impl Slot {
    /// The variable, as a place of errors.
    fn place(&self) -> Place {
        Place::whole(self.variable)
    }

    /// The address, where there is one.
    fn read(&self, table: &Table<'_>, overrides: &Overrides) -> Result<Option<Address>, Reported> {
        let (inline, file) = (table.get(self.key), table.get(self.file_key));
        if let (Some(_), Some(file)) = (inline, file) {
            let flaw = Flaw::BothGiven { one: self.key.into(), other: self.file_key.into() };
            return file.refuse(flaw, Mend::TakeOneOut {}).ok_or(Reported);
        }
        if let Some(url) = overrides.of(self) {
            return parsed(url, &self.place(), Word::TheVariable {}.into(), table.findings());
        }
        if let Some(node) = inline {
            let url = node.text().ok_or(Reported)?;
            return parsed(url, &node.place(), format!("`{}`", self.key).into(), table.findings());
        }
        let Some(file) = file.map(absolute).transpose()? else { return Ok(None) };
        let file = TextFile::read(&file, file.display().to_string(), table.findings());
        let place = Place { line: 1, ..Place::whole(&file.name) };
        parsed(file.text.ok_or(Reported)?.trim_end(), &place, Word::TheFile {}.into(), table.findings())
    }
}

fn parsed(url: &str, place: &Place, what: Part, findings: &Findings) -> Result<Option<Address>, Reported> {
    Address::parse(url).map(Some).map_err(|error| {
        let (why, said) = (Part::of(error.message), Part::of(error.mend));
        findings.report(place, Flaw::NoAddress { what, why }, Mend::Advice { said });
        Reported
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::tests::{Fixture, assert_fits};
    use crate::config::{ConfigError, load_in};

    const POSTGRES: &str = "[store]\nkind = \"postgres\"\n";

    fn address(url: &str) -> Address {
        Address::parse(url).unwrap()
    }

    fn store(text: &str) -> Store {
        Fixture::default().with("hallpass.toml", text).load().store
    }

    /// What is read where `hallpass.toml` says this and the environment that.
    fn loaded(text: &str, environment: &[(&str, &str)]) -> Result<Store, Vec<ConfigError>> {
        let dir = tempfile::tempdir().unwrap();
        Fixture::default().with("hallpass.toml", text).write(dir.path());
        let variable = |name: &str| environment.iter().find(|(it, _)| *it == name).map(|(_, value)| value.into());
        load_in(dir.path(), &[], &variable).map(|configuration| configuration.store).map_err(|errors| errors.0)
    }

    #[test]
    fn the_store_is_embedded_unless_said_otherwise() {
        for text in ["", "[store]", "[store]\nkind = \"embedded\""] {
            assert_eq!(store(text), Store { kind: StoreKind::Embedded, keys: None }, "{text}");
        }
        let keys = Some("/etc/hallpass/keys".into());
        assert_eq!(store("[store]\nkeys = \"/etc/hallpass/keys\""), Store { kind: StoreKind::Embedded, keys });
        assert_eq!(Fixture::default().without("hallpass.toml").load().store, Store::default());
    }

    #[test]
    fn a_postgres_has_an_address_for_each_use() {
        let read = |text: &str| match store(&format!("{POSTGRES}{text}")).kind {
            StoreKind::Postgres(store) => *store,
            StoreKind::Embedded => panic!("embedded: {text}"),
        };
        let one = read("url = \"postgresql://db/one\"");
        assert_eq!((one.listening(), one.migrating()), (&address("postgresql://db/one"), &one.url));
        let more = read(
            "url = \"postgresql://pool/x\"\nlisten_url = \"postgresql://db/x\"\nmigration_url = \"postgresql://owner@db/x\"",
        );
        let expected = ["postgresql://pool/x", "postgresql://db/x", "postgresql://owner@db/x"].map(address);
        assert_eq!([&more.url, more.listening(), more.migrating()], [&expected[0], &expected[1], &expected[2]]);
    }

    #[test]
    fn an_address_may_come_from_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("url");
        fs::write(&path, "postgresql://me:hunter2@db/hall\n").unwrap();
        let text = format!("{POSTGRES}url_file = {path:?}");
        let StoreKind::Postgres(found) = store(&text).kind else { panic!("embedded") };
        assert_eq!(found.url, address("postgresql://me:hunter2@db/hall"));

        fs::write(&path, "postgresql://me:hunter2@db?ssl=1\n").unwrap();
        let name = path.display();
        let expected = format!("{name}:1 | the file is no address of a PostgreSQL: the parameter `ssl` | `sslmode`");
        Fixture::default().with("hallpass.toml", &text).check(&[&expected]);
        fs::remove_file(&path).unwrap();
        let expected = format!("{name}:0 | the file cannot be read | readable");
        Fixture::default().with("hallpass.toml", &text).check(&[&expected]);
    }

    #[test]
    fn the_environment_goes_before_the_files() {
        let file = format!("{POSTGRES}url_file = \"/no/where\"\nlisten_url = \"postgresql://old\"");
        let environment = [
            ("HALLPASS_STORE_URL", "postgresql://me:hunter2@pool/x"),
            ("HALLPASS_STORE_LISTEN_URL", "postgresql://db/x"),
            ("HALLPASS_STORE_MIGRATION_URL", "postgresql://owner@db/x"),
        ];
        let [url, listen_url, migration_url] = environment.map(|(_, url)| address(url));
        let expected = PostgresStore { url, listen_url: Some(listen_url), migration_url: Some(migration_url) };
        let expected = Store { kind: StoreKind::Postgres(Box::new(expected)), keys: None };
        assert_eq!(loaded(&file, &environment), Ok(expected.clone()));
        assert_eq!(loaded(POSTGRES, &environment), Ok(expected));

        let errors = loaded(&file, &[("HALLPASS_STORE_URL", "me:hunter2@pool")]).unwrap_err();
        assert_fits(&errors, &["HALLPASS_STORE_URL:0 | the variable is no address of a PostgreSQL | postgresql://"]);
        let errors = loaded(POSTGRES, &[("HALLPASS_STORE_URL", "")]).unwrap_err();
        assert_fits(&errors, &["hallpass.toml:1 | has no `url` | set HALLPASS_STORE_URL"]);
        for embedded in ["", "[store]"] {
            let errors = loaded(embedded, &environment[..1]).unwrap_err();
            assert_fits(&errors, &["HALLPASS_STORE_URL:0 | the variable is set, but the store is embedded | unset"]);
        }
    }

    #[test]
    fn the_errors_of_the_table() {
        let check = |text: &str, expected: &[&str]| Fixture::default().with("hallpass.toml", text).check(expected);
        check(
            "[store]\nkind = \"postgresql://me:hunter2@db\"",
            &["hallpass.toml:2 | unknown kind of store | \"postgres\""],
        );
        check("[store]\nkind = 1", &["hallpass.toml:2 | `kind` wants a string | `kind = \"embedded\"`"]);
        check("store = 1", &["hallpass.toml:1 | `store` wants a table | `store = { kind"]);
        check("[store]\nuri = \"x\"", &["hallpass.toml:2 | unknown key `uri` in [store] | `url`, `url_file`"]);
        check(
            "[store]\nkeys = \"keys\"",
            &["hallpass.toml:2 | `keys` is no absolute path | `keys = \"/etc/hallpass/keys\"`"],
        );
        check(POSTGRES, &["hallpass.toml:1 | the store \"postgres\" has no `url` | add `url` or `url_file`"]);
        check(
            "[store]\nurl = \"postgresql://db\"\nlisten_url_file = \"/x\"",
            &[
                "hallpass.toml:2 | the embedded store has no `url` | kind = \"postgres\"",
                "hallpass.toml:3 | the embedded store has no `listen_url_file` | take `listen_url_file` out",
            ],
        );
        check(
            &format!(
                "{POSTGRES}url = \"postgresql://me:hunter2@db?tls=1\"\nlisten_url = 1\nmigration_url_file = \"x\"\nkeys = 1"
            ),
            &[
                "hallpass.toml:3 | `url` is no address of a PostgreSQL: the parameter `tls` is not known | take it out",
                "hallpass.toml:4 | `listen_url` wants a string | `listen_url = ",
                "hallpass.toml:5 | `migration_url_file` is no absolute path | \"/run/secrets/store_migration_url\"",
                "hallpass.toml:6 | `keys` wants a string | `keys = ",
            ],
        );
        check(
            &format!("{POSTGRES}url = \"postgresql://db\"\nurl_file = \"/x\""),
            &["hallpass.toml:4 | both `url` and `url_file` are given | take one of them out"],
        );
    }

    #[test]
    fn no_password_is_told() {
        let text = format!(
            "{POSTGRES}url = \"postgresql://me:hunter2@db/hall?sslmode=require\"\nlisten_url = \"postgresql://me:hunter2@own\"\nkeys = \"/k\""
        );
        let store = store(&text);
        let shown = "postgresql://me@db:5432/hall?sslmode=require, listening at postgresql://me@own:5432?sslmode=prefer, keys in /k";
        assert_eq!(
            (store.to_string().as_str(), Store::default().to_string().as_str()),
            (shown, "embedded, keys in the data directory")
        );
        assert!(!format!("{store:?}").contains("hunter2"), "{store:?}");
        for broken in
            [text.replace("sslmode", "ssl_mode"), text.replace('\n', "x\n"), text.replace("hunter2@db", "hun@ter2@db")]
        {
            let errors = loaded(&broken, &[]).unwrap_err();
            assert!(
                !format!("{errors:?}").contains("hunter2") && !format!("{errors:?}").contains("ter2"),
                "{errors:?}"
            );
        }
    }

    #[test]
    fn what_differs_is_called_by_its_key() {
        let postgres = |url: &str, listen: Option<&str>| Store {
            kind: StoreKind::Postgres(Box::new(PostgresStore {
                url: address(url),
                listen_url: listen.map(address),
                migration_url: None,
            })),
            keys: None,
        };
        let one = postgres("postgresql://me:hunter2@db", None);
        let check = |old: &Store, new: &Store, expected: &[&str]| assert_eq!(old.differs_in(new), expected);
        check(&one, &one, &[]);
        check(&one, &postgres("postgresql://me:hunter3@db", Some("postgresql://db")), &["url", "listen_url"]);
        check(&one, &Store { keys: Some("/k".into()), ..Store::default() }, &["kind", "keys"]);
        check(&Store::default(), &Store::default(), &[]);
    }
}
