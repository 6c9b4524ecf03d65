//! What somebody has booked: the ticket, the list, a change of mind, and what others have changed.

use base64::Engine as _;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Browser;
use super::way::{DAY, TOMORROW, code_of, taken};
use crate::http::{CHIEF, Caller, Files, TestApp, booking, id};

/// A time later on the same day, and one on the day before.
const LATER: &str = "13:30";
const DAY_BEFORE: &str = "2026-11-25";

/// Signs in on the way to a page.
async fn open(browser: &Browser, number: usize, page: &str) {
    browser.go(page).await;
    browser.sign_in(number).await;
    browser.see_no_more("和身份证上的一致").await;
}

/// Books by the API, for a person who then looks at it in a browser.
async fn booked(app: &TestApp, number: usize, start: &str) -> (Caller, Value) {
    let person = app.person(number).await;
    let appointment = person.booked(&booking("east", DAY, start, "passport.renewal")).await;
    (person, appointment)
}

fn ticket(appointment: &Value) -> String {
    format!("/appointments/{}", id(appointment))
}

/// Closes the hall `east` on the day, with a reason.
async fn close(app: &TestApp) {
    let exception = format!("\n[[hall.exceptions]]\ndate = \"{DAY}\"\nclosed = true\nreason = \"设备检修\"\n");
    let capacity = "[hall.lanes.kiosk]\nband_minutes = 60\ncapacity = 1\n";
    app.write(&Files::default().changed("halls/east.toml", capacity, &format!("{capacity}{exception}")));
    app.chief().post_nothing("/v1/admin/config/reload").await.ok(200);
}

/// Wants the page to say in its title that something went wrong, and the focus to be on what.
async fn is_told_first(browser: &Browser) {
    let told = "return [document.title.slice(0, 3), document.activeElement.matches('main > .notice:nth-child(2)')]";
    assert_eq!(browser.script(told).await, json!(["错误：", true]));
}

async fn number(browser: &Browser, script: &str) -> f64 {
    browser.script(script).await.as_f64().unwrap()
}

