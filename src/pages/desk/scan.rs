//! `POST /staff/scan?width=&height=`: the QR code in a picture of a desk's camera, for browsers that read none themselves.
//!
//! The picture comes as a byte of grey for each pixel, line by line, and is forgotten as soon as it has been looked at. A
//! script asks, picture after picture, so a refusal is never a way to another page.

use axum::Json;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use rqrr::PreparedImage;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::app::input::fields::{Fields, count_up_to};
use crate::app::refusal::Refusal;
use crate::pages::kit::form_input::{judge_mark, judge_origin};
use crate::pages::kit::visitor::Visit;
use crate::serve::body_watch::BodyWatch;
use crate::serve::problem::{Code, Problem};
use crate::serve::read::body::body_of;
use crate::serve::read::query::Query;

/// The largest picture, in bytes, which are its pixels.
pub const MAX_FRAME_BYTES: usize = 640 * 640;
/// How many pictures are looked at at once. Where a picture finds no place, the next one comes a moment later.
const MAX_LOOKS: usize = 2;
/// The header that brings what a form brings as `mark`.
const FORM_MARK: &str = "x-form-mark";

static PLACES: Semaphore = Semaphore::const_new(MAX_LOOKS);

/// How large the picture is, in pixels.
#[derive(Deserialize)]
pub struct Size {
    width: Option<String>,
    height: Option<String>,
}

/// What was seen.
#[derive(Serialize)]
struct Seen {
    /// What the code says; none where none was read.
    text: Option<String>,
}

/// Looks at a picture.
///
/// # Errors
/// `unauthenticated` where nobody is signed in; `forbidden` where the picture is not from a page of this browser;
/// `unsupported_media_type`, `invalid_field`, `too_large`; `malformed_request` where it has another size than it says.
pub async fn scan(visit: Visit, Query(size): Query<Size>, request: Request) -> Result<Response, Problem> {
    let desk = visit.desk().ok_or_else(|| Problem::unauthenticated("sign in on the page /staff/sign-in"))?;
    BodyWatch::note_known(request.extensions());
    let headers = request.headers();
    judge_origin(headers)?;
    judge_mark(&desk.visit, headers.get(FORM_MARK).map_or(&[], HeaderValue::as_bytes))?;
    judge_media_type(headers)?;
    let (width, height) = read_size(size)?;
    let grey = body_of(request, MAX_FRAME_BYTES).await?;
    if width.checked_mul(height) != Some(grey.len()) {
        return Err(Problem::malformed("a picture has width × height bytes, one for each pixel"));
    }
    let seen = Seen { text: look(width, height, grey).await };
    Ok(([(CACHE_CONTROL, "no-store")], Json(seen)).into_response())
}

fn judge_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get(CONTENT_TYPE).is_some_and(|media_type| media_type == "application/octet-stream") {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType, "send the picture as application/octet-stream"))
}

/// Width and height, neither of them nothing.
fn read_size(size: Size) -> Result<(usize, usize), Refusal> {
    let mut fields = Fields::default();
    let width = fields.need(format_args!("/width"), size.width, count_up_to(MAX_FRAME_BYTES));
    let height = fields.need(format_args!("/height"), size.height, count_up_to(MAX_FRAME_BYTES));
    fields.finish(width.zip(height))
}

/// What the code in a picture says; none also while [`MAX_LOOKS`] others are looked at.
async fn look(width: usize, height: usize, grey: Bytes) -> Option<String> {
    let place = PLACES.try_acquire().ok()?;
    let looking = tokio::task::spawn_blocking(move || {
        let text = read(width, height, &grey);
        drop(place);
        text
    });
    // On a picture on which the reader fails there is nothing that it could read.
    looking.await.ok().flatten()
}

