//! The person who must appear: resident ID number (GB 11643-1999), name, telephone, and how they are shown masked.
//!
//! Nothing here implements `Debug` or `Display` in clear: what is printed by mistake is printed masked.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::reading;

/// The longest name of a person, in characters.
pub const MAX_NAME_CHARS: usize = 64;
/// The earliest birth date that an applicant can have.
const EARLIEST_BIRTH_YEAR: i32 = 1900;
/// Weights of the first 17 digits, GB 11643-1999 (ISO 7064, MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character for each remainder of the weighted sum by 11.
const CHECKS: &[u8; 11] = b"10X98765432";
/// First two digits of the address codes of GB/T 2260. Codes of counties that were merged away stay valid, so only the
/// province is checked.
const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63,
    64, 65, 71, 81, 82, 83,
];

/// What is wrong with a resident ID number, and how to mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdNumberError {
    /// Not 18 characters.
    #[error("a resident ID number has 18 characters")]
    Length {
        /// How many characters it has.
        count: usize,
    },
    /// 15 characters: the form of the first generation.
    #[error("15-digit numbers have not been valid since 2013; give the 18-character number")]
    FirstGeneration,
    /// Another character than a digit, or an X that is not at the end.
    #[error("a resident ID number has 17 digits and a digit or X at the end")]
    Characters,
    /// The first two digits name no province.
    #[error("the first two digits name no province")]
    Province,
    /// Digits 7 to 14 are no date, or one before 1900.
    #[error("digits 7 to 14 are no possible birth date")]
    BirthDate,
    /// The birth date is after today.
    #[error("the birth date lies in the future")]
    Future,
    /// The check character does not fit.
    #[error("the check character does not fit the other digits; compare the number with the card")]
    Check,
}

/// What is wrong with the name of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameError {
    /// Nothing that can be seen.
    #[error("a name has 1 to {MAX_NAME_CHARS} characters that can be seen")]
    Empty,
    /// More than [`MAX_NAME_CHARS`] characters.
    #[error("a name has 1 to {MAX_NAME_CHARS} characters that can be seen")]
    TooLong,
    /// A control character, or only invisible ones.
    #[error("a name has no control characters, and not only invisible ones")]
    Characters,
}

/// A text that is no mobile number of mainland China.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a mobile number has 11 digits and begins with 13 to 19")]
pub struct MobileError;

/// A text that is no number under which a person can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "give a mobile number of 11 digits, a landline with its area code, or a number beginning with +852, +853 or +886"
)]
pub struct PhoneError;

/// A text that is no administrative division code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a division code has six digits and begins with a province, such as 330106")]
pub struct DivisionError;

/// A valid resident ID number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdNumber([u8; 18]);

impl IdNumber {
    /// Reads a number as [`reading::number`] does; an `x` at the end is taken as `X`.
    ///
    /// # Errors
    /// [`IdNumberError`], the first of: length, characters, province, birth date, future, check character.
    pub fn parse(text: &str, today: NaiveDate) -> Result<Self, IdNumberError> {
        let text = reading::number(text);
        let mut number: [u8; 18] = match (text.as_bytes().try_into(), text.chars().count()) {
            (Ok(number), _) => number,
            (Err(_), 15) => return Err(IdNumberError::FirstGeneration),
            (Err(_), 18) => return Err(IdNumberError::Characters),
            (Err(_), count) => return Err(IdNumberError::Length { count }),
        };
        number[17].make_ascii_uppercase();
        let (head, last) = (&number[..17], number[17]);
        if !head.iter().all(u8::is_ascii_digit) || !(last.is_ascii_digit() || last == b'X') {
            return Err(IdNumberError::Characters);
        }
        if !PROVINCES.contains(&(10 * (number[0] - b'0') + (number[1] - b'0'))) {
            return Err(IdNumberError::Province);
        }
        let birth = birth_date(&number).ok_or(IdNumberError::BirthDate)?;
        if birth > today {
            return Err(IdNumberError::Future);
        }
        let sum: u32 = head.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        if CHECKS[(sum % 11) as usize] != last {
            return Err(IdNumberError::Check);
        }
        Ok(Self(number))
    }

    /// The number in clear.
    ///
    /// # Panics
    /// Never: a valid number is ASCII.
    #[must_use]
    pub fn reveal(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a valid number is ASCII")
    }

