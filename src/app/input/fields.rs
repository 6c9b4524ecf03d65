//! Fields of a call: read all of them, and name every bad one.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Asia::Shanghai;

use crate::serve::problem::{FieldError, Problem};

/// What a required field that is missing is told.
const MISSING: &str = "this is required";

/// Reads fields and collects what is wrong with them. A pointer is written out only where a field is bad.
#[derive(Debug, Default)]
pub struct Fields(Vec<FieldError>);

impl Fields {
    /// Notes a bad field.
    pub fn refuse(&mut self, pointer: fmt::Arguments<'_>, detail: impl Into<Cow<'static, str>>) {
        self.0.push(FieldError { pointer: pointer.to_string(), detail: detail.into() });
    }

    /// The value of a field that must be there.
    pub fn required<T>(&mut self, pointer: fmt::Arguments<'_>, given: Option<T>) -> Option<T> {
        if given.is_none() {
            self.refuse(pointer, MISSING);
        }
        given
    }

    /// What a field means; none where it is not there or bad.
    pub fn read<T, V, E: fmt::Display>(
        &mut self,
        pointer: fmt::Arguments<'_>,
        given: Option<T>,
        parse: impl FnOnce(T) -> Result<V, E>,
    ) -> Option<V> {
        match parse(given?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(pointer, error.to_string());
                None
            }
        }
    }

    /// What a field that must be there means; none where it is missing or bad.
    pub fn need<T, V, E: fmt::Display>(
        &mut self,
        pointer: fmt::Arguments<'_>,
        given: Option<T>,
        parse: impl FnOnce(T) -> Result<V, E>,
    ) -> Option<V> {
        let given = self.required(pointer, given);
        self.read(pointer, given, parse)
    }

    /// The outcome: `value`, which is there unless a field is bad.
    ///
    /// # Errors
    /// `invalid_field` with every bad field.
    ///
    /// # Panics
    /// Where the value is missing although no field is bad: a bug of the caller.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Problem> {
        if !self.0.is_empty() {
            return Err(Problem::invalid(self.0));
        }
        Ok(value.expect("a value is missing only where a field was noted as bad"))
    }
}

/// Reads a date, strictly `YYYY-MM-DD`.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn date(text: impl AsRef<str>) -> Result<NaiveDate, &'static str> {
    const FORM: &str = "a date has the form YYYY-MM-DD and stands in the calendar";
    let bytes: [u8; 10] = text.as_ref().as_bytes().try_into().map_err(|_| FORM)?;
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
    };
    let [year @ .., b'-', _, _, b'-', _, _] = &bytes else { return Err(FORM) };
    let (year, month, day) = (number(year), number(&bytes[5..7]), number(&bytes[8..]));
    let (Some(year), Some(month), Some(day)) = (year, month, day) else { return Err(FORM) };
    i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day)).ok_or(FORM)
}

/// Reads anything that reads itself from a text.
///
/// # Errors
/// What its own reading says.
pub fn parsed<V: FromStr>(text: impl AsRef<str>) -> Result<V, V::Err> {
    text.as_ref().parse()
}

/// Reads `true` or `false`.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn flag(text: impl AsRef<str>) -> Result<bool, &'static str> {
    text.as_ref().parse().map_err(|_| "this is true or false")
}

/// Reads a whole number up to a limit.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn count_up_to(max: usize) -> impl Fn(String) -> Result<usize, String> {
    move |text| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten().filter(|number| (1..=max).contains(number));
        number.ok_or_else(|| format!("this is a whole number from 1 to {max}"))
    }
}

/// Today where the ID numbers come from: birth dates are judged by it.
#[must_use]
pub fn civil_today(now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&Shanghai).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_strictly() {
        assert_eq!(date("2026-11-25"), Ok(NaiveDate::from_ymd_opt(2026, 11, 25).unwrap()));
        assert!(date("2024-02-29").is_ok() && date("0001-01-01").is_ok() && date("9999-12-31").is_ok());
        let bad = "2026-02-30 2026-2-03 2026-11-25T 26-11-25 +026-11-25 2026/11/25 2026-13-01 2026-00-10 2026-11-2５ ";
        for text in bad.split(' ') {
            assert!(date(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_count_is_a_whole_number_in_its_range() {
        let read = |text: &str| count_up_to(100)(text.to_owned());
        assert_eq!((read("1"), read("100"), read("007")), (Ok(1), Ok(100), Ok(7)));
        for text in ["", "0", "101", "-1", "+1", "1.0", "ten", "99999999999999999999999"] {
            assert_eq!(read(text), Err("this is a whole number from 1 to 100".into()), "{text:?}");
        }
    }

    #[test]
    fn every_bad_field_is_named() {
        let mut fields = Fields::default();
        assert_eq!(fields.need(format_args!("/a"), Some("2026-11-25"), date), date("2026-11-25").ok());
        assert_eq!(fields.need(format_args!("/b"), None::<&str>, date), None);
        assert_eq!(fields.read(format_args!("/c"), None::<&str>, date), None);
        assert_eq!(fields.read(format_args!("/d/{}", 1), Some("maybe"), flag), None);
        let problem = fields.finish(None::<()>).unwrap_err();
        let pointers: Vec<&str> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/b", "/d/1"]);
        assert_eq!(Fields::default().finish(Some(1)), Ok(1));
    }

    #[test]
    fn the_civil_day_begins_at_midnight_in_china() {
        let at = |text: &str| civil_today(text.parse().unwrap()).to_string();
        assert_eq!(at("2026-11-24T15:59:59.999Z"), "2026-11-24");
        assert_eq!(at("2026-11-24T16:00:00Z"), "2026-11-25");
    }
}
