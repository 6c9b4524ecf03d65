//! Every way in which one configuration can differ from another.

use crate::config::read::phrases::phrases;

phrases! {
    /// One difference between two configurations. A part `field` is a key of the files.
    Change {
        "policy" Policy { field, old, new } "policy: {field} {old} → {new}"
        "day-ended" DayEnded { date, kind } "calendar: {date} is no longer {kind}"
        "day-added" DayAdded { date, kind, detail } "calendar: {date} is now {kind} ({detail})"
        "day-turned" DayTurned { date, was, kind, detail } "calendar: {date} is no longer {was}, but {kind} ({detail})"
        "day-changed" DayChanged { date, kind, old, new } "calendar: {date} is {kind}: {old} → {new}"
        "service-added" ServiceAdded { service } "service {service} added"
        "service-removed" ServiceRemoved { service } "service {service} removed"
        "service" ServiceValue { service, field, old, new } "service {service}: {field} {old} → {new}"
        "service-text" ServiceText { service, field, language, old, new } "service {service}: {field}.{language} {old} → {new}"
        "services-order" ServicesOrder {} "services: listed in another order"
        "hall-added" HallAdded { hall } "hall {hall} added"
        "hall-removed" HallRemoved { hall } "hall {hall} removed"
        "hall" HallValue { hall, field, old, new } "hall {hall}: {field} {old} → {new}"
        "hall-text" HallText { hall, field, language, old, new } "hall {hall}: {field}.{language} {old} → {new}"
        "lane-added" LaneAdded { hall, lane } "hall {hall}: lane {lane} added"
        "lane-removed" LaneRemoved { hall, lane } "hall {hall}: lane {lane} removed"
        "lane" LaneValue { hall, lane, field, old, new } "hall {hall}: lane {lane}: {field} {old} → {new}"
        "band" BandPlaces { hall, lane, start, old, new } "hall {hall}: lane {lane}: capacity at {start} {old} → {new}"
        "exception" Exception { hall, date, old, new } "hall {hall}: {date} {old} → {new}"
        "beyond-loopback" BeyondLoopback { old, new } "identity: demo_beyond_loopback {old} → {new}"
        "contact" Contact { field, old, new } "contact: {field} {old} → {new}"
        "member-added" MemberAdded { member, role } "staff {member}: added, {role}"
        "member-removed" MemberRemoved { member } "staff {member}: removed"
        "member-role" MemberRole { member, old, new } "staff {member}: {old} → {new}"
        "member-token" MemberToken { member } "staff {member}: another token"
    }
}

impl Change {
    /// Every key of the files that a part `field` can be.
    pub const FIELDS: &[&str] = &[
        "earliest_start",
        "min_days_ahead",
        "window_days",
        "release_time",
        "hold_minutes",
        "hold_extension_minutes",
        "max_party",
        "max_active",
        "document",
        "action",
        "lane",
        "name",
        "city",
        "city_name",
        "municipal",
        "district",
        "address",
        "address_verified",
        "phone",
        "location",
        "time_zone",
        "services",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "band_minutes",
        "capacity",
        "organiser",
        "feedback",
        "privacy",
        "icp",
    ];
}
