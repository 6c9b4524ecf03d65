//! Answers in JSON, straight from a value to bytes.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::problem::Problem;

/// Room for an answer of common size, so that writing it does not grow the buffer step by step.
const COMMON_BYTES: usize = 1024;

/// A value as JSON under a status.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let mut bytes = Vec::with_capacity(COMMON_BYTES);
    if let Err(error) = serde_json::to_writer(&mut bytes, value) {
        return Problem::internal(format!("an answer cannot be written as JSON: {error}")).into_response();
    }
    json_text(status, bytes)
}

/// A text that is JSON, under a status.
pub fn json_text(status: StatusCode, text: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A value whose texts depend on the language of the caller, as JSON under 200.
pub fn localized(value: &impl Serialize) -> Response {
    let mut response = json(StatusCode::OK, value);
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept-language"));
    response
}
