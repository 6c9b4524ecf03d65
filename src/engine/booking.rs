//! Hold and book: one party, one slot, all or nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};
use serde_bytes::ByteBuf;
use smallvec::SmallVec;
use uuid::Uuid;

use super::answer::{Answer, Refusal};
use super::book::MAX_APPOINTMENTS;
use super::call::{Call, Caller, Wish};
use super::claims::persons::Taken;
use super::claims::places::Cell;
use super::claims::sheet::Sheet;
use super::personal;
use super::remembered::Repeat;
use super::submission::{AppointmentsEntry, Claims, Effect, appointments_entry};
use super::{Engine, HandOver, Inner, Outcome, Stop, actor};
use crate::domain::appointment::{Appointment, AppointmentId, Code, PartyId, PersonKey, Slot, Status};
use crate::domain::hall::Hall;
use crate::domain::name::LaneId;
use crate::domain::policy;
use crate::domain::rejection::Rejection;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::{WallTime, instant_of};
use crate::ledger::CodePart;
use crate::ledger::entry::Deed;
use crate::vault;

/// How often a code is drawn anew when another appointment has it. With ten million appointments one draw in a hundred
/// thousand meets another.
const MAX_CODE_DRAWS: usize = 16;

/// A slot that the rules let be booked, with the cell that counts it.
#[derive(Debug)]
pub(super) struct Judged {
    pub slot: Slot,
    pub starts_at: DateTime<FixedOffset>,
    pub cell: Arc<Cell>,
}

/// A booking that has been judged, with everything that it took. Dropped, it gives all of it back.
#[derive(Debug)]
pub struct Decision {
    judged: Judged,
    claims: Claims,
    capacity: u32,
}

impl Engine {
    /// Judges a booking for persons that are known by their keys, in memory only: what [`Engine::book`] does before it
    /// writes. What was taken is given back when the decision is dropped.
    ///
    /// # Errors
    /// The first rule that says no, and [`Refusal::Overloaded`] where that depends on a booking that is under way.
    pub fn decide(
        &self,
        made_by: PersonKey,
        wish: &Wish,
        persons: &[PersonKey],
        now: DateTime<Utc>,
    ) -> Result<Decision, Refusal> {
        let snapshot = self.0.snapshot.read();
        self.0.decide(&snapshot, wish, (made_by, persons), now).map_err(|stop| match stop {
            Stop::Refused(refusal) => refusal,
            Stop::UnderWay => Refusal::Overloaded,
        })
    }

    /// Books, or holds, one place for each applicant in one slot, all or nothing. The answer is the party.
    ///
    /// # Errors
    /// The first rule that says no, in the order of the contract; [`Refusal::Overloaded`] or [`Refusal::ReadOnly`] where
    /// nothing can be written.
    pub async fn book(&self, call: Call, wish: Wish) -> Result<Answer, Refusal> {
        let persons: SmallVec<[PersonKey; 1]> =
            wish.applicants.iter().map(|applicant| self.0.vault.person_key(&applicant.id_number)).collect();
        self.attempt(call, |call, repeat| self.0.try_book(call, repeat, &wish, &persons)).await
    }
}

impl Inner {
    fn try_book(
        self: &Arc<Self>,
        call: &Call,
        repeat: &mut Option<Repeat>,
        wish: &Wish,
        persons: &[PersonKey],
    ) -> Result<Outcome, Stop> {
        let Caller::Person(made_by) = call.caller else {
            return Err(Rejection::PersonsOnly.into());
        };
        if self.book.len() >= MAX_APPOINTMENTS {
            return Err(Stop::Refused(Refusal::Overloaded));
        }
        let place = self.queue.reserve()?;
        let snapshot = self.snapshot.read();
        let Decision { judged, mut claims, capacity } = self.decide(&snapshot, wish, (made_by, persons), call.now)?;
        let ids: SmallVec<[AppointmentId; 1]> = persons.iter().map(|_| AppointmentId(fresh_id(call.now))).collect();
        let service = snapshot.service(&wish.service)?;
        let made = Made {
            now: call.now,
            booker: made_by,
            service,
            judged: &judged,
            hold_minutes: snapshot.policy.hold_minutes,
        };
        let after = self.make_appointments(&made, wish, persons, &ids, &mut claims);
        let sealed = self.seal_applicants(wish, &ids);
        let entry = appointments_entry(AppointmentsEntry {
            at: call.now,
            by: actor(&call.caller),
            deed: Deed::Make,
            after: &after,
            sealed,
            whole_party: true,
            capacity: Some(capacity),
            repeat: repeat.as_ref(),
        });
        let answer = Answer::Party(after);
        let snapshot = Arc::clone(&snapshot);
        let parts = HandOver::new(entry, snapshot, Effect::Made, answer).claiming(claims);
        Ok(self.hand_over(place, parts, repeat))
    }

