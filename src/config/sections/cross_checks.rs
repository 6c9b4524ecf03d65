//! What only shows when several files are seen together: services, the lanes they need, the halls that have them.
//!
//! It is said that something is *nowhere* only where everything could be read: a service that a slip of the pen made
//! unreadable must not bring forth an error in every hall that offers it.

use std::collections::{HashMap, HashSet};

use super::halls_file::{HallDraft, Halls};
use super::services_file::Services;
use crate::config::read::error::{At, Findings};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::read::phrases::Part;
use crate::domain::name::{HallId, LaneId, ServiceId};
use crate::domain::service::ServicePattern;

/// Checks halls against services and services against halls.
pub(crate) fn check(services: &Services, halls: &Halls, findings: &Findings) {
    for hall in &halls.drafts {
        check_patterns(hall, services, findings);
        check_lanes(hall, services, findings);
    }
    check_services(services, halls, findings);
}

/// The ids of the halls, by their texts.
pub(crate) fn hall_ids(halls: &Halls) -> HashMap<&'static str, HallId> {
    let ids = halls.drafts.iter().filter_map(|hall| Some(hall.id.as_ref()?.value));
    ids.map(|id| (id.as_str(), id)).collect()
}

/// The services whose id and lane are known.
fn known(services: &Services) -> impl Iterator<Item = (ServiceId, LaneId)> {
    services.drafts.iter().filter_map(|draft| Some((draft.id.as_ref()?.value, draft.lane.as_ref()?.value)))
}

fn lanes_of(hall: &HallDraft) -> impl Iterator<Item = &At<LaneId>> {
    hall.lanes.iter().flatten().filter_map(|lane| lane.id.as_ref())
}

/// A pattern must cover a service, and the hall must have the lane of at least one that it covers.
fn check_patterns(hall: &HallDraft, services: &Services, findings: &Findings) {
    for At { value: pattern, place } in hall.services.iter().flatten().filter(|_| services.complete) {
        let wanted: Vec<LaneId> = known(services).filter(|(id, _)| pattern.covers(*id)).map(|(_, lane)| lane).collect();
        let Some(first) = wanted.first() else {
            let flaw = Flaw::NoServiceMatches { pattern: Part::of(pattern) };
            findings.report(place, flaw, Mend::PatternOrService {});
            continue;
        };
        if hall.knows_its_lanes() && !lanes_of(hall).any(|lane| wanted.contains(&lane.value)) {
            let flaw = Flaw::LaneMissing { pattern: Part::of(pattern), lane: Part::of(first) };
            findings.report(place, flaw, Mend::AddLaneOrDrop { lane: Part::of(first) });
        }
    }
}

/// A lane must serve a service that the hall offers.
fn check_lanes(hall: &HallDraft, services: &Services, findings: &Findings) {
    let Some(patterns) = hall.services.as_ref().filter(|_| services.complete) else { return };
    let offered = |id| patterns.is_empty() || patterns.iter().any(|At { value, .. }| ServicePattern::covers(value, id));
    for At { value: lane, place } in lanes_of(hall) {
        if !known(services).any(|(id, wanted)| wanted == *lane && offered(id)) {
            findings.report(place, Flaw::LaneUnused { lane: Part::of(lane) }, Mend::UseLane {});
        }
    }
}

