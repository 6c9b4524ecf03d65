//! Charts, drawn by hand as inline SVG.
//!
//! A chart is as wide as its box while its height and its letters stay: positions along the width are percentages, and
//! curves lie in an inner drawing that is stretched without its strokes. So one drawing serves a telephone and a wide
//! screen. Shapes carry classes; colours live in the style sheet.

mod plot;
mod scale;
mod shapes;

pub(super) use plot::{EndLabel, Mark, Plot, Tick, end_labels, note};
pub(super) use scale::{Linear, Logarithmic, Span};
pub(super) use shapes::{Bar, area, bars, dumbbell, hover, line};

/// A position along the width, 0 to 1, as a percentage.
fn across(at: f64) -> String {
    format!("{:.2}%", at * 100.0)
}
