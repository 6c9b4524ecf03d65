//! How full something is, as a bar that needs no style of its own, and as a word.

use maud::{Markup, html};

/// How many places are left, in three steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fullness {
    /// Many.
    Free,
    /// Less than a fifth, or fewer than four.
    Nearly,
    /// None.
    Full,
}

impl Fullness {
    /// The step of so many places left out of a capacity.
    #[must_use]
    pub const fn of(remaining: u32, capacity: u32) -> Self {
        match remaining {
            0 => Self::Full,
            left if left < 4 && capacity >= 8 => Self::Nearly,
            left if (left as u64) * 5 < capacity as u64 => Self::Nearly,
            _ => Self::Free,
        }
    }

    /// The class by which a style sheet knows it.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Free => "s-free",
            Self::Nearly => "s-nearly",
            Self::Full => "s-full",
        }
    }

    /// Its name for a script.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Nearly => "nearly",
            Self::Full => "full",
        }
    }
}

/// How much is taken, in per cent.
#[must_use]
pub fn taken_percent(taken: u32, capacity: u32) -> u32 {
    let share = u64::from(taken) * 100 / u64::from(capacity.max(1));
    u32::try_from(share).unwrap_or(100).min(100)
}

/// The bar of so many places taken out of a capacity.
#[must_use]
pub fn meter(taken: u32, capacity: u32) -> Markup {
    let fullness = Fullness::of(capacity.saturating_sub(taken), capacity);
    html! {
        svg class={ "meter " (fullness.class()) } viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"
            focusable="false" {
            rect class="track" width="100" height="8" rx="4" {}
            rect class="fill" width=(taken_percent(taken, capacity)) height="8" rx="4" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_run_out_in_three_steps() {
        let check = |remaining, capacity, expected| {
            assert_eq!(Fullness::of(remaining, capacity), expected, "{remaining} of {capacity}");
        };
        check(0, 40, Fullness::Full);
        check(0, 0, Fullness::Full);
        check(3, 40, Fullness::Nearly);
        check(7, 40, Fullness::Nearly);
        check(8, 40, Fullness::Free);
        check(1, 1, Fullness::Free);
        check(1, 6, Fullness::Nearly);
        check(3, 6, Fullness::Free);
        check(400, 2000, Fullness::Free);
    }

    #[test]
    fn a_share_is_never_more_than_all() {
        assert_eq!((taken_percent(0, 0), taken_percent(1, 3), taken_percent(9, 3)), (0, 33, 100));
    }
}
