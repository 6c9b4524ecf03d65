//! How often somebody may guess a token of staff, by the API and by the page: so many a minute from one network, and so many of
//! everybody together.
//!
//! A token is compared before it is counted, in a time that tells nothing, and a right one is always let in: it is 32 random
//! bytes, so nobody meets one by chance. Only wrong ones are counted, and only they are refused when a budget is gone: nobody
//! keeps a desk out by guessing. A desk signs in once a day with a password manager, so a few wrong ones a minute are many.

use std::collections::HashMap;

use parking_lot::Mutex;

use super::peer::{Network, Peer};
use crate::app::refusal::TooMany;
use crate::clock::Running;

/// How many wrong guesses there may be in one minute, of everybody together. Networks that guess are no more than that.
pub const MAX_WRONG_GUESSES_A_MINUTE: u32 = 60;
/// How many of them may come from one network, so that one that guesses leaves others the answer that a token is wrong.
/// Behind this machine's own address may be everybody whom a proxy lets through, so it has all of them.
pub const MAX_WRONG_GUESSES_OF_ONE_NETWORK: u32 = 10;
const MINUTE_MS: i64 = 60_000;

/// The wrong guesses of the running minute.
#[derive(Debug, Default)]
pub struct Guesses(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    wrong: u32,
    /// At most [`MAX_WRONG_GUESSES_A_MINUTE`] networks, as each has guessed.
    of_networks: HashMap<Network, u32, foldhash::fast::RandomState>,
}

impl Guesses {
    /// Notes a wrong guess at this instant.
    ///
    /// # Errors
    /// `too_many_requests` if a budget was gone before; it is whole again in the next minute.
    pub fn spend(&self, peer: Peer, now: Running) -> Result<(), TooMany> {
        let now_ms = now.ms();
        let number = now_ms.div_euclid(MINUTE_MS);
        let mut minute = self.0.lock();
        if minute.number != number {
            *minute = Minute { number, ..Minute::default() };
        }
        if minute.admits(peer) {
            return Ok(());
        }
        let left_ms = MINUTE_MS - now_ms.rem_euclid(MINUTE_MS);
        Err(TooMany::Guesses { retry_s: u32::try_from(left_ms.div_euclid(1_000) + 1).unwrap_or(1) })
    }
}

impl Minute {
    fn admits(&mut self, peer: Peer) -> bool {
        if self.wrong >= MAX_WRONG_GUESSES_A_MINUTE {
            return false;
        }
        let wrong = self.of_networks.entry(peer.network()).or_default();
        if *wrong >= MAX_WRONG_GUESSES_OF_ONE_NETWORK && !peer.is_loopback() {
            return false;
        }
        *wrong += 1;
        self.wrong += 1;
        assert!(self.of_networks.len() <= self.wrong as usize, "every network that is kept has guessed");
        true
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    /// In the middle of a minute.
    fn start() -> Running {
        after_start_s(0)
    }

    fn after_start_s(seconds: i64) -> Running {
        Running::at_ms(MINUTE_MS * 1_000_000 + 30_000 + seconds * 1_000)
    }

    fn peer(number: u32) -> Peer {
        Peer::at(IpAddr::V4(Ipv4Addr::from_bits(0xc000_0200 + number)))
    }

    #[test]
    fn a_minute_has_so_many_wrong_guesses_and_the_next_one_has_them_again() {
        let guesses = Guesses::default();
        for _ in 0..MAX_WRONG_GUESSES_A_MINUTE {
            assert_eq!(guesses.spend(Peer::LOOPBACK, start()), Ok(()));
        }
        assert_eq!(guesses.spend(Peer::LOOPBACK, start()), Err(TooMany::Guesses { retry_s: 31 }));
        assert!(guesses.spend(peer(1), start()).is_err(), "of everybody together");
        assert_eq!(guesses.spend(Peer::LOOPBACK, after_start_s(30)), Ok(()));
    }

    #[test]
    fn one_network_that_guesses_leaves_the_answer_to_others() {
        let guesses = Guesses::default();
        for _ in 0..MAX_WRONG_GUESSES_OF_ONE_NETWORK {
            assert_eq!(guesses.spend(peer(1), start()), Ok(()));
        }
        for _ in 0..1_000 {
            assert!(guesses.spend(peer(1), start()).is_err());
        }
        assert_eq!(guesses.spend(peer(2), start()), Ok(()));
        assert_eq!(guesses.spend(Peer::LOOPBACK, start()), Ok(()));
    }

    #[test]
    fn what_is_kept_of_networks_is_bounded() {
        let guesses = Guesses::default();
        let admitted = (0..100_000).filter(|number| guesses.spend(peer(*number), start()).is_ok()).count();
        assert_eq!(admitted, MAX_WRONG_GUESSES_A_MINUTE as usize);
        assert_eq!(guesses.0.lock().of_networks.len(), MAX_WRONG_GUESSES_A_MINUTE as usize);
    }
}
