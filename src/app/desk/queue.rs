//! The queue of a hall: numbers are drawn, called to a counter, and taken out of it. The log of the hall decides: two desks
//! that press at the same moment draw two numbers and call two people.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{is_late, press};
use crate::app::access::staff::Staff;
use crate::app::once::{self, Once};
use crate::app::refusal::{Busy, Refusal};
use crate::app::state::App;
use crate::domain::appointment::{Action, Appointment, Status};
use crate::domain::hall::Hall;
use crate::domain::policy;
use crate::domain::rejection::Rejection;
use crate::engine::{Answer, Counter, Deed, DeskDay, DeskQueue, Engine, StaffCaller, Ticket, Via, Waiting};

/// How long the desk that checks somebody in may take to write that into the log of the hall, in seconds.
const NOTED_WITHIN_S: i64 = 10;

/// A hall on a date.
#[derive(Clone, Copy)]
pub struct HallDay<'a> {
    /// The hall.
    pub hall: &'a Hall,
    /// The date.
    pub date: NaiveDate,
}

impl HallDay<'_> {
    /// The log of what is done there on that date.
    #[must_use]
    pub const fn log(self) -> DeskDay {
        DeskDay::of(self.hall.id, self.date)
    }

    fn is_today(self, now: DateTime<Utc>) -> bool {
        self.date == policy::today(self.hall, now)
    }
}

/// Why something was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDone {
    /// No service of this hall was chosen.
    Service,
    /// The counter has no name that a counter can have.
    Counter,
    /// Numbers are drawn and called today only.
    Day,
    /// Nobody with this number is in the queue.
    Unknown,
}

/// What was done, or why it was not.
type Done<T> = Result<Result<T, NotDone>, Refusal>;

/// The queue of a day, and those who are checked in but not in the log of the hall, as the server went away between the two.
pub async fn look(
    engine: &Engine,
    member: &StaffCaller,
    day: HallDay<'_>,
    now: DateTime<Utc>,
) -> (DeskQueue, Vec<Waiting>) {
    let queue = engine.queue_of(day.log()).await;
    let missing = not_noted(engine, &queue, day, now);
    // They get a number when somebody looks, unless the desk that checked in is about to write it.
    if !missing.iter().any(|one| now - one.since >= TimeDelta::seconds(NOTED_WITHIN_S)) {
        return (queue, missing);
    }
    note_missing(engine, member, day, now).await;
    let queue = engine.queue_of(day.log()).await;
    let missing = not_noted(engine, &queue, day, now);
    (queue, missing)
}

/// Draws the next number for somebody without an appointment who came for a service of the hall.
///
/// # Errors
/// [`Busy::Numbers`] if no number is left; as [`Engine::log`]; what [`once::answered`] refuses.
pub async fn draw(app: &App, staff: &Staff, once: Once, day: HallDay<'_>, service: Option<&str>) -> Done<Ticket> {
    if !day.is_today(staff.now) {
        return Ok(Err(NotDone::Day));
    }
    let snapshot = app.engine()?.snapshot();
    let service = service.and_then(|id| snapshot.service(id).ok());
    let Some(service) = service.filter(|service| day.hall.lane_for(service).is_some()) else {
        return Ok(Err(NotDone::Service));
    };
    let drawn = log(app, staff, once, day.log(), |queue| queue.draw(service.id)).await?;
    Ok(Ok(drawn.ok_or(Busy::Numbers)?))
}

/// Calls a number to a counter, or without a number whoever has waited longest; `None` if nobody waits.
///
/// # Errors
/// As [`Engine::log`]; what [`once::answered`] refuses.
pub async fn call(
    app: &App,
    staff: &Staff,
    once: Once,
    day: HallDay<'_>,
    (number, counter): (Option<&str>, Option<&Counter>),
) -> Done<Option<Ticket>> {
    if !day.is_today(staff.now) {
        return Ok(Err(NotDone::Day));
    }
    let Some(counter) = counter else { return Ok(Err(NotDone::Counter)) };
    note_missing(app.engine()?, &staff.member, day, staff.now).await;
    let calling = |queue: &DeskQueue| {
        let number = match number {
            Some(number) => queue.find(number)?,
            None => queue.waiting().first()?.ticket,
        };
        Some(Deed::Called { number, counter: counter.clone() })
    };
    let called = log(app, staff, once, day.log(), calling).await?;
    Ok(if called.is_none() && number.is_some() { Err(NotDone::Unknown) } else { Ok(called) })
}

