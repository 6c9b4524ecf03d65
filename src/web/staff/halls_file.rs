//! `/staff/configuration/halls/{file}`: a file of halls, edited in the page, checked, and put in force.
//!
//! What somebody has typed is in the page again whatever happens to it: where the session has ended meanwhile, it goes
//! through the page that asks for the token ([`Interrupted`]) and comes back. What is put in force has been checked before, to
//! the letter: a text that was changed after the check is checked again.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::configuration::{PLACE, done, problem};
use super::sentences::Sentences;
use super::sign_in;
use super::what_changes::{diff, errors_of_text, outcome, verdict};
use crate::config::history::MAX_COMMENT_CHARS;
use crate::config::texts::{digest_of, halls_file_name};
use crate::domain::name::HallId;
use crate::engine::Displaced;
use crate::http::app::App;
use crate::http::config_edit::{Edit, EditFault, Judged, has_only};
use crate::http::path::Path;
use crate::http::problem::{Code, Problem};
use crate::http::reload::ReloadFault;
use crate::web::answer::percent;
use crate::web::filled::{Fields, Filled};
use crate::web::frame::Frame;
use crate::web::refusals;
use crate::web::text::Text;
use crate::web::visit::Desk;

/// The largest form with a file, in bytes.
pub const MAX_EDITOR_BYTES: usize = 1024 * 1024;
/// The field with the text.
const FIELD: &str = "text";

/// A file as it lies on disk, for somebody who may edit it.
struct Opened {
    file: String,
    name: String,
    there: String,
}

/// What stands above the form.
enum Found {
    /// Nothing yet.
    Fresh,
    /// The session had ended when the text came.
    CameBack,
    /// The text is sound.
    Sound(Box<Judged>),
    /// The text was changed after the check.
    ChangedSince(Box<Judged>),
    /// Why it is not put in force.
    Refused(EditFault),
}

impl Opened {
    async fn new(app: &App, halls: Option<&[HallId]>, file: String) -> Result<Self, Problem> {
        let no_such = || Problem::new(Code::NotFound, "there is no such file");
        let name = halls_file_name(&file).ok_or_else(no_such)?;
        let files = app.texts().await.map_err(problem)?;
        let there = files.get(&name).ok_or_else(no_such)?.to_owned();
        if halls.is_some_and(|own| !has_only(&there, own)) {
            return Err(Problem::forbidden("this file has halls that are not yours"));
        }
        Ok(Self { file, name, there })
    }
}

/// `GET /staff/configuration/halls/{file}`.
///
/// # Errors
/// `not_found`; `forbidden` where the file has halls that are not the member's.
pub async fn show(State(app): State<App>, desk: Desk, Path(file): Path<String>) -> Result<Response, Problem> {
    let opened = Opened::new(&app, desk.member.halls.as_deref(), file).await?;
    let typed = Typed { text: opened.there.clone(), was: digest_of(&opened.there), comment: String::new() };
    Ok(page(&desk, &opened, &typed, &Found::Fresh))
}

/// What somebody has typed, and what it was made from.
struct Typed {
    text: String,
    was: String,
    comment: String,
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        Self {
            text: normalised(fields.raw(FIELD)),
            was: fields.raw("was").to_owned(),
            comment: fields.get("comment").unwrap_or_default().to_owned(),
        }
    }

    fn has_long_comment(&self) -> bool {
        self.comment.chars().count() > MAX_COMMENT_CHARS
    }
}

/// What somebody has typed whose session had ended when it came. It is configuration and nobody's secret, so the browser
/// holds it as it is, in the form that asks for the token.
pub struct Interrupted {
    /// The name of the file, as an address has it.
    file: String,
    typed: Typed,
}

impl Interrupted {
    /// What the form that asks for the token carries; none where it carries nothing.
    #[must_use]
    pub fn of(fields: &Fields) -> Option<Self> {
        let raw = |name: &str| fields.raw(name).to_owned();
        let file = fields.get("kept_file")?.to_owned();
        let typed = Typed { text: normalised(&raw("kept_text")), was: raw("kept_was"), comment: raw("kept_comment") };
        Some(Self { file, typed })
    }

