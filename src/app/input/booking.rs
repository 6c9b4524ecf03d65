//! Bodies of calls that book, confirm and move: their shapes, and what their fields mean.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::fields::{Fields, date, parsed};
use crate::domain::applicant::{Applicant, IdNumber, parse_division, parse_mobile, parse_name, parse_phone};
use crate::domain::appointment::Appointment;
use crate::domain::policy::Policy;
use crate::domain::reading;
use crate::domain::rejection::Rejection;
use crate::domain::wall::WallTime;
use crate::engine::{Collection, Contact, Form, PostalAddress, Target, Wish};
use crate::serve::problem::Problem;
use crate::serve::read::diagnosis::Object;
use crate::serve::times::{Date, Time};

/// The largest party that any policy allows.
pub const MAX_PARTY: u32 = 5;
/// The longest street and house, in characters.
const MAX_STREET_CHARS: usize = 200;

/// What is booked, for whom.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Booking, example = json!({
    "hall": "hangzhou-shi-crj", "service": "passport.renewal", "date": "2026-11-25", "start": "08:30", "hold": false,
    "applicants": [{"name": "王小明", "id_number": "11010519491231002X", "phone": "19900000000"}],
    "residence": "330106",
    "emergency_contact": {"name": "李芳", "phone": "19900000000"},
    "collection": {"method": "counter"}
}))]
pub struct BookingBody {
    /// The id of the hall.
    #[schema(required = true, value_type = String)]
    pub hall: Option<String>,
    /// The id of the service.
    #[schema(required = true, value_type = String)]
    pub service: Option<String>,
    /// The date in the hall's zone.
    #[schema(required = true, value_type = Date)]
    pub date: Option<String>,
    /// When the band begins.
    #[schema(required = true, value_type = Time)]
    pub start: Option<String>,
    /// Whether the places are only held; then only the slot and the applicants are needed.
    #[schema(required = false, value_type = bool, default = false)]
    pub hold: Option<bool>,
    /// Who must appear, 1 to 5; the person of the session when left out.
    #[schema(required = false, value_type = Vec<ApplicantBody>, min_items = 1, max_items = 5)]
    pub applicants: Option<Vec<Object<ApplicantBody>>>,
    /// The division code of the residence (GB/T 2260). Needed unless `hold`.
    #[schema(required = false, value_type = String, example = "330106")]
    pub residence: Option<String>,
    /// Whom to reach in an emergency. Needed unless `hold`.
    #[schema(required = false, value_type = ContactBody)]
    pub emergency_contact: Option<Object<ContactBody>>,
    /// How the document is handed over. Needed unless `hold`.
    #[schema(required = false, value_type = CollectionBody)]
    pub collection: Option<Object<CollectionBody>>,
}

/// What turns a hold into a booking.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Confirmation, example = json!({
    "residence": "330106",
    "emergency_contact": {"name": "李芳", "phone": "19900000000"},
    "collection": {"method": "post",
        "address": {"name": "王小明", "phone": "19900000000", "region": "330106", "street": "文三路1号"}}
}))]
pub struct ConfirmationBody {
    /// The service of the hold; left out by most.
    #[schema(required = false, value_type = String)]
    pub service: Option<String>,
    /// `false`, as the hold ends here; left out by most.
    #[schema(required = false, value_type = bool, default = false)]
    pub hold: Option<bool>,
    /// The applicants of the hold, in its order; left out to keep them as they are.
    #[schema(required = false, value_type = Vec<ApplicantBody>, min_items = 1, max_items = 5)]
    pub applicants: Option<Vec<Object<ApplicantBody>>>,
    /// The division code of the residence (GB/T 2260).
    #[schema(required = true, value_type = String, example = "330106")]
    pub residence: Option<String>,
    /// Whom to reach in an emergency.
    #[schema(required = true, value_type = ContactBody)]
    pub emergency_contact: Option<Object<ContactBody>>,
    /// How the document is handed over.
    #[schema(required = true, value_type = CollectionBody)]
    pub collection: Option<Object<CollectionBody>>,
}

