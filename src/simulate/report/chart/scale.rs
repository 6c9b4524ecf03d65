//! From values to positions between 0 and 1, with ticks at round numbers.

/// From nothing to a round number.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Linear {
    step: f64,
    steps: u32,
}

impl Linear {
    /// A scale that holds `most`, with at most four steps.
    pub(in super::super) fn up_to(most: f64) -> Self {
        let most = if most.is_finite() && most > 0.0 { most } else { 1.0 };
        // Counts have no fractions, so no step is below 1.
        let step = round_step(most / 4.0).max(1.0);
        let steps = (1..=4).find(|steps| step * f64::from(*steps) >= most).unwrap_or(4);
        Self { step, steps }
    }

    /// Where a value lies.
    pub(in super::super) fn at(self, value: f64) -> f64 {
        value / (self.step * f64::from(self.steps))
    }

    /// The values of the ticks.
    pub(in super::super) fn ticks(self) -> impl Iterator<Item = f64> {
        (0..=self.steps).map(move |tick| self.step * f64::from(tick))
    }
}

/// The round number (1, 2 or 5 times a power of ten) that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    // A power of ten is not exact, so a hair is allowed.
    round.into_iter().find(|step| *step >= least * (1.0 - 1e-9)).unwrap_or(least)
}

/// Between two powers of ten.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Logarithmic {
    low: i32,
    high: i32,
}

impl Logarithmic {
    /// A scale that holds all of the values that are above 0; from 1 to 10 where there are none.
    pub(in super::super) fn around(values: impl Iterator<Item = f64>) -> Self {
        let exponents = values.filter(|value| value.is_finite() && *value > 0.0).map(f64::log10);
        let (low, high) = exponents.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), exponent| {
            (low.min(exponent.floor()), high.max(exponent.ceil()))
        });
        if low > high {
            return Self { low: 0, high: 1 };
        }
        let low = whole(low);
        Self { low, high: whole(high).max(low + 1) }
    }

    /// Where a value lies; what is not above 0 lies at the foot.
    pub(in super::super) fn at(self, value: f64) -> f64 {
        if value > 0.0 { (value.log10() - f64::from(self.low)) / f64::from(self.high - self.low) } else { 0.0 }
    }

    /// The values of the ticks: the powers of ten.
    pub(in super::super) fn ticks(self) -> impl Iterator<Item = f64> {
        (self.low..=self.high).map(|exponent| 10_f64.powi(exponent))
    }
}

/// An exponent of ten of a finite number, which is between -324 and 309.
#[allow(clippy::cast_possible_truncation)]
fn whole(exponent: f64) -> i32 {
    exponent as i32
}

/// A span of time in seconds, which may begin below 0.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Span {
    from_s: f64,
    to_s: f64,
}

impl Span {
    /// From one second to a later one.
    pub(in super::super) fn new(from_s: f64, to_s: f64) -> Self {
        Self { from_s, to_s: to_s.max(from_s + 1.0) }
    }

    /// Where an instant lies.
    pub(in super::super) fn at(self, second: f64) -> f64 {
        ((second - self.from_s) / (self.to_s - self.from_s)).clamp(0.0, 1.0)
    }

    /// The seconds of the ticks: round ones, at most eight.
    pub(in super::super) fn ticks(self) -> impl Iterator<Item = f64> {
        let step = round_step((self.to_s - self.from_s) / 7.0).max(1.0);
        let first = (self.from_s / step).ceil();
        (0..8_u32).map(move |tick| (first + f64::from(tick)) * step).take_while(move |second| *second <= self.to_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ticks_are_round_and_hold_the_most() {
        for (most, expected) in [
            (0.0, vec![0.0, 1.0]),
            (3.0, vec![0.0, 1.0, 2.0, 3.0]),
            (8_000.0, vec![0.0, 2_000.0, 4_000.0, 6_000.0, 8_000.0]),
            (4_312.0, vec![0.0, 2_000.0, 4_000.0, 6_000.0]),
            (97.0, vec![0.0, 50.0, 100.0]),
            (f64::NAN, vec![0.0, 1.0]),
        ] {
            let scale = Linear::up_to(most);
            assert_eq!(scale.ticks().collect::<Vec<_>>(), expected, "{most}");
            assert!((scale.at(*expected.last().unwrap()) - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn logarithmic_ticks_are_powers_of_ten_around_the_values() {
        let scale = Logarithmic::around([0.0, 0.8, 312.0].into_iter());
        assert_eq!(scale.ticks().collect::<Vec<_>>(), [0.1, 1.0, 10.0, 100.0, 1_000.0]);
        assert!((scale.at(10.0) - 0.5).abs() < 1e-9);
        assert!(scale.at(0.0).abs() < 1e-9);
        assert_eq!(Logarithmic::around([].into_iter()).ticks().collect::<Vec<_>>(), [1.0, 10.0]);
        assert_eq!(Logarithmic::around([100.0].into_iter()).ticks().collect::<Vec<_>>(), [100.0, 1_000.0]);
    }

    #[test]
    fn time_ticks_are_round_seconds_within_the_span() {
        for (from, to, expected) in [
            (-10.0, 50.0, vec![-10.0, 0.0, 10.0, 20.0, 30.0, 40.0, 50.0]),
            (-5.3, 9.7, vec![-5.0, 0.0, 5.0]),
            (0.0, 3.0, vec![0.0, 1.0, 2.0, 3.0]),
            (0.0, 0.0, vec![0.0, 1.0]),
        ] {
            assert_eq!(Span::new(from, to).ticks().collect::<Vec<_>>(), expected, "{from} to {to}");
        }
        assert!((Span::new(-10.0, 50.0).at(5.0) - 0.25).abs() < 1e-9);
    }
}
