//! The database on both ends of a transfer.
//!
//! It is read in one transaction, which sees one state whoever serves meanwhile. It takes over chunk by chunk, a
//! transaction each, while nobody serves: rows of appointments and answers, and the places and shares that they take. A
//! slot gets its capacity when an instance adopts its configuration; until then what is taken in it is its overhang, so
//! that nobody gets a place there and everybody keeps the one he has.
//!
//! Whatever is here waits for the database and belongs to a thread outside the runtime.

use std::collections::{HashMap, HashSet};

use tokio::runtime::Handle;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use super::Addresses;
use super::appointment_columns::{AppointmentColumns, person};
use super::columns::Slots;
use super::pages::{self, Pages, Parameter, bounded, judge_keys};
use super::schema::{WITHOUT_STORE, lost};
use super::session::Session;
use super::store::prepare_schema;
use super::values::stored;
use crate::domain::appointment::{Appointment, AppointmentId};
use crate::ledger::LedgerFault;
use crate::ledger::entry::Remembered;
use crate::ledger::transfer::fault::{answer_named, appointment_named, configuration_named};
use crate::ledger::transfer::import::is_equal;
use crate::ledger::transfer::{
    Carried, MAX_SEALED_PARTS, Put, Sink, Source, TellAnswer, TellAppointment, TransferFault,
};

/// The word for this kind of store in a file.
const KIND: &str = "postgres";
/// For how long an instance that says nothing may still serve, in seconds: as long as others count it in.
const MAX_SILENCE_S: u32 = 10;

const LOCK_STORE: &str = "SELECT keys, configuration, imported_configuration FROM hallpass.store FOR UPDATE";
const SERVING: &str = "
    SELECT count(*) FROM hallpass.instances WHERE seen > clock_timestamp() - make_interval(secs => $1)";
const SET_KEYS: &str = "UPDATE hallpass.store SET keys = $1";
const SET_CONFIGURATION: &str = "UPDATE hallpass.store SET imported_configuration = $1";
const THERE: &str = "SELECT id, body, sealed FROM hallpass.appointments WHERE id = ANY ($1)";
const CLAIMS: &str = "
    SELECT o.id, o.applicant, o.document
    FROM unnest($1, $2) AS c (applicant, document)
    JOIN hallpass.appointments o ON o.active AND o.applicant = c.applicant AND o.document = c.document";
const SHARES: &str = "SELECT made_by, share FROM hallpass.appointments WHERE active AND made_by = ANY ($1)";
const TAKE_PLACES: &str = "
    INSERT INTO hallpass.slots AS t (hall, date, lane, starts, ends, capacity, taken, overhang)
    SELECT s.hall, s.date, s.lane, s.starts, s.ends, 0, s.places, s.places
    FROM unnest($1, $2, $3, $4, $5, $6) AS s (hall, date, lane, starts, ends, places)
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (hall, date, lane, starts, ends) DO UPDATE
    SET taken = t.taken + excluded.taken, overhang = greatest(0, t.taken + excluded.taken - t.capacity)";
const PUT_APPOINTMENTS: &str = "
    INSERT INTO hallpass.appointments
        (id, revision, status, applicant, document, made_by, share, hall, date, lane, starts, ends, body, sealed)
    SELECT a.id, a.revision, a.status, a.applicant, a.document, a.made_by, a.share,
        a.hall, a.date, a.lane, a.starts, a.ends, a.body, array_remove(ARRAY[a.made_with, a.confirmed_with], NULL)
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        AS a (id, revision, status, applicant, document, made_by, share,
            hall, date, lane, starts, ends, body, made_with, confirmed_with)";
const ANSWERS_THERE: &str = "SELECT at, key, body FROM hallpass.answers WHERE key = ANY ($1)";
const PUT_ANSWERS: &str = "
    INSERT INTO hallpass.answers (key, at, body) SELECT * FROM unnest($1, $2, $3) AS a (key, at, body)";

/// A part is a column here.
const _: () = assert!(MAX_SEALED_PARTS == 2);

/// The database as it was at one instant, whoever serves from it.
#[derive(Debug)]
pub struct Exporting(pub(super) Pages);

impl Exporting {
    /// Reaches the database and begins to read. It must have been begun with these keys.
    ///
    /// # Errors
    /// Where it is not reached, has another schema, or was begun with other keys.
    ///
    /// # Panics
    /// On a thread of the runtime.
    pub fn open(runtime: &Handle, addresses: &Addresses, keys: &[u8; 16]) -> Result<Self, LedgerFault> {
        Pages::of_one_state(runtime, addresses, keys).map(Self)
    }
}

