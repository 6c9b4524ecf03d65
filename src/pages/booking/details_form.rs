//! The details of a booking as a form, as rows to be checked, and as the API would be asked with them.

use maud::{Markup, html};

use super::party_form::filled;
use super::picked::Picked;
use super::place_search;
use super::place_search::Search;
use crate::app::input::booking::{AddressInput, CollectionInput, ContactInput, FormInput};
use crate::app::refusal::{FieldFault, Refusal, Typed, Wrong};
use crate::domain::applicant::IdNumber;
use crate::pages::kit::form::{Faults, Kind, Line, described_by, fault_at};
use crate::pages::kit::form_input::Fields;
use crate::pages::kit::kept_form::is_of_a_search;
use crate::pages::kit::refusals::SEARCHES;
use crate::pages::text::Text;

/// The fields of the form, in the order in which they stand: where a list of errors leads.
pub const NAMES: [&str; 8] =
    ["contact-name", "contact-phone", RESIDENCE, "method", "address-name", "address-phone", REGION, "address-street"];
const RESIDENCE: &str = "residence";
const REGION: &str = "address-region";
/// The places of the form.
const PLACES: [&str; 2] = [RESIDENCE, REGION];
/// The buttons that send the form on.
const SENDING: [&str; 3] = ["review", "replace", ""];
const COUNTER: &str = "counter";
const POST: &str = "post";

/// The details as they are judged.
#[must_use]
pub fn input(fields: &Fields) -> FormInput {
    let [contact_name, contact_phone, _, method, name, phone, _, street] = NAMES.map(|field| filled(fields.raw(field)));
    let [residence, region] = [RESIDENCE, REGION].map(|prefix| Picked::read(fields, prefix).code().map(str::to_owned));
    // What was typed of an address stays in the form, but counts only if it is asked for.
    let is_by_post = method.as_deref() == Some(POST);
    let address = is_by_post.then_some(AddressInput { name, phone, region, street });
    FormInput {
        residence,
        emergency_contact: Some(ContactInput { name: contact_name, phone: contact_phone }),
        collection: Some(CollectionInput { method, address }),
    }
}

/// The id of the field to which a pointer into the body leads.
#[must_use]
pub fn id_of(pointer: &str) -> String {
    match pointer.split('/').skip(1).collect::<Vec<_>>().as_slice() {
        ["residence"] => RESIDENCE.to_owned(),
        [SEARCHES, prefix] => place_search::name_of(prefix),
        ["emergency_contact", name] => format!("contact-{name}"),
        ["collection", "address", name] => format!("address-{name}"),
        ["collection", ..] => "method".to_owned(),
        _ => NAMES[0].to_owned(),
    }
}

/// The ids of all fields, in the order in which they stand: a place is searched before it is chosen from the lists.
pub fn ids() -> impl Iterator<Item = String> {
    let search = |name: &str| PLACES.contains(&name).then(|| place_search::name_of(name));
    NAMES.into_iter().flat_map(move |name| search(name).into_iter().chain([name.to_owned()]))
}

/// The form with what nobody has to say: a document is collected at the hall, which is always possible and can be changed
/// there; who has not said where they live is shown the place that the ID number begins with; a parcel goes there, too.
#[must_use]
pub fn with_usual(mut fields: Fields, own: &IdNumber) -> Fields {
    if fields.get("method").is_none() {
        fields = fields.with("method", COUNTER);
    }
    if !fields.has("residence-province") {
        fields = Picked::leading_to(&own.reveal()[..6]).into(fields, RESIDENCE);
    }
    if Picked::read(&fields, REGION).is_empty() && !Search::read(&fields, REGION).is_unanswered() {
        fields = Picked::read(&fields, RESIDENCE).into(fields, REGION);
    }
    fields
}

/// What of a form is worth being shown again in the same person's next one: whom to call, and where they live.
#[must_use]
pub fn lasting(fields: &Fields) -> Fields {
    let is_lasting =
        |name: &str| ["contact-", "residence-", "address-"].iter().any(|beginning| name.starts_with(beginning));
    fields.clone().without(|name| !is_lasting(name) || is_of_a_search(name))
}

/// The form after a search for a place, and the field at which it is shown: if the button is one of a search, or if it sends
/// the form with a text that was not searched yet, which would go by unread otherwise. `None` for any other button.
#[must_use]
pub fn searched(text: Text, fields: &Fields, button: &str) -> Option<(Fields, String)> {
    PLACES.into_iter().find_map(|prefix| {
        let pressed = place_search::pressed(text, fields, prefix, button);
        let is_sent = SENDING.contains(&button) && is_asked_for(fields, prefix);
        let unread = || place_search::unread(fields, prefix).filter(|_| is_sent);
        Some((pressed.or_else(unread)?, place_search::name_of(prefix)))
    })
}

