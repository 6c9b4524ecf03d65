//! The questions by which somebody finds a service: which document, and what is to be done with it.
//!
//! Documents and actions are words of the configuration, so there may be some that the catalogues do not know. For those
//! the configured name of the service stands in.

use crate::domain::service::Service;
use crate::pages::text::Text;

/// What the document of a service is called; the service's own name where the catalogues do not know the document.
#[must_use]
pub fn document(text: Text, service: &Service) -> String {
    text.try_get(&format!("document-{}", service.document)).unwrap_or_else(|| text.pick(&service.name).to_owned())
}

/// What the document of a service is for, in a line.
#[must_use]
pub fn document_hint(text: Text, service: &Service) -> Option<String> {
    text.try_get(&format!("document-{}-hint", service.document))
}

/// What is to be done, in plain words; the service's own name where the catalogues do not know the action.
#[must_use]
pub fn action(text: Text, service: &Service) -> String {
    text.try_get(&format!("action-{}", service.action)).unwrap_or_else(|| text.pick(&service.name).to_owned())
}

/// For whom an action is, in a line.
#[must_use]
pub fn action_hint(text: Text, service: &Service) -> Option<String> {
    text.try_get(&format!("action-{}-hint", service.action))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::localized::Localized;
    use crate::domain::name::{DocumentId, LaneId, ServiceId};
    use crate::pages::text::Language;

    /// A service with a name of its own in two languages.
    pub(in crate::pages) fn service(document: &str, action: &str) -> Service {
        let names = [("zh-CN", "自定义业务"), ("en", "Custom service")];
        Service {
            id: ServiceId::intern(&format!("{document}.{action}")).unwrap(),
            document: DocumentId::intern(document).unwrap(),
            action: action.to_owned(),
            lane: LaneId::intern("counter").unwrap(),
            name: Localized::new(names.map(|(tag, name)| (tag.to_owned(), name.to_owned())).into()),
        }
    }

    #[test]
    fn every_document_and_action_that_is_known_has_a_question_and_a_hint() {
        let actions = "first-issue renewal replacement lapsed-reapplication annotation endorsement kiosk-endorsement";
        for text in Language::ALL.map(Text) {
            for document in ["passport", "hkmo-permit", "taiwan-permit"] {
                for action in actions.split(' ') {
                    let service = service(document, action);
                    let words = [self::document(text, &service), self::action(text, &service)];
                    assert!(words.iter().all(|words| words != text.pick(&service.name)), "{words:?}");
                    assert!(document_hint(text, &service).is_some() && action_hint(text, &service).is_some());
                }
            }
        }
    }

    #[test]
    fn what_is_not_known_is_called_as_the_configuration_calls_it() {
        let service = service("seafarer-book", "stamp");
        let text = Text(Language::English);
        assert_eq!([document(text, &service), action(text, &service)], ["Custom service"; 2]);
        assert_eq!((document_hint(text, &service), action_hint(text, &service)), (None, None));
        assert_eq!(document(Text(Language::Traditional), &service), "自定义业务");
    }
}
