//! How often one person may write: the generic cell rate algorithm, one instant for each person.
//!
//! What is kept is the *theoretical arrival time*: when the person's budget will be whole again. A person whose time has
//! come is the same as one who was never seen, so such entries may be dropped whenever room is needed.
//!
//! Who opens sessions may be anybody, so that has a budget for each person *and* network: whoever opens sessions for a number
//! from elsewhere keeps its owner out of nothing. Such budgets have a table of their own for the same reason.

use std::hash::Hash;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use dashmap::{DashMap, Entry};

use super::peer::Network;
use crate::app::refusal::TooMany;
use crate::clock::Running;
use crate::domain::appointment::PersonKey;

/// How many writes a person may make at once.
pub const WRITE_BURST: i64 = 600;
/// How many writes a second a person may make in the long run.
pub const WRITES_PER_SECOND: u32 = 10;
/// How many persons are remembered at once, and as many pairs of a person and a network that opens sessions for it.
pub const MAX_THROTTLED: usize = 262_144;
const INTERVAL_MS: i64 = 1000 / WRITES_PER_SECOND as i64;
/// How long a full table is left alone after it has been swept.
const SWEEP_PAUSE_MS: i64 = 1000;

/// Whose budget a write is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// A person with a session.
    Person(PersonKey),
    /// Somebody in a network who opens a session for a person.
    Newcomer(PersonKey, Network),
}

/// The budgets of all who wrote lately.
#[derive(Debug, Default)]
pub struct Throttle {
    persons: Budgets<PersonKey>,
    newcomers: Budgets<(PersonKey, Network)>,
}

impl Throttle {
    /// Takes one write out of a budget.
    ///
    /// # Errors
    /// `too_many_requests` with the time after which the next write is admitted.
    pub fn admit(&self, writer: Writer, now: Running) -> Result<(), TooMany> {
        match writer {
            Writer::Person(person) => self.persons.admit(person, now),
            Writer::Newcomer(person, network) => self.newcomers.admit((person, network), now),
        }
    }
}

/// Budgets by their owner.
#[derive(Debug)]
struct Budgets<K: Eq + Hash> {
    whole_again_ms: DashMap<K, i64, foldhash::fast::RandomState>,
    /// How many entries there are: the map's own count visits every shard.
    owners: AtomicUsize,
    swept_ms: AtomicI64,
}

impl<K: Eq + Hash> Default for Budgets<K> {
    fn default() -> Self {
        Self { whole_again_ms: DashMap::default(), owners: AtomicUsize::new(0), swept_ms: AtomicI64::new(0) }
    }
}

impl<K: Eq + Hash> Budgets<K> {
    fn admit(&self, owner: K, now: Running) -> Result<(), TooMany> {
        let now_ms = now.ms();
        self.make_room(now_ms);
        let mut whole_again_ms = match self.whole_again_ms.entry(owner) {
            Entry::Occupied(known) => known.into_ref(),
            // A writer that is not counted could write without a bound. Budgets that are whole are dropped once a second, so the
            // table stays full only as long as so many write more than they may in the long run.
            Entry::Vacant(_) if self.is_full() => return Err(too_many(SWEEP_PAUSE_MS)),
            Entry::Vacant(new) => {
                self.owners.fetch_add(1, Ordering::Relaxed);
                new.insert(now_ms)
            }
        };
        // More than a whole budget is missing only if a manual clock was set back; then the person begins anew.
        let missing_ms =
            Some(*whole_again_ms - now_ms).filter(|missing| (0..=WRITE_BURST * INTERVAL_MS).contains(missing));
        let missing_ms = missing_ms.unwrap_or(0);
        let next_ms = now_ms + missing_ms + INTERVAL_MS;
        let wait_ms = next_ms - WRITE_BURST * INTERVAL_MS - now_ms;
        if wait_ms > 0 {
            return Err(too_many(wait_ms));
        }
        *whole_again_ms = next_ms;
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.owners.load(Ordering::Relaxed) >= MAX_THROTTLED
    }

