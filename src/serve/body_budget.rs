//! How many bytes of bodies that are not whole yet the process keeps, of all connections together.
//!
//! Nearly every body comes with its head and takes nothing of this. What comes bit by bit takes as much as there is of it,
//! until it is whole or given up. Strangers have a share apart, so that their slow bodies never refuse those of persons and
//! staff.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::problem::{Code, Problem};

/// How many bytes of unfinished bodies are kept of persons with a session and of staff.
pub const MAX_UNFINISHED_BYTES: usize = 48 * 1024 * 1024;
/// How many bytes of unfinished bodies are kept of everybody else.
pub const MAX_UNFINISHED_BYTES_OF_STRANGERS: usize = 16 * 1024 * 1024;

/// The room for unfinished bodies.
#[derive(Debug)]
pub struct BodyBudget {
    known: Share,
    strangers: Share,
}

#[derive(Debug)]
struct Share {
    bound: usize,
    used: AtomicUsize,
}

impl Default for BodyBudget {
    fn default() -> Self {
        Self::with_bounds(MAX_UNFINISHED_BYTES, MAX_UNFINISHED_BYTES_OF_STRANGERS)
    }
}

impl BodyBudget {
    fn with_bounds(known: usize, strangers: usize) -> Self {
        let share = |bound| Share { bound, used: AtomicUsize::new(0) };
        Self { known: share(known), strangers: share(strangers) }
    }

    const fn share(&self, is_known: bool) -> &Share {
        if is_known { &self.known } else { &self.strangers }
    }
}

/// What one body has taken of the room, and gives back when it goes.
#[derive(Debug)]
pub struct Taken {
    /// `None` where no room is counted.
    budget: Option<Arc<BodyBudget>>,
    is_known: bool,
    bytes: usize,
}

impl Taken {
    /// Nothing yet, by somebody who is known or not.
    #[must_use]
    pub const fn nothing(budget: Option<Arc<BodyBudget>>, is_known: bool) -> Self {
        Self { budget, is_known, bytes: 0 }
    }

    /// Takes so many bytes more.
    ///
    /// # Errors
    /// `overloaded` if so many are not left.
    pub fn take(&mut self, bytes: usize) -> Result<(), Problem> {
        let Some(budget) = &self.budget else { return Ok(()) };
        let share = budget.share(self.is_known);
        let room = |used: usize| used.checked_add(bytes).filter(|used| *used <= share.bound);
        if share.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_err() {
            let detail = "too many requests are being read; send this one again";
            return Err(Problem::new(Code::Overloaded, detail).closing());
        }
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            let before = budget.share(self.is_known).used.fetch_sub(self.bytes, Ordering::Relaxed);
            assert!(before >= self.bytes, "what is given back was taken");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(budget: &Arc<BodyBudget>, is_known: bool) -> Taken {
        Taken::nothing(Some(Arc::clone(budget)), is_known)
    }

    #[test]
    fn what_is_taken_is_bounded_and_comes_back() {
        let budget = Arc::new(BodyBudget::with_bounds(10, 5));
        let mut first = taken(&budget, false);
        assert_eq!((first.take(3), first.take(2)), (Ok(()), Ok(())));
        let mut second = taken(&budget, false);
        let refused = second.take(1).unwrap_err();
        assert_eq!((refused.code, refused.closes, refused.retry_after_s), (Code::Overloaded, true, Some(1)));
        drop(first);
        assert_eq!(second.take(5), Ok(()));
    }

    #[test]
    fn strangers_leave_room_for_those_who_are_known() {
        let budget = Arc::new(BodyBudget::with_bounds(10, 5));
        let mut strangers: Vec<Taken> = (0..5).map(|_| taken(&budget, false)).collect();
        for stranger in &mut strangers {
            stranger.take(1).unwrap();
        }
        assert!(taken(&budget, false).take(1).is_err());
        assert_eq!(taken(&budget, true).take(10), Ok(()));
        assert!(taken(&budget, true).take(11).is_err());
    }

    #[test]
    fn where_nothing_is_counted_nothing_is_refused() {
        assert_eq!(Taken::nothing(None, false).take(usize::MAX), Ok(()));
    }
}
