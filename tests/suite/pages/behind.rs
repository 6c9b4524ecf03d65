//! What lies behind a sign-in, for everybody: each page in every language, and with text at 200 %.

use super::Browser;
use super::setup::Setup;
use super::way::DAY;
use crate::http::{CHIEF, TestApp, booking};

/// Wants a page that anybody can use, at whatever size of text.
async fn judge(browser: &Browser) {
    let at = browser.address().await;
    assert_eq!((browser.axe().await, browser.overflow().await), (String::new(), String::new()), "{at}");
}

async fn visit(browser: &Browser, pages: &[String]) {
    for page in pages {
        browser.go(page).await;
        judge(browser).await;
    }
}

/// Everything that a person meets from the sign-in on.
async fn citizen(setup: Setup) {
    let app = TestApp::start().await;
    let browser = setup.at(app.door.address()).await;
    browser.go(&format!("/book?hall=east&service=passport.renewal&date={DAY}&start=08%3A30")).await;
    judge(&browser).await;
    browser.sign_in(1).await;
    browser.click("[value='add']").await;
    judge(&browser).await;
    browser.click("[value='remove-0']").await;
    browser.fill("contact-name", "李虚").await;
    browser.click(".buttons [value='review']").await;
    browser.click(".errors a").await;
    judge(&browser).await;
    browser.fill_in_details().await;
    browser.click(".buttons [value='review']").await;
    browser.see("330102").await;
    judge(&browser).await;
    browser.click("[value='confirm']").await;
    browser.click("[data-print]").await;
    judge(&browser).await;
    let address = browser.address().await;
    let one = address.split('?').next().unwrap().to_owned();
    let confirm = format!("{one}/move/confirm?hall=east&date={DAY}&start=13%3A30");
    visit(&browser, &["/appointments".to_owned(), format!("{one}/move"), confirm, format!("{one}/cancel")]).await;
    browser.click("[value='cancel']").await;
    browser.click("[href='/appointments']").await;
    judge(&browser).await;
}

/// Everything that staff see.
async fn staff(setup: Setup) {
    let app = TestApp::start().await;
    let code = app.person(1).await.booked(&booking("east", DAY, "08:30", "passport.renewal")).await["code"].clone();
    app.set_clock("2026-11-26T09:10:00.000+08:00");
    let browser = setup.at(app.door.address()).await;
    browser.go("/staff/sign-in").await;
    browser.fill("token", CHIEF).await;
    browser.click(".field ~ .button").await;
    browser.click("[href^='/staff/halls/east']").await;
    let day = format!("/staff/halls/east/{DAY}");
    browser.fill("code", code.as_str().unwrap()).await;
    browser.click(".scan .button").await;
    browser.click("[href*='/tickets/']").await;
    judge(&browser).await;
    let pages = ["/walk-ins?counter=3", "/display", "/list", ""].map(|page| format!("{day}{page}"));
    visit(&browser, &pages).await;
    let pages = [
        "/staff",
        "/staff/record?hall=east",
        "/staff/record?hall=all",
        &format!("/staff/city?date={DAY}"),
        "/staff/trends",
        "/staff/configuration",
        "/staff/configuration/halls/east.toml",
        "/staff/configuration/history/1",
        "/staff/displaced",
    ];
    visit(&browser, &pages.map(str::to_owned)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizens_pages_in_other_languages_and_at_200_percent() {
    citizen(Browser::phone().language("zh-TW")).await;
    citizen(Browser::phone().language("en").large_text()).await;
    citizen(Browser::desktop().language("en").dark()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desks_pages_in_other_languages_and_at_200_percent() {
    staff(Browser::desktop().language("zh-TW")).await;
    staff(Browser::desktop().language("en").large_text()).await;
    staff(Browser::phone().language("en").dark()).await;
}
