//! A batch of which nobody knows what became of it, as the connection was lost while the database was at it.

use std::time::Duration;

use serde_json::Value;

use super::outage::{AT_WORK, until_answered};
use super::races::rewrite;
use super::servers::{Instance, on};
use crate::http::{Caller, Files, Heard, id, renewal};
use crate::world::directory;
use crate::world::postgres::{AT_GATE, Cable, Gate, sql, until};
use crate::world::shared::{Shared, recount};

/// What becomes of the batch behind the back of its instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Written,
    Lost,
}

const PATH: &str = "/v1/appointments";
const KEY: &str = "the-same-call";
/// Where a batch is about to be written.
const LAST: &str = "-- Last of all";
/// An answer that takes longer hangs. Nothing is asserted about time below that.
const HANGS: Duration = Duration::from_mins(2);

/// An instance on a cable that is cut, while the database is at a booking that it sent.
struct InDoubt {
    shared: Shared,
    cable: Cable,
    instance: Instance,
    /// The same configuration with the database reached directly.
    direct: Files,
    caller: Caller,
    _keys: tempfile::TempDir,
}

async fn book(caller: &Caller) -> Heard {
    let wish = renewal("08:30");
    let answer = caller.post_keyed(PATH, &wish, KEY);
    tokio::time::timeout(HANGS, answer).await.expect("a call hangs")
}

impl InDoubt {
    async fn with(fate: Fate) -> Self {
        let (shared, keys) = (Shared::start(), directory());
        let cable = Cable::to(&shared.cluster);
        let keys_file = keys.path().join("keys");
        let by_cable = format!("{}?connect_timeout=1", cable.url("hallpass"));
        let instance = Instance::start(&on(&Files::default(), &by_cable, &keys_file)).await;
        let caller = instance.person(1).await;
        rewrite(&shared.url, &[(LAST, &format!("{AT_GATE}{LAST}"))]);
        let gate = Gate::shut(&shared.url);
        let first = tokio::spawn({
            let caller = caller.clone();
            async move { book(&caller).await }
        });
        until("the batch is at work", || sql(&shared.url, AT_WORK) == "1");
        cable.cut();
        if fate == Fate::Lost {
            let at_work = AT_WORK.replace("count(*)", "pg_terminate_backend(pid)");
            assert_eq!(sql(&shared.url, &at_work), "t");
        }
        drop(gate);
        first.await.unwrap().refused(503, "read_only");
        until("the database has ended it", || sql(&shared.url, AT_WORK) == "0");
        rewrite(&shared.url, &[(AT_GATE, "")]);
        let expected = if fate == Fate::Written { "1" } else { "0" };
        assert_eq!(sql(&shared.url, COUNT), expected);
        let direct = on(&Files::default(), &shared.url, &keys_file);
        Self { shared, cable, instance, direct, caller, _keys: keys }
    }

    /// Wants one appointment, the one that was answered, and everything to be counted right.
    fn judge(&self, answered: &Value) {
        assert_eq!(sql(&self.shared.url, COUNT), "1");
        let there = sql(&self.shared.url, "SELECT id FROM hallpass.appointments");
        assert_eq!(id(&answered["appointments"][0]), there);
        recount(&self.shared.url).unwrap();
    }
}

const COUNT: &str = "SELECT count(*) FROM hallpass.appointments";

async fn is_ready(instance: &Instance) -> bool {
    instance.nobody().get("/readyz").await.status == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_answered_during_the_outage_and_has_the_first_answer_behind_it() {
    for fate in [Fate::Written, Fate::Lost] {
        let doubt = InDoubt::with(fate).await;
        let during = book(&doubt.caller).await.refused(503, "read_only");
        assert_ne!(during.header("retry-after"), "");
        doubt.cable.mend();
        until_answered("the instance is ready", async || is_ready(&doubt.instance).await).await;
        let answered = book(&doubt.caller).await.ok(201);
        assert_eq!(book(&doubt.caller).await.ok(201), answered);
        doubt.judge(&answered);
        doubt.instance.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_stops_in_doubt_ends_and_nothing_is_lost_or_doubled() {
    for fate in [Fate::Written, Fate::Lost] {
        let InDoubt { shared, cable, instance, direct, caller, _keys: keys } = InDoubt::with(fate).await;
        // It fails where the ledger does not end within its bound.
        tokio::time::timeout(HANGS, instance.stop()).await.expect("a stop hangs");
        drop(caller);
        let instance = Instance::start(&direct).await;
        let caller = instance.person(1).await;
        let answered = book(&caller).await.ok(201);
        assert_eq!(book(&caller).await.ok(201), answered);
        let doubt = InDoubt { shared, cable, instance, direct, caller, _keys: keys };
        doubt.judge(&answered);
        doubt.instance.stop().await;
    }
}
