//! The tables `[[staff]]`: who may work at the desk, and for which halls.

use std::collections::HashMap;
use std::fmt;

use crate::config::read::document::{Node, Shape, Table, all};
use crate::config::read::error::{At, Findings};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::read::phrases::Part;
use crate::config::read::terms;
use crate::config::read::unique::Unique;
use crate::domain::name::{HallId, Name};

/// How many members of staff there may be.
pub(crate) const MAX_STAFF: usize = 10_000;

static STAFF: Shape = Shape {
    name: "[[staff]]",
    keys: &[
        ("id", r#""desk-municipal""#),
        ("role", r#""hall""#),
        ("halls", r#"["hangzhou-shi-crj"]"#),
        ("token_sha256", "\"64 hexadecimal digits\""),
    ],
    other: None,
};

/// A member of staff.
#[derive(Clone, PartialEq, Eq)]
pub struct Staff {
    /// The id, for logs and records.
    pub id: String,
    /// What the member may do.
    pub role: Role,
    /// The SHA-256 of the bearer token.
    pub token_sha256: [u8; 32],
}

impl fmt::Debug for Staff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Staff").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

/// What a member of staff may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Admin,
    /// The desk's work in these halls, at least one.
    Hall(Vec<HallId>),
}

/// A member of staff as far as it could be read.
#[derive(Debug)]
pub(crate) struct StaffDraft {
    id: Option<String>,
    token: Option<[u8; 32]>,
    role: Option<RoleDraft>,
}

#[derive(Debug)]
enum RoleDraft {
    Admin,
    Hall(Vec<At<String>>),
}

/// Reads the tables.
pub(crate) fn read(node: Node<'_>) -> Vec<StaffDraft> {
    let Some(tables) = node.tables(&STAFF) else { return Vec::new() };
    if tables.len() > MAX_STAFF {
        node.refuse::<()>(
            Flaw::TooManyStaff { count: Part::of(tables.len()) },
            Mend::AtMost { most: Part::of(MAX_STAFF) },
        );
    }
    let (mut ids, mut tokens) = (Unique::default(), Unique::default());
    tables.iter().map(|table| read_one(table, &mut ids, &mut tokens)).collect()
}

fn read_one(table: &Table<'_>, ids: &mut Unique<Name>, tokens: &mut Unique<[u8; 32]>) -> StaffDraft {
    let id = table.need("id").and_then(|node| terms::id(node, Name::intern));
    if let Some(id) = &id {
        let twice = |place| Flaw::StaffTwice { id: Part::of(id.value.as_str()), place };
        ids.note(id.value, &id.place, twice, table.findings());
    }
    let token_node = table.need("token_sha256");
    let token = token_node.and_then(digest);
    if let (Some(node), Some(token)) = (token_node, token) {
        tokens.note(token, &node.place(), |place| Flaw::TokenTwice { place }, table.findings());
    }
    StaffDraft { id: id.map(|id| id.value.as_str().to_owned()), token, role: role(table) }
}

/// The 32 bytes of a digest. What stands there is never repeated: it may be the token itself, given by mistake.
fn digest(node: Node<'_>) -> Option<[u8; 32]> {
    let text = node.text()?.as_bytes();
    let nibble = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes: Option<Vec<u8>> =
        text.chunks(2).map(|pair| Some(nibble(*pair.first()?)? << 4 | nibble(*pair.get(1)?)?)).collect();
    bytes.and_then(|bytes| bytes.try_into().ok()).or_else(|| node.refuse(Flaw::NoDigest {}, Mend::Digest {}))
}

fn role(table: &Table<'_>) -> Option<RoleDraft> {
    let node = table.need("role")?;
    match (node.text()?, table.get("halls")) {
        ("admin", None) => Some(RoleDraft::Admin),
        ("admin", Some(halls)) => halls.refuse(Flaw::AdminWithHalls {}, Mend::LeaveHallsOut {}),
        ("hall", None) => {
            table.need("halls");
            None
        }
        ("hall", Some(halls)) => {
            let items = halls.items()?;
            if items.is_empty() {
                return halls.refuse_form(Flaw::HallRoleEmpty {});
            }
            let hall = |item: &Node<'_>| Some(At { value: item.text()?.to_owned(), place: item.place() });
            all(items.iter().map(hall)).map(RoleDraft::Hall)
        }
        (other, _) => node.refuse(Flaw::UnknownRole { role: Part::quoted(other) }, Mend::Role {}),
    }
}

impl StaffDraft {
    /// Reports every hall that is none of these.
    pub(crate) fn check_halls(&self, halls: &HashMap<&'static str, HallId>, findings: &Findings) {
        let Some(RoleDraft::Hall(wanted)) = &self.role else { return };
        for At { value, place } in wanted.iter().filter(|wanted| !halls.contains_key(wanted.value.as_str())) {
            findings.report(place, Flaw::NoSuchHall { id: Part::quoted(value) }, Mend::HallId {});
        }
    }

    /// The member of staff; none where something of it has been reported.
    pub(crate) fn finish(self, halls: &HashMap<&'static str, HallId>) -> Option<Staff> {
        let role = match self.role? {
            RoleDraft::Admin => Role::Admin,
            RoleDraft::Hall(wanted) => Role::Hall(
                wanted.iter().map(|wanted| halls.get(wanted.value.as_str()).copied()).collect::<Option<_>>()?,
            ),
        };
        Some(Staff { id: self.id?, role, token_sha256: self.token? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, check, texts};

    const BOSS: &str = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
    const DESK: &str = "f0112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

    #[test]
    fn staff_are_read_with_their_halls() {
        let configuration = Fixture::default().load();
        let [boss, desk] = configuration.staff.as_slice() else { panic!("{:?}", configuration.staff) };
        let hall = configuration.snapshot.hall("one").unwrap().id;
        assert_eq!((boss.id.as_str(), &boss.role, boss.token_sha256[1]), ("boss", &Role::Admin, 0x11));
        assert_eq!((desk.id.as_str(), &desk.role, desk.token_sha256[0]), ("desk", &Role::Hall(vec![hall]), 0xf0));
        assert!(!format!("{boss:?}").contains("token"), "a digest is not printed by mistake");
    }

    #[test]
    fn the_errors_of_a_member() {
        let check = |from: &str, to: &str, expected: &str| check("hallpass.toml", from, to, &[expected]);
        check("\"boss\"", "\"The Boss\"", "14 | `id` is \"The Boss\", but a name has | `id = ");
        check("\"desk\"", "\"boss\"", "19 | the staff id `boss` is already at hallpass.toml:14 | keep one");
        check("\"hall\"", "\"clerk\"", "20 | unknown role \"clerk\" | \"admin\" or \"hall\"");
        check("\"hall\"", "\"admin\"", "21 | the role \"admin\" has `halls` | leave `halls` out");
        check("[\"one\"]", "[]", "21 | no hall in `halls` | `halls = [\"hangzhou-shi-crj\"]`");
        check("[\"one\"]", "[\"one\",\n\"two\"]", "22 | no hall has the id \"two\" | the id of a hall in halls/");
        check("[\"one\"]", "\"one\"", "21 | `halls` wants an array | `halls = [");
        check("[\"one\"]", "[1]", "21 | `halls` wants a string | `halls = [");
    }

    #[test]
    fn a_token_is_given_as_its_digest_and_never_repeated() {
        let check =
            |from: &str, to: &str, expected: &str| check("hallpass.toml", from, &format!("\"{to}\""), &[expected]);
        let (boss, desk) = (format!("\"{BOSS}\""), format!("\"{DESK}\""));
        let expected = "16 | `token_sha256` is not 64 hexadecimal digits | SHA-256 of the token";
        for wrong in ["", "secret", &BOSS[1..], &format!("{BOSS}00"), &BOSS.replace('0', "g"), &"é".repeat(32)] {
            check(&boss, wrong, expected);
        }
        check(&desk, &BOSS.to_uppercase(), "22 | the same token is already at hallpass.toml:16 | change one");

        let dir = tempfile::tempdir().unwrap();
        Fixture::default().spoilt("hallpass.toml", BOSS, "secret").write(dir.path());
        assert!(!crate::config::load(dir.path()).unwrap_err().to_string().contains("secret"));
    }

    #[test]
    fn the_staff_are_bounded() {
        let member = |at| format!("[[staff]]\nid = \"m{at}\"\nrole = \"admin\"\ntoken_sha256 = \"{at:064}\"\n");
        let members = texts(0..=MAX_STAFF, member);
        Fixture::default().with("hallpass.toml", members).check(&["hallpass.toml:1 | 10001 members | at most 10000"]);
    }
}
