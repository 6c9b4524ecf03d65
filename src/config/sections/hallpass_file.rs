//! `hallpass.toml`: the rules' numbers, how people prove who they are, the staff, the store, and whom to ask.

use super::contact;
use super::contact::Contact;
use super::identity;
use super::identity::Identity;
use super::policy::PolicyDraft;
use super::staff;
use super::staff::StaffDraft;
use super::store;
use super::store::{Overrides, Store};
use crate::config::read::directory::TextFile;
use crate::config::read::document::{Document, Shape};
use crate::config::read::error::Findings;

static ROOT: Shape = Shape {
    name: "hallpass.toml",
    keys: &[
        ("policy", "{ window_days = 30 }"),
        ("identity", r#"{ mode = "demo" }"#),
        ("staff", r#"[{ id = "desk", role = "admin", token_sha256 = "…" }]"#),
        ("store", r#"{ kind = "embedded" }"#),
        ("contact", r#"{ phone = "0571-87280185" }"#),
    ],
    other: None,
};

/// What `hallpass.toml` says.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) policy: PolicyDraft,
    pub(crate) identity: Identity,
    pub(crate) staff: Vec<StaffDraft>,
    /// None where it could not be read.
    pub(crate) store: Option<Store>,
    pub(crate) contact: Contact,
}

impl Settings {
    /// What counts where there is no file, or none that can be read.
    fn without_file(policy: PolicyDraft, store: Option<Store>) -> Self {
        Self { policy, identity: Identity::default(), staff: Vec::new(), store, contact: Contact::default() }
    }
}

/// Reads the file; the defaults where there is none.
pub(crate) fn read(file: Option<&TextFile>, overrides: &Overrides, findings: &Findings) -> Settings {
    match file {
        None => Settings::without_file(PolicyDraft::default(), Some(store::without_table(overrides, findings))),
        Some(file) => {
            read_text(file, overrides, findings).unwrap_or_else(|| Settings::without_file(PolicyDraft::unknown(), None))
        }
    }
}

fn read_text(file: &TextFile, overrides: &Overrides, findings: &Findings) -> Option<Settings> {
    let (document, tree) = Document::parse(&file.name, file.text.as_deref()?, findings);
    let tree = tree?;
    let root = document.root(&tree, &ROOT);
    Some(Settings {
        policy: root.get("policy").map(PolicyDraft::read).unwrap_or_default(),
        identity: root.get("identity").map(identity::read).unwrap_or_default(),
        staff: root.get("staff").map(staff::read).unwrap_or_default(),
        store: match root.get("store") {
            Some(node) => store::read(node, overrides),
            None => Some(store::without_table(overrides, findings)),
        },
        contact: root.get("contact").map(contact::read).unwrap_or_default(),
    })
}
