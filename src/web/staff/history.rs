//! `/staff/configuration/history/{number}`: a version that was in force, compared with the files now, and the way back
//! to it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::configuration::{PLACE, done, problem, who};
use super::sentences::Sentences;
use super::what_changes::{SECRET_FILE, diff, errors, outcome, verdict, when};
use crate::config::history::{History, Kept};
use crate::config::texts::Texts;
use crate::http::app::App;
use crate::http::config_edit::{Edit, EditFault, Judged};
use crate::http::path::Path;
use crate::http::problem::{Code, Problem};
use crate::http::reload::ReloadFault;
use crate::web::answer::see_other;
use crate::web::filled::Filled;
use crate::web::frame::Frame;
use crate::web::refusals;
use crate::web::text::{Arg, Text};
use crate::web::visit::{Chief, Desk};

/// Where errors of the files lead.
const FILES: &str = "files";

/// `GET /staff/configuration/history/{number}`.
///
/// # Errors
/// `not_found`.
pub async fn show(State(app): State<App>, Chief(desk): Chief, Path(number): Path<String>) -> Result<Response, Problem> {
    let (kept, texts) = found(&app, &number).await?;
    let there = app.texts().await;
    let title = title(desk.visit.text, &kept);
    Ok(Frame::staff(&desk.visit, title).back(PLACE).page(&body(&desk, &kept, &texts, there.as_ref())))
}

/// `GET /staff/configuration/history/{number}/roll-back`: nothing is asked here, so to the version.
///
/// # Errors
/// `not_found`.
pub async fn back(_: Chief, Path(number): Path<String>) -> Result<Response, Problem> {
    let number: u64 = number.parse().map_err(|_| no_such())?;
    Ok(see_other(&format!("{PLACE}/history/{number}")))
}

/// `POST /staff/configuration/history/{number}/roll-back` with `do=check` or `do=apply`.
///
/// # Errors
/// As [`show`].
pub async fn roll_back(
    State(app): State<App>,
    Chief(desk): Chief,
    Path(number): Path<String>,
    filled: Filled,
) -> Result<Response, Problem> {
    let (kept, texts) = found(&app, &number).await?;
    let wants_it = filled.pressed("do", "apply");
    // What is put in force takes the place of the files with which it was compared.
    let was = wants_it.then(|| filled.raw("was").to_owned());
    let edit = Edit::Whole { texts, was };
    if !wants_it {
        return Ok(match app.judge_edit(edit, &desk.member).await {
            Ok(judged) => would(&desk, &kept, &judged),
            Err(fault) => refused(&desk, &kept, fault)?,
        });
    }
    let comment = desk.visit.text.with("configuration-roll-back-comment", &number_of(&kept));
    match app.apply_edit(edit, desk.member.clone(), Some(comment)).await {
        Ok(report) => {
            let (actor, number, version) = (&desk.member.id, kept.number, &report.version);
            tracing::info!(actor, number, version, "the configuration was rolled back");
            Ok(done("rolled-back", report.displaced.len()))
        }
        Err(fault) => refused(&desk, &kept, fault),
    }
}

fn no_such() -> Problem {
    Problem::new(Code::NotFound, "there is no such version")
}

async fn found(app: &App, number: &str) -> Result<(Kept, Texts), Problem> {
    let number: u64 = number.parse().map_err(|_| no_such())?;
    let history: History = app.history().clone();
    let read = tokio::task::spawn_blocking(move || history.get(number)).await;
    let read = read.map_err(|_| Problem::internal("the version was not read"))?;
    read.map_err(|fault| Problem::internal(fault.to_string()))?.ok_or_else(no_such)
}

fn number_of(kept: &Kept) -> [(&'static str, Arg<'static>); 1] {
    [("number", kept.number.to_string().into())]
}

fn title(text: Text, kept: &Kept) -> String {
    text.with("configuration-version-title", &number_of(kept))
}

fn place(kept: &Kept) -> String {
    format!("{PLACE}/history/{}", kept.number)
}

