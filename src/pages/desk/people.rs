//! Those who come on a day: band by band, members of a party together, each masked and with what can be done now.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use maud::{Markup, html};

use super::actions::word;
use super::hall_day::Place;
use super::names::{code_in_halves, service_name};
use super::no_show;
use crate::domain::appointment::{Action, Appointment, PartyId, Status};
use crate::domain::name::LaneId;
use crate::domain::policy;
use crate::domain::reading;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::WallTime;
use crate::engine::{Caller, DeskQueue, Engine, SlotCount, shown_number};
use crate::pages::kit::redirect::percent;
use crate::pages::kit::visitor::Visit;
use crate::pages::text::{Arg, Text};

/// Within how many seconds the changes of a party are one change.
const TOGETHER_S: i64 = 1;
/// The longest text that is looked for, in characters.
const MAX_WANTED_CHARS: usize = 64;

/// One band of one lane with those who come then.
pub struct BandOfPeople {
    /// The lane.
    pub lane: LaneId,
    /// The band. Of one that is no longer offered the capacity is 0.
    pub slot: SlotCount,
    /// Those who come, members of a party together.
    pub people: Vec<Appointment>,
}

/// How many there are of each kind.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Booked, and not here yet.
    pub expected: usize,
    /// Here.
    pub here: usize,
    /// Served.
    pub served: usize,
    /// Did not come.
    pub no_show: usize,
    /// Cancelled.
    pub cancelled: usize,
}

/// Everybody of a day.
pub struct People {
    /// The bands, by start.
    pub bands: Vec<BandOfPeople>,
    /// How many.
    pub counts: Counts,
    /// How many of each party come on this day.
    parties: BTreeMap<PartyId, usize>,
}

impl People {
    /// Those of a day, as it stands at an instant. Whoever has cancelled is only counted.
    #[must_use]
    pub fn of_day(engine: &Engine, place: &Place<'_>, now: DateTime<Utc>) -> Self {
        let mut appointments = engine.of_hall_day(place.hall.id, place.date);
        let counts = Counts::of(&appointments, now);
        appointments.retain(|one| !matches!(one.status_at(now), Status::Cancelled | Status::Expired));
        let mut parties: BTreeMap<PartyId, usize> = BTreeMap::new();
        for one in &appointments {
            *parties.entry(one.party).or_default() += 1;
        }
        Self { bands: bands(&engine.slots_of_hall_day(place.hall, place.date), appointments), counts, parties }
    }

    /// The same, but only those whom a text may mean: the beginning of a code, the end of a number, the first character
    /// of a name.
    #[must_use]
    pub fn found(mut self, wanted: &str) -> Self {
        for band in &mut self.bands {
            band.people.retain(|one| is_meant(one, wanted));
        }
        self.bands.retain(|band| !band.people.is_empty());
        self
    }

    /// How many of an appointment's party are still expected on this day.
    #[must_use]
    pub fn expected_of_party(&self, of: &Appointment, now: DateTime<Utc>) -> usize {
        let people = self.bands.iter().flat_map(|band| &band.people);
        people.filter(|one| one.party == of.party && one.status_at(now) == Status::Booked).count()
    }

    /// How many of an appointment's party come on this day.
    #[must_use]
    pub fn party_size(&self, of: &Appointment) -> usize {
        self.parties.get(&of.party).copied().unwrap_or(1)
    }
}

impl Counts {
    fn of(appointments: &[Appointment], now: DateTime<Utc>) -> Self {
        let mut counts = Self::default();
        for one in appointments {
            match one.status_at(now) {
                Status::Booked => counts.expected += 1,
                Status::CheckedIn => counts.here += 1,
                Status::Served => counts.served += 1,
                Status::NoShow => counts.no_show += 1,
                Status::Cancelled => counts.cancelled += 1,
                Status::Held | Status::Expired => {}
            }
        }
        counts
    }
}

/// Whether a text may mean somebody. One that is longer than anything that can be looked for means nobody.
fn is_meant(one: &Appointment, wanted: &str) -> bool {
    let compact = reading::number(wanted).to_ascii_uppercase();
    (1..=MAX_WANTED_CHARS).contains(&compact.chars().count())
        && (one.code.to_string().starts_with(&compact)
            || one.mask.id_number().to_ascii_uppercase().ends_with(&compact)
            || one.mask.name().chars().next() == reading::text(wanted).chars().next().filter(|first| !first.is_ascii()))
}

