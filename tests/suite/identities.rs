//! People who do not exist: valid ID numbers of sequences that are never issued, and whatever else a form asks for.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

/// Birth dates of one region, from 1950 on, two people on each.
const BIRTH_DATES: usize = 20_000;
const FAMILY_NAMES: [char; 20] = [
    '赵', '钱', '孙', '李', '周', '吴', '郑', '王', '冯', '陈', '褚', '卫', '蒋', '沈', '韩', '杨', '朱', '秦', '尤',
    '许',
];

/// The ID number of a made-up person, another one for each number.
pub fn identity(number: usize) -> String {
    let region = 330_102 + number / (2 * BIRTH_DATES);
    let birth = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap() + Days::new((number / 2 % BIRTH_DATES) as u64);
    let sequence = if number.is_multiple_of(2) { "000" } else { "999" };
    with_check(&format!("{region}{}{sequence}", birth.format("%Y%m%d")))
}

/// A number with the check character of GB 11643-1999, which is ISO 7064, MOD 11-2.
pub fn with_check(head: &str) -> String {
    assert!(head.len() == 17 && (head.ends_with("000") || head.ends_with("999")), "{head} might be somebody's");
    let sum: usize = head.bytes().zip((1..=17).rev()).map(|(digit, place)| usize::from(digit - b'0') << place).sum();
    format!("{head}{}", char::from(b"10X98765432"[sum % 11]))
}

/// A made-up mobile number, another one for each number below ten million.
pub fn phone(number: usize) -> String {
    format!("1990{number:07}")
}

/// A made-up name.
pub fn name(number: usize) -> String {
    format!("{}虚{number}", FAMILY_NAMES[number % FAMILY_NAMES.len()])
}

/// What a form asks of a made-up person.
pub fn person(number: usize) -> Value {
    json!({ "name": name(number), "id_number": identity(number), "phone": phone(number) })
}

#[test]
fn made_up_people_are_all_different() {
    let numbers: std::collections::HashSet<_> = (0..50_000).map(identity).collect();
    assert_eq!(numbers.len(), 50_000);
    assert_eq!((identity(0).as_str(), identity(1).as_str()), ("330102195001010006", "330102195001019991"));
}
