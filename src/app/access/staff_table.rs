//! Who works here, by bearer token.

use std::path::Path;

use aws_lc_rs::constant_time::verify_slices_are_equal;

use super::admin_token;
use super::admin_token::AdminTokenFault;
use super::token_digest::token_digest;
use crate::config::{Role, Staff};
use crate::engine::StaffCaller;

/// The id of whoever holds the admin token that the server has made.
const GENERATED_ADMIN: &str = "admin";

/// Everybody who works here. Tokens are known by their SHA-256 only.
#[derive(Debug)]
pub struct StaffTable(Vec<Member>);

#[derive(Debug)]
struct Member {
    token_sha256: [u8; 32],
    caller: StaffCaller,
}

impl StaffTable {
    /// The configured staff; where there is none, whoever holds the token in `admin_token_file`, which is made if needed.
    ///
    /// # Errors
    /// [`AdminTokenFault`].
    pub fn new(staff: &[Staff], admin_token_file: &Path) -> Result<Self, AdminTokenFault> {
        let mut members: Vec<Member> = staff.iter().map(Member::from).collect();
        if members.is_empty() {
            let caller = StaffCaller { id: GENERATED_ADMIN.to_owned(), halls: None };
            members.push(Member { token_sha256: admin_token::digest_of_file(admin_token_file)?, caller });
        }
        Ok(Self(members))
    }

    /// Whose token this is. Every member is compared, each in the same time whatever the token is.
    #[must_use]
    pub fn holder(&self, token: &str) -> Option<&StaffCaller> {
        let brought = token_digest(token);
        self.0.iter().fold(None, |found, member| {
            let is_equal = verify_slices_are_equal(&member.token_sha256, &brought).is_ok();
            if is_equal { Some(&member.caller) } else { found }
        })
    }
}

impl From<&Staff> for Member {
    fn from(staff: &Staff) -> Self {
        let halls = match &staff.role {
            Role::Admin => None,
            Role::Hall(halls) => Some(halls.clone()),
        };
        Self { token_sha256: staff.token_sha256, caller: StaffCaller { id: staff.id.clone(), halls } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::HallId;

    #[test]
    fn a_token_opens_for_its_holder_only() {
        let hall = HallId::intern("hangzhou-shi-crj").unwrap();
        let member = |id: &str, role, token: &str| Staff { id: id.into(), role, token_sha256: token_digest(token) };
        let staff = [member("chief", Role::Admin, "one"), member("desk", Role::Hall(vec![hall]), "two")];
        let table = StaffTable::new(&staff, Path::new("/nowhere")).unwrap();
        assert_eq!(table.holder("one"), Some(&StaffCaller { id: "chief".into(), halls: None }));
        assert_eq!(table.holder("two"), Some(&StaffCaller { id: "desk".into(), halls: Some(vec![hall]) }));
        assert_eq!((table.holder("three"), table.holder("")), (None, None));
    }

    #[test]
    fn without_staff_the_made_token_opens_everything() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("admin.token");
        let table = StaffTable::new(&[], &path).unwrap();
        let token = std::fs::read_to_string(&path).unwrap();
        assert_eq!(table.holder(token.trim()).unwrap().halls, None);
    }
}
