//! Where a person lives: province, city and county, each chosen from a list.
//!
//! Three plain lists, and a field that fills them in ([`place_search`](crate::pages::booking::place_search)). A script fetches
//! the list below what was chosen ([`options`]); without one a button sends the form, which comes back with the lists that
//! belong together.

use axum::Json;
use axum::response::Response;
use maud::{Markup, html};

use super::picked::{Picked, cities, counties, names};
use super::place_search::{Search, kept_by_browsers, name_of};
use crate::domain::division::Division;
use crate::pages::kit::form::{Faults, described_by, fault_at};
use crate::pages::kit::form_input::Fields;
use crate::pages::text::{Language, Text};
use crate::serve::problem::{Code, Problem};
use crate::serve::read::path::Path;

impl Picked {
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
