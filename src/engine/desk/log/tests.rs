use std::collections::BTreeSet;
use std::path::Path;

use super::*;

use crate::clock::Clock;
use crate::domain::appointment::{AppointmentId, samples};
use crate::domain::name::ServiceId;
use crate::domain::snapshot::Snapshot;
use crate::engine::Parts;
use crate::engine::desk::record::{Counter, Ticket};
use crate::ledger::embedded::Embedded;
use crate::ledger::joined::Joined;
use crate::vault::Vault;

struct House {
    engine: Engine,
    thread: Joined,
    clock: Clock,
}

impl House {
    fn open(dir: &Path, now: &str) -> Self {
        let clock = Clock::manual(now.parse().unwrap());
        let (vault, snapshot) = (Arc::new(Vault::from_secret(&[7; 32])), Arc::new(Snapshot::default()));
        let ledger = Embedded::open(&dir.join("store")).unwrap();
        let (engine, thread) = Engine::start(Parts { clock: clock.clone(), vault, snapshot, ledger }).unwrap();
        Self { engine, thread: Joined::on_drop(thread), clock }
    }

    /// Ends, once everything is written.
    async fn close(self) {
        drop(self.engine);
        tokio::task::spawn_blocking(|| drop(self.thread)).await.unwrap();
    }

    async fn draw(&self) -> u32 {
        drawn_by(&self.engine, "desk").await
    }
}

const NOON: &str = "2026-11-25T04:00:00Z";

fn day() -> DeskDay {
    let slot = samples::held().slot;
    DeskDay::of(slot.hall, slot.date)
}

fn member(id: &str) -> StaffCaller {
    StaffCaller { id: id.to_owned(), halls: None }
}

fn by(member: &StaffCaller) -> Caller {
    Caller::Staff(member.clone())
}

async fn drawn_by(engine: &Engine, id: &str) -> u32 {
    let service = ServiceId::intern("passport.renewal").unwrap();
    let record = engine.log(&member(id), day(), |queue| queue.draw(service)).await.unwrap().unwrap();
    let Deed::Drawn { number, .. } = record.deed else { panic!("{record:?}") };
    number
}

fn waiting(queue: &Queue) -> Vec<String> {
    queue.waiting().iter().map(|one| queue.shown(one.ticket)).collect()
}

#[tokio::test]
async fn who_did_something_is_in_the_log_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), NOON);
    let noon: DateTime<Utc> = NOON.parse().unwrap();
    let after = |seconds| noon + chrono::TimeDelta::seconds(seconds);
    house.engine.note(&member("a"), &samples::held(), Action::CheckIn, Via::Api).await;
    house.clock.set(after(10));
    house.engine.note(&member("b"), &samples::held(), Action::CheckIn, Via::Page).await;
    house.draw().await;
    house.close().await;
    let house = House::open(dir.path(), "2026-11-25T04:00:30Z");
    let by = |changed: i64, action| {
        let done = Appointment { updated_at: after(changed), ..samples::held() };
        house.engine.0.noted_by(&done, action, day())
    };
    assert_eq!(by(0, Action::CheckIn).as_deref(), Some("b"), "the latest counts");
    assert_eq!(by(10, Action::CheckIn).as_deref(), Some("b"));
    assert_eq!(by(11, Action::CheckIn), None, "what was noted before the last change is not what was done last");
    assert_eq!(by(0, Action::Serve), None);
    let of_another = Appointment { id: AppointmentId(uuid::Uuid::from_u128(7)), ..samples::held() };
    assert_eq!(house.engine.0.noted_by(&of_another, Action::CheckIn, day()), None);
    house.close().await;
}

