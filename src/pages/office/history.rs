//! `/staff/configuration/history/{number}`: a version that was in force, compared with the files now, and the way back
//! to it.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::configuration::{done, who};
use super::preview::PLACE;
use super::preview::{SECRET_FILE, diff, errors, outcome, verdict, when};
use super::sentences::Sentences;
use crate::app::configuration::Errors;
use crate::app::configuration::Texts;
use crate::app::configuration::edit::{Edit, EditFault, Judged};
use crate::app::configuration::reload::ReloadFault;
use crate::app::configuration::{History, Kept};
use crate::app::refusal::{Code, NotFound, Refusal};
use crate::app::state::App;
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::redirect::see_other;
use crate::pages::kit::refusals;
use crate::pages::kit::visitor::{Chief, Desk};
use crate::pages::text::{Arg, Text};
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

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

/// What came of going back.
#[derive(Default, Deserialize)]
pub struct Outcome {
    /// The files had changed since they were compared.
    changed: Option<String>,
    /// The code of why the version did not come into force.
    failed: Option<String>,
}

/// `GET /staff/configuration/history/{number}/roll-back`: what going back would do, as things stand now, and the button that
/// does it.
///
/// # Errors
/// `not_found`.
pub async fn preview(
    State(app): State<App>,
    Chief(desk): Chief,
    Path(number): Path<String>,
    Query(outcome): Query<Outcome>,
) -> Result<Response, Problem> {
    let (kept, texts) = found(&app, &number).await?;
    let told = outcome.told(desk.visit.text);
    match app.judge_edit(Edit::Whole { texts, was: None }, &desk.member).await {
        Ok(judged) => Ok(would(&desk, &kept, &judged, told)),
        Err(EditFault::Wrong(found) | EditFault::Reload(ReloadFault::Configuration(found))) => {
            Ok(wrong(&desk, &kept, &found, &told))
        }
        Err(fault) => Err(fault.into()),
    }
}

impl Outcome {
    /// Why the version is not in force; nothing where nobody has tried.
    fn told(&self, text: Text) -> Markup {
        let code = self.failed.as_deref().and_then(Code::named);
        html! {
            @if self.changed.is_some() {
                div class="notice warn" role="alert" tabindex="-1" { p { (text.get("configuration-roll-back-again")) } }
            }
            @if let Some(code) = code {
                div class="notice bad" role="alert" tabindex="-1" {
                    h2 { (refusals::heading(text, code)) }
                    p { (text.get("configuration-put-back")) }
                }
            }
        }
    }
}

/// `POST /staff/configuration/history/{number}/roll-back` with `do=apply`. Whatever comes of it is told by a page that is asked
/// for: looking at it again does nothing again.
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
    let preview = format!("{}/roll-back", place(&kept));
    if !filled.pressed("do", "apply") {
        return Ok(see_other(&preview));
    }
    // What is put in force takes the place of the files with which it was compared.
    let edit = Edit::Whole { texts, was: Some(filled.raw("was").to_owned()) };
    let comment = desk.visit.text.with("configuration-roll-back-comment", &number_of(&kept));
    match app.apply_edit(edit, desk.member.clone(), Some(comment)).await {
        Ok(report) => {
            let (actor, number, version) = (&desk.member.id, kept.number, &report.version);
            tracing::info!(actor, number, version, "the configuration was rolled back");
            Ok(done("rolled-back", report.displaced.len()))
        }
        Err(EditFault::Changed) => Ok(see_other(&format!("{preview}?changed=1"))),
        // Looking at it tells what is wrong.
        Err(EditFault::Wrong(_) | EditFault::Reload(ReloadFault::Configuration(_))) => Ok(see_other(&preview)),
        Err(fault) => {
            tracing::error!(%fault, number = kept.number, "the configuration is not rolled back");
            Ok(see_other(&format!("{preview}?failed={}", Refusal::from(fault).code().as_str())))
        }
    }
}

async fn found(app: &App, number: &str) -> Result<(Kept, Texts), Refusal> {
    let number: u64 = number.parse().map_err(|_| NotFound::Version)?;
    let history: History = app.history().clone();
    let read = tokio::task::spawn_blocking(move || history.get(number)).await;
    let read = read.map_err(|_| Refusal::fault("the version was not read"))?;
    read.map_err(|fault| Refusal::fault(fault.to_string()))?.ok_or(NotFound::Version.into())
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
                    div class="buttons" {
                        a class="button" href={ (place(kept)) "/roll-back" } { (text.get("configuration-roll-back-check")) }
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
fn would(desk: &Desk, kept: &Kept, judged: &Judged, told: Markup) -> Response {
    let text = desk.visit.text;
    let (heading, new) = (text.with("configuration-roll-back-title", &number_of(kept)), &judged.configuration.snapshot);
    Frame::staff(&desk.visit, heading).back(place(kept)).errors(told).page(&html! {
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

/// What is wrong with a version, so that nobody can go back to it.
fn wrong(desk: &Desk, kept: &Kept, found: &Errors, told: &Markup) -> Response {
    let text = desk.visit.text;
    let list = errors(Sentences { text, snapshots: &[] }, found, "main");
    let heading = text.with("configuration-roll-back-title", &number_of(kept));
    Frame::staff(&desk.visit, heading).back(place(kept)).errors(html! { (told) (list) }).page(&html! {
        div class="buttons" { a class="button second" href=(PLACE) { (text.get("configuration-leave")) } }
    })
}
