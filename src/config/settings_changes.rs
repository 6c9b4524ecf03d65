//! What differs beside the rules: who works here, and how people prove who they are. Tokens are never told.
//!
//! The store is not among it: a running server keeps the one that it was started with, so a reload that would change it
//! is refused.

use super::change::Change;
use super::phrases::{Part, Word};
use super::{Configuration, Role, Staff};

/// What differs between the settings of two configurations; nothing where they are equal.
#[must_use]
pub fn settings_changes(old: &Configuration, new: &Configuration) -> Vec<Change> {
    let mut changes = Vec::new();
    let (before, after) = (&old.identity, &new.identity);
    if before.demo_beyond_loopback != after.demo_beyond_loopback {
        let [old, new] = [before, after].map(|identity| Word::of_flag(identity.demo_beyond_loopback));
        changes.push(Change::BeyondLoopback { old, new });
    }
    for member in &new.staff {
        match old.staff.iter().find(|other| other.id == member.id) {
            None => {
                let role = words_of(&member.role);
                changes.push(Change::MemberAdded { member: member.id.as_str().into(), role });
            }
            Some(other) => changes.extend(member_changes(other, member)),
        }
    }
    let is_gone = |member: &&Staff| !new.staff.iter().any(|other| other.id == member.id);
    let gone = old.staff.iter().filter(is_gone);
    changes.extend(gone.map(|member| Change::MemberRemoved { member: member.id.as_str().into() }));
    changes
}

fn member_changes(old: &Staff, new: &Staff) -> Vec<Change> {
    let (mut changes, member) = (Vec::new(), Part::of(&new.id));
    if old.role != new.role {
        let [old, new] = [old, new].map(|member| words_of(&member.role));
        changes.push(Change::MemberRole { member: member.clone(), old, new });
    }
    if old.token_sha256 != new.token_sha256 {
        changes.push(Change::MemberToken { member });
    }
    changes
}

fn words_of(role: &Role) -> Part {
    match role {
        Role::Admin => Word::Admin {}.into(),
        Role::Hall(halls) => {
            let halls: Vec<&str> = halls.iter().map(|hall| hall.as_str()).collect();
            Word::HallRole { halls: halls.join(", ").into() }.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::{Identity, IdentityMode, Store};
    use crate::domain::name::HallId;
    use crate::domain::snapshot::Snapshot;

    fn configuration(demo_beyond_loopback: bool, staff: &[(&str, Role, u8)]) -> Configuration {
        let member = |(id, role, token): &(&str, Role, u8)| Staff {
            id: (*id).to_owned(),
            role: role.clone(),
            token_sha256: [*token; 32],
        };
        Configuration {
            snapshot: Arc::new(Snapshot::default()),
            identity: Identity { mode: IdentityMode::Demo, demo_beyond_loopback },
            staff: staff.iter().map(member).collect(),
            store: Store::default(),
        }
    }

    #[test]
    fn who_comes_goes_or_changes_is_told_and_no_token() {
        let hall = Role::Hall(vec![HallId::intern("hangzhou-shi-crj").unwrap()]);
        let old =
            configuration(true, &[("chief", Role::Admin, 1), ("desk", hall.clone(), 2), ("gone", Role::Admin, 3)]);
        let new = configuration(false, &[("chief", Role::Admin, 9), ("desk", Role::Admin, 2), ("fresh", hall, 4)]);
        let expected = [
            "identity: demo_beyond_loopback true → false",
            "staff chief: another token",
            "staff desk: role hall of hangzhou-shi-crj → role admin",
            "staff fresh: added, role hall of hangzhou-shi-crj",
            "staff gone: removed",
        ];
        let told: Vec<String> = settings_changes(&old, &new).iter().map(ToString::to_string).collect();
        assert_eq!(told, expected);
        assert_eq!(settings_changes(&old, &old), []);
    }
}