/// Where an appointment is moved.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSlot, example = json!({"hall": "hangzhou-shi-crj", "date": "2026-11-26", "start": "09:00"}))]
pub struct NewSlotBody {
    /// The id of the hall.
    #[schema(required = true, value_type = String)]
    pub hall: Option<String>,
    /// The date in the hall's zone.
    #[schema(required = true, value_type = Date)]
    pub date: Option<String>,
    /// When the band begins.
    #[schema(required = true, value_type = Time)]
    pub start: Option<String>,
}

/// A person who must appear.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Applicant)]
pub struct ApplicantBody {
    /// The name, 1 to 64 characters.
    #[schema(required = true, value_type = String, min_length = 1, max_length = 64, example = "王小明")]
    pub name: Option<String>,
    /// The resident ID number (GB 11643-1999): 17 digits and a digit or X; spaces, hyphens and full-width digits are taken.
    #[schema(required = true, value_type = String, example = "11010519491231002X")]
    pub id_number: Option<String>,
    /// A mobile number of mainland China: 11 digits, with or without `+86`, `0086` or `86`, spaces and hyphens.
    #[schema(required = true, value_type = String, example = "19900000000")]
    pub phone: Option<String>,
}

/// Somebody with a telephone.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Contact)]
pub struct ContactBody {
    /// The name, 1 to 64 characters.
    #[schema(required = true, value_type = String, min_length = 1, max_length = 64, example = "李芳")]
    pub name: Option<String>,
    /// A mobile number, a landline with its area code, or a number in Hong Kong, Macao or Taiwan.
    #[schema(required = true, value_type = String, example = "0571-87280185")]
    pub phone: Option<String>,
}

/// How a document is handed over.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Collection)]
pub struct CollectionBody {
    /// `counter` or `post`.
    #[schema(required = true, value_type = String, pattern = "^(counter|post)$", example = "counter")]
    pub method: Option<String>,
    /// Where it is sent: needed with `post`, and only there.
    #[schema(required = false, value_type = AddressBody)]
    pub address: Option<Object<AddressBody>>,
}

/// Where a document is sent.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PostalAddress)]
pub struct AddressBody {
    /// Who receives it.
    #[schema(required = true, value_type = String, min_length = 1, max_length = 64, example = "王小明")]
    pub name: Option<String>,
    /// The number of who receives it.
    #[schema(required = true, value_type = String, example = "19900000000")]
    pub phone: Option<String>,
    /// The division code (GB/T 2260).
    #[schema(required = true, value_type = String, example = "330106")]
    pub region: Option<String>,
    /// Street and house, 1 to 200 characters.
    #[schema(required = true, value_type = String, min_length = 1, max_length = 200, example = "文三路1号")]
    pub street: Option<String>,
}

/// What a booking asks for. Hall and service are known already where they are given.
///
/// # Errors
/// The first of: `party_too_large`, `invalid_field` with every bad field, `duplicate_applicant`.
pub fn wish(body: BookingBody, caller: &Applicant, policy: &Policy, today: NaiveDate) -> Result<Wish, Problem> {
    judge_party_size(body.applicants.as_deref(), policy.max_party.min(MAX_PARTY))?;
    let hold = body.hold.unwrap_or(false);
    let mut fields = Fields::default();
    let hall = fields.required(format_args!("/hall"), body.hall);
    let service = fields.required(format_args!("/service"), body.service);
    let date = fields.need(format_args!("/date"), body.date, date);
    let start = fields.need(format_args!("/start"), body.start, parsed::<WallTime>);
    let applicants = match body.applicants {
        None => Some(vec![caller.clone()]),
        Some(given) => read_applicants(&mut fields, given, today),
    };
    let form = read_form(&mut fields, body.residence, body.emergency_contact, body.collection, !hold);
    let wish = || {
        let (hall, service, date, start) = (hall?, service?, date?, start?);
        Some(Wish { hall, service, date, start, hold, applicants: applicants?, form })
    };
    let wish = fields.finish(wish())?;
    judge_distinct(&wish.applicants)?;
    Ok(wish)
}

