//! One line of a desk log: who did what, and when.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::appointment::{Action, AppointmentId, Code};
use crate::domain::name::ServiceId;
use crate::domain::reading;
use crate::vault;

/// The longest line, in bytes. The bounds of its parts make every line fit.
pub const MAX_LINE_BYTES: usize = 512;
/// The longest name of a counter, in characters.
pub const MAX_COUNTER_CHARS: usize = 16;
/// The highest walk-in number of a hall and day.
pub const MAX_NUMBER: u32 = 999_999;

/// Who waits: somebody with a number, or somebody with an appointment.
///
/// Its text form is what a form of a desk carries: `W012`, or the whole code. What everybody may see of an appointment is its
/// number in the queue, which the [queue](crate::engine::Queue::shown) gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Ticket {
    /// A number drawn in the hall, from 1.
    WalkIn(u32),
    /// An appointment, by its code.
    Appointment(Code),
}

/// The number of an appointment in the queue as it is called out: `A012`.
#[must_use]
pub fn shown_number(number: u32) -> String {
    format!("A{number:03}")
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WalkIn(number) => write!(f, "W{number:03}"),
            Self::Appointment(code) => write!(f, "{code}"),
        }
    }
}

/// A text that names nobody who could wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a number has the form W012, or is the code of an appointment")]
pub struct TicketError;

impl FromStr for Ticket {
    type Err = TicketError;

    /// Reads both forms. A number is shorter than any code, so none is taken for the other.
    fn from_str(text: &str) -> Result<Self, TicketError> {
        let text = reading::number(text);
        let digits = text.strip_prefix(['W', 'w']).filter(|digits| (1..=6).contains(&digits.len()));
        if let Some(digits) = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())) {
            let number = digits.parse().ok().filter(|number| (1..=MAX_NUMBER).contains(number));
            return number.map(Self::WalkIn).ok_or(TicketError);
        }
        text.parse().map(Self::Appointment).map_err(|_| TicketError)
    }
}

impl From<Ticket> for String {
    fn from(ticket: Ticket) -> Self {
        ticket.to_string()
    }
}

impl TryFrom<String> for Ticket {
    type Error = TicketError;

    fn try_from(text: String) -> Result<Self, TicketError> {
        text.parse()
    }
}

/// The name of a counter: 1 to [`MAX_COUNTER_CHARS`] characters, none of them invisible.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counter(String);

impl Counter {
    /// The counter with this name; none where no counter can be called so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = reading::text(name);
        let fits = (1..=MAX_COUNTER_CHARS).contains(&name.chars().count());
        let is_plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
        (fits && is_plain).then_some(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a member of staff did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// On a page.
    Page,
    /// By a call of the API.
    Api,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Somebody without an appointment got a number.
    Drawn {
        /// The number, the next one of the hall and day.
        number: u32,
        /// What the person came for.
        service: ServiceId,
    },
    /// Somebody was called to a counter.
    Called {
        /// Who.
        number: Ticket,
        /// Where to.
        counter: Counter,
    },
    /// Somebody with a number was served.
    Served {
        /// Who.
        number: Ticket,
    },
    /// Somebody who was called did not come.
    Gone {
        /// Who.
        number: Ticket,
    },
    /// An appointment was changed.
    Noted {
        /// How.
        action: Action,
        /// Its code.
        code: Code,
        /// Its id.
        appointment: AppointmentId,
        /// Where that was done.
        via: Via,
    },
    /// The telephone of somebody with an appointment was opened.
    Opened {
        /// The code of the appointment.
        code: Code,
        /// Its id.
        appointment: AppointmentId,
    },
    /// A configuration was put in force.
    Adopted {
        /// The beginning of its version.
        version: String,
    },
    /// A member of staff signed in.
    SignedIn,
    /// The counts of some days were taken away as a table.
    Exported {
        /// The first day.
        from: NaiveDate,
        /// The last day.
        to: NaiveDate,
    },
}

/// One line: a deed with its doer and its instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Unlike that of any other line: by it a writer knows whether a line is its own.
    id: String,
    /// When.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub at: DateTime<Utc>,
    /// The id of the member of staff.
    pub by: String,
    /// What.
    pub deed: Deed,
}

