//! `/staff/configuration/halls/{file}`: a file of halls, edited in the page, checked, and put in force.
//!
//! What is sent is kept as a draft ([`drafts`](crate::pages::office::drafts)), and the page that tells what came of it is asked for by the
//! draft's name: it checks the text again whenever it is looked at. So "back", "refresh" and another language lose nothing,
//! and nothing is put in force but by its button.
//!
//! On a shared database a draft cannot be relied on: another instance may be asked for its page, and does not know it. So the
//! form is answered in place, and the page carries the text as it always does. An instance that is alone at the moment does
//! so, too: another one that takes its place, as in a rolling update, would be asked for the page of the draft, at the next
//! refresh or once the session has ended, and the text would be lost.
//!
//! Where the session has ended meanwhile, the draft waits for its member; else the text goes through the page that asks for
//! the token ([`Interrupted`]) and comes back. What is put in force has been checked before, to the letter: a text that was
//! changed after the check is checked again.

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::configuration::done;
use super::drafts::{Draft, Drafts, Met, Typed};
use super::edited_file::{DRAFT, MAX_EDITOR_BYTES, Opened, path_of, read_path};
use super::editor::{Found, has_long_comment, page};
use super::interrupted::Interrupted;
use crate::app::configuration::digest_of;
use crate::app::configuration::edit::EditFault;
use crate::app::configuration::reload::ReloadFault;
use crate::app::refusal::Refusal;
use crate::app::state::App;
use crate::engine::StaffCaller;
use crate::pages::desk::sign_in_page;
use crate::pages::kit::cookies;
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::redirect::{percent, see_other};
use crate::pages::kit::visitor::{Desk, Visit};
use crate::pages::text::{Language, Text};
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// Which draft is shown.
#[derive(Deserialize)]
pub struct Asked {
    draft: Option<String>,
}

/// `GET /staff/configuration/halls/{file}`: the file as it is, or a draft of it and what came of it.
///
/// # Errors
/// `not_found`; `forbidden` where the file has halls that are not the member's.
pub async fn show(
    State(app): State<App>,
    Extension(drafts): Extension<Drafts>,
    desk: Desk,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let opened = Opened::new(&app, desk.member.halls.as_deref(), file).await?;
    let Some(name) = asked.draft else {
        return Ok(page(&desk, &opened, &opened.untouched(), &Found::Fresh));
    };
    let draft = drafts.named(&name, &opened.file, desk.visit.now);
    Ok(match draft.filter(|draft| draft.member == desk.member.id) {
        Some(draft) => {
            let found = found(&app, &desk, &opened, &draft.typed, &draft.met).await;
            page(&desk, &opened, &draft.typed, &found)
        }
        None => page(&desk, &opened, &opened.untouched(), &Found::Gone),
    })
}

/// What came of a text, as things stand now.
async fn found(app: &App, desk: &Desk, opened: &Opened, typed: &Typed, met: &Met) -> Found {
    match met {
        Met::Nothing => Found::Fresh,
        Met::EndedSession => Found::CameBack,
        Met::Unwritten => Found::Unwritten,
        Met::NotInForce(code) => Found::NotInForce(*code),
        Met::Check | Met::ChangedSince => match app.judge_edit(opened.edit(typed), &desk.member).await {
            Ok(judged) => Found::Sound { judged: Box::new(judged), has_changed: *met == Met::ChangedSince },
            Err(fault) => Found::Refused(fault),
        },
    }
}

/// A text that has come, with what it takes to keep it.
struct Sent<'a> {
    app: &'a App,
    drafts: &'a Drafts,
    file: &'a str,
    typed: &'a Typed,
    now: DateTime<Utc>,
}

impl Sent<'_> {
    /// Keeps it. Gives the address of its page; `None` if that may be asked of an instance that does not know it, now or later.
    fn keep(&self, member: &StaffCaller, met: Met) -> Option<String> {
        let has_no_others = self.app.engine().is_ok_and(|engine| engine.membership().is_none());
        let (member, file, typed) = (member.id.clone(), self.file.to_owned(), self.typed.clone());
        let draft = Draft { member, file, typed, met };
        let name = has_no_others.then(|| self.drafts.keep(draft, self.now)).flatten()?;
        Some(format!("{}{DRAFT}{name}", path_of(self.file)))
    }
}

/// Whether an address is that of a draft that is kept.
#[must_use]
pub fn is_kept(drafts: &Drafts, path: &str, now: DateTime<Utc>) -> bool {
    let draft = read_path(path).and_then(|(file, draft)| drafts.named(draft?, &file, now));
    draft.is_some()
}

/// Who has signed in at a desk with this browser, whether or not the session has ended.
fn once_signed_in(app: &App, headers: &HeaderMap) -> Option<StaffCaller> {
    let token = cookies::once_staff(app.sealer(), cookies::value(headers, cookies::STAFF)?)?;
    app.loaded().staff.holder(&token).cloned()
}

