//! How long a durable commit takes in the embedded ledger, by the size of the batch.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hallpass::domain::snapshot::Snapshot;
use hallpass::ledger::embedded::Embedded;
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

criterion_group!(benches, commits);
criterion_main!(benches);
