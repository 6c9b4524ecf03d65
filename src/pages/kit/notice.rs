//! A refusal above the form that met it: what a rule said, with the names and dates that it knows, and what to do next. It is
//! remembered as its code alone, and told anew by the page, in whatever language that is.

use std::sync::OnceLock;

use maud::{Markup, html};

use super::form_input::Fields;
use super::kept_form::{Met, Refused};
use super::refusals;
use crate::domain::appointment::{Appointment, PersonKey};
use crate::domain::rejection::Rejection;
use crate::engine::Refusal;
use crate::pages::booking::booking_form::{FORM, Scene};
use crate::pages::booking::party_form::Company;
use crate::pages::finding::slot::{day_and_time, hall_name};
use crate::serve::problem::{Code, Problem};

/// How many appointments of a person are looked at for a hold of its own: far more than anybody has within ten minutes.
pub const MAX_LOOKED_AT: usize = 64;
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

    /// What a form met that was refused with this problem, as far as it has to be remembered.
    #[must_use]
    pub fn met(&self, problem: &Problem) -> Met {
        if is_about_fields(problem) {
            return Met::Judged;
        }
        let applicant = match self.rule() {
            Some(Rejection::AlreadyBooked { applicant }) => u8::try_from(*applicant).ok(),
            _ => None,
        };
        Met::Refused(Refused {
            code: problem.code.as_str().to_owned(),
            applicant,
            retry_after_s: problem.retry_after_s,
        })
    }
}

impl Scene<'_> {
    /// Why a form was refused and what to do next, with a way on.
    #[must_use]
    pub fn refusal(&self, fields: &Fields, refused: &Refused) -> Markup {
        let (text, company) = (self.text(), Company::read(fields));
        let Some(code) = Code::named(&refused.code) else { return html! {} };
        let problem = Problem { retry_after_s: refused.retry_after_s, ..Problem::new(code, "") };
        let applicant = usize::from(refused.applicant.unwrap_or_default());
        html! {
            div class="notice bad" role="alert" tabindex="-1" {
                h2 { (refusals::problem(text, &problem)) }
                @if code == Code::AlreadyBooked {
                    (self.already_booked(fields, applicant))
                } @else {
                    p { (self.words(&problem)) }
                }
                @if is_about_time(&problem) {
                    p { (text.get("who-kept")) }
                    button class="button second" form=(FORM) name="do" value="other-time" { (text.get("who-other-times")) }
                }
                @if code == Code::TooManyActive {
                    a class="button second" href="/appointments" { (text.get("who-see-own")) }
                }
                @if problem.retry_after_s.is_some() {
                    button class="button second" form=(FORM) name="do" value=(if self.held.is_empty() || company.count() != self.held.len() { "review" } else { "confirm" }) {
                        (text.get("frame-try-again"))
                    }
                }
            }
        }
    }

    /// What the rule says that refused the form, or what is to be done: never the heading once more.
    fn words(&self, problem: &Problem) -> String {
        let text = self.text();
        let rule = match problem.code {
            Code::SlotFull => Some(Rejection::SlotFull),
            Code::TooManyActive => Some(Rejection::TooManyActive { max: self.snapshot.policy.max_active }),
            _ if is_about_time(problem) => self.remaining().err(),
            _ => None,
        };
        rule.map_or_else(|| refusals::advice(text, problem), |rule| refusals::below_heading(text, &rule, problem))
    }

    /// Who has an appointment for the document already, and when, as far as this person may know, with the way to it.
    fn already_booked(&self, fields: &Fields, applicant: usize) -> Markup {
        let (text, company) = (self.text(), Company::read(fields));
        let key = self.keys(fields).and_then(|keys| keys.get(applicant).copied());
        let booked = key.and_then(|key| self.visible_claim(key));
        let who = match company.row_of(applicant) {
            Some(row) => text.with("who-other", &[("number", (row + 1).into())]),
            None => text.get("who-self"),
        };
        html! {
            @if let Some(booked) = booked {
                @let arguments = [
                    ("who", who.into()),
                    ("time", day_and_time(text, &booked.slot).into()),
                    ("hall", hall_name(text, self.snapshot, &booked.slot).into()),
                ];
                p { (text.with("who-already-own", &arguments)) }
                a class="button second" href={ "/appointments/" (booked.id) } { (text.get("who-see-it")) }
            } @else {
                p { (text.with("who-already-other", &[("who", who.into())])) }
                p { a href={ "#" (company.id_of(&format!("/applicants/{applicant}/id_number"))) } { (text.get("details-change")) } }
            }
        }
    }

    /// The appointment that makes up somebody's one claim on the document, where this person may see it.
    fn visible_claim(&self, applicant: PersonKey) -> Option<Appointment> {
        let document = self.snapshot.service(self.wanted.service.as_str()).ok()?.document;
        self.engine.of_person(self.person.key, None, MAX_LOOKED_AT).into_iter().find(|appointment| {
            appointment.applicant == applicant
                && appointment.document == document
                && appointment.status_at(self.visit.now).is_active()
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_noted_and_the_problem_is_that_of_the_api() {
        let told = Told::default();
        assert_eq!(told.noted(Refusal::Overloaded), Problem::from(Refusal::Overloaded));
        assert_eq!(told.rule(), None);
        let problem = told.noted(Rejection::AlreadyBooked { applicant: 1 }.into());
        assert!(!is_about_fields(&problem) && !is_about_time(&problem));
        let refused = Refused { code: "already_booked".into(), applicant: Some(1), retry_after_s: None };
        assert_eq!(told.met(&problem), Met::Refused(refused));
        assert_eq!(told.rule(), Some(&Rejection::AlreadyBooked { applicant: 1 }));
    }
}
