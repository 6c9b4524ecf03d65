//! Persons who do not exist, with valid ID numbers (GB 11643-1999) of a sequence that is never issued.

use chrono::{Days, NaiveDate};

/// Birth dates for each region and sequence, from 1950 on.
const BIRTH_DATES: u32 = 20_000;
/// The first division whose numbers are used (GB/T 2260: a district of Hangzhou); those after it follow.
const FIRST_DIVISION: u32 = 330_102;

/// A made-up person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The ID number, 18 characters.
    pub id_number: String,
    /// A mobile number.
    pub phone: String,
}

impl Identity {
    /// The person of this number; another one for each number below 4,000,000.
    #[must_use]
    pub fn nth(number: u32) -> Self {
        Self {
            name: format!("虚{number}"),
            id_number: id_number(number),
            phone: format!("199{:08}", number % 100_000_000),
        }
    }
}

fn id_number(number: u32) -> String {
    let first = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap_or_default();
    let birth = first + Days::new(u64::from(number / 2 % BIRTH_DATES));
    let division = FIRST_DIVISION + number / (2 * BIRTH_DATES);
    let sequence = if number.is_multiple_of(2) { "000" } else { "999" };
    let head = format!("{division}{}{sequence}", birth.format("%Y%m%d"));
    // The weights are powers of two modulo 11, from the right (GB 11643-1999, 4.3).
    let sum: u32 = head.bytes().zip((1..=17_u32).rev()).map(|(digit, place)| u32::from(digit - b'0') << place).sum();
    format!("{head}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::applicant::{IdNumber, parse_mobile, parse_name};

    #[test]
    fn made_up_persons_are_valid_and_all_different() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let mut numbers = HashSet::new();
        for number in (0..100_000).chain(3_999_000..4_000_000) {
            let Identity { name, id_number, phone } = Identity::nth(number);
            assert!(parse_name(&name).is_ok() && parse_mobile(&phone).is_ok(), "{number}");
            assert!(IdNumber::parse(&id_number, today).is_ok(), "{number}: {id_number}");
            assert!(numbers.insert(id_number), "{number}");
        }
    }
}