/// Those of an appointment's party who were changed together with it, whichever day and whom a page shows.
#[must_use]
pub fn done_together(engine: &Engine, with: &Appointment, now: DateTime<Utc>) -> Vec<Appointment> {
    let mut all = engine.of_hall_day(with.slot.hall, with.slot.date);
    all.retain(|one| {
        one.party == with.party
            && one.status_at(now) == with.status_at(now)
            && (one.updated_at - with.updated_at).abs() <= TimeDelta::seconds(TOGETHER_S)
    });
    all.sort_by_key(|one| one.position);
    if all.is_empty() { vec![*with] } else { all }
}

fn bands(slots: &[(LaneId, SlotCount)], appointments: Vec<Appointment>) -> Vec<BandOfPeople> {
    type Key = (WallTime, WallTime, LaneId);
    let mut found: BTreeMap<Key, BandOfPeople> = BTreeMap::new();
    for (lane, slot) in slots {
        let band = BandOfPeople { lane: *lane, slot: *slot, people: Vec::new() };
        found.insert((slot.start, slot.end, *lane), band);
    }
    for one in appointments {
        let (start, end, lane) = (one.slot.start, one.slot.end, one.slot.lane);
        let gone = || BandOfPeople { lane, slot: SlotCount { start, end, capacity: 0, taken: 0 }, people: Vec::new() };
        let band = found.entry((start, end, lane)).or_insert_with(gone);
        if band.slot.capacity == 0 {
            band.slot.taken += 1;
        }
        band.people.push(one);
    }
    let mut bands: Vec<_> = found.into_values().collect();
    for band in &mut bands {
        band.people.sort_by_key(|one| (one.party, one.position));
    }
    bands
}

/// What people call a lane.
#[must_use]
pub fn lane_name(text: Text, lane: LaneId) -> String {
    text.try_get(&format!("desk-lane-{lane}")).unwrap_or_else(|| lane.to_string())
}

/// What people call a status.
#[must_use]
pub fn status_name(text: Text, status: Status) -> String {
    text.get(&format!("desk-status-{}", status.as_str().replace('_', "-")))
}

/// The button that takes the last step back, for whoever can: for a minute whoever took that step, with a clock where script
/// runs; a no-show as long as the rules say.
#[must_use]
pub fn undo(visit: &Visit, engine: &Engine, back: &str, one: &Appointment, whole_party: bool) -> Markup {
    let (text, now) = (visit.text, visit.now);
    let member = visit.staff.clone().map(Caller::Staff);
    let can_be = member.is_some_and(|member| engine.can_undo(&member, one, now));
    let is_counted = matches!(one.status_at(now), Status::CheckedIn | Status::Served);
    let until = one.updated_at + TimeDelta::seconds(policy::UNDO_SECONDS);
    let clock = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let label = text.get("desk-undo");
    html! {
        @if can_be {
            form class="undo" method="post" action={ "/staff/appointments/" (one.id) "/undo" } data-once
                data-countdown=[is_counted.then(|| clock(until))] data-now=[is_counted.then(|| clock(now))] {
                (visit.csrf())
                input type="hidden" name="back" value=(back);
                @if whole_party { input type="hidden" name="party" value="yes"; }
                button class="button second" aria-label={ (label) " " (one.mask.name()) } {
                    (label) @if is_counted { " " span class="clock only-script" aria-hidden="true" {} }
                }
            }
        }
    }
}

/// What the rows of a day need besides the people.
pub struct Rows<'a> {
    /// Who looks.
    pub visit: &'a Visit,
    /// Knows what can be taken back.
    pub engine: &'a Engine,
    /// The names of services.
    pub snapshot: &'a Snapshot,
    /// Everybody.
    pub people: &'a People,
    /// Where every form leads back to.
    pub back: String,
    /// Whether it is their day: on any other nothing is done with them at a desk.
    pub is_today: bool,
    /// Who waits; none on another day.
    pub queue: Option<&'a DeskQueue>,
}

