//! Who may know whom.

use std::collections::BTreeSet;

use super::imports;
use super::sources::Sources;

/// A room, and the rooms that it may name.
const LAW: [(&str, &[&str]); 15] = [
    ("domain", &[]),
    ("clock", &[]),
    ("console", &[]),
    ("space", &[]),
    ("postgres_url", &[]),
    ("vault", &["domain"]),
    ("config", &["domain", "postgres_url"]),
    ("ledger", &["clock", "console", "domain", "postgres_url", "vault"]),
    ("engine", &["clock", "domain", "ledger", "vault"]),
    ("app", &["clock", "config", "domain", "engine", "vault"]),
    ("serve", &["app", "clock", "domain", "engine"]),
    ("api", &["app", "domain", "engine", "serve"]),
    ("pages", &["app", "domain", "engine", "serve"]),
    (
        "server",
        &["api", "app", "clock", "config", "console", "domain", "engine", "ledger", "pages", "serve", "space", "vault"],
    ),
    ("simulate", &["clock", "config", "console", "domain", "ledger", "server"]),
];

/// Breaches that are still to be mended.
pub const KNOWN: [&str; 0] = [];

/// Files at the top that are no rooms.
const NO_ROOMS: [&str; 3] = ["lib", "main", "store_commands"];
/// Imports under which a room would be named by no name of its own.
const HIDDEN: [&str; 3] = ["use crate::*", "use crate as ", "use crate::{self"];

/// Every file that names a room which its own must not know, with that room, or that hides which rooms it names; and every
/// file of no room.
pub fn breaches(sources: &Sources) -> Vec<String> {
    let mut found = BTreeSet::new();
    for file in sources.files() {
        let Some(room) = file.module.get(1) else { continue };
        if !is_room(room) && !NO_ROOMS.contains(&room.as_str()) {
            found.insert(format!("{} is in no room", file.path));
        }
        if HIDDEN.iter().any(|hidden| file.code.contains(hidden)) {
            found.insert(format!("{} hides which rooms it names", file.path));
        }
        let (_, may) = LAW.iter().find(|(name, _)| name == room).unwrap_or(&("", &[]));
        for path in imports::of(file) {
            let Some(other) = path.get(1) else { continue };
            if other != room && path[0] == "crate" && is_room(other) && !may.contains(&other.as_str()) {
                found.insert(format!("{} knows {other}", file.path));
            }
        }
    }
    found.into_iter().collect()
}

fn is_room(name: &str) -> bool {
    LAW.iter().any(|(room, _)| *room == name)
}

/// Whether the breaches are those that are known.
pub fn check(sources: &Sources, known: &[&str]) {
    assert_eq!(breaches(sources), known, "left: what is there; right: what is known to be left to mend");
}
