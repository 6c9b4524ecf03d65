//! One run of a scenario, from the command line's wishes to the outcome.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDate;

use super::advice::advise;
use super::day::{self, Replay};
use super::fault::SimulateFault;
use super::foreign_server::{self, Window};
use super::moment::{Moment, judge_open, moment, today_of};
use super::outcome::{Advice, End, Outcome, Played};
use super::own_server::OwnServer;
use super::places::{halls, open_halls, places};
use super::progress::Standing;
use super::rush::audit::Whose;
use super::rush::visitor::{Crowd, District};
use super::rush::{self, Play};
use super::turned_away::turned_away;
use super::wishes::Wishes;
use crate::clock::Clock;
use crate::config::scenario::Scenario;
use crate::config::{self, Configuration};
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::days_after;

/// The scenario that is played where none is named, beside the configuration.
const USUAL_SCENARIO: &str = "scenarios/peak-day.toml";
/// How long before the moment the own server is started at the latest, besides the time in which early visitors come.
const LEAD: Duration = Duration::from_secs(3);

/// Which part of a run is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartName {
    /// Today's configuration.
    Today,
    /// The draft.
    WhatIf,
}

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// Which part is going on.
    pub part: PartName,
    /// How many visitors it has.
    pub visitors: u32,
    /// How far it is.
    pub standing: Standing,
}

/// Plays the wished scenario. `tell` hears how far it is, `interrupted` is asked for each part and ends it early.
///
/// # Errors
/// [`SimulateFault`]: then nothing has been played.
pub async fn run<F: Future<Output = ()>>(
    wishes: &Wishes,
    tell: impl Fn(&Told),
    interrupted: impl Fn() -> F,
) -> Result<Outcome, SimulateFault> {
    let configuration = config::load(&wishes.config).map_err(SimulateFault::Configuration)?;
    let path = wishes.scenario.clone().unwrap_or_else(|| wishes.config.join(USUAL_SCENARIO));
    let scenario = config::load_scenario(&path, &configuration).map_err(SimulateFault::Configuration)?;
    let own_halls: Vec<PathBuf> = scenario.halls_file.iter().cloned().collect();
    let today = load(&wishes.config, &own_halls)?;
    let draft_files = |file: &PathBuf| [own_halls.as_slice(), std::slice::from_ref(file)].concat();
    let draft = wishes.what_if.as_ref().map(|file| load(&wishes.config, &draft_files(file))).transpose()?;

    let moment = match &wishes.url {
        None => Some(moment(&today.snapshot, &scenario, wishes.day, Clock::system().now())?),
        Some(_) => None,
    };
    if let (Some(moment), Some(draft)) = (&moment, &draft) {
        // The draft is played on the same day, so it must have one.
        judge_open(&draft.snapshot, &scenario, moment.new_day)?;
    }
    let part =
        Part { wishes, moment, scenario: &scenario, visitors: wishes.visitors.unwrap_or(scenario.rush.visitors) };
    let (played, new_day) = part.play(PartName::Today, today, &tell, interrupted()).await?;
    let (mut end, mut what_if) = (played.end, None);
    if let (End::Finished, Some(draft)) = (&end, draft) {
        let (beside, _) = part.play(PartName::WhatIf, draft, &tell, interrupted()).await?;
        (end, what_if) = (beside.end, Some(beside.played));
    }
    Ok(Outcome {
        scenario: scenario.id.clone(),
        title: scenario.title.clone(),
        city: scenario.city.clone(),
        seed: wishes.seed,
        visitors: part.visitors,
        day: new_day,
        server: wishes.url.clone().unwrap_or_else(|| "own".to_owned()),
        command: wishes.command(&path, part.visitors, new_day),
        end,
        today: played.played,
        what_if,
        advice: played.advice,
    })
}

fn load(dir: &Path, halls_files: &[PathBuf]) -> Result<Configuration, SimulateFault> {
    config::load_with(dir, halls_files).map_err(SimulateFault::Configuration)
}

/// What every part of a run has in common.
struct Part<'a> {
    wishes: &'a Wishes,
    /// None where a server's own days are played.
    moment: Option<Moment>,
    scenario: &'a Scenario,
    visitors: u32,
}

/// One configuration, played.
struct PlayedPart {
    played: Played,
    advice: Vec<Advice>,
    end: End,
}

/// The server and the moment.
struct Scene {
    url: String,
    admin: Option<(String, Whose)>,
    new_day: NaiveDate,
    first_day: NaiveDate,
    opens_in: Duration,
}

