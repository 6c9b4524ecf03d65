//! Confirm, reschedule and cancel: what the people who made an appointment, or for whom it was made, do with it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_bytes::ByteBuf;
use smallvec::SmallVec;

use super::answer::{Answer, Refusal};
use super::call::{Call, Caller, Form, Target};
use super::claims::places::Transition;
use super::deeds::Done;
use super::personal;
use super::remembered::Repeat;
use super::submission::{AppointmentsEntry, Claims, Effect, appointments_entry, repeat_key};
use super::{Engine, HandOver, Inner, Outcome, Stop, actor};
use crate::domain::applicant::Applicant;
use crate::domain::appointment::{Action, Appointment, AppointmentId, PersonKey, Slot, Status};
use crate::domain::name::HallId;
use crate::domain::policy;
use crate::domain::rejection::Rejection;
use crate::domain::snapshot::Snapshot;
use crate::ledger::entry::{Deed, Entry, Event};

/// One appointment, or the party that it belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whom {
    pub id: AppointmentId,
    pub whole_party: bool,
}

/// Appointments with the status that each has after an action.
pub(super) type Changeable = SmallVec<[(Appointment, Status); 1]>;

/// Appointments that nobody else can change now.
pub(super) struct Held {
    pub appointments: SmallVec<[Appointment; 1]>,
    pub transition: Transition,
}

impl Held {
    /// The one that the call names.
    pub(super) fn named(&self, whom: Whom) -> Result<&Appointment, Rejection> {
        self.appointments.iter().find(|one| one.id == whom.id).ok_or(Rejection::UnknownAppointment)
    }
}

/// A change that has been decided.
pub(super) struct Change {
    pub action: Action,
    pub whole_party: bool,
    pub after: Vec<Appointment>,
    pub sealed: Vec<ByteBuf>,
    pub capacity: Option<u32>,
    pub claims: Claims,
}

impl Engine {
    /// Turns a hold into a booking. `applicants`, where given, are the same persons in the same order.
    ///
    /// # Errors
    /// [`Rejection::UnknownAppointment`], [`Rejection::HoldExpired`], [`Rejection::WrongState`],
    /// [`Rejection::ApplicantsDiffer`], [`Rejection::NotTheMaker`] for somebody else's party; [`Refusal`] where nothing can
    /// be written.
    pub async fn confirm(
        &self,
        call: Call,
        id: AppointmentId,
        whole_party: bool,
        applicants: Option<Vec<Applicant>>,
        form: Form,
    ) -> Result<Answer, Refusal> {
        let whom = Whom { id, whole_party };
        self.attempt(call, |call, repeat| self.0.try_confirm(call, repeat, whom, applicants.as_deref(), &form)).await
    }

    /// Moves to another slot. The new place is taken before the old one is given up; where the new slot is the old one,
    /// and that is still there, nothing changes.
    ///
    /// # Errors
    /// As [`Engine::book`] for the new slot, and [`Rejection::UnknownAppointment`], [`Rejection::WrongState`],
    /// [`Rejection::Begun`], [`Rejection::NotTheMaker`], [`Rejection::AnotherHall`].
    pub async fn reschedule(
        &self,
        call: Call,
        id: AppointmentId,
        whole_party: bool,
        target: Target,
    ) -> Result<Answer, Refusal> {
        let whom = Whom { id, whole_party };
        self.attempt(call, |call, repeat| self.0.try_reschedule(call, repeat, whom, &target)).await
    }

    /// Gives the place up.
    ///
    /// # Errors
    /// [`Rejection::UnknownAppointment`], [`Rejection::WrongState`], [`Rejection::Begun`], [`Rejection::NotTheMaker`], [`Rejection::AnotherHall`];
    /// [`Refusal`] where nothing can be written.
    pub async fn cancel(&self, call: Call, id: AppointmentId, whole_party: bool) -> Result<Answer, Refusal> {
        let whom = Whom { id, whole_party };
        self.attempt(call, |call, repeat| self.0.try_cancel(call, repeat, whom)).await
    }
}

