//! A file of halls in the editor: whatever somebody does with the buttons of the browser, nothing of the text is lost, and
//! nothing is put in force twice.

use serde_json::json;

use super::Browser;
use super::setup::Setup;
use crate::http::{CHIEF, DESK, Files, TestApp};

const EDITOR: &str = "/staff/configuration/halls/east.toml";
const CAPACITY: &str = "\"09:00\" = 2";

async fn sign_in(browser: &Browser, token: &str) {
    browser.fill("token", token).await;
    browser.click(".field ~ .button").await;
}

async fn open(app: &TestApp, setup: Setup) -> Browser {
    let browser = setup.at(app.door.address()).await;
    browser.go("/staff").await;
    sign_in(&browser, CHIEF).await;
    browser.see("退出登录").await;
    browser.go(EDITOR).await;
    browser.see("改好后先检查").await;
    browser
}

/// Puts a text into the editor, as pasting does. Where no script of the page runs, the test's still does.
async fn retype(browser: &Browser, text: &str) {
    let text = json!(text);
    browser.script(&format!("document.querySelector('[name=text]').value = {text}")).await;
}

async fn text(browser: &Browser) -> String {
    browser.typed("text").await
}

/// How often a configuration was put in force, as the record tells it.
async fn adoptions(browser: &Browser) -> usize {
    browser.go("/staff/record?hall=all").await;
    browser.text().await.matches("启用配置").count()
}

async fn number_of_nine(app: &TestApp) -> serde_json::Value {
    app.slot("east", "2026-11-26", "counter", "09:00").await["capacity"].clone()
}

