//! What a random sequence consists of, in small numbers that can be made smaller.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// How many persons there are.
pub const PERSONS: u8 = 24;

/// One step of a sequence. What it means in full depends on what was before.
#[derive(Debug, Clone)]
pub enum Command {
    Book { by: u8, at: Spot, hold: bool, others: Vec<u8>, key: Option<u8> },
    Confirm { whose: u8, which: u8, whole: bool, applicants: u8, key: Option<u8> },
    Reschedule { whose: u8, which: u8, whole: bool, to: Option<Spot>, key: Option<u8> },
    Cancel { whose: u8, which: u8, whole: bool, key: Option<u8> },
    Desk { whose: u8, which: u8, by_code: bool, action: u8, whole: bool, anyway: bool, key: Option<u8> },
    Extend { whose: u8, which: u8, whole: bool, key: Option<u8> },
    Undo { whose: u8, which: u8, whole: bool, key: Option<u8> },
    Repeat { which: u8 },
    Pass(Pause),
    Reload(u8),
    Restart,
}

/// A slot, as seen from today.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    pub hall: u8,
    pub service: u8,
    pub day: i8,
    pub band: u8,
}

/// How time passes.
#[derive(Debug, Clone, Copy)]
pub enum Pause {
    Millisecond,
    Minutes(u8),
    /// To the instant at which the first hold ends, or to the millisecond before.
    UntilAHoldEnds {
        just_before: bool,
    },
    /// To the next midnight in Shanghai, or to the millisecond before.
    UntilMidnight {
        just_before: bool,
    },
    /// To the next nine o'clock in Shanghai, or to the millisecond before.
    UntilNine {
        just_before: bool,
    },
    Days(u8),
}

fn spot() -> impl Strategy<Value = Spot> {
    // Mostly a hall that offers the service, unless a reload has changed that.
    let pair = |hall, service| Just((hall, service));
    let what = prop_oneof![
        16 => pair(0, 0),
        6 => pair(0, 1),
        8 => pair(0, 2),
        6 => pair(0, 3),
        12 => pair(1, 0),
        4 => pair(1, 1),
        6 => pair(2, 2),
        3 => (0..4_u8, 0..5_u8),
    ];
    let day = prop_oneof![16 => 1..=2_i8, 8 => 3..=6_i8, 1 => -1..=0_i8, 1 => 6..=8_i8];
    let band = prop_oneof![12 => 0..=1_u8, 2 => 2..=3_u8, 1 => 4..=5_u8];
    (what, day, band).prop_map(|((hall, service), day, band)| Spot { hall, service, day, band })
}

fn pause() -> impl Strategy<Value = Pause> {
    prop_oneof![
        2 => Just(Pause::Millisecond),
        4 => (1..20_u8).prop_map(Pause::Minutes),
        6 => any::<bool>().prop_map(|just_before| Pause::UntilAHoldEnds { just_before }),
        1 => any::<bool>().prop_map(|just_before| Pause::UntilMidnight { just_before }),
        2 => any::<bool>().prop_map(|just_before| Pause::UntilNine { just_before }),
        1 => (1..3_u8).prop_map(Pause::Days),
    ]
}

fn key() -> impl Strategy<Value = Option<u8>> {
    option::weighted(0.25, 0..6_u8)
}

fn book() -> impl Strategy<Value = Command> {
    let others = prop_oneof![8 => vec(0..PERSONS, 0), 5 => vec(0..PERSONS, 1), 1 => vec(0..PERSONS, 2..=5)];
    let by = prop_oneof![1 => 0..3_u8, 1 => 0..PERSONS];
    (by, spot(), any::<bool>(), others, key()).prop_map(|(by, at, hold, others, key)| Command::Book {
        by,
        at,
        hold,
        others,
        key,
    })
}

fn change() -> impl Strategy<Value = Command> {
    // Mostly who made it, sometimes the applicant, a stranger, a desk, a desk elsewhere.
    let person = || prop_oneof![12 => 0..1_u8, 4 => 1..2_u8, 1 => 2..3_u8];
    let anybody = prop_oneof![12 => person(), 1 => 3..4_u8, 1 => 4..5_u8];
    let desk = || prop_oneof![10 => 3..4_u8, 2 => 4..5_u8, 1 => 0..1_u8];
    let (which, whole) = (any::<u8>, || prop::bool::weighted(0.3));
    prop_oneof![
        3 => (person(), which(), whole(), 0..4_u8, key())
            .prop_map(|(whose, which, whole, applicants, key)| Command::Confirm { whose, which, whole, applicants, key }),
        5 => (person(), which(), whole(), option::weighted(0.9, spot()), key())
            .prop_map(|(whose, which, whole, to, key)| Command::Reschedule { whose, which, whole, to, key }),
        3 => (anybody, which(), whole(), key())
            .prop_map(|(whose, which, whole, key)| Command::Cancel { whose, which, whole, key }),
        3 => (desk(), which(), any::<bool>(), 0..3_u8, whole(), prop::bool::weighted(0.7), key()).prop_map(
            |(whose, which, by_code, action, whole, anyway, key)| {
                Command::Desk { whose, which, by_code, action, whole, anyway, key }
            }
        ),
        2 => (person(), which(), whole(), key())
            .prop_map(|(whose, which, whole, key)| Command::Extend { whose, which, whole, key }),
        2 => (desk(), which(), whole(), key())
            .prop_map(|(whose, which, whole, key)| Command::Undo { whose, which, whole, key }),
    ]
}

/// A random sequence.
pub fn sequence(length: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<Command>> {
    let command = prop_oneof![
        90 => book(),
        100 => change(),
        8 => any::<u8>().prop_map(|which| Command::Repeat { which }),
        24 => pause().prop_map(Command::Pass),
        6 => any::<u8>().prop_map(Command::Reload),
        1 => Just(Command::Restart),
    ];
    vec(command, length)
}
