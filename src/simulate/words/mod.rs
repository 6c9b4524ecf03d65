//! Every text that a person reads about a run, in both languages.
//!
//! A language is one constant of [`Words`], so a text that is missing in one of them does not compile. Fixed texts are
//! strings; a sentence with numbers in it is a function, because languages order and inflect differently.

mod chinese;
mod codes;
mod english;

use super::figures::{Figure, same_lane, stretches};
use super::notation::Units;
use super::outcome::{Advice, Audited, Change, End, Outcome};
use super::verdict::Facts;
use crate::domain::language::LanguageWishes;
use crate::domain::localized::Localized;

pub(super) use chinese::CHINESE;
pub(super) use english::ENGLISH;

/// A language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    Chinese,
    /// British English.
    English,
}

impl Language {
    /// Both, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// Its BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// Its texts.
    pub(super) const fn words(self) -> &'static Words {
        match self {
            Self::Chinese => &CHINESE,
            Self::English => &ENGLISH,
        }
    }
}

/// The texts of one language.
pub(super) struct Words {
    pub(super) language: Language,
    /// What the language calls itself.
    pub(super) own_name: &'static str,

    // Units and small words.
    pub(super) units: Units,
    pub(super) none: &'static str,
    pub(super) comma: &'static str,

    // The head of the page.
    pub(super) kind: &'static str,
    pub(super) opening_day: fn(date: &str) -> String,
    pub(super) contents: &'static str,
    pub(super) verdict: fn(&Facts) -> String,
    pub(super) verdict_names: VerdictNames,
    pub(super) partial: &'static str,
    pub(super) interrupted: fn(after: &str) -> String,
    pub(super) server_lost: fn(after: &str, reason: &str) -> String,

    // Sections.
    pub(super) figures: &'static str,
    pub(super) advice: &'static str,
    pub(super) what_if: &'static str,
    pub(super) rush: &'static str,
    pub(super) day: &'static str,
    pub(super) audit: &'static str,
    pub(super) about: &'static str,

    // Key figures.
    pub(super) figure: fn(Figure) -> &'static str,
    pub(super) came_of: fn(visitors: &str) -> String,
    pub(super) taken_of: fn(places: &str) -> String,

    // Charts of the release minute.
    pub(super) rush_intro: &'static str,
    pub(super) rush_empty: &'static str,
    pub(super) requests: &'static str,
    pub(super) bookings: &'static str,
    pub(super) requests_in: fn(count: &str) -> String,
    pub(super) bookings_in: fn(count: &str) -> String,
    pub(super) day_opens: &'static str,
    pub(super) since_opening: &'static str,
    pub(super) peak: fn(value: &str, at: &str) -> String,
    pub(super) latency: &'static str,
    pub(super) latency_note: &'static str,
    pub(super) median: &'static str,
    pub(super) longest: &'static str,
    pub(super) places_left: &'static str,
    pub(super) gone_after: fn(duration: &str) -> String,
    pub(super) left_at_end: fn(count: &str) -> String,
    pub(super) answers: &'static str,
    pub(super) answers_note: &'static str,
    pub(super) calls: &'static str,
    pub(super) call: fn(&str) -> Option<&'static str>,
    pub(super) call_head: &'static str,
    pub(super) as_table: &'static str,
    pub(super) second: &'static str,
    pub(super) status: &'static str,
    pub(super) answer: &'static str,
    pub(super) times: &'static str,
    pub(super) of_all: &'static str,
    pub(super) classes: AnswerClasses,

    // The day itself.
    pub(super) day_intro: &'static str,
    pub(super) day_empty: &'static str,
    pub(super) lane: fn(&str) -> Option<&'static str>,
    pub(super) heat_booked: &'static str,
    pub(super) heat_wait: &'static str,
    pub(super) heat_queue: &'static str,
    pub(super) heat_busy: &'static str,
    pub(super) heat_key: &'static str,
    pub(super) nobody: &'static str,
    pub(super) band_note: fn(&BandNote) -> String,
    pub(super) halls: &'static str,
    pub(super) hall: &'static str,
    pub(super) lane_head: &'static str,
    pub(super) desks: &'static str,
    pub(super) booked_share: &'static str,
    pub(super) came: &'static str,
    pub(super) no_shows: &'static str,
    pub(super) walk_ins: &'static str,
    pub(super) wait_mean: &'static str,
    pub(super) wait_p90: &'static str,
    pub(super) wait_p90_explained: &'static str,
    pub(super) queue_max: &'static str,
    pub(super) busy: &'static str,
    pub(super) done: &'static str,
    pub(super) after_closing: fn(minutes: &str) -> String,

