//! The verdict on a whole run, and the facts that it is pronounced on.

use std::collections::BTreeSet;

use super::figures::lanes;
use super::outcome::{Advice, Change, End, Outcome, Played};

/// How a run is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The server was wrong: it gave a place twice, or an answer that cannot be.
    Wrong,
    /// The run did not come to its end.
    Partial,
    /// Nothing was wrong, but halls are short of places or desks.
    Strained,
    /// Nothing was wrong, and the halls cope.
    Fine,
}

impl Verdict {
    pub(super) fn on(outcome: &Outcome) -> Self {
        match () {
            () if violations(outcome).next().is_some() || oversold(outcome) > 0 => Self::Wrong,
            () if outcome.end != End::Finished => Self::Partial,
            () if halls_short(&outcome.advice) > 0 => Self::Strained,
            () => Self::Fine,
        }
    }
}

/// What the verdict is pronounced on.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) end: &'a End,
    pub(super) visitors: u64,
    pub(super) came: u64,
    pub(super) served: u64,
    pub(super) oversold: u64,
    pub(super) violations: usize,
    pub(super) halls: usize,
    pub(super) halls_short: usize,
}

impl<'a> Facts<'a> {
    pub(super) fn of(outcome: &'a Outcome) -> Self {
        Self {
            end: &outcome.end,
            visitors: outcome.visitors.into(),
            came: outcome.today.rush.came.into(),
            served: outcome.today.rush.served.into(),
            oversold: oversold(outcome),
            violations: violations(outcome).count(),
            halls: outcome.today.halls.len(),
            halls_short: halls_short(&outcome.advice),
        }
    }
}

/// Everything that the auditor found, today's first.
pub(super) fn violations(outcome: &Outcome) -> impl Iterator<Item = &str> {
    let drafts = outcome.what_if.iter().flat_map(|draft| &draft.violations);
    outcome.today.violations.iter().chain(drafts).map(String::as_str)
}

/// How many places were given more often than there were, in either configuration.
fn oversold(outcome: &Outcome) -> u64 {
    std::iter::once(&outcome.today).chain(&outcome.what_if).map(oversold_in).sum()
}

fn oversold_in(played: &Played) -> u64 {
    let over = |booked: u32, places: u32| u64::from(booked.saturating_sub(places));
    let bands: u64 = lanes(played).flat_map(|lane| &lane.bands).map(|band| over(band.booked, band.capacity)).sum();
    bands.max(over(played.rush.booked, played.rush.places))
}

/// How many halls would have to offer more places or open more desks.
fn halls_short(advice: &[Advice]) -> usize {
    let short = advice.iter().filter(|it| matches!(it.change, Change::MoreDesks { .. } | Change::MorePlaces { .. }));
    short.map(|it| it.hall.as_str()).collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn what_is_wrong_outweighs_what_is_partial_and_that_what_is_short() {
        let mut outcome = sample::outcome();
        assert_eq!(Verdict::on(&outcome), Verdict::Strained);
        outcome.end = End::Interrupted;
        assert_eq!(Verdict::on(&outcome), Verdict::Partial);
        outcome.today.rush.booked = outcome.today.rush.places + 2;
        assert_eq!(Verdict::on(&outcome), Verdict::Wrong);
        assert_eq!(Facts::of(&outcome).oversold, 2);
    }
}
