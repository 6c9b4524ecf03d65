//! Whom to call: the line of the National Immigration Administration, and the hall that a page is about.

use maud::{Markup, html};

use super::frame::HELP_LINE;
use super::visitor::Visit;
use crate::domain::hall::Hall;
use crate::pages::text::Text;

/// Help as a section of a page, with the hall's telephone where it has one.
#[must_use]
pub fn section(visit: &Visit, hall: Option<&Hall>) -> Markup {
    let text = visit.text;
    let phone = hall.and_then(|hall| Some((text.pick(&hall.name), hall.phone.as_deref()?)));
    html! {
        section class="card help" {
            h2 { (text.get("help-title")) }
            dl class="facts" {
                @if let Some((name, phone)) = phone {
                    div { dt { (name) } dd { (call(phone)) } }
                }
                div { dt { (text.get("help-line")) } dd { (call(HELP_LINE)) " " span class="muted" { (text.get("help-line-hours")) } } }
            }
            p class="hint" { (text.get("help-feedback")) }
            @if let Some(feedback) = &visit.contact.feedback {
                p { a href=(feedback) { (text.get("frame-foot-feedback")) } }
            }
        }
    }
}

/// Whom to call with questions, in a sentence: the hall where it has a telephone, and the line.
#[must_use]
pub fn questions(text: Text, phone: Option<&str>) -> String {
    match phone {
        Some(phone) => text.with("help-questions-hall", &[("phone", phone.into()), ("line", HELP_LINE.into())]),
        None => text.with("help-questions", &[("line", HELP_LINE.into())]),
    }
}

/// A telephone number that can be pressed.
#[must_use]
pub fn call(phone: &str) -> Markup {
    let number: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    html! { a class="n" href={ "tel:" (number) } { (phone) } }
}
