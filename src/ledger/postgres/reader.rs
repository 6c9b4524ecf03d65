//! Reads single records of the database while it is written to, over a session of its own.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::types::Type;

use super::faults::{self, failed};
use super::session::{Session, silent};
use crate::domain::appointment::AppointmentId;
use crate::ledger::reading::{MAX_READ, Reader, SealedParts};
use crate::ledger::{Boxed, LedgerFault};
use crate::postgres_url::Address;

const STEP: &str = "read a record";
const SEALED: &str = "SELECT sealed FROM hallpass.appointments WHERE id = $1";

/// One session, opened when something is read for the first time, and one question after the other over it: each is the
/// look-up of a primary key. None is waited for longer than [`MAX_READ`], the wait for those before it included.
#[derive(Debug)]
pub struct PostgresReader(Mutex<Session>);

impl PostgresReader {
    /// A reader of the database at this address.
    pub fn new(address: Arc<Address>) -> Self {
        Self(Mutex::new(Session::new(address)))
    }

    async fn read(&self, id: AppointmentId) -> Result<SealedParts, LedgerFault> {
        let end = Instant::now() + MAX_READ;
        let late = |_| silent(MAX_READ, STEP);
        let mut session = timeout_at(end, self.0.lock()).await.map_err(late)?;
        let answered = timeout_at(end, ask(&mut session, id)).await.map_err(late);
        // A session that was silent may stay so: the next question opens another.
        answered.inspect_err(|_| session.close())?
    }
}

async fn ask(session: &mut Session, id: AppointmentId) -> Result<SealedParts, LedgerFault> {
    let client = session.client().await?;
    match client.query_typed(SEALED, &[(&id.0, Type::UUID)]).await {
        Ok(rows) => Ok(rows.first().map(|row| row.get(0)).unwrap_or_default()),
        Err(error) => {
            if faults::is_of_the_session(&error) {
                session.close();
            }
            Err(failed(STEP)(error))
        }
    }
}

impl Reader for PostgresReader {
    fn sealed(&self, id: AppointmentId) -> Boxed<'_, Result<SealedParts, LedgerFault>> {
        Box::pin(self.read(id))
    }
}
