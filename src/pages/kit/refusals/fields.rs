//! What is wrong with one field of a form, by what was typed into it.

use chrono::NaiveDate;

use crate::domain::applicant::{IdNumber, IdNumberError, MAX_NAME_CHARS};
use crate::domain::reading;
use crate::pages::text::{Arg, Text};
use crate::serve::problem::FieldError;

/// What is wrong with a field, and how to mend it. The pointer says which field it is; `typed` is what stands in it, and
/// is judged again, because the sentence for programs does not say it in the visitor's language. `today` is the day by
/// which birth dates are judged.
#[must_use]
pub fn field(text: Text, error: &FieldError, typed: &str, today: NaiveDate) -> String {
    let field = Field::at(&error.pointer);
    if !reading::shows_something(&reading::text(typed)) {
        return text.get(field.needed());
    }
    field.wrong(text, typed, today)
}

/// The fields of all forms, as far as they have sentences of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Applicants,
    Name,
    IdNumber,
    Mobile,
    Contact,
    ContactName,
    ContactPhone,
    Residence,
    Collection,
    Address,
    ReceiverName,
    ReceiverPhone,
    Region,
    Street,
    Hall,
    Service,
    Date,
    LastDate,
    Start,
    Place,
    Code,
    Other,
}

impl Field {
    /// The field that a JSON pointer leads to, by its last names.
    fn at(pointer: &str) -> Self {
        let names: Vec<&str> = pointer.split('/').collect();
        match names.as_slice() {
            [.., "applicants"] => Self::Applicants,
            [.., "emergency_contact"] => Self::Contact,
            [.., "emergency_contact", "name"] => Self::ContactName,
            [.., "emergency_contact", "phone"] => Self::ContactPhone,
            [.., "collection"] | [.., "collection", "method"] => Self::Collection,
            [.., "collection", "address"] => Self::Address,
            [.., "address", "name"] => Self::ReceiverName,
            [.., "address", "phone"] => Self::ReceiverPhone,
            [.., "region"] => Self::Region,
            [.., "street"] => Self::Street,
            [.., "residence"] => Self::Residence,
            [.., "name"] => Self::Name,
            [.., "id_number"] => Self::IdNumber,
            [.., "phone"] => Self::Mobile,
            [.., "hall"] => Self::Hall,
            [.., "service"] => Self::Service,
            [.., "date" | "from"] => Self::Date,
            [.., "to"] => Self::LastDate,
            [.., "start"] => Self::Start,
            [.., "lat" | "lon" | "datum"] => Self::Place,
            [.., "code"] => Self::Code,
            _ => Self::Other,
        }
    }

    /// The message for an empty field.
    const fn needed(self) -> &'static str {
        match self {
            Self::Applicants => "field-applicants-needed",
            Self::Name => "field-name-needed",
            Self::IdNumber => "field-id-number-needed",
            Self::Mobile => "field-mobile-needed",
            Self::Contact => "field-contact-needed",
            Self::ContactName => "field-contact-name-needed",
            Self::ContactPhone => "field-contact-phone-needed",
            Self::Residence => "field-residence-needed",
            Self::Collection => "field-collection-needed",
            Self::Address => "field-address-needed",
            Self::ReceiverName => "field-receiver-name-needed",
            Self::ReceiverPhone => "field-receiver-phone-needed",
            Self::Region => "field-region-needed",
            Self::Street => "field-street-needed",
            Self::Hall => "field-hall-needed",
            Self::Service => "field-service-needed",
            Self::Date | Self::LastDate => "field-date-needed",
            Self::Start => "field-start-needed",
            Self::Place => "field-place-needed",
            Self::Code => "field-code-needed",
            Self::Other => "field-other-needed",
        }
    }

    /// What is wrong with a field that is not empty.
    fn wrong(self, text: Text, typed: &str, today: NaiveDate) -> String {
        match self {
            Self::Name | Self::ContactName | Self::ReceiverName => name(text, typed),
            Self::IdNumber => id_number(text, typed, today),
            Self::Mobile => text.get("field-mobile-wrong"),
            Self::ContactPhone | Self::ReceiverPhone => text.get("field-phone-wrong"),
            Self::Residence | Self::Region => text.get("field-division-wrong"),
            Self::Street if reading::text(typed).chars().any(char::is_control) => text.get("field-street-characters"),
            Self::Street => text.get("field-street-too-long"),
            Self::Applicants => text.get("field-applicants-wrong"),
            Self::LastDate if typed.trim().parse::<NaiveDate>().is_ok() => text.get("field-last-date-wrong"),
            Self::Date | Self::LastDate => text.with("field-date-wrong", &[("example", Arg::from(today.to_string()))]),
            Self::Start => text.get("field-start-wrong"),
            Self::Code => text.get("field-code-wrong"),
            Self::Place => text.get("field-place-wrong"),
            // What is chosen and not typed: the way out is to choose again.
            Self::Contact | Self::Collection | Self::Address | Self::Hall | Self::Service => text.get(self.needed()),
            Self::Other => text.get("field-other-wrong"),
        }
    }
}

fn name(text: Text, typed: &str) -> String {
    if reading::text(typed).chars().count() > MAX_NAME_CHARS {
        return text.with("field-name-too-long", &[("max", Arg::from(MAX_NAME_CHARS))]);
    }
    text.get("field-name-characters")
}

fn id_number(text: Text, typed: &str, today: NaiveDate) -> String {
    let key = match IdNumber::parse(typed, today) {
        // The number itself is sound, so the refusal was that somebody else in the party has it too.
        Ok(_) => "field-id-number-twice",
        Err(IdNumberError::Length) => {
            let count = reading::number(typed).chars().count();
            return text.with("field-id-number-length", &[("count", Arg::from(count))]);
        }
        Err(IdNumberError::FirstGeneration) => "field-id-number-first-generation",
        Err(IdNumberError::Characters) => "field-id-number-characters",
        Err(IdNumberError::Province) => "field-id-number-province",
        Err(IdNumberError::BirthDate) => "field-id-number-birth-date",
        Err(IdNumberError::Future) => "field-id-number-future",
        Err(IdNumberError::Check) => "field-id-number-check",
    };
    text.get(key)
}
