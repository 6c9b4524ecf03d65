//! What is given into the hands of a client and known again when it comes back: sealed, so that nobody else can read, make or
//! change it. Nothing of it is kept here.
//!
//! Every kind of sealed text has a context of its own: a text of one kind cannot be opened as another.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::vault::{self, Purpose, Vault};

/// Random bytes, which nobody can guess.
///
/// # Panics
/// If the operating system gives none. It gave some at the start.
#[must_use]
pub fn drawn<const N: usize>() -> [u8; N] {
    vault::random().expect("the operating system gave random numbers at the start")
}

/// Seals and opens under the keys of this server.
#[derive(Debug, Clone, Copy)]
pub struct Sealer<'a>(&'a Vault);

/// What was sealed with an end.
#[derive(Debug)]
pub struct Opened<T> {
    /// What was sealed.
    pub value: T,
    expires_at_ms: i64,
}

impl<T> Opened<T> {
    /// What was sealed, if its time is not over.
    #[must_use]
    pub fn before_its_end(self, now: DateTime<Utc>) -> Option<T> {
        (now.timestamp_millis() < self.expires_at_ms).then_some(self.value)
    }
}

impl<'a> Sealer<'a> {
    /// A sealer with the keys of a vault.
    #[must_use]
    pub const fn of(vault: &'a Vault) -> Self {
        Self(vault)
    }

    /// Seals a value for good.
    #[must_use]
    pub fn seal(self, context: &[u8], value: &impl Serialize) -> String {
        URL_SAFE_NO_PAD.encode(self.0.seal(Purpose::Session, context, &encoded(value)))
    }

    /// Seals a value that counts until an instant.
    #[must_use]
    pub fn seal_until(self, context: &[u8], until: DateTime<Utc>, value: &impl Serialize) -> String {
        self.seal(context, &(value, until.timestamp_millis()))
    }

    /// The same, which gives the same text for the same origin, value and end. The origin must belong to this one value.
    #[must_use]
    pub fn seal_again(self, origin: &[u8], context: &[u8], until: DateTime<Utc>, value: &impl Serialize) -> String {
        let text = encoded(&(value, until.timestamp_millis()));
        URL_SAFE_NO_PAD.encode(self.0.seal_repeatably(origin, Purpose::Session, context, &text))
    }

    /// What [`Sealer::seal`] has sealed; `None` if it was not sealed here under this context.
    #[must_use]
    pub fn open<T: DeserializeOwned>(self, context: &[u8], sealed: &str) -> Option<T> {
        postcard::from_bytes(&self.open_bytes(context, sealed)?).ok()
    }

    /// What [`Sealer::seal_until`] has sealed; `None` if it was not sealed here under this context.
    #[must_use]
    pub fn open_until<T: DeserializeOwned>(self, context: &[u8], sealed: &str) -> Option<Opened<T>> {
        self.open(context, sealed).map(|(value, expires_at_ms)| Opened { value, expires_at_ms })
    }

    /// The mark of something: the same for the same bytes, and made by nobody else.
    #[must_use]
    pub fn mark(self, context: &[u8], of: &[u8]) -> Vec<u8> {
        self.0.seal_repeatably(of, Purpose::Session, context, of)
    }

    /// The same as a text.
    #[must_use]
    pub fn mark_text(self, context: &[u8], of: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.mark(context, of))
    }

    /// What [`Sealer::mark_text`] has marked.
    #[must_use]
    pub fn open_mark(self, context: &[u8], mark: &str) -> Option<Vec<u8>> {
        self.open_bytes(context, mark)
    }

    fn open_bytes(self, context: &[u8], sealed: &str) -> Option<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        self.0.open_sealed(Purpose::Session, context, &sealed).ok()
    }
}

fn encoded(value: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(value).expect("texts and numbers can be encoded")
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const CONTEXT: &[u8] = b"a test 1";

    fn noon() -> DateTime<Utc> {
        "2026-11-24T04:00:00Z".parse().unwrap()
    }

    #[test]
    fn what_is_sealed_comes_back_to_the_same_server_and_context() {
        let (vault, other) = (Vault::from_secret(&[7; 32]), Vault::from_secret(&[8; 32]));
        let (sealer, value) = (Sealer::of(&vault), ("a".to_owned(), 7_u32));
        let sealed = sealer.seal(CONTEXT, &value);
        assert_eq!(sealer.open(CONTEXT, &sealed), Some(value));
        assert_eq!(sealer.open::<(String, u32)>(b"a test 2", &sealed), None);
        assert_eq!(Sealer::of(&other).open::<(String, u32)>(CONTEXT, &sealed), None);
        for forged in ["", "nonsense", &sealed[1..], &format!("{sealed}A")] {
            assert_eq!(sealer.open::<(String, u32)>(CONTEXT, forged), None, "{forged}");
        }
    }

    #[test]
    fn it_counts_until_its_end() {
        let vault = Vault::from_secret(&[7; 32]);
        let (sealer, end) = (Sealer::of(&vault), noon() + TimeDelta::hours(1));
        let sealed = sealer.seal_until(CONTEXT, end, &"a");
        let opened = |now| sealer.open_until::<String>(CONTEXT, &sealed).unwrap().before_its_end(now);
        assert_eq!(opened(end - TimeDelta::milliseconds(1)).as_deref(), Some("a"));
        assert_eq!(opened(end), None);
        assert_eq!(sealer.open_until::<String>(CONTEXT, &sealed).unwrap().value, "a");
    }

    #[test]
    fn the_same_origin_gives_the_same_text() {
        let vault = Vault::from_secret(&[7; 32]);
        let sealer = Sealer::of(&vault);
        let again = |origin: &[u8]| sealer.seal_again(origin, CONTEXT, noon(), &"a");
        assert_eq!(again(b"x"), again(b"x"));
        assert_ne!(again(b"x"), again(b"y"));
        assert_ne!(sealer.seal(CONTEXT, &"a"), sealer.seal(CONTEXT, &"a"));
        assert_eq!(sealer.mark(CONTEXT, b"x"), sealer.mark(CONTEXT, b"x"));
        assert_eq!(sealer.open_mark(CONTEXT, &sealer.mark_text(CONTEXT, b"x")).as_deref(), Some(&b"x"[..]));
    }
}
