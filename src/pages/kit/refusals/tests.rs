use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::*;
use crate::app::refusal::{Typed, Wrong};
use crate::config;
use crate::domain::applicant::{IdNumber, IdNumberError, NameError};
use crate::domain::appointment::Status;
use crate::pages::text::Language;

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
    let states = Status::ALL.map(|status| Rejection::WrongState { status, action: Action::Cancel });
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
    let acts = acts.map(|action| Rejection::Begun { began: instant(), action });
    let others = [
        Rejection::UnknownHall,
        Rejection::UnknownService,
        Rejection::UnknownAppointment,
        Rejection::NotTheMaker,
        Rejection::AnotherHall,
        Rejection::StaffOnly,
        Rejection::PersonsOnly,
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
    let wrong = Rejection::WrongState { status: Status::Served, action: Action::Reschedule };
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
            let heading = self::heading(text, *code);
            assert!(!heading.starts_with("problem-") && !heading.ends_with(['。', '.']), "{heading}");
            assert!(headings.insert(heading.clone()), "{heading} stands for two codes");
            check_sentence(&advice(text, *code, None), code);
        }
    }
}

#[test]
fn a_wait_is_told_in_a_unit_that_fits() {
    let told = |seconds| advice(ENGLISH, Code::TooManyRequests, Some(seconds));
    assert_eq!(told(1), ENGLISH.get("advice-wait"));
    assert!(told(61).contains("2 minutes") && told(3_600).contains("60 minutes"), "{}", told(61));
    assert!(told(86_400).contains("24 hours"), "{}", told(86_400));
}

/// What is wrong with a field in English.
fn field_at(pointer: &str, wrong: impl Into<Wrong>) -> String {
    let refusal = Refusal::field(pointer, wrong);
    let told = Language::ALL.map(|language| {
        let [(place, told)]: [_; 1] = fields(Text(language), &refusal, date("2026-11-26")).try_into().unwrap();
        assert_eq!(place, pointer);
        told
    });
    for told in &told {
        check_sentence(told, &refusal);
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
    let told: BTreeSet<String> = pointers.iter().map(|pointer| field_at(pointer, Wrong::Missing)).collect();
    assert_eq!(told.len(), pointers.len(), "{told:?}");
    let missing = |pointer| field_at(pointer, Wrong::Missing);
    assert_eq!(missing("/name"), missing("/applicants/0/name"), "a session and a party ask for the same");
    assert_eq!(missing("/collection/method"), missing("/collection"));
    assert_eq!(field_at("/name", NameError::Empty), missing("/name"));
    assert_eq!(field_at("/id_number", IdNumberError::Length { count: 0 }), missing("/id_number"));
}

#[test]
fn an_id_number_is_told_exactly_what_is_wrong_with_it() {
    let check = |typed: &str, expected: &str| {
        let error = IdNumber::parse(typed, date("2026-11-26")).unwrap_err();
        let told = field_at("/applicants/0/id_number", error);
        assert!(told.contains(expected), "{typed}: {told}");
    };
    check("33010219900101000", "You entered 17");
    check("330102900101000", "15-digit");
    check("33010219900101OOO4", "17 digits and a digit or X");
    check("000102199001010008", "first two digits");
    check("330102199013010001", "Digits 7 to 14");
    check("33010220991231999X", "after today");
    check("330102199001010005", "One character");
}

#[test]
fn who_stands_twice_in_a_party_is_told_so_at_the_number() {
    let twice = Rejection::DuplicateApplicant { first: 0, second: 2 };
    let told = fields(ENGLISH, &twice.into(), date("2026-11-26"));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, "/applicants/2/id_number");
    assert!(told[0].1.contains("Enter each person once"), "{told:?}");
    assert!(fields(ENGLISH, &Rejection::SlotFull.into(), date("2026-11-26")).is_empty());
}

#[test]
fn what_is_typed_wrongly_is_told_how_to_be_typed() {
    let check = |pointer: &str, wrong: Wrong, expected: &str| {
        let told = field_at(pointer, wrong);
        assert!(told.contains(expected), "{pointer}: {told}");
    };
    check("/name", NameError::TooLong.into(), "at most 64");
    check("/emergency_contact/name", NameError::Characters.into(), "invisible");
    check("/phone", Wrong::Mobile, "11 digits and begins with 13 to 19");
    check("/emergency_contact/phone", Wrong::Phone, "landline");
    check("/residence", Wrong::Division, "no such place");
    check("/collection/address/region", Wrong::Division, "no such place");
    check("/collection/address/street", Wrong::StreetCharacters, "one line");
    check("/collection/address/street", Wrong::StreetLength, "too long");
    check("/applicants", Wrong::NoApplicant, "how many people");
    check("/collection/method", "this is counter or post".into(), "Choose how");
    check("/date", Wrong::Date, "2026-11-26");
    check("/to", Wrong::BeforeFirst, "before the first");
    check("/to", Wrong::Date, "no such date");
    check("/start", Wrong::Time, "08:30");
    check("/lat", "this is wgs84, gcj02 or bd09".into(), "choose a city");
    check("/code", Wrong::Code, "8 letters");
    let searched = |typed: &str| Wrong::PlaceNotChosen { typed: Typed(typed.to_owned()) };
    check("/searches/residence", searched(" Xihu "), "“Xihu” is not chosen yet");
    check("/searches/address-region", searched("Mars"), "Nothing found for “Mars”");
    check("/x", Wrong::Flag, "wrong here");
}
