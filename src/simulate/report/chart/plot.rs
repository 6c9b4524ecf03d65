//! The frame of a chart: grid, ticks, marks and labels.

use maud::{Markup, html};

use super::across;

/// How far apart two labels stand at least, in pixels.
const LABEL_GAP_PX: f64 = 15.0;

/// A position between 0 and 1 with its text.
#[derive(Debug)]
pub(in super::super) struct Tick {
    pub(in super::super) at: f64,
    pub(in super::super) text: String,
}

/// A moment that is marked across the whole height.
#[derive(Debug)]
pub(in super::super) struct Mark<'a> {
    pub(in super::super) at: f64,
    pub(in super::super) text: &'a str,
}

/// A chart without its shapes.
#[derive(Debug)]
pub(in super::super) struct Plot<'a> {
    /// Unique on the page.
    pub(in super::super) id: String,
    pub(in super::super) title: &'a str,
    /// What somebody who cannot see it should know.
    pub(in super::super) description: String,
    pub(in super::super) height_px: f64,
    pub(in super::super) x: Vec<Tick>,
    pub(in super::super) x_name: &'a str,
    pub(in super::super) y: Vec<Tick>,
    pub(in super::super) mark: Option<Mark<'a>>,
}

impl Plot<'_> {
    /// The chart with its shapes.
    pub(in super::super) fn draw(&self, shapes: &Markup) -> Markup {
        let Self { id, title, description, height_px, .. } = self;
        html! {
            svg class="plot" id=(id) role="img" width="100%" height=(height_px)
                aria-labelledby={ (id) "-title " (id) "-desc" } {
                title id={ (id) "-title" } { (title) }
                desc id={ (id) "-desc" } { (description) }
                (self.grid())
                (shapes)
                @if let Some(mark) = &self.mark { (self.mark(mark)) }
            }
        }
    }

    fn grid(&self) -> Markup {
        html! {
            @for tick in &self.y {
                @let y = pixels(tick.at, self.height_px);
                line class="grid" x1="0" x2="100%" y1=(y) y2=(y) {}
                text class="tick y" x="0" dx="-8" y=(y) dy="0.32em" { (tick.text) }
            }
            @for tick in &self.x {
                text class="tick x" x=(across(tick.at)) y=(self.height_px) dy="1.5em" { (tick.text) }
            }
            text class="tick name" x="100%" y=(self.height_px) dy="2.9em" { (self.x_name) }
        }
    }

    fn mark(&self, mark: &Mark) -> Markup {
        html! {
            line class="mark" x1=(across(mark.at)) x2=(across(mark.at)) y1="-4" y2=(self.height_px) {}
            text class="mark" x=(across(mark.at)) y="-9" dx="-1" { (mark.text) }
        }
    }
}

/// A height between 0 and 1 as pixels from above.
pub(super) fn pixels(at: f64, height_px: f64) -> String {
    format!("{:.1}", height_px * (1.0 - at))
}

/// A text at a point, on the side of it where there is more room.
pub(in super::super) fn note(at: (f64, f64), height_px: f64, text: &str) -> Markup {
    let (class, dx) = if at.0 > 0.6 { ("note before", "-6") } else { ("note", "6") };
    html! {
        text class=(class) x=(across(at.0)) dx=(dx) y=(pixels(at.1, height_px)) dy="0.32em" { (text) }
    }
}

/// The name of a line, beside its end.
#[derive(Debug)]
pub(in super::super) struct EndLabel<'a> {
    pub(in super::super) at: (f64, f64),
    pub(in super::super) text: &'a str,
    pub(in super::super) class: &'a str,
}

/// Names beside the ends of lines, moved apart where they would cover each other. They are given from the lowest to the
/// highest.
pub(in super::super) fn end_labels(labels: &[EndLabel], height_px: f64) -> Markup {
    let wanted: Vec<f64> = labels.iter().map(|label| height_px * (1.0 - label.at.1)).collect();
    html! {
        @for (label, y) in labels.iter().zip(apart(&wanted, height_px)) {
            text class={ "end " (label.class) } x=(across(label.at.0)) dx="8" y=(format!("{y:.1}")) dy="0.32em" {
                (label.text)
            }
        }
    }
}

/// Heights in pixels from the lowest label to the highest, each at least a gap above the one before it.
fn apart(wanted: &[f64], height_px: f64) -> Vec<f64> {
    let mut below = height_px + LABEL_GAP_PX;
    let placed = wanted.iter().map(|y| {
        below = y.min(below - LABEL_GAP_PX);
        below
    });
    placed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stay_where_there_is_room_and_move_up_where_there_is_not() {
        assert_eq!(apart(&[150.0, 100.0, 20.0], 200.0), [150.0, 100.0, 20.0]);
        assert_eq!(apart(&[150.0, 148.0, 147.0], 200.0), [150.0, 135.0, 120.0]);
        assert!(apart(&[], 200.0).is_empty());
    }

    #[test]
    fn a_frame_names_itself_to_who_cannot_see_it() {
        let plot = Plot {
            id: "a".into(),
            title: "T<1>",
            description: "D".into(),
            height_px: 100.0,
            x: vec![Tick { at: 0.5, text: "5".into() }],
            x_name: "seconds",
            y: vec![Tick { at: 0.25, text: "1".into() }],
            mark: Some(Mark { at: 0.1, text: "now" }),
        };
        let drawn = plot.draw(&html! {}).into_string();
        for part in [
            "aria-labelledby=\"a-title a-desc\"",
            "<title id=\"a-title\">T&lt;1&gt;</title>",
            "<desc id=\"a-desc\">D</desc>",
            "y1=\"75.0\"",
            "x=\"50.00%\"",
            "x1=\"10.00%\"",
        ] {
            assert!(drawn.contains(part), "{part} in {drawn}");
        }
    }
}
