//! The harness on pages of its own: it sees what is there, and each of its checks fails where it should.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::extract::RawForm;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};

use super::Browser;
use super::hands::Key;

const GOOD: &str = r#"<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>试验</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="/icon.svg">
<script type="module" src="/page.js"></script></head><body><main><h1>预约
试验</h1><noscript><p>没有脚本</p></noscript><p id="said">等一等</p>
<form method="post" action="/told"><p><label for="who">姓名</label> <input id="who" name="who" value="旧"></p>
<fieldset><legend>证件</legend><p><input type="radio" id="a" name="kind" value="a" checked><label for="a">护照</label>
<input type="radio" id="b" name="kind" value="b"><label for="b">通行证</label></p></fieldset>
<p><label for="hall">大厅</label> <select id="hall" name="hall"><option value="east">东</option>
<option value="west">西</option></select></p>
<p><label for="day">日期</label> <input type="date" id="day" name="day"></p>
<p><button>选这个时间</button> <button type="button" id="place">离我最近</button></p></form></main></body></html>"#;

const SCRIPT: &str = "
const said = document.querySelector('#said');
setTimeout(() => { said.textContent = '到了'; }, 100);
document.querySelector('#place').addEventListener('click', () => navigator.geolocation.getCurrentPosition(
    ({ coords }) => { said.textContent = `在 ${coords.latitude} ${coords.longitude}`; },
    () => { said.textContent = '不告诉'; }));
";

const BAD: &str = r#"<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>坏</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/bad.css"></head><body><main><h1>坏页</h1><p>淡字</p><input name="unlabelled">
<div class="wide">宽</div><a class="tiny" href="/">一</a><a class="tiny" href="/">二</a></main></body></html>"#;

const BAD_STYLE: &str =
    "p { color: #ddd } .wide { width: 700px } .tiny { display: inline-block; width: 9px; height: 9px; }
input { height: 50px; width: 90px }";

async fn told(RawForm(form): RawForm) -> impl IntoResponse {
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        Html(format!("<!doctype html><title>t</title><h1>{}</h1>", String::from_utf8_lossy(&form))),
    )
}

async fn languages(heads: HeaderMap) -> String {
    heads["accept-language"].to_str().unwrap().to_owned()
}

