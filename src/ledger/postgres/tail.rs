//! What others write, read as their batches become visible.
//!
//! A batch has a number, but a batch with a smaller number may become visible later. So the place up to which everything
//! has been read is not a number: it is the *snapshot* of the last reading, and the next one asks for what that did not
//! see yet. No batch is left out, however long another takes. A word of the database wakes the reading; where no word
//! comes, as through a pooler that passes none on, it happens all the same, every [`POLL`].
//!
//! Of a snapshot only what lies before the last batch that was read is kept. A transaction that came to nothing has a
//! number too; a standby that takes over may not have heard of it, and gives its number to a batch.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::poll_fn;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Row};
use uuid::Uuid;

use super::Addresses;
use super::connect::connect;
use super::session::{MAX_ANSWER, Session, within};
use crate::ledger::entry::Entry;
use crate::ledger::{Boxed, LedgerFault, News, Tail, decoded};
use crate::postgres_url::Address;

/// How long nothing is read at most.
const POLL: Duration = Duration::from_millis(200);
/// How long it takes until somebody listens again whose session was lost.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);
/// How many batches of others are fetched at once.
const FETCHED_BATCHES: usize = 16;

const UNREAD: &str = "SELECT now_seen, is_the_same, sequence, origin, number, written FROM hallpass.unread($1)";
const BODIES: &str = "SELECT sequence, bodies FROM hallpass.journal WHERE sequence = ANY ($1) ORDER BY sequence";

/// The tail of the journal.
#[derive(Debug)]
pub struct PostgresTail {
    session: Session,
    origin: Uuid,
    seen: Seen,
    /// Whether the database has been found to lack what was read: whatever it says from then on, memory has too much.
    has_lost: bool,
    round: Option<Round>,
    woken: Arc<Notify>,
    listening: AbortHandle,
}

/// Up to where everything has been read.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The snapshot of the last reading that was given whole, up to `written`.
    snapshot: String,
    /// The last transaction that wrote a batch which was read.
    written: u64,
}

impl Seen {
    /// What a reading has seen, by its snapshot and the last transaction that wrote a batch which was visible then.
    pub fn new(snapshot: &str, written: u64) -> Self {
        Self { snapshot: up_to(snapshot, written), written }
    }
}

/// A snapshot as if no transaction after this one had begun yet.
fn up_to(snapshot: &str, written: u64) -> String {
    let mut parts = snapshot.splitn(3, ':');
    let mut number = || parts.next().and_then(|part| part.parse::<u64>().ok()).unwrap_or(0);
    let (first, end) = (number(), number());
    let end = end.min(written + 1);
    let under_way = parts.next().unwrap_or_default().split(',');
    let under_way = under_way.filter(|number| number.parse::<u64>().is_ok_and(|number| number < end));
    format!("{}:{end}:{}", first.min(end), under_way.collect::<Vec<_>>().join(","))
}

/// A reading that has not been given whole yet.
#[derive(Debug)]
struct Round {
    /// What has been seen when this reading has been given whole.
    seen: Seen,
    unread: VecDeque<Batch>,
    /// Batches of others that have been fetched.
    fetched: VecDeque<Vec<Entry>>,
}

#[derive(Debug)]
enum Batch {
    Own(u64),
    OfAnother(i64),
}

impl PostgresTail {
    /// The tail behind a snapshot. It has its session at once: nothing is done without it, other than without a second way
    /// to write or a word of what is new.
    ///
    /// # Errors
    /// Where no server is reached.
    pub async fn open(addresses: &Addresses, origin: Uuid, seen: Seen) -> Result<Self, LedgerFault> {
        let mut session = Session::new(Arc::clone(&addresses.main));
        session.client().await?;
        let woken = Arc::new(Notify::new());
        let listening = tokio::spawn(listen(Arc::clone(&addresses.listen), origin, Arc::clone(&woken))).abort_handle();
        Ok(Self { session, origin, seen, has_lost: false, round: None, woken, listening })
    }

