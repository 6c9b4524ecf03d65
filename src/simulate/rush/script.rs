//! What one visitor does, from signing in to going home.

use std::collections::HashSet;
use std::time::Duration;

use chrono::NaiveDate;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::audit::{Auditor, BookingAsk, SlotName};
use super::client::{Asked, Client, Heard, LOST};
use super::identity::Identity;
use super::record::Call;
use super::visitor::{Visitor, Way};

/// How often a bot looks while it waits, and how soon anybody looks again who found nothing.
const BOT_PAUSE: Duration = Duration::from_millis(20);
const LOOK_AGAIN: Duration = Duration::from_millis(1_500);
/// How long a lost connection lasts, in milliseconds, by the number of the visitor.
const LOST_AFTER_MS: u64 = 20;
/// In how many of the nearest halls somebody looks at days before asking where there is anything left at all.
const NEAREST: usize = 2;
/// How many halls a visitor asks for: as many as the server names at once, since those of other cities are passed over.
const HALLS: usize = 20;

/// Where visitors act.
#[derive(Debug)]
pub struct Stage {
    /// The way to the server.
    pub client: Client,
    /// Who judges what it says.
    pub auditor: Auditor,
    /// The halls that take part: nobody goes to another city.
    pub halls: HashSet<String>,
    /// The day that opens.
    pub new_day: NaiveDate,
    /// The first day that can be booked.
    pub first_day: NaiveDate,
    /// When the new day opens, since the beginning of the run.
    pub opens_at: Duration,
    /// When places of the new day were taken, and how many (negative: given back).
    taken: Mutex<Vec<(Duration, i64)>>,
}

/// How a visit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// With what was wanted.
    Served,
    /// With a place given up, as meant.
    Left,
    /// Without a place.
    TurnedAway,
    /// The server did not answer any more.
    Lost,
}

impl Stage {
    /// A stage on which nobody has acted yet.
    #[must_use]
    pub fn new(
        client: Client,
        auditor: Auditor,
        halls: HashSet<String>,
        (first_day, new_day): (NaiveDate, NaiveDate),
        opens_at: Duration,
    ) -> Self {
        Self { client, auditor, halls, new_day, first_day, opens_at, taken: Mutex::default() }
    }

    /// When places of the new day were taken, and how many (negative: given back), since the beginning of the run.
    #[must_use]
    pub fn taken(&self) -> Vec<(Duration, i64)> {
        self.taken.lock().clone()
    }

    fn note_taken(&self, slot: &SlotName, places: i64) {
        if slot.date == self.new_day.to_string() {
            self.taken.lock().push((self.client.now(), places));
        }
    }

    /// One visit.
    pub async fn visit(&self, visitor: &Visitor) -> Fate {
        let me = &visitor.party[0];
        let body = person(me);
        let session = self.client.ask(Asked::post(Call::Session, "/v1/session".into(), "", Some(&body))).await;
        self.auditor.served(visitor.number, "a session", &session);
        let Some(token) = session.body["token"].as_str() else { return Fate::Lost };
        self.wait_for_the_moment(visitor).await;
        let fate = self.try_to_get_a_place(visitor, token).await;
        if fate != Fate::Lost {
            let own = Asked::get(Call::Read, "/v1/appointments?limit=100".into(), token);
            self.auditor.own_view(visitor.number, &self.client.ask(own).await);
        }
        fate
    }

    /// People watch the clock; bots ask until the day is open.
    async fn wait_for_the_moment(&self, visitor: &Visitor) {
        if visitor.way == Way::Bot {
            while self.client.now() < self.opens_at {
                self.recommended(visitor).await;
                tokio::time::sleep(BOT_PAUSE).await;
            }
        } else if let Some(wait) = self.opens_at.checked_sub(self.client.now()) {
            tokio::time::sleep(wait).await;
        }
    }

