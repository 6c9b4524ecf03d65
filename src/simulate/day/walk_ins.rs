//! When people without a booking come.
//!
//! No measured profile of an entry-exit hall is known. The shares by half hour below are an assumption, in keeping with
//! what is reported: people wait before the doors open, in the morning and after lunch, and hardly anybody comes late.

use rand::distr::Distribution;
use rand::rngs::ChaCha8Rng;
use rand_distr::Exp1;

use super::doors::{Doors, Open};

/// Assumption: per cent of the day's walk-ins by half hours from 08:30 to 12:00.
const MORNING: [f64; 7] = [11.0, 12.0, 11.0, 10.0, 8.0, 5.0, 3.0];
/// Assumption: per cent of the day's walk-ins by half hours from 13:30 to 17:00.
const AFTERNOON: [f64; 7] = [10.0, 9.0, 7.0, 6.0, 4.0, 3.0, 1.0];
/// A lone period that is longer is a day without a break and has the shape of both; one that is not has the morning's.
const HALF_DAY_MIN: f64 = 300.0;

/// How walk-ins spread over the opening periods: a density that is constant on pieces.
#[derive(Debug)]
pub(super) struct Profile(Vec<Piece>);

#[derive(Debug)]
struct Piece {
    time: Open,
    weight: f64,
}

impl Profile {
    /// The assumed shares, stretched to the periods: the first has the shape of a morning, later ones that of an
    /// afternoon, and a lone long one that of a whole day.
    pub(super) fn over(doors: &Doors) -> Self {
        let periods = doors.periods();
        let shape = |(position, open): (usize, &Open)| match (position, periods.len()) {
            (0, 1) if open.length_min() > HALF_DAY_MIN => stretch(&[MORNING, AFTERNOON].concat(), *open),
            (0, _) => stretch(&MORNING, *open),
            _ => stretch(&AFTERNOON, *open),
        };
        Self(periods.iter().enumerate().flat_map(shape).collect())
    }

    /// The minute by which this share of all walk-ins have come, 0 to below 1; none where there is no period.
    pub(super) fn minute_at(&self, share: f64) -> Option<f64> {
        let mut rest = share * self.0.iter().map(|piece| piece.weight).sum::<f64>();
        for piece in &self.0 {
            if rest < piece.weight {
                return Some(piece.time.from_min + piece.time.length_min() * rest / piece.weight);
            }
            rest -= piece.weight;
        }
        // Only rounding leads here.
        self.0.last().map(|piece| piece.time.to_min.next_down())
    }
}

fn stretch(weights: &[f64], open: Open) -> Vec<Piece> {
    let length_min = open.length_min() / f64::from(super::count(weights.len()));
    let starts = (0_u32..).map(|position| open.from_min + length_min * f64::from(position));
    let piece = |(from_min, weight): (f64, &f64)| Piece {
        time: Open { from_min, to_min: from_min + length_min },
        weight: *weight,
    };
    starts.zip(weights).map(piece).collect()
}

/// How many walk-ins come: Poisson with this mean.
///
/// A Poisson process of rate 1 is counted up to `mean`, so the number never falls when the mean rises on the same
/// stream. Together with times that are drawn independently from the [`Profile`] this is an inhomogeneous Poisson
/// process (given their number, its points are independent with the intensity as their density), and a run with more
/// walk-ins has the same ones and some more.
pub(super) fn how_many(stream: &mut ChaCha8Rng, mean: f64) -> u32 {
    let mut point = 0.0;
    let mut gaps = Exp1.sample_iter(stream);
    let within = std::iter::from_fn(|| {
        point += gaps.next().unwrap_or(f64::INFINITY);
        (point < mean).then_some(())
    });
    super::count(within.count())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::domain::hall::Period;

    fn doors(periods: &str) -> Doors {
        let period = |text: &str| {
            let (start, end) = text.split_once('-').unwrap();
            Period { start: start.parse().unwrap(), end: end.parse().unwrap() }
        };
        Doors::new(&periods.split_whitespace().map(period).collect::<Vec<_>>())
    }

    #[test]
    fn the_profile_is_stretched_to_the_periods() {
        let check = |periods, share: f64, expected: &str| {
            let minute = Profile::over(&doors(periods)).minute_at(share).unwrap();
            let (hour, rest) = expected.split_once(':').unwrap();
            let expected_min = hour.parse::<f64>().unwrap() * 60.0 + rest.parse::<f64>().unwrap();
            assert!((minute - expected_min).abs() < 1e-6, "{share} of {periods}: {minute}, not {expected_min}");
        };
        let usual = "08:30-12:00 13:30-17:00";
        for (share, at) in [
            (0.0, "8:30"),
            (0.055, "8:45"),
            (0.11, "9:00"),
            (0.23, "9:30"),
            (0.57, "11:30"),
            (0.60, "13:30"),
            (0.70, "14:00"),
            (0.99, "16:30"),
            (0.995, "16:45"),
        ] {
            check(usual, share, at);
        }
        check("10:00-13:30 15:30-19:00", 0.11, "10:30");
        check("10:00-13:30 15:30-19:00", 0.70, "16:00");
        check("09:00-12:30", 0.57 / 0.60, "12:00");
        check("09:00-16:00", 0.60, "12:30");
        assert_eq!(Profile::over(&doors("")).minute_at(0.5), None);
        assert!(Profile::over(&doors(usual)).minute_at(1.0).unwrap() < 1_020.0);
    }

    #[test]
    fn the_number_has_the_mean_and_the_variance_of_poisson() {
        const RUNS: u32 = 20_000;
        let stream = ChaCha8Rng::seed_from_u64;
        let counts: Vec<f64> = (0..RUNS).map(|run| f64::from(how_many(&mut stream(run.into()), 12.5))).collect();
        let mean = counts.iter().sum::<f64>() / f64::from(RUNS);
        let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / f64::from(RUNS);
        // Four standard errors of the mean are 0.1; of the variance, about 0.5.
        assert!((mean - 12.5).abs() < 0.1 && (variance - 12.5).abs() < 0.5, "mean {mean}, variance {variance}");
        assert_eq!(how_many(&mut stream(1), 0.0), 0);
    }

    #[test]
    fn a_higher_mean_never_has_fewer() {
        for seed in 0..100 {
            let number = |mean| how_many(&mut ChaCha8Rng::seed_from_u64(seed), mean);
            let numbers = [1.0, 2.0, 5.0, 20.0, 21.0].map(number);
            assert!(numbers.is_sorted(), "{numbers:?}");
        }
    }
}