/// What the first readable code in a picture says.
fn read(width: usize, height: usize, grey: &[u8]) -> Option<String> {
    let mut picture = PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
    let codes = picture.detect_grids();
    codes.iter().find_map(|code| code.decode().ok()).map(|(_, text)| text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use qrcode::{Color, QrCode};

    use super::*;
    use crate::pages::desk::tests::{Desk, Heard, day};

    const CODE: &str = "K7QX2M9F";
    const MODULE_PX: usize = 6;
    /// The light margin, in modules.
    const QUIET_ZONE: usize = 4;
    const DARK: u8 = 40;
    const LIGHT: u8 = 215;

    /// Numbers that look like chance and are the same every time: a linear congruential generator.
    fn chance() -> impl FnMut() -> u8 {
        let mut state: u32 = 7;
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        }
    }

    /// A square picture of a code as a camera takes it, and the length of its side: each pixel up to 15 too bright.
    fn picture(text: &str) -> (usize, Vec<u8>) {
        let code = QrCode::new(text).unwrap();
        let side = (code.width() + 2 * QUIET_ZONE) * MODULE_PX;
        let mut noise = chance();
        let mut grey = Vec::with_capacity(side * side);
        for y in 0..side {
            for x in 0..side {
                let module = |at: usize| (at / MODULE_PX).checked_sub(QUIET_ZONE).filter(|at| *at < code.width());
                let is_dark = module(x).zip(module(y)).is_some_and(|at| code[at] == Color::Dark);
                grey.push(if is_dark { DARK } else { LIGHT } + noise() / 16);
            }
        }
        (side, grey)
    }

    #[test]
    fn a_code_is_read() {
        let (side, mut grey) = picture(CODE);
        assert_eq!(read(side, side, &grey).as_deref(), Some(CODE));
        // Held upside down.
        grey.reverse();
        assert_eq!(read(side, side, &grey).as_deref(), Some(CODE));
    }

    #[test]
    fn nothing_is_read_where_there_is_no_code() {
        let mut noise = chance();
        let noisy: Vec<u8> = (0..480 * 480).map(|_| noise()).collect();
        assert_eq!(read(480, 480, &noisy), None);
        for (width, height) in [(640, 640), (1, 1), (1, 480), (480, 1), (3, 2)] {
            for shade in [0, 128, 255] {
                assert_eq!(read(width, height, &vec![shade; width * height]), None, "{width} × {height} of {shade}");
            }
        }
    }

    /// Sends a picture as the script of the day's page does.
    async fn send(desk: &mut Desk, mark: &str, size: &str, grey: Vec<u8>) -> Heard {
        let request = desk.request("POST", &format!("/staff/scan?{size}"));
        let request = request.header(FORM_MARK, mark).header(CONTENT_TYPE, "application/octet-stream");
        desk.ask(request, grey).await
    }

    #[tokio::test]
    async fn a_desk_has_its_pictures_read() {
        let mut desk = Desk::open();
        desk.sign_in("hps.desk").await;
        let mark = desk.get(&day("")).await.hidden("mark");
        let (side, grey) = picture(CODE);
        let size = format!("width={side}&height={side}");
        let heard = send(&mut desk, &mark, &size, grey.clone()).await;
        assert_eq!((heard.status, heard.text.as_str()), (200, r#"{"text":"K7QX2M9F"}"#));
        let heard = send(&mut desk, &mark, "width=480&height=480", vec![128; 480 * 480]).await;
        assert_eq!((heard.status, heard.text.as_str()), (200, r#"{"text":null}"#));
        assert_eq!(send(&mut desk, "another", &size, grey.clone()).await.status, 403);
        let elsewhere = desk.request("POST", &format!("/staff/scan?{size}")).header("sec-fetch-site", "cross-site");
        let elsewhere = elsewhere.header(FORM_MARK, &mark).header(CONTENT_TYPE, "application/octet-stream");
        assert_eq!(desk.ask(elsewhere, grey.clone()).await.status, 403);
        let text = desk.request("POST", &format!("/staff/scan?{size}")).header(FORM_MARK, &mark);
        assert_eq!(desk.ask(text.header(CONTENT_TYPE, "text/plain"), grey).await.status, 415);
    }

    #[tokio::test]
    async fn a_picture_has_the_size_that_it_says() {
        let mut desk = Desk::open();
        desk.sign_in("hps.desk").await;
        let mark = desk.get(&day("")).await.hidden("mark");
        for (size, bytes, status) in [
            ("width=10&height=10", 100, 200),
            ("width=10&height=10", 99, 400),
            ("width=10&height=11", 100, 400),
            ("width=409600&height=409600", 100, 400),
            ("width=640&height=640", MAX_FRAME_BYTES, 200),
            ("width=640&height=641", MAX_FRAME_BYTES + 640, 413),
            ("width=0&height=0", 0, 422),
            ("width=-1&height=-1", 1, 422),
            ("width=18446744073709551616&height=1", 1, 422),
            ("width=10", 100, 422),
        ] {
            let heard = send(&mut desk, &mark, size, vec![0; bytes]).await;
            assert_eq!(heard.status, status, "{bytes} bytes as {size}: {}", heard.text);
        }
    }

    #[tokio::test]
    async fn nobody_else_has_pictures_read() {
        let mut desk = Desk::open();
        let mark = desk.get("/staff/sign-in").await.hidden("mark");
        assert_eq!(send(&mut desk, &mark, "width=10&height=10", vec![0; 100]).await.status, 401);
    }
}
