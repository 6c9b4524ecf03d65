//! Holds end on time without anybody asking.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::oneshot;

use super::answer::Answer;
use super::changes::Change;
use super::submission::{AppointmentsEntry, Effect, Undone, appointments_entry};
use super::{Engine, HandOver, Inner, Outcome};
use crate::domain::appointment::{Action, AppointmentId, Status};
use crate::domain::policy;
use crate::ledger::Membership;
use crate::ledger::entry::{Actor, Deed};

/// How many holds one round ends at most.
const MAX_EXPIRED_AT_ONCE: usize = 1_024;
/// How long a round waits that could not end a hold, because somebody is changing it.
const TRY_AGAIN: Duration = Duration::from_millis(5);
/// How long an instance waits before it looks again whether the holds of all are its own task.
const LOOK_AGAIN: TimeDelta = TimeDelta::milliseconds(500);
/// How long a ledger that takes nothing is left alone.
const LEDGER_REST: Duration = Duration::from_secs(1);
/// How often what is out of date is thrown away, in seconds.
const TIDY_EVERY_S: i64 = 60;

impl Engine {
    /// Ends holds as their time comes, and throws away what is out of date, for as long as it is polled.
    pub async fn keep_time(&self) {
        let mut tidy_at = self.0.clock.now();
        loop {
            let now = self.0.clock.now();
            if now >= tidy_at {
                self.tidy(now);
                tidy_at = now + TimeDelta::seconds(TIDY_EVERY_S);
            }
            if self.0.holds.any_due(now) && self.ends_holds() {
                self.expire_due(now).await;
                let rest = if self.is_read_only() { LEDGER_REST } else { TRY_AGAIN };
                if self.0.holds.any_due(now) {
                    tokio::time::sleep(rest).await;
                }
                continue;
            }
            let changed = self.0.holds.changed();
            // Where it falls to another, this instance looks from time to time whether it still does.
            let next_end = self.0.holds.next_end().map(|end| if end <= now { now + LOOK_AGAIN } else { end });
            let wake_at = next_end.map_or(tidy_at, |end| end.min(tidy_at));
            tokio::select! {
                () = changed => {}
                () = self.0.clock.wait_until(wake_at) => {}
            }
        }
    }

    /// Ends the holds that have ended by `now`, and waits until that is recorded. What somebody is changing is left. Says
    /// whether there was any that it could end.
    pub async fn expire_due(&self, now: DateTime<Utc>) -> bool {
        let due = self.0.holds.due(now, MAX_EXPIRED_AT_ONCE);
        let submitted: Vec<_> = due.into_iter().filter_map(|id| self.0.try_expire(id, now)).collect();
        let any = !submitted.is_empty();
        if any {
            self.0.clock.has_recorded(now);
        }
        for reply in submitted {
            // A failed ledger has been reported where it failed; the hold ends with the next start.
            let _ = reply.await;
        }
        any
    }

    /// Whether it falls to this instance to end holds that nobody asks about.
    fn ends_holds(&self) -> bool {
        // Who does not hear the others does not know which holds there still are.
        let falls_here = |membership: &Arc<Membership>| membership.ends_holds.load(Ordering::Acquire);
        self.0.membership.as_ref().is_none_or(falls_here) && self.age().is_none()
    }

    fn tidy(&self, now: DateTime<Utc>) {
        self.0.idempotency.forget_outdated(now);
        self.0.deeds.tidy(now);
        let snapshot = self.snapshot();
        if let Some(earliest_today) = snapshot.halls().iter().map(|hall| policy::today(hall, now)).min() {
            self.0.sheets.drop_empty_before(earliest_today);
        }
    }
}

impl Inner {
    fn try_expire(
        self: &Arc<Self>,
        id: AppointmentId,
        now: DateTime<Utc>,
    ) -> Option<oneshot::Receiver<Result<Answer, Undone>>> {
        let place = self.queue.reserve().ok()?;
        let transition = self.transitions.take([id])?;
        let appointment = self.book.get(id)?;
        let over = appointment.status == Status::Held && appointment.status_at(now) == Status::Expired;
        if !over {
            return None;
        }
        let before = smallvec::smallvec![(appointment, Status::Expired)];
        let Change { after, claims, .. } = Change::of(Action::Expire, false, before, transition, now);
        let entry = appointments_entry(AppointmentsEntry {
            at: now,
            by: Actor::Engine,
            deed: Deed::Change(Action::Expire),
            after: &after,
            sealed: Vec::new(),
            whole_party: false,
            capacity: None,
            repeat: None,
        });
        let (answer, effect) = (Answer::Party(after), Effect::Changed);
        let snapshot = Arc::clone(&self.snapshot.read());
        let parts = HandOver::new(entry, snapshot, effect, answer).claiming(claims);
        match self.hand_over(place, parts, &mut None) {
            Outcome::Submitted(reply) => Some(reply),
            Outcome::Unchanged(_) => None,
        }
    }
}
