//! How long a durable commit takes in the embedded ledger, by the size of the batch.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hallpass::ledger::Ledger;
use hallpass::ledger::embedded::Embedded;

/// About the size of the entry of one booking, in bytes.
const ENTRY_BYTES: usize = 480;

fn commits(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut ledger = Embedded::open(directory.path()).expect("a new ledger opens");
    let entry = vec![7; ENTRY_BYTES];
    let mut group = criterion.benchmark_group("durable commit");
    for size in [1_usize, 16, 256] {
        let batch = vec![entry.as_slice(); size];
        group.throughput(Throughput::Elements(size as u64));
        group.bench_with_input(BenchmarkId::from_parameter(size), &batch, |bencher, batch| {
            bencher.iter(|| ledger.commit(batch).expect("the disk takes it"));
        });
    }
    group.finish();
}

criterion_group!(benches, commits);
criterion_main!(benches);
