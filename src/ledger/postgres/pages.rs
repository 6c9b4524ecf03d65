//! Everything in the database, read page by page from a thread outside the runtime.
//!
//! A page begins behind the last key of the one before, so what is in memory is bounded, and a pooler in transaction mode
//! lets it all pass.

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::runtime::Handle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row};
use uuid::Uuid;

use super::faults::failed;
use super::session::{Session, within};
use super::{Addresses, schema};
use crate::ledger::embedded::ANSWERS_KEPT_HOURS;
use crate::ledger::entry::{Event, Remembered};
use crate::ledger::{LedgerFault, decoded};

/// How many rows a page has at most.
pub const PAGE_ROWS: i64 = 1_024;
/// The same of the journal, of which a row has a whole batch.
const PAGE_BATCHES: i64 = 16;
/// How long one statement may take at most. Nobody waits for an answer, and a database may have better things to do.
const MAX_STATEMENT: Duration = Duration::from_mins(1);

const STATE: &str = "SELECT keys, coalesce(configuration, imported_configuration) FROM hallpass.store";
const APPOINTMENTS: &str = "
    SELECT id, body, sealed, revision, status, applicant, document, made_by, share, hall, date, lane, starts, ends
    FROM hallpass.appointments WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2";
const ANSWERS: &str = "
    SELECT at, key, body FROM hallpass.answers
    WHERE at >= $1 AND ($2::uuid IS NULL OR (at, key) > ($1, $2)) ORDER BY at, key LIMIT $3";
const LATEST_ANSWER: &str = "SELECT max(at) FROM hallpass.answers";
const LATEST_BATCH: &str = "
    SELECT sequence, bodies FROM hallpass.journal WHERE cardinality(bodies) > 0 ORDER BY sequence DESC LIMIT 1";
const LAST_BATCHES: &str = "
    SELECT sequence, bodies FROM hallpass.journal WHERE cardinality(bodies) > 0 ORDER BY sequence DESC LIMIT $1";
const SLOTS: &str = "
    SELECT hall, date, lane, starts, ends, capacity, taken, overhang FROM hallpass.slots
    WHERE $1::text IS NULL OR (hall, date, lane, starts, ends) > ($1, $2, $3, $4, $5)
    ORDER BY hall, date, lane, starts, ends LIMIT $6";
const BATCHES: &str = "
    SELECT sequence, bodies FROM hallpass.journal WHERE sequence > $1 ORDER BY sequence LIMIT $2";

pub type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// Waits for a statement, for a bounded time.
pub async fn bounded<T>(
    step: &'static str,
    statement: impl Future<Output = Result<T, Error>>,
) -> Result<T, LedgerFault> {
    within(MAX_STATEMENT, step, statement).await
}

/// What is told of a row. An error ends the telling.
type TellRow<'a, E> = dyn FnMut(&Row) -> Result<(), E> + 'a;

/// A session with the database, for questions one after the other.
#[derive(Debug)]
pub struct Pages {
    pub(super) runtime: Handle,
    pub(super) session: Session,
    /// Whether all of it is read in one transaction, which sees one state.
    sees_one_state: bool,
}

impl Pages {
    /// Pages that are each read as they are at the time.
    pub const fn new(runtime: Handle, session: Session) -> Self {
        Self { runtime, session, sees_one_state: false }
    }

    /// Begins to read one state, in which nothing changes whoever serves from the database.
    ///
    /// # Errors
    /// Where the database is not reached, has another schema, or was begun with other keys.
    pub fn of_one_state(runtime: &Handle, addresses: &Addresses, keys: &[u8; 16]) -> Result<Self, LedgerFault> {
        let mut session = Session::new(addresses.main.clone());
        runtime.block_on(async {
            let client = session.client().await?;
            let begin = client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            bounded("begin to read", begin).await?;
            schema::judge_readable(schema::version(client).await?)?;
            let rows = bounded("read its keys", client.query_typed(STATE, &[])).await?;
            let row = rows.first().ok_or_else(|| schema::lost(schema::WITHOUT_STORE))?;
            judge_keys(row.get(0), keys)
        })?;
        Ok(Self { runtime: runtime.clone(), session, sees_one_state: true })
    }