    async fn try_to_get_a_place(&self, visitor: &Visitor, token: &str) -> Fate {
        let mut gone = HashSet::new();
        for _ in 0..visitor.patience {
            tokio::time::sleep(visitor.thinks).await;
            let Some(slot) = self.choose(visitor, &gone).await else {
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            };
            let heard = self.take(visitor, token, &slot).await;
            match (heard.status, heard.code()) {
                (201, _) => {
                    return if self.go_on(visitor, token, &slot, &heard).await { Fate::Served } else { Fate::Left };
                }
                (LOST, _) => return Fate::Lost,
                (_, "slot_full") => {
                    gone.insert(slot);
                }
                _ => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
        Fate::TurnedAway
    }

    /// Where this visitor would like to go most, of what is left.
    async fn choose(&self, visitor: &Visitor, gone: &HashSet<SlotName>) -> Option<SlotName> {
        let in_a_hurry = matches!(visitor.way, Way::BookAtOnce | Way::Bot | Way::DoubleClick | Way::LostConnection);
        if in_a_hurry {
            return self.recommended(visitor).await.into_iter().find(|slot| !gone.contains(slot));
        }
        let nearest = self.nearest(visitor).await;
        for hall in nearest.iter().take(NEAREST) {
            if let Some(slot) = self.suiting(visitor, hall, gone).await {
                return Some(slot);
            }
        }
        for SlotName { hall, .. } in self.recommended(visitor).await {
            if let Some(slot) = self.suiting(visitor, &hall, gone).await {
                return Some(slot);
            }
        }
        None
    }

    /// The halls for the visitor's service, nearest first.
    async fn nearest(&self, visitor: &Visitor) -> Vec<String> {
        let (lat, lon, service) = (visitor.home.lat, visitor.home.lon, &visitor.service);
        let target = format!("/v1/halls?service={service}&lat={lat:.6}&lon={lon:.6}&limit={HALLS}");
        let heard = self.client.ask(Asked::get(Call::Halls, target, "")).await;
        self.auditor.nearest(visitor.number, &heard);
        let halls = heard.body["halls"].as_array().into_iter().flatten();
        let ids = halls.filter_map(|hall| hall["id"].as_str().map(str::to_owned));
        ids.filter(|hall| self.halls.contains(hall)).collect()
    }

    async fn recommended(&self, visitor: &Visitor) -> Vec<SlotName> {
        let (from, to) = self.dates(visitor);
        let (lat, lon, service) = (visitor.home.lat, visitor.home.lon, &visitor.service);
        let query = format!("service={service}&lat={lat:.6}&lon={lon:.6}&from={from}&to={to}&limit={HALLS}");
        let asked = Asked::get(Call::Recommendations, format!("/v1/recommendations?{query}"), "");
        let heard = self.client.ask(asked).await;
        self.auditor.served(visitor.number, "recommendations", &heard);
        let list = heard.body["recommendations"].as_array().map_or(&[][..], Vec::as_slice);
        let slot = |one: &Value| {
            let text = |member: &str| one[member].as_str().map(str::to_owned);
            Some(SlotName { hall: text("hall")?, date: text("date")?, start: text("start")? })
        };
        list.iter().filter_map(slot).filter(|slot| self.halls.contains(&slot.hall)).collect()
    }

    /// The slot of a hall that suits best: enough places, nearest in time of day, then the earliest.
    async fn suiting(&self, visitor: &Visitor, hall: &str, gone: &HashSet<SlotName>) -> Option<SlotName> {
        let (from, to) = self.dates(visitor);
        if visitor.looks_at_pages {
            self.look_at_pages(visitor, hall).await;
        }
        let target = format!("/v1/halls/{hall}/slots?service={}&from={from}&to={to}", visitor.service);
        let heard = self.client.ask(Asked::get(Call::Slots, target, "")).await;
        self.auditor.slots(visitor.number, &heard);
        let days = heard.body["days"].as_array()?;
        let places = visitor.party.len() as u64;
        days.iter()
            .filter(|day| day["open"] == true)
            .flat_map(|day| day["slots"].as_array().into_iter().flatten().map(move |slot| (day, slot)))
            .filter(|(_, slot)| slot["remaining"].as_u64().is_some_and(|left| left >= places))
            .filter_map(|(day, slot)| {
                let (date, start) = (day["date"].as_str()?.to_owned(), slot["start"].as_str()?.to_owned());
                Some(SlotName { hall: hall.to_owned(), date, start })
            })
            .filter(|slot| !gone.contains(slot))
            .min_by_key(|slot| (minutes(&slot.start).abs_diff(visitor.suits_min), slot.date.clone()))
    }

    /// The page of a hall's days, and then that of the day that is wanted most: what a browser shows before its script, or
    /// the visitor's eyes, read the numbers.
    async fn look_at_pages(&self, visitor: &Visitor, hall: &str) {
        let service = &visitor.service;
        let day = self.dates(visitor).1;
        for target in [format!("/halls/{hall}?service={service}"), format!("/halls/{hall}/{day}?service={service}")] {
            let heard = self.client.ask(Asked::get(Call::Page, target, "")).await;
            self.auditor.served(visitor.number, "a page", &heard);
        }
    }

    fn dates(&self, visitor: &Visitor) -> (NaiveDate, NaiveDate) {
        if visitor.wants_new_day { (self.new_day, self.new_day) } else { (self.first_day, self.new_day) }
    }

    /// Books or holds, once or as clumsily as the visitor does it.
    async fn take(&self, visitor: &Visitor, token: &str, slot: &SlotName) -> Heard {
        let hold = matches!(visitor.way, Way::Hold | Way::GiveUp);
        let ask = BookingAsk { party: &visitor.party, service: &visitor.service, slot, hold };
        let (call, body) = (if hold { Call::Hold } else { Call::Book }, booking(&ask));
        let key = format!("{}-{}-{}-{}", visitor.number, slot.hall, slot.date, slot.start);
        let asked = || {
            let asked = Asked::post(call, "/v1/appointments".into(), token, Some(&body));
            Asked { key: Some(&key), ..asked }
        };
        let heard = match visitor.way {
            Way::DoubleClick => {
                let (first, second) = tokio::join!(self.client.ask(asked()), self.client.ask(asked()));
                self.auditor.repeated(visitor.number, &first, &second);
                self.auditor.booked(visitor.number, &ask, &second);
                first
            }
            Way::LostConnection => {
                let after = Duration::from_millis(u64::from(visitor.number) % LOST_AFTER_MS);
                self.client.lose(asked(), after).await;
                self.client.ask(asked()).await
            }
            _ => self.client.ask(asked()).await,
        };
        let made = self.auditor.booked(visitor.number, &ask, &heard);
        self.note_taken(slot, i64::try_from(made.len()).unwrap_or(0));
        heard
    }

    /// What a visitor does with a place; false where it is given up.
    async fn go_on(&self, visitor: &Visitor, token: &str, slot: &SlotName, heard: &Heard) -> bool {
        let ids: Vec<&str> =
            heard.body["appointments"].as_array().into_iter().flatten().filter_map(|one| one["id"].as_str()).collect();
        let Some(id) = ids.first() else { return true };
        match visitor.way {
            Way::GiveUp => false,
            Way::Hold => self.confirm(visitor, token, id).await,
            Way::Cancel => !self.cancel(visitor, token, (id, slot)).await,
            Way::Rebook => {
                self.rebook(visitor, token, (id, slot)).await;
                true
            }
            _ => true,
        }
    }

    async fn confirm(&self, visitor: &Visitor, token: &str, id: &str) -> bool {
        // Three pages of a form.
        tokio::time::sleep(visitor.thinks * 3).await;
        let body = form(&visitor.party[0]);
        let asked = Asked::post(Call::Confirm, format!("/v1/appointments/{id}/confirm"), token, Some(&body));
        let heard = self.client.ask(asked).await;
        self.auditor.changed(visitor.number, id, "booked", None, &heard);
        heard.is_ok()
    }

    async fn cancel(&self, visitor: &Visitor, token: &str, (id, slot): (&str, &SlotName)) -> bool {
        tokio::time::sleep(visitor.thinks).await;
        let asked = Asked::post(Call::Cancel, format!("/v1/appointments/{id}/cancel"), token, None);
        let heard = self.client.ask(asked).await;
        self.auditor.changed(visitor.number, id, "cancelled", None, &heard);
        if heard.is_ok() {
            self.note_taken(slot, -1);
        }
        heard.is_ok()
    }

    async fn rebook(&self, visitor: &Visitor, token: &str, (id, slot): (&str, &SlotName)) {
        tokio::time::sleep(visitor.thinks).await;
        let gone = HashSet::from([slot.clone()]);
        let Some(to) = self.suiting(visitor, &slot.hall, &gone).await else { return };
        let body = json!({ "hall": to.hall, "date": to.date, "start": to.start });
        let asked = Asked::post(Call::Reschedule, format!("/v1/appointments/{id}/reschedule"), token, Some(&body));
        let heard = self.client.ask(asked).await;
        self.auditor.changed(visitor.number, id, "booked", Some(&to), &heard);
        if heard.is_ok() {
            self.note_taken(slot, -1);
            self.note_taken(&to, 1);
        }
    }
}

/// A person as the API names one: what opens a session, and an applicant.
#[must_use]
pub fn person(person: &Identity) -> Value {
    json!({ "name": person.name, "id_number": person.id_number, "phone": person.phone })
}

fn booking(ask: &BookingAsk<'_>) -> Value {
    let applicants: Vec<Value> = ask.party.iter().map(person).collect();
    let mut body = json!({
        "hall": ask.slot.hall, "service": ask.service, "date": ask.slot.date, "start": ask.slot.start,
        "hold": ask.hold, "applicants": applicants,
    });
    if !ask.hold
        && let (Value::Object(body), Value::Object(form)) = (&mut body, form(&ask.party[0]))
    {
        body.extend(form);
    }
    body
}

fn form(first: &Identity) -> Value {
    json!({
        "residence": &first.id_number[..6],
        "emergency_contact": { "name": first.name, "phone": first.phone },
        "collection": { "method": "counter" },
    })
}

/// Minutes after midnight of `HH:MM`.
fn minutes(start: &str) -> u16 {
    let (hour, minute) = start.split_once(':').unwrap_or_default();
    hour.parse::<u16>().unwrap_or(0) * 60 + minute.parse::<u16>().unwrap_or(0)
}
