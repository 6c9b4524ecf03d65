//! The page of the editor of a file of halls: what came of a text, and the form with the text.

use axum::response::Response;
use maud::{Markup, html};

use super::drafts::Typed;
use super::edited_file::{FIELD, Opened, path_of};
use super::preview::PLACE;
use super::preview::{diff, errors_of_text, outcome, verdict};
use super::sentences::Sentences;
use crate::app::configuration::MAX_COMMENT_CHARS;
use crate::app::configuration::digest_of;
use crate::app::configuration::edit::{EditFault, Judged};
use crate::app::configuration::reload::ReloadFault;
use crate::app::refusal::{Code, Refusal};
use crate::engine::Displaced;
use crate::pages::kit::cookies::STAFF_HOURS;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::refusals;
use crate::pages::kit::visitor::Desk;
use crate::pages::text::Text;

/// The id of the form, by which a change of language sends it.
const FORM: &str = "editor";

/// What stands above the form.
pub enum Found {
    /// Nothing yet.
    Fresh,
    /// The draft that was asked for is not kept any more.
    Gone,
    /// The session had ended when the text came.
    CameBack,
    /// The text is sound.
    Sound {
        /// What it would do.
        judged: Box<Judged>,
        /// Whether it was changed after the check.
        has_changed: bool,
    },
    /// Why it cannot be put in force.
    Refused(EditFault),
    /// The file could not be written.
    Unwritten,
    /// It did not come into force: the code of the problem.
    NotInForce(Code),
}

/// Whether a comment is longer than any that is kept.
#[must_use]
pub fn has_long_comment(typed: &Typed) -> bool {
    typed.comment.chars().count() > MAX_COMMENT_CHARS
}

/// The page.
#[must_use]
pub fn page(desk: &Desk, opened: &Opened, typed: &Typed, found: &Found) -> Response {
    let text = desk.visit.text;
    let title = text.with("configuration-file-title", &[("file", opened.file.as_str().into())]);
    let errors = errors(text, opened, typed, found);
    Frame::staff(&desk.visit, title).back(PLACE).form(FORM, "check").errors(errors).page(&html! {
        (above(desk, opened, typed, found))
        (form(desk, opened, typed, found))
    })
}

/// Why a text is not in force and cannot be put there as it is; nothing where it can.
fn errors(text: Text, opened: &Opened, typed: &Typed, found: &Found) -> Markup {
    match found {
        Found::Refused(fault) => refused(text, opened, typed, fault),
        Found::Unwritten => {
            notice("bad", &text.get("configuration-unwritten"), &text.get("configuration-unwritten-explained"))
        }
        Found::NotInForce(code) => not_in_force(text, *code),
        Found::Gone => {
            let explained = text.with("configuration-draft-gone-explained", &[("hours", STAFF_HOURS.into())]);
            notice("warn", &text.get("configuration-draft-gone"), &explained)
        }
        Found::Sound { .. } if has_long_comment(typed) => html! {
            div class="errors" role="alert" tabindex="-1" {
                h2 { (text.get("desk-mend")) }
                ul { li { a href="#comment" { (long_comment(text)) } } }
            }
        },
        Found::Fresh | Found::CameBack | Found::Sound { .. } => html! {},
    }
}

fn notice(class: &str, heading: &str, words: &str) -> Markup {
    html! { div class={ "notice " (class) } role="alert" tabindex="-1" { h2 { (heading) } p { (words) } } }
}

fn not_in_force(text: Text, code: Code) -> Markup {
    notice("bad", &refusals::heading(text, code), &text.get("configuration-put-back"))
}

fn refused(text: Text, opened: &Opened, typed: &Typed, fault: &EditFault) -> Markup {
    match fault {
        EditFault::Wrong(found) | EditFault::Reload(ReloadFault::Configuration(found)) => {
            let here = (opened.name.as_str(), typed.text.as_str());
            errors_of_text(Sentences { text, snapshots: &[] }, found, here, FIELD)
        }
        EditFault::Changed | EditFault::NoSuchFile => {
            notice("warn", &text.get("configuration-conflict"), &text.get("configuration-conflict-explained"))
        }
        EditFault::BeyondOwnHalls => {
            notice("bad", &text.get("configuration-beyond"), &text.get("configuration-beyond-explained"))
        }
        EditFault::Unwritten(_) | EditFault::Reload(ReloadFault::Broken | ReloadFault::AdminToken(_)) => {
            not_in_force(text, Code::Internal)
        }
        EditFault::Reload(ReloadFault::Refused(refusal)) => not_in_force(text, Refusal::from(refusal.clone()).code()),
    }
}

