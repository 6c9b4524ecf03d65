//! Static files inside the binary, each under an address that its content decides.
//!
//! An address holds the beginning of the digest of the content, so a browser may keep the file for ever: another content
//! has another address.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use crate::serve::compression::{Coding, chosen, vary_by_coding};
use crate::serve::problem::{Code, Problem};
use crate::serve::read::path::Path;

/// How many hexadecimal digits of the digest an address has.
const DIGITS: usize = 12;

/// One static file.
#[derive(Debug)]
struct Asset {
    name: &'static str,
    extension: &'static str,
    media_type: &'static str,
    content: &'static [u8],
    /// The same as the build has prepared it.
    brotli: &'static [u8],
    gzip: &'static [u8],
}

impl Asset {
    /// The content in a coding.
    const fn coded(&self, coding: Coding) -> &'static [u8] {
        match coding {
            Coding::Identity => self.content,
            Coding::Gzip => self.gzip,
            Coding::Brotli => self.brotli,
        }
    }
}

/// The file that the build has made of a static file.
macro_rules! prepared {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name))
    };
}

/// Every static file.
const ASSETS: [Asset; 3] = [
    Asset {
        name: "style",
        extension: "css",
        media_type: "text/css; charset=utf-8",
        content: include_bytes!("static/style.css"),
        brotli: prepared!("style.css.br"),
        gzip: prepared!("style.css.gz"),
    },
    Asset {
        name: "page",
        extension: "js",
        media_type: "text/javascript; charset=utf-8",
        content: include_bytes!("static/page.js"),
        brotli: prepared!("page.js.br"),
        gzip: prepared!("page.js.gz"),
    },
    Asset {
        name: "icon",
        extension: "svg",
        media_type: "image/svg+xml",
        content: include_bytes!("static/icon.svg"),
        brotli: prepared!("icon.svg.br"),
        gzip: prepared!("icon.svg.gz"),
    },
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
pub async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let at = FILE_NAMES.iter().position(|name| *name == file);
    let at = at.ok_or_else(|| Problem::new(Code::NotFound, "there is no such file"))?;
    let coding = chosen(&headers, &[Coding::Brotli, Coding::Gzip]);
    let mut response = Response::new(Body::from(Bytes::from_static(ASSETS[at].coded(coding))));
    let headers = response.headers_mut();
    if let Some(name) = coding.name() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    vary_by_coding(headers);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(ASSETS[at].media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use axum::http::header::{ACCEPT_ENCODING, VARY};
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_file_is_found_under_the_address_of_its_content_only() {
        for address in [style(), script(), icon()] {
            let file = address.strip_prefix("/static/").unwrap().to_owned();
            let response = asset(Path(file.clone()), HeaderMap::new()).await.unwrap();
            assert!(response.headers()[CACHE_CONTROL].to_str().unwrap().contains("immutable"));
            let other = file.replace('.', ".0");
            assert_eq!(asset(Path(other), HeaderMap::new()).await.unwrap_err().code, Code::NotFound);
        }
    }

    #[tokio::test]
    async fn a_browser_gets_the_form_that_it_takes() {
        for (at, asset_of) in ASSETS.iter().enumerate() {
            let mut lengths = Vec::new();
            for (accepted, coding) in [("gzip, deflate, br", Some("br")), ("gzip", Some("gzip")), ("deflate", None)] {
                let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, accepted.parse().unwrap())]);
                let response = asset(Path(FILE_NAMES[at].clone()), headers).await.unwrap();
                let told = response.headers().get(CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned());
                assert_eq!(told.as_deref(), coding);
                assert_eq!(response.headers()[VARY], "accept-encoding");
                let bytes = response.into_body().collect().await.unwrap().to_bytes();
                if coding == Some("gzip") {
                    let mut content = Vec::new();
                    flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut content).unwrap();
                    assert_eq!(content, asset_of.content);
                }
                lengths.push(bytes.len());
            }
            assert!(lengths[0] <= lengths[1] && lengths[1] < lengths[2], "{}: {lengths:?}", asset_of.name);
        }
    }
}
