//! What somebody typed is not lost: every form of the way to a booking is kept, sealed, in cookies of the browser that sent
//! it, for an hour, and shown again to the same person only.
//!
//! A form is answered with 303 and a page that is filled in from here, so that "back" and "refresh" ask for nothing twice, and
//! another language, another time or a session that ended in between lose nothing. The server keeps none of it, and nothing of
//! it is ever part of an address. Every form carries the mark of the person for whom it was made ([`owner`]), so whoever signs
//! in next at the same machine does not see what another one typed.

use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::cookies;
use super::form_input::Fields;
use crate::app::refusal::{Code, Refusal};
use crate::app::sealer::Sealer;
use crate::domain::appointment::PersonKey;

/// How long a form is kept, in minutes.
pub const KEPT_MINUTES: i64 = 60;
/// The cookies that hold a form, each a part of it: together they hold the longest names and street of a party of five.
const COOKIES: [&str; 3] = ["hallpass_kept_0", "hallpass_kept_1", "hallpass_kept_2"];
/// How much of a form one cookie holds, in bytes: with all the others they fit into one header of a usual proxy.
const PART_BYTES: usize = 1_650;
/// Where a field is cut of a form that does not fit, in characters: longer than any that is taken, which has 200.
const LONGEST_CHARS: usize = 240;
/// How the name of a field ends in which something is searched.
pub const SEARCH: &str = "-search";
/// The same of the field with the text that was searched last.
pub const SEARCHED: &str = "-searched";
/// The field of a form that says for whom it was made.
const OWNER: &str = "owner";
const CONTEXT: &[u8] = b"kept form 3";
const OWNER_CONTEXT: &[u8] = b"form owner 1";

/// A form as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// For whom it was made.
    pub person: PersonKey,
    /// Path and query of the page that shows it.
    pub path: String,
    /// What was filled in.
    pub fields: Fields,
    /// What it met.
    pub met: Met,
}

/// What a form met when it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Met {
    /// Nothing: it was only to be shown again.
    #[default]
    Nothing,
    /// A judgement: what is wrong with its fields is to be shown.
    Judged,
    /// Another hold of the same person, which is in the way.
    OwnHold,
    /// A refusal that is not about its fields.
    Refused(Refusal),
}

impl From<Refusal> for Met {
    fn from(refusal: Refusal) -> Self {
        match refusal.code() {
            Code::InvalidField | Code::DuplicateApplicant => Self::Judged,
            _ => Self::Refused(refusal),
        }
    }
}

impl Kept {
    /// Lets the browser keep the form for some minutes. Of one that is too long every field is cut where it is longer than
    /// any that is taken, so that it still says what is wrong, what was only searched for is left out, and then what it met;
    /// one that is too long even then is forgotten. Whether it is kept.
    pub fn keep(&self, sealer: Sealer<'_>, now: DateTime<Utc>, minutes: i64, headers: &mut HeaderMap) -> bool {
        let until = now + TimeDelta::minutes(minutes);
        let is_short = |sealed: &String| sealed.len() <= COOKIES.len() * PART_BYTES;
        let nothing = Met::Nothing;
        let shorter = [
            (usize::MAX, true, &self.met),
            (LONGEST_CHARS, true, &self.met),
            (LONGEST_CHARS, false, &self.met),
            (LONGEST_CHARS, false, &nothing),
        ];
        let mut sealed =
            shorter.into_iter().map(|(chars, searches, met)| self.sealed(sealer, until, (chars, searches), met));
        let sealed = sealed.find(is_short).unwrap_or_default();
        let fits = !sealed.is_empty();
        let parts =
            sealed.as_bytes().chunks(PART_BYTES).filter(|_| fits).filter_map(|part| std::str::from_utf8(part).ok());
        let mut parts = parts.fuse();
        for cookie in COOKIES {
            match parts.next() {
                Some(part) => cookies::keep(headers, cookie, part),
                None => cookies::forget(headers, cookie),
            }
        }
        fits
    }

    fn sealed(
        &self,
        sealer: Sealer<'_>,
        until: DateTime<Utc>,
        (most_chars, searches): (usize, bool),
        met: &Met,
    ) -> String {
        let end = |text: &str| text.char_indices().nth(most_chars).map_or(text.len(), |(end, _)| end);
        let is_kept = |name: &str| !is_of_the_form_itself(name) && (searches || !is_of_a_search(name));
        let typed = self.fields.pairs().filter(|(name, _)| is_kept(name));
        let fields: Vec<_> = typed.map(|(name, value)| (name, &value[..end(value)])).collect();
        sealer.seal_until(CONTEXT, until, &(self.person, &self.path, fields, met))
    }

