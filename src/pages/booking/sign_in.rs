//! `GET /sign-in`, `POST /sign-in`, `POST /sign-out`: who are you?
//!
//! What was typed wrong comes back from a cookie of its own, sealed, for some minutes; the address of that page has a random
//! name for it, so that nobody who opens the sign-in anew sees what somebody else has typed. A form that met an ended session
//! waits in the browser ([`kept_form`](crate::pages::kit::kept_form)) and is shown again as it was filled in once its person has signed in.

use axum::extract::State;
use axum::http::header::HeaderName;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::booking_form::FORM;
use super::party_form::filled;
use crate::app::access::opening;
use crate::app::access::opening::OpeningInput;
use crate::app::access::peer::Peer;
use crate::app::access::session_token;
use crate::app::input::booking::ApplicantInput;
use crate::app::input::fields::civil_today;
use crate::app::refusal::Refusal;
use crate::app::sealer::Sealer;
use crate::app::state::App;
use crate::pages::finding::slot::{SlotQuery, Wanted};
use crate::pages::finding::steps::{Step, steps};
use crate::pages::kit::form::{Faults, Kind, Line};
use crate::pages::kit::form_input::{Fields, Filled};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::kept_form;
use crate::pages::kit::kept_form::{KEPT_MINUTES, Kept, Met};
use crate::pages::kit::redirect::{own_path, percent, see_other};
use crate::pages::kit::visitor::{Visit, fresh_name};
use crate::pages::kit::{cookies, refusals};
use crate::serve::problem::Problem;
use crate::serve::read::query::Query;

/// Where to go on that was not said.
const USUAL_NEXT: &str = "/appointments";
/// The cookie of what was typed at a sign-in that failed.
const ATTEMPT: &str = "hallpass_attempt";
/// How long that is kept, in minutes: long enough to find the mistake.
const ATTEMPT_MINUTES: i64 = 5;
/// The fields of the form, and where each is cut in an attempt, in characters: longer than any that is taken, so that it still
/// says what is wrong, and short enough for all of them to fit into [`MAX_ATTEMPT_BYTES`], whatever their letters are.
const FIELDS: [(&str, usize); 3] = [("name", 120), ("id_number", 40), ("phone", 40)];
/// The longest cookie of an attempt, in bytes.
const MAX_ATTEMPT_BYTES: usize = 1_300;
const CONTEXT: &[u8] = b"sign-in attempt 2";
/// What a browser forgets when somebody signs out, or in where another one was: pages that "back" would else show to the next
/// at the same machine.
const CLEARED: &str = "\"cache\"";

/// Where to go on, and what is to be shown.
#[derive(Deserialize)]
pub struct WayOn {
    next: Option<String>,
    /// The name of an attempt that failed.
    attempt: Option<String>,
    /// Whether a form met an ended session.
    ended: Option<String>,
}

/// What an attempt has met.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum AttemptMet {
    /// Nothing: it was not made.
    Nothing,
    /// A judgement: its fields are wrong.
    Judged,
    /// A refusal that is not about its fields.
    Refused(Refusal),
}

/// An attempt that failed.
#[derive(Serialize, Deserialize)]
struct Attempt {
    name: String,
    fields: Vec<(String, String)>,
    met: AttemptMet,
    /// Whether it is made because a session has ended.
    ended: bool,
}

impl Attempt {
    fn new(fields: &Fields, met: AttemptMet) -> Self {
        let cut = |typed: &str, chars| typed.trim().chars().take(chars).collect::<String>();
        let typed = FIELDS.map(|(name, chars)| (name.to_owned(), cut(fields.raw(name), chars)));
        Self { name: fresh_name(), fields: typed.into(), met, ended: false }
    }

    /// Keeps the attempt, and sends the browser to the page that shows it.
    fn shown(&self, sealer: Sealer<'_>, now: DateTime<Utc>, next: &str) -> Response {
        let ended = if self.ended { "&ended=1" } else { "" };
        let mut answer = see_other(&format!("/sign-in?next={}&attempt={}{ended}", percent(next), self.name));
        let sealed = sealer.seal_until(CONTEXT, now + TimeDelta::minutes(ATTEMPT_MINUTES), self);
        debug_assert!(sealed.len() <= MAX_ATTEMPT_BYTES, "every field is cut");
        cookies::keep(answer.headers_mut(), ATTEMPT, &sealed);
        answer
    }

