//! Sentences with parts: what is told in English here and can be told in any language elsewhere, as kind and parts are kept.

use std::fmt;

/// Makes an enum of sentences. Each has its kind, by which its words in another language are found, its parts, and its
/// English, which is what the API, the command line and the log say.
macro_rules! phrases {
    ($(#[$about:meta])* $name:ident { $($kind:literal $variant:ident { $($part:ident),* } $english:literal)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $(
                #[doc = concat!("The kind “", $kind, "”.")]
                $variant {
                    $(
                        #[doc = concat!("The part “", stringify!($part), "”.")]
                        $part: $crate::config::Part,
                    )*
                },
            )*
        }

        impl $name {
            /// Every kind with the names of its parts.
            pub const KINDS: &[(&str, &[&str])] = &[$(($kind, &[$(stringify!($part)),*])),*];

            /// The kind.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $kind,)*
                }
            }

            /// The parts, each with its name.
            #[must_use]
            pub fn parts(&self) -> Vec<(&'static str, &$crate::config::Part)> {
                match self {
                    $(Self::$variant { $($part),* } => vec![$((stringify!($part), $part)),*],)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$variant { $($part),* } => write!(f, $english),)*
                }
            }
        }
    };
}
pub(crate) use phrases;

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// What is the same in every language: a key, a number, what somebody has written.
    Text(String),
    /// Words.
    Word(Box<Word>),
}

impl Part {
    /// A part as it is written everywhere.
    pub(crate) fn of(value: impl fmt::Display) -> Self {
        Self::Text(value.to_string())
    }

    /// A text of somebody's, in quotation marks.
    pub(crate) fn quoted(text: &str) -> Self {
        Self::Text(format!("{text:?}"))
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Word> for Part {
    fn from(word: Word) -> Self {
        Self::Word(Box::new(word))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Word(word) => word.fmt(f),
        }
    }
}

phrases! {
    /// Words that stand as a part of a sentence.
    Word {
        "string" String {} "a string"
        "whole-number" WholeNumber {} "a whole number"
        "decimal" Decimal {} "a decimal number"
        "number" Number {} "a number"
        "flag" Flag {} "true or false"
        "bare-time" BareTime {} "a date or time without quotes"
        "array" Array {} "an array"
        "table" Table {} "a table"
        "calendar-file" CalendarFile {} "a calendar"
        "halls-file" HallsFile {} "a file of halls"
        "location" Location {} "a location"
        "lane" Lane {} "a lane"
        "lane-bands" LaneBands {} "the bands of a lane"
        "name" Name {} "a name"
        "none" None {} "none"
        "all" All {} "all"
        "closed" Closed {} "closed"
        "closed-because" ClosedBecause { reason } "closed ({reason})"
        "hours-because" HoursBecause { hours, reason } "{hours} ({reason})"
        "as-usual" AsUsual {} "as usual"
        "of-the-lane" OfTheLane {} "the lane's"
        "holiday" Holiday {} "a holiday"
        "workday" Workday {} "a make-up working day"
        "hours-of" HoursOf { weekday } "hours of {weekday}"
        "admin" Admin {} "role admin"
        "hall-role" HallRole { halls } "role hall of {halls}"
        "yes" Yes {} "true"
        "no" No {} "false"
        "the-variable" TheVariable {} "the variable"
        "the-file" TheFile {} "the file"
    }
}

impl Word {
    /// What a kind of table is called: words, or a name out of the file, which is the same in every language.
    pub(crate) fn of_table(name: &str) -> Part {
        let words = [
            Self::CalendarFile {},
            Self::HallsFile {},
            Self::Location {},
            Self::Lane {},
            Self::LaneBands {},
            Self::Name {},
        ];
        words.into_iter().find(|word| word.to_string() == name).map_or_else(|| name.into(), Part::from)
    }

    /// `true` or `false`.
    pub(crate) fn of_flag(flag: bool) -> Part {
        if flag { Self::Yes {}.into() } else { Self::No {}.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_its_kind_its_parts_and_its_english() {
        let word = Word::HoursBecause { hours: "09:00-10:00".into(), reason: "repairs".into() };
        assert_eq!((word.kind(), word.to_string().as_str()), ("hours-because", "09:00-10:00 (repairs)"));
        let parts: Vec<_> = word.parts().into_iter().map(|(name, part)| (name, part.to_string())).collect();
        assert_eq!(parts, [("hours", "09:00-10:00".to_owned()), ("reason", "repairs".to_owned())]);
        assert!(Word::KINDS.contains(&("hours-because", &["hours", "reason"])));
        assert_eq!(Word::of_table("a lane"), Word::Lane {}.into());
        assert_eq!(Word::of_table("[policy]"), "[policy]".into());
    }

    #[test]
    fn no_two_kinds_have_one_name() {
        for kinds in [Word::KINDS, crate::config::Flaw::KINDS, crate::config::Mend::KINDS, crate::config::Change::KINDS]
        {
            let names: std::collections::BTreeSet<_> = kinds.iter().map(|(kind, _)| kind).collect();
            assert_eq!(names.len(), kinds.len());
        }
    }
}
