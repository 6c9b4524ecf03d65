//! What desks do: check in, serve, mark a no-show.

use std::sync::Arc;

use super::answer::{Answer, Refusal};
use super::call::{Call, Caller, Named};
use super::changes::{Change, Whom, changeable};
use super::idempotency::Repeat;
use super::{Engine, Inner, Outcome, Stop};
use crate::domain::appointment::Action;
use crate::domain::rejection::Rejection;

impl Engine {
    /// Checks in, serves or marks a no-show. Only staff of the hall may.
    ///
    /// # Errors
    /// [`Rejection::UnknownAppointment`], [`Rejection::Forbidden`], [`Rejection::WrongState`]; [`Refusal`] where nothing
    /// can be written.
    pub async fn attend(&self, call: Call, named: Named, action: Action) -> Result<Answer, Refusal> {
        self.attempt(call, |call, repeat| self.0.try_attend(call, repeat, named, action)).await
    }
}

impl Inner {
    fn try_attend(
        self: &Arc<Self>,
        call: &Call,
        repeat: &mut Option<Repeat>,
        named: Named,
        action: Action,
    ) -> Result<Outcome, Stop> {
        let Caller::Staff(_) = call.caller else {
            return Err(Rejection::Forbidden("only staff may do this").into());
        };
        let id = match named {
            Named::Id(id) => id,
            Named::Code(code) => self.book.with_code(code).ok_or(Rejection::UnknownAppointment)?.id,
        };
        let whom = Whom { id, whole_party: false };
        let held = self.hold_fast(&call.caller, whom)?;
        let before = changeable(&held, whom, action, call.now)?;
        let snapshot = Arc::clone(&self.snapshot.read());
        self.submit_change(call, repeat, snapshot, Change::of(action, false, before, held.transition, call.now))
    }
}
