//! The token of a session: the person's own words, sealed, and in the hands of the person.
//!
//! Nothing is kept on the server, so a session survives a restart and costs no memory. The token is `hp1.` and the
//! base64url form of the sealed claims. It cannot be read, forged or changed without the vault's secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::app::input::fields::civil_today;
use crate::domain::applicant::{Applicant, IdNumber};
use crate::vault::{Purpose, Vault};

/// How long a session lasts, in hours.
pub const SESSION_HOURS: i64 = 12;
/// What the token of a session begins with.
pub const PREFIX: &str = "hp1.";
const CONTEXT: &[u8] = b"session 1";

#[derive(Serialize, Deserialize)]
struct Claims<'a> {
    name: &'a str,
    id_number: &'a str,
    phone: &'a str,
    expires_at_ms: i64,
}

/// Why a token opens no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSession {
    /// It was not made by this server, or was changed.
    #[error("this is not a session of this server; POST /v1/session opens one")]
    Foreign,
    /// Its time is over.
    #[error("the session has ended; POST /v1/session opens another")]
    Expired,
}

/// When a session that is opened at an instant ends.
#[must_use]
pub fn end_of(opened_at: DateTime<Utc>) -> DateTime<Utc> {
    opened_at + TimeDelta::hours(SESSION_HOURS)
}

/// The token of a person. With an `origin`, the same person, end and origin give the same token again; the origin must
/// belong to this one call.
#[must_use]
pub fn seal(vault: &Vault, person: &Applicant, expires_at: DateTime<Utc>, origin: Option<&[u8]>) -> String {
    let id_number = person.id_number.reveal();
    let expires_at_ms = expires_at.timestamp_millis();
    let claims = Claims { name: &person.name, id_number, phone: &person.phone, expires_at_ms };
    let text = postcard::to_allocvec(&claims).expect("texts and a number can be encoded");
    let sealed = match origin {
        None => vault.seal(Purpose::Session, CONTEXT, &text),
        Some(origin) => vault.seal_repeatably(origin, Purpose::Session, CONTEXT, &text),
    };
    let mut token = PREFIX.to_owned();
    URL_SAFE_NO_PAD.encode_string(sealed, &mut token);
    token
}

/// The person whose token this is.
///
/// # Errors
/// [`NoSession`].
pub fn open(vault: &Vault, token: &str, now: DateTime<Utc>) -> Result<Applicant, NoSession> {
    let encoded = token.strip_prefix(PREFIX).ok_or(NoSession::Foreign)?;
    let sealed = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| NoSession::Foreign)?;
    let text = vault.open_sealed(Purpose::Session, CONTEXT, &sealed).map_err(|_| NoSession::Foreign)?;
    let claims: Claims<'_> = postcard::from_bytes(&text).map_err(|_| NoSession::Foreign)?;
    if now.timestamp_millis() >= claims.expires_at_ms {
        return Err(NoSession::Expired);
    }
    // Valid when it was sealed; a clock that was set back far enough may find the birth date in the future.
    let id_number = IdNumber::parse(claims.id_number, civil_today(now)).map_err(|_| NoSession::Foreign)?;
    Ok(Applicant { name: claims.name.to_owned(), id_number, phone: claims.phone.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let token = seal(&vault(), &person(), end_of(noon()), None);
        assert!(token.starts_with(PREFIX) && token.is_ascii());
        assert_eq!(open(&vault(), &token, noon()), Ok(person()));
        let end = noon() + TimeDelta::hours(12);
        assert_eq!(open(&vault(), &token, end - TimeDelta::milliseconds(1)), Ok(person()));
        assert_eq!(open(&vault(), &token, end), Err(NoSession::Expired));
    }

    #[test]
    fn a_forged_or_foreign_token_opens_nothing() {
        let token = seal(&vault(), &person(), end_of(noon()), None);
        assert_eq!(open(&Vault::from_secret(&[8; 32]), &token, noon()), Err(NoSession::Foreign));
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(open(&vault(), &forged, noon()), Err(NoSession::Foreign), "changed at {at}");
            assert_eq!(open(&vault(), &token[..at], noon()), Err(NoSession::Foreign), "cut at {at}");
        }
        let record = vault().seal(Purpose::Record, CONTEXT, b"");
        let record = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(record));
        assert_eq!(open(&vault(), &record, noon()), Err(NoSession::Foreign));
    }

    #[test]
    fn a_repeat_with_the_same_origin_gives_the_same_token() {
        let token = |origin: Option<&[u8]>| seal(&vault(), &person(), end_of(noon()), origin);
        assert_eq!(token(Some(b"a")), token(Some(b"a")));
        assert_ne!(token(Some(b"a")), token(Some(b"b")));
        assert_ne!(token(None), token(None));
        assert_eq!(open(&vault(), &token(Some(b"a")), noon()), Ok(person()));
    }
}