    // Today beside the draft.
    pub(super) what_if_intro: fn(today: &str, draft: &str) -> String,
    pub(super) today: &'static str,
    pub(super) draft: &'static str,
    pub(super) difference: &'static str,
    pub(super) better: &'static str,
    pub(super) worse: &'static str,
    pub(super) key_figure: &'static str,
    pub(super) wait_by_hall: &'static str,
    pub(super) heat_wait_draft: &'static str,

    // Advice.
    pub(super) advice_none: &'static str,
    pub(super) advice_note: &'static str,
    pub(super) advice_more: fn(pieces: usize) -> String,
    pub(super) every_band: &'static str,
    pub(super) advice_kind: fn(&Change) -> &'static str,
    pub(super) advice_text: fn(&Change, lane: &str) -> String,

    // The auditor.
    pub(super) audit_clean: &'static str,
    pub(super) audit_answers: &'static str,
    pub(super) audit_partial: &'static str,
    pub(super) audit_found: fn(count: usize, seed: u64) -> String,

    // The foot.
    pub(super) scenario: &'static str,
    pub(super) city: &'static str,
    pub(super) seed: &'static str,
    pub(super) visitors: &'static str,
    pub(super) version: &'static str,
    pub(super) version_draft: &'static str,
    pub(super) server: &'static str,
    pub(super) repeat: &'static str,
}

/// What each verdict is called.
pub(super) struct VerdictNames {
    pub(super) wrong: &'static str,
    pub(super) partial: &'static str,
    pub(super) strained: &'static str,
    pub(super) fine: &'static str,
}

/// The kinds of answers.
pub(super) struct AnswerClasses {
    pub(super) success: &'static str,
    pub(super) refusal: &'static str,
    pub(super) fault: &'static str,
    pub(super) lost: &'static str,
}

/// What is said of one band where a pointer rests on it, each already written for people.
#[derive(Debug)]
pub(super) struct BandNote {
    pub(super) start: String,
    pub(super) booked: String,
    pub(super) capacity: String,
    pub(super) wait_mean: Option<String>,
    pub(super) wait_p90: Option<String>,
    pub(super) queue: String,
    pub(super) busy: String,
}

impl Words {
    /// A name in this language.
    pub(super) fn name(&self, name: &Localized) -> String {
        name.pick(&LanguageWishes::of(&[self.language.tag()])).to_owned()
    }

    /// What a lane is called; its id where it has no name.
    pub(super) fn lane_name<'a>(&self, lane: &'a str) -> &'a str {
        (self.lane)(lane).unwrap_or(lane)
    }

    /// What a kind of call is called; its id where it has no name.
    pub(super) fn call_name<'a>(&self, call: &'a str) -> &'a str {
        (self.call)(call).unwrap_or(call)
    }

    /// What the code of an answer means; the code itself where that is not known.
    pub(super) fn code_meaning<'a>(&self, code: &'a str) -> &'a str {
        codes::meaning(code, self.language).unwrap_or(code)
    }

    /// What an audit that found nothing wrong comes to.
    pub(super) fn audit_of(&self, outcome: &Outcome) -> &'static str {
        match (&outcome.end, outcome.today.audited) {
            (End::Finished, Audited::WholeState) => self.audit_clean,
            (End::Finished, Audited::Answers) => self.audit_answers,
            _ => self.audit_partial,
        }
    }

    /// When the bands are that a piece of advice is about.
    pub(super) fn bands(&self, outcome: &Outcome, advice: &Advice) -> Vec<String> {
        match same_lane(&outcome.today, &advice.hall, &advice.lane) {
            _ if advice.bands.is_empty() => vec![self.every_band.to_owned()],
            None => advice.bands.clone(),
            Some(lane) => stretches(lane, &advice.bands).iter().map(|(from, to)| format!("{from}–{to}")).collect(),
        }
    }

    /// What a piece of advice says, as sentences, without hall and bands.
    pub(super) fn advice_sentence(&self, advice: &Advice) -> String {
        (self.advice_text)(&advice.change, &advice.lane)
    }
}
