//! What an operator should know of a database before anything is entrusted to it.

use tokio_postgres::Client;

use super::faults::failed;
use super::pages;
use super::schema::{WITHOUT_STORE, lost};
use super::session::MAX_ANSWER;
use crate::ledger::LedgerFault;

const SETTINGS: &str = "
    SELECT current_setting('fsync') = 'on', current_setting('full_page_writes') = 'on',
        current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
        (SELECT count(*) FROM pg_stat_replication)";

/// Whether the row that the schema begins with is there, whether there is no appointment, and whether places are taken.
const PRESENT: &str = "
    SELECT EXISTS (SELECT FROM hallpass.store), NOT EXISTS (SELECT FROM hallpass.appointments),
        EXISTS (SELECT FROM hallpass.slots WHERE taken > 0)";

/// Refuses a database that has the schema and whose tables were emptied: what is gone must not look like a beginning.
/// Appointments are kept for ever, so there is one at least as soon as a place is taken or the journal has made one.
///
/// # Errors
/// [`LedgerFault::Schema`], or that the database does not answer.
pub async fn judge_presence(client: &Client) -> Result<(), LedgerFault> {
    let row = client.query_typed_one(PRESENT, &[]).await.map_err(failed("look whether everything is there"))?;
    match (row.get(0), row.get(1), row.get(2)) {
        (false, _, _) => Err(lost(WITHOUT_STORE)),
        (true, true, true) => Err(lost("its table hallpass.appointments is empty, and places are taken")),
        (true, true, false) if pages::has_made_appointments(client).await? => {
            Err(lost("its table hallpass.appointments is empty, and its journal has made some"))
        }
        (true, _, _) => Ok(()),
    }
}

/// What may cost acknowledged bookings in a database with these settings, asked by way of so many hosts.
fn risks(
    is_flushed: bool,
    pages_are_whole: bool,
    commit: &str,
    standby_names: &str,
    standbys: i64,
    hosts: usize,
) -> Vec<String> {
    let mut risks = Vec::new();
    if !is_flushed {
        risks.push("fsync is off: a power cut may cost everything; set it on".to_owned());
    }
    if !pages_are_whole {
        risks.push("full_page_writes is off: a power cut may tear pages; set it on".to_owned());
    }
    if matches!(commit, "off" | "local") && (commit == "off" || standbys > 0 || hosts > 1) {
        risks.push(format!(
            "synchronous_commit is {commit}: what is acknowledged may be lost; set it on for the role that serves"
        ));
    }
    if standby_names.is_empty() && (standbys > 0 || hosts > 1) {
        risks.push(
            "the standby is asynchronous: where it takes over, the last acknowledged bookings may be lost; \
             name it in synchronous_standby_names"
                .to_owned(),
        );
    }
    risks
}

/// Warns of settings under which an acknowledged booking may be lost. A database that does not tell them is taken as it is.
pub async fn warn(client: &Client, hosts: usize) {
    let asked = tokio::time::timeout(MAX_ANSWER, client.query_typed_one(SETTINGS, &[])).await;
    let row = match asked {
        Ok(Ok(row)) => row,
        Ok(Err(error)) => return tracing::warn!(%error, "the settings of the database cannot be read"),
        Err(_) => return tracing::warn!("the settings of the database cannot be read: no answer"),
    };
    for risk in risks(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), hosts) {
        tracing::warn!("the database: {risk}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_risk_is_named_and_nothing_else() {
        let named = |commit, names, standbys, hosts| risks(true, true, commit, names, standbys, hosts).join(" ");
        assert_eq!(named("on", "", 0, 1), "", "one server that flushes loses nothing");
        assert_eq!(named("on", "ANY 1 (b)", 1, 2), "");
        assert_eq!(named("local", "", 0, 1), "", "without a standby there is only the own disk");
        assert!(named("off", "", 0, 1).contains("synchronous_commit is off"));
        assert!(named("on", "", 1, 1).contains("asynchronous"));
        assert!(named("on", "", 0, 2).contains("asynchronous"), "a second host is where another takes over");
        assert!(named("local", "ANY 1 (b)", 1, 2).contains("synchronous_commit is local"));
        let broken = risks(false, false, "on", "", 0, 1).join(" ");
        assert!(broken.contains("fsync is off") && broken.contains("full_page_writes is off"));
    }
}
