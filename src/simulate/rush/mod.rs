//! The release minute: visitors come to a real server, over real HTTP, with real sessions.

pub mod audit;
pub mod client;
pub mod identity;
pub mod record;
pub mod script;
pub mod visitor;

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use tokio::task::JoinSet;

use self::audit::{Auditor, HallDay, Known, SlotName, Whose};
use self::client::{Client, LOST};
use self::record::Recorder;
use self::script::{Fate, Stage};
use self::visitor::{Crowd, Visitor};
use crate::simulate::outcome::{Audited, End, PlacesLeft, Rush};
use crate::simulate::progress::{Phase, Standing};

/// How often somebody is told how far the run is.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// What is played.
#[derive(Debug)]
pub struct Play<'a> {
    /// Who comes.
    pub crowd: Crowd<'a>,
    /// How many.
    pub visitors: u32,
    /// The address of the server.
    pub server: &'a str,
    /// The token of an administrator and to whom the server belongs, where the whole state can be audited too.
    pub admin: Option<(&'a str, Whose)>,
    /// The halls that take part.
    pub halls: &'a [String],
    /// The day that opens.
    pub new_day: NaiveDate,
    /// The first day that can be booked.
    pub first_day: NaiveDate,
    /// After how long the new day opens.
    pub opens_in: Duration,
    /// How many places the halls have on that day for what the visitors want.
    pub places: u32,
}

/// One booked person on the day that opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The slot.
    pub slot: SlotName,
    /// The lane.
    pub lane: String,
    /// The service.
    pub service: String,
}

