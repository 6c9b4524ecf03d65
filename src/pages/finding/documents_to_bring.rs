//! What somebody has to bring for a service, and what it costs and takes.
//!
//! A list says what applies to those who come, as far as it is known who that is, and in which hall. Every fact is one of `config/services.toml`, which names its source. What is known of no source is left out, and the
//! list ends by saying whom to ask. Services of other configurations get a list that is true of every application.

use chrono::NaiveDate;

use super::questions;
use crate::domain::division::province_of_city;
use crate::domain::hall::Hall;
use crate::domain::service::Service;
use crate::pages::text::{Arg, Text};

const FIRST_ISSUE: &[&str] = &[
    "bringing-in-person",
    "bringing-id-card",
    "bringing-under-16",
    "bringing-photo",
    "bringing-state-employee",
    "bringing-ask",
];

const RENEWAL: &[&str] = &[
    "bringing-in-person",
    "bringing-id-card",
    "bringing-current",
    "bringing-under-16",
    "bringing-photo",
    "bringing-state-employee",
    "bringing-ask",
];

const REPLACEMENT: &[&str] = &[
    "bringing-in-person",
    "bringing-id-card",
    "bringing-damaged",
    "bringing-under-16",
    "bringing-photo",
    "bringing-state-employee",
    "bringing-ask",
];

const ANNOTATION: &[&str] =
    &["bringing-yourself", "bringing-id-card", "bringing-valid", "bringing-under-16", "bringing-ask"];

const HKMO_ENDORSEMENT: &[&str] = &[
    "bringing-id-card",
    "bringing-valid-card",
    "bringing-under-16",
    "bringing-individual-visit",
    "bringing-business",
    "bringing-ask-reason",
];

const KIOSK_ENDORSEMENT: &[&str] = &[
    "bringing-valid-card",
    "bringing-kiosk-face",
    "bringing-kiosk-payment",
    "bringing-kiosk-kinds",
    "bringing-kiosk-refused",
];

const TAIWAN_ENDORSEMENT: &[&str] = &["bringing-id-card", "bringing-valid", "bringing-under-16", "bringing-ask-reason"];

const ANY: &[&str] = &["bringing-id-card", "bringing-existing", "bringing-under-16", "bringing-ask"];

/// For whom a list is: as far as it is known, it says only what applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audience {
    /// Whether somebody of at least 16 years comes.
    adults: bool,
    /// Whether somebody younger comes.
    minors: bool,
    /// The first two digits of the codes of the hall's province; none where that is not known.
    province: Option<&'static str>,
}

impl Audience {
    /// Everybody who may come to a hall.
    #[must_use]
    pub fn anybody(hall: Option<&Hall>) -> Self {
        let province = hall.and_then(|hall| province_of_city(&hall.city)).map(|province| &province.code[..2]);
        Self { adults: true, minors: true, province }
    }

    /// Those who were born on these days, and come on this one; everybody if nobody is known.
    #[must_use]
    pub fn aged(self, births: impl IntoIterator<Item = NaiveDate>, on: NaiveDate) -> Self {
        let ages: Vec<u32> = births.into_iter().map(|birth| on.years_since(birth).unwrap_or_default()).collect();
        if ages.is_empty() {
            return self;
        }
        let (adults, minors) = (ages.iter().any(|age| *age >= ADULT_YEARS), ages.iter().any(|age| *age < ADULT_YEARS));
        Self { adults, minors, ..self }
    }