async fn back_and_forth(setup: Setup) {
    let app = TestApp::start().await;
    let browser = open(&app, setup).await;
    let file = text(&browser).await;
    let wrong = file.replace(CAPACITY, "\"09:00\" = -1");
    retype(&browser, &wrong).await;
    browser.click("[value='check']").await;
    browser.see("有 1 处错误").await;
    let title = browser.script("return document.title").await;
    assert!(title.as_str().unwrap().starts_with("错误："), "{title}");
    let failed = browser.address().await;
    assert!(failed.starts_with(&format!("{EDITOR}?draft=")), "{failed}");
    browser.refresh().await;
    browser.see("有 1 处错误").await;
    assert_eq!(text(&browser).await, wrong);

    let right = file.replace(CAPACITY, "\"09:00\" = 1");
    retype(&browser, &right).await;
    browser.click("[value='check']").await;
    browser.see("名额 2 → 1").await;
    browser.fill("comment", "检修").await;
    // Back is the error, with the text as it was left or as it was sent; forward the one that is sound.
    browser.go_back().await;
    browser.see("有 1 处错误").await;
    assert!([&wrong, &right].contains(&&text(&browser).await));
    browser.go_forward().await;
    browser.see("名额 2 → 1").await;
    assert_eq!(text(&browser).await, right);
    // Another language brings along what was typed and not sent yet.
    let more = format!("{right}# 待定\n");
    retype(&browser, &more).await;
    browser.fill("comment", "检修").await;
    browser.click("English").await;
    browser.see("Check").await;
    assert_eq!((text(&browser).await, browser.typed("comment").await), (more, "检修".to_owned()));
    browser.click("简体").await;
    browser.see("改好后先检查").await;
    retype(&browser, &right).await;
    browser.click("[value='check']").await;
    browser.see("名额 2 → 1").await;
    // What came of the same text is told in the other language, too.
    browser.click("繁體").await;
    browser.see("名額 2 → 1").await;
    assert_eq!(browser.typed("comment").await, "检修");
    browser.click("简体").await;
    browser.see("名额 2 → 1").await;
    assert_eq!(number_of_nine(&app).await, 2, "nothing has changed yet");

    browser.click("[value='apply']").await;
    browser.see("已生效").await;
    assert_eq!(number_of_nine(&app).await, 1);
    let published = browser.address().await;
    browser.refresh().await;
    browser.see("已生效").await;
    // Back to the editor and pressed once more: it is in force already.
    browser.go_back().await;
    browser.see("改动的行").await;
    assert_eq!(text(&browser).await, right);
    browser.click("[value='apply']").await;
    browser.see("已生效").await;
    assert_eq!(browser.address().await, published);
    assert_eq!(adoptions(&browser).await, 1);
    browser.go("/staff/configuration").await;
    assert_eq!(browser.script("return document.querySelectorAll('[href*=\"/history/\"]').length").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn back_refresh_and_another_language_lose_nothing_and_publish_nothing_twice() {
    back_and_forth(Browser::desktop()).await;
    back_and_forth(Browser::phone().without_script()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_waits_for_the_member_whose_session_has_ended() {
    let app = TestApp::start().await;
    let browser = open(&app, Browser::desktop()).await;
    let mine = format!("{}# 我写的\n", text(&browser).await);
    retype(&browser, &mine).await;
    app.set_clock("2026-11-25T08:00:00.000+08:00");
    browser.click("[value='check']").await;
    browser.see("您写的内容没有丢").await;
    browser.refresh().await;
    browser.see("您写的内容没有丢").await;
    sign_in(&browser, "hps.wrong").await;
    browser.see("您写的内容没有丢").await;
    browser.anybody_can_use_it().await;
    sign_in(&browser, CHIEF).await;
    browser.see("您写的内容还在下面").await;
    assert_eq!(text(&browser).await, mine);
    browser.anybody_can_use_it().await;
    browser.click("[value='check']").await;
    browser.see("没有错误").await;
    // It is another member's no more than another member's text is this one's.
    let draft = browser.address().await;
    browser.click("退出登录").await;
    browser.see("窗口人员登录").await;
    sign_in(&browser, DESK).await;
    browser.see("退出登录").await;
    browser.go(&draft).await;
    browser.see("已不再保留").await;
    assert!(!text(&browser).await.contains("我写的"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_is_gone_is_said_to_be_gone() {
    let mut app = TestApp::start().await;
    let browser = open(&app, Browser::desktop()).await;
    let file = text(&browser).await;
    retype(&browser, &format!("{file}# 我写的\n")).await;
    browser.click("[value='check']").await;
    browser.see("没有错误").await;
    let draft = browser.address().await;
    // What stands in an open page is sent from there, whatever the server has forgotten.
    let typed = text(&browser).await;
    app.restart().await;
    drop(browser);
    let browser = open(&app, Browser::desktop()).await;
    browser.go(&draft).await;
    browser.see("已不再保留").await;
    assert_eq!(text(&browser).await, file);
    browser.anybody_can_use_it().await;
    retype(&browser, &typed).await;
    browser.click("[value='check']").await;
    browser.see("没有错误").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_to_a_version_is_looked_at_as_often_as_one_likes_and_done_once() {
    let app = TestApp::start().await;
    let browser = open(&app, Browser::phone()).await;
    let file = text(&browser).await;
    retype(&browser, &file.replace(CAPACITY, "\"09:00\" = 1")).await;
    browser.click("[value='check']").await;
    browser.click("[value='apply']").await;
    browser.see("已生效").await;
    browser.go("/staff/configuration/history/1").await;
    browser.click("预览恢复结果").await;
    browser.see("名额 1 → 2").await;
    browser.refresh().await;
    browser.see("名额 1 → 2").await;
    browser.click("繁體").await;
    browser.see("名額 1 → 2").await;
    browser.click("简体").await;
    browser.see("名额 1 → 2").await;
    browser.anybody_can_use_it().await;

    // The files were changed after they were compared: nothing is done, and the page compares them as they are.
    app.write(&Files::default().changed("halls/east.toml", CAPACITY, "\"09:00\" = 3"));
    browser.click("[value='apply']").await;
    browser.see("文件刚刚有改动").await;
    browser.see("-\"09:00\" = 3").await;
    assert_eq!(number_of_nine(&app).await, 1);
    let title = browser.script("return document.title").await;
    assert!(title.as_str().unwrap().starts_with("错误："), "{title}");
    browser.anybody_can_use_it().await;

    browser.click("[value='apply']").await;
    browser.see("已恢复到旧版本").await;
    browser.refresh().await;
    browser.see("已恢复到旧版本").await;
    assert_eq!(number_of_nine(&app).await, 2);
    browser.go_back().await;
    browser.see("会有什么变化").await;
    browser.click("[value='apply']").await;
    browser.see("已恢复到旧版本").await;
    assert_eq!(adoptions(&browser).await, 2);
}
