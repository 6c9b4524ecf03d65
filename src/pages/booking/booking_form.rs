//! The one form of a booking: who comes, whom to call, where they live, how the document is handed over.
//!
//! It stands at `/book`, before a place is held, and at `/held/{id}`, while one is. Sent, it is judged as the API judges a
//! booking, kept in the browser, and shown again from there.

use axum::http::HeaderMap;
use axum::response::Response;
use chrono::NaiveDate;
use maud::{Markup, html};

use super::details_form;
use super::details_form::{inputs, with_usual};
use super::party_form::{Company, PEOPLE, ROW, SELF, YES, field};
use crate::app::access::person::Person;
use crate::app::input::booking;
use crate::app::input::booking::{BookingInput, ConfirmationInput, FormInput, MAX_PARTY};
use crate::app::input::fields::civil_today;
use crate::app::refusal::Refusal;
use crate::app::state::App;
use crate::domain::applicant::Applicant;
use crate::domain::appointment::{Appointment, PersonKey};
use crate::domain::snapshot::Snapshot;
use crate::engine::{Engine, Form, Wish};
use crate::pages::finding::choice::Choice;
use crate::pages::finding::documents_to_bring;
use crate::pages::finding::documents_to_bring::Audience;
use crate::pages::finding::slot::{Wanted, day_and_time, hall_name, service_name};
use crate::pages::kit::form::{Faults, Kind, Line, fault_at};
use crate::pages::kit::form_input::Fields;
use crate::pages::kit::kept_form;
use crate::pages::kit::kept_form::{KEPT_MINUTES, Kept, Met};
use crate::pages::kit::redirect::see_other;
use crate::pages::kit::visitor::Visit;
use crate::pages::text::Text;

/// The id of the form, by which buttons outside of it send it.
pub const FORM: &str = "book";

/// Who fills in the form for which slot.
pub struct Scene<'a> {
    /// The application.
    pub app: &'a App,
    /// The engine.
    pub engine: &'a Engine,
    /// The look.
    pub visit: &'a Visit,
    /// The person who books.
    pub person: &'a Person,
    /// The configuration.
    pub snapshot: &'a Snapshot,
    /// The slot.
    pub wanted: Wanted,
    /// The members of the hold that keeps the places; none before there is one.
    pub held: Vec<Appointment>,
}

