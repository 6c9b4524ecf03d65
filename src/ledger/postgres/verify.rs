//! The auditor of a database: every row is read, and what can be counted again is.
//!
//! Here is what only this store has: columns beside the stored form of an appointment, shares of a booker, answers under
//! their keys. What is judged of appointments, slots and entries is judged by [`RowAuditor`]. All is read in one
//! transaction, so instances may serve meanwhile.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use tokio_postgres::Row;
use uuid::Uuid;

use super::pages;
use super::transfer::Exporting;
use super::values::{int, minutes};
use crate::domain::appointment::{Appointment, AppointmentId, Slot};
use crate::domain::name::{HallId, LaneId};
use crate::ledger::audit::Report;
use crate::ledger::audit::rows::{Counted, RowAuditor};
use crate::ledger::{LedgerFault, decoded};

/// Audits a database, and asks of every sealed text whether it can be opened for its appointment. The entries of the report
/// are those that the journal still has.
///
/// # Errors
/// A fault that keeps it from being read. What is readable but wrong is in the report.
///
/// # Panics
/// On a thread of the runtime.
pub fn verify(store: &mut Exporting, opens: &dyn Fn(AppointmentId, &[u8]) -> bool) -> Result<Report, LedgerFault> {
    let (pages, mut auditor) = (&mut store.0, RowAuditor::default());
    let mut shares = HashMap::new();
    pages.tell_appointments(None, &mut |row: &Row| {
        meet_appointment(&mut auditor, &mut shares, row, opens);
        Ok::<(), LedgerFault>(())
    })?;
    drop(shares);
    pages.tell_slots(&mut |row: &Row| {
        meet_slot(&mut auditor, row);
        Ok::<(), LedgerFault>(())
    })?;
    pages.tell_answers(DateTime::UNIX_EPOCH, &mut |row: &Row| {
        meet_answer(&mut auditor, row);
        Ok::<(), LedgerFault>(())
    })?;
    pages.tell_batches(&mut |row: &Row| {
        meet_batch(&mut auditor, row);
        Ok::<(), LedgerFault>(())
    })?;
    Ok(auditor.report())
}

/// Active appointments by their booker and the number of their share.
type Shares = HashMap<(Uuid, i32), Uuid>;

fn meet_appointment(
    auditor: &mut RowAuditor,
    shares: &mut Shares,
    row: &Row,
    opens: &dyn Fn(AppointmentId, &[u8]) -> bool,
) {
    let id: Uuid = row.get(0);
    let appointment: Appointment = match super::read("its stored form", row.get(1)) {
        Ok(appointment) => appointment,
        Err(_) => return auditor.complain(format_args!("appointment {id}: its stored form cannot be read")),
    };
    for column in differing_columns(&appointment, row) {
        auditor.complain(format_args!("appointment {id}: its {column} is not what its stored form says"));
    }
    let share: (Uuid, i32) = (row.get(7), row.get(8));
    if appointment.status.is_active()
        && let Some(other) = shares.insert(share, id)
    {
        auditor.complain(format_args!("appointment {id}: has the same share of its booker as {other}"));
    }
    match pages::sealed(row) {
        Ok(sealed) => auditor.meet_appointment(&appointment, &sealed, opens),
        Err(_) => auditor.complain(format_args!("appointment {id}: its personal data cannot be read")),
    }
}

/// The columns that say something else than the stored form beside them.
fn differing_columns(appointment: &Appointment, row: &Row) -> Vec<&'static str> {
    let Slot { hall, date, lane, start, end } = appointment.slot;
    let are_equal = [
        ("id", row.get::<_, Uuid>(0) == appointment.id.0),
        ("revision", row.get::<_, i32>(3) == int(appointment.revision)),
        ("status", row.get::<_, &str>(4) == appointment.status.as_str()),
        ("applicant", row.get::<_, Uuid>(5).as_bytes() == &appointment.applicant.0),
        ("document", row.get::<_, &str>(6) == appointment.document.as_str()),
        ("made_by", row.get::<_, Uuid>(7).as_bytes() == &appointment.made_by.0),
        ("hall", row.get::<_, &str>(9) == hall.as_str()),
        ("date", row.get::<_, NaiveDate>(10) == date),
        ("lane", row.get::<_, &str>(11) == lane.as_str()),
        ("starts", row.get::<_, i16>(12) == minutes(start)),
        ("ends", row.get::<_, i16>(13) == minutes(end)),
    ];
    are_equal.into_iter().filter(|(_, is_equal)| !is_equal).map(|(column, _)| column).collect()
}

fn meet_slot(auditor: &mut RowAuditor, row: &Row) {
    let number = |at: usize| i64::from(row.get::<_, i32>(at));
    let counted = Counted { capacity: number(5), taken: number(6), overhang: number(7) };
    if let Some(slot) = slot(row) {
        auditor.meet_slot(&slot, counted);
    } else {
        let (hall, date): (&str, NaiveDate) = (row.get(0), row.get(1));
        auditor.complain(format_args!("slot {hall} {date}: is none that there can be"));
    }
}

fn slot(row: &Row) -> Option<Slot> {
    let time = |at: usize| crate::domain::wall::WallTime::hm(0, 0).plus(u16::try_from(row.get::<_, i16>(at)).ok()?);
    let hall = HallId::intern(row.get(0)).ok()?;
    let lane = LaneId::intern(row.get(2)).ok()?;
    Some(Slot { hall, date: row.get(1), lane, start: time(3)?, end: time(4)? })
}

fn meet_answer(auditor: &mut RowAuditor, row: &Row) {
    let (at, key): (DateTime<Utc>, Uuid) = (row.get(0), row.get(1));
    match pages::answer(row) {
        Ok(answer) if answer.at == at && answer.repeat.key == *key.as_bytes() => {}
        Ok(_) => auditor.complain(format_args!("the answer of {at} for key {key} is another one in its stored form")),
        Err(_) => auditor.complain(format_args!("the answer of {at} for key {key} cannot be read")),
    }
}

fn meet_batch(auditor: &mut RowAuditor, row: &Row) {
    let number = pages::sequence(row);
    let Ok(bodies) = pages::bodies(row) else {
        return auditor.complain(format_args!("batch {number} of the journal cannot be read"));
    };
    for body in bodies {
        match decoded(number, body) {
            Ok(entry) => auditor.meet_entry(&entry),
            Err(_) => auditor.complain(format_args!("an entry of batch {number} of the journal cannot be read")),
        }
    }
}
