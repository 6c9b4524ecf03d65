//! How many desks a lane needs for the places it has.

use std::num::NonZeroU32;

/// The desks that serve `places` people a day: `⌈N·S / (T·u)⌉`, at least one.
///
/// `N` is the number of places a day, `S` the mean service time in minutes, `T` the opening time in minutes and `u` the
/// share of it that a desk is planned to be busy, above 0 to 1. This is the offered load in erlangs, `N·S/T`, spread over
/// desks that are busy for `u` of the time: a plan for an even day, which knows nothing of peaks. Where `T` or `u` is
/// not above 0, no number of desks would do, and the answer is one.
#[must_use]
pub fn desks_for(places: u32, mean_service_min: f64, opening_min: f64, utilisation: f64) -> NonZeroU32 {
    let supply_min = opening_min * utilisation;
    if supply_min <= 0.0 {
        return NonZeroU32::MIN;
    }
    let desks = (f64::from(places) * mean_service_min / supply_min).ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` holds at the bounds of u32")]
    NonZeroU32::new(desks as u32).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn desks_follow_the_load() {
        let check = |places, service_min, opening_min, utilisation, expected| {
            assert_eq!(desks_for(places, service_min, opening_min, utilisation).get(), expected, "{places} places");
        };
        // A city's mean and peak day, and one large hall's, with 8 minutes a person and 420 minutes a day.
        check(5_800, 8.0, 420.0, 0.85, 130);
        check(8_000, 8.0, 420.0, 0.85, 180);
        check(750, 8.0, 420.0, 0.85, 17);
        check(1_000, 8.0, 420.0, 0.85, 23);
        // Exactly full desks, one place more, and the bounds.
        check(100, 6.0, 300.0, 1.0, 2);
        check(101, 6.0, 300.0, 1.0, 3);
        check(0, 8.0, 420.0, 0.85, 1);
        check(10, 8.0, 0.0, 0.85, 1);
        check(10, 8.0, 420.0, 0.0, 1);
    }
}
