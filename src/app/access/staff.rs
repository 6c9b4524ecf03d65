//! A member of staff who calls, known by a configured token.

use chrono::{DateTime, Utc};

use super::MAX_TOKEN_BYTES;
use super::peer::Peer;
use super::session_token;
use crate::app::refusal::{Forbidden, Refusal, Unauthenticated};
use crate::app::state::App;
use crate::domain::name::HallId;
use crate::engine::{Caller, StaffCaller};

/// The member of staff whose token a call brings.
pub struct Staff {
    /// Who it is, and which halls are this member's.
    pub member: StaffCaller,
    /// When the call came.
    pub now: DateTime<Utc>,
}

impl Staff {
    /// The member whose token this is. A token that is nobody's is counted as a guess.
    ///
    /// # Errors
    /// `forbidden` for the token of a person, `unauthenticated`, `too_many_requests`.
    pub fn with_token(app: &App, token: &str, peer: Peer) -> Result<Self, Refusal> {
        let now = app.now();
        if let Some(member) = app.loaded().staff.holder(token) {
            return Ok(Self { member: member.clone(), now });
        }
        match session_token::open(app.sealer(), token, now) {
            Ok(_) => return Err(Forbidden::ForStaff.into()),
            Err(Unauthenticated::EndedSession) => {}
            Err(_) => app.guesses().spend(peer, app.running())?,
        }
        Err(Unauthenticated::UnknownStaff.into())
    }

    /// This member, as the engine knows callers.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller::Staff(self.member.clone())
    }

    /// Judges whether a hall is this member's.
    ///
    /// # Errors
    /// [`Forbidden::AnotherHall`].
    pub fn judge_hall(&self, hall: HallId) -> Result<(), Forbidden> {
        if self.member.may_serve(hall) { Ok(()) } else { Err(Forbidden::AnotherHall) }
    }

    /// Judges whether this member has the role admin.
    ///
    /// # Errors
    /// [`Forbidden::ForAdmins`].
    pub fn judge_admin(&self) -> Result<(), Forbidden> {
        if self.member.halls.is_none() { Ok(()) } else { Err(Forbidden::ForAdmins) }
    }
}

/// Signs in who has typed a token: the member, noted in the log of all halls; `None` for a token that is nobody's, which is
/// counted as a guess.
///
/// # Errors
/// `too_many_requests` for a token that is nobody's, if too many were tried. A right one is never refused.
pub async fn sign_in(app: &App, token: &str, peer: Peer) -> Result<Option<StaffCaller>, Refusal> {
    // Looked for first and whatever was typed, so that neither the answer nor its time tells more than right or wrong.
    let fits = (1..=MAX_TOKEN_BYTES).contains(&token.len());
    let member = app.loaded().staff.holder(if fits { token } else { "" }).cloned();
    let Some(member) = member.filter(|_| fits) else {
        app.guesses().spend(peer, app.running())?;
        return Ok(None);
    };
    tracing::info!(actor = member.id, "a member of staff signed in");
    if let Ok(engine) = app.engine() {
        engine.note_signed_in(&member).await;
    }
    Ok(Some(member))
}