impl Inner {
    fn try_confirm(
        self: &Arc<Self>,
        call: &Call,
        repeat: &mut Option<Repeat>,
        whom: Whom,
        applicants: Option<&[Applicant]>,
        form: &Form,
    ) -> Result<Outcome, Stop> {
        let held = self.hold_fast(&call.caller, whom)?;
        let before = changeable(&held, whom, Action::Confirm, call.now)?;
        if let Some(applicants) = applicants {
            self.judge_applicants(applicants, &before)?;
        }
        let mut after = Vec::with_capacity(before.len());
        let mut sealed = Vec::new();
        for (at, (appointment, status)) in before.iter().enumerate() {
            let applicant = applicants.map(|applicants| &applicants[at]);
            let mut confirmed = appointment.changed(*status, call.now);
            confirmed.mask = applicant.map_or(confirmed.mask, Applicant::mask);
            sealed.push(personal::seal(&self.vault, appointment.id, applicant, form));
            after.push(confirmed);
        }
        let claims = Claims { transition: Some(held.transition), ..Claims::default() };
        let change =
            Change { action: Action::Confirm, whole_party: whom.whole_party, after, sealed, capacity: None, claims };
        let snapshot = Arc::clone(&self.snapshot.read());
        self.submit_change(call, repeat, snapshot, change)
    }

    fn try_reschedule(
        self: &Arc<Self>,
        call: &Call,
        repeat: &mut Option<Repeat>,
        whom: Whom,
        target: &Target,
    ) -> Result<Outcome, Stop> {
        let held = self.hold_fast(&call.caller, whom)?;
        let snapshot = self.snapshot.read();
        let hall = snapshot.hall(&target.hall)?;
        let before = changeable(&held, whom, Action::Reschedule, call.now)?;
        if self.are_there(&snapshot, &before, (hall.id, target), call.now) {
            let unchanged = before.iter().map(|(appointment, _)| *appointment).collect();
            return self.leave_unchanged(call, repeat, &snapshot, whom.whole_party, unchanged);
        }
        judge_not_begun(&before, Action::Reschedule, call.now)?;
        let service = before[0].0.service;
        let service = snapshot.service(service.as_str()).map_err(|_| Rejection::ServiceNotOffered)?;
        let judged = self.judge_slot(&snapshot, hall, service, (target.date, target.start), call.now)?;
        let moving = before.iter().filter(|(appointment, _)| appointment.slot != judged.slot).count();
        let places = judged.cell.try_take(u32::try_from(moving).unwrap_or(u32::MAX)).ok_or(Rejection::SlotFull)?;
        let capacity = Some(places.capacity());
        let moved =
            |(appointment, _): &(Appointment, Status)| appointment.moved(judged.slot, judged.starts_at, call.now);
        let after = before.iter().map(moved).collect();
        // Who stays in the place, as where only the zone of its hall is another, takes none.
        let places = (moving > 0).then_some(places);
        let claims = Claims { transition: Some(held.transition), places, ..Claims::default() };
        let sealed = Vec::new();
        let change =
            Change { action: Action::Reschedule, whole_party: whom.whole_party, after, sealed, capacity, claims };
        self.submit_change(call, repeat, Arc::clone(&snapshot), change)
    }

    /// Whether all of them are where they are to be. A place that a reload has taken away or changed is no place to stay in,
    /// though its band begins at the same time: who moves there moves, or is refused as any other would be.
    fn are_there(
        &self,
        snapshot: &Snapshot,
        before: &Changeable,
        (hall, target): (HallId, &Target),
        now: DateTime<Utc>,
    ) -> bool {
        let is_named = |slot: &Slot| (slot.hall, slot.date, slot.start) == (hall, target.date, target.start);
        if !before.iter().all(|(appointment, _)| is_named(&appointment.slot)) {
            return false;
        }
        let sheet = self.sheets.get(hall, target.date);
        let displaced = self.displaced_on(snapshot, hall, target.date, now);
        before.iter().all(|(appointment, _)| {
            sheet.as_ref().is_some_and(|sheet| sheet.offers(&appointment.slot))
                && displaced.iter().all(|other| other.appointment.id != appointment.id)
        })
    }

