//! The variable parts of a path, as texts.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::serve::problem::Problem;

/// What stands in a path where the route has a variable.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            // Texts are all that handlers ask for, so only an encoding can be wrong.
            Err(_) => Err(Problem::malformed("the path is not UTF-8 in percent-encoding")),
        }
    }
}
