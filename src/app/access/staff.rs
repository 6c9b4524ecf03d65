//! Somebody at a desk who calls, known by a configured token.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};

use super::session_token;
use super::session_token::NoSession;
use crate::app::state::App;
use crate::domain::name::HallId;
use crate::engine::{Caller, StaffCaller};
use crate::serve::body_watch::BodyWatch;
use crate::serve::peer::Peer;
use crate::serve::problem::Problem;
use crate::serve::read::bearer;

/// The member of staff whose token a call brings.
pub struct Staff {
    /// Who it is, and which halls are this member's.
    pub member: StaffCaller,
    /// When the call came.
    pub now: DateTime<Utc>,
}

impl FromRequestParts<App> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (token, now) = (bearer::token(&parts.headers)?, app.now());
        if let Some(member) = app.loaded().staff.holder(token) {
            BodyWatch::note_known(&parts.extensions);
            return Ok(Self { member: member.clone(), now });
        }
        match session_token::open(app.vault(), token, now) {
            Ok(_) => return Err(Problem::forbidden("this call is for staff")),
            Err(NoSession::Foreign) => app.guesses().spend(Peer::of(&parts.extensions), app.running())?,
            Err(NoSession::Expired) => {}
        }
        Err(Problem::unauthenticated("no member of staff has this token"))
    }
}

/// A member of staff who may do everything.
pub struct Admin(pub Staff);

impl FromRequestParts<App> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let staff = Staff::from_request_parts(parts, app).await?;
        match staff.member.halls {
            None => Ok(Self(staff)),
            Some(_) => Err(Problem::forbidden("this call is for the role admin")),
        }
    }
}

impl Staff {
    /// This member, as the engine knows callers.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller::Staff(self.member.clone())
    }

    /// Judges whether a hall is this member's.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn judge_hall(&self, hall: HallId) -> Result<(), Problem> {
        if !self.member.may_serve(hall) {
            return Err(Problem::forbidden("this hall is not yours"));
        }
        Ok(())
    }
}
