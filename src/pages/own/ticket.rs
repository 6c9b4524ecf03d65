//! The ticket: when and where on top, then the code that is shown at the hall, then who comes and how to get there.

use maud::{Markup, html};

use super::list::badge;
use super::party::{called, judge};
use crate::app::access::person::Person;
use crate::domain::appointment::{Action, Appointment, Status};
use crate::domain::hall::Hall;
use crate::domain::shown_code::ShownCode;
use crate::domain::snapshot::Snapshot;
use crate::pages::finding::hall_facts;
use crate::pages::finding::slot::{day_and_time, hall_name, service_name, time};
use crate::pages::kit::help;
use crate::pages::kit::qr;
use crate::pages::kit::redirect::percent;
use crate::pages::kit::visitor::Visit;

/// The ticket of those of a party who come together.
pub struct Ticket<'a> {
    /// Who looks at it.
    pub visit: &'a Visit,
    /// The person who does.
    pub person: &'a Person,
    /// The configuration in force.
    pub snapshot: &'a Snapshot,
    /// The one that the page is about.
    pub shown: Appointment,
    /// Everybody on it, in the order of the party.
    pub members: Vec<Appointment>,
    /// Whether there is somebody who would read the code.
    pub shows_code: bool,
    /// Whether what can be done with it stands on it.
    pub has_actions: bool,
}

/// A code in groups, as it is read aloud.
#[must_use]
pub fn in_groups(code: ShownCode) -> String {
    let digits = code.code().to_string();
    let (first, second) = digits.split_at(digits.len() / 2);
    if code.is_party() { format!("P {first} {second}") } else { format!("{first} {second}") }
}

/// The code of a ticket: one for all who are on it.
#[must_use]
pub fn code_of(members: &[Appointment], shown: &Appointment) -> ShownCode {
    match members {
        [first, _, ..] => ShownCode::Party(first.code),
        _ => ShownCode::One(shown.code),
    }
}

/// The page of a map that shows a hall: in the map's app where a phone has it, else in the browser.
///
/// The parameters are those of <https://lbs.amap.com/api/uri-api/guide/mobile-web/point>; the map converts WGS-84 itself.
fn map_of(hall: &Hall, name: &str) -> String {
    let (lon, lat) = (hall.location.lon, hall.location.lat);
    // A map reads a plus sign as itself.
    let name = percent(name).replace('+', "%20");
    format!("https://uri.amap.com/marker?position={lon},{lat}&name={name}&src=hallpass&coordinate=wgs84&callnative=1")
}

