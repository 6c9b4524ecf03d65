//! A call is answered once: its repeat gets the first answer.

use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, Utc};

use super::refusal::{Refusal, remembered};
use crate::domain::appointment::PersonKey;
use crate::engine::{self, Answer, Begun, Call, Caller, Engine, Fingerprint, KeyOwner};

/// How a call makes sure that it is answered once.
#[derive(Debug, Clone, Copy)]
pub enum Once {
    /// It does not: each time that it comes, it is another call.
    Unkeyed,
    /// By an idempotency key: a repeat gets the first answer, or the first refusal.
    Key(Fingerprint),
    /// By the name of a form, so that a second click gets the answer to the first. A refusal is not remembered: its page comes
    /// back with another name for the form, so nobody uses up keys by mending fields. Nor has a button been promised a memory:
    /// if no key is left, the form is answered all the same, and the claims of the engine are the guard.
    Form(Fingerprint),
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

impl<'a> From<&'a Caller> for Scope<'a> {
    fn from(caller: &'a Caller) -> Self {
        match caller {
            Caller::Person(person) => Self::Person(*person),
            Caller::Staff(member) => Self::Staff(&member.id),
        }
    }
}

impl Scope<'_> {
    const fn owner(&self) -> Option<KeyOwner> {
        match self {
            Self::Person(person) => Some(KeyOwner::Person(*person)),
            Self::Newcomer(person) => Some(KeyOwner::Newcomer(*person)),
            Self::Staff(_) => None,
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Person(person) | Self::Newcomer(person) => &person.0,
            Self::Staff(id) => id.as_bytes(),
        }
    }
}

/// The call with an idempotency key: what it is aimed at, and what it says.
#[must_use]
pub fn of_key(scope: Scope<'_>, key: &[u8], method: &str, (path, query): (&str, &str), body: &[u8]) -> Fingerprint {
    let kind: &[u8] = match scope {
        Scope::Person(_) => b"person",
        Scope::Newcomer(_) => b"newcomer",
        Scope::Staff(_) => b"staff",
    };
    Fingerprint {
        owner: scope.owner(),
        key: digest_of([kind, scope.bytes(), key]),
        call: digest_of([method.as_bytes(), path.as_bytes(), query.as_bytes(), body]),
    }
}

/// The call that is a form with a name of its own, sent to a path.
#[must_use]
pub fn of_form(caller: &Caller, name: &str, path: &str, body: &[u8]) -> Fingerprint {
    let scope = Scope::from(caller);
    let kind: &[u8] = match caller {
        Caller::Person(_) => b"person form",
        Caller::Staff(_) => b"staff form",
    };
    Fingerprint {
        owner: scope.owner(),
        key: digest_of([kind, scope.bytes(), name.as_bytes()]),
        call: digest_of([b"form", path.as_bytes(), body]),
    }
}

/// Answers a call once: a repeat gets the first answer before anything else is judged.
///
/// # Errors
/// What `answering` refuses the call with, `idempotency_mismatch`, `too_many_requests`, `overloaded`.
pub async fn answered<F: Future<Output = Result<Answer, Refusal>>>(
    engine: &Engine,
    caller: Caller,
    now: DateTime<Utc>,
    once: Once,
    answering: impl FnOnce(Call) -> F,
) -> Result<Answer, Refusal> {
    let answer = match once {
        Once::Unkeyed => return answering(Call { caller, now, repeat: None }).await,
        Once::Key(fingerprint) => by_key(engine, caller, now, fingerprint, answering).await,
        Once::Form(fingerprint) => by_form(engine, caller, now, fingerprint, answering).await,
    };
    match answer? {
        // Also if another instance has refused the same call while this one was judging it.
        Answer::Refused(refusal) => Err(remembered::read(&refusal)),
        answer => Ok(answer),
    }
}

async fn by_key<F: Future<Output = Result<Answer, Refusal>>>(
    engine: &Engine,
    caller: Caller,
    now: DateTime<Utc>,
    fingerprint: Fingerprint,
    answering: impl FnOnce(Call) -> F,
) -> Result<Answer, Refusal> {
    let repeat = match engine.begin_by(&caller, fingerprint, now).await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::Fresh(repeat) => Some(repeat),
    };
    let answer = answering(Call { caller: caller.clone(), now, repeat: repeat.clone() }).await;
    match answer.as_ref().err().and_then(remembered::write) {
        Some(text) => Ok(engine.remember_refusal(Call { caller, now, repeat }, text).await?),
        None => answer,
    }
}

async fn by_form<F: Future<Output = Result<Answer, Refusal>>>(
    engine: &Engine,
    caller: Caller,
    now: DateTime<Utc>,
    fingerprint: Fingerprint,
    answering: impl FnOnce(Call) -> F,
) -> Result<Answer, Refusal> {
    let repeat = match engine.begin_by(&caller, fingerprint, now).await {
        Ok(Begun::Answered(answer)) => return Ok(answer),
        Ok(Begun::Fresh(repeat)) => Some(repeat),
        Err(engine::Refusal::KeysFull { .. }) => None,
        // So it is with a desk whose keys a script has used up.
        Err(engine::Refusal::TooManyKeys { .. }) if matches!(caller, Caller::Staff(_)) => None,
        Err(refusal) => return Err(refusal.into()),
    };
    answering(Call { caller, now, repeat }).await
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