    /// The fields by which that form carries it.
    #[must_use]
    pub fn fields(&self) -> Markup {
        let Typed { text, was, comment } = &self.typed;
        html! {
            input type="hidden" name="kept_file" value=(self.file);
            input type="hidden" name="kept_was" value=(was);
            input type="hidden" name="kept_comment" value=(comment);
            // A browser drops the first end of a line in a text area.
            textarea name="kept_text" hidden { "\n" (text) }
        }
    }

    /// The editor again with what was typed, for somebody who has just signed in.
    ///
    /// # Errors
    /// As [`show`].
    pub async fn again(&self, app: &App, mut desk: Desk) -> Result<Response, Problem> {
        let opened = Opened::new(app, desk.member.halls.as_deref(), self.file.clone()).await?;
        desk.visit.here = self.path();
        Ok(page(&desk, &opened, &self.typed, &Found::CameBack))
    }

    /// The address of the editor.
    #[must_use]
    pub fn path(&self) -> String {
        path_of(&self.file)
    }
}

/// The address of the editor of a file.
fn path_of(file: &str) -> String {
    format!("{PLACE}/halls/{}", percent(file))
}

/// `POST /staff/configuration/halls/{file}` with `do=check` or `do=apply`.
///
/// # Errors
/// As [`show`].
pub async fn edit(
    State(app): State<App>,
    Path(file): Path<String>,
    filled: Filled<MAX_EDITOR_BYTES>,
) -> Result<Response, Problem> {
    let typed = Typed::of(filled.fields());
    let (wants_it, is_checked) = (filled.pressed("do", "apply"), filled.raw("checked") == digest_of(&typed.text));
    let visit = filled.visit;
    let Some(member) = visit.staff.clone() else {
        return Ok(sign_in::interrupted(&visit, &Interrupted { file, typed }));
    };
    let desk = Desk { visit, member };
    let opened = Opened::new(&app, desk.member.halls.as_deref(), file).await?;
    let edit = Edit::File { name: opened.name.clone(), text: typed.text.clone(), was: typed.was.clone() };
    let wants_it = wants_it && !typed.has_long_comment();
    if wants_it && is_checked {
        let comment = Some(typed.comment.clone()).filter(|comment| !comment.is_empty());
        let applied = app.apply_edit(edit, desk.member.clone(), comment).await;
        return Ok(match applied {
            Ok(report) => {
                let (actor, file, version) = (&desk.member.id, &opened.name, &report.version);
                tracing::info!(actor, file, version, "a file of halls was edited and put in force");
                done("applied", report.displaced.len())
            }
            Err(fault) => page(&desk, &opened, &typed, &Found::Refused(fault)),
        });
    }
    let found = match app.judge_edit(edit, &desk.member).await {
        Ok(judged) if wants_it => Found::ChangedSince(Box::new(judged)),
        Ok(judged) => Found::Sound(Box::new(judged)),
        Err(fault) => Found::Refused(fault),
    };
    Ok(page(&desk, &opened, &typed, &found))
}