impl Part<'_> {
    async fn play(
        &self,
        part: PartName,
        configuration: Configuration,
        tell: &impl Fn(&Told),
        interrupted: impl Future<Output = ()>,
    ) -> Result<(PlayedPart, NaiveDate), SimulateFault> {
        let snapshot = std::sync::Arc::clone(&configuration.snapshot);
        let (own, scene) = match (&self.wishes.url, self.moment) {
            (None, Some(moment)) => {
                let (own, scene) = self.own_scene(configuration, moment).await?;
                (Some(own), scene)
            }
            (url, _) => {
                let url = url.clone().unwrap_or_default();
                let Window { first_day, new_day } = foreign_server::window(&url, &snapshot, self.scenario).await?;
                let admin = self.foreign_admin(&url, &snapshot, first_day).await?;
                // Its days have been open for long: nobody waits for a moment there.
                (None, Scene { url, admin, new_day, first_day, opens_in: Duration::ZERO })
            }
        };
        let tell = |standing| tell(&Told { part, visitors: self.visitors, standing });
        let rush = self.rush(&snapshot, &scene, tell, interrupted).await;
        if let Some(own) = own {
            own.stop().await?;
        }
        Ok((self.judged(&snapshot, scene.new_day, rush), scene.new_day))
    }

    /// A server of the run's own, whose clock is a moment before the day opens.
    async fn own_scene(
        &self,
        configuration: Configuration,
        Moment { new_day, opens }: Moment,
    ) -> Result<(OwnServer, Scene), SimulateFault> {
        let early = Duration::from_secs_f64(self.scenario.rush.early_s) + LEAD;
        let clock = Clock::simulated(opens - early);
        let first_day = today_of(&configuration.snapshot, self.scenario, clock.now());
        let first_day = days_after(first_day, configuration.snapshot.policy.min_days_ahead);
        let own = OwnServer::start(configuration, &self.wishes.config, clock.clone()).await?;
        let opens_in = (opens - clock.now()).to_std().unwrap_or_default();
        let admin = Some((own.admin_token(), Whose::TheRuns));
        let scene = Scene { url: own.url(), admin, new_day, first_day, opens_in };
        Ok((own, scene))
    }

    /// The token of a server's administrator, where one is named, and whose the server is.
    async fn foreign_admin(
        &self,
        url: &str,
        snapshot: &Snapshot,
        day: NaiveDate,
    ) -> Result<Option<(String, Whose)>, SimulateFault> {
        let Some(file) = &self.wishes.admin_token_file else { return Ok(None) };
        let unreadable = |source| SimulateFault::AdminToken { file: file.display().to_string(), source };
        let token = std::fs::read_to_string(file).map_err(unreadable)?.trim().to_owned();
        foreign_server::judge_token(url, &token, snapshot, self.scenario, day).await?;
        Ok(Some((token, Whose::Shared)))
    }

    async fn rush(
        &self,
        snapshot: &Snapshot,
        scene: &Scene,
        tell: impl Fn(Standing),
        interrupted: impl Future<Output = ()>,
    ) -> rush::Played {
        let hall_ids: Vec<String> = halls(snapshot, self.scenario).map(|hall| hall.id.to_string()).collect();
        let play = Play {
            crowd: self.crowd(snapshot),
            visitors: self.visitors,
            server: &scene.url,
            admin: scene.admin.as_ref().map(|(token, whose)| (token.as_str(), *whose)),
            halls: &hall_ids,
            new_day: scene.new_day,
            first_day: scene.first_day,
            opens_in: scene.opens_in,
            places: places(snapshot, self.scenario, scene.new_day),
        };
        play.play(tell, interrupted).await
    }

    /// Everybody who comes, from around the halls of the scenario.
    fn crowd(&self, snapshot: &Snapshot) -> Crowd<'_> {
        let weight = |hall: &str| {
            let found = self.scenario.districts.iter().find(|(id, _)| id.as_str() == hall);
            found.map(|(_, weight)| *weight)
        };
        let districts = halls(snapshot, self.scenario)
            .filter_map(|hall| Some(District { location: hall.location, weight: weight(hall.id.as_str())? }))
            .collect();
        Crowd { scenario: self.scenario, districts, seed: self.wishes.seed }
    }

    /// The day itself from the bookings, and what follows from it.
    fn judged(&self, snapshot: &Snapshot, new_day: NaiveDate, rush: rush::Played) -> PlayedPart {
        let (seed, plan) = (self.wishes.seed, &self.scenario.day);
        let open = open_halls(snapshot, self.scenario, new_day, &rush.booked);
        let played = Played {
            version: snapshot.version.clone(),
            rush: rush.rush,
            halls: open.iter().map(|hall| day::play(seed, hall, plan)).collect(),
            audited: rush.audited,
            violations: rush.violations,
        };
        let crowd = self.crowd(snapshot);
        let visitors = rush.turned_away.iter().map(|number| crowd.visitor(*number));
        let turned_away = turned_away(snapshot, self.scenario, new_day, visitors);
        let replay = Replay { seed, halls: &open, plan };
        let advice = advise(&played, &turned_away, &|trial| replay.lane(trial));
        PlayedPart { played, advice, end: rush.end }
    }
}
