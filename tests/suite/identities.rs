//! People who do not exist: valid ID numbers of sequences that are never issued, and whatever else a form asks for.

use hallpass::simulate::rush::identity::Identity;
use serde_json::{Value, json};

const FAMILY_NAMES: [char; 20] = [
    '赵', '钱', '孙', '李', '周', '吴', '郑', '王', '冯', '陈', '褚', '卫', '蒋', '沈', '韩', '杨', '朱', '秦', '尤',
    '许',
];

/// The ID number of a made-up person, another one for each number.
pub fn identity(number: usize) -> String {
    Identity::nth(u32::try_from(number).unwrap()).id_number
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
