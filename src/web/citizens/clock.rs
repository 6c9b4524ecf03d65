//! How long places are still held: a clock that runs with a script and tells the time without one.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};

use super::booking_form::FORM;
use crate::domain::appointment::Appointment;
use crate::web::text::Text;

/// Until when a hold keeps its place, as the hall's clock shows it; empty for what is no hold.
#[must_use]
pub fn until(held: &Appointment) -> String {
    let end = held.expires_at.map(|end| end.with_timezone(held.starts_at.offset()));
    end.map(|end| end.format("%H:%M").to_string()).unwrap_or_default()
}

/// The clock, with what to do when it has run out, for whoever sees the page then, and a button that puts some minutes on
/// once: a script shows it when there are two minutes left.
#[must_use]
pub fn countdown(text: Text, held: &Appointment, extension_minutes: Option<u32>, now: DateTime<Utc>) -> Markup {
    let Some(end) = held.expires_at else { return html! {} };
    let left_s = (end - now).num_seconds().max(0);
    let rfc_3339 = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    html! {
        div class="countdown" data-countdown=(rfc_3339(end)) data-now=(rfc_3339(now)) data-soon=(text.get("details-soon")) {
            span class="clock" role="timer" { (format!("{:02}:{:02}", left_s / 60, left_s % 60)) }
            span { (text.with("details-kept-until", &[("time", until(held).into())])) }
            @if let Some(minutes) = extension_minutes {
                button class="button second extend" form=(FORM) name="do" value="extend" {
                    (text.with("details-extend", &[("minutes", minutes.into())]))
                }
            }
        }
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
    use crate::web::text::Language;

    #[test]
    fn the_clock_shows_what_is_left_and_offers_more_once() {
        let held = samples::held();
        let now = held.expires_at.unwrap() - chrono::TimeDelta::seconds(125);
        let shown = |minutes| countdown(Text(Language::English), &held, minutes, now).into_string();
        assert!(
            shown(Some(5)).contains(">02:05<") && shown(Some(5)).contains("value=\"extend\""),
            "{}",
            shown(Some(5))
        );
        assert!(!shown(None).contains("extend"));
        let booked = held.changed(crate::domain::appointment::Status::Booked, now);
        assert_eq!(
            (until(&booked), countdown(Text(Language::English), &booked, Some(5), now).into_string()),
            Default::default()
        );
    }
}
