//! First answers, remembered for a day: a repeat of the same call by the same caller gets the same answer.
//!
//! A key is *running* from the first call until that call is answered; a repeat that comes meanwhile waits for it. An
//! answer that changed something is part of the ledger's entry, so it survives a restart; a refusal is remembered in
//! memory only, since after a restart judging again does no harm. A call that ends without an answer (overload, read
//! only, a fault of the field kind) forgets its key, so that it can be tried again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dashmap::Entry;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::Map;
use super::answer::{Answer, Refusal};
use crate::domain::rejection::Rejection;

/// How long an answer is remembered, in hours.
pub const REMEMBERED_HOURS: i64 = 24;
/// How many keys are remembered at once; one more is refused as overload.
pub const MAX_KEYS: usize = 2_000_000;
/// How long a repeat sleeps at most before it looks again whether the first call has been answered.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Which call this is: digests, so that what is remembered has one size and no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Of the caller and the key.
    pub key: [u8; 16],
    /// Of the method, the path, the query and the body.
    pub call: [u8; 16],
}

/// What a call with a key meets.
#[derive(Debug)]
pub enum Begun {
    /// The key is new: go on, and hand the guard to the engine with the call.
    Fresh(Repeat),
    /// The same call has been answered with this.
    Answered(Answer),
    /// The same call has been refused with this.
    Rejected(Rejection),
}

#[derive(Debug, Clone)]
enum State {
    Running,
    Answered(Answer),
    Rejected(Rejection),
}

#[derive(Debug)]
struct Known {
    call: [u8; 16],
    /// When the key was first used, as it is kept until a day after.
    since: DateTime<Utc>,
    state: State,
}

/// All remembered answers.
#[derive(Debug, Default)]
pub struct Idempotency {
    known: Map<[u8; 16], Known>,
    /// Answered keys with their first use, in the order of their answers. The lock is held for one push or a few pops.
    by_age: Mutex<VecDeque<(DateTime<Utc>, [u8; 16])>>,
    answered: Notify,
}

impl Idempotency {
    /// Begins a call with a key.
    ///
    /// # Errors
    /// [`Rejection::IdempotencyMismatch`] where the key was used for another call, [`Refusal::Overloaded`] where
    /// [`MAX_KEYS`] are remembered.
    pub async fn begin(self: &Arc<Self>, fingerprint: Fingerprint, now: DateTime<Utc>) -> Result<Begun, Refusal> {
        loop {
            let answered = self.answered.notified();
            if let Some(begun) = self.try_begin(fingerprint, now)? {
                return Ok(begun);
            }
            let _ = tokio::time::timeout(LOOK_AGAIN, answered).await;
        }
    }

    fn try_begin(self: &Arc<Self>, fingerprint: Fingerprint, now: DateTime<Utc>) -> Result<Option<Begun>, Refusal> {
        let full = self.known.len() >= MAX_KEYS;
        match self.known.entry(fingerprint.key) {
            Entry::Occupied(entry) if !outdated(entry.get(), now) => {
                if entry.get().call != fingerprint.call {
                    return Err(Rejection::IdempotencyMismatch.into());
                }
                return Ok(match &entry.get().state {
                    State::Running => None,
                    State::Answered(answer) => Some(Begun::Answered(answer.clone())),
                    State::Rejected(rejection) => Some(Begun::Rejected(rejection.clone())),
                });
            }
            Entry::Vacant(_) if full => return Err(Refusal::Overloaded),
            entry => {
                entry.insert(Known { call: fingerprint.call, since: now, state: State::Running });
            }
        }
        Ok(Some(Begun::Fresh(Repeat { owner: Arc::clone(self), fingerprint, resolved: false })))
    }

    /// Puts back an answer that the ledger remembers.
    pub fn restore(&self, fingerprint: Fingerprint, since: DateTime<Utc>, answer: Answer) {
        self.known.insert(fingerprint.key, Known { call: fingerprint.call, since, state: State::Answered(answer) });
        self.by_age.lock().push_back((since, fingerprint.key));
    }

    /// Forgets every answer that is older than [`REMEMBERED_HOURS`].
    pub fn forget_outdated(&self, now: DateTime<Utc>) {
        loop {
            let key = {
                let mut by_age = self.by_age.lock();
                match by_age.front() {
                    Some((since, _)) if age_is_over(*since, now) => by_age.pop_front().map(|(_, key)| key),
                    _ => None,
                }
            };
            let Some(key) = key else { return };
            // The key may have been used again meanwhile; then it stays.
            self.known.remove_if(&key, |_, known| outdated(known, now));
        }
    }

