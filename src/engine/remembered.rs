//! First answers, remembered for a day: a repeat of the same call by the same caller gets the same answer.
//!
//! A key is *running* from the first call until that call is answered; a repeat that comes meanwhile waits for it. An
//! answer, also a refusal, is part of an entry of the ledger, so it survives a restart. A call that ends without an answer
//! (overload, read only, a fault) forgets its key, so that it can be tried again.
//!
//! Persons and staff have a share of the keys each, so that neither uses up the keys of the other, and each person and each
//! member of staff has a bound within that share. The lines of the desk logs count in the share of staff and in no member's
//! bound, so that a desk whose script has used up its keys still notes what it does. A call by somebody who is not known yet
//! has no key here at all: what a stranger does is never remembered in the ledger.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, TimeDelta, Utc};
use dashmap::Entry;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use tokio::sync::Notify;

use super::Map;
use super::answer::{Answer, Refusal};
use crate::domain::rejection::Rejection;
use crate::ledger::entry::Owner;

/// How long an answer is remembered, in hours.
pub const REMEMBERED_HOURS: i64 = 24;
/// How many keys of persons are remembered at once; one more is refused.
pub const MAX_KEYS_OF_PERSONS: usize = 2_000_000;
/// How many keys of staff are remembered at once, the lines of the desk logs included; one more is refused.
pub const MAX_KEYS_OF_STAFF: usize = 1_000_000;
/// How many keys of one member of staff are remembered at once, so that the script of one desk does not use up the keys of
/// all. Each instance counts the calls that it has taken since its start.
pub const MAX_KEYS_OF_ONE_MEMBER: u32 = 20_000;
/// How many keys of one person are remembered at once, so that nobody uses up the keys of all.
pub const MAX_KEYS_OF_ONE_OWNER: u32 = 1_000;
/// The same while the share of the persons is nearly full: who has many keys is refused before those who have few.
pub const MAX_KEYS_OF_ONE_OWNER_UNDER_PRESSURE: u32 = 50;
/// From how much of its bound on a share counts as nearly full, in percent.
pub const NEARLY_FULL_PERCENT: usize = 80;
/// How long a repeat sleeps at most before it looks again whether the first call has been answered.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// After how many seconds a call may be tried again if a share is full of calls that have not been answered yet.
const RUNNING_RETRY_S: u32 = 1;

/// Which call this is: digests, so that what is remembered has one size and no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Whose key it is; `None` for staff. Which member of staff it is says [`Idempotency::begin`].
    pub owner: Option<Owner>,
    /// Of the caller and the key.
    pub key: [u8; 16],
    /// Of the method, the path, the query and the body.
    pub call: [u8; 16],
}

/// A member of staff: a digest of the id, so that what is remembered has one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MemberKey([u8; 16]);

impl MemberKey {
    /// The key of the member with this id.
    #[must_use]
    pub fn of(id: &str) -> Self {
        let hash = digest(&SHA256, id.as_bytes());
        Self(*hash.as_ref().first_chunk().expect("SHA-256 gives 32 bytes"))
    }
}

/// In whose bound a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    Owner(Owner),
    Member(MemberKey),
}

impl Holder {
    /// Who holds a key; `None` for a line of a desk log, and for what the ledger remembers of staff.
    fn of(fingerprint: &Fingerprint, member: Option<MemberKey>) -> Option<Self> {
        fingerprint.owner.map(Self::Owner).or(member.map(Self::Member))
    }
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
    holder: Option<Holder>,
    call: [u8; 16],
    /// When the key was first used, as it is kept until a day after.
    since: DateTime<Utc>,
    /// None while the first call is running.
    answer: Option<Answer>,
}

/// How much of a share of the keys is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyShare {
    /// Whose keys they are.
    pub of: &'static str,
    /// How many are remembered.
    pub used: usize,
    /// How many are remembered at most.
    pub bound: usize,
}

