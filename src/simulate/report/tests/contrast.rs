//! The colours of the style sheet keep the contrast of WCAG 2.2, level AA, in light and in dark.

use std::collections::BTreeMap;

use super::super::STYLE;

/// Text on its ground (success criterion 1.4.3).
const TEXT: f64 = 4.5;
/// Strokes and shapes on their ground (success criterion 1.4.11).
const SHAPES: f64 = 3.0;

/// The colours by name, those of light and those of dark.
fn colours() -> [BTreeMap<&'static str, &'static str>; 2] {
    let (light, dark) = STYLE.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let dark = dark.split_once("\n}\n").unwrap().0;
    [light, dark].map(|scheme| {
        let entries = scheme.split(['{', ';']).filter_map(|entry| entry.trim().strip_prefix("--")?.split_once(": "));
        entries.filter(|(_, value)| value.starts_with('#')).collect()
    })
}

/// The relative luminance of `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let level = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if level <= 0.040_45 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn black_on_white_has_the_contrast_of_the_standard() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
}

#[test]
fn texts_and_shapes_can_be_told_from_their_ground() {
    for scheme in colours() {
        let check = |fore: &str, ground: &str, least: f64| {
            let found = contrast(scheme[fore], scheme[ground]);
            assert!(found >= least, "{fore} {} on {ground} {}: {found:.2}", scheme[fore], scheme[ground]);
        };
        for text in ["ink", "quiet", "link", "mark", "good", "warn", "bad"] {
            check(text, "page", TEXT);
        }
        check("ink", "soft", TEXT);
        check("ink", "bad-soft", TEXT);
        check("bad", "bad-soft", TEXT);
        check("page", "bad", TEXT);
        for shape in ["bar", "p50", "p95", "p99", "max", "refusal"] {
            check(shape, "page", SHAPES);
        }
        for step in 0..6 {
            check(&format!("blue-ink-{step}"), &format!("blue-{step}"), TEXT);
            check(&format!("amber-ink-{step}"), &format!("amber-{step}"), TEXT);
        }
    }
}

#[test]
fn the_steps_of_a_heat_map_go_one_way() {
    for scheme in colours() {
        for hue in ["blue", "amber"] {
            let steps: Vec<f64> = (0..6).map(|step| luminance(scheme[format!("{hue}-{step}").as_str()])).collect();
            assert!(steps.is_sorted() || steps.iter().rev().is_sorted(), "{hue}: {steps:?}");
        }
    }
}
