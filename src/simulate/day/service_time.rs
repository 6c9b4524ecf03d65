//! How long a desk is busy with one person.
//!
//! Lognormal, which fitted a year of calls at a bank ("Statistical Analysis of a Telephone Call Center: A
//! Queueing-Science Perspective", JASA 100(469), 2005, doi 10.1198/016214504000001808); no measurement of an entry-exit
//! hall is known.

use rand_distr::LogNormal;

use crate::config::scenario::DayPlan;
use crate::domain::name::ServiceId;

/// The mean and the standard deviation of the service time that a plan gives a service, in minutes.
#[must_use]
pub fn service_time_min(plan: &DayPlan, service: ServiceId) -> (f64, f64) {
    let own = plan.service_times_min.iter().find(|(named, _)| *named == service);
    own.map_or(plan.service_min, |(_, time_min)| *time_min)
}

/// The lognormal distribution with this mean `m` and standard deviation `s`, in minutes.
///
/// `σ² = ln(1 + s²/m²)` and `μ = ln m − σ²/2`: the first two moments `m = exp(μ + σ²/2)` and `s² = m²·(exp(σ²) − 1)`
/// ("Continuous Univariate Distributions", volume 1, 2nd edition, chapter 14) solved for the parameters.
pub(super) fn lognormal((mean_min, sd_min): (f64, f64)) -> LogNormal<f64> {
    LogNormal::from_mean_cv(mean_min, sd_min / mean_min).expect("a plan's service times are above 0")
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;
    use rand_distr::Distribution;

    use super::*;

    #[test]
    fn a_service_that_is_not_named_takes_the_time_of_the_others() {
        let id = |text| ServiceId::intern(text).unwrap();
        let plan = DayPlan {
            service_times_min: vec![(id("passport.first"), (10.0, 4.0))],
            service_min: (8.0, 3.0),
            ..super::super::tests::plan()
        };
        assert_eq!(service_time_min(&plan, id("passport.first")), (10.0, 4.0));
        assert_eq!(service_time_min(&plan, id("passport.renewal")), (8.0, 3.0));
    }

    #[test]
    fn the_parameters_give_the_mean_and_the_deviation_back() {
        // μ and σ are read off two quantiles: `from_zscore(z)` is exp(μ + σ·z).
        for (mean, sd) in [(10.0, 4.0), (2.0, 1.0), (3.0, 6.0), (5.0, 0.0)] {
            let distribution = lognormal((mean, sd));
            let mu = distribution.from_zscore(0.0).ln();
            let sigma = distribution.from_zscore(1.0).ln() - mu;
            let (mean_of, variance_of) =
                ((mu + sigma * sigma / 2.0).exp(), (2.0 * mu + sigma * sigma).exp() * (sigma * sigma).exp_m1());
            assert!((mean_of - mean).abs() < 1e-9, "mean {mean_of} for {mean}");
            assert!((variance_of.sqrt() - sd).abs() < 1e-6, "deviation {} for {sd}", variance_of.sqrt());
        }
    }

    #[test]
    fn samples_have_the_mean_and_the_deviation() {
        const SAMPLES: u32 = 200_000;
        let mut stream = ChaCha8Rng::seed_from_u64(5);
        let samples: Vec<f64> = lognormal((10.0, 4.0)).sample_iter(&mut stream).take(SAMPLES as usize).collect();
        let mean = samples.iter().sum::<f64>() / f64::from(SAMPLES);
        let variance = samples.iter().map(|sample| (sample - mean).powi(2)).sum::<f64>() / f64::from(SAMPLES);
        // Four standard errors of the mean, and a tolerance of 2 % for the deviation.
        assert!((mean - 10.0).abs() < 4.0 * 4.0 / f64::from(SAMPLES).sqrt(), "{mean}");
        assert!((variance.sqrt() - 4.0).abs() < 0.08, "{}", variance.sqrt());
    }
}
