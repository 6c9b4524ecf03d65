//! A place as it was chosen so far, from the province on, and the code that the API wants.
//!
//! A municipality stands among its own cities, so that there are three steps everywhere.

use crate::domain::division::Division;
use crate::pages::kit::form_input::Fields;

/// What was chosen so far, from the province on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Picked {
    /// The province.
    pub province: Option<Division>,
    /// The city; a municipality is its own.
    pub city: Option<Division>,
    /// The county.
    pub county: Option<Division>,
}

/// The names of the three fields.
#[must_use]
pub fn names(prefix: &str) -> [String; 3] {
    ["province", "city", "county"].map(|level| format!("{prefix}-{level}"))
}

/// The cities of a province; a municipality is its own.
#[must_use]
pub fn cities(province: &Division) -> Vec<Division> {
    let below = province.below();
    if below.iter().any(|division| division.code.ends_with("00")) { below } else { vec![*province] }
}

/// The counties of a city; none of one that has none, and none of a county that its province administers.
#[must_use]
pub fn counties(city: &Division) -> Vec<Division> {
    city.below()
}

/// The one of these that a field names.
fn named(of: &[Division], code: &str) -> Option<Division> {
    of.iter().find(|division| division.code == code).copied()
}

impl Picked {
    /// What a form says. What does not belong to what stands above it has not been chosen.
    #[must_use]
    pub fn read(fields: &Fields, prefix: &str) -> Self {
        let [province, city, county] = names(prefix);
        let provinces: Vec<Division> = Division::provinces().collect();
        let province = named(&provinces, fields.raw(&province));
        let city = province.and_then(|province| named(&cities(&province), fields.raw(&city)));
        let county = city.and_then(|city| named(&counties(&city), fields.raw(&county)));
        Self { province, city, county }
    }

    /// What leads to a code; of an abolished division, what is left of the way to it.
    #[must_use]
    pub fn leading_to(code: &str) -> Self {
        let path: Vec<Division> = Division::path(code).into_iter().filter(|division| !division.is_abolished).collect();
        let province = path.first().copied();
        let city = province.and_then(|province| cities(&province).into_iter().find(|city| path.contains(city)));
        let county = city.and_then(|city| counties(&city).into_iter().find(|county| path.contains(county)));
        Self { province, city, county }
    }

    /// The code, once it is known to the last step.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        let city = self.city?;
        match self.county {
            Some(county) => Some(county.code),
            None if counties(&city).is_empty() => Some(city.code),
            None => None,
        }
    }

    /// Whether nothing was chosen.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.province.is_none()
    }

    /// The fields of a form with this choice.
    #[must_use]
    pub fn into(self, fields: Fields, prefix: &str) -> Fields {
        names(prefix).into_iter().zip(self.codes()).fold(fields, |fields, (name, code)| fields.with(&name, code))
    }

    /// The codes of the three lists, empty from where nothing was chosen.
    #[must_use]
    pub fn codes(&self) -> [&'static str; 3] {
        [self.province, self.city, self.county].map(|division| division.map_or("", |it| it.code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &str) -> Picked {
        Picked::read(&Fields::read(form.as_bytes()).unwrap(), "r")
    }

    #[test]
    fn a_place_is_chosen_in_three_steps() {
        let check = |form: &str, expected: Option<&str>| assert_eq!(read(form).code(), expected, "{form}");
        check("", None);
        check("r-province=330000", None);
        check("r-province=330000&r-city=330100", None);
        check("r-province=330000&r-city=330100&r-county=330106", Some("330106"));
        check("r-province=110000&r-city=110000&r-county=110105", Some("110105"));
        // Cities without counties, counties without a city, and a region without either.
        check("r-province=440000&r-city=441900", Some("441900"));
        check("r-province=420000&r-city=429004", Some("429004"));
        check("r-province=810000&r-city=810000", Some("810000"));
        // What does not belong together, what was abolished, and what is no code.
        check("r-province=420000&r-city=330100&r-county=330106", None);
        check("r-province=330000&r-city=330100&r-county=330103", None);
        check("r-province=x&r-city=330100&r-county=330106", None);
    }

    #[test]
    fn every_place_where_somebody_can_live_can_be_chosen() {
        for province in Division::provinces() {
            for city in cities(&province) {
                let counties = counties(&city);
                if counties.is_empty() {
                    assert_eq!(Picked::leading_to(city.code).code(), Some(city.code));
                }
                for county in counties {
                    assert_eq!(Picked::leading_to(county.code).code(), Some(county.code));
                }
            }
        }
    }

    #[test]
    fn a_number_of_an_abolished_county_leads_as_far_as_there_is_something() {
        let abolished = Picked::leading_to("330103");
        assert_eq!((abolished.code(), abolished.city.unwrap().code), (None, "330100"));
        assert!(Picked::leading_to("990000").is_empty());
        let there = Picked::leading_to("330106");
        assert_eq!(Picked::read(&there.into(Fields::default(), "r"), "r"), there);
    }
}
