//! A slot in words: what for, where and when. And the slot that an address names.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::choice::Choice;
use crate::app::input::fields::{Fields, date, parsed};
use crate::domain::appointment::{Appointment, Slot};
use crate::domain::name::ServiceId;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::WallTime;
use crate::engine::{Engine, SlotCount};
use crate::pages::kit::redirect::percent;
use crate::pages::text::Text;
use crate::serve::problem::Problem;

/// The parameters that name a slot.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SlotQuery {
    hall: Option<String>,
    service: Option<String>,
    date: Option<String>,
    start: Option<String>,
    party: Option<String>,
    /// How many people come, and, as the four that follow, the way back to the halls.
    people: Option<String>,
    area: Option<String>,
    lat: Option<String>,
    lon: Option<String>,
    datum: Option<String>,
}

/// A slot and the service for which it is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The service.
    pub service: ServiceId,
    /// The slot.
    pub slot: Slot,
    /// How many places it has left; none where it cannot be booked.
    pub remaining: Option<u32>,
    /// How it was chosen: for how many people, and from which halls.
    pub way: Choice,
}

impl SlotQuery {
    /// The slot; where the band is not there, one without length that the rules refuse with a reason.
    ///
    /// # Errors
    /// `unknown_hall`, `unknown_service`, `service_not_offered`, `invalid_field` with every bad parameter.
    pub fn wanted(&self, engine: &Engine, snapshot: &Snapshot, now: DateTime<Utc>) -> Result<Wanted, Problem> {
        self.wanted_for(self.service.as_deref(), engine, snapshot, now)
    }

    /// The same for a service that the address does not name.
    ///
    /// # Errors
    /// As [`SlotQuery::wanted`].
    pub fn wanted_for(
        &self,
        service: Option<&str>,
        engine: &Engine,
        snapshot: &Snapshot,
        now: DateTime<Utc>,
    ) -> Result<Wanted, Problem> {
        let mut fields = Fields::default();
        let hall = fields.required(format_args!("/hall"), self.hall.as_deref());
        let service = fields.required(format_args!("/service"), service);
        let date = fields.need(format_args!("/date"), self.date.as_deref(), date);
        let start = fields.need(format_args!("/start"), self.start.as_deref(), parsed::<WallTime>);
        let (hall, service, date, start) = fields.finish((|| Some((hall?, service?, date?, start?)))())?;
        let (hall, service) = (snapshot.hall(hall)?, snapshot.service(service)?);
        let day = engine.days(hall, service, date..=date, now)?.pop();
        let band = day.as_ref().and_then(|day| day.slots.iter().find(|band| band.start == start));
        let is_open = day.as_ref().is_some_and(|day| day.closed_by.is_none());
        Ok(Wanted {
            service: service.id,
            slot: Slot { hall: hall.id, date, lane: service.lane, start, end: band.map_or(start, |band| band.end) },
            remaining: band.filter(|_| is_open).map(SlotCount::remaining),
            way: self.way(service.id),
        })
    }

    /// How the slot was chosen.
    fn way(&self, service: ServiceId) -> Choice {
        let Self { people, area, lat, lon, datum, .. } = self;
        let [people, area, lat, lon, datum] = [people, area, lat, lon, datum].map(Clone::clone);
        Choice { service: Some(service.as_str().to_owned()), people, area, lat, lon, datum, ..Choice::default() }
    }

    /// Whether a whole party is meant.
    #[must_use]
    pub fn is_party(&self) -> bool {
        self.party.as_deref() == Some("true")
    }
}

impl Wanted {
    /// The parameters of an address that names it, with the way back.
    #[must_use]
    pub fn query(&self) -> String {
        let Slot { hall, date, start, .. } = self.slot;
        let (hall, service, start) =
            (percent(hall.as_str()), percent(self.service.as_str()), percent(&start.to_string()));
        format!("hall={hall}&service={service}&date={date}&start={start}{}", self.way.rest())
    }

    /// The page of the other times of the day, for as many people as these times were shown to.
    #[must_use]
    pub fn others(&self) -> String {
        self.others_for(self.way.people())
    }

    /// The same for another number of people.
    #[must_use]
    pub fn others_for(&self, people: u32) -> String {
        let (hall, date) = (percent(self.slot.hall.as_str()), self.slot.date);
        format!("/halls/{hall}/{date}?{}", self.way.for_people(people).query())
    }

    /// The slot of an appointment.
    #[must_use]
    pub fn of(appointment: &Appointment) -> Self {
        let service = appointment.service;
        let way = Choice { service: Some(service.as_str().to_owned()), ..Choice::default() };
        Self { service, slot: appointment.slot, remaining: None, way }
    }

    /// What for, where and when, as a list.
    #[must_use]
    pub fn summary(&self, text: Text, snapshot: &Snapshot) -> Markup {
        html! {
            dl class="summary" {
                div { dt { (text.get("slot-service")) } dd { (service_name(text, snapshot, self.service)) } }
                (self.place(text, snapshot))
            }
        }
    }

    /// Where and when, as rows of a list.
    #[must_use]
    pub fn place(&self, text: Text, snapshot: &Snapshot) -> Markup {
        html! {
            div { dt { (text.get("slot-hall")) } dd { (hall_name(text, snapshot, &self.slot)) } }
            div { dt { (text.get("slot-day")) } dd { (text.full_date(self.slot.date)) } }
            div { dt { (text.get("slot-time")) } dd { (time(text, &self.slot)) } }
        }
    }
}

/// From when to when; only the start where the band is not known.
#[must_use]
pub fn time(text: Text, slot: &Slot) -> String {
    if slot.end > slot.start { text.span(slot.start, slot.end) } else { slot.start.to_string() }
}

/// Day and time in one line.
#[must_use]
pub fn day_and_time(text: Text, slot: &Slot) -> String {
    text.with("slot-day-and-time", &[("day", text.day(slot.date).into()), ("time", time(text, slot).into())])
}

/// What a service is called; its id where a reload has taken it away.
#[must_use]
pub fn service_name(text: Text, snapshot: &Snapshot, service: ServiceId) -> String {
    snapshot.service(service.as_str()).map_or(service.as_str(), |service| text.pick(&service.name)).to_owned()
}

/// What the hall of a slot is called; its id where a reload has taken it away.
#[must_use]
pub fn hall_name(text: Text, snapshot: &Snapshot, slot: &Slot) -> String {
    snapshot.hall(slot.hall.as_str()).map_or(slot.hall.as_str(), |hall| text.pick(&hall.name)).to_owned()
}