    /// The birth date that the number carries.
    ///
    /// # Panics
    /// Never: a valid number holds a date.
    #[must_use]
    pub fn birth_date(&self) -> NaiveDate {
        birth_date(&self.0).expect("a valid number holds a date")
    }
}

fn birth_date(number: &[u8; 18]) -> Option<NaiveDate> {
    let value = |from: usize, to: usize| number[from..to].iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'));
    let year = i32::try_from(value(6, 10)).ok()?;
    NaiveDate::from_ymd_opt(year, value(10, 12), value(12, 14)).filter(|date| date.year() >= EARLIEST_BIRTH_YEAR)
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdNumber(******************)")
    }
}

/// Reads the name of a person as [`reading::text`] does: 1 to [`MAX_NAME_CHARS`] characters, no control characters, and not
/// only such as show nothing.
///
/// # Errors
/// [`NameError`].
pub fn parse_name(text: &str) -> Result<String, NameError> {
    let name = reading::text(text);
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(NameError::TooLong);
    }
    if name.chars().any(char::is_control) || !reading::shows_something(&name) {
        return Err(NameError::Characters);
    }
    Ok(name)
}

/// Reads a mainland mobile number, `1[3-9]` and nine digits, with or without `+86`, `0086` or `86`, to its 11 digits.
///
/// # Errors
/// [`MobileError`].
pub fn parse_mobile(text: &str) -> Result<String, MobileError> {
    mobile(&telephone(text)).ok_or(MobileError)
}

/// Reads a number under which somebody can be reached: a mainland mobile number, a mainland landline with its area
/// code (`0571-87280185`, `+86 571 8728 0185`), or a number in Hong Kong (+852), Macao (+853) or Taiwan (+886).
///
/// # Errors
/// [`PhoneError`].
pub fn parse_phone(text: &str) -> Result<String, PhoneError> {
    let number = telephone(text);
    mobile(&number).or_else(|| landline(&number)).or_else(|| beyond_the_mainland(&number)).ok_or(PhoneError)
}

/// The digits of a telephone number, with `+` before a country code however that was written. Brackets around an area code
/// separate like spaces.
fn telephone(text: &str) -> String {
    let mut number = reading::number(text);
    number.retain(|c| !matches!(c, '(' | ')'));
    match number.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => number,
    }
}

fn mobile(number: &str) -> Option<String> {
    let digits = number.strip_prefix("+86").or_else(|| number.strip_prefix("86")).unwrap_or(number);
    match digits.as_bytes() {
        [b'1', b'3'..=b'9', rest @ ..] if rest.len() == 9 && are_digits(rest) => Some(digits.to_owned()),
        _ => None,
    }
}

fn landline(number: &str) -> Option<String> {
    let number = match number.strip_prefix("+86") {
        Some(rest) => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
        None => number.to_owned(),
    };
    let fits = number.starts_with('0') && (10..=12).contains(&number.len()) && are_digits(number.as_bytes());
    fits.then_some(number)
}

fn beyond_the_mainland(number: &str) -> Option<String> {
    let places = [("+852", 8..=8), ("+853", 8..=8), ("+886", 8..=9)];
    let fits = places.into_iter().any(|(prefix, digits)| {
        number.strip_prefix(prefix).is_some_and(|rest| digits.contains(&rest.len()) && are_digits(rest.as_bytes()))
    });
    fits.then(|| number.to_owned())
}

fn are_digits(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

/// Reads an administrative division code of GB/T 2260: six digits that begin with a province.
///
/// # Errors
/// [`DivisionError`].
pub fn parse_division(text: &str) -> Result<String, DivisionError> {
    let code = reading::number(text);
    let are_six = code.len() == 6 && are_digits(code.as_bytes());
    let province = are_six.then(|| code[..2].parse::<u8>().ok()).flatten();
    if !province.is_some_and(|province| PROVINCES.contains(&province)) {
        return Err(DivisionError);
    }
    Ok(code)
}

/// An applicant with everything that a booking needs to know of him.
#[derive(Clone, PartialEq, Eq)]
pub struct Applicant {
    /// The name in clear.
    pub name: String,
    /// The resident ID number.
    pub id_number: IdNumber,
    /// The mobile number, 11 digits.
    pub phone: String,
}

impl Applicant {
    /// What may be shown of the applicant.
    #[must_use]
    pub fn mask(&self) -> Mask {
        Mask::new(&self.name, self.id_number.reveal())
    }
}

impl fmt::Debug for Applicant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mask = self.mask();
        f.debug_struct("Applicant").field("name", &mask.name()).field("id_number", &mask.id_number()).finish()
    }
}