impl KeyShare {
    /// Whether the operator should know before the share is full.
    #[must_use]
    pub const fn is_nearly_full(&self) -> bool {
        self.used * 100 >= self.bound * NEARLY_FULL_PERCENT
    }
}

/// The keys of persons, or of staff.
#[derive(Debug)]
struct Share {
    of: &'static str,
    bound: usize,
    used: AtomicUsize,
    /// Answered keys with their first use, in the order of their answers. The lock is held for one push or a few pops.
    by_age: Mutex<VecDeque<(DateTime<Utc>, [u8; 16])>>,
}

impl Share {
    fn new(of: &'static str, bound: usize) -> Self {
        Self { of, bound, used: AtomicUsize::new(0), by_age: Mutex::default() }
    }

    fn state(&self) -> KeyShare {
        KeyShare { of: self.of, used: self.used.load(Ordering::Relaxed), bound: self.bound }
    }

    /// Takes room for one key.
    fn take(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let room = |used| (used < self.bound).then_some(used + 1);
        if self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_ok() {
            return Ok(());
        }
        let oldest = self.by_age.lock().front().map(|(since, _)| *since);
        Err(Refusal::KeysFull { retry_s: oldest.map_or(RUNNING_RETRY_S, |since| seconds_left(since, now)) })
    }

    fn give_back(&self) {
        let before = self.used.fetch_sub(1, Ordering::Relaxed);
        assert!(before > 0, "a key that is forgotten was counted");
    }
}

/// The first uses of the keys of one holder, in seconds since 1970, oldest first as a rule.
type FirstUses = SmallVec<[u32; 4]>;

/// All remembered answers.
#[derive(Debug)]
pub struct Idempotency {
    known: Map<[u8; 16], Known>,
    /// The keys that each holder has in `known`; nobody has none.
    of_holders: Map<Holder, FirstUses>,
    persons: Share,
    staff: Share,
    settled: Notify,
}

impl Default for Idempotency {
    fn default() -> Self {
        Self::with_bounds(MAX_KEYS_OF_PERSONS, MAX_KEYS_OF_STAFF)
    }
}

impl Idempotency {
    /// With room for so many keys of persons and of staff.
    fn with_bounds(persons: usize, staff: usize) -> Self {
        Self {
            known: Map::default(),
            of_holders: Map::default(),
            persons: Share::new("persons", persons),
            staff: Share::new("staff", staff),
            settled: Notify::new(),
        }
    }

    const fn share_of(&self, holder: Option<Holder>) -> &Share {
        match holder {
            Some(Holder::Owner(_)) => &self.persons,
            Some(Holder::Member(_)) | None => &self.staff,
        }
    }

    /// Begins a call with a key; by which member of staff, if one's bound is to count it.
    ///
    /// # Errors
    /// [`Rejection::IdempotencyMismatch`] if the key was used for another call, [`Refusal::TooManyKeys`] if
    /// [`MAX_KEYS_OF_ONE_OWNER`] or [`MAX_KEYS_OF_ONE_MEMBER`] are remembered, [`Refusal::KeysFull`] if the share is full.
    pub async fn begin(
        self: &Arc<Self>,
        fingerprint: Fingerprint,
        member: Option<MemberKey>,
        now: DateTime<Utc>,
    ) -> Result<Begun, Refusal> {
        let holder = Holder::of(&fingerprint, member);
        loop {
            let answered = self.settled.notified();
            if let Some(begun) = self.try_begin(fingerprint, holder, now)? {
                return Ok(begun);
            }
            let _ = tokio::time::timeout(LOOK_AGAIN, answered).await;
        }
    }

