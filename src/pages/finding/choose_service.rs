//! `GET /service?document=`: the actions of a document, which stand on the start page.

use axum::response::Response;
use serde::Deserialize;

use crate::pages::kit::redirect::{percent, see_other};
use crate::serve::read::query::Query;

/// Which document.
#[derive(Deserialize)]
pub struct Asked {
    document: Option<String>,
}

/// To the document on the start page.
pub async fn page(Query(asked): Query<Asked>) -> Response {
    let document = asked.document.filter(|document| !document.is_empty());
    see_other(&document.map_or_else(|| "/".to_owned(), |document| format!("/#{}", percent(&document))))
}