fn above(desk: &Desk, opened: &Opened, typed: &Typed, found: &Found) -> Markup {
    let text = desk.visit.text;
    match found {
        Found::Fresh | Found::Gone => html! { p class="lead" { (text.get("configuration-file-lead")) } },
        Found::CameBack => html! {
            div class="notice warn" role="status" {
                h2 { (text.get("configuration-file-kept")) }
                p { (text.get("configuration-file-lead")) }
            }
        },
        Found::Sound { judged, has_changed } => sound(desk, opened, typed, judged, *has_changed),
        Found::Refused(EditFault::Changed | EditFault::NoSuchFile) => conflict(text, opened, typed),
        Found::Refused(_) | Found::Unwritten | Found::NotInForce(_) => html! {},
    }
}

fn sound(desk: &Desk, opened: &Opened, typed: &Typed, judged: &Judged, has_changed: bool) -> Markup {
    let text = desk.visit.text;
    let new = &judged.configuration.snapshot;
    let own = |one: &&Displaced| desk.member.may_serve(one.appointment.slot.hall);
    let displaced: Vec<Displaced> = judged.displaced.iter().filter(own).cloned().collect();
    html! {
        @if has_changed {
            div class="notice warn" role="alert" { p { (text.get("configuration-check-again")) } }
        }
        (verdict(text, new, &displaced))
        (outcome(Sentences { text, snapshots: &[new] }, &judged.changes))
        h2 { (text.get("configuration-diff")) }
        @if opened.there == typed.text { p { (text.get("configuration-diff-none")) } } @else {
            (diff(text, &opened.there, &typed.text))
        }
    }
}

fn long_comment(text: Text) -> String {
    text.with("configuration-comment-long", &[("max", MAX_COMMENT_CHARS.into())])
}

fn comment_field(text: Text, typed: &Typed) -> Markup {
    let is_long = has_long_comment(typed);
    let described = if is_long { "comment-hint comment-error" } else { "comment-hint" };
    html! {
        div .field .bad[is_long] {
            label for="comment" { (text.get("configuration-comment-label")) }
            p class="hint" id="comment-hint" { (text.get("configuration-comment-hint")) }
            @if is_long {
                p class="error" id="comment-error" { (long_comment(text)) }
            }
            input class="w-full" id="comment" name="comment" value=(typed.comment)
                aria-describedby=(described) aria-invalid=[is_long.then_some("true")];
        }
    }
}

/// Both texts, where another has changed the file meanwhile: how the typed one differs from what is there now.
fn conflict(text: Text, opened: &Opened, typed: &Typed) -> Markup {
    html! {
        h2 { (text.get("configuration-conflict-diff")) }
        (diff(text, &opened.there, &typed.text))
        details {
            summary { (text.get("configuration-conflict-there")) }
            textarea class="editor" readonly spellcheck="false" rows="16" translate="no"
                aria-label=(text.get("configuration-conflict-there")) { "\n" (opened.there) }
        }
    }
}

fn form(desk: &Desk, opened: &Opened, typed: &Typed, found: &Found) -> Markup {
    let text = desk.visit.text;
    let is_sound = matches!(found, Found::Sound { .. });
    let is_wrong =
        matches!(found, Found::Refused(EditFault::Wrong(_) | EditFault::Reload(ReloadFault::Configuration(_))));
    // Whoever has been shown what another has written goes on from that.
    let was = match found {
        Found::Refused(EditFault::Changed) => digest_of(&opened.there),
        _ => typed.was.clone(),
    };
    let checked = if is_sound { digest_of(&typed.text) } else { String::new() };
    html! {
        form method="post" id=(FORM) action=(path_of(&opened.file)) data-once data-unsaved {
            (desk.visit.csrf())
            input type="hidden" name="was" value=(was);
            input type="hidden" name="checked" value=(checked);
            div .field .bad[is_wrong] {
                label for=(FIELD) { (text.get("configuration-text")) }
                p class="hint" id="text-hint" { (text.get("configuration-text-hint")) }
                textarea class="editor" id=(FIELD) name=(FIELD) rows="28" spellcheck="false" autocapitalize="off"
                    autocomplete="off" translate="no" aria-describedby="text-hint"
                    aria-invalid=[is_wrong.then_some("true")] { "\n" (typed.text) }
            }
            @if is_sound {
                (comment_field(text, typed))
            } @else if !typed.comment.is_empty() {
                input type="hidden" name="comment" value=(typed.comment);
            }
            div class="buttons" {
                @if is_sound {
                    button class="button" name="do" value="apply" { (text.get("configuration-apply")) }
                    button class="button second" name="do" value="check" { (text.get("configuration-check")) }
                } @else {
                    button class="button" name="do" value="check" { (text.get("configuration-check")) }
                }
            }
        }
    }
}