#[tokio::test]
async fn lines_have_the_order_in_which_they_were_written() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), NOON);
    assert_eq!((house.draw().await, house.draw().await), (1, 2));
    house.engine.note(&member("other"), &samples::held(), Action::CheckIn, Via::Api).await;
    let call = |queue: &Queue| {
        let number = queue.waiting().first()?.ticket;
        Some(Deed::Called { number, counter: Counter::named("3").unwrap() })
    };
    house.engine.log(&member("desk"), day(), call).await.unwrap().unwrap();
    let queue = house.engine.queue_of(day()).await;
    assert_eq!((waiting(&queue), queue.last_calls().len()), (vec!["W002".to_owned(), "A001".to_owned()], 1));
    let records = house.engine.records_of(day(), 3).await;
    assert_eq!(records.iter().map(|record| record.by.as_str()).collect::<Vec<_>>(), ["desk", "other", "desk"]);
    assert!(matches!(&records[0].deed, Deed::Called { number: Ticket::WalkIn(1), .. }), "the latest comes first");

    let nothing = house.engine.log(&member("desk"), day(), |_| None).await;
    assert_eq!(nothing, Ok(None));
    let elsewhere = DeskDay { hall: None, ..day() };
    assert_eq!(house.engine.records_of(elsewhere, 9).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_writers_who_race_everyone_gets_a_number_of_its_own() {
    const WRITERS: usize = 2;
    const EACH: usize = 40;
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), NOON);
    // A second memory of the same log, as another instance has it: its turn and its cursor are its own.
    let tasks: Vec<_> = (0..WRITERS)
        .map(|at| {
            let engine = house.engine.clone();
            tokio::spawn(async move {
                let mut numbers = Vec::new();
                for _ in 0..EACH {
                    engine.0.desk_logs.0.remove(&day());
                    numbers.push(drawn_by(&engine, &format!("desk-{at}")).await);
                }
                numbers
            })
        })
        .collect();
    let mut all = BTreeSet::new();
    for task in tasks {
        let numbers = task.await.unwrap();
        assert!(numbers.is_sorted(), "{numbers:?}");
        for number in numbers {
            assert!(all.insert(number), "{number} was drawn twice");
        }
    }
    let expected = u32::try_from(WRITERS * EACH).unwrap();
    assert_eq!(all.into_iter().collect::<Vec<_>>(), (1..=expected).collect::<Vec<_>>());
    assert_eq!(house.engine.queue_of(day()).await.waiting().len(), WRITERS * EACH);
}

#[tokio::test]
async fn a_line_that_others_wrote_is_read_and_the_next_one_tried() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), NOON);
    let (mine, theirs) =
        (member("desk"), Record::new(house.clock.now(), "other", Deed::Adopted { version: "1".into() }));
    let written = house.engine.write_once(by(&mine), day().line(1), theirs.line(), house.clock.now()).await.unwrap();
    assert_eq!(*written, *theirs.line());
    let again =
        house.engine.write_once(by(&mine), day().line(1), "something else".into(), house.clock.now()).await.unwrap();
    assert_eq!(*again, *theirs.line(), "the first one stays");
    assert_eq!(house.draw().await, 1);
    let by: Vec<_> = house.engine.records_of(day(), 9).await.into_iter().map(|record| record.by).collect();
    assert_eq!(by, ["desk", "other"]);
}

#[tokio::test]
async fn a_line_that_cannot_be_read_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), NOON);
    house.engine.write_once(by(&member("desk")), day().line(1), "{".into(), house.clock.now()).await.unwrap();
    assert_eq!((house.draw().await, house.draw().await), (1, 2));
    assert_eq!(house.engine.records_of(day(), 9).await.len(), 2);
}

#[tokio::test]
async fn a_restart_keeps_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), NOON);
    assert_eq!((house.draw().await, house.draw().await), (1, 2));
    house.close().await;
    let house = House::open(dir.path(), "2026-11-25T09:00:00Z");
    assert_eq!(waiting(&house.engine.queue_of(day()).await), ["W001", "W002"]);
    assert_eq!(house.draw().await, 3);
}

