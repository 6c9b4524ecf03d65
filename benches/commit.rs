//! How long a durable commit takes in the embedded ledger, by the size of the batch, and what the head of the store costs.

#![allow(clippy::print_stdout, reason = "the figure of a measurement, which is read by who runs it")]

use std::time::{Duration, Instant};

use chrono::DateTime;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hallpass::domain::snapshot::Snapshot;
use hallpass::ledger::embedded::data_dir::DataDir;
use hallpass::ledger::embedded::{Access, Embedded, Opening};
use hallpass::ledger::entry::{Actor, Entry, Event};
use hallpass::ledger::{Draft, Ledger};

/// About the size of the entry of one booking, in bytes.
const ENTRY_BYTES: usize = 480;

fn commits(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut ledger = Embedded::open(directory.path()).expect("a new ledger opens");
    let entry = vec![7; ENTRY_BYTES];
    let mut group = criterion.benchmark_group("durable commit");
    for size in [1_usize, 16, 256] {
        let snapshot = Snapshot::default();
        let batch = vec![Draft { entry: &entry, snapshot: &snapshot, made_before: 0, capacities: &[] }; size];
        group.throughput(Throughput::Elements(size as u64));
        group.bench_with_input(BenchmarkId::from_parameter(size), &batch, |bencher, batch| {
            bencher.iter(|| ledger.commit(1, batch).expect("the disk takes it"));
        });
    }
    group.finish();
}

/// How often the two ledgers take turns, and for how long each.
const TURNS: u32 = 60;
const TURN: Duration = Duration::from_millis(500);
/// How many entries a batch of a turn has.
const BATCH_ENTRIES: usize = 32;

/// Two ledgers with their tidying threads, one with a head and one without, in turn: a machine is never quiet for long.
fn head(_: &mut Criterion) {
    let (with, without) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let data = DataDir::open(with.path()).expect("a new data directory");
    let mut with = Embedded::open_in(&data, Opening::to(Access::Write)).expect("a new ledger opens");
    let mut without = Embedded::open(without.path()).expect("a new ledger opens");
    let event = Event::Answered { refused: false, text: "x".repeat(ENTRY_BYTES) };
    let entry = Entry { at: DateTime::UNIX_EPOCH, by: Actor::Engine, event, repeat: None }.encode();
    let snapshot = Snapshot::default();
    let batch = [Draft { entry: &entry, snapshot: &snapshot, made_before: 0, capacities: &[] }; BATCH_ENTRIES];
    for ledger in [&mut with, &mut without] {
        ledger.load(&|_| {}).expect("nothing is there");
    }
    let turn = |ledger: &mut Embedded| {
        let (began, mut batches) = (Instant::now(), 0_u32);
        while began.elapsed() < TURN {
            ledger.commit(1, &batch).expect("the disk takes it");
            batches += 1;
        }
        f64::from(batches) / began.elapsed().as_secs_f64()
    };
    let mut ratios: Vec<f64> = (0..TURNS)
        .map(|number| {
            // Who goes first changes.
            let (a, b) = if number % 2 == 0 {
                (turn(&mut with), turn(&mut without))
            } else {
                let b = turn(&mut without);
                (turn(&mut with), b)
            };
            a / b
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let at = |part: usize| ratios[ratios.len() * part / 4];
    println!("throughput with a head / without one: median {:.3}, middle half {:.3} to {:.3}", at(2), at(1), at(3));
}

criterion_group!(benches, commits, head);
criterion_main!(benches);
