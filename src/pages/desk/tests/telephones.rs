//! Telephones of those whom a configuration displaces: shown on demand, on the record, and hidden again.

use chrono::TimeDelta;

use super::*;
use crate::domain::hall::{Exception, Hall};
use crate::domain::snapshot::Snapshot;
use crate::engine::{Call, Caller, MAX_OPENED_AN_HOUR, StaffCaller};

const LIST: &str = "/staff/displaced";
const ASK: &str = "/staff/displaced/telephone";
/// Whoever books in these tests.
const NUMBER: &str = "19900000004";

impl Desk {
    /// A configuration comes into force in which halls are as `change` leaves them.
    async fn reconfigured(&self, change: impl FnOnce(&mut Vec<Hall>)) {
        let engine = self.app.engine().unwrap();
        let Snapshot { policy, calendar, .. } = engine.snapshot().as_ref().clone();
        let (mut halls, services) = (engine.snapshot().halls().to_vec(), engine.snapshot().services().to_vec());
        change(&mut halls);
        let snapshot = Snapshot::new("changed".into(), policy, calendar, halls, services);
        let caller = Caller::Staff(StaffCaller { id: "chief".into(), halls: None });
        engine.adopt(Call { caller, now: self.clock.now(), repeat: None }, Arc::new(snapshot)).await.unwrap();
    }

    /// Both halls close on the day.
    async fn halls_close(&self) {
        let closed = |halls: &mut Vec<Hall>| {
            for hall in halls.iter_mut().filter(|hall| [HALL, OTHER_HALL].contains(&hall.id.as_str())) {
                let closed = Exception::Closed { reason: Some("设备检修".into()) };
                hall.exceptions.insert(DAY.parse().unwrap(), closed);
            }
        };
        self.reconfigured(closed).await;
    }

    /// The number of an appointment is asked for on the list.
    async fn shows(&mut self, one: &Value) -> Heard {
        let page = self.get(LIST).await;
        self.send(&page, ASK, &[("of", text_of(one, "id")), ("back", LIST)]).await
    }
}

#[tokio::test]
async fn a_number_is_shown_once_in_its_row_and_stands_in_the_record() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, DAY).await;
    desk.halls_close().await;
    desk.sign_in("hps.desk").await;
    let id = text_of(&booked, "id").to_owned();
    let list = desk.get(&format!("{LIST}?hall={HALL}")).await;
    list.says("显示电话");
    list.says("张*");
    for hidden in [NUMBER, "张伟", "tel:"] {
        list.lacks(hidden);
    }
    let back = list.hidden("back");
    assert_eq!(back, format!("{LIST}?hall={HALL}"));
    let sent = desk.send(&list, ASK, &[("of", &id), ("back", &back)]).await;
    assert_eq!(sent.location(), format!("{back}#person-{id}"));
    assert_eq!(sent.headers["cache-control"], "no-store");
    let shown = desk.get(&back).await;
    assert_eq!(shown.headers["cache-control"], "no-store");
    for words in [&format!("href=\"tel:{NUMBER}\""), "张伟", &format!("id=\"person-{id}\""), "http-equiv=\"refresh\""]
    {
        shown.says(words);
    }
    shown.says("data-refresh=\"120\"");
    for _ in 0..2 {
        let hidden = desk.get(&back).await;
        hidden.says("显示电话");
        for hidden_again in [NUMBER, "张伟", "http-equiv=\"refresh\""] {
            hidden.lacks(hidden_again);
        }
    }
    for (language, words) in
        [("zh-CN", "查看 张* 的电话"), ("zh-TW", "檢視 张* 的電話"), ("en", "Looked at the phone number of 张*")]
    {
        let request = desk.request("GET", "/staff/record").header("accept-language", language);
        let record = desk.ask(request, String::new()).await;
        record.says(words);
        record.says("desk-3");
        record.lacks(NUMBER);
    }
}

