//! How long places are still held: a clock that runs with a script and tells the time without one.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};

use super::booking_form::FORM;
use crate::domain::appointment::Appointment;
use crate::pages::text::Text;

/// Until when a hold keeps its place, as the hall's clock shows it; empty for what is no hold.
#[must_use]
pub fn until(held: &Appointment) -> String {
    let end = held.expires_at.map(|end| end.with_timezone(held.starts_at.offset()));
    end.map(|end| end.format("%H:%M").to_string()).unwrap_or_default()
}

/// What stands around a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    /// The words of this message, which say until when.
    Words(&'static str),
    /// The form of the hold: a warning when there are two minutes left, with a button that puts this many on if that is still
    /// possible, and a notice at the end, for whoever sees the page then, with a button that leads on.
    Form {
        /// How many minutes can be put on; none where that is not possible, or no longer.
        extension_minutes: Option<u32>,
    },
}

/// The clock of a hold; nothing for what is no hold.
#[must_use]
pub fn countdown(text: Text, held: &Appointment, around: Around, now: DateTime<Utc>) -> Markup {
    let Some(end) = held.expires_at else { return html! {} };
    let left_s = (end - now).num_seconds().max(0);
    let rfc_3339 = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let (words, soon, extension_minutes) = match around {
        Around::Words(words) => (words, None, None),
        Around::Form { extension_minutes: None } => ("details-kept-until", Some("details-soon"), None),
        Around::Form { extension_minutes } => ("details-kept-until", Some("details-soon-extend"), extension_minutes),
    };
    html! {
        div class="countdown" data-countdown=(rfc_3339(end)) data-now=(rfc_3339(now)) data-soon=[soon.map(|key| text.get(key))] {
            span class="clock" role="timer" { (format!("{:02}:{:02}", left_s / 60, left_s % 60)) }
            span { (text.with(words, &[("time", until(held).into())])) }
            @if let Some(minutes) = extension_minutes {
                button class="button second extend" form=(FORM) name="do" value="extend" {
                    (text.with("details-extend", &[("minutes", minutes.into())]))
                }
            }
        }
        @if matches!(around, Around::Form { .. }) { (end_of_form(text)) }
    }
}

/// What a form has for the moment when there is little time left, and for the one when there is none.
fn end_of_form(text: Text) -> Markup {
    html! {
        p class="visually-hidden" role="status" data-announce {}
        div class="notice warn" role="alert" data-when-over hidden {
            h2 { (text.get("details-over")) }
            p { (text.get("details-over-hint")) }
            div class="buttons" {
                button class="button second" form=(FORM) name="do" value="over" { (text.get("details-again")) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::samples;
    use crate::pages::text::Language;

    fn shown(held: &Appointment, around: Around) -> String {
        let now = samples::held().expires_at.unwrap() - chrono::TimeDelta::seconds(125);
        countdown(Text(Language::English), held, around, now).into_string()
    }

    #[test]
    fn the_clock_shows_what_is_left_and_offers_more_once() {
        let held = samples::held();
        let form = |extension_minutes| shown(&held, Around::Form { extension_minutes });
        assert!(form(Some(5)).contains(">02:05<") && form(Some(5)).contains("value=\"extend\""), "{}", form(Some(5)));
        assert!(form(Some(5)).contains("more time"), "{}", form(Some(5)));
        assert!(!form(None).contains("extend") && !form(None).contains("more time"), "{}", form(None));
        for form in [form(Some(5)), form(None)] {
            assert!(form.contains("two minutes left") && form.contains("value=\"over\""), "{form}");
        }
    }

    #[test]
    fn a_clock_with_words_alone_says_until_when_and_has_no_button() {
        let held = samples::held();
        for words in ["find-held-until", "moving-kept-held", "one-held-hint"] {
            let line = shown(&held, Around::Words(words));
            assert!(line.contains(">02:05<") && line.contains(&until(&held)), "{line}");
            assert!(!line.contains("<button") && !line.contains("data-soon"), "{line}");
        }
    }

    #[test]
    fn what_is_no_hold_has_no_clock() {
        let held = samples::held();
        let booked = held.changed(crate::domain::appointment::Status::Booked, held.created_at);
        assert_eq!(until(&booked), "");
        for around in [Around::Words("find-held-until"), Around::Form { extension_minutes: Some(5) }] {
            assert_eq!(shown(&booked, around), "");
        }
    }
}
