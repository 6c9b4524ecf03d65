//! Extend: a hold lives longer, once.

use std::sync::Arc;

use chrono::TimeDelta;

use super::answer::{Answer, Refusal};
use super::call::Call;
use super::changes::{Change, Whom, changeable, judge_not_begun};
use super::remembered::Repeat;
use super::submission::Claims;
use super::{Engine, Inner, Outcome, Stop};
use crate::domain::appointment::{Action, AppointmentId};
use crate::domain::rejection::Rejection;

impl Engine {
    /// Lets a hold live longer, by as much as the configuration says. Each hold can be extended once; that is part of the
    /// hold, so neither a reload nor a restart nor a move gives it a second time.
    ///
    /// # Errors
    /// [`Rejection::UnknownAppointment`], [`Rejection::HoldExpired`], [`Rejection::WrongState`], [`Rejection::Begun`],
    /// [`Rejection::AlreadyExtended`], [`Rejection::NoExtensions`], [`Rejection::NotTheMaker`] for somebody else's party;
    /// [`Refusal`] if nothing can be written.
    pub async fn extend(&self, call: Call, id: AppointmentId, whole_party: bool) -> Result<Answer, Refusal> {
        let whom = Whom { id, whole_party };
        self.attempt(call, |call, repeat| self.0.try_extend(call, repeat, whom)).await
    }
}

impl Inner {
    fn try_extend(self: &Arc<Self>, call: &Call, repeat: &mut Option<Repeat>, whom: Whom) -> Result<Outcome, Stop> {
        let held = self.hold_fast(&call.caller, whom)?;
        let snapshot = self.snapshot.read();
        let before = changeable(&held, whom, Action::Extend, call.now)?;
        judge_not_begun(&before, Action::Extend, call.now)?;
        if before.iter().any(|(appointment, _)| appointment.extended) {
            return Err(Rejection::AlreadyExtended.into());
        }
        let minutes = snapshot.policy.hold_extension_minutes;
        if minutes == 0 {
            return Err(Rejection::NoExtensions.into());
        }
        let longer = TimeDelta::minutes(i64::from(minutes));
        let after = before.iter().map(|(appointment, _)| appointment.extended_by(longer, call.now)).collect();
        let change = Change {
            action: Action::Extend,
            whole_party: whom.whole_party,
            after,
            sealed: Vec::new(),
            capacity: None,
            claims: Claims { transition: Some(held.transition), ..Claims::default() },
        };
        self.submit_change(call, repeat, Arc::clone(&snapshot), change)
    }
}
