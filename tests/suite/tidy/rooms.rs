//! Who may know whom.

use std::collections::BTreeSet;

use super::imports;
use super::sources::Sources;

/// A room, and the rooms that it may name.
const LAW: [(&str, &[&str]); 14] = [
    ("domain", &[]),
    ("clock", &[]),
    ("console", &[]),
    ("space", &[]),
    ("vault", &["domain"]),
    ("config", &["domain"]),
    ("ledger", &["clock", "console", "domain", "vault"]),
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
pub const KNOWN: [&str; 34] = [
    "api/operations/health.rs knows config",
    "api/session.rs knows config",
    "api/session.rs knows vault",
    "app/access/admin_token.rs knows serve",
    "app/access/guesses.rs knows serve",
    "app/access/person.rs knows serve",
    "app/access/staff.rs knows serve",
    "app/access/staff_table.rs knows serve",
    "app/access/throttle.rs knows serve",
    "app/calendar_file.rs knows serve",
    "app/configuration/reload.rs knows serve",
    "app/input/booking.rs knows serve",
    "app/input/fields.rs knows serve",
    "app/metrics.rs knows serve",
    "app/once.rs knows ledger",
    "app/once.rs knows serve",
    "app/state.rs knows serve",
    "config/sections/store.rs knows ledger",
    "pages/booking/sign_in.rs knows vault",
    "pages/desk/attend.rs knows api",
    "pages/kit/cookies.rs knows vault",
    "pages/kit/kept_form.rs knows vault",
    "pages/kit/visitor.rs knows config",
    "pages/kit/visitor.rs knows vault",
    "pages/office/configuration.rs knows config",
    "pages/office/displaced/telephone.rs knows vault",
    "pages/office/edit_halls.rs knows config",
    "pages/office/editor.rs knows config",
    "pages/office/history.rs knows config",
    "pages/office/preview.rs knows config",
    "pages/office/sentences.rs knows config",
    "pages/own/known.rs knows vault",
    "pages/routes.rs knows api",
    "serve/request_id.rs knows vault",
];

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
