//! Words in the language of whoever looks, out of catalogues. No page has a word of its own.
//!
//! A catalogue is a Fluent file for each language; all languages have the same messages with the same arguments, and
//! every key that the pages name is there, which the tests hold.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::LazyLock;

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

use crate::domain::division::Division;
use crate::domain::language::LanguageWishes;
use crate::domain::localized::{DEFAULT_LANGUAGE, Localized};
use crate::domain::wall::WallTime;

pub use fluent_bundle::FluentValue as Arg;

/// A language that pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Chinese in simplified characters; the one where no wish fits.
    Simplified,
    /// Chinese in traditional characters.
    Traditional,
    /// English.
    English,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Simplified, Self::Traditional, Self::English];

    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Simplified => "zh-CN",
            Self::Traditional => "zh-TW",
            Self::English => "en",
        }
    }

    /// What the language calls itself, in short.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Simplified => "简体",
            Self::Traditional => "繁體",
            Self::English => "English",
        }
    }

    /// The language with this tag.
    #[must_use]
    pub fn tagged(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag))
    }

    /// The language of pages that fits the wishes best, by the same rule as names.
    #[must_use]
    pub fn wished(wishes: &LanguageWishes) -> Self {
        let best = wishes.best(&Self::ALL.iter().map(|language| language.tag()), DEFAULT_LANGUAGE);
        best.and_then(Self::tagged).unwrap_or(Self::Simplified)
    }

    /// What is wished of names by whoever reads this language.
    #[must_use]
    pub fn wishes(self) -> &'static LanguageWishes {
        static WISHES: LazyLock<[LanguageWishes; 3]> =
            LazyLock::new(|| Language::ALL.map(|language| LanguageWishes::of(&[language.tag()])));
        &WISHES[self.place()]
    }

    const fn place(self) -> usize {
        match self {
            Self::Simplified => 0,
            Self::Traditional => 1,
            Self::English => 2,
        }
    }
}

macro_rules! catalogues {
    ($($name:literal)*) => {
        /// The catalogues of a language, by name.
        const fn sources(language: Language) -> [(&'static str, &'static str); [$($name),*].len()] {
            match language {
                Language::Simplified => [$(($name, include_str!(concat!("text/zh-CN/", $name, ".ftl")))),*],
                Language::Traditional => [$(($name, include_str!(concat!("text/zh-TW/", $name, ".ftl")))),*],
                Language::English => [$(($name, include_str!(concat!("text/en/", $name, ".ftl")))),*],
            }
        }
    };
}

catalogues! { "frame" "dates" "find" "choose" "refusals" "bringing" "questions" "book" "own" "desk" "city" "configuration" "changes" }

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 3]> = LazyLock::new(|| Language::ALL.map(bundle));

fn bundle(language: Language) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![language.tag().parse().unwrap_or_default()]);
    // The marks around arguments are for text of mixed direction, which is not written here.
    bundle.set_use_isolating(false);
    for (name, source) in sources(language) {
        let resource = FluentResource::try_new(source.to_owned());
        let resource = resource.unwrap_or_else(|(resource, errors)| {
            tracing::error!(name, language = language.tag(), ?errors, "a catalogue cannot be read in full");
            resource
        });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(name, language = language.tag(), ?errors, "two catalogues have the same message");
        }
    }
    bundle
}

/// The words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text(pub Language);

