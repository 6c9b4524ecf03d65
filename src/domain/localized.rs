//! A text in several languages.

use std::collections::BTreeMap;

use serde::Serialize;

use super::language::LanguageWishes;

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

    /// The text in the language that fits the wishes best, else in [`DEFAULT_LANGUAGE`], else in any.
    #[must_use]
    pub fn pick(&self, wishes: &LanguageWishes) -> &str {
        let best = wishes.best(&self.0.keys().map(String::as_str), DEFAULT_LANGUAGE);
        best.and_then(|tag| self.0.get(tag))
            .or_else(|| self.0.get(DEFAULT_LANGUAGE))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }

    /// The texts by language tag.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(tag, text)| (tag.as_str(), text.as_str()))
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
            assert_eq!(text.pick(&LanguageWishes::of(wishes)), expected, "{wishes:?}");
        };
        check(&[], "护照");
        check(&["en-GB"], "Passport");
        check(&["zh"], "护照");
        check(&["ZH-tw"], "護照");
        check(&["zh-Hant-TW"], "護照");
        check(&["zh-Hans-HK", "en"], "护照");
        check(&["fr", "en"], "Passport");
        check(&["fr", "de"], "护照");
        check(&["e", "é-"], "护照");
        let french = Localized::new([("fr".into(), "Passeport".into())].into());
        assert_eq!(french.pick(&LanguageWishes::of(&["de"])), "Passeport");
    }
}
