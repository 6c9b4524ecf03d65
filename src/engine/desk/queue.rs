//! Who waits in a hall, and who was called where: a pure fold over the records of a day.
//!
//! Whoever folds the same records gets the same queue. A record that makes no sense where it stands (a number drawn twice,
//! somebody called who has gone) changes nothing: the log decides the order, and the first one was right.
//!
//! Whoever checks in with an appointment gets the next number of the hall and day. The lines of a day have one order, so
//! every instance counts the same, and after a restart, too.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::record::{Counter, Deed, MAX_NUMBER, Record, Ticket, shown_number};
use crate::domain::appointment::{Action, Code};
use crate::domain::name::ServiceId;
use crate::domain::reading;

/// Somebody who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Who.
    pub ticket: Ticket,
    /// What for; none where the appointment says it.
    pub service: Option<ServiceId>,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Somebody who was called and has not been served yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calling {
    /// Who.
    pub ticket: Ticket,
    /// Where to.
    pub counter: Counter,
    /// When, the last time.
    pub at: DateTime<Utc>,
}

/// Who waits in one hall on one day, and who was called where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queue {
    last_number: u32,
    waiting: Vec<Waiting>,
    called: Vec<Calling>,
    /// The number of the last appointment that was checked in.
    last_arrival: u32,
    /// Every appointment that was checked in here today, with its number.
    arrivals: HashMap<Code, u32>,
    /// What was done last with an appointment, and where it stood before, so that it can be taken back.
    last_steps: HashMap<Code, Step>,
}

/// A step of a desk with one appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    CheckedIn,
    /// It left the queue by this step, from where it stood.
    Left(Option<Spot>),
}

/// Where somebody stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Spot {
    Waiting(Waiting),
    Called(Calling),
}

impl Queue {
    /// Goes on by one record.
    pub fn apply(&mut self, record: &Record) {
        match &record.deed {
            Deed::Drawn { number, service } if *number > self.last_number => {
                self.last_number = *number;
                self.join(Ticket::WalkIn(*number), Some(*service), record.at);
            }
            Deed::Called { number, counter } if self.has(*number) => {
                self.leave(*number);
                self.called.push(Calling { ticket: *number, counter: counter.clone(), at: record.at });
            }
            Deed::Served { number } | Deed::Gone { number } => {
                self.leave(*number);
            }
            Deed::Noted { action: Action::CheckIn, code, .. } if !self.arrivals.contains_key(code) => {
                self.last_arrival += 1;
                self.arrivals.insert(*code, self.last_arrival);
                self.last_steps.insert(*code, Step::CheckedIn);
                self.join(Ticket::Appointment(*code), None, record.at);
            }
            Deed::Noted { action: Action::Serve | Action::MarkNoShow | Action::Cancel, code, .. } => {
                let spot = self.leave(Ticket::Appointment(*code));
                self.last_steps.insert(*code, Step::Left(spot));
            }
            Deed::Noted { action: Action::Undo, code, .. } => self.take_back(*code),
            Deed::Drawn { .. }
            | Deed::Called { .. }
            | Deed::Noted { .. }
            | Deed::Opened { .. }
            | Deed::Adopted { .. }
            | Deed::SignedIn
            | Deed::Exported { .. } => {}
        }
    }

    /// Those who wait, the longest waiting first.
    #[must_use]
    pub fn waiting(&self) -> &[Waiting] {
        &self.waiting
    }

    /// Those who were called and have not been served yet, the last called first.
    pub fn called(&self) -> impl Iterator<Item = &Calling> {
        self.called.iter().rev()
    }

    /// The last call to each counter, the latest first.
    #[must_use]
    pub fn last_calls(&self) -> Vec<&Calling> {
        let mut counters = HashSet::new();
        self.called().filter(|calling| counters.insert(&calling.counter)).collect()
    }

    /// Whether somebody waits or was called.
    #[must_use]
    pub fn has(&self, ticket: Ticket) -> bool {
        self.waiting.iter().any(|one| one.ticket == ticket) || self.called.iter().any(|one| one.ticket == ticket)
    }

    /// Whether an appointment was checked in here today, as the log has it.
    #[must_use]
    pub fn knows(&self, code: Code) -> bool {
        self.arrivals.contains_key(&code)
    }

