//! The checker of accessibility, axe-core, run in the page of a browser.
//!
//! `tests/run.sh` fetches it into `target/axe`; it is not in the repository.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::browser::Browser;

static SOURCE: LazyLock<String> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe/axe.min.js");
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("tests/run.sh fetches {}: {error}", file.display()))
});

/// Runs every rule of WCAG 2.2 A and AA and of good practice. Style sheets are read where they are: fetching them again
/// would be the page's doing in the eyes of its policy.
const CHECK: &str = "
const done = arguments[arguments.length - 1];
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const wish = { runOnly: tags, resultTypes: ['violations'], preload: false };
axe.run(document, wish).then(found => done(found.violations), trouble => done(String(trouble)));
";

impl Browser {
    /// What hinders people on the page, one paragraph a rule; empty where nothing does. The page must run scripts.
    pub async fn axe(&self) -> String {
        self.script(&SOURCE).await;
        let check = json!({ "script": CHECK, "args": [] });
        let found = self.session.post("/execute/async", &check).await.unwrap_or_else(|fault| panic!("axe: {fault}"));
        let violations = found.as_array().unwrap_or_else(|| panic!("axe: {found}"));
        violations.iter().map(paragraph).collect::<Vec<_>>().join("\n\n")
    }
}

/// A rule that is broken, and every place where it is.
fn paragraph(violation: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines =
        vec![format!("{} ({}): {}", text(&violation["id"]), text(&violation["impact"]), text(&violation["help"]))];
    for node in violation["nodes"].as_array().unwrap() {
        lines.push(format!("  {}", text(&node["html"])));
        lines.extend(text(&node["failureSummary"]).lines().map(|line| format!("    {}", line.trim())));
    }
    lines.join("\n")
}
