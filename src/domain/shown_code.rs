//! What a ticket shows to a desk: the code of one appointment, or that of a whole party.
//!
//! The code of a party is `P` and the code of any of its members, nine characters in all: nothing more has to be stored, a
//! scanner that types as a keyboard types it in any layout, and as no single code has nine characters, none is taken for
//! the other.

use std::fmt;
use std::str::FromStr;

use super::appointment::{Code, CodeError};
use super::reading;

/// What stands before a code that is meant for the whole party.
const PARTY: char = 'P';

/// A code as it is shown, scanned or typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownCode {
    /// One appointment.
    One(Code),
    /// Everybody of the party to which the appointment with this code belongs.
    Party(Code),
}

impl ShownCode {
    /// The code of the appointment that is named.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::One(code) | Self::Party(code) => code,
        }
    }

    /// Whether the whole party is meant.
    #[must_use]
    pub const fn is_party(self) -> bool {
        matches!(self, Self::Party(_))
    }
}

impl fmt::Display for ShownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(code) => write!(f, "{code}"),
            Self::Party(code) => write!(f, "{PARTY}{code}"),
        }
    }
}

impl FromStr for ShownCode {
    type Err = CodeError;

    /// Reads both, as people type them.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        if let Ok(code) = text.parse() {
            return Ok(Self::One(code));
        }
        let typed = reading::number(text);
        let rest = typed.strip_prefix([PARTY, PARTY.to_ascii_lowercase()]).ok_or(CodeError)?;
        rest.parse().map(Self::Party)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_read_as_they_are_typed_and_written_as_they_are_read() {
        let code: Code = "K7QX2M9F".parse().unwrap();
        for typed in ["K7QX2M9F", "k7qx 2m9f", "K7QX-2M9F", "\u{200e}Ｋ７ＱＸ　２Ｍ９Ｆ\u{feff}"] {
            assert_eq!(typed.parse(), Ok(ShownCode::One(code)), "{typed}");
        }
        for typed in ["PK7QX2M9F", "pk7qx2m9f", "P K7QX 2M9F", " p-k7qx-2m9f"] {
            assert_eq!(typed.parse(), Ok(ShownCode::Party(code)), "{typed}");
        }
        for shown in [ShownCode::One(code), ShownCode::Party(code)] {
            assert_eq!(shown.to_string().parse(), Ok(shown));
            assert_eq!(shown.code(), code);
        }
    }

    #[test]
    fn a_code_that_begins_with_the_mark_of_parties_is_one_of_a_single_person() {
        let code: Code = "PPPPPPPP".parse().unwrap();
        assert_eq!("PPPPPPPP".parse(), Ok(ShownCode::One(code)));
        assert_eq!("PPPPPPPPP".parse(), Ok(ShownCode::Party(code)));
        for text in ["", "P", "P1234567U", "PPPPPPPPPP", "X12345678", "1234567"] {
            assert_eq!(text.parse::<ShownCode>(), Err(CodeError), "{text:?}");
        }
    }
}