    /// The attempt with this name; none where the browser keeps no such one, or its time is over.
    fn of(sealer: Sealer<'_>, headers: &HeaderMap, name: &str, now: DateTime<Utc>) -> Option<Self> {
        let opened = sealer.open_until::<Self>(CONTEXT, cookies::value(headers, ATTEMPT)?)?;
        opened.before_its_end(now).filter(|attempt| attempt.name == name)
    }

    fn fields(&self) -> Fields {
        self.fields.iter().fold(Fields::default(), |fields, (name, value)| fields.with(name, value.as_str()))
    }
}

/// The page; who is signed in already goes on.
pub async fn page(State(app): State<App>, visit: Visit, headers: HeaderMap, Query(asked): Query<WayOn>) -> Response {
    let next = own_path(asked.next.as_deref(), USUAL_NEXT);
    if visit.person.is_some() {
        return see_other(&next);
    }
    let attempt = asked.attempt.as_deref().and_then(|name| Attempt::of(app.sealer(), &headers, name, visit.now));
    let kept = asked.ended.is_some().then(|| Kept::of(app.sealer(), &headers, visit.now).is_some());
    shown(&app, &visit, &next, attempt.as_ref(), kept)
}

/// Keeps a form that met an ended session, and lets its person sign in again.
#[must_use]
pub fn interrupted(app: &App, filled: &Filled) -> Response {
    // What was to be done is done again by its person, at the same page; the review leads to its form if something is missing.
    let here = filled.visit.here.as_str();
    let mut answer = see_other(&format!("/sign-in?next={}&ended=1", percent(here)));
    keep_for_owner(app, filled, here.trim_end_matches("/check"), Met::Nothing, answer.headers_mut());
    answer
}

/// Keeps a form for whom it was made, whoever is signed in.
fn keep_for_owner<const MAX: usize>(app: &App, filled: &Filled<MAX>, path: &str, met: Met, headers: &mut HeaderMap) {
    let Some(person) = kept_form::owner_of(app.sealer(), filled.fields()) else { return };
    let kept = Kept { person, path: path.to_owned(), fields: filled.fields().clone(), met };
    kept.keep(app.sealer(), filled.visit.now, KEPT_MINUTES, headers);
}

/// Goes on to a page of a form in another language, filled in as it is. What the form met there before is told again.
#[must_use]
pub fn in_another_language<const MAX: usize>(
    app: &App,
    headers: &HeaderMap,
    filled: &Filled<MAX>,
    next: &str,
) -> Response {
    let now = filled.visit.now;
    if next == "/sign-in" || next.starts_with("/sign-in?") {
        let met = attempt_at(app.sealer(), headers, next, now).map_or(AttemptMet::Nothing, |before| before.met);
        let ended = next.contains("&ended=1");
        let attempt = Attempt { ended, ..Attempt::new(filled.fields(), met) };
        return attempt.shown(app.sealer(), now, &own_path(Some(filled.raw("next")), USUAL_NEXT));
    }
    let mut answer = see_other(next);
    let form = next.split('#').next().unwrap_or_default();
    let owner = kept_form::owner_of(app.sealer(), filled.fields());
    let kept = Kept::of(app.sealer(), headers, now).filter(|kept| Some(kept.person) == owner && kept.path == form);
    keep_for_owner(app, filled, form, kept.map(|kept| kept.met).unwrap_or_default(), answer.headers_mut());
    answer
}

/// The attempt that a page of the sign-in shows; none where it shows none.
fn attempt_at(sealer: Sealer<'_>, headers: &HeaderMap, page: &str, now: DateTime<Utc>) -> Option<Attempt> {
    let (_, query) = page.split_once('?')?;
    let (_, name) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "attempt")?;
    Attempt::of(sealer, headers, &name, now)
}

