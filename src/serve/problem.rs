//! What a refused call is told: RFC 9457 problem documents with a stable `code`.
//!
//! A handler returns a [`Problem`]; it leaves the router as a status with the problem attached, and the envelope, which
//! knows the id of the request, writes the document. `type` is `urn:hallpass:problem:` and the code, `instance` is
//! `urn:hallpass:request:` and the request's id.

use std::borrow::Cow;

use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

pub use crate::app::refusal::Code;
use crate::app::refusal::{OVERLOAD_RETRY_S, Refusal};

/// The media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";
impl Code {
    /// The status that goes with it.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::MalformedRequest => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound | Self::UnknownHall | Self::UnknownService | Self::UnknownAppointment => {
                StatusCode::NOT_FOUND
            }
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::SlotFull
            | Self::AlreadyBooked
            | Self::TooManyActive
            | Self::WrongState
            | Self::HoldExpired
            | Self::IdempotencyMismatch => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::SameDay
            | Self::Past
            | Self::BeyondWindow
            | Self::NotReleased
            | Self::Holiday
            | Self::Closed
            | Self::NoSuchBand
            | Self::ServiceNotOffered
            | Self::PartyTooLarge
            | Self::DuplicateApplicant
            | Self::InvalidField => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Overloaded | Self::ReadOnly => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The same for every problem of this code, for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::MalformedRequest => "The request is malformed",
            Self::Unauthenticated => "The caller is not known",
            Self::Forbidden => "The caller may not do this",
            Self::NotFound => "There is nothing at this path",
            Self::UnknownHall => "The hall is not known",
            Self::UnknownService => "The service is not known",
            Self::UnknownAppointment => "The appointment is not known",
            Self::MethodNotAllowed => "The path does not take this method",
            Self::SlotFull => "The slot is full",
            Self::AlreadyBooked => "The applicant already has an appointment",
            Self::TooManyActive => "The caller has made too many appointments",
            Self::WrongState => "The state of the appointment does not allow this",
            Self::HoldExpired => "The hold has ended",
            Self::IdempotencyMismatch => "The idempotency key was used for another call",
            Self::TooLarge => "The request is too large",
            Self::UnsupportedMediaType => "The body is not JSON",
            Self::SameDay => "The same day cannot be booked",
            Self::Past => "The date has passed",
            Self::BeyondWindow => "The date is too far away",
            Self::NotReleased => "The day has not been opened yet",
            Self::Holiday => "The hall is closed for a public holiday",
            Self::Closed => "The hall is closed",
            Self::NoSuchBand => "No band starts at this time",
            Self::ServiceNotOffered => "The hall does not offer the service",
            Self::PartyTooLarge => "The party is too large",
            Self::DuplicateApplicant => "An applicant stands twice in the party",
            Self::InvalidField => "A field is invalid",
            Self::TooManyRequests => "Too many requests",
            Self::Internal => "The server has failed",
            Self::Overloaded => "The server is busy",
            Self::ReadOnly => "Nothing can be changed at the moment",
        }
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where: a JSON pointer (RFC 6901) into the body, or a slash and the name of a parameter.
    #[schema(example = "/applicants/0/id_number")]
    pub pointer: String,
    /// What is wrong, and how to mend it.
    #[schema(value_type = String, example = "the check character does not fit the other digits")]
    pub detail: Cow<'static, str>,
}

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The code.
    pub code: Code,
    /// The status: the code's own, except for heads that are too large.
    pub status: StatusCode,
    /// How to mend it.
    pub detail: Cow<'static, str>,
    /// The bad fields.
    pub errors: Vec<FieldError>,
    /// After how many seconds the call may be tried again.
    pub retry_after_s: Option<u32>,
    /// Whether the connection cannot be used any further.
    pub closes: bool,
    /// What failed, for the log only.
    pub fault: Option<String>,
}

