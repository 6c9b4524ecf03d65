//! Who checked in or served whom a moment ago, so that who did it can take it back.
//!
//! Fed by every entry that is settled here or written by another instance, and kept no longer than it is of use. It is not
//! stored: after a restart, and beyond [`MAX_DEEDS`], the engine asks the log of the desk who it was, and says so if that
//! does not know either.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use foldhash::fast::RandomState;
use parking_lot::Mutex;

use crate::domain::appointment::{Action, AppointmentId};
use crate::domain::policy::UNDO_SECONDS;
use crate::ledger::entry::Actor;

/// How many deeds are kept. Beyond that the newest are not: only the log of the desk knows of them then.
pub const MAX_DEEDS: usize = 65_536;

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
}

/// The deeds of the last minute.
#[derive(Debug, Default)]
pub struct Deeds(Mutex<HashMap<(AppointmentId, Action), Done, RandomState>>);

impl Deeds {
    /// Notes what was done with an appointment, if it is something that who did it can take back.
    pub fn note(&self, id: AppointmentId, action: Action, done: &Done) {
        if !matches!(action, Action::CheckIn | Action::Serve) {
            return;
        }
        let mut deeds = self.0.lock();
        if deeds.len() >= MAX_DEEDS {
            forget_before(&mut deeds, done.at);
        }
        if deeds.len() < MAX_DEEDS || deeds.contains_key(&(id, action)) {
            deeds.insert((id, action), done.clone());
        }
    }

    /// Who did this last with an appointment; none if that is not known.
    #[must_use]
    pub fn of(&self, id: AppointmentId, action: Action) -> Option<Done> {
        self.0.lock().get(&(id, action)).cloned()
    }

    /// Forgets what can no longer be taken back.
    pub fn tidy(&self, now: DateTime<Utc>) {
        forget_before(&mut self.0.lock(), now);
    }

    /// How many deeds are kept.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.lock().len()
    }
}

fn forget_before(deeds: &mut HashMap<(AppointmentId, Action), Done, RandomState>, now: DateTime<Utc>) {
    // A while longer than it is of use, so that who comes too late is told that, and not that nobody knows.
    deeds.retain(|_, done| now - done.at <= TimeDelta::seconds(2 * UNDO_SECONDS));
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::appointment::samples;

    fn id(number: u128) -> AppointmentId {
        AppointmentId(Uuid::from_u128(number))
    }

    fn done(by: &str, seconds: i64) -> Done {
        Done { by: Actor::Staff(by.into()), at: samples::held().created_at + TimeDelta::seconds(seconds) }
    }

    #[test]
    fn the_last_deed_of_each_kind_is_known() {
        let deeds = Deeds::default();
        deeds.note(id(1), Action::CheckIn, &done("a", 0));
        deeds.note(id(1), Action::Serve, &done("b", 1));
        deeds.note(id(1), Action::CheckIn, &done("c", 2));
        deeds.note(id(1), Action::MarkNoShow, &done("d", 3));
        assert_eq!(deeds.of(id(1), Action::CheckIn), Some(done("c", 2)));
        assert_eq!(deeds.of(id(1), Action::Serve), Some(done("b", 1)));
        assert_eq!((deeds.of(id(1), Action::MarkNoShow), deeds.of(id(2), Action::Serve)), (None, None));
    }

    #[test]
    fn no_more_than_the_bound_is_kept_and_nothing_for_long() {
        let deeds = Deeds::default();
        for number in 0..=MAX_DEEDS as u128 {
            deeds.note(id(number), Action::CheckIn, &done("a", 0));
        }
        assert_eq!((deeds.len(), deeds.of(id(MAX_DEEDS as u128), Action::CheckIn)), (MAX_DEEDS, None));
        deeds.note(id(7), Action::CheckIn, &done("b", 1));
        assert_eq!(deeds.of(id(7), Action::CheckIn), Some(done("b", 1)), "what is known is kept up to date");
        deeds.note(id(MAX_DEEDS as u128), Action::CheckIn, &done("a", 2 * UNDO_SECONDS + 1));
        assert_eq!(deeds.len(), 2, "what is out of date made room");
        deeds.tidy(done("a", 9 * UNDO_SECONDS).at);
        assert_eq!(deeds.len(), 0);
    }
}
