//! The form in which a refusal is remembered for a repeat of its call.
//!
//! It says what the refusal means, and beside that the words in which a program was told of it. So another version of this
//! program, older or newer, that does not know the meaning still refuses the repeat in the same words.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Code, Refusal};

/// The version of the form. Version 1 had the words alone, and no version.
const VERSION: u8 = 2;
/// The longest refusal that is remembered, in bytes.
const MAX_REMEMBERED_BYTES: usize = 64 * 1024;

#[derive(Serialize, Deserialize)]
struct Form {
    #[serde(default)]
    version: u8,
    /// What it means; of a version that is not known here it may be anything.
    #[serde(default)]
    refusal: serde_json::Value,
    #[serde(flatten)]
    words: Earlier,
}

/// A refusal in words, as another version of this program has remembered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    code: String,
    /// How to mend the call.
    pub detail: String,
    errors: Vec<Words>,
}

/// One bad field in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Words {
    pointer: String,
    detail: String,
}

impl Earlier {
    /// The stable word for programs.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::named(&self.code).unwrap_or(Code::Internal)
    }

    /// The bad fields, each with how to mend it.
    #[must_use]
    pub fn bad_fields(&self) -> Vec<(String, Cow<'static, str>)> {
        self.errors.iter().map(|it| (it.pointer.clone(), it.detail.clone().into())).collect()
    }

    fn of(refusal: &Refusal) -> Self {
        let words = |(pointer, detail): (String, Cow<'static, str>)| Words { pointer, detail: detail.into_owned() };
        Self {
            code: refusal.code().as_str().to_owned(),
            detail: refusal.to_string(),
            errors: refusal.bad_fields().into_iter().map(words).collect(),
        }
    }
}

/// The text that is remembered of a refusal; `None` if trying again may help, or if it is too long.
#[must_use]
pub fn write(refusal: &Refusal) -> Option<String> {
    if refusal.is_passing() {
        return None;
    }
    // Errors of configuration files are remembered in words alone.
    let meaning = serde_json::to_value(refusal).unwrap_or_default();
    let form = Form { version: VERSION, refusal: meaning, words: Earlier::of(refusal) };
    serde_json::to_string(&form).ok().filter(|text| text.len() <= MAX_REMEMBERED_BYTES)
}