impl Text {
    /// A message without arguments. One that is missing shows its key, and is a fault that the tests find.
    #[must_use]
    pub fn get(self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A message with arguments.
    #[must_use]
    pub fn with(self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.found(key, args).unwrap_or_else(|| {
            tracing::error!(key, language = self.0.tag(), "a message is missing from the catalogues");
            key.to_owned()
        })
    }

    /// A message that need not be there.
    #[must_use]
    pub fn try_get(self, key: &str) -> Option<String> {
        self.found(key, &[])
    }

    /// The same with arguments, for tests that ask for every message of a kind.
    #[cfg(test)]
    pub fn try_with(self, key: &str, args: &[(&str, Arg<'_>)]) -> Option<String> {
        self.found(key, args)
    }

    fn found(self, key: &str, args: &[(&str, Arg<'_>)]) -> Option<String> {
        let bundle = &BUNDLES[self.0.place()];
        let pattern = bundle.get_message(key)?.value()?;
        let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, value.clone())).collect();
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&args), &mut errors);
        if !errors.is_empty() {
            tracing::error!(key, language = self.0.tag(), ?errors, "a message lacks an argument");
        }
        Some(text.into_owned())
    }

    /// A configured name.
    #[must_use]
    pub fn pick(self, name: &Localized) -> &str {
        name.pick(self.0.wishes())
    }

    /// The place that a division code stands for, from the province to the county as each language writes it; the code itself
    /// if it is of no province.
    #[must_use]
    pub fn division(self, code: &str) -> String {
        let path = Division::path(code);
        if path.is_empty() {
            return code.to_owned();
        }
        match self.0 {
            Language::English => {
                let names: Vec<&str> = path.iter().rev().map(|division| self.named(division)).collect();
                names.join(", ")
            }
            _ => path.iter().map(|division| self.named(division)).collect(),
        }
    }

    /// The name of a division alone.
    #[must_use]
    pub const fn named(self, division: &Division) -> &'static str {
        match self.0 {
            Language::Simplified => division.simplified,
            Language::Traditional => division.traditional,
            Language::English => division.english,
        }
    }

    /// The language of words that are configured in Chinese only, such as an address; none where the page is in Chinese, or
    /// the words are not.
    #[must_use]
    pub fn foreign(self, words: &str) -> Option<&'static str> {
        let is_chinese = words.chars().any(|letter| ('\u{3400}'..='\u{9fff}').contains(&letter));
        (self.0 == Language::English && is_chinese).then_some(Language::Simplified.tag())
    }

    /// Month and day.
    #[must_use]
    pub fn date(self, date: NaiveDate) -> String {
        self.with("date", &self.date_args(date))
    }

    /// Month, day and weekday.
    #[must_use]
    pub fn day(self, date: NaiveDate) -> String {
        self.with("date-with-weekday", &self.date_args(date))
    }

    /// Year, month, day and weekday.
    #[must_use]
    pub fn full_date(self, date: NaiveDate) -> String {
        self.with("date-with-year", &self.date_args(date))
    }

    /// A month of a year.
    #[must_use]
    pub fn month(self, date: NaiveDate) -> String {
        self.with("date-month-of-year", &self.date_args(date))
    }

    /// The weekday with this number, 1 for Monday, as short as a calendar's head has it.
    #[must_use]
    pub fn weekday(self, number: u32) -> String {
        self.get(&format!("weekday-{number}"))
    }

    /// A band, from start to end.
    #[must_use]
    #[expect(clippy::unused_self, reason = "another language may write a span otherwise")]
    pub fn span(self, start: WallTime, end: WallTime) -> String {
        format!("{start}–{end}")
    }

    /// A day and a time of day, at the offset that the instant has.
    #[must_use]
    pub fn instant(self, at: DateTime<FixedOffset>) -> String {
        let (day, time) = (self.day(at.date_naive()), at.format("%H:%M").to_string());
        self.with("date-and-time", &[("day", day.into()), ("time", time.into())])
    }

    fn date_args(self, date: NaiveDate) -> [(&'static str, Arg<'static>); 4] {
        let weekday = date.weekday().number_from_monday();
        let text = |number: i64| Arg::String(Cow::Owned(number.to_string()));
        [
            ("year", text(date.year().into())),
            ("month", Arg::String(Cow::Owned(self.get(&format!("month-{}", date.month()))))),
            ("day", text(date.day().into())),
            ("weekday", Arg::String(Cow::Owned(self.get(&format!("weekday-long-{weekday}"))))),
        ]
    }
}
