//! Which of several languages a reader is served best with: one rule for names and for pages.
//!
//! A wish is a language range (RFC 4647, section 2.1), and the first wish that any language fits decides. A Chinese wish is
//! one for a script before it is one for a region: the script that the tag names, else that of its region (traditional in
//! Taiwan, Hong Kong and Macao), else simplified. Chinese in the other script still fits better than the next wish does.

/// What a reader wishes, the most wished first, and what it does not want at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LanguageWishes {
    wanted: Vec<String>,
    refused: Vec<String>,
}

/// The range that every language fits.
pub const ANY: &str = "*";

/// How Chinese is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Simplified,
    Traditional,
}

/// A tag or range, taken apart as far as that matters here.
#[derive(Debug, Clone, Copy)]
struct Tag<'a> {
    text: &'a str,
    /// None where the language is not Chinese.
    script: Option<Script>,
    /// Whether it speaks of Chinese, or of Chinese in a script, and of nothing more.
    is_broad: bool,
    /// Whether script or region says which script.
    is_told: bool,
}

impl LanguageWishes {
    /// Wishes by their ranges, the most wished first, and ranges that are not wanted at all.
    #[must_use]
    pub fn new(wanted: Vec<String>, refused: Vec<String>) -> Self {
        Self { wanted, refused }
    }

    /// Wishes by their ranges, the most wished first.
    #[must_use]
    pub fn of(wanted: &[&str]) -> Self {
        Self::new(wanted.iter().map(|range| (*range).to_owned()).collect(), Vec::new())
    }

    /// The tag that fits best; none where no wish is fitted by any of them. `usual` is taken where any will do.
    #[must_use]
    pub fn best<'a>(&self, tags: &(impl Iterator<Item = &'a str> + Clone), usual: &str) -> Option<&'a str> {
        let fitting = |range: &String| {
            let candidates = tags.clone().filter(|tag| !self.is_refused(tag));
            if range == ANY {
                // Any language but those that the reader speaks of elsewhere.
                return candidates
                    .filter(|tag| self.covering(tag).next().is_none())
                    .max_by_key(|tag| tag.eq_ignore_ascii_case(usual));
            }
            let range = Tag::of(range);
            let scored = candidates.filter_map(|tag| Some((range.fitted_by(Tag::of(tag))?, tag)));
            // Of several that fit equally well, the first.
            scored.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, tag)| tag)
        };
        self.wanted.iter().find_map(fitting)
    }

    /// Whether the most exact range that speaks of a tag says that it is not wanted.
    fn is_refused(&self, tag: &str) -> bool {
        if self.refused.is_empty() {
            return false;
        }
        let most_exact = self.covering(tag).max_by_key(|(range, _)| range.split('-').count());
        most_exact.is_some_and(|(_, is_wanted)| !is_wanted)
    }

    /// The ranges that speak of a tag, and whether each is wanted.
    fn covering(&self, tag: &str) -> impl Iterator<Item = (&str, bool)> {
        let tag = Tag::of(tag);
        let all = self.wanted.iter().map(|range| (range, true)).chain(self.refused.iter().map(|range| (range, false)));
        all.map(|(range, is_wanted)| (range.as_str(), is_wanted)).filter(move |(range, _)| Tag::of(range).covers(tag))
    }
}

impl<'a> Tag<'a> {
    fn of(text: &'a str) -> Self {
        // What follows a single letter is an extension or private, and says nothing of language, script or region.
        let mut subtags = text.split('-').take_while(|subtag| subtag.len() > 1);
        let Some(spoken) = subtags.next().and_then(script_of_language) else {
            return Self { text, script: None, is_broad: false, is_told: false };
        };
        let (named, region) = (subtags.clone().find_map(script_of_name), subtags.clone().find_map(script_of_region));
        Self {
            text,
            script: Some(named.or(region).unwrap_or(spoken)),
            is_broad: subtags.count() == usize::from(named.is_some()),
            is_told: named.or(region).is_some(),
        }
    }

    /// How well a tag fits this range, more being better; none where it does not.
    fn fitted_by(self, tag: Tag<'_>) -> Option<(bool, usize, bool)> {
        let in_common = self.subtags_in_common(tag);
        let usual = match (self.script, tag.script) {
            (None, None) if in_common > 0 => "",
            (Some(_), Some(Script::Simplified)) => "zh-CN",
            (Some(_), Some(Script::Traditional)) => "zh-TW",
            _ => return None,
        };
        Some((self.script == tag.script, in_common, tag.text.eq_ignore_ascii_case(usual)))
    }

    /// Whether this range speaks of a tag: the tag begins with it, or it is one for all Chinese or for a script.
    fn covers(self, tag: Tag<'_>) -> bool {
        let is_of_script = self.is_broad && tag.script.is_some() && (!self.is_told || self.script == tag.script);
        is_of_script || self.subtags_in_common(tag) == self.text.split('-').count()
    }

