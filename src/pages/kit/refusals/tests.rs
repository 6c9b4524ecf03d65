use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::*;
use crate::config;
use crate::domain::appointment::Status;
use crate::pages::text::Language;
use crate::serve::problem::FieldError;

const CHINESE: Text = Text(Language::Simplified);
const ENGLISH: Text = Text(Language::English);

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn instant() -> DateTime<FixedOffset> {
    "2026-11-27T00:00:00+08:00".parse().unwrap()
}

/// One rejection of every kind, in all its forms.
fn rejections() -> Vec<Rejection> {
    let day = date("2026-11-27");
    let states = Status::ALL.map(|status| Rejection::WrongState { status, wanted: "cancelled" });
    let acts = [
        Action::Confirm,
        Action::Reschedule,
        Action::Cancel,
        Action::Expire,
        Action::CheckIn,
        Action::Serve,
        Action::MarkNoShow,
        Action::Extend,
        Action::Undo,
    ];
    let acts = acts.map(|action| Rejection::Begun { began: instant(), wanted: action.participle() });
    let others = [
        Rejection::UnknownHall,
        Rejection::UnknownService,
        Rejection::UnknownAppointment,
        Rejection::Forbidden("only who made a party changes the whole of it"),
        Rejection::Forbidden("the appointment is in another hall"),
        Rejection::Forbidden("another reason"),
        Rejection::ServiceNotOffered,
        Rejection::PartyTooLarge { max: 5 },
        Rejection::DuplicateApplicant { first: 0, second: 2 },
        Rejection::ApplicantsDiffer,
        Rejection::Past,
        Rejection::SameDay { earliest: day },
        Rejection::BeyondWindow { last: day },
        Rejection::NotReleased { opens_at: Some(instant()) },
        Rejection::NotReleased { opens_at: None },
        Rejection::Holiday { name: "国庆节、中秋节".into() },
        Rejection::Closed { reason: Some("装修".into()) },
        Rejection::Closed { reason: None },
        Rejection::NoSuchBand,
        Rejection::AlreadyBooked { applicant: 1 },
        Rejection::TooManyActive { max: 5 },
        Rejection::SlotFull,
        Rejection::HoldExpired,
        Rejection::IdempotencyMismatch,
        Rejection::AlreadyExtended,
        Rejection::NoExtensions,
        Rejection::NotOnItsDay { date: day, today: date("2026-11-26"), action: Action::CheckIn },
        Rejection::NotBegun { begins: instant(), action: Action::MarkNoShow },
        Rejection::UndoTooLate { until: instant() },
        Rejection::NoShowStands { last: day },
        Rejection::UndoByAnother,
        Rejection::UndoForgotten,
    ];
    let nothing = Status::ALL.map(|status| Rejection::NothingToUndo { status });
    [others.to_vec(), states.to_vec(), acts.to_vec(), nothing.to_vec()].concat()
}

/// Asserts that a sentence is whole: no key, no argument, and an end.
fn check_sentence(words: &str, about: &dyn std::fmt::Debug) {
    let bare = ["rejection-", "advice-", "field-", "holiday-", "problem-", "$", "{", "。。", ".."];
    assert!(bare.iter().all(|piece| !words.contains(piece)), "{about:?}: {words}");
    assert!(words.ends_with(['。', '.']), "{about:?}: {words}");
}

#[test]
fn every_rejection_has_a_whole_sentence_in_every_language() {
    for rejection in rejections() {
        let sentences = Language::ALL.map(|language| self::rejection(Text(language), &rejection));
        for sentence in &sentences {
            check_sentence(sentence, &rejection);
        }
        let different: BTreeSet<_> = sentences.iter().collect();
        assert!(different.len() >= 2, "{rejection:?}: {sentences:?}");
        check_sentence(&why(ENGLISH, &rejection), &rejection);
    }
}

#[test]
fn a_rejection_tells_what_it_carries() {
    let check = |rejection: Rejection, chinese: &str, english: &str| {
        let told = [CHINESE, ENGLISH].map(|text| self::rejection(text, &rejection));
        assert!(told[0].contains(chinese) && told[1].contains(english), "{told:?}");
    };
    check(Rejection::SameDay { earliest: date("2026-11-27") }, "11月27日", "27 November");
    check(Rejection::NotReleased { opens_at: Some(instant()) }, "11月27日 周五 00:00", "27 November, 00:00");
    check(Rejection::Holiday { name: "国庆节、中秋节".into() }, "国庆节、中秋节", "National Day and Mid-Autumn");
    check(Rejection::Holiday { name: "泼水节".into() }, "泼水节", "泼水节");
    check(Rejection::Closed { reason: Some("装修".into()) }, "装修", "装修");
    check(Rejection::Closed { reason: Some("装修。".into()) }, "：装修。", ": 装修.");
    check(Rejection::DuplicateApplicant { first: 0, second: 2 }, "第 3 位办理人和第 1 位", "Person 3");
    check(Rejection::AlreadyBooked { applicant: 1 }, "第 2 位", "Person 2");
    check(Rejection::PartyTooLarge { max: 1 }, "1 人", "one person");
    check(Rejection::TooManyActive { max: 5 }, "5 个", "5 open appointments");
    let wrong = Rejection::WrongState { status: Status::Served, wanted: Action::Reschedule.participle() };
    check(wrong, "这个预约已经办完，不能改期。", "has been completed, so it cannot be moved to another time.");
}

