//! The file: JSON, one value a line, in UTF-8, each line ended by a line feed. This is its specification, version 2.
//!
//! 1. The header: `{"hallpass_export":2,"made_at":"2026-11-26T08:00:00Z","store":"embedded","keys":"…","after":null,
//!    "revealed":false}`. `keys` tells the keys with which `sealed` was sealed from others, in 32 hexadecimal digits, and
//!    tells nothing of them. `after` is null, or the id behind which a part begins: a part has appointments only.
//!    `revealed` says that lines have a `person`.
//! 2. A line an appointment, in ascending order of ids: `{"appointment":{"id":"…","party":"…","position":0,
//!    "code":"K7QX2M9F","status":"booked","service":"passport.renewal","document":"passport","slot":{"hall":"…",
//!    "date":"2026-11-25","lane":"counter","start":"08:30","end":"09:00"},"starts_at":"2026-11-25T08:30:00+08:00",
//!    "expires_at":null,"applicant":"…","made_by":"…","created_at":"…","updated_at":"…","revision":0},"sealed":["…"]}`.
//!    Ids are UUIDs; instants are RFC 3339 in whole milliseconds, `starts_at` with the offset of the hall, in whole
//!    minutes; a hold that has been extended has `"extended":true` behind `expires_at`; persons are known by keys of 32 hexadecimal digits; `sealed` has one or two texts in base64 (RFC 4648,
//!    section 4). Where `revealed`, a `person` with `name`, `id_number`, `phone` and `form` follows, which an import passes
//!    over.
//! 3. A line an answer that a repeat may still ask for, in ascending order of `at` and then of `key`: `{"answer":{"at":"…",
//!    "repeat":{"owner":{"person":"…"},"key":"…","call":"…"},"answer":…}}`. `owner` is null for staff, or
//!    `{"newcomer":"…"}` for whoever opens a session. `answer` is `{"text":"…"}`, `{"refused":"…"}` or
//!    `{"appointments":{"whole_party":true,"after":[…]}}` with appointments as they were then.
//! 4. Where it is known, the configuration that came into force last: `{"configuration":{"version":"2a6ffbdc16c8"}}`.
//! 5. The end: `{"end":{"appointments":1,"answers":1,"contents":"…","sha256":"…"}}`. `contents` is the sum that
//!    [`Totals`] describes, in 32 hexadecimal digits; `sha256` is of every byte before this line.
//!
//! No other member is allowed anywhere. Version 1 had no `extended`, and is read as well. A later version may add members, so
//! the version is read first. Members are written in
//! the order of this page and without spaces, which is what `contents` counts; they are read in any order.

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::ByteBuf;

use super::super::entry::{Owner, Remembered, RememberedAnswer, RepeatKey};
use super::Carried;
use super::person::Person;
#[cfg(doc)]
use super::totals::Totals;
use crate::domain::applicant::Mask;
use crate::domain::appointment::{Appointment, AppointmentId, Code, PartyId, PersonKey, Slot, Status};
use crate::domain::name::{DocumentId, HallId, LaneId, ServiceId};
use crate::domain::wall::WallTime;

/// The version of the format.
pub const FORMAT_VERSION: u32 = 2;
/// The first version, which is read too.
pub const FIRST_VERSION: u32 = 1;
/// The length of the longest line that is read, in bytes.
pub const MAX_LINE_BYTES: usize = 1 << 20;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the format.
    pub hallpass_export: u32,
    /// When the export began.
    pub made_at: DateTime<Utc>,
    /// The kind of the store.
    pub store: String,
    /// The fingerprint of the keys.
    #[serde(with = "digits")]
    pub keys: [u8; 16],
    /// The id behind which a part begins; none where the file has everything.
    pub after: Option<AppointmentId>,
    /// Whether lines have a person in clear.
    pub revealed: bool,
}

