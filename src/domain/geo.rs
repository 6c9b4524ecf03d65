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

#[cfg(test)]
mod tests {
    use super::*;

    /// A place in three datums, each longitude before latitude, as four independent open implementations give them:
    /// GCJ-02 equal to the last digit in gcoord 1.0.7, coord-convert 0.2.1, prcoords 1.0.2 and coordtransform-rs
    /// 0.1.0; BD-09 in the first two.
    struct Vector {
        name: &'static str,
        wgs84: [f64; 2],
        gcj02: [f64; 2],
        bd09: [f64; 2],
    }

    const VECTORS: [Vector; 12] = [
        Vector {
            name: "Hangzhou",
            wgs84: [120.1905, 30.2265],
            gcj02: [120.195_086_103_004_83, 30.224_102_085_666_9],
            bd09: [120.201_635_583_440_73, 30.229_844_658_366_467],
        },
        Vector {
            name: "Beijing",
            wgs84: [116.397_451, 39.909_187],
            gcj02: [116.403_694_625_063_92, 39.910_590_509_632_3],
            bd09: [116.410_067_164_754_79, 39.916_929_791_202_63],
        },
        Vector {
            name: "Urumqi",
            wgs84: [87.6168, 43.793],
            gcj02: [87.619_648_293_817_15, 43.794_223_710_620_706],
            bd09: [87.626_075_189_744_64, 43.800_356_466_269_45],
        },
        Vector {
            name: "Shenzhen",
            wgs84: [114.0579, 22.5431],
            gcj02: [114.063_013_998_565_47, 22.540_382_814_222_46],
            bd09: [114.069_563_987_032_67, 22.546_041_559_073_544],
        },
        Vector {
            name: "Harbin",
            wgs84: [126.616, 45.756],
            gcj02: [126.621_922_056_935_08, 45.757_919_285_172_584],
            bd09: [126.628_382_926_746_43, 45.764_081_426_677_4],
        },
        Vector {
            name: "Hong Kong",
            wgs84: [114.1577, 22.283],
            gcj02: [114.162_696_178_126_95, 22.280_281_438_935_09],
            bd09: [114.169_220_268_030_02, 22.286_066_819_842_077],
        },
        Vector {
            name: "Taipei",
            wgs84: [121.5645, 25.034],
            gcj02: [121.568_274_784_793_74, 25.031_067_433_058_038],
            bd09: [121.574_695_902_915_42, 25.037_396_230_022_306],
        },
        Vector {
            name: "Ulaanbaatar",
            wgs84: [106.9057, 47.8864],
            gcj02: [106.911_289_484_449_47, 47.887_906_638_394_504],
            bd09: [106.917_667_847_289_32, 47.894_197_877_186_31],
        },
        // The others lie outside the box, where GCJ-02 is WGS-84.
        Vector {
            name: "Tokyo",
            wgs84: [139.7671, 35.6812],
            gcj02: [139.7671, 35.6812],
            bd09: [139.773_632_332_244_23, 35.687_140_696_710_1],
        },
        Vector {
            name: "London",
            wgs84: [-0.1276, 51.5074],
            gcj02: [-0.1276, 51.5074],
            bd09: [-0.121_242_497_464_315_06, 51.513_419_461_809_676],
        },
        Vector {
            name: "New York",
            wgs84: [-74.006, 40.7128],
            gcj02: [-74.006, 40.7128],
            bd09: [-73.999_491_942_361_77, 40.718_855_696_826_83],
        },
        Vector {
            name: "Sydney",
            wgs84: [151.2093, -33.8688],
            gcj02: [151.2093, -33.8688],
            bd09: [151.215_870_317_789_07, -33.862_394_736_401_8],
        },
    ];

    fn place([lon, lat]: [f64; 2]) -> Location {
        Location::new(lat, lon).unwrap()
    }

