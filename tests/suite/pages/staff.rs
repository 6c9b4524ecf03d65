//! The staff's day, on a desktop and on a phone, with a script and without: who comes, who is called, who is served, and
//! what the city looks like; and a change of the configuration with those it displaces.

use chrono::TimeDelta;
use serde_json::json;

use super::Browser;
use super::setup::Setup;
use crate::http::{CHIEF, DESK, TestApp, booking};

/// The day on which people come, booked the day before.
const DAY: &str = "2026-11-25";

/// Books for made-up persons in `east`, and lets their day come. Gives their codes.
async fn a_day_with(app: &TestApp, starts: &[&str]) -> Vec<String> {
    let mut codes = Vec::new();
    for (number, start) in starts.iter().enumerate() {
        let booked = app.person(number).await.booked(&booking("east", DAY, start, "passport.renewal")).await;
        codes.push(booked["code"].as_str().unwrap().to_owned());
    }
    app.set_clock("2026-11-25T08:10:00.000+08:00");
    codes
}

async fn sign_in(browser: &Browser, token: &str) {
    browser.go("/staff").await;
    browser.fill("token", token).await;
    browser.click("登录").await;
    browser.see("退出登录").await;
}

async fn whole_day(setup: Setup, is_judged: bool) {
    let app = TestApp::start().await;
    let codes = a_day_with(&app, &["08:30", "08:30", "09:00"]).await;
    let browser = setup.at(app.door.address()).await;
    let judge = async || {
        if is_judged {
            browser.anybody_can_use_it().await;
        }
    };
    browser.go("/staff").await;
    browser.see("窗口人员登录").await;
    judge().await;
    browser.fill("token", "wrong").await;
    browser.click("登录").await;
    browser.see("口令不对").await;
    judge().await;
    browser.fill("token", DESK).await;
    browser.click("登录").await;
    // Who works in one hall only is led to it.
    browser.see("预约名单").await;
    assert_eq!(browser.address().await, format!("/staff/halls/east/{DAY}"));
    browser.see("2/6").await;
    judge().await;

    // A code that nobody has, then one as a scanner types it.
    browser.fill("code", "00000000").await;
    browser.click(".scan .button").await;
    browser.see("没有预约码 00000000").await;
    judge().await;
    browser.fill("code", &codes[0]).await;
    browser.click(".scan .button").await;
    browser.see("已签到").await;
    browser.see("排队号").await;
    judge().await;
    // So soon it would be the same press.
    app.pass(TimeDelta::minutes(1));
    browser.fill("code", &codes[0]).await;
    browser.click(".scan .button").await;
    browser.see("已经签到过了").await;
    // Nobody has failed to come before the band begins, and it is asked about then.
    app.set_clock("2026-11-25T08:35:00.000+08:00");
    browser.go(&format!("/staff/halls/east/{DAY}")).await;
    browser.click("未到场").await;
    browser.see("没有来").await;
    judge().await;
    browser.click("确认未到场").await;
    browser.see("已记为未到场").await;

    // Somebody without an appointment, and the queue.
    browser.click("取号与叫号").await;
    browser.see("等候 1 人").await;
    judge().await;
    browser.choose("service", "passport.renewal").await;
    browser.click("取号").await;
    browser.see("您的排队号").await;
    browser.see("前面还有 1 人").await;
    judge().await;
    browser.click("返回取号与叫号").await;
    browser.fill("counter", "3").await;
    browser.click("确定").await;
    browser.click("叫下一位").await;
    browser.see("到 3 号窗口").await;
    judge().await;
    browser.click("办结").await;
    browser.see("等候 1 人").await;
    browser.click("叫下一位").await;
    browser.see("W001").await;
    let day = format!("/staff/halls/east/{DAY}");
    browser.go(&format!("{day}/display")).await;
    browser.see("W001").await;
    browser.see("3 号窗口").await;
    judge().await;
    browser.go(&format!("{day}/list")).await;
    browser.see(&format!("{} {}", &codes[2][..4], &codes[2][4..])).await;
    judge().await;
    browser.go("/staff/record").await;
    browser.see("叫 W001 到 3 号窗口").await;
    browser.see("签到").await;
    judge().await;
    let served = app.chief().get(&format!("/v1/admin/halls/east/days/{DAY}")).await.ok(200);
    let status = served["appointments"].as_array().unwrap().iter().find(|one| one["code"] == codes[0].as_str());
    assert_eq!(status.unwrap()["status"], "served");
    browser.go("/staff/halls/south/2026-11-25").await;
    browser.see("没有权限").await;
    judge().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_on_a_desktop() {
    whole_day(Browser::desktop(), true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_on_a_phone() {
    whole_day(Browser::phone().dark(), true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_without_a_script() {
    whole_day(Browser::desktop().without_script(), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyboard_scanner_needs_no_hand() {
    let app = TestApp::start().await;
    let codes = a_day_with(&app, &["08:30"]).await;
    let browser = Browser::desktop().at(app.door.address()).await;
    sign_in(&browser, DESK).await;
    browser.see("预约名单").await;
    assert_eq!(browser.focus().await, "扫码或输入预约码");
    browser.write(&codes[0]).await;
    browser.press(super::hands::Key::Enter).await;
    browser.see("已签到").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_of_another_day_is_asked_about_first() {
    let app = TestApp::start().await;
    let other = app.person(7).await.booked(&booking("east", "2026-11-26", "08:30", "passport.renewal")).await;
    let code = other["code"].as_str().unwrap();
    app.set_clock("2026-11-25T08:10:00.000+08:00");
    let browser = Browser::desktop().at(app.door.address()).await;
    sign_in(&browser, DESK).await;
    browser.fill("code", code).await;
    browser.click(".scan .button").await;
    browser.see("现在就签到吗").await;
    browser.anybody_can_use_it().await;
    browser.click("不签到").await;
    browser.see("没有预约").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_at_a_glance() {
    let app = TestApp::start().await;
    a_day_with(&app, &["08:30", "08:30", "09:00", "09:00"]).await;
    let browser = Browser::desktop().at(app.door.address()).await;
    sign_in(&browser, CHIEF).await;
    browser.see("今天的大厅").await;
    browser.anybody_can_use_it().await;
    browser.go(&format!("/staff/city?date={DAY}")).await;
    browser.see("预约情况").await;
    browser.see("2/2").await;
    browser.anybody_can_use_it().await;
    browser.go("/staff/trends").await;
    browser.see("预约趋势").await;
    browser.anybody_can_use_it().await;
    browser.go("/staff/record").await;
    browser.anybody_can_use_it().await;
    let table = "return fetch('/staff/city.csv?from=2026-11-25&to=2026-11-25').then(it => it.text())";
    let table = browser.script(table).await;
    let table = table.as_str().unwrap();
    assert!(table.lines().any(|line| line.contains("east") && line.contains("08:30")), "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capacity_is_lowered_in_the_page_and_who_is_displaced_is_moved() {
    let app = TestApp::start().await;
    for number in 0..2 {
        app.person(number).await.booked(&booking("east", "2026-11-26", "09:00", "passport.renewal")).await;
    }
    let browser = Browser::desktop().at(app.door.address()).await;
    sign_in(&browser, CHIEF).await;
    browser.click("配置").await;
    browser.see("大厅文件").await;
    browser.anybody_can_use_it().await;
    browser.click("[href$='/halls/east.toml']").await;
    browser.see("改好后先检查").await;
    browser.anybody_can_use_it().await;

    // What is wrong is told in the language of the page and leads to its line, and what was typed stays.
    let text = browser.script("return document.querySelector('[name=text]').value").await;
    let text = text.as_str().unwrap().to_owned();
    retype(&browser, &text.replace("\"09:00\" = 2", "\"09:00\" = -1")).await;
    browser.click("检查").await;
    browser.see("有 1 处错误").await;
    browser.see("超出范围").await;
    browser.see("\"09:00\" = -1").await;
    browser.anybody_can_use_it().await;
    browser.click("[data-line]").await;
    let selected = "const { value, selectionStart, selectionEnd } = document.activeElement;
        return value.slice(selectionStart, selectionEnd)";
    assert_eq!(browser.script(selected).await, "\"09:00\" = -1");
    retype(&browser, &text.replace("\"09:00\" = 2", "\"09:00\" = 1")).await;
    browser.click("检查").await;
    browser.see("可以生效，但会影响 1 人").await;
    browser.see("人工窗口：09:00 开始的时段，名额 2 → 1").await;
    browser.see("-\"09:00\" = 2").await;
    browser.anybody_can_use_it().await;
    assert_eq!(app.slot("east", "2026-11-26", "counter", "09:00").await["capacity"], 2, "nothing has changed yet");
    browser.click("发布").await;
    browser.see("已生效").await;
    assert_eq!(app.slot("east", "2026-11-26", "counter", "09:00").await["capacity"], 1);

    browser.click("去改期").await;
    browser.see("有 1 人的预约").await;
    browser.anybody_can_use_it().await;
    browser.click(".person .acts a").await;
    browser.see("另选时间").await;
    browser.anybody_can_use_it().await;
    browser.click("[name='to']").await;
    browser.see("确认改期").await;
    assert_eq!(app.taken("east", "2026-11-26", "09:00").await, 2, "asking moves nobody");
    browser.anybody_can_use_it().await;
    browser.click("[name='sure']").await;
    browser.see("已改到").await;
    browser.see("所有预约都和现在的配置相符").await;
    assert_eq!(app.taken("east", "2026-11-26", "09:00").await, 1);

    // And back to how it was.
    browser.go("/staff/configuration").await;
    browser.click("[href*='/history/']").await;
    browser.anybody_can_use_it().await;
    browser.go("/staff/configuration/history/1").await;
    browser.click("预览恢复结果").await;
    browser.see("恢复到第 1 版").await;
    browser.anybody_can_use_it().await;
    browser.click("恢复到这一版").await;
    browser.see("已恢复到旧版本").await;
    assert_eq!(app.slot("east", "2026-11-26", "counter", "09:00").await["capacity"], 2);
    browser.go("/staff/record?hall=all").await;
    browser.see("启用配置").await;
}

/// Puts a text into the editor, as pasting does.
async fn retype(browser: &Browser, text: &str) {
    let text = json!(text);
    browser.script(&format!("document.querySelector('[name=text]').value = {text}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_changes_its_own_hall_only() {
    let app = TestApp::start().await;
    let browser = Browser::desktop().at(app.door.address()).await;
    sign_in(&browser, DESK).await;
    browser.go("/staff/configuration").await;
    browser.see("这里只有您负责的大厅的文件").await;
    browser.anybody_can_use_it().await;
    browser.go("/staff/configuration/halls/south.toml").await;
    browser.see("没有权限").await;
    browser.go("/staff/displaced").await;
    browser.anybody_can_use_it().await;
    browser.go("/staff/city").await;
    let halls = browser.script("return document.querySelector('.heat')?.innerText ?? ''").await;
    assert!(!halls.as_str().unwrap().contains("南厅"), "{halls}");
    browser.go("/staff/record").await;
    assert_eq!(browser.script("return document.querySelector('#hall').value").await, "east");
    browser.anybody_can_use_it().await;
}
