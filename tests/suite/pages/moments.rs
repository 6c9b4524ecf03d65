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
        browser.see("填写办理信息").await;
    };
    tokio::join!(come(&one, 1), come(&other, 2));
    tokio::join!(one.fill_in_details(), other.fill_in_details());
    tokio::join!(one.click("[value='review']"), other.click("[value='review']"));
    let end = async |browser: &Browser| {
        for _ in 0..MAX_LOOKS {
            if browser.heading().await == "请核对后确认" {
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
    loser.see_no_more("这个时段的名额不够了，请选择其他时间").await;
    loser.click("选择其他时间").await;
    loser.see("08:30–09:00").await;
    loser.go_back().await;
    loser.see("填写办理信息").await;
    assert_eq!(loser.typed("contact-name").await, "李虚", "what was typed is there after the way back");
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
    browser.click("[value='review']").await;
    browser.see("您填写的内容会保留一小时").await;
    browser.anybody_can_use_it().await;
    browser.click("选择其他时间").await;
    browser.see("不够 2 人").await;
    browser.take("08:30").await;
    browser.see("填写办理信息").await;
    assert_eq!(browser.row(0).await, row_of(2));
    browser.click("[value='review']").await;
    browser.see("名额为您保留到").await;
    assert_eq!(taken(&app, DAY, "08:30").await, 2, "the places are held as soon as it is known for whom");
    // The hold ends, and they are still known, as is how many they are; once booked, they are not.
    let held = browser.address().await;
    app.pass(TimeDelta::minutes(11));
    browser.go(held.trim_end_matches("/check")).await;
    browser.see("这次没有约成").await;
    browser.click("重新选择时间").await;
    browser.see("不够 2 人").await;
    let band = format!("/book?hall=east&service=passport.renewal&date={DAY}&start=08%3A30");
    browser.go(&band).await;
    assert_eq!(browser.row(0).await, row_of(2));
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.click("[value='confirm']").await;
    browser.see("预约成功").await;
    assert_eq!(taken(&app, DAY, "08:30").await, 2);
    browser.go(&band).await;
    browser.see("填写办理信息").await;
    assert_eq!(browser.row(0).await, serde_json::json!([null, null, null]));
    assert_eq!(browser.typed("contact-name").await, "李虚", "whom to call is known for the rest of the session");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_countdown_runs_out_and_nothing_typed_is_lost() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.see("填写办理信息").await;
    browser.click("[value='review']").await;
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
    browser.take("08:30").await;
    browser.see("填写办理信息").await;
    assert_eq!(browser.typed("contact-name").await, "李虚");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_gets_more_time_once() {
    let app = TestApp::start().await;
    let browser = Browser::phone().without_script().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.see("填写办理信息").await;
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    app.pass(TimeDelta::minutes(9));
    browser.click("延长 5 分钟").await;
    browser.see_no_more("延长 5 分钟").await;
    browser.see("请核对后确认").await;
    app.pass(TimeDelta::minutes(5));
    browser.click("[value='confirm']").await;
    browser.see("预约成功").await;
    assert_eq!(taken(&app, DAY, "08:30").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_for_more_time_comes_when_time_is_short() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.see("填写办理信息").await;
    browser.click("[value='review']").await;
    browser.see("名额为您保留到").await;
    browser.see_no_more("延长 5 分钟").await;
    let address = browser.address().await;
    app.pass(TimeDelta::minutes(8) + TimeDelta::seconds(1));
    browser.go(&address).await;
    browser.fill("contact-name", "李虚").await;
    browser.see("延长 5 分钟").await;
    browser.anybody_can_use_it().await;
    browser.click("延长 5 分钟").await;
    browser.see_no_more("延长 5 分钟").await;
    assert_eq!(browser.typed("contact-name").await, "李虚");
    app.pass(TimeDelta::minutes(4));
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_in_the_middle_of_a_form_and_the_form_comes_back() {
    let app = TestApp::start().await;
    let browser = Browser::desktop().at(app.door.address()).await;
    browser.find_a_day("2026-11-27").await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.see("填写办理信息").await;
    browser.click("[value='add']").await;
    browser.fill("name-0", &identities::name(2)).await;
    browser.fill("id_number-0", &identities::identity(2)).await;
    app.set_clock(TOMORROW);
    browser.fill("phone-0", &identities::phone(2)).await;
    browser.click("[value='review']").await;
    browser.see("登录已过期").await;
    browser.anybody_can_use_it().await;
    // In another language and back, twice, since the form waits in the browser.
    browser.click("English").await;
    browser.see("What you entered has been kept").await;
    browser.click("简体").await;
    browser.see("您刚才填写的内容已经保留").await;
    browser.sign_in(1).await;
    browser.see("填写办理信息").await;
    assert_eq!(browser.row(0).await, row_of(2));
    browser.click("[value='review']").await;
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
    browser.see("填写办理信息").await;
    browser.click("[value='add']").await;
    browser.fill("name-0", "秘密的人").await;
    app.set_clock(TOMORROW);
    browser.click("[value='review']").await;
    browser.see("登录已过期").await;
    browser.sign_in(3).await;
    browser.see("填写办理信息").await;
    let fields = browser.script("return [...document.querySelectorAll('input')].map(it => it.value).join()").await;
    assert!(!fields.as_str().unwrap().contains("秘密的人"), "{fields}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_person_who_presses_back_sees_nothing_of_the_first() {
    for (setup, ends_by_itself) in
        [(Browser::desktop(), true), (Browser::desktop(), false), (Browser::phone().without_script(), false)]
    {
        let app = TestApp::start().await;
        let browser = setup.at(app.door.address()).await;
        browser.find_a_day("2026-11-27").await;
        browser.take("08:30").await;
        browser.sign_in(1).await;
        browser.come_with(0, 2).await;
        browser.fill_in_details().await;
        browser.choose("method", "post").await;
        browser.click("[value='review']").await;
        browser.see("请先改正下面的内容").await;
        browser.fill("address-street", "秘密的街").await;
        browser.choose("method", "counter").await;
        browser.click("[value='review']").await;
        browser.see("请核对后确认").await;
        browser.see(&identities::identity(2)).await;
        if ends_by_itself {
            app.set_clock(TOMORROW);
            browser.click("[value='confirm']").await;
            browser.see("登录已过期").await;
        } else {
            browser.click("退出登录").await;
            browser.see_no_more("退出登录").await;
            browser.go("/sign-in").await;
        }
        browser.sign_in(3).await;
        browser.see("退出登录").await;
        for step in 0..9 {
            browser.go_back().await;
            let everything = "return document.body.innerText + [...document.querySelectorAll('input, select, textarea')].map(it => it.value).join()";
            let shown = browser.script(everything).await;
            let number = [identities::identity(1), identities::identity(2), identities::phone(2)];
            // The contact is known by the telephone: the name begins like those of made-up people.
            for secret in number.iter().map(String::as_str).chain(["0571-87280185", "秘密的街"]) {
                assert!(!shown.as_str().unwrap().contains(secret), "{step} steps back: {secret} in {shown}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_at_the_last_button_leads_back_to_it() {
    let app = TestApp::start().await;
    let browser = Browser::desktop().at(app.door.address()).await;
    browser.go("/sign-in").await;
    browser.sign_in(1).await;
    browser.see("退出登录").await;
    app.pass(TimeDelta::hours(12) - TimeDelta::minutes(2));
    browser.find_a_day("2026-11-27").await;
    browser.take("08:30").await;
    browser.see("填写办理信息").await;
    browser.come_with(0, 2).await;
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    app.pass(TimeDelta::minutes(3));
    browser.click("[value='confirm']").await;
    browser.see("登录已过期").await;
    browser.sign_in(1).await;
    browser.see("请核对后确认").await;
    browser.see(&identities::identity(2)).await;
    browser.click("[value='confirm']").await;
    browser.see("预约成功").await;
    assert_eq!(taken(&app, "2026-11-27", "08:30").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn back_and_refresh_ask_for_nothing_and_show_what_was_typed() {
    for setup in [Browser::phone(), Browser::phone().without_script()] {
        let app = TestApp::start().await;
        let browser = setup.at(app.door.address()).await;
        browser.find_a_day(DAY).await;
        browser.take("08:30").await;
        // A mistake at the sign-in, and a refresh of the page that says so.
        browser.fill("name", &identities::name(1)).await;
        browser.click(".buttons .button").await;
        browser.see("请先改正下面的内容").await;
        browser.refresh().await;
        browser.see("请先改正下面的内容").await;
        assert_eq!(browser.typed("name").await, identities::name(1));
        browser.sign_in(1).await;
        // A row more, a refresh, and back: every one of them is a page of its own.
        browser.come_with(0, 2).await;
        browser.click("[value='add']").await;
        browser.see("同行人 2").await;
        browser.refresh().await;
        browser.see("同行人 2").await;
        assert_eq!(browser.row(0).await, row_of(2));
        browser.go_back().await;
        browser.see("填写办理信息").await;
        browser.go_forward().await;
        browser.see("同行人 2").await;
        browser.click("[value='remove-1']").await;
        browser.see_no_more("同行人 2").await;
        browser.fill_in_details().await;
        browser.click("[value='review']").await;
        browser.see("请核对后确认").await;
        browser.refresh().await;
        browser.see("请核对后确认").await;
        browser.go_back().await;
        browser.see("填写办理信息").await;
        assert_eq!(browser.typed("contact-name").await, "李虚", "back from the review the form is filled in");
        assert_eq!(browser.row(0).await, row_of(2));
        browser.click("[value='review']").await;
        browser.see("请核对后确认").await;
        assert_eq!(taken(&app, DAY, "08:30").await, 2, "the same places are still held, and no others");
        browser.click("[value='confirm']").await;
        browser.see("预约成功").await;
        assert_eq!(taken(&app, DAY, "08:30").await, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_hold_moves_to_the_time_that_is_chosen_next() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.see("填写办理信息").await;
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    browser.go(&format!("/book?hall=east&service=passport.renewal&date={DAY}&start=13%3A30")).await;
    browser.see("您已保留").await;
    browser.anybody_can_use_it().await;
    assert_eq!(browser.typed("contact-name").await, "李虚", "what was typed for the other time is here");
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    assert_eq!((taken(&app, DAY, "08:30").await, taken(&app, DAY, "13:30").await), (0, 1));
    browser.click("[value='confirm']").await;
    browser.see("预约成功").await;
    // What is booked is not moved by the way: the page says what there is, and leads to it.
    browser.go(&format!("/book?hall=east&service=passport.renewal&date={DAY}&start=08%3A30")).await;
    browser.click("[value='review']").await;
    browser.see("您本人已约好同一种证件").await;
    browser.see("13:30").await;
    let title = browser.script("return document.title").await;
    assert!(title.as_str().unwrap().starts_with("错误："), "{title}");
    let first = "return document.activeElement === document.querySelector('main > :not([hidden])')";
    assert_eq!(browser.script(first).await, serde_json::json!(true), "the refusal comes first and has the focus");
    browser.click("English").await;
    browser.see("Your details").await;
    let title = browser.script("return document.title").await;
    assert!(title.as_str().unwrap().starts_with("Error: "), "the refusal survives a change of language: {title}");
    browser.click("简体").await;
    browser.see("您本人已约好同一种证件").await;
    browser.anybody_can_use_it().await;
    browser.click("查看这个预约").await;
    browser.see("13:30").await;
    assert_eq!((taken(&app, DAY, "08:30").await, taken(&app, DAY, "13:30").await), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_for_other_people_stays_until_its_owner_gives_it_up() {
    let app = TestApp::start().await;
    let browser = Browser::phone().without_script().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.come_with(0, 2).await;
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    let other = format!("/book?hall=east&service=passport.renewal&date={DAY}&start=13%3A30");
    browser.go(&other).await;
    browser.click("[value='remove-0']").await;
    browser.see_no_more("同行人 1").await;
    browser.click("[value='review']").await;
    browser.see("两个时间只能留一个").await;
    assert_eq!((taken(&app, DAY, "08:30").await, taken(&app, DAY, "13:30").await), (2, 0));
    browser.click("回到保留的名额").await;
    browser.see("名额为您保留到").await;
    browser.go_back().await;
    browser.click("换成").await;
    browser.see("请核对后确认").await;
    assert_eq!((taken(&app, DAY, "08:30").await, taken(&app, DAY, "13:30").await), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_more_or_less_while_the_places_are_held() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("09:00").await;
    browser.sign_in(1).await;
    browser.see("填写办理信息").await;
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    browser.click("[href$='#people']").await;
    browser.come_with(0, 2).await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    browser.see(&identities::identity(2)).await;
    assert_eq!(taken(&app, DAY, "09:00").await, 2);
    // For a third one there is no room; the two places stay.
    browser.click("[href$='#name-0']").await;
    browser.see("填写办理信息").await;
    assert_eq!(browser.focus().await, "姓名", "the link leads into the field");
    browser.come_with(1, 3).await;
    browser.click("[value='review']").await;
    browser.see("这个时段的名额不够了").await;
    browser.see("名额为您保留到").await;
    assert_eq!(taken(&app, DAY, "09:00").await, 2);
    for row in ["remove-1", "remove-0"] {
        browser.click(&format!("[value='{row}']")).await;
        browser.see_no_more(if row == "remove-1" { "同行人 2" } else { "同行人 1" }).await;
    }
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    assert_eq!(taken(&app, DAY, "09:00").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_click_and_a_way_back_make_no_second_reservation() {
    let app = TestApp::start().await;
    let browser = Browser::phone().without_script().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.see("填写办理信息").await;
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.see("名额为您保留到").await;
    browser.go_back().await;
    browser.see("填写办理信息").await;
    browser.click("[value='review']").await;
    browser.see("名额为您保留到").await;
    assert_eq!(taken(&app, DAY, "08:30").await, 1, "the form was sent twice, and is one call");
}
