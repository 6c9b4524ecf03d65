//! The token of a session: the person's own words, sealed, and in the hands of the person.
//!
//! Nothing is kept on the server, so a session survives a restart and costs no memory. The token is `hp1.` and the
//! base64url form of the sealed claims. It cannot be read, forged or changed without the vault's secret.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::input::fields::civil_today;
use crate::app::refusal::Unauthenticated;
use crate::app::sealer::Sealer;
use crate::domain::applicant::{Applicant, IdNumber};

/// How long a session lasts, in hours.
pub const SESSION_HOURS: i64 = 12;
/// What the token of a session begins with.
pub const PREFIX: &str = "hp1.";
const CONTEXT: &[u8] = b"session 1";

/// When a session that is opened at an instant ends.
#[must_use]
pub fn end_of(opened_at: DateTime<Utc>) -> DateTime<Utc> {
    opened_at + TimeDelta::hours(SESSION_HOURS)
}

/// The token of a person. With an `origin`, the same person, end and origin give the same token again; the origin must
/// belong to this one call.
#[must_use]
pub fn seal(sealer: Sealer<'_>, person: &Applicant, expires_at: DateTime<Utc>, origin: Option<&[u8]>) -> String {
    let claims = (&person.name, person.id_number.reveal(), &person.phone);
    PREFIX.to_owned()
        + &match origin {
            None => sealer.seal_until(CONTEXT, expires_at, &claims),
            Some(origin) => sealer.seal_again(origin, CONTEXT, expires_at, &claims),
        }
}

/// The person whose token this is.
///
/// # Errors
/// [`Unauthenticated`].
pub fn open(sealer: Sealer<'_>, token: &str, now: DateTime<Utc>) -> Result<Applicant, Unauthenticated> {
    let sealed = token.strip_prefix(PREFIX).ok_or(Unauthenticated::ForeignSession)?;
    let opened =
        sealer.open_until::<(String, String, String)>(CONTEXT, sealed).ok_or(Unauthenticated::ForeignSession)?;
    let (name, number, phone) = opened.before_its_end(now).ok_or(Unauthenticated::EndedSession)?;
    // Valid when it was sealed; a clock that was set back far enough may find the birth date in the future.
    let id_number = IdNumber::parse(&number, civil_today(now)).map_err(|_| Unauthenticated::ForeignSession)?;
    Ok(Applicant { name, id_number, phone })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::vault::{Purpose, Vault};

    fn noon() -> DateTime<Utc> {
        "2026-11-24T04:00:00Z".parse().unwrap()
    }

    fn vault() -> Vault {
        Vault::from_secret(&[7; 32])
    }

    fn person() -> Applicant {
        let id_number = IdNumber::parse("330102199001010004", civil_today(noon())).unwrap();
        Applicant { name: "张伟".into(), id_number, phone: "19900000004".into() }
    }

    #[test]
    fn a_token_opens_until_its_end() {
        let token = seal(Sealer::of(&vault()), &person(), end_of(noon()), None);
        assert!(token.starts_with(PREFIX) && token.is_ascii());
        assert_eq!(open(Sealer::of(&vault()), &token, noon()), Ok(person()));
        let end = noon() + TimeDelta::hours(12);
        assert_eq!(open(Sealer::of(&vault()), &token, end - TimeDelta::milliseconds(1)), Ok(person()));
        assert_eq!(open(Sealer::of(&vault()), &token, end), Err(Unauthenticated::EndedSession));
    }

    #[test]
    fn a_forged_or_foreign_token_opens_nothing() {
        let token = seal(Sealer::of(&vault()), &person(), end_of(noon()), None);
        assert_eq!(
            open(Sealer::of(&Vault::from_secret(&[8; 32])), &token, noon()),
            Err(Unauthenticated::ForeignSession)
        );
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(
                open(Sealer::of(&vault()), &forged, noon()),
                Err(Unauthenticated::ForeignSession),
                "changed at {at}"
            );
            assert_eq!(
                open(Sealer::of(&vault()), &token[..at], noon()),
                Err(Unauthenticated::ForeignSession),
                "cut at {at}"
            );
        }
        let record = vault().seal(Purpose::Record, CONTEXT, b"");
        let record = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(record));
        assert_eq!(open(Sealer::of(&vault()), &record, noon()), Err(Unauthenticated::ForeignSession));
    }

    #[test]
    fn a_repeat_with_the_same_origin_gives_the_same_token() {
        let token = |origin: Option<&[u8]>| seal(Sealer::of(&vault()), &person(), end_of(noon()), origin);
        assert_eq!(token(Some(b"a")), token(Some(b"a")));
        assert_ne!(token(Some(b"a")), token(Some(b"b")));
        assert_ne!(token(None), token(None));
        assert_eq!(open(Sealer::of(&vault()), &token(Some(b"a")), noon()), Ok(person()));
    }
}