    /// How many keys are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    fn resolve(&self, fingerprint: Fingerprint, state: State) {
        let since = self.known.get_mut(&fingerprint.key).map(|mut known| {
            known.state = state;
            known.since
        });
        self.by_age.lock().extend(since.map(|since| (since, fingerprint.key)));
        self.answered.notify_waiters();
    }
}

fn age_is_over(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - since >= TimeDelta::hours(REMEMBERED_HOURS)
}

fn outdated(known: &Known, now: DateTime<Utc>) -> bool {
    age_is_over(known.since, now) && !matches!(known.state, State::Running)
}

/// The first use of a key, until it is answered. Dropped without an answer, it forgets the key.
#[derive(Debug)]
pub struct Repeat {
    owner: Arc<Idempotency>,
    fingerprint: Fingerprint,
    resolved: bool,
}

impl Repeat {
    /// Which call it is.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Remembers the answer.
    pub fn answered(mut self, answer: Answer) {
        self.resolved = true;
        self.owner.resolve(self.fingerprint, State::Answered(answer));
    }

    /// Remembers the refusal.
    pub fn rejected(mut self, rejection: Rejection) {
        self.resolved = true;
        self.owner.resolve(self.fingerprint, State::Rejected(rejection));
    }
}

impl Drop for Repeat {
    fn drop(&mut self) {
        if !self.resolved {
            self.owner.known.remove(&self.fingerprint.key);
            self.owner.answered.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(key: u8, call: u8) -> Fingerprint {
        Fingerprint { key: [key; 16], call: [call; 16] }
    }

    fn noon() -> DateTime<Utc> {
        "2026-11-24T04:00:00Z".parse().unwrap()
    }

    async fn fresh(known: &Arc<Idempotency>, print: Fingerprint, now: DateTime<Utc>) -> Repeat {
        match known.begin(print, now).await.unwrap() {
            Begun::Fresh(repeat) => repeat,
            other => panic!("not fresh: {other:?}"),
        }
    }

    fn text(text: &str) -> Answer {
        Answer::Text(text.into())
    }

    #[tokio::test]
    async fn a_repeat_gets_the_first_answer_and_another_call_a_refusal() {
        let known = Arc::new(Idempotency::default());
        fresh(&known, print(1, 1), noon()).await.answered(text("first"));
        assert!(
            matches!(known.begin(print(1, 1), noon()).await, Ok(Begun::Answered(answer)) if answer == text("first"))
        );
        assert_eq!(known.begin(print(1, 2), noon()).await.unwrap_err(), Rejection::IdempotencyMismatch.into());
        fresh(&known, print(2, 1), noon()).await.rejected(Rejection::SlotFull);
        assert!(matches!(known.begin(print(2, 1), noon()).await, Ok(Begun::Rejected(Rejection::SlotFull))));
    }

    #[tokio::test]
    async fn a_repeat_waits_for_the_first_call() {
        let known = Arc::new(Idempotency::default());
        let first = fresh(&known, print(1, 1), noon()).await;
        let second = tokio::spawn({
            let known = Arc::clone(&known);
            async move { known.begin(print(1, 1), noon()).await }
        });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        first.answered(text("first"));
        assert!(matches!(second.await.unwrap(), Ok(Begun::Answered(answer)) if answer == text("first")));
    }

    #[tokio::test]
    async fn a_call_without_an_answer_can_be_tried_again() {
        let known = Arc::new(Idempotency::default());
        drop(fresh(&known, print(1, 1), noon()).await);
        drop(fresh(&known, print(1, 2), noon()).await);
        assert_eq!((known.len(), known.by_age.lock().len()), (0, 0), "nothing is left of them");
    }

    #[tokio::test]
    async fn an_answer_is_forgotten_after_a_day() {
        let known = Arc::new(Idempotency::default());
        fresh(&known, print(1, 1), noon()).await.answered(text("first"));
        let almost = noon() + TimeDelta::hours(24) - TimeDelta::milliseconds(1);
        known.forget_outdated(almost);
        assert!(matches!(known.begin(print(1, 1), almost).await, Ok(Begun::Answered(_))));
        fresh(&known, print(3, 3), noon()).await.answered(text("third"));
        drop(fresh(&known, print(1, 2), noon() + TimeDelta::hours(24)).await);
        known.forget_outdated(noon() + TimeDelta::hours(24));
        assert_eq!(known.len(), 0, "{known:?}");
    }
}
