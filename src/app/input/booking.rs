//! What a booking, a confirmation and a move say, as it was typed, and what their fields mean.

use chrono::NaiveDate;

use super::fields::{Fields, date, parsed};
use crate::app::refusal::{MAX_STREET_CHARS, Refusal, Wrong};
use crate::domain::applicant::{Applicant, IdNumber, parse_division, parse_mobile, parse_name, parse_phone};
use crate::domain::appointment::Appointment;
use crate::domain::policy::Policy;
use crate::domain::reading;
use crate::domain::rejection::Rejection;
use crate::domain::wall::WallTime;
use crate::engine::{Collection, Contact, Form, PostalAddress, Target, Wish};

/// The largest party that any policy allows.
pub const MAX_PARTY: u32 = 5;

/// What is booked, for whom.
#[derive(Debug, Clone, Default)]
pub struct BookingInput {
    /// The id of the hall.
    pub hall: Option<String>,
    /// The id of the service.
    pub service: Option<String>,
    /// The date in the hall's zone.
    pub date: Option<String>,
    /// When the band begins.
    pub start: Option<String>,
    /// Whether the places are only held; then only the slot and the applicants are needed.
    pub hold: bool,
    /// The applicants; the caller alone if they are left out.
    pub applicants: Option<Vec<ApplicantInput>>,
    /// What else the hall must know.
    pub form: FormInput,
}

/// What turns a hold into a booking.
#[derive(Debug, Clone, Default)]
pub struct ConfirmationInput {
    /// The service of the hold, or left out.
    pub service: Option<String>,
    /// `false`, or left out, as the hold ends here.
    pub hold: Option<bool>,
    /// The applicants of the hold, in its order; left out to keep them as they are.
    pub applicants: Option<Vec<ApplicantInput>>,
    /// What else the hall must know.
    pub form: FormInput,
}

/// Where an appointment is moved.
#[derive(Debug, Clone, Default)]
pub struct NewSlotInput {
    /// The id of the hall.
    pub hall: Option<String>,
    /// The date in the hall's zone.
    pub date: Option<String>,
    /// When the band begins.
    pub start: Option<String>,
}

/// A person who must appear.
#[derive(Clone, Default)]
pub struct ApplicantInput {
    /// The name.
    pub name: Option<String>,
    /// The resident ID number.
    pub id_number: Option<String>,
    /// The mobile number.
    pub phone: Option<String>,
}

/// What a hall must know of a booking besides the applicants.
#[derive(Clone, Default)]
pub struct FormInput {
    /// The division code of the residence.
    pub residence: Option<String>,
    /// Whom to reach in an emergency.
    pub emergency_contact: Option<ContactInput>,
    /// How the document is handed over.
    pub collection: Option<CollectionInput>,
}

/// A person with a telephone.
#[derive(Clone, Default)]
pub struct ContactInput {
    /// The name.
    pub name: Option<String>,
    /// The number.
    pub phone: Option<String>,
}

/// How a document is handed over.
#[derive(Debug, Clone, Default)]
pub struct CollectionInput {
    /// `counter` or `post`.
    pub method: Option<String>,
    /// Where it is sent: needed with `post`, and only there.
    pub address: Option<AddressInput>,
}

/// Where a document is sent.
#[derive(Clone, Default)]
pub struct AddressInput {
    /// Who receives it.
    pub name: Option<String>,
    /// The number of the receiver.
    pub phone: Option<String>,
    /// The division code.
    pub region: Option<String>,
    /// Street and house.
    pub street: Option<String>,
}

/// Personal data that has not been judged yet is printed as stars.
macro_rules! masked {
    ($($name:ident)*) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        })*
    };
}

masked! { ApplicantInput ContactInput AddressInput FormInput }

/// What a booking asks for. Hall and service are known already if they are given.
///
/// # Errors
/// The first of: `party_too_large`, `invalid_field` with every bad field, `duplicate_applicant`.
pub fn wish(input: BookingInput, caller: &Applicant, policy: &Policy, today: NaiveDate) -> Result<Wish, Refusal> {
    judge_party_size(input.applicants.as_deref(), policy.max_party.min(MAX_PARTY))?;
    let hold = input.hold;
    let mut fields = Fields::default();
    let hall = fields.required(format_args!("/hall"), input.hall);
    let service = fields.required(format_args!("/service"), input.service);
    let date = fields.need(format_args!("/date"), input.date, date);
    let start = fields.need(format_args!("/start"), input.start, parsed::<WallTime>);
    let applicants = match input.applicants {
        None => Some(vec![caller.clone()]),
        Some(given) => read_applicants(&mut fields, given, today),
    };
    let form = read_form(&mut fields, input.form, !hold);
    let wish = || {
        let (hall, service, date, start) = (hall?, service?, date?, start?);
        Some(Wish { hall, service, date, start, hold, applicants: applicants?, form })
    };
    let wish = fields.finish(wish())?;
    judge_distinct(&wish.applicants)?;
    Ok(wish)
}

/// What a confirmation of a hold says: the applicants if they are given again, and the form. How large a party may be was
/// judged when the places were held, and a reload takes nothing of that back.
///
/// # Errors
/// As [`wish`].
pub fn confirmation(
    input: ConfirmationInput,
    held: &Appointment,
    today: NaiveDate,
) -> Result<(Option<Vec<Applicant>>, Form), Refusal> {
    judge_party_size(input.applicants.as_deref(), MAX_PARTY)?;
    let mut fields = Fields::default();
    if input.service.is_some_and(|service| service != held.service.as_str()) {
        fields.refuse(format_args!("/service"), "the hold is for another service; leave this out, or cancel and book");
    }
    if input.hold == Some(true) {
        fields.refuse(format_args!("/hold"), "a confirmation ends the hold; leave this out");
    }
    let applicants = match input.applicants {
        None => Some(None),
        Some(given) => read_applicants(&mut fields, given, today).map(Some),
    };
    let form = read_form(&mut fields, input.form, true);
    let applicants = fields.finish(applicants)?;
    judge_distinct(applicants.as_deref().unwrap_or_default())?;
    Ok((applicants, form))
}

