//! Takes the places for the people of a form: new ones, or those that the same person already holds for them.
//!
//! A second thought never meets one's own first one: if the same people hold another time for the same service, that hold
//! moves, in the engine's one atomic step. If the hold is for other people or another service, its owner decides which of the
//! two stays ([`Taken::Offered`]).

use crate::app::metrics::Change;
use crate::domain::appointment::{Appointment, AppointmentId, PersonKey, Status};
use crate::domain::rejection::Rejection;
use crate::engine::{Answer, Call, SlotCount, Target, Wish};
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::once;
use crate::serve::problem::Problem;

use super::booking_form::Scene;
use crate::pages::kit::notice::{MAX_LOOKED_AT, Told};

/// What came of it.
pub enum Taken {
    /// The places are held, under the id of the first member.
    Held(AppointmentId),
    /// Another hold of the same person is in the way.
    Offered,
}

impl Scene<'_> {
    /// The holds that this person has made for some of these people and the same document, each with its members in their
    /// order.
    fn in_the_way(&self, people: &[PersonKey]) -> Vec<Vec<Appointment>> {
        let document = self.snapshot.service(self.wanted.service.as_str()).map(|service| service.document);
        let (now, own) = (self.visit.now, self.person.key);
        let held = self.engine.of_person(own, None, MAX_LOOKED_AT).into_iter().filter(|appointment| {
            appointment.made_by == own
                && appointment.status_at(now) == Status::Held
                && document.as_ref().is_ok_and(|document| *document == appointment.document)
        });
        let mut parties: Vec<Vec<Appointment>> = Vec::new();
        for member in held {
            match parties.iter_mut().find(|party| party[0].party == member.party) {
                Some(party) => party.push(member),
                None => parties.push(vec![member]),
            }
        }
        for party in &mut parties {
            party.sort_by_key(|member| member.position);
        }
        parties.retain(|party| party.iter().any(|member| people.contains(&member.applicant)));
        parties
    }

    /// The hold of this person's own for the same document, if one is running.
    #[must_use]
    pub fn own_hold(&self, people: &[PersonKey]) -> Option<Appointment> {
        self.in_the_way(people).first().map(|party| party[0])
    }

    /// Takes the places. `replaces`: another hold that is in the way is given up.
    ///
    /// # Errors
    /// What the rules or the server refuse it with.
    pub async fn take(&self, filled: &Filled, wish: Wish, replaces: bool, told: &Told) -> Result<Taken, Problem> {
        let people: Vec<PersonKey> =
            wish.applicants.iter().map(|applicant| self.app.vault().person_key(&applicant.id_number)).collect();
        let in_the_way = self.in_the_way(&people);
        if let [party] = in_the_way.as_slice()
            && party.iter().map(|member| &member.applicant).eq(&people)
            && party[0].service == self.wanted.service
        {
            return self.take_along(filled, party, told).await;
        }
        // Who changes the people of a time means the same time; everything else is asked.
        let is_same_slot = in_the_way.iter().all(|party| party[0].slot == self.wanted.slot);
        if !in_the_way.is_empty() && !replaces && !is_same_slot {
            return Ok(Taken::Offered);
        }
        self.judge_room(&in_the_way, people.len())?;
        let held = once::answered(self.app, filled, self.person.caller(), async |call: Call| {
            for party in &in_the_way {
                self.give_up(&call, party, told).await?;
            }
            let answer = self.engine.book(call, wish).await.map_err(|refusal| told.noted(refusal))?;
            self.app.metrics().changed(Change::Held, answer.appointments().len());
            Ok(answer)
        });
        first_of(&held.await?)
    }

    /// Moves a hold of the same people here; nothing happens if it is here already.
    async fn take_along(&self, filled: &Filled, party: &[Appointment], told: &Told) -> Result<Taken, Problem> {
        let (first, slot) = (&party[0], &self.wanted.slot);
        if first.slot == *slot {
            return Ok(Taken::Held(first.id));
        }
        let target = Target { hall: slot.hall.as_str().to_owned(), date: slot.date, start: slot.start };
        let moved = once::answered(self.app, filled, self.person.caller(), async |call| {
            let moved = self.engine.reschedule(call, first.id, true, target).await;
            let answer = moved.map_err(|refusal| told.noted(refusal))?;
            self.app.metrics().changed(Change::Rescheduled, answer.appointments().len());
            Ok(answer)
        });
        first_of(&moved.await?)
    }

    async fn give_up(&self, call: &Call, party: &[Appointment], told: &Told) -> Result<(), Problem> {
        let call = Call { caller: call.caller.clone(), now: call.now, repeat: None };
        let answer = self.engine.cancel(call, party[0].id, true).await.map_err(|refusal| told.noted(refusal))?;
        self.app.metrics().changed(Change::Cancelled, answer.appointments().len());
        Ok(())
    }

    /// Judges whether the slot takes so many before anything is given up for it. Another one may still be quicker; then the
    /// form says so, and keeps what was typed.
    fn judge_room(&self, given_up: &[Vec<Appointment>], people: usize) -> Result<(), Rejection> {
        if given_up.is_empty() {
            return Ok(());
        }
        let freed = given_up.iter().flatten().filter(|member| member.slot == self.wanted.slot).count();
        let remaining = self.remaining()? as usize;
        if remaining + freed < people { Err(Rejection::SlotFull) } else { Ok(()) }
    }

    /// How many places the slot has left.
    ///
    /// # Errors
    /// The rule by which it cannot be booked at all.
    pub fn remaining(&self) -> Result<u32, Rejection> {
        let slot = &self.wanted.slot;
        let hall = self.snapshot.hall(slot.hall.as_str())?;
        let service = self.snapshot.service(self.wanted.service.as_str())?;
        let day = self.engine.days(hall, service, slot.date..=slot.date, self.visit.now)?.pop();
        let day = day.ok_or(Rejection::NoSuchBand)?;
        if let Some(rule) = day.closed_by {
            return Err(rule);
        }
        let band = day.slots.iter().find(|band| band.start == slot.start);
        band.map(SlotCount::remaining).ok_or(Rejection::NoSuchBand)
    }
}

fn first_of(answer: &Answer) -> Result<Taken, Problem> {
    let first = answer.appointments().first();
    first
        .map(|first| Taken::Held(first.id))
        .ok_or_else(|| Problem::internal("the engine answered a hold with no appointment"))
}