    async fn begin(&mut self) -> Result<Round, LedgerFault> {
        let client = self.session.client().await?;
        let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&self.seen.snapshot, Type::TEXT)];
        let rows = answer(client, UNREAD, &parameters).await?;
        self.has_lost |= rows.first().is_some_and(|row| !row.get::<_, bool>(1));
        if self.has_lost {
            let found = "is not the one that was read before: it has lost what was written last; restart this instance";
            return Err(LedgerFault::Schema { found: found.into() });
        }
        let mut round = Round { seen: self.seen.clone(), unread: VecDeque::new(), fetched: VecDeque::new() };
        let mut written = self.seen.written;
        for row in &rows {
            let Some(sequence) = row.get::<_, Option<i64>>(2) else { continue };
            written = written.max(row.get::<_, i64>(5).unsigned_abs());
            let (origin, number): (Uuid, i64) = (row.get(3), row.get(4));
            let is_own = origin == self.origin;
            let own = Batch::Own(u64::try_from(number).unwrap_or(0));
            round.unread.push_back(if is_own { own } else { Batch::OfAnother(sequence) });
        }
        if let Some(row) = rows.first() {
            round.seen = Seen::new(row.get(0), written);
        }
        Ok(round)
    }

    async fn go_on(&mut self) -> Result<Option<News>, LedgerFault> {
        if self.round.is_none() {
            self.round = Some(self.begin().await?);
        }
        let round = self.round.as_mut().expect("a round has just begun");
        if let Some(entries) = round.fetched.pop_front() {
            return Ok(Some(News::Entries(entries)));
        }
        match round.unread.pop_front() {
            Some(Batch::Own(number)) => Ok(Some(News::Own(number))),
            Some(Batch::OfAnother(first)) => {
                let mut sequences = vec![first];
                while sequences.len() < FETCHED_BATCHES
                    && let Some(Batch::OfAnother(next)) = round.unread.front()
                {
                    sequences.push(*next);
                    round.unread.pop_front();
                }
                let client = self.session.client().await?;
                let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&sequences, Type::INT8_ARRAY)];
                for row in answer(client, BODIES, &parameters).await? {
                    round.fetched.push_back(entries_of(&row)?);
                }
                Ok(Some(News::Entries(round.fetched.pop_front().unwrap_or_default())))
            }
            None => {
                self.seen = round.seen.clone();
                self.round = None;
                Ok(None)
            }
        }
    }
}

fn entries_of(row: &Row) -> Result<Vec<Entry>, LedgerFault> {
    let sequence: i64 = row.get(0);
    let number = u64::try_from(sequence).unwrap_or(0);
    row.get::<_, Vec<&[u8]>>(1).into_iter().map(|body| decoded(number, body)).collect()
}

async fn answer(
    client: &Client,
    question: &str,
    parameters: &[(&(dyn ToSql + Sync), Type)],
) -> Result<Vec<Row>, LedgerFault> {
    within(MAX_ANSWER, "read what others wrote", client.query_typed(question, parameters)).await
}

/// Hears when another has written, for as long as it is polled.
async fn listen(address: Arc<Address>, origin: Uuid, woken: Arc<Notify>) {
    let own = origin.to_string();
    loop {
        if let Ok((client, mut link)) = connect(&address).await {
            let (heard, own) = (Arc::clone(&woken), own.clone());
            let hearing = tokio::spawn(async move {
                while let Some(Ok(message)) = poll_fn(|context| link.poll_message(context)).await {
                    if matches!(message, AsyncMessage::Notification(word) if word.payload() != own) {
                        heard.notify_one();
                    }
                }
            });
            let ends = AbortOnDrop(hearing.abort_handle());
            if client.batch_execute("LISTEN hallpass").await.is_ok() {
                // It ends when the session is lost.
                let _ = hearing.await;
            }
            drop(ends);
        }
        tokio::time::sleep(LISTEN_AGAIN).await;
    }
}

struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Tail for PostgresTail {
    fn wait(&mut self) -> Boxed<'_, ()> {
        Box::pin(async {
            let _ = tokio::time::timeout(POLL, self.woken.notified()).await;
        })
    }

    fn next(&mut self) -> Boxed<'_, Result<Option<News>, LedgerFault>> {
        Box::pin(async {
            let next = self.go_on().await;
            if next.is_err() {
                // The round begins anew behind what was given whole; what comes twice is known by its revision.
                self.round = None;
                self.session.close();
            }
            next
        })
    }
}

impl Drop for PostgresTail {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_counts_as_seen_that_began_after_the_last_batch() {
        for (snapshot, written, expected) in [
            ("10:10:", 9, "10:10:"),
            ("10:15:", 9, "10:10:"),
            ("10:15:10,12", 9, "10:10:"),
            ("10:15:10,12,14", 12, "10:13:10,12"),
            ("10:15:10,12", 14, "10:15:10,12"),
            ("10:15:", 0, "1:1:"),
        ] {
            assert_eq!(up_to(snapshot, written), expected, "{snapshot} up to {written}");
        }
    }
}
