//! A text as a QR code (ISO/IEC 18004): one path of an SVG, dark on light in every scheme of colours.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcode::{Color, QrCode};

/// The light margin, in modules.
const QUIET_ZONE: usize = 4;
/// The width of the image where no style sheet decides it, in pixels.
const WIDTH_PX: usize = 224;

/// The code of a text, under a label; nothing where the text is too long for one.
#[must_use]
pub fn of(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::new(text) else { return html! {} };
    let width = code.width() + 2 * QUIET_ZONE;
    html! {
        svg viewBox={ "0 0 " (width) " " (width) } width=(WIDTH_PX) height=(WIDTH_PX) role="img" aria-label=(label)
            shape-rendering="crispEdges" {
            path d=(path(&code)) fill="currentColor" {}
        }
    }
}

/// The dark modules: a rectangle for every run of a row.
fn path(code: &QrCode) -> String {
    let (width, colours) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colours.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, other| one == other) {
            if run[0] == Color::Dark {
                let (left, top, length) = (x + QUIET_ZONE, y + QUIET_ZONE, run.len());
                // Writing to a string cannot fail.
                let _ = write!(path, "M{left} {top}h{length}v1h-{length}z");
            }
            x += run.len();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules that a path paints.
    fn painted(path: &str, width: usize) -> Vec<bool> {
        let mut modules = vec![false; width * width];
        for rectangle in path.split('z').filter(|part| !part.is_empty()) {
            let (place, rest) = rectangle[1..].split_once('h').unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let length: usize = rest.split('v').next().unwrap().parse().unwrap();
            let from = (y - QUIET_ZONE) * width + x - QUIET_ZONE;
            modules[from..from + length].fill(true);
        }
        modules
    }

    #[test]
    fn the_path_paints_every_dark_module_and_no_other() {
        let code = QrCode::new("K7QX2M9F").unwrap();
        assert_eq!(
            painted(&path(&code), code.width()),
            code.to_colors().iter().map(|colour| colour.select(true, false)).collect::<Vec<_>>()
        );
        assert!(of("K7QX2M9F", "label").into_string().contains("viewBox=\"0 0 29 29\""));
        assert!(of(&"x".repeat(4000), "label").into_string().is_empty());
    }
}
