//! Numbers that move while somebody looks: server-sent events (HTML Living Standard, section 9.2).
//!
//! One task counts a hall's days with their bands for everybody who looks at them, and tells them what has changed; each
//! listener puts it into its own words, and only what its page shows. So a thousand who wait for the same day cost what one
//! does.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use futures_util::stream;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;

use super::choice::{Choice, day_words, left_words, places, usable, window};
use crate::app::input::fields::{Fields, date};
use crate::app::state::App;
use crate::domain::hall::Hall;
use crate::domain::name::{HallId, ServiceId};
use crate::domain::service::Service;
use crate::engine::Day;
use crate::pages::kit::meter::{Fullness, taken_percent};
use crate::pages::kit::visitor::Visit;
use crate::pages::text::Text;
use crate::serve::deadline::Streamed;
use crate::serve::problem::{Code, Problem};
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// How many listeners there are at once.
pub const MAX_LISTENERS: usize = 4_096;
/// How often what is listened to is counted.
const COUNT_EVERY: Duration = Duration::from_secs(1);
/// How often a listener hears something, though nothing changes, so that a connection that is gone is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a listener is served; its browser then asks again by itself.
const LIFE: Duration = Duration::from_mins(10);

/// What is listened to: a hall's days for a service, with their bands.
type Topic = (HallId, ServiceId);
/// The days as they were counted last; none where there is nothing to be listened to any more.
type Counted = Option<Arc<Vec<Day>>>;

/// Who listens to what. Clones are the same.
#[derive(Debug, Clone)]
pub struct Listeners {
    topics: Arc<DashMap<Topic, watch::Receiver<Counted>>>,
    places: Arc<Semaphore>,
}

impl Default for Listeners {
    fn default() -> Self {
        Self { topics: Arc::default(), places: Arc::new(Semaphore::new(MAX_LISTENERS)) }
    }
}

/// `GET /live/halls/{hall}`: the days of a hall.
///
/// # Errors
/// `unknown_hall`, `unknown_service`, `service_not_offered`, `overloaded` where too many listen.
pub async fn of_hall(
    state: State<App>,
    listeners: Extension<Listeners>,
    visit: Visit,
    Path(hall): Path<String>,
    asked: Query<Choice>,
) -> Result<Response, Problem> {
    listen(state, listeners, visit.text, (&hall, None), asked)
}

/// `GET /live/halls/{hall}/{date}`: the days of a hall, and the bands of one of them.
///
/// # Errors
/// As [`of_hall`], `invalid_field`, and `not_found` for a day outside of the calendar.
pub async fn of_day(
    state: State<App>,
    listeners: Extension<Listeners>,
    visit: Visit,
    Path((hall, on)): Path<(String, String)>,
    asked: Query<Choice>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let on = fields.need(format_args!("/date"), Some(on), date);
    let on = fields.finish(on)?;
    listen(state, listeners, visit.text, (&hall, Some(on)), asked)
}

