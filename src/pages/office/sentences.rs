//! What the check of a configuration tells, in the language of the page: its kinds and parts become words here.

use crate::app::configuration::{Change, ConfigError, Part, Word};
use crate::app::input::fields;
use crate::domain::snapshot::Snapshot;
use crate::pages::text::{Arg, Text};

use crate::pages::desk::names::service_name;

/// The words for what the check tells, with the names that halls and services have in one of these snapshots.
#[derive(Clone, Copy)]
pub struct Sentences<'a> {
    /// The language.
    pub text: Text,
    /// Where names are looked for, the first one first.
    pub snapshots: &'a [&'a Snapshot],
}

impl Sentences<'_> {
    /// A change.
    #[must_use]
    pub fn change(self, change: &Change) -> String {
        self.text.with(&format!("change-{}", change.kind()), &self.args(&change.parts()))
    }

    /// What is wrong and how to mend it.
    #[must_use]
    pub fn error(self, error: &ConfigError) -> String {
        let flaw = self.text.with(&format!("flaw-{}", error.flaw.kind()), &self.args(&error.flaw.parts()));
        let mend = self.text.with(&format!("mend-{}", error.mend.kind()), &self.args(&error.mend.parts()));
        self.text.with("configuration-error", &[("flaw", flaw.into()), ("mend", mend.into())])
    }

    fn args(self, parts: &[(&'static str, &Part)]) -> Vec<(&'static str, Arg<'static>)> {
        parts.iter().map(|(name, part)| (*name, self.part(name, part).into())).collect()
    }

    fn part(self, name: &str, part: &Part) -> String {
        match part {
            Part::Word(word) => self.word(word),
            Part::Text(text) => self.named(name, text),
        }
    }

    fn word(self, word: &Word) -> String {
        self.text.with(&format!("word-{}", word.kind()), &self.args(&word.parts()))
    }

    /// A part that is written as the files have it, in words where people have words for it.
    fn named(self, name: &str, written: &str) -> String {
        let text = self.text;
        let words = match name {
            "hall" => self.hall(written),
            "service" => self.service(written),
            "lane" => text.try_get(&format!("desk-lane-{written}")),
            "date" => fields::date(written).ok().map(|date| text.full_date(date)),
            "field" => text.try_get(&format!("field-{written}")),
            "weekday" => text.try_get(&format!("field-{}", written.to_lowercase())),
            _ => None,
        };
        words.unwrap_or_else(|| written.to_owned())
    }

    fn hall(self, id: &str) -> Option<String> {
        let hall = self.snapshots.iter().find_map(|snapshot| snapshot.hall(id).ok())?;
        Some(self.text.pick(&hall.name).to_owned())
    }

    fn service(self, id: &str) -> Option<String> {
        let snapshot = self.snapshots.iter().find(|snapshot| snapshot.service(id).is_ok())?;
        Some(service_name(self.text, snapshot, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Flaw, Mend};
    use crate::pages::text::Language;

    /// Every kind of sentence, with the beginning of its key and its parts.
    fn kinds() -> impl Iterator<Item = (String, &'static [&'static str])> {
        let families = [("flaw", Flaw::KINDS), ("mend", Mend::KINDS), ("change", Change::KINDS), ("word", Word::KINDS)];
        families
            .into_iter()
            .flat_map(|(family, kinds)| kinds.iter().map(move |(kind, parts)| (format!("{family}-{kind}"), *parts)))
    }

    #[test]
    fn every_kind_has_words_of_its_own_in_each_language() {
        for language in Language::ALL {
            let text = Text(language);
            for (key, parts) in kinds() {
                let args: Vec<_> = parts.iter().map(|part| (*part, Arg::from(format!("«{part}»")))).collect();
                let said = text.try_with(&key, &args).unwrap_or_else(|| panic!("{key} has no words in {language:?}"));
                assert!(!said.contains('{') && !said.contains('$'), "{key} lacks an argument in {language:?}: {said}");
                // What is English stays English: the reason that an operating system gives, and what says why a name is bad.
                let told = parts.iter().filter(|part| !matches!(**part, "why"));
                for part in told {
                    assert!(
                        said.contains(&format!("«{part}»")),
                        "{key} keeps {part} to itself in {language:?}: {said}"
                    );
                }
            }
            for field in Change::FIELDS {
                assert!(text.try_get(&format!("field-{field}")).is_some(), "{field} has no words in {language:?}");
            }
        }
    }

    #[test]
    fn a_page_says_it_in_its_language() {
        let check = |change: &Change, expected: [&str; 3]| {
            for (language, expected) in Language::ALL.into_iter().zip(expected) {
                assert_eq!(Sentences { text: Text(language), snapshots: &[] }.change(change), expected);
            }
        };
        let (hall, lane, field) = ("west".into(), "counter".into(), "capacity".into());
        let expected = [
            "「west」人工窗口：每段名额 46 → 20",
            "「west」人工櫃檯：每段名額 46 → 20",
            "west, Counter: places a band 46 → 20",
        ];
        check(&Change::LaneValue { hall, lane, field, old: "46".into(), new: "20".into() }, expected);
        let closed = Word::ClosedBecause { reason: "设备检修".into() }.into();
        let change = Change::Exception {
            hall: "west".into(),
            date: "2026-12-01".into(),
            old: Word::AsUsual {}.into(),
            new: closed,
        };
        assert_eq!(
            Sentences { text: Text(Language::Simplified), snapshots: &[] }.change(&change),
            "「west」2026年12月1日 周二：照常 → 不开放（设备检修）"
        );
        let error = ConfigError {
            file: "halls/west.toml".into(),
            line: 3,
            flaw: Flaw::WrongType {
                key: "capacity".into(),
                wanted: Word::WholeNumber {}.into(),
                found: Word::String {}.into(),
            },
            mend: Mend::WriteLike { key: "capacity".into(), example: "40".into() },
        };
        assert_eq!(
            Sentences { text: Text(Language::Simplified), snapshots: &[] }.error(&error),
            "`capacity` 应该是整数，现在是文字（加引号）。请写成 `capacity = 40` 这样"
        );
    }
}
