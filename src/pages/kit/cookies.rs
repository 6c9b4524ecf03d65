//! What a browser keeps for these pages: cookies, none of which a script can read.
//!
//! *Session* holds the same token as the API's session. *Staff* holds who has signed in at a desk, sealed, with an end.
//! *Visitor* is a random text without meaning to which the forms of this browser are bound. *Language* and *area* are
//! choices. *Hall*, *counter* and *city* say where a desk worked last, until the browser is closed. *Telephone* brings what
//! staff has opened to the next page, sealed, which forgets it.
//! What somebody typed and will need again is kept by the pages that ask for it ([`kept_form`](super::kept_form)), sealed, for an hour.
//! What a person knows of the own appointments is kept sealed for longer than they can be booked ahead.
//! All are `Secure` (browsers take loopback for secure), `HttpOnly` and `SameSite=Lax`.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use cookie::{Cookie, SameSite};

use super::redirect::percent;
use crate::app::sealer::Sealer;

/// The cookie of a person's session.
pub const SESSION: &str = "hallpass_session";
/// The cookie of a member of staff.
pub const STAFF: &str = "hallpass_staff";
/// The cookie to which forms are bound.
pub const VISITOR: &str = "hallpass_visitor";
/// The cookie of a chosen language.
pub const LANGUAGE: &str = "hallpass_language";
/// The cookie of the hall that somebody at a desk looked at last.
pub const HALL: &str = "hallpass_hall";
/// The cookie of the counter at which somebody sits, with its hall.
pub const COUNTER: &str = "hallpass_counter";
/// The cookie of the city that somebody at a desk looked at last.
pub const CITY: &str = "hallpass_city";
/// The cookie of a telephone that a member of staff has just opened.
pub const TELEPHONE: &str = "hallpass_telephone";
/// The cookie of the city or district in which halls were looked for last.
pub const AREA: &str = "hallpass_area";
/// How long a member of staff stays signed in, in hours: a long day at the desk.
pub const STAFF_HOURS: i64 = 12;
/// How long a choice of language or of an area is kept, in days.
const CHOICE_DAYS: i64 = 365;
/// The longest value that is looked at, in bytes.
const MAX_VALUE_BYTES: usize = 2048;
const STAFF_CONTEXT: &[u8] = b"staff 1";
const FORM_CONTEXT: &[u8] = b"form 1";
/// How many bytes a form's mark has: nobody guesses so many.
pub const MARK_BYTES: usize = 16;

/// The value of a cookie that a request brings.
#[must_use]
pub fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lists = headers.get_all(COOKIE).iter().filter_map(|list| list.to_str().ok());
    let pairs = lists.flat_map(|list| list.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(found, _)| *found == name).map(|(_, value)| value).filter(|it| it.len() <= MAX_VALUE_BYTES)
}

/// Lets the browser keep a cookie until it is closed.
pub fn keep(headers: &mut HeaderMap, name: &'static str, value: &str) {
    put(headers, &safe(Cookie::new(name, value)));
}

/// Lets the browser keep a choice of language.
pub fn keep_language(headers: &mut HeaderMap, tag: &str) {
    keep_for(headers, LANGUAGE, tag, CHOICE_DAYS);
}

/// Lets the browser keep a cookie for some days.
pub fn keep_for(headers: &mut HeaderMap, name: &'static str, value: &str, days: i64) {
    let mut cookie = safe(Cookie::new(name, value));
    cookie.set_max_age(cookie::time::Duration::days(days));
    put(headers, &cookie);
}

/// Lets the browser keep the area in which halls were looked for.
pub fn keep_area(headers: &mut HeaderMap, area: &str) {
    keep_for(headers, AREA, &percent(area), CHOICE_DAYS);
}

/// The area in which halls were looked for last.
#[must_use]
pub fn area(headers: &HeaderMap) -> Option<String> {
    let kept = value(headers, AREA)?.to_owned() + "=";
    form_urlencoded::parse(kept.as_bytes()).next().map(|(area, _)| area.into_owned()).filter(|area| !area.is_empty())
}

/// Lets the browser forget a cookie.
pub fn forget(headers: &mut HeaderMap, name: &'static str) {
    let mut cookie = safe(Cookie::new(name, ""));
    cookie.set_max_age(cookie::time::Duration::ZERO);
    put(headers, &cookie);
}

fn safe(mut cookie: Cookie<'_>) -> Cookie<'_> {
    cookie.set_path("/");
    cookie.set_secure(true);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie
}

fn put(headers: &mut HeaderMap, cookie: &Cookie<'_>) {
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        headers.append(SET_COOKIE, value);
    }
}

/// The value of the staff cookie for a member who has signed in with a token.
#[must_use]
pub fn sealed_staff(sealer: Sealer<'_>, token: &str, now: DateTime<Utc>) -> String {
    sealer.seal_until(STAFF_CONTEXT, now + TimeDelta::hours(STAFF_HOURS), &token)
}

/// The token with which a member has signed in at a desk; `None` if the cookie is not ours or has ended.
#[must_use]
pub fn opened_staff(sealer: Sealer<'_>, value: &str, now: DateTime<Utc>) -> Option<String> {
    sealer.open_until(STAFF_CONTEXT, value)?.before_its_end(now)
}

/// The token with which a member had signed in at a desk here, ended or not: enough to have a long form read and kept over the
/// next sign-in, and for nothing else.
#[must_use]
pub fn once_staff(sealer: Sealer<'_>, value: &str) -> Option<String> {
    sealer.open_until(STAFF_CONTEXT, value).map(|opened| opened.value)
}

/// The mark by which the forms of a visitor are known: nobody else can make it, so a form that brings it was made here.
#[derive(Debug, Clone, Copy)]
pub struct FormMark([u8; MARK_BYTES]);

