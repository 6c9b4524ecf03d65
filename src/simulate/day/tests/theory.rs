//! The queue core against closed formulas of the steady state.
//!
//! What a run estimates must lie within four of its own standard errors from the formula, and the standard error must
//! be small: at most a twentieth of the formula's value, and a tenth where fewer than one in a hundred wait.

use std::num::NonZeroU32;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, Exp, Exp1};

use crate::simulate::day::queue::{Customer, Shift, Visit, serve};
use crate::simulate::day::service_time::lognormal;

const CUSTOMERS: usize = 1_000_000;
/// The first of them, who still find the room emptier than it is later, are not counted.
const WARM_UP: usize = 50_000;
const BATCHES: u32 = 50;
/// The mean service time is the unit of time.
const ALWAYS: [Shift; 1] = [Shift { from_min: 0.0, to_min: f64::INFINITY }];

/// Visits of Poisson arrivals that keep so many desks busy for the share `rho`, with services of mean 1.
fn steady_visits(desks: u32, rho: f64, service: impl Distribution<f64>, seed: u64) -> Vec<Visit> {
    let gaps = Exp::new(rho * f64::from(desks)).unwrap();
    let mut arrivals = ChaCha8Rng::seed_from_u64(seed);
    let mut services = ChaCha8Rng::seed_from_u64(seed + 1);
    let mut now_min = 0.0;
    let customer = |_| {
        now_min += gaps.sample(&mut arrivals);
        Customer { arrives_min: now_min, service_min: service.sample(&mut services), due_min: None }
    };
    let customers: Vec<_> = (0..CUSTOMERS).map(customer).collect();
    serve(&customers, NonZeroU32::new(desks).unwrap(), &ALWAYS).split_off(WARM_UP)
}

/// A mean over visits and its standard error.
#[derive(Debug)]
struct Estimate {
    mean: f64,
    error: f64,
}

/// By batch means: waits of one after another are alike, those of stretches that are long against that are independent.
/// A stretch has 19,000 customers here, and at ρ = 0.9 the likeness is gone after about a thousand.
fn estimate(visits: &[Visit], of: impl Fn(&Visit) -> f64) -> Estimate {
    let stretches = visits.chunks_exact(visits.len() / BATCHES as usize);
    let means: Vec<f64> = stretches.map(|stretch| mean(stretch.iter().map(&of))).collect();
    let overall = mean(means.iter().copied());
    let variance = mean(means.iter().map(|mean| (mean - overall).powi(2)));
    Estimate { mean: overall, error: (variance / f64::from(BATCHES - 1)).sqrt() }
}

#[expect(clippy::cast_precision_loss, reason = "a million is exact")]
fn mean(numbers: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = numbers.fold((0_usize, 0.0), |(count, sum), number| (count + 1, sum + number));
    sum / count as f64
}

#[track_caller]
fn assert_agrees(estimate: &Estimate, expected: f64, largest_error: f64, what: &str) {
    assert!(estimate.error > 0.0 && estimate.error < largest_error * expected, "{what}: {estimate:?}, not {expected}");
    assert!((estimate.mean - expected).abs() < 4.0 * estimate.error, "{what}: {estimate:?}, not {expected}");
}

/// The probability of having to wait in M/M/c (Erlang C), by way of the recursion for Erlang B, which does not overflow:
/// `1/B(k) = 1 + k/(a·B(k − 1))`, `C = B / (1 − ρ·(1 − B))`, with the load `a = ρ·c`.
fn erlang_c(desks: u32, rho: f64) -> f64 {
    let load = rho * f64::from(desks);
    let inverse_b = (1..=desks).fold(1.0, |inverse, servers| 1.0 + inverse * f64::from(servers) / load);
    let b = 1.0 / inverse_b;
    b / (1.0 - rho * (1.0 - b))
}

#[test]
fn erlang_c_is_the_textbooks() {
    // M/M/1 waits with probability ρ; two servers with 2ρ²/(1 + ρ).
    for rho in [0.1, 0.5, 0.9] {
        assert!((erlang_c(1, rho) - rho).abs() < 1e-12);
        assert!((erlang_c(2, rho) - 2.0 * rho * rho / (1.0 + rho)).abs() < 1e-12);
    }
}

/// M/M/c: `P(wait > 0) = C(c, a)` and mean wait `C / (c·(1 − ρ))` mean services.
#[track_caller]
fn check_mmc(desks: u32) {
    for (seed, rho) in (1..).zip([0.5, 0.8, 0.9]) {
        let visits = steady_visits(desks, rho, Exp1, 100 * seed + u64::from(desks));
        let waiting = erlang_c(desks, rho);
        let wait_min = waiting / (f64::from(desks) * (1.0 - rho));
        let largest_error = if waiting < 0.01 { 0.1 } else { 0.05 };
        let waits = estimate(&visits, |visit| f64::from(u8::from(visit.wait_min() > 0.0)));
        let how_long = estimate(&visits, |visit| visit.wait_min());
        assert_agrees(&waits, waiting, largest_error, &format!("P(wait > 0) of {desks} desks at ρ = {rho}"));
        assert_agrees(&how_long, wait_min, largest_error, &format!("mean wait for {desks} desks at ρ = {rho}"));
    }
}

#[test]
fn one_desk_is_m_m_1() {
    check_mmc(1);
}

#[test]
fn two_desks_are_m_m_2() {
    check_mmc(2);
}

#[test]
fn five_desks_are_m_m_5() {
    check_mmc(5);
}

#[test]
fn twenty_desks_are_m_m_20() {
    check_mmc(20);
}

/// M/G/1 (Pollaczek–Khinchine): mean wait `ρ·(1 + s²) / (2·(1 − ρ))` mean services, where `s` is the coefficient of
/// variation of the service time; 0 is M/D/1.
#[test]
fn one_desk_with_lognormal_services_is_m_g_1() {
    let cases = [(0.5, 0.0), (0.8, 0.0), (0.9, 0.0), (0.5, 0.4), (0.8, 0.4), (0.9, 0.4), (0.8, 1.0)];
    for (seed, (rho, deviation)) in (1..).zip(cases) {
        let visits = steady_visits(1, rho, lognormal((1.0, deviation)), 100 * seed);
        let expected = rho * (1.0 + deviation * deviation) / (2.0 * (1.0 - rho));
        let how_long = estimate(&visits, |visit| visit.wait_min());
        assert_agrees(&how_long, expected, 0.05, &format!("mean wait at ρ = {rho}, s = {deviation}"));
    }
}