/// Serves whoever was called: an appointment takes that step, and a number that was drawn leaves the queue. Gives the
/// appointment if one is served by this call. Whoever is not in the queue any more is gone already, and the log of another day
/// is closed.
///
/// # Errors
/// `unknown_appointment` for a code that is none of this hall; as [`press`] and [`Engine::log`]; what [`once::answered`]
/// refuses.
pub async fn serve(
    app: &App,
    staff: &Staff,
    once: Once,
    day: HallDay<'_>,
    number: &str,
) -> Result<Option<Appointment>, Refusal> {
    if let Ok(Ticket::Appointment(code)) = number.parse() {
        let one = app.engine()?.appointment_with_code(code);
        let one = one.filter(|one| one.slot.hall == day.hall.id).ok_or(Rejection::UnknownAppointment)?;
        match press(app, staff, Action::Serve, (&one, false)).await {
            // Somebody has served it already: then it need not stand in the queue any longer either.
            Err(refusal) if is_late(&refusal) => {}
            served => return served.map(Some),
        }
    }
    end(app, staff, once, day, |queue| Some(Deed::Served { number: queue.find(number)? })).await?;
    Ok(None)
}

/// Takes somebody out of the queue who was called and did not come, or does not wait any longer.
///
/// # Errors
/// As [`Engine::log`]; what [`once::answered`] refuses.
pub async fn gone(app: &App, staff: &Staff, once: Once, day: HallDay<'_>, number: &str) -> Result<(), Refusal> {
    note_missing(app.engine()?, &staff.member, day, staff.now).await;
    end(app, staff, once, day, |queue| Some(Deed::Gone { number: queue.find(number)? })).await
}

async fn end(
    app: &App,
    staff: &Staff,
    once: Once,
    day: HallDay<'_>,
    decide: impl Fn(&DeskQueue) -> Option<Deed> + Send,
) -> Result<(), Refusal> {
    if day.is_today(staff.now) {
        log(app, staff, once, day.log(), decide).await?;
    }
    Ok(())
}

/// Those of today who are checked in but not in the log of the hall.
fn not_noted(engine: &Engine, queue: &DeskQueue, day: HallDay<'_>, now: DateTime<Utc>) -> Vec<Waiting> {
    if !day.is_today(now) {
        return Vec::new();
    }
    // Whoever was checked in on an earlier day does not wait today.
    let came_today = |one: &Appointment| one.updated_at.with_timezone(&day.hall.zone).date_naive() == day.date;
    let is_missing =
        |one: &Appointment| one.status_at(now) == Status::CheckedIn && !queue.knows(one.code) && came_today(one);
    let mut missing: Vec<_> = engine.of_hall_day(day.hall.id, day.date).into_iter().filter(is_missing).collect();
    missing.sort_by_key(|one| (one.updated_at, one.id));
    let waiting = |one: Appointment| Waiting {
        ticket: Ticket::Appointment(one.code),
        service: Some(one.service),
        since: one.updated_at,
    };
    missing.into_iter().map(waiting).collect()
}

/// Puts those into the log who are missing there, before anybody is called.
async fn note_missing(engine: &Engine, member: &StaffCaller, day: HallDay<'_>, now: DateTime<Utc>) {
    let queue = engine.queue_of(day.log()).await;
    for waiting in not_noted(engine, &queue, day, now) {
        if let Ticket::Appointment(code) = waiting.ticket
            && let Some(one) = engine.appointment_with_code(code)
        {
            engine.note(member, &one, Action::CheckIn, Via::Page).await;
        }
    }
}

/// Writes the deed that `decide` returns for the queue of a day into the log of the hall. Gives the ticket that it is about;
/// `None` if there was nothing to do.
///
/// # Errors
/// As [`Engine::log`]; what [`once::answered`] refuses.
async fn log(
    app: &App,
    staff: &Staff,
    once: Once,
    day: DeskDay,
    decide: impl Fn(&DeskQueue) -> Option<Deed> + Send,
) -> Result<Option<Ticket>, Refusal> {
    let engine = app.engine()?;
    let logging = async |call| {
        let record = engine.log(&staff.member, day, decide).await?;
        let ticket = record.and_then(|record| ticket_of(&record.deed));
        let text = ticket.map(|ticket| ticket.to_string()).unwrap_or_default();
        Ok(engine.remember(call, text).await?)
    };
    match once::answered(engine, staff.caller(), staff.now, once, logging).await? {
        Answer::Text(text) => Ok(text.parse().ok()),
        _ => Err(Refusal::fault("what is remembered of a deed is no text")),
    }
}

const fn ticket_of(deed: &Deed) -> Option<Ticket> {
    match deed {
        Deed::Drawn { number, .. } => Some(Ticket::WalkIn(*number)),
        Deed::Called { number, .. } | Deed::Served { number } | Deed::Gone { number } => Some(*number),
        Deed::Noted { code, .. } => Some(Ticket::Appointment(*code)),
        Deed::Opened { .. } | Deed::Adopted { .. } | Deed::SignedIn | Deed::Exported { .. } => None,
    }
}
