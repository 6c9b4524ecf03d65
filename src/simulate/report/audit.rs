//! What the auditor found.

use maud::{Markup, html};

use super::super::verdict::violations;
use super::Page;

/// The violations, at the top of the page; nothing where there are none.
pub(super) fn alarm(page: &Page) -> Markup {
    let Page { outcome, words } = page;
    let found: Vec<&str> = violations(outcome).collect();
    if found.is_empty() {
        return html! {};
    }
    html! {
        section class="alarm" {
            h2 id=(page.id("violations")) { ((words.audit_found)(found.len(), outcome.seed)) }
            ul {
                @for violation in found { li { (violation) } }
            }
        }
    }
}

pub(super) fn section(page: &Page) -> Markup {
    let Page { outcome, words } = page;
    let found = violations(outcome).count();
    html! {
        section {
            (page.heading("audit", words.audit))
            @if found > 0 {
                p { a href={ "#" (page.id("violations")) } { ((words.audit_found)(found, outcome.seed)) } }
            } @else {
                p { (words.audit_of(outcome)) }
            }
        }
    }
}