/// Only the version of a header, which may have members that are not known yet.
#[derive(Deserialize)]
pub(super) struct HeaderVersion {
    pub(super) hallpass_export: u32,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// How many appointments there are.
    pub appointments: u64,
    /// How many answers there are.
    pub answers: u64,
    /// The sum of all lines, in any order.
    #[serde(with = "digits")]
    pub contents: [u8; 16],
    /// Of every byte before this line, in hexadecimal digits.
    pub sha256: String,
}

/// A line behind the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// An appointment.
    Appointment(Box<Carried>),
    /// An answer.
    Answer(Remembered),
    /// The version of the configuration.
    Configuration(String),
    /// The last line.
    End(End),
}

/// Writes the header into an empty buffer.
pub fn write_header(buffer: &mut Vec<u8>, header: &Header) {
    write(buffer, header);
}

/// Writes an appointment into an empty buffer, with the person in clear where there is one.
pub fn write_appointment(buffer: &mut Vec<u8>, appointment: &Appointment, sealed: &[&[u8]], person: Option<&Person>) {
    let sealed = sealed.iter().map(|part| SealedText(part)).collect();
    write(buffer, &AppointmentLine { appointment: InFull(*appointment), sealed, person });
}

/// Writes an answer into an empty buffer.
pub fn write_answer(buffer: &mut Vec<u8>, answer: &Remembered) {
    #[derive(Serialize)]
    struct AnswerLine<'a> {
        #[serde(serialize_with = "RememberedInFull::serialize")]
        answer: &'a Remembered,
    }
    write(buffer, &AnswerLine { answer });
}

/// Writes the version of the configuration into an empty buffer.
pub fn write_configuration(buffer: &mut Vec<u8>, version: &str) {
    write(buffer, &serde_json::json!({ "configuration": { "version": version } }));
}

/// Writes the last line into an empty buffer.
pub fn write_end(buffer: &mut Vec<u8>, end: &End) {
    #[derive(Serialize)]
    struct EndLine<'a> {
        end: &'a End,
    }
    write(buffer, &EndLine { end });
}

fn write(buffer: &mut Vec<u8>, line: &impl Serialize) {
    buffer.clear();
    serde_json::to_writer(buffer, line).expect("every value of a line has a JSON form, and memory takes it");
}

/// Reads a line behind the header, without its end.
///
/// # Errors
/// What is wrong with it, in words.
pub fn read_line(line: &[u8]) -> Result<Line, String> {
    let line: AnyLine = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    match line {
        AnyLine {
            appointment: Some(InFull(appointment)),
            sealed: Some(sealed),
            answer: None,
            configuration: None,
            end: None,
            ..
        } => {
            let sealed = sealed.into_iter().map(|part| part.0).collect();
            Ok(Line::Appointment(Box::new(Carried { appointment, sealed })))
        }
        AnyLine {
            appointment: None,
            sealed: None,
            person: None,
            answer: Some(answer),
            configuration: None,
            end: None,
        } => Ok(Line::Answer(answer.0)),
        AnyLine {
            appointment: None,
            sealed: None,
            person: None,
            answer: None,
            configuration: Some(version),
            end: None,
        } => Ok(Line::Configuration(version.version)),
        AnyLine {
            appointment: None,
            sealed: None,
            person: None,
            answer: None,
            configuration: None,
            end: Some(end),
        } => Ok(Line::End(end)),
        _ => Err("it has not the members of any kind of line".to_owned()),
    }
}

/// The hexadecimal digits of some bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[derive(Serialize)]
struct AppointmentLine<'a> {
    appointment: InFull,
    sealed: Vec<SealedText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<&'a Person>,
}

/// All the members that any kind of line has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnyLine {
    appointment: Option<InFull>,
    sealed: Option<Vec<SealedPart>>,
    person: Option<IgnoredAny>,
    answer: Option<AnswerInFull>,
    configuration: Option<ConfigurationInFull>,
    end: Option<End>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigurationInFull {
    version: String,
}