    /// The messages that say of a thing what applies to these people; none where it is not for them.
    fn of(self, thing: &'static str) -> Option<&'static str> {
        let by_age = |adults, minors, both| match (self.adults, self.minors) {
            (true, false) => adults,
            (false, true) => minors,
            _ => both,
        };
        match thing {
            "bringing-in-person" => by_age(Some(thing), Some("bringing-yourself"), Some(thing)),
            "bringing-id-card" => {
                by_age(Some("bringing-id-card-adult"), Some("bringing-id-card-minor"), Some("bringing-id-card"))
            }
            "bringing-under-16" => by_age(None, Some(thing), Some(thing)),
            "bringing-state-employee" => by_age(Some(thing), None, Some(thing)),
            "bringing-photo" => match self.province {
                Some(province) if PHOTO_RECEIPT.contains(&province) => Some("bringing-photo-receipt"),
                Some(_) => Some("bringing-photo-taken"),
                None => Some(thing),
            },
            _ => Some(thing),
        }
    }
}

/// From which age on somebody comes without a guardian.
const ADULT_YEARS: u32 = 16;
/// The provinces in which a receipt of a photo may be asked for: Guangdong, Guangxi, Chongqing, Sichuan, Guizhou, Yunnan,
/// Qinghai.
const PHOTO_RECEIPT: [&str; 7] = ["44", "45", "50", "51", "52", "53", "63"];

/// What to bring and to mind, one thing an item, the most important first.
#[must_use]
pub fn items(text: Text, service: &Service, audience: &Audience) -> Vec<String> {
    let document = questions::document(text, service);
    let item = |key: &str| text.with(key, &[("document", Arg::from(document.as_str()))]);
    things(service).iter().filter_map(|thing| audience.of(thing)).map(item).collect()
}

/// What it costs, how long it takes, and what else is known of a service: a label and a fact each.
#[must_use]
pub fn facts(text: Text, service: &Service, audience: &Audience) -> Vec<(String, String)> {
    let facts = [
        ("bringing-fee", fee(service)),
        ("bringing-time", time(service)),
        ("bringing-validity", validity(service, *audience)),
    ];
    facts.into_iter().filter_map(|(label, fact)| Some((text.get(label), text.get(fact?)))).collect()
}

/// The document of a service, where it is one of the three that the facts are about.
fn known_document(service: &Service) -> Option<&'static str> {
    let document = service.document.as_str();
    matches!(document, "passport" | "hkmo-permit" | "taiwan-permit").then_some(document)
}

/// Whether a new document is what the service ends with.
fn is_issue(service: &Service) -> bool {
    let action = service.action.as_str();
    known_document(service).is_some()
        && matches!(action, "first-issue" | "renewal" | "replacement" | "lapsed-reapplication")
}

fn things(service: &Service) -> &'static [&'static str] {
    match (known_document(service), service.action.as_str()) {
        // An application after a document has lapsed needs the papers of a first one.
        (Some(_), "first-issue" | "lapsed-reapplication") => FIRST_ISSUE,
        (Some(_), "renewal") => RENEWAL,
        (Some(_), "replacement") => REPLACEMENT,
        (Some("passport"), "annotation") => ANNOTATION,
        (Some("hkmo-permit"), "endorsement") => HKMO_ENDORSEMENT,
        (Some("hkmo-permit"), "kiosk-endorsement") => KIOSK_ENDORSEMENT,
        (Some("taiwan-permit"), "endorsement") => TAIWAN_ENDORSEMENT,
        _ => ANY,
    }
}

fn fee(service: &Service) -> Option<&'static str> {
    match (known_document(service)?, service.action.as_str()) {
        ("passport", _) if is_issue(service) => Some("bringing-fee-passport"),
        ("hkmo-permit", _) if is_issue(service) => Some("bringing-fee-hkmo-permit"),
        ("taiwan-permit", _) if is_issue(service) => Some("bringing-fee-taiwan-permit"),
        ("passport", "annotation") => Some("bringing-fee-annotation"),
        ("hkmo-permit", "endorsement" | "kiosk-endorsement") => Some("bringing-fee-hkmo-endorsement"),
        ("taiwan-permit", "endorsement") => Some("bringing-fee-taiwan-endorsement"),
        _ => None,
    }
}

fn time(service: &Service) -> Option<&'static str> {
    match (known_document(service)?, service.action.as_str()) {
        _ if is_issue(service) => Some("bringing-time-issue"),
        ("hkmo-permit" | "taiwan-permit", "endorsement") => Some("bringing-time-endorsement"),
        ("hkmo-permit", "kiosk-endorsement") => Some("bringing-time-kiosk"),
        _ => None,
    }
}

