//! First answers, remembered for a day: a repeat of the same call by the same caller gets the same answer.
//!
//! A key is *running* from the first call until that call is answered; a repeat that comes meanwhile waits for it. An
//! answer, also a refusal, is part of an entry of the ledger, so it survives a restart. A call that ends without an answer
//! (overload, read only, a fault) forgets its key, so that it can be tried again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dashmap::Entry;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::Map;
use super::answer::{Answer, Refusal};
use crate::domain::rejection::Rejection;
use crate::ledger::entry::Owner;

/// How long an answer is remembered, in hours.
pub const REMEMBERED_HOURS: i64 = 24;
/// How many keys are remembered at once; one more is refused as overload.
pub const MAX_KEYS: usize = 2_000_000;
/// How many keys of one owner are remembered at once, so that nobody uses up the keys of all.
pub const MAX_KEYS_OF_ONE_OWNER: u32 = 1_000;
/// How long a repeat sleeps at most before it looks again whether the first call has been answered.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Which call this is: digests, so that what is remembered has one size and no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Whose key it is; none for staff, whose keys only the bound of all limits.
    pub owner: Option<Owner>,
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
}

#[derive(Debug)]
struct Known {
    owner: Option<Owner>,
    call: [u8; 16],
    /// When the key was first used, as it is kept until a day after.
    since: DateTime<Utc>,
    /// None while the first call is running.
    answer: Option<Answer>,
}

/// All remembered answers.
#[derive(Debug, Default)]
pub struct Idempotency {
    known: Map<[u8; 16], Known>,
    /// How many keys each owner has in `known`.
    of_owners: Map<Owner, u32>,
    /// Answered keys with their first use, in the order of their answers. The lock is held for one push or a few pops.
    by_age: Mutex<VecDeque<(DateTime<Utc>, [u8; 16])>>,
    settled: Notify,
}

impl Idempotency {
    /// Begins a call with a key.
    ///
    /// # Errors
    /// [`Rejection::IdempotencyMismatch`] where the key was used for another call, [`Refusal::TooManyKeys`] where
    /// [`MAX_KEYS_OF_ONE_OWNER`] are remembered, [`Refusal::Overloaded`] where [`MAX_KEYS`] are.
    pub async fn begin(self: &Arc<Self>, fingerprint: Fingerprint, now: DateTime<Utc>) -> Result<Begun, Refusal> {
        loop {
            let answered = self.settled.notified();
            if let Some(begun) = self.try_begin(fingerprint, now)? {
                return Ok(begun);
            }
            let _ = tokio::time::timeout(LOOK_AGAIN, answered).await;
        }
    }

    fn try_begin(self: &Arc<Self>, fingerprint: Fingerprint, now: DateTime<Utc>) -> Result<Option<Begun>, Refusal> {
        let full = self.known.len() >= MAX_KEYS;
        match self.known.entry(fingerprint.key) {
            Entry::Occupied(mut entry) if outdated(entry.get(), now) => {
                entry.insert(Known::running(fingerprint, now));
            }
            Entry::Occupied(entry) => {
                let known = entry.get();
                if known.call != fingerprint.call {
                    return Err(Rejection::IdempotencyMismatch.into());
                }
                return Ok(known.answer.clone().map(Begun::Answered));
            }
            Entry::Vacant(_) if full => return Err(Refusal::Overloaded),
            Entry::Vacant(entry) => {
                self.count(fingerprint.owner)?;
                entry.insert(Known::running(fingerprint, now));
            }
        }
        Ok(Some(Begun::Fresh(Repeat(Arc::new(FirstUse {
            owner: Arc::clone(self),
            fingerprint,
            is_answered: AtomicBool::new(false),
        })))))
    }

    fn count(&self, owner: Option<Owner>) -> Result<(), Refusal> {
        let Some(owner) = owner else { return Ok(()) };
        let mut keys = self.of_owners.entry(owner).or_default();
        if *keys >= MAX_KEYS_OF_ONE_OWNER {
            return Err(Refusal::TooManyKeys);
        }
        *keys += 1;
        Ok(())
    }

    fn forget(&self, key: &[u8; 16], condition: impl FnOnce(&Known) -> bool) {
        let Some((_, Known { owner: Some(owner), .. })) = self.known.remove_if(key, |_, known| condition(known)) else {
            return;
        };
        self.of_owners.remove_if_mut(&owner, |_, keys| {
            *keys -= 1;
            *keys == 0
        });
    }

    /// Puts back an answer that the ledger remembers.
    pub fn restore(&self, fingerprint: Fingerprint, since: DateTime<Utc>, answer: Answer) {
        let Fingerprint { owner, key, call } = fingerprint;
        let is_new = self.known.insert(key, Known { owner, call, since, answer: Some(answer) }).is_none();
        if let Some(owner) = owner.filter(|_| is_new) {
            *self.of_owners.entry(owner).or_default() += 1;
        }
        self.by_age.lock().push_back((since, key));
    }