#[derive(Deserialize)]
struct AnswerInFull(#[serde(with = "RememberedInFull")] Remembered);

#[derive(Serialize, Deserialize)]
struct InFull(#[serde(with = "AppointmentInFull")] Appointment);

/// Every field of an appointment by its name: one more there does not compile here.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Appointment", deny_unknown_fields)]
struct AppointmentInFull {
    id: AppointmentId,
    party: PartyId,
    position: u8,
    #[serde(with = "text")]
    code: Code,
    status: Status,
    service: ServiceId,
    document: DocumentId,
    #[serde(with = "SlotInFull")]
    slot: Slot,
    starts_at: DateTime<FixedOffset>,
    expires_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    extended: bool,
    #[serde(with = "person_key")]
    applicant: PersonKey,
    #[serde(with = "person_key")]
    made_by: PersonKey,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    revision: u32,
    #[serde(skip)]
    mask: Mask,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Slot", deny_unknown_fields)]
struct SlotInFull {
    hall: HallId,
    date: NaiveDate,
    lane: LaneId,
    #[serde(with = "text")]
    start: WallTime,
    #[serde(with = "text")]
    end: WallTime,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Remembered", deny_unknown_fields)]
struct RememberedInFull {
    at: DateTime<Utc>,
    #[serde(with = "RepeatKeyInFull")]
    repeat: RepeatKey,
    #[serde(with = "RememberedAnswerInFull")]
    answer: RememberedAnswer,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "RepeatKey", deny_unknown_fields)]
struct RepeatKeyInFull {
    #[serde(with = "owner")]
    owner: Option<Owner>,
    #[serde(with = "digits")]
    key: [u8; 16],
    #[serde(with = "digits")]
    call: [u8; 16],
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Owner", rename_all = "snake_case")]
enum OwnerInFull {
    Person(#[serde(with = "person_key")] PersonKey),
    Newcomer(#[serde(with = "person_key")] PersonKey),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "RememberedAnswer", rename_all = "snake_case", deny_unknown_fields)]
enum RememberedAnswerInFull {
    Appointments {
        whole_party: bool,
        #[serde(with = "appointments")]
        after: Vec<Appointment>,
    },
    Text(String),
    Refused(String),
}

/// A sealed text that is written.
struct SealedText<'a>(&'a [u8]);

impl Serialize for SealedText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &STANDARD))
    }
}

/// A sealed text that is read.
struct SealedPart(ByteBuf);

impl<'de> Deserialize<'de> for SealedPart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = STANDARD.decode(String::deserialize(deserializer)?);
        bytes.map(|bytes| Self(ByteBuf::from(bytes))).map_err(serde::de::Error::custom)
    }
}

/// What has a text form of its own.
mod text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Sixteen bytes as 32 hexadecimal digits.
mod digits {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8; 16], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::hex(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 16], D::Error> {
        let text = String::deserialize(deserializer)?;
        let is_whole = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(&text, 16).ok().filter(|_| is_whole);
        number.map(u128::to_be_bytes).ok_or_else(|| serde::de::Error::custom("wants 32 hexadecimal digits"))
    }
}

mod person_key {
    use serde::{Deserializer, Serializer};

    use super::{PersonKey, digits};

    pub fn serialize<S: Serializer>(key: &PersonKey, serializer: S) -> Result<S::Ok, S::Error> {
        digits::serialize(&key.0, serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PersonKey, D::Error> {
        digits::deserialize(deserializer).map(PersonKey)
    }
}

mod owner {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Owner, OwnerInFull};

    #[derive(Serialize, Deserialize)]
    struct Known(#[serde(with = "OwnerInFull")] Owner);

    #[expect(clippy::ref_option, reason = "serde hands a reference to the field")]
    pub fn serialize<S: Serializer>(owner: &Option<Owner>, serializer: S) -> Result<S::Ok, S::Error> {
        owner.map(Known).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Owner>, D::Error> {
        Ok(Option::<Known>::deserialize(deserializer)?.map(|known| known.0))
    }
}

mod appointments {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Appointment, InFull};

    pub fn serialize<S: Serializer>(after: &[Appointment], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(after.iter().map(|appointment| InFull(*appointment)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Appointment>, D::Error> {
        Ok(Vec::<InFull>::deserialize(deserializer)?.into_iter().map(|appointment| appointment.0).collect())
    }
}
