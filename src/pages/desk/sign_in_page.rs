//! The page that asks a member of staff for the token.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use crate::pages::kit::frame::Frame;
use crate::pages::kit::visitor::Visit;
use crate::pages::office::interrupted::Interrupted;

/// What a member had typed whose session had ended.
#[derive(Clone, Copy)]
pub enum Typed<'a> {
    /// Nothing that is known of.
    Nothing,
    /// A draft, which is shown after the sign-in.
    Waits,
    /// A text that the form carries.
    Carried(&'a Interrupted),
}

/// The page for somebody whose session had ended when a file of halls came.
#[must_use]
pub fn interrupted(visit: &Visit, kept: &Interrupted) -> Response {
    page(visit, &kept.path(), Typed::Carried(kept), false)
}

/// The page. `typed`: what had been typed when a session had ended; `is_wrong`: a wrong token has just been tried.
#[must_use]
pub fn page(visit: &Visit, next: &str, typed: Typed<'_>, is_wrong: bool) -> Response {
    let text = visit.text;
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let errors = html! {
        @if is_wrong {
            div class="errors" role="alert" tabindex="-1" {
                h2 { (text.get("desk-mend")) }
                ul { li { a href="#token" { (text.get("desk-sign-in-wrong")) } } }
            }
        }
    };
    Frame::staff(visit, text.get("desk-sign-in-title")).status(status).errors(errors).page(&html! {
        @if !matches!(typed, Typed::Nothing) {
            div class="notice warn" role="status" {
                h2 { (text.get("desk-sign-in-ended")) }
                p { (text.get("desk-sign-in-kept")) }
            }
        }
        p class="lead" { (text.get("desk-sign-in-lead")) }
        form method="post" action="/staff/sign-in" data-once {
            (visit.csrf())
            input type="hidden" name="next" value=(next);
            @if let Typed::Carried(kept) = typed { (kept.fields()) }
            (field(visit, is_wrong))
            button class="button" { (text.get("desk-sign-in")) }
        }
    })
}

fn field(visit: &Visit, is_wrong: bool) -> Markup {
    let text = visit.text;
    let described = if is_wrong { "token-hint token-error" } else { "token-hint" };
    html! {
        div .field .bad[is_wrong] {
            label for="token" { (text.get("desk-sign-in-token")) }
            p class="hint" id="token-hint" { (text.get("desk-sign-in-hint")) }
            @if is_wrong { p class="error" id="token-error" { (text.get("desk-sign-in-wrong")) } }
            input class="w-full" id="token" name="token" type="password" autocomplete="current-password" required
                aria-describedby=(described) aria-invalid=[is_wrong.then_some("true")];
        }
    }
}
