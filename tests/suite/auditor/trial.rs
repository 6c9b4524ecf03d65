//! One sequence: every command goes to the engine and to the model, and whatever differs is a complaint.
//!
//! Where several engines share a database, each command goes to the next one, and the comparison looks there too: what
//! one has written is known to all.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use hallpass::domain::appointment::{Action, PersonKey};
use hallpass::domain::rejection::Rejection;
use hallpass::engine::{
    Answer, Attending, Begun, Call, Caller, Fingerprint, Form, Named, Refusal, StaffCaller, Target, Wish,
};
use hallpass::ledger::audit::verify;
use hallpass::ledger::embedded::Embedded;

use super::command::{Command, PERSONS, Pause, Spot};
use super::compare::Complaint;
use super::model::{Code, Model, Request, To, Who};
use super::plans;
use crate::world::plan::{Minutes, Plan, wall};
use crate::world::{World, fast_directory, noon, people, shared};

/// The starts that a sequence asks for; some are no band in any configuration, or in some only.
const STARTS: [Minutes; 6] = [540, 570, 780, 810, 560, 545];

/// A call with an idempotency key, and what came of it.
struct Keyed {
    key: (Who, u8),
    request: Request,
    since: DateTime<Utc>,
    outcome: Result<Answer, Code>,
}

/// Where the engines of a trial remember.
enum House {
    /// One engine, in a directory of its own.
    Alone(tempfile::TempDir),
    /// Several, in a database.
    Shared(String),
}

/// An engine, or several, and a model that go the same way.
pub struct Trial {
    pub model: Model,
    worlds: Vec<World>,
    /// How many commands there have been: the next engine takes the next one.
    turn: usize,
    /// At which turn each engine started.
    started: Vec<usize>,
    house: House,
    pub keys: Vec<PersonKey>,
    /// What each call came to, in words.
    pub outcomes: Vec<String>,
    plans: Vec<Plan>,
    twist: fn(&mut Plan),
    keyed: Vec<Keyed>,
    runtime: tokio::runtime::Runtime,
}

