//! The ledger of an instance: what it writes, and what it reads when it starts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt as _;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, IsolationLevel};
use uuid::Uuid;

use super::columns::{Columns, Slots};
use super::faults::{self, Meaning, failed};
use super::keeper::{Keeper, Kept};
use super::pages::last_instant;
use super::reader::PostgresReader;
use super::session::{MAX_ANSWER, Session, silent};
use super::tail::{PostgresTail, Seen};
use super::{Addresses, schema};
use crate::clock::Clock;
use crate::domain::appointment::Appointment;
use crate::ledger::entry::Remembered;
use crate::ledger::reading::Reader;
use crate::ledger::{
    BatchNumber, CodePart, CommitFault, Draft, Ledger, LedgerFault, Membership, Restored, Tail, Verdict, Verdicts,
    decoded,
};
use crate::vault;

/// How long a batch is tried again before whoever waits for it is told that nothing can be written: so long a database may
/// be away, or another take over, without anybody noticing more than a pause.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long a batch rests before it is tried again over a session that had to be given up.
const REST: Duration = Duration::from_millis(50);
/// How often a batch is sent again at most because another was quicker.
const MAX_OVERTAKEN: usize = 50;

const COMMIT: &str = "SELECT hallpass.commit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
                      $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34)";
const ADOPT: &str = "SELECT hallpass.adopt($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
/// What is visible, and the last transaction that wrote a batch of that.
const VISIBLE: &str = "SELECT pg_current_snapshot()::text, \
    coalesce((SELECT written::text::bigint FROM hallpass.journal ORDER BY written DESC LIMIT 1), 0)";
const TAKEN: &str = "SELECT coalesce(sum(taken), 0)::bigint FROM hallpass.slots";
const GIVE_UP: &str = "SELECT hallpass.give_up($1, $2, $3)";

type Parameters<'a> = Vec<(&'a (dyn ToSql + Sync), Type)>;

/// A ledger in PostgreSQL.
#[derive(Debug)]
pub struct Postgres {
    runtime: Handle,
    addresses: Addresses,
    session: Session,
    /// Who this instance is, from its start to its end.
    origin: Uuid,
    kept: Arc<Kept>,
    /// The version of the configuration that the last batch was judged by.
    configuration: Arc<Mutex<String>>,
    tail: Option<PostgresTail>,
    /// The rest of a call of `commit` of which a batch is in doubt.
    doubt: Option<Doubt>,
}

/// What is known of a call of `commit` that did not end.
#[derive(Debug)]
struct Doubt {
    batch: Uuid,
    number: BatchNumber,
    /// The verdicts of what was written before.
    known: Vec<Verdict>,
    /// How many entries the batch in doubt has, and how many come behind it, which were not sent.
    entries: usize,
    behind: usize,
}

/// Entries that go to the database together: they were judged by one configuration.
enum Group<'a, 'b> {
    Entries(&'b [Draft<'a>]),
    Adoption(&'b Draft<'a>),
}

impl Postgres {
    /// Reaches the database, brings its schema up to this binary, and joins the instances that are there.
    ///
    /// # Errors
    /// Where it cannot be reached, has a later schema, or was begun with other keys.
    pub async fn open(
        addresses: Addresses,
        configuration: &str,
        keys: &[u8; 16],
        clock: &Clock,
    ) -> Result<Self, LedgerFault> {
        let mut session = Session::new(Arc::clone(&addresses.main));
        prepare_schema(&addresses, &mut session).await?;
        super::checkup::judge_presence(session.client().await?).await?;
        let origin = Uuid::from_bytes(
            vault::random().map_err(|error| LedgerFault::Store { step: "name this instance", source: error.into() })?,
        );
        let configuration = Arc::new(Mutex::new(configuration.to_owned()));
        let keeper = Keeper::new(&addresses, origin, Arc::clone(&configuration), *keys, clock.clone());
        let kept = Arc::new(keeper.start().await?);
        let client = session.client().await?;
        super::checkup::warn(client, addresses.main.endpoints().len()).await;
        Ok(Self {
            runtime: Handle::current(),
            addresses,
            session,
            origin,
            kept,
            configuration,
            tail: None,
            doubt: None,
        })
    }

