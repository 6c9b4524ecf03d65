//! `services.toml`: what can be applied for.

use crate::config::read::directory::TextFile;
use crate::config::read::document::{Document, Shape, Table};
use crate::config::read::error::{At, Findings, Place};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::read::phrases::Part;
use crate::config::read::terms;
use crate::config::read::unique::Unique;
use crate::domain::name::{DocumentId, LaneId, Name, ServiceId};
use crate::domain::service::Service;

/// How many services there may be.
pub(crate) const MAX_SERVICES: usize = 1_000;

static ROOT: Shape =
    Shape { name: "services.toml", keys: &[("service", r#"[{ id = "passport.renewal", … }]"#)], other: None };

static SERVICE: Shape = Shape {
    name: "[[service]]",
    keys: &[
        ("id", r#""passport.renewal""#),
        ("document", r#""passport""#),
        ("action", r#""renewal""#),
        ("lane", r#""counter""#),
        ("name", r#"{ zh-CN = "普通护照换发", en = "Ordinary passport: renewal" }"#),
    ],
    other: None,
};

/// The services as far as they could be read.
#[derive(Debug, Default)]
pub(crate) struct Services {
    pub(crate) drafts: Vec<ServiceDraft>,
    /// Whether the id and the lane of every service are known, so that it can be said that there is no other.
    pub(crate) complete: bool,
}

impl Services {
    /// The services of a configuration in which everything has been checked. Their lines are no longer known: what is
    /// reported of them is reported at `place`.
    pub(crate) fn of(services: &[Service], place: &Place) -> Self {
        Self { drafts: services.iter().map(|service| ServiceDraft::of(service, place)).collect(), complete: true }
    }
}

/// A service as far as it could be read.
#[derive(Debug)]
pub(crate) struct ServiceDraft {
    pub(crate) id: Option<At<ServiceId>>,
    pub(crate) lane: Option<At<LaneId>>,
    /// The service where nothing of it is missing.
    pub(crate) whole: Option<Service>,
}

impl ServiceDraft {
    /// A service that has been checked.
    fn of(service: &Service, place: &Place) -> Self {
        Self {
            id: Some(At { value: service.id, place: place.clone() }),
            lane: Some(At { value: service.lane, place: place.clone() }),
            whole: Some(service.clone()),
        }
    }
}

/// Reads the file.
pub(crate) fn read(file: &TextFile, findings: &Findings) -> Services {
    read_text(file, findings).unwrap_or_default()
}

fn read_text(file: &TextFile, findings: &Findings) -> Option<Services> {
    let (document, tree) = Document::parse(&file.name, file.text.as_deref()?, findings);
    let tree = tree?;
    let root = document.root(&tree, &ROOT);
    let tables = root.get("service").map_or(Some(Vec::new()), |node| node.tables(&SERVICE))?;
    let file = Place::whole(&file.name);
    if tables.is_empty() {
        findings.report(&file, Flaw::NoService {}, Mend::AddService {});
    }
    if tables.len() > MAX_SERVICES {
        findings.report(
            &file,
            Flaw::TooManyServices { count: Part::of(tables.len()) },
            Mend::AtMost { most: Part::of(MAX_SERVICES) },
        );
    }
    let mut ids = Unique::default();
    let drafts: Vec<_> = tables.iter().map(|table| read_one(table, &mut ids)).collect();
    let known = |draft: &ServiceDraft| draft.id.is_some() && draft.lane.is_some();
    let complete = root.has_only_known_keys() && !drafts.is_empty() && drafts.iter().all(known);
    Some(Services { drafts, complete })
}

fn read_one(table: &Table<'_>, ids: &mut Unique<ServiceId>) -> ServiceDraft {
    let id = table.need("id").and_then(|node| terms::id(node, ServiceId::intern));
    if let Some(id) = &id {
        let twice = |place| Flaw::ServiceTwice { id: Part::of(id.value), place };
        ids.note(id.value, &id.place, twice, table.findings());
    }
    let document = table.need("document").and_then(|node| terms::id(node, DocumentId::intern));
    let action = table.need("action").and_then(|node| terms::id(node, Name::intern));
    let lane = table.need("lane").and_then(|node| terms::id(node, LaneId::intern));
    let name = table.need("name").and_then(terms::localized);
    let whole = || {
        Some(Service {
            id: id.as_ref()?.value,
            document: document?.value,
            action: action?.value.as_str().to_owned(),
            lane: lane.as_ref()?.value,
            name: name?,
        })
    };
    let whole = whole();
    ServiceDraft { id, lane, whole }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, SERVICES, check, texts};

    #[test]
    fn ids_follow_the_rule_of_names() {
        let check = |from: &str, to: &str, expected: &str| check("services.toml", from, to, &[expected]);
        check("\"permit\"", "\"Permit\"", "10 | `document` is \"Permit\", but a name has 1 to 64 | `document = ");
        check("\"endorsement\"", "\"\"", "11 | `action` is \"\" | `action = ");
        check("\"kiosk\"", "\"自助机\"", "12 | `lane` is \"自助机\" | `lane = ");
        check("\"permit.endorsement\"", "\"permit endorsement\"", "9 | `id` is | `id = ");
        Fixture::default().spoilt("services.toml", "\"permit.endorsement\"", "\"passport.renewal\"").check(&[
            "halls/one.toml:9 | no service matches `permit.endorsement` | services.toml",
            "services.toml:9 | the service id `passport.renewal` is already at services.toml:2 | keep one",
        ]);
    }

    #[test]
    fn names_have_a_default_language() {
        let check = |to: &str, expected: &str| check("services.toml", "{ zh-CN = \"签注\" }", to, &[expected]);
        check("{ en = \"Endorsement\" }", "13 | `name` has no text in zh-CN | `name = { zh-CN");
        check("\"签注\"", "13 | `name` wants a table | `name = { zh-CN");
        check("{ zh-CN = \"  \" }", "13 | `zh-CN` is empty | `zh-CN = ");
        check("{ zh-CN = 1 }", "13 | `zh-CN` wants a string | `zh-CN = ");
        check("{ zh-CN = \"签\\n注\" }", "13 | control characters | `zh-CN = ");
        check("{ zh-CN = \"签注\", english = \"\" }", "13 | `english` is empty | `english = ");
        check("{ zh-CN = \"签注\", e = \"x\" }", "13 | `e` is no language tag | such as `zh-CN`");
        check("{ zh-CN = \"签注\", \"en_GB\" = \"x\" }", "13 | `en_GB` is no language tag | such as `zh-CN`");
        check(&format!("{{ zh-CN = \"{}\" }}", "注".repeat(501)), "13 | too long | 500 characters");
        let many = texts(0..50, |at| format!(", en-{at} = \"x\""));
        check(&format!("{{ zh-CN = \"签注\"{many} }}"), "13 | too many languages | at most 50");
    }

    #[test]
    fn there_is_at_least_one_service_and_not_too_many() {
        Fixture::default().with("services.toml", "").check(&["services.toml:0 | no service | [[service]]"]);
        Fixture::default().with("services.toml", "service = []").check(&["services.toml:0 | no service | [[service]]"]);
        let one =
            |at: usize| SERVICES[..SERVICES.find("\n\n").unwrap()].replace("passport.renewal", &format!("a.{at}"));
        let many = texts(0..MAX_SERVICES, |at| one(at) + "\n");
        let all = SERVICES.to_owned() + &many;
        Fixture::default().with("services.toml", all).check(&["services.toml:0 | 1002 services | at most 1000"]);
    }
}