/// A judgement of the form that also refuses a text that was searched and to which no place was chosen: it may mean another
/// place than the lists do. What is wrong with the lists themselves is not said then.
///
/// # Errors
/// What the judgement says, and [`Refusal::Fields`] for such a text.
pub fn with_open_searches<T>(fields: &Fields, judged: Result<T, Refusal>) -> Result<T, Refusal> {
    let is_open = |prefix: &&str| is_asked_for(fields, prefix) && Search::read(fields, prefix).is_open();
    let open: Vec<&str> = PLACES.into_iter().filter(is_open).collect();
    if open.is_empty() {
        return judged;
    }
    let unanswered = open.iter().map(|prefix| FieldFault {
        pointer: format!("/{SEARCHES}/{prefix}"),
        wrong: Wrong::PlaceNotChosen { typed: Typed(fields.raw(&place_search::name_of(prefix)).to_owned()) },
    });
    let mut faults = match judged {
        Ok(_) => Vec::new(),
        Err(Refusal::Fields(faults)) => faults,
        Err(refusal) => return Err(refusal),
    };
    faults.retain(|fault| !open.contains(&id_of(&fault.pointer).as_str()));
    faults.extend(unanswered);
    Err(Refusal::Fields(faults))
}

/// Whether a place counts: that of the address does if there is an address.
fn is_asked_for(fields: &Fields, prefix: &str) -> bool {
    prefix == RESIDENCE || is_by_post(fields)
}

/// Whether the document is sent by post.
#[must_use]
pub fn is_by_post(fields: &Fields) -> bool {
    fields.raw("method") == POST
}

