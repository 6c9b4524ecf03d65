//! The words that several files have in common: ids, dates, times of day, texts, names in several languages.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Weekday};

use super::document::{Node, Shape, all};
use super::error::At;
use super::flaw::{Flaw, Mend};
use super::phrases::Part;
use crate::domain::localized::{DEFAULT_LANGUAGE, Localized};
use crate::domain::name::NameError;
use crate::domain::reading;
use crate::domain::wall::WallTime;

/// The length of the longest text, such as an address or a reason, in characters.
pub(crate) const MAX_TEXT_CHARS: usize = 500;
/// How many languages one name may have.
pub(crate) const MAX_LANGUAGES: usize = 50;

/// The weekdays as the configuration spells them, Monday first.
pub(crate) const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

static LANGUAGES: Shape = Shape { name: "a name", keys: &[], other: Some(r#""…""#) };

/// An id, made known by `intern`.
pub(crate) fn id<T>(node: Node<'_>, intern: impl Fn(&str) -> Result<T, NameError>) -> Option<At<T>> {
    let text = node.text()?;
    if !is_reachable(text) {
        return node.refuse_form(Flaw::Unreachable { id: Part::quoted(text) });
    }
    match intern(text) {
        Ok(value) => Some(At { value, place: node.place() }),
        Err(error @ NameError::Malformed) => {
            node.refuse_form(Flaw::BadName { key: node.key.into(), text: Part::quoted(text), why: Part::of(error) })
        }
        Err(NameError::TooMany) => {
            node.refuse(Flaw::NoRoomForName { text: Part::quoted(text) }, Mend::RestartProcess {})
        }
    }
}

/// Whether a client can ask for what has this id: a part `.` or `..` of an address is taken out of it before it is sent
/// (RFC 3986, section 5.2.4).
pub(crate) fn is_reachable(id: &str) -> bool {
    !matches!(id, "." | "..")
}

/// A date, `YYYY-MM-DD`.
pub(crate) fn date(node: Node<'_>) -> Option<NaiveDate> {
    let text = node.text()?;
    let strict = |date: &NaiveDate| date.to_string() == text;
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(strict);
    date.or_else(|| node.refuse_form(Flaw::NoDate { key: node.key.into(), text: Part::quoted(text) }))
}

/// A time of day, `HH:MM`.
pub(crate) fn wall_time(node: Node<'_>) -> Option<WallTime> {
    let text = node.text()?;
    text.parse().ok().or_else(|| node.refuse_form(Flaw::NoTime { key: node.key.into(), text: Part::quoted(text) }))
}

/// A text of one line that is not empty.
pub(crate) fn line(node: Node<'_>) -> Option<String> {
    let text = node.text()?.trim();
    if text.is_empty() {
        return node.refuse_form(Flaw::Empty { key: node.key.into() });
    }
    if !reading::shows_something(text) {
        return node.refuse_form(Flaw::ShowsNothing { key: node.key.into() });
    }
    if text.chars().any(char::is_control) {
        return node.refuse_form(Flaw::ControlCharacters { key: node.key.into() });
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        return node.refuse(Flaw::TooLong { key: node.key.into() }, Mend::Cut { most: Part::of(MAX_TEXT_CHARS) });
    }
    Some(text.to_owned())
}

/// A name in several languages, of which the default one must be there.
pub(crate) fn localized(node: Node<'_>) -> Option<Localized> {
    let table = node.table(&LANGUAGES)?;
    if table.get(DEFAULT_LANGUAGE).is_none() {
        return node.refuse_form(Flaw::LacksLanguage { key: node.key.into(), language: DEFAULT_LANGUAGE.into() });
    }
    let nodes: Vec<_> = table.nodes().collect();
    if nodes.len() > MAX_LANGUAGES {
        return node
            .refuse(Flaw::TooManyLanguages { key: node.key.into() }, Mend::AtMost { most: Part::of(MAX_LANGUAGES) });
    }
    let texts = nodes.iter().map(|node| language_tag(*node).zip(line(*node)));
    all::<_, BTreeMap<_, _>>(texts).map(Localized::new)
}

/// The key as a language tag: subtags of 1 to 8 letters and digits, the first one of 2 to 8 letters (RFC 5646).
fn language_tag(node: Node<'_>) -> Option<String> {
    let subtag = |text: &str| (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let first = node.key.split('-').next().unwrap_or_default();
    let sound = node.key.split('-').all(subtag) && first.len() > 1 && first.bytes().all(|b| b.is_ascii_alphabetic());
    if !sound {
        return node.refuse(Flaw::NoLanguageTag { key: node.key.into() }, Mend::LanguageTag {});
    }
    Some(node.key.to_owned())
}
