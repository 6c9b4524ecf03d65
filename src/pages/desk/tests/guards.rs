//! What guards the pages of the desk: forms that were not made here, sessions that end, presses that nothing undoes.

use super::*;

const EDITOR: &str = "/staff/configuration/halls/hangzhou.toml";
/// Something that a page must write as text.
const TYPED: &str = "# <mine> & \"yours\"\n\n[[hall]]\n";
const TYPED_IN_A_PAGE: &str = "# &lt;mine&gt; &amp; &quot;yours&quot;\n\n[[hall]]\n";

impl Desk {
    async fn post(&mut self, path: &str, site: Option<&str>, body: String) -> Heard {
        let mut request = self.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        self.ask(request, body).await
    }

    /// The mark of the forms of somebody else's browser.
    async fn foreign_mark(&mut self) -> String {
        let mine = std::mem::take(&mut self.cookies);
        let mark = self.get("/staff/sign-in").await.hidden("mark");
        self.cookies = mine;
        mark
    }

    fn at(&self, time: &str) {
        self.clock.set(time.parse().unwrap());
    }
}

#[tokio::test]
async fn a_form_that_was_not_made_here_changes_nothing() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, DAY).await;
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    let (own, foreign) = (desk.get(&day("")).await.hidden("mark"), desk.foreign_mark().await);
    assert_ne!(own, foreign);
    let fields = |mark: &str| format!("mark={}&once=x&code={}", percent(mark), text_of(&booked, "code"));
    for (site, mark) in [(None, ""), (None, foreign.as_str()), (Some("cross-site"), own.as_str())] {
        let refused = desk.post(&day("/check-in"), site, fields(mark)).await;
        assert_eq!(refused.status, 403, "{site:?} {mark:?}");
        let page = desk.get(&day("")).await;
        page.says("person status-booked");
        page.lacks("person status-checked_in");
    }
    let sent = desk.post(&day("/check-in"), Some("same-origin"), fields(&own)).await;
    assert_eq!(sent.status, 303, "the control: with its own mark the same form is taken");
    desk.get(&day("")).await.says("person status-checked_in");
}

#[tokio::test]
async fn every_page_says_that_nothing_comes_from_elsewhere_and_nothing_is_kept() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, DAY).await;
    desk.day_comes();
    let no_show = format!("/staff/appointments/{}/no-show", text_of(&booked, "id"));
    for path in ["/", "/about", "/sign-in", "/staff/sign-in", "/nowhere", "/staff/nowhere"] {
        guarded(&desk.get(path).await, path);
    }
    desk.sign_in("hps.chief").await;
    let mut pages = ["", "/walk-ins", "/display", "/list"].map(day).to_vec();
    pages.extend(["city", "trends", "configuration", "displaced", "record"].map(|page| format!("/staff/{page}")));
    pages.extend(["/staff?all=yes".to_owned(), EDITOR.to_owned(), no_show, day("/tickets/W001")]);
    for path in &pages {
        guarded(&desk.get(path).await, path);
    }
    let table = desk.get(&format!("/staff/city.csv?from={DAY}&to={DAY}")).await;
    assert_eq!(table.headers["cache-control"], "no-store");
}

fn guarded(page: &Heard, path: &str) {
    assert!(page.status == 200 || page.status == 404, "{path}: {}", page.status);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
    // "Back" shows a citizen the page as it was left; what a desk shows is kept nowhere, nor is a page with full numbers.
    let is_unstored = path.starts_with("/staff") || path == "/sign-in";
    let kept = if is_unstored { "no-store" } else { "private, no-cache" };
    assert_eq!(page.headers["cache-control"], kept, "{path}");
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(page.headers[name], value, "{path}");
    }
    for inline in [" style=\"", "<script>", " onclick", "javascript:"] {
        page.lacks(inline);
    }
}

#[tokio::test]
async fn a_look_where_only_forms_are_sent_leads_back_to_the_form() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, DAY).await;
    desk.day_comes();
    desk.sign_in("hps.chief").await;
    for (page, to) in [("check-in", ""), ("call", "/walk-ins"), ("next", "/walk-ins"), ("served", "/walk-ins")] {
        assert_eq!(desk.get(&day(&format!("/{page}"))).await.location(), day(to), "{page}");
    }
    assert_eq!(desk.get(&day("/gone")).await.location(), day("/walk-ins"));
    for action in ["check-in", "serve", "cancel"] {
        let path = format!("/staff/appointments/{}/{action}", text_of(&booked, "id"));
        assert_eq!(desk.get(&path).await.location(), day(""), "{action}");
    }
    assert_eq!(desk.get("/staff/displaced/telephone").await.location(), "/staff/displaced");
    assert_eq!(desk.get("/sign-out").await.location(), "/");
    assert_eq!(desk.get("/staff/sign-out").await.location(), "/staff");
    assert_eq!(desk.get(&day("")).await.status, 200, "still signed in");
}

