//! A code held before the camera of a desk, with a browser that reads no codes itself: the server reads them.

use std::fs;
use std::path::Path;

use chrono::TimeDelta;
use qrcode::{Color, QrCode};
use serde_json::Value;

use super::Browser;
use super::hands::Key;
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
    browser.click("摄像头扫码").await;
    browser.see("已签到").await;
}

/// Signs in at the desk of `east` on the day of the appointments.
async fn desk_at(app: &TestApp) -> Browser {
    app.set_clock("2026-11-25T08:10:00.000+08:00");
    let browser = Browser::desktop().at(app.door.address()).await;
    browser.go("/staff").await;
    browser.fill("token", DESK).await;
    browser.click("登录").await;
    browser.see("预约名单").await;
    browser
}

/// A scan as a keyboard scanner types it, with nobody's hand at the page.
async fn scanned(browser: &Browser, text: &str) {
    assert_eq!(browser.script("return document.querySelector('#code').value").await, "", "before {text}");
    browser.write(text).await;
    browser.press(Key::Enter).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_whatever_scan_the_next_one_counts() {
    let app = TestApp::start().await;
    let east = async |person, date: &str| {
        app.person(person).await.booked(&booking("east", date, "08:30", "passport.renewal")).await
    };
    let (first, second) = (east(1, "2026-11-25").await, east(2, "2026-11-25").await);
    let tomorrow = east(3, "2026-11-26").await;
    let south = app.person(4).await.booked(&booking("south", "2026-11-25", "10:00", "passport.renewal")).await;
    let code = |booked: &Value| booked["code"].as_str().unwrap().to_owned();
    let browser = desk_at(&app).await;
    // Nobody's code, a smudged one, one of another hall, one of another day, an address, somebody who is here already.
    let smudged = code(&first)[..6].to_owned();
    for (scan, words) in [
        ("00000000".to_owned(), "没有预约码 00000000"),
        (smudged, "不是预约码"),
        (code(&south), "请到那里办理"),
        (code(&tomorrow), "现在就签到吗"),
        ("HTTPS://EXAMPLE.ORG/".to_owned(), "不是预约码"),
    ] {
        scanned(&browser, &scan).await;
        browser.see(words).await;
    }
    scanned(&browser, &code(&first)).await;
    browser.see("已签到").await;
    browser.see("A001").await;
    app.pass(TimeDelta::minutes(1));
    scanned(&browser, &code(&first)).await;
    browser.see("已经签到过了").await;
    // Left in the middle by a hand that went elsewhere: the next scan takes its place.
    browser.write("ABC").await;
    browser.script("document.activeElement.blur()").await;
    browser.write(&code(&second)).await;
    browser.press(Key::Enter).await;
    browser.see("A002").await;
    for booked in [&first, &second] {
        let id = booked["id"].as_str().unwrap();
        let day = app.chief().get("/v1/admin/halls/east/days/2026-11-25").await.ok(200);
        let one = day["appointments"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
        assert_eq!(one["status"], "checked_in");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_date_says_so_where_somebody_looks() {
    let app = TestApp::start().await;
    for person in 0..4 {
        app.person(person).await.booked(&booking("east", "2026-11-25", "08:30", "passport.renewal")).await;
    }
    let browser = desk_at(&app).await;
    let in_sight =
        "const { bottom, top, height } = document.querySelector('main > [data-stale]').getBoundingClientRect();
        return height > 0 && top >= 0 && bottom <= innerHeight;";
    let far_below = "document.querySelector('main').style.minHeight = '6000px'; scrollTo(0, 3000);";
    // The day is fetched again too seldom to wait for it here.
    browser.script("document.querySelector('[data-stale]').hidden = false").await;
    browser.script(far_below).await;
    assert_eq!(browser.script(in_sight).await, true);
    for page in ["walk-ins", "display"] {
        browser.go(&format!("/staff/halls/east/2026-11-25/{page}")).await;
        browser.script(far_below).await;
        assert_eq!(browser.script(in_sight).await, false, "{page}: nothing is wrong yet");
        browser.script("window.fetch = async () => { throw new Error('cut off'); }").await;
        browser.see("连不上服务器").await;
        assert_eq!(browser.script(in_sight).await, true, "{page}");
    }
}
