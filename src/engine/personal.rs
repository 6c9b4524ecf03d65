//! Personal data on its way to the disk and back: sealed for one appointment each.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::call::{Collection, Contact, Form, PostalAddress};
use crate::domain::applicant::{Applicant, Mask};
use crate::domain::appointment::AppointmentId;
use crate::ledger::transfer::person::{AddressInClear, CollectionInClear, ContactInClear, FormInClear, Person};
use crate::vault::{Purpose, Vault};

/// Whom to call. It has no `Debug`: what is printed by mistake is not printed at all.
pub struct Telephone {
    /// The whole name.
    pub name: String,
    /// The number.
    pub number: String,
}

/// Room for the data of one person, in bytes, so that it is encoded without growing.
const USUAL_BYTES: usize = 384;

/// What is sealed when an appointment is made, and again what is new when a hold is confirmed.
#[derive(Serialize, Deserialize)]
struct PersonalData {
    applicant: Option<Identity>,
    form: Form,
}

#[derive(Serialize, Deserialize)]
struct Identity {
    name: String,
    id_number: String,
    phone: String,
}

/// How [`PersonalData`] begins, without copying it: a start reads it of every appointment.
#[derive(Deserialize)]
struct Shown<'a> {
    name: &'a str,
    id_number: &'a str,
}

/// Seals an applicant and the form for an appointment.
#[must_use]
pub fn seal(vault: &Vault, id: AppointmentId, applicant: Option<&Applicant>, form: &Form) -> ByteBuf {
    let applicant = applicant.map(|applicant| Identity {
        name: applicant.name.clone(),
        id_number: applicant.id_number.reveal().to_owned(),
        phone: applicant.phone.clone(),
    });
    let data = PersonalData { applicant, form: form.clone() };
    let text = postcard::to_extend(&data, Vec::with_capacity(USUAL_BYTES)).expect("personal data has a stored form");
    ByteBuf::from(vault.seal(Purpose::Record, id.0.as_bytes(), &text))
}

/// What may be shown of the applicant whose sealed data, oldest part first, this is; none where it cannot be opened.
#[must_use]
pub fn mask(vault: &Vault, id: AppointmentId, parts: &[&[u8]]) -> Option<Mask> {
    parts.iter().rev().find_map(|sealed| {
        let text = vault.open_sealed(Purpose::Record, id.0.as_bytes(), sealed).ok()?;
        let begin: Option<Shown> = postcard::from_bytes(&text).ok()?;
        begin.map(|Shown { name, id_number }| Mask::new(name, id_number))
    })
}

/// All that is sealed of an applicant, oldest part first, in clear; none where it cannot be opened. What a later part says
/// goes before what an earlier one said.
#[must_use]
pub fn in_clear(vault: &Vault, id: AppointmentId, parts: &[&[u8]]) -> Option<Person> {
    let (mut identity, mut form) = (None, Form::default());
    for sealed in parts {
        let text = vault.open_sealed(Purpose::Record, id.0.as_bytes(), sealed).ok()?;
        let part: PersonalData = postcard::from_bytes(&text).ok()?;
        identity = part.applicant.or(identity);
        form = Form {
            residence: part.form.residence.or(form.residence),
            emergency_contact: part.form.emergency_contact.or(form.emergency_contact),
            collection: part.form.collection.or(form.collection),
        };
    }
    let Identity { name, id_number, phone } = identity?;
    Some(Person { name, id_number, phone, form: form_in_clear(form) })
}

/// Whom to call for the applicant whose sealed data, oldest part first, this is; none where it cannot be opened.
#[must_use]
pub fn telephone(vault: &Vault, id: AppointmentId, parts: &[&[u8]]) -> Option<Telephone> {
    in_clear(vault, id, parts).map(|Person { name, phone, .. }| Telephone { name, number: phone })
}

fn form_in_clear(form: Form) -> FormInClear {
    let Form { residence, emergency_contact, collection } = form;
    let emergency_contact = emergency_contact.map(|Contact { name, phone }| ContactInClear { name, phone });
    let collection = collection.map(|collection| match collection {
        Collection::Counter => CollectionInClear::Counter,
        Collection::Post(PostalAddress { name, phone, region, street }) => {
            CollectionInClear::Post { address: AddressInClear { name, phone, region, street } }
        }
    });
    FormInClear { residence, emergency_contact, collection }
}

/// Whether these keys open what was sealed for an appointment.
#[must_use]
pub fn opens(vault: &Vault, id: AppointmentId, sealed: &[u8]) -> bool {
    vault.open_sealed(Purpose::Record, id.0.as_bytes(), sealed).is_ok()
}
