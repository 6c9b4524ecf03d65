//! When each hold ends, so that it can end without anybody asking.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::domain::appointment::{Appointment, AppointmentId, Status};

/// All holds, by the instant at which they end.
#[derive(Debug, Default)]
pub struct Holds {
    /// The lock is held for one look-up or change of the set.
    by_end: Mutex<BTreeSet<(DateTime<Utc>, AppointmentId)>>,
    changed: Notify,
    /// How many holds have gone since the start.
    gone: AtomicU64,
}

impl Holds {
    /// Follows a change of an appointment: from not being there, or from its earlier value, to `after`.
    pub fn follow(&self, before: Option<&Appointment>, after: &Appointment) {
        let (was, is) = (before.and_then(end_of), end_of(after));
        if was == is {
            return;
        }
        let mut by_end = self.by_end.lock();
        if let Some(end) = was {
            let was_there = by_end.remove(&(end, after.id));
            assert!(was_there, "a hold that goes was known");
            self.gone.fetch_add(1, Ordering::Release);
        }
        if let Some(end) = is {
            let is_new = by_end.insert((end, after.id));
            assert!(is_new, "a hold comes once");
        }
        drop(by_end);
        self.changed.notify_one();
    }

    /// How many holds have gone since the start: it changes when what a hold kept from others is free for them.
    #[must_use]
    pub fn gone(&self) -> u64 {
        self.gone.load(Ordering::Acquire)
    }

    /// When the first hold ends.
    #[must_use]
    pub fn next_end(&self) -> Option<DateTime<Utc>> {
        self.by_end.lock().first().map(|(end, _)| *end)
    }

    /// Whether a hold has ended that has not been recorded as expired yet.
    #[must_use]
    pub fn any_due(&self, now: DateTime<Utc>) -> bool {
        self.next_end().is_some_and(|end| end <= now)
    }

    /// The first `limit` holds that have ended.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>, limit: usize) -> Vec<AppointmentId> {
        self.by_end.lock().iter().take_while(|(end, _)| *end <= now).take(limit).map(|(_, id)| *id).collect()
    }

    /// Wakes when a hold has come or gone.
    pub fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// How many holds there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_end.lock().len()
    }
}

fn end_of(appointment: &Appointment) -> Option<DateTime<Utc>> {
    appointment.expires_at.filter(|_| appointment.status == Status::Held)
}
