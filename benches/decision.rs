//! How long a decision takes in memory: all rules, every claim, and giving them back. Spread over all slots of a city and
//! on one slot that everybody wants, on one thread and on two. Beside it, in the same run, the least that such a decision
//! could be: an insert into a concurrent map and one compare-and-swap.

#[allow(dead_code)]
mod city;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dashmap::DashMap;
use hallpass::domain::appointment::PersonKey;
use hallpass::engine::Wish;

/// Runs `once` on some threads, `iterations` times together, and says how long that took.
fn timed(threads: u64, iterations: u64, once: impl Fn(u64) + Sync) -> Duration {
    let start = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let once = &once;
            scope.spawn(move || (0..iterations.div_ceil(threads)).for_each(|turn| once(turn * threads + thread)));
        }
    });
    start.elapsed()
}

fn decisions(criterion: &mut Criterion) {
    let engine = city::engine();
    let slots = city::HALLS * city::BANDS as usize * city::DAYS as usize;
    let spread: Vec<Wish> = (0..slots).map(city::wish).collect();
    let hot = vec![city::wish(0)];
    let mut group = criterion.benchmark_group("decision");
    group.throughput(Throughput::Elements(1));
    for (name, wishes) in [("spread", &spread), ("hot", &hot)] {
        for threads in [1, 2] {
            group.bench_function(format!("{name}/{threads}"), |bencher| {
                bencher.iter_custom(|iterations| {
                    timed(threads, iterations, |turn| {
                        let person = city::person(turn);
                        let wish = &wishes[usize::try_from(turn).expect("64 bits") % wishes.len()];
                        let decision = engine.decide(person, wish, &[person], city::now());
                        drop(decision.expect("there is room for everybody"));
                    })
                });
            });
        }
    }
    group.finish();
}

fn least(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("map insert, compare-and-swap, remove");
    group.throughput(Throughput::Elements(1));
    for threads in [1, 2] {
        let (persons, cell) = (DashMap::<PersonKey, u64>::new(), AtomicU64::new(0));
        group.bench_function(threads.to_string(), |bencher| {
            bencher.iter_custom(|iterations| {
                timed(threads, iterations, |turn| {
                    let person = city::person(turn);
                    persons.insert(person, turn);
                    let _ = cell.fetch_update(Ordering::AcqRel, Ordering::Acquire, |taken| Some(taken + 1));
                    persons.remove(&person);
                })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decisions, least);
criterion_main!(benches);
