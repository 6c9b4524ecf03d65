//! The table `[policy]`: the rules' numbers.

use std::ops::RangeInclusive;

use crate::config::read::document::{Node, Shape, Table};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::read::phrases::Part;
use crate::config::read::terms;
use crate::domain::policy::Policy;
use crate::domain::wall::WallTime;

/// The longest window, in days.
pub(crate) const MAX_WINDOW_DAYS: u32 = 730;
/// The longest hold, in minutes.
pub(crate) const MAX_HOLD_MINUTES: u32 = 24 * 60;
/// The longest extension of a hold, in minutes.
pub(crate) const MAX_HOLD_EXTENSION_MINUTES: u32 = 60;
/// The largest party: the contract's 5.
pub(crate) const MAX_PARTY: u32 = 5;
/// The most active appointments that one person may be allowed to make.
pub(crate) const MAX_ACTIVE: u32 = 1_000;

static POLICY: Shape = Shape {
    name: "[policy]",
    keys: &[
        ("earliest_start", r#""08:30""#),
        ("min_days_ahead", "1"),
        ("window_days", "30"),
        ("release_time", r#""00:00""#),
        ("hold_minutes", "10"),
        ("hold_extension_minutes", "5"),
        ("max_party", "5"),
        ("max_active", "5"),
    ],
    other: None,
};

/// The policy as far as it could be read.
#[derive(Debug)]
pub(crate) struct PolicyDraft {
    /// What could not be read has its default here.
    pub(crate) policy: Policy,
    /// The earliest start; none where it could not be read, so that hours are not measured by a default.
    pub(crate) earliest_start: Option<WallTime>,
}

impl Default for PolicyDraft {
    fn default() -> Self {
        let policy = Policy::default();
        Self { earliest_start: Some(policy.earliest_start), policy }
    }
}

impl PolicyDraft {
    /// The draft of a file that could not be read.
    pub(crate) fn unknown() -> Self {
        Self { policy: Policy::default(), earliest_start: None }
    }

    /// Reads the table.
    pub(crate) fn read(node: Node<'_>) -> Self {
        let Some(table) = node.table(&POLICY) else { return Self::unknown() };
        let usual = Policy::default();
        let earliest_start = time(&table, "earliest_start", usual.earliest_start);
        let min_days_ahead = number(&table, "min_days_ahead", 1..=MAX_WINDOW_DAYS, usual.min_days_ahead);
        let window_days = number(&table, "window_days", 1..=MAX_WINDOW_DAYS, usual.window_days);
        check_window(&table, min_days_ahead, window_days);
        let policy = Policy {
            earliest_start: earliest_start.unwrap_or(usual.earliest_start),
            min_days_ahead: min_days_ahead.unwrap_or(usual.min_days_ahead),
            window_days: window_days.unwrap_or(usual.window_days),
            release_time: time(&table, "release_time", usual.release_time).unwrap_or(usual.release_time),
            hold_minutes: number(&table, "hold_minutes", 1..=MAX_HOLD_MINUTES, usual.hold_minutes)
                .unwrap_or(usual.hold_minutes),
            hold_extension_minutes: number(
                &table,
                "hold_extension_minutes",
                0..=MAX_HOLD_EXTENSION_MINUTES,
                usual.hold_extension_minutes,
            )
            .unwrap_or(usual.hold_extension_minutes),
            max_party: number(&table, "max_party", 1..=MAX_PARTY, usual.max_party).unwrap_or(usual.max_party),
            max_active: number(&table, "max_active", 1..=MAX_ACTIVE, usual.max_active).unwrap_or(usual.max_active),
        };
        Self { policy, earliest_start }
    }
}

fn number(table: &Table<'_>, key: &str, range: RangeInclusive<u32>, usual: u32) -> Option<u32> {
    table.get(key).map_or(Some(usual), |node| node.number(range))
}

/// A time of the day that a clock shows: 24:00 would never come.
fn time(table: &Table<'_>, key: &str, usual: WallTime) -> Option<WallTime> {
    let Some(node) = table.get(key) else { return Some(usual) };
    let time = terms::wall_time(node)?;
    if time == WallTime::hm(24, 0) {
        return node.refuse(Flaw::NeverComes { key: key.into() }, Mend::ClockTime {});
    }
    Some(time)
}

fn check_window(table: &Table<'_>, min_days_ahead: Option<u32>, window_days: Option<u32>) {
    let (Some(ahead), Some(window)) = (min_days_ahead, window_days) else { return };
    if window < ahead {
        let place = table.get("window_days").or(table.get("min_days_ahead")).map_or(table.place(), |node| node.place());
        let flaw = Flaw::WindowTooShort { window: Part::of(window), ahead: Part::of(ahead) };
        table.findings().report(&place, flaw, Mend::LongerWindow { ahead: Part::of(ahead) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, check};

    #[test]
    fn every_number_is_read() {
        let text = r#"
            [policy]
            earliest_start = "08:00"
            min_days_ahead = 2
            window_days = 20
            release_time = "09:15"
            hold_minutes = 1440
            hold_extension_minutes = 0
            max_party = 1
            max_active = 7
        "#;
        let configuration = Fixture::default().with("hallpass.toml", text).load();
        let expected = Policy {
            earliest_start: WallTime::hm(8, 0),
            min_days_ahead: 2,
            window_days: 20,
            release_time: WallTime::hm(9, 15),
            hold_minutes: 1440,
            hold_extension_minutes: 0,
            max_party: 1,
            max_active: 7,
        };
        assert_eq!(configuration.snapshot.policy, expected);
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        for text in ["", "[policy]"] {
            assert_eq!(Fixture::default().with("hallpass.toml", text).load().snapshot.policy, Policy::default());
        }
    }

    #[test]
    fn numbers_are_bounded() {
        let check = |from: &str, to: &str, expected: &str| check("hallpass.toml", from, to, &[expected]);
        check("min_days_ahead = 1", "min_days_ahead = 0", "3 | `min_days_ahead` is 0 | from 1 to 730");
        check(
            "min_days_ahead = 1",
            "min_days_ahead = 31",
            "4 | window of 30 days ends before min_days_ahead, 31 | 31 or more",
        );
        check("window_days = 30", "window_days = 0", "4 | `window_days` is 0 | from 1 to 730");
        check("window_days = 30", "window_days = 731", "4 | `window_days` is 731 | from 1 to 730");
        check("hold_minutes = 10", "hold_minutes = 0", "6 | `hold_minutes` is 0 | from 1 to 1440");
        check("hold_minutes = 10", "hold_minutes = 1441", "6 | `hold_minutes` is 1441 | from 1 to 1440");
        check(
            "max_active = 5",
            "max_active = 5\nhold_extension_minutes = 61",
            "9 | `hold_extension_minutes` is 61 | from 0 to 60",
        );
        check(
            "max_active = 5",
            "max_active = 5\nhold_extension_minutes = -1",
            "9 | `hold_extension_minutes` is -1 | from 0 to 60",
        );
        check("max_party = 5", "max_party = 0", "7 | `max_party` is 0 | from 1 to 5");
        check("max_party = 5", "max_party = 6", "7 | `max_party` is 6 | from 1 to 5");
        check("max_active = 5", "max_active = 0", "8 | `max_active` is 0 | from 1 to 1000");
        check("max_active = 5", "max_active = 1001", "8 | `max_active` is 1001 | from 1 to 1000");
        check(
            "window_days = 30",
            "window_days = \"30\"",
            "4 | `window_days` wants a whole number | `window_days = 30`",
        );
    }

    #[test]
    fn a_policy_that_is_no_table_measures_nothing() {
        let wrong = Fixture::default().with("hallpass.toml", "policy = 1\nidentity = 2\nstaff = 3");
        wrong.spoilt("halls/one.toml", "\"09:00-12:00\"", "\"07:00-12:00\"").check(&[
            "hallpass.toml:1 | `policy` wants a table and holds a whole number | `policy = {",
            "hallpass.toml:2 | `identity` wants a table and holds a whole number | `identity = {",
            "hallpass.toml:3 | `staff` wants an array and holds a whole number | `staff = [{",
        ]);
    }

    #[test]
    fn a_window_may_be_one_day_wide() {
        let one = Fixture::default().spoilt("hallpass.toml", "min_days_ahead = 1", "min_days_ahead = 30");
        assert_eq!(one.load().snapshot.policy.min_days_ahead, 30);
        let shorter = Fixture::default().with("hallpass.toml", "[policy]\n\nmin_days_ahead = 31");
        shorter.check(&["hallpass.toml:3 | the window of 30 days ends before | set window_days to 31 or more"]);
    }

    #[test]
    fn times_are_those_of_a_clock() {
        let check = |from: &str, to: &str, expected: &str| check("hallpass.toml", from, to, &[expected]);
        check("\"00:00\"", "\"8:00\"", "5 | `release_time` is \"8:00\", no time | `release_time = \"00:00\"`");
        check("\"00:00\"", "\"24:00\"", "5 | `release_time` is 24:00, which never comes | 23:59");
        check("\"00:00\"", "00:00:00", "5 | `release_time` wants a string | `release_time = \"00:00\"`");
        check("\"08:30\"", "\"24:00\"", "2 | `earliest_start` is 24:00, which never comes | 23:59");
        check("\"08:30\"", "\"08:60\"", "2 | `earliest_start` is \"08:60\", no time | `earliest_start = \"08:30\"`");
    }
}