/// Signs in, and goes on.
///
/// # Errors
/// Faults of the server.
pub async fn sign_in(
    State(app): State<App>,
    peer: Peer,
    headers: HeaderMap,
    filled: Filled,
) -> Result<Response, Problem> {
    let (fields, visit) = (filled.fields(), &filled.visit);
    let now = visit.now;
    let next = own_path(Some(fields.raw("next")), USUAL_NEXT);
    if !visit.is_demonstration {
        return Ok(see_other(&format!("/sign-in?next={}", percent(&next))));
    }
    let session = match opening::open(&app, peer, OpeningInput { person: input(fields), identity_token: None }, |_| {
        None
    }) {
        Ok(session) => session,
        Err(fault @ Refusal::Fault(_)) => return Err(fault.into()),
        Err(Refusal::Fields(_)) => return Ok(Attempt::new(fields, AttemptMet::Judged).shown(app.sealer(), now, &next)),
        Err(refusal) => return Ok(Attempt::new(fields, AttemptMet::Refused(refusal)).shown(app.sealer(), now, &next)),
    };
    let mut response = see_other(&next);
    let was_signed_in = cookies::value(&headers, cookies::SESSION).is_some();
    if was_signed_in && visit.person.as_ref().is_none_or(|before| before.key != session.person) {
        clear_pages(response.headers_mut());
    }
    cookies::keep(response.headers_mut(), cookies::SESSION, &session.token);
    cookies::forget(response.headers_mut(), ATTEMPT);
    Ok(response)
}

/// `GET /sign-out`: nobody is signed out by a link, so to the start.
pub async fn stay() -> Response {
    see_other("/")
}

/// Signs out.
pub async fn sign_out(_: Filled) -> Response {
    let mut response = see_other("/");
    let headers = response.headers_mut();
    for cookie in [cookies::SESSION, ATTEMPT] {
        cookies::forget(headers, cookie);
    }
    kept_form::forget(headers);
    clear_pages(headers);
    response
}

/// Lets the browser forget the pages that it has stored.
fn clear_pages(headers: &mut HeaderMap) {
    headers.insert(HeaderName::from_static("clear-site-data"), HeaderValue::from_static(CLEARED));
}

/// What was typed, as it is judged.
fn input(fields: &Fields) -> ApplicantInput {
    let typed = |name: &str| filled(fields.raw(name));
    ApplicantInput { name: typed("name"), id_number: typed("id_number"), phone: typed("phone") }
}

/// The page. `kept`: whether a form that met an ended session is kept; none where there was none.
fn shown(app: &App, visit: &Visit, next: &str, attempt: Option<&Attempt>, kept: Option<bool>) -> Response {
    let text = visit.text;
    let frame = Frame::citizens(visit, text.get("sign-in-title"));
    if !visit.is_demonstration {
        return frame.page(&html! {
            p class="lead" { (text.get("sign-in-elsewhere")) }
            p { (text.get("sign-in-elsewhere-hint")) }
        });
    }
    let typed = attempt.map(Attempt::fields).unwrap_or_default();
    let faults = faults(visit, &typed, attempt);
    let wanted = wanted(app, visit, next);
    let frame = match &wanted {
        Some((wanted, _)) => frame.back(wanted.others()),
        None => frame,
    };
    let line = |id, label, hint, kind, autocomplete| {
        Line { id, label, hint, kind, autocomplete }.markup(text, &typed, &faults)
    };
    let errors = html! { (faults.summary(text)) (refusal(visit, attempt)) };
    frame.form(FORM, "sign-in").unstored().errors(errors).page(&html! {
        @if let Some((_, slot)) = &wanted { (steps(text, Step::Details)) (slot) }
        @if let Some(is_kept) = kept {
            div class="notice warn" role="status" {
                h2 { (text.get("sign-in-ended")) }
                p { (text.get(if is_kept { "sign-in-kept" } else { "sign-in-not-kept" })) }
            }
        }
        p class="lead" { (text.get("sign-in-lead")) }
        div class="notice info" { p { (text.get("sign-in-demonstration")) } }
        form method="post" id=(FORM) action="/sign-in" autocomplete="off" data-once novalidate {
            (visit.csrf())
            input type="hidden" name="next" value=(next);
            (line("name", "form-name", None, Kind::Name, "name"))
            (line("id_number", "form-id-number", Some("form-id-number-hint"), Kind::IdNumber, "off"))
            (line("phone", "form-mobile", Some("form-mobile-hint"), Kind::Phone, "tel"))
            div class="buttons" { button class="button" name="do" value="sign-in" { (text.get("sign-in-button")) } }
        }
        p class="hint" { (text.with("sign-in-hours", &[("hours", session_token::SESSION_HOURS.into())])) }
    })
}

