//! Chance, a stream for each person.
//!
//! The technique is *common random numbers*: two configurations that are compared use the same random numbers for the
//! same purpose, so that their difference is the configurations' and not chance's ("Some Guidelines and Guarantees for
//! Common Random Numbers", Management Science 38(6), 1992, doi 10.1287/mnsc.38.6.884). For that, numbers must not move
//! when somebody else draws more or fewer of them: each person has a stream of its own, named by hall, lane and band
//! and by the position in the band, and draws from it in an order that never depends on the configuration.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use xxhash_rust::xxh3::xxh3_64;

use crate::domain::name::{HallId, LaneId};
use crate::domain::wall::WallTime;

/// What the key of a hall's day begins with, so that no other user of the same seed draws the same numbers.
const PURPOSE: [u8; 8] = *b"hall-day";

/// The streams of one lane: one `ChaCha` key, which has 2⁶⁴ independent streams.
#[derive(Debug)]
pub(super) struct Streams {
    key: [u8; 32],
}

/// What a stream is for; the number is part of the stream's name.
#[derive(Clone, Copy)]
enum Kind {
    Booked = 0,
    WalkInCount = 1,
    WalkIn = 2,
}

impl Streams {
    pub(super) fn new(seed: u64, hall: HallId, lane: LaneId) -> Self {
        let parts = [
            PURPOSE,
            seed.to_le_bytes(),
            xxh3_64(hall.as_str().as_bytes()).to_le_bytes(),
            xxh3_64(lane.as_str().as_bytes()).to_le_bytes(),
        ];
        let mut key = [0; 32];
        key.copy_from_slice(parts.as_flattened());
        Self { key }
    }

    /// The stream of a booked person: the start of the band and the position in it.
    pub(super) fn booked(&self, start: WallTime, position: u32) -> ChaCha8Rng {
        self.stream(Kind::Booked, start.minutes(), position)
    }

    /// The stream that says how many walk-ins come.
    pub(super) fn walk_in_count(&self) -> ChaCha8Rng {
        self.stream(Kind::WalkInCount, 0, 0)
    }

    /// The stream of a walk-in.
    pub(super) fn walk_in(&self, position: u32) -> ChaCha8Rng {
        self.stream(Kind::WalkIn, 0, position)
    }

    fn stream(&self, kind: Kind, minute: u16, position: u32) -> ChaCha8Rng {
        let mut stream = ChaCha8Rng::from_seed(self.key);
        stream.set_stream((kind as u64) << 48 | u64::from(minute) << 32 | u64::from(position));
        stream
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::Rng;

    use super::*;

    #[test]
    fn everybody_has_a_stream_of_their_own() {
        let mut firsts = HashSet::new();
        let mut streams = 0;
        for (seed, hall, lane) in [(1, "a", "b"), (2, "a", "b"), (1, "b", "a"), (1, "a", "c"), (1, "ab", "b")] {
            let lane = Streams::new(seed, HallId::intern(hall).unwrap(), LaneId::intern(lane).unwrap());
            let eight = WallTime::hm(8, 0);
            let nine = WallTime::hm(9, 0);
            for mut stream in [lane.walk_in_count(), lane.walk_in(0), lane.walk_in(1)]
                .into_iter()
                .chain([(eight, 0), (eight, 1), (nine, 0)].map(|(start, position)| lane.booked(start, position)))
            {
                streams += 1;
                firsts.insert(stream.next_u64());
            }
        }
        assert_eq!(firsts.len(), streams, "no two streams begin alike");
    }

    #[test]
    fn a_stream_is_the_same_whenever_it_is_asked_for() {
        let lane = || Streams::new(7, HallId::intern("hall").unwrap(), LaneId::intern("counter").unwrap());
        let (here, there) = (lane(), lane());
        let _ = here.walk_in(3).next_u64();
        assert_eq!(here.booked(WallTime::hm(9, 0), 2).next_u64(), there.booked(WallTime::hm(9, 0), 2).next_u64());
    }
}