impl Trial {
    /// A trial of an engine whose configuration is twisted behind the model's back.
    pub fn new(twist: fn(&mut Plan)) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        Self::start(House::Alone(fast_directory()), 1, runtime, twist)
    }

    /// A trial of several engines on a fresh database.
    pub fn of_several(url: String, count: usize, twist: fn(&mut Plan)) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Self::start(House::Shared(url), count, runtime, twist)
    }

    fn start(house: House, count: usize, runtime: tokio::runtime::Runtime, twist: fn(&mut Plan)) -> Self {
        let plans = plans::all();
        let model = Model { plan: plans[0].clone(), now: noon(), list: Vec::new(), step: 0, started: 0 };
        let (worlds, keys, keyed, outcomes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let started = vec![0; count];
        let mut trial = Self { model, worlds, turn: 0, started, house, keys, outcomes, plans, twist, keyed, runtime };
        for _ in 0..count {
            let world = trial.another();
            trial.worlds.push(world);
        }
        trial.keys = (0..usize::from(PERSONS)).map(|person| trial.world().person(person)).collect();
        trial
    }

    /// The engine whose turn it is.
    pub fn world(&self) -> &World {
        &self.worlds[self.turn % self.worlds.len()]
    }

    /// Lets the engine whose turn it is learn what the others wrote.
    pub fn catch_up(&self) {
        assert!(self.runtime.block_on(self.world().engine.refresh()), "what others wrote is not known in time");
    }

    fn twisted(&self) -> Plan {
        let mut plan = self.model.plan.clone();
        (self.twist)(&mut plan);
        plan
    }

    fn another(&self) -> World {
        match &self.house {
            House::Alone(dir) => {
                let _inside = self.runtime.enter();
                World::start(dir.path(), &self.twisted(), self.model.now)
            }
            House::Shared(url) => {
                self.runtime.block_on(shared::join(&shared::addresses(url), &self.twisted(), self.model.now)).unwrap()
            }
        }
    }

    /// Does one command, and compares.
    pub fn step(&mut self, command: &Command) -> Result<(), Complaint> {
        self.turn += 1;
        (self.model.step, self.model.started) = (self.turn, self.started[self.turn % self.worlds.len()]);
        match command {
            Command::Pass(pause) => {
                self.pass(*pause);
                self.outcomes.push("time passes".into());
                // Holds that have ended are left for the next call to find.
                return Ok(());
            }
            Command::Reload(plan) => self.reload(usize::from(*plan) % self.plans.len())?,
            Command::Restart => self.restart()?,
            Command::Repeat { which } => self.repeat(usize::from(*which))?,
            other => {
                if let Some((request, key)) = self.resolve(other) {
                    self.ask(request, key)?;
                }
            }
        }
        Ok(())
    }

    /// Goes back to the first configuration, compares everything in every engine, and once more after a restart.
    pub fn finish(&mut self) -> Result<(), Complaint> {
        self.reload(0)?;
        for _ in 0..self.worlds.len() {
            self.turn += 1;
            self.compare_everything()?;
        }
        self.restart()?;
        self.worlds.drain(..).for_each(World::stop);
        Ok(())
    }

    fn sweep(&mut self) {
        self.model.expire();
        self.catch_up();
        self.runtime.block_on(self.world().engine.expire_due(self.model.now));
    }

    fn pass(&mut self, pause: Pause) {
        let now = self.model.now;
        let before = |just_before: bool| TimeDelta::milliseconds(just_before.into());
        let midnight =
            |days| ((now + TimeDelta::hours(8)).date_naive() + Days::new(days)).and_time(NaiveTime::MIN).and_utc();
        let shanghai = |days, hours: i64| midnight(days) + TimeDelta::hours(hours - 8);
        let then = match pause {
            Pause::Millisecond => now + TimeDelta::milliseconds(1),
            Pause::Minutes(minutes) => now + TimeDelta::minutes(minutes.into()),
            Pause::UntilAHoldEnds { just_before } => {
                let first = self.model.active().filter_map(|record| record.expires_at).min();
                first.map_or(now, |end| end - before(just_before))
            }
            Pause::UntilMidnight { just_before } => shanghai(1, 0) - before(just_before),
            Pause::UntilNine { just_before } => shanghai(u64::from(shanghai(0, 9) <= now), 9) - before(just_before),
            Pause::Days(days) => now + TimeDelta::days(days.into()),
        };
        self.model.now = then.max(now);
        self.worlds.iter().for_each(|world| world.clock.set(self.model.now));
    }

    fn reload(&mut self, plan: usize) -> Result<(), Complaint> {
        self.sweep();
        self.model.plan = self.plans[plan].clone();
        let mut expected: Vec<_> = self.model.displaced().iter().map(|at| self.model.list[*at].id.unwrap()).collect();
        expected.sort();
        let (snapshot, call) = (Arc::new(self.twisted().snapshot()), self.world().desk_call());
        self.catch_up();
        let dry_run = self.world().engine.displaced_by(&snapshot, self.model.now);
        let adopted = self.runtime.block_on(self.world().engine.adopt(call, Arc::clone(&snapshot)));
        for (at, world) in self.worlds.iter().enumerate() {
            if at != self.turn % self.worlds.len() {
                world.engine.follow_adoption(&snapshot);
            }
        }
        for displaced in [dry_run, adopted.map_err(|refusal| format!("a reload is refused: {refusal}"))?] {
            let mut seen: Vec<_> = displaced.iter().map(|displaced| displaced.appointment.id).collect();
            seen.sort();
            if seen != expected {
                return Err(format!("displaced are {seen:?}, expected {expected:?}"));
            }
        }
        // Asked one by one, they are the same.
        let engine = &self.world().engine;
        let made = self.model.list.iter().filter_map(|made| engine.appointment(made.id?));
        let misfits = made.filter(|made| engine.misfit_of(made, self.model.now).is_some());
        let mut misfits: Vec<_> = misfits.map(|misfit| misfit.id).collect();
        misfits.sort();
        if misfits != expected {
            return Err(format!("asked one by one, displaced are {misfits:?}, expected {expected:?}"));
        }
        self.outcomes.push(if expected.is_empty() { "reload ok" } else { "reload displaces" }.into());
        self.compare_everything()
    }

    fn restart(&mut self) -> Result<(), Complaint> {
        let at = self.turn % self.worlds.len();
        self.worlds.remove(at).stop();
        match &self.house {
            House::Alone(dir) => {
                let report = verify(&Embedded::open(dir.path()).unwrap()).map_err(|fault| fault.to_string())?;
                if !report.violations.is_empty() {
                    return Err(report.to_string());
                }
            }
            House::Shared(url) => shared::recount(url)?,
        }
        let world = self.another();
        self.worlds.insert(at, world);
        self.started[at] = self.turn;
        self.outcomes.push("restart ok".into());
        self.sweep();
        self.compare_everything()
    }

    fn repeat(&mut self, which: usize) -> Result<(), Complaint> {
        let Some(keyed) = self.keyed.len().checked_sub(1).map(|last| &self.keyed[last - which % (last + 1)]) else {
            return Ok(());
        };
        let (request, key) = (keyed.request.clone(), keyed.key.1);
        self.ask(request, Some(key))
    }

    /// Asks engine and model, and compares what they say and what then is.
    fn ask(&mut self, request: Request, key: Option<u8>) -> Result<(), Complaint> {
        let key = key.map(|key| (who_asks(&request), key));
        let mut touched = self.touched(&request, &[]);
        let (seen, remembered) =
            (self.runtime.block_on(self.perform(&request, key.as_ref())), self.remembered(key.as_ref()));
        match remembered {
            Some(first) if first.request != request => {
                self.note("repeat", Err("idempotency_mismatch".into()), &seen)?;
            }
            Some(first) => {
                let expected = first.outcome.clone();
                self.note("repeat", expected.clone().map(|_| ()), &seen)?;
                if expected != seen {
                    return Err(format!("the repeat is answered with {seen:?}, the first answer was {expected:?}"));
                }
            }
            None => {
                let expected = self.model.judge(&request);
                self.note(name(&request), expected.clone().map(|_| ()), &seen)?;
                if let (Ok(members), Ok(answer)) = (&expected, &seen) {
                    self.compare_answer(&request, members, answer)?;
                    touched.extend(self.touched(&request, members));
                }
                if let Some(key) = key {
                    self.keyed.retain(|keyed| keyed.key != key);
                    self.keyed.push(Keyed { key, request, since: self.model.now, outcome: seen });
                }
            }
        }
        self.sweep();
        self.catch_up();
        touched.into_iter().try_for_each(|(hall, date)| self.compare_day(hall, date))
    }

    fn note(&mut self, what: &str, expected: Result<(), Code>, seen: &Result<Answer, Code>) -> Result<(), Complaint> {
        let word = |outcome: Result<(), Code>| outcome.err().unwrap_or_else(|| "ok".into());
        let (expected, seen) = (word(expected), word(seen.clone().map(|_| ())));
        self.outcomes.push(format!("{what} {}", seen.split(' ').next().unwrap_or_default()));
        if expected == seen { Ok(()) } else { Err(format!("{what}: the engine says {seen}, the model {expected}")) }
    }

    fn remembered(&self, key: Option<&(Who, u8)>) -> Option<&Keyed> {
        let known = self.keyed.iter().find(|keyed| Some(&keyed.key) == key)?;
        (self.model.now - known.since < TimeDelta::hours(24)).then_some(known)
    }

    fn touched(&self, request: &Request, members: &[usize]) -> Vec<(&'static str, NaiveDate)> {
        let (to, of) = match request {
            Request::Book { to, .. } => (Some(to), None),
            Request::Reschedule { to, of, .. } => (Some(to), Some(of)),
            Request::Confirm { of, .. }
            | Request::Cancel { of, .. }
            | Request::Desk { of, .. }
            | Request::Extend { of, .. }
            | Request::Undo { of, .. } => (None, Some(of)),
        };
        let places = members.iter().chain(of).map(|at| self.model.list[*at].place);
        to.map(|to| (to.hall, to.date)).into_iter().chain(places.map(|place| (place.hall, place.date))).collect()
    }

    async fn perform(&self, request: &Request, key: Option<&(Who, u8)>) -> Result<Answer, Code> {
        let now = self.model.now;
        let mut repeat = None;
        if let Some(key) = key {
            match self.world().engine.begin(fingerprint(key, request), now).await {
                Ok(Begun::Fresh(guard)) => repeat = Some(guard),
                Ok(Begun::Answered(Answer::Refused(code))) => return Err(Code::from(code.as_ref())),
                Ok(Begun::Answered(answer)) => return Ok(answer),
                Err(refusal) => return Err(code(&refusal)),
            }
        }
        let caller = self.caller(&who_asks(request));
        let call = Call { caller: caller.clone(), now, repeat: repeat.clone() };
        let answer = self.perform_once(call, request).await;
        if let Err(refusal @ Refusal::Rejected(_)) = &answer {
            let told = Call { caller, now, repeat };
            self.world().engine.remember_refusal(told, code(refusal)).await.unwrap();
        }
        answer.map_err(|refusal| code(&refusal))
    }

    async fn perform_once(&self, call: Call, request: &Request) -> Result<Answer, Refusal> {
        let engine = &self.world().engine;
        let id = |of: &usize| self.model.list[*of].id.unwrap();
        let applicants = |persons: &Vec<usize>| persons.iter().map(|person| people::applicant(*person)).collect();
        match request {
            Request::Book { to, service, hold, party, .. } => {
                let (hall, service, start) = (to.hall.into(), (*service).into(), wall(to.start));
                let (applicants, form) = (applicants(party), Form::default());
                engine.book(call, Wish { hall, service, date: to.date, start, hold: *hold, applicants, form }).await
            }
            Request::Confirm { of, whole, applicants: given, .. } => {
                engine.confirm(call, id(of), *whole, given.as_ref().map(applicants), Form::default()).await
            }
            Request::Reschedule { of, whole, to, .. } => {
                let target = Target { hall: to.hall.into(), date: to.date, start: wall(to.start) };
                engine.reschedule(call, id(of), *whole, target).await
            }
            Request::Cancel { of, whole, .. } => engine.cancel(call, id(of), *whole).await,
            Request::Extend { of, whole, .. } => engine.extend(call, id(of), *whole).await,
            Request::Undo { of, whole, .. } => engine.undo(call, id(of), *whole).await,
            Request::Desk { of, by_code, action, whole, anyway, .. } => {
                engine.refresh().await;
                let code = engine.appointment(id(of)).map(|appointment| appointment.code);
                let named = if *by_code { Named::Code(code.unwrap()) } else { Named::Id(id(of)) };
                let attending = Attending { whole_party: *whole, anyway: *anyway };
                engine.attend(call, named, action_of(action), attending).await
            }
        }
    }

    fn caller(&self, who: &Who) -> Caller {
        match who {
            Who::Person(person) => Caller::Person(self.keys[*person]),
            Who::Desk(hall) => {
                let halls = hall.map(|hall| vec![hallpass::domain::name::HallId::intern(hall).unwrap()]);
                let id = hall.map_or("desk".to_owned(), |hall| format!("desk of {hall}"));
                Caller::Staff(StaffCaller { id, halls })
            }
        }
    }

    /// The call that a command stands for now; none where there is no appointment that it could mean.
    fn resolve(&self, command: &Command) -> Option<(Request, Option<u8>)> {
        Some(match command {
            Command::Book { by, at, hold, others, key } => {
                // Who books is one of the party as long as nobody else is named twice.
                let party = if others.len() == 1 { others.clone() } else { [&[*by], &others[..]].concat() };
                let party = party.into_iter().map(usize::from).collect();
                let service = plans::SERVICES[usize::from(at.service)];
                (Request::Book { by: (*by).into(), to: self.to(*at), service, hold: *hold, party }, *key)
            }
            Command::Confirm { whose, which, whole, applicants, key } => {
                let of = self.meant(*which)?;
                let who = self.who((*whose).min(2), of);
                let members = self.model.members(&who, of, *whole).unwrap_or_default();
                let persons = members.iter().map(|member| self.model.list[*member].person);
                let applicants = match applicants {
                    0 | 1 => None,
                    2 => Some(persons.collect()),
                    _ => Some(persons.map(|person| (person + 1) % usize::from(PERSONS)).collect()),
                };
                (Request::Confirm { who, of, whole: *whole, applicants }, *key)
            }
            Command::Reschedule { whose, which, whole, to, key } => {
                let of = self.meant(*which)?;
                let place = self.model.list[of].place;
                let stay = To { hall: place.hall, date: place.date, start: place.start };
                let to = to.map_or(stay, |to| self.to(to));
                (Request::Reschedule { who: self.who((*whose).min(2), of), of, whole: *whole, to }, *key)
            }
            Command::Cancel { whose, which, whole, key } => {
                let of = self.meant(*which)?;
                (Request::Cancel { who: self.who(*whose, of), of, whole: *whole }, *key)
            }
            Command::Desk { whose, which, by_code, action, whole, anyway, key } => {
                let of = self.meant(*which)?;
                let (who, by_code) = (self.who(*whose, of), *by_code);
                let action = ["check in", "serve", "no show"][usize::from(*action)];
                (Request::Desk { who, of, by_code, action, whole: *whole, anyway: *anyway }, *key)
            }
            Command::Extend { whose, which, whole, key } => {
                let of = self.meant(*which)?;
                (Request::Extend { who: self.who(*whose, of), of, whole: *whole }, *key)
            }
            Command::Undo { whose, which, whole, key } => {
                let of = self.done(*which)?;
                (Request::Undo { who: self.who(*whose, of), of, whole: *whole }, *key)
            }
            Command::Pass(_) | Command::Reload(_) | Command::Restart | Command::Repeat { .. } => return None,
        })
    }

    fn to(&self, spot: Spot) -> To {
        let today = (self.model.now + TimeDelta::hours(8)).date_naive();
        let date = today + TimeDelta::days(spot.day.into());
        To { hall: plans::HALLS[usize::from(spot.hall)], date, start: STARTS[usize::from(spot.band)] }
    }

    /// Mostly an appointment that waits for its day or is in the hall, newest first; sometimes any.
    fn meant(&self, which: u8) -> Option<usize> {
        let waits = |at: &usize| {
            let record = &self.model.list[*at];
            matches!(record.status, "held" | "booked") && record.starts_at > self.model.now
                || record.status == "checked_in"
        };
        let all = (0..self.model.list.len()).rev();
        let candidates: Vec<_> = if which < 235 { all.filter(waits).collect() } else { all.collect() };
        candidates.get(usize::from(which).checked_rem(candidates.len())?).copied()
    }

    /// Mostly an appointment with which a desk has done something, the last one first; sometimes any.
    fn done(&self, which: u8) -> Option<usize> {
        let is_done = |at: &usize| matches!(self.model.list[*at].status, "checked_in" | "served" | "no_show");
        let mut done: Vec<_> = (0..self.model.list.len()).filter(is_done).collect();
        done.sort_by_key(|at| std::cmp::Reverse(self.model.list[*at].updated_at));
        if which < 128 { done.get(usize::from(which % 2)).copied() } else { self.meant(which) }
    }

    fn who(&self, whose: u8, of: usize) -> Who {
        let record = &self.model.list[of];
        match whose {
            0 => Who::Person(record.by),
            1 => Who::Person(record.person),
            2 => Who::Person((record.by + 5) % usize::from(PERSONS)),
            3 => Who::Desk(None),
            _ => Who::Desk(Some("hall-one")),
        }
    }
}

