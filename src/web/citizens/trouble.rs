//! A refusal above the form that met it: what a rule said, with the names and dates that it knows, and what to do next.

use std::sync::OnceLock;

use maud::{Markup, html};

use crate::domain::rejection::Rejection;
use crate::engine::Refusal;
use crate::http::problem::{Code, Problem};
use crate::web::refusals;
use crate::web::text::Text;

/// Notes which rule refused a call, since a problem tells that only to programs.
#[derive(Debug, Default)]
pub struct Told(OnceLock<Rejection>);

impl Told {
    /// The problem of a refusal, whose rule is noted.
    pub fn noted(&self, refusal: Refusal) -> Problem {
        if let Refusal::Rejected(rejection) = &refusal {
            // Only the first word counts; there is no second one in a call.
            let _ = self.0.set(rejection.clone());
        }
        refusal.into()
    }

    /// The rule that was noted; none where the call was refused for another reason, or a repeat with the first refusal.
    #[must_use]
    pub fn rule(&self) -> Option<&Rejection> {
        self.0.get()
    }

    /// Why a call was refused and what to do next, with a way on.
    #[must_use]
    pub fn notice(&self, text: Text, problem: &Problem, way_on: &Markup) -> Markup {
        let words = self.rule().map_or_else(|| refusals::advice(text, problem), |it| refusals::rejection(text, it));
        html! {
            div class="notice bad" role="alert" {
                h2 { (refusals::problem(text, problem)) }
                p { (words) }
                (way_on)
            }
        }
    }
}

/// Whether a problem is about fields, each of which has its own sentence.
#[must_use]
pub const fn is_about_fields(problem: &Problem) -> bool {
    matches!(problem.code, Code::InvalidField | Code::DuplicateApplicant)
}

/// Whether another time may be free of the trouble.
#[must_use]
pub const fn is_about_time(problem: &Problem) -> bool {
    matches!(
        problem.code,
        Code::SlotFull
            | Code::SameDay
            | Code::Past
            | Code::BeyondWindow
            | Code::NotReleased
            | Code::Holiday
            | Code::Closed
            | Code::NoSuchBand
    )
}

/// Whether looking after what is booked already may end the trouble.
#[must_use]
pub const fn is_about_own(problem: &Problem) -> bool {
    matches!(problem.code, Code::AlreadyBooked | Code::TooManyActive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_noted_and_the_problem_is_that_of_the_api() {
        let told = Told::default();
        assert_eq!(told.noted(Refusal::Overloaded), Problem::from(Refusal::Overloaded));
        assert_eq!(told.rule(), None);
        let problem = told.noted(Rejection::AlreadyBooked { applicant: 1 }.into());
        assert!(is_about_own(&problem) && !is_about_time(&problem));
        assert_eq!(told.rule(), Some(&Rejection::AlreadyBooked { applicant: 1 }));
    }
}
