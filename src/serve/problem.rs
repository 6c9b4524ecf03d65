//! What a refused call is told: RFC 9457 problem documents with a stable `code`.
//!
//! A handler returns a [`Problem`]; it leaves the router as a status with the problem attached, and the envelope, which
//! knows the id of the request, writes the document. `type` is `urn:hallpass:problem:` and the code, `instance` is
//! `urn:hallpass:request:` and the request's id.

use std::borrow::Cow;

use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::rejection::Rejection;
use crate::engine::Refusal;

/// The media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";
/// After how many seconds a call that met overload may be tried again.
const OVERLOAD_RETRY_S: u32 = 1;
/// After how many seconds a call that met a failed ledger may be tried again.
const READ_ONLY_RETRY_S: u32 = 60;
/// After how many seconds a person with too many appointments may try again: a day, as that is no matter of a moment.
const KEPT_RETRY_S: u32 = 86_400;
/// The longest problem that is remembered for a repeat, in bytes.
const MAX_REMEMBERED_BYTES: usize = 64 * 1024;

macro_rules! codes {
    ($($name:ident $status:ident $code:literal $title:literal;)*) => {
        /// What is wrong, as a program reads it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable word of the contract.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The status that goes with it.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),* }
            }

            /// The same for every problem of this code, for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }
    };
}

codes! {
    MalformedRequest BAD_REQUEST "malformed_request" "The request is malformed";
    Unauthenticated UNAUTHORIZED "unauthenticated" "The caller is not known";
    Forbidden FORBIDDEN "forbidden" "The caller may not do this";
    NotFound NOT_FOUND "not_found" "There is nothing at this path";
    UnknownHall NOT_FOUND "unknown_hall" "The hall is not known";
    UnknownService NOT_FOUND "unknown_service" "The service is not known";
    UnknownAppointment NOT_FOUND "unknown_appointment" "The appointment is not known";
    MethodNotAllowed METHOD_NOT_ALLOWED "method_not_allowed" "The path does not take this method";
    SlotFull CONFLICT "slot_full" "The slot is full";
    AlreadyBooked CONFLICT "already_booked" "The applicant already has an appointment";
    TooManyActive CONFLICT "too_many_active" "The caller has made too many appointments";
    WrongState CONFLICT "wrong_state" "The state of the appointment does not allow this";
    HoldExpired CONFLICT "hold_expired" "The hold has ended";
    IdempotencyMismatch CONFLICT "idempotency_mismatch" "The idempotency key was used for another call";
    TooLarge PAYLOAD_TOO_LARGE "too_large" "The request is too large";
    UnsupportedMediaType UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" "The body is not JSON";
    SameDay UNPROCESSABLE_ENTITY "same_day" "The same day cannot be booked";
    Past UNPROCESSABLE_ENTITY "past" "The date has passed";
    BeyondWindow UNPROCESSABLE_ENTITY "beyond_window" "The date is too far away";
    NotReleased UNPROCESSABLE_ENTITY "not_released" "The day has not been opened yet";
    Holiday UNPROCESSABLE_ENTITY "holiday" "The hall is closed for a public holiday";
    Closed UNPROCESSABLE_ENTITY "closed" "The hall is closed";
    NoSuchBand UNPROCESSABLE_ENTITY "no_such_band" "No band starts at this time";
    ServiceNotOffered UNPROCESSABLE_ENTITY "service_not_offered" "The hall does not offer the service";
    PartyTooLarge UNPROCESSABLE_ENTITY "party_too_large" "The party is too large";
    DuplicateApplicant UNPROCESSABLE_ENTITY "duplicate_applicant" "An applicant stands twice in the party";
    InvalidField UNPROCESSABLE_ENTITY "invalid_field" "A field is invalid";
    TooManyRequests TOO_MANY_REQUESTS "too_many_requests" "Too many requests";
    Internal INTERNAL_SERVER_ERROR "internal" "The server has failed";
    Overloaded SERVICE_UNAVAILABLE "overloaded" "The server is busy";
    ReadOnly SERVICE_UNAVAILABLE "read_only" "Nothing can be changed at the moment";
}