#[test]
fn a_day_says_why_and_when_it_opens() {
    assert_ne!(why(CHINESE, &Rejection::SlotFull), rejection(CHINESE, &Rejection::SlotFull));
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let snapshot = config::load(&dir).unwrap_or_else(|errors| panic!("{errors}")).snapshot;
    let hall = snapshot.hall("hangzhou-shi-crj").unwrap();
    let policy = Policy { window_days: 30, ..Policy::default() };
    let beyond = Rejection::BeyondWindow { last: date("2026-12-26") };
    let told = why_on(CHINESE, &beyond, date("2026-12-31"), hall, &policy);
    assert!(told.contains("12月1日 周二 00:00"), "{told}");
    let other = why_on(CHINESE, &Rejection::Past, date("2026-11-01"), hall, &policy);
    assert_eq!(other, why(CHINESE, &Rejection::Past));
}

#[test]
fn every_problem_has_a_heading_and_advice_in_every_language() {
    for text in Language::ALL.map(Text) {
        let mut headings = BTreeSet::new();
        for code in Code::ALL {
            let problem = Problem::new(*code, "x");
            let heading = self::problem(text, &problem);
            assert!(!heading.starts_with("problem-") && !heading.ends_with(['。', '.']), "{heading}");
            assert!(headings.insert(heading.clone()), "{heading} stands for two codes");
            check_sentence(&advice(text, &problem), code);
        }
    }
}

#[test]
fn a_wait_is_told_in_a_unit_that_fits() {
    let told = |seconds| advice(ENGLISH, &Problem::new(Code::TooManyRequests, "x").after_s(seconds));
    assert_eq!(told(1), ENGLISH.get("advice-wait"));
    assert!(told(61).contains("2 minutes") && told(3_600).contains("60 minutes"), "{}", told(61));
    assert!(told(86_400).contains("24 hours"), "{}", told(86_400));
}

/// What is wrong with a field in English, where this was typed.
fn field_at(pointer: &str, typed: &str) -> String {
    let error = FieldError { pointer: pointer.to_owned(), detail: "x".into() };
    let told = Language::ALL.map(|language| field(Text(language), &error, typed, date("2026-11-26")));
    for told in &told {
        check_sentence(told, &(pointer, typed));
    }
    told[2].clone()
}

#[test]
fn an_empty_field_is_needed_by_its_own_name() {
    let pointers = [
        "/applicants",
        "/applicants/1/name",
        "/applicants/1/id_number",
        "/applicants/1/phone",
        "/emergency_contact",
        "/emergency_contact/name",
        "/emergency_contact/phone",
        "/residence",
        "/collection",
        "/collection/address",
        "/collection/address/name",
        "/collection/address/phone",
        "/collection/address/region",
        "/collection/address/street",
        "/hall",
        "/service",
        "/date",
        "/start",
        "/lat",
        "/code",
        "/something",
    ];
    let told: BTreeSet<String> = pointers.iter().map(|pointer| field_at(pointer, " ")).collect();
    assert_eq!(told.len(), pointers.len(), "{told:?}");
    assert_eq!(field_at("/name", ""), field_at("/applicants/0/name", ""), "a session and a party ask for the same");
    assert_eq!(field_at("/collection/method", ""), field_at("/collection", ""));
}

#[test]
fn an_id_number_is_told_exactly_what_is_wrong_with_it() {
    let check = |typed: &str, expected: &str| {
        let told = field_at("/applicants/0/id_number", typed);
        assert!(told.contains(expected), "{typed}: {told}");
    };
    check("33010219900101000", "You entered 17");
    check("330102900101000", "15-digit");
    check("33010219900101OOO4", "17 digits and a digit or X");
    check("000102199001010008", "first two digits");
    check("330102199013010001", "Digits 7 to 14");
    check("33010220991231999X", "after today");
    check("330102199001010005", "One character");
    check("330102199001010004", "Enter each person once");
}

#[test]
fn what_is_typed_wrongly_is_told_how_to_be_typed() {
    let check = |pointer: &str, typed: &str, expected: &str| {
        let told = field_at(pointer, typed);
        assert!(told.contains(expected), "{pointer} {typed:?}: {told}");
    };
    check("/name", &"张".repeat(65), "at most 64");
    check("/emergency_contact/name", "张\u{200b}", "invisible");
    check("/phone", "123", "11 digits and begins with 13 to 19");
    check("/emergency_contact/phone", "123", "landline");
    check("/residence", "330", "no such place");
    check("/collection/address/region", "330", "no such place");
    check("/collection/address/street", "1\n2", "one line");
    check("/collection/address/street", &"路".repeat(201), "too long");
    check("/applicants", "x", "how many people");
    check("/collection/method", "pigeon", "Choose how");
    check("/date", "2026-02-30", "2026-11-26");
    check("/to", "2026-01-01", "before the first");
    check("/to", "soon", "no such date");
    check("/start", "8:30", "08:30");
    check("/lat", "x", "choose a city");
    check("/code", "K7", "8 letters");
    check("/x", "y", "wrong here");
}