    /// The form that a browser keeps; none where it is not ours or its time is over.
    #[must_use]
    pub fn of(sealer: Sealer<'_>, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Self> {
        let sealed: String = COOKIES.iter().map_while(|cookie| cookies::value(headers, cookie)).collect();
        let (person, path, fields, met) = sealer.open_until(CONTEXT, &sealed)?.before_its_end(now)?;
        let fields: Vec<(String, String)> = fields;
        let fields = fields.iter().fold(Fields::default(), |fields, (name, value)| fields.with(name, value.as_str()));
        Some(Self { person, path, fields, met })
    }
}

/// Lets the browser forget what it keeps.
pub fn forget(headers: &mut HeaderMap) {
    for cookie in COOKIES {
        cookies::forget(headers, cookie);
    }
}

/// Whether a field says something of the form, and nothing that anybody typed.
fn is_of_the_form_itself(name: &str) -> bool {
    matches!(name, "mark" | "once" | "do") || name == OWNER
}

/// Whether a field is one of a search, whose text is of no use once something is chosen.
#[must_use]
pub fn is_of_a_search(name: &str) -> bool {
    name.ends_with(SEARCH) || name.ends_with(SEARCHED)
}

/// Whether a form says of no other person that it was made for that one: two may use the same browser one after the other.
#[must_use]
pub fn is_made_for(sealer: Sealer<'_>, fields: &Fields, person: PersonKey) -> bool {
    let owner = fields.raw(OWNER);
    owner.is_empty() || owner == owner_mark(sealer, person)
}

/// For whom a form says that it was made; none where it does not say so, or is not ours.
#[must_use]
pub fn owner_of(sealer: Sealer<'_>, fields: &Fields) -> Option<PersonKey> {
    Some(PersonKey(sealer.open_mark(OWNER_CONTEXT, fields.raw(OWNER))?.try_into().ok()?))
}

/// The hidden field by which a form says for whom it was made.
#[must_use]
pub fn owner(sealer: Sealer<'_>, person: PersonKey) -> Markup {
    html! { input type="hidden" name=(OWNER) value=(owner_mark(sealer, person)); }
}

fn owner_mark(sealer: Sealer<'_>, person: PersonKey) -> String {
    sealer.mark_text(OWNER_CONTEXT, &person.0)
}

#[cfg(test)]
pub mod samples {
    //! Forms for tests.