impl Code {
    /// The code with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
        let retry_after_s = match code {
            Code::Overloaded | Code::TooManyRequests => Some(OVERLOAD_RETRY_S),
            Code::ReadOnly => Some(READ_ONLY_RETRY_S),
            _ => None,
        };
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

    /// A call by somebody who may not make it.
    #[must_use]
    pub fn forbidden(detail: &'static str) -> Self {
        Self::new(Code::Forbidden, detail)
    }

    /// A call with these bad fields, at least one.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => format!("{}: {}", only.pointer, only.detail),
            many => format!("{} fields are invalid; each is named in errors", many.len()),
        };
        Self { errors, ..Self::new(Code::InvalidField, detail) }
    }

    /// A call with one bad field.
    pub fn invalid_at(pointer: &str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::invalid(vec![FieldError { pointer: pointer.to_owned(), detail: detail.into() }])
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

    /// The same problem with the time after which the call may be tried again.
    #[must_use]
    pub fn after_s(self, seconds: u32) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
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

    /// What a repeat with the same idempotency key is to be refused with; none where trying again may help.
    #[must_use]
    pub fn to_remember(&self) -> Option<String> {
        let is_passing =
            matches!(self.code, Code::Internal | Code::Overloaded | Code::ReadOnly | Code::TooManyRequests);
        let told = Told { code: self.code.as_str().into(), detail: self.detail.clone(), errors: self.errors.clone() };
        let text = serde_json::to_string(&told).ok()?;
        (!is_passing && text.len() <= MAX_REMEMBERED_BYTES).then_some(text)
    }

    /// The problem of [`Problem::to_remember`].
    #[must_use]
    pub fn remembered(text: &str) -> Self {
        let told = serde_json::from_str::<Told<'_>>(text).ok();
        told.and_then(|Told { code, detail, errors }| {
            Some(Self { errors, ..Self::new(Code::named(&code)?, detail.into_owned()) })
        })
        .unwrap_or_else(|| Self::internal("what is remembered of a refusal is no problem"))
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

/// What is remembered of a problem.
#[derive(Serialize, Deserialize)]
struct Told<'a> {
    code: Cow<'a, str>,
    detail: Cow<'a, str>,
    errors: Vec<FieldError>,
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

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        // That every code of a rejection is in the table is tested; a stranger would be our bug, not the caller's.
        let code = Code::named(rejection.code()).unwrap_or(Code::Internal);
        let problem = Self::new(code, rejection.to_string());
        match rejection {
            Rejection::PartyTooLarge { .. } | Rejection::ApplicantsDiffer => problem.at("/applicants"),
            Rejection::DuplicateApplicant { second, .. } => problem.at(format!("/applicants/{second}/id_number")),
            _ => problem,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::Rejected(rejection) => return rejection.into(),
            Refusal::Unreadable => return Self::internal(refusal.to_string()),
            Refusal::TooManyKeys { .. } | Refusal::TooManyKept | Refusal::TooManyOpened { .. } => Code::TooManyRequests,
            Refusal::Overloaded | Refusal::KeysFull { .. } => Code::Overloaded,
            Refusal::ReadOnly => Code::ReadOnly,
        };
        let problem = Self::new(code, refusal.to_string());
        match refusal {
            Refusal::TooManyKeys { retry_s } | Refusal::KeysFull { retry_s } | Refusal::TooManyOpened { retry_s } => {
                problem.after_s(retry_s)
            }
            Refusal::TooManyKept => problem.after_s(KEPT_RETRY_S),
            _ => problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::domain::appointment::{Action, Status};

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
            (Rejection::Forbidden("only its maker may cancel a party"), 403),
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
            (Rejection::WrongState { status: Status::Served, wanted: "cancelled" }, 409),
            (Rejection::Begun { began, wanted: "cancelled" }, 409),
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
        assert_eq!(Problem::from(Refusal::Overloaded).retry_after_s, Some(1));
        assert_eq!(Problem::from(Refusal::ReadOnly).retry_after_s, Some(60));
        assert_eq!(Problem::from(Refusal::ReadOnly).code, Code::ReadOnly);
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
