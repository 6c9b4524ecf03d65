//! The telephones of those whom a configuration displaces, with a script and without, on a phone and on a desktop.

use super::Browser;
use super::setup::Setup;
use crate::http::{CHIEF, DESK, Files, TestApp, booking};
use crate::identities::{name, phone};

const DAY: &str = "2026-11-26";
/// How many come at the same time, and lose their places.
const PEOPLE: usize = 3;

/// The hall `east` closes on a day for which some have booked. Gives their ids.
async fn displaced(app: &TestApp) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..PEOPLE {
        let booked = app.person(number).await.booked(&booking("east", DAY, "08:30", "passport.renewal")).await;
        ids.push(booked["id"].as_str().unwrap().to_owned());
    }
    let exception = format!("\n[[hall.exceptions]]\ndate = \"{DAY}\"\nclosed = true\nreason = \"设备检修\"\n");
    let capacity = "[hall.lanes.kiosk]\nband_minutes = 60\ncapacity = 1\n";
    app.write(&Files::default().changed("halls/east.toml", capacity, &format!("{capacity}{exception}")));
    app.chief().post_nothing("/v1/admin/config/reload").await.ok(200);
    ids
}

async fn sign_in(browser: &Browser, token: &str) {
    browser.go("/staff/sign-in?next=%2Fstaff%2Fdisplaced").await;
    browser.fill("token", token).await;
    browser.click(".field ~ .button").await;
}

/// The button of somebody in the list.
fn button(id: &str) -> String {
    format!("[name='of'][value='{id}']")
}

async fn shown_and_hidden(setup: Setup, has_script: bool) {
    let app = TestApp::start().await;
    let ids = displaced(&app).await;
    let browser = setup.at(app.door.address()).await;
    let judge = async || {
        if has_script {
            browser.anybody_can_use_it().await;
        }
    };
    sign_in(&browser, DESK).await;
    browser.see("设备检修").await;
    browser.see_no_more("1990").await;
    judge().await;

    browser.click(&button(&ids[1])).await;
    browser.see(&phone(1)).await;
    browser.see(&name(1)).await;
    judge().await;
    let links = "return [...document.querySelectorAll('[href^=\"tel:1\"]')].map(it => it.href).join()";
    assert_eq!(browser.script(links).await, format!("tel:{}", phone(1)));
    let anchor = if has_script { String::new() } else { format!("#person-{}", ids[1]) };
    assert_eq!(browser.address().await, format!("/staff/displaced{anchor}"));
    if has_script {
        assert!(browser.focus().await.contains(&phone(1)), "who works by keyboard goes on where they were");
    }

    // The next one takes its place, on the same page.
    browser.click(&button(&ids[0])).await;
    browser.see(&phone(0)).await;
    browser.see_no_more(&phone(1)).await;
    browser.refresh().await;
    browser.see("设备检修").await;
    browser.see_no_more(&phone(0)).await;
    browser.see_no_more(&name(0)).await;

    // Of one person, on the way to another time.
    browser.click(".person .acts a").await;
    browser.see("设备检修").await;
    browser.click("[name='of']").await;
    browser.see("1990").await;
    judge().await;

    browser.go("/staff/record?hall=east").await;
    let lines = browser.text().await.matches("的电话，预约码").count();
    assert_eq!(lines, 3, "each opening is on the record");
    browser.see_no_more("1990").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_is_shown_in_place_and_hidden_at_the_next_look() {
    shown_and_hidden(Browser::desktop(), true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_is_shown_without_a_script() {
    shown_and_hidden(Browser::phone().width(320).without_script(), false).await;
}

/// A page that was left with a number does not show it when its person comes back.
#[tokio::test(flavor = "multi_thread")]
async fn back_does_not_show_a_telephone_again() {
    let app = TestApp::start().await;
    let ids = displaced(&app).await;
    let browser = Browser::desktop().at(app.door.address()).await;
    sign_in(&browser, CHIEF).await;
    browser.click(&button(&ids[0])).await;
    browser.see(&phone(0)).await;
    browser.go("/staff/record?hall=east").await;
    browser.see("的电话").await;
    browser.go_back().await;
    browser.see("设备检修").await;
    browser.see_no_more(&phone(0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_out_under_a_press_signs_in_and_is_at_the_list_again() {
    let app = TestApp::start().await;
    let ids = displaced(&app).await;
    let browser = Browser::desktop().at(app.door.address()).await;
    sign_in(&browser, DESK).await;
    browser.see("设备检修").await;
    browser.set_cookie("hallpass_staff", "").await;
    browser.click(&button(&ids[0])).await;
    browser.see("窗口人员登录").await;
    browser.fill("token", DESK).await;
    browser.click(".field ~ .button").await;
    browser.see("设备检修").await;
    assert_eq!(browser.address().await, "/staff/displaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_looks_well_in_other_languages_and_at_200_percent() {
    for (setup, words) in [
        (Browser::phone().language("en").large_text(), "Show phone"),
        (Browser::phone().language("en").width(320), "Show phone"),
        (Browser::desktop().language("zh-TW").dark(), "顯示電話"),
    ] {
        let app = TestApp::start().await;
        let ids = displaced(&app).await;
        let browser = setup.at(app.door.address()).await;
        sign_in(&browser, DESK).await;
        browser.see(words).await;
        browser.click(&button(&ids[0])).await;
        browser.see(&phone(0)).await;
        assert_eq!((browser.axe().await, browser.overflow().await), (String::new(), String::new()));
    }
}
