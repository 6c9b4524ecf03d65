//! What is wrong with one field of a call.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::applicant::{DivisionError, IdNumberError, MobileError, NameError, PhoneError};
use crate::domain::appointment::CodeError;
use crate::domain::wall::WallTimeError;

/// The longest street and house, in characters.
pub const MAX_STREET_CHARS: usize = 200;

/// A bad field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFault {
    /// Where: a JSON pointer (RFC 6901) into the body, or a slash and the name of a parameter.
    pub pointer: String,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What somebody typed. No log shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Typed(pub String);

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Typed({} characters)", self.0.chars().count())
    }
}

/// What is wrong with a field. Its text says how to mend it. Its form with serde is remembered for a repeat: a variant that
/// has been released keeps its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// It is missing.
    #[error("this is required")]
    Missing,
    /// It is no name of a person.
    #[error(transparent)]
    Name(#[from] NameError),
    /// It is no resident ID number.
    #[error(transparent)]
    IdNumber(#[from] IdNumberError),
    /// It is no mobile number.
    #[error("{MobileError}")]
    Mobile,
    /// It is no number under which a person can be reached.
    #[error("{PhoneError}")]
    Phone,
    /// It is no administrative division.
    #[error("{DivisionError}")]
    Division,
    /// It is a text by which a place was searched, and for which none was chosen.
    #[error("no place was chosen for this text")]
    PlaceNotChosen {
        /// The text.
        typed: Typed,
    },
    /// It is no street and house: empty, or too long.
    #[error("street and house have 1 to {MAX_STREET_CHARS} characters that can be seen")]
    StreetLength,
    /// It is no street and house: a control character, or only invisible ones.
    #[error("street and house have no control characters, and not only invisible ones")]
    StreetCharacters,
    /// It is no date.
    #[error("a date has the form YYYY-MM-DD and stands in the calendar")]
    Date,
    /// It is a date before the first one of its range.
    #[error("this date is before the first")]
    BeforeFirst,
    /// It is a date too far behind the first one of its range.
    #[error("at most {max} days can be asked for at once")]
    TooManyDays {
        /// The longest range.
        max: i64,
    },
    /// It is no time of day.
    #[error("{WallTimeError}")]
    Time,
    /// It is no code of an appointment.
    #[error("{CodeError}")]
    Code,
    /// It is neither `true` nor `false`.
    #[error("this is true or false")]
    Flag,
    /// It is no whole number of a range that begins with 1.
    #[error("this is a whole number from 1 to {max}")]
    Count {
        /// The end of the range.
        max: usize,
    },
    /// No applicant is given.
    #[error("give at least one applicant, or leave this out for yourself")]
    NoApplicant,
    /// Something else, which no form of a page can bring.
    #[error("{0}")]
    Other(Cow<'static, str>),
}

macro_rules! from_errors {
    ($($error:ident $wrong:ident,)*) => {
        $(impl From<$error> for Wrong {
            fn from(_: $error) -> Self {
                Self::$wrong
            }
        })*
    };
}

from_errors! {
    MobileError Mobile,
    PhoneError Phone,
    DivisionError Division,
    WallTimeError Time,
    CodeError Code,
}

impl From<&'static str> for Wrong {
    fn from(sentence: &'static str) -> Self {
        Self::Other(sentence.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_remembered_and_not_logged() {
        let wrong = Wrong::PlaceNotChosen { typed: Typed("张伟 330102199001010004".into()) };
        assert_eq!(format!("{wrong:?}"), "PlaceNotChosen { typed: Typed(21 characters) }");
        let stored = serde_json::to_string(&wrong).unwrap();
        assert_eq!(stored, "{\"place_not_chosen\":{\"typed\":\"张伟 330102199001010004\"}}");
        assert_eq!(serde_json::from_str::<Wrong>(&stored).unwrap(), wrong);
    }
}
