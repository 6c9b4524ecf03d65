//! What a scenario says: who comes when, what they do, and how the halls work on the day itself.

pub(crate) mod file;
pub(crate) mod list;

use std::path::PathBuf;

use chrono::NaiveDate;

use crate::domain::localized::Localized;
use crate::domain::name::{HallId, ServiceId};

/// A scenario, checked: every name is known and every share is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The name of its file, without the extension.
    pub id: String,
    /// What it is called.
    pub title: Localized,
    /// The city whose halls take part, as the halls name it.
    pub city: String,
    /// The day that opens, on which a hall of the city is open; none for one that follows from when a run begins.
    pub new_day: Option<NaiveDate>,
    /// How visitors come.
    pub rush: RushPlan,
    /// What they do.
    pub ways: Ways,
    /// What they come for: each service with its weight, at least one. Weights are above 0 and need not add up to 1.
    pub services: Vec<(ServiceId, f64)>,
    /// Where they live: each hall with the weight of its surroundings, at least one.
    pub districts: Vec<(HallId, f64)>,
    /// How the halls work on the day.
    pub day: DayPlan,
    /// Halls of the scenario's own, which take the place of those with the same id: the file that holds them, where the
    /// scenario brings any. For [`load_with`](super::load_with).
    pub halls_file: Option<PathBuf>,
}

/// How visitors come to the moment in which a day opens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RushPlan {
    /// How many come, 1 to [`MAX_VISITORS`]; the command line may say otherwise.
    pub visitors: u32,
    /// The share that comes before the moment and waits, 0 to 1.
    pub early_share: f64,
    /// How long before the moment the first of them come, in seconds, 0 to 86,400.
    pub early_s: f64,
    /// After the moment, the rest come within so many seconds, 0 to 86,400, evenly where `decay_s` is none.
    pub within_s: f64,
    /// The mean of an exponential decay of arrivals after the moment, in seconds, above 0 to 86,400.
    pub decay_s: Option<f64>,
    /// The share that wants the day that opens; the others want any day of the window.
    pub new_day_share: f64,
    /// The share of visitors that looks at pages, and not at an app of its own, before it chooses, 0 to 1.
    pub pages_share: f64,
}

/// How many visitors a scenario may have.
pub const MAX_VISITORS: u32 = 1_000_000;

/// Shares of visitors by what they do, each 0 to 1, together at most 1; the rest looks for the nearest hall and books at
/// once.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Ways {
    /// Looks at days, holds a place, fills in the form, confirms.
    pub hold: f64,
    /// Comes with the family: a party of two to five.
    pub family: f64,
    /// Holds a place and never comes back.
    pub give_up: f64,
    /// Books, and cancels after a while.
    pub cancel: f64,
    /// Books, and moves to another time.
    pub rebook: f64,
    /// Clicks twice: the same call twice at the same time, with one idempotency key.
    pub double_click: f64,
    /// Loses the connection while it waits for the answer, and repeats with the same idempotency key.
    pub lost_connection: f64,
    /// Polls availability without pause and books by machine.
    pub bot: f64,
}

/// How halls work on the day itself. Times in minutes.
#[derive(Debug, Clone, PartialEq)]
pub struct DayPlan {
    /// The share of those who booked that does not come, 0 to 1.
    pub no_show: f64,
    /// Mean and standard deviation of the arrival before the booked time (negative: late), normal; the mean -1,440 to
    /// 1,440, the deviation 0 to 1,440.
    pub early_min: (f64, f64),
    /// Walk-ins for each booked person, 0 to 5.
    pub walk_ins: f64,
    /// Service times by service: mean, above 0 to 1,440, and standard deviation, 0 to 1,440, lognormal. A service that
    /// is not named takes `service_min`.
    pub service_times_min: Vec<(ServiceId, (f64, f64))>,
    /// The service time of any other service.
    pub service_min: (f64, f64),
    /// Counters and kiosks by hall, at least one where the hall has such a lane and none where it has not; a hall that is
    /// not named has as many as its capacity keeps busy at `utilisation`.
    pub desks: Vec<(HallId, Desks)>,
    /// The share of the opening time that desks of halls without a number are planned to be busy, above 0 to 1.
    pub utilisation: f64,
}

/// How many work at once in a hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Desks {
    /// Counters.
    pub counters: u32,
    /// Kiosks.
    pub kiosks: u32,
}