    /// A form of five in which everything is as long as it may be, in letters of four bytes.
    #[must_use]
    pub fn longest() -> String {
        let name = "%F0%A0%AE%B7".repeat(64);
        let row = |row: usize| format!("name-{row}={name}&id_number-{row}={0}&phone-{row}={0}&", "1".repeat(24));
        let people: String = (0..5).map(row).collect();
        let number = "1".repeat(24);
        let places = "residence-province=330000&residence-city=330100&residence-county=330106\
            &address-region-province=330000&address-region-city=330100&address-region-county=330106";
        let street = "%F0%A0%AE%B7".repeat(200);
        format!(
            "{people}self=yes&people=yes&contact-name={name}&contact-phone={number}&method=post&address-name={name}\
            &address-phone={number}&address-street={street}&{places}"
        )
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::{COOKIE, SET_COOKIE};

    use super::*;
    use crate::app::refusal::{Busy, TooMany, Wrong};
    use crate::domain::rejection::Rejection;
    use crate::vault::Vault;

    const ONE: PersonKey = PersonKey([1; 16]);
    const OTHER: PersonKey = PersonKey([2; 16]);

    fn noon() -> DateTime<Utc> {
        "2026-11-24T04:00:00Z".parse().unwrap()
    }

    fn vault() -> Vault {
        Vault::from_secret(&[7; 32])
    }

    fn kept(text: &str) -> Kept {
        let fields = Fields::read(text.as_bytes()).unwrap();
        Kept { person: ONE, path: "/book?hall=a".into(), fields, met: Met::Judged }
    }

    /// The headers of the next request of a browser that was answered with these.
    fn next_request(answer: &HeaderMap) -> HeaderMap {
        let set = answer.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap());
        let pairs: Vec<&str> =
            set.filter(|set| !set.contains("Max-Age=0")).filter_map(|set| set.split(';').next()).collect();
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&pairs.join("; ")).unwrap())])
    }

    fn through_a_browser(form: &Kept) -> HeaderMap {
        let mut answer = HeaderMap::new();
        assert!(form.keep(Sealer::of(&vault()), noon(), KEPT_MINUTES, &mut answer));
        next_request(&answer)
    }

    #[test]
    fn a_form_is_kept_for_an_hour_and_only_by_us() {
        let form = kept("name-0=%E5%BC%A0&phone-0=");
        let request = through_a_browser(&form);
        let end = noon() + TimeDelta::minutes(KEPT_MINUTES);
        assert_eq!(Kept::of(Sealer::of(&vault()), &request, end - TimeDelta::milliseconds(1)), Some(form));
        assert_eq!(Kept::of(Sealer::of(&vault()), &request, end), None);
        assert_eq!(Kept::of(Sealer::of(&Vault::from_secret(&[8; 32])), &request, noon()), None);
        assert_eq!(Kept::of(Sealer::of(&vault()), &HeaderMap::new(), noon()), None);
    }

    #[test]
    fn what_belongs_to_the_form_itself_is_not_kept() {
        let request = through_a_browser(&kept("name-0=a&mark=m&once=o&do=review&owner=x"));
        let back = Kept::of(Sealer::of(&vault()), &request, noon()).unwrap();
        assert_eq!(back.fields.pairs().collect::<Vec<_>>(), [("name-0", "a")]);
    }

    #[test]
    fn a_refusal_is_remembered() {
        let opens_at = Some("2026-12-01T00:00:00+08:00".parse().unwrap());
        let refusals = [
            Rejection::AlreadyBooked { applicant: 1 }.into(),
            Rejection::NotReleased { opens_at }.into(),
            TooMany::Writes { a_second: 10, retry_s: 7 }.into(),
            Busy::Ledger.into(),
            Refusal::ReadOnly,
            Refusal::fault(""),
        ];
        for refusal in refusals {
            let form = Kept { met: Met::from(refusal), ..kept("a=b") };
            assert!(matches!(form.met, Met::Refused(_)));
            assert_eq!(Kept::of(Sealer::of(&vault()), &through_a_browser(&form), noon()), Some(form));
        }
        assert_eq!(Met::from(Refusal::from(Rejection::DuplicateApplicant { first: 0, second: 1 })), Met::Judged);
        assert_eq!(Met::from(Refusal::field("/name", Wrong::Missing)), Met::Judged);
    }

    #[test]
    fn the_longest_form_of_the_largest_party_is_kept_in_several_cookies() {
        let form = Kept { path: format!("/book?hall={}", "x".repeat(200)), ..kept(&samples::longest()) };
        let request = through_a_browser(&form);
        let line = request[COOKIE].to_str().unwrap();
        assert!(line.split("; ").all(|cookie| cookie.len() < 2_048), "no cookie is larger than is looked at");
        assert_eq!(Kept::of(Sealer::of(&vault()), &request, noon()), Some(form));
    }

    #[test]
    fn a_form_that_is_too_long_is_not_kept_nor_is_half_of_an_earlier_one() {
        let mut answer = HeaderMap::new();
        let long = (0..30).map(|field| format!("field-{field}={}", "x".repeat(300))).collect::<Vec<_>>().join("&");
        let long = kept(&long);
        assert!(!long.keep(Sealer::of(&vault()), noon(), KEPT_MINUTES, &mut answer));
        assert_eq!(answer.get_all(SET_COOKIE).iter().count(), COOKIES.len(), "the earlier parts are forgotten");
        assert_eq!(Kept::of(Sealer::of(&vault()), &next_request(&answer), noon()), None);
    }

    #[test]
    fn of_a_form_with_a_text_that_nobody_takes_the_rest_is_kept() {
        let street = "x".repeat(COOKIES.len() * PART_BYTES);
        let request = through_a_browser(&kept(&format!("name-0=a&address-street={street}")));
        let back = Kept::of(Sealer::of(&vault()), &request, noon()).unwrap();
        assert_eq!((back.fields.raw("name-0"), back.fields.raw("address-street").len()), ("a", LONGEST_CHARS));
    }

    #[test]
    fn of_the_longest_form_with_a_search_the_form_is_kept() {
        let (longest, text) = (samples::longest(), "%F0%A0%AE%B7".repeat(100));
        let form = kept(&format!("{longest}&residence-search={text}&residence-searched={text}"));
        assert_eq!(Kept::of(Sealer::of(&vault()), &through_a_browser(&form), noon()), Some(kept(&longest)));
        let short = kept("name-0=a&residence-search=b&residence-searched=b");
        assert_eq!(Kept::of(Sealer::of(&vault()), &through_a_browser(&short), noon()), Some(short));
    }

    #[test]
    fn a_form_belongs_to_whom_it_was_made_for() {
        let form = kept(&format!("owner={}", owner_mark(Sealer::of(&vault()), ONE)));
        assert!(
            is_made_for(Sealer::of(&vault()), &form.fields, ONE)
                && !is_made_for(Sealer::of(&vault()), &form.fields, OTHER)
        );
        assert_eq!(owner_of(Sealer::of(&vault()), &form.fields), Some(ONE));
        for forged in ["a=b", "owner=AAAA", "owner="] {
            assert_eq!(owner_of(Sealer::of(&vault()), &Fields::read(forged.as_bytes()).unwrap()), None, "{forged}");
        }
    }
}
