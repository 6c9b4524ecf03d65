//! The tables `[rush]` and `[ways]` of a scenario: how visitors come, and what they do.

use crate::config::read::amounts;
use crate::config::read::amounts::MAX_SECONDS;
use crate::config::read::document::{Node, Shape, Table};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::scenario::{MAX_VISITORS, RushPlan, Ways};

/// How far above 1 a sum of shares may be for the rounding of its parts.
const ROUNDING: f64 = 1e-9;

static RUSH: Shape = Shape {
    name: "[rush]",
    keys: &[
        ("visitors", "8000"),
        ("early_share", "0.3"),
        ("early_s", "20"),
        ("within_s", "60"),
        ("decay_s", "15"),
        ("new_day_share", "0.7"),
        ("pages_share", "0.5"),
    ],
    other: None,
};

static WAYS: Shape = Shape {
    name: "[ways]",
    keys: &[
        ("hold", "0.3"),
        ("family", "0.1"),
        ("give_up", "0.05"),
        ("cancel", "0.05"),
        ("rebook", "0.05"),
        ("double_click", "0.02"),
        ("lost_connection", "0.02"),
        ("bot", "0.01"),
    ],
    other: None,
};

/// Reads `[rush]`.
pub(crate) fn read(node: Node<'_>) -> Option<RushPlan> {
    let table = node.table(&RUSH)?;
    let visitors = table.need("visitors").and_then(|node| node.number(1..=MAX_VISITORS));
    let early_share = table.need("early_share").and_then(amounts::share);
    let early_s = table.need("early_s").and_then(amounts::seconds);
    let within_s = table.need("within_s").and_then(amounts::seconds);
    let decay_s = table.get("decay_s").map(|node| amounts::above_zero(node, MAX_SECONDS));
    let new_day_share = table.need("new_day_share").and_then(amounts::share);
    let pages_share = table.get("pages_share").map_or(Some(0.0), amounts::share);
    Some(RushPlan {
        visitors: visitors?,
        early_share: early_share?,
        early_s: early_s?,
        within_s: within_s?,
        decay_s: decay_s.map_or(Some(None), |decay_s| decay_s.map(Some))?,
        new_day_share: new_day_share?,
        pages_share: pages_share?,
    })
}

/// Reads `[ways]`, of which every key may be left out.
pub(crate) fn read_ways(node: Node<'_>) -> Option<Ways> {
    let table = node.table(&WAYS)?;
    let share = |key| table.get(key).map_or(Some(0.0), amounts::share);
    let shares = ["hold", "family", "give_up", "cancel", "rebook", "double_click", "lost_connection", "bot"].map(share);
    check_sum(&table, &shares);
    let [hold, family, give_up, cancel, rebook, double_click, lost_connection, bot] = shares;
    Some(Ways {
        hold: hold?,
        family: family?,
        give_up: give_up?,
        cancel: cancel?,
        rebook: rebook?,
        double_click: double_click?,
        lost_connection: lost_connection?,
        bot: bot?,
    })
}

