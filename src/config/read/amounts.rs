//! Decimal numbers with bounds: shares, weights, seconds, minutes with their spread. What is no finite number is in no
//! bounds.

use std::ops::RangeInclusive;

use super::document::{Node, Shape};
use super::flaw::{Flaw, Mend};
use super::phrases::Part;

/// The largest weight.
pub(crate) const MAX_WEIGHT: f64 = 1_000_000.0;
/// The longest time in seconds: a day.
pub(crate) const MAX_SECONDS: f64 = 86_400.0;
/// The longest time in minutes: a day.
pub(crate) const MAX_MINUTES: f64 = 1_440.0;

static SPREAD: Shape = Shape { name: "a time with its spread", keys: &[("mean", "8"), ("sd", "3")], other: None };

/// A number in this range.
pub(crate) fn within(node: Node<'_>, range: RangeInclusive<f64>) -> Option<f64> {
    let number = node.decimal()?;
    if range.contains(&number) {
        return Some(number);
    }
    let said = format!("give a number from {} to {}", range.start(), range.end()).into();
    node.refuse(Flaw::OutOfRange { key: node.key.into(), number: Part::of(number) }, Mend::Advice { said })
}

/// A number above 0, at most `most`.
pub(crate) fn above_zero(node: Node<'_>, most: f64) -> Option<f64> {
    let number = node.decimal()?;
    if number > 0.0 && number <= most {
        return Some(number);
    }
    let said = format!("give a number above 0, at most {most}").into();
    node.refuse(Flaw::OutOfRange { key: node.key.into(), number: Part::of(number) }, Mend::Advice { said })
}

/// A share of a whole, 0 to 1.
pub(crate) fn share(node: Node<'_>) -> Option<f64> {
    within(node, 0.0..=1.0)
}

/// A time in seconds, 0 to [`MAX_SECONDS`].
pub(crate) fn seconds(node: Node<'_>) -> Option<f64> {
    within(node, 0.0..=MAX_SECONDS)
}

/// A time in minutes, `{ mean, sd }`: the mean as `mean` reads it, the standard deviation 0 to [`MAX_MINUTES`].
pub(crate) fn spread(node: Node<'_>, mean: impl Fn(Node<'_>) -> Option<f64>) -> Option<(f64, f64)> {
    let table = node.table(&SPREAD)?;
    let mean = table.need("mean").and_then(mean);
    let deviation = table.need("sd").and_then(|node| within(node, 0.0..=MAX_MINUTES));
    mean.zip(deviation)
}
