//! The times in every answer, and ids: how they are written, and their schemas.
//!
//! An answer holds up to five times, so their digits are laid out in place; going through a formatter took a fifth of
//! the time in which an answer is written. Years have four digits, as everywhere here.

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate, NaiveDateTime, Timelike as _};
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::domain::wall::WallTime;

/// The longest time: `2026-11-22T10:15:30.123+08:00`.
const MAX_BYTES: usize = 29;

/// The id of an appointment or a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Id(pub Uuid);

/// A wall time, as `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub WallTime);

/// A date in a hall's zone, as `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// An instant with an offset, to the millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant(pub DateTime<FixedOffset>);

/// The instant at which a band begins, with the offset of the hall's zone, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start(pub DateTime<FixedOffset>);

/// A time as text.
#[derive(Default)]
pub struct Text {
    bytes: [u8; MAX_BYTES],
    len: usize,
}

impl Text {
    fn push(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    /// The last two decimal digits of a number.
    fn two(&mut self, number: u32) {
        for digit in [number / 10 % 10, number % 10] {
            self.push(b'0' + u8::try_from(digit).unwrap_or_default());
        }
    }

    fn date(&mut self, date: NaiveDate) {
        let year = u32::try_from(date.year()).unwrap_or_default();
        self.two(year / 100);
        self.two(year);
        self.push(b'-');
        self.two(date.month());
        self.push(b'-');
        self.two(date.day());
    }

    fn time(&mut self, time: NaiveDateTime) {
        self.date(time.date());
        self.push(b'T');
        self.two(time.hour());
        self.push(b':');
        self.two(time.minute());
        self.push(b':');
        self.two(time.second());
    }

    fn millis(&mut self, time: NaiveDateTime) {
        let millis = time.nanosecond() / 1_000_000 % 1_000;
        self.push(b'.');
        self.push(b'0' + u8::try_from(millis / 100).unwrap_or_default());
        self.two(millis);
    }

    fn offset(&mut self, offset: FixedOffset) {
        let seconds = offset.local_minus_utc();
        self.push(if seconds < 0 { b'-' } else { b'+' });
        let minutes = seconds.unsigned_abs() / 60;
        self.two(minutes / 60);
        self.push(b':');
        self.two(minutes % 60);
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).expect("digits and marks are ASCII")
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Time {
    /// The time as it is written.
    pub fn text(self) -> Text {
        let minutes = u32::from(self.0.minutes());
        let mut text = Text::default();
        text.two(minutes / 60);
        text.push(b':');
        text.two(minutes % 60);
        text
    }
}

impl Date {
    /// The date as it is written.
    pub fn text(self) -> Text {
        let mut text = Text::default();
        text.date(self.0);
        text
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text().write(serializer)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text().write(serializer)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (mut text, local) = (Text::default(), self.0.naive_local());
        text.time(local);
        text.millis(local);
        text.offset(*self.0.offset());
        text.write(serializer)
    }
}

impl Serialize for Start {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Text::default();
        text.time(self.0.naive_local());
        text.offset(*self.0.offset());
        text.write(serializer)
    }
}

macro_rules! text_schemas {
    ($($name:ident $schema:literal $description:literal $example:literal $format:expr, $pattern:expr;)*) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let text = ObjectBuilder::new().schema_type(Type::String).description(Some($description));
                text.format($format).pattern($pattern).examples([$example]).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                $schema.into()
            }
        }
    )*};
}

text_schemas! {
    Id "Id" "A UUID version 7" "01979a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b"
        Some(SchemaFormat::Custom("uuid".to_owned())), None::<&str>;
    Time "WallTime" "A time of day in the hall's zone" "08:30"
        None, Some("^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$");
    Date "Date" "A date in the hall's zone" "2026-11-25" Some(SchemaFormat::KnownFormat(KnownFormat::Date)), None::<&str>;
    Instant "Instant" "An instant with an offset (RFC 3339)" "2026-11-22T10:15:30.123+08:00"
        Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)), None::<&str>;
    Start "Start" "When a band begins, with the offset of the hall's zone (RFC 3339)" "2026-11-25T08:30:00+08:00"
        Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)), None::<&str>;
}

#[cfg(test)]
mod tests {
    use chrono::{Days, SecondsFormat, TimeDelta};

    use super::*;

    fn text(time: impl Serialize) -> String {
        serde_json::to_string(&time).unwrap()
    }

    #[test]
    fn wall_times_have_two_digits() {
        assert_eq!(text(Time(WallTime::hm(0, 0))), r#""00:00""#);
        assert_eq!(text(Time(WallTime::hm(9, 5))), r#""09:05""#);
        assert_eq!(text(Time(WallTime::hm(24, 0))), r#""24:00""#);
    }

    #[test]
    fn times_are_written_as_the_formatter_writes_them() {
        let first: DateTime<FixedOffset> = "1970-01-01T00:00:00.000+00:00".parse().unwrap();
        for step in 0..4_000 {
            let offset = FixedOffset::east_opt((step % 105 - 48) * 900).unwrap();
            let at = (first + TimeDelta::milliseconds(i64::from(step) * 60_123_456_789)).with_timezone(&offset);
            assert_eq!(text(Instant(at)), format!("\"{}\"", at.to_rfc3339_opts(SecondsFormat::Millis, false)));
            assert_eq!(text(Start(at)), format!("\"{}\"", at.to_rfc3339_opts(SecondsFormat::Secs, false)));
            assert_eq!(text(Date(at.date_naive())), format!("\"{}\"", at.date_naive()));
        }
        let last = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();
        assert_eq!(text(Date(last)), r#""9999-12-31""#);
        assert_eq!(text(Date(last - Days::new(365 * 9_990))), text(last - Days::new(365 * 9_990)));
    }
}