/// Reports shares that add up to more than 1. One that is no share has been reported by itself and counts as nothing.
fn check_sum(table: &Table<'_>, shares: &[Option<f64>]) {
    let sum: f64 = shares.iter().flatten().sum();
    if sum > 1.0 + ROUNDING {
        let message = format!("the shares of [ways] add up to {sum:.3}, which is more than 1");
        let mend = Mend::of_scenario("lower some; who is in none of them books at once");
        table.findings().report(&table.place(), Flaw::of_scenario(message), mend);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, check_scenario as check};

    #[test]
    fn every_number_is_read() {
        let [scenario] = &Fixture::with_scenario().scenarios()[..] else { panic!("one scenario") };
        let rush = RushPlan {
            visitors: 800,
            early_share: 0.25,
            early_s: 20.0,
            within_s: 60.0,
            decay_s: Some(15.5),
            new_day_share: 1.0,
            pages_share: 0.0,
        };
        assert_eq!(scenario.rush, rush);
        assert_eq!(scenario.ways, Ways { hold: 0.5, family: 0.125, bot: 0.25, ..Ways::default() });
    }

    #[test]
    fn pages_are_looked_at_where_a_scenario_says_so() {
        let fixture = Fixture::with_scenario().spoilt(
            "scenarios/small.toml",
            "new_day_share = 1",
            "new_day_share = 1\npages_share = 0.5",
        );
        assert!((fixture.scenarios()[0].rush.pages_share - 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn every_way_has_its_key() {
        let share = |key: &str| {
            let ways = format!("{key} = 0.0625\nhold");
            let ways =
                Fixture::with_scenario().spoilt("scenarios/small.toml", "[ways]\nhold", &format!("[ways]\n{ways}"));
            ways.scenarios()[0].ways
        };
        let base = Ways { hold: 0.5, family: 0.125, bot: 0.25, ..Ways::default() };
        assert_eq!(share("give_up"), Ways { give_up: 0.0625, ..base });
        assert_eq!(share("cancel"), Ways { cancel: 0.0625, ..base });
        assert_eq!(share("rebook"), Ways { rebook: 0.0625, ..base });
        assert_eq!(share("double_click"), Ways { double_click: 0.0625, ..base });
        assert_eq!(share("lost_connection"), Ways { lost_connection: 0.0625, ..base });
    }

    #[test]
    fn ways_and_the_decay_may_be_left_out() {
        let fixture = Fixture::with_scenario()
            .spoilt("scenarios/small.toml", "[ways]\nhold = 0.5\nfamily = 0.125\nbot = 0.25\n", "")
            .spoilt("scenarios/small.toml", "decay_s = 15.5\n", "");
        let scenario = &fixture.scenarios()[0];
        assert_eq!((scenario.ways, scenario.rush.decay_s), (Ways::default(), None));
    }

    #[test]
    fn the_bounds_themselves_are_taken() {
        let sound = |from: &str, to: &str| {
            let fixture = Fixture::with_scenario().spoilt("scenarios/small.toml", from, to);
            assert_eq!(fixture.scenarios().len(), 1, "{to}");
        };
        sound("visitors = 800", "visitors = 1");
        sound("visitors = 800", "visitors = 1_000_000");
        sound("early_share = 0.25", "early_share = 0");
        sound("early_share = 0.25", "early_share = 1.0");
        sound("early_s = 20", "early_s = 0");
        sound("within_s = 60", "within_s = 86400");
        sound("hold = 0.5", "hold = 0.625");
        // In binary these are a little more than 1.
        sound("hold = 0.5\nfamily = 0.125\nbot = 0.25", "hold = 0.7\nfamily = 0.1\nbot = 0.2000000000000003");
    }

    #[test]
    fn the_errors_of_a_rush() {
        check("visitors = 800", "visitors = 0", "5 | `visitors` is 0 | a whole number from 1 to 1000000");
        check("visitors = 800", "visitors = 1000001", "5 | `visitors` is 1000001 | from 1 to 1000000");
        check("visitors = 800", "visitors = -1", "5 | `visitors` is -1 | from 1 to 1000000");
        check("visitors = 800", "visitors = 800.5", "5 | wants a whole number and holds a decimal | `visitors = 8000`");
        check("early_share = 0.25", "early_share = 1.01", "6 | `early_share` is 1.01 | a number from 0 to 1");
        check("early_share = 0.25", "early_share = -0.1", "6 | `early_share` is -0.1 | a number from 0 to 1");
        check("early_share = 0.25", "early_share = nan", "6 | `early_share` is NaN | a number from 0 to 1");
        check(
            "early_share = 0.25",
            "early_share = \"all\"",
            "6 | wants a number and holds a string | `early_share = 0.3`",
        );
        check("early_s = 20", "early_s = -1", "7 | `early_s` is -1 | a number from 0 to 86400");
        check("within_s = 60", "within_s = -0.5", "8 | `within_s` is -0.5 | a number from 0 to 86400");
        check("within_s = 60", "within_s = inf", "8 | `within_s` is inf | a number from 0 to 86400");
        check("within_s = 60", "within_s = 86401", "8 | `within_s` is 86401 | a number from 0 to 86400");
        check("decay_s = 15.5", "decay_s = 0", "9 | `decay_s` is 0 | above 0, at most 86400");
        check("decay_s = 15.5", "decay_s = true", "9 | `decay_s` wants a number | `decay_s = 15`");
        check("new_day_share = 1", "new_day_share = 1.5", "10 | `new_day_share` is 1.5 | from 0 to 1");
        check("new_day_share = 1", "new_day_share = 1\npages_share = 2", "11 | `pages_share` is 2 | from 0 to 1");
        check("decay_s = 15.5", "decay = 15.5", "9 | unknown key `decay` in [rush] | `decay_s`");
        for key in ["visitors = 800", "early_share = 0.25", "early_s = 20", "within_s = 60", "new_day_share = 1"] {
            let name = key.split(' ').next().unwrap();
            check(&format!("{key}\n"), "", &format!("4 | [rush] lacks the key `{name}` | such as `{name} = "));
        }
    }

    #[test]
    fn the_errors_of_the_ways() {
        check("hold = 0.5", "hold = 0.75", "11 | the shares of [ways] add up to 1.125 | lower some");
        check("hold = 0.5", "hold = -0.5", "12 | `hold` is -0.5 | a number from 0 to 1");
        check("family = 0.125", "family = inf", "13 | `family` is inf | a number from 0 to 1");
        check("bot = 0.25", "bot = \"some\"", "14 | `bot` wants a number and holds a string | `bot = 0.01`");
        check("bot = 0.25", "robot = 0.25", "14 | unknown key `robot` in [ways] | `bot`");
        check("[ways]\n", "[[ways]]\n", "11 | `ways` wants a table and holds an array | `ways = {");
    }
}
