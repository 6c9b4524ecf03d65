//! Small configurations, described so plainly that a naive model can read them too.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Weekday};
use hallpass::domain::calendar::{Calendar, CalendarDay};
use hallpass::domain::geo::Location;
use hallpass::domain::hall::{Exception, Hall, Lane, Period, WeeklyHours};
use hallpass::domain::localized::Localized;
use hallpass::domain::name::{DocumentId, HallId, LaneId, ServiceId};
use hallpass::domain::policy::Policy;
use hallpass::domain::service::{Service, ServicePattern};
use hallpass::domain::snapshot::Snapshot;
use hallpass::domain::wall::WallTime;

/// Minutes after midnight.
pub type Minutes = u16;

/// A configuration.
#[derive(Debug, Clone)]
pub struct Plan {
    pub version: &'static str,
    pub min_days_ahead: u32,
    pub window_days: u32,
    pub release: Minutes,
    pub hold_minutes: u32,
    pub hold_extension_minutes: u32,
    pub max_party: u32,
    pub max_active: u32,
    pub holidays: Vec<NaiveDate>,
    pub workdays: Vec<(NaiveDate, Weekday)>,
    pub halls: Vec<HallPlan>,
    pub services: Vec<ServicePlan>,
}

/// A hall. Its zone has no clock changes: `ahead` is its distance from UTC in minutes.
#[derive(Debug, Clone)]
pub struct HallPlan {
    pub id: &'static str,
    pub zone: &'static str,
    pub ahead: i64,
    /// Opening periods by weekday, Monday first.
    pub hours: [Vec<(Minutes, Minutes)>; 7],
    pub lanes: Vec<LanePlan>,
    /// Documents, or nothing for every service whose lane it has.
    pub documents: Vec<&'static str>,
    /// Dates with other periods; none of them for a closed day.
    pub exceptions: Vec<(NaiveDate, Vec<(Minutes, Minutes)>)>,
}

/// A lane.
#[derive(Debug, Clone)]
pub struct LanePlan {
    pub id: &'static str,
    pub minutes: Minutes,
    pub capacity: u32,
    pub single: Vec<(Minutes, u32)>,
}

/// A service.
#[derive(Debug, Clone)]
pub struct ServicePlan {
    pub id: &'static str,
    pub document: &'static str,
    pub lane: &'static str,
}

/// A lane with bands of half an hour.
pub fn lane(id: &'static str, capacity: u32) -> LanePlan {
    LanePlan { id, minutes: 30, capacity, single: Vec::new() }
}

/// A hall in Shanghai's zone that is open every day from 09:00 to 12:00: six bands of half an hour.
pub fn hall(id: &'static str, lanes: Vec<LanePlan>) -> HallPlan {
    HallPlan {
        id,
        zone: "Asia/Shanghai",
        ahead: 480,
        hours: std::array::from_fn(|_| vec![(540, 720)]),
        lanes,
        documents: Vec::new(),
        exceptions: Vec::new(),
    }
}

impl Plan {
    /// Two halls, open every day, with so many places a band; nothing else is in short supply.
    pub fn simple(capacity: u32) -> Self {
        let lanes = || vec![lane("counter", capacity)];
        Self {
            version: "simple",
            min_days_ahead: 1,
            window_days: 30,
            release: 0,
            hold_minutes: 10,
            hold_extension_minutes: 5,
            max_party: 5,
            max_active: 5,
            holidays: Vec::new(),
            workdays: Vec::new(),
            halls: vec![hall("hall-one", lanes()), hall("hall-two", lanes())],
            services: vec![
                ServicePlan { id: "passport.renewal", document: "passport", lane: "counter" },
                ServicePlan { id: "permit.renewal", document: "permit", lane: "counter" },
            ],
        }
    }

    /// The configuration as the engine knows it.
    pub fn snapshot(&self) -> Snapshot {
        let policy = Policy {
            min_days_ahead: self.min_days_ahead,
            window_days: self.window_days,
            release_time: wall(self.release),
            hold_minutes: self.hold_minutes,
            hold_extension_minutes: self.hold_extension_minutes,
            max_party: self.max_party,
            max_active: self.max_active,
            ..Policy::default()
        };
        let holidays = self.holidays.iter().map(|date| (*date, CalendarDay::Holiday { name: "made up".into() }));
        let workdays = self.workdays.iter().map(|(date, as_)| (*date, CalendarDay::Workday { hours_of: *as_ }));
        let calendar = Calendar::new(holidays.chain(workdays).collect());
        let halls = self.halls.iter().map(HallPlan::hall).collect();
        let services = self.services.iter().map(ServicePlan::service).collect();
        Snapshot::new(self.version.into(), policy, calendar, halls, services)
    }
}

impl HallPlan {
    fn hall(&self) -> Hall {
        let exception = |open: &Vec<(Minutes, Minutes)>| match open.as_slice() {
            [] => Exception::Closed { reason: None },
            open => Exception::Hours { periods: periods(open), reason: None },
        };
        Hall {
            id: HallId::intern(self.id).unwrap(),
            name: Localized::default(),
            city: String::new(),
            city_name: None,
            municipal: false,
            address_verified: true,
            district: None,
            address: None,
            phone: None,
            location: Location { lat: 30.25, lon: 120.21 },
            zone: self.zone.parse().unwrap(),
            services: self.documents.iter().map(|document| ServicePattern::new(&format!("{document}.*"))).collect(),
            hours: WeeklyHours::new(std::array::from_fn(|weekday| periods(&self.hours[weekday]))),
            lanes: self.lanes.iter().map(LanePlan::lane).collect(),
            exceptions: self.exceptions.iter().map(|(date, open)| (*date, exception(open))).collect(),
        }
    }
}

impl LanePlan {
    fn lane(&self) -> Lane {
        let single_bands: BTreeMap<_, _> = self.single.iter().map(|(start, places)| (wall(*start), *places)).collect();
        let id = LaneId::intern(self.id).unwrap();
        Lane { id, band_minutes: self.minutes, capacity: self.capacity, single_bands }
    }
}

impl ServicePlan {
    fn service(&self) -> Service {
        Service {
            id: ServiceId::intern(self.id).unwrap(),
            document: DocumentId::intern(self.document).unwrap(),
            action: self.id.split_once('.').unwrap().1.into(),
            lane: LaneId::intern(self.lane).unwrap(),
            name: Localized::default(),
        }
    }
}

/// The wall time so many minutes after midnight.
pub fn wall(minutes: Minutes) -> WallTime {
    WallTime::hm(minutes / 60, minutes % 60)
}

fn periods(open: &[(Minutes, Minutes)]) -> Vec<Period> {
    open.iter().map(|(start, end)| Period { start: wall(*start), end: wall(*end) }).collect()
}