    fn ask(
        &mut self,
        step: &'static str,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, LedgerFault> {
        let runtime = self.runtime.clone();
        runtime.block_on(async {
            let client: &Client =
                if self.sees_one_state { self.session.current()? } else { self.session.client().await? };
            bounded(step, client.query_typed(statement, parameters)).await
        })
    }

    /// The version of the configuration in force, or the one that was where this store was imported from.
    pub fn configuration_in_force(&mut self) -> Result<Option<String>, LedgerFault> {
        let rows = self.ask("read its configuration", STATE, &[])?;
        Ok(rows.first().and_then(|row| row.get(1)))
    }

    /// Tells of every appointment with a greater id, in ascending order.
    pub fn tell_appointments<E: From<LedgerFault>>(
        &mut self,
        mut after: Option<Uuid>,
        tell: &mut TellRow<'_, E>,
    ) -> Result<(), E> {
        loop {
            let parameters: [Parameter<'_>; 2] = [(&after, Type::UUID), (&PAGE_ROWS, Type::INT8)];
            let rows = self.ask("read the appointments", APPOINTMENTS, &parameters)?;
            rows.iter().try_for_each(&mut *tell)?;
            let Some(last) = last_of_full(&rows, PAGE_ROWS) else { return Ok(()) };
            after = Some(last.get(0));
        }
    }

    /// Tells of every answer from an instant on, in the order of instants and keys.
    pub fn tell_answers<E: From<LedgerFault>>(
        &mut self,
        mut from: DateTime<Utc>,
        tell: &mut TellRow<'_, E>,
    ) -> Result<(), E> {
        let mut behind: Option<Uuid> = None;
        loop {
            let parameters: [Parameter<'_>; 3] =
                [(&from, Type::TIMESTAMPTZ), (&behind, Type::UUID), (&PAGE_ROWS, Type::INT8)];
            let rows = self.ask("read the answers", ANSWERS, &parameters)?;
            rows.iter().try_for_each(&mut *tell)?;
            let Some(last) = last_of_full(&rows, PAGE_ROWS) else { return Ok(()) };
            (from, behind) = (last.get(0), Some(last.get(1)));
        }
    }

    /// From which instant on a repeat may ask for an answer, counted back from the latest that is known; none where there
    /// is no answer.
    pub fn answers_kept_from(&mut self) -> Result<Option<DateTime<Utc>>, LedgerFault> {
        let answer = self.ask("read the answers", LATEST_ANSWER, &[])?;
        let Some(mut latest) = answer.first().and_then(|row| row.get::<_, Option<DateTime<Utc>>>(0)) else {
            return Ok(None);
        };
        if let Some(batch) = self.ask("read the journal", LATEST_BATCH, &[])?.first() {
            for body in bodies(batch)? {
                latest = latest.max(decoded(sequence(batch), body)?.at);
            }
        }
        Ok(Some(latest - TimeDelta::hours(ANSWERS_KEPT_HOURS)))
    }

    /// Tells of every slot.
    pub fn tell_slots<E: From<LedgerFault>>(&mut self, tell: &mut TellRow<'_, E>) -> Result<(), E> {
        let mut behind: Option<Row> = None;
        loop {
            let key = behind.as_ref();
            let text = |at: usize| key.map(|row| row.get::<_, &str>(at));
            let number = |at: usize| key.map(|row| row.get::<_, i16>(at));
            let (hall, lane, starts, ends) = (text(0), text(2), number(3), number(4));
            let date = key.map(|row| row.get::<_, chrono::NaiveDate>(1));
            let parameters: [Parameter<'_>; 6] = [
                (&hall, Type::TEXT),
                (&date, Type::DATE),
                (&lane, Type::TEXT),
                (&starts, Type::INT2),
                (&ends, Type::INT2),
                (&PAGE_ROWS, Type::INT8),
            ];
            let mut rows = self.ask("read the slots", SLOTS, &parameters)?;
            rows.iter().try_for_each(&mut *tell)?;
            if last_of_full(&rows, PAGE_ROWS).is_none() {
                return Ok(());
            }
            behind = rows.pop();
        }
    }

    /// Tells of every batch that the journal still has, in their order.
    pub fn tell_batches<E: From<LedgerFault>>(&mut self, tell: &mut TellRow<'_, E>) -> Result<(), E> {
        let mut after = i64::MIN;
        loop {
            let parameters: [Parameter<'_>; 2] = [(&after, Type::INT8), (&PAGE_BATCHES, Type::INT8)];
            let rows = self.ask("read the journal", BATCHES, &parameters)?;
            rows.iter().try_for_each(&mut *tell)?;
            let Some(last) = last_of_full(&rows, PAGE_BATCHES) else { return Ok(()) };
            after = last.get(0);
        }
    }
}

/// The latest instant of the answers, and of the entries of the last batches: several, since instances write at the same
/// time, and the last batch need not have the latest entry. `None` if there is neither, as where nothing was written for
/// longer than the journal is kept. When the database received a batch does not count: an entry is judged by its own instant.
pub async fn last_instant(client: &Client) -> Result<Option<DateTime<Utc>>, LedgerFault> {
    let answer = bounded("read the answers", client.query_typed_one(LATEST_ANSWER, &[])).await?;
    let mut latest: Option<DateTime<Utc>> = answer.get(0);
    let parameters: [Parameter<'_>; 1] = [(&PAGE_BATCHES, Type::INT8)];
    for batch in bounded("read the journal", client.query_typed(LAST_BATCHES, &parameters)).await? {
        for body in bodies(&batch)? {
            latest = latest.max(Some(decoded(sequence(&batch), body)?.at));
        }
    }
    Ok(latest)
}

/// Whether an entry of the journal has made or brought an appointment.
pub async fn has_made_appointments(client: &Client) -> Result<bool, LedgerFault> {
    let mut after = i64::MIN;
    loop {
        let parameters: [Parameter<'_>; 2] = [(&after, Type::INT8), (&PAGE_BATCHES, Type::INT8)];
        let batches = bounded("read the journal", client.query_typed(BATCHES, &parameters)).await?;
        for batch in &batches {
            for body in bodies(batch)? {
                if let Event::Appointments { .. } | Event::Imported { .. } = decoded(sequence(batch), body)?.event {
                    return Ok(true);
                }
            }
        }
        let Some(last) = last_of_full(&batches, PAGE_BATCHES) else { return Ok(false) };
        after = last.get(0);
    }
}

/// The last row of a page behind which there may be another one.
fn last_of_full(rows: &[Row], full: i64) -> Option<&Row> {
    rows.last().filter(|_| i64::try_from(rows.len()).is_ok_and(|count| count >= full))
}

/// The number of a batch.
pub fn sequence(batch: &Row) -> u64 {
    u64::try_from(batch.get::<_, i64>(0)).unwrap_or(0)
}

/// The stored forms of the entries of a batch.
pub fn bodies(batch: &Row) -> Result<Vec<&[u8]>, LedgerFault> {
    batch.try_get(1).map_err(failed("read the journal"))
}

/// The sealed personal data of an appointment, oldest part first.
pub fn sealed(appointment: &Row) -> Result<Vec<&[u8]>, LedgerFault> {
    appointment.try_get(2).map_err(failed("read sealed data"))
}

/// An answer.
pub fn answer(row: &Row) -> Result<Remembered, LedgerFault> {
    super::read("a remembered answer", row.get(2))
}

/// Refuses keys that are not those with which the database was begun.
pub fn judge_keys(begun_with: Option<&[u8]>, keys: &[u8; 16]) -> Result<(), LedgerFault> {
    match begun_with {
        Some(begun_with) if begun_with != keys.as_slice() => {
            Err(LedgerFault::Keys { keys: "the key file that was given".into() })
        }
        _ => Ok(()),
    }
}
