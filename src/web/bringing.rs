//! What somebody has to bring for a service, and what it costs and takes.
//!
//! Every fact is one of `config/services.toml`, which names its source. What is known of no source is left out, and the
//! list ends by saying whom to ask. Services of other configurations get a list that is true of every application.

use super::questions;
use super::text::{Arg, Text};
use crate::domain::service::Service;

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

/// What to bring and to mind, one thing an item, the most important first.
#[must_use]
pub fn items(text: Text, service: &Service) -> Vec<String> {
    let document = questions::document(text, service);
    let item = |key: &&str| text.with(key, &[("document", Arg::from(document.as_str()))]);
    things(service).iter().map(item).collect()
}

/// What it costs, how long it takes, and what else is known of a service: a label and a fact each.
#[must_use]
pub fn facts(text: Text, service: &Service) -> Vec<(String, String)> {
    let facts = [
        ("bringing-fee", fee(service)),
        ("bringing-time", time(service)),
        ("bringing-validity", validity(service)),
        ("bringing-where", is_issue(service).then_some("bringing-where-anywhere")),
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

fn validity(service: &Service) -> Option<&'static str> {
    match known_document(service)? {
        _ if !is_issue(service) => None,
        "taiwan-permit" => Some("bringing-validity-five-years"),
        _ => Some("bringing-validity-by-age"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::questions::tests::service;
    use super::super::text::Language;
    use super::*;
    use crate::config;

    const CHINESE: Text = Text(Language::Simplified);

    #[test]
    fn every_service_of_the_repository_has_a_list_of_its_own_and_a_fee() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let snapshot = config::load(&dir).unwrap_or_else(|errors| panic!("{errors}")).snapshot;
        for service in snapshot.services() {
            assert_ne!(things(service), ANY, "{}", service.id);
            for text in Language::ALL.map(Text) {
                let (items, facts) = (items(text, service), facts(text, service));
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
        let items = items(CHINESE, &renewal).join("\n");
        assert!(items.contains("16 周岁") && items.contains("户口簿") && items.contains("监护人"), "{items}");
        assert!(items.contains("现在的普通护照"), "{items}");
        let facts = facts(CHINESE, &renewal);
        let time = &facts.iter().find(|(label, _)| *label == CHINESE.get("bringing-time")).unwrap().1;
        assert!(time.contains("7 个工作日") && time.contains("20 天"), "{time}");
    }

    #[test]
    fn a_kiosk_needs_the_card_and_its_holder() {
        let items = items(CHINESE, &service("hkmo-permit", "kiosk-endorsement")).join("\n");
        assert!(items.contains("通行证") && items.contains("人脸") && items.contains("扫码"), "{items}");
    }

    #[test]
    fn what_is_not_known_gets_the_list_that_is_true_of_everything() {
        for (document, action) in [("seafarer-book", "renewal"), ("passport", "stamp"), ("passport", "endorsement")] {
            let service = service(document, action);
            assert_eq!(things(&service), ANY, "{document}.{action}");
            assert_eq!(facts(CHINESE, &service), Vec::new(), "{document}.{action}");
            assert_eq!(items(CHINESE, &service).len(), ANY.len());
        }
    }
}
