//! The way of a citizen, step by step, as the tests of pages walk it.

use serde_json::Value;

use super::Browser;
use crate::http::TestApp;
use crate::identities;

/// The day and band that are booked unless a test says otherwise.
pub const DAY: &str = "2026-11-26";
/// Noon of the Tuesday on which every `TestApp` begins, a while later: sessions of twelve hours have ended.
pub const TOMORROW: &str = "2026-11-25T08:00:00.000+08:00";

impl Browser {
    /// Signs in as a made-up person, on the page that asks for that.
    pub async fn sign_in(&self, number: usize) {
        self.fill("name", &identities::name(number)).await;
        self.fill("id_number", &identities::identity(number)).await;
        self.fill("phone", &identities::phone(number)).await;
        self.click(".buttons .button").await;
    }

    /// From the start to the times of a day of the hall `east`.
    pub async fn find_a_day(&self, day: &str) {
        self.go("/").await;
        self.click("[href='/halls?service=passport.renewal']").await;
        self.click("[href^='/halls/east?']").await;
        self.click(&format!("[href*='/halls/east/{day}?']")).await;
    }

    /// Takes a band that begins at a time such as `08:30`.
    pub async fn take(&self, start: &str) {
        self.click(&format!(".band [href*='start={}']", start.replace(':', "%3A"))).await;
    }

    /// Has a made-up person come along, in a row of the form, counted from 0; it is added where it is not there yet.
    pub async fn come_with(&self, row: usize, number: usize) {
        self.see("您本人").await;
        if self.row(row).await == serde_json::json!([null, null, null]) {
            self.click("[value='add']").await;
        }
        self.fill(&format!("name-{row}"), &identities::name(number)).await;
        self.fill(&format!("id_number-{row}"), &identities::identity(number)).await;
        self.fill(&format!("phone-{row}"), &identities::phone(number)).await;
    }

    /// What stands in the fields of a row.
    pub async fn row(&self, row: usize) -> Value {
        let fields = format!("['name-{row}', 'id_number-{row}', 'phone-{row}']");
        self.script(&format!("return {fields}.map(name => document.getElementsByName(name)[0]?.value ?? null)")).await
    }

    /// Books a band for a person and the one with the next number, up to the page of the appointment.
    pub async fn book_for_two(&self, number: usize, start: &str) {
        self.find_a_day(DAY).await;
        self.take(start).await;
        self.sign_in(number).await;
        self.come_with(0, number + 1).await;
        self.fill_in_details().await;
        self.click("[value='review']").await;
        self.click("[value='confirm']").await;
        self.see("预约成功").await;
    }

    /// Looks for halls from a place in the address of the page.
    pub async fn search_from(&self, lat: &str, lon: &str, datum: &str) {
        self.go(&format!("/halls?service=passport.renewal&lat={lat}&lon={lon}&datum={datum}")).await;
        self.see("公里").await;
    }

    /// The name of the first hall of a list and how far it is.
    pub async fn nearest_hall(&self) -> (String, String) {
        let name = self.script("return document.querySelector('.hall h3').innerText").await;
        let distance = self.script("return document.querySelector('.hall .badge').innerText").await;
        (name.as_str().unwrap().to_owned(), distance.as_str().unwrap().to_owned())
    }

    /// Fills in what a hall must know besides who comes.
    pub async fn fill_in_details(&self) {
        self.fill("contact-name", "李虚").await;
        self.fill("contact-phone", "0571-87280185").await;
        self.choose("method", "counter").await;
    }

    /// Wants a page that anybody can use: nothing that the checker of accessibility finds, nothing past the sides of the
    /// screen, nothing too small to be touched.
    pub async fn anybody_can_use_it(&self) {
        let at = self.address().await;
        assert_eq!(self.axe().await, "", "{at}");
        assert_eq!(self.overflow().await, "", "{at}");
        assert_eq!(self.small_targets(44).await, "", "{at}");
    }
}

/// What stands in the row of a made-up person.
pub fn row_of(number: usize) -> Value {
    serde_json::json!([identities::name(number), identities::identity(number), identities::phone(number)])
}

/// The code of the appointment that a page shows, as it is typed.
pub async fn code_of(browser: &Browser) -> String {
    let code = browser.script("return document.querySelector('.code').innerText").await;
    code.as_str().unwrap().replace(' ', "")
}

/// How many places of a band of `east` are taken, as the server counts them.
pub async fn taken(app: &TestApp, day: &str, start: &str) -> u64 {
    app.taken("east", day, start).await
}