/// How many pages the page has on paper.
async fn printed_pages(browser: &Browser) -> usize {
    let print = json!({ "preferCSSPageSize": true, "paperWidth": 8.27, "paperHeight": 11.69 });
    let answer = browser.session.chromium("Page.printToPDF", &print).await.unwrap();
    let file = base64::engine::general_purpose::STANDARD.decode(answer["data"].as_str().unwrap()).unwrap();
    let text = String::from_utf8_lossy(&file).replace("/Type /Pages", "");
    text.matches("/Type /Page").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_screen_says_what_happened_when_and_where() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.book_for_two(1, "08:30").await;
    assert_eq!(browser.heading().await, "预约成功");
    let pass = "return document.querySelector('.pass').innerText";
    let words = browser.script(pass).await;
    for part in ["11月26日", "08:30–09:00", "东厅", "护照换发"] {
        assert!(words.as_str().unwrap().contains(part), "{part} is not in {words}");
    }
    let bottom = number(&browser, "return document.querySelector('.pass').getBoundingClientRect().bottom").await;
    let code = number(&browser, "return document.querySelector('.code').getBoundingClientRect().top").await;
    let screen = number(&browser, "return innerHeight").await;
    assert!(bottom < screen && bottom <= code, "{bottom} {code} {screen}");

    // One code for both, which is that of the picture; and each has one of its own.
    assert!(code_of(&browser).await.len() == 9 && code_of(&browser).await.starts_with('P'));
    browser.see("2 人一起签到").await;
    let file = "return fetch(document.querySelector('[href$=\"calendar.ics\"]').href).then(it => it.text())";
    let file = browser.script(file).await.as_str().unwrap().replace("\r\n ", "");
    let shown = browser.script("return document.querySelector('.code').innerText").await;
    assert!(file.contains(shown.as_str().unwrap()), "the calendar has the code of the ticket: {file}");
    let codes = browser.script("return document.querySelectorAll('.rest [translate=no]').length").await;
    assert_eq!(codes, 2);
    browser.see("您本人").await;
    browser.see("12367").await;
    browser.see("接下来").await;
    browser.anybody_can_use_it().await;
    assert_eq!(printed_pages(&browser).await, 1);

    // A refresh says the same, and later it is the appointment again.
    let here = browser.address().await;
    browser.go(&here).await;
    assert_eq!(browser.heading().await, "预约成功");
    browser.go(here.split('?').next().unwrap()).await;
    assert_eq!(browser.heading().await, "护照换发预约");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_day_is_told_on_every_page_until_it_is_solved() {
    let app = TestApp::start().await;
    let (_, appointment) = booked(&app, 1, "08:30").await;
    let browser = Browser::phone().at(app.door.address()).await;
    open(&browser, 1, &ticket(&appointment)).await;
    browser.see_no_more("不能按原来的时间办理").await;
    close(&app).await;
    for page in ["/", "/appointments", &ticket(&appointment)] {
        browser.go(page).await;
        browser.see("不能按原来的时间办理").await;
        browser.see("大厅当天停止办理（设备检修），请改期。").await;
        browser.anybody_can_use_it().await;
    }
    let codes = browser.script("return document.querySelectorAll('.qr').length").await;
    assert_eq!(codes, 0, "nobody would read it");
    browser.click(".news [href*='/move']").await;
    browser.see("原来的预约一直保留").await;
    browser.go(&format!("{}/move/confirm?hall=east&date={DAY_BEFORE}&start=09%3A00", ticket(&appointment))).await;
    browser.click("[value='move']").await;
    browser.see("改期成功").await;
    browser.see_no_more("不能按原来的时间办理").await;
    browser.go("/").await;
    browser.see_no_more("不能按原来的时间办理").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_cancelled_is_told_until_its_person_says_so_over_a_restart_and_a_day() {
    let mut app = TestApp::start().await;
    let (_, appointment) = booked(&app, 1, "08:30").await;
    let browser = Browser::phone().at(app.door.address()).await;
    open(&browser, 1, &ticket(&appointment)).await;
    browser.see_no_more("大厅取消了您的预约").await;
    app.chief().post_nothing(&format!("/v1/admin/appointments/{}/cancel", id(&appointment))).await.ok(200);
    for page in ["/", "/appointments", &ticket(&appointment), "/"] {
        browser.go(page).await;
        browser.see("大厅取消了您的预约").await;
        browser.see("08:30–09:00 东厅").await;
    }
    drop(browser);
    app.restart().await;
    let browser = Browser::phone().without_script().at(app.door.address()).await;
    open(&browser, 1, "/appointments").await;
    browser.see("大厅取消了您的预约").await;
    // This browser has met it, so it knows it for longer than the server does.
    app.pass(TimeDelta::hours(25));
    app.person(3).await.booked(&booking("east", "2026-11-27", "08:30", "passport.renewal")).await;
    open(&browser, 1, "/appointments").await;
    browser.see("大厅取消了您的预约").await;
    browser.click("知道了").await;
    browser.see_no_more("大厅取消了您的预约").await;
    assert_eq!(browser.address().await, "/appointments");
    browser.go("/").await;
    browser.see_no_more("大厅取消了您的预约").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_moved_is_told_as_it_was_and_as_it_is() {
    let app = TestApp::start().await;
    let (_, appointment) = booked(&app, 1, "08:30").await;
    close(&app).await;
    let (citizen, desk) = Browser::pair(Browser::phone(), Browser::desktop(), app.door.address()).await;
    desk.go("/staff").await;
    desk.fill("token", CHIEF).await;
    desk.click("登录").await;
    desk.see("退出登录").await;
    desk.go(&format!("/staff/displaced/{}", id(&appointment))).await;
    desk.click("[name='to']").await;
    desk.click("[name='sure']").await;
    desk.see("已改到").await;
    // This browser has never shown the appointment: it is the server that knows.
    open(&citizen, 1, "/appointments").await;
    for page in ["/", "/appointments", &ticket(&appointment), "/"] {
        citizen.go(page).await;
        citizen.see("大厅给您改了时间").await;
        citizen.see("11月26日 周四 08:30–09:00 东厅").await;
        citizen.see("请重新加入").await;
        citizen.anybody_can_use_it().await;
    }
    citizen.click("知道了").await;
    citizen.see_no_more("大厅给您改了时间").await;
    citizen.go(&ticket(&appointment)).await;
    citizen.see("预约码").await;
    citizen.see_no_more("大厅给您改了时间").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_elsewhere_is_told_without_naming_who() {
    let app = TestApp::start().await;
    let (person, appointment) = booked(&app, 1, LATER).await;
    let browser = Browser::desktop().at(app.door.address()).await;
    open(&browser, 1, &ticket(&appointment)).await;
    browser.see(LATER).await;
    let to = json!({ "hall": "east", "date": DAY_BEFORE, "start": "09:00" });
    person.post(&format!("/v1{}/reschedule", ticket(&appointment)), &to).await.ok(200);
    for page in ["/", "/appointments", &ticket(&appointment)] {
        browser.go(page).await;
        browser.see("预约的时间有变动").await;
        browser.see("新的时间比原来早").await;
        browser.anybody_can_use_it().await;
    }
    browser.click("知道了").await;
    browser.see_no_more("预约的时间有变动").await;
    // What the person changes here is no news to the same person.
    browser.go(&format!("{}/move/confirm?hall=east&date={DAY}&start=10%3A00", ticket(&appointment))).await;
    browser.click("[value='move']").await;
    browser.see("改期成功").await;
    browser.go("/appointments").await;
    browser.see("10:00–10:30").await;
    browser.see_no_more("预约的时间有变动").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_in_another_tab_is_told_in_one_true_sentence() {
    let app = TestApp::start().await;
    let (person, appointment) = booked(&app, 1, "08:30").await;
    let browser = Browser::phone().at(app.door.address()).await;
    let confirm = format!("{}/move/confirm?hall=east&date={DAY}&start=13%3A30", ticket(&appointment));
    open(&browser, 1, &confirm).await;
    browser.see("确认改期").await;
    person.post_nothing(&format!("/v1{}/cancel", ticket(&appointment))).await.ok(200);
    browser.click("[value='move']").await;
    browser.see("这个预约已经取消，不能改期。").await;
    is_told_first(&browser).await;
    browser.see_no_more("没有变").await;
    assert_eq!(taken(&app, DAY, LATER).await, 0);

    // Moved in one, cancelled in the other: nobody gives up what they have not seen.
    let (person, appointment) = booked(&app, 1, "08:30").await;
    browser.go(&format!("{}/cancel", ticket(&appointment))).await;
    browser.see("取消后名额立即释放").await;
    let to = json!({ "hall": "east", "date": DAY, "start": "10:00" });
    person.post(&format!("/v1{}/reschedule", ticket(&appointment)), &to).await.ok(200);
    browser.click("[value='cancel']").await;
    browser.see("这个预约刚才有变动").await;
    is_told_first(&browser).await;
    browser.see("10:00–10:30").await;
    assert_eq!(taken(&app, DAY, "10:00").await, 1);
    browser.click("[value='cancel']").await;
    browser.see("预约已取消").await;
    assert_eq!(taken(&app, DAY, "10:00").await, 0);
    // Back to the form and sent again: it is the same call, and the same answer.
    browser.script("history.back()").await;
    browser.see("确认取消").await;
    browser.click("[value='cancel']").await;
    browser.see("预约已取消").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_move_is_told_first_and_a_look_at_a_full_time_is_no_error() {
    let app = TestApp::start().await;
    let (_, appointment) = booked(&app, 1, "08:30").await;
    let browser = Browser::phone().at(app.door.address()).await;
    let confirm = format!("{}/move/confirm?hall=east&date={DAY}&start=09%3A00", ticket(&appointment));
    open(&browser, 1, &confirm).await;
    browser.see("确认改期").await;
    booked(&app, 2, "09:00").await;
    booked(&app, 3, "09:00").await;
    browser.click("[value='move']").await;
    browser.see("这个时段已约满").await;
    is_told_first(&browser).await;
    browser.anybody_can_use_it().await;
    browser.go(&confirm).await;
    browser.see("这个时段已约满").await;
    let title = browser.script("return document.title").await;
    assert!(title.as_str().unwrap().starts_with("改期"), "{title}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_names_the_telephone_of_a_hall_that_has_one() {
    let app = TestApp::start().await;
    let (first, east) = booked(&app, 1, "08:30").await;
    let south = first.booked(&booking("south", DAY, "09:00", "permit.renewal")).await;
    for appointment in [&east, &south] {
        app.chief().post_nothing(&format!("/v1/admin/appointments/{}/cancel", id(appointment))).await.ok(200);
    }
    let browser = Browser::phone().at(app.door.address()).await;
    open(&browser, 1, &ticket(&east)).await;
    browser.see("请致电大厅（0571-00000001）或 12367。").await;
    browser.go(&ticket(&south)).await;
    browser.see("如有疑问，请致电 12367。").await;
    browser.see_no_more("致电大厅").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_full_meanwhile_is_said_by_a_page_that_can_be_fetched_again() {
    let app = TestApp::start().await;
    let (_, appointment) = booked(&app, 1, "08:30").await;
    let browser = Browser::phone().without_script().at(app.door.address()).await;
    let confirm = format!("{}/move/confirm?hall=east&date={DAY}&start=09%3A00", ticket(&appointment));
    open(&browser, 1, &confirm).await;
    browser.see("确认改期").await;
    let (other, first) = booked(&app, 2, "09:00").await;
    booked(&app, 3, "09:00").await;
    browser.click("[value='move']").await;
    browser.see("这个时段已约满").await;
    browser.see("您的预约没有变：11月26日 周四 08:30–09:00").await;
    let here = browser.address().await;
    browser.go(&here).await;
    browser.see("这个时段已约满").await;
    // There is room again: nothing says that it is full any more.
    other.post_nothing(&format!("/v1{}/cancel", ticket(&first))).await.ok(200);
    browser.go(&here).await;
    browser.see_no_more("这个时段已约满").await;
    browser.click("[value='move']").await;
    browser.see("改期成功").await;
    // The same time once more is no move, and the page does not say that it was one.
    browser.go(&confirm).await;
    browser.see("您现在约的就是这个时间").await;
    let buttons = browser.script("return document.querySelectorAll('[value=move]').length").await;
    assert_eq!(buttons, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_let_go_by_one_press() {
    let app = TestApp::start().await;
    let person = app.person(1).await;
    let hold = |start: &str| {
        let mut wish = booking("east", DAY, start, "passport.renewal");
        wish["hold"] = json!(true);
        wish
    };
    person.booked(&hold("08:30")).await;
    let browser = Browser::phone().at(app.door.address()).await;
    open(&browser, 1, "/appointments").await;
    browser.see("名额保留中").await;
    browser.see("名额为您保留到 12:10").await;
    browser.anybody_can_use_it().await;
    browser.click("放弃这个名额").await;
    browser.see("名额已释放").await;
    assert_eq!(taken(&app, DAY, "08:30").await, 0);
    browser.see_no_more("不能恢复").await;
    // One that has ended by itself is no trouble either.
    person.booked(&hold("10:00")).await;
    browser.go("/appointments").await;
    browser.see("名额保留中").await;
    app.pass(TimeDelta::minutes(11));
    browser.click("放弃这个名额").await;
    browser.see("名额已释放").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_leads_to_another_hall_while_places_are_free() {
    let app = TestApp::start().await;
    let (_, appointment) = booked(&app, 1, "08:30").await;
    let browser = Browser::phone().at(app.door.address()).await;
    open(&browser, 1, &ticket(&appointment)).await;
    browser.click("[href$='/move']").await;
    browser.see("原来的预约一直保留").await;
    browser.anybody_can_use_it().await;
    browser.click("选择其他大厅").await;
    browser.see("原来的预约一直保留").await;
    browser.click("[href^='/halls/south?']").await;
    browser.click(&format!("[href*='/halls/south/{DAY}?']")).await;
    browser.take("09:00").await;
    browser.see("东厅").await;
    browser.see("南厅").await;
    browser.click("[value='move']").await;
    browser.see("改期成功").await;
    assert_eq!((app.taken("south", DAY, "09:00").await, app.taken("east", DAY, "08:30").await), (1, 0));
}

/// More halls than a page lists at first, in another city.
fn many_halls() -> Files {
    let hall = |number: usize| {
        format!(
            "[[hall]]\nid = \"far-{number}\"\nname = {{ zh-CN = \"远厅{number}\" }}\ncity = \"上海\"\n\
             location = {{ lat = 31.2, lon = 121.4 }}\ntime_zone = \"Asia/Shanghai\"\n[hall.hours]\nthu = [\"09:00-11:00\"]\n\
             [hall.lanes.counter]\nband_minutes = 60\ncapacity = 3\n"
        )
    };
    Files::default().with("halls/far.toml", &(0..9).map(hall).collect::<Vec<_>>().join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_among_many_halls_begins_with_those_around_its_own() {
    let app = TestApp::with(many_halls()).await;
    let (_, appointment) = booked(&app, 1, "08:30").await;
    let browser = Browser::phone().at(app.door.address()).await;
    // The control: whoever moves nothing is asked for a city first.
    browser.go("/halls?service=passport.renewal").await;
    browser.see("查看大厅").await;
    browser.see_no_more("南厅").await;
    open(&browser, 1, &format!("{}/move", ticket(&appointment))).await;
    browser.click("选择其他大厅").await;
    browser.see("原来的预约一直保留").await;
    browser.see("杭州").await;
    browser.see_no_more("远厅").await;
    browser.anybody_can_use_it().await;
    browser.click("[href^='/halls/south?']").await;
    browser.see("南厅").await;
    // Where somebody has looked last goes before that.
    browser.go("/halls?service=passport.renewal&area=%E4%B8%8A%E6%B5%B7").await;
    browser.see("远厅1").await;
    browser.go(&format!("/halls?service=passport.renewal&moving={}", id(&appointment))).await;
    browser.see("远厅1").await;
    browser.see_no_more("南厅").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_for_two_moves_to_another_hall_from_where_it_is_checked() {
    let app = TestApp::start().await;
    let browser = Browser::phone().at(app.door.address()).await;
    browser.find_a_day(DAY).await;
    browser.take("08:30").await;
    browser.sign_in(1).await;
    browser.come_with(0, 2).await;
    browser.fill_in_details().await;
    browser.click("[value='review']").await;
    browser.see("请核对后确认").await;
    browser.click(".check [href^='/halls?']").await;
    browser.see("现在的名额为您保留到").await;
    let address = browser.address().await;
    assert!(address.contains("party=true&people=2"), "{address}");
    browser.click("[href^='/halls/south?']").await;
    browser.click(&format!("[href*='/halls/south/{DAY}?']")).await;
    browser.take("09:00").await;
    browser.click("[value='move']").await;
    browser.see("名额为您保留到").await;
    assert_eq!((app.taken("south", DAY, "09:00").await, app.taken("east", DAY, "08:30").await), (2, 0));
    browser.click(".back a").await;
    browser.see("现在的名额为您保留到").await;
    // Let go, it leads to times for as many.
    browser.go("/appointments").await;
    browser.click("放弃这个名额").await;
    browser.see("名额已释放").await;
    let ways = "return document.querySelectorAll('main [href*=\"/halls/south/\"][href*=\"people=2\"]').length";
    assert_eq!(browser.script(ways).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_signed_out_comes_back_to_the_same_page() {
    let app = TestApp::start().await;
    let (_, appointment) = booked(&app, 1, "08:30").await;
    let browser = Browser::phone().at(app.door.address()).await;
    open(&browser, 1, &ticket(&appointment)).await;
    assert_eq!(browser.address().await, ticket(&appointment));
    app.set_clock(TOMORROW);
    open(&browser, 1, &format!("{}/cancel", ticket(&appointment))).await;
    browser.see("取消后名额立即释放").await;
    // Nobody else finds it, and is told where to go on.
    browser.click("退出登录").await;
    open(&browser, 2, &ticket(&appointment)).await;
    browser.see("没有找到这个预约").await;
    browser.see("12367").await;
    let links = browser.script("return document.querySelectorAll('main [href=\"/appointments\"]').length").await;
    assert_eq!(links, 1);
    browser.anybody_can_use_it().await;
}
