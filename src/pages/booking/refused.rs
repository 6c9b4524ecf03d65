//! A refusal above the form that met it: what a rule said, with the names and dates that it knows, and what to do next.

use maud::{Markup, html};

use super::booking_form::{FORM, Scene};
use super::party_form::Company;
use crate::app::refusal::{Code, Refusal};
use crate::domain::appointment::{Appointment, PersonKey};
use crate::domain::rejection::Rejection;
use crate::pages::finding::slot::{day_and_time, hall_name};
use crate::pages::kit::form_input::Fields;
use crate::pages::kit::refusals;

/// How many appointments of a person are looked at for one that is in the way: far more than anybody has at once.
const MAX_LOOKED_AT: usize = 64;

impl Scene<'_> {
    /// Why a form was refused and what to do next, with a way on.
    #[must_use]
    pub fn refusal(&self, fields: &Fields, refusal: &Refusal) -> Markup {
        let (text, company, code) = (self.text(), Company::read(fields), refusal.code());
        html! {
            div class="notice bad" role="alert" tabindex="-1" {
                h2 { (refusals::heading(text, code)) }
                @if let Some(Rejection::AlreadyBooked { applicant }) = refusal.rule() {
                    (self.already_booked(fields, *applicant))
                } @else {
                    p { (refusals::below_heading(text, refusal)) }
                }
                @if code.is_about_the_slot() {
                    p { (text.get("who-kept")) }
                    button class="button second" form=(FORM) name="do" value="other-time" { (text.get("who-other-times")) }
                }
                @if code == Code::TooManyActive {
                    a class="button second" href="/appointments" { (text.get("who-see-own")) }
                }
                @if refusal.retry_after_s().is_some() {
                    button class="button second" form=(FORM) name="do" value=(if self.held.is_empty() || company.count() != self.held.len() { "review" } else { "confirm" }) {
                        (text.get("frame-try-again"))
                    }
                }
            }
        }
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
