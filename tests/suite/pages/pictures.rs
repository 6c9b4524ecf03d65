//! The pictures of README, made anew with every run: in `target/pictures`, and with `UPDATE_PICTURES=1` in
//! `tests/pictures`, where README shows them.

use std::path::{Path, PathBuf};

use super::Browser;
use crate::http::{Caller, Door, booking};
use crate::identities;
use crate::process::{Process, repository_config, serve};

const HALL: &str = "hangzhou-shi-crj";
const DAY: &str = "2026-11-25";
const BOOKED_AT: &str = "2026-11-24T12:00:00+08:00";
const SHOWN_AT: &str = "2026-11-25T08:20:00+08:00";
/// How many people have booked at which time, as far as a picture needs it.
const CROWD: [(&str, usize); 6] =
    [("08:30", 46), ("09:00", 43), ("09:30", 30), ("10:00", 21), ("13:30", 46), ("14:00", 12)];

fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shown = std::env::var_os("UPDATE_PICTURES").is_some();
    root.join(if shown { "tests/pictures" } else { "target/pictures" })
}

async fn start(data: &Path, now: &str) -> Process {
    let mut command = serve(&repository_config(), data);
    command.args(["--now", now]);
    Process::start(command).await
}

/// Books what the pictures show.
async fn fill(process: &Process) {
    let nobody = Caller::new(Door::to(process.address), None);
    let people = CROWD.iter().flat_map(|(start, count)| std::iter::repeat_n(*start, *count));
    for (number, start) in people.enumerate() {
        let session = nobody.post("/v1/session", &identities::person(number)).await.ok(201);
        let person = Caller::new(Door::to(process.address), session["token"].as_str().map(str::to_owned));
        person.booked(&booking(HALL, DAY, start, "passport.renewal")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pictures_of_readme() {
    let data = tempfile::tempdir().unwrap();
    let process = start(data.path(), BOOKED_AT).await;
    fill(&process).await;
    for language in ["zh-CN", "en"] {
        let browser = Browser::phone().language(language).at(process.address).await;
        let shot = async |name: &str| browser.first_view(&folder().join(format!("{name}-{language}.png"))).await;
        browser.go(&format!("/halls/{HALL}/days?service=passport.renewal")).await;
        shot("days").await;
        browser.go(&format!("/halls/{HALL}/{DAY}?service=passport.renewal")).await;
        shot("bands").await;
        let number = if language == "en" { 900 } else { 901 };
        browser.click(".band [href*='start=10%3A30']").await;
        browser.sign_in(number).await;
        browser.fill_in_details().await;
        browser.click("[value='review']").await;
        browser.click("[value='confirm']").await;
        shot("booked").await;
    }
    process.stop().await;
    let process = start(data.path(), SHOWN_AT).await;
    let token = std::fs::read_to_string(data.path().join("admin.token")).unwrap();
    for language in ["zh-CN", "en"] {
        let browser = Browser::desktop().language(language).at(process.address).await;
        browser.go("/staff/sign-in").await;
        browser.fill("token", token.trim()).await;
        browser.click(".field ~ .button").await;
        // The list of halls has come: else the page that is asked for next would be overtaken by it.
        browser.see(if language == "en" { "Hangzhou" } else { "杭州" }).await;
        browser.go(&format!("/staff/city?date={DAY}&city=%E6%9D%AD%E5%B7%9E")).await;
        browser.see("46/46").await;
        browser.screenshot(&folder().join(format!("city-{language}.png"))).await;
    }
    process.stop().await;
    let made = std::fs::read_dir(folder()).unwrap().map(Result::unwrap).filter(|entry| is_picture(&entry.path()));
    assert!(made.count() >= 8);
}

fn is_picture(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x89PNG"))
}
