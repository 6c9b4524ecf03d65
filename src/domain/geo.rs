//! Places on the earth: three datums, one distance.
//!
//! GCJ-02 and BD-09 have no published definition. The forward formula is the one that every open implementation shares,
//! with the box of longitude 72.004 to 137.8347 and latitude 0.8293 to 55.8271 as the area in which it applies; places
//! in Hong Kong, Macao and Taiwan lie inside it, as map services and phones there answer in GCJ-02 too. The way back is
//! found by iteration, to less than a tenth of a metre.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

/// The mean radius of the earth, in metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// Semi-major axis and squared eccentricity of the Krasovsky 1940 ellipsoid, as the open implementations use them.
const AXIS_M: f64 = 6_378_245.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;
const BD_FACTOR: f64 = PI * 3000.0 / 180.0;
const BD_LON_SHIFT: f64 = 0.0065;
const BD_LAT_SHIFT: f64 = 0.006;
/// Steps of the iteration back from GCJ-02; each gains about two decimal places.
const INVERSE_STEPS: usize = 6;

/// A place in WGS-84, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Latitude, -90 to 90.
    pub lat: f64,
    /// Longitude, -180 to 180.
    pub lon: f64,
}

/// In which datum a client gives its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Datum {
    /// GPS.
    #[default]
    Wgs84,
    /// Chinese maps and phones.
    Gcj02,
    /// Baidu.
    Bd09,
}

impl Datum {
    /// The datum of this name: `wgs84`, `gcj02` or `bd09`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "wgs84" => Some(Self::Wgs84),
            "gcj02" => Some(Self::Gcj02),
            "bd09" => Some(Self::Bd09),
            _ => None,
        }
    }
}

impl Location {
    /// A place, where it is on the earth.
    #[must_use]
    pub fn new(lat: f64, lon: f64) -> Option<Self> {
        ((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon)).then_some(Self { lat, lon })
    }

    /// The WGS-84 place of coordinates in another datum.
    #[must_use]
    pub fn from_datum(self, datum: Datum) -> Self {
        match datum {
            Datum::Wgs84 => self,
            Datum::Gcj02 => inverse(self, gcj02_of),
            Datum::Bd09 => inverse(gcj02_of_bd09(self), gcj02_of),
        }
    }

    /// The great-circle distance, in metres (haversine formula on the mean sphere; within 0.6 % of the ellipsoid).
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        let (lat_a, lat_b) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = (lat_b - lat_a) / 2.0;
        let half_lon = (other.lon - self.lon).to_radians() / 2.0;
        let square = half_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * half_lon.sin().powi(2);
        2.0 * EARTH_RADIUS_M * square.sqrt().min(1.0).asin()
    }
}

fn inverse(target: Location, forward: fn(Location) -> Location) -> Location {
    let mut guess = target;
    for _ in 0..INVERSE_STEPS {
        let image = forward(guess);
        guess = Location { lat: guess.lat + target.lat - image.lat, lon: guess.lon + target.lon - image.lon };
    }
    guess
}

fn gcj02_of(place: Location) -> Location {
    let shifted = (72.004..=137.8347).contains(&place.lon) && (0.8293..=55.8271).contains(&place.lat);
    if !shifted {
        return place;
    }
    let (x, y) = (place.lon - 105.0, place.lat - 35.0);
    let wave =
        |v: f64, pairs: [(f64, f64); 2]| pairs.iter().map(|(a, k)| a * (v * k * PI).sin()).sum::<f64>() * 2.0 / 3.0;
    let north_m = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + wave(x, [(20.0, 6.0), (20.0, 2.0)])
        + wave(y, [(20.0, 1.0), (40.0, 1.0 / 3.0)])
        + wave(y, [(160.0, 1.0 / 12.0), (320.0, 1.0 / 30.0)]);
    let east_m = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + wave(x, [(20.0, 6.0), (20.0, 2.0)])
        + wave(x, [(20.0, 1.0), (40.0, 1.0 / 3.0)])
        + wave(x, [(150.0, 1.0 / 12.0), (300.0, 1.0 / 30.0)]);
    let latitude = place.lat.to_radians();
    let flattening = 1.0 - ECCENTRICITY_SQUARED * latitude.sin().powi(2);
    let meridian_m = AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (flattening * flattening.sqrt());
    let parallel_m = AXIS_M / flattening.sqrt() * latitude.cos();
    Location {
        lat: place.lat + (north_m / meridian_m).to_degrees(),
        lon: place.lon + (east_m / parallel_m).to_degrees(),
    }
}

fn gcj02_of_bd09(place: Location) -> Location {
    let (x, y) = (place.lon - BD_LON_SHIFT, place.lat - BD_LAT_SHIFT);
    let radius = x.hypot(y) - 0.000_02 * (y * BD_FACTOR).sin();
    let angle = y.atan2(x) - 0.000_003 * (x * BD_FACTOR).cos();
    Location { lat: radius * angle.sin(), lon: radius * angle.cos() }
}
