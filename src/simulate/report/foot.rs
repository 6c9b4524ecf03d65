//! The foot: what was played, and how to play it again.

use maud::{Markup, html};

use super::super::notation::count;
use super::Page;

pub(super) fn section(page: &Page) -> Markup {
    let Page { outcome, words } = page;
    let draft = outcome.what_if.as_ref().map(|draft| (words.version_draft, draft.version.clone()));
    let facts = [
        (words.scenario, format!("{} ({})", words.name(&outcome.title), outcome.scenario)),
        (words.city, outcome.city.clone()),
        (words.visitors, count(outcome.visitors.into())),
        (words.seed, outcome.seed.to_string()),
        (words.server, outcome.server.clone()),
        (words.version, outcome.today.version.clone()),
    ];
    html! {
        footer {
            h2 id=(page.id("about")) { (words.about) }
            dl class="facts" {
                @for (name, value) in facts.into_iter().chain(draft) {
                    div { dt { (name) } dd { (value) } }
                }
            }
            p { (words.repeat) }
            pre tabindex="0" { code { (outcome.command) } }
        }
    }
}
