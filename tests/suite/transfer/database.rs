//! A database on both ends: what is carried into one can be asked for there, and carried out again.

mod audit;
mod command;
mod refusals;

use std::sync::Arc;

use hallpass::engine::{Answer, Begun, Call, Fingerprint};
use hallpass::ledger::LedgerFault;
use hallpass::ledger::audit::Report;
use hallpass::ledger::postgres::Addresses;
use hallpass::ledger::postgres::transfer::{Exporting, Importing as PostgresImporting};
use hallpass::ledger::postgres::verify::verify as verify_database;
use hallpass::vault::Vault;
use tokio::runtime::Runtime;

use super::interruption::{CHUNK, Failing};
use super::*;
use crate::world::plan::Plan;
use crate::world::postgres::{Cluster, sql, until};
use crate::world::shared::{addresses, join, recount};
use crate::world::{At, World, code, day};

/// A cluster, and the runtime of whoever talks to it from a thread of the test.
struct Databases {
    runtime: Runtime,
    cluster: Cluster,
}

/// A database.
struct Database<'a> {
    of: &'a Databases,
    url: String,
}

/// The fingerprint of the keys of every [`World`].
fn keys() -> [u8; 16] {
    Vault::from_secret(&[7; 32]).fingerprint()
}

impl Databases {
    fn start() -> Self {
        Self { runtime: Runtime::new().unwrap(), cluster: Cluster::start() }
    }

    /// An empty database.
    fn fresh(&self, name: &str) -> Database<'_> {
        Database { of: self, url: self.cluster.database(name) }
    }
}

impl Database<'_> {
    fn addresses(&self) -> Addresses {
        addresses(&self.url)
    }

    fn source_with(&self, keys: [u8; 16]) -> Result<Exporting, LedgerFault> {
        Exporting::open(self.of.runtime.handle(), &self.addresses(), &keys)
    }

    fn source(&self) -> Exporting {
        self.source_with(keys()).unwrap()
    }

    fn sink_with(&self, keys: [u8; 16]) -> Result<PostgresImporting, TransferFault> {
        PostgresImporting::open(self.of.runtime.handle(), &self.addresses(), keys)
    }

    fn sink(&self) -> PostgresImporting {
        self.sink_with(keys()).unwrap()
    }

    fn export(&self) -> Vec<u8> {
        exported(&mut self.source())
    }

    /// Judges a file, puts it here and compares: as the command does it.
    fn import(&self, file: &[u8]) -> Result<(), TransferFault> {
        let mut sink = self.sink_with(keys())?;
        let totals = judge(reader(file)?, &mut sink, &mut |_| {})?;
        import(reader(file)?, &mut sink, CHUNK, &mut |_| {})?;
        assert_eq!(count(&mut sink, reader(file)?.header().after, &mut |_| {})?, totals);
        Ok(())
    }

    /// What the auditor says, given texts that these entries seal.
    fn verify(&self) -> Report {
        verify_database(&mut self.source(), &|id, sealed| sealed == id.0.as_bytes() || sealed == b"more").unwrap()
    }

    /// Wants nothing wrong by anybody's count.
    fn fits(&self) -> Report {
        let report = self.verify();
        assert!(report.violations.is_empty(), "{report}");
        recount(&self.url).unwrap();
        report
    }

    fn join(&self, plan: &Plan) -> World {
        self.of.runtime.block_on(join(&self.addresses(), plan, noon())).unwrap()
    }

    /// Says of all instances that they have been gone for long, when they are.
    fn forget_instances(&self) {
        let others =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        until("nobody is connected", || self.ask(others) == "0");
        sql(&self.url, "UPDATE hallpass.instances SET seen = seen - interval '11 seconds'");
    }

    fn ask(&self, statement: &str) -> String {
        sql(&self.url, statement)
    }
}

/// The lines of a file that are not about the file itself.
fn content(file: &[u8]) -> Vec<String> {
    let lines = lines(file);
    lines[1..lines.len() - 1].to_vec()
}

#[test]
fn a_store_comes_back_from_a_database_as_it_was() {
    let databases = Databases::start();
    let (from, between, to) = (Place::with(&life()), databases.fresh("between"), Place::new());
    let file = from.export();
    between.import(&file).unwrap();
    let report = between.fits();
    assert_eq!((report.appointments, report.active, report.entries), (10, 6, 0));
    let again = between.export();
    assert_eq!(content(&again), content(&file));
    assert!(lines(&again)[0].contains("\"store\":\"postgres\""));
    assert_eq!(judged(&again).unwrap(), judged(&file).unwrap());
    to.import(&again).unwrap();
    assert_eq!(to.rows(), from.rows());
    assert!(to.export() == file, "also byte by byte");

    between.import(&file).unwrap();
    between.import(&again).unwrap();
    assert_eq!(between.fits().appointments, 10, "nothing is there twice");
}

