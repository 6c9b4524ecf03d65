//! `Idempotency-Key`: which call a repeat repeats.

use aws_lc_rs::digest::{Context, SHA256};
use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use chrono::{DateTime, Utc};
use utoipa::IntoParams;

use crate::domain::appointment::PersonKey;
use crate::engine::Engine;
use crate::engine::{Answer, Call, Caller};
use crate::engine::{Begun, Fingerprint};
use crate::ledger::entry::Owner;
use crate::serve::problem::Problem;

/// The longest key, in characters.
const MAX_KEY_CHARS: usize = 128;
const HEADER: &str = "idempotency-key";

/// The header, for the description of a call.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the header is read by `Target`; this type only describes it")]
pub struct KeyHeader {
    /// 1 to 128 visible ASCII characters. A repeat of the same call by the same caller within 24 hours gets the first
    /// answer; another call with the same key gets 409.
    #[param(rename = "Idempotency-Key", required = false, value_type = String, min_length = 1, max_length = 128,
            pattern = "^[!-~]+$", example = "2f1c8a34-first-try")]
    idempotency_key: Option<String>,
}

/// The header of opening a session, for the description of that call.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the header is read by `Target`; this type only describes it")]
pub struct OpeningKeyHeader {
    /// 1 to 128 visible ASCII characters. A repeat of the same call within ten minutes gets the same token (a later one
    /// another token of the same person); another call with the same key gets 409.
    #[param(rename = "Idempotency-Key", required = false, value_type = String, min_length = 1, max_length = 128,
            pattern = "^[!-~]+$", example = "2f1c8a34-first-try")]
    idempotency_key: Option<String>,
}

/// Where a call that changes something is aimed, where it brings a key; without one there is nothing to remember.
pub struct Target(Option<Keyed>);

struct Keyed {
    key: HeaderValue,
    method: Method,
    uri: Uri,
}

/// Whose keys these are: the same key of two callers is two keys.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// Of a person with a session.
    Person(PersonKey),
    /// Of a person who opens a session, and so is not known yet.
    Newcomer(PersonKey),
    /// Of a member of staff.
    Staff(&'a str),
}

impl<S: Sync> FromRequestParts<S> for Target {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let key = key_of(&parts.headers)?.cloned();
        Ok(Self(key.map(|key| Keyed { key, method: parts.method.clone(), uri: parts.uri.clone() })))
    }
}

fn key_of(headers: &HeaderMap) -> Result<Option<&HeaderValue>, Problem> {
    let mut keys = headers.get_all(HEADER).iter();
    let (Some(key), None) = (keys.next(), keys.next()) else {
        let is_repeated = headers.contains_key(HEADER);
        return if is_repeated { Err(Problem::malformed("give the header Idempotency-Key once")) } else { Ok(None) };
    };
    let visible = key.as_bytes().iter().all(u8::is_ascii_graphic);
    if !visible || !(1..=MAX_KEY_CHARS).contains(&key.len()) {
        return Err(Problem::malformed("an Idempotency-Key has 1 to 128 visible ASCII characters"));
    }
    Ok(Some(key))
}

impl Target {
    /// Which call this is; none where it brings no key.
    #[must_use]
    pub fn fingerprint(&self, scope: Scope<'_>, body: &[u8]) -> Option<Fingerprint> {
        let Keyed { key, method, uri } = self.0.as_ref()?;
        let query = uri.query().unwrap_or_default();
        let (kind, who): (&[u8], &[u8]) = match &scope {
            Scope::Person(person) => (b"person", &person.0),
            Scope::Newcomer(person) => (b"newcomer", &person.0),
            Scope::Staff(id) => (b"staff", id.as_bytes()),
        };
        let owner = match scope {
            Scope::Person(person) => Some(Owner::Person(person)),
            Scope::Newcomer(person) => Some(Owner::Newcomer(person)),
            Scope::Staff(_) => None,
        };
        Some(Fingerprint {
            owner,
            key: digest_of([kind, who, key.as_bytes()]),
            call: digest_of([method.as_str().as_bytes(), uri.path().as_bytes(), query.as_bytes(), body]),
        })
    }

    /// Answers a call once: a repeat gets the first answer, or the first refusal, before anything else is judged. The body
    /// goes as soon as it has been read, since the connection can use its room again.
    ///
    /// # Errors
    /// What `answering` refuses the first call with, `idempotency_mismatch`, `too_many_requests`, `overloaded`.
    pub async fn once<F: Future<Output = Result<Answer, Problem>>>(
        self,
        engine: &Engine,
        caller: Caller,
        body: Bytes,
        now: DateTime<Utc>,
        answering: impl FnOnce(Call) -> F,
    ) -> Result<Answer, Problem> {
        let scope = match &caller {
            Caller::Person(key) => Scope::Person(*key),
            Caller::Staff(member) => Scope::Staff(&member.id),
        };
        let fingerprint = self.fingerprint(scope, &body);
        drop(body);
        let Some(fingerprint) = fingerprint else { return answering(Call { caller, now, repeat: None }).await };
        once(engine, caller, fingerprint, now, answering).await
    }
}