/// The lane of a service must be in some hall.
fn check_services(services: &Services, halls: &Halls, findings: &Findings) {
    if !halls.complete || halls.drafts.is_empty() {
        return;
    }
    let lanes: HashSet<LaneId> = halls.drafts.iter().flat_map(lanes_of).map(|lane| lane.value).collect();
    for lane in services.drafts.iter().filter_map(|draft| draft.lane.as_ref()) {
        if !lanes.contains(&lane.value) {
            let flaw = Flaw::LaneNowhere { lane: Part::of(lane.value) };
            findings.report(&lane.place, flaw, Mend::LaneOfAHall {});
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::tests::{Fixture, HALL, check};

    #[test]
    fn a_pattern_covers_a_service_that_the_hall_can_serve() {
        let hall = |from: &str, to: &str, expected: &[&str]| check("halls/one.toml", from, to, expected);
        hall(
            "\"passport.*\"",
            "\"passport.renewal\", \"passport.first-issue\"",
            &["9 | no service matches `passport.first-issue` | services.toml"],
        );
        hall("\"passport.*\"", "\"passport.*\", \"visa.*\"", &["9 | no service matches `visa.*` | services.toml"]);
        // Two halls, so that no service is without a lane.
        let other = HALL.replace("\"one\"", "\"two\"");
        let kiosk = "[hall.lanes.kiosk]\nband_minutes = 15\ncapacity = 6\n";
        let without_kiosk = Fixture::default().with("halls/two.toml", other).spoilt("halls/one.toml", kiosk, "");
        without_kiosk.check(&["halls/one.toml:9 | `permit.endorsement` needs the lane `kiosk` | [hall.lanes.kiosk]"]);
        without_kiosk
            .clone()
            .spoilt("halls/one.toml", "\"permit.endorsement\"", "\"permit.*\"")
            .check(&["halls/one.toml:9 | `permit.*` needs the lane `kiosk` | take the pattern out"]);
        without_kiosk.spoilt("halls/one.toml", "\"passport.*\", \"permit.endorsement\"", "\"*\"").load();
    }

    #[test]
    fn a_lane_serves_something() {
        let lane = "[hall.lanes.vip]\nband_minutes = 15\ncapacity = 6\n[hall.lanes.kiosk]";
        check(
            "halls/one.toml",
            "[hall.lanes.kiosk]",
            lane,
            &["19 | no service that the hall offers uses the lane `vip` | take the lane out"],
        );
        check(
            "halls/one.toml",
            ", \"permit.endorsement\"",
            "",
            &["19 | no service that the hall offers uses the lane `kiosk` | offer a service"],
        );
    }

    #[test]
    fn the_lane_of_a_service_is_somewhere() {
        let services = crate::config::tests::SERVICES.to_owned()
            + &crate::config::tests::SERVICES[..130].replace("renewal", "vip");
        let services = services.replace("passport.vip", "passport.x");
        let at = services.rfind("\"counter\"").unwrap();
        let services = services[..at].to_owned() + "\"vip\"\nname = { zh-CN = \"x\" }\n";
        Fixture::default()
            .with("services.toml", services)
            .check(&["services.toml:18 | no hall has the lane `vip` | add it to a hall"]);
    }

    #[test]
    fn what_cannot_be_read_brings_forth_no_other_errors() {
        check("services.toml", "id = \"permit.endorsement\"", "id = \"Permit\"", &["9 | `id` is | `id = "]);
        check("services.toml", "lane = \"kiosk\"", "lane = 1", &["12 | `lane` wants a string | `lane = "]);
        check(
            "services.toml",
            "action = \"endorsement\"",
            "action = 1",
            &["11 | `action` wants a string | `action = "],
        );
        Fixture::default().with("services.toml", "[").check(&["services.toml:1 | syntax | TOML"]);
        Fixture::default().with("halls/one.toml", "[").check(&["halls/one.toml:1 | syntax | TOML"]);
        check("halls/one.toml", "id = \"one\"", "id = \"ONE\"", &["2 | `id` is | `id = "]);
    }

    #[test]
    fn all_errors_of_all_files_are_reported_at_once() {
        Fixture::default()
            .spoilt("hallpass.toml", "min_days_ahead = 1", "min_days_ahead = 0")
            .spoilt("hallpass.toml", "\"hall\"", "\"door\"")
            .spoilt("services.toml", "\"kiosk\"", "\"kiosks\"")
            .spoilt("calendar/cn.toml", "2026-10-11", "2026-10-01")
            .spoilt("calendar/cn.toml", "as = \"tue\"", "as = \"sat\"")
            .spoilt("halls/one.toml", "lat = 30.25", "lat = 91")
            .spoilt("halls/one.toml", "\"09:00-12:00\"", "\"08:00-12:00\"")
            .spoilt("halls/one.toml", "capacity = 40", "capacity = 0")
            .with("halls/two.toml", HALL.replace("Asia/Shanghai", "Asia/Shangai"))
            .with("halls/three.toml", "[[hall]\n")
            .check(&[
                "calendar/cn.toml:7 | \"sat\" | mon, tue",
                "calendar/cn.toml:10 | already at calendar/cn.toml:2 | keep one",
                "hallpass.toml:3 | `min_days_ahead` is 0 | from 1",
                "hallpass.toml:20 | unknown role \"door\" | \"hall\"",
                "halls/one.toml:7 | not on the earth | WGS-84",
                "halls/one.toml:9 | `permit.endorsement` needs the lane `kiosks` | take the pattern out",
                "halls/one.toml:12 | before policy.earliest_start | 08:30",
                "halls/one.toml:15 | `capacity` is 0 | from 1",
                "halls/one.toml:19 | uses the lane `kiosk` | services.toml",
                "halls/three.toml:1 | syntax | TOML",
                "halls/two.toml:2 | the hall id `one` is already at halls/one.toml:2 | change one",
                "halls/two.toml:8 | unknown time zone \"Asia/Shangai\" | IANA",
                "halls/two.toml:9 | `permit.endorsement` needs the lane `kiosks` | take the pattern out",
                "halls/two.toml:19 | uses the lane `kiosk` | services.toml",
            ]);
    }
}