impl Record {
    /// A new record.
    ///
    /// # Panics
    /// Never: the operating system gave random numbers when the keys were made.
    #[must_use]
    pub fn new(at: DateTime<Utc>, by: &str, deed: Deed) -> Self {
        let id: [u8; 16] = vault::random().expect("the operating system gave random numbers at the start");
        Self { id: URL_SAFE_NO_PAD.encode(id), at, by: by.to_owned(), deed }
    }

    /// The line.
    ///
    /// # Panics
    /// Where it is longer than [`MAX_LINE_BYTES`], which the bounds of its parts do not let be.
    #[must_use]
    pub fn line(&self) -> String {
        let line = serde_json::to_string(self).expect("every part of a record has a stored form");
        assert!(line.len() <= MAX_LINE_BYTES, "a line of {} bytes", line.len());
        line
    }

    /// The record of a line; none where the line is something else.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::samples;
    use crate::domain::name::MAX_NAME_BYTES;

    #[test]
    fn a_ticket_is_read_in_both_forms() {
        let check = |text: &str, expected: Option<Ticket>| assert_eq!(text.parse().ok(), expected, "{text:?}");
        check("W012", Some(Ticket::WalkIn(12)));
        check(" w1000 ", Some(Ticket::WalkIn(1000)));
        let code = "K7QX2M9F".parse().unwrap();
        check("K7QX2M9F", Some(Ticket::Appointment(code)));
        check("W7QX2M9F", Some(Ticket::Appointment("W7QX2M9F".parse().unwrap())));
        check("W1234567", Some(Ticket::Appointment("W1234567".parse().unwrap())));
        check("\u{200e}Ｗ ０１２\u{feff}", Some(Ticket::WalkIn(12)));
        check("k7qx\u{2011}2m9f\r\n", Some(Ticket::Appointment(code)));
        for nobody in ["", "W", "W000", "W+1", "AM9F", "012", "\u{3164}"] {
            check(nobody, None);
        }
        assert_eq!((Ticket::WalkIn(12).to_string(), shown_number(12)), ("W012".into(), "A012".into()));
    }

    #[test]
    fn a_counter_has_a_short_plain_name() {
        for name in ["3", " 3 ", "A-12", "三号", &"x".repeat(MAX_COUNTER_CHARS)] {
            assert_eq!(Counter::named(name).unwrap().as_str(), name.trim());
        }
        assert_eq!(Counter::named("\u{202e}３\u{200b}").unwrap().as_str(), "3");
        for name in ["", " ", "a\nb", "<b>", "\u{3164}", "\u{2800}", &"x".repeat(MAX_COUNTER_CHARS + 1)] {
            assert_eq!(Counter::named(name), None, "{name:?}");
        }
    }

    #[test]
    fn the_longest_line_fits_and_reads_back() {
        let (longest, at) = ("x".repeat(MAX_NAME_BYTES), samples::held().created_at);
        let code = Code::from_random(u64::MAX);
        let deeds = [
            Deed::Drawn { number: MAX_NUMBER, service: ServiceId::intern(&longest).unwrap() },
            Deed::Called {
                number: Ticket::Appointment(code),
                counter: Counter::named(&"號".repeat(MAX_COUNTER_CHARS)).unwrap(),
            },
            Deed::Served { number: Ticket::WalkIn(1) },
            Deed::Gone { number: Ticket::Appointment(code) },
            Deed::Noted { action: Action::MarkNoShow, code, appointment: samples::held().id, via: Via::Api },
            Deed::Opened { code, appointment: samples::held().id },
            Deed::Adopted { version: "0".repeat(64) },
            Deed::SignedIn,
            Deed::Exported { from: NaiveDate::MIN, to: NaiveDate::MAX },
        ];
        for deed in deeds {
            let record = Record::new(at, &longest, deed);
            assert_eq!(Record::of_line(&record.line()), Some(record));
        }
        assert_eq!(Record::of_line("{}"), None);
    }
}