    async fn write(&mut self, number: BatchNumber, drafts: &[Draft<'_>]) -> Result<Verdicts, CommitFault> {
        let (mut verdicts, mut rest) = (Vec::with_capacity(drafts.len()), drafts);
        while !rest.is_empty() {
            let (group, behind) = first_group(rest);
            self.configuration.lock().clone_from(&rest[0].snapshot.version);
            let (batch, entries) = (Uuid::from_bytes(fresh()), rest.len() - behind.len());
            match self.write_group(batch, number, &group).await {
                Ok(of_group) => {
                    if matches!(group, Group::Adoption(_)) {
                        *self.kept.membership.in_force.lock() = Some(rest[0].snapshot.version.clone());
                    }
                    verdicts.extend(of_group);
                }
                Err(fault @ (CommitFault::NotWritten(_) | CommitFault::WayClosed(_))) if verdicts.is_empty() => {
                    return Err(fault);
                }
                Err(CommitFault::NotWritten(fault) | CommitFault::WayClosed(fault) | CommitFault::InDoubt(fault)) => {
                    self.doubt = Some(Doubt { batch, number, known: verdicts, entries, behind: behind.len() });
                    return Err(CommitFault::InDoubt(fault));
                }
                Err(CommitFault::Final(fault)) => return Err(CommitFault::Final(fault)),
            }
            rest = behind;
        }
        Ok(Verdicts::Each(verdicts))
    }

    /// Writes a group as one batch, and sends it again for as long as it may still be written without harm.
    async fn write_group(
        &mut self,
        batch: Uuid,
        number: BatchNumber,
        group: &Group<'_, '_>,
    ) -> Result<Vec<Verdict>, CommitFault> {
        let mut statement = Statement::of(group)?;
        let (began, mut overtaken, mut is_in_doubt) = (Instant::now(), 0, false);
        loop {
            let (fault, meaning) = match self.send(batch, number, &statement).await {
                Ok(verdicts) => return Ok(verdicts),
                Err(failure) => failure,
            };
            match meaning {
                Meaning::TryAgain | Meaning::Overtaken if overtaken < MAX_OVERTAKEN && began.elapsed() < PATIENCE => {
                    overtaken += 1;
                    statement.judge_everything();
                    continue;
                }
                Meaning::Nothing if !is_in_doubt => return Err(CommitFault::NotWritten(fault)),
                // Of a batch that was sent before it is as little known as it was.
                Meaning::TryAgain | Meaning::Overtaken | Meaning::NotSent | Meaning::Nothing => {}
                Meaning::Unknown => is_in_doubt = true,
            }
            if began.elapsed() > PATIENCE {
                return Err(match is_in_doubt {
                    true => CommitFault::InDoubt(fault),
                    false if faults::is_crowded(&fault) => CommitFault::WayClosed(fault),
                    false => CommitFault::NotWritten(fault),
                });
            }
            tokio::time::sleep(REST).await;
        }
    }

    /// Sends a batch once.
    async fn send(
        &mut self,
        batch: Uuid,
        number: BatchNumber,
        statement: &Statement<'_>,
    ) -> Result<Vec<Verdict>, (LedgerFault, Meaning)> {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let origin = self.origin;
        let client = match self.session.client().await {
            Ok(client) => client,
            Err(fault) => return Err((fault, Meaning::NotSent)),
        };
        let mut parameters: Parameters<'_> = vec![(&batch, Type::UUID), (&origin, Type::UUID), (&number, Type::INT8)];
        statement.add_parameters(&mut parameters);
        let asked = client.query_typed_one(statement.text(), &parameters);
        match tokio::time::timeout(MAX_ANSWER, asked).await {
            Ok(Ok(row)) => match row.get::<_, Option<Vec<i16>>>(0) {
                Some(verdicts) => Ok(verdicts.into_iter().map(verdict).collect()),
                None => Ok(vec![Verdict::GivenUp; statement.entries()]),
            },
            Ok(Err(error)) => {
                let meaning = faults::meaning(&error);
                if faults::is_of_the_session(&error) {
                    self.session.close();
                }
                Err((failed("write a batch")(error), meaning))
            }
            Err(_) => {
                self.session.close();
                Err((silent(MAX_ANSWER, "write a batch"), Meaning::Unknown))
            }
        }
    }

    async fn give_up_what_is_in_doubt(&mut self) -> Result<Verdicts, LedgerFault> {
        let origin = self.origin;
        let client = self.session.client().await?;
        let Some(doubt) = &self.doubt else {
            let is_open = client.query_typed_one("SELECT NOT pg_is_in_recovery()", &[]);
            let answer = tokio::time::timeout(MAX_ANSWER, is_open).await;
            let is_open = match answer {
                Ok(Ok(row)) => row.get::<_, bool>(0),
                Ok(Err(error)) => {
                    self.session.close();
                    return Err(failed("answer")(error));
                }
                Err(_) => false,
            };
            if !is_open {
                self.session.close();
                let source = "it only follows another server".into();
                return Err(LedgerFault::Store { step: "write", source });
            }
            return Ok(Verdicts::Each(Vec::new()));
        };
        let number = i64::try_from(doubt.number).unwrap_or(i64::MAX);
        let parameters: Parameters<'_> = vec![(&doubt.batch, Type::UUID), (&origin, Type::UUID), (&number, Type::INT8)];
        let asked = client.query_typed_one(GIVE_UP, &parameters);
        let row = match tokio::time::timeout(MAX_ANSWER, asked).await {
            Ok(Ok(row)) => row,
            Ok(Err(error)) => {
                self.session.close();
                return Err(failed("say what became of a batch")(error));
            }
            Err(_) => {
                self.session.close();
                return Err(silent(MAX_ANSWER, "say what became of a batch"));
            }
        };
        let doubt = self.doubt.take().expect("it is there, as it was asked about");
        let of_batch: Option<Vec<i16>> = row.get(0);
        let mut verdicts = doubt.known;
        match of_batch {
            Some(of_batch) => verdicts.extend(of_batch.into_iter().map(verdict)),
            None => verdicts.extend(vec![Verdict::GivenUp; doubt.entries]),
        }
        verdicts.extend(vec![Verdict::GivenUp; doubt.behind]);
        Ok(Verdicts::Each(verdicts))
    }

    async fn read_all(&mut self, restore: &(dyn Fn(Restored<'_>) + Sync)) -> Result<(), LedgerFault> {
        let client = self.session.client().await?;
        let reading = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
        let reading = reading.start().await.map_err(failed("begin to read"))?;
        // The first statement makes the snapshot that all the others see, and from which the tail goes on.
        let visible = reading.query_typed_one(VISIBLE, &[]).await.map_err(failed("say what is visible"))?;
        let seen = Seen::new(visible.get(0), visible.get::<_, i64>(1).unsigned_abs());
        let placed = read_appointments(reading.client(), restore).await?;
        compare_counts(reading.client(), placed).await?;
        let answers =
            reading.query_typed_raw("SELECT body FROM hallpass.answers ORDER BY at", Vec::<(i32, Type)>::new());
        let answers = answers.await.map_err(failed("read the answers"))?;
        let mut answers = std::pin::pin!(answers);
        while let Some(row) = answers.try_next().await.map_err(failed("read the answers"))? {
            let remembered: Remembered = super::read("a remembered answer", row.get(0))?;
            restore(Restored::Answer(remembered));
        }
        reading.commit().await.map_err(failed("end reading"))?;
        self.tail = Some(PostgresTail::open(&self.addresses, self.origin, seen).await?);
        Ok(())
    }
}

/// Gives every appointment, and says how many of them have a place.
async fn read_appointments(client: &Client, restore: &(dyn Fn(Restored<'_>) + Sync)) -> Result<u64, LedgerFault> {
    let mut placed = 0;
    let rows = client.query_typed_raw("SELECT body, sealed FROM hallpass.appointments", Vec::<(i32, Type)>::new());
    let rows = rows.await.map_err(failed("read the appointments"))?;
    let mut rows = std::pin::pin!(rows);
    while let Some(row) = rows.try_next().await.map_err(failed("read the appointments"))? {
        let appointment: Appointment = super::read("an appointment", row.get(0))?;
        let sealed: Vec<&[u8]> = row.get(1);
        placed += u64::from(appointment.status.takes_place());
        restore(Restored::Appointment(appointment, &sealed));
    }
    Ok(placed)
}

/// Tells the operator of a database that counts other places than its appointments have. It is used all the same: nothing is
/// oversold by that, and only who restores a backup can mend it.
async fn compare_counts(client: &Client, placed: u64) -> Result<(), LedgerFault> {
    let taken = client.query_typed_one(TAKEN, &[]).await.map_err(failed("count the places that are taken"))?;
    let taken = taken.get::<_, i64>(0).unsigned_abs();
    if taken != placed {
        tracing::error!(
            taken,
            appointments = placed,
            "the database counts other places than its appointments have: rows are missing; `hallpass verify` says which"
        );
    }
    Ok(())
}

/// Refuses a database that has nothing, although an instance has served from it before.
///
/// # Errors
/// [`LedgerFault::Schema`], or that the database is not reached.
pub async fn judge_not_begun_anew(addresses: &Addresses) -> Result<(), LedgerFault> {
    let mut session = Session::new(Arc::clone(&addresses.main));
    if schema::version(session.client().await?).await? > 0 {
        return Ok(());
    }
    let found = "has nothing of hallpass, and this instance has served from it before: its volume is not mounted, or it was \
        emptied. Restore it from a backup; to begin anew in it, remove the file DATABASE from the data directory";
    Err(LedgerFault::Schema { found: found.into() })
}

/// Brings the schema up to this binary, by the role that may, where that is another one.
pub(super) async fn prepare_schema(addresses: &Addresses, session: &mut Session) -> Result<(), LedgerFault> {
    let found = schema::version(session.client().await?).await?;
    schema::judge(found)?;
    if found == schema::LATEST {
        return Ok(());
    }
    match &addresses.migration {
        Some(address) => schema::migrate(Session::new(Arc::clone(address)).client().await?).await,
        None => schema::migrate(session.client().await?).await,
    }
}

fn fresh() -> [u8; 16] {
    vault::random().expect("the operating system gave random numbers at the start")
}

const fn verdict(number: i16) -> Verdict {
    match number {
        0 => Verdict::Written,
        1 => Verdict::SlotFull,
        2 => Verdict::TooManyActive,
        3 => Verdict::Changed,
        4 => Verdict::KeyKnown,
        5 => Verdict::OtherConfiguration,
        #[allow(clippy::cast_sign_loss, reason = "it is at least 16 here")]
        claimed => Verdict::AlreadyBooked((claimed - 16) as usize),
    }
}

/// The first entries that go together, and those behind them.
fn first_group<'a, 'b>(drafts: &'b [Draft<'a>]) -> (Group<'a, 'b>, &'b [Draft<'a>]) {
    if !drafts[0].capacities.is_empty() {
        return (Group::Adoption(&drafts[0]), &drafts[1..]);
    }
    let version = &drafts[0].snapshot.version;
    let together = |draft: &&Draft<'_>| {
        draft.capacities.is_empty()
            && (std::ptr::eq(draft.snapshot, drafts[0].snapshot) || draft.snapshot.version == *version)
    };
    let count = drafts.iter().take_while(together).count();
    (Group::Entries(&drafts[..count]), &drafts[count..])
}

/// A group as the database takes it.
#[allow(clippy::large_enum_variant, reason = "there is one at a time, on the stack")]
enum Statement<'a> {
    Commit { configuration: &'a str, is_plain: bool, columns: Columns, entries: usize },
    Adopt { configuration: &'a str, from: chrono::NaiveDate, body: &'a [u8], slots: Slots },
}

impl<'a> Statement<'a> {
    fn of(group: &Group<'a, '_>) -> Result<Self, LedgerFault> {
        Ok(match group {
            Group::Entries(drafts) => {
                let columns = Columns::of(drafts)?;
                let (configuration, is_plain) = (&drafts[0].snapshot.version, columns.are_plain());
                Self::Commit { configuration, is_plain, columns, entries: drafts.len() }
            }
            Group::Adoption(draft) => {
                let mut slots = Slots::default();
                for (slot, capacity) in draft.capacities {
                    slots.number(slot, *capacity);
                }
                // What was yesterday is left as it is, wherever the hall is.
                let from = decoded(0, draft.entry)?.at.date_naive() - chrono::Days::new(1);
                Self::Adopt { configuration: &draft.snapshot.version, from, body: draft.entry, slots }
            }
        })
    }

    /// What was refused because of something that the instance does not know yet is not plain.
    const fn judge_everything(&mut self) {
        if let Self::Commit { is_plain, .. } = self {
            *is_plain = false;
        }
    }

    const fn text(&self) -> &'static str {
        match self {
            Self::Commit { .. } => COMMIT,
            Self::Adopt { .. } => ADOPT,
        }
    }

    const fn entries(&self) -> usize {
        match self {
            Self::Commit { entries, .. } => *entries,
            Self::Adopt { .. } => 1,
        }
    }

    fn add_parameters<'b>(&'b self, parameters: &mut Parameters<'b>) {
        match self {
            Self::Commit { configuration, is_plain, columns, .. } => {
                parameters.push((configuration, Type::TEXT));
                parameters.push((is_plain, Type::BOOL));
                parameters.extend(columns.parameters());
            }
            Self::Adopt { configuration, from, body, slots } => {
                parameters.push((configuration, Type::TEXT));
                parameters.push((from, Type::DATE));
                parameters.push((body, Type::BYTEA));
                parameters.extend(slots.parameters());
            }
        }
    }
}