/// Which call a form is that has a name of its own, sent to a path by a caller.
#[must_use]
pub fn of_form(caller: &Caller, name: &str, path: &str, body: &[u8]) -> Fingerprint {
    let (kind, who, owner): (&[u8], &[u8], _) = match caller {
        Caller::Person(person) => (b"person form", &person.0, Some(Owner::Person(*person))),
        Caller::Staff(member) => (b"staff form", member.id.as_bytes(), None),
    };
    Fingerprint {
        owner,
        key: digest_of([kind, who, name.as_bytes()]),
        call: digest_of([b"form", path.as_bytes(), body]),
    }
}

/// Answers the call with this fingerprint once.
///
/// # Errors
/// As [`Target::once`].
pub async fn once<F: Future<Output = Result<Answer, Problem>>>(
    engine: &Engine,
    caller: Caller,
    fingerprint: Fingerprint,
    now: DateTime<Utc>,
    answering: impl FnOnce(Call) -> F,
) -> Result<Answer, Problem> {
    let repeat = match engine.begin_by(&caller, fingerprint, now).await? {
        Begun::Answered(Answer::Refused(problem)) => return Err(Problem::remembered(&problem)),
        Begun::Answered(answer) => return Ok(answer),
        Begun::Fresh(repeat) => Some(repeat),
    };
    let answer = answering(Call { caller: caller.clone(), now, repeat: repeat.clone() }).await;
    if let Err(problem) = &answer
        && let Some(text) = problem.to_remember()
    {
        return match engine.remember_refusal(Call { caller, now, repeat }, text.clone()).await? {
            Answer::Refused(remembered) if *remembered == *text => answer,
            Answer::Refused(remembered) => Err(Problem::remembered(&remembered)),
            answered => Ok(answered),
        };
    }
    match answer {
        // Another instance has refused the same call while this one was judging it.
        Ok(Answer::Refused(problem)) => Err(Problem::remembered(&problem)),
        answer => answer,
    }
}

/// The first half of the SHA-256 of some parts, each after its length, so that no two lists look alike.
fn digest_of<const N: usize>(parts: [&[u8]; N]) -> [u8; 16] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    *context.finish().as_ref().first_chunk().expect("SHA-256 gives 32 bytes")
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn target(uri: &str, keys: &[&str]) -> Result<Target, Problem> {
        let mut request = Request::post(uri);
        for key in keys {
            request = request.header(HEADER, *key);
        }
        Target::from_request_parts(&mut request.body(()).unwrap().into_parts().0, &()).await
    }

    #[tokio::test]
    async fn a_key_is_visible_ascii() {
        assert!(target("/", &[]).await.unwrap().0.is_none());
        for key in ["a", "!~", &"x".repeat(128)] {
            assert!(target("/", &[key]).await.unwrap().0.is_some(), "{key:?}");
        }
        for keys in [&[""][..], &["a b"], &[&"x".repeat(129)], &["a", "b"]] {
            assert_eq!(target("/", keys).await.err().unwrap().code.as_str(), "malformed_request", "{keys:?}");
        }
    }

    #[tokio::test]
    async fn what_makes_two_calls_the_same_call() {
        let print = async |uri, key, scope, body: &[u8]| target(uri, &[key]).await.unwrap().fingerprint(scope, body);
        let (one, other) = (PersonKey([1; 16]), PersonKey([2; 16]));
        let first = print("/a?b", "k", Scope::Person(one), b"body").await.unwrap();
        assert_eq!(print("/a?b", "k", Scope::Person(one), b"body").await, Some(first));
        for (uri, body) in [("/a?b", "bod"), ("/a", "body"), ("/ab", "body"), ("/c?b", "body")] {
            let another = print(uri, "k", Scope::Person(one), body.as_bytes()).await.unwrap();
            assert!(another.key == first.key && another.call != first.call, "{uri} {body}");
        }
        for (key, scope) in [
            ("j", Scope::Person(one)),
            ("k", Scope::Person(other)),
            ("k", Scope::Newcomer(one)),
            ("k", Scope::Staff("desk")),
        ] {
            let another = print("/a?b", key, scope, b"body").await.unwrap();
            assert!(another.key != first.key && another.call == first.call, "{key} {scope:?}");
        }
    }
}
