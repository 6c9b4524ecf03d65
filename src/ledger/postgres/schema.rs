//! The schema of the database, in numbered steps inside this binary, applied one after the other under a lock.
//!
//! A step that has been released is never changed; what comes later is another step. The number of the last step that a
//! database has lies in a table of its own, so an older binary knows that it must leave the database alone.

use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::faults::failed;
use crate::ledger::LedgerFault;

/// What is said of a database without the row that says with which keys it was begun.
pub const WITHOUT_STORE: &str = "its table hallpass.store is empty";
/// Every step, from the first.
const STEPS: [&str; 3] = [include_str!("schema/1.sql"), include_str!("schema/2.sql"), include_str!("schema/3.sql")];
/// What all who change the schema lock, as an advisory lock: any number that nobody else uses.
const LOCK: i64 = 0x6861_6c6c_7061_7373;

/// The number of the step that this binary knows as the last.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "there are few steps")]
pub const LATEST: i32 = STEPS.len() as i32;

/// The number of the last step that a database has; 0 where it has none.
///
/// # Errors
/// Where the database does not answer, this role may not look, or the database was emptied.
pub async fn version(client: &Client) -> Result<i32, LedgerFault> {
    let there = client
        .query_typed_one("SELECT to_regclass('hallpass.schema_steps') IS NOT NULL", &[])
        .await
        .map_err(failed("look for its schema"))?;
    let last = if there.get::<_, bool>(0) {
        let last = client.query_typed_one("SELECT coalesce(max(step), 0) FROM hallpass.schema_steps", &[]).await;
        last.map_err(failed("read the version of its schema"))?.get(0)
    } else {
        0
    };
    if last == 0 { judge_that_nothing_is_there(client).await } else { Ok(last) }
}

/// Refuses a database that has tables, and no word of the steps that made them: somebody has emptied it.
async fn judge_that_nothing_is_there(client: &Client) -> Result<i32, LedgerFault> {
    let tables = client.query_typed_one("SELECT to_regclass('hallpass.store') IS NOT NULL", &[]).await;
    if !tables.map_err(failed("look for its tables"))?.get::<_, bool>(0) {
        return Ok(0);
    }
    Err(lost("its table hallpass.schema_steps is empty, or gone"))
}

/// The fault that something of a database is gone: that must not look like a beginning.
pub fn lost(what: &str) -> LedgerFault {
    let found = format!(
        "has lost what was remembered: {what}. Restore it from a backup; to begin anew, name an empty database"
    );
    LedgerFault::Schema { found }
}

/// Refuses a database of a later binary.
///
/// # Errors
/// [`LedgerFault::Schema`].
pub fn judge(version: i32) -> Result<(), LedgerFault> {
    if version > LATEST {
        let found = format!(
            "has schema {version}, and this version of hallpass knows schema {LATEST} as the last; run the later version"
        );
        return Err(LedgerFault::Schema { found });
    }
    Ok(())
}

/// Refuses a database of another binary than this, to read it as it is.
///
/// # Errors
/// [`LedgerFault::Schema`].
pub fn judge_readable(version: i32) -> Result<(), LedgerFault> {
    judge(version)?;
    let found = match version {
        LATEST => return Ok(()),
        0 => "has nothing of hallpass; name the one that instances serve from".to_owned(),
        older => format!("has schema {older}, and this version of hallpass reads schema {LATEST}; start it there once"),
    };
    Err(LedgerFault::Schema { found })
}

/// Brings a database up to [`LATEST`]. Several that come at a time come one after the other.
///
/// # Errors
/// A step that failed leaves the database as it was.
pub async fn migrate(client: &mut Client) -> Result<(), LedgerFault> {
    let step = client.transaction().await.map_err(failed("begin to change its schema"))?;
    let lock: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 1] = [(&LOCK, Type::INT8)];
    step.query_typed("SELECT pg_advisory_xact_lock($1)", &lock).await.map_err(failed("lock its schema"))?;
    step.batch_execute(
        "CREATE SCHEMA IF NOT EXISTS hallpass;
         CREATE TABLE IF NOT EXISTS hallpass.schema_steps (
             step integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())",
    )
    .await
    .map_err(failed("make its schema"))?;
    let before = version(step.client()).await?;
    judge(before)?;
    for (number, text) in (1..).zip(STEPS).skip(usize::try_from(before).unwrap_or(0)) {
        step.batch_execute(text).await.map_err(failed("change its schema"))?;
        let step_number: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 1] = [(&number, Type::INT4)];
        step.query_typed("INSERT INTO hallpass.schema_steps (step) VALUES ($1)", &step_number)
            .await
            .map_err(failed("note the version of its schema"))?;
        tracing::info!(schema = number, "the schema of the database was changed");
    }
    step.commit().await.map_err(failed("keep its changed schema"))
}