#[tokio::test]
async fn the_page_about_one_person_has_the_number_too() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, DAY).await;
    desk.halls_close().await;
    desk.sign_in("hps.desk").await;
    let one = format!("{LIST}/{}", text_of(&booked, "id"));
    let page = desk.get(&one).await;
    page.says("显示电话");
    let back = page.hidden("back");
    let sent = desk.send(&page, ASK, &[("of", text_of(&booked, "id")), ("back", &back)]).await;
    assert!(sent.location().starts_with(&format!("{one}?back=%2Fstaff%2Fdisplaced#")), "{}", sent.location());
    desk.get(&back).await.says(&format!("tel:{NUMBER}"));
    desk.get(&back).await.lacks(NUMBER);
}

#[tokio::test]
async fn a_desk_opens_those_of_its_own_hall_who_are_displaced_and_nobody_else() {
    let mut desk = Desk::open();
    let own = desk.booked(0, HALL, DAY).await;
    let elsewhere = desk.booked(1, OTHER_HALL, DAY).await;
    let fits = desk.booked(2, HALL, "2026-11-27").await;
    assert_eq!(desk.get(ASK).await.location(), "/staff/sign-in?next=%2Fstaff%2Fdisplaced%2Ftelephone");
    desk.sign_in("hps.desk").await;
    assert_eq!(desk.shows(&own).await.location(), LIST, "as long as it fits nobody has to call");
    desk.halls_close().await;
    assert_eq!(desk.shows(&elsewhere).await.status, 403);
    assert_eq!(desk.shows(&fits).await.location(), LIST);
    for nobody in ["", "x", "01979a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b"] {
        assert_eq!(desk.shows(&json!({ "id": nobody })).await.status, 404, "{nobody:?}");
    }
    desk.get(LIST).await.lacks(NUMBER);
    desk.get("/staff/record").await.lacks("的电话");
    assert_eq!(desk.shows(&own).await.location(), format!("{LIST}#person-{}", text_of(&own, "id")));
    assert_eq!(desk.get(ASK).await.location(), LIST, "a look leads to the list, and leaves the number for it");
    desk.get(LIST).await.says(NUMBER);

    // What one has opened, another does not see at the same machine.
    desk.shows(&own).await;
    desk.cookies.retain(|cookie| !cookie.starts_with("hallpass_staff="));
    desk.sign_in("hps.chief").await;
    desk.get(LIST).await.lacks(NUMBER);
    assert_eq!(desk.shows(&elsewhere).await.status, 303);
    desk.get(LIST).await.says(NUMBER);
    desk.get(&format!("/staff/record?hall={OTHER_HALL}")).await.says("chief");
    // Nor does anybody after a minute.
    desk.shows(&elsewhere).await;
    desk.clock.set(desk.clock.now() + TimeDelta::seconds(60));
    desk.get(LIST).await.lacks(NUMBER);
}

#[tokio::test]
async fn of_a_hall_that_is_no_more_the_record_is_that_of_all_halls() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, DAY).await;
    desk.reconfigured(|halls| halls.retain(|hall| hall.id.as_str() != HALL)).await;
    desk.sign_in("hps.chief").await;
    assert_eq!(desk.shows(&booked).await.status, 303);
    desk.get(LIST).await.says(NUMBER);
    desk.get("/staff/record?hall=all").await.says("查看 张* 的电话");
}

#[tokio::test]
async fn who_has_opened_too_many_is_told_when_to_go_on() {
    let mut desk = Desk::open();
    let booked = desk.booked(0, HALL, DAY).await;
    desk.halls_close().await;
    desk.sign_in("hps.desk").await;
    let page = desk.get(LIST).await;
    let fields = [("of", text_of(&booked, "id")), ("back", LIST)];
    for number in 0..MAX_OPENED_AN_HOUR {
        assert_eq!(desk.send(&page, ASK, &fields).await.status, 303, "number {number}");
    }
    desk.get(LIST).await.says(NUMBER);
    desk.clock.set("2026-11-24T04:30:00Z".parse().unwrap());
    let refused = desk.send(&page, ASK, &fields).await;
    assert_eq!((refused.status, &refused.headers["retry-after"]), (429, &"1800".parse().unwrap()));
    refused.says("30 分钟");
    refused.lacks(NUMBER);
    desk.get(LIST).await.lacks(NUMBER);
    desk.clock.set("2026-11-24T05:00:00Z".parse().unwrap());
    assert_eq!(desk.send(&page, ASK, &fields).await.status, 303);
}