impl Booked {
    /// Who comes on the day; nobody where the place is only held, because a hold that is not confirmed ends.
    fn of(known: Known) -> Option<Self> {
        let is_booked = known.status == "booked";
        is_booked.then_some(Self { slot: known.slot, lane: known.lane, service: known.service })
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Played {
    /// The numbers.
    pub rush: Rush,
    /// How it ended.
    pub end: End,
    /// Who is booked on the day that opens.
    pub booked: Vec<Booked>,
    /// The numbers of the visitors who found no place, in order.
    pub turned_away: Vec<u32>,
    /// What the auditor could judge.
    pub audited: Audited,
    /// What the auditor found.
    pub violations: Vec<String>,
}

/// Everything that is counted while visitors go home.
#[derive(Debug, Default)]
struct Tally {
    came: u32,
    served: u32,
    turned_away: Vec<u32>,
}

impl Play<'_> {
    /// Plays it, and tells how far it is from time to time. `interrupted` ends it early.
    pub async fn play(&self, tell: impl Fn(Standing), interrupted: impl Future<Output = ()>) -> Played {
        let recorder = Recorder::default();
        let client = Client::new(self.server, recorder.clone());
        let halls = self.halls.iter().cloned().collect();
        let auditor = Auditor::new(audit::services(&client.look("/v1/services".into(), "").await));
        let stage = Arc::new(Stage::new(client, auditor, halls, (self.first_day, self.new_day), self.opens_in));
        let (mut tally, mut end) = self.visits(&stage, &recorder, tell, interrupted).await;
        tally.turned_away.sort_unstable();
        let took = recorder.now();
        let mut audited = Audited::Answers;
        stage.auditor.judge_persons();
        if end == End::Finished
            && let Some((token, whose)) = self.admin
        {
            match self.state(&stage, token).await {
                Ok(days) => {
                    stage.auditor.judge_state(&days, whose);
                    audited = Audited::WholeState;
                }
                Err(reason) => end = End::ServerLost { reason },
            }
        }
        let taken = self.taken(&stage);
        let rush = self.numbers(&stage, &recorder, &tally, (took, taken.len()));
        let booked = taken.into_iter().filter_map(Booked::of).collect();
        Played { rush, end, booked, turned_away: tally.turned_away, audited, violations: stage.auditor.violations() }
    }

    /// Every appointment that takes a place of the new day, in the order of the visitors.
    fn taken(&self, stage: &Stage) -> Vec<Known> {
        let new_day = self.new_day.to_string();
        let of_new_day = |known: &Known| known.slot.date == new_day && known.takes_place();
        let mut known: Vec<Known> = stage.auditor.appointments().into_values().filter(of_new_day).collect();
        known.sort_by(|a, b| (a.visitor, &a.id_number).cmp(&(b.visitor, &b.id_number)));
        known
    }

    async fn visits(
        &self,
        stage: &Arc<Stage>,
        recorder: &Recorder,
        tell: impl Fn(Standing),
        interrupted: impl Future<Output = ()>,
    ) -> (Tally, End) {
        let mut visits = self.begin(stage);
        let (mut tally, mut tick) = (Tally::default(), tokio::time::interval(TELL_EVERY));
        let mut interrupted = std::pin::pin!(interrupted);
        loop {
            tokio::select! {
                biased;
                () = &mut interrupted => return (tally, End::Interrupted),
                _ = tick.tick() => {
                    tell(self.standing(recorder, tally.came));
                }
                visit = visits.join_next() => match visit {
                    None => return (tally, End::Finished),
                    Some(Ok((fate, number))) => {
                        if fate == Fate::Lost && !stage.client.is_alive().await {
                            return (tally, End::ServerLost { reason: self.no_answer() });
                        }
                        tally.count(&fate, number);
                    }
                    // Nobody cancels a visit, so it ended by a bug of ours, which is not the server's.
                    Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
                },
            }
        }
    }

    fn no_answer(&self) -> String {
        format!("{} no longer answers", self.server)
    }

    fn standing(&self, recorder: &Recorder, visitors_done: u32) -> Standing {
        let (since_start, (requests, bookings)) = (recorder.now(), recorder.counts());
        let phase = if since_start < self.opens_in { Phase::Waiting } else { Phase::Release };
        Standing { phase, since_start, visitors_done, requests, bookings }
    }

    /// Sends everybody on the way.
    fn begin(&self, stage: &Arc<Stage>) -> JoinSet<(Fate, u32)> {
        let mut visits: JoinSet<(Fate, u32)> = JoinSet::new();
        for number in 0..self.visitors {
            let (visitor, stage) = (self.crowd.visitor(number), Arc::clone(stage));
            let comes = comes_in(&visitor, self.opens_in);
            visits.spawn(async move {
                tokio::time::sleep(comes).await;
                (stage.visit(&visitor).await, number)
            });
        }
        visits
    }

    /// Every day of every hall on which somebody has an appointment, and the new day, as the server tells its staff.
    ///
    /// # Errors
    /// What was lost: the server, or the answer about one day, however often it was asked.
    async fn state(&self, stage: &Stage, token: &str) -> Result<Vec<HallDay>, String> {
        let mut dates: Vec<String> = stage.auditor.appointments().into_values().map(|known| known.slot.date).collect();
        dates.push(self.new_day.to_string());
        dates.sort();
        dates.dedup();
        let mut days = Vec::new();
        for hall in self.halls {
            for date in &dates {
                let heard = stage.client.look(format!("/v1/admin/halls/{hall}/days/{date}"), token).await;
                match heard.status {
                    LOST if !stage.client.is_alive().await => return Err(self.no_answer()),
                    LOST => return Err(format!("{} is up and tells nothing of {hall} on {date}", self.server)),
                    _ if heard.is_ok() => {
                        days.push(HallDay { hall: hall.clone(), date: date.clone(), told: heard.body });
                    }
                    // A day that is missing is judged as such.
                    _ => {}
                }
            }
        }
        Ok(days)
    }

    fn numbers(&self, stage: &Stage, recorder: &Recorder, tally: &Tally, (took, booked): (Duration, usize)) -> Rush {
        Rush {
            took_ms: millis(took),
            opened_ms: millis(self.opens_in),
            requests: recorder.counts().0,
            came: tally.came,
            served: tally.served,
            turned_away: u32::try_from(tally.turned_away.len()).unwrap_or(u32::MAX),
            booked: u32::try_from(booked).unwrap_or(u32::MAX),
            places: self.places,
            seconds: recorder.seconds(),
            answers: recorder.answers(),
            calls: recorder.calls(),
            places_left: places_left(self.places, &stage.taken()),
        }
    }
}

impl Tally {
    fn count(&mut self, fate: &Fate, number: u32) {
        self.came += 1;
        match fate {
            Fate::Served => self.served += 1,
            Fate::TurnedAway => self.turned_away.push(number),
            Fate::Left | Fate::Lost => {}
        }
    }
}

/// When a visitor comes, since the beginning of the run.
fn comes_in(visitor: &Visitor, opens_in: Duration) -> Duration {
    let shift = Duration::from_millis(visitor.comes_ms.unsigned_abs());
    if visitor.comes_ms < 0 { opens_in.saturating_sub(shift) } else { opens_in + shift }
}

/// How many places are left after each change of the new day, from when each came and how many it took.
fn places_left(places: u32, taken: &[(Duration, i64)]) -> Vec<PlacesLeft> {
    let mut taken = taken.to_vec();
    taken.sort_by_key(|(at, _)| *at);
    let mut left = i64::from(places);
    let mut points = vec![PlacesLeft { at_ms: 0, left: places }];
    for (at, change) in taken {
        left -= change;
        let point = PlacesLeft { at_ms: millis(at), left: u32::try_from(left).unwrap_or(0) };
        match points.last_mut() {
            Some(last) if last.at_ms == point.at_ms => *last = point,
            _ => points.push(point),
        }
    }
    points
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
