//! For whom of a party a change is meant: for all of them, or for one. Asked before the change, as a page of its own, where
//! there is more than one answer.

use axum::response::Response;
use maud::{Markup, html};

use super::party::{called, concerned, judge};
use crate::app::access::person::Person;
use crate::domain::appointment::{Action, Appointment};
use crate::engine::Engine;
use crate::pages::finding::slot::day_and_time;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::visitor::Visit;

/// The question; none where only one answer is possible.
#[must_use]
pub fn asked(engine: &Engine, visit: &Visit, person: &Person, named: &Appointment, action: Action) -> Option<Response> {
    if named.made_by != person.key {
        return None;
    }
    let mut members = concerned(engine, person.key, named, true, visit.now);
    members.retain(|member| judge(member, person.key, false, action, visit.now).is_ok());
    if members.len() < 2 {
        return None;
    }
    let (text, way) = (visit.text, if action == Action::Cancel { "cancel" } else { "move" });
    let title = text.get(if action == Action::Cancel { "whose-cancel" } else { "whose-move" });
    let answer = |member: &Appointment, whole_party: bool, label: String, hint: Markup| {
        html! {
            li {
                a href={ "/appointments/" (member.id) "/" (way) "?party=" (whole_party) } { strong { (label) } (hint) }
            }
        }
    };
    let all = text.with("whose-all", &[("count", members.len().into())]);
    let names: Vec<String> = members.iter().map(|member| called(text, person, member)).collect();
    Some(Frame::citizens(visit, title).back(format!("/appointments/{}", named.id)).page(&html! {
        ul class="tiles" {
            (answer(named, true, all, html! { span { (names.join(&text.get("news-and"))) } }))
            @for (member, name) in members.iter().zip(&names) {
                (answer(member, false, name.clone(), html! { span { (day_and_time(text, &member.slot)) } }))
            }
        }
    }))
}
