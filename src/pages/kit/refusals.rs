//! Refusals in words for people: why something was refused, and what to do next.
//!
//! The rules decide, and carry the dates and names that their refusals need; here these only get a sentence in the
//! language of the visitor. What a rule says to a program stays in `domain::rejection` and `app::refusal`. Every
//! rejection has a sentence because the compiler wants one; every code has a heading because the tests do.

mod fields;
#[cfg(test)]
mod tests;

pub use fields::{SEARCHES, fields};

use chrono::{Days, NaiveDate};

use crate::app::refusal::{Code, Refusal};
use crate::domain::appointment::{Action, Status};
use crate::domain::hall::Hall;
use crate::domain::policy::Policy;
use crate::domain::rejection::Rejection;
use crate::domain::wall::instant_of;
use crate::pages::text::{Arg, Text};

/// Up to how many seconds a wait is only a moment.
const MOMENT_S: u32 = 60;
/// From how many seconds on a wait is told in hours.
const LONG_WAIT_S: u32 = 2 * 3_600;

/// What a rule said, and how to go on.
#[must_use]
pub fn rejection(text: Text, rejection: &Rejection) -> String {
    match rejection {
        Rejection::UnknownHall => text.get("rejection-unknown-hall"),
        Rejection::UnknownService => text.get("rejection-unknown-service"),
        Rejection::UnknownAppointment => text.get("rejection-unknown-appointment"),
        Rejection::NotTheMaker => text.get("rejection-not-your-party"),
        Rejection::AnotherHall => text.get("rejection-another-hall"),
        Rejection::StaffOnly | Rejection::PersonsOnly => text.get("rejection-forbidden"),
        Rejection::ServiceNotOffered => text.get("rejection-service-not-offered"),
        Rejection::PartyTooLarge { max } => text.with("rejection-party-too-large", &[("max", Arg::from(*max))]),
        Rejection::DuplicateApplicant { first, second } => {
            let places = [("first", Arg::from(first + 1)), ("second", Arg::from(second + 1))];
            text.with("rejection-duplicate-applicant", &places)
        }
        Rejection::ApplicantsDiffer => text.get("rejection-applicants-differ"),
        Rejection::Past => text.get("rejection-past"),
        Rejection::SameDay { earliest } => text.with("rejection-same-day", &[("day", text.day(*earliest).into())]),
        Rejection::BeyondWindow { last } => text.with("rejection-beyond-window", &[("day", text.day(*last).into())]),
        Rejection::NotReleased { opens_at: Some(at) } => {
            text.with("rejection-opens-at", &[("time", text.instant(*at).into())])
        }
        Rejection::NotReleased { opens_at: None } => text.get("rejection-not-released"),
        Rejection::Holiday { name } => text.with("rejection-holiday", &[("name", holiday(text, name).into())]),
        Rejection::Closed { reason: Some(reason) } => {
            let reason = reason.trim_end_matches(['。', '.']);
            text.with("rejection-closed-because", &[("reason", Arg::from(reason))])
        }
        Rejection::Closed { reason: None } => text.get("rejection-closed"),
        Rejection::NoSuchBand => text.get("rejection-no-such-band"),
        Rejection::AlreadyBooked { applicant } => {
            text.with("rejection-already-booked", &[("number", Arg::from(applicant + 1))])
        }
        Rejection::TooManyActive { max } => text.with("rejection-too-many-active", &[("max", Arg::from(*max))]),
        Rejection::SlotFull => text.get("rejection-slot-full"),
        Rejection::WrongState { status, action } => {
            let parts = [("state", text.get(state(*status)).into()), ("act", text.get(act(*action)).into())];
            text.with("rejection-wrong-state", &parts)
        }
        Rejection::Begun { began, action } => {
            let parts = [("time", text.instant(*began).into()), ("act", text.get(act(*action)).into())];
            text.with("rejection-begun", &parts)
        }
        Rejection::AlreadyExtended => text.get("rejection-already-extended"),
        Rejection::NoExtensions => text.get("rejection-no-extensions"),
        Rejection::NotOnItsDay { date, action, .. } => {
            let parts = [("day", text.day(*date).into()), ("act", text.get(act(*action)).into())];
            text.with("rejection-not-on-its-day", &parts)
        }
        Rejection::NotBegun { begins, action } => {
            let parts = [("time", text.instant(*begins).into()), ("act", text.get(act(*action)).into())];
            text.with("rejection-not-begun", &parts)
        }
        Rejection::NothingToUndo { status } => {
            text.with("rejection-nothing-to-undo", &[("state", text.get(state(*status)).into())])
        }
        Rejection::UndoTooLate { until } => {
            text.with("rejection-undo-too-late", &[("time", text.instant(*until).into())])
        }
        Rejection::NoShowStands { last } => text.with("rejection-no-show-stands", &[("day", text.day(*last).into())]),
        Rejection::UndoByAnother => text.get("rejection-undo-by-another"),
        Rejection::UndoForgotten => text.get("rejection-undo-forgotten"),
        Rejection::HoldExpired => text.get("rejection-hold-expired"),
        Rejection::IdempotencyMismatch => text.get("rejection-idempotency-mismatch"),
    }
}