impl FormMark {
    /// The mark of a visitor.
    #[must_use]
    pub fn of(sealer: Sealer<'_>, visitor: &str) -> Self {
        let mark = sealer.mark(FORM_CONTEXT, visitor.as_bytes());
        Self(*digest(&SHA256, &mark).as_ref().first_chunk().expect("a digest is longer than a mark"))
    }

    /// The mark as a page carries it: under a pad that is drawn for each answer, so that who can have a browser ask for pages
    /// and sees how well they are compressed learns nothing of it.
    #[must_use]
    pub fn masked(&self, pad: [u8; MARK_BYTES]) -> String {
        let under: [u8; MARK_BYTES] = std::array::from_fn(|at| self.0[at] ^ pad[at]);
        URL_SAFE_NO_PAD.encode([pad, under].concat())
    }

    /// Whether this is the mark that a form brings. Takes the same time for every wrong one.
    #[must_use]
    pub fn is(&self, brought: &[u8]) -> bool {
        let Ok(brought) = URL_SAFE_NO_PAD.decode(brought) else { return false };
        let ([pad, under], []) = brought.as_chunks::<MARK_BYTES>() else { return false };
        let mark: [u8; MARK_BYTES] = std::array::from_fn(|at| pad[at] ^ under[at]);
        verify_slices_are_equal(&self.0, &mark).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::{Purpose, Vault};

    fn noon() -> DateTime<Utc> {
        "2026-11-24T04:00:00Z".parse().unwrap()
    }

    #[test]
    fn cookies_are_read_by_name() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; hallpass_visitor=x=y; b=2"));
        headers.append(COOKIE, HeaderValue::from_static("hallpass_language=en"));
        assert_eq!((value(&headers, VISITOR), value(&headers, LANGUAGE)), (Some("x=y"), Some("en")));
        assert_eq!(value(&headers, SESSION), None);
    }

    #[test]
    fn what_a_browser_keeps_is_out_of_reach_of_scripts_and_of_other_sites() {
        let mut headers = HeaderMap::new();
        keep(&mut headers, SESSION, "t");
        keep_language(&mut headers, "en");
        forget(&mut headers, STAFF);
        let set: Vec<_> = headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(set.len(), 3);
        for cookie in set {
            for word in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
                assert!(cookie.contains(word), "{cookie}");
            }
        }
    }

    #[test]
    fn an_area_comes_back_as_it_was_picked() {
        for area in ["杭州", "杭州/西湖区", "a=b; c&d+e%", "x"] {
            let mut headers = HeaderMap::new();
            keep_area(&mut headers, area);
            let set = headers[SET_COOKIE].to_str().unwrap().to_owned();
            let pair = set.split(';').next().unwrap();
            let mut request = HeaderMap::new();
            request.insert(COOKIE, HeaderValue::from_str(pair).unwrap());
            assert_eq!(super::area(&request).as_deref(), Some(area), "{set}");
        }
        assert_eq!(super::area(&HeaderMap::new()), None);
    }

    #[test]
    fn a_desk_is_signed_in_for_a_day_and_only_by_us() {
        let vault = Vault::from_secret(&[7; 32]);
        let sealed = sealed_staff(Sealer::of(&vault), "token", noon());
        assert_eq!(opened_staff(Sealer::of(&vault), &sealed, noon()), Some("token".to_owned()));
        let end = noon() + TimeDelta::hours(STAFF_HOURS);
        assert_eq!(opened_staff(Sealer::of(&vault), &sealed, end), None);
        assert_eq!(opened_staff(Sealer::of(&Vault::from_secret(&[8; 32])), &sealed, noon()), None);
        assert_eq!(opened_staff(Sealer::of(&vault), "nonsense", noon()), None);
    }

    #[test]
    fn who_was_signed_in_once_is_known() {
        let (vault, now) = (Vault::from_secret(&[7; 32]), noon());
        let long_ago = sealed_staff(Sealer::of(&vault), "token", now - TimeDelta::days(30));
        assert_eq!(opened_staff(Sealer::of(&vault), &long_ago, now), None);
        assert_eq!(once_staff(Sealer::of(&vault), &long_ago).as_deref(), Some("token"));
        assert_eq!(once_staff(Sealer::of(&Vault::from_secret(&[8; 32])), &long_ago), None);
        assert!(["", "nonsense"].iter().all(|value| once_staff(Sealer::of(&vault), value).is_none()));
    }

    #[test]
    fn a_mark_belongs_to_one_visitor_whatever_it_is_masked_with() {
        let vault = Vault::from_secret(&[7; 32]);
        let mark = FormMark::of(Sealer::of(&vault), "a");
        let [one, other] = [[1; MARK_BYTES], [2; MARK_BYTES]].map(|pad| mark.masked(pad));
        assert_ne!(one, other);
        assert!(mark.is(one.as_bytes()) && mark.is(other.as_bytes()));
        assert!(!FormMark::of(Sealer::of(&vault), "b").is(one.as_bytes()));
        assert!(!FormMark::of(Sealer::of(&Vault::from_secret(&[8; 32])), "a").is(one.as_bytes()));
        let sealed = vault.seal_repeatably(b"a", Purpose::Session, FORM_CONTEXT, b"a");
        assert_eq!(mark.0, digest(&SHA256, &sealed).as_ref()[..MARK_BYTES], "forms of the version before are known");
        let longer = format!("{one}AAAA");
        for wrong in ["", "A", &one[1..], &longer, &one.replace(&one[..4], "!!!!")] {
            assert!(!mark.is(wrong.as_bytes()), "{wrong:?}");
        }
    }
}
