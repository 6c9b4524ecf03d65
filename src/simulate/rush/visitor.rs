//! Who comes: one made-up visitor for each number, drawn from the seed alone.
//!
//! Every visitor has a stream of chance of its own, so that another visitor more, or another way of doing things, changes
//! nobody else.

use std::time::Duration;

use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt as _, SeedableRng as _};
use rand_distr::{Distribution as _, Exp, Normal};

use super::identity::Identity;
use crate::config::scenario::{RushPlan, Scenario, Ways};
use crate::domain::geo::Location;

/// Numbers of persons from here on are those who come along with a visitor.
const FIRST_COMPANION: u32 = 1_000_000;
/// How many companions a visitor can have.
const MAX_COMPANIONS: u32 = 3;
/// How far from the hall of the district visitors live, standard deviation in degrees of latitude: about 4 km.
const HOME_SPREAD_DEG: f64 = 0.036;
/// How long people look at a page before they go on, mean in milliseconds.
const THINKING_MS: f64 = 1_500.0;
/// How long anybody thinks at most, in milliseconds.
const MAX_THINKING_MS: f64 = 4_000.0;
/// How often a visitor tries again after a place was gone, at most.
const MAX_PATIENCE: u32 = 6;

/// What a visitor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// Takes what is recommended.
    BookAtOnce,
    /// Looks at days, holds, fills in the form, confirms.
    Hold,
    /// Books for a family.
    Family,
    /// Holds and never comes back.
    GiveUp,
    /// Books, and cancels after a while.
    Cancel,
    /// Books, and moves to another time.
    Rebook,
    /// Sends the same call twice at once.
    DoubleClick,
    /// Loses the connection before the answer, and repeats.
    LostConnection,
    /// Polls without pause and books by machine.
    Bot,
}

/// A visitor.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Which one.
    pub number: u32,
    /// What is done.
    pub way: Way,
    /// Who comes, the visitor first.
    pub party: Vec<Identity>,
    /// Where the visitor lives.
    pub home: Location,
    /// The id of the service.
    pub service: String,
    /// When the visitor comes: before (negative) or after the moment, in milliseconds.
    pub comes_ms: i64,
    /// Whether only the day that opens will do.
    pub wants_new_day: bool,
    /// The time of day that suits best, in minutes after midnight.
    pub suits_min: u16,
    /// How often a place may be gone before the visitor gives up.
    pub patience: u32,
    /// How long the visitor thinks before each step.
    pub thinks: Duration,
    /// Whether the visitor looks at pages before choosing.
    pub looks_at_pages: bool,
}

/// A hall around which visitors live.
#[derive(Debug, Clone)]
pub struct District {
    /// Where the hall is.
    pub location: Location,
    /// The weight of its surroundings.
    pub weight: f64,
}

/// Everybody who comes.
#[derive(Debug, Clone)]
pub struct Crowd<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Where visitors live, at least one district.
    pub districts: Vec<District>,
    /// The seed of all chance.
    pub seed: u64,
}

impl Crowd<'_> {
    /// The visitor of this number.
    #[must_use]
    pub fn visitor(&self, number: u32) -> Visitor {
        let mut chance = ChaCha8Rng::seed_from_u64(self.seed);
        chance.set_stream(u64::from(number));
        let chance = &mut chance;
        let way = way(&self.scenario.ways, chance.random());
        let rush = &self.scenario.rush;
        Visitor {
            number,
            way,
            party: party(number, way, chance),
            home: self.home(chance),
            service: self.service(chance),
            comes_ms: comes_ms(rush, chance),
            wants_new_day: chance.random_bool(rush.new_day_share),
            suits_min: chance.random_range(8 * 60..17 * 60),
            patience: chance.random_range(1..=MAX_PATIENCE),
            thinks: thinks(way, chance),
            // Drawn last, so that everything else of a visitor is as it was before there were pages.
            looks_at_pages: chance.random_bool(rush.pages_share),
        }
    }

    fn home(&self, chance: &mut impl Rng) -> Location {
        let weights = self.districts.iter().map(|district| district.weight);
        let centre = self.districts[chosen(weights, chance.random())].location;
        let mut near =
            |degrees: f64| degrees + HOME_SPREAD_DEG * Normal::new(0.0, 1.0).map_or(0.0, |n| n.sample(chance));
        Location::new(near(centre.lat), near(centre.lon)).unwrap_or(centre)
    }

    fn service(&self, chance: &mut impl Rng) -> String {
        let services = &self.scenario.services;
        services[chosen(services.iter().map(|(_, weight)| *weight), chance.random())].0.as_str().to_owned()
    }
}

/// Which of the weights a number from 0 to 1 falls on.
fn chosen(weights: impl Iterator<Item = f64> + Clone, number: f64) -> usize {
    let mut left = number * weights.clone().sum::<f64>();
    let last = weights.clone().count().saturating_sub(1);
    weights
        .enumerate()
        .find(|(_, weight)| {
            left -= weight;
            left < 0.0
        })
        .map_or(last, |(at, _)| at)
}

fn way(ways: &Ways, number: f64) -> Way {
    let shares = [
        (ways.hold, Way::Hold),
        (ways.family, Way::Family),
        (ways.give_up, Way::GiveUp),
        (ways.cancel, Way::Cancel),
        (ways.rebook, Way::Rebook),
        (ways.double_click, Way::DoubleClick),
        (ways.lost_connection, Way::LostConnection),
        (ways.bot, Way::Bot),
    ];
    let mut left = number;
    let found = shares.into_iter().find(|(share, _)| {
        left -= share;
        left < 0.0
    });
    found.map_or(Way::BookAtOnce, |(_, way)| way)
}

fn party(number: u32, way: Way, chance: &mut impl Rng) -> Vec<Identity> {
    let companions = if way == Way::Family { chance.random_range(1..=MAX_COMPANIONS) } else { 0 };
    let first = FIRST_COMPANION + number * MAX_COMPANIONS;
    std::iter::once(number).chain(first..first + companions).map(Identity::nth).collect()
}

fn comes_ms(rush: &RushPlan, chance: &mut impl Rng) -> i64 {
    if chance.random_bool(rush.early_share) {
        return -millis(rush.early_s * chance.random::<f64>());
    }
    let evenly = rush.within_s * chance.random::<f64>();
    let decaying = rush.decay_s.and_then(|mean| Exp::new(mean.recip()).ok()).map(|law| law.sample(chance));
    millis(decaying.map_or(evenly, |after_s| after_s % rush.within_s.max(f64::MIN_POSITIVE)))
}

fn thinks(way: Way, chance: &mut impl Rng) -> Duration {
    if way == Way::Bot {
        return Duration::ZERO;
    }
    let ms = Exp::new(THINKING_MS.recip()).map_or(THINKING_MS, |law| law.sample(chance));
    Duration::from_secs_f64(ms.min(MAX_THINKING_MS) / 1_000.0)
}

#[expect(clippy::cast_possible_truncation, reason = "a scenario's seconds are bounded far below this")]
fn millis(seconds: f64) -> i64 {
    (seconds * 1_000.0).round() as i64
}
