//! What differs beside the rules: who works here, and how people prove who they are. Tokens are never told.
//!
//! The store is not among it: a running server keeps the one that it was started with, so a reload that would change it
//! is refused.

use super::{Configuration, Role, Staff};

/// What differs between the settings of two configurations, in words; nothing where they are equal.
#[must_use]
pub fn settings_changes(old: &Configuration, new: &Configuration) -> Vec<String> {
    let mut changes = Vec::new();
    let (before, after) = (&old.identity, &new.identity);
    if before.demo_beyond_loopback != after.demo_beyond_loopback {
        let (from, to) = (before.demo_beyond_loopback, after.demo_beyond_loopback);
        changes.push(format!("identity: demo_beyond_loopback {from} → {to}"));
    }
    for member in &new.staff {
        match old.staff.iter().find(|other| other.id == member.id) {
            None => changes.push(format!("staff {}: added, {}", member.id, words_of(&member.role))),
            Some(other) => changes.extend(member_changes(other, member)),
        }
    }
    let is_gone = |member: &&Staff| !new.staff.iter().any(|other| other.id == member.id);
    changes.extend(old.staff.iter().filter(is_gone).map(|member| format!("staff {}: removed", member.id)));
    changes
}

fn member_changes(old: &Staff, new: &Staff) -> Vec<String> {
    let mut changes = Vec::new();
    if words_of(&old.role) != words_of(&new.role) {
        changes.push(format!("staff {}: {} → {}", new.id, words_of(&old.role), words_of(&new.role)));
    }
    if old.token_sha256 != new.token_sha256 {
        changes.push(format!("staff {}: another token", new.id));
    }
    changes
}

fn words_of(role: &Role) -> String {
    match role {
        Role::Admin => "role admin".to_owned(),
        Role::Hall(halls) => {
            let halls: Vec<&str> = halls.iter().map(|hall| hall.as_str()).collect();
            format!("role hall of {}", halls.join(", "))
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
        assert_eq!(settings_changes(&old, &new), expected);
        assert_eq!(settings_changes(&old, &old), Vec::<String>::new());
    }
}