impl Source for Exporting {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn appointments(&mut self, after: Option<AppointmentId>, tell: &mut TellAppointment) -> Result<(), TransferFault> {
        tell_appointments(&mut self.0, after, tell)
    }

    fn answers(&mut self, tell: &mut TellAnswer) -> Result<(), TransferFault> {
        tell_answers(&mut self.0, tell)
    }

    fn configuration(&mut self) -> Result<Option<String>, TransferFault> {
        Ok(self.0.configuration_in_force()?)
    }
}

fn tell_appointments(
    pages: &mut Pages,
    after: Option<AppointmentId>,
    tell: &mut TellAppointment,
) -> Result<(), TransferFault> {
    pages.tell_appointments(after.map(|id| id.0), &mut |row: &Row| tell(&appointment(row)?, &pages::sealed(row)?))
}

fn tell_answers(pages: &mut Pages, tell: &mut TellAnswer) -> Result<(), TransferFault> {
    let Some(kept_from) = pages.answers_kept_from()? else { return Ok(()) };
    pages.tell_answers(kept_from, &mut |row: &Row| tell(&pages::answer(row)?))
}

fn appointment(row: &Row) -> Result<Appointment, LedgerFault> {
    super::read("an appointment", row.get(1))
}

/// A database that takes over what another store remembered, while no instance serves from it.
#[derive(Debug)]
pub struct Importing {
    pages: Pages,
    keys: [u8; 16],
}

impl Importing {
    /// Reaches the database and brings its schema up to this binary. It must have been begun with these keys, or with none
    /// yet: then the first chunk begins it with these.
    ///
    /// # Errors
    /// Where it is not reached, has a later schema, was begun with other keys, or somebody serves from it.
    ///
    /// # Panics
    /// On a thread of the runtime.
    pub fn open(runtime: &Handle, addresses: &Addresses, keys: [u8; 16]) -> Result<Self, TransferFault> {
        let mut session = Session::new(addresses.main.clone());
        runtime.block_on(async {
            prepare_schema(addresses, &mut session).await?;
            begin(&mut session, &keys).await.map(|_| ())
        })?;
        Ok(Self { pages: Pages::new(runtime.clone(), session), keys })
    }
}

impl Source for Importing {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn appointments(&mut self, after: Option<AppointmentId>, tell: &mut TellAppointment) -> Result<(), TransferFault> {
        tell_appointments(&mut self.pages, after, tell)
    }

    fn answers(&mut self, tell: &mut TellAnswer) -> Result<(), TransferFault> {
        tell_answers(&mut self.pages, tell)
    }

    fn configuration(&mut self) -> Result<Option<String>, TransferFault> {
        Ok(self.pages.configuration_in_force()?)
    }
}

impl Sink for Importing {
    fn put_appointments(&mut self, chunk: &[Carried]) -> Result<Put, TransferFault> {
        let Pages { runtime, session, .. } = &mut self.pages;
        runtime.block_on(put_appointments(session, &self.keys, chunk))
    }

    fn put_answers(&mut self, chunk: &[Remembered]) -> Result<Put, TransferFault> {
        let Pages { runtime, session, .. } = &mut self.pages;
        runtime.block_on(put_answers(session, &self.keys, chunk))
    }

    fn put_configuration(&mut self, version: &str) -> Result<Put, TransferFault> {
        let Pages { runtime, session, .. } = &mut self.pages;
        runtime.block_on(put_configuration(session, &self.keys, version))
    }
}

/// A transaction that has the store for itself, and what the store says of its configuration: nobody serves from it, and
/// nobody comes before the transaction ends.
struct Begun<'a> {
    transaction: Transaction<'a>,
    configuration: Option<String>,
}

