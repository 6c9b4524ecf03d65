//! Which problems a call can be answered with, for its description.
//!
//! Each set is a type that a handler names among its responses. Statuses, titles and examples come from the table of
//! codes, so the description cannot differ from what is sent.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Value, json};
use utoipa::IntoResponses;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Ref, RefOr, Response, ResponseBuilder};

use crate::serve::problem::{Code, PROBLEM_JSON};

macro_rules! problem_sets {
    ($($(#[$doc:meta])* $set:ident: $($code:ident)*;)*) => {$(
        $(#[$doc])*
        pub struct $set;

        impl IntoResponses for $set {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                by_status(&[$(Code::$code,)* Code::TooLarge, Code::Internal, Code::Overloaded])
            }
        }
    )*};
}

problem_sets! {
    /// Of a call that the operator's tools make.
    OfProbe: MalformedRequest;
    /// Of a list that takes no names.
    OfList: MalformedRequest;
    /// Of one hall.
    OfHall: MalformedRequest UnknownHall;
    /// Of the list of halls.
    OfHalls: MalformedRequest UnknownService InvalidField;
    /// Of a hall's slots.
    OfSlots: MalformedRequest UnknownHall UnknownService InvalidField ServiceNotOffered;
    /// Of opening a session.
    OfSession: MalformedRequest UnsupportedMediaType IdempotencyMismatch InvalidField TooManyRequests;
    /// Of the list of appointments.
    OfOwnList: MalformedRequest Unauthenticated Forbidden InvalidField TooManyRequests;
    /// Of one appointment.
    OfOwn: MalformedRequest Unauthenticated Forbidden UnknownAppointment TooManyRequests;
    /// Of booking.
    OfBooking: MalformedRequest Unauthenticated Forbidden UnknownHall UnknownService UnsupportedMediaType
        PartyTooLarge DuplicateApplicant InvalidField ServiceNotOffered Past SameDay BeyondWindow NotReleased Holiday
        Closed NoSuchBand AlreadyBooked TooManyActive SlotFull IdempotencyMismatch TooManyRequests ReadOnly;
    /// Of confirming.
    OfConfirming: MalformedRequest Unauthenticated Forbidden UnknownAppointment UnknownService UnsupportedMediaType
        PartyTooLarge DuplicateApplicant InvalidField WrongState HoldExpired IdempotencyMismatch TooManyRequests ReadOnly;
    /// Of moving.
    OfMoving: MalformedRequest Unauthenticated Forbidden UnknownAppointment UnknownHall UnsupportedMediaType
        InvalidField ServiceNotOffered Past SameDay BeyondWindow NotReleased Holiday Closed NoSuchBand SlotFull
        WrongState HoldExpired IdempotencyMismatch TooManyRequests ReadOnly;
    /// Of cancelling.
    OfCancelling: MalformedRequest Unauthenticated Forbidden UnknownAppointment InvalidField WrongState HoldExpired
        IdempotencyMismatch TooManyRequests ReadOnly;
    /// Of what staff reads.
    OfStaffReading: MalformedRequest Unauthenticated Forbidden UnknownHall InvalidField TooManyRequests;
    /// Of what the desk does with one appointment.
    OfDesk: MalformedRequest Unauthenticated Forbidden UnknownAppointment InvalidField UnsupportedMediaType WrongState
        HoldExpired IdempotencyMismatch TooManyRequests ReadOnly;
    /// Of taking back what a desk did.
    OfUndoing: MalformedRequest Unauthenticated Forbidden UnknownAppointment InvalidField WrongState AlreadyBooked
        TooManyActive IdempotencyMismatch TooManyRequests ReadOnly;
    /// Of a reload.
    OfReload: MalformedRequest Unauthenticated Forbidden InvalidField IdempotencyMismatch TooManyRequests ReadOnly;
}

fn by_status(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    let mut statuses: BTreeMap<StatusCode, Vec<Code>> = BTreeMap::new();
    for code in codes {
        statuses.entry(code.status()).or_default().push(*code);
    }
    // A head can be too large as well, and then has a status of its own.
    for status in [StatusCode::URI_TOO_LONG, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE] {
        statuses.insert(status, vec![Code::TooLarge]);
    }
    // And its body can come in a coding that is not known here.
    statuses.insert(StatusCode::NOT_IMPLEMENTED, vec![Code::MalformedRequest]);
    statuses
        .into_iter()
        .map(|(status, codes)| (status.as_str().to_owned(), RefOr::T(response(status, &codes))))
        .collect()
}

fn response(status: StatusCode, codes: &[Code]) -> Response {
    let words: Vec<String> = codes.iter().map(|code| format!("`{}`", code.as_str())).collect();
    let examples = codes.iter().map(|code| {
        let example = ExampleBuilder::new().summary(code.title()).value(Some(example(status, *code))).build();
        (code.as_str(), example)
    });
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).examples_from_iter(examples).build();
    let response = ResponseBuilder::new().description(words.join(", ")).content(PROBLEM_JSON, content);
    let headers = codes.iter().flat_map(|code| headers(*code));
    headers.fold(response, |response, (name, text)| response.header(*name, header(text))).build()
}

fn example(status: StatusCode, code: Code) -> Value {
    json!({
        "type": format!("urn:hallpass:problem:{}", code.as_str()),
        "title": code.title(),
        "status": status.as_u16(),
        "detail": "how to mend the call",
        "code": code.as_str(),
        "instance": "urn:hallpass:request:5f1d3c2b9a807e64",
    })
}

const fn headers(code: Code) -> &'static [(&'static str, &'static str)] {
    match code {
        Code::Overloaded | Code::ReadOnly | Code::TooManyRequests => {
            &[("Retry-After", "After how many seconds the call may be tried again")]
        }
        Code::Unauthenticated => &[("WWW-Authenticate", "The scheme that is wanted")],
        _ => &[],
    }
}

fn header(text: &str) -> utoipa::openapi::Header {
    HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).description(Some(text)).build()
}
