//! Static files inside the binary, each under an address that its content decides.
//!
//! An address holds the beginning of the digest of the content, so a browser may keep the file for ever: another content
//! has another address.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::Response;

use crate::http::path::Path;
use crate::http::problem::{Code, Problem};

/// How many hexadecimal digits of the digest an address has.
const DIGITS: usize = 12;

/// One static file.
#[derive(Debug)]
struct Asset {
    name: &'static str,
    extension: &'static str,
    media_type: &'static str,
    content: &'static [u8],
}

/// Every static file.
const ASSETS: [Asset; 3] = [
    Asset {
        name: "style",
        extension: "css",
        media_type: "text/css; charset=utf-8",
        content: include_bytes!("static/style.css"),
    },
    Asset {
        name: "page",
        extension: "js",
        media_type: "text/javascript; charset=utf-8",
        content: include_bytes!("static/page.js"),
    },
    Asset { name: "icon", extension: "svg", media_type: "image/svg+xml", content: include_bytes!("static/icon.svg") },
];

static FILE_NAMES: LazyLock<[String; ASSETS.len()]> = LazyLock::new(|| {
    ASSETS.each_ref().map(|asset| {
        let hash = digest(&SHA256, asset.content);
        let digits =
            hash.as_ref().iter().take(DIGITS / 2).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        format!("{}.{digits}.{}", asset.name, asset.extension)
    })
});

/// The address of the style sheet.
#[must_use]
pub fn style() -> String {
    address(0)
}

/// The address of the script.
#[must_use]
pub fn script() -> String {
    address(1)
}

/// The address of the icon.
#[must_use]
pub fn icon() -> String {
    address(2)
}

fn address(at: usize) -> String {
    format!("/static/{}", FILE_NAMES[at])
}

/// `GET /static/{file}`: a static file, for as long as a browser likes.
///
/// # Errors
/// `not_found`.
pub async fn asset(Path(file): Path<String>) -> Result<Response, Problem> {
    let at = FILE_NAMES.iter().position(|name| *name == file);
    let at = at.ok_or_else(|| Problem::new(Code::NotFound, "there is no such file"))?;
    let mut response = Response::new(Body::from(Bytes::from_static(ASSETS[at].content)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(ASSETS[at].media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_found_under_the_address_of_its_content_only() {
        for address in [style(), script(), icon()] {
            let file = address.strip_prefix("/static/").unwrap().to_owned();
            let response = asset(Path(file.clone())).await.unwrap();
            assert!(response.headers()[CACHE_CONTROL].to_str().unwrap().contains("immutable"));
            let other = file.replace('.', ".0");
            assert_eq!(asset(Path(other)).await.unwrap_err().code, Code::NotFound);
        }
    }
}