/// The fields as a form, but for its buttons.
#[must_use]
pub fn inputs(text: Text, fields: &Fields, own: &IdNumber, faults: &Faults) -> Markup {
    let residence = Picked::read(fields, RESIDENCE);
    // Said only as long as it is true.
    let is_suggested = !residence.is_empty() && residence == Picked::leading_to(&own.reveal()[..6]);
    let residence_hint = is_suggested.then_some("details-residence-hint");
    let line =
        |id, label, hint, kind, autocomplete| Line { id, label, hint, kind, autocomplete }.markup(text, fields, faults);
    html! {
        fieldset class="field card" {
            legend { (text.get("details-contact")) }
            p class="hint" { (text.get("details-contact-hint")) }
            div class="columns" {
                (line("contact-name", "form-name", None, Kind::Name, "off"))
                (line("contact-phone", "form-phone", Some("form-phone-hint"), Kind::Phone, "off"))
            }
        }
        (residence.markup(text, (RESIDENCE, "details-residence", residence_hint), fields, faults))
        (method(text, fields, faults))
        fieldset class="field card when-post" {
            legend { (text.get("details-address")) }
            p class="hint no-script" { (text.get("details-address-hint")) }
            div class="columns" {
                (line("address-name", "details-receiver", None, Kind::Name, "shipping name"))
                (line("address-phone", "form-phone", None, Kind::Phone, "shipping tel"))
            }
            (Picked::read(fields, REGION).markup(text, (REGION, "details-region", None), fields, faults))
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

/// The details in full, each with a link to its field on the page of the form.
#[must_use]
pub fn rows(text: Text, fields: &Fields, form: &str) -> Markup {
    let both = |first, second| format!("{}  {}", fields.raw(first).trim(), fields.raw(second).trim());
    let place = |prefix| Picked::read(fields, prefix).code().map_or_else(String::new, |code| text.division(code));
    let row =
        |label: &str, value: String, id: &str| row(text, &text.get(label), &html! { (value) }, &format!("{form}#{id}"));
    let is_post = is_by_post(fields);
    html! {
        (row("details-contact", both("contact-name", "contact-phone"), "contact-name"))
        (row("details-residence", place(RESIDENCE), RESIDENCE))
        (row("details-method", text.get(if is_post { "details-post" } else { "details-counter" }), "method"))
        @if is_post {
            (row("details-receiver", both("address-name", "address-phone"), "address-name"))
            (row("details-address", format!("{}{}{}", place(REGION), text.get("details-address-gap"), fields.raw("address-street").trim()), REGION))
        }
    }
}

/// One answer to be checked, with the link that leads to where it is changed.
#[must_use]
pub fn row(text: Text, label: &str, value: &Markup, change: &str) -> Markup {
    html! {
        div {
            dt { (label) }
            dd { (value) }
            dd class="action" {
                a href=(change) { (text.get("details-change")) span class="visually-hidden" { " " (label) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::input::booking::{ConfirmationInput, confirmation};
    use crate::app::input::fields::civil_today;
    use crate::domain::appointment::samples;
    use crate::engine::{Collection, Form};
    use crate::pages::text::Language;

    const COMPLETE: &str = "contact-name=%E6%9D%8E&contact-phone=0571-87280185&residence-province=330000\
        &residence-city=330100&residence-county=330106&method=counter&address-street=left+over";

    fn fields(text: &str) -> Fields {
        Fields::read(text.as_bytes()).unwrap()
    }

    fn judged(form: &str) -> Result<Form, Refusal> {
        let held = samples::held();
        let today = civil_today(held.created_at);
        let input = ConfirmationInput { form: input(&fields(form)), ..ConfirmationInput::default() };
        confirmation(input, &held, today).map(|(_, form)| form)
    }

    #[test]
    fn a_form_is_judged_as_the_api_judges_it() {
        let form = judged(COMPLETE).unwrap();
        assert_eq!((form.collection, form.residence.as_deref()), (Some(Collection::Counter), Some("330106")));
        let ids = |form: &str| -> Vec<String> {
            judged(form).unwrap_err().bad_fields().iter().map(|(pointer, _)| id_of(pointer)).collect()
        };
        assert_eq!(ids(""), ["residence", "contact-name", "contact-phone", "method"]);
        let post = COMPLETE.replace("method=counter", "method=post");
        assert_eq!(ids(&post), ["address-name", "address-phone", "address-region"]);
        assert_eq!(
            ids(&COMPLETE.replace("330106", "")),
            ["residence"],
            "a city is no place to live in while it has counties"
        );
    }

    #[test]
    fn a_search_that_nobody_has_answered_is_a_fault_of_the_form() {
        let faults = |fields: &Fields| -> Vec<String> {
            let refusal = with_open_searches(fields, judged(&fields.text())).err();
            let wrong = refusal.map(|refusal| refusal.bad_fields()).unwrap_or_default();
            wrong.iter().map(|(pointer, _)| id_of(pointer)).collect()
        };
        let searched = |form: &str, prefix: &str| {
            let form = fields(form).with(&place_search::name_of(prefix), "西湖");
            place_search::unread(&form, prefix).unwrap()
        };
        let open = searched(COMPLETE, RESIDENCE);
        assert_eq!(faults(&open), ["residence-search"], "the place that was there before is not meant");
        assert_eq!(faults(&open.clone().with("residence-county", "330105")), [""; 0]);
        // What is wrong with the lists is wrong with the search, and the rest is said as well.
        let nowhere = searched("contact-name=%E6%9D%8E&method=counter", RESIDENCE);
        assert_eq!(faults(&nowhere), ["contact-phone", "residence-search"]);
        // The address counts if there is one.
        assert_eq!(faults(&searched(COMPLETE, REGION)), [""; 0]);
        let post = searched(&COMPLETE.replace("method=counter", "method=post"), REGION);
        assert_eq!(faults(&post), ["address-name", "address-phone", "address-region-search"]);
        let ids: Vec<String> = ids().collect();
        assert_eq!(ids[2..4], ["residence-search", "residence"]);
        assert_eq!(ids[7..9], ["address-region-search", "address-region"]);
    }

    #[test]
    fn a_place_is_not_filled_in_over_a_text_that_nobody_has_answered() {
        let number = IdNumber::parse("330106200002299998", civil_today(samples::held().created_at)).unwrap();
        let open = fields("method=post&residence-province=330000&residence-city=330100&residence-county=330106")
            .with("address-region-search", "西湖");
        let open = place_search::unread(&open, REGION).unwrap();
        let shown = with_usual(open, &number);
        assert!(Search::read(&shown, REGION).is_open() && Picked::read(&shown, REGION).is_empty());
        assert_eq!(
            Picked::read(&with_usual(shown.with("address-region-search", ""), &number), REGION).code(),
            Some("330106")
        );
    }

    #[test]
    fn what_nobody_has_to_say_is_filled_in_and_nothing_that_was_said_is_changed() {
        let today = civil_today(samples::held().created_at);
        let number = |text| IdNumber::parse(text, today).unwrap();
        let usual = with_usual(Fields::default(), &number("330106200002299998"));
        let filled = ["method", "residence-county", "address-region-county"].map(|name| usual.raw(name).to_owned());
        assert_eq!(filled, ["counter", "330106", "330106"]);
        let said = fields("method=post&residence-province=110000&residence-city=&residence-county=");
        let kept = with_usual(said, &number("330106200002299998"));
        let kept = ["method", "residence-province", "residence-county"].map(|name| kept.raw(name).to_owned());
        assert_eq!(kept, ["post", "110000", ""]);
    }

    #[test]
    fn only_whom_to_call_and_where_to_live_lasts() {
        let lasting = lasting(&fields(&format!("{COMPLETE}&name-0=a&self=yes")));
        assert_eq!(lasting.raw("contact-name"), "李");
        assert!(!lasting.has("name-0") && !lasting.has("self") && !lasting.has("method"));
    }

    #[test]
    fn what_is_checked_has_names_and_no_codes() {
        let post = COMPLETE
            .replace("method=counter", "method=post")
            .replace("left+over", "%E6%96%87%E4%B8%89%E8%B7%AF1%E5%8F%B7");
        let post = with_usual(
            fields(&post),
            &IdNumber::parse("330106200002299998", civil_today(samples::held().created_at)).unwrap(),
        );
        let shown = rows(Text(Language::Simplified), &post, "/held/x").into_string();
        assert!(
            shown.contains("浙江省杭州市西湖区") && shown.contains("文三路1号") && !shown.contains("330106"),
            "{shown}"
        );
        assert!(shown.contains("/held/x#contact-name") && shown.contains("/held/x#residence"), "{shown}");
    }
}
