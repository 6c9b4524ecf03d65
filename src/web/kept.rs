//! What somebody typed is not lost: a form that met an ended session or an ended hold is kept, sealed, in the hands of the
//! browser that sent it, for an hour, and shown again to the same person only.
//!
//! A whole form travels as a hidden field of the next page; what is short, and is wanted again on a later page, as a cookie. Every form that can be kept carries the mark of the person
//! for whom it was made ([`owner`]), so whoever signs in next at the same machine does not see what another one typed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::filled::Fields;
use crate::domain::appointment::PersonKey;
use crate::vault::{Purpose, Vault};

/// How long a form is kept, in minutes.
pub const KEPT_MINUTES: i64 = 60;
/// The longest form that is kept, in bytes of its text.
pub const MAX_KEPT_BYTES: usize = 16 * 1024;
/// The longest cookie that a browser is asked to keep of what was typed, in bytes: it has no room for more.
pub const MAX_TYPED_BYTES: usize = 2048;
/// The field of the sign-in page that holds a kept form.
pub const FIELD: &str = "kept";
/// The field of a form that says for whom it was made.
const OWNER: &str = "owner";
const CONTEXT: &[u8] = b"kept form 1";
const OWNER_CONTEXT: &[u8] = b"form owner 1";

/// A form and where it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Path and query of the form.
    pub path: String,
    /// What was filled in.
    pub fields: Fields,
}

#[derive(Serialize, Deserialize)]
struct Claims<'a> {
    path: &'a str,
    text: &'a str,
    expires_at_ms: i64,
}

impl Kept {
    /// The form as a text that only this server can read; none where it is too long to be kept.
    ///
    /// # Panics
    /// Never: texts and a number can be encoded.
    #[must_use]
    pub fn seal(&self, vault: &Vault, now: DateTime<Utc>) -> Option<String> {
        let text = self.fields.text();
        if text.len() + self.path.len() > MAX_KEPT_BYTES {
            return None;
        }
        let claims = Claims { path: &self.path, text: &text, expires_at_ms: end_of(now) };
        let claims = postcard::to_allocvec(&claims).expect("texts and a number can be encoded");
        Some(URL_SAFE_NO_PAD.encode(vault.seal(Purpose::Session, CONTEXT, &claims)))
    }

    /// The form that was sealed; none where it is not ours or its time is over.
    #[must_use]
    pub fn open(vault: &Vault, sealed: &str, now: DateTime<Utc>) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let text = vault.open_sealed(Purpose::Session, CONTEXT, &sealed).ok()?;
        let claims: Claims<'_> = postcard::from_bytes(&text).ok()?;
        let fields = Fields::read(claims.text.as_bytes()).ok()?;
        (now.timestamp_millis() < claims.expires_at_ms).then(|| Self { path: claims.path.to_owned(), fields })
    }

    /// Whether the form was made for this person.
    #[must_use]
    pub fn belongs_to(&self, vault: &Vault, person: PersonKey) -> bool {
        !self.fields.raw(OWNER).is_empty() && is_made_for(vault, &self.fields, person)
    }
}

/// Whether a form says of no other person that it was made for that one: two may use the same browser one after the other.
#[must_use]
pub fn is_made_for(vault: &Vault, fields: &Fields, person: PersonKey) -> bool {
    let owner = fields.raw(OWNER);
    owner.is_empty() || owner == owner_mark(vault, person)
}

/// When what is kept from now on ends, in milliseconds.
fn end_of(now: DateTime<Utc>) -> i64 {
    (now + TimeDelta::minutes(KEPT_MINUTES)).timestamp_millis()
}

/// The hidden field by which a form says for whom it was made.
#[must_use]
pub fn owner(vault: &Vault, person: PersonKey) -> Markup {
    html! { input type="hidden" name=(OWNER) value=(owner_mark(vault, person)); }
}

/// The fields of a form with the one that says for whom it was made.
#[must_use]
pub fn owned(fields: Fields, vault: &Vault, person: PersonKey) -> Fields {
    fields.with(OWNER, owner_mark(vault, person))
}

fn owner_mark(vault: &Vault, person: PersonKey) -> String {
    URL_SAFE_NO_PAD.encode(vault.seal_repeatably(&person.0, Purpose::Session, OWNER_CONTEXT, &person.0))
}

#[derive(Serialize, Deserialize)]
struct Typed<'a> {
    person: PersonKey,
    #[serde(borrow)]
    values: Vec<&'a str>,
    expires_at_ms: i64,
}

/// What a person typed, as a text for a cookie that only this server can read; none where it is too much for one.
///
/// # Panics
/// Never: texts and a number can be encoded.
#[must_use]
pub fn seal_typed(
    vault: &Vault,
    context: &[u8],
    person: PersonKey,
    values: Vec<&str>,
    now: DateTime<Utc>,
) -> Option<String> {
    let typed = Typed { person, values, expires_at_ms: end_of(now) };
    let typed = postcard::to_allocvec(&typed).expect("texts and a number can be encoded");
    let sealed = URL_SAFE_NO_PAD.encode(vault.seal(Purpose::Session, context, &typed));
    (sealed.len() <= MAX_TYPED_BYTES).then_some(sealed)
}

/// What the same person typed before; none where it is not ours, another person's, or its time is over.
#[must_use]
pub fn open_typed(
    vault: &Vault,
    context: &[u8],
    person: PersonKey,
    sealed: &str,
    now: DateTime<Utc>,
) -> Option<Vec<String>> {
    let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let text = vault.open_sealed(Purpose::Session, context, &sealed).ok()?;
    let typed: Typed<'_> = postcard::from_bytes(&text).ok()?;
    let is_valid = typed.person == person && now.timestamp_millis() < typed.expires_at_ms;
    is_valid.then(|| typed.values.into_iter().map(str::to_owned).collect())
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

    fn kept(text: &str) -> Kept {
        Kept { path: "/book?hall=a".into(), fields: Fields::read(text.as_bytes()).unwrap() }
    }

    #[test]
    fn a_form_is_kept_for_an_hour_and_only_by_us() {
        let form = kept("name-0=%E5%BC%A0&do=hold");
        let sealed = form.seal(&vault(), noon()).unwrap();
        let end = noon() + TimeDelta::minutes(KEPT_MINUTES);
        assert_eq!(Kept::open(&vault(), &sealed, end - TimeDelta::milliseconds(1)), Some(form));
        assert_eq!(Kept::open(&vault(), &sealed, end), None);
        assert_eq!(Kept::open(&Vault::from_secret(&[8; 32]), &sealed, noon()), None);
        assert_eq!(Kept::open(&vault(), "nonsense", noon()), None);
    }

    #[test]
    fn a_form_that_is_too_long_is_not_kept() {
        let text = format!("name-0={}", "x".repeat(MAX_KEPT_BYTES));
        assert_eq!(kept(&text).seal(&vault(), noon()), None);
    }

    #[test]
    fn a_form_belongs_to_whom_it_was_made_for() {
        let [one, other] = [PersonKey([1; 16]), PersonKey([2; 16])];
        let form = kept(&format!("owner={}", owner_mark(&vault(), one)));
        assert!(form.belongs_to(&vault(), one) && !form.belongs_to(&vault(), other));
        assert!(!is_made_for(&vault(), &form.fields, other));
        assert!(!kept("a=b").belongs_to(&vault(), one));
    }
}
