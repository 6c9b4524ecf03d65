//! What a booking must have before it may be written: places of a slot, and the right to change an appointment.
//!
//! Each claim is one atomic step on its own and waits for nothing, so there is no lock order and no deadlock. A guard
//! that is dropped gives back; one that is kept has become a fact, to be given back by whoever ends that fact.
//! Invariant: a place is never taken beyond the capacity that the cell had at that instant. The sum of guards and kept
//! places is `taken`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashSet;
use foldhash::fast::RandomState;

use crate::domain::appointment::AppointmentId;

/// The counts of one band: how many places are taken, and how many there are, in one atomic word.
#[derive(Debug)]
pub struct Cell(AtomicU64);

const fn packed(taken: u32, capacity: u32) -> u64 {
    (capacity as u64) << 32 | taken as u64
}

#[allow(clippy::cast_possible_truncation, reason = "the two halves of the word are cut apart here")]
const fn unpacked(word: u64) -> (u32, u32) {
    (word as u32, (word >> 32) as u32)
}

impl Cell {
    /// An empty cell.
    #[must_use]
    pub const fn new(capacity: u32) -> Self {
        Self(AtomicU64::new(packed(0, capacity)))
    }

    /// How many places are taken, and how many there are.
    #[must_use]
    pub fn counts(&self) -> (u32, u32) {
        unpacked(self.0.load(Ordering::Acquire))
    }

    /// Takes `count` places at once, or none. Gives the capacity that they were taken under.
    #[must_use]
    pub fn try_take(self: &Arc<Self>, count: u32) -> Option<Places> {
        let mut seen = self.0.load(Ordering::Acquire);
        loop {
            let (taken, capacity) = unpacked(seen);
            let after = taken.checked_add(count).filter(|after| *after <= capacity)?;
            match self.0.compare_exchange_weak(seen, packed(after, capacity), Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Some(Places { cell: Arc::clone(self), count, capacity }),
                Err(now) => seen = now,
            }
        }
    }

    /// Counts a place that the ledger says is taken, whatever the capacity is now.
    ///
    /// # Panics
    /// If the cell counts no further.
    pub fn restore(&self) {
        let (taken, _) = unpacked(self.0.fetch_add(1, Ordering::AcqRel));
        assert!(taken < u32::MAX, "a cell counts no further");
    }

    /// Gives back `count` kept places.
    ///
    /// # Panics
    /// Where fewer are taken: a place would have been given back twice.
    pub fn give_back(&self, count: u32) {
        let (taken, _) = unpacked(self.0.fetch_sub(u64::from(count), Ordering::AcqRel));
        assert!(taken >= count, "a place was given back twice");
    }

    /// Changes the capacity in place. Places beyond it stay taken; no new one is given until there is room.
    pub fn set_capacity(&self, capacity: u32) {
        let change = |word| Some(packed(unpacked(word).0, capacity));
        // The closure always gives a word, so the update cannot fail.
        let _ = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, change);
    }
}

/// Places of one cell, given back on drop unless kept.
#[derive(Debug)]
pub struct Places {
    cell: Arc<Cell>,
    count: u32,
    capacity: u32,
}

impl Places {
    /// The capacity under which they were taken.
    #[must_use]
    pub const fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Keeps them: the ledger has the appointments that take them.
    pub fn keep(mut self) {
        assert!(self.count > 0, "places are kept once");
        self.count = 0;
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        if self.count > 0 {
            self.cell.give_back(self.count);
        }
    }
}

/// The appointments that somebody is changing right now.
#[derive(Debug, Default, Clone)]
pub struct Transitions(Arc<DashSet<AppointmentId, RandomState>>);

impl Transitions {
    /// The right to change these appointments; none where somebody else is changing one of them.
    #[must_use]
    pub fn take(&self, ids: impl IntoIterator<Item = AppointmentId>) -> Option<Transition> {
        let mut transition = Transition { owner: self.clone(), ids: Vec::new() };
        for id in ids {
            if !self.0.insert(id) {
                return None;
            }
            transition.ids.push(id);
        }
        Some(transition)
    }
}