fn listen(
    State(app): State<App>,
    Extension(listeners): Extension<Listeners>,
    text: Text,
    (hall, on): (&str, Option<NaiveDate>),
    Query(asked): Query<Choice>,
) -> Result<Response, Problem> {
    let snapshot = app.engine()?.snapshot();
    let hall = snapshot.hall(hall)?;
    let service = snapshot.service(asked.service.as_deref().unwrap_or_default())?;
    if on.is_some_and(|on| !window(&snapshot, hall, app.now()).contains(&on)) {
        return Err(Problem::new(Code::NotFound, "nothing moves on a day that cannot be booked"));
    }
    let place = Arc::clone(&listeners.places).try_acquire_owned();
    let place = place.map_err(|_| Problem::new(Code::Overloaded, "too many listen; the page works without"))?;
    let counted = listeners.to(&app, hall, service);
    let listening = Listening {
        counted,
        told: Vec::new(),
        text,
        people: asked.people(),
        on,
        _place: place,
        stopping: app.stopping(),
        ends_at: Instant::now() + LIFE,
    };
    let events = stream::unfold(Some(listening), |listening| async {
        let (event, listening) = listening?.next().await?;
        Some((Ok::<_, Infallible>(event), listening))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    response.extensions_mut().insert(Streamed);
    Ok(response)
}

impl Listeners {
    /// What is counted of a topic from now on. The first who asks has it counted.
    fn to(&self, app: &App, hall: &Hall, service: &Service) -> watch::Receiver<Counted> {
        match self.topics.entry((hall.id, service.id)) {
            Entry::Occupied(topic) => topic.get().clone(),
            Entry::Vacant(free) => {
                let (sender, receiver) = watch::channel(count(app, hall.id, service.id));
                let topics = Arc::clone(&self.topics);
                tokio::spawn(keep_counting(app.clone(), topics, *free.key(), sender));
                free.insert(receiver).clone()
            }
        }
    }
}

/// Counts a topic for as long as somebody listens.
async fn keep_counting(
    app: App,
    topics: Arc<DashMap<Topic, watch::Receiver<Counted>>>,
    topic: Topic,
    sender: watch::Sender<Counted>,
) {
    let mut stopping = app.stopping();
    loop {
        tokio::select! {
            () = tokio::time::sleep(COUNT_EVERY) => {}
            _ = stopping.wait_for(|stopping| *stopping) => break,
        }
        // The table itself listens too. Nobody can come to listen while its entry is held.
        if topics.remove_if(&topic, |_, _| sender.receiver_count() == 1).is_some() {
            return;
        }
        let counted = count(&app, topic.0, topic.1);
        let has_ended = counted.is_none();
        sender.send_if_modified(|known| {
            let differs = *known != counted;
            if differs {
                *known = counted;
            }
            differs
        });
        if has_ended {
            break;
        }
    }
    topics.remove(&topic);
}

fn count(app: &App, hall: HallId, service: ServiceId) -> Counted {
    let (engine, now) = (app.engine().ok()?, app.now());
    let snapshot = engine.snapshot();
    let (hall, service) = (snapshot.hall(hall.as_str()).ok()?, snapshot.service(service.as_str()).ok()?);
    engine.days(hall, service, window(&snapshot, hall, now), now).ok().map(Arc::new)
}

/// One listener.
struct Listening {
    counted: watch::Receiver<Counted>,
    /// What it has been told.
    told: Vec<Told>,
    text: Text,
    /// How many people need a place at the same time.
    people: u32,
    /// The day whose bands it is told besides the days.
    on: Option<NaiveDate>,
    /// Given back when it goes.
    _place: OwnedSemaphorePermit,
    stopping: watch::Receiver<bool>,
    ends_at: Instant,
}

/// One number as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Told {
    key: String,
    words: String,
    state: &'static str,
    share: u32,
}

impl Listening {
    /// The next event; after the last one there is no listener any more.
    async fn next(mut self) -> Option<(Event, Option<Self>)> {
        loop {
            let counted = self.counted.borrow_and_update().clone();
            let Some(days) = counted else { return Some((Event::default().event("reload").data("1"), None)) };
            let mut all = days_told(self.text, &days, self.people);
            all.extend(
                days.iter()
                    .filter(|day| Some(day.date) == self.on)
                    .flat_map(|day| bands_told(self.text, day, self.people)),
            );
            let news: Vec<_> = all.iter().filter(|one| !self.told.contains(one)).cloned().collect();
            let is_first = self.told.is_empty();
            self.told = all;
            if !news.is_empty() || is_first {
                let event = Event::default().event("counts").json_data(&news).ok()?;
                return Some((event, Some(self)));
            }
            tokio::select! {
                changed = self.counted.changed() => changed.ok()?,
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                () = tokio::time::sleep_until(self.ends_at) => return None,
            }
        }
    }
}

fn bands_told(text: Text, day: &Day, people: u32) -> Vec<Told> {
    let told = day.slots.iter().map(|slot| Told {
        key: format!("{}T{}", day.date, slot.start),
        words: left_words(text, slot.remaining(), people),
        state: Fullness::of(usable(slot.remaining(), people), slot.capacity).name(),
        share: taken_percent(slot.taken, slot.capacity),
    });
    told.collect()
}

fn days_told(text: Text, days: &[Day], people: u32) -> Vec<Told> {
    let open = days.iter().filter(|day| day.closed_by.is_none());
    let told = open.map(|day| {
        let (usable, capacity) = places(day, people);
        Told {
            key: day.date.to_string(),
            words: day_words(text, day, people),
            state: Fullness::of(usable, capacity).name(),
            share: taken_percent(capacity.saturating_sub(usable), capacity),
        }
    });
    told.collect()
}
