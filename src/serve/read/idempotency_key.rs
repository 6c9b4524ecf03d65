//! `Idempotency-Key`: which call a repeat repeats.

use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use utoipa::IntoParams;

use crate::app::once::{self, Once, Scope};
use crate::engine::{Caller, Fingerprint};
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

/// Where a call that changes something is aimed, if it brings a key; without one there is nothing to remember.
pub struct Target(Option<Keyed>);

struct Keyed {
    key: HeaderValue,
    method: Method,
    uri: Uri,
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
    /// Which call this is; `None` if it brings no key.
    #[must_use]
    pub fn fingerprint(&self, scope: Scope<'_>, body: &[u8]) -> Option<Fingerprint> {
        let Keyed { key, method, uri } = self.0.as_ref()?;
        let aim = (uri.path(), uri.query().unwrap_or_default());
        Some(once::of_key(scope, key.as_bytes(), method.as_str(), aim, body))
    }

    /// How the call of a caller with this body is answered once. The body goes here, since the connection can use its room
    /// again.
    #[must_use]
    pub fn once(&self, caller: &Caller, body: Bytes) -> Once {
        let once = self.fingerprint(caller.into(), &body).map_or(Once::Unkeyed, Once::Key);
        drop(body);
        once
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;
    use crate::domain::appointment::PersonKey;

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