impl Ledger for Postgres {
    fn commit(&mut self, number: BatchNumber, batch: &[Draft<'_>]) -> Result<Verdicts, CommitFault> {
        let runtime = self.runtime.clone();
        runtime.block_on(self.write(number, batch))
    }

    fn recover(&mut self) -> Result<Verdicts, LedgerFault> {
        let runtime = self.runtime.clone();
        runtime.block_on(self.give_up_what_is_in_doubt())
    }

    fn last_instant(&mut self) -> Result<Option<DateTime<Utc>>, LedgerFault> {
        let runtime = self.runtime.clone();
        runtime.block_on(async { last_instant(self.session.client().await?).await })
    }

    fn load(&mut self, restore: &(dyn Fn(Restored<'_>) + Sync)) -> Result<(), LedgerFault> {
        let runtime = self.runtime.clone();
        runtime.block_on(self.read_all(restore))
    }

    fn tail(&mut self) -> Option<Box<dyn Tail>> {
        Some(Box::new(self.tail.take()?))
    }

    fn second_way(&mut self) -> Option<Box<dyn Ledger>> {
        let mut session = Session::new(Arc::clone(&self.addresses.main));
        if let Err(fault) = self.runtime.block_on(session.client()) {
            let source = std::error::Error::source(&fault).map(ToString::to_string);
            tracing::warn!(%fault, source, "without a second session to write over, one batch is written after the other");
            return None;
        }
        Some(Box::new(Self {
            runtime: self.runtime.clone(),
            addresses: self.addresses.clone(),
            session,
            origin: self.origin,
            kept: Arc::clone(&self.kept),
            configuration: Arc::clone(&self.configuration),
            tail: None,
            doubt: None,
        }))
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(PostgresReader::new(Arc::clone(&self.addresses.main)))
    }

    fn code_part(&self) -> CodePart {
        CodePart::Of256(Arc::clone(&self.kept.part))
    }

    fn membership(&self) -> Option<Arc<Membership>> {
        Some(Arc::clone(&self.kept.membership))
    }
}
