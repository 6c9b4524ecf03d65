//! What a run came to: the numbers behind the summary, the report and the JSON file.
//!
//! Plain values. Texts for people are not in here but for names; whoever shows them words them.

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::localized::Localized;

/// One run, with the draft beside it where there is one.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The id of the scenario.
    pub scenario: String,
    /// Its title.
    pub title: Localized,
    /// The city.
    pub city: String,
    /// The seed of all chance.
    pub seed: u64,
    /// How many visitors were to come.
    pub visitors: u32,
    /// The day that opened.
    pub day: NaiveDate,
    /// Where the server was, or that it was the run's own.
    pub server: String,
    /// The command that repeats it, as it would be typed.
    pub command: String,
    /// How it ended.
    pub end: End,
    /// Today's configuration.
    pub today: Played,
    /// The draft, played with the same seed.
    pub what_if: Option<Played>,
    /// What the city should change, most urgent first.
    pub advice: Vec<Advice>,
}

impl Outcome {
    /// Whether the auditor found nothing wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.today.violations.is_empty() && self.what_if.as_ref().is_none_or(|played| played.violations.is_empty())
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum End {
    /// Everybody came and went.
    Finished,
    /// Somebody interrupted it: the numbers are those until then.
    Interrupted,
    /// The server was lost on the way: the numbers are those until then.
    ServerLost {
        /// What happened.
        reason: String,
    },
}

/// One configuration, played.
#[derive(Debug, Clone, Serialize)]
pub struct Played {
    /// The version of the configuration.
    pub version: String,
    /// The release minute.
    pub rush: Rush,
    /// The day itself, a hall each, in the order of the configuration.
    pub halls: Vec<HallDay>,
    /// What the auditor could judge.
    pub audited: Audited,
    /// What the auditor found; empty where everything that was judged was right.
    pub violations: Vec<String>,
}

/// What an auditor could judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Audited {
    /// Every answer that a visitor got, and each visitor's own view.
    Answers,
    /// All of that, and every appointment and slot of the server at the end.
    WholeState,
}

/// The release minute.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Rush {
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// At which millisecond of it the day opened.
    pub opened_ms: u64,
    /// Requests that were answered.
    pub requests: u64,
    /// Visitors who came.
    pub came: u32,
    /// Visitors who have a place at the end.
    pub served: u32,
    /// Visitors who found none. The rest gave theirs up, or lost the server.
    pub turned_away: u32,
    /// Places that were booked or held at the end.
    pub booked: u32,
    /// Places that there were for the halls that took part on the day that opened.
    pub places: u32,
    /// Second by second.
    pub seconds: Vec<Second>,
    /// Answers by status and code (`ok` for a success), most frequent first.
    pub answers: Vec<Answers>,
    /// Latency by what was asked, in milliseconds.
    pub calls: Vec<CallLatency>,
    /// Places left on the day that opened, over time.
    pub places_left: Vec<PlacesLeft>,
}

/// One second of the release minute.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Second {
    /// Requests answered in it.
    pub requests: u32,
    /// Bookings and holds made in it.
    pub bookings: u32,
    /// Latency of its requests in milliseconds: median, 95th, 99th percentile and maximum.
    pub p50_ms: f64,
    /// See above.
    pub p95_ms: f64,
    /// See above.
    pub p99_ms: f64,
    /// See above.
    pub max_ms: f64,
}

/// How often something was answered.
#[derive(Debug, Clone, Serialize)]
pub struct Answers {
    /// The status, 0 where the connection was lost.
    pub status: u16,
    /// The code of the problem, or `ok`.
    pub code: String,
    /// How often.
    pub count: u64,
}

/// How long one kind of call took.
#[derive(Debug, Clone, Serialize)]
pub struct CallLatency {
    /// Which: `session`, `halls`, `slots`, `recommendations`, `book`, `hold`, `confirm`, `cancel`, `reschedule`, `read`.
    pub call: String,
    /// How often it was made.
    pub count: u64,
    /// The median in milliseconds.
    pub p50_ms: f64,
    /// The 99th percentile in milliseconds.
    pub p99_ms: f64,
    /// The longest in milliseconds.
    pub max_ms: f64,
}

/// Places left at a moment.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PlacesLeft {
    /// The millisecond of the release minute.
    pub at_ms: u64,
    /// How many were left in all halls that took part.
    pub left: u32,
}

/// One hall on the day itself.
#[derive(Debug, Clone, Serialize)]
pub struct HallDay {
    /// The id of the hall.
    pub hall: String,
    /// Its name.
    pub name: Localized,
    /// Its lanes.
    pub lanes: Vec<LaneDay>,
}

/// One lane of a hall on the day itself.
#[derive(Debug, Clone, Serialize)]
pub struct LaneDay {
    /// The lane: `counter`, `kiosk`.
    pub lane: String,
    /// How many desks work at once.
    pub desks: u32,
    /// Band by band.
    pub bands: Vec<BandDay>,
    /// People who booked and came.
    pub came: u32,
    /// People who booked and did not come, or came after the hall had closed.
    pub no_shows: u32,
    /// People without a booking.
    pub walk_ins: u32,
    /// The mean wait of all in minutes, from when they are inside until they are served.
    pub wait_mean_min: f64,
    /// The 90th percentile of the wait in minutes.
    pub wait_p90_min: f64,
    /// The longest queue.
    pub queue_max: u32,
    /// The share of the opening time that desks were busy.
    pub utilisation: f64,
    /// When the hall closes, in minutes after midnight.
    pub closes_min: f64,
    /// When the last one was done, in minutes after midnight; where nobody came, when the hall closes.
    pub done_min: f64,
}

/// One band of a lane on the day itself. Numbers are of those who arrived in it.
#[derive(Debug, Clone, Serialize)]
pub struct BandDay {
    /// `HH:MM`.
    pub start: String,
    /// `HH:MM`, where the next one may begin.
    pub end: String,
    /// How many could be booked.
    pub capacity: u32,
    /// How many were booked.
    pub booked: u32,
    /// The mean wait in minutes; none where nobody came.
    pub wait_mean_min: Option<f64>,
    /// The 90th percentile of the wait in minutes; none where nobody came.
    pub wait_p90_min: Option<f64>,
    /// The longest queue.
    pub queue_max: u32,
    /// The share of the band that desks were busy.
    pub utilisation: f64,
}

/// One piece of advice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// The hall.
    pub hall: String,
    /// Its name.
    pub name: Localized,
    /// The lane.
    pub lane: String,
    /// The bands that it is about, by their starts; empty: all of them.
    pub bands: Vec<String>,
    /// What to do.
    pub change: Change,
}

/// What a city could change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// People were turned away: this many places more in each of the bands.
    MorePlaces {
        /// Places more in a band that are enough for all of them.
        places: u32,
        /// Desks more that it takes to serve those in time, those of any [`Change::MoreDesks`] included; 0 where those
        /// of today do.
        desks: u32,
        /// Places more in a band that the desks of today serve in time, at most `places`.
        in_time: u32,
        /// How many people were turned away here.
        turned_away: u32,
    },
    /// People wait too long: this many desks more bring the 90th percentile below the bound.
    MoreDesks {
        /// Desks more.
        desks: u32,
        /// The wait in minutes, 90th percentile, today and with them.
        wait_p90_min: f64,
        /// See above.
        then_p90_min: f64,
    },
    /// There is room: this many desks fewer would do.
    FewerDesks {
        /// Desks fewer.
        desks: u32,
        /// The share of time that they are busy today.
        utilisation: f64,
    },
    /// There is room: places that nobody took.
    SparePlaces {
        /// How many.
        places: u32,
    },
}
