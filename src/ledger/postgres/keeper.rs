//! What an instance does besides writing and reading: it says that it is there, takes its turn at work that one does for
//! all, and sets its clock by the database's.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};
use uuid::Uuid;

use super::Addresses;
use super::faults::failed;
use super::session::{MAX_ANSWER, Session, within};
use crate::clock::{Clock, Correction};
use crate::ledger::{LedgerFault, Membership};

/// How often an instance says that it is there.
const EVERY: Duration = Duration::from_secs(1);
/// For how long a piece of work is taken, in seconds: so long it waits when the instance that had it dies.
const WORK_S: i32 = 5;
/// How long an instance that ends takes at most to say so.
const FAREWELL: Duration = Duration::from_secs(1);
/// How many rows one round of throwing away takes at most.
const MAX_THROWN_AWAY: i64 = 20_000;
/// How long an answer is kept, in hours: longer than a repeat may come, as clocks differ.
const ANSWER_HOURS: i64 = 25;
/// How long the journal is kept, in hours: 90 days. Only the tail reads it; appointments have rows of their own.
const JOURNAL_HOURS: i64 = 90 * 24;

const ARRIVE: &str = "SELECT part, in_force, others, has_the_keys, clock_timestamp() FROM hallpass.arrive($1, $2, $3)";
const TAKE: &str = "SELECT hallpass.take_work($1, $2, $3)";
const LEAVE: &str = "WITH work AS (DELETE FROM hallpass.leases WHERE holder = $1)
    DELETE FROM hallpass.instances WHERE origin = $1";
const THROW_AWAY: [&str; 2] = [
    "WITH old AS (SELECT key FROM hallpass.answers
        WHERE at < $1 ORDER BY at LIMIT $2)
     DELETE FROM hallpass.answers a USING old WHERE a.key = old.key",
    "WITH old AS (SELECT sequence FROM hallpass.journal
        WHERE at < least($1, clock_timestamp() - interval '1 day') ORDER BY sequence LIMIT $2)
     DELETE FROM hallpass.journal j USING old WHERE j.sequence = old.sequence",
];

/// An instance that is kept among the others until this is dropped.
#[derive(Debug)]
pub struct Kept {
    /// The part of the codes that it draws from.
    pub part: Arc<AtomicU8>,
    /// What it hears of the others.
    pub membership: Arc<Membership>,
    stop: Option<oneshot::Sender<()>>,
    ended: Mutex<mpsc::Receiver<()>>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.stop.take());
        // The thread of the ledger waits, as the process may end behind it; a thread that others need does not.
        if Handle::try_current().is_err() {
            let _ = self.ended.get_mut().recv_timeout(FAREWELL);
        }
    }
}

/// Keeps an instance among the others.
#[derive(Debug)]
pub struct Keeper {
    session: Session,
    origin: Uuid,
    /// The version of the configuration that this instance judges by.
    configuration: Arc<Mutex<String>>,
    keys: [u8; 16],
    part: Arc<AtomicU8>,
    membership: Arc<Membership>,
    clock: Clock,
}

impl Keeper {
    /// A keeper that has done nothing yet.
    pub fn new(
        addresses: &Addresses,
        origin: Uuid,
        configuration: Arc<Mutex<String>>,
        keys: [u8; 16],
        clock: Clock,
    ) -> Self {
        let session = Session::new(Arc::clone(&addresses.main));
        Self { session, origin, configuration, keys, part: Arc::default(), membership: Arc::default(), clock }
    }

    /// Comes, and goes on saying so until what this gives is dropped.
    ///
    /// # Errors
    /// Where the database does not answer, or was begun with other keys.
    pub async fn start(mut self) -> Result<Kept, LedgerFault> {
        self.say_so().await?;
        self.take_turns().await?;
        let (part, membership) = (Arc::clone(&self.part), Arc::clone(&self.membership));
        let ((stop, stopped), (end, ended)) = (oneshot::channel(), mpsc::channel());
        tokio::spawn(async move {
            self.keep(stopped).await;
            // Dropped at the end, also where the runtime ends it.
            drop(end);
        });
        Ok(Kept { part, membership, stop: Some(stop), ended: Mutex::new(ended) })
    }