/// What may be shown of an applicant: the first character of the name, the first six and the last four of the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mask {
    first: char,
    region: [u8; 6],
    tail: [u8; 4],
}

impl Default for Mask {
    /// Stars only: nothing is known.
    fn default() -> Self {
        Self::new("", "")
    }
}

impl Mask {
    /// The mask of a name and of an ID number of 18 ASCII characters; shorter numbers give stars.
    #[must_use]
    pub fn new(name: &str, id_number: &str) -> Self {
        let bytes = id_number.as_bytes();
        let region = bytes.first_chunk().copied().filter(|_| bytes.len() == 18).unwrap_or([b'*'; 6]);
        let tail = bytes.last_chunk().copied().filter(|_| bytes.len() == 18).unwrap_or([b'*'; 4]);
        Self { first: name.chars().next().unwrap_or('*'), region, tail }
    }

    /// The masked name, such as `张*`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}*", self.first)
    }

    /// The masked ID number, such as `330106********1234`.
    #[must_use]
    pub fn id_number(&self) -> String {
        format!("{}********{}", String::from_utf8_lossy(&self.region), String::from_utf8_lossy(&self.tail))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    #[test]
    fn valid_numbers_are_read_with_their_birth_date() {
        let check = |text: &str, birth: &str| {
            let number = IdNumber::parse(text, today()).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(number.birth_date().to_string(), birth, "{text}");
        };
        check("330102199001010004", "1990-01-01");
        check("330106200002299998", "2000-02-29");
        check("650102198512310009", "1985-12-31");
        check("33010819920309999X", "1992-03-09");
        check("33010819920309999x", "1992-03-09");
        check(" 33010920150601999X ", "2015-06-01");
        check("330102 19900101 0004", "1990-01-01");
        check("\u{202d}330102-19900101-0004\u{202c}", "1990-01-01");
        check("３３０１０８１９９２０３０９９９９ｘ", "1992-03-09");
        check("11010519491231002X", "1949-12-31");
        check("440305197506150009", "1975-06-15");
        check("330110199508089997", "1995-08-08");
    }

    #[test]
    fn each_fault_of_a_number_has_its_own_sentence() {
        let check = |text: &str, expected| {
            assert_eq!(IdNumber::parse(text, today()).unwrap_err(), expected, "{text:?}");
        };
        check("330102199001010005", IdNumberError::Check);
        check("330102199902290007", IdNumberError::BirthDate);
        check("33010220991231999X", IdNumberError::Future);
        check("000102199001010008", IdNumberError::Province);
        check("330102199013010001", IdNumberError::BirthDate);
        check("33010219900101000", IdNumberError::Length { count: 17 });
        check("330102900101000", IdNumberError::FirstGeneration);
        check("33010219900101OOO4", IdNumberError::Characters);
        check("330102 19900101 000", IdNumberError::Length { count: 17 });
        check("33010٢199001010004", IdNumberError::Characters);
        check("\u{3164}\u{2800}", IdNumberError::Length { count: 0 });
        check("X30102199001010004", IdNumberError::Characters);
        check("330102189912310001", IdNumberError::BirthDate);
        check("", IdNumberError::Length { count: 0 });
    }

    #[test]
    fn a_person_is_shown_masked_even_by_debug() {
        let applicant = Applicant {
            name: "张伟明".into(),
            id_number: IdNumber::parse("330102199001010004", today()).unwrap(),
            phone: "19900000004".into(),
        };
        let shown = format!("{applicant:?} {:?}", applicant.id_number);
        assert!(shown.contains("张*") && shown.contains("330102********0004"), "{shown}");
        for secret in ["伟", "19900101", "19900000004"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn telephone_numbers_are_normalised_or_refused() {
        assert_eq!(parse_mobile("+8619900000001").as_deref(), Ok("19900000001"));
        assert_eq!(parse_mobile("008619900000001").as_deref(), Ok("19900000001"));
        for text in [
            "138 0013 8000",
            "138-0013-8000",
            "+86 138 0013 8000",
            "(+86) 138-0013-8000",
            "＋８６　１３８００１３８０００",
            "0086 13800138000",
            "86 138 0013 8000",
            "8613800138000",
            "\u{202d}13800138000\u{202c}",
            "\u{200e}+86\u{a0}138\u{2011}0013\u{2011}8000\u{200e}",
            " 13800138000\r\n",
        ] {
            assert_eq!(parse_mobile(text).as_deref(), Ok("13800138000"), "{text:?}");
            assert_eq!(parse_phone(text).as_deref(), Ok("13800138000"), "{text:?}");
        }
        for text in [
            "10000000001",
            "1990000000",
            "199000000012",
            "1990000000a",
            "",
            "0571-87280185",
            "861990000000",
            "+87 19900000001",
        ] {
            assert!(parse_mobile(text).is_err(), "{text:?}");
        }
        for (text, read) in [
            ("0571-87280185", "057187280185"),
            ("（0571）８７２８ ０１８５", "057187280185"),
            ("+86 571 8728 0185", "057187280185"),
            ("+86-0571-87280185", "057187280185"),
            ("0086 10 8888 8888", "01088888888"),
            ("+852 2345 6789", "+85223456789"),
            ("00852 2345 6789", "+85223456789"),
            ("+886 912345678", "+886912345678"),
            ("\u{200e}+853\u{200e} 2888 0000", "+85328880000"),
            ("19900000001", "19900000001"),
        ] {
            assert_eq!(parse_phone(text).as_deref(), Ok(read), "{text:?}");
        }
        for text in ["12367", "+1 555 0100", "0044 20 7946 0000", "nobody", "+86", "+85212", "00", "\u{3164}"] {
            assert!(parse_phone(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn names_and_divisions_have_a_shape() {
        for typed in [" 张伟 ", "\u{202e}张伟", "张\u{feff}伟", "\u{3164}张伟\u{200b}"] {
            assert_eq!(parse_name(typed).as_deref(), Ok("张伟"), "{typed:?}");
        }
        let (longest, padded) = ("张".repeat(64), format!("{}{}", " \u{200e}".repeat(99), "张".repeat(64)));
        assert_eq!((parse_name(&longest), parse_name(&padded)), (Ok(longest.clone()), Ok(longest)));
        let nothing = [
            "",
            " ",
            "\u{200b}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{2800}",
            "\u{e0041}\u{e007f}",
            "\u{fe0f}",
            "\u{301}",
        ];
        for typed in nothing.into_iter().chain(["a\u{7}", "张\n伟", &"张".repeat(65)]) {
            assert!(parse_name(typed).is_err(), "{typed:?}");
        }
        for typed in ["330106", " 330106", "３３０１０６", "330 106\t", "\u{200e}330106"] {
            assert_eq!(parse_division(typed).as_deref(), Ok("330106"), "{typed:?}");
        }
        for typed in ["990106", "３３０１", "3301060", "33010a", ""] {
            assert!(parse_division(typed).is_err(), "{typed:?}");
        }
    }

    proptest! {
        /// Whatever a phone or a clipboard puts between and around the characters, the person is the same.
        #[test]
        fn a_number_is_one_number_however_it_comes(wide in any::<u32>(), marks in prop::collection::vec(0..NOISE.len(), 19)) {
            for number in ["330102199001010004", "33010819920309999X"] {
                let mut typed = NOISE[marks[18]].to_owned();
                for (at, c) in number.chars().enumerate() {
                    let full = char::from_u32(c as u32 + 0xfee0).filter(|_| wide >> at & 1 == 1);
                    typed.push(full.unwrap_or(c));
                    typed.push_str(NOISE[marks[at]]);
                }
                let read = IdNumber::parse(&typed, today());
                prop_assert_eq!(read.as_ref().map(IdNumber::reveal), Ok(number));
                let shown = Mask::new("张", read.unwrap().reveal()).id_number();
                prop_assert_eq!(shown, Mask::new("张", number).id_number());
            }
        }
    }

    const NOISE: [&str; 8] = ["", " ", "\u{a0}", "-", "\u{200e}", "\u{feff}", "\u{3000}", "\u{2011}"];
}
