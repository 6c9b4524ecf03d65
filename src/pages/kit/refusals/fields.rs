//! What is wrong with one field of a form.

use chrono::NaiveDate;

use crate::app::refusal::{FieldFault, Refusal, Wrong};
use crate::domain::applicant::{IdNumberError, MAX_NAME_CHARS, NameError};
use crate::domain::division::Division;
use crate::domain::rejection::Rejection;
use crate::pages::text::{Arg, Text};

/// The name under which a pointer leads to a text by which a place is searched.
pub const SEARCHES: &str = "searches";

/// Every bad field of a refusal, by its pointer, with what is wrong and how to mend it. `today` is the day that an example of
/// a date is made of.
#[must_use]
pub fn fields(text: Text, refusal: &Refusal, today: NaiveDate) -> Vec<(String, String)> {
    match refusal {
        Refusal::Fields(faults) => {
            faults.iter().map(|fault| (fault.pointer.clone(), field(text, fault, today))).collect()
        }
        Refusal::Rule(Rejection::DuplicateApplicant { second, .. }) => {
            vec![(format!("/applicants/{second}/id_number"), text.get("field-id-number-twice"))]
        }
        Refusal::Rule(Rejection::PartyTooLarge { .. } | Rejection::ApplicantsDiffer) => {
            vec![("/applicants".to_owned(), text.get("field-applicants-wrong"))]
        }
        _ => Vec::new(),
    }
}

/// What is wrong with a field, and how to mend it.
#[must_use]
pub fn field(text: Text, fault: &FieldFault, today: NaiveDate) -> String {
    let field = Field::at(&fault.pointer);
    let key = match &fault.wrong {
        Wrong::Missing | Wrong::Name(NameError::Empty) | Wrong::IdNumber(IdNumberError::Length { count: 0 }) => {
            field.needed()
        }
        Wrong::Name(NameError::TooLong) => {
            return text.with("field-name-too-long", &[("max", Arg::from(MAX_NAME_CHARS))]);
        }
        Wrong::Name(NameError::Characters) => "field-name-characters",
        Wrong::IdNumber(error) => return id_number(text, *error),
        Wrong::Mobile => "field-mobile-wrong",
        Wrong::Phone => "field-phone-wrong",
        Wrong::Division => "field-division-wrong",
        Wrong::PlaceNotChosen { typed } => return search(text, typed.0.trim()),
        Wrong::StreetLength => "field-street-too-long",
        Wrong::StreetCharacters => "field-street-characters",
        Wrong::NoApplicant => "field-applicants-wrong",
        Wrong::BeforeFirst | Wrong::TooManyDays { .. } => "field-last-date-wrong",
        Wrong::Date => return text.with("field-date-wrong", &[("example", Arg::from(today.to_string()))]),
        Wrong::Time => "field-start-wrong",
        Wrong::Code => "field-code-wrong",
        Wrong::Flag | Wrong::Count { .. } | Wrong::Other(_) => field.wrong(),
    };
    text.get(key)
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
    Search,
    Code,
    Other,
}

impl Field {
    /// The field that a JSON pointer leads to, by its last names.
    fn at(pointer: &str) -> Self {
        let names: Vec<&str> = pointer.split('/').collect();
        match names.as_slice() {
            [.., SEARCHES, _] => Self::Search,
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
            Self::Search => "place-found-nothing-typed",
            Self::Code => "field-code-needed",
            Self::Other => "field-other-needed",
        }
    }

    /// The message for a field with something that only a program types. What is chosen is chosen again.
    const fn wrong(self) -> &'static str {
        match self {
            Self::Contact | Self::Collection | Self::Address | Self::Hall | Self::Service => self.needed(),
            Self::Place => "field-place-wrong",
            _ => "field-other-wrong",
        }
    }
}

/// What is wrong with a text by which a place was searched.
fn search(text: Text, typed: &str) -> String {
    let is_found = !Division::search(typed).is_empty();
    text.with(if is_found { "place-search-open" } else { "place-found-none" }, &[("typed", typed.into())])
}

/// What is wrong with an ID number.
fn id_number(text: Text, error: IdNumberError) -> String {
    let key = match error {
        IdNumberError::Length { count } => {
            return text.with("field-id-number-length", &[("count", Arg::from(count))]);
        }
        IdNumberError::FirstGeneration => "field-id-number-first-generation",
        IdNumberError::Characters => "field-id-number-characters",
        IdNumberError::Province => "field-id-number-province",
        IdNumberError::BirthDate => "field-id-number-birth-date",
        IdNumberError::Future => "field-id-number-future",
        IdNumberError::Check => "field-id-number-check",
    };
    text.get(key)
}