    /// Judges a booking and takes everything that it needs.
    fn decide(
        &self,
        snapshot: &Snapshot,
        wish: &Wish,
        (made_by, persons): (PersonKey, &[PersonKey]),
        now: DateTime<Utc>,
    ) -> Result<Decision, Stop> {
        let (hall, service) = (snapshot.hall(&wish.hall)?, snapshot.service(&wish.service)?);
        judge_party(persons, snapshot.policy.max_party)?;
        let judged = self.judge_slot(snapshot, hall, service, (wish.date, wish.start), now)?;
        // The place comes last: whoever is refused another claim has not kept a stranger from a place meanwhile.
        let mut claims = self.claim_persons(snapshot, service, made_by, persons)?;
        let count = u32::try_from(persons.len()).map_err(|_| Rejection::SlotFull)?;
        let places = judged.cell.try_take(count).ok_or(Rejection::SlotFull)?;
        let capacity = places.capacity();
        claims.places = Some(places);
        Ok(Decision { judged, claims, capacity })
    }

    /// Rules 1 to 5 for a lane of a hall on a date, but for the band; with the sheet by which it was judged. Listings and
    /// bookings ask the same.
    ///
    /// What can be booked is asked for again and again, and is no more than the halls have days in the window, so its
    /// sheets are kept. Another date gets none: what clients ask for must not fill the memory.
    pub(super) fn judge_day(
        &self,
        snapshot: &Snapshot,
        hall: &Hall,
        lane: LaneId,
        date: NaiveDate,
        now: DateTime<Utc>,
    ) -> (Arc<Sheet>, Result<(), Rejection>) {
        let kept = self.sheets.get(hall.id, date);
        let is_kept = kept.is_some();
        let sheet = kept.unwrap_or_else(|| Arc::new(Sheet::build(snapshot, Some(hall), date, None)));
        let judged = policy::judge_day(&snapshot.policy, hall, &snapshot.calendar, bands_of(&sheet, lane), date, now);
        let sheet = if is_kept || judged.is_err() { sheet } else { self.sheets.get_or_build(snapshot, hall, date) };
        (sheet, judged)
    }

    /// Rules 1 to 5 for a service in a hall.
    pub(super) fn judge_slot(
        &self,
        snapshot: &Snapshot,
        hall: &Hall,
        service: &Service,
        (date, start): (NaiveDate, WallTime),
        now: DateTime<Utc>,
    ) -> Result<Judged, Rejection> {
        let lane = hall.lane_for(service).ok_or(Rejection::ServiceNotOffered)?.id;
        let (sheet, judged) = self.judge_day(snapshot, hall, lane, date, now);
        judged?;
        let bands = bands_of(&sheet, lane);
        let at = policy::judge_band(bands, start)?;
        let (start, end) = (bands[at].start, bands[at].end);
        let cell = sheet.lane(lane).and_then(|lane| lane.cells.get(at)).map(Arc::clone).ok_or(Rejection::NoSuchBand)?;
        let starts_at = instant_of(hall.zone, date, start).ok_or(Rejection::NoSuchBand)?;
        Ok(Judged { slot: Slot { hall: hall.id, date, lane, start, end }, starts_at, cell })
    }

