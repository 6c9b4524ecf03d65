//! Where somebody lives, found by its name: as one types, by keys, and without a script.

use super::Browser;
use super::hands::Key;
use super::setup::Setup;
use super::way::DAY;
use crate::http::TestApp;

/// The three codes that are chosen.
const CHOSEN: &str =
    "return ['province', 'city', 'county'].map(it => document.getElementsByName(`residence-${it}`)[0].value)";
const HITS: &str = "return [...document.querySelectorAll('#residence-search-hits li')].map(it => it.innerText)";
/// How the field tells a reader of the screen what it offers.
const OFFER: &str = "const field = document.getElementById('residence-search');
    const active = document.getElementById(field.getAttribute('aria-activedescendant'));
    return [field.getAttribute('aria-expanded'), active?.innerText ?? '', active?.getAttribute('aria-selected') ?? '']";

/// Opens the form of a booking, for a person whose ID number begins with 330102.
async fn open(app: &TestApp, setup: Setup) -> Browser {
    let browser = setup.at(app.door.address()).await;
    browser.go(&format!("/book?hall=east&service=passport.renewal&date={DAY}&start=08%3A30")).await;
    browser.sign_in(1).await;
    browser.see("330").await;
    browser
}

async fn is_chosen(browser: &Browser, codes: [&str; 3]) {
    let chosen = browser.script(CHOSEN).await;
    assert_eq!(chosen, serde_json::json!(codes));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_found_while_somebody_types_and_chosen_by_keys() {
    let app = TestApp::start().await;
    let browser = open(&app, Browser::desktop()).await;
    browser.fill("contact-name", "李虚").await;
    browser.fill("residence-search", "西湖").await;
    browser.see("找到 2 个，请选择").await;
    assert_eq!(browser.script(HITS).await, serde_json::json!(["浙江省杭州市西湖区", "江西省南昌市西湖区"]));
    browser.anybody_can_use_it().await;
    assert_eq!(browser.script(OFFER).await, serde_json::json!(["true", "", ""]));
    browser.press(Key::Down).await;
    browser.press(Key::Down).await;
    assert_eq!(browser.script(OFFER).await, serde_json::json!(["true", "江西省南昌市西湖区", "true"]));
    browser.anybody_can_use_it().await;
    browser.press(Key::Up).await;
    browser.press(Key::Up).await;
    assert_eq!(browser.script(OFFER).await, serde_json::json!(["true", "江西省南昌市西湖区", "true"]));
    browser.press(Key::Escape).await;
    assert_eq!(browser.script(OFFER).await, serde_json::json!(["false", "", ""]));
    browser.press(Key::Up).await;
    browser.press(Key::Enter).await;
    browser.see("已选择：江西省南昌市西湖区").await;
    is_chosen(&browser, ["360000", "360100", "360103"]).await;
    assert_eq!((browser.typed("residence-search").await.as_str(), browser.focus().await.as_str()), ("", "区县"));
    // The key Enter never sends the form from there; what is found alone is chosen by it.
    browser.fill("residence-search", "330106").await;
    browser.press(Key::Enter).await;
    browser.see("已选择：浙江省杭州市西湖区").await;
    is_chosen(&browser, ["330000", "330100", "330106"]).await;
    assert!(browser.address().await.starts_with("/book?"), "nothing was sent");
    // A city is a part of the way: the rest is chosen from the list to which the keys lead.
    browser.fill("residence-search", "hangzhou").await;
    browser.press(Key::Enter).await;
    browser.see("已选到浙江省杭州市，请继续在下面选择").await;
    is_chosen(&browser, ["330000", "330100", ""]).await;
    assert_eq!(browser.focus().await, "区县");
    browser.fill("residence-search", "火星").await;
    browser.see("没有找到“火星”").await;
    browser.anybody_can_use_it().await;
    browser.choose("residence-county", "330105").await;
    assert_eq!(browser.typed("residence-search").await, "", "what is chosen from a list is meant");
    assert_eq!(browser.typed("contact-name").await, "李虚");
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.see("浙江省杭州市拱墅区").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_chosen_by_a_finger_in_another_language_on_a_narrow_phone() {
    let app = TestApp::start().await;
    let setup = Browser::phone().width(320).language("en").large_text();
    let browser = open(&app, setup).await;
    browser.choose("method", "post").await;
    browser.fill("residence-search", "Xihu").await;
    browser.see("4 places found").await;
    assert_eq!((browser.axe().await, browser.overflow().await), (String::new(), String::new()));
    browser.click("#residence-search-hit-1").await;
    browser.see("Chosen: Xihu District, Hangzhou, Zhejiang").await;
    is_chosen(&browser, ["330000", "330100", "330106"]).await;
    // More than a list has room for, and one that is no more.
    browser.fill("address-region-search", "county").await;
    browser.see("Nothing found").await;
    browser.fill("address-region-search", "xi").await;
    browser.see("Type more letters").await;
    let offered = "return document.querySelectorAll('#address-region-search-hits [role=option]').length";
    assert_eq!(browser.script(offered).await, 8);
    assert_eq!((browser.axe().await, browser.overflow().await), (String::new(), String::new()));
    browser.fill("address-region-search", "Hangzhou Xiacheng").await;
    browser.see("(no longer exists)").await;
    browser.click("[role='option']").await;
    browser.see("Please choose the present district").await;
    let region = "return document.getElementsByName('address-region-city')[0].value";
    assert_eq!(browser.script(region).await, "330100");
    is_chosen(&browser, ["330000", "330100", "330106"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_found_without_a_script() {
    let app = TestApp::start().await;
    let browser = open(&app, Browser::phone().without_script().language("zh-TW")).await;
    browser.fill("contact-name", "李虛").await;
    // Several are offered, each a button.
    browser.fill("residence-search", "西湖").await;
    browser.click("[value='search-residence']").await;
    browser.see("找到 2 個，請選擇").await;
    assert_eq!((browser.overflow().await, browser.small_targets(44).await), (String::new(), String::new()));
    assert_eq!(browser.typed("contact-name").await, "李虛");
    browser.click("江西省南昌市西湖區").await;
    browser.see("已選擇：江西省南昌市西湖區").await;
    is_chosen(&browser, ["360000", "360100", "360103"]).await;
    // One alone is taken, and a language changes nothing of it.
    browser.fill("residence-search", "北京朝陽").await;
    browser.click("[value='search-residence']").await;
    browser.see("已選擇：北京市朝陽區").await;
    browser.click("简体").await;
    browser.see("已选择：北京市朝阳区").await;
    is_chosen(&browser, ["110000", "110000", "110105"]).await;
    // Nothing, and nothing typed.
    browser.fill("residence-search", "火星").await;
    browser.click("[value='search-residence']").await;
    browser.see("没有找到“火星”").await;
    is_chosen(&browser, ["110000", "110000", "110105"]).await;
    browser.fill("residence-search", "").await;
    browser.click("[value='search-residence']").await;
    browser.see("请输入省、市或区县的名称").await;
    // A refresh asks for nothing twice, and says the same.
    browser.refresh().await;
    browser.see("请输入省、市或区县的名称").await;
    is_chosen(&browser, ["110000", "110000", "110105"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_was_typed_and_not_searched_is_not_passed_over() {
    let app = TestApp::start().await;
    let browser = open(&app, Browser::phone().without_script()).await;
    browser.fill_in_details().await;
    browser.fill("residence-search", "西湖区").await;
    browser.click("[value='review']").await;
    browser.see("找到 2 个，请选择").await;
    assert_eq!(app.taken("east", DAY, "08:30").await, 0, "nothing is held before it is clear where somebody lives");
    browser.click("浙江省杭州市西湖区").await;
    browser.see("已选择：浙江省杭州市西湖区").await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    browser.see("浙江省杭州市西湖区").await;
    // The key Enter in the field searches, too; what was found nowhere is asked about until it is clear which place counts.
    browser.click("[href$='#residence']").await;
    browser.fill("residence-search", "火星").await;
    browser.press(Key::Enter).await;
    browser.see("没有找到“火星”").await;
    browser.click("[value='review']").await;
    browser.see("请先改正下面的内容").await;
    browser.see("没有找到“火星”").await;
    assert_eq!((browser.overflow().await, browser.small_targets(44).await), (String::new(), String::new()));
    browser.click("保留浙江省杭州市西湖区").await;
    browser.see("已选择：浙江省杭州市西湖区").await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    browser.click("[value='confirm']").await;
    browser.see("预约成功").await;
    // The next booking of the session begins with the place, and without the search.
    browser.go("/book?hall=east&service=permit.renewal&date=2026-11-27&start=09%3A00").await;
    browser.see("填写办理信息").await;
    is_chosen(&browser, ["330000", "330100", "330106"]).await;
    assert_eq!(browser.typed("residence-search").await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_was_searched_and_not_answered_is_not_passed_over() {
    let app = TestApp::start().await;
    let browser = open(&app, Browser::phone().without_script().language("en")).await;
    browser.fill_in_details().await;
    browser.fill("residence-search", "Xihu").await;
    for _ in 0..2 {
        browser.click("[value='review']").await;
        browser.see("4 places found").await;
    }
    browser.see("“Xihu” is not chosen yet").await;
    assert_eq!(app.taken("east", DAY, "08:30").await, 1, "the place does not run away meanwhile");
    // The list of errors leads to the field, in another language too, and a refresh changes nothing of it.
    browser.click(".errors [href='#residence-search']").await;
    assert_eq!(browser.focus().await, "Search for a province, city or district");
    browser.click("简体").await;
    browser.see("“Xihu”还没有选定").await;
    browser.refresh().await;
    browser.see("“Xihu”还没有选定").await;
    // The page to be checked does not open before.
    let address = browser.address().await;
    let page = address.split('#').next().unwrap();
    browser.go(&format!("{page}/check")).await;
    browser.see("“Xihu”还没有选定").await;
    assert_eq!(browser.address().await, page);
    // What is chosen from the lists then is meant.
    browser.choose("residence-county", "330105").await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    browser.see("浙江省杭州市拱墅区").await;
    browser.click("[href$='#residence']").await;
    browser.see("填写办理信息").await;
    assert_eq!(browser.typed("residence-search").await, "");
    is_chosen(&browser, ["330000", "330100", "330105"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_was_typed_with_a_script_and_not_answered_is_not_passed_over() {
    let app = TestApp::start().await;
    let browser = open(&app, Browser::desktop()).await;
    browser.fill_in_details().await;
    browser.fill("residence-search", "西湖").await;
    browser.see("找到 2 个，请选择").await;
    for said in ["保留浙江省杭州市上城区", "“西湖”还没有选定"] {
        browser.click("[value='review']").await;
        browser.see(said).await;
    }
    browser.anybody_can_use_it().await;
    browser.click("保留浙江省杭州市上城区").await;
    browser.see("已选择：浙江省杭州市上城区").await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    browser.see("浙江省杭州市上城区").await;
}
