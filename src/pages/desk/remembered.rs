//! What a browser at a desk remembers until it is closed: the hall that was looked at last, and the counter there.
//!
//! It only saves choosing again. An address that names a hall or a counter comes first, and a hall that is not the member's is
//! as if none were remembered.

use axum::http::HeaderMap;
use axum::response::Response;

use super::hall_day::halls_of;
use crate::domain::hall::Hall;
use crate::domain::name::HallId;
use crate::domain::snapshot::Snapshot;
use crate::engine::{Counter, StaffCaller};
use crate::pages::kit::cookies;
use crate::pages::kit::redirect::percent;

/// The hall that was looked at last, where it is one of this member's.
#[must_use]
pub fn hall<'a>(headers: &HeaderMap, snapshot: &'a Snapshot, member: &StaffCaller) -> Option<&'a Hall> {
    let id = cookies::value(headers, cookies::HALL)?;
    let hall = snapshot.hall(id).ok()?;
    member.may_serve(hall.id).then_some(hall)
}

/// The hall that a page opens on where none is named: the one looked at last, else the member's first. Somebody who may
/// serve all halls has no first one: it is the first of the city that has the most halls.
#[must_use]
pub fn hall_or_first<'a>(headers: &HeaderMap, snapshot: &'a Snapshot, member: &StaffCaller) -> Option<&'a Hall> {
    let first = || {
        let halls = halls_of(snapshot, member);
        let in_city = |city: &str| halls.iter().filter(|hall| hall.city == city).count();
        let most = halls.iter().map(|hall| in_city(&hall.city)).max()?;
        halls.iter().find(|hall| in_city(&hall.city) == most).copied()
    };
    hall(headers, snapshot, member).or_else(first)
}

/// The counter at which this browser was used last, where that was in this hall.
#[must_use]
pub fn counter(headers: &HeaderMap, hall: HallId) -> Option<Counter> {
    let value = cookies::value(headers, cookies::COUNTER)?;
    let (name, value) = form_urlencoded::parse(value.as_bytes()).next()?;
    (name == hall.as_str()).then(|| Counter::named(&value)).flatten()
}

/// The city that a page shows where none is asked for: the one asked for last, else that of the hall. An empty one stands for
/// all of them.
#[must_use]
pub fn city(headers: &HeaderMap, snapshot: &Snapshot, member: &StaffCaller) -> String {
    let kept = cookies::value(headers, cookies::CITY)
        .and_then(|value| form_urlencoded::parse(value.as_bytes()).next().map(|(_, city)| city.into_owned()));
    let is_own = |city: &String| city.is_empty() || halls_of(snapshot, member).iter().any(|hall| hall.city == *city);
    let of_hall = || hall_or_first(headers, snapshot, member).map(|hall| hall.city.clone()).unwrap_or_default();
    kept.filter(is_own).unwrap_or_else(of_hall)
}

/// An answer after which a city is remembered; an empty one stands for all of them.
#[must_use]
pub fn keeping_city(mut response: Response, city: &str) -> Response {
    cookies::keep(response.headers_mut(), cookies::CITY, &format!("city={}", percent(city)));
    response
}

/// An answer after which a hall is remembered.
#[must_use]
pub fn keeping_hall(mut response: Response, hall: HallId) -> Response {
    cookies::keep(response.headers_mut(), cookies::HALL, hall.as_str());
    response
}

/// An answer after which a counter of a hall is remembered.
#[must_use]
pub fn keeping_counter(mut response: Response, hall: HallId, counter: &Counter) -> Response {
    let value = format!("{}={}", percent(hall.as_str()), percent(counter.as_str()));
    cookies::keep(response.headers_mut(), cookies::COUNTER, &value);
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::header::{COOKIE, SET_COOKIE};

    use super::*;

    #[test]
    fn a_counter_is_remembered_for_its_hall_whatever_it_is_called() {
        let [here, elsewhere] = ["hangzhou-shi-crj", "hangzhou-xihu-crj"].map(|id| HallId::intern(id).unwrap());
        for name in ["3", "A-12", "三号 东"] {
            let counter_named = Counter::named(name).unwrap();
            let response = keeping_counter(Response::new(Body::empty()), here, &counter_named);
            let set = response.headers()[SET_COOKIE].to_str().unwrap();
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, set.split(';').next().unwrap().parse().unwrap());
            assert_eq!(counter(&headers, here), Some(counter_named), "{set}");
            assert_eq!(counter(&headers, elsewhere), None);
        }
        for nonsense in ["", "=", "hangzhou-shi-crj", "hangzhou-shi-crj=%3Cb%3E"] {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, format!("{}={nonsense}", cookies::COUNTER).parse().unwrap());
            assert_eq!(counter(&headers, here), None, "{nonsense}");
        }
    }
}