impl Rows<'_> {
    /// Every band that somebody comes for, with its people.
    #[must_use]
    pub fn bands(&self) -> Markup {
        let bands = self.people.bands.iter().filter(|band| !band.people.is_empty());
        html! { @for band in bands { (self.band(band)) } }
    }

    /// The same with the band of now first. Earlier ones are folded, unless no other is left.
    #[must_use]
    pub fn bands_from(&self, now: WallTime) -> Markup {
        let bands = || self.people.bands.iter().filter(|band| !band.people.is_empty());
        let is_over = |band: &&BandOfPeople| band.slot.end <= now;
        let (over, is_last) = (bands().filter(is_over), bands().all(|band| is_over(&band)));
        html! {
            @if bands().any(|band| is_over(&band)) {
                details class="earlier" id="earlier" open[is_last] {
                    summary { (self.earlier(bands().filter(is_over))) }
                    @for band in over { (self.band(band)) }
                }
            }
            @for band in bands().filter(|band| !is_over(band)) { (self.band(band)) }
        }
    }

    /// What is folded, in a line: who of them is still expected must not be forgotten.
    fn earlier<'b>(&self, bands: impl Iterator<Item = &'b BandOfPeople>) -> String {
        let (mut count, mut expected) = (0_usize, 0_usize);
        for band in bands {
            count += 1;
            expected += band.people.iter().filter(|one| one.status_at(self.visit.now) == Status::Booked).count();
        }
        self.visit.text.with("desk-earlier", &[("bands", Arg::from(count)), ("expected", Arg::from(expected))])
    }

    fn band(&self, band: &BandOfPeople) -> Markup {
        let (text, slot) = (self.visit.text, &band.slot);
        html! {
            section class="bandlist" {
                h3 {
                    (text.span(slot.start, slot.end)) " "
                    span class="badge plain" { (lane_name(text, band.lane)) } " "
                    span class="badge" {
                        (text.with("desk-band-count", &[("taken", Arg::from(slot.taken)), ("capacity", Arg::from(slot.capacity))]))
                    }
                }
                ul class="people" {
                    @for (at, one) in band.people.iter().enumerate() {
                        @if band.people[..at].iter().all(|before| before.party != one.party) { (self.party(one)) }
                        (self.person(one))
                    }
                }
            }
        }
    }

    /// Above the first of a party of whom several are expected: one press for all of them.
    fn party(&self, one: &Appointment) -> Markup {
        let (text, expected) = (self.visit.text, self.people.expected_of_party(one, self.visit.now));
        html! {
            @if self.is_today && expected > 1 {
                li class="person party" {
                    span class="who" { (text.with("desk-party-expected", &[("count", Arg::from(expected))])) }
                    span class="acts" { (self.check_in_party(one, "desk-check-in-party", expected)) }
                }
            }
        }
    }

    /// The button for those of a party who are still expected when one of them has been checked in.
    #[must_use]
    pub fn check_in_others(&self, one: &Appointment) -> Markup {
        let expected = self.people.expected_of_party(one, self.visit.now);
        let is_here = one.status_at(self.visit.now) == Status::CheckedIn;
        html! {
            @if self.is_today && is_here && expected > 0 { (self.check_in_party(one, "desk-check-in-others", expected)) }
        }
    }

    fn check_in_party(&self, one: &Appointment, key: &str, count: usize) -> Markup {
        html! {
            form method="post" action={ "/staff/appointments/" (one.id) "/check-in" } data-once {
                (self.visit.csrf())
                input type="hidden" name="back" value=(self.back);
                button class="button" name="party" value="yes" { (self.visit.text.with(key, &[("count", Arg::from(count))])) }
            }
        }
    }

    /// The button that takes the last step back.
    #[must_use]
    pub fn undo(&self, one: &Appointment, whole_party: bool) -> Markup {
        undo(self.visit, self.engine, &self.back, one, whole_party)
    }

    fn person(&self, one: &Appointment) -> Markup {
        let (text, status) = (self.visit.text, one.status_at(self.visit.now));
        let size = self.people.party_size(one);
        html! {
            li class={ "person status-" (status.as_str()) } id={ "a-" (one.id) } {
                span class="who" { (one.mask.name()) " " small { (one.mask.id_number()) } }
                span class="what" {
                    (service_name(text, self.snapshot, one.service.as_str())) " "
                    span class={ "badge status-" (status.as_str()) } { (status_name(text, status)) }
                    @if size > 1 {
                        " " span class="badge plain" {
                            (text.with("desk-party", &[("number", Arg::from(one.position + 1)), ("count", Arg::from(size))]))
                        }
                    }
                    " " span class="n" translate="no" {
                        @match self.queue.and_then(|queue| queue.number_of(one.code)) {
                            Some(number) if status == Status::CheckedIn => strong { (shown_number(number)) },
                            _ => (code_in_halves(one)),
                        }
                    }
                }
                span class="acts" { (self.acts(one, status)) }
            }
        }
    }

    /// The buttons of what its state and the hour allow. A no-show is asked about first, on a page of its own. A step can be
    /// taken back here too: what is said on top is gone with the next scan.
    fn acts(&self, one: &Appointment, status: Status) -> Markup {
        let acts = [(Action::CheckIn, "desk-check-in"), (Action::Serve, "desk-serve")];
        let can = |action: Action| self.is_today && status.after(action).is_some();
        html! {
            (self.undo(one, false))
            @for (action, key) in acts.into_iter().filter(|(action, _)| can(*action)) {
                @if let Some(word) = word(action) { (self.act(one, word, "button", key)) }
            }
            @if can(Action::MarkNoShow) && no_show::can_be(one, self.snapshot, self.visit.now) { (self.ask_no_show(one)) }
        }
    }

    fn ask_no_show(&self, one: &Appointment) -> Markup {
        let label = self.visit.text.get("desk-no-show");
        html! {
            a class="button second" href={ (no_show::path(one)) "?back=" (percent(&self.back)) }
                aria-label={ (label) " " (one.mask.name()) " " (code_in_halves(one)) } { (label) }
        }
    }

    fn act(&self, one: &Appointment, word: &str, class: &str, key: &str) -> Markup {
        let label = self.visit.text.get(key);
        html! {
            form method="post" action={ "/staff/appointments/" (one.id) "/" (word) } data-once {
                (self.visit.csrf())
                input type="hidden" name="back" value=(self.back);
                button class=(class) aria-label={ (label) " " (one.mask.name()) " " (code_in_halves(one)) } { (label) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::samples;

    #[test]
    fn people_are_found_by_what_they_can_say() {
        let one = samples::held();
        for wanted in ["1234", "张伟", "张", "0000 0007", "0000", "00000007", "\u{200e}１２３４\u{feff}"] {
            assert!(is_meant(&one, wanted), "{wanted}");
        }
        for wanted in ["", " ", "王", "4321", "Z", "\u{3164}", &"张".repeat(65)] {
            assert!(!is_meant(&one, wanted), "{wanted}");
        }
    }

    #[test]
    fn a_band_that_is_gone_is_shown_with_its_people() {
        let one = samples::held();
        let slot = SlotCount { start: WallTime::hm(9, 0), end: WallTime::hm(9, 30), capacity: 4, taken: 0 };
        let bands = bands(&[(one.slot.lane, slot)], vec![one]);
        let shown: Vec<_> = bands.iter().map(|band| (band.slot.start, band.slot.taken, band.people.len())).collect();
        assert_eq!(shown, [(WallTime::hm(8, 30), 1, 1), (WallTime::hm(9, 0), 0, 0)]);
    }

    #[test]
    fn members_of_a_party_stand_together() {
        let one = samples::held();
        let other = Appointment { party: PartyId(one.id.0), ..one };
        let second = Appointment { position: 1, ..one };
        let bands = bands(&[], vec![second, other, one]);
        let order: Vec<_> = bands[0].people.iter().map(|one| (one.party, one.position)).collect();
        assert!(order.is_sorted(), "{order:?}");
    }

    #[test]
    fn each_is_counted_as_it_stands() {
        let held = samples::held();
        let with = |status| Appointment { status, expires_at: None, ..held };
        let all: Vec<_> = Status::ALL.into_iter().map(with).collect();
        let counts = Counts::of(&all, held.created_at);
        assert_eq!(counts, Counts { expected: 1, here: 1, served: 1, no_show: 1, cancelled: 1 });
    }
}