/// What a confirmation of a hold says: the applicants where they are given again, and the form. How large a party may be was
/// judged when the places were held, and a reload takes nothing of that back.
///
/// # Errors
/// As [`wish`].
pub fn confirmation(
    body: ConfirmationBody,
    held: &Appointment,
    today: NaiveDate,
) -> Result<(Option<Vec<Applicant>>, Form), Problem> {
    judge_party_size(body.applicants.as_deref(), MAX_PARTY)?;
    let mut fields = Fields::default();
    if body.service.is_some_and(|service| service != held.service.as_str()) {
        fields.refuse(format_args!("/service"), "the hold is for another service; leave this out, or cancel and book");
    }
    if body.hold == Some(true) {
        fields.refuse(format_args!("/hold"), "a confirmation ends the hold; leave this out");
    }
    let applicants = match body.applicants {
        None => Some(None),
        Some(given) => read_applicants(&mut fields, given, today).map(Some),
    };
    let form = read_form(&mut fields, body.residence, body.emergency_contact, body.collection, true);
    let applicants = fields.finish(applicants)?;
    judge_distinct(applicants.as_deref().unwrap_or_default())?;
    Ok((applicants, form))
}

/// Where an appointment is to be moved. The hall is known already where it is given.
///
/// # Errors
/// `invalid_field` with every bad field.
pub fn target(body: NewSlotBody) -> Result<Target, Problem> {
    let mut fields = Fields::default();
    let hall = fields.required(format_args!("/hall"), body.hall);
    let date = fields.need(format_args!("/date"), body.date, date);
    let start = fields.need(format_args!("/start"), body.start, parsed::<WallTime>);
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

fn read_applicants(fields: &mut Fields, given: Vec<Object<ApplicantBody>>, today: NaiveDate) -> Option<Vec<Applicant>> {
    if given.is_empty() {
        fields.refuse(format_args!("/applicants"), "give at least one applicant, or leave this out for yourself");
        return None;
    }
    // Everybody is read before anybody is missed, so that every bad field is named.
    let read: Vec<Option<Applicant>> = given
        .into_iter()
        .enumerate()
        .map(|(at, Object(body))| read_applicant(fields, format_args!("/applicants/{at}"), body, today))
        .collect();
    read.into_iter().collect()
}

/// Reads a person whose fields stand below `place`.
pub fn read_applicant(
    fields: &mut Fields,
    place: std::fmt::Arguments<'_>,
    body: ApplicantBody,
    today: NaiveDate,
) -> Option<Applicant> {
    let name = fields.need(format_args!("{place}/name"), body.name, |text| parse_name(&text));
    let number = |text: String| IdNumber::parse(&text, today);
    let id_number = fields.need(format_args!("{place}/id_number"), body.id_number, number);
    let phone = fields.need(format_args!("{place}/phone"), body.phone, |text| parse_mobile(&text));
    Some(Applicant { name: name?, id_number: id_number?, phone: phone? })
}

fn read_form(
    fields: &mut Fields,
    residence: Option<String>,
    emergency_contact: Option<Object<ContactBody>>,
    collection: Option<Object<CollectionBody>>,
    is_needed: bool,
) -> Form {
    if is_needed {
        fields.required(format_args!("/residence"), residence.as_ref());
        fields.required(format_args!("/emergency_contact"), emergency_contact.as_ref());
        fields.required(format_args!("/collection"), collection.as_ref());
    }
    // What is given is read, held or not, so that a hold does not carry what the confirmation would refuse.
    let residence = fields.read(format_args!("/residence"), residence, |text| parse_division(&text));
    let emergency_contact = emergency_contact.and_then(|Object(body)| read_contact(fields, body));
    let collection = collection.and_then(|Object(body)| read_collection(fields, body));
    Form { residence, emergency_contact, collection }
}

fn read_contact(fields: &mut Fields, body: ContactBody) -> Option<Contact> {
    let name = fields.need(format_args!("/emergency_contact/name"), body.name, |text| parse_name(&text));
    let phone = fields.need(format_args!("/emergency_contact/phone"), body.phone, |text| parse_phone(&text));
    Some(Contact { name: name?, phone: phone? })
}

fn read_collection(fields: &mut Fields, body: CollectionBody) -> Option<Collection> {
    let method = fields.required(format_args!("/collection/method"), body.method)?;
    match (method.as_str(), body.address) {
        ("counter", None) => Some(Collection::Counter),
        ("counter", Some(_)) => {
            fields.refuse(format_args!("/collection/address"), "leave this out, or choose the method post");
            None
        }
        ("post", address) => {
            let Object(address) = fields.required(format_args!("/collection/address"), address)?;
            read_address(fields, address).map(Collection::Post)
        }
        _ => {
            fields.refuse(format_args!("/collection/method"), "this is counter or post");
            None
        }
    }
}

fn read_address(fields: &mut Fields, body: AddressBody) -> Option<PostalAddress> {
    let name = fields.need(format_args!("/collection/address/name"), body.name, |text| parse_name(&text));
    let phone = fields.need(format_args!("/collection/address/phone"), body.phone, |text| parse_phone(&text));
    let region = fields.need(format_args!("/collection/address/region"), body.region, |text| parse_division(&text));
    let street = fields.need(format_args!("/collection/address/street"), body.street.as_deref(), parse_street);
    Some(PostalAddress { name: name?, phone: phone?, region: region?, street: street? })
}

fn parse_street(text: &str) -> Result<String, String> {
    let street = reading::wording(text);
    if street.is_empty() || street.chars().count() > MAX_STREET_CHARS {
        return Err(format!("street and house have 1 to {MAX_STREET_CHARS} characters that can be seen"));
    }
    if street.chars().any(char::is_control) || !reading::shows_something(&street) {
        return Err("street and house have no control characters, and not only invisible ones".to_owned());
    }
    Ok(street)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::serve::read::diagnosis::read_object;

    fn today() -> NaiveDate {
        date("2026-11-22").unwrap()
    }

    fn caller() -> Applicant {
        let id_number = IdNumber::parse("330102199001010004", today()).unwrap();
        Applicant { name: "张伟".into(), id_number, phone: "19900000004".into() }
    }

    fn complete() -> Value {
        json!({
            "hall": "hangzhou-shi-crj", "service": "passport.renewal", "date": "2026-11-25", "start": "08:30",
            "residence": "330106", "emergency_contact": {"name": "李芳", "phone": "0571-87280185"},
            "collection": {"method": "counter"}
        })
    }

    /// A complete body with some members replaced, or taken out where the new value is null.
    fn with(changes: &Value) -> Value {
        let mut body = complete();
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    fn read(body: &Value) -> Result<Wish, Problem> {
        wish(read_object(body.to_string().as_bytes()).unwrap(), &caller(), &Policy::default(), today())
    }

    fn check(changes: &Value, code: &str, pointers: &[&str]) {
        let problem = read(&with(changes)).expect_err("a bad field");
        let found: Vec<&str> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!((problem.code.as_str(), found.as_slice()), (code, pointers));
    }

    #[test]
    fn a_complete_booking_is_read() {
        let wish = read(&complete()).unwrap();
        assert_eq!((wish.hold, wish.applicants), (false, vec![caller()]));
        assert_eq!(wish.start, WallTime::hm(8, 30));
        assert_eq!(wish.form.collection, Some(Collection::Counter));

        let address = json!({"name": "张伟", "phone": "19900000004", "region": "330106", "street": " 文三路1号 "});
        let wish = read(&with(&json!({"collection": {"method": "post", "address": address}}))).unwrap();
        assert!(matches!(wish.form.collection, Some(Collection::Post(address)) if address.street == "文三路1号"));

        let wish = read(&with(&json!({"start": "08:31"}))).unwrap();
        assert_eq!(wish.start, WallTime::hm(8, 31), "whether a band starts then is for the rules");
    }

    #[test]
    fn a_hold_needs_only_the_slot() {
        let form = json!({"hold": true, "residence": null, "emergency_contact": null, "collection": null});
        let wish = read(&with(&form)).unwrap();
        assert_eq!((wish.hold, wish.form), (true, Form::default()));
        check(&json!({"hold": true, "residence": "x"}), "invalid_field", &["/residence"]);
    }

    #[test]
    fn every_bad_field_is_named() {
        let problem = wish(BookingBody::default(), &caller(), &Policy::default(), today()).unwrap_err();
        let pointers: Vec<&str> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        let form = ["/residence", "/emergency_contact", "/collection"];
        assert_eq!(pointers, [&["/hall", "/service", "/date", "/start"][..], &form].concat());

        check(&json!({"date": "2026-02-30", "start": "8:30"}), "invalid_field", &["/date", "/start"]);
        check(&json!({"applicants": []}), "invalid_field", &["/applicants"]);
        check(
            &json!({"emergency_contact": {"phone": "1"}}),
            "invalid_field",
            &["/emergency_contact/name", "/emergency_contact/phone"],
        );
        check(&json!({"collection": {}}), "invalid_field", &["/collection/method"]);
        check(&json!({"collection": {"method": "pigeon"}}), "invalid_field", &["/collection/method"]);
        check(&json!({"collection": {"method": "post"}}), "invalid_field", &["/collection/address"]);
        check(&json!({"collection": {"method": "counter", "address": {}}}), "invalid_field", &["/collection/address"]);
        check(
            &json!({"collection": {"method": "post", "address": {"street": "\u{7}"}}}),
            "invalid_field",
            &[
                "/collection/address/name",
                "/collection/address/phone",
                "/collection/address/region",
                "/collection/address/street",
            ],
        );
    }

    #[test]
    fn every_applicant_is_judged() {
        let person = |number: &str| json!({"name": "王", "id_number": number, "phone": "19900000001"});
        let [one, other] = ["330102199001010004", "330106200002299998"];
        assert_eq!(read(&with(&json!({"applicants": [person(one), person(other)]}))).unwrap().applicants.len(), 2);
        check(
            &json!({"applicants": [person("330102199001010005"), {"name": " "}, person(one)]}),
            "invalid_field",
            &["/applicants/0/id_number", "/applicants/1/name", "/applicants/1/id_number", "/applicants/1/phone"],
        );
        check(
            &json!({"applicants": [person(other), person(one), person(other)]}),
            "duplicate_applicant",
            &["/applicants/2/id_number"],
        );
        let lower = json!({"applicants": [person("33010819920309999X"), person("33010819920309999x")]});
        check(&lower, "duplicate_applicant", &["/applicants/1/id_number"]);
        check(&json!({"applicants": vec![person(one); 6], "date": "x"}), "party_too_large", &["/applicants"]);
        check(&json!({"applicants": vec![person(one); 5]}), "duplicate_applicant", &["/applicants/1/id_number"]);
    }

    #[test]
    fn a_confirmation_needs_the_whole_form() {
        let held = crate::domain::appointment::samples::held();
        let read = |body: Value| confirmation(read_object(body.to_string().as_bytes()).unwrap(), &held, today());
        let problem = read(json!({})).unwrap_err();
        assert_eq!(problem.errors.len(), 3);
        let form = json!({"residence": "330106", "emergency_contact": {"name": "李", "phone": "19900000001"},
                          "collection": {"method": "counter"}});
        let (applicants, form) = read(form).unwrap();
        assert!(applicants.is_none() && form.residence.is_some());
    }

    #[test]
    fn a_new_slot_needs_all_its_fields() {
        let problem = target(NewSlotBody::default()).unwrap_err();
        assert_eq!(problem.errors.len(), 3);
        let body = json!({"hall": "a", "date": "2026-11-26", "start": "24:00"});
        assert!(target(read_object(body.to_string().as_bytes()).unwrap()).is_ok());
    }
}
