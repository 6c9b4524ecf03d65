//! `hallpass.toml`: the rules' numbers, how people prove who they are, and the staff.

use super::directory::TextFile;
use super::document::{Document, Shape};
use super::error::Findings;
use super::identity::{self, Identity};
use super::policy::PolicyDraft;
use super::staff::{self, StaffDraft};

static ROOT: Shape = Shape {
    name: "hallpass.toml",
    keys: &[
        ("policy", "{ window_days = 30 }"),
        ("identity", r#"{ mode = "demo" }"#),
        ("staff", r#"[{ id = "desk", role = "admin", token_sha256 = "…" }]"#),
    ],
    other: None,
};

/// What `hallpass.toml` says.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) policy: PolicyDraft,
    pub(super) identity: Identity,
    pub(super) staff: Vec<StaffDraft>,
}

/// Reads the file; the defaults where there is none.
pub(super) fn read(file: Option<&TextFile>, findings: &Findings) -> Settings {
    let Some(file) = file else { return Settings::default() };
    read_text(file, findings).unwrap_or(Settings { policy: PolicyDraft::unknown(), ..Settings::default() })
}

fn read_text(file: &TextFile, findings: &Findings) -> Option<Settings> {
    let (document, tree) = Document::parse(&file.name, file.text.as_deref()?, findings);
    let tree = tree?;
    let root = document.root(&tree, &ROOT);
    Some(Settings {
        policy: root.get("policy").map(PolicyDraft::read).unwrap_or_default(),
        identity: root.get("identity").map(identity::read).unwrap_or_default(),
        staff: root.get("staff").map(staff::read).unwrap_or_default(),
    })
}