    fn subtags_in_common(self, tag: Tag<'_>) -> usize {
        let pairs = self.text.split('-').zip(tag.text.split('-'));
        pairs.take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count()
    }
}

fn is_one_of(subtag: &str, known: &[&str]) -> bool {
    known.iter().any(|known| subtag.eq_ignore_ascii_case(known))
}

/// The script of a Chinese language where nothing else tells it; none for another language.
fn script_of_language(subtag: &str) -> Option<Script> {
    if is_one_of(subtag, &["zh", "cmn", "wuu", "nan", "hak"]) {
        return Some(Script::Simplified);
    }
    is_one_of(subtag, &["yue"]).then_some(Script::Traditional)
}

fn script_of_name(subtag: &str) -> Option<Script> {
    if is_one_of(subtag, &["hans"]) {
        return Some(Script::Simplified);
    }
    is_one_of(subtag, &["hant"]).then_some(Script::Traditional)
}

/// The script of a region, or of Cantonese as an extension of Chinese (`zh-yue`).
fn script_of_region(subtag: &str) -> Option<Script> {
    if is_one_of(subtag, &["cn", "sg", "my"]) {
        return Some(Script::Simplified);
    }
    is_one_of(subtag, &["tw", "hk", "mo", "yue"]).then_some(Script::Traditional)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Judges wishes, the most wished first, `-` before one that is refused, by tags.
    fn check(tags: &str, wishes: &str, expected: Option<&str>) {
        let (refused, wanted): (Vec<&str>, _) = wishes.split_whitespace().partition(|wish| wish.starts_with('-'));
        let owned = |ranges: Vec<&str>| ranges.iter().map(|range| range.trim_start_matches('-').to_owned()).collect();
        let wishes_read = LanguageWishes::new(owned(wanted), owned(refused));
        assert_eq!(wishes_read.best(&tags.split_whitespace(), "zh-CN"), expected, "{wishes:?} of {tags:?}");
    }

    #[test]
    fn in_chinese_the_script_beats_the_region() {
        let simplified = "zh zh-CN zh-SG zh-MY zh-Hans zh-Hans-CN zh-Hans-HK zh-Hans-TW zh-Hans-MO ZH-hans-hk cmn cmn-Hans-TW \
                          zh-cmn-Hans zh-CN-x-hant zh-u-co-pinyin zh-Latn yue-Hans zh-US wuu";
        for wish in simplified.split_whitespace() {
            check("en zh-CN zh-TW", wish, Some("zh-CN"));
            check("en zh-HK zh-Hans", wish, Some("zh-Hans"));
        }
        let traditional = "zh-TW zh-HK zh-MO zh-Hant zh-Hant-TW zh-Hant-HK zh-Hant-MO zh-Hant-CN zh-Hant-SG ZH-hk cmn-Hant-CN \
                           zh-yue yue yue-HK zh-HK-x-hans zh-TW-u-co-stroke";
        for wish in traditional.split_whitespace() {
            check("en zh-CN zh-TW", wish, Some("zh-TW"));
            check("en zh-Hant zh-CN", wish, Some("zh-Hant"));
        }
    }

    #[test]
    fn the_nearest_tag_of_the_first_wish_that_fits_is_taken() {
        let three = "en zh-CN zh-TW";
        check(three, "", None);
        check(three, "fr de", None);
        check(three, "fr en-GB zh", Some("en"));
        check(three, "EN", Some("en"));
        check("en-GB en-US zh-CN", "en-US", Some("en-US"));
        check("en-GB en-US zh-CN", "en", Some("en-GB"));
        check("zh-CN zh-HK zh-TW", "zh-HK", Some("zh-HK"));
        check("zh-CN zh-HK zh-TW", "zh-MO", Some("zh-TW"));
        check("zh-CN zh-HK zh-TW", "zh-Hant", Some("zh-TW"));
        check("zh-CN en", "zh-HK en", Some("zh-CN"));
        check("zh-TW en", "zh-CN en", Some("zh-TW"));
        check("en zh-CN", "e é- - en-", Some("en"));
    }

    #[test]
    fn any_language_means_those_that_are_not_spoken_of() {
        let three = "en zh-CN zh-TW";
        check(three, "*", Some("zh-CN"));
        check(three, "* en", Some("zh-CN"));
        check(three, "fr *", Some("zh-CN"));
        check(three, "en *", Some("en"));
        check(three, "* zh", Some("en"));
        check(three, "* zh-Hans", Some("zh-TW"));
    }

    #[test]
    fn what_is_refused_is_not_taken() {
        let three = "en zh-CN zh-TW";
        check(three, "* -zh", Some("en"));
        check(three, "zh -zh-TW", Some("zh-CN"));
        check(three, "zh en -zh-CN", Some("zh-TW"));
        check(three, "zh-HK en -zh-Hant", Some("zh-CN"));
        check(three, "zh-TW en -zh", Some("zh-TW"));
        check(three, "-zh", None);
        check(three, "fr -*", None);
    }
}
