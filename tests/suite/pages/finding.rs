//! From the start to a chosen time: what is asked, what is found, and what the pages say when there is nothing.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use super::Browser;
use super::way::{DAY, taken};
use crate::http::{TestApp, booking};
use crate::identities;

const HALLS: &str = "/halls?service=passport.renewal";

/// Books every place of `east` on a day.
async fn fill_east(app: &TestApp, day: &str) {
    let bands = [("08:30", 6), ("09:00", 2), ("09:30", 6), ("10:00", 6), ("13:30", 6), ("14:00", 6)];
    let people = bands.iter().flat_map(|(start, count)| std::iter::repeat_n(*start, *count));
    for (number, start) in people.enumerate() {
        app.person(number).await.booked(&booking("east", day, start, "passport.renewal")).await;
    }
}

/// The names of the halls that a page lists, in their order.
async fn listed(browser: &Browser) -> serde_json::Value {
    browser.script("return [...document.querySelectorAll('.hall h3')].map(it => it.innerText)").await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_press_on_the_start_page_chooses_document_and_action_and_nothing_is_chosen_before() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.go("/").await;
    assert_eq!(browser.script("return document.querySelectorAll('main input, main select').length").await, 0);
    browser.see("12367").await;
    browser.click("[href='/halls?service=passport.first-issue']").await;
    browser.see("第 2 步，共 5 步 · 去哪里").await;
    browser.see("护照首次申领").await;
    assert_eq!(browser.script("return document.querySelectorAll('[checked]').length").await, 0);
    browser.go("/service?document=passport").await;
    assert_eq!(browser.address().await, "/#passport");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_soonest_times_of_the_nearest_halls_are_buttons() {
    let app = TestApp::start().await;
    let browser = Browser::phone().located(30.16, 120.2).at(app.door.address()).await;
    browser.go(HALLS).await;
    browser.click("使用我的位置").await;
    browser.see("推荐的时间").await;
    let times = browser.script("return [...document.querySelectorAll('.times a')].map(it => it.innerText)").await;
    let times: Vec<&str> = times.as_array().unwrap().iter().map(|time| time.as_str().unwrap()).collect();
    assert_eq!(times.len(), 3, "{times:?}");
    assert!(times[0].starts_with("11月25日 周三 09:00–10:00"), "{times:?}");
    assert!(times[0].contains("南厅 · 1.1 公里 · 余 3 个名额"), "{times:?}");
    browser.anybody_can_use_it().await;
    browser.click(".times a").await;
    browser.see("和身份证上的一致").await;
    assert!(browser.address().await.contains("start%3D09%253A00"), "{}", browser.address().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_is_in_sight_and_read_out() {
    let app = TestApp::start().await;
    for setup in [Browser::phone(), Browser::desktop(), Browser::phone().without_script()] {
        let browser = setup.clone().located(30.16, 120.2).at(app.door.address()).await;
        browser.go(HALLS).await;
        browser.choose("area", "杭州").await;
        browser.click("查看大厅").await;
        browser.see("杭州的大厅").await;
        let place = "return document.querySelector('#found').getBoundingClientRect().top / innerHeight";
        let place = browser.script(place).await;
        assert!((0.0..0.7).contains(&place.as_f64().unwrap()), "the list begins at {place} of the screen");
        assert_eq!(browser.script("return document.activeElement.id").await, "found");
        assert_eq!(browser.script("return document.querySelector('.where').open").await, false);
        browser.click("更改").await;
        browser.see("城市").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_is_listed_alone_and_remembered() {
    let app = TestApp::start().await;
    let browser = Browser::phone().without_script().at(app.door.address()).await;
    browser.go(HALLS).await;
    browser.choose("area", "杭州").await;
    browser.click("查看大厅").await;
    browser.see("杭州的大厅").await;
    assert_eq!(listed(&browser).await, json!(["东厅", "南厅"]));
    assert!(!browser.text().await.contains("公里"), "nobody is in the middle of a city");
    browser.go("/").await;
    browser.click("[href='/halls?service=passport.renewal']").await;
    browser.see("杭州的大厅").await;
    browser.click("更改").await;
    browser.choose("area", "乌鲁木齐").await;
    browser.click("查看大厅").await;
    browser.see("乌鲁木齐的大厅").await;
    assert_eq!(listed(&browser).await, json!(["西厅"]));
    browser.go(HALLS).await;
    browser.see("乌鲁木齐的大厅").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_for_nothing_says_so() {
    let app = TestApp::start().await;
    for setup in [Browser::phone(), Browser::phone().without_script()] {
        let browser = setup.at(app.door.address()).await;
        browser.go(HALLS).await;
        browser.click("查看大厅").await;
        browser.see("请选择城市，或者使用您的位置").await;
        let title = browser.script("return document.title").await;
        assert!(title.as_str().unwrap().starts_with("错误：选择大厅"), "{title}");
        let first = browser.script("return document.querySelector('main > :not([hidden])').className").await;
        assert_eq!(first, "errors", "the list of what is wrong stands first");
        browser.click("[href='#area']").await;
        assert_eq!(browser.script("return document.activeElement.id").await, "area");
        assert_eq!(browser.script("return document.activeElement.getAttribute('aria-invalid')").await, "true");
    }
    let browser = Browser::phone().at(app.door.address()).await;
    browser.go(&format!("{HALLS}&area=%E7%81%AB%E6%98%9F")).await;
    browser.see("请选择城市").await;
    browser.anybody_can_use_it().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_many_come_is_asked_with_the_hall_and_counts_from_there_on() {
    let app = TestApp::start().await;
    let browser = Browser::phone().without_script().at(app.door.address()).await;
    browser.go(&format!("{HALLS}&area=%E6%9D%AD%E5%B7%9E")).await;
    assert_eq!(
        browser.script("return document.querySelector('.numbers [aria-current] [aria-hidden]').innerText").await,
        "1"
    );
    browser.click(".numbers [href*='people=4']").await;
    browser.see("4 人约在同一时段").await;
    browser.see("杭州的大厅").await;
    browser.click("[href^='/halls/east?']").await;
    browser.click(&format!("[href*='/halls/east/{DAY}?']")).await;
    browser.see("余 2 个名额，不够 4 人").await;
    assert_eq!(browser.script("return document.querySelectorAll('.band a[href*=\"start=09%3A00\"]').length").await, 0);
    // South has three places at a time: no day of it suits four.
    browser.go("/halls/south?service=passport.renewal&people=4&area=%E6%9D%AD%E5%B7%9E").await;
    browser.see("各时段都不够 4 人").await;
    browser.see("东厅").await;
    browser.go(&format!("/halls/east/{DAY}?service=passport.renewal&people=4&area=%E6%9D%AD%E5%B7%9E")).await;
    browser.take("08:30").await;
    let address = browser.address().await;
    assert!(address.contains("people%3D4%26area%3D%25E6%259D%25AD"), "the way back comes along: {address}");
    browser.go(&format!("/halls/east/{DAY}?service=passport.renewal&people=4&area=%E6%9D%AD%E5%B7%9E")).await;
    browser.click(".back a").await;
    browser.see("杭州的大厅").await;
    browser.see("4 人约在同一时段").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_stand_above_the_times_and_the_calendar_says_why_not() {
    let app = TestApp::start().await;
    for setup in
        [Browser::phone(), Browser::phone().width(320), Browser::phone().large_text(), Browser::desktop().dark()]
    {
        let browser = setup.at(app.door.address()).await;
        browser.go("/halls/east?service=passport.renewal").await;
        browser.see("2026年11月25日 周三").await;
        let days = browser.script("return document.querySelectorAll('.strip .day').length").await;
        assert_eq!(days, 7);
        let sizes =
            "return [...document.querySelectorAll('.day .state')].map(it => parseFloat(getComputedStyle(it).fontSize))";
        let sizes = browser.script(sizes).await;
        assert!(sizes.as_array().unwrap().iter().all(|size| size.as_f64().unwrap() >= 14.0), "{sizes}");
        let states =
            browser.script("return [...document.querySelectorAll('.day .state')].map(it => it.innerText)").await;
        assert_eq!(states, json!(["当天", "可约", "可约", "可约", "可约", "可约", "可约"]));
        browser.anybody_can_use_it().await;
        browser.click("后 7 天").await;
        browser.see("2026年12月2日 周三").await;
        browser.see("节假日").await;
        browser.click("日历").await;
        browser.click("为什么有的日子不能约").await;
        browser.see("试验节").await;
        browser.anybody_can_use_it().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_day_says_once_and_first_what_is_free_elsewhere() {
    let app = TestApp::start().await;
    fill_east(&app, DAY).await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.go(&format!("/halls/east/{DAY}?service=passport.renewal")).await;
    browser.see("11月26日已约满").await;
    browser.see("本厅离这天最近的可约日子").await;
    browser.see("附近大厅最早可约").await;
    browser.see("距本厅 8.6 公里").await;
    browser.see_no_more("西厅").await;
    assert_eq!(browser.script("return document.querySelectorAll('.ways').length").await, 2, "said once");
    let order =
        "return document.querySelector('.notice .ways').compareDocumentPosition(document.querySelector('.bands'))";
    assert_eq!(browser.script(order).await, 4, "the times follow it");
    assert_eq!(browser.script("return document.querySelectorAll('.bands a').length").await, 0);
    browser.anybody_can_use_it().await;
    browser.click("南厅 11月26日").await;
    browser.see("南厅").await;
    browser.go("/halls/east?service=passport.renewal").await;
    let state = format!("return document.querySelector('[data-count=\"{DAY}\"]').innerText");
    assert_eq!(browser.script(&state).await, "约满");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_places_is_shown_only_when_it_is_small() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.go("/halls/south?service=passport.renewal").await;
    let state = format!("return document.querySelector('[data-count=\"{DAY}\"]').innerText");
    assert_eq!(browser.script(&state).await, "可约");
    for number in 0..5 {
        let start = if number < 3 { "09:00" } else { "10:00" };
        app.person(number).await.booked(&booking("south", DAY, start, "passport.renewal")).await;
    }
    browser.see("余1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_hold_and_the_next_appointment_wait_on_the_start_page() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.go("/sign-in").await;
    browser.sign_in(1).await;
    browser.see("我的预约").await;
    browser.go("/").await;
    assert!(!browser.text().await.contains("您的下一个预约"));
    let person = app.person(1).await;
    person.booked(&booking("east", DAY, "08:30", "passport.renewal")).await;
    let held = json!({
        "hall": "east", "service": "permit.renewal", "date": DAY, "start": "13:30", "hold": true,
        "applicants": [identities::person(1)],
    });
    let held = person.post("/v1/appointments", &held).await.ok(201);
    browser.go("/").await;
    browser.see("您保留的名额还没有确认").await;
    browser.see("您的下一个预约").await;
    browser.see("11月26日 周四 08:30–09:00").await;
    browser.anybody_can_use_it().await;
    let clock = browser.script("return document.querySelector('.held .clock').innerText").await;
    assert!(["10:00", "09:59", "09:58", "09:57", "09:56", "09:55"].iter().any(|time| clock == *time), "{clock}");
    let id = held["appointments"][0]["id"].as_str().unwrap();
    let ways = browser.script("return [...document.querySelectorAll('.held a, .held form')].map(it => it.getAttribute('href') ?? it.getAttribute('action'))").await;
    assert_eq!(ways, json!([format!("/held/{id}"), format!("/appointments/{id}/cancel?party=false")]));
    browser.click("放弃这个名额").await;
    browser.see_no_more("您保留的名额还没有确认").await;
    assert_eq!(taken(&app, DAY, "13:30").await, 0);
    app.pass(TimeDelta::minutes(11));
    browser.go("/").await;
    browser.see("您的下一个预约").await;
    assert!(!browser.text().await.contains("您保留的名额还没有确认"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_page_says_when_the_server_no_longer_answers() {
    let mut app = TestApp::start().await;
    let browser = Browser::phone().patience(Duration::from_secs(30)).at(app.door.address()).await;
    browser.go(&format!("/halls/east/{DAY}?service=passport.renewal")).await;
    browser.see("余 2 个名额").await;
    assert!(!browser.text().await.contains("暂时连不上系统"));
    // It comes back elsewhere, so for this page it is gone.
    app.restart().await;
    browser.see("暂时连不上系统").await;
    browser.script("scrollTo(0, 2000)").await;
    let top = browser.script("return document.querySelector('[data-stale]').getBoundingClientRect().top").await;
    assert!((0.0..100.0).contains(&top.as_f64().unwrap()), "it stays in sight, at {top} px");
    // That nothing answers is what this is about: the page tries no more, and its complaints are heard.
    browser.script("dispatchEvent(new Event('pagehide'))").await;
    drop(browser.console_errors().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_head_of_a_phone_is_one_row_and_nothing_jumps() {
    let app = TestApp::start().await;
    for language in ["zh-CN", "zh-TW", "en"] {
        let browser = Browser::phone().language(language).at(app.door.address()).await;
        browser.go("/").await;
        let height = browser.script("return document.querySelector('.top').getBoundingClientRect().height").await;
        assert!(height.as_f64().unwrap() <= 72.0, "{language}: the head takes {height} px");
    }
}
