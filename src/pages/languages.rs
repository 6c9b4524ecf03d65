//! `GET /language/{tag}`: the visitor chooses a language and goes on where it was. `POST /language/{tag}` does the same from a
//! page with a form, whose own button it is, and keeps what is filled in there.

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::booking::in_another_language;
use super::kit::cookies;
use super::kit::form_input::Filled;
use super::kit::redirect::{own_path, see_other};
use super::office::drafts::Drafts;
use super::office::edit_halls;
use super::office::edited_file::MAX_EDITOR_BYTES;
use super::text::Language;
use crate::app::state::App;
use crate::serve::problem::{Code, Problem};
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// Where to go on.
#[derive(Deserialize)]
pub struct Next {
    next: Option<String>,
}

/// Keeps the choice, and goes on.
///
/// # Errors
/// `not_found` for a language in which nothing is written.
pub async fn choose(Path(tag): Path<String>, Query(next): Query<Next>) -> Result<Response, Problem> {
    Ok(chosen(read(&tag)?, see_other(&own_path(next.next.as_deref(), "/"))))
}

/// Keeps the choice and the form, and shows it again.
///
/// # Errors
/// As [`choose`].
pub async fn choose_again(
    State(app): State<App>,
    Extension(drafts): Extension<Drafts>,
    Path(tag): Path<String>,
    Query(next): Query<Next>,
    headers: HeaderMap,
    filled: Filled<MAX_EDITOR_BYTES>,
) -> Result<Response, Problem> {
    let (language, next) = (read(&tag)?, own_path(next.next.as_deref(), "/"));
    let answer = if edit_halls::is_editor(&next) {
        edit_halls::in_another_language(&app, &drafts, &headers, filled, (&next, language)).await?
    } else {
        in_another_language(&app, &headers, &filled, &next)
    };
    Ok(chosen(language, answer))
}

fn read(tag: &str) -> Result<Language, Problem> {
    Language::tagged(tag).ok_or_else(|| Problem::new(Code::NotFound, "there is no such language"))
}

fn chosen(language: Language, mut response: Response) -> Response {
    cookies::keep_language(response.headers_mut(), language.tag());
    response
}