#[tokio::test]
async fn a_session_that_ends_under_a_press_leads_back_to_the_day() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, DAY).await;
    let (id, code) = (text_of(&booked, "id"), text_of(&booked, "code"));
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    let page = desk.get(&day("")).await;
    assert_eq!(desk.send(&page, &day("/check-in"), &[("code", code)]).await.status, 303);
    let page = desk.get(&day("")).await;
    page.says("办结");
    desk.at("2026-11-26T13:30:00Z");
    let ended = desk.send(&page, &format!("/staff/appointments/{id}/serve"), &[("back", &day(""))]).await;
    let sign_in = desk.get(ended.location()).await;
    let next = sign_in.hidden("next");
    let signed_in = desk.send(&sign_in, "/staff/sign-in", &[("token", "hps.desk"), ("next", &next)]).await;
    let back = desk.get(signed_in.location()).await;
    assert_eq!(back.location(), day(""));
    desk.get(&day("")).await.says("person status-checked_in");
}

#[tokio::test]
async fn a_no_show_is_asked_about_once_and_not_before_the_band() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, DAY).await;
    let path = format!("/staff/appointments/{}/no-show", text_of(&booked, "id"));
    desk.at("2026-11-26T00:10:00Z");
    desk.sign_in("hps.desk").await;
    let early = desk.get(&day("")).await;
    early.says("签到");
    early.lacks(&path);
    assert_eq!(desk.get(&path).await.status, 409);
    let asked = desk.send(&early, &path, &[]).await;
    assert_eq!(asked.location(), format!("{path}?back={}", percent(&day(""))));
    assert_eq!(desk.get(asked.location()).await.status, 409);
    desk.get(&day("")).await.says("person status-booked");

    desk.at("2026-11-26T00:30:00Z");
    desk.get(&day("")).await.says(&path);
    let asked = desk.get(&format!("{path}?back={}", percent(&day("?find=x")))).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    asked.says("确认未到场");
    asked.says(&day("?find=x"));
    desk.get(&day("")).await.says("person status-booked");
    // An address that is none of this site is not gone back to.
    let done = desk.send(&asked, &path, &[("back", "//elsewhere")]).await;
    assert_eq!(done.location(), day(&format!("?done={}", text_of(&booked, "id"))));
    desk.get(done.location()).await.says("已记为未到场");
    assert_eq!(desk.get(&path).await.location(), day(&format!("?late={}", text_of(&booked, "id"))));
}

#[tokio::test]
async fn nothing_is_done_with_people_of_another_day() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, "2026-11-27").await;
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    let tomorrow = format!("/staff/halls/{HALL}/2026-11-27");
    let page = desk.get(&tomorrow).await;
    page.says("person status-booked");
    page.lacks("/staff/appointments/");
    // Looking at tomorrow makes nobody of tomorrow somebody of today.
    let asked = desk.send(&page, &format!("{tomorrow}/check-in"), &[("code", text_of(&booked, "code"))]).await;
    desk.get(asked.location()).await.says("仍然签到");
}

#[tokio::test]
async fn the_text_of_a_file_survives_the_end_of_a_session() {
    let mut desk = Desk::open();
    desk.sign_in("hps.chief").await;
    let editor = desk.get(EDITOR).await;
    let was = editor.hidden("was");
    desk.at("2026-11-24T16:00:00Z");
    let sent = [("was", was.as_str()), ("checked", ""), ("text", TYPED), ("do", "check")];
    let ended = desk.send(&editor, EDITOR, &sent).await;
    let sign_in = desk.get(ended.location()).await;
    sign_in.says("您写的内容没有丢");
    sign_in.lacks(TYPED_IN_A_PAGE);
    let next = sign_in.hidden("next");
    assert!(next.starts_with(&format!("{EDITOR}?draft=")), "{next}");

    let with = |token: &'static str| [("token", token), ("next", next.as_str())];
    let wrong = desk.send(&sign_in, "/staff/sign-in", &with("hps.wrong")).await;
    let wrong = desk.get(wrong.location()).await;
    wrong.says("您写的内容没有丢");

    // Whoever may not edit the file is signed in, and sees nothing of it.
    let other = desk.send(&wrong, "/staff/sign-in", &with("hps.desk")).await;
    assert_eq!(other.location(), next);
    assert_eq!(desk.get(&next).await.status, 403);

    let again = desk.send(&wrong, "/staff/sign-in", &with("hps.chief")).await;
    let again = desk.get(again.location()).await;
    assert_eq!(again.status, 200, "{}", again.text);
    again.says("您写的内容还在下面");
    again.says(TYPED_IN_A_PAGE);
    again.lacks("hps.chief");
    assert_eq!(again.hidden("was"), was);
}