    /// Learns an answer that others have given. A call that is under way here with the same key finds it.
    pub fn follow(&self, fingerprint: Fingerprint, since: DateTime<Utc>, answer: Answer) {
        self.restore(fingerprint, since, answer);
        self.settled.notify_waiters();
    }

    /// What is remembered under the key of a call that is under way.
    ///
    /// # Errors
    /// [`Rejection::IdempotencyMismatch`] where the key was used for another call.
    pub fn answer_to(&self, fingerprint: Fingerprint) -> Result<Option<Answer>, Rejection> {
        let Some(known) = self.known.get(&fingerprint.key) else { return Ok(None) };
        match &known.answer {
            Some(_) if known.call != fingerprint.call => Err(Rejection::IdempotencyMismatch),
            answer => Ok(answer.clone()),
        }
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
            self.forget(&key, |known| outdated(known, now));
        }
    }

    /// How many keys are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    fn answered(&self, fingerprint: Fingerprint, answer: Answer) {
        let since = self.known.get_mut(&fingerprint.key).map(|mut known| {
            known.answer = Some(answer);
            known.since
        });
        self.by_age.lock().extend(since.map(|since| (since, fingerprint.key)));
        self.settled.notify_waiters();
    }
}

fn age_is_over(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - since >= TimeDelta::hours(REMEMBERED_HOURS)
}

fn outdated(known: &Known, now: DateTime<Utc>) -> bool {
    age_is_over(known.since, now) && known.answer.is_some()
}

impl Known {
    fn running(fingerprint: Fingerprint, now: DateTime<Utc>) -> Self {
        Self { owner: fingerprint.owner, call: fingerprint.call, since: now, answer: None }
    }
}

/// The first use of a key, until it is answered. Clones are the same use; the last one to be dropped without an answer
/// forgets the key.
#[derive(Debug, Clone)]
pub struct Repeat(Arc<FirstUse>);

#[derive(Debug)]
struct FirstUse {
    owner: Arc<Idempotency>,
    fingerprint: Fingerprint,
    is_answered: AtomicBool,
}

impl Repeat {
    /// Which call it is.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// Remembers the answer.
    pub fn answered(self, answer: Answer) {
        self.0.is_answered.store(true, Ordering::Relaxed);
        self.0.owner.answered(self.0.fingerprint, answer);
    }
}

impl Drop for FirstUse {
    fn drop(&mut self) {
        if !*self.is_answered.get_mut() {
            // Others may have answered under the same key meanwhile; that stays.
            self.owner.forget(&self.fingerprint.key, |known| known.answer.is_none());
            self.owner.settled.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::PersonKey;

    fn owner(person: u8) -> Owner {
        Owner::Person(PersonKey([person; 16]))
    }

    fn print(key: u8, call: u8) -> Fingerprint {
        Fingerprint { owner: Some(owner(0)), key: [key; 16], call: [call; 16] }
    }

    fn noon() -> DateTime<Utc> {
        "2026-11-24T04:00:00Z".parse().unwrap()
    }

    async fn fresh(known: &Arc<Idempotency>, print: Fingerprint, now: DateTime<Utc>) -> Repeat {
        match known.begin(print, now).await.unwrap() {
            Begun::Fresh(repeat) => repeat,
            Begun::Answered(answer) => panic!("not fresh: {answer:?}"),
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
        let refused = Answer::Refused("no".into());
        fresh(&known, print(2, 1), noon()).await.answered(refused.clone());
        assert!(matches!(known.begin(print(2, 1), noon()).await, Ok(Begun::Answered(answer)) if answer == refused));
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
        let first = fresh(&known, print(1, 2), noon()).await;
        drop(first.clone());
        assert_eq!(known.len(), 1, "one of two holders is still at it");
        drop(first);
        let left = (known.len(), known.of_owners.len(), known.by_age.lock().len());
        assert_eq!(left, (0, 0, 0), "nothing is left of them");
    }

    #[tokio::test]
    async fn one_owner_uses_up_only_the_own_share() {
        let known = Arc::new(Idempotency::default());
        let nth = |person: u8, nth: u32| {
            let mut print = print(person, 1);
            print.owner = Some(owner(person));
            print.key[..4].copy_from_slice(&nth.to_be_bytes());
            print
        };
        for at in 0..MAX_KEYS_OF_ONE_OWNER {
            fresh(&known, nth(1, at), noon()).await.answered(text("x"));
        }
        let one_more = nth(1, MAX_KEYS_OF_ONE_OWNER);
        assert_eq!(known.begin(one_more, noon()).await.unwrap_err(), Refusal::TooManyKeys);
        assert!(matches!(known.begin(nth(1, 0), noon()).await, Ok(Begun::Answered(_))), "a repeat needs no new key");
        drop(fresh(&known, nth(2, 0), noon()).await);
        let opening = Some(Owner::Newcomer(PersonKey([1; 16])));
        drop(fresh(&known, Fingerprint { owner: opening, ..one_more }, noon()).await);
        drop(fresh(&known, Fingerprint { owner: None, ..one_more }, noon()).await);
        let next_day = noon() + TimeDelta::hours(24);
        known.forget_outdated(next_day);
        drop(fresh(&known, one_more, next_day).await);
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
