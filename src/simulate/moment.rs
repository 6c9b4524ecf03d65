//! The day that opens on a server of the run's own, and the moment in which it does.
//!
//! A day that is named makes a run the same on whatever day it is started; else the first day counts that is not open yet
//! today, and the command that repeats the run names it.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::fault::SimulateFault;
use super::places::{first_open_day, halls, is_open};
use crate::config::scenario::Scenario;
use crate::domain::policy::today;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::{days_after, instant_of};

/// A day, and when it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The day.
    pub new_day: NaiveDate,
    /// When it can be booked first.
    pub opens: DateTime<Utc>,
}

/// The moment of the day that is named, by the command line or else by the scenario; of the first day that is not open
/// yet at `now`, where none is.
///
/// # Errors
/// [`SimulateFault::Closed`] where no hall is open on the named day, [`SimulateFault::NeverOpen`] where there is no day on
/// which all are.
pub fn moment(
    snapshot: &Snapshot,
    scenario: &Scenario,
    named: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<Moment, SimulateFault> {
    let never = || SimulateFault::NeverOpen { city: scenario.city.clone() };
    let window = snapshot.policy.window_days;
    let new_day = if let Some(named) = named.or(scenario.new_day) {
        judge_open(snapshot, scenario, named)?;
        named
    } else {
        let from = days_after(today_of(snapshot, scenario, now), window + 1);
        first_open_day(snapshot, scenario, from).ok_or_else(never)?
    };
    let zone = halls(snapshot, scenario).next().ok_or_else(never)?.zone;
    let released_on = new_day.checked_sub_days(Days::new(window.into())).ok_or_else(never)?;
    let opens = instant_of(zone, released_on, snapshot.policy.release_time).ok_or_else(never)?;
    Ok(Moment { new_day, opens: opens.to_utc() })
}

/// Whether any hall is open on the day.
///
/// # Errors
/// [`SimulateFault::Closed`] where none is.
pub fn judge_open(snapshot: &Snapshot, scenario: &Scenario, day: NaiveDate) -> Result<(), SimulateFault> {
    let mut halls = halls(snapshot, scenario);
    if halls.any(|hall| is_open(hall, snapshot, day)) {
        return Ok(());
    }
    Err(SimulateFault::Closed { city: scenario.city.clone(), day })
}

/// The date in the halls of the scenario.
#[must_use]
pub fn today_of(snapshot: &Snapshot, scenario: &Scenario, now: DateTime<Utc>) -> NaiveDate {
    halls(snapshot, scenario).next().map_or_else(|| now.date_naive(), |hall| today(hall, now))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Configuration, load, load_scenario};

    fn peak_day() -> (Configuration, Scenario) {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let configuration = load(&dir).unwrap();
        let scenario = load_scenario(&dir.join("scenarios/peak-day.toml"), &configuration).unwrap();
        (configuration, scenario)
    }

    #[test]
    fn a_named_day_is_the_same_whenever_the_run_begins() {
        let (configuration, mut scenario) = peak_day();
        let snapshot = &configuration.snapshot;
        let new_day = |scenario: &Scenario, named: Option<&str>, now: &str| {
            let named = named.map(|day| day.parse().unwrap());
            moment(snapshot, scenario, named, now.parse().unwrap()).map(|moment| moment.new_day.to_string())
        };
        let (may, june) = ("2026-05-12T08:00:00Z", "2026-06-01T08:00:00Z");
        let of_scenario = new_day(&scenario, None, may).unwrap();
        assert_eq!(new_day(&scenario, None, june).unwrap(), of_scenario);
        assert_eq!(new_day(&scenario, Some("2026-12-22"), june).unwrap(), "2026-12-22");
        scenario.new_day = None;
        assert_eq!(new_day(&scenario, None, may).unwrap(), "2026-06-12");
        // 31 days later all halls are closed for three days.
        assert_eq!(new_day(&scenario, None, "2026-05-19T08:00:00Z").unwrap(), "2026-06-22");
        let closed = new_day(&scenario, Some("2026-10-01"), june).unwrap_err().to_string();
        assert!(closed.contains("2026-10-01") && closed.contains("杭州"), "{closed}");
    }

    #[test]
    fn a_day_opens_a_window_before_it() {
        let (configuration, scenario) = peak_day();
        let now = "2026-06-01T08:00:00Z".parse().unwrap();
        let moment = moment(&configuration.snapshot, &scenario, "2026-12-22".parse().ok(), now).unwrap();
        assert_eq!(configuration.snapshot.policy.window_days, 30);
        let opens = moment.opens.with_timezone(&chrono_tz::Asia::Shanghai).naive_local().date();
        assert_eq!(opens.to_string(), "2026-11-22");
    }
}