/// Where no draft can be kept for a member, the form that asks for the token carries the text.
#[tokio::test]
async fn the_text_of_somebody_who_is_not_known_goes_through_the_sign_in() {
    let mut desk = Desk::open();
    let page = desk.get("/staff/sign-in").await;
    let sent = [("was", "w"), ("checked", ""), ("text", TYPED), ("do", "check")];
    let ended = desk.send(&page, EDITOR, &sent).await;
    assert_eq!(ended.status, 200);
    ended.says("您写的内容没有丢");
    ended.says(TYPED_IN_A_PAGE);
    let file = ended.hidden("kept_file");
    let kept = [("next", EDITOR), ("kept_file", &file), ("kept_was", "w"), ("kept_comment", ""), ("kept_text", TYPED)];
    let with = |token: &'static str| [&[("token", token)], kept.as_slice()].concat();
    let wrong = desk.send(&ended, "/staff/sign-in", &with("hps.wrong")).await;
    assert_eq!(wrong.status, 422);
    wrong.says(TYPED_IN_A_PAGE);
    let again = desk.send(&wrong, "/staff/sign-in", &with("hps.chief")).await;
    let again = desk.get(again.location()).await;
    again.says("您写的内容还在下面");
    again.says(TYPED_IN_A_PAGE);
}

#[tokio::test]
async fn sign_ins_and_tables_are_in_the_record() {
    let mut desk = Desk::open();
    desk.sign_in("hps.desk").await;
    // Somebody else, at another machine.
    desk.cookies.clear();
    desk.sign_in("hps.chief").await;
    assert_eq!(desk.get(&format!("/staff/city.csv?from={DAY}&to={DAY}")).await.status, 200);
    let record = desk.get("/staff/record?hall=all").await;
    for words in ["<td>登录</td>", "<td>desk-3</td>", "<td>chief</td>", "下载 2026-11-26 到 2026-11-26 的数据"]
    {
        record.says(words);
    }
}

#[tokio::test]
async fn the_display_goes_by_the_clock_of_the_hall_and_is_renewed_without_a_script() {
    let mut desk = Desk::open();
    desk.day_comes();
    desk.sign_in("hps.desk").await;
    let display = desk.get(&day("/display")).await;
    display.says("data-now=\"2026-11-26T09:00:00.000+08:00\"");
    let again = format!("<noscript><meta http-equiv=\"refresh\" content=\"5; url={}\"></noscript>", day("/display"));
    display.says(&again);
    desk.get(&day("/walk-ins")).await.says("<noscript><meta http-equiv=\"refresh\"");
    desk.get(&day("")).await.lacks("http-equiv=\"refresh\"");
}

/// Found by an attack: whoever had been to one page of this site could have a megabyte read on every connection.
#[tokio::test]
async fn a_long_form_is_read_only_for_who_has_signed_in_at_a_desk() {
    let mut desk = Desk::open();
    let long = "x".repeat(100_000);
    let fields = [("token", "hps.wrong"), ("kept_file", "hangzhou.toml"), ("kept_text", long.as_str())];
    let page = desk.get("/staff/sign-in").await;
    assert_eq!(desk.send(&page, "/staff/sign-in", &fields).await.status, 401);
    assert_eq!(desk.sign_in("hps.desk").await.status, 303);
    desk.at("2026-11-26T04:00:00Z");
    let page = desk.get("/staff/sign-in").await;
    let typed = desk.send(&page, "/staff/sign-in", &fields).await;
    assert_eq!(typed.status, 422, "the session has ended, and what was typed goes on");
    typed.says(&long);
}

#[tokio::test]
async fn a_mark_is_written_in_another_way_in_every_answer() {
    let mut desk = Desk::open();
    let (one, other) =
        (desk.get("/staff/sign-in").await.hidden("mark"), desk.get("/staff/sign-in").await.hidden("mark"));
    assert_ne!(one, other);
    for mark in [one, other] {
        let body = format!("mark={}&once=x&token=wrong", percent(&mark));
        let wrong = desk.post("/staff/sign-in", Some("same-origin"), body).await;
        assert_eq!(wrong.location(), "/staff/sign-in?next=%2Fstaff&wrong=yes");
    }
}