impl Problem {
    /// A problem with a text that says how to mend it.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        let retry_after_s = matches!(code, Code::Overloaded).then_some(OVERLOAD_RETRY_S);
        let (status, detail) = (code.status(), detail.into());
        Self { code, status, detail, errors: Vec::new(), retry_after_s, closes: false, fault: None }
    }

    /// A call whose syntax is wrong.
    pub fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::MalformedRequest, detail)
    }

    /// A call by nobody who is known.
    pub fn unauthenticated(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Unauthenticated, detail)
    }

    /// A call by a caller who may not make it.
    #[must_use]
    pub fn forbidden(detail: &'static str) -> Self {
        Self::new(Code::Forbidden, detail)
    }

    /// A failure of the server. The caller is told nothing of `fault`; it is logged where the answer leaves.
    pub fn internal(fault: impl Into<String>) -> Self {
        let detail = "the server has failed; the operator finds the reason under the id of this request";
        Self { fault: Some(fault.into()), ..Self::new(Code::Internal, detail) }
    }

    /// The same problem at a place.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.errors.push(FieldError { pointer: pointer.into(), detail: self.detail.clone() });
        self
    }

    /// The same problem under another status.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same problem on a connection that cannot be used any further.
    #[must_use]
    pub fn closing(self) -> Self {
        Self { closes: true, ..self }
    }

    /// The document, for the request with this id.
    ///
    /// # Panics
    /// Never: texts and numbers can be written as JSON.
    #[must_use]
    pub fn document(&self, request_id: &str) -> Vec<u8> {
        let document = ProblemDocument {
            kind: format!("urn:hallpass:problem:{}", self.code.as_str()),
            title: self.code.title(),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code.as_str(),
            instance: format!("urn:hallpass:request:{request_id}"),
            errors: &self.errors,
        };
        serde_json::to_vec(&document).expect("a document of texts and numbers can be written as JSON")
    }

    /// The headers that go with the document, added to what the answer has.
    pub fn add_headers(&self, headers: &mut axum::http::HeaderMap) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"hallpass\""));
        }
        if self.closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// An RFC 9457 problem document.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument<'a> {
    /// The code as a URN.
    #[serde(rename = "type")]
    #[schema(example = "urn:hallpass:problem:slot_full")]
    kind: String,
    /// The same for every problem of this code.
    #[schema(example = "The slot is full")]
    title: &'a str,
    /// The status of the answer.
    #[schema(example = 409, minimum = 400, maximum = 599)]
    status: u16,
    /// How to mend the call.
    #[schema(example = "not enough places are left in this band")]
    detail: &'a str,
    /// What is wrong, as a program reads it; one of the words that the answers of this document name.
    #[schema(example = "slot_full")]
    code: &'a str,
    /// The id of the request, as a URN.
    #[schema(example = "urn:hallpass:request:5f1d3c2b9a807e64")]
    instance: String,
    /// Every bad field; left out where none is to blame.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    errors: &'a [FieldError],
}