    /// Drops those whose budget is whole, where the table is full, once in a while.
    fn make_room(&self, now_ms: i64) {
        let swept_ms = self.swept_ms.load(Ordering::Relaxed);
        let due = self.is_full() && (now_ms - swept_ms).abs() >= SWEEP_PAUSE_MS;
        if !due || self.swept_ms.compare_exchange(swept_ms, now_ms, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        let mut dropped = 0;
        self.whole_again_ms.retain(|_, whole_again_ms| {
            let keep = *whole_again_ms > now_ms;
            dropped += usize::from(!keep);
            keep
        });
        self.owners.fetch_sub(dropped, Ordering::Relaxed);
    }
}

fn too_many(wait_ms: i64) -> TooMany {
    let retry_s = u32::try_from((wait_ms + 999) / 1000).unwrap_or(u32::MAX);
    TooMany::Writes { a_second: WRITES_PER_SECOND, retry_s }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::access::peer::Peer;

    fn at_ms(ms: i64) -> Running {
        Running::at_ms(1_795_492_800_000 + ms)
    }

    fn person(number: u32) -> PersonKey {
        let mut key = [0; 16];
        key[..4].copy_from_slice(&number.to_be_bytes());
        PersonKey(key)
    }

    #[test]
    fn a_burst_passes_and_then_ten_a_second() {
        let throttle = Throttle::default();
        let retry_s = |refused| match refused {
            TooMany::Writes { retry_s, .. } => Some(retry_s),
            _ => None,
        };
        let admitted_at = |ms| throttle.admit(Writer::Person(person(1)), at_ms(ms)).map_err(retry_s);
        for _ in 0..WRITE_BURST {
            assert_eq!(admitted_at(0), Ok(()));
        }
        assert_eq!(admitted_at(0), Err(Some(1)));
        assert_eq!(admitted_at(99), Err(Some(1)));
        assert_eq!(admitted_at(100), Ok(()));
        assert_eq!(admitted_at(100), Err(Some(1)));
        assert_eq!(admitted_at(1100), Ok(()));
        for _ in 0..9 {
            assert_eq!(admitted_at(1100), Ok(()));
        }
        assert_eq!(admitted_at(1100), Err(Some(1)));
        assert_eq!(
            throttle.admit(Writer::Person(person(2)), at_ms(1100)),
            Ok(()),
            "another person has a budget of its own"
        );
        let opening = Writer::Newcomer(person(1), Peer::LOOPBACK.network());
        assert_eq!(throttle.admit(opening, at_ms(1100)), Ok(()), "and so has opening sessions");
        for _ in 0..WRITE_BURST {
            assert_eq!(admitted_at(100_000), Ok(()));
        }
        assert_eq!(admitted_at(100_000), Err(Some(1)));
        assert_eq!(admitted_at(90_000), Ok(()), "a clock that was set back");
    }

    #[test]
    fn a_full_table_drops_whose_budget_is_whole() {
        let throttle = Budgets::default();
        for number in 0..u32::try_from(MAX_THROTTLED).unwrap() {
            throttle.admit(person(number), at_ms(0)).unwrap();
        }
        let refused = throttle.admit(person(u32::MAX), at_ms(99));
        assert_eq!(refused, Err(TooMany::Writes { a_second: WRITES_PER_SECOND, retry_s: 1 }), "none could be dropped");
        assert_eq!(throttle.admit(person(0), at_ms(99)), Ok(()), "who is known goes on");
        assert_eq!(throttle.whole_again_ms.len(), MAX_THROTTLED);
        throttle.admit(person(u32::MAX), at_ms(1100)).unwrap();
        assert_eq!(throttle.whole_again_ms.len(), 1);
    }

    #[test]
    fn who_opens_sessions_elsewhere_spends_nothing_of_the_owner() {
        let throttle = Throttle::default();
        let from = |address: &str| Peer::at(address.parse().unwrap()).network();
        let admitted = |address| throttle.admit(Writer::Newcomer(person(1), from(address)), at_ms(0));
        for _ in 0..WRITE_BURST {
            assert_eq!(admitted("192.0.2.1"), Ok(()));
        }
        assert!(admitted("192.0.2.1").is_err());
        for owner in ["192.0.2.2", "2001:db8::1", "127.0.0.1"] {
            assert_eq!(admitted(owner), Ok(()), "{owner}");
        }
        let other = Writer::Newcomer(person(2), from("192.0.2.1"));
        assert_eq!(throttle.admit(other, at_ms(0)), Ok(()), "many share an address");
    }
}