    fn try_cancel(self: &Arc<Self>, call: &Call, repeat: &mut Option<Repeat>, whom: Whom) -> Result<Outcome, Stop> {
        let held = self.hold_fast(&call.caller, whom)?;
        let before = changeable(&held, whom, Action::Cancel, call.now)?;
        judge_not_begun(&before, Action::Cancel, call.now)?;
        let change = Change::of(Action::Cancel, whom.whole_party, before, held.transition, call.now);
        let snapshot = Arc::clone(&self.snapshot.read());
        self.submit_change(call, repeat, snapshot, change)
    }

    /// Answers that nothing had to be changed. An answer that a repeat must get again is recorded: after a restart the
    /// repeat would else be judged anew, and move an appointment back that has been moved on.
    fn leave_unchanged(
        self: &Arc<Self>,
        call: &Call,
        repeat: &mut Option<Repeat>,
        snapshot: &Arc<Snapshot>,
        whole_party: bool,
        unchanged: Vec<Appointment>,
    ) -> Result<Outcome, Stop> {
        if repeat.is_none() {
            return Ok(Outcome::Unchanged(answer_of(whole_party, unchanged)));
        }
        let place = self.queue.reserve()?;
        let after = unchanged.clone();
        let event = Event::Unchanged { whole_party, after };
        let key = repeat.as_ref().map(repeat_key);
        let entry = Entry { at: call.now, by: actor(&call.caller), event, repeat: key }.encode();
        let answer = answer_of(whole_party, unchanged);
        let parts = HandOver::new(entry, Arc::clone(snapshot), Effect::Nothing, answer);
        Ok(self.hand_over(place, parts, repeat))
    }

    /// Takes the right to change an appointment, or its whole party, for a caller who may.
    pub(super) fn hold_fast(&self, caller: &Caller, whom: Whom) -> Result<Held, Stop> {
        let named = self.book.get(whom.id).ok_or(Rejection::UnknownAppointment)?;
        authorise(caller, &named, whom.whole_party)?;
        let ids =
            if whom.whole_party { self.book.party_of(&named) } else { SmallVec::from_buf_and_len([whom.id; 2], 1) };
        let transition = self.transitions.take(ids.iter().copied()).ok_or(Stop::UnderWay)?;
        // Read again: what was read before the right was taken may have changed meanwhile, and be in another hall.
        let appointments: SmallVec<[_; 1]> = ids.iter().filter_map(|id| self.book.get(*id)).collect();
        if let Some(named) = appointments.iter().find(|appointment| appointment.id == whom.id) {
            authorise(caller, named, whom.whole_party)?;
        }
        Ok(Held { appointments, transition })
    }

    fn judge_applicants(&self, applicants: &[Applicant], before: &[(Appointment, Status)]) -> Result<(), Rejection> {
        let given = applicants.iter().map(|applicant| self.vault.person_key(&applicant.id_number));
        let held = before.iter().map(|(appointment, _)| appointment.applicant);
        let same = given.collect::<Vec<PersonKey>>() == held.collect::<Vec<_>>();
        same.then_some(()).ok_or(Rejection::ApplicantsDiffer)
    }

    /// Writes a change that has been decided.
    pub(super) fn submit_change(
        self: &Arc<Self>,
        call: &Call,
        repeat: &mut Option<Repeat>,
        snapshot: Arc<Snapshot>,
        change: Change,
    ) -> Result<Outcome, Stop> {
        let place = self.queue.reserve()?;
        let Change { action, whole_party, after, sealed, capacity, claims } = change;
        let entry = appointments_entry(AppointmentsEntry {
            at: call.now,
            by: actor(&call.caller),
            deed: Deed::Change(action),
            after: &after,
            sealed,
            whole_party,
            capacity,
            repeat: repeat.as_ref(),
        });
        let answer = answer_of(whole_party, after);
        let done = Done { by: actor(&call.caller), at: call.now };
        let parts = HandOver::new(entry, snapshot, Effect::Changed, answer).claiming(claims).doing(action, done);
        Ok(self.hand_over(place, parts, repeat))
    }
}