fn body(desk: &Desk, kept: &Kept, texts: &Texts, there: Result<&Texts, &EditFault>) -> Markup {
    let text = desk.visit.text;
    html! {
        (about(text, kept))
        @match there {
            Ok(there) => {
                h2 { (text.get("configuration-version-diff")) }
                (differences(text, there, texts))
                @if there != texts {
                    form method="post" action={ (place(kept)) "/roll-back" } {
                        (desk.visit.csrf())
                        div class="buttons" {
                            button class="button" name="do" value="check" { (text.get("configuration-roll-back-check")) }
                        }
                    }
                }
            },
            Err(EditFault::Wrong(found)) => { (errors(Sentences { text, snapshots: &[] }, found, FILES)) },
            Err(_) => { p class="error" { (text.get("configuration-unread")) } },
        }
        h2 id=(FILES) tabindex="-1" { (text.get("configuration-version-files")) }
        @for (name, content) in texts.iter() { (file(text, name, content)) }
    }
}

fn about(text: Text, Kept { adoption, .. }: &Kept) -> Markup {
    let line = |key: &str, value: &str| html! { div { dt { (text.get(key)) } dd { (value) } } };
    html! {
        dl class="summary" {
            (line("configuration-version", &adoption.version))
            (line("configuration-when", &when(text, adoption.adopted_at)))
            (line("configuration-by", &who(text, &adoption.by)))
            @if let Some(comment) = &adoption.comment { (line("configuration-comment", comment)) }
        }
    }
}

/// What would become other lines by going back. What may hold a password is only named.
fn differences(text: Text, there: &Texts, texts: &Texts) -> Markup {
    let differing = there.differing(texts);
    html! {
        @if differing.is_empty() { p { (text.get("configuration-version-same")) } }
        @for name in differing {
            h3 translate="no" { (name) }
            @if name == SECRET_FILE {
                p { (text.get("configuration-secret-differs")) }
            } @else {
                (diff(text, there.get(name).unwrap_or_default(), texts.get(name).unwrap_or_default()))
            }
        }
    }
}

fn file(text: Text, name: &str, content: &str) -> Markup {
    html! {
        @if name == SECRET_FILE {
            p { span translate="no" { (name) } " " span class="muted" { (text.get("configuration-secret")) } }
        } @else {
            details {
                summary translate="no" { (name) }
                div class="scroll" tabindex="0" role="region" aria-label=(name) {
                    pre translate="no" { (content) }
                }
            }
        }
    }
}

/// What going back would do, and the button that does it.
fn would(desk: &Desk, kept: &Kept, judged: &Judged) -> Response {
    let text = desk.visit.text;
    let (heading, new) = (text.with("configuration-roll-back-title", &number_of(kept)), &judged.configuration.snapshot);
    Frame::staff(&desk.visit, heading).back(place(kept)).page(&html! {
        (verdict(text, new, &judged.displaced))
        p { (text.get("configuration-roll-back-explained")) }
        (outcome(Sentences { text, snapshots: &[new] }, &judged.changes))
        h2 { (text.get("configuration-version-diff")) }
        (differences(text, judged.draft.before(), judged.draft.after()))
        form method="post" action={ (place(kept)) "/roll-back" } data-once {
            (desk.visit.csrf())
            input type="hidden" name="was" value=(judged.draft.before().digest());
            div class="buttons" {
                button class="button danger" name="do" value="apply" { (text.get("configuration-roll-back")) }
                a class="button second" href=(PLACE) { (text.get("configuration-leave")) }
            }
        }
    })
}

fn refused(desk: &Desk, kept: &Kept, fault: EditFault) -> Result<Response, Problem> {
    let text = desk.visit.text;
    let (status, shown) = match fault {
        EditFault::Wrong(found) | EditFault::Reload(ReloadFault::Configuration(found)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, errors(Sentences { text, snapshots: &[] }, &found, "main"))
        }
        EditFault::Changed => (
            StatusCode::CONFLICT,
            html! { div class="notice warn" role="alert" { p { (text.get("configuration-roll-back-again")) } } },
        ),
        other => {
            let problem = problem(other);
            if problem.status != StatusCode::INTERNAL_SERVER_ERROR {
                return Err(problem);
            }
            tracing::error!(fault = problem.fault, "the configuration is not rolled back");
            let shown = html! {
                div class="notice bad" role="alert" {
                    h2 { (refusals::problem(text, &problem)) }
                    p { (text.get("configuration-put-back")) }
                }
            };
            (problem.status, shown)
        }
    };
    let frame = Frame::staff(&desk.visit, title(text, kept)).back(place(kept)).status(status);
    Ok(frame.page(&html! {
        (shown)
        form method="post" action={ (place(kept)) "/roll-back" } {
            (desk.visit.csrf())
            div class="buttons" {
                button class="button" name="do" value="check" { (text.get("configuration-roll-back-check")) }
            }
        }
    }))
}
