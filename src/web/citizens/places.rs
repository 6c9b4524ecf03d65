//! Where somebody looks for a hall: a place that the device knows, or a city and district that are picked.

use maud::{Markup, html};

use crate::domain::geo::Location;
use crate::domain::hall::Hall;
use crate::domain::snapshot::Snapshot;
use crate::web::text::Text;

/// What separates city and district in a value.
const BETWEEN: char = '/';

/// A city, or one district of it, with its name for whoever looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// How a form names it.
    pub value: String,
    /// What it is called.
    pub name: String,
}

/// The cities that have halls, each with its districts, in the order of the halls.
#[must_use]
pub fn areas(text: Text, snapshot: &Snapshot) -> Vec<(Area, Vec<Area>)> {
    let mut cities: Vec<(Area, Vec<Area>)> = Vec::new();
    for hall in snapshot.halls() {
        if cities.last().is_none_or(|(city, _)| city.value != hall.city) {
            cities.push((Area { value: hall.city.clone(), name: hall.city.clone() }, Vec::new()));
        }
        let Some((_, districts)) = cities.last_mut() else { continue };
        if let Some(name) = &hall.district {
            let value = value_of(hall);
            if !districts.iter().any(|known| known.value == value) {
                districts.push(Area { value, name: text.pick(name).to_owned() });
            }
        }
    }
    cities
}

/// The value of a hall's district: with its own first name, which is the same in every language.
fn value_of(hall: &Hall) -> String {
    let district = hall.district.as_ref().map_or("", |name| name.pick(&[]));
    format!("{}{BETWEEN}{district}", hall.city)
}

/// Whether a hall lies in an area.
#[must_use]
pub fn lies_in(hall: &Hall, area: &str) -> bool {
    hall.city == area || (area.contains(BETWEEN) && value_of(hall) == area)
}

/// The middle of the halls of an area; none where it has none.
#[must_use]
pub fn middle(snapshot: &Snapshot, area: &str) -> Option<Location> {
    let halls: Vec<&Hall> = snapshot.halls().iter().filter(|hall| lies_in(hall, area)).collect();
    let count = f64::from(u32::try_from(halls.len()).unwrap_or(u32::MAX).max(1));
    let mean = |of: fn(&Hall) -> f64| halls.iter().map(|hall| of(hall)).sum::<f64>() / count;
    let (lat, lon) = (mean(|hall| hall.location.lat), mean(|hall| hall.location.lon));
    if halls.is_empty() { None } else { Location::new(lat, lon) }
}

/// The field in which an area is picked.
#[must_use]
pub fn area_field(text: Text, snapshot: &Snapshot, picked: Option<&str>) -> Markup {
    let option = |area: &Area, name: &str| {
        let lang = text.foreign(name).unwrap_or(text.0.tag());
        html! { option value=(area.value) lang=(lang) selected[picked == Some(area.value.as_str())] { (name) } }
    };
    html! {
        div class="field" {
            label for="area" { (text.get("find-area")) }
            select id="area" name="area" class="w-18" {
                option value="" { (text.get("find-area-pick")) }
                @for (city, districts) in areas(text, snapshot) {
                    @if districts.is_empty() {
                        (option(&city, &city.name))
                    } @else {
                        optgroup label=(city.name) lang=[text.foreign(&city.name)] {
                            (option(&city, &text.with("find-whole-city", &[("city", city.name.as_str().into())])))
                            @for district in &districts { (option(district, &district.name)) }
                        }
                    }
                }
            }
        }
    }
}
