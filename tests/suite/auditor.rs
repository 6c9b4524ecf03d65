//! Random sequences of commands, judged by a naive model.
//!
//! The model in `auditor/model.rs` is the contract written down a second time, with plain lists. Each command goes to an
//! engine on a real ledger and to the model: the outcome must be the same to the code, then the counts of every slot that
//! it touched; after a reload or a restart everything must be the same, and the ledger must pass its own audit.
//!
//! A run is the same every time. `PROPTEST_RNG_SEED` sets another first seed, `PROPTEST_CASES` another number of sequences
//! for each seed. A failure prints its seed and the shortest sequence that fails.

mod command;
mod compare;
mod model;
mod plans;
mod trial;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use command::{Command, Spot, sequence};
use compare::Complaint;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use trial::Trial;

use crate::world::plan::Plan;
use crate::world::postgres::Cluster;

const SEED: u64 = 20_261_124;
/// How many threads run sequences, each from a seed of its own: an engine and its caller mostly wait for each other.
const RUNNERS: u64 = 4;
const SEQUENCES: u32 = 75;
const COMMANDS: std::ops::RangeInclusive<usize> = 0..=820;

/// What must come often enough in a run, so that the sequences reach every corner.
const OFTEN: [&str; 54] = [
    "book already_booked",
    "book beyond_window",
    "book closed",
    "book duplicate_applicant",
    "book holiday",
    "book no_such_band",
    "book not_released",
    "book ok",
    "book party_too_large",
    "book past",
    "book same_day",
    "book service_not_offered",
    "book slot_full",
    "book too_many_active",
    "book unknown_hall",
    "book unknown_service",
    "cancel forbidden",
    "cancel ok",
    "cancel unknown_appointment",
    "cancel wrong_state",
    "check in forbidden",
    "check in ok",
    "check in wrong_state",
    "confirm forbidden",
    "confirm hold_expired",
    "confirm invalid_field",
    "confirm ok",
    "confirm unknown_appointment",
    "confirm wrong_state",
    "extend hold_expired",
    "extend ok",
    "extend wrong_state",
    "hold ok",
    "hold slot_full",
    "no show ok",
    "no show wrong_state",
    "reload displaces",
    "repeat idempotency_mismatch",
    "repeat ok",
    "repeat slot_full",
    "reschedule beyond_window",
    "reschedule closed",
    "reschedule forbidden",
    "reschedule holiday",
    "reschedule no_such_band",
    "reschedule not_released",
    "reschedule ok",
    "reschedule service_not_offered",
    "reschedule slot_full",
    "restart ok",
    "serve ok",
    "undo already_booked",
    "undo ok",
    "undo wrong_state",
];

fn config(runner: u64) -> Config {
    let default = Config::default();
    let seed = if let RngSeed::Fixed(seed) = default.rng_seed { seed } else { SEED };
    let rng_seed = RngSeed::Fixed(seed + runner);
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { SEQUENCES };
    Config { cases, rng_seed, failure_persistence: None, max_shrink_iters: 4_000, ..default }
}

/// Runs one sequence, and gives what each call came to.
fn run(commands: &[Command], twist: fn(&mut Plan)) -> Result<Vec<String>, Complaint> {
    finished(Trial::new(twist), commands)
}

/// Lets a trial take its way, and gives what each call came to.
fn finished(mut trial: Trial, commands: &[Command]) -> Result<Vec<String>, Complaint> {
    for (at, command) in commands.iter().enumerate() {
        trial.step(command).map_err(|complaint| format!("command {at}, {command:?}: {complaint}"))?;
    }
    trial.finish()?;
    Ok(trial.outcomes)
}

/// Runs random sequences and gives how often each outcome came.
fn run_all(config: Config, twist: fn(&mut Plan)) -> Result<BTreeMap<String, usize>, TestError<Vec<Command>>> {
    let outcomes = RefCell::new(BTreeMap::new());
    TestRunner::new(config).run(&sequence(COMMANDS), |sequence| {
        let came_to = run(&sequence, twist).map_err(TestCaseError::fail)?;
        for outcome in came_to {
            *outcomes.borrow_mut().entry(outcome).or_default() += 1;
        }
        Ok(())
    })?;
    Ok(outcomes.into_inner())
}

/// Runs the sequences of one seed, and prints the shortest that fails.
fn run_seed(runner: u64) -> BTreeMap<String, usize> {
    let config = config(runner);
    let seed = config.rng_seed;
    match run_all(config, |_| {}) {
        Ok(outcomes) => outcomes,
        Err(TestError::Abort(why)) => panic!("seed {seed:?}: {why}"),
        Err(TestError::Fail(why, sequence)) => {
            let commands: Vec<_> = sequence.iter().map(|command| format!("{command:?}")).collect();
            panic!("seed {seed:?}: {why}\n{}", commands.join("\n"));
        }
    }
}