/// What is wrong with the fields of an attempt that was refused for them.
fn faults(visit: &Visit, typed: &Fields, attempt: Option<&Attempt>) -> Faults {
    let is_judged = attempt.is_some_and(|attempt| matches!(attempt.met, AttemptMet::Judged));
    let today = civil_today(visit.now);
    let refused = is_judged.then(|| opening::judge_person(input(typed), today).err()).flatten();
    let id_of = |pointer: &str| pointer.trim_start_matches('/').to_owned();
    refused.map(|refusal| Faults::of(visit.text, &refusal, today, id_of)).unwrap_or_default()
}

/// Why an attempt was refused, if not for its fields.
fn refusal(visit: &Visit, attempt: Option<&Attempt>) -> Markup {
    html! {
        @if let Some(Attempt { met: AttemptMet::Refused(refusal), .. }) = attempt {
            div class="notice bad" role="alert" tabindex="-1" {
                h2 { (refusals::heading(visit.text, refusal.code())) }
                p { (refusals::advice(visit.text, refusal.code(), refusal.retry_after_s())) }
            }
        }
    }
}

/// The time that was chosen before the sign-in, and what it is; none where the sign-in leads to something else.
fn wanted(app: &App, visit: &Visit, next: &str) -> Option<(Wanted, Markup)> {
    let address: Uri = next.strip_prefix("/book?").and_then(|_| next.parse().ok())?;
    let asked = axum::extract::Query::<SlotQuery>::try_from_uri(&address).ok()?.0;
    let engine = app.engine().ok()?;
    let snapshot = engine.snapshot();
    let wanted = asked.wanted(engine, &snapshot, visit.now).ok()?;
    let slot = crate::pages::booking::booking_form::slot_lines(visit.text, &snapshot, &wanted);
    Some((wanted, html! { div class="slot" { (slot) } }))
}

#[cfg(test)]
mod tests {
    use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
    use uuid::Uuid;

    use super::*;
    use crate::app::refusal::TooMany;
    use crate::domain::applicant::{Applicant, IdNumber};
    use crate::domain::appointment::{AppointmentId, PersonKey, Slot, samples};
    use crate::domain::name::{HallId, LaneId, MAX_NAME_BYTES};
    use crate::pages::own::known::Known;
    use crate::vault::Vault;

