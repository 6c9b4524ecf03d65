//! What somebody should know of a hall before choosing a time there: where it is, whom to call, when it is open, how long a
//! visit and the document take.

use maud::{Markup, html};

use super::documents_to_bring;
use super::documents_to_bring::Audience;
use crate::domain::hall::{Hall, Period};
use crate::domain::service::Service;
use crate::pages::kit::frame::HELP_LINE;
use crate::pages::text::Text;

/// The address in a line, where there is one.
#[must_use]
pub fn address(text: Text, hall: &Hall) -> Markup {
    html! { @if let Some(address) = &hall.address { p class="muted" lang=[text.foreign(address)] { (address) } } }
}

/// The facts as a section.
#[must_use]
pub fn section(text: Text, hall: &Hall, service: &Service) -> Markup {
    html! {
        section class="card" {
            h2 { (text.get("choose-hall")) }
            dl class="facts" {
                @if let Some(address) = &hall.address {
                    div { dt { (text.get("choose-address")) } dd lang=[text.foreign(address)] { (address) } }
                }
                @if let Some(phone) = &hall.phone {
                    div { dt { (text.get("choose-phone")) } dd { a href={ "tel:" (phone) } { (phone) } } }
                }
                @for (days, hours) in week(text, hall) { div { dt { (days) } dd { (hours) } } }
                @if let Some(visit) = visit(service) { div { dt { (text.get("choose-visit")) } dd { (text.get(visit)) } } }
                @for (label, fact) in documents_to_bring::facts(text, service, &Audience::anybody(Some(hall))) { div { dt { (label) } dd { (fact) } } }
            }
            @if !hall.address_verified {
                p class="hint" { (unverified(text, hall)) }
            }
        }
    }
}

/// That the address may not be right, and whom to ask: the hall, or the help line where it has no telephone.
#[must_use]
pub fn unverified(text: Text, hall: &Hall) -> String {
    match &hall.phone {
        Some(_) => text.get("choose-address-unverified"),
        None => text.with("choose-address-unverified-line", &[("number", HELP_LINE.into())]),
    }
}

/// How long a visit takes, where a source says so (`config/services.toml`).
fn visit(service: &Service) -> Option<&'static str> {
    if !matches!(service.document.as_str(), "passport" | "hkmo-permit" | "taiwan-permit") {
        return None;
    }
    Some(match service.action.as_str() {
        "kiosk-endorsement" => "choose-visit-kiosk",
        _ => "choose-visit-counter",
    })
}

/// The hours of a week, days that follow each other with the same hours together.
fn week(text: Text, hall: &Hall) -> Vec<(String, Markup)> {
    let days: Vec<(u8, &[Period])> = (1..=7).map(|number| (number, hall.hours.of(weekday(number)))).collect();
    let name = |number: u8| text.get(&format!("weekday-long-{number}"));
    days.chunk_by(|a, b| a.1 == b.1)
        .filter_map(|days| {
            let (&(first, periods), &(last, _)) = (days.first()?, days.last()?);
            let span = [("from", name(first).into()), ("to", name(last).into())];
            let days = if first == last { name(first) } else { text.with("choose-weekdays", &span) };
            Some((days, hours(text, periods)))
        })
        .collect()
}

/// The hours of a day, none of them torn over two lines.
fn hours(text: Text, periods: &[Period]) -> Markup {
    html! {
        @if periods.is_empty() { (text.get("choose-closed-day")) }
        @for (at, period) in periods.iter().enumerate() {
            @if at > 0 { " · " }
            span class="time" { (text.span(period.start, period.end)) }
        }
    }
}

fn weekday(number: u8) -> chrono::Weekday {
    chrono::Weekday::try_from(number - 1).unwrap_or(chrono::Weekday::Mon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_to_ask_for_an_address_is_one_who_can_be_called() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let snapshot = crate::config::load(&dir).unwrap_or_else(|errors| panic!("{errors}")).snapshot;
        let text = Text(crate::pages::text::Language::English);
        let (mut with, mut without) = (0, 0);
        for hall in snapshot.halls() {
            let words = unverified(text, hall);
            assert_eq!(words.contains(HELP_LINE), hall.phone.is_none(), "{}: {words}", hall.id);
            if hall.phone.is_some() { with += 1 } else { without += 1 }
        }
        assert!(with > 0 && without > 0, "{with} {without}");
    }

    #[test]
    fn weekdays_are_counted_from_monday() {
        assert_eq!((weekday(1), weekday(7)), (chrono::Weekday::Mon, chrono::Weekday::Sun));
    }
}
