//! A store that several engines share: a PostgreSQL of their own.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use hallpass::clock::Clock;
use hallpass::engine::{Engine, Parts};
use hallpass::ledger::LedgerFault;
use hallpass::ledger::postgres::Addresses;
use hallpass::ledger::postgres::store::Postgres;
use hallpass::postgres_url::Address;
use hallpass::vault::Vault;

use super::plan::Plan;
use super::postgres::{Cluster, sql};
use super::{LedgerThread, World};

/// The ways to a database that are all one.
pub fn addresses(url: &str) -> Addresses {
    let main = Arc::new(Address::parse(url).unwrap());
    Addresses { listen: Arc::clone(&main), main, migration: None }
}

/// A fresh database in a cluster of its own.
pub struct Shared {
    pub cluster: Cluster,
    pub url: String,
}

impl Shared {
    /// An empty database.
    pub fn start() -> Self {
        let cluster = Cluster::start();
        let url = cluster.database("hallpass");
        Self { cluster, url }
    }

    /// An engine on it.
    pub async fn join(&self, plan: &Plan, now: DateTime<Utc>) -> World {
        join(&addresses(&self.url), plan, now).await.unwrap()
    }

    /// So many engines on it, which have the same plan in force.
    pub async fn join_all(&self, count: usize, plan: &Plan, now: DateTime<Utc>) -> Vec<World> {
        let mut worlds = Vec::new();
        for _ in 0..count {
            worlds.push(self.join(plan, now).await);
        }
        worlds
    }
}

/// Counts every slot of a database again from its appointments, and complains where that differs.
pub fn recount(url: &str) -> Result<(), String> {
    let differing = sql(
        url,
        "SELECT coalesce(string_agg(concat_ws(' ', hall, date, lane, starts, taken, counted), '; '), '')
         FROM hallpass.slots FULL JOIN (
             SELECT hall, date, lane, starts, ends, count(*) AS counted FROM hallpass.appointments
             WHERE status NOT IN ('expired', 'cancelled') GROUP BY hall, date, lane, starts, ends
         ) AS appointments USING (hall, date, lane, starts, ends)
         WHERE coalesce(taken, 0) <> coalesce(counted, 0)",
    );
    if differing.is_empty() { Ok(()) } else { Err(format!("the database counts wrong: {differing}")) }
}

/// An engine on the database at some addresses. The first one puts its plan in force.
pub async fn join(addresses: &Addresses, plan: &Plan, now: DateTime<Utc>) -> Result<World, LedgerFault> {
    join_by(addresses, plan, Clock::manual(now)).await
}

/// The same, by a clock of its own.
pub async fn join_by(addresses: &Addresses, plan: &Plan, clock: Clock) -> Result<World, LedgerFault> {
    let vault = Arc::new(Vault::from_secret(&[7; 32]));
    let snapshot = Arc::new(plan.snapshot());
    let ledger = Postgres::open(addresses.clone(), &snapshot.version, &vault.fingerprint(), &clock).await?;
    let parts = Parts { clock: clock.clone(), vault, snapshot: Arc::clone(&snapshot), ledger };
    let (engine, thread) = tokio::task::spawn_blocking(|| Engine::start(parts)).await.unwrap()?;
    let world = World { engine, clock, thread: LedgerThread(Some(thread)) };
    let is_first = world.engine.membership().unwrap().in_force.lock().is_none();
    if is_first {
        world.engine.adopt(world.desk_call(), snapshot).await.unwrap();
    }
    Ok(world)
}
