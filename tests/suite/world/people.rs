//! Thousands of persons who do not exist, with valid ID numbers of a sequence that is never issued.

use chrono::{Days, NaiveDate};
use hallpass::domain::applicant::{Applicant, IdNumber};

/// Birth dates of one region and sequence, from 1950 on.
const BIRTH_DATES: usize = 20_000;

/// The text of a made-up ID number, another one for each index.
pub fn id_text(index: usize) -> String {
    let birth = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap() + Days::new((index / 2 % BIRTH_DATES) as u64);
    let region = 330_102 + index / (2 * BIRTH_DATES);
    let sequence = if index.is_multiple_of(2) { "000" } else { "999" };
    let head = format!("{region}{}{sequence}", birth.format("%Y%m%d"));
    // GB 11643-1999: powers of two modulo 11, from the right.
    let sum: usize = head.bytes().zip((1..=17).rev()).map(|(digit, place)| usize::from(digit - b'0') << place).sum();
    format!("{head}{}", char::from(b"10X98765432"[sum % 11]))
}

/// A made-up ID number.
pub fn id_number(index: usize) -> IdNumber {
    IdNumber::parse(&id_text(index), NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()).unwrap()
}

/// The made-up name of a person.
pub fn name(index: usize) -> String {
    format!("虚{index}")
}

/// A made-up applicant.
pub fn applicant(index: usize) -> Applicant {
    Applicant { name: name(index), id_number: id_number(index), phone: format!("1990000{:04}", index % 10_000) }
}

#[test]
fn made_up_persons_are_valid_and_all_different() {
    let numbers: std::collections::HashSet<_> = (0..50_000).map(|index| id_number(index).reveal().to_owned()).collect();
    assert_eq!(numbers.len(), 50_000);
    assert!(numbers.iter().all(|number| matches!(&number[14..17], "000" | "999")));
}
