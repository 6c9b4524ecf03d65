//! Where a caller is, as a query gives it.

use crate::app::input::fields::Fields;
use crate::domain::geo::{Datum, Location};

/// Reads `lat`, `lon` and `datum` to a WGS-84 place; none where neither coordinate is given. Notes what is wrong.
pub fn read(fields: &mut Fields, lat: Option<&str>, lon: Option<&str>, datum: Option<&str>) -> Option<Location> {
    let datum = datum.map_or(Some(Datum::Wgs84), |name| {
        let named = |name| Datum::named(name).ok_or("this is wgs84, gcj02 or bd09");
        fields.read(format_args!("/datum"), Some(name), named)
    });
    if lat.is_none() && lon.is_none() {
        return None;
    }
    let lat =
        fields.need(format_args!("/lat"), lat, |text| degrees(text, 90.0, "a latitude is a number from -90 to 90"));
    let lon =
        fields.need(format_args!("/lon"), lon, |text| degrees(text, 180.0, "a longitude is a number from -180 to 180"));
    Some(Location::new(lat?, lon?)?.from_datum(datum?))
}

fn degrees(text: &str, most: f64, form: &'static str) -> Result<f64, &'static str> {
    // Rust also reads `inf`, `nan` and `1e1`; a coordinate is written in digits.
    let plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+'));
    let number = plain.then(|| text.parse::<f64>().ok()).flatten();
    number.filter(|number| number.abs() <= most).ok_or(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(lat: Option<&str>, lon: Option<&str>, datum: Option<&str>) -> Result<Option<Location>, Vec<String>> {
        let mut fields = Fields::default();
        let place = read(&mut fields, lat, lon, datum);
        fields
            .finish(Some(place))
            .map_err(|refusal| refusal.bad_fields().into_iter().map(|(pointer, _)| pointer).collect())
    }

    #[test]
    fn a_place_has_both_coordinates_or_none() {
        let hangzhou = Location { lat: 30.25, lon: 120.21 };
        assert_eq!(place(None, None, None), Ok(None));
        assert_eq!(place(Some("30.25"), Some("120.21"), None), Ok(Some(hangzhou)));
        assert_eq!(place(Some("30.25"), Some("120.21"), Some("wgs84")), Ok(Some(hangzhou)));
        let shifted = place(Some("30.25"), Some("120.21"), Some("gcj02")).unwrap().unwrap();
        assert!((300.0..700.0).contains(&shifted.distance_m(hangzhou)), "{shifted:?}");
        assert!(place(Some("-90"), Some("+180"), Some("bd09")).is_ok());
    }

    #[test]
    fn what_is_no_place_is_pointed_at() {
        let check = |lat, lon, datum, expected: &[&str]| {
            assert_eq!(place(lat, lon, datum), Err(expected.iter().map(|p| (*p).to_owned()).collect()));
        };
        check(Some("30"), None, None, &["/lon"]);
        check(None, Some("120"), None, &["/lat"]);
        check(None, None, Some("mars"), &["/datum"]);
        check(Some("91"), Some("181"), Some(""), &["/datum", "/lat", "/lon"]);
        for text in ["", "nan", "inf", "1e1", "30,25", "N30", "--1", " 30"] {
            check(Some(text), Some("120"), None, &["/lat"]);
        }
    }
}
