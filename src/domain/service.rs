//! What can be applied for: document × action, and the lane that it needs.

use std::fmt;

use super::localized::Localized;
use super::name::{DocumentId, LaneId, ServiceId};

/// A service, such as the renewal of a passport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its id, such as `passport.renewal`.
    pub id: ServiceId,
    /// The document that it is about. An applicant has one active appointment for each.
    pub document: DocumentId,
    /// What is done with the document, such as `renewal`.
    pub action: String,
    /// The lane of a hall that serves it.
    pub lane: LaneId,
    /// What people call it.
    pub name: Localized,
}

/// Which services a hall offers: an id, `document.*`, or `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePattern(String);

impl ServicePattern {
    /// The pattern with this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether the pattern covers this service.
    #[must_use]
    pub fn covers(&self, service: ServiceId) -> bool {
        match self.0.strip_suffix('*') {
            Some(head) => service.as_str().starts_with(head),
            None => self.0 == service.as_str(),
        }
    }
}

impl fmt::Display for ServicePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_ids_by_prefix() {
        let covers = |pattern: &str, id: &str| ServicePattern::new(pattern).covers(ServiceId::intern(id).unwrap());
        assert!(covers("passport.*", "passport.renewal"));
        assert!(covers("*", "passport.renewal"));
        assert!(covers("passport.renewal", "passport.renewal"));
        assert!(!covers("passport.renewal", "passport.renewal-urgent"));
        assert!(!covers("passport.*", "hkmo-permit.renewal"));
    }
}