    fn try_begin(
        self: &Arc<Self>,
        fingerprint: Fingerprint,
        holder: Option<Holder>,
        now: DateTime<Utc>,
    ) -> Result<Option<Begun>, Refusal> {
        match self.known.entry(fingerprint.key) {
            Entry::Occupied(mut entry) if outdated(entry.get(), now) => {
                let before = entry.insert(Known::running(fingerprint.call, holder, now));
                self.drop_use(before.holder, before.since);
                self.add_use(holder, now);
            }
            Entry::Occupied(entry) => {
                let known = entry.get();
                if known.call != fingerprint.call {
                    return Err(Rejection::IdempotencyMismatch.into());
                }
                return Ok(known.answer.clone().map(Begun::Answered));
            }
            Entry::Vacant(entry) => {
                self.admit(holder, now)?;
                entry.insert(Known::running(fingerprint.call, holder, now));
            }
        }
        Ok(Some(Begun::Fresh(Repeat(Arc::new(FirstUse {
            owner: Arc::clone(self),
            fingerprint,
            is_answered: AtomicBool::new(false),
        })))))
    }

    /// Counts one more key of a holder, if there is room for it.
    fn admit(&self, holder: Option<Holder>, now: DateTime<Utc>) -> Result<(), Refusal> {
        let share = self.share_of(holder);
        let Some(holder) = holder else { return share.take(now) };
        let most = match holder {
            Holder::Member(_) => MAX_KEYS_OF_ONE_MEMBER,
            Holder::Owner(_) if share.state().is_nearly_full() => MAX_KEYS_OF_ONE_OWNER_UNDER_PRESSURE,
            Holder::Owner(_) => MAX_KEYS_OF_ONE_OWNER,
        };
        // Who has no keys yet has no entry, and gets one only if there is room: a refusal leaves nothing behind.
        match self.of_holders.entry(holder) {
            Entry::Occupied(mut uses) => {
                let uses = uses.get_mut();
                if uses.len() >= most as usize {
                    let oldest = uses.iter().min().map(|first| i64::from(*first));
                    let oldest = oldest.and_then(|seconds| DateTime::from_timestamp(seconds, 0)).unwrap_or(now);
                    return Err(Refusal::TooManyKeys { retry_s: seconds_left(oldest, now) });
                }
                share.take(now)?;
                uses.push(seconds_of(now));
            }
            Entry::Vacant(entry) => {
                share.take(now)?;
                entry.insert(FirstUses::from_slice(&[seconds_of(now)]));
            }
        }
        Ok(())
    }

    fn add_use(&self, holder: Option<Holder>, since: DateTime<Utc>) {
        if let Some(holder) = holder {
            self.of_holders.entry(holder).or_default().push(seconds_of(since));
        }
    }

    fn drop_use(&self, holder: Option<Holder>, since: DateTime<Utc>) {
        let Some(holder) = holder else { return };
        self.of_holders.remove_if_mut(&holder, |_, uses| {
            if let Some(at) = uses.iter().position(|first| *first == seconds_of(since)) {
                uses.remove(at);
            }
            uses.is_empty()
        });
    }

    fn forget(&self, key: &[u8; 16], condition: impl FnOnce(&Known) -> bool) {
        let Some((_, Known { holder, since, .. })) = self.known.remove_if(key, |_, known| condition(known)) else {
            return;
        };
        self.share_of(holder).give_back();
        self.drop_use(holder, since);
    }

