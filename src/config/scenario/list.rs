//! The scenarios of a configuration, as a table: for the operator who has just checked it.

use super::Scenario;
use crate::domain::language::LanguageWishes;

const ID: &str = "scenario";

/// A blank line, and a line for each scenario with its id, its visitors and its title in English where it has one;
/// nothing where there is no scenario.
#[must_use]
pub fn scenario_list(scenarios: &[Scenario]) -> String {
    if scenarios.is_empty() {
        return String::new();
    }
    let width = scenarios.iter().map(|scenario| scenario.id.len()).max().unwrap_or_default().max(ID.len());
    // The title comes last, because Chinese characters are two columns wide.
    let line = |id: &str, visitors: &str, title: &str| format!("  {id:width$}  {visitors:>8}  {title}\n");
    let lines = scenarios.iter().map(|Scenario { id, rush, title, .. }| {
        line(id, &rush.visitors.to_string(), title.pick(&LanguageWishes::of(&["en"])))
    });
    format!("\n{}{}", line(ID, "visitors", "title"), lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, SCENARIO};

    #[test]
    fn each_scenario_has_a_line() {
        let few = SCENARIO.replace("visitors = 800", "visitors = 1").replace(", en = \"Small\"", "");
        let fixture = Fixture::with_scenario().with("scenarios/a-rather-quiet-day.toml", few);
        let expected = "
  scenario            visitors  title
  a-rather-quiet-day         1  小
  small                    800  Small
";
        assert_eq!(scenario_list(&fixture.scenarios()), expected);
    }

    #[test]
    fn without_scenarios_nothing_is_said() {
        assert_eq!(scenario_list(&Fixture::default().scenarios()), "");
    }
}