/// What is said of a refusal below its heading: what its rule says, but nothing that the heading says already, or else what to
/// do next.
#[must_use]
pub fn below_heading(text: Text, refusal: &Refusal) -> String {
    let advice = || advice(text, refusal.code(), refusal.retry_after_s());
    let Some(words) = refusal.rule().map(|rule| rejection(text, rule)) else { return advice() };
    let Some(rest) = words.strip_prefix(heading(text, refusal.code()).as_str()) else { return words };
    let rest =
        rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '，' | '。' | '；' | ',' | '.' | ';'));
    let mut letters = rest.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => advice(),
    }
}

/// Why a day cannot be chosen in a calendar. A day beyond the window is told by the last one in it; see [`why_on`].
#[must_use]
pub fn why(text: Text, rejection: &Rejection) -> String {
    match rejection {
        Rejection::SlotFull => text.get("rejection-day-full"),
        other => self::rejection(text, other),
    }
}

/// As [`why`], and for a date beyond the window also when it opens in this hall.
#[must_use]
pub fn why_on(text: Text, rejection: &Rejection, date: NaiveDate, hall: &Hall, policy: &Policy) -> String {
    let opens_at = || {
        // A date is the last one of the window on the day that lies as many days before it as the window is long.
        let day = date.checked_sub_days(Days::new(policy.window_days.into()))?;
        instant_of(hall.zone, day, policy.release_time)
    };
    match (rejection, opens_at()) {
        (Rejection::BeyondWindow { .. }, Some(at)) => {
            text.with("rejection-opens-at", &[("time", text.instant(at).into())])
        }
        _ => why(text, rejection),
    }
}

/// What went wrong, as the heading of a page.
#[must_use]
pub fn heading(text: Text, code: Code) -> String {
    text.get(&format!("problem-{}", code.as_str().replace('_', "-")))
}

/// What to do next. `retry_after_s`: when to try again, in seconds from now.
#[must_use]
pub fn advice(text: Text, code: Code, retry_after_s: Option<u32>) -> String {
    match code {
        Code::MalformedRequest | Code::MethodNotAllowed | Code::UnsupportedMediaType | Code::IdempotencyMismatch => {
            text.get("advice-start-again")
        }
        Code::Unauthenticated => text.get("advice-sign-in"),
        Code::Forbidden => text.get("advice-forbidden"),
        Code::NotFound => text.get("advice-not-found"),
        Code::UnknownHall | Code::ServiceNotOffered => text.get("advice-other-hall"),
        Code::UnknownService => text.get("advice-other-service"),
        Code::UnknownAppointment => text.get("advice-own-appointments"),
        Code::SlotFull | Code::NoSuchBand => text.get("advice-other-time"),
        Code::SameDay | Code::Past | Code::BeyondWindow | Code::NotReleased | Code::Holiday | Code::Closed => {
            text.get("advice-other-day")
        }
        Code::AlreadyBooked | Code::TooManyActive => text.get("advice-cancel-or-move"),
        Code::WrongState => text.get("advice-look-again"),
        Code::HoldExpired => text.get("advice-book-again"),
        Code::TooLarge => text.get("advice-shorter"),
        Code::PartyTooLarge => text.get("advice-smaller-party"),
        Code::DuplicateApplicant | Code::InvalidField => text.get("advice-mend-fields"),
        Code::TooManyRequests | Code::Overloaded => wait(text, retry_after_s.unwrap_or(MOMENT_S)),
        Code::ReadOnly => text.get("advice-read-only"),
        Code::Internal => text.get("advice-internal"),
    }
}

/// How long to wait, rounded up.
fn wait(text: Text, seconds: u32) -> String {
    if seconds <= MOMENT_S {
        text.get("advice-wait")
    } else if seconds < LONG_WAIT_S {
        text.with("advice-wait-minutes", &[("count", Arg::from(seconds.div_ceil(60)))])
    } else {
        text.with("advice-wait-hours", &[("count", Arg::from(seconds.div_ceil(3_600)))])
    }
}

/// The public holidays of the country in the visitor's language, where the calendar names no others.
fn holiday(text: Text, name: &str) -> String {
    let known = |name: &str| match name {
        "元旦" => Some("holiday-new-year"),
        "春节" => Some("holiday-spring-festival"),
        "清明节" => Some("holiday-tomb-sweeping"),
        "劳动节" => Some("holiday-labour-day"),
        "端午节" => Some("holiday-dragon-boat"),
        "中秋节" => Some("holiday-mid-autumn"),
        "国庆节" => Some("holiday-national-day"),
        _ => None,
    };
    let names: Option<Vec<String>> = name.split('、').map(|name| known(name).map(|key| text.get(key))).collect();
    names.map_or_else(|| name.to_owned(), |names| names.join(&text.get("holiday-and")))
}

const fn state(status: Status) -> &'static str {
    match status {
        Status::Held => "rejection-state-held",
        Status::Booked => "rejection-state-booked",
        Status::CheckedIn => "rejection-state-checked-in",
        Status::Served => "rejection-state-served",
        Status::Expired => "rejection-state-expired",
        Status::Cancelled => "rejection-state-cancelled",
        Status::NoShow => "rejection-state-no-show",
    }
}

/// The message for what was asked for.
const fn act(action: Action) -> &'static str {
    match action {
        Action::Confirm => "rejection-act-confirm",
        Action::Reschedule => "rejection-act-reschedule",
        Action::Cancel => "rejection-act-cancel",
        Action::CheckIn => "rejection-act-check-in",
        Action::Serve => "rejection-act-serve",
        Action::MarkNoShow => "rejection-act-mark-no-show",
        Action::Extend => "rejection-act-extend",
        Action::Expire | Action::Undo => "rejection-act-change",
    }
}
