//! `/staff/configuration`: the configuration in force, its files, and the versions before it.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::preview::PLACE;
use super::preview::{changes, errors, when};
use super::sentences::Sentences;
use crate::app::configuration::Kept;
use crate::app::configuration::edit::{Edit, EditFault, Judged, has_only};
use crate::app::configuration::reload::ReloadFault;
use crate::app::configuration::{Texts, file_of_halls, hall_ids_in};
use crate::app::refusal::{Code, Refusal};
use crate::app::state::App;
use crate::domain::snapshot::Snapshot;
use crate::engine::StaffCaller;
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::redirect::{percent, see_other};
use crate::pages::kit::refusals;
use crate::pages::kit::visitor::{Desk, Visit};
use crate::pages::text::{Arg, Text};
use crate::serve::problem::Problem;
use crate::serve::read::query::Query;

/// The field to which errors of files lead that are not on the page.
const FILES: &str = "files";

/// What has just been done.
#[derive(Deserialize)]
pub struct Outcome {
    done: Option<String>,
    displaced: Option<String>,
    /// The code of why the files on disk did not come into force.
    failed: Option<String>,
}

/// `GET /staff/configuration`.
///
/// # Errors
/// `overloaded` until the engine has recovered.
pub async fn show(State(app): State<App>, desk: Desk, Query(done): Query<Outcome>) -> Result<Response, Problem> {
    let (text, member) = (desk.visit.text, &desk.member);
    let snapshot = app.engine()?.snapshot();
    let files = app.texts().await;
    let kept = kept(&app).await?;
    Ok(Frame::staff(&desk.visit, text.get("configuration-title")).errors(failed_notice(text, &done)).page(&html! {
        (done_notice(text, &done))
        (in_force(&app, text, &snapshot))
        @if app.engine()?.membership().is_some() {
            div class="notice info" { p { (text.get("configuration-instances")) } }
        }
        @match &files {
            Ok(files) => {
                @if member.halls.is_none() { (pending(&app, &desk.visit, &snapshot, files, member).await) }
                (files_of_halls(text, &snapshot, files, member))
            },
            Err(EditFault::Wrong(found)) => {
                div id=(FILES) tabindex="-1" { (errors(Sentences { text, snapshots: &[&snapshot] }, found, FILES)) }
            },
            Err(_) => {
                div class="notice bad" role="alert" { p { (text.get("configuration-unread")) } }
            },
        }
        (versions(text, &kept, member.halls.is_none(), &snapshot.version))
    }))
}

/// The page after something has been put in force.
#[must_use]
pub fn done(what: &str, displaced: usize) -> Response {
    see_other(&format!("{PLACE}?done={what}&displaced={displaced}"))
}

fn done_notice(text: Text, done: &Outcome) -> Markup {
    let displaced: usize = done.displaced.as_deref().and_then(|count| count.parse().ok()).unwrap_or(0);
    let heading = match done.done.as_deref() {
        Some("applied") => "configuration-done-applied",
        Some("rolled-back") => "configuration-done-rolled-back",
        _ => return html! {},
    };
    html! {
        div class="notice good" role="status" {
            h2 { (text.get(heading)) }
            @if displaced > 0 {
                p {
                    (text.with("configuration-done-displaced", &[("count", Arg::from(displaced))])) " "
                    a href="/staff/displaced" { (text.get("configuration-to-displaced")) }
                }
            }
        }
    }
}

fn failed_notice(text: Text, done: &Outcome) -> Markup {
    let code = done.failed.as_deref().and_then(Code::named);
    html! {
        @if let Some(code) = code {
            div class="notice bad" role="alert" tabindex="-1" {
                h2 { (text.get("configuration-not-reloaded")) }
                p { (refusals::advice(text, code, None)) }
            }
        }
    }
}

fn in_force(app: &App, text: Text, snapshot: &Snapshot) -> Markup {
    let loaded = app.loaded();
    let line = |key: &str, value: Markup| html! { div { dt { (text.get(key)) } dd { (value) } } };
    html! {
        dl class="summary" {
            (line("configuration-version", html! { code translate="no" { (snapshot.version) } }))
            (line("configuration-since", html! { (when(text, loaded.loaded_at)) }))
            (line("configuration-halls", html! { (snapshot.halls().len()) }))
            (line("configuration-services", html! { (snapshot.services().len()) }))
            (line("configuration-directory", html! { code translate="no" { (app.config_dir().display()) } }))
        }
    }
}

/// What lies on disk and is not in force, or cannot be.
async fn pending(app: &App, visit: &Visit, snapshot: &Snapshot, files: &Texts, member: &StaffCaller) -> Markup {
    let text = visit.text;
    let edit = Edit::Whole { texts: files.clone(), was: None };
    match app.judge_edit(edit, member).await {
        Ok(Judged { changes: found, .. }) if found.is_empty() => html! {},
        Ok(Judged { changes: found, displaced, configuration, .. }) => html! {
            div class="notice warn" {
                h2 { (text.get("configuration-pending")) }
                @if !displaced.is_empty() {
                    p { strong { (text.with("configuration-sound-but", &[("count", Arg::from(displaced.len()))])) } }
                }
                p { (text.get("configuration-pending-explained")) }
                (changes(Sentences { text, snapshots: &[&configuration.snapshot, snapshot] }, &found))
                form method="post" action=(PLACE) data-once {
                    (visit.csrf())
                    button class="button second" name="do" value="reload" { (text.get("configuration-reload")) }
                }
            }
        },
        Err(EditFault::Wrong(found)) => errors(Sentences { text, snapshots: &[snapshot] }, &found, FILES),
        Err(_) => html! {},
    }
}