/// The right to change some appointments, given back on drop.
#[derive(Debug)]
pub struct Transition {
    owner: Transitions,
    ids: Vec<AppointmentId>,
}

impl Drop for Transition {
    fn drop(&mut self) {
        for id in &self.ids {
            let was_taken = self.owner.0.remove(id).is_some();
            debug_assert!(was_taken || std::thread::panicking(), "a right to change that ends was taken");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use uuid::Uuid;

    use super::*;

    const THREADS: usize = 4;
    const CAPACITY: u32 = 1_000;

    /// Lets threads race for the places of one cell until nobody gets one, and says how many they got together.
    fn winners(take: impl Fn(&Arc<Cell>) -> bool + Sync) -> u32 {
        let cell = Arc::new(Cell::new(CAPACITY));
        let start = Barrier::new(THREADS);
        std::thread::scope(|scope| {
            let racers: Vec<_> = (0..THREADS)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        (0..10 * CAPACITY).take_while(|_| take(&cell)).count()
                    })
                })
                .collect();
            racers.into_iter().map(|racer| u32::try_from(racer.join().unwrap()).unwrap()).sum()
        })
    }

    fn compare_and_swap(cell: &Arc<Cell>) -> bool {
        cell.try_take(1).map(Places::keep).is_some()
    }

    /// The control: what many booking systems do.
    fn look_then_add(cell: &Arc<Cell>) -> bool {
        let (taken, capacity) = cell.counts();
        std::thread::yield_now();
        if taken < capacity {
            cell.restore();
        }
        taken < capacity
    }

    #[test]
    fn racing_threads_get_exactly_the_capacity() {
        for _ in 0..20 {
            assert_eq!(winners(compare_and_swap), CAPACITY);
        }
    }

    #[test]
    fn without_the_compare_and_swap_the_same_race_oversells() {
        let oversold = (0..1_000).any(|_| winners(look_then_add) > CAPACITY);
        assert!(oversold, "the race test would not notice a missing guard");
    }

    #[test]
    fn several_places_are_taken_together_or_not_at_all() {
        let cell = Arc::new(Cell::new(5));
        let three = cell.try_take(3).unwrap();
        assert!(cell.try_take(3).is_none());
        assert_eq!(cell.counts(), (3, 5));
        drop(three);
        assert_eq!(cell.counts(), (0, 5));
        cell.try_take(5).unwrap().keep();
        assert_eq!(cell.counts(), (5, 5));
        assert!(cell.try_take(u32::MAX).is_none());
    }

    #[test]
    fn a_lower_capacity_un_books_nobody_and_lets_nobody_in() {
        let cell = Arc::new(Cell::new(3));
        cell.try_take(3).unwrap().keep();
        cell.set_capacity(2);
        cell.give_back(1);
        assert!(cell.try_take(1).is_none());
        cell.give_back(1);
        assert_eq!(cell.try_take(1).unwrap().capacity(), 2);
    }

    #[test]
    #[should_panic(expected = "given back twice")]
    fn giving_a_place_back_twice_is_a_bug() {
        let cell = Cell::new(1);
        cell.restore();
        cell.give_back(1);
        cell.give_back(1);
    }

    #[test]
    fn one_at_a_time_changes_an_appointment() {
        let transitions = Transitions::default();
        let (a, b) = (AppointmentId(Uuid::from_u128(1)), AppointmentId(Uuid::from_u128(2)));
        let first = transitions.take([a]).unwrap();
        assert!(transitions.take([b, a]).is_none());
        let second = transitions.take([b]).expect("a refused set leaves nothing behind");
        drop((first, second));
        assert!(transitions.take([a, b]).is_some());
    }
}
