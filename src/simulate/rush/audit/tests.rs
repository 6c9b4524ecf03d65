use serde_json::json;

use super::*;

fn slot(start: &str) -> SlotName {
    SlotName { hall: "east".into(), date: "2026-12-22".into(), start: start.into() }
}

fn told(id: &str, person: u32, slot: &SlotName, status: &str) -> Value {
    json!({
        "id": id, "status": status, "service": "passport.renewal", "lane": "counter",
        "hall": slot.hall, "date": slot.date, "start": slot.start,
        "applicant": { "name": "虚*", "id_number": masked(&Identity::nth(person).id_number) },
    })
}

fn book(auditor: &Auditor, person: u32, id: &str, at: &SlotName) {
    let party = [Identity::nth(person)];
    let ask = BookingAsk { party: &party, service: "passport.renewal", slot: at, hold: false };
    let heard = Heard { status: 201, body: json!({ "appointments": [told(id, person, at, "booked")] }) };
    assert_eq!(auditor.booked(person, &ask, &heard), [id]);
}

fn new_auditor() -> Auditor {
    let list = json!({"services": [{"id": "passport.renewal", "document": "passport", "lane": "counter"}]});
    Auditor::new(services(&Heard { status: 200, body: list }))
}

/// The day of the slot, as the server tells it: so many taken of so many, and these appointments.
fn day(at: &SlotName, (taken, capacity): (u32, u32), appointments: &[Value]) -> Vec<HallDay> {
    let slots = json!([{"lane": "counter", "start": at.start, "capacity": capacity, "taken": taken}]);
    let told = json!({"slots": slots, "appointments": appointments});
    vec![HallDay { hall: at.hall.clone(), date: at.date.clone(), told }]
}

#[track_caller]
fn complains(auditor: &Auditor, words: &str) {
    let violations = auditor.violations();
    assert!(violations.iter().any(|violation| violation.contains(words)), "{words:?} is not in {violations:?}");
}

#[test]
fn a_right_state_is_right() {
    let (auditor, at) = (new_auditor(), slot("08:30"));
    book(&auditor, 1, "a", &at);
    book(&auditor, 2, "b", &at);
    let cancelled = told("b", 2, &at, "cancelled");
    auditor.changed(2, "b", "cancelled", None, &Heard { status: 200, body: cancelled.clone() });
    let own = told("a", 1, &at, "booked");
    auditor.own_view(1, &Heard { status: 200, body: json!({ "appointments": [own] }) });
    auditor.judge_persons();
    auditor.judge_state(&day(&at, (1, 1), &[own, cancelled]), Whose::TheRuns);
    assert_eq!(auditor.violations(), Vec::<String>::new());
}

/// Two visitors are booked at 08:30; whatever the server then says otherwise must be found.
fn with_two() -> (Auditor, SlotName, [Value; 2]) {
    let (auditor, at) = (new_auditor(), slot("08:30"));
    book(&auditor, 1, "a", &at);
    book(&auditor, 2, "b", &at);
    let both = [told("a", 1, &at, "booked"), told("b", 2, &at, "booked")];
    (auditor, at, both)
}

#[test]
fn a_wrong_state_is_found() {
    let check = |whose: Whose, counts: (u32, u32), spoil: &dyn Fn(&mut Vec<Value>), expected: &str| {
        let (auditor, at, both) = with_two();
        let mut listed = both.to_vec();
        spoil(&mut listed);
        auditor.judge_state(&day(&at, counts, &listed), whose);
        complains(&auditor, expected);
    };
    let nothing = |_: &mut Vec<Value>| {};
    let gone = |listed: &mut Vec<Value>| drop(listed.pop());
    for whose in [Whose::TheRuns, Whose::Shared] {
        check(whose, (2, 1), &nothing, "oversold: 2 of 1");
        check(whose, (1, 5), &nothing, "the server counts 1 taken, its appointments add up to 2");
        check(whose, (1, 5), &gone, "appointment b is gone");
        check(whose, (2, 5), &|listed| listed[1]["status"] = "held".into(), "status is \"held\", expected \"booked\"");
        check(whose, (2, 5), &|listed| listed[1]["lane"] = "kiosk".into(), "lane is \"kiosk\", expected \"counter\"");
        check(whose, (2, 5), &|listed| listed[1]["id"] = "a".into(), "listed twice");
    }
    check(Whose::TheRuns, (3, 5), &nothing, "the server counts 3 taken, its appointments add up to 2");
    let another = |listed: &mut Vec<Value>| listed.push(told("z", 3, &slot("08:30"), "booked"));
    check(Whose::TheRuns, (3, 5), &another, "nobody made appointment z");
    let (auditor, ..) = with_two();
    auditor.judge_state(&[], Whose::TheRuns);
    complains(&auditor, "the server tells nothing of that day");
}

