//! What differs beside the rules: who works here, how people prove who they are, and whom they
//! ask. Tokens are never told.
//!
//! The store is not among it: a running server keeps the one that it was started with, so a reload that would change it
//! is refused.

use super::change::Change;
use crate::config::read::phrases::{Part, Word};
use crate::config::{Configuration, Contact, Role, Staff};
use crate::domain::localized::Localized;

/// What differs between the settings of two configurations; nothing where they are equal.
#[must_use]
pub fn settings_changes(old: &Configuration, new: &Configuration) -> Vec<Change> {
    let mut changes = Vec::new();
    let (before, after) = (&old.identity, &new.identity);
    if before.demo_beyond_loopback != after.demo_beyond_loopback {
        let [old, new] = [before, after].map(|identity| Word::of_flag(identity.demo_beyond_loopback));
        changes.push(Change::BeyondLoopback { old, new });
    }
    changes.extend(contact_changes(&old.contact, &new.contact));
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

fn contact_changes(old: &Contact, new: &Contact) -> Vec<Change> {
    let Contact { organiser, phone, feedback, privacy, icp } = old;
    let pairs = [
        ("organiser", names(organiser.as_ref()), names(new.organiser.as_ref())),
        ("phone", phone.clone(), new.phone.clone()),
        ("feedback", feedback.clone(), new.feedback.clone()),
        ("privacy", privacy.clone(), new.privacy.clone()),
        ("icp", icp.clone(), new.icp.clone()),
    ];
    let quoted = |text: Option<String>| text.map_or(Word::None {}.into(), |text| Part::quoted(&text));
    let differing = pairs.into_iter().filter(|(_, old, new)| old != new);
    differing
        .map(|(field, old, new)| Change::Contact { field: field.into(), old: quoted(old), new: quoted(new) })
        .collect()
}

/// A name in all its languages.
fn names(name: Option<&Localized>) -> Option<String> {
    let texts = name?.iter().map(|(tag, words)| format!("{tag} {words}"));
    Some(texts.collect::<Vec<_>>().join(", "))
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
            contact: Arc::default(),
            hints: Vec::new(),
        }
    }

    #[test]
    fn whom_people_ask_is_told() {
        let old = configuration(true, &[]);
        let contact =
            Contact { phone: Some("0571-1".to_owned()), icp: Some("某ICP备1号".to_owned()), ..Contact::default() };
        let new = Configuration { contact: Arc::new(contact), ..old.clone() };
        let told = |old, new| settings_changes(old, new).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(told(&old, &new), ["contact: phone none → \"0571-1\"", "contact: icp none → \"某ICP备1号\""]);
        assert_eq!(told(&new, &old)[0], "contact: phone \"0571-1\" → none");
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
