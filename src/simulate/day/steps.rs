//! How many there are over time: a step function made of stays.

/// How many there are, over time.
#[derive(Debug, Default)]
pub(super) struct Steps(
    /// From a minute on, so many; minutes strictly rise.
    Vec<(f64, u32)>,
);

impl Steps {
    /// From stays, each from one minute to another that is not before it. A stay of no length counts at no time.
    pub(super) fn of(stays: impl Iterator<Item = (f64, f64)>) -> Self {
        let mut changes: Vec<(f64, bool)> = stays.flat_map(|(from, to)| [(from, true), (to, false)]).collect();
        changes.sort_by(|(one, one_comes), (other, other_comes)| one.total_cmp(other).then(other_comes.cmp(one_comes)));
        let mut steps: Vec<(f64, u32)> = Vec::with_capacity(changes.len());
        let mut there = 0;
        for (at, comes) in changes {
            there = if comes { there + 1 } else { there - 1 };
            match steps.last_mut() {
                Some((last_at, count)) if last_at.total_cmp(&at).is_eq() => *count = there,
                _ => steps.push((at, there)),
            }
        }
        Self(steps)
    }

    /// The most at any time.
    pub(super) fn max(&self) -> u32 {
        self.0.iter().map(|(_, count)| *count).max().unwrap_or(0)
    }

    /// The most at any time of `[from_min, to_min)`, with those who were there when it began.
    pub(super) fn max_within(&self, from_min: f64, to_min: f64) -> u32 {
        let first = self.0.partition_point(|(at, _)| *at <= from_min).saturating_sub(1);
        let within = self.0[first.min(self.0.len())..].iter().take_while(|(at, _)| *at < to_min);
        within.map(|(_, count)| *count).max().unwrap_or(0)
    }
}

#[cfg(test)]
impl Steps {
    /// The integral over all time.
    pub(super) fn area(&self) -> f64 {
        self.0.windows(2).map(|pair| (pair[1].0 - pair[0].0) * f64::from(pair[0].1)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_add_up() {
        let steps = Steps::of([(1.0, 5.0), (2.0, 3.0), (2.0, 2.0), (3.0, 6.0), (8.0, 9.0)].into_iter());
        assert_eq!(steps.0, [(1.0, 1), (2.0, 2), (3.0, 2), (5.0, 1), (6.0, 0), (8.0, 1), (9.0, 0)]);
        assert_eq!(steps.max(), 2);
        assert!((steps.area() - 9.0).abs() < 1e-12);
        for (from, to, expected) in
            [(0.0, 1.0, 0), (0.0, 1.5, 1), (1.0, 2.0, 1), (4.0, 8.0, 2), (5.0, 8.0, 1), (6.0, 8.0, 0), (9.0, 99.0, 0)]
        {
            assert_eq!(steps.max_within(from, to), expected, "{from} to {to}");
        }
        assert_eq!((Steps::default().max(), Steps::default().max_within(0.0, 9.0)), (0, 0));
    }
}