    /// Rule 7: the one claim of each applicant, then the share of who books.
    fn claim_persons(
        &self,
        snapshot: &Snapshot,
        service: &Service,
        made_by: PersonKey,
        persons: &[PersonKey],
    ) -> Result<Claims, Stop> {
        let max = snapshot.policy.max_active;
        let claims = self.persons.claim(persons, service.document, made_by, max).map_err(|(applicant, taken)| {
            let refused =
                applicant.map_or(Rejection::TooManyActive { max }, |applicant| Rejection::AlreadyBooked { applicant });
            stop(taken, refused)
        })?;
        Ok(Claims { persons: Some(claims), ..Claims::default() })
    }

    fn make_appointments(
        &self,
        made: &Made<'_>,
        wish: &Wish,
        persons: &[PersonKey],
        ids: &[AppointmentId],
        claims: &mut Claims,
    ) -> Vec<Appointment> {
        let party = PartyId(fresh_id(made.now));
        let (status, expires_at) = if wish.hold {
            (Status::Held, Some(made.now + TimeDelta::minutes(i64::from(made.hold_minutes))))
        } else {
            (Status::Booked, None)
        };
        let members = wish.applicants.iter().zip(persons).zip(ids).zip(0_u8..);
        members
            .map(|(((applicant, person), id), position)| Appointment {
                id: *id,
                party,
                position,
                code: self.draw_code(claims),
                status,
                service: made.service.id,
                document: made.service.document,
                slot: made.judged.slot,
                starts_at: made.judged.starts_at,
                expires_at,
                extended: false,
                applicant: *person,
                made_by: made.booker,
                created_at: made.now,
                updated_at: made.now,
                revision: 0,
                mask: applicant.mask(),
            })
            .collect()
    }

    fn draw_code(&self, claims: &mut Claims) -> Code {
        for _ in 0..MAX_CODE_DRAWS {
            let code = self.code_of(u64::from_le_bytes(drawn()));
            if let Some(claim) = self.book.claim_code(code) {
                claims.codes.push(claim);
                return code;
            }
        }
        unreachable!("{MAX_CODE_DRAWS} codes in a row are taken: the random numbers are not random");
    }

    /// A code of random bits; where others draw too, one that only this instance may draw.
    fn code_of(&self, bits: u64) -> Code {
        match &self.code_part {
            CodePart::All => Code::from_random(bits),
            CodePart::Of256(part) => Code::from_random(bits & !0xff | u64::from(part.load(Ordering::Acquire))),
        }
    }

    fn seal_applicants(&self, wish: &Wish, ids: &[AppointmentId]) -> Vec<ByteBuf> {
        let sealed =
            |(applicant, id): (_, &AppointmentId)| personal::seal(&self.vault, *id, Some(applicant), &wish.form);
        wish.applicants.iter().zip(ids).map(sealed).collect()
    }
}

/// What all appointments of a party have in common.
struct Made<'a> {
    now: DateTime<Utc>,
    booker: PersonKey,
    service: &'a Service,
    judged: &'a Judged,
    hold_minutes: u32,
}

/// What a claim of a person that is taken already comes to.
pub(super) fn stop(taken: Taken, rejection: Rejection) -> Stop {
    match taken {
        Taken::Recorded => rejection.into(),
        Taken::UnderWay => Stop::UnderWay,
        Taken::Everything => Stop::Refused(Refusal::TooManyKept),
    }
}

fn bands_of(sheet: &Sheet, lane: LaneId) -> &[crate::domain::schedule::Band] {
    sheet.lane(lane).map_or(&[], |lane| lane.bands.as_slice())
}

fn judge_party(persons: &[PersonKey], max: u32) -> Result<(), Rejection> {
    if persons.len() > max as usize {
        return Err(Rejection::PartyTooLarge { max });
    }
    for (second, person) in persons.iter().enumerate() {
        if let Some(first) = persons[..second].iter().position(|other| other == person) {
            return Err(Rejection::DuplicateApplicant { first, second });
        }
    }
    Ok(())
}

/// A UUID version 7: the instant in milliseconds, then 74 random bits (RFC 9562, 5.7).
fn fresh_id(now: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &drawn()).into_uuid()
}

fn drawn<const N: usize>() -> [u8; N] {
    vault::random().expect("the operating system gave random numbers at the start")
}
