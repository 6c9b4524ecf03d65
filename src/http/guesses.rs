//! How often somebody may guess a token of staff: a budget for all of them together, whole again every minute.
//!
//! A desk signs in once a day and types the token with a password manager, so a few dozen wrong ones a minute are many;
//! for who guesses they are none. Only wrong guesses spend it, and only they are refused when it is gone: nobody can keep a
//! desk out by guessing.

use chrono::{DateTime, Utc};
use parking_lot::Mutex;

use super::problem::{Code, Problem};

/// How many wrong guesses there may be in one minute, of everybody together.
pub const MAX_WRONG_GUESSES_A_MINUTE: u32 = 60;
const MINUTE_MS: i64 = 60_000;

/// The wrong guesses of the running minute.
#[derive(Debug, Default)]
pub struct Guesses(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    wrong: u32,
}

impl Guesses {
    /// Notes a wrong guess at this instant.
    ///
    /// # Errors
    /// `too_many_requests` where the budget was gone before; it is whole again in the next minute.
    pub fn spend(&self, now: DateTime<Utc>) -> Result<(), Problem> {
        let now_ms = now.timestamp_millis();
        let number = now_ms.div_euclid(MINUTE_MS);
        let mut minute = self.0.lock();
        if minute.number != number {
            *minute = Minute { number, wrong: 0 };
        }
        if minute.wrong < MAX_WRONG_GUESSES_A_MINUTE {
            minute.wrong += 1;
            return Ok(());
        }
        let left_ms = MINUTE_MS - now_ms.rem_euclid(MINUTE_MS);
        let mut problem = Problem::new(Code::TooManyRequests, "too many wrong tokens were tried; wait for a minute");
        problem.retry_after_s = u32::try_from(left_ms.div_euclid(1_000) + 1).ok();
        Err(problem)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_minute_has_so_many_wrong_guesses_and_the_next_one_has_them_again() {
        let (guesses, start) = (Guesses::default(), "2026-11-24T04:00:30Z".parse::<DateTime<Utc>>().unwrap());
        for _ in 0..MAX_WRONG_GUESSES_A_MINUTE {
            assert_eq!(guesses.spend(start), Ok(()));
        }
        let refused = guesses.spend(start).unwrap_err();
        assert_eq!((refused.code, refused.retry_after_s), (Code::TooManyRequests, Some(31)));
        assert_eq!(guesses.spend(start + TimeDelta::seconds(30)), Ok(()));
    }
}
