//! The details of a booking as a form, as a summary to be checked, and as the body that the API would be asked with.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde_json::json;

use super::company::filled;
use super::form::{Faults, Kind, Line, described_by, fault_at};
use crate::domain::appointment::PersonKey;
use crate::http::booking_body::ConfirmationBody;
use crate::vault::Vault;
use crate::web::filled::Fields;
use crate::web::kept;
use crate::web::text::Text;

/// The fields of the form, in the order in which they stand.
pub const NAMES: [&str; 8] = [
    "contact-name",
    "contact-phone",
    "residence",
    "method",
    "address-name",
    "address-phone",
    "address-region",
    "address-street",
];
const COUNTER: &str = "counter";
const POST: &str = "post";
const TYPED_CONTEXT: &[u8] = b"typed details 1";

/// What the API would be asked to confirm.
///
/// # Panics
/// Never: the body has the members that are read.
#[must_use]
pub fn body(fields: &Fields) -> ConfirmationBody {
    let [contact_name, contact_phone, residence, method, name, phone, region, street] =
        NAMES.map(|field| filled(fields.raw(field)));
    let address = json!({ "name": name, "phone": phone, "region": region, "street": street });
    let body = json!({
        "residence": residence,
        "emergency_contact": { "name": contact_name, "phone": contact_phone },
        // What was typed of an address stays in the form, but counts only where it is asked for.
        "collection": { "method": method, "address": (method == Some(POST)).then_some(address) },
    });
    serde_json::from_value(body).expect("a body with the members of a confirmation can be read")
}

/// The id of the field to which a pointer into the body leads.
#[must_use]
pub fn id_of(pointer: &str) -> String {
    match pointer.split('/').skip(1).collect::<Vec<_>>().as_slice() {
        ["residence"] => "residence".to_owned(),
        ["emergency_contact", name] => format!("contact-{name}"),
        ["collection", "address", name] => format!("address-{name}"),
        ["collection", ..] => "method".to_owned(),
        _ => NAMES[0].to_owned(),
    }
}

/// The fields as hidden inputs, so that the next form knows them too.
#[must_use]
pub fn hidden(fields: &Fields) -> Markup {
    html! { @for name in NAMES { input type="hidden" name=(name) value=(fields.raw(name)); } }
}

/// The fields as a form, but for its buttons.
#[must_use]
pub fn inputs(text: Text, fields: &Fields, faults: &Faults) -> Markup {
    let line =
        |id, label, hint, kind, autocomplete| Line { id, label, hint, kind, autocomplete }.markup(text, fields, faults);
    html! {
        fieldset class="field" {
            legend { (text.get("details-contact")) }
            p class="hint" { (text.get("details-contact-hint")) }
            div class="columns" {
                (line("contact-name", "form-name", None, Kind::Name, "off"))
                (line("contact-phone", "form-phone", Some("form-phone-hint"), Kind::Phone, "off"))
            }
        }
        (line("residence", "details-residence", Some("details-residence-hint"), Kind::Division, "off"))
        (method(text, fields, faults))
        fieldset class="field when-post" {
            legend { (text.get("details-address")) }
            p class="hint" { (text.get("details-address-hint")) }
            div class="columns" {
                (line("address-name", "details-receiver", None, Kind::Name, "shipping name"))
                (line("address-phone", "form-phone", None, Kind::Phone, "shipping tel"))
            }
            (line("address-region", "details-region", Some("details-region-hint"), Kind::Division, "off"))
            (line("address-street", "details-street", None, Kind::Street, "shipping street-address"))
        }
    }
}

/// How the document is handed over. The first choice has the id of the field, so that a list of errors leads to it.
fn method(text: Text, fields: &Fields, faults: &Faults) -> Markup {
    let (chosen, fault) = (fields.raw("method"), faults.at("method"));
    let choices = [
        ("method", COUNTER, "details-counter", "details-counter-hint"),
        ("method-post", POST, "details-post", "details-post-hint"),
    ];
    html! {
        fieldset .field .bad[fault.is_some()] aria-describedby=[described_by("method", false, fault.is_some())] {
            legend { (text.get("details-method")) }
            (fault_at("method", fault))
            @for (id, value, label, hint) in choices {
                div class="choice" {
                    input type="radio" id=(id) name="method" value=(value) checked[chosen == value];
                    label for=(id) { (text.get(label)) span class="hint" { (text.get(hint)) } }
                }
            }
        }
    }
}