    #[test]
    fn every_datum_leads_back_to_the_place() {
        for Vector { name, wgs84, gcj02, bd09 } in VECTORS {
            let wgs84 = place(wgs84);
            let check = |given: [f64; 2], datum, within_m: f64| {
                let error_m = place(given).from_datum(datum).distance_m(wgs84);
                assert!(error_m < within_m, "{name} from {datum:?} is {error_m} m off");
            };
            check([wgs84.lon, wgs84.lat], Datum::Wgs84, 1e-9);
            check(gcj02, Datum::Gcj02, 0.1);
            check(bd09, Datum::Bd09, 1.0);
        }
    }

    #[test]
    fn outside_the_box_gcj02_is_wgs84() {
        for Vector { wgs84, gcj02, .. } in &VECTORS[8..] {
            assert_eq!((gcj02, place(*gcj02).from_datum(Datum::Gcj02)), (wgs84, place(*wgs84)));
        }
        for [lon, lat] in [[72.003, 30.0], [137.835, 30.0], [100.0, 0.829], [100.0, 55.828], [180.0, 90.0]] {
            assert_eq!(place([lon, lat]).from_datum(Datum::Gcj02), place([lon, lat]));
        }
    }

    #[test]
    fn a_mix_up_of_datums_has_a_known_size() {
        let Vector { wgs84, gcj02, bd09, .. } = VECTORS[0];
        let off = |taken: [f64; 2]| place(taken).distance_m(place(wgs84));
        assert!((off(gcj02) - 515.0).abs() < 5.0, "{} m", off(gcj02));
        assert!((off(bd09) - 1_133.0).abs() < 5.0, "{} m", off(bd09));
    }

    #[test]
    fn distances_are_those_of_the_sphere() {
        // Found by the angle between two vectors, a formula of its own, on the same mean radius.
        let check = |a: [f64; 2], b: [f64; 2], expected_m: f64| {
            for (a, b) in [(a, b), (b, a)] {
                let found = place(a).distance_m(place(b));
                assert!((found - expected_m).abs() <= expected_m * 0.001, "{a:?} to {b:?}: {found} m");
            }
        };
        let [hangzhou, beijing, urumqi, shenzhen, harbin, hong_kong, taipei, _, tokyo, london, new_york, sydney] =
            VECTORS.map(|vector| vector.wgs84);
        check(hangzhou, beijing, 1_130_336.6);
        check(urumqi, harbin, 3_055_545.4);
        check(shenzhen, hong_kong, 30_687.4);
        check(taipei, tokyo, 2_104_166.9);
        check(london, new_york, 5_570_243.0);
        check(sydney, new_york, 15_988_777.6);
        check([179.9, 0.0], [-179.9, 0.0], 22_239.0);
        check([0.0, 90.0], [50.0, -90.0], 20_015_114.4);
        check([0.0, 0.0], [180.0, 0.0], 20_015_114.4);
        check([0.0, 0.0], [1.0, 0.0], 111_195.1);
        check(hangzhou, hangzhou, 0.0);
    }

    #[test]
    fn a_place_is_on_the_earth() {
        let good = [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0), (-0.0, 120.0)];
        assert!(good.into_iter().all(|(lat, lon)| Location::new(lat, lon) == Some(Location { lat, lon })));
        let bad = [
            (90.0001, 0.0),
            (-90.0001, 0.0),
            (0.0, 180.0001),
            (0.0, 181.0),
            (0.0, -181.0),
            (f64::NAN, 0.0),
            (0.0, f64::NAN),
            (f64::INFINITY, 0.0),
            (0.0, f64::NEG_INFINITY),
        ];
        for (lat, lon) in bad {
            assert_eq!(Location::new(lat, lon), None, "{lat}, {lon}");
        }
    }

    #[test]
    fn a_datum_is_known_by_its_name() {
        let named = ["wgs84", "gcj02", "bd09", "WGS84", ""].map(Datum::named);
        assert_eq!(named, [Some(Datum::Wgs84), Some(Datum::Gcj02), Some(Datum::Bd09), None, None]);
    }
}
