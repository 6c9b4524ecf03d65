//! Pages for everybody: each language, keys alone, text at 200 %, narrow screens, a slow line.

use super::Browser;
use super::hands::Key;
use super::way::DAY;
use crate::http::TestApp;
use crate::identities;

/// The most that a first view may take, in bytes, heads included.
const MAX_FIRST_VIEW_BYTES: u64 = 100 * 1024;

/// Everything that can be looked at without having signed in.
fn open_pages() -> Vec<String> {
    let service = "service=passport.renewal";
    let pages = [
        "/".to_owned(),
        "/about".to_owned(),
        format!("/halls?{service}"),
        format!("/halls?{service}&people=3&area=%E6%9D%AD%E5%B7%9E"),
        format!("/halls?{service}&area="),
        format!("/halls/east?{service}&people=5"),
        format!("/halls/east/days?{service}"),
        format!("/halls/east/{DAY}?{service}"),
        format!("/halls/east/2026-12-01?{service}"),
        "/sign-in".to_owned(),
        "/staff/sign-in".to_owned(),
        "/nowhere".to_owned(),
    ];
    pages.to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_open_page_can_be_used_in_every_language() {
    let app = TestApp::start().await;
    for (language, brand) in
        [("zh-TW", "出入境辦證預約"), ("en", "Exit-entry appointments"), ("zh-CN", "出入境办证预约")]
    {
        let browser = Browser::phone().language(language).at(app.door.address()).await;
        for page in open_pages() {
            browser.go(&page).await;
            browser.see(brand).await;
            browser.anybody_can_use_it().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_is_chosen_and_kept() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.go("/halls?service=passport.renewal&people=2").await;
    browser.click("English").await;
    browser.see("Choose a hall").await;
    assert_eq!(browser.address().await, "/halls?service=passport.renewal&people=2");
    assert_eq!(browser.script("return document.documentElement.lang").await, "en");
    browser.go("/").await;
    browser.see("What do you need?").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_fit_a_narrow_screen_and_text_at_200_percent() {
    let app = TestApp::start().await;
    for setup in [Browser::phone().width(320), Browser::phone().large_text(), Browser::desktop().large_text().dark()] {
        let browser = setup.at(app.door.address()).await;
        for page in open_pages() {
            browser.go(&page).await;
            assert_eq!((browser.overflow().await, browser.axe().await), (String::new(), String::new()), "{page}");
        }
    }
}

/// Goes on by the tabulator until something has the focus whose name has these words in it.
async fn tab_to(browser: &Browser, wanted: &str) {
    tab_until(browser, wanted, |name| name.contains(wanted)).await;
}

/// Goes on by the tabulator until something is fit to have the focus.
async fn tab_until(browser: &Browser, wanted: &str, is_it: impl Fn(&str) -> bool) {
    for _ in 0..80 {
        if is_it(&browser.tab().await) {
            return;
        }
    }
    panic!("{wanted:?} is never reached by keys: {}", browser.text().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_alone_book_an_appointment() {
    let app = TestApp::start().await;
    let browser = Browser::desktop().at(app.door.address()).await;
    browser.go("/").await;
    assert_eq!(browser.tab().await, "跳到正文");
    tab_to(&browser, "换新证").await;
    browser.press(Key::Enter).await;
    browser.see("选择大厅").await;
    tab_until(&browser, "东厅", |name| name == "东厅").await;
    browser.press(Key::Enter).await;
    browser.see("选择时间").await;
    tab_to(&browser, "11月26日").await;
    browser.press(Key::Enter).await;
    browser.see("2026年11月26日").await;
    tab_to(&browser, "08:30–09:00").await;
    browser.press(Key::Enter).await;
    browser.see("和身份证上的一致").await;
    for (label, value) in
        [("姓名", identities::name(1)), ("身份证号", identities::identity(1)), ("手机号", identities::phone(1))]
    {
        tab_to(&browser, label).await;
        browser.write(&value).await;
    }
    browser.press(Key::Enter).await;
    browser.see("填写办理信息").await;
    tab_to(&browser, "姓名").await;
    browser.write("李虚").await;
    // The key Enter asks for what the page is there for: the time is held, and the page says what is still missing.
    browser.press(Key::Enter).await;
    browser.see("请先改正下面的内容").await;
    browser.see("名额为您保留到").await;
    tab_to(&browser, "联系电话").await;
    browser.write("0571-87280185").await;
    tab_to(&browser, "继续核对").await;
    browser.press(Key::Enter).await;
    browser.see("请核对后确认").await;
    tab_to(&browser, "确认预约").await;
    browser.press(Key::Enter).await;
    browser.see("预约成功").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_view_is_light_and_a_slow_line_bears_it() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    for page in open_pages() {
        // Nothing is kept from the page before.
        browser.forget_files().await;
        browser.go(&page).await;
        let bytes = browser.bytes().await;
        assert!(bytes <= MAX_FIRST_VIEW_BYTES, "{page} takes {bytes} bytes");
    }
    drop(browser);
    let browser = Browser::phone().slow_line(50_000).at(app.door.address()).await;
    browser.go(&format!("/halls/east/{DAY}?service=passport.renewal")).await;
    browser.see("余 6 个名额").await;
}