/// Where an appointment is to be moved. The hall is known already if it is given.
///
/// # Errors
/// `invalid_field` with every bad field.
pub fn target(input: NewSlotInput) -> Result<Target, Refusal> {
    let mut fields = Fields::default();
    let hall = fields.required(format_args!("/hall"), input.hall);
    let date = fields.need(format_args!("/date"), input.date, date);
    let start = fields.need(format_args!("/start"), input.start, parsed::<WallTime>);
    let target = || Some(Target { hall: hall?, date: date?, start: start? });
    fields.finish(target())
}

fn judge_party_size<T>(applicants: Option<&[T]>, max: u32) -> Result<(), Rejection> {
    match applicants {
        Some(applicants) if applicants.len() > max as usize => Err(Rejection::PartyTooLarge { max }),
        _ => Ok(()),
    }
}

fn judge_distinct(applicants: &[Applicant]) -> Result<(), Rejection> {
    for (second, applicant) in applicants.iter().enumerate() {
        let first = applicants[..second].iter().position(|other| other.id_number == applicant.id_number);
        if let Some(first) = first {
            return Err(Rejection::DuplicateApplicant { first, second });
        }
    }
    Ok(())
}

fn read_applicants(fields: &mut Fields, given: Vec<ApplicantInput>, today: NaiveDate) -> Option<Vec<Applicant>> {
    if given.is_empty() {
        fields.refuse(format_args!("/applicants"), Wrong::NoApplicant);
        return None;
    }
    // Everybody is read before anybody is missed, so that every bad field is named.
    let read: Vec<Option<Applicant>> = given
        .into_iter()
        .enumerate()
        .map(|(at, input)| read_applicant(fields, format_args!("/applicants/{at}"), input, today))
        .collect();
    read.into_iter().collect()
}

/// Reads a person whose fields stand below `place`.
pub fn read_applicant(
    fields: &mut Fields,
    place: std::fmt::Arguments<'_>,
    input: ApplicantInput,
    today: NaiveDate,
) -> Option<Applicant> {
    let name = fields.need(format_args!("{place}/name"), input.name, |text| parse_name(&text));
    let number = |text: String| IdNumber::parse(&text, today);
    let id_number = fields.need(format_args!("{place}/id_number"), input.id_number, number);
    let phone = fields.need(format_args!("{place}/phone"), input.phone, |text| parse_mobile(&text));
    Some(Applicant { name: name?, id_number: id_number?, phone: phone? })
}

fn read_form(fields: &mut Fields, input: FormInput, is_needed: bool) -> Form {
    let FormInput { residence, emergency_contact, collection } = input;
    if is_needed {
        fields.required(format_args!("/residence"), residence.as_ref());
        fields.required(format_args!("/emergency_contact"), emergency_contact.as_ref());
        fields.required(format_args!("/collection"), collection.as_ref());
    }
    // What is given is read, held or not, so that a hold does not carry what the confirmation would refuse.
    let residence = fields.read(format_args!("/residence"), residence, |text| parse_division(&text));
    let emergency_contact = emergency_contact.and_then(|input| read_contact(fields, input));
    let collection = collection.and_then(|input| read_collection(fields, input));
    Form { residence, emergency_contact, collection }
}

fn read_contact(fields: &mut Fields, input: ContactInput) -> Option<Contact> {
    let name = fields.need(format_args!("/emergency_contact/name"), input.name, |text| parse_name(&text));
    let phone = fields.need(format_args!("/emergency_contact/phone"), input.phone, |text| parse_phone(&text));
    Some(Contact { name: name?, phone: phone? })
}

fn read_collection(fields: &mut Fields, input: CollectionInput) -> Option<Collection> {
    let method = fields.required(format_args!("/collection/method"), input.method)?;
    match (method.as_str(), input.address) {
        ("counter", None) => Some(Collection::Counter),
        ("counter", Some(_)) => {
            fields.refuse(format_args!("/collection/address"), "leave this out, or choose the method post");
            None
        }
        ("post", address) => {
            let address = fields.required(format_args!("/collection/address"), address)?;
            read_address(fields, address).map(Collection::Post)
        }
        _ => {
            fields.refuse(format_args!("/collection/method"), "this is counter or post");
            None
        }
    }
}

fn read_address(fields: &mut Fields, input: AddressInput) -> Option<PostalAddress> {
    let name = fields.need(format_args!("/collection/address/name"), input.name, |text| parse_name(&text));
    let phone = fields.need(format_args!("/collection/address/phone"), input.phone, |text| parse_phone(&text));
    let region = fields.need(format_args!("/collection/address/region"), input.region, |text| parse_division(&text));
    let street = fields.need(format_args!("/collection/address/street"), input.street.as_deref(), parse_street);
    Some(PostalAddress { name: name?, phone: phone?, region: region?, street: street? })
}

fn parse_street(text: &str) -> Result<String, Wrong> {
    let street = reading::wording(text);
    if street.is_empty() || street.chars().count() > MAX_STREET_CHARS {
        return Err(Wrong::StreetLength);
    }
    if street.chars().any(char::is_control) || !reading::shows_something(&street) {
        return Err(Wrong::StreetCharacters);
    }
    Ok(street)
}
