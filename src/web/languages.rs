//! `GET /language/{tag}`: the visitor chooses a language and goes on where it was. `POST /language/{tag}` does the same on
//! the page that answers a form, and shows the form again as it was filled in.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::answer::{own_path, see_other};
use super::citizens::shown_again;
use super::cookies;
use super::filled::Filled;
use super::kept::{self, Kept};
use super::text::{Language, Text};
use super::visit::Visit;
use crate::http::app::App;
use crate::http::path::Path;
use crate::http::problem::{Code, Problem};
use crate::http::query::Query;

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

/// Keeps the choice, and shows the kept form of the page again; where that cannot be done, goes on.
///
/// # Errors
/// As [`choose`].
pub async fn choose_again(
    State(app): State<App>,
    Path(tag): Path<String>,
    filled: Filled,
) -> Result<Response, Problem> {
    let language = read(&tag)?;
    let next = own_path(filled.get("next"), "/");
    let kept = Kept::open(app.vault(), filled.raw(kept::FIELD), filled.visit.now);
    let visit = Visit { text: Text(language), ..filled.visit };
    let again = kept.and_then(|kept| shown_again(&app, visit, kept));
    Ok(chosen(language, again.unwrap_or_else(|| see_other(&next))))
}

fn read(tag: &str) -> Result<Language, Problem> {
    Language::tagged(tag).ok_or_else(|| Problem::new(Code::NotFound, "there is no such language"))
}

fn chosen(language: Language, mut response: Response) -> Response {
    cookies::keep_language(response.headers_mut(), language.tag());
    response
}
