//! Fields of a call: read all of them, and name every bad one.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Asia::Shanghai;

use crate::app::refusal::{FieldFault, Refusal, Wrong};

/// Reads fields and collects what is wrong with them. A pointer is written out only if a field is bad.
#[derive(Debug, Default)]
pub struct Fields(Vec<FieldFault>);

impl Fields {
    /// Notes a bad field.
    pub fn refuse(&mut self, pointer: fmt::Arguments<'_>, wrong: impl Into<Wrong>) {
        self.0.push(FieldFault { pointer: pointer.to_string(), wrong: wrong.into() });
    }

    /// The value of a field that must be there.
    pub fn required<T>(&mut self, pointer: fmt::Arguments<'_>, given: Option<T>) -> Option<T> {
        if given.is_none() {
            self.refuse(pointer, Wrong::Missing);
        }
        given
    }

    /// What a field means; `None` if it is not there or bad.
    pub fn read<T, V, E: Into<Wrong>>(
        &mut self,
        pointer: fmt::Arguments<'_>,
        given: Option<T>,
        parse: impl FnOnce(T) -> Result<V, E>,
    ) -> Option<V> {
        match parse(given?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(pointer, error);
                None
            }
        }
    }

    /// What a field that must be there means; `None` if it is missing or bad.
    pub fn need<T, V, E: Into<Wrong>>(
        &mut self,
        pointer: fmt::Arguments<'_>,
        given: Option<T>,
        parse: impl FnOnce(T) -> Result<V, E>,
    ) -> Option<V> {
        let given = self.required(pointer, given);
        self.read(pointer, given, parse)
    }

    /// What an optional flag says: false if it is left out.
    pub fn flag(&mut self, pointer: fmt::Arguments<'_>, given: Option<&str>) -> Option<bool> {
        given.map_or(Some(false), |text| self.read(pointer, Some(text), flag))
    }

    /// The outcome: `value`, which is there unless a field is bad.
    ///
    /// # Errors
    /// [`Refusal::Fields`] with every bad field.
    ///
    /// # Panics
    /// If the value is missing although no field is bad: a bug of the caller.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Refusal> {
        if !self.0.is_empty() {
            return Err(Refusal::Fields(self.0));
        }
        Ok(value.expect("a value is missing only where a field was noted as bad"))
    }
}

/// Reads a date, strictly `YYYY-MM-DD`.
///
/// # Errors
/// [`Wrong::Date`].
pub fn date(text: impl AsRef<str>) -> Result<NaiveDate, Wrong> {
    read_date(text.as_ref()).ok_or(Wrong::Date)
}

fn read_date(text: &str) -> Option<NaiveDate> {
    let bytes: [u8; 10] = text.as_bytes().try_into().ok()?;
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
    };
    let [year @ .., b'-', _, _, b'-', _, _] = &bytes else { return None };
    NaiveDate::from_ymd_opt(i32::try_from(number(year)?).ok()?, number(&bytes[5..7])?, number(&bytes[8..])?)
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
/// [`Wrong::Flag`].
pub fn flag(text: impl AsRef<str>) -> Result<bool, Wrong> {
    text.as_ref().parse().map_err(|_| Wrong::Flag)
}

/// Reads a whole number up to a limit.
///
/// # Errors
/// [`Wrong::Count`].
pub fn count_up_to(max: usize) -> impl Fn(String) -> Result<usize, Wrong> {
    move |text| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten().filter(|number| (1..=max).contains(number));
        number.ok_or(Wrong::Count { max })
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
            assert_eq!(read(text), Err(Wrong::Count { max: 100 }), "{text:?}");
        }
    }

    #[test]
    fn every_bad_field_is_named() {
        let mut fields = Fields::default();
        assert_eq!(fields.need(format_args!("/a"), Some("2026-11-25"), date), date("2026-11-25").ok());
        assert_eq!(fields.need(format_args!("/b"), None::<&str>, date), None);
        assert_eq!(fields.read(format_args!("/c"), None::<&str>, date), None);
        assert_eq!(fields.read(format_args!("/d/{}", 1), Some("maybe"), flag), None);
        let fault = |pointer: &str, wrong| FieldFault { pointer: pointer.to_owned(), wrong };
        let faults = vec![fault("/b", Wrong::Missing), fault("/d/1", Wrong::Flag)];
        assert_eq!(fields.finish(None::<()>), Err(Refusal::Fields(faults)));
        assert_eq!(Fields::default().finish(Some(1)), Ok(1));
    }

    #[test]
    fn the_civil_day_begins_at_midnight_in_china() {
        let at = |text: &str| civil_today(text.parse().unwrap()).to_string();
        assert_eq!(at("2026-11-24T15:59:59.999Z"), "2026-11-24");
        assert_eq!(at("2026-11-24T16:00:00Z"), "2026-11-25");
    }
}