fn validity(service: &Service, audience: Audience) -> Option<&'static str> {
    match (known_document(service)?, audience.adults, audience.minors) {
        _ if !is_issue(service) => None,
        ("taiwan-permit", ..) | (_, false, true) => Some("bringing-validity-five-years"),
        (_, true, false) => Some("bringing-validity-ten-years"),
        _ => Some("bringing-validity-by-age"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config;
    use crate::pages::finding::questions::tests::service;
    use crate::pages::text::Language;

    const CHINESE: Text = Text(Language::Simplified);
    const ANYBODY: Audience = Audience { adults: true, minors: true, province: None };

    #[test]
    fn every_service_of_the_repository_has_a_list_of_its_own_and_a_fee() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let snapshot = config::load(&dir).unwrap_or_else(|errors| panic!("{errors}")).snapshot;
        for service in snapshot.services() {
            assert_ne!(things(service), ANY, "{}", service.id);
            for text in Language::ALL.map(Text) {
                let (items, facts) = (items(text, service, &ANYBODY), facts(text, service, &ANYBODY));
                assert_eq!(facts[0].0, text.get("bringing-fee"), "{}", service.id);
                let words = items.iter().chain(facts.iter().flat_map(|(label, fact)| [label, fact]));
                for words in words {
                    assert!(!words.contains("bringing-") && !words.contains('$'), "{}: {words}", service.id);
                }
            }
        }
    }

    #[test]
    fn a_list_is_for_those_below_16_and_above_and_for_people_of_other_provinces() {
        let renewal = service("passport", "renewal");
        let items = items(CHINESE, &renewal, &ANYBODY).join("\n");
        assert!(items.contains("16 周岁") && items.contains("户口簿") && items.contains("监护人"), "{items}");
        assert!(items.contains("现在的普通护照"), "{items}");
        let facts = facts(CHINESE, &renewal, &ANYBODY);
        let time = &facts.iter().find(|(label, _)| *label == CHINESE.get("bringing-time")).unwrap().1;
        assert!(time.contains("7 个工作日") && time.contains("20 天"), "{time}");
    }

    #[test]
    fn a_kiosk_needs_the_card_and_its_holder() {
        let items = items(CHINESE, &service("hkmo-permit", "kiosk-endorsement"), &ANYBODY).join("\n");
        assert!(items.contains("通行证") && items.contains("人脸") && items.contains("扫码"), "{items}");
    }

    #[test]
    fn what_is_not_known_gets_the_list_that_is_true_of_everything() {
        for (document, action) in [("seafarer-book", "renewal"), ("passport", "stamp"), ("passport", "endorsement")] {
            let service = service(document, action);
            assert_eq!(things(&service), ANY, "{document}.{action}");
            assert_eq!(facts(CHINESE, &service, &ANYBODY), Vec::new(), "{document}.{action}");
            assert_eq!(items(CHINESE, &service, &ANYBODY).len(), ANY.len());
        }
    }

    #[test]
    fn a_list_says_only_what_applies_to_those_who_come() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let on = date("2026-11-26");
        let said = |births: &[&str]| {
            let audience = ANYBODY.aged(births.iter().map(|birth| date(birth)), on);
            let facts = facts(CHINESE, &service("passport", "renewal"), &audience);
            let facts = facts.iter().map(|(label, fact)| format!("{label}：{fact}"));
            items(CHINESE, &service("passport", "renewal"), &audience)
                .into_iter()
                .chain(facts)
                .collect::<Vec<_>>()
                .join("\n")
        };
        let (adult, child) = ("1990-01-01", "2010-11-27");
        let alone = said(&[adult]);
        assert!(!alone.contains("监护人") && !alone.contains("户口簿") && alone.contains("国家工作人员"), "{alone}");
        assert!(alone.contains("有效期：10 年"), "{alone}");
        let minor = said(&[child]);
        assert!(minor.contains("监护人") && minor.contains("户口簿") && !minor.contains("国家工作人员"), "{minor}");
        assert!(!minor.contains("指纹") && minor.contains("有效期：5 年"), "{minor}");
        assert!(said(&["2010-11-26"]).contains("有效期：10 年"), "sixteen on the day of the appointment");
        let family = said(&[adult, child]);
        assert_eq!(family, said(&[]), "of whom nothing is known may be anybody");
        assert!(family.contains("监护人") && family.contains("国家工作人员"), "{family}");
        assert!(!family.contains("任何一个窗口"), "nobody is sent elsewhere by the list of a hall");
    }

    #[test]
    fn a_photo_is_spoken_of_as_the_province_of_the_hall_wants_it() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let snapshot = config::load(&dir).unwrap_or_else(|errors| panic!("{errors}")).snapshot;
        let said = |city: &str| {
            let hall = snapshot.halls().iter().find(|hall| hall.city == city).unwrap();
            items(CHINESE, &service("passport", "renewal"), &Audience::anybody(Some(hall))).join("\n")
        };
        for (city, needs_receipt) in [("杭州", false), ("北京", false), ("广州", true), ("重庆", true), ("昆明", true)]
        {
            let said = said(city);
            assert_eq!(said.contains("照片回执"), needs_receipt, "{city}: {said}");
            assert!(!said.contains("广西"), "{city} is not told of others: {said}");
        }
        for hall in snapshot.halls() {
            assert!(Audience::anybody(Some(hall)).province.is_some(), "{}: {}", hall.id, hall.city);
        }
    }
}