#[tokio::test]
async fn after_a_day_the_beginning_is_forgotten_and_the_rest_is_still_found() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), "2026-11-25T01:00:00Z");
    house.draw().await;
    house.clock.set("2026-11-25T08:00:00Z".parse().unwrap());
    house.draw().await;
    let next_day = "2026-11-26T02:00:00Z".parse().unwrap();
    house.clock.set(next_day);
    house.engine.0.idempotency.forget_outdated(next_day);
    assert_eq!(house.engine.records_of(day(), 9).await.len(), 1);
    house.engine.0.desk_logs.0.clear();
    assert_eq!(house.engine.records_of(day(), 9).await.len(), 1, "also where nobody knows any more where it was");
    let later = "2026-11-26T09:00:00Z".parse().unwrap();
    house.engine.0.idempotency.forget_outdated(later);
    assert_eq!(house.engine.records_of(day(), 9).await, []);
}

#[tokio::test]
async fn what_is_kept_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), NOON);
    let today = house.engine.0.clock.now().date_naive();
    let eve = DeskDay { date: today.pred_opt().unwrap(), ..day() };
    house.engine.queue_of(eve).await;
    for number in 0..MAX_FOLDED_DAYS {
        let hall = HallId::intern(&format!("hall-{number}")).unwrap();
        house.engine.queue_of(DeskDay::of(hall, today)).await;
    }
    let logs = &house.engine.0.desk_logs.0;
    assert_eq!(logs.len(), MAX_FOLDED_DAYS);
    assert!(!logs.contains_key(&eve), "the oldest day goes first");
    let far = DeskDay { date: today + chrono::Days::new(100), ..day() };
    house.engine.queue_of(far).await;
    assert!(!logs.contains_key(&far), "what nobody can have written pushes nothing out");

    house.engine.0.desk_logs.of(day(), day().date).folded.lock().lines = MAX_LINES;
    let refused = house.engine.log(&member("desk"), day(), |_| Some(Deed::Adopted { version: "1".into() })).await;
    assert_eq!(refused, Err(Refusal::Overloaded));
}

#[test]
fn every_line_has_a_key_of_its_own() {
    let other = DeskDay { date: day().date.succ_opt().unwrap(), ..day() };
    let all = DeskDay { hall: None, ..day() };
    let keys: BTreeSet<_> =
        [day().line(1), day().line(2), day().line(11), other.line(1), all.line(1)].map(|it| it.key).into();
    assert_eq!(keys.len(), 5);
}

#[tokio::test]
async fn a_move_is_in_the_logs_of_both_halls() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), NOON);
    let moved = samples::held();
    let from = Slot { hall: HallId::intern("left-behind").unwrap(), ..moved.slot };
    house.engine.note_moved(&member("chief"), &from, &moved, Via::Page).await;
    let old = DeskDay::of(from.hall, day().date);
    for place in [day(), old] {
        let records = house.engine.records_of(place, 10).await;
        let deeds: Vec<_> = records.iter().map(|record| &record.deed).collect();
        assert!(matches!(deeds[..], [Deed::Noted { action: Action::Reschedule, .. }]), "{place:?}: {deeds:?}");
    }
    house.engine.note_moved(&member("chief"), &moved.slot, &moved, Via::Page).await;
    assert_eq!(house.engine.records_of(day(), 10).await.len(), 2, "within a hall it is noted once");
}

#[tokio::test]
async fn what_concerns_no_single_hall_is_in_the_log_of_all() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), NOON);
    let (from, to) = (day().date, day().date.succ_opt().unwrap());
    house.engine.note_signed_in(&member("desk")).await;
    house.engine.note_exported(&member("chief"), from, to).await;
    let records = house.engine.records_of(DeskDay::of_all(from), 10).await;
    let noted: Vec<_> = records.into_iter().map(|record| (record.by, record.deed)).collect();
    assert_eq!(noted, [("chief".into(), Deed::Exported { from, to }), ("desk".into(), Deed::SignedIn)]);
}
