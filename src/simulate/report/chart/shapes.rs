//! What lies in a frame: bars, lines, areas, and columns that tell a pointer what they stand for.

use std::fmt::Write;

use maud::{Markup, html};

use super::across;
use super::plot::pixels;

/// How wide the inner drawing is in its own units. It is stretched to the width of the chart.
const INNER_WIDTH: f64 = 1_000.0;
/// The share of its column that a bar leaves free.
const BAR_GAP: f64 = 0.12;
/// Where the two circles of a dumbbell lie in its height, in pixels.
const DUMBBELL_MIDDLE_PX: &str = "10";

/// A column of the width, and what it stands for.
#[derive(Debug)]
pub(in super::super) struct Bar {
    /// From where to where, 0 to 1.
    pub(in super::super) x: (f64, f64),
    /// Its height, 0 to 1.
    pub(in super::super) at: f64,
    /// What a pointer is told.
    pub(in super::super) tip: String,
}

/// Bars from the foot.
pub(in super::super) fn bars(bars: &[Bar], height_px: f64) -> Markup {
    html! {
        @for bar in bars {
            @let width = (bar.x.1 - bar.x.0) * (1.0 - BAR_GAP);
            rect class="bar" x=(across(bar.x.0 + (bar.x.1 - bar.x.0) * BAR_GAP / 2.0)) width=(across(width))
                y=(pixels(bar.at, height_px)) height=(format!("{:.1}", height_px * bar.at)) {}
        }
        (hover(bars, height_px))
    }
}

/// Columns that cannot be seen, but tell a pointer what they stand for.
pub(in super::super) fn hover(columns: &[Bar], height_px: f64) -> Markup {
    html! {
        @for column in columns {
            rect class="hover" x=(across(column.x.0)) width=(across(column.x.1 - column.x.0)) y="0" height=(height_px) {
                title { (column.tip) }
            }
        }
    }
}

/// A line through points; it breaks between stretches.
pub(in super::super) fn line(stretches: &[Vec<(f64, f64)>], height_px: f64, class: &str) -> Markup {
    let mut path = String::new();
    for stretch in stretches {
        draw(&mut path, stretch, height_px);
        if stretch.len() == 1 {
            // A line of no length has round ends, so a single second is a dot.
            path.push_str("h0");
        }
    }
    inner(&html! { path class={ "line " (class) } d=(path) {} }, height_px)
}

/// Steps from the first point to the last, filled down to the foot. A value holds until the next point.
pub(in super::super) fn area(points: &[(f64, f64)], height_px: f64) -> Markup {
    let steps: Vec<_> =
        points.windows(2).flat_map(|pair| [pair[0], (pair[1].0, pair[0].1)]).chain(points.last().copied()).collect();
    let (mut edge, mut filled) = (String::new(), String::new());
    draw(&mut edge, &steps, height_px);
    let ends = steps.first().zip(steps.last()).map(|(first, last)| [(last.0, 0.0), (first.0, 0.0)]);
    draw(&mut filled, &steps.into_iter().chain(ends.into_iter().flatten()).collect::<Vec<_>>(), height_px);
    inner(&html! { path class="area" d=(filled) {} path class="line" d=(edge) {} }, height_px)
}

fn draw(path: &mut String, points: &[(f64, f64)], height_px: f64) {
    for (place, (x, at)) in points.iter().enumerate() {
        let step = if place == 0 { 'M' } else { 'L' };
        // Writing to a string never fails.
        let _ = write!(path, "{step}{:.1} {}", x * INNER_WIDTH, pixels(*at, height_px));
    }
}

fn inner(shapes: &Markup, height_px: f64) -> Markup {
    html! {
        svg class="inner" width="100%" height=(height_px) viewBox={ "0 0 " (INNER_WIDTH) " " (height_px) }
            preserveAspectRatio="none" aria-hidden="true" {
            (shapes)
        }
    }
}

/// Two values on one line: an open circle for the first, a full one for the second.
pub(in super::super) fn dumbbell(first: f64, second: f64) -> Markup {
    html! {
        svg class="dumbbell" width="100%" height="20" aria-hidden="true" {
            line class="grid" x1="0" x2="100%" y1=(DUMBBELL_MIDDLE_PX) y2=(DUMBBELL_MIDDLE_PX) {}
            line class="way" x1=(across(first)) x2=(across(second)) y1=(DUMBBELL_MIDDLE_PX) y2=(DUMBBELL_MIDDLE_PX) {}
            circle class="before" cx=(across(first)) cy=(DUMBBELL_MIDDLE_PX) r="5" {}
            circle class="after" cx=(across(second)) cy=(DUMBBELL_MIDDLE_PX) r="5" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_breaks_between_stretches_and_a_single_point_is_a_dot() {
        let drawn = line(&[vec![(0.0, 0.0), (0.5, 1.0)], vec![(0.75, 0.5)]], 100.0, "p50").into_string();
        assert!(drawn.contains("d=\"M0.0 100.0L500.0 0.0M750.0 50.0h0\""), "{drawn}");
        assert!(drawn.contains("class=\"line p50\""));
    }

    #[test]
    fn an_area_goes_in_steps_and_comes_back_along_the_foot() {
        let drawn = area(&[(0.0, 1.0), (0.5, 0.25)], 100.0).into_string();
        assert!(drawn.contains("d=\"M0.0 0.0L500.0 0.0L500.0 75.0L500.0 100.0L0.0 100.0\""), "{drawn}");
        assert!(area(&[], 100.0).into_string().contains("d=\"\""));
    }

    #[test]
    fn a_bar_stands_on_the_foot_and_says_what_it_is() {
        let drawn = bars(&[Bar { x: (0.0, 0.5), at: 0.25, tip: "a & b".into() }], 100.0).into_string();
        assert!(drawn.contains("y=\"75.0\" height=\"25.0\""), "{drawn}");
        assert!(drawn.contains("<title>a &amp; b</title>"));
    }
}