async fn begin<'a>(session: &'a mut Session, keys: &[u8; 16]) -> Result<Begun<'a>, TransferFault> {
    let transaction = bounded("begin to write", session.client().await?.transaction()).await?;
    let rows = bounded("lock the store", transaction.query_typed(LOCK_STORE, &[])).await?;
    let store = rows.first().ok_or_else(|| lost(WITHOUT_STORE))?;
    let begun_with: Option<&[u8]> = store.get(0);
    judge_keys(begun_with, keys)?;
    let silence_s = f64::from(MAX_SILENCE_S);
    let parameters: [Parameter<'_>; 1] = [(&silence_s, Type::FLOAT8)];
    let serving = bounded("ask who serves", transaction.query_typed_one(SERVING, &parameters)).await?;
    let instances = serving.get::<_, i64>(0).unsigned_abs();
    if instances > 0 {
        return Err(TransferFault::Served { instances, within_s: MAX_SILENCE_S });
    }
    if begun_with.is_none() {
        let keys = keys.as_slice();
        let parameters: [Parameter<'_>; 1] = [(&keys, Type::BYTEA)];
        bounded("keep its keys", transaction.execute_typed(SET_KEYS, &parameters)).await?;
    }
    let configuration = store.get::<_, Option<String>>(1).or(store.get(2));
    Ok(Begun { transaction, configuration })
}

async fn put_configuration(session: &mut Session, keys: &[u8; 16], version: &str) -> Result<Put, TransferFault> {
    let Begun { transaction, configuration } = begin(session, keys).await?;
    match configuration {
        Some(there) if there == version => Ok(Put { added: 0, there: 1 }),
        Some(there) => Err(TransferFault::Different { what: configuration_named(&there) }),
        None => {
            let parameters: [Parameter<'_>; 1] = [(&version, Type::TEXT)];
            bounded("put the configuration", transaction.execute_typed(SET_CONFIGURATION, &parameters)).await?;
            bounded("keep the configuration", transaction.commit()).await?;
            Ok(Put { added: 1, there: 0 })
        }
    }
}

async fn put_answers(session: &mut Session, keys: &[u8; 16], chunk: &[Remembered]) -> Result<Put, TransferFault> {
    let Begun { transaction, .. } = begin(session, keys).await?;
    let all: Vec<Uuid> = chunk.iter().map(key).collect();
    let parameters: [Parameter<'_>; 1] = [(&all, Type::UUID_ARRAY)];
    let rows = bounded("look for answers", transaction.query_typed(ANSWERS_THERE, &parameters)).await?;
    let there = rows.iter().map(|row| Ok((row.get(1), pages::answer(row)?)));
    let there: HashMap<Uuid, Remembered> = there.collect::<Result<_, LedgerFault>>()?;
    let (mut keys, mut ats, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for answer in chunk {
        match there.get(&key(answer)) {
            Some(stored) if stored == answer => {}
            Some(_) => return Err(TransferFault::Different { what: answer_named(answer) }),
            None => {
                keys.push(key(answer));
                ats.push(answer.at);
                bodies.push(stored(answer));
            }
        }
    }
    if !keys.is_empty() {
        let parameters: [Parameter<'_>; 3] =
            [(&keys, Type::UUID_ARRAY), (&ats, Type::TIMESTAMPTZ_ARRAY), (&bodies, Type::BYTEA_ARRAY)];
        bounded("put answers", transaction.execute_typed(PUT_ANSWERS, &parameters)).await?;
        bounded("keep answers", transaction.commit()).await?;
    }
    Ok(Put { added: keys.len(), there: chunk.len() - keys.len() })
}

fn key(answer: &Remembered) -> Uuid {
    Uuid::from_bytes(answer.repeat.key)
}

async fn put_appointments(session: &mut Session, keys: &[u8; 16], chunk: &[Carried]) -> Result<Put, TransferFault> {
    let Begun { transaction, .. } = begin(session, keys).await?;
    let new = new_of(&transaction, chunk).await?;
    if !new.is_empty() {
        judge_claims(&transaction, &new).await?;
        let shares = free_shares(&transaction, &new).await?;
        take_places(&transaction, &new).await?;
        let rows = AppointmentRows::of(&new, &shares);
        bounded("put appointments", transaction.execute_typed(PUT_APPOINTMENTS, &rows.parameters())).await?;
        bounded("keep appointments", transaction.commit()).await?;
    }
    Ok(Put { added: new.len(), there: chunk.len() - new.len() })
}

/// Those of a chunk that are not there yet; the others must be equal to what is.
async fn new_of<'a>(transaction: &Transaction<'_>, chunk: &'a [Carried]) -> Result<Vec<&'a Carried>, TransferFault> {
    let ids: Vec<Uuid> = chunk.iter().map(|carried| carried.appointment.id.0).collect();
    let parameters: [Parameter<'_>; 1] = [(&ids, Type::UUID_ARRAY)];
    let rows = bounded("look for appointments", transaction.query_typed(THERE, &parameters)).await?;
    let there: HashMap<Uuid, &Row> = rows.iter().map(|row| (row.get(0), row)).collect();
    let mut new = Vec::new();
    for carried in chunk {
        let id = carried.appointment.id;
        match there.get(&id.0) {
            None => new.push(carried),
            Some(row) if is_equal(carried, &appointment(row)?, &pages::sealed(row)?) => {}
            Some(_) => return Err(TransferFault::Different { what: appointment_named(id) }),
        }
    }
    Ok(new)
}

/// Refuses a second active appointment of one applicant for one document, beside one that is there or one of the chunk.
async fn judge_claims(transaction: &Transaction<'_>, new: &[&Carried]) -> Result<(), TransferFault> {
    let active = || active_of(new).map(|appointment| (person(appointment.applicant), appointment));
    let (applicants, documents): (Vec<Uuid>, Vec<&str>) =
        active().map(|(applicant, appointment)| (applicant, appointment.document.as_str())).unzip();
    let parameters: [Parameter<'_>; 2] = [(&applicants, Type::UUID_ARRAY), (&documents, Type::TEXT_ARRAY)];
    let rows = bounded("look for claims", transaction.query_typed(CLAIMS, &parameters)).await?;
    let claim = |row: &'_ Row| ((row.get::<_, Uuid>(1), row.get::<_, String>(2)), AppointmentId(row.get(0)));
    let mut claims: HashMap<(Uuid, String), AppointmentId> = rows.iter().map(claim).collect();
    for (applicant, appointment) in active() {
        let id = appointment.id;
        if let Some(other) = claims.insert((applicant, appointment.document.as_str().to_owned()), id) {
            return Err(TransferFault::Claimed { id, other });
        }
    }
    Ok(())
}

/// A share for each: active ones take the lowest of their booker that nobody has.
async fn free_shares(transaction: &Transaction<'_>, new: &[&Carried]) -> Result<Vec<i32>, TransferFault> {
    let bookers: Vec<Uuid> = active_of(new).map(|appointment| person(appointment.made_by)).collect();
    let parameters: [Parameter<'_>; 1] = [(&bookers, Type::UUID_ARRAY)];
    let rows = bounded("look for shares", transaction.query_typed(SHARES, &parameters)).await?;
    let mut taken: HashSet<(Uuid, i32)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let share = |carried: &&Carried| {
        let booker = person(carried.appointment.made_by);
        let is_active = carried.appointment.status.is_active();
        if is_active { (0..i32::MAX).find(|share| taken.insert((booker, *share))).unwrap_or(i32::MAX) } else { 0 }
    };
    Ok(new.iter().map(share).collect())
}

/// Counts the places that appointments have in their slots, beyond the capacity where that is not known or too low.
async fn take_places(transaction: &Transaction<'_>, new: &[&Carried]) -> Result<(), TransferFault> {
    let (mut slots, mut places) = (Slots::default(), Vec::<i32>::new());
    for carried in new.iter().filter(|carried| carried.appointment.status.takes_place()) {
        let at = usize::try_from(slots.number(&carried.appointment.slot, 0) - 1).unwrap_or(0);
        places.resize(places.len().max(at + 1), 0);
        places[at] += 1;
    }
    let [hall, date, lane, starts, ends, _] = slots.parameters();
    let parameters: [Parameter<'_>; 6] = [hall, date, lane, starts, ends, (&places, Type::INT4_ARRAY)];
    bounded("take places", transaction.execute_typed(TAKE_PLACES, &parameters)).await?;
    Ok(())
}

fn active_of<'a>(new: &[&'a Carried]) -> impl Iterator<Item = &'a Appointment> {
    new.iter().map(|carried| &carried.appointment).filter(|appointment| appointment.status.is_active())
}

/// Appointments with what is sealed of them.
#[derive(Default)]
struct AppointmentRows<'a> {
    appointments: AppointmentColumns,
    /// The sealed texts, by the number of the part.
    sealed: [Vec<Option<&'a [u8]>>; MAX_SEALED_PARTS],
}

impl<'a> AppointmentRows<'a> {
    fn of(new: &[&'a Carried], shares: &[i32]) -> Self {
        let mut rows = Self::default();
        for (carried, share) in new.iter().zip(shares) {
            rows.appointments.push(&carried.appointment, *share);
            for (part, column) in rows.sealed.iter_mut().enumerate() {
                column.push(carried.sealed.get(part).map(|sealed| sealed.as_slice()));
            }
        }
        rows
    }

    fn parameters(&self) -> Vec<Parameter<'_>> {
        let sealed = self.sealed.iter().map(|part| -> Parameter<'_> { (part, Type::BYTEA_ARRAY) });
        self.appointments.parameters().into_iter().chain(sealed).collect()
    }
}