impl Scene<'_> {
    /// The words for this visitor.
    #[must_use]
    pub const fn text(&self) -> Text {
        self.visit.text
    }

    /// The date by which birth dates are judged.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        civil_today(self.visit.now)
    }

    /// Path and query of the page of the form.
    #[must_use]
    pub fn here(&self) -> String {
        match self.held.first() {
            Some(held) => format!("/held/{}", held.id),
            None => format!("/book?{}", self.wanted.query()),
        }
    }

    /// Where the times stand among which another one is chosen.
    #[must_use]
    pub fn other_times(&self, people: usize) -> String {
        match self.held.first() {
            Some(held) => {
                format!("/appointments/{}/move{}", held.id, crate::pages::own::party::query(self.is_whole_party()))
            }
            None => self.wanted.others_for(u32::try_from(people).unwrap_or(1)),
        }
    }

    /// Where another hall is chosen.
    #[must_use]
    pub fn other_halls(&self) -> String {
        match self.held.first() {
            Some(held) => Choice::for_moving(held, self.is_whole_party(), self.held.len()).halls(),
            None => self.wanted.way.halls(),
        }
    }

    /// Whether this person changes all members of the hold at once.
    #[must_use]
    pub fn is_whole_party(&self) -> bool {
        self.held.len() > 1 && self.held.iter().all(|member| member.made_by == self.person.key)
    }

    /// The form as it stands to be filled in: as the same person sent it last, with a row for everybody who was asked for,
    /// and with what nobody has to say. Who the people of a hold are is known only to the browser that sent them.
    #[must_use]
    pub fn fields(&self, kept: Option<&Kept>) -> Fields {
        let kept = kept.filter(|kept| kept.person == self.person.key);
        let fields = kept.map(|kept| kept.fields.clone()).unwrap_or_default();
        // On the page that was sent somebody may have been taken out, and stays so.
        let is_same_page = kept.is_some_and(|kept| kept.path == self.here());
        let company = fields.has(PEOPLE).then(|| Company::read(&fields));
        let company = match company {
            Some(company) if is_same_page => Some(company),
            Some(company) if !self.held.is_empty() => Some(company).filter(|_| self.is_of_the_hold(&fields)),
            Some(company) => Some(company.for_people(self.wanted.way.people())),
            None => self.held.is_empty().then(|| Company::of(self.wanted.way.people())),
        };
        let fields = match company {
            Some(company) => company.put_into(fields),
            None => fields.without(|name| name == PEOPLE),
        };
        with_usual(fields, &self.person.applicant.id_number)
    }

    /// Whether the people of a form are those of the hold.
    #[must_use]
    pub fn is_of_the_hold(&self, fields: &Fields) -> bool {
        self.keys(fields).is_some_and(|keys| keys.iter().eq(self.held.iter().map(|member| &member.applicant)))
    }

    /// Whether a form says who comes.
    #[must_use]
    pub fn knows_people(fields: &Fields) -> bool {
        fields.has(PEOPLE)
    }

    /// The people alone, as a hold needs them.
    ///
    /// # Errors
    /// `invalid_field`, `duplicate_applicant`, `party_too_large`.
    pub fn people(&self, fields: &Fields) -> Result<Wish, Refusal> {
        self.wish(fields, true)
    }

    fn wish(&self, fields: &Fields, hold: bool) -> Result<Wish, Refusal> {
        let slot = &self.wanted.slot;
        let input = BookingInput {
            hall: Some(slot.hall.to_string()),
            service: Some(self.wanted.service.to_string()),
            date: Some(slot.date.to_string()),
            start: Some(slot.start.to_string()),
            hold,
            applicants: Some(Company::read(fields).applicants(&self.person.applicant)),
            form: if hold { FormInput::default() } else { details_form::input(fields) },
        };
        booking::wish(input, &self.person.applicant, &self.snapshot.policy, self.today())
    }

    /// What confirms the hold: people, as far as the form says who they are, and details.
    #[must_use]
    pub fn confirmation(&self, fields: &Fields) -> ConfirmationInput {
        let people = Self::knows_people(fields).then(|| Company::read(fields).applicants(&self.person.applicant));
        ConfirmationInput { applicants: people, form: details_form::input(fields), ..ConfirmationInput::default() }
    }

    /// People, as far as the form says who they are, and details, as they are judged.
    ///
    /// # Errors
    /// As [`Scene::people`], and [`Refusal::Fields`] for a search for a place that is not answered.
    pub fn judged(&self, fields: &Fields) -> Result<(Option<Vec<Applicant>>, Form), Refusal> {
        details_form::with_open_searches(fields, self.judged_as_the_api_does(fields))
    }

    fn judged_as_the_api_does(&self, fields: &Fields) -> Result<(Option<Vec<Applicant>>, Form), Refusal> {
        match self.held.first() {
            Some(held) => booking::confirmation(self.confirmation(fields), held, self.today()),
            None => self.wish(fields, false).map(|wish| (Some(wish.applicants), wish.form)),
        }
    }

    /// What is wrong with the fields, in the order in which they stand.
    #[must_use]
    pub fn faults(&self, fields: &Fields, refusal: &Refusal) -> Faults {
        let company = Company::read(fields);
        let id_of = |pointer: &str| {
            if pointer.starts_with("/applicants") { company.id_of(pointer) } else { details_form::id_of(pointer) }
        };
        let rows = (0..company.rows()).flat_map(|row| ROW.map(|name| field(name, row)));
        let ids: Vec<String> = std::iter::once(SELF.to_owned()).chain(rows).chain(details_form::ids()).collect();
        Faults::of(self.text(), refusal, self.today(), id_of).in_order(&ids)
    }

    /// Who the people of a form are, as records know them; none where a form is not sound.
    #[must_use]
    pub fn keys(&self, fields: &Fields) -> Option<Vec<PersonKey>> {
        let wish = self.people(fields).ok()?;
        Some(wish.applicants.iter().map(|it| self.app.vault().person_key(&it.id_number)).collect())
    }

    /// Lets the browser keep the form, to be shown by the page with this path.
    pub fn keep(&self, fields: &Fields, path: &str, met: Met, headers: &mut HeaderMap) {
        let kept = Kept { person: self.person.key, path: path.to_owned(), fields: fields.clone(), met };
        // One that is too long is judged too long, too, wherever it is sent: the bounds of a form are far above its fields'.
        let _ = kept.keep(self.app.sealer(), self.visit.now, KEPT_MINUTES, headers);
    }

    /// Keeps the form and sends the browser to a page, which shows it.
    #[must_use]
    pub fn shown_at(&self, fields: &Fields, met: Met, path: &str) -> Response {
        let mut response = see_other(path);
        let shown_by = path.split('#').next().unwrap_or_default();
        self.keep(fields, shown_by, met, response.headers_mut());
        response
    }

    /// What, where and when in three lines, with a button to another time.
    #[must_use]
    pub fn slot(&self) -> Markup {
        html! {
            div class="slot" {
                (slot_lines(self.text(), self.snapshot, &self.wanted))
                button class="button quiet" form=(FORM) name="do" value="other-time" { (self.text().get("details-other-time")) }
            }
        }
    }

    /// What to bring, as far as it is known who comes.
    #[must_use]
    pub fn bringing(&self, fields: &Fields, is_open: bool) -> Markup {
        let text = self.text();
        let Ok(service) = self.snapshot.service(self.wanted.service.as_str()) else { return html! {} };
        let hall = self.snapshot.hall(self.wanted.slot.hall.as_str()).ok();
        let births = self.people(fields).map(|wish| wish.applicants).unwrap_or_default();
        let births = births.iter().map(|applicant| applicant.id_number.birth_date());
        let audience = Audience::anybody(hall).aged(births, self.wanted.slot.date);
        html! {
            details class="why bring" open[is_open] {
                summary { (text.get("details-bring")) }
                ul { @for item in documents_to_bring::items(text, service, &audience) { li { (item) } } }
                dl class="facts" {
                    @for (label, fact) in documents_to_bring::facts(text, service, &audience) { div { dt { (label) } dd { (fact) } } }
                }
            }
        }
    }

    /// The form.
    #[must_use]
    pub fn form(&self, fields: &Fields, faults: &Faults) -> Markup {
        let (text, company) = (self.text(), Company::read(fields));
        html! {
            form method="post" id=(FORM) action=(self.here()) autocomplete="off" data-once novalidate {
                (self.visit.csrf())
                (kept_form::owner(self.app.sealer(), self.person.key))
                @if Self::knows_people(fields) {
                    input type="hidden" name=(PEOPLE) value=(YES);
                    (self.own_row(&company, faults))
                    @for row in 0..company.rows() { (self.row(row, fields, faults)) }
                    (self.add(&company))
                } @else {
                    (self.held_people())
                }
                (inputs(text, fields, &self.person.applicant.id_number, faults))
                @if self.held.is_empty() {
                    p class="hint" { (text.with("who-hold-hint", &[("minutes", self.snapshot.policy.hold_minutes.into())])) }
                }
                div class="buttons" {
                    button class="button" name="do" value="review" {
                        (text.get(if self.held.is_empty() { "who-hold" } else { "details-review" }))
                    }
                }
            }
        }
    }

    /// The signed-in person, masked: who it is was said at the sign-in.
    fn own_row(&self, company: &Company, faults: &Faults) -> Markup {
        let (text, own) = (self.text(), &self.person.applicant);
        let fault = faults.at(SELF);
        html! {
            fieldset .field .card .bad[fault.is_some()] id="people" {
                legend { (text.get("who-self")) }
                (fault_at(SELF, fault))
                div class="choice" {
                    input type="checkbox" id=(SELF) name=(SELF) value=(YES) checked[company.with_self]
                        aria-describedby=[fault.map(|_| "self-error")];
                    label for=(SELF) { (own.name) span class="hint n" { (own.mask().id_number()) } }
                }
            }
        }
    }

    fn row(&self, row: usize, fields: &Fields, faults: &Faults) -> Markup {
        let (text, number) = (self.text(), row + 1);
        let line = |name: usize, label, hint, kind| {
            let id = field(ROW[name], row);
            Line { id: &id, label, hint, kind, autocomplete: "off" }.markup(text, fields, faults)
        };
        html! {
            fieldset class="field card" {
                legend { (text.with("who-other", &[("number", number.into())])) }
                (line(0, "form-name", None, Kind::Name))
                (line(1, "form-id-number", Some("form-id-number-hint"), Kind::IdNumber))
                (line(2, "form-mobile", Some("who-phone-hint"), Kind::Phone))
                button class="button quiet" name="do" value={ "remove-" (row) } {
                    (text.with("who-remove", &[("number", number.into())]))
                }
            }
        }
    }

    fn add(&self, company: &Company) -> Markup {
        let (text, max) = (self.text(), self.snapshot.policy.max_party.min(MAX_PARTY) as usize);
        html! {
            @if company.count() < max && company.rows() < max {
                div class="add" {
                    button class="button second" name="do" value="add" { (text.get("who-add")) }
                    p class="hint" { (text.with("who-add-hint", &[("max", max.into())])) }
                }
            } @else {
                p class="hint" { (text.with("who-full", &[("max", max.into())])) }
            }
        }
    }

    /// The people of the hold, as far as they may be shown.
    #[must_use]
    pub fn held_people(&self) -> Markup {
        let text = self.text();
        html! {
            fieldset class="field card" {
                legend { (text.get("details-who")) }
                ul class="people" {
                    @for member in &self.held {
                        li { (member.mask.name()) " " span class="muted n" { (member.mask.id_number()) } }
                    }
                }
            }
        }
    }
}

/// What, where and when in three lines.
#[must_use]
pub fn slot_lines(text: Text, snapshot: &Snapshot, wanted: &Wanted) -> Markup {
    html! {
        p class="when" { (day_and_time(text, &wanted.slot)) }
        p { (hall_name(text, snapshot, &wanted.slot)) }
        p class="muted" { (service_name(text, snapshot, wanted.service)) }
    }
}
