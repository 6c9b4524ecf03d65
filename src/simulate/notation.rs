//! How numbers are written for people: grouped digits, few places, units in the language of the reader.
//!
//! It knows of a language only what its units are called, so that every text may be made with it.

/// What the units are called in one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Units {
    pub(super) ms: &'static str,
    pub(super) s: &'static str,
    pub(super) min: &'static str,
    /// Percentage points.
    pub(super) points: &'static str,
}

/// The sign of a number below zero: a true minus, as wide as the plus.
const MINUS: char = '−';

/// A whole number with a comma between each three digits.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number that may be below zero, with at most `places` decimals.
pub(super) fn decimal(number: f64, places: usize) -> String {
    let text = format!("{:.places$}", number.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut text = whole.parse().map_or_else(|_| whole.to_owned(), count);
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    let is_zero = text.chars().all(|sign| matches!(sign, '0' | '.'));
    if number < 0.0 && !is_zero { format!("{MINUS}{text}") } else { text }
}

/// The same with a plus where it is above zero.
pub(super) fn signed(number: f64, places: usize) -> String {
    let text = decimal(number, places);
    let is_zero = text.chars().all(|sign| matches!(sign, '0' | '.'));
    if number > 0.0 && !is_zero { format!("+{text}") } else { text }
}

/// A share of 1 in whole percent. A share that is not quite nothing, or not quite all, is not rounded to it.
pub(super) fn percent(share: f64) -> String {
    let rounded = (share * 100.0).round();
    match share {
        _ if share > 0.0 && rounded < 1.0 => "<1%".to_owned(),
        _ if share < 1.0 && rounded >= 100.0 => ">99%".to_owned(),
        _ => format!("{}%", decimal(rounded, 0)),
    }
}

/// A part of a whole as a share of 1; nothing of nothing is nothing.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { real(part) / real(whole) }
}

/// A count as a real number. Counts of a run are far below 2⁵³, so nothing is lost.
#[allow(clippy::cast_precision_loss)]
pub(super) fn real(count: u64) -> f64 {
    count as f64
}

/// A duration given in milliseconds, with a unit that fits its size.
pub(super) fn milliseconds(ms: f64, units: &Units) -> String {
    match ms.abs() {
        size if size < 10.0 => format!("{} {}", decimal(ms, 1), units.ms),
        size if size < 1_000.0 => format!("{} {}", decimal(ms, 0), units.ms),
        size if size < 10_000.0 => format!("{} {}", decimal(ms / 1_000.0, 2), units.s),
        size if size < 120_000.0 => format!("{} {}", decimal(ms / 1_000.0, 1), units.s),
        _ => format!("{} {}", decimal(ms / 60_000.0, 1), units.min),
    }
}

/// Minutes without their unit: a decimal only where they are few.
pub(super) fn wait(min: f64) -> String {
    decimal(min, usize::from((0.05..9.95).contains(&min)))
}

/// Minutes with their unit.
pub(super) fn minutes(min: f64, units: &Units) -> String {
    format!("{} {}", wait(min), units.min)
}

/// The time of day of a minute after midnight; the hours of the next day go on from 24.
pub(super) fn clock(min: f64) -> String {
    let whole = decimal(min.max(0.0), 0).replace(',', "").parse::<u64>().unwrap_or_default();
    format!("{:02}:{:02}", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: Units = Units { ms: "ms", s: "s", min: "min", points: "pp" };
    const CHINESE: Units = Units { ms: "毫秒", s: "秒", min: "分钟", points: "个百分点" };

    #[test]
    fn digits_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(count(number), text);
        }
    }

    #[test]
    fn a_number_that_rounds_to_zero_has_no_sign() {
        for (number, places, text) in [
            (-0.04, 1, "0.0"),
            (0.04, 1, "0.0"),
            (-1_234.56, 1, "−1,234.6"),
            (1.0, 0, "+1"),
            (-1.5, 0, "−2"),
            (f64::NAN, 1, "NaN"),
        ] {
            assert_eq!(signed(number, places), text);
        }
    }

    #[test]
    fn shares_are_whole_percent_but_never_round_to_nothing_or_all() {
        for (part, whole, text) in
            [(0, 0, "0%"), (0, 9, "0%"), (1, 1_000, "<1%"), (1, 3, "33%"), (999, 1_000, ">99%"), (7, 7, "100%")]
        {
            assert_eq!(percent(share(part, whole)), text);
        }
    }

    #[test]
    fn durations_take_the_unit_of_their_size() {
        for (ms, text) in [
            (0.25, "0.2 ms"),
            (9.96, "10.0 ms"),
            (312.4, "312 ms"),
            (1_254.0, "1.25 s"),
            (61_000.0, "61.0 s"),
            (150_000.0, "2.5 min"),
        ] {
            assert_eq!(milliseconds(ms, &ENGLISH), text);
        }
        assert_eq!(milliseconds(1_250.0, &CHINESE), "1.25 秒");
        assert_eq!(minutes(23.6, &CHINESE), "24 分钟");
        assert_eq!(
            ["0", "0.1", "9.9", "10", "−3"],
            [0.04, 0.05, 9.94, 9.95, -3.2].map(wait).each_ref().map(String::as_str)
        );
    }

    #[test]
    fn the_day_goes_on_after_midnight() {
        for (min, text) in [(510.0, "08:30"), (1_019.6, "17:00"), (1_450.0, "24:10"), (-3.0, "00:00")] {
            assert_eq!(clock(min), text);
        }
    }
}
