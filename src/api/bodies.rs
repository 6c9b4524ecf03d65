//! The JSON shapes of calls that book, confirm and move.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::input::booking::{
    AddressInput, ApplicantInput, BookingInput, CollectionInput, ConfirmationInput, ContactInput, FormInput,
    NewSlotInput,
};
use crate::serve::read::diagnosis::Object;
use crate::serve::times::{Date, Time};

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

/// A person with a telephone.
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
    /// The number of the receiver.
    #[schema(required = true, value_type = String, example = "19900000000")]
    pub phone: Option<String>,
    /// The division code (GB/T 2260).
    #[schema(required = true, value_type = String, example = "330106")]
    pub region: Option<String>,
    /// Street and house, 1 to 200 characters.
    #[schema(required = true, value_type = String, min_length = 1, max_length = 200, example = "文三路1号")]
    pub street: Option<String>,
}

impl From<BookingBody> for BookingInput {
    fn from(body: BookingBody) -> Self {
        let BookingBody { hall, service, date, start, hold, applicants, residence, emergency_contact, collection } =
            body;
        let form = form_of(residence, emergency_contact, collection);
        let applicants = applicants.map(people_of);
        Self { hall, service, date, start, hold: hold.unwrap_or(false), applicants, form }
    }
}

impl From<ConfirmationBody> for ConfirmationInput {
    fn from(body: ConfirmationBody) -> Self {
        let ConfirmationBody { service, hold, applicants, residence, emergency_contact, collection } = body;
        let form = form_of(residence, emergency_contact, collection);
        Self { service, hold, applicants: applicants.map(people_of), form }
    }
}

impl From<NewSlotBody> for NewSlotInput {
    fn from(NewSlotBody { hall, date, start }: NewSlotBody) -> Self {
        Self { hall, date, start }
    }
}

impl From<ApplicantBody> for ApplicantInput {
    fn from(ApplicantBody { name, id_number, phone }: ApplicantBody) -> Self {
        Self { name, id_number, phone }
    }
}

impl From<ContactBody> for ContactInput {
    fn from(ContactBody { name, phone }: ContactBody) -> Self {
        Self { name, phone }
    }
}

impl From<CollectionBody> for CollectionInput {
    fn from(CollectionBody { method, address }: CollectionBody) -> Self {
        Self { method, address: address.map(|Object(body)| body.into()) }
    }
}

impl From<AddressBody> for AddressInput {
    fn from(AddressBody { name, phone, region, street }: AddressBody) -> Self {
        Self { name, phone, region, street }
    }
}

fn people_of(bodies: Vec<Object<ApplicantBody>>) -> Vec<ApplicantInput> {
    bodies.into_iter().map(|Object(body)| body.into()).collect()
}

fn form_of(
    residence: Option<String>,
    emergency_contact: Option<Object<ContactBody>>,
    collection: Option<Object<CollectionBody>>,
) -> FormInput {
    let emergency_contact = emergency_contact.map(|Object(body)| body.into());
    FormInput { residence, emergency_contact, collection: collection.map(|Object(body)| body.into()) }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use serde_json::{Value, json};

    use super::*;
    use crate::app::input::booking::{confirmation, target, wish};
    use crate::app::input::fields::date;
    use crate::app::refusal::Refusal;
    use crate::domain::applicant::{Applicant, IdNumber};
    use crate::domain::policy::Policy;
    use crate::domain::wall::WallTime;
    use crate::engine::{Collection, Form, Wish};
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

    fn read(body: &Value) -> Result<Wish, Refusal> {
        let body: BookingBody = read_object(body.to_string().as_bytes()).unwrap();
        wish(body.into(), &caller(), &Policy::default(), today())
    }

    fn pointers_of(refusal: &Refusal) -> Vec<String> {
        refusal.bad_fields().into_iter().map(|(pointer, _)| pointer).collect()
    }

    fn check(changes: &Value, code: &str, pointers: &[&str]) {
        let refusal = read(&with(changes)).expect_err("a bad field");
        assert_eq!(
            (refusal.code().as_str(), pointers_of(&refusal)),
            (code, pointers.iter().map(|it| (*it).to_owned()).collect())
        );
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
        let refusal = wish(BookingInput::default(), &caller(), &Policy::default(), today()).unwrap_err();
        let pointers = pointers_of(&refusal);
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
        let read = |body: Value| {
            let body: ConfirmationBody = read_object(body.to_string().as_bytes()).unwrap();
            confirmation(body.into(), &held, today())
        };
        assert_eq!(pointers_of(&read(json!({})).unwrap_err()).len(), 3);
        let form = json!({"residence": "330106", "emergency_contact": {"name": "李", "phone": "19900000001"},
                          "collection": {"method": "counter"}});
        let (applicants, form) = read(form).unwrap();
        assert!(applicants.is_none() && form.residence.is_some());
    }

    #[test]
    fn a_new_slot_needs_all_its_fields() {
        assert_eq!(pointers_of(&target(NewSlotInput::default()).unwrap_err()).len(), 3);
        let body = json!({"hall": "a", "date": "2026-11-26", "start": "24:00"});
        let body: NewSlotBody = read_object(body.to_string().as_bytes()).unwrap();
        assert!(target(body.into()).is_ok());
    }
}
