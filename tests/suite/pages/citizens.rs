//! A citizen's whole way, on a phone and on a desktop, with a script and without.

use super::Browser;
use super::setup::Setup;
use super::way::{DAY, code_of, row_of, taken};
use crate::http::TestApp;
use crate::identities;

/// Books, looks, moves, cancels; every page on the way can be used by anybody, where a script can look at it.
async fn whole_way(setup: Setup, is_judged: bool) {
    let app = TestApp::start().await;
    let browser = setup.at(app.door.address()).await;
    let judge = async || {
        if is_judged {
            browser.anybody_can_use_it().await;
        }
    };
    browser.go("/").await;
    browser.see("您要办什么").await;
    judge().await;
    browser.click("[href='/halls?service=passport.renewal']").await;
    browser.see("选择大厅").await;
    judge().await;
    browser.click("[href^='/halls/east?']").await;
    browser.see("外省的 20 天").await;
    judge().await;
    browser.click(&format!("[href*='/halls/east/{DAY}?']")).await;
    browser.see("08:30–09:00").await;
    judge().await;
    browser.take("09:00").await;
    browser.see("演示环境不核验身份").await;
    judge().await;

    // A field is wrong: nothing typed is lost, and the error stands beside the field.
    browser.fill("name", &identities::name(1)).await;
    browser.fill("id_number", "330102195001010007").await;
    browser.fill("phone", &identities::phone(1)).await;
    browser.click(".buttons .button").await;
    browser.see("请先改正下面的内容").await;
    judge().await;
    let typed = browser.script("return document.querySelector('[name=name]').value").await;
    assert_eq!(typed.as_str().unwrap(), identities::name(1));
    let told = browser.script("return document.querySelector('#id_number').getAttribute('aria-invalid')").await;
    assert_eq!(told, "true");
    browser.sign_in(1).await;
    browser.see("填写办理信息").await;
    browser.see("办之前请看").await;
    judge().await;

    browser.fill("contact-name", "李虚").await;
    browser.fill("contact-phone", "1").await;
    browser.click("[value='review']").await;
    browser.see("请先改正下面的内容").await;
    browser.see("名额为您保留到").await;
    assert_eq!(taken(&app, DAY, "09:00").await, 1, "the place is held as soon as it is known for whom");
    judge().await;
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    // In full what was typed, and names instead of codes.
    for shown in ["李虚", &identities::identity(1), &identities::phone(1), "浙江省杭州市"] {
        browser.see(shown).await;
    }
    judge().await;
    browser.click("[value='confirm']").await;
    browser.see("预约成功").await;
    browser.see("要带什么").await;
    judge().await;
    let code = code_of(&browser).await;
    assert_eq!(code.len(), 8);
    let links =
        browser.script("return [...document.querySelectorAll('main a')].map(a => a.getAttribute('href'))").await;
    let map = "https://uri.amap.com/marker?position=120.1905,30.2265&";
    let is_map = |link: &serde_json::Value| link.as_str().is_some_and(|link| link.starts_with(map));
    assert!(links.as_array().unwrap().iter().any(is_map), "{links}");

    // To another time: the old place is kept until the new one is sure.
    browser.click("改期").await;
    browser.see("原来的预约一直保留").await;
    judge().await;
    browser.click(&format!("[href*='/halls/east/{DAY}?']")).await;
    browser.click("[href*='start=13%3A30']").await;
    browser.see("确认改期").await;
    judge().await;
    assert_eq!(taken(&app, DAY, "09:00").await, 1);
    browser.click("[value='move']").await;
    browser.see("改期成功").await;
    assert_eq!((taken(&app, DAY, "09:00").await, taken(&app, DAY, "13:30").await), (0, 1));
    assert_eq!(code_of(&browser).await, code);

    browser.click("我的预约").await;
    browser.see("待办理的预约").await;
    judge().await;
    browser.click("查看").await;
    browser.click("取消预约").await;
    browser.see("取消后名额立即释放").await;
    judge().await;
    browser.click("确认取消").await;
    browser.see("预约已取消").await;
    judge().await;
    assert_eq!(taken(&app, DAY, "13:30").await, 0);
    browser.click("退出登录").await;
    browser.see("登录").await;
    browser.go("/appointments").await;
    browser.see("和身份证上的一致").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_on_a_phone() {
    whole_way(Browser::phone(), true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_at_a_desktop() {
    whole_way(Browser::desktop().dark(), true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_without_a_script() {
    whole_way(Browser::phone().without_script(), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_comes_together_and_one_of_them_does_not() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    for row in 0..2 {
        browser.come_with(row, row + 2).await;
    }
    browser.anybody_can_use_it().await;
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.click("[value='confirm']").await;
    browser.see("3 人一起签到").await;
    browser.anybody_can_use_it().await;
    assert_eq!(taken(&app, DAY, "08:30").await, 3);
    browser.click("取消预约").await;
    browser.see("取消谁的预约").await;
    browser.anybody_can_use_it().await;
    browser.click("[href*='party=false']").await;
    browser.click("确认取消").await;
    browser.see("预约已取消").await;
    assert_eq!(taken(&app, DAY, "08:30").await, 2, "the others still come");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_party_moves_to_where_all_have_a_place_and_is_cancelled() {
    let app = TestApp::start().await;
    app.person(9).await.booked(&crate::http::booking("east", DAY, "09:00", "passport.renewal")).await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.book_for_two(1, "08:30").await;
    browser.click("改期").await;
    browser.see("为谁改期").await;
    browser.click("全部 2 人").await;
    browser.see("原来的预约一直保留").await;
    browser.anybody_can_use_it().await;
    browser.click(&format!("[href*='/halls/east/{DAY}?']")).await;
    browser.see("余 1 个名额，不够 2 人").await;
    browser.click("没有合适的时间").await;
    browser.see("附近大厅最早可约").await;
    browser.anybody_can_use_it().await;
    browser.take("13:30").await;
    browser.see("换到").await;
    browser.click("[value='move']").await;
    browser.see("改期成功").await;
    assert_eq!((taken(&app, DAY, "08:30").await, taken(&app, DAY, "13:30").await), (0, 2));
    browser.click("取消预约").await;
    browser.click("全部 2 人").await;
    browser.see("取消全部预约").await;
    browser.click("确认取消").await;
    browser.see("预约已取消").await;
    assert_eq!(taken(&app, DAY, "13:30").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_comes_by_post() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.fill_in_details().await;
    browser.choose("method", "post").await;
    browser.click("[value='review']").await;
    browser.see("请先改正下面的内容").await;
    browser.anybody_can_use_it().await;
    browser.fill("address-name", "赵虚").await;
    browser.fill("address-phone", "0571-87280186").await;
    browser.fill("address-street", "无有路3号").await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    browser.see("邮寄到家").await;
    browser.see("无有路3号").await;
    browser.anybody_can_use_it().await;
    browser.click("[value='confirm']").await;
    browser.see("预约成功").await;
    assert_eq!(taken(&app, DAY, "08:30").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_leads_to_another_time_and_is_given_up() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.see("名额为您保留到").await;
    browser.go_back().await;
    browser.click("换个时间").await;
    browser.take("13:30").await;
    browser.see("填写办理信息").await;
    assert_eq!(browser.typed("contact-name").await, "李虚");
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    assert_eq!((taken(&app, DAY, "08:30").await, taken(&app, DAY, "13:30").await), (0, 1));
    browser.click("放弃这个名额").await;
    browser.see("名额已释放").await;
    assert_eq!(taken(&app, DAY, "13:30").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_language_shows_what_was_typed() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.come_with(0, 2).await;
    browser.click("[value='add']").await;
    browser.see("同行人 2").await;
    assert_eq!(browser.focus().await, "姓名", "the new person's name is where the hands are");
    // Nothing of this was sent before.
    browser.fill("contact-name", "李虚").await;
    browser.anybody_can_use_it().await;
    browser.click("English").await;
    browser.see("Your details").await;
    assert_eq!(browser.row(0).await, row_of(2));
    assert_eq!(browser.row(1).await, serde_json::json!(["", "", ""]));
    assert_eq!(browser.typed("contact-name").await, "李虚");
    browser.anybody_can_use_it().await;
    browser.click("[value='remove-1']").await;
    browser.see_no_more("Person 2 with you").await;
    browser.click("[value='review']").await;
    browser.see("We are holding this time for you until").await;
    browser.see("There is a problem").await;
    assert_eq!(taken(&app, DAY, "08:30").await, 2);
    let title = browser.script("return document.title").await;
    assert!(title.as_str().unwrap().starts_with("Error: "), "{title}");
    browser.click("繁體").await;
    browser.see("名額為您保留到").await;
    browser.see("請先修正以下內容").await;
    let title = browser.script("return document.title").await;
    assert!(title.as_str().unwrap().starts_with("錯誤："), "{title}");
    assert_eq!(browser.typed("contact-name").await, "李虚");
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.see("請核對後確認").await;
    browser.see("浙江省杭州市").await;
    browser.click("简体").await;
    browser.see("请核对后确认").await;
    browser.click("[value='confirm']").await;
    browser.see("预约成功").await;
}

/// Chooses Chaoyang in Beijing as the place to live, whatever is chosen there now.
async fn live_in_chaoyang(browser: &Browser, has_script: bool) {
    let more = async || {
        if !has_script {
            browser.click("[value='places-residence']").await;
            browser.see("填写办理信息").await;
        }
    };
    browser.choose("residence-province", "110000").await;
    more().await;
    browser.choose("residence-city", "110000").await;
    more().await;
    browser.choose("residence-county", "110105").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_to_live_is_chosen_from_lists() {
    for has_script in [true, false] {
        let app = TestApp::start().await;
        let setup = if has_script { Browser::phone() } else { Browser::phone().without_script() };
        let browser = setup.at(app.door.address()).await;
        browser.find_a_day(DAY).await;
        browser.take("08:30").await;
        browser.sign_in(1).await;
        browser.see("填写办理信息").await;
        let suggested = "return document.getElementById('residence').selectedOptions[0].textContent";
        assert_eq!(browser.script(suggested).await, "浙江省", "the ID number begins with a place, which is suggested");
        browser.see("按您身份证号的前 6 位").await;
        browser.fill("contact-name", "李虚").await;
        live_in_chaoyang(&browser, has_script).await;
        assert_eq!(browser.typed("contact-name").await, "李虚");
        browser.fill_in_details().await;
        if has_script {
            browser.anybody_can_use_it().await;
        }
        browser.click("[value='review']").await;
        browser.see("请核对后确认").await;
        browser.see("北京市朝阳区").await;
        // The link beside the answer leads to its list.
        browser.click("[href$='#residence']").await;
        browser.see("填写办理信息").await;
        browser.choose("residence-province", "440000").await;
        if !has_script {
            browser.click("[value='places-residence']").await;
            browser.see("填写办理信息").await;
        }
        browser.click("[value='review']").await;
        browser.see("请选择现居住地的省份、城市和区县").await;
        browser.choose("residence-city", "441900").await;
        browser.click("[value='review']").await;
        browser.see("广东省东莞市").await;
        browser.click("[value='confirm']").await;
        browser.see("预约成功").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_without_a_telephone_comes_along() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.go(&format!("/book?hall=east&service=passport.renewal&date={DAY}&start=08%3A30&people=2")).await;
    browser.see("和身份证上的一致").await;
    browser.see("08:30").await;
    browser.sign_in(1).await;
    browser.see("同行人 1").await;
    browser.fill("name-0", &identities::name(2)).await;
    browser.fill("id_number-0", &identities::identity(2)).await;
    browser.see("不填就用您的手机号").await;
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    let phones = browser.text().await.matches(&identities::phone(1)).count();
    assert_eq!(phones, 2, "both are reached at the number of who books");
    browser.click("[value='confirm']").await;
    browser.see("预约成功").await;
    assert_eq!(taken(&app, DAY, "08:30").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_on_the_earth_finds_the_nearest_hall() {
    let app = TestApp::start().await;
    let browser = Browser::phone().located(30.16, 120.2).at(app.door.address()).await;
    browser.go("/halls?service=passport.renewal").await;
    browser.click("使用我的位置").await;
    browser.see("公里").await;
    let first = browser.script("return document.querySelector('.hall h3').innerText").await;
    assert_eq!(first, "南厅");
    browser.anybody_can_use_it().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_shared_goes_before_an_area_that_was_picked() {
    let app = TestApp::start().await;
    let browser = Browser::phone().located(30.16, 120.2).at(app.door.address()).await;
    browser.go("/halls?service=passport.renewal").await;
    browser.choose("area", "乌鲁木齐").await;
    browser.click("查看大厅").await;
    browser.see("乌鲁木齐的大厅").await;
    browser.click("更改").await;
    browser.click("使用我的位置").await;
    browser.see("1.1 公里").await;
    assert_eq!(browser.nearest_hall().await.0, "南厅");
    // The times lead back to the same list.
    browser.click("[href^='/halls/south?']").await;
    browser.see("选择时间").await;
    browser.click(".back a").await;
    browser.see("1.1 公里").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_coordinates_of_a_map_are_not_those_of_a_satellite() {
    let app = TestApp::start().await;
    let browser = Browser::phone().without_script().at(app.door.address()).await;
    browser.search_from("30.2265", "120.1905", "wgs84").await;
    assert_eq!(browser.nearest_hall().await, ("东厅".to_owned(), "0.0 公里".to_owned()));
    browser.search_from("30.2265", "120.1905", "gcj02").await;
    let (hall, distance) = browser.nearest_hall().await;
    assert_eq!(hall, "东厅");
    assert!(["0.4 公里", "0.5 公里", "0.6 公里"].contains(&distance.as_str()), "{distance}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_share_a_place_picks_one() {
    let app = TestApp::start().await;
    let browser = Browser::phone().unlocated().at(app.door.address()).await;
    browser.go("/halls?service=passport.renewal").await;
    browser.click("使用我的位置").await;
    browser.see("没有取得位置").await;
    browser.choose("area", "杭州").await;
    browser.click("查看大厅").await;
    browser.see("杭州的大厅").await;
    let names = browser.script("return [...document.querySelectorAll('.hall h3')].map(it => it.innerText)").await;
    assert_eq!(names, serde_json::json!(["东厅", "南厅"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_and_a_band_say_why_not() {
    let app = TestApp::start().await;
    for number in 1..=2 {
        let booking = crate::http::booking("east", DAY, "09:00", "passport.renewal");
        app.person(number).await.booked(&booking).await;
    }
    let browser = Browser::phone().at(app.door.address()).await;
    browser.go("/halls/east/2026-11-24?service=passport.renewal").await;
    browser.see("这一天不能预约").await;
    browser.see("当天").await;
    browser.anybody_can_use_it().await;
    browser.go("/halls/east/2026-12-01?service=passport.renewal").await;
    browser.see("试验节").await;
    browser.go("/halls/east/days?service=passport.renewal").await;
    browser.click("为什么有的日子不能约").await;
    browser.see("试验节").await;
    browser.go(&format!("/halls/east/{DAY}?service=passport.renewal")).await;
    browser.see("约满").await;
    browser.click("没有合适的时间").await;
    browser.see("本厅离这天最近的可约日子").await;
    browser.see("附近大厅最早可约").await;
    browser.anybody_can_use_it().await;
}