impl IntoResponse for Problem {
    /// The status with the problem attached; the envelope writes the document.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl<R: Into<Refusal>> From<R> for Problem {
    fn from(refusal: R) -> Self {
        let refusal = refusal.into();
        let errors = refusal.bad_fields().into_iter().map(|(pointer, detail)| FieldError { pointer, detail }).collect();
        let (problem, retry_after_s) = (Self::new(refusal.code(), refusal.to_string()), refusal.retry_after_s());
        let fault = if let Refusal::Fault(fault) = refusal { Some(fault) } else { None };
        Self { errors, retry_after_s, fault, ..problem }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::app::refusal::{Busy, FieldFault, TooMany, Wrong};
    use crate::domain::appointment::{Action, Status};
    use crate::domain::rejection::Rejection;

    #[test]
    fn every_code_has_the_status_of_the_contract() {
        let table = [
            (400, "malformed_request"),
            (401, "unauthenticated"),
            (403, "forbidden"),
            (404, "not_found unknown_hall unknown_service unknown_appointment"),
            (405, "method_not_allowed"),
            (409, "slot_full already_booked too_many_active wrong_state hold_expired idempotency_mismatch"),
            (413, "too_large"),
            (415, "unsupported_media_type"),
            (422, "same_day past beyond_window not_released holiday closed no_such_band service_not_offered"),
            (422, "party_too_large duplicate_applicant invalid_field"),
            (429, "too_many_requests"),
            (500, "internal"),
            (503, "overloaded read_only"),
        ];
        let mut listed = 0;
        for (status, words) in table {
            for word in words.split(' ') {
                let code = Code::named(word).unwrap_or_else(|| panic!("{word} is missing"));
                assert_eq!((code.status().as_u16(), code.as_str()), (status, word));
                listed += 1;
            }
        }
        assert_eq!(listed, Code::ALL.len(), "a code that the contract does not name");
    }

    #[test]
    fn every_rejection_has_a_code_and_its_own_words() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 25).unwrap();
        let began = "2026-11-25T08:30:00+08:00".parse().unwrap();
        let rejections = [
            (Rejection::UnknownHall, 404),
            (Rejection::UnknownService, 404),
            (Rejection::UnknownAppointment, 404),
            (Rejection::NotTheMaker, 403),
            (Rejection::AnotherHall, 403),
            (Rejection::StaffOnly, 403),
            (Rejection::PersonsOnly, 403),
            (Rejection::ServiceNotOffered, 422),
            (Rejection::PartyTooLarge { max: 5 }, 422),
            (Rejection::DuplicateApplicant { first: 0, second: 1 }, 422),
            (Rejection::ApplicantsDiffer, 422),
            (Rejection::Past, 422),
            (Rejection::SameDay { earliest: date }, 422),
            (Rejection::BeyondWindow { last: date }, 422),
            (Rejection::NotReleased { opens_at: Some(began) }, 422),
            (Rejection::Holiday { name: "国庆节".into() }, 422),
            (Rejection::Closed { reason: None }, 422),
            (Rejection::NoSuchBand, 422),
            (Rejection::AlreadyBooked { applicant: 0 }, 409),
            (Rejection::TooManyActive { max: 5 }, 409),
            (Rejection::SlotFull, 409),
            (Rejection::WrongState { status: Status::Served, action: Action::Cancel }, 409),
            (Rejection::Begun { began, action: Action::Cancel }, 409),
            (Rejection::HoldExpired, 409),
            (Rejection::AlreadyExtended, 409),
            (Rejection::NoExtensions, 409),
            (Rejection::NotOnItsDay { date, today: date, action: Action::Serve }, 409),
            (Rejection::NotBegun { begins: began, action: Action::MarkNoShow }, 409),
            (Rejection::NothingToUndo { status: Status::Held }, 409),
            (Rejection::UndoTooLate { until: began }, 409),
            (Rejection::NoShowStands { last: date }, 409),
            (Rejection::UndoByAnother, 409),
            (Rejection::UndoForgotten, 409),
            (Rejection::IdempotencyMismatch, 409),
        ];
        for (rejection, status) in rejections {
            let problem = Problem::from(rejection.clone());
            assert_eq!(problem.code.as_str(), rejection.code());
            assert_eq!((problem.status.as_u16(), problem.detail.as_ref()), (status, rejection.to_string().as_str()));
        }
    }

    #[test]
    fn what_passes_says_when_to_try_again() {
        let check = |refusal: Refusal, code, retry_after_s| {
            let problem = Problem::from(refusal);
            assert_eq!((problem.code, problem.retry_after_s), (code, retry_after_s));
        };
        check(Busy::Ledger.into(), Code::Overloaded, Some(1));
        check(Busy::Keys { retry_s: 7 }.into(), Code::Overloaded, Some(7));
        check(Refusal::ReadOnly, Code::ReadOnly, Some(60));
        check(TooMany::Writes { a_second: 10, retry_s: 3 }.into(), Code::TooManyRequests, Some(3));
        check(TooMany::Kept.into(), Code::TooManyRequests, Some(86_400));
        check(Rejection::SlotFull.into(), Code::SlotFull, None);
    }

    #[test]
    fn every_bad_field_is_named() {
        let fault = |pointer: &str, wrong| FieldFault { pointer: pointer.to_owned(), wrong };
        let problem = Problem::from(Refusal::Fields(vec![fault("/a", Wrong::Missing), fault("/b/0", Wrong::Flag)]));
        let errors: Vec<_> = problem.errors.iter().map(|it| (it.pointer.as_str(), it.detail.as_ref())).collect();
        assert_eq!(errors, [("/a", "this is required"), ("/b/0", "this is true or false")]);
        assert_eq!((problem.code, problem.status.as_u16()), (Code::InvalidField, 422));
        assert_eq!(Problem::from(Refusal::field("/a", Wrong::Missing)).detail, "/a: this is required");
    }

    #[test]
    fn a_fault_is_for_the_log_alone() {
        let problem = Problem::from(Refusal::fault("the disk is gone"));
        assert_eq!((problem.code, problem.fault.as_deref()), (Code::Internal, Some("the disk is gone")));
        assert!(!String::from_utf8(problem.document("r")).unwrap().contains("disk"));
    }

    #[test]
    fn the_document_has_the_members_of_the_standard() {
        let problem = Problem::from(Rejection::DuplicateApplicant { first: 0, second: 1 });
        assert_eq!(
            String::from_utf8(problem.document("r1")).unwrap(),
            concat!(
                r#"{"type":"urn:hallpass:problem:duplicate_applicant","title":"An applicant stands twice in the party","#,
                r#""status":422,"detail":"applicant 1 is the same person as applicant 0","code":"duplicate_applicant","#,
                r#""instance":"urn:hallpass:request:r1","errors":[{"pointer":"/applicants/1/id_number","#,
                r#""detail":"applicant 1 is the same person as applicant 0"}]}"#
            )
        );
        assert_eq!(
            String::from_utf8(Problem::malformed("no").document("r2")).unwrap(),
            concat!(
                r#"{"type":"urn:hallpass:problem:malformed_request","title":"The request is malformed","#,
                r#""status":400,"detail":"no","code":"malformed_request","instance":"urn:hallpass:request:r2"}"#
            )
        );
    }
}
