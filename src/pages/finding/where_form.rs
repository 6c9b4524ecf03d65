//! The form of the halls' page: share a place, or pick a city, then one of its districts. Once it has been answered it is
//! one line, so that what was found is in sight.

use maud::{Markup, html};

use super::areas::{Area, cities, city_of, districts, is_district, name_of};
use super::choice::Choice;
use super::hall_list::Origin;
use crate::domain::snapshot::Snapshot;
use crate::pages::text::Text;

/// The list of what is wrong with a search for nothing.
#[must_use]
pub fn errors(text: Text, is_empty: bool) -> Markup {
    html! {
        @if is_empty {
            div class="errors" role="alert" tabindex="-1" {
                h2 { (text.get("find-empty-title")) }
                ul { li { a href="#area" { (text.get("find-empty")) } } }
            }
        }
    }
}

/// The form; folded where it has been answered.
#[must_use]
pub fn markup(text: Text, snapshot: &Snapshot, choice: &Choice, origin: &Origin, is_empty: bool) -> Markup {
    let answer = match origin {
        Origin::Nowhere => return html! { div class="card" { (form(text, snapshot, choice, origin, is_empty)) } },
        Origin::Place(_) => text.get("find-by-place"),
        Origin::City(area) => text.with("find-by-area", &[("area", name(text, snapshot, area).into())]),
        Origin::District(area) => text.with("find-by-district", &[("area", name(text, snapshot, area).into())]),
    };
    html! {
        details class="where" id="where" {
            summary { span { (answer) } " " b { (text.get("find-change")) } }
            (form(text, snapshot, choice, origin, is_empty))
        }
        (narrower(text, snapshot, choice, origin))
    }
}

fn name(text: Text, snapshot: &Snapshot, area: &str) -> String {
    name_of(text, snapshot, area).unwrap_or_else(|| area.to_owned())
}

/// What every form here carries on.
fn carried(choice: &Choice) -> Markup {
    html! {
        input type="hidden" name="service" value=[choice.service.as_deref()];
        @if choice.people() > 1 { input type="hidden" name="people" value=(choice.people()); }
        @if let Some(moving) = &choice.moving { input type="hidden" name="moving" value=(moving); }
        @if choice.is_party() { input type="hidden" name="party" value="true"; }
    }
}

fn form(text: Text, snapshot: &Snapshot, choice: &Choice, origin: &Origin, is_empty: bool) -> Markup {
    let picked = origin.area().map(city_of);
    html! {
        form action="/halls" data-place novalidate {
            (carried(choice))
            div class="only-script share" {
                button type="button" class="button" data-place-button { (text.get("find-share-place")) }
                p class="hint" { (text.get("find-share-place-hint")) }
                p class="error" role="alert" data-place-refused hidden { (text.get("find-place-refused")) }
            }
            div .field .bad[is_empty] {
                label for="area" { (text.get("find-city")) }
                @if is_empty { p class="error" id="area-error" { (text.get("find-empty")) } }
                select id="area" name="area" class="w-18" aria-invalid=[is_empty.then_some("true")]
                    aria-describedby=[is_empty.then_some("area-error")] {
                    option value="" { (text.get("find-area-pick")) }
                    (options(text, &cities(text, snapshot), picked))
                }
            }
            div class="buttons" { button class="button second" { (text.get("find-show-halls")) } }
        }
    }
}

/// The districts of the city that was picked; nothing where there is nothing to choose.
fn narrower(text: Text, snapshot: &Snapshot, choice: &Choice, origin: &Origin) -> Markup {
    let Some(area) = origin.area() else { return html! {} };
    let city = city_of(area);
    let found = districts(text, snapshot, city);
    html! {
        @if found.len() > 1 {
            form action="/halls" class="narrower" {
                (carried(choice))
                label for="district" { (text.get("find-district")) }
                select id="district" name="area" {
                    option value=(city) { (text.with("find-whole-city", &[("city", name(text, snapshot, city).into())])) }
                    (options(text, &found, Some(area).filter(|area| is_district(area))))
                }
                button class="button second" { (text.get("find-nearest-first")) }
            }
        }
    }
}

fn options(text: Text, areas: &[Area], picked: Option<&str>) -> Markup {
    html! {
        @for area in areas {
            option value=(area.value) lang=[text.foreign(&area.name)] selected[picked == Some(area.value.as_str())] { (area.name) }
        }
    }
}