    /// Puts back an answer that the ledger remembers. What an earlier version remembered of strangers is passed over: who
    /// opens a session again gets another token, which is as good.
    pub fn restore(&self, fingerprint: Fingerprint, since: DateTime<Utc>, answer: Answer) {
        let Fingerprint { owner, key, call } = fingerprint;
        if matches!(owner, Some(Owner::Newcomer(_))) {
            return;
        }
        let holder = owner.map(Holder::Owner);
        let share = self.share_of(holder);
        match self.known.insert(key, Known { holder, call, since, answer: Some(answer) }) {
            Some(before) => self.drop_use(before.holder, before.since),
            // What the ledger remembers is remembered, even beyond the bound: it may have been larger.
            None => {
                share.used.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.add_use(holder, since);
        share.by_age.lock().push_back((since, key));
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
        for share in [&self.persons, &self.staff] {
            while let Some(key) = share.next_outdated(now) {
                // The key may have been used again meanwhile; then it stays.
                self.forget(&key, |known| outdated(known, now));
            }
        }
    }

    /// How many keys are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shares().iter().map(|share| share.used).sum()
    }

    /// How much of each share is in use.
    #[must_use]
    pub fn shares(&self) -> [KeyShare; 2] {
        [self.persons.state(), self.staff.state()]
    }

    fn answered(&self, fingerprint: Fingerprint, answer: Answer) {
        let since = self.known.get_mut(&fingerprint.key).map(|mut known| {
            assert_eq!(known.call, fingerprint.call, "a key answers the call that it was taken for");
            known.answer = Some(answer);
            known.since
        });
        let share = self.share_of(fingerprint.owner.map(Holder::Owner));
        share.by_age.lock().extend(since.map(|since| (since, fingerprint.key)));
        self.settled.notify_waiters();
    }
}

impl Share {
    /// The key of the oldest answer, taken out of the order, if it is to be forgotten.
    fn next_outdated(&self, now: DateTime<Utc>) -> Option<[u8; 16]> {
        let mut by_age = self.by_age.lock();
        by_age.pop_front_if(|(since, _)| age_is_over(*since, now)).map(|(_, key)| key)
    }
}

/// After how many seconds a key that was first used at an instant is forgotten.
fn seconds_left(since: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    let left = since + TimeDelta::hours(REMEMBERED_HOURS) - now;
    // A second more than whole ones, so that the key is gone when the time is.
    u32::try_from(left.num_seconds() + 1).unwrap_or(RUNNING_RETRY_S).max(RUNNING_RETRY_S)
}

fn seconds_of(instant: DateTime<Utc>) -> u32 {
    u32::try_from(instant.timestamp()).unwrap_or(u32::MAX)
}

fn age_is_over(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - since >= TimeDelta::hours(REMEMBERED_HOURS)
}

fn outdated(known: &Known, now: DateTime<Utc>) -> bool {
    age_is_over(known.since, now) && known.answer.is_some()
}

impl Known {
    const fn running(call: [u8; 16], holder: Option<Holder>, now: DateTime<Utc>) -> Self {
        Self { holder, call, since: now, answer: None }
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
        fresh_of(known.begin(print, None, now).await)
    }

    fn fresh_of(begun: Result<Begun, Refusal>) -> Repeat {
        match begun.unwrap() {
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
            matches!(known.begin(print(1, 1), None, noon()).await, Ok(Begun::Answered(answer)) if answer == text("first"))
        );
        assert_eq!(known.begin(print(1, 2), None, noon()).await.unwrap_err(), Rejection::IdempotencyMismatch.into());
        let refused = Answer::Refused("no".into());
        fresh(&known, print(2, 1), noon()).await.answered(refused.clone());
        assert!(
            matches!(known.begin(print(2, 1), None, noon()).await, Ok(Begun::Answered(answer)) if answer == refused)
        );
    }