/// A text as files have it: browsers send every end of a line as two characters (HTML, section 4.10.22.4).
fn normalised(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn page(desk: &Desk, opened: &Opened, typed: &Typed, found: &Found) -> Response {
    let text = desk.visit.text;
    let title = text.with("configuration-file-title", &[("file", opened.file.as_str().into())]);
    let (status, above) = above(desk, opened, typed, found);
    Frame::staff(&desk.visit, title).back(PLACE).status(status).page(&html! {
        (above)
        (form(desk, opened, typed, found))
    })
}

fn above(desk: &Desk, opened: &Opened, typed: &Typed, found: &Found) -> (StatusCode, Markup) {
    let text = desk.visit.text;
    match found {
        Found::Fresh => (StatusCode::OK, html! { p class="lead" { (text.get("configuration-file-lead")) } }),
        Found::CameBack => {
            let said = html! {
                div class="notice warn" role="status" {
                    h2 { (text.get("configuration-file-kept")) }
                    p { (text.get("configuration-file-lead")) }
                }
            };
            (StatusCode::OK, said)
        }
        Found::Sound(judged) => (StatusCode::OK, sound(desk, opened, typed, judged, false)),
        Found::ChangedSince(judged) => (StatusCode::OK, sound(desk, opened, typed, judged, true)),
        Found::Refused(fault) => refused(text, opened, typed, fault),
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

fn refused(text: Text, opened: &Opened, typed: &Typed, fault: &EditFault) -> (StatusCode, Markup) {
    let notice = |heading: &str, words: &str| {
        html! {
            div class="notice bad" role="alert" { h2 { (text.get(heading)) } p { (text.get(words)) } }
        }
    };
    match fault {
        EditFault::Wrong(found) | EditFault::Reload(ReloadFault::Configuration(found)) => {
            let here = (opened.name.as_str(), typed.text.as_str());
            (StatusCode::UNPROCESSABLE_ENTITY, errors_of_text(Sentences { text, snapshots: &[] }, found, here, FIELD))
        }
        EditFault::Changed | EditFault::NoSuchFile => (StatusCode::CONFLICT, conflict(text, opened, typed)),
        EditFault::BeyondOwnHalls => {
            (StatusCode::FORBIDDEN, notice("configuration-beyond", "configuration-beyond-explained"))
        }
        EditFault::Unwritten(error) => {
            tracing::error!(%error, file = opened.name, "a file of the configuration cannot be written");
            (StatusCode::INTERNAL_SERVER_ERROR, notice("configuration-unwritten", "configuration-unwritten-explained"))
        }
        EditFault::Reload(fault) => {
            let problem = match fault {
                ReloadFault::Refused(refusal) => Problem::from(refusal.clone()),
                other => Problem::internal(other.to_string()),
            };
            tracing::error!(%fault, file = opened.name, "an edited configuration does not come into force");
            let shown = html! {
                div class="notice bad" role="alert" {
                    h2 { (refusals::problem(text, &problem)) }
                    p { (text.get("configuration-put-back")) }
                }
            };
            (problem.status, shown)
        }
    }
}

fn comment_field(text: Text, typed: &Typed) -> Markup {
    let is_long = typed.has_long_comment();
    let described = if is_long { "comment-hint comment-error" } else { "comment-hint" };
    html! {
        div .field .bad[is_long] {
            label for="comment" { (text.get("configuration-comment-label")) }
            p class="hint" id="comment-hint" { (text.get("configuration-comment-hint")) }
            @if is_long {
                p class="error" id="comment-error" role="alert" {
                    (text.with("configuration-comment-long", &[("max", MAX_COMMENT_CHARS.into())]))
                }
            }
            input class="w-full" id="comment" name="comment" value=(typed.comment)
                aria-describedby=(described) aria-invalid=[is_long.then_some("true")];
        }
    }
}

/// Both texts, where another has changed the file meanwhile: what is there now, and how the typed one differs.
fn conflict(text: Text, opened: &Opened, typed: &Typed) -> Markup {
    html! {
        div class="notice warn" role="alert" {
            h2 { (text.get("configuration-conflict")) }
            p { (text.get("configuration-conflict-explained")) }
        }
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
    let is_sound = matches!(found, Found::Sound(_) | Found::ChangedSince(_));
    let is_wrong =
        matches!(found, Found::Refused(EditFault::Wrong(_) | EditFault::Reload(ReloadFault::Configuration(_))));
    // Whoever has been shown what another has written goes on from that.
    let was = match found {
        Found::Refused(EditFault::Changed) => digest_of(&opened.there),
        _ => typed.was.clone(),
    };
    let checked = if is_sound { digest_of(&typed.text) } else { String::new() };
    html! {
        form method="post" action=(path_of(&opened.file)) data-once {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_from_a_browser_as_files_have_it() {
        let check = |sent: &str, expected: &str| assert_eq!(normalised(sent), expected, "{sent:?}");
        check("a\r\nb\r\n", "a\nb\n");
        check("a\rb", "a\nb\n");
        check("\n a \n", "\n a \n");
        check("", "");
    }
}