#[test]
fn random_sequences_go_as_the_naive_model_says() {
    let mut outcomes = BTreeMap::<String, usize>::new();
    std::thread::scope(|scope| {
        let runners: Vec<_> = (0..RUNNERS).map(|runner| scope.spawn(move || run_seed(runner))).collect();
        for (outcome, count) in
            runners.into_iter().flat_map(|runner| runner.join().expect("a sequence fails; see above"))
        {
            *outcomes.entry(outcome).or_default() += count;
        }
    });
    let commands: usize = outcomes.values().sum();
    assert!(commands >= 100_000, "{commands} commands");
    for outcome in OFTEN {
        assert!(outcomes.get(outcome).is_some_and(|count| *count >= 25), "{outcome} is rare: {outcomes:#?}");
    }
}

/// How many sequences several engines run: each command waits for a commit of the database, and for what it writes to
/// be known elsewhere.
const SHARED_SEQUENCES: u32 = 8;
const SHARED_COMMANDS: std::ops::RangeInclusive<usize> = 0..=400;

/// Runs random sequences on several engines that share a database, a fresh one for each sequence.
fn run_shared(count: usize, config: Config, twist: fn(&mut Plan)) -> Result<usize, TestError<Vec<Command>>> {
    let (cluster, sequences, commands) = (Cluster::start(), Cell::new(0), Cell::new(0));
    TestRunner::new(config).run(&sequence(SHARED_COMMANDS), |sequence| {
        sequences.set(sequences.get() + 1);
        commands.set(commands.get() + sequence.len());
        let url = cluster.database(&format!("sequence_{}", sequences.get()));
        let trial = Trial::of_several(url, count, twist);
        // What fails first is told at once: to shorten it takes its time here.
        let told = |complaint: &Complaint| eprintln!("a sequence fails: {complaint}");
        finished(trial, &sequence).map(drop).inspect_err(told).map_err(TestCaseError::fail)
    })?;
    Ok(commands.get())
}

fn several_engines_go_as_the_model_says(count: usize) {
    let config = Config { cases: SHARED_SEQUENCES, max_shrink_iters: 100, ..config(count as u64) };
    let seed = config.rng_seed;
    match run_shared(count, config, |_| {}) {
        Ok(commands) => assert!(commands >= 500, "{commands} commands"),
        Err(fault) => panic!("seed {seed:?}: {fault}"),
    }
}

#[test]
fn two_engines_on_one_database_go_as_the_naive_model_says() {
    several_engines_go_as_the_model_says(2);
}

#[test]
fn three_engines_on_one_database_go_as_the_naive_model_says() {
    several_engines_go_as_the_model_says(3);
}

#[test]
fn engines_on_one_database_that_break_a_rule_are_found_out() {
    let config = Config { cases: SHARED_SEQUENCES, max_shrink_iters: 0, ..config(0) };
    let twists: [fn(&mut Plan); 2] = [
        |plan| plan.halls.iter_mut().flat_map(|hall| &mut hall.lanes).for_each(|lane| lane.capacity += 1),
        |plan| plan.window_days += 1,
    ];
    for (at, twist) in twists.into_iter().enumerate() {
        let found = run_shared(2, config.clone(), twist);
        assert!(matches!(found, Err(TestError::Fail(..))), "twist {at} is not noticed");
    }
}

/// The control: where the engine follows other rules than the model, each of them is noticed.
#[test]
fn an_engine_that_breaks_a_rule_is_found_out() {
    let twists: [fn(&mut Plan); 10] = [
        |plan| plan.halls.iter_mut().flat_map(|hall| &mut hall.lanes).for_each(|lane| lane.capacity += 1),
        |plan| plan.min_days_ahead = 0,
        |plan| plan.window_days += 1,
        |plan| plan.release += 1,
        |plan| plan.hold_minutes += 1,
        |plan| plan.hold_extension_minutes += 1,
        |plan| plan.max_active += 1,
        |plan| plan.max_party += 1,
        |plan| plan.holidays.clear(),
        |plan| plan.workdays.clear(),
    ];
    for (at, twist) in twists.into_iter().enumerate() {
        let found = run_all(Config { max_shrink_iters: 0, ..config(0) }, twist);
        assert!(matches!(found, Err(TestError::Fail(..))), "twist {at} is not noticed");
    }
}

/// The control of the control: an outcome that the model does not expect is a complaint, in either direction.
#[test]
fn a_wrong_outcome_is_a_complaint() {
    let book = |by| {
        let at = Spot { hall: 1, service: 0, day: 1, band: 0 };
        Command::Book { by, at, hold: false, others: Vec::new(), key: None }
    };
    let mut trial = Trial::new(|_| {});
    trial.step(&book(1)).unwrap();
    let first = trial.model.list.pop().unwrap();
    let complaint = trial.step(&book(2)).unwrap_err();
    assert_eq!(complaint, "book: the engine says slot_full, the model ok");

    let mut trial = Trial::new(|_| {});
    trial.model.list.push(first);
    let complaint = trial.step(&book(2)).unwrap_err();
    assert_eq!(complaint, "book: the engine says ok, the model slot_full");

    let mut trial = Trial::new(|_| {});
    trial.step(&book(1)).unwrap();
    trial.model.list.clear();
    assert!(trial.compare_day("hall-two", crate::world::day(1)).unwrap_err().contains("taken: 1"));
    assert!(trial.compare_everything().is_err());
    assert!(trial.step(&Command::Restart).is_err());
}