#[test]
fn what_belongs_to_others_is_not_judged() {
    let (auditor, at, [a, b]) = with_two();
    auditor.judge_state(&day(&at, (4, 5), &[a, b, told("z", 3, &at, "booked")]), Whose::Shared);
    // A slot of others that was more than full before, where a capacity was lowered.
    let mut days = day(&at, (2, 2), &with_two().2);
    let others = json!({"lane": "counter", "start": "09:00", "capacity": 5, "taken": 9});
    days[0].told["slots"].as_array_mut().unwrap().push(others);
    auditor.judge_state(&days, Whose::Shared);
    assert_eq!(auditor.violations(), Vec::<String>::new());
}

#[test]
fn nobody_has_two_appointments_for_one_document() {
    let (auditor, ..) = with_two();
    auditor.judge_persons();
    assert_eq!(auditor.violations(), Vec::<String>::new());
    book(&auditor, 1, "c", &slot("09:00"));
    auditor.judge_persons();
    complains(&auditor, "one person has 2 appointments for passport");
}

#[test]
fn an_own_view_that_is_wrong_is_found() {
    let (auditor, at, _) = with_two();
    let seen = |list: &[Value]| Heard { status: 200, body: json!({ "appointments": list }) };
    auditor.own_view(1, &seen(&[told("z", 1, &at, "booked")]));
    complains(&auditor, "does not see appointment a");
    auditor.own_view(2, &seen(&[told("b", 2, &at, "held")]));
    complains(&auditor, "status is \"held\", expected \"booked\"");
    auditor.own_view(2, &seen(&[]));
    complains(&auditor, "made 1 appointments and sees 0");
}

#[test]
fn a_lane_is_that_of_the_list_of_services_and_not_that_of_the_first_answer() {
    let (auditor, at) = (new_auditor(), slot("08:30"));
    let party = [Identity::nth(1)];
    let ask = BookingAsk { party: &party, service: "passport.renewal", slot: &at, hold: false };
    let mut wrong = told("a", 1, &at, "booked");
    wrong["lane"] = "kiosk".into();
    auditor.booked(1, &ask, &Heard { status: 201, body: json!({ "appointments": [wrong] }) });
    complains(&auditor, "lane is \"kiosk\", expected \"counter\"");
    let unlisted = BookingAsk { service: "visa", ..ask };
    auditor.booked(
        1,
        &unlisted,
        &Heard { status: 201, body: json!({ "appointments": [told("b", 1, &at, "booked")] }) },
    );
    complains(&auditor, "visa was booked, and is not in the list of services");
}

#[test]
fn a_hold_may_have_ended_only_when_its_time_has_come() {
    for (expires_at, is_right) in [("2026-11-22T10:00:00+08:00", true), ("2026-11-22T10:10:00+08:00", false)] {
        let (auditor, at) = (new_auditor(), slot("08:30"));
        let party = [Identity::nth(1)];
        let ask = BookingAsk { party: &party, service: "passport.renewal", slot: &at, hold: true };
        let mut held = told("a", 1, &at, "held");
        held["updated_at"] = "2026-11-22T10:00:00+08:00".into();
        held["expires_at"] = expires_at.into();
        auditor.booked(1, &ask, &Heard { status: 201, body: json!({ "appointments": [held] }) });
        let ended = told("a", 1, &at, "expired");
        // The place of a hold that has ended may count a moment longer.
        for taken in [0, 1] {
            auditor.judge_state(&day(&at, (taken, 5), std::slice::from_ref(&ended)), Whose::TheRuns);
        }
        assert_eq!(auditor.violations().is_empty(), is_right, "{:?}", auditor.violations());
    }
}

