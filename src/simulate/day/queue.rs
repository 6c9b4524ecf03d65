//! The queue core: customers, desks and shifts in; who was served when out. It knows nothing of halls or of chance.
//!
//! Arrival and service times come from the caller, out of whatever sampler: the same core serves a hall's day and the
//! M/M/c queue by which it is tested.
//!
//! A simulation by events: all events of one instant are applied first, then desks that are free call who is next.
//! Invariants: nobody begins before the own arrival or outside a shift; no desk is idle within a shift while somebody
//! waits; of those who wait, ranks go before each other and, within a rank, arrivals in order.

use std::cmp::{Ordering, Reverse};
use std::collections::binary_heap::PeekMut;
use std::collections::{BTreeSet, BinaryHeap};
use std::num::NonZeroU32;

/// One who wants to be served.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(clippy::struct_field_names, reason = "a unit stands last in a name")]
pub(super) struct Customer {
    /// When it arrives.
    pub arrives_min: f64,
    /// How long a desk is busy with it, not below 0.
    pub service_min: f64,
    /// From when on it goes before all who have no such time or whose time has not come; none: never.
    pub due_min: Option<f64>,
}

/// When desks begin services: `[from_min, to_min)`. What has begun is finished.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shift {
    pub from_min: f64,
    pub to_min: f64,
}

/// How it went for one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(clippy::struct_field_names, reason = "a unit stands last in a name")]
pub(super) struct Visit {
    pub arrived_min: f64,
    pub began_min: f64,
    pub done_min: f64,
}

impl Visit {
    pub(super) fn wait_min(self) -> f64 {
        self.began_min - self.arrived_min
    }
}

/// Serves the customers, who are in order of arrival; the visits are in the same order.
///
/// The shifts are in order and do not overlap; the last one has no end, so that everybody is served.
pub(super) fn serve(customers: &[Customer], desks: NonZeroU32, shifts: &[Shift]) -> Vec<Visit> {
    assert!(customers.is_sorted_by(|one, next| one.arrives_min <= next.arrives_min), "in order of arrival");
    assert!(customers.is_empty() || shifts.last().is_some_and(|last| last.to_min == f64::INFINITY), "the last is open");
    let mut room = Room::new(customers, desks, shifts);
    while let Some(now) = room.events.peek().map(|Reverse(next)| next.at) {
        while let Some(event) = room.pop_event_at(now) {
            room.apply(&event);
        }
        room.call_waiting(now);
    }
    debug_assert!(room.waiting.is_empty() && room.visits.iter().all(|visit| visit.done_min.is_finite()));
    room.visits
}

/// A moment, in minutes; ordered, as none is `NaN`.
#[derive(Debug, Clone, Copy)]
struct Moment(f64);

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Moment {}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    at: Moment,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    ShiftBegins,
    ShiftEnds,
    DeskIsFree,
    Arrives(usize),
    IsDue(usize),
}

/// Which of those who wait is called first; the lesser one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Due,
    NotDue,
}

struct Room<'a> {
    customers: &'a [Customer],
    events: BinaryHeap<Reverse<Event>>,
    waiting: BTreeSet<(Rank, usize)>,
    free_desks: u32,
    in_shift: bool,
    visits: Vec<Visit>,
}

impl<'a> Room<'a> {
    fn new(customers: &'a [Customer], desks: NonZeroU32, shifts: &[Shift]) -> Self {
        let event = |at_min: f64, what| Reverse(Event { at: Moment(at_min), what });
        let arrivals = customers.iter().enumerate().map(|(who, one)| event(one.arrives_min, What::Arrives(who)));
        let begins = shifts.iter().map(|shift| event(shift.from_min, What::ShiftBegins));
        let ended = shifts.iter().filter(|shift| shift.to_min.is_finite());
        let ends = ended.map(|shift| event(shift.to_min, What::ShiftEnds));
        let not_yet = |one: &Customer| Visit { arrived_min: one.arrives_min, began_min: f64::NAN, done_min: f64::NAN };
        Self {
            customers,
            events: arrivals.chain(begins).chain(ends).collect(),
            waiting: BTreeSet::new(),
            free_desks: desks.get(),
            in_shift: false,
            visits: customers.iter().map(not_yet).collect(),
        }
    }

    fn pop_event_at(&mut self, now: Moment) -> Option<Event> {
        let next = self.events.peek_mut().filter(|next| next.0.at == now)?;
        Some(PeekMut::pop(next).0)
    }

    fn apply(&mut self, event: &Event) {
        match event.what {
            What::ShiftBegins => self.in_shift = true,
            What::ShiftEnds => self.in_shift = false,
            What::DeskIsFree => self.free_desks += 1,
            What::Arrives(who) => self.arrive(who, event.at),
            What::IsDue(who) => {
                // One who was called before being due is no longer here.
                if self.waiting.remove(&(Rank::NotDue, who)) {
                    self.waiting.insert((Rank::Due, who));
                }
            }
        }
    }

    fn arrive(&mut self, who: usize, now: Moment) {
        let rank = match self.customers[who].due_min.map(Moment) {
            Some(due) if due <= now => Rank::Due,
            Some(due) => {
                self.events.push(Reverse(Event { at: due, what: What::IsDue(who) }));
                Rank::NotDue
            }
            None => Rank::NotDue,
        };
        self.waiting.insert((rank, who));
    }

    fn call_waiting(&mut self, now: Moment) {
        while self.in_shift && self.free_desks > 0 {
            let Some((_, who)) = self.waiting.pop_first() else { break };
            self.free_desks -= 1;
            let done = Moment(now.0 + self.customers[who].service_min);
            self.visits[who] = Visit { began_min: now.0, done_min: done.0, ..self.visits[who] };
            self.events.push(Reverse(Event { at: done, what: What::DeskIsFree }));
        }
    }
}