#[test]
fn whoever_has_made_several_has_a_share_for_each() {
    let databases = Databases::start();
    let database = databases.fresh("shares");
    let booker = PersonKey([99; 16]);
    let by_one = |number: u64| Appointment { made_by: booker, ..booked(number, u8::try_from(number).unwrap(), 0) };
    let over = |number: u64| after(&by_one(number), Status::Cancelled);
    let entries = [
        make(vec![by_one(1), by_one(2), by_one(3), by_one(4), by_one(5)], 9),
        change(Action::Cancel, over(2)),
        change(Action::Cancel, over(4)),
    ];
    database.import(&Place::with(&entries).export()).unwrap();
    let shares = "SELECT string_agg(share::text, ',' ORDER BY id) FROM hallpass.appointments WHERE active";
    assert_eq!(database.ask(shares), "0,1,2");
    assert_eq!(database.ask("SELECT capacity, taken, overhang FROM hallpass.slots"), "0|3|3");
    database.fits();
}

#[test]
fn more_than_a_page_of_everything_is_carried() {
    let databases = Databases::start();
    let database = databases.fresh("many");
    let of = |number: u64| {
        let person = PersonKey(u128::from(number).to_be_bytes());
        let slot = hallpass::domain::appointment::Slot { date: day(number % 1_100), ..slot(0) };
        Appointment { applicant: person, made_by: person, slot, ..booked(number, 1, 0) }
    };
    let key = |number: u64| RepeatKey { owner: None, key: u128::from(number).to_be_bytes(), call: [9; 16] };
    let entries: Vec<_> =
        (1..=2_200).map(|number| Entry { repeat: Some(key(number)), ..make(vec![of(number)], u32::MAX) }).collect();
    let from = Place::new();
    let mut ledger = from.ledger();
    entries.chunks(1_000).for_each(|batch| commit(&mut ledger, batch));
    let file = exported(&mut ledger);
    import(reader(&file).unwrap(), &mut database.sink(), 1_024, &mut |_| {}).unwrap();
    let report = database.fits();
    assert_eq!((report.appointments, report.slots), (2_200, 1_100));
    assert_eq!(content(&database.export()), content(&file));
    assert_eq!(count(&mut database.sink(), None, &mut |_| {}).unwrap(), judged(&file).unwrap());
}

#[test]
fn a_part_begins_behind_an_id() {
    let databases = Databases::start();
    let (from, database) = (Place::with(&life()), databases.fresh("parts"));
    database.import(&from.export()).unwrap();
    let rows = from.rows().0;
    let part = Wishes { after: Some(rows[6].0.id), ..wishes() };
    let mut file = Vec::new();
    export(&mut database.source(), &part, Passing::new(&mut file, "memory"), &mut |_| {}).unwrap();
    let to = databases.fresh("part");
    to.import(&file).unwrap();
    assert_eq!((lines(&file).len(), to.fits().appointments), (2 + 3, 3));
    database.import(&file).unwrap();
}

#[test]
fn an_import_that_was_interrupted_at_any_chunk_goes_on() {
    let databases = Databases::start();
    let file = Place::with(&life()).export();
    for is_written in [false, true] {
        let mut interrupted = 0;
        loop {
            let to = databases.fresh(&format!("{is_written}_{interrupted}"));
            let mut sink = Failing { inner: to.sink(), left: interrupted, is_written };
            let outcome = import(reader(&file).unwrap(), &mut sink, CHUNK, &mut |_| {});
            drop(sink);
            if outcome.is_ok() {
                break;
            }
            // What is there fits at every moment.
            assert!(to.fits().appointments < 10 || interrupted >= 3);
            to.import(&file).unwrap();
            assert_eq!(to.fits().appointments, 10);
            assert_eq!(content(&to.export()), content(&file));
            interrupted += 1;
        }
        assert!(interrupted >= 7, "{interrupted}");
    }
}

/// A call with a key, which is made where the key is new.
async fn keyed(world: &World, at: At) -> Answer {
    let print = Fingerprint { owner: None, key: [5; 16], call: [6; 16] };
    match world.engine.begin(print, noon()).await.unwrap() {
        Begun::Answered(answer) => answer,
        Begun::Fresh(repeat) => {
            let call = Call { repeat: Some(repeat), ..world.call(1) };
            world.engine.book(call, at.wish(&[1])).await.unwrap()
        }
    }
}