/// The editor again with what was typed, for a member who has just signed in.
///
/// # Errors
/// As [`show`].
pub async fn again(app: &App, drafts: &Drafts, mut desk: Desk, kept: &Interrupted) -> Result<Response, Problem> {
    let sent = Sent { app, drafts, file: &kept.file, typed: &kept.typed, now: desk.visit.now };
    let opened = Opened::new(app, desk.member.halls.as_deref(), kept.file.clone()).await?;
    if let Some(path) = sent.keep(&desk.member, Met::EndedSession) {
        return Ok(see_other(&path));
    }
    desk.visit.here = kept.path();
    Ok(page(&desk, &opened, &kept.typed, &Found::CameBack))
}

/// `POST /staff/configuration/halls/{file}` with `do=check` or `do=apply`.
///
/// # Errors
/// As [`show`].
pub async fn edit(
    State(app): State<App>,
    Extension(drafts): Extension<Drafts>,
    Path(file): Path<String>,
    headers: HeaderMap,
    filled: Filled<MAX_EDITOR_BYTES>,
) -> Result<Response, Problem> {
    let typed = Typed::of(filled.fields());
    let (wants_it, is_checked) = (filled.pressed("do", "apply"), filled.raw("checked") == digest_of(&typed.text));
    let visit = filled.visit;
    let sent = Sent { app: &app, drafts: &drafts, file: &file, typed: &typed, now: visit.now };
    let Some(member) = visit.staff.clone() else {
        let waits = once_signed_in(&app, &headers).and_then(|member| sent.keep(&member, Met::EndedSession));
        return Ok(waits.map_or_else(
            || sign_in_page::interrupted(&visit, &Interrupted { file: file.clone(), typed: typed.clone() }),
            |path| see_other(&format!("/staff/sign-in?next={}", percent(&path))),
        ));
    };
    let desk = Desk { visit, member };
    let opened = Opened::new(&app, desk.member.halls.as_deref(), file.clone()).await?;
    let met = match (wants_it && !has_long_comment(&typed), is_checked) {
        (false, _) => Met::Check,
        (true, false) => Met::ChangedSince,
        (true, true) => match put_in_force(&app, &desk, &opened, &typed).await {
            Ok(answer) => return Ok(answer),
            Err(met) => met,
        },
    };
    if let Some(path) = sent.keep(&desk.member, met.clone()) {
        return Ok(see_other(&path));
    }
    let found = found(&app, &desk, &opened, &typed, &met).await;
    Ok(page(&desk, &opened, &typed, &found))
}

/// Puts a text in force that was checked, and goes to where that is said.
async fn put_in_force(app: &App, desk: &Desk, opened: &Opened, typed: &Typed) -> Result<Response, Met> {
    let comment = Some(typed.comment.clone()).filter(|comment| !comment.is_empty());
    let (actor, file) = (&desk.member.id, &opened.name);
    match app.apply_edit(opened.edit(typed), desk.member.clone(), comment).await {
        Ok(report) => {
            tracing::info!(actor, file, version = report.version, "a file of halls was edited and put in force");
            Ok(done("applied", report.displaced.len()))
        }
        Err(EditFault::Unwritten(error)) => {
            tracing::error!(%error, file, "a file of the configuration cannot be written");
            Err(Met::Unwritten)
        }
        Err(EditFault::Reload(fault)) if !matches!(fault, ReloadFault::Configuration(_)) => {
            tracing::error!(%fault, file, "an edited configuration does not come into force");
            Err(Met::NotInForce(Refusal::from(fault).code()))
        }
        // The check tells it.
        Err(_) => Err(Met::Check),
    }
}

/// Whether an address is that of an editor.
#[must_use]
pub fn is_editor(path: &str) -> bool {
    read_path(path).is_some()
}

/// Goes on to the editor at an address in another language, with what is typed there.
///
/// # Errors
/// As [`show`].
pub async fn in_another_language(
    app: &App,
    drafts: &Drafts,
    headers: &HeaderMap,
    filled: Filled<MAX_EDITOR_BYTES>,
    (next, language): (&str, Language),
) -> Result<Response, Problem> {
    let Some((file, before)) = read_path(next) else { return Ok(see_other(next)) };
    let (typed, now) = (Typed::of(filled.fields()), filled.visit.now);
    let before = before.and_then(|name| drafts.named(name, &file, now));
    // What came of the same text is told again.
    let met = before.filter(|before| before.typed.text == typed.text).map_or(Met::Nothing, |before| before.met.clone());
    let visit = Visit { text: Text(language), here: next.to_owned(), ..filled.visit };
    let member = visit.staff.clone().or_else(|| once_signed_in(app, headers));
    let sent = Sent { app, drafts, file: &file, typed: &typed, now };
    if let Some(path) = member.and_then(|member| sent.keep(&member, met)) {
        return Ok(see_other(&path));
    }
    let Some(desk) = visit.desk() else { return Ok(see_other(next)) };
    let opened = Opened::new(app, desk.member.halls.as_deref(), file.clone()).await?;
    Ok(page(&desk, &opened, &typed, &Found::Fresh))
}
