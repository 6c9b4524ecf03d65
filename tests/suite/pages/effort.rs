//! How much it takes to come from the start to an appointment: taps, pages and typed fields, so that they cannot grow again.

use super::Browser;
use super::browser::Effort;
use crate::http::TestApp;

/// Name, ID number and telephone at the sign-in: who somebody is.
const IDENTITY: u32 = 3;
/// The most that a first booking may take: one adult, who knows none of it before.
const MOST: Effort = Effort { taps: 8, typed: 3 + IDENTITY, pages: 7 };

/// From a chosen time to the ticket.
async fn book(browser: &Browser, number: usize) {
    browser.click(".times a").await;
    browser.see("和身份证上的一致").await;
    browser.sign_in(number).await;
    browser.see("填写办理信息").await;
    browser.fill("contact-name", "李虚").await;
    browser.fill("contact-phone", "0571-87280185").await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    browser.click("[value='confirm']").await;
    browser.see("预约成功").await;
}

fn assert_within(effort: Effort) {
    let Effort { taps, typed, pages } = effort;
    assert!(taps <= MOST.taps && typed <= MOST.typed && pages <= MOST.pages, "{effort:?} is more than {MOST:?}");
    assert!(taps > 3 && typed >= IDENTITY && pages > 3, "{effort:?} was not counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_start_to_an_appointment_with_a_place_that_is_shared() {
    let app = TestApp::start().await;
    let browser = Browser::phone().located(30.2265, 120.1905).at(app.door.address()).await;
    browser.go("/").await;
    browser.click("[href='/halls?service=passport.renewal']").await;
    browser.click("使用我的位置").await;
    browser.see("推荐的时间").await;
    book(&browser, 1).await;
    assert_within(browser.effort().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_start_to_an_appointment_without_a_script() {
    let app = TestApp::start().await;
    let browser = Browser::phone().without_script().at(app.door.address()).await;
    browser.go("/").await;
    browser.click("[href='/halls?service=passport.renewal']").await;
    browser.see("选择大厅").await;
    browser.choose("area", "杭州").await;
    browser.click("查看大厅").await;
    browser.see("推荐的时间").await;
    book(&browser, 1).await;
    assert_within(browser.effort().await);
}