fn who_asks(request: &Request) -> Who {
    match request {
        Request::Book { by, .. } => Who::Person(*by),
        Request::Confirm { who, .. }
        | Request::Reschedule { who, .. }
        | Request::Cancel { who, .. }
        | Request::Desk { who, .. }
        | Request::Extend { who, .. }
        | Request::Undo { who, .. } => who.clone(),
    }
}

fn name(request: &Request) -> &'static str {
    match request {
        Request::Book { hold: true, .. } => "hold",
        Request::Book { .. } => "book",
        Request::Confirm { .. } => "confirm",
        Request::Reschedule { .. } => "reschedule",
        Request::Cancel { .. } => "cancel",
        Request::Desk { action, .. } => action,
        Request::Extend { .. } => "extend",
        Request::Undo { .. } => "undo",
    }
}

fn action_of(word: &str) -> Action {
    match word {
        "check in" => Action::CheckIn,
        "serve" => Action::Serve,
        _ => Action::MarkNoShow,
    }
}

fn code(refusal: &Refusal) -> Code {
    match refusal {
        Refusal::Rejected(Rejection::AlreadyBooked { applicant }) => format!("already_booked {applicant}"),
        Refusal::Rejected(Rejection::DuplicateApplicant { first, second }) => {
            format!("duplicate_applicant {first} {second}")
        }
        other => crate::world::code(other).into(),
    }
}

fn fingerprint(key: &(Who, u8), request: &Request) -> Fingerprint {
    Fingerprint { owner: None, key: digest(key), call: digest(request) }
}

fn digest(what: &impl Hash) -> [u8; 16] {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    u128::from(hasher.finish()).to_le_bytes()
}