impl Change {
    /// A change of status and nothing else.
    pub(super) fn of(
        action: Action,
        whole_party: bool,
        before: Changeable,
        transition: Transition,
        now: DateTime<Utc>,
    ) -> Self {
        let after = before.into_iter().map(|(appointment, status)| appointment.changed(status, now)).collect();
        let claims = Claims { transition: Some(transition), ..Claims::default() };
        Self { action, whole_party, after, sealed: Vec::new(), capacity: None, claims }
    }
}

/// Whether a caller may be offered a change: what the engine judges again when it is asked for.
///
/// # Errors
/// [`Rejection::UnknownAppointment`], [`Rejection::NotTheMaker`], [`Rejection::AnotherHall`], [`Rejection::WrongState`],
/// [`Rejection::HoldExpired`], [`Rejection::Begun`].
pub fn judge_change(
    caller: &Caller,
    appointment: &Appointment,
    whole_party: bool,
    action: Action,
    now: DateTime<Utc>,
) -> Result<(), Rejection> {
    authorise(caller, appointment, whole_party)?;
    let status = judge_status(appointment, action, now)?;
    match action {
        Action::Reschedule | Action::Cancel => judge_not_begun(&[(*appointment, status)], action, now),
        _ => Ok(()),
    }
}

fn authorise(caller: &Caller, named: &Appointment, whole_party: bool) -> Result<(), Rejection> {
    match caller {
        Caller::Person(person) if !named.belongs_to(*person) => Err(Rejection::UnknownAppointment),
        Caller::Person(person) if whole_party && named.made_by != *person => Err(Rejection::NotTheMaker),
        Caller::Staff(staff) if !staff.may_serve(named.slot.hall) => Err(Rejection::AnotherHall),
        Caller::Person(_) | Caller::Staff(_) => Ok(()),
    }
}

/// The appointments with the status that each has after the action. Of a party, members that have ended are left as they
/// are; where one of the others cannot be changed, none is.
pub(super) fn changeable(held: &Held, whom: Whom, action: Action, now: DateTime<Utc>) -> Result<Changeable, Rejection> {
    let ended = |appointment: &Appointment| matches!(appointment.status_at(now), Status::Cancelled | Status::Expired);
    let all_ended = held.appointments.iter().all(ended);
    held.appointments
        .iter()
        .filter(|appointment| !whom.whole_party || all_ended || !ended(appointment))
        .map(|appointment| Ok((*appointment, judge_status(appointment, action, now)?)))
        .collect()
}

pub(super) fn judge_status(appointment: &Appointment, action: Action, now: DateTime<Utc>) -> Result<Status, Rejection> {
    let status = appointment.status_at(now);
    status.after(action).ok_or(match (action, status) {
        (Action::Confirm | Action::Extend, Status::Expired) => Rejection::HoldExpired,
        _ => Rejection::WrongState { status, action },
    })
}

pub(super) fn judge_not_begun(
    before: &[(Appointment, Status)],
    action: Action,
    now: DateTime<Utc>,
) -> Result<(), Rejection> {
    match before.iter().find(|(appointment, _)| !policy::still_changeable(appointment.starts_at, now)) {
        Some((begun, _)) => Err(Rejection::Begun { began: begun.starts_at, action }),
        None => Ok(()),
    }
}

fn answer_of(whole_party: bool, mut appointments: Vec<Appointment>) -> Answer {
    if whole_party || appointments.len() != 1 {
        Answer::Party(appointments)
    } else {
        Answer::Appointment(Box::new(appointments.remove(0)))
    }
}