/// The fields as a list to be checked, each with a button that leads back.
#[must_use]
pub fn summary(text: Text, fields: &Fields) -> Markup {
    let is_post = fields.raw("method") == POST;
    let both = |first, second| format!("{}  {}", fields.raw(first).trim(), fields.raw(second).trim());
    let row = |label: &str, value: String| {
        let label = text.get(label);
        html! {
            div {
                dt { (label) }
                dd { (value) }
                dd class="action" {
                    button class="button quiet" name="do" value="change" {
                        (text.get("details-change")) span class="visually-hidden" { " " (label) }
                    }
                }
            }
        }
    };
    html! {
        (row("details-contact", both("contact-name", "contact-phone")))
        (row("details-residence", fields.raw("residence").trim().to_owned()))
        (row("details-method", text.get(if is_post { "details-post" } else { "details-counter" })))
        @if is_post {
            (row("details-receiver", both("address-name", "address-phone")))
            (row("details-address", both("address-region", "address-street")))
        }
    }
}

/// What was typed, as a text that a browser keeps until its person holds another place; none where there is nothing, or too
/// much for a cookie.
#[must_use]
pub fn seal_typed(vault: &Vault, person: PersonKey, fields: &Fields, now: DateTime<Utc>) -> Option<String> {
    let values: Vec<&str> = NAMES.iter().map(|name| fields.raw(name)).collect();
    let is_empty = values.iter().all(|value| value.is_empty());
    if is_empty { None } else { kept::seal_typed(vault, TYPED_CONTEXT, person, values, now) }
}

/// What the same person typed before; none where it is not ours, another person's, or its time is over.
#[must_use]
pub fn open_typed(vault: &Vault, person: PersonKey, sealed: &str, now: DateTime<Utc>) -> Option<Fields> {
    let values = kept::open_typed(vault, TYPED_CONTEXT, person, sealed, now)?;
    Some(NAMES.into_iter().zip(values).fold(Fields::default(), |fields, (name, value)| fields.with(name, value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::samples;
    use crate::engine::{Collection, Form};
    use crate::http::booking_body::confirmation;
    use crate::http::fields::civil_today;
    use crate::http::problem::Problem;

    const COMPLETE: &str = "contact-name=%E6%9D%8E&contact-phone=0571-87280185&residence=330106&method=counter\
        &address-street=left+over";

    fn fields(text: &str) -> Fields {
        Fields::read(text.as_bytes()).unwrap()
    }

    fn judged(form: &str) -> Result<Form, Problem> {
        let held = samples::held();
        let today = civil_today(held.created_at);
        confirmation(body(&fields(form)), &held, today).map(|(_, form)| form)
    }

    #[test]
    fn a_form_is_judged_as_the_api_judges_it() {
        assert_eq!(judged(COMPLETE).unwrap().collection, Some(Collection::Counter));
        let ids = |form: &str| -> Vec<String> {
            judged(form).unwrap_err().errors.iter().map(|error| id_of(&error.pointer)).collect()
        };
        assert_eq!(ids(""), ["residence", "contact-name", "contact-phone", "method"]);
        let post = COMPLETE.replace("method=counter", "method=post");
        assert_eq!(ids(&post), ["address-name", "address-phone", "address-region"]);
    }

    #[test]
    fn what_was_typed_comes_back_to_the_same_person_for_an_hour() {
        let (vault, now) = (Vault::from_secret(&[7; 32]), samples::held().created_at);
        let [one, other] = [PersonKey([1; 16]), PersonKey([2; 16])];
        let sealed = seal_typed(&vault, one, &fields(COMPLETE), now).unwrap();
        assert_eq!(open_typed(&vault, one, &sealed, now).unwrap().raw("contact-name"), "李");
        assert!(open_typed(&vault, other, &sealed, now).is_none());
        assert!(open_typed(&vault, one, &sealed, now + chrono::TimeDelta::hours(1)).is_none());
        assert!(seal_typed(&vault, one, &fields("do=review"), now).is_none());
        let long = format!("address-street={}", "x".repeat(kept::MAX_TYPED_BYTES));
        assert!(seal_typed(&vault, one, &fields(&long), now).is_none());
    }
}
