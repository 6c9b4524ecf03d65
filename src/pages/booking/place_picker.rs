//! Where somebody lives: province, city and county, each chosen from a list, and the code that the API wants.
//!
//! Three plain lists, and a field that fills them in ([`place_search`](crate::pages::booking::place_search)). A script fetches the list below
//! what was chosen ([`options`]); without one a button sends the form, which comes back with the lists that belong together. A
//! municipality stands among its own cities, so that there are three steps everywhere.

use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::place_search::{Search, name_of};
use crate::domain::division::Division;
use crate::pages::kit::form::{Faults, described_by, fault_at};
use crate::pages::kit::form_input::Fields;
use crate::pages::text::{Language, Text};
use crate::serve::problem::{Code, Problem};
use crate::serve::read::path::Path;

/// How long a browser may keep a list, in seconds: it changes with the program.
const LIST_AGE_S: u32 = 86_400;

/// What was chosen so far, from the province on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Picked {
    province: Option<Division>,
    city: Option<Division>,
    county: Option<Division>,
}

/// The names of the three fields.
fn names(prefix: &str) -> [String; 3] {
    ["province", "city", "county"].map(|level| format!("{prefix}-{level}"))
}

/// The cities of a province; a municipality is its own.
fn cities(province: &Division) -> Vec<Division> {
    let below = province.below();
    if below.iter().any(|division| division.code.ends_with("00")) { below } else { vec![*province] }
}

/// The counties of a city; none of one that has none, and none of a county that its province administers.
fn counties(city: &Division) -> Vec<Division> {
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

    /// A field to search with, and the three lists. The first list has the id of the field, so that a list of errors leads to
    /// it.
    #[must_use]
    pub fn markup(
        &self,
        text: Text,
        (prefix, legend, hint): (&str, &str, Option<&str>),
        fields: &Fields,
        faults: &Faults,
    ) -> Markup {
        let (fault, search_fault) = (faults.at(prefix), faults.at(&name_of(prefix)));
        let [_, city, county] = names(prefix);
        let cities = self.province.as_ref().map(cities).unwrap_or_default();
        let counties = self.city.as_ref().map(counties).unwrap_or_default();
        let levels = [
            (
                prefix,
                "province",
                "place-province",
                self.province,
                Division::provinces().collect(),
                Some((&city, "cities")),
            ),
            (city.as_str(), "city", "place-city", self.city, cities, Some((&county, "counties"))),
            (county.as_str(), "county", "place-county", self.county, counties, None),
        ];
        html! {
            fieldset .field .bad[fault.or(search_fault).is_some()] aria-describedby=[described_by(prefix, hint.is_some(), fault.is_some())] {
                legend { (text.get(legend)) }
                @if let Some(hint) = hint { p class="hint" id={ (prefix) "-hint" } { (text.get(hint)) } }
                (fault_at(prefix, fault))
                (Search::read(fields, prefix).markup(text, prefix, self, search_fault))
                div class="places" {
                    @for (id, level, label, chosen, divisions, below) in levels {
                        (list(text, &List { prefix, id, level, label, chosen, divisions, below }))
                    }
                }
                button class="button second no-script" name="do" value={ "places-" (prefix) } { (text.get("place-update")) }
            }
        }
    }
}

/// One of the three lists.
struct List<'a> {
    prefix: &'a str,
    id: &'a str,
    level: &'a str,
    label: &'a str,
    chosen: Option<Division>,
    divisions: Vec<Division>,
    /// The list that follows, and what it lists.
    below: Option<(&'a String, &'a str)>,
}

fn list(text: Text, list: &List<'_>) -> Markup {
    let List { prefix, id, level, label, chosen, divisions, below } = list;
    let source = below.map(|(_, of)| format!("/divisions/{}/{of}/", text.0.tag()));
    // A city without counties asks for none.
    let is_idle = divisions.is_empty() && *level == "county";
    html! {
        div hidden[is_idle] {
            label for=(id) { (text.get(label)) }
            select id=(id) name={ (prefix) "-" (level) } autocomplete="off" data-below=[below.map(|(id, _)| id)] data-places=[source] {
                option value="" { (text.get("place-choose")) }
                @for division in sorted(text, divisions) {
                    option value=(division.code) selected[*chosen == Some(division)] { (text.named(&division)) }
                }
            }
        }
    }
}

/// In the order of the codes, as lists in Chinese are; by name in English.
fn sorted(text: Text, divisions: &[Division]) -> Vec<Division> {
    let mut divisions = divisions.to_vec();
    if text.0 == Language::English {
        divisions.sort_by_key(|division| division.english);
    }
    divisions
}

/// `GET /divisions/{language}/{of}/{code}`: the cities of a province or the counties of a city, each a code and a name.
///
/// # Errors
/// `not_found`.
pub async fn options(Path((tag, of, code)): Path<(String, String, String)>) -> Result<Response, Problem> {
    let none = || Problem::new(Code::NotFound, "there is no such list");
    let language = Language::tagged(&tag).ok_or_else(none)?;
    let division = Division::find(&code).filter(|division| !division.is_abolished).ok_or_else(none)?;
    let below = match of.as_str() {
        "cities" => cities(&division),
        "counties" => counties(&division),
        _ => return Err(none()),
    };
    let text = Text(language);
    let list: Vec<[&str; 2]> = sorted(text, &below).iter().map(|it| [it.code, text.named(it)]).collect();
    Ok(kept_by_browsers(Json(list)))
}

/// An answer that a browser may keep.
pub fn kept_by_browsers(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    let age = HeaderValue::from_str(&format!("public, max-age={LIST_AGE_S}"));
    response.headers_mut().extend(age.ok().map(|age| (CACHE_CONTROL, age)));
    response
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
