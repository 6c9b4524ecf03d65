//! Values as columns of the database have them.

use crate::domain::wall::WallTime;

/// A number of the rules as the database counts.
pub fn int(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

/// A time of day as minutes since midnight.
pub fn minutes(time: WallTime) -> i16 {
    i16::try_from(time.minutes()).expect("a day has fewer minutes than this")
}

/// The stored form of a value.
pub fn stored(value: &impl serde::Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).expect("what is stored has a stored form")
}
