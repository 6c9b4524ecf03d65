//! A code held before the camera of a desk, with a browser that reads no codes itself: the server reads them.

use std::fs;
use std::path::Path;

use qrcode::{Color, QrCode};

use super::Browser;
use crate::http::{DESK, TestApp, booking};

const WIDTH_PX: usize = 640;
const HEIGHT_PX: usize = 480;
const MODULE_PX: usize = 10;
const FRAMES: usize = 3;
/// Levels of a digital video signal.
const DARK: u8 = 40;
const LIGHT: u8 = 210;
const NO_COLOUR: u8 = 128;

/// Writes a film, in the format Y4M, that shows a code in the middle.
fn film(file: &Path, text: &str) {
    let code = QrCode::new(text).unwrap();
    let module = |at: usize, length_px: usize| {
        let begin = (length_px - code.width() * MODULE_PX) / 2;
        at.checked_sub(begin).map(|at| at / MODULE_PX).filter(|at| *at < code.width())
    };
    let mut picture = b"FRAME\n".to_vec();
    for y in 0..HEIGHT_PX {
        for x in 0..WIDTH_PX {
            let at = module(x, WIDTH_PX).zip(module(y, HEIGHT_PX));
            picture.push(if at.is_some_and(|at| code[at] == Color::Dark) { DARK } else { LIGHT });
        }
    }
    // Two planes of colour follow, each with a value for four pixels.
    picture.extend(std::iter::repeat_n(NO_COLOUR, WIDTH_PX * HEIGHT_PX / 2));
    let mut film = format!("YUV4MPEG2 W{WIDTH_PX} H{HEIGHT_PX} F10:1 Ip A1:1 C420jpeg\n").into_bytes();
    film.extend(picture.repeat(FRAMES));
    fs::write(file, film).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_checks_in_whoever_shows_a_code() {
    let app = TestApp::start().await;
    let booked = app.person(1).await.booked(&booking("east", "2026-11-25", "08:30", "passport.renewal")).await;
    app.set_clock("2026-11-25T08:10:00.000+08:00");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("code.y4m");
    film(&file, booked["code"].as_str().unwrap());
    let browser = Browser::desktop().camera(&file).at(app.door.address()).await;
    browser.go("/staff").await;
    browser.fill("token", DESK).await;
    browser.click("登录").await;
    browser.see("预约名单").await;
    assert_eq!(browser.script("return 'BarcodeDetector' in window").await, false, "the server is to read");
    browser.click("用摄像头扫码").await;
    browser.see("已签到").await;
}