fn files_of_halls(text: Text, snapshot: &Snapshot, files: &Texts, member: &StaffCaller) -> Markup {
    let may_edit = |content: &str| member.halls.as_ref().is_none_or(|own| has_only(content, own));
    let shown: Vec<_> = files
        .iter()
        .filter_map(|(name, content)| Some((file_of_halls(name)?, content)))
        .filter(|(_, content)| may_edit(content))
        .collect();
    html! {
        h2 id=(FILES) tabindex="-1" { (text.get("configuration-files")) }
        @if member.halls.is_some() { p class="hint" { (text.get("configuration-files-own")) } }
        @if shown.is_empty() { p { (text.get("configuration-files-none")) } } @else {
            div class="scroll" tabindex="0" role="region" aria-label=(text.get("configuration-files")) {
                table class="table" {
                    thead {
                        tr {
                            th scope="col" { (text.get("configuration-file")) }
                            th scope="col" { (text.get("configuration-file-halls")) }
                            th scope="col" { (text.get("configuration-file-act")) }
                        }
                    }
                    tbody {
                        @for (file, content) in shown {
                            tr {
                                th scope="row" translate="no" { (file) }
                                td { (halls_in(text, snapshot, content)) }
                                td {
                                    a href={ (PLACE) "/halls/" (percent(file)) } {
                                        (text.get("configuration-edit"))
                                        span class="visually-hidden" { " " (file) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The names of the halls in a file; of one that is not in force, its id.
fn halls_in(text: Text, snapshot: &Snapshot, content: &str) -> String {
    let name = |id: &String| snapshot.hall(id).map_or(id.clone(), |hall| text.pick(&hall.name).to_owned());
    let names: Vec<String> = hall_ids_in(content).unwrap_or_default().iter().map(name).collect();
    names.join(&text.get("configuration-and"))
}

fn versions(text: Text, kept: &[Kept], may_open: bool, in_force: &str) -> Markup {
    html! {
        h2 { (text.get("configuration-history")) }
        @if kept.is_empty() { p { (text.get("configuration-history-none")) } } @else {
            div class="scroll" tabindex="0" role="region" aria-label=(text.get("configuration-history")) {
                table class="table" {
                    thead {
                        tr {
                            th scope="col" { (text.get("configuration-number")) }
                            th scope="col" { (text.get("configuration-version")) }
                            th scope="col" { (text.get("configuration-when")) }
                            th scope="col" { (text.get("configuration-by")) }
                            th scope="col" { (text.get("configuration-comment")) }
                        }
                    }
                    tbody {
                        @for (at, Kept { number, adoption }) in kept.iter().enumerate() {
                            tr {
                                th scope="row" class="whole" {
                                    @if may_open {
                                        a href={ (PLACE) "/history/" (number) } {
                                            (text.with("configuration-number-of", &[("number", number.to_string().into())]))
                                        }
                                    } @else { (number) }
                                }
                                td {
                                    code translate="no" { (adoption.version) }
                                    @if at == 0 && adoption.version == in_force {
                                        " " span class="badge good" { (text.get("configuration-in-force")) }
                                    }
                                }
                                td { (when(text, adoption.adopted_at)) }
                                td { (who(text, &adoption.by)) }
                                td { @if let Some(comment) = &adoption.comment { (comment) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Who put a version in force: somebody who works here, or what happens by itself.
#[must_use]
pub fn who(text: Text, by: &str) -> String {
    match by {
        "start" => text.get("configuration-by-start"),
        "signal" => text.get("configuration-by-signal"),
        "others" => text.get("configuration-by-others"),
        member => member.to_owned(),
    }
}

async fn kept(app: &App) -> Result<Vec<Kept>, Problem> {
    let history = app.history().clone();
    let listed = tokio::task::spawn_blocking(move || history.list()).await;
    let listed = listed.map_err(|_| Problem::internal("the history was not read"))?;
    Ok(listed.unwrap_or_else(|fault| {
        tracing::error!(%fault, "the history of the configuration cannot be listed");
        Vec::new()
    }))
}

/// `POST /staff/configuration` with `do=reload`: puts in force what lies on disk.
///
/// # Errors
/// `forbidden` for the role hall. Why the configuration does not come into force the page says.
pub async fn reload(State(app): State<App>, desk: Desk, filled: Filled) -> Result<Response, Problem> {
    desk.staff().judge_admin()?;
    if !filled.pressed("do", "reload") {
        return Err(Problem::malformed("no button was pressed"));
    }
    tracing::info!(actor = desk.member.id, "reloading the configuration from its page");
    match app.reload(false, desk.member.clone()).await {
        Ok(report) => Ok(done("applied", report.displaced.len())),
        Err(ReloadFault::Configuration(_)) => Ok(see_other(PLACE)),
        Err(fault) => {
            tracing::error!(%fault, actor = desk.member.id, "the configuration on disk does not come into force");
            Ok(see_other(&format!("{PLACE}?failed={}", Refusal::from(fault).code().as_str())))
        }
    }
}
