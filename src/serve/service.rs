//! What a connection asks of whoever is behind it.

use axum::extract::Request;
use axum::response::Response;

use super::problem::Problem;

/// Who answers requests. Clones are the same.
pub trait Answers: Clone + Send + Unpin + 'static {
    /// Answers a request.
    fn answer(self, request: Request) -> impl Future<Output = Response> + Send + 'static;

    /// Notes that a head which could not be read is answered with a problem, and gives the id of that request.
    fn turned_away(&self, problem: &Problem) -> String;
}
