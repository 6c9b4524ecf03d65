//! What happens while somebody looks: others book, time runs out, a session ends.

use std::time::Duration;

use chrono::TimeDelta;

use super::Browser;
use super::way::{DAY, TOMORROW, row_of, taken};
use crate::http::{TestApp, booking};
use crate::identities;

/// How often a test looks for what has two outcomes, and how long a look is apart from the next.
const MAX_LOOKS: usize = 3_000;
const GLANCE: Duration = Duration::from_millis(20);

#[tokio::test(flavor = "multi_thread")]
async fn two_want_the_last_place_and_one_gets_it() {
    let app = TestApp::start().await;
    app.person(9).await.booked(&booking("east", DAY, "09:00", "passport.renewal")).await;
    let (one, other) = Browser::pair(Browser::phone(), Browser::desktop(), app.door.address()).await;
    let come = async |browser: &Browser, number| {
        browser.find_a_day(DAY).await;
        browser.see("余 1 个名额").await;
        browser.take("09:00").await;
        browser.sign_in(number).await;
        browser.see("谁来办理").await;
    };
    tokio::join!(come(&one, 1), come(&other, 2));
    tokio::join!(one.click("[value='hold']"), other.click("[value='hold']"));
    let end = async |browser: &Browser| {
        for _ in 0..MAX_LOOKS {
            if browser.heading().await == "填写其余内容" {
                return true;
            }
            if browser.text().await.contains("选择其他时间") {
                return false;
            }
            tokio::time::sleep(GLANCE).await;
        }
        panic!("neither won nor lost: {}", browser.text().await);
    };
    let won = tokio::join!(end(&one), end(&other));
    assert!(won.0 != won.1, "one of the two has the place: {won:?}");
    assert_eq!(taken(&app, DAY, "09:00").await, 2);
    let loser = if won.0 { &other } else { &one };
    loser.click("选择其他时间").await;
    loser.see("08:30–09:00").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_move_in_one_window_while_another_books() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.go(&format!("/halls/east/{DAY}?service=passport.renewal")).await;
    browser.see("余 2 个名额").await;
    let booked = app.person(1).await.booked(&booking("east", DAY, "09:00", "passport.renewal")).await;
    browser.see("余 1 个名额").await;
    let _ = booked;
    app.person(2).await.booked(&booking("east", DAY, "09:00", "passport.renewal")).await;
    browser.see("约满").await;
    let class =
        browser.script("return document.querySelector('[data-count$=\"09:00\"]').closest('.band').className").await;
    assert!(class.as_str().unwrap().contains("s-full"), "{class}");
    browser.see("没有合适的时间").await;
    browser.go("/halls/south/days?service=passport.renewal").await;
    let shown = format!("return document.querySelector('[data-count=\"{DAY}\"]').innerText");
    let before = browser.script(&shown).await;
    for (number, start) in [(3, "09:00"), (4, "09:00"), (5, "10:00"), (6, "10:00"), (7, "10:00")] {
        app.person(number).await.booked(&booking("south", DAY, start, "passport.renewal")).await;
    }
    for _ in 0..MAX_LOOKS {
        if browser.script(&shown).await != before {
            return;
        }
        tokio::time::sleep(GLANCE).await;
    }
    panic!("the day never changed: {before}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_that_loses_the_race_finds_its_rows_again() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("09:00").await;
    browser.sign_in(1).await;
    browser.come_with(0, 2).await;
    app.person(9).await.booked(&booking("east", DAY, "09:00", "passport.renewal")).await;
    browser.click("[value='hold']").await;
    browser.see("您填写的同行人会保留一小时").await;
    browser.anybody_can_use_it().await;
    browser.click("选择其他时间").await;
    browser.see("余 1 个名额，不够 2 人").await;
    browser.take("08:30").await;
    browser.see("谁来办理").await;
    assert_eq!(browser.row(0).await, row_of(2));
    browser.click("[value='hold']").await;
    browser.see("名额为您保留到").await;
    // The hold ends, and they are still known; once booked, they are not.
    app.pass(TimeDelta::minutes(11));
    let band = format!("/book?hall=east&service=passport.renewal&date={DAY}&start=08%3A30");
    browser.go(&band).await;
    assert_eq!(browser.row(0).await, row_of(2));
    browser.click("[value='hold']").await;
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.click("[value='confirm']").await;
    browser.see("预约成功").await;
    assert_eq!(taken(&app, DAY, "08:30").await, 2);
    browser.go(&band).await;
    browser.see("谁来办理").await;
    assert_eq!(browser.row(0).await, serde_json::json!([null, null, null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_countdown_runs_out_and_nothing_typed_is_lost() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.click("[value='hold']").await;
    browser.see("名额为您保留到").await;
    let address = browser.address().await;
    app.pass(TimeDelta::minutes(10) - TimeDelta::seconds(3));
    browser.go(&address).await;
    browser.fill("contact-name", "李虚").await;
    browser.fill("contact-phone", "0571-87280185").await;
    app.pass(TimeDelta::seconds(4));
    browser.see("保留时间已到").await;
    browser.anybody_can_use_it().await;
    browser.click("重新选择时间").await;
    browser.see("这次没有约成").await;
    browser.click("重新选择时间").await;
    browser.take("08:30").await;
    browser.click("[value='hold']").await;
    browser.see("名额为您保留到").await;
    let name = browser.script("return document.querySelector('[name=contact-name]').value").await;
    assert_eq!(name, "李虚");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_in_the_middle_of_a_form_and_the_form_comes_back() {
    let app = TestApp::start().await;
    let browser = Browser::desktop().at(app.door.address()).await;
    browser.find_a_day("2026-11-27").await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.see("谁来办理").await;
    browser.click("[value='add']").await;
    browser.fill("name-0", &identities::name(2)).await;
    browser.fill("id_number-0", &identities::identity(2)).await;
    app.set_clock(TOMORROW);
    browser.fill("phone-0", &identities::phone(2)).await;
    browser.click("[value='hold']").await;
    browser.see("登录已过期").await;
    browser.anybody_can_use_it().await;
    // In another language and back, twice, since the form comes along each time.
    browser.click("English").await;
    browser.see("What you filled in has been kept").await;
    browser.click("简体").await;
    browser.see("您刚才填写的内容已经保留").await;
    browser.sign_in(1).await;
    browser.see("谁来办理").await;
    assert_eq!(browser.row(0).await, row_of(2));
    browser.click("[value='hold']").await;
    browser.see("名额为您保留到").await;
    assert_eq!(taken(&app, "2026-11-27", "08:30").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_person_at_the_same_machine_does_not_see_what_was_typed() {
    let app = TestApp::start().await;
    let browser = Browser::desktop().at(app.door.address()).await;
    browser.find_a_day("2026-11-27").await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.click("[value='add']").await;
    browser.fill("name-0", "秘密的人").await;
    app.set_clock(TOMORROW);
    browser.click("[value='hold']").await;
    browser.see("登录已过期").await;
    browser.sign_in(3).await;
    browser.see_no_more("登录已过期").await;
    let fields = browser.script("return [...document.querySelectorAll('input')].map(it => it.value).join()").await;
    assert!(!fields.as_str().unwrap().contains("秘密的人"), "{fields}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_click_and_a_way_back_make_no_second_reservation() {
    let app = TestApp::start().await;
    let browser = Browser::phone().without_script().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.see("谁来办理").await;
    browser.click("[value='hold']").await;
    browser.see("名额为您保留到").await;
    browser.script("history.back()").await;
    browser.see("谁来办理").await;
    browser.click("[value='hold']").await;
    browser.see("名额为您保留到").await;
    assert_eq!(taken(&app, DAY, "08:30").await, 1, "the form was sent twice, and is one call");
}