/// The refusal that a text of [`write`] stands for.
#[must_use]
pub fn read(text: &str) -> Refusal {
    let Ok(Form { version, refusal, words }) = serde_json::from_str(text) else {
        return Refusal::fault("what is remembered of a refusal cannot be read");
    };
    let known = (version == VERSION).then(|| serde_json::from_value(refusal).ok()).flatten();
    known.unwrap_or_else(|| {
        if Code::named(&words.code).is_some() {
            Refusal::Earlier(words)
        } else {
            Refusal::fault("what is remembered of a refusal has an unknown code")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::refusal::{Busy, Conflict, FieldFault, Forbidden, NotFound, TooMany, Wrong};
    use crate::config::{ConfigError, Errors, Flaw, Mend};
    use crate::domain::applicant::{IdNumberError, NameError};
    use crate::domain::appointment::{Action, Status};
    use crate::domain::rejection::Rejection;

    fn fault(pointer: &str, wrong: impl Into<Wrong>) -> FieldFault {
        FieldFault { pointer: pointer.to_owned(), wrong: wrong.into() }
    }

    /// Refusals with the form in which they have been released: it must be read for ever.
    fn released() -> Vec<(Refusal, &'static str)> {
        let instant = "2026-11-27T08:30:00+08:00".parse().unwrap();
        let date = "2026-11-27".parse().unwrap();
        let fields = vec![
            fault("/a", Wrong::Missing),
            fault("/b", NameError::TooLong),
            fault("/c", IdNumberError::Length { count: 17 }),
            fault("/d", Wrong::Count { max: 5 }),
            fault("/e", "this is counter or post"),
        ];
        let told = concat!(
            r#"{"fields":[{"pointer":"/a","wrong":"missing"},{"pointer":"/b","wrong":{"name":"too_long"}},"#,
            r#"{"pointer":"/c","wrong":{"id_number":{"length":{"count":17}}}},"#,
            r#"{"pointer":"/d","wrong":{"count":{"max":5}}},{"pointer":"/e","wrong":{"other":"this is counter or post"}}]}"#,
        );
        vec![
            (Refusal::Fields(fields), told),
            (Rejection::SlotFull.into(), r#"{"rule":"slot_full"}"#),
            (Rejection::PartyTooLarge { max: 5 }.into(), r#"{"rule":{"party_too_large":{"max":5}}}"#),
            (
                Rejection::DuplicateApplicant { first: 0, second: 1 }.into(),
                r#"{"rule":{"duplicate_applicant":{"first":0,"second":1}}}"#,
            ),
            (Rejection::SameDay { earliest: date }.into(), r#"{"rule":{"same_day":{"earliest":"2026-11-27"}}}"#),
            (
                Rejection::NotReleased { opens_at: Some(instant) }.into(),
                r#"{"rule":{"not_released":{"opens_at":"2026-11-27T08:30:00+08:00"}}}"#,
            ),
            (
                Rejection::WrongState { status: Status::NoShow, action: Action::CheckIn }.into(),
                r#"{"rule":{"wrong_state":{"action":"CheckIn","status":"no_show"}}}"#,
            ),
            (Rejection::NotTheMaker.into(), r#"{"rule":"not_the_maker"}"#),
            (Forbidden::BeyondOwnHalls.into(), r#"{"forbidden":"beyond_own_halls"}"#),
            (NotFound::File.into(), r#"{"not_found":"file"}"#),
            (Conflict::AppointmentChanged.into(), r#"{"conflict":"appointment_changed"}"#),
        ]
    }

    #[test]
    fn a_refusal_is_remembered_with_its_meaning_and_in_words() {
        for (refusal, meaning) in released() {
            let text = write(&refusal).unwrap();
            assert!(text.starts_with(&format!(r#"{{"version":2,"refusal":{meaning},"#)), "{text}");
            assert_eq!(read(&text), refusal);
            let words: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(words["code"], refusal.code().as_str());
            assert_eq!(words["detail"], refusal.to_string());
        }
    }

    #[test]
    fn what_passes_is_not_remembered() {
        let passing =
            [TooMany::Kept.into(), Busy::Ledger.into(), Refusal::ReadOnly, Refusal::fault("the disk is gone")];
        for refusal in passing {
            assert_eq!(write(&refusal), None, "{refusal}");
        }
    }

    #[test]
    fn another_version_is_understood_by_its_words() {
        let words = r#""code":"slot_full","detail":"not enough places are left in this band","errors":[{"pointer":"/a","detail":"b"}]"#;
        let others = [
            format!("{{{words}}}"),
            format!(r#"{{"version":3,"refusal":{{"rule":"slot_full"}},{words}}}"#),
            format!(r#"{{"version":2,"refusal":{{"rule":"of_tomorrow"}},{words}}}"#),
        ];
        for text in others {
            let refusal = read(&text);
            assert!(matches!(refusal, Refusal::Earlier(_)), "{text}");
            assert_eq!((refusal.code(), refusal.to_string()), (Code::SlotFull, Rejection::SlotFull.to_string()));
            assert_eq!(refusal.bad_fields(), [("/a".to_owned(), Cow::from("b"))]);
            assert_eq!(read(&write(&refusal).unwrap()), refusal, "it can be remembered again");
        }
        for text in ["", "{}", r#"{"code":"of_tomorrow","detail":"","errors":[]}"#] {
            assert_eq!(read(text).code(), Code::Internal, "{text}");
        }
    }

    #[test]
    fn errors_of_configuration_files_are_remembered_in_words() {
        let flaw = Flaw::PeriodTooEarly { period: "08:00-09:00".into(), earliest: "08:30".into() };
        let error = ConfigError { file: "halls/a.toml".into(), line: 3, flaw, mend: Mend::EndAfterBegin {} };
        let refusal = Refusal::Configuration(Errors(vec![error]));
        let back = read(&write(&refusal).unwrap());
        assert_eq!((back.code(), back.to_string()), (refusal.code(), refusal.to_string()));
        assert_eq!(back.bad_fields(), refusal.bad_fields());
    }
}