    #[tokio::test]
    async fn a_repeat_waits_for_the_first_call() {
        let known = Arc::new(Idempotency::default());
        let first = fresh(&known, print(1, 1), noon()).await;
        let second = tokio::spawn({
            let known = Arc::clone(&known);
            async move { known.begin(print(1, 1), None, noon()).await }
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
        let left = (known.len(), known.of_holders.len(), known.persons.by_age.lock().len());
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
        let later = noon() + TimeDelta::hours(1);
        let told = Refusal::TooManyKeys { retry_s: 23 * 3_600 + 1 };
        assert_eq!(known.begin(one_more, None, later).await.unwrap_err(), told, "the oldest goes then");
        assert!(
            matches!(known.begin(nth(1, 0), None, noon()).await, Ok(Begun::Answered(_))),
            "a repeat needs no new key"
        );
        drop(fresh(&known, nth(2, 0), noon()).await);
        drop(fresh(&known, Fingerprint { owner: None, ..one_more }, noon()).await);
        let next_day = noon() + TimeDelta::hours(24);
        known.forget_outdated(next_day);
        drop(fresh(&known, one_more, next_day).await);
    }

    fn numbered(owner: Option<Owner>, number: u32) -> Fingerprint {
        let mut print = Fingerprint { owner, ..print(0, 1) };
        print.key[..4].copy_from_slice(&number.to_be_bytes());
        print
    }

    #[tokio::test]
    async fn a_full_share_refuses_its_own_and_says_until_when() {
        let known = Arc::new(Idempotency::with_bounds(10, 3));
        for number in 0..3 {
            fresh(&known, numbered(None, number), noon()).await.answered(text("x"));
        }
        let later = noon() + TimeDelta::hours(23);
        let refused = known.begin(numbered(None, 3), None, later).await.unwrap_err();
        assert_eq!(refused, Refusal::KeysFull { retry_s: 3_601 });
        for number in 10..20 {
            let person = Some(owner(u8::try_from(number).unwrap()));
            fresh(&known, numbered(person, number), noon()).await.answered(text("x"));
        }
        let refused = known.begin(numbered(Some(owner(1)), 30), None, later).await.unwrap_err();
        assert_eq!(refused, Refusal::KeysFull { retry_s: 3_601 });
        assert_eq!(known.shares().map(|share| (share.used, share.bound)), [(10, 10), (3, 3)]);
        let told = noon() + TimeDelta::hours(24) + TimeDelta::seconds(1);
        known.forget_outdated(told);
        drop(fresh(&known, numbered(None, 3), told).await);
        drop(fresh(&known, numbered(Some(owner(1)), 30), told).await);
        assert_eq!(known.len(), 0, "{known:?}");
    }

    #[tokio::test]
    async fn a_share_that_runs_full_takes_more_of_those_with_few_keys() {
        let known = Arc::new(Idempotency::with_bounds(100, 1));
        for number in 0..80 {
            fresh(&known, numbered(Some(owner(1)), number), noon()).await.answered(text("x"));
        }
        assert!(known.shares()[0].is_nearly_full());
        let greedy = known.begin(numbered(Some(owner(1)), 80), None, noon()).await.unwrap_err();
        assert_eq!(greedy, Refusal::TooManyKeys { retry_s: 24 * 3_600 + 1 });
        drop(fresh(&known, numbered(Some(owner(2)), 81), noon()).await);
    }

    async fn of_member(known: &Arc<Idempotency>, id: &str, number: u32) -> Result<Begun, Refusal> {
        known.begin(numbered(None, number), Some(MemberKey::of(id)), noon()).await
    }

    #[tokio::test]
    async fn one_member_of_staff_uses_up_only_the_own_bound() {
        let known = Arc::new(Idempotency::default());
        let (held, bound) = (Some(Holder::Member(MemberKey::of("desk-1"))), MAX_KEYS_OF_ONE_MEMBER);
        for number in 0..bound {
            let Ok(Begun::Fresh(repeat)) = of_member(&known, "desk-1", number).await else { panic!("{number} is new") };
            repeat.answered(text("x"));
        }
        let told = Refusal::TooManyKeys { retry_s: 24 * 3_600 + 1 };
        assert_eq!(of_member(&known, "desk-1", bound).await.unwrap_err(), told);
        assert!(matches!(of_member(&known, "desk-1", 0).await, Ok(Begun::Answered(_))), "a repeat needs no new key");
        // The other desks go on, and so do the lines of the logs, those of this desk too.
        fresh_of(of_member(&known, "desk-2", bound).await).answered(text("x"));
        fresh(&known, numbered(None, bound + 1), noon()).await.answered(text("a line"));
        assert_eq!(known.shares()[1].used, bound as usize + 2);
        let next_day = noon() + TimeDelta::hours(24);
        known.forget_outdated(next_day);
        assert_eq!((known.len(), known.of_holders.len()), (0, 0));
        assert!(known.admit(held, next_day).is_ok(), "there is room again");
    }

    #[tokio::test]
    async fn what_another_instance_answered_to_a_member_ends_the_count_here() {
        let known = Arc::new(Idempotency::default());
        let running = fresh_of(of_member(&known, "desk-1", 1).await);
        known.follow(numbered(None, 1), noon(), text("by another"));
        assert_eq!((known.len(), known.of_holders.len()), (1, 0));
        drop(running);
        known.forget_outdated(noon() + TimeDelta::hours(24));
        assert_eq!((known.len(), known.of_holders.len()), (0, 0));
    }

    #[tokio::test]
    async fn who_is_refused_since_a_share_is_full_leaves_nothing_behind() {
        let known = Arc::new(Idempotency::with_bounds(1, 1));
        fresh(&known, numbered(Some(owner(0)), 0), noon()).await.answered(text("x"));
        fresh_of(of_member(&known, "desk-0", 1).await).answered(text("x"));
        for number in 2..40 {
            let person = Some(owner(u8::try_from(number).unwrap()));
            let refused = known.begin(numbered(person, number), None, noon()).await.unwrap_err();
            assert!(matches!(refused, Refusal::KeysFull { .. }), "{refused:?}");
            let refused = of_member(&known, &format!("desk-{number}"), number).await.unwrap_err();
            assert!(matches!(refused, Refusal::KeysFull { .. }), "{refused:?}");
        }
        assert_eq!((known.len(), known.of_holders.len()), (2, 2));
    }

    #[tokio::test]
    async fn what_was_remembered_of_strangers_takes_no_room() {
        let known = Arc::new(Idempotency::with_bounds(1, 1));
        for number in 0..10 {
            let stranger = Some(Owner::Newcomer(PersonKey([7; 16])));
            known.restore(numbered(stranger, number), noon(), text("x"));
        }
        drop(fresh(&known, numbered(Some(owner(1)), 11), noon()).await);
        drop(fresh(&known, numbered(None, 12), noon()).await);
        assert_eq!(known.len(), 0);
    }

    #[tokio::test]
    async fn a_key_that_is_used_again_is_counted_once() {
        let known = Arc::new(Idempotency::with_bounds(2, 1));
        let one = numbered(Some(owner(1)), 1);
        fresh(&known, one, noon()).await.answered(text("x"));
        let next_day = noon() + TimeDelta::hours(24);
        fresh(&known, one, next_day).await.answered(text("y"));
        known.follow(one, next_day, text("y"));
        assert_eq!((known.len(), known.of_holders.get(&Holder::Owner(owner(1))).unwrap().len()), (1, 1));
        known.forget_outdated(next_day);
        assert_eq!(known.len(), 1, "the second use is young");
        known.forget_outdated(next_day + TimeDelta::hours(24));
        assert_eq!((known.len(), known.of_holders.len()), (0, 0), "{known:?}");
    }

    #[tokio::test]
    async fn an_answer_is_forgotten_after_a_day() {
        let known = Arc::new(Idempotency::default());
        fresh(&known, print(1, 1), noon()).await.answered(text("first"));
        let almost = noon() + TimeDelta::hours(24) - TimeDelta::milliseconds(1);
        known.forget_outdated(almost);
        assert!(matches!(known.begin(print(1, 1), None, almost).await, Ok(Begun::Answered(_))));
        fresh(&known, print(3, 3), noon()).await.answered(text("third"));
        drop(fresh(&known, print(1, 2), noon() + TimeDelta::hours(24)).await);
        known.forget_outdated(noon() + TimeDelta::hours(24));
        assert_eq!(known.len(), 0, "{known:?}");
    }
}
