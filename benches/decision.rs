//! How long a decision takes in memory: all rules and every claim, which is kept. Spread over all slots of a city and on
//! one slot that everybody wants, on one thread and on two. Beside it, in the same run, the least that such a decision
//! could be: an insert into a concurrent map that is kept, and one compare-and-swap. What is kept is given back between
//! the measurements, so both begin with tables that have room.

#[allow(dead_code)]
mod city;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dashmap::DashMap;
use hallpass::domain::appointment::PersonKey;
use hallpass::engine::Wish;

/// Runs `once` on some threads, `iterations` times together, and says how long that took. What it gives is kept until
/// after.
fn timed<T: Send>(threads: u64, iterations: u64, once: impl Fn(u64) -> T + Sync) -> Duration {
    let turns = iterations.div_ceil(threads);
    let mut kept: Vec<Vec<T>> = (0..threads).map(|_| Vec::with_capacity(fits(turns))).collect();
    let start = Instant::now();
    std::thread::scope(|scope| {
        for (thread, kept) in (0..).zip(&mut kept) {
            let once = &once;
            scope.spawn(move || kept.extend((0..turns).map(|turn| once(turn * threads + thread))));
        }
    });
    start.elapsed()
}

fn fits(number: u64) -> usize {
    usize::try_from(number).expect("64 bits")
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
                        let wish = &wishes[fits(turn) % wishes.len()];
                        engine.decide(person, wish, &[person], city::now()).expect("there is room for everybody")
                    })
                });
            });
        }
    }
    group.finish();
}

fn least(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("map insert, compare-and-swap");
    group.throughput(Throughput::Elements(1));
    for threads in [1, 2] {
        let (persons, cell) = (DashMap::<PersonKey, u64>::new(), AtomicU64::new(0));
        group.bench_function(threads.to_string(), |bencher| {
            bencher.iter_custom(|iterations| {
                let took = timed(threads, iterations, |turn| {
                    persons.insert(city::person(turn), turn);
                    cell.fetch_update(Ordering::AcqRel, Ordering::Acquire, |taken| Some(taken + 1))
                });
                persons.clear();
                took
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decisions, least);
criterion_main!(benches);
