//! What is heard: an answer, and what the contract says of every one.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// Statuses and codes of the contract's table.
pub const CODES: [(u16, &str); 32] = [
    (400, "malformed_request"),
    (401, "unauthenticated"),
    (403, "forbidden"),
    (404, "not_found"),
    (404, "unknown_hall"),
    (404, "unknown_service"),
    (404, "unknown_appointment"),
    (405, "method_not_allowed"),
    (409, "slot_full"),
    (409, "already_booked"),
    (409, "too_many_active"),
    (409, "wrong_state"),
    (409, "hold_expired"),
    (409, "idempotency_mismatch"),
    (413, "too_large"),
    (415, "unsupported_media_type"),
    (422, "same_day"),
    (422, "past"),
    (422, "beyond_window"),
    (422, "not_released"),
    (422, "holiday"),
    (422, "closed"),
    (422, "no_such_band"),
    (422, "service_not_offered"),
    (422, "party_too_large"),
    (422, "duplicate_applicant"),
    (422, "invalid_field"),
    (429, "too_many_requests"),
    (503, "overloaded"),
    (503, "read_only"),
    // Not in the table: a head that is too large has statuses of its own.
    (431, "too_large"),
    // And so has a body in a coding that is not known.
    (501, "malformed_request"),
];

/// An answer.
#[derive(Debug, Clone)]
pub struct Heard {
    pub status: u16,
    pub headers: HeaderMap,
    /// The body where it is JSON, else null.
    pub body: Value,
    pub text: String,
}

impl Heard {
    /// The body of a success.
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// Wants this refusal. Gives itself back for a look at the rest.
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.text);
        self
    }

    /// Wants this refusal, at these pointers.
    pub fn refused_at(self, status: u16, code: &str, pointers: &[&str]) -> Self {
        let heard = self.refused(status, code);
        assert_eq!(heard.pointers(), pointers, "{}", heard.text);
        heard
    }

    /// The code of a problem; empty where it is none.
    pub fn code(&self) -> &str {
        let code = self.body["code"].as_str().filter(|_| self.status >= 400);
        code.unwrap_or_default()
    }

    pub fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map_or(&[][..], Vec::as_slice);
        errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What holds of every answer.
    pub fn judge(&self, is_head: bool, path: &str) {
        assert!(!self.header("x-request-id").is_empty(), "no id: {self:?}");
        assert!(!self.header("cache-control").is_empty(), "{self:?}");
        assert_eq!(self.header("x-content-type-options"), "nosniff", "{self:?}");
        assert_eq!(self.header("cross-origin-resource-policy"), "same-origin", "{self:?}");
        assert_ne!(self.status, 500, "{}", self.text);
        let is_probe = path == "/readyz";
        if self.status >= 400 && !is_probe {
            assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
            if !is_head {
                self.judge_problem();
            }
        }
        match self.status {
            401 => assert!(self.header("www-authenticate").starts_with("Bearer"), "{self:?}"),
            405 => assert!(!self.header("allow").is_empty(), "{self:?}"),
            429 | 503 => {
                let seconds = self.header("retry-after").parse::<u32>();
                assert!(seconds.is_ok_and(|seconds| seconds > 0), "{self:?}");
            }
            _ => {}
        }
    }

    /// RFC 9457 with the members of the contract.
    fn judge_problem(&self) {
        let text = |member: &str| self.body[member].as_str().unwrap_or_else(|| panic!("no {member}: {}", self.text));
        let (code, status) = (text("code"), self.status);
        let known = CODES.contains(&(status, code)) || (status, code) == (414, "too_large");
        assert!(known, "{status} {code} is not in the contract");
        assert_eq!(text("type"), format!("urn:hallpass:problem:{code}"));
        assert_eq!(self.body["status"], status);
        assert!(!text("title").is_empty() && !text("detail").is_empty(), "{}", self.text);
        assert_eq!(text("instance"), format!("urn:hallpass:request:{}", self.header("x-request-id")));
        let Some(errors) = self.body.get("errors") else { return };
        let errors = errors.as_array().unwrap();
        assert!(!errors.is_empty(), "{}", self.text);
        for error in errors {
            assert!(error["pointer"].is_string() && !error["detail"].as_str().unwrap().is_empty(), "{}", self.text);
        }
    }
}

/// Two objects in one: members of `changes` replace those of `body`, null ones take them out.
pub fn merged(body: &Value, changes: &Value) -> Value {
    let mut merged = body.clone();
    for (name, value) in changes.as_object().unwrap() {
        let members = merged.as_object_mut().unwrap();
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    merged
}

/// The names of an object's members, sorted.
pub fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