/// Everything that a world says of what is known to be there.
fn seen(world: &World, of: &[Appointment], at: &[At]) -> (Vec<Appointment>, Vec<u32>, usize) {
    let known = of.iter().map(|appointment| world.now_of(appointment.id)).collect();
    (known, at.iter().map(|at| world.taken(*at)).collect(), world.audit())
}

#[test]
fn instances_go_on_from_what_was_imported_and_an_embedded_store_from_what_they_leave() {
    let databases = Databases::start();
    let (plan, base, first, last) = (Plan::simple(2), databases.fresh("base"), Place::new(), Place::new());
    let (full, free, other) = (At::passport(1, 0), At::passport(1, 1), At::passport(2, 0));
    let at = [full, free, other];
    let runtime = &databases.runtime;

    let (appointments, answer, before) = runtime.block_on(async {
        let world = World::start_on(first.ledger(), &plan, noon());
        world.engine.adopt(world.desk_call(), Arc::new(plan.snapshot())).await.unwrap();
        let answer = keyed(&world, full).await;
        let second = world.booked(2, full).await;
        let (held, gone) = (world.held(3, free).await, world.booked(4, other).await);
        world.engine.cancel(world.call(4), gone.id, false).await.unwrap();
        let appointments = vec![answer.appointments()[0], second, held, gone];
        let before = seen(&world, &appointments, &at);
        world.stop();
        (appointments, answer, before)
    });
    let file = exported(&mut first.ledger());
    base.import(&file).unwrap();
    assert_eq!(judged(&file).unwrap().configuration.as_deref(), Some("simple"));

    let world = base.join(&plan);
    let fresh = runtime.block_on(async {
        assert_eq!(seen(&world, &appointments, &at), before);
        assert_eq!(keyed(&world, full).await, answer, "a repeat gets the first answer");
        assert_eq!(code(&world.book(5, full).await.unwrap_err()), "slot_full");
        assert_eq!(code(&world.book(2, other).await.unwrap_err()), "already_booked");
        world.engine.cancel(world.call(2), appointments[1].id, false).await.unwrap();
        world.booked(5, full).await
    });
    assert_eq!(base.ask("SELECT configuration, imported_configuration FROM hallpass.store"), "simple|simple");
    // What is exported while it serves is one state.
    let running = base.export();
    assert_eq!(judged(&running).unwrap().appointments, 5);
    let more: Vec<_> = appointments.iter().copied().chain([fresh]).collect();
    let later = seen(&world, &more, &at);
    world.stop();
    recount(&base.url).unwrap();

    let file = base.export();
    assert_eq!(content(&file), content(&running));
    last.import(&file).unwrap();
    let mut ledger = last.ledger();
    assert_eq!(judged(&exported(&mut ledger)).unwrap(), judged(&file).unwrap());
    drop(ledger);
    runtime.block_on(async {
        let world = World::start_on(last.ledger(), &plan, noon());
        assert_eq!(seen(&world, &more, &at), later);
        assert_eq!(keyed(&world, full).await, answer);
        world.stop();
    });
}

/// A slot that was imported with more than the first instance gives it: everybody keeps the place, and nobody gets one
/// until there is one again.
#[test]
fn what_is_beyond_the_capacity_of_the_first_instance_stays() {
    let databases = Databases::start();
    let (base, from) = (databases.fresh("base"), Place::new());
    let at = At::passport(1, 0);
    let booked = databases.runtime.block_on(async {
        let world = World::start_on(from.ledger(), &Plan::simple(2), noon());
        let booked = [world.booked(1, at).await, world.booked(2, at).await];
        world.stop();
        booked
    });
    base.import(&from.export()).unwrap();
    let world = base.join(&Plan::simple(1));
    let counts = || base.ask("SELECT capacity, taken, overhang FROM hallpass.slots WHERE taken > 0");
    databases.runtime.block_on(async {
        assert_eq!(counts(), "1|2|1");
        for (at_number, appointment) in booked.iter().enumerate() {
            assert_eq!(code(&world.book(3, at).await.unwrap_err()), "slot_full");
            world.engine.cancel(world.call(at_number + 1), appointment.id, false).await.unwrap();
        }
        world.booked(3, at).await;
        assert_eq!(counts(), "1|1|0");
    });
    world.stop();
    recount(&base.url).unwrap();
}