impl Ticket<'_> {
    /// The ticket.
    #[must_use]
    pub fn markup(&self) -> Markup {
        let (text, slot) = (self.visit.text, &self.shown.slot);
        html! {
            article class="ticket" {
                header class="pass" {
                    h2 { span { (text.day(slot.date)) } " " span class="hours" { (time(text, slot)) } }
                    p class="venue" { (hall_name(text, self.snapshot, slot)) }
                    p class="meta" {
                        (service_name(text, self.snapshot, self.shown.service))
                        @if let [only] = &self.members[..] { " " (badge(text, only.status_at(self.visit.now))) }
                    }
                }
                @if self.shows_code { (self.stub()) }
                div class="rest" {
                    dl class="summary" {
                        (self.who())
                        // A reload may have taken the hall out; the appointment stays.
                        @if let Ok(hall) = self.snapshot.hall(slot.hall.as_str()) { (self.reaching(hall)) }
                    }
                    @if self.has_actions { (self.actions()) }
                }
            }
        }
    }

    /// Those whom the code checks in.
    fn awaited(&self) -> usize {
        self.members.iter().filter(|member| member.status_at(self.visit.now) == Status::Booked).count()
    }

    /// What is shown at the hall.
    fn stub(&self) -> Markup {
        let (text, code) = (self.visit.text, code_of(&self.members, &self.shown));
        let hint = match (code.is_party(), self.awaited()) {
            (true, awaited) if awaited > 1 => text.with("one-code-party", &[("count", awaited.into())]),
            _ => text.get("one-code-hint"),
        };
        html! {
            div class="stub" {
                p class="hint" { (text.get("one-code")) }
                p class="code" translate="no" { (in_groups(code)) }
                figure class="qr" {
                    (qr::of(&code.to_string(), &text.get("one-qr")))
                    figcaption { (hint) }
                }
            }
        }
    }

    fn who(&self) -> Markup {
        let text = self.visit.text;
        let [only] = &self.members[..] else {
            return html! { @for member in &self.members { (self.member(member)) } };
        };
        html! {
            div {
                dt { (text.get("one-who")) }
                dd { (called(text, self.person, only)) " " span class="muted n" { (only.mask.id_number()) } }
            }
        }
    }

    /// One of several, with the code by which this one is checked in alone.
    fn member(&self, member: &Appointment) -> Markup {
        let text = self.visit.text;
        html! {
            div {
                dt { (called(text, self.person, member)) }
                dd {
                    (badge(text, member.status_at(self.visit.now)))
                    @if self.shows_code {
                        " " span class="muted" { (text.get("one-code-alone")) " " span class="n" translate="no" { (in_groups(ShownCode::One(member.code))) } }
                    }
                }
            }
        }
    }

    /// A member of the party who is not on the ticket.
    #[must_use]
    pub fn other(&self, member: &Appointment) -> Markup {
        let (text, status) = (self.visit.text, member.status_at(self.visit.now));
        html! {
            div {
                dt { (called(text, self.person, member)) }
                dd { (badge(text, status)) @if status.is_active() { " " (day_and_time(text, &member.slot)) } }
                dd class="action" {
                    a href={ "/appointments/" (member.id) } {
                        (text.get("own-show")) span class="visually-hidden" { " " (called(text, self.person, member)) }
                    }
                }
            }
        }
    }

    /// How to get to the hall, and whom to call.
    fn reaching(&self, hall: &Hall) -> Markup {
        let text = self.visit.text;
        let name = text.pick(&hall.name);
        let address = hall.address.as_ref();
        html! {
            div {
                dt { (text.get("one-address")) }
                dd {
                    @match address {
                        Some(address) => span class="address" lang=[text.foreign(address)] { (address) },
                        None => (name),
                    }
                    @if address.is_none() || !hall.address_verified {
                        span class="hint" { (hall_facts::unverified(text, hall)) }
                    }
                }
                dd class="action" {
                    a href=(map_of(hall, name)) rel="noreferrer" { (text.get("one-map")) }
                    @if let Some(address) = address {
                        button class="button quiet" type="button" data-copy=(address) data-copied=(text.get("one-copied")) hidden {
                            (text.get("one-copy"))
                        }
                    }
                }
            }
            @if let Some(phone) = &hall.phone {
                div { dt { (text.get("one-phone")) } dd { (help::call(phone)) } }
            }
        }
    }

    fn may(&self, action: Action) -> bool {
        let may = |member: &Appointment| judge(member, self.person.key, false, action, self.visit.now).is_ok();
        self.members.iter().any(may)
    }

    fn actions(&self) -> Markup {
        let (text, id) = (self.visit.text, self.shown.id);
        let is_booked = self.shown.status_at(self.visit.now) == Status::Booked;
        html! {
            div class="buttons" {
                @if is_booked {
                    a class="button second" href={ "/appointments/" (id) "/calendar.ics" } { (text.get("one-calendar")) }
                    button class="button second only-script" type="button" data-print { (text.get("one-print")) }
                }
                @if is_booked && self.may(Action::Reschedule) {
                    a class="button second" href={ "/appointments/" (id) "/move" } { (text.get("one-move")) }
                }
                @if is_booked && self.may(Action::Cancel) {
                    a class="button quiet" href={ "/appointments/" (id) "/cancel" } { (text.get("one-cancel")) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config;

    #[test]
    fn a_code_is_read_in_groups() {
        let code = "K7QX2M9F".parse().unwrap();
        assert_eq!(in_groups(ShownCode::One(code)), "K7QX 2M9F");
        assert_eq!(in_groups(ShownCode::Party(code)), "P K7QX 2M9F");
        for shown in [ShownCode::One(code), ShownCode::Party(code)] {
            assert_eq!(in_groups(shown).parse(), Ok(shown), "what is read aloud is what is scanned");
        }
    }

    #[test]
    fn every_hall_is_found_on_a_map_by_longitude_and_latitude() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let snapshot = config::load(&dir).unwrap_or_else(|errors| panic!("{errors}")).snapshot;
        let hall = snapshot.hall("hangzhou-shi-crj").unwrap();
        let map = map_of(hall, "a b&c");
        let (lon, lat) = (hall.location.lon, hall.location.lat);
        assert!(lon > 119.0 && lon < 121.0 && lat > 29.0 && lat < 31.0, "{lon} {lat}");
        let expected = format!("position={lon},{lat}&name=a%20b%26c&src=hallpass&coordinate=wgs84&callnative=1");
        assert_eq!(map, format!("https://uri.amap.com/marker?{expected}"));
        for hall in snapshot.halls() {
            let position = map_of(hall, "x");
            let position = position.split(['=', '&']).nth(1).unwrap().to_owned();
            let decimals = position.split(',').map(|part| part.split_once('.').map_or(0, |(_, after)| after.len()));
            assert!(decimals.clone().all(|count| count <= 6), "{position}");
        }
    }
}