/// Serves the pages, as long as the test goes on, under the policy that the real ones have.
async fn serve() -> SocketAddr {
    let page = |page: &'static str| {
        get(move || async move { ([("content-security-policy", "default-src 'self'")], Html(page)) })
    };
    let file = |kind: &'static str, file: &'static str| get(move || async move { ([("content-type", kind)], file) });
    let routes = Router::new()
        .route("/", page(GOOD))
        .route("/bad", page(BAD))
        .route("/inline", page("<!doctype html><title>i</title><h1>i</h1><p style='color: red'>i</p>"))
        .route("/lost", page("<!doctype html><title>l</title><h1>l</h1><link rel=stylesheet href=/nowhere.css>"))
        .route("/throws", page("<!doctype html><title>t</title><h1>t</h1><script src=/throws.js></script>"))
        .route("/told", post(told))
        .route("/languages", get(languages))
        .route("/page.js", file("text/javascript", SCRIPT))
        .route("/throws.js", file("text/javascript", "throw new Error('oh no');"))
        .route("/bad.css", file("text/css", BAD_STYLE))
        .route("/favicon.ico", get(async || ""))
        .route("/icon.svg", file("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>"));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_fills_in_a_form() {
    let browser = Browser::phone().at(serve().await).await;
    browser.go("/").await;
    assert_eq!(browser.heading().await, "预约 试验");
    browser.see("到了").await;
    browser.see_no_more("等一等").await;
    assert_eq!(
        browser.script("return [innerWidth, innerHeight, devicePixelRatio]").await,
        serde_json::json!([390, 844, 2])
    );
    assert_eq!((browser.axe().await, browser.overflow().await), (String::new(), String::new()));
    browser.fill("who", "王 二").await;
    browser.choose("kind", "b").await;
    browser.choose("kind", "b").await;
    browser.choose("hall", "west").await;
    browser.fill("day", "2026-11-27").await;
    browser.click("选这个时间").await;
    browser.see("kind=b&hall=west&day=2026-11-27").await;
    assert_eq!(browser.address().await, "/told");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_walk_through_a_form_and_send_it() {
    let browser = Browser::desktop().at(serve().await).await;
    browser.go("/").await;
    assert_eq!(browser.focus().await, "");
    assert_eq!(browser.tab().await, "姓名");
    browser.write("K7QX").await;
    assert_eq!(browser.tab().await, "护照");
    browser.press(Key::Down).await;
    assert_eq!(browser.focus().await, "通行证");
    browser.press(Key::BackTab).await;
    assert_eq!(browser.focus().await, "姓名");
    browser.press(Key::Tab).await;
    browser.press(Key::Up).await;
    browser.press(Key::Down).await;
    browser.press(Key::BackTab).await;
    browser.press(Key::Escape).await;
    browser.write("2M9F").await;
    browser.press(Key::Space).await;
    browser.press(Key::Enter).await;
    browser.see("who=2M9F+&kind=b").await;
}

#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "cannot see \"从来没有\". / shows:\n预约")]
async fn words_that_never_come_are_missed() {
    let browser = Browser::phone().patience(Duration::from_millis(300)).at(serve().await).await;
    browser.go("/").await;
    browser.see("从来没有").await;
}

#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "cannot click \"不存在\"")]
async fn a_button_that_never_comes_is_missed() {
    let browser = Browser::phone().patience(Duration::from_millis(300)).at(serve().await).await;
    browser.go("/").await;
    browser.click("不存在").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_page_is_found_out() {
    let browser = Browser::phone().width(320).at(serve().await).await;
    browser.go("/bad").await;
    let found = browser.axe().await;
    for rule in ["color-contrast (serious)", "label (critical)", "target-size (serious)"] {
        assert!(found.contains(rule), "{rule}: {found}");
    }
    assert!(browser.overflow().await.contains(r#"<div class="wide">"#));
    assert_eq!(browser.small_targets(44).await.lines().count(), 2);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages/bad.png");
    browser.screenshot(&file).await;
    assert!(std::fs::read(&file).unwrap().starts_with(b"\x89PNG"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_script_runs_none_and_still_serves() {
    let browser = Browser::phone().without_script().at(serve().await).await;
    browser.go("/throws").await;
    browser.go("/").await;
    assert!(browser.bytes().await > 0);
    browser.see("没有脚本").await;
    browser.see("等一等").await;
    browser.fill("who", "li").await;
    browser.choose("hall", "west").await;
    browser.click("#place").await;
    browser.click("选这个时间").await;
    browser.see("who=li&kind=a&hall=west").await;
}

/// The control: each of these pages has one error, and the drop check of a browser that met it would tell.
#[tokio::test(flavor = "multi_thread")]
async fn errors_of_pages_are_heard() {
    let browser = Browser::desktop().at(serve().await).await;
    for (path, words) in [("/inline", "security: "), ("/lost", "404 for "), ("/throws", "oh no")] {
        browser.go(path).await;
        let errors = browser.console_errors().await;
        assert!(errors.len() == 1 && errors[0].contains(words), "{path}: {errors:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "the pages met errors")]
async fn errors_that_nobody_asked_for_fail_a_test() {
    let browser = Browser::desktop().at(serve().await).await;
    browser.go("/throws").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_set_a_browser() {
    let server = serve().await;
    let setup = Browser::desktop().language("zh-TW").dark().reduced_motion().forced_colors().large_text();
    let browser = setup.located(30.25, 120.5).slow_line(50_000).at(server).await;
    browser.go("/languages").await;
    assert!(browser.text().await.starts_with("zh-TW"));
    let media = "return ['(prefers-color-scheme: dark)', '(prefers-reduced-motion: reduce)', '(forced-colors: active)']\
                 .every(query => matchMedia(query).matches) && getComputedStyle(document.documentElement).fontSize";
    assert_eq!(browser.script(media).await, "32px");
    browser.set_cookie("colour", "green").await;
    assert_eq!(browser.cookie("colour").await.as_deref(), Some("green"));
    assert_eq!(browser.cookie("shape").await, None);
    browser.go("/").await;
    browser.see("到了").await;
    browser.click("离我最近").await;
    browser.see("在 30.25 120.5").await;
    drop(browser);
    let browser = Browser::phone().unlocated().at(server).await;
    browser.go("/").await;
    browser.see("到了").await;
    browser.click("离我最近").await;
    browser.see("不告诉").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_browsers_are_open_at_once_and_share_nothing() {
    let (one, other) = Browser::pair(Browser::phone(), Browser::desktop(), serve().await).await;
    tokio::join!(one.go("/"), other.go("/"));
    one.set_cookie("who", "one").await;
    assert_eq!(other.cookie("who").await, None);
    tokio::join!(one.click("选这个时间"), other.click("选这个时间"));
    tokio::join!(one.see("kind=a"), other.see("kind=a"));
}

#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "asks for a pair")]
async fn a_second_browser_is_asked_for_together_with_the_first() {
    let server = serve().await;
    let _one = Browser::phone().at(server).await;
    Browser::phone().at(server).await;
}
