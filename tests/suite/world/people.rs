//! Thousands of persons who do not exist, with valid ID numbers of a sequence that is never issued.

use chrono::NaiveDate;
use hallpass::domain::applicant::{Applicant, IdNumber};

use crate::identities::identity;

/// A made-up ID number.
pub fn id_number(index: usize) -> IdNumber {
    IdNumber::parse(&identity(index), NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()).unwrap()
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
