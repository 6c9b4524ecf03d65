//! Sessions that were opened with an `Idempotency-Key`, so that a repeat gets the same token.
//!
//! Who opens a session may be anybody, so it costs neither a flush nor a place in the ledger, and nobody who books, pages
//! and desks included, has less room for it. A token follows from the call and the instant of its opening, and that instant
//! is the beginning of a window of ten minutes that the key alone decides: so another instance, or the same one after a
//! restart, gives the same token within the same window. Across its end this memory gives it. Where that has forgotten, the
//! repeat gets another token of the same person, which opens the same.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;

use crate::domain::rejection::Rejection;
use crate::engine::{Fingerprint, KeyShare};

/// How long an opening is remembered, in minutes; a token that was opened with a key ends up to so much earlier.
pub const REMEMBERED_MINUTES: i64 = 10;
/// How many openings are remembered at once; then the oldest is forgotten.
pub const MAX_OPENINGS: usize = 100_000;
const WINDOW_MS: i64 = REMEMBERED_MINUTES * 60_000;

/// The openings of the last ten minutes. The lock is held for one look and a few forgotten ones.
#[derive(Debug, Default)]
pub struct Openings(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    by_key: HashMap<[u8; 16], Opening, foldhash::fast::RandomState>,
    /// Keys with their first use, oldest first.
    by_age: VecDeque<(i64, [u8; 16])>,
}

#[derive(Debug, Clone, Copy)]
struct Opening {
    call: [u8; 16],
    first_ms: i64,
}

impl Openings {
    /// When the session of this call was opened, for the first call and for its repeats.
    ///
    /// # Errors
    /// [`Rejection::IdempotencyMismatch`] if the key was used for another call.
    pub fn opened_at(&self, fingerprint: Fingerprint, now: DateTime<Utc>) -> Result<DateTime<Utc>, Rejection> {
        let Fingerprint { key, call, .. } = fingerprint;
        let now_ms = now.timestamp_millis();
        let mut known = self.0.lock();
        known.forget_outdated(now_ms);
        let first_ms = match known.by_key.get(&key) {
            Some(opening) if opening.call != call => return Err(Rejection::IdempotencyMismatch),
            Some(opening) => opening.first_ms,
            None => {
                known.learn(key, Opening { call, first_ms: now_ms });
                now_ms
            }
        };
        Ok(DateTime::from_timestamp_millis(window_of(&key, first_ms)).unwrap_or(now))
    }

    /// How many are remembered.
    #[must_use]
    pub fn share(&self) -> KeyShare {
        KeyShare { of: "newcomers", used: self.0.lock().by_key.len(), bound: MAX_OPENINGS }
    }
}

impl Known {
    fn learn(&mut self, key: [u8; 16], opening: Opening) {
        while self.by_key.len() >= MAX_OPENINGS {
            self.forget_oldest();
        }
        self.by_key.insert(key, opening);
        self.by_age.push_back((opening.first_ms, key));
        assert!(self.by_age.len() == self.by_key.len(), "every opening has one place in the order");
    }

    fn forget_outdated(&mut self, now_ms: i64) {
        // What comes from the future was learnt before the clock was set back.
        while let Some((first_ms, _)) = self.by_age.front()
            && (now_ms - first_ms).abs() >= WINDOW_MS
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, key)) = self.by_age.pop_front() {
            self.by_key.remove(&key);
        }
    }
}

/// The beginning of the window of a key in which an instant lies, in milliseconds. Each key has a phase of its own, so that
/// not all windows end at the same moment.
fn window_of(key: &[u8; 16], at_ms: i64) -> i64 {
    let [first, second, ..] = key.as_chunks::<8>().0 else { unreachable!("16 bytes are two times 8") };
    let phase_ms = i64::try_from((u64::from_be_bytes(*first) ^ u64::from_be_bytes(*second)) % WINDOW_MS.unsigned_abs());
    at_ms - (at_ms - phase_ms.unwrap_or_default()).rem_euclid(WINDOW_MS)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-11-24T04:00:00Z".parse().unwrap()
    }

    fn numbered(number: u32, call: u8) -> Fingerprint {
        let mut key = [0; 16];
        key[4..8].copy_from_slice(&number.to_be_bytes());
        Fingerprint { owner: None, key, call: [call; 16] }
    }

    #[test]
    fn a_repeat_within_ten_minutes_is_of_the_same_instant() {
        let (openings, almost) = (Openings::default(), TimeDelta::minutes(10) - TimeDelta::milliseconds(1));
        for number in [0, 1, 299_999, 300_000, 599_999, u32::MAX] {
            let first = openings.opened_at(numbered(number, 1), noon()).unwrap();
            assert!(first <= noon() && noon() - first < TimeDelta::minutes(10), "{number}: {first}");
            assert_eq!(openings.opened_at(numbered(number, 1), noon() + almost), Ok(first), "{number}");
            let another = openings.opened_at(numbered(number, 2), noon() + almost);
            assert_eq!(another, Err(Rejection::IdempotencyMismatch), "{number}");
        }
    }

    #[test]
    fn whoever_has_forgotten_gives_the_same_instant_within_the_window() {
        let opened_at = |number, at| Openings::default().opened_at(numbered(number, 1), at).unwrap();
        for number in 0..1_000 {
            let first = opened_at(number, noon());
            let end = first + TimeDelta::minutes(10);
            assert_eq!(opened_at(number, end - TimeDelta::milliseconds(1)), first);
            assert_eq!(opened_at(number, end), end);
        }
    }

    #[test]
    fn the_oldest_is_forgotten_rather_than_the_newest_refused() {
        let openings = Openings::default();
        for number in 0..=u32::try_from(MAX_OPENINGS).unwrap() {
            openings.opened_at(numbered(number, 1), noon()).unwrap();
        }
        assert_eq!(openings.share().used, MAX_OPENINGS);
        assert!(openings.opened_at(numbered(0, 2), noon()).is_ok(), "the oldest is forgotten");
        let newest = numbered(u32::try_from(MAX_OPENINGS).unwrap(), 2);
        assert!(openings.opened_at(newest, noon()).is_err(), "the newest is not");
    }

    #[test]
    fn what_is_old_is_forgotten_and_so_is_what_comes_from_the_future() {
        for now in [noon() + TimeDelta::minutes(10), noon() - TimeDelta::minutes(10)] {
            let openings = Openings::default();
            openings.opened_at(numbered(1, 1), noon()).unwrap();
            assert!(openings.opened_at(numbered(1, 2), now).is_ok());
            assert_eq!(openings.share().used, 1);
        }
    }
}
