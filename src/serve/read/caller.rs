//! Who calls: the other end of the connection, and the person or member of staff whose token the call brings.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;

use super::bearer;
use crate::app::access::peer::Peer;
use crate::app::access::person::Person;
use crate::app::access::staff::Staff;
use crate::app::state::App;
use crate::serve::body_watch::BodyWatch;
use crate::serve::problem::Problem;

/// The other end of the connection over which a request came; this machine if it came over none.
#[must_use]
pub fn peer_of(extensions: &Extensions) -> Peer {
    extensions.get().copied().unwrap_or(Peer::LOOPBACK)
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(peer_of(&parts.extensions))
    }
}

impl FromRequestParts<App> for Person {
    type Rejection = Problem;

    /// Knows the caller, and takes a write out of the caller's budget.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let person = Self::with_token(app, bearer::token(&parts.headers)?, peer_of(&parts.extensions))?;
        BodyWatch::note_known(&parts.extensions);
        if !parts.method.is_safe() {
            person.admit(app)?;
        }
        Ok(person)
    }
}

impl FromRequestParts<App> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let staff = Self::with_token(app, bearer::token(&parts.headers)?, peer_of(&parts.extensions))?;
        BodyWatch::note_known(&parts.extensions);
        Ok(staff)
    }
}

/// A member of staff who may do everything.
pub struct Admin(pub Staff);

impl FromRequestParts<App> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let staff = Staff::from_request_parts(parts, app).await?;
        staff.judge_admin()?;
        Ok(Self(staff))
    }
}