    async fn keep(mut self, mut stopped: oneshot::Receiver<()>) {
        while tokio::time::timeout(EVERY, &mut stopped).await.is_err() {
            let round = async {
                self.say_so().await?;
                self.take_turns().await
            };
            if let Err(fault) = round.await {
                tracing::debug!(%fault, "the database does not hear that this instance is there");
                // Others take over before the lease ends only where this instance knows that it may have ended.
                self.membership.ends_holds.store(false, Ordering::Release);
                self.session.close();
            }
        }
        let is_said = matches!(tokio::time::timeout(FAREWELL, self.leave()).await, Ok(Ok(_)));
        tracing::debug!(origin = %self.origin, is_said, "left the database");
    }

    /// Says that this instance is gone, so that nobody waits until its silence tells.
    async fn leave(&mut self) -> Result<u64, LedgerFault> {
        let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&self.origin, Type::UUID)];
        let client = self.session.client().await?;
        client.execute_typed(LEAVE, &parameters).await.map_err(failed("let this instance go"))
    }

    async fn say_so(&mut self) -> Result<(), LedgerFault> {
        let client = self.session.client().await?;
        let (keys, configuration) = (self.keys.as_slice(), self.configuration.lock().clone());
        let parameters: [(&(dyn ToSql + Sync), Type); 3] =
            [(&self.origin, Type::UUID), (&configuration, Type::TEXT), (&keys, Type::BYTEA)];
        let correction = self.clock.correction();
        let uncorrected = correction.as_ref().map_or_else(Clock::system, Correction::uncorrected);
        let (before, known) = (uncorrected.now(), self.membership.in_force.lock().clone());
        let row = one(client, ARRIVE, &parameters, "take this instance among the others").await?;
        let after = uncorrected.now();
        if !row.get::<_, bool>(3) {
            return Err(LedgerFault::Keys { keys: "the key file of this instance".into() });
        }
        self.part.store(row.get::<_, i16>(0).to_le_bytes()[0], Ordering::Release);
        let there: DateTime<Utc> = row.get(4);
        let offset = there - (before + (after - before) / 2);
        // An answer that took its time says little about the time: it may have waited before or after that was read.
        if let Some(correction) = correction
            && (after - before) / 2 < Correction::TOLERANCE
        {
            correction.set(offset);
        }
        self.membership.clock_offset_ms.store(offset.num_milliseconds(), Ordering::Relaxed);
        self.membership.others.store(row.get::<_, i64>(2).unsigned_abs(), Ordering::Relaxed);
        self.membership.hear_in_force(known.as_deref(), row.get(1));
        Ok(())
    }

    async fn take_turns(&mut self) -> Result<(), LedgerFault> {
        let has_expiry = self.take("expiry").await?;
        self.membership.ends_holds.store(has_expiry, Ordering::Release);
        if self.take("retention").await? {
            let client = self.session.client().await?;
            let now = self.clock.now();
            for (statement, hours) in THROW_AWAY.iter().zip([ANSWER_HOURS, JOURNAL_HOURS]) {
                let before = now - TimeDelta::hours(hours);
                let parameters: [(&(dyn ToSql + Sync), Type); 2] =
                    [(&before, Type::TIMESTAMPTZ), (&MAX_THROWN_AWAY, Type::INT8)];
                let thrown = client.execute_typed(statement, &parameters);
                within(MAX_ANSWER, "throw away what is old", thrown).await?;
            }
        }
        Ok(())
    }

    async fn take(&mut self, work: &'static str) -> Result<bool, LedgerFault> {
        let client = self.session.client().await?;
        let parameters: [(&(dyn ToSql + Sync), Type); 3] =
            [(&work, Type::TEXT), (&self.origin, Type::UUID), (&WORK_S, Type::INT4)];
        Ok(one(client, TAKE, &parameters, "give out work").await?.get(0))
    }
}

async fn one(
    client: &Client,
    question: &str,
    parameters: &[(&(dyn ToSql + Sync), Type)],
    step: &'static str,
) -> Result<Row, LedgerFault> {
    within(MAX_ANSWER, step, client.query_typed_one(question, parameters)).await
}
