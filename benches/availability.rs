//! How long it takes to list thirty days of a hall, with every band counted.

#[allow(dead_code)]
mod city;

use criterion::{Criterion, criterion_group, criterion_main};
use hallpass::domain::wall::days_after;

fn availability(criterion: &mut Criterion) {
    let engine = city::engine();
    let today = city::now().date_naive();
    let dates = days_after(today, 1)..=days_after(today, city::DAYS);
    // One booking a day, as a sheet is kept for a day that somebody has booked.
    let slots = city::BANDS as usize * city::DAYS as usize;
    for (number, slot) in (0..slots).step_by(city::BANDS as usize).enumerate() {
        let person = city::person(number as u64);
        drop(engine.decide(person, &city::wish(slot), &[person], city::now()).expect("there is room"));
    }
    let snapshot = engine.snapshot();
    let hall = snapshot.hall("hall-0").expect("the hall is there");
    let service = snapshot.service("passport.renewal").expect("the service is there");
    criterion.bench_function("availability of 30 days", |bencher| {
        bencher.iter(|| engine.days(hall, service, dates.clone(), city::now()).expect("the hall offers the service"));
    });
}

criterion_group!(benches, availability);
criterion_main!(benches);