#[test]
fn of_who_lost_an_answer_nothing_is_expected() {
    let at = slot("08:30");
    let lost = Heard { status: LOST, body: Value::Null };
    let party = [Identity::nth(1)];
    let ask = BookingAsk { party: &party, service: "passport.renewal", slot: &at, hold: false };
    let booked = told("a", 1, &at, "booked");
    for (taken, listed) in [(0, vec![]), (1, vec![booked.clone()])] {
        let auditor = new_auditor();
        assert!(auditor.booked(1, &ask, &lost).is_empty());
        auditor.own_view(1, &Heard { status: 200, body: json!({ "appointments": listed }) });
        auditor.judge_state(&day(&at, (taken, 5), &listed), Whose::TheRuns);
        assert_eq!(auditor.violations(), Vec::<String>::new());
    }
    let auditor = new_auditor();
    book(&auditor, 1, "a", &at);
    auditor.changed(1, "a", "cancelled", None, &lost);
    auditor.judge_state(&day(&at, (0, 5), &[told("a", 1, &at, "cancelled")]), Whose::TheRuns);
    auditor.judge_state(&day(&at, (1, 5), &[booked]), Whose::TheRuns);
    assert_eq!(auditor.violations(), Vec::<String>::new());
}

#[test]
fn the_nearest_hall_stands_first() {
    let auditor = new_auditor();
    let shown = |distances: &[u32]| {
        let halls: Vec<Value> = distances.iter().map(|distance_m| json!({ "distance_m": distance_m })).collect();
        Heard { status: 200, body: json!({ "halls": halls }) }
    };
    auditor.nearest(1, &shown(&[5, 5, 90]));
    assert_eq!(auditor.violations(), Vec::<String>::new());
    auditor.nearest(1, &shown(&[90, 5]));
    complains(&auditor, "was not shown the nearest hall first");
}

#[test]
fn a_slot_may_be_more_than_full_only_where_nothing_more_was_given() {
    let (auditor, at, _) = with_two();
    let shown = |start: &str| {
        let slots = json!([{"start": start, "capacity": 1, "taken": 2, "remaining": 0}]);
        Heard { status: 200, body: json!({"hall": at.hall, "days": [{"date": at.date, "slots": slots}]}) }
    };
    auditor.slots(9, &shown("09:00"));
    assert_eq!(auditor.violations(), Vec::<String>::new());
    auditor.slots(9, &shown("08:30"));
    complains(&auditor, "oversold");
}

#[test]
fn refusals_are_judged_too() {
    let (party, at) = ([Identity::nth(1)], slot("08:30"));
    let ask = BookingAsk { party: &party, service: "passport.renewal", slot: &at, hold: false };
    let refused = |status, code: &str| Heard { status, body: json!({ "code": code }) };
    let auditor = new_auditor();
    for (status, code) in [(409, "slot_full"), (422, "not_released"), (429, "too_many_requests"), (LOST, "")] {
        assert!(auditor.booked(1, &ask, &refused(status, code)).is_empty());
    }
    assert_eq!(auditor.violations(), Vec::<String>::new());
    auditor.served(1, "a session", &refused(LOST, ""));
    auditor.own_view(1, &refused(429, "too_many_requests"));
    assert_eq!(auditor.violations(), Vec::<String>::new());
    auditor.served(1, "a session", &refused(422, "invalid_field"));
    complains(&auditor, "refused a session with 422 invalid_field");
    let shown = |remaining| json!({"days": [{"slots": [{"capacity": 5, "taken": 2, "remaining": remaining}]}]});
    auditor.slots(2, &Heard { status: 200, body: shown(3) });
    assert_eq!(auditor.violations().len(), 1);
    auditor.slots(2, &Heard { status: 200, body: shown(4) });
    complains(&auditor, "does not add up");
    auditor.booked(1, &ask, &refused(500, "internal"));
    complains(&auditor, "500 internal");
    auditor.booked(1, &ask, &refused(409, "already_booked"));
    complains(&auditor, "already_booked");
    auditor.repeated(1, &refused(409, "slot_full"), &refused(201, ""));
    complains(&auditor, "sent a call twice");
}
