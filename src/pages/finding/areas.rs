//! Where somebody looks for a hall: a city, or a district of one, that is picked.

use crate::domain::geo::Location;
use crate::domain::hall::Hall;
use crate::domain::language::LanguageWishes;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::pages::text::{Language, Text};

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

/// The cities that have halls, in alphabetical order of their English names, which is that of their pinyin for nearly
/// all; those without an English name come last, as they are written.
#[must_use]
pub fn cities(text: Text, snapshot: &Snapshot) -> Vec<Area> {
    let of_cities = snapshot.halls().chunk_by(|a, b| a.city == b.city);
    in_order(of_cities.filter_map(|halls| {
        let named = halls.iter().find(|hall| hall.city_name.is_some()).or(halls.first())?;
        Some((
            order(named.city_name.as_ref(), &named.city),
            Area { value: named.city.clone(), name: city_name(text, named) },
        ))
    }))
}

/// The districts of a city that have halls, in the same order; none where no district is known.
#[must_use]
pub fn districts(text: Text, snapshot: &Snapshot, city: &str) -> Vec<Area> {
    let mut found: Vec<(Order, Area)> = Vec::new();
    for hall in snapshot.halls().iter().filter(|hall| hall.city == city) {
        let Some(district) = &hall.district else { continue };
        let area = Area { value: value_of(hall), name: text.pick(district).to_owned() };
        if found.iter().all(|(_, known)| known.value != area.value) {
            found.push((order(Some(district), district.pick(&LanguageWishes::default())), area));
        }
    }
    in_order(found)
}

/// How an area is sorted: by its letters in English, without case, spaces and marks.
type Order = (bool, String);

fn order(name: Option<&crate::domain::localized::Localized>, otherwise: &str) -> Order {
    let english = name.map_or("", |name| Text(Language::English).pick(name));
    let letters: String =
        english.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect();
    if letters.is_empty() { (true, otherwise.to_owned()) } else { (false, letters) }
}

fn in_order(areas: impl IntoIterator<Item = (Order, Area)>) -> Vec<Area> {
    let mut areas: Vec<(Order, Area)> = areas.into_iter().collect();
    areas.sort_by(|a, b| a.0.cmp(&b.0));
    areas.into_iter().map(|(_, area)| area).collect()
}

/// What the city of a hall is called.
#[must_use]
pub fn city_name(text: Text, hall: &Hall) -> String {
    hall.city_name.as_ref().map_or(hall.city.as_str(), |name| text.pick(name)).to_owned()
}

/// The value of a hall's district: with its own first name, which is the same in every language.
fn value_of(hall: &Hall) -> String {
    let district = hall.district.as_ref().map_or("", |name| name.pick(&LanguageWishes::default()));
    format!("{}{BETWEEN}{district}", hall.city)
}

/// The area in which to look for halls like this one: its city, or its district with what is near if the city has no other
/// hall for the service.
#[must_use]
pub fn around(snapshot: &Snapshot, service: &Service, hall: &Hall) -> String {
    let is_other = |other: &&Hall| other.city == hall.city && other.id != hall.id && other.lane_for(service).is_some();
    let is_alone = !snapshot.halls().iter().any(|other| is_other(&other));
    if is_alone && hall.district.is_some() { value_of(hall) } else { hall.city.clone() }
}

/// The city of an area.
#[must_use]
pub fn city_of(area: &str) -> &str {
    area.split(BETWEEN).next().unwrap_or_default()
}

/// Whether an area is a district.
#[must_use]
pub fn is_district(area: &str) -> bool {
    area.contains(BETWEEN)
}

/// Whether a hall lies in an area.
#[must_use]
pub fn lies_in(hall: &Hall, area: &str) -> bool {
    if is_district(area) { value_of(hall) == area } else { hall.city == area }
}

/// What an area is called; none where no hall lies in it.
#[must_use]
pub fn name_of(text: Text, snapshot: &Snapshot, area: &str) -> Option<String> {
    let hall = snapshot.halls().iter().find(|hall| lies_in(hall, area))?;
    let district = hall.district.as_ref().filter(|_| is_district(area));
    Some(district.map_or_else(|| city_name(text, hall), |name| text.pick(name).to_owned()))
}

/// The middle of some halls; none where there are none.
#[must_use]
pub fn middle(halls: &[&Hall]) -> Option<Location> {
    let count = f64::from(u32::try_from(halls.len()).unwrap_or(u32::MAX).max(1));
    let mean = |of: fn(&Hall) -> f64| halls.iter().map(|hall| of(hall)).sum::<f64>() / count;
    let (lat, lon) = (mean(|hall| hall.location.lat), mean(|hall| hall.location.lon));
    if halls.is_empty() { None } else { Location::new(lat, lon) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::config;

    fn repository() -> Arc<Snapshot> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        config::load(&dir).unwrap_or_else(|errors| panic!("{errors}")).snapshot
    }

    fn names(areas: Vec<Area>) -> Vec<String> {
        areas.into_iter().map(|area| area.name).collect()
    }

    #[test]
    fn cities_stand_in_the_order_of_their_letters_in_every_language() {
        let snapshot = repository();
        let english = names(cities(Text(Language::English), &snapshot));
        assert_eq!(english.len(), 20);
        assert_eq!([&english[0], &english[1], &english[5], &english[19]], ["Beijing", "Chengdu", "Harbin", "Zhuhai"]);
        let simplified = names(cities(Text(Language::Simplified), &snapshot));
        assert_eq!(simplified[..4], ["北京", "成都", "重庆", "广州"]);
        assert_eq!(names(cities(Text(Language::Traditional), &snapshot))[..4], ["北京", "成都", "重慶", "廣州"]);
    }

    #[test]
    fn every_district_has_a_name_for_the_reader_and_a_value_for_the_form() {
        let snapshot = repository();
        let found = districts(Text(Language::English), &snapshot, "杭州");
        assert_eq!((found[0].name.as_str(), found[0].value.as_str()), ("Binjiang District", "杭州/滨江区"));
        assert!(found.windows(2).all(|pair| pair[0].name < pair[1].name), "{found:?}");
        for area in &found {
            assert_eq!(name_of(Text(Language::English), &snapshot, &area.value), Some(area.name.clone()));
            assert_eq!((city_of(&area.value), is_district(&area.value)), ("杭州", true));
        }
        assert_eq!(name_of(Text(Language::English), &snapshot, "杭州").as_deref(), Some("Hangzhou"));
        assert_eq!(name_of(Text(Language::English), &snapshot, "火星"), None);
        assert_eq!(districts(Text(Language::English), &snapshot, "火星"), Vec::new());
    }

    #[test]
    fn every_city_of_the_repository_has_at_most_one_hall_of_its_own() {
        let snapshot = repository();
        for halls in snapshot.halls().chunk_by(|a, b| a.city == b.city) {
            assert!(halls.iter().filter(|hall| hall.municipal).count() <= 1, "{}", halls[0].city);
            assert!(halls.iter().all(|hall| hall.city_name == halls[0].city_name), "{}", halls[0].city);
        }
    }
}