    /// The number of an appointment that was checked in here today; none where the log does not have that.
    #[must_use]
    pub fn number_of(&self, code: Code) -> Option<u32> {
        self.arrivals.get(&code).copied()
    }

    /// What may be called out and stand on a screen that all see: `W012` for a number that was drawn, `A012` for an
    /// appointment, and a dash for one that the log does not have.
    #[must_use]
    pub fn shown(&self, ticket: Ticket) -> String {
        match ticket {
            Ticket::WalkIn(_) => ticket.to_string(),
            Ticket::Appointment(code) => self.number_of(code).map_or_else(|| "–".to_owned(), shown_number),
        }
    }

    /// Whether a number was drawn here today.
    #[must_use]
    pub const fn was_drawn(&self, number: u32) -> bool {
        number >= 1 && number <= self.last_number
    }

    /// How many wait in front of somebody; none where that one does not wait.
    #[must_use]
    pub fn ahead_of(&self, ticket: Ticket) -> Option<usize> {
        self.waiting.iter().position(|one| one.ticket == ticket)
    }

    /// Whom a text means, of those who wait or were called: a number, or a code.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Ticket> {
        let named = text.parse().ok().filter(|ticket| self.has(*ticket));
        let tickets = || self.waiting.iter().map(|one| one.ticket).chain(self.called.iter().map(|one| one.ticket));
        named.or_else(|| tickets().find(|ticket| self.shown(*ticket).eq_ignore_ascii_case(&reading::number(text))))
    }

    /// The deed by which the next number is drawn; none where no number is left.
    #[must_use]
    pub fn draw(&self, service: ServiceId) -> Option<Deed> {
        let number = self.last_number + 1;
        (number <= MAX_NUMBER).then_some(Deed::Drawn { number, service })
    }

    fn join(&mut self, ticket: Ticket, service: Option<ServiceId>, since: DateTime<Utc>) {
        self.waiting.push(Waiting { ticket, service, since });
    }

    /// Takes somebody out of the queue; where that one stood.
    fn leave(&mut self, ticket: Ticket) -> Option<Spot> {
        let waiting = self.waiting.iter().position(|one| one.ticket == ticket).map(|at| self.waiting.remove(at));
        let called = self.called.iter().position(|one| one.ticket == ticket).map(|at| self.called.remove(at));
        called.map(Spot::Called).or(waiting.map(Spot::Waiting))
    }

    /// Takes back the last step with an appointment. Whoever had been checked in by mistake leaves, and gets a new number
    /// when coming after all; whoever had been served stands again where that was.
    fn take_back(&mut self, code: Code) {
        match self.last_steps.remove(&code) {
            Some(Step::CheckedIn) => {
                self.leave(Ticket::Appointment(code));
                self.arrivals.remove(&code);
            }
            Some(Step::Left(Some(Spot::Waiting(one)))) => {
                let at = self.waiting.partition_point(|other| other.since <= one.since);
                self.waiting.insert(at, one);
                self.last_steps.insert(code, Step::CheckedIn);
            }
            Some(Step::Left(Some(Spot::Called(one)))) => {
                let at = self.called.partition_point(|other| other.at <= one.at);
                self.called.insert(at, one);
                self.last_steps.insert(code, Step::CheckedIn);
            }
            Some(Step::Left(None)) | None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::samples;
    use crate::engine::desk::record::Via;

    fn service() -> ServiceId {
        ServiceId::intern("passport.renewal").unwrap()
    }

    fn noted(action: Action) -> Deed {
        let sample = samples::held();
        Deed::Noted { action, code: sample.code, appointment: sample.id, via: Via::Page }
    }

    fn called(number: Ticket, counter: &str) -> Deed {
        Deed::Called { number, counter: Counter::named(counter).unwrap() }
    }

    fn folded(deeds: impl IntoIterator<Item = Deed>) -> Queue {
        let (mut queue, mut at) = (Queue::default(), samples::held().created_at);
        for deed in deeds {
            at += chrono::TimeDelta::seconds(1);
            queue.apply(&Record::new(at, "desk", deed));
        }
        queue
    }

    fn tickets(queue: &Queue) -> Vec<String> {
        queue.waiting().iter().map(|one| queue.shown(one.ticket)).collect()
    }

    fn drawn(number: u32) -> Deed {
        Deed::Drawn { number, service: service() }
    }

    #[test]
    fn who_came_first_waits_first() {
        let mut queue = folded([drawn(1), noted(Action::CheckIn), drawn(2)]);
        assert_eq!(tickets(&queue), ["W001", "A001", "W002"]);
        assert_eq!(queue.draw(service()), Some(drawn(3)));
        assert_eq!(queue.ahead_of(Ticket::WalkIn(2)), Some(2));
        assert_eq!(queue.find("a001"), Some(Ticket::Appointment(samples::held().code)));
        queue = folded([drawn(1), noted(Action::CheckIn), drawn(2), noted(Action::Serve)]);
        assert_eq!(tickets(&queue), ["W001", "W002"]);
        assert!(queue.knows(samples::held().code));
    }

    #[test]
    fn who_is_called_stands_at_the_counter_until_served_or_gone() {
        let (one, two, three) = (Ticket::WalkIn(1), Ticket::WalkIn(2), Ticket::WalkIn(3));
        let deeds = [drawn(1), drawn(2), drawn(3), called(one, "3"), called(two, "4"), called(one, "3")];
        let queue = folded(deeds.clone());
        assert_eq!(tickets(&queue), ["W003"]);
        let calls = |queue: &Queue| queue.last_calls().iter().map(|one| one.ticket).collect::<Vec<_>>();
        assert_eq!(calls(&queue), [one, two], "the last one called comes first, and nobody twice");
        let queue = folded(deeds.clone().into_iter().chain([called(three, "3")]));
        assert_eq!(calls(&queue), [three, two], "a counter has one last call");
        assert_eq!(queue.called().count(), 3, "whoever was not served is not lost");
        let ends = [Deed::Served { number: one }, Deed::Gone { number: two }];
        let queue = folded(deeds.into_iter().chain(ends));
        assert!(!queue.has(one) && !queue.has(two) && queue.has(three));
    }

    #[test]
    fn what_was_done_by_mistake_is_as_if_it_had_not_been() {
        let mine = Ticket::Appointment(samples::held().code);
        let queue = folded([drawn(1), noted(Action::CheckIn), noted(Action::Undo), drawn(2)]);
        assert_eq!((tickets(&queue), queue.knows(samples::held().code)), (vec!["W001".into(), "W002".into()], false));
        // Who comes after all waits behind the others, with a number in their order.
        let again = [drawn(1), noted(Action::CheckIn), noted(Action::Undo), drawn(2), noted(Action::CheckIn)];
        assert_eq!(tickets(&folded(again)), ["W001", "W002", "A002"]);
        // Served by mistake: waits where it waited, or stands at the counter where it stood.
        let waits = [noted(Action::CheckIn), drawn(1), noted(Action::Serve), noted(Action::Undo)];
        assert_eq!(tickets(&folded(waits)), ["A001", "W001"]);
        let deeds = [noted(Action::CheckIn), drawn(1), called(mine, "3"), called(Ticket::WalkIn(1), "4")];
        let stood = folded(deeds.clone());
        let back = folded(deeds.into_iter().chain([noted(Action::Serve), noted(Action::Undo)]));
        let calls = |queue: &Queue| queue.called().map(|one| (one.ticket, one.counter.clone())).collect::<Vec<_>>();
        assert_eq!(calls(&back), calls(&stood));
        // And the check-in before it, too.
        let both = [noted(Action::CheckIn), noted(Action::Serve), noted(Action::Undo), noted(Action::Undo)];
        assert_eq!(tickets(&folded(both)), Vec::<String>::new());
        assert_eq!(folded([noted(Action::MarkNoShow), noted(Action::Undo), noted(Action::Undo)]).waiting(), []);
    }

    #[test]
    fn what_makes_no_sense_changes_nothing() {
        let queue =
            folded([drawn(1), drawn(1), called(Ticket::WalkIn(9), "3"), Deed::Gone { number: Ticket::WalkIn(8) }]);
        assert_eq!((tickets(&queue), queue.called().count()), (vec!["W001".to_owned()], 0));
        let twice = folded([noted(Action::CheckIn), noted(Action::Serve), noted(Action::CheckIn)]);
        assert_eq!(tickets(&twice), Vec::<String>::new());
        assert_eq!(queue.find("W009"), None);
        assert_eq!(folded([drawn(MAX_NUMBER)]).draw(service()), None);
    }
}
