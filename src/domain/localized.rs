//! A text in several languages.

use std::collections::BTreeMap;

use serde::Serialize;

/// The language that is used when none of the wished ones is there.
pub const DEFAULT_LANGUAGE: &str = "zh-CN";

/// One text in several languages, by BCP 47 tag.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Localized(BTreeMap<String, String>);

impl Localized {
    /// A text from its languages.
    #[must_use]
    pub fn new(texts: BTreeMap<String, String>) -> Self {
        Self(texts)
    }

    /// The text in the first of the wished languages that is there, else in [`DEFAULT_LANGUAGE`], else in any.
    ///
    /// A wish fits a tag that is equal to it, or begins with it and a hyphen (`zh` fits `zh-CN`), or with which it
    /// begins itself (`en-GB` takes `en`), without regard to case: the look-up of RFC 4647, section 3.4, with prefixes.
    #[must_use]
    pub fn pick(&self, wishes: &[String]) -> &str {
        wishes
            .iter()
            .find_map(|wish| self.fitting(wish))
            .or_else(|| self.0.get(DEFAULT_LANGUAGE).map(String::as_str))
            .or_else(|| self.0.values().next().map(String::as_str))
            .unwrap_or_default()
    }

    /// The texts by language tag.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(tag, text)| (tag.as_str(), text.as_str()))
    }

    fn fitting(&self, wish: &str) -> Option<&str> {
        let by_tag = |wanted: &str| {
            self.0.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(wanted)).map(|(_, text)| text.as_str())
        };
        let longer_than = |wanted: &str| {
            self.0
                .iter()
                .find(|(tag, _)| {
                    tag.get(..wanted.len()).is_some_and(|head| head.eq_ignore_ascii_case(wanted))
                        && tag[wanted.len()..].starts_with('-')
                })
                .map(|(_, text)| text.as_str())
        };
        let mut wanted = wish;
        loop {
            if let Some(text) = by_tag(wanted).or_else(|| longer_than(wanted)) {
                return Some(text);
            }
            wanted = &wanted[..wanted.rfind('-')?];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wish_that_is_there_wins() {
        let text = Localized::new(
            [("zh-CN", "护照"), ("zh-TW", "護照"), ("en", "Passport")].map(|(t, s)| (t.into(), s.into())).into(),
        );
        let check = |wishes: &[&str], expected: &str| {
            let wishes: Vec<String> = wishes.iter().map(|w| (*w).to_owned()).collect();
            assert_eq!(text.pick(&wishes), expected, "{wishes:?}");
        };
        check(&[], "护照");
        check(&["en-GB"], "Passport");
        check(&["zh"], "护照");
        check(&["ZH-tw"], "護照");
        check(&["zh-Hant-TW"], "护照");
        check(&["fr", "en"], "Passport");
        check(&["fr", "de"], "护照");
        check(&["e", "é-"], "护照");
    }
}