    #[test]
    fn an_attempt_is_shown_to_who_made_it_for_some_minutes() {
        let vault = Vault::from_secret(&[7; 32]);
        let now: DateTime<Utc> = "2026-11-24T04:00:00Z".parse().unwrap();
        let fields = Fields::read(b"name=a&id_number=1&phone=&mark=m&next=/x").unwrap();
        let answer = Attempt::new(&fields, AttemptMet::Judged).shown(Sealer::of(&vault), now, "/book?a=b&c=d");
        let address = answer.headers()[LOCATION].to_str().unwrap();
        let (before, name) = address.split_once("&attempt=").unwrap();
        assert_eq!(before, "/sign-in?next=%2Fbook%3Fa%3Db%26c%3Dd");
        assert!(!address.contains("id_number") && !address.contains("name"), "nothing typed is in the address");
        let set = answer.headers()[SET_COOKIE].to_str().unwrap();
        let request = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(set.split(';').next().unwrap()).unwrap())]);
        let back = |name: &str, at| Attempt::of(Sealer::of(&vault), &request, name, at).map(|attempt| attempt.fields());
        let typed = back(name, now).unwrap();
        assert_eq!((typed.raw("name"), typed.raw("id_number"), typed.has("mark")), ("a", "1", false));
        assert!(back("another", now).is_none(), "who opens the page anew sees nothing");
        assert!(back(name, now + TimeDelta::minutes(ATTEMPT_MINUTES)).is_none());
    }

    #[test]
    fn an_attempt_comes_back_however_much_was_typed_and_still_says_what_is_wrong() {
        let vault = Vault::from_secret(&[7; 32]);
        let now: DateTime<Utc> = "2026-11-24T04:00:00Z".parse().unwrap();
        for letter in ["a", "1", "\u{5b57}", "\u{20bb7}"] {
            let long = letter.repeat(4_000);
            let fields = FIELDS.iter().fold(Fields::default(), |fields, (name, _)| fields.with(name, long.as_str()));
            let answer = Attempt::new(&fields, AttemptMet::Judged).shown(Sealer::of(&vault), now, "/x");
            let name = answer.headers()[LOCATION].to_str().unwrap().split_once("&attempt=").unwrap().1;
            let pair = answer.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
            assert!(pair.len() <= ATTEMPT.len() + 1 + MAX_ATTEMPT_BYTES, "{}", pair.len());
            let request = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(pair).unwrap())]);
            let back =
                Attempt::of(Sealer::of(&vault), &request, name, now).expect("it is short enough to be read").fields();
            assert!(FIELDS.iter().all(|(name, chars)| back.raw(name).chars().count() == *chars), "{letter}");
            let refusal = opening::judge_person(input(&back), civil_today(now)).unwrap_err();
            let wrong: Vec<String> = refusal.bad_fields().into_iter().map(|(pointer, _)| pointer).collect();
            assert_eq!(wrong, ["/name", "/id_number", "/phone"], "{letter}");
        }
    }

    #[test]
    fn all_cookies_of_a_family_of_five_fit_into_one_header_of_a_usual_proxy() {
        let vault = Vault::from_secret(&[7; 32]);
        let now: DateTime<Utc> = "2026-11-24T04:00:00Z".parse().unwrap();
        let person = PersonKey([1; 16]);
        let fields = Fields::read(kept_form::samples::longest().as_bytes()).unwrap();
        let refused = AttemptMet::Refused(TooMany::Writes { a_second: 10, retry_s: u32::MAX }.into());
        let mut answer = Attempt::new(&fields.clone().with("name", "\u{20bb7}".repeat(500)), refused).shown(
            Sealer::of(&vault),
            now,
            "/x",
        );
        let set = answer.headers_mut();
        let path = format!("/book?hall={}", "x".repeat(200));
        assert!(Kept { person, path, fields, met: Met::Judged }.keep(Sealer::of(&vault), now, KEPT_MINUTES, set));
        let long = "x".repeat(MAX_NAME_BYTES);
        let (hall, lane) = (HallId::intern(&long).unwrap(), LaneId::intern(&long).unwrap());
        let mut known = Known::default();
        for number in 0..20 {
            known.remember(AppointmentId(Uuid::from_u128(number)), Slot { hall, lane, ..samples::held().slot }, true);
        }
        known.keep(Sealer::of(&vault), person, set, &Known::default());
        let id_number = IdNumber::parse("330106200002299998", civil_today(now)).unwrap();
        let signed_in = Applicant { name: "\u{20bb7}".repeat(64), id_number, phone: "13900000000".into() };
        let token = session_token::seal(Sealer::of(&vault), &signed_in, session_token::end_of(now), None);
        cookies::keep(set, cookies::SESSION, &token);
        cookies::keep(set, cookies::VISITOR, &fresh_name());
        cookies::keep_language(set, "zh-CN");
        cookies::keep_area(set, "\u{5b57}\u{5b57}\u{5b57}\u{5b57}\u{5b57}");
        let pairs = set.get_all(SET_COOKIE).iter().map(|set| set.to_str().unwrap().split(';').next().unwrap());
        let pairs: Vec<&str> = pairs.collect();
        assert!(pairs.len() == 9 && pairs.iter().all(|pair| !pair.ends_with('=')), "none is forgotten: {pairs:?}");
        let line = pairs.join("; ");
        assert!(line.len() < 8_000, "{}", line.len());
    }
}
