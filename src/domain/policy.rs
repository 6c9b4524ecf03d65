//! Why a date or a band can or cannot be booked: rules 1 to 5 of the contract, as one function each.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};

use super::appointment::{Action, Appointment};
use super::calendar::Calendar;
use super::hall::Hall;
use super::rejection::Rejection;
use super::schedule::{Band, Opening, opening};
use super::wall::{WallTime, days_after, instant_of};

/// The rules' numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// No band starts before this hall-local time.
    pub earliest_start: WallTime,
    /// How many days after today the first bookable date is, at least 1.
    pub min_days_ahead: u32,
    /// How many days after today the last bookable date is.
    pub window_days: u32,
    /// The hall-local time at which the last day of the window opens.
    pub release_time: WallTime,
    /// How long a hold keeps its place, in minutes.
    pub hold_minutes: u32,
    /// How much longer a hold keeps its place once it has been extended, in minutes; 0 if no hold is extended.
    pub hold_extension_minutes: u32,
    /// How many applicants a party may have.
    pub max_party: u32,
    /// How many active appointments one booking person may have made.
    pub max_active: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            earliest_start: WallTime::hm(8, 30),
            min_days_ahead: 1,
            window_days: 30,
            release_time: WallTime::hm(0, 0),
            hold_minutes: 10,
            hold_extension_minutes: 5,
            max_party: 5,
            max_active: 5,
        }
    }
}

/// Today in the hall's zone at an instant.
#[must_use]
pub fn today(hall: &Hall, now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&hall.zone).date_naive()
}

/// Whether a date can be booked in a hall at an instant, where `bands` are the bands of the lane on that date.
///
/// # Errors
/// The first rule that says no, in the order past, same day, window, release, holiday or closed.
pub fn judge_day(
    policy: &Policy,
    hall: &Hall,
    calendar: &Calendar,
    bands: &[Band],
    date: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), Rejection> {
    let local = now.with_timezone(&hall.zone);
    let today = local.date_naive();
    let earliest = days_after(today, policy.min_days_ahead);
    let last = days_after(today, policy.window_days);
    if date < today {
        return Err(Rejection::Past);
    }
    if date < earliest {
        return Err(Rejection::SameDay { earliest });
    }
    if date > last {
        return Err(Rejection::BeyondWindow { last });
    }
    if date == last {
        // By the instant, because a clock that is put back shows a time twice, and what has opened stays open. Where
        // the clock jumps over the release time there is no such instant, and the wall time after the jump opens it.
        let opens_at = instant_of(hall.zone, today, policy.release_time);
        let released = opens_at.map_or(WallTime::of(&local) >= policy.release_time, |opens_at| now >= opens_at);
        if !released {
            return Err(Rejection::NotReleased { opens_at });
        }
    }
    match opening(hall, calendar, date) {
        Opening::Holiday(name) => Err(Rejection::Holiday { name: name.to_owned() }),
        Opening::Closed(reason) => Err(Rejection::Closed { reason: reason.map(str::to_owned) }),
        Opening::Open(_) if bands.is_empty() => Err(Rejection::Closed { reason: None }),
        Opening::Open(_) => Ok(()),
    }
}

/// The band that starts at `start`.
///
/// # Errors
/// [`Rejection::NoSuchBand`] where the lane has none on that date.
pub fn judge_band(bands: &[Band], start: WallTime) -> Result<usize, Rejection> {
    bands.binary_search_by_key(&start, |band| band.start).map_err(|_| Rejection::NoSuchBand)
}

/// Whether an appointment that starts at `starts_at` may still be cancelled or moved at an instant: until the band starts.
#[must_use]
pub fn still_changeable(starts_at: DateTime<FixedOffset>, now: DateTime<Utc>) -> bool {
    now < starts_at
}

/// Within how many seconds a check-in or a serving is taken back by who did it.
pub const UNDO_SECONDS: i64 = 60;

/// Today where an appointment is. If a reload has taken its hall out, its start still knows the offset there.
#[must_use]
pub fn today_at(appointment: &Appointment, hall: Option<&Hall>, now: DateTime<Utc>) -> NaiveDate {
    hall.map_or_else(|| now.with_timezone(appointment.starts_at.offset()).date_naive(), |hall| today(hall, now))
}

/// Whether a desk may say of an appointment that the applicant is here, was served or did not come: on its day, and a
/// no-show once the band has begun. `hall` is the hall of the appointment, if it is configured.
///
/// # Errors
/// [`Rejection::NotOnItsDay`], [`Rejection::NotBegun`].
pub fn judge_attendance(
    appointment: &Appointment,
    hall: Option<&Hall>,
    action: Action,
    now: DateTime<Utc>,
) -> Result<(), Rejection> {
    let (date, today) = (appointment.slot.date, today_at(appointment, hall, now));
    if date != today {
        return Err(Rejection::NotOnItsDay { date, today, action });
    }
    if action == Action::MarkNoShow && now < appointment.starts_at {
        return Err(Rejection::NotBegun { begins: appointment.starts_at, action });
    }
    Ok(())
}

/// Whether a no-show may still be taken back: until the end of the day after it was marked, or after the appointment if
/// that is later, by the calendar of its hall.
///
/// # Errors
/// [`Rejection::NoShowStands`].
pub fn judge_undo_of_no_show(no_show: &Appointment, hall: Option<&Hall>, now: DateTime<Utc>) -> Result<(), Rejection> {
    let marked = today_at(no_show, hall, no_show.updated_at);
    let last = days_after(marked.max(no_show.slot.date), 1);
    if today_at(no_show, hall, now) > last { Err(Rejection::NoShowStands { last }) } else { Ok(()) }
}

/// Whether a check-in or a serving that was done at an instant may still be taken back.
///
/// # Errors
/// [`Rejection::UndoTooLate`], in the offset of the appointment.
pub fn judge_undo(done: &Appointment, done_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Rejection> {
    let until = done_at + TimeDelta::seconds(UNDO_SECONDS);
    let told = || Rejection::UndoTooLate { until: until.with_timezone(done.starts_at.offset()) };
    (now <= until).then_some(()).ok_or_else(told)
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;

    use super::super::schedule::tests::{Scene, date};
    use super::*;

    const OPEN: [&str; 7] = ["09:00-11:00"; 7];

    /// Judges a day in a scene. `now` is an instant with any offset: what counts is the wall time in the hall.
    fn judge(policy: &Policy, scene: &Scene, now: &str, day: &str) -> Result<(), Rejection> {
        let now = now.parse::<DateTime<FixedOffset>>().unwrap().with_timezone(&Utc);
        judge_day(policy, &scene.hall, &scene.calendar(), &scene.bands(date(day)), date(day), now)
    }

    /// The code of the rejection, or `ok`.
    fn code(policy: &Policy, scene: &Scene, now: &str, day: &str) -> &'static str {
        judge(policy, scene, now, day).map_or_else(|rejection| rejection.code(), |()| "ok")
    }

    fn instant(text: &str) -> DateTime<FixedOffset> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_becomes_same_day_at_midnight_in_the_hall() {
        let check = |zone: &str, now: &str, day: &str, expected: &str| {
            assert_eq!(code(&Policy::default(), &Scene::new(zone, OPEN), now, day), expected, "{zone} {now} {day}");
        };
        // Midnight in Shanghai is 16:00 UTC, when the date in UTC has not changed.
        check("Asia/Shanghai", "2026-11-23T15:59:59.999Z", "2026-11-24", "ok");
        check("Asia/Shanghai", "2026-11-23T16:00:00.000Z", "2026-11-24", "same_day");
        check("Asia/Shanghai", "2026-11-23T16:00:00.000Z", "2026-11-23", "past");
        check("Asia/Shanghai", "2026-11-23T15:59:59.999Z", "2026-11-23", "same_day");
        check("Asia/Shanghai", "2026-11-23T16:00:00.000Z", "2026-11-25", "ok");
        // The same instants given with other offsets.
        check("Asia/Shanghai", "2026-11-23T10:59:59.999-05:00", "2026-11-24", "ok");
        check("Asia/Shanghai", "2026-11-24T00:00:00.000+08:00", "2026-11-24", "same_day");
        // Two hours later in Urumqi.
        check("Asia/Urumqi", "2026-11-23T16:00:00.000Z", "2026-11-24", "ok");
        check("Asia/Urumqi", "2026-11-23T17:59:59.999Z", "2026-11-24", "ok");
        check("Asia/Urumqi", "2026-11-23T18:00:00.000Z", "2026-11-24", "same_day");
        check("Asia/Urumqi", "2026-11-23T18:00:00.000Z", "2026-11-23", "past");
        // In New York the date in UTC is already the next one: 05:00 UTC in winter, 04:00 in summer.
        check("America/New_York", "2026-11-24T04:59:59.999Z", "2026-11-24", "ok");
        check("America/New_York", "2026-11-24T05:00:00.000Z", "2026-11-24", "same_day");
        check("America/New_York", "2026-11-24T04:59:59.999Z", "2026-11-23", "same_day");
        check("America/New_York", "2026-11-24T05:00:00.000Z", "2026-11-23", "past");
        check("America/New_York", "2026-07-24T03:59:59.999Z", "2026-07-24", "ok");
        check("America/New_York", "2026-07-24T04:00:00.000Z", "2026-07-24", "same_day");
        // Year's end and leap day.
        check("Asia/Shanghai", "2026-12-31T23:59:59.999+08:00", "2027-01-01", "ok");
        check("Asia/Shanghai", "2027-01-01T00:00:00.000+08:00", "2027-01-01", "same_day");
        check("Asia/Shanghai", "2027-01-01T00:00:00.000+08:00", "2026-12-31", "past");
        check("Asia/Shanghai", "2028-02-28T23:59:59.999+08:00", "2028-02-29", "ok");
        check("Asia/Shanghai", "2028-02-29T00:00:00.000+08:00", "2028-02-29", "same_day");
        check("Asia/Shanghai", "2028-02-29T12:00:00.000+08:00", "2028-03-01", "ok");
    }

    #[test]
    fn today_is_the_date_in_the_hall() {
        let today =
            |zone: &str| today(&Scene::new(zone, OPEN).hall, instant("2026-11-23T20:00:00Z").to_utc()).to_string();
        let found = ["Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin", "America/New_York"].map(today);
        assert_eq!(found, ["2026-11-24", "2026-11-24", "2026-11-23", "2026-11-23"]);
    }

    #[test]
    fn the_window_has_two_edges() {
        let check = |ahead: u32, window: u32, day: &str, expected: &str| {
            let policy = Policy { min_days_ahead: ahead, window_days: window, ..Policy::default() };
            let scene = Scene::new("Asia/Shanghai", OPEN);
            assert_eq!(code(&policy, &scene, "2026-11-23T12:00:00+08:00", day), expected, "{ahead} {window} {day}");
        };
        check(1, 30, "2026-11-24", "ok");
        check(1, 30, "2026-12-23", "ok");
        check(1, 30, "2026-12-24", "beyond_window");
        check(1, 30, "9999-12-31", "beyond_window");
        check(1, 1, "2026-11-24", "ok");
        check(1, 1, "2026-11-25", "beyond_window");
        check(3, 30, "2026-11-22", "past");
        check(3, 30, "2026-11-23", "same_day");
        check(3, 30, "2026-11-24", "same_day");
        check(3, 30, "2026-11-25", "same_day");
        check(3, 30, "2026-11-26", "ok");
        check(3, 3, "2026-11-26", "ok");
        check(3, 3, "2026-11-27", "beyond_window");
        check(1, u32::MAX, "9999-12-31", "ok");
    }

    #[test]
    fn a_rejection_says_which_dates_can_be_booked() {
        let policy = Policy { min_days_ahead: 3, ..Policy::default() };
        let judge = |day| judge(&policy, &Scene::new("Asia/Shanghai", OPEN), "2026-11-23T12:00:00+08:00", day);
        assert_eq!(judge("2026-11-24"), Err(Rejection::SameDay { earliest: date("2026-11-26") }));
        assert_eq!(judge("2027-01-01"), Err(Rejection::BeyondWindow { last: date("2026-12-23") }));
    }

    #[test]
    fn the_last_day_of_the_window_opens_at_the_release_time() {
        let check = |release: &str, now: &str, day: &str, expected: &str| {
            let policy = Policy { release_time: release.parse().unwrap(), ..Policy::default() };
            assert_eq!(code(&policy, &Scene::new("Asia/Shanghai", OPEN), now, day), expected, "{release} {now} {day}");
        };
        check("08:00", "2026-11-23T07:59:59.999+08:00", "2026-12-23", "not_released");
        check("08:00", "2026-11-23T08:00:00.000+08:00", "2026-12-23", "ok");
        check("08:00", "2026-11-23T08:00:00.001+08:00", "2026-12-23", "ok");
        check("08:00", "2026-11-23T00:00:00.000+08:00", "2026-12-23", "not_released");
        check("08:00", "2026-11-22T23:59:59.999+08:00", "2026-12-23", "beyond_window");
        check("08:00", "2026-11-23T07:59:59.999+08:00", "2026-12-22", "ok");
        check("08:00", "2026-11-23T00:00:00.000Z", "2026-12-23", "ok");
        check("08:00", "2026-11-22T23:59:59.999Z", "2026-12-23", "not_released");
        check("00:00", "2026-11-22T23:59:59.999+08:00", "2026-12-23", "beyond_window");
        check("00:00", "2026-11-23T00:00:00.000+08:00", "2026-12-23", "ok");
        check("00:00", "2026-11-23T00:00:00.001+08:00", "2026-12-23", "ok");
        check("23:59", "2026-11-23T23:58:59.999+08:00", "2026-12-23", "not_released");
        check("23:59", "2026-11-23T23:59:00.000+08:00", "2026-12-23", "ok");

        let policy = Policy { release_time: WallTime::hm(8, 0), ..Policy::default() };
        let found = judge(&policy, &Scene::new("Asia/Shanghai", OPEN), "2026-11-22T23:00:00Z", "2026-12-23");
        assert_eq!(found, Err(Rejection::NotReleased { opens_at: Some(instant("2026-11-23T08:00:00+08:00")) }));
    }

    #[test]
    fn a_clock_change_opens_the_last_day_once() {
        let policy = Policy { release_time: WallTime::hm(2, 30), ..Policy::default() };
        let scene = Scene::new("Europe/Berlin", OPEN);
        let check = |now: &str, day: &str, expected: &str| {
            assert_eq!(code(&policy, &scene, now, day), expected, "{now} {day}");
        };
        // On 25 October the hour from 02:00 comes twice; what the first 02:30 has opened stays open.
        check("2026-10-25T02:29:59.999+02:00", "2026-11-24", "not_released");
        check("2026-10-25T02:30:00+02:00", "2026-11-24", "ok");
        check("2026-10-25T02:59:59.999+02:00", "2026-11-24", "ok");
        check("2026-10-25T02:00:00+01:00", "2026-11-24", "ok");
        check("2026-10-25T02:30:00+01:00", "2026-11-24", "ok");
        check("2026-10-25T03:00:00+01:00", "2026-11-24", "ok");
        // On 29 March there is no 02:30; the day opens when the clock jumps over it.
        check("2026-03-29T01:59:59.999+01:00", "2026-04-28", "not_released");
        check("2026-03-29T03:00:00+02:00", "2026-04-28", "ok");
        let early = judge(&policy, &scene, "2026-03-29T01:00:00+01:00", "2026-04-28");
        assert_eq!(early, Err(Rejection::NotReleased { opens_at: None }));
        // Days are counted by the calendar, not by 24 hours: that day has 23.
        check("2026-03-28T23:59:59.999+01:00", "2026-03-29", "ok");
        check("2026-03-29T00:00:00+01:00", "2026-03-29", "same_day");
        check("2026-03-29T23:59:59.999+02:00", "2026-03-30", "ok");
        check("2026-03-30T00:00:00+02:00", "2026-03-30", "same_day");
    }

    #[test]
    fn holidays_make_up_days_and_exceptions_are_judged_as_they_are_shown() {
        let week = ["09:00-11:00", "", "09:00-11:00", "09:00-11:00", "09:00-11:00", "", "09:00-11:00"];
        let scene = Scene::new("Asia/Shanghai", week)
            .holiday("2026-11-25", "a Wednesday")
            .holiday("2026-11-29", "a Sunday")
            .holiday("2026-11-26", "opened")
            .open("2026-11-26", "14:00-15:00")
            .closed("2026-11-27", Some("repairs"))
            .workday("2026-11-28", Weekday::Mon)
            .workday("2026-12-05", Weekday::Tue)
            .workday("2026-12-12", Weekday::Mon)
            .closed("2026-12-12", None)
            .open("2026-12-14", "09:00-09:30");
        let check = |day: &str, expected: Result<(), Rejection>| {
            assert_eq!(judge(&Policy::default(), &scene, "2026-11-23T12:00:00+08:00", day), expected, "{day}");
        };
        let holiday = |name: &str| Err(Rejection::Holiday { name: name.to_owned() });
        check("2026-11-24", Err(Rejection::Closed { reason: None }));
        check("2026-11-25", holiday("a Wednesday"));
        check("2026-11-26", Ok(()));
        check("2026-11-27", Err(Rejection::Closed { reason: Some("repairs".to_owned()) }));
        check("2026-11-28", Ok(()));
        check("2026-11-29", holiday("a Sunday"));
        check("2026-12-05", Err(Rejection::Closed { reason: None }));
        check("2026-12-06", Ok(()));
        check("2026-12-12", Err(Rejection::Closed { reason: None }));
        // The hall is open, but for less than one band.
        check("2026-12-14", Err(Rejection::Closed { reason: None }));
    }

    #[test]
    fn the_order_of_judgement() {
        // Every day is also a holiday, so each rule shows only where none before it says no.
        let mut scene = Scene::new("Asia/Shanghai", OPEN);
        for day in date("2026-11-20").iter_days().take(60) {
            scene = scene.holiday(&day.to_string(), "x");
        }
        let policy = Policy { min_days_ahead: 2, release_time: WallTime::hm(8, 0), ..Policy::default() };
        let check = |now: &str, day: &str, expected: &str| {
            assert_eq!(code(&policy, &scene, now, day), expected, "{now} {day}");
        };
        check("2026-11-23T07:00:00+08:00", "2026-11-22", "past");
        check("2026-11-23T07:00:00+08:00", "2026-11-23", "same_day");
        check("2026-11-23T07:00:00+08:00", "2026-11-24", "same_day");
        check("2026-11-23T07:00:00+08:00", "2026-12-24", "beyond_window");
        check("2026-11-23T07:00:00+08:00", "2026-12-23", "not_released");
        check("2026-11-23T08:00:00+08:00", "2026-12-23", "holiday");
        check("2026-11-23T07:00:00+08:00", "2026-11-25", "holiday");
        // A window that ends before it begins: the same day is named before the window.
        let narrow = Policy { min_days_ahead: 3, window_days: 1, ..Policy::default() };
        assert_eq!(code(&narrow, &scene, "2026-11-23T07:00:00+08:00", "2026-11-25"), "same_day");
        // The band comes last: on a closed day there is none to be judged.
        let scene = scene.closed("2026-11-25", None);
        assert_eq!(code(&policy, &scene, "2026-11-23T07:00:00+08:00", "2026-11-25"), "closed");
        assert_eq!(judge_band(&scene.bands(date("2026-11-25")), WallTime::hm(9, 0)), Err(Rejection::NoSuchBand));
    }

    #[test]
    fn a_band_is_asked_for_by_its_start() {
        let scene = Scene::new("Asia/Shanghai", ["08:30-10:30 13:00-14:30"; 7]);
        let bands = scene.bands(date("2026-11-24"));
        let check = |start: &str, expected: Option<usize>| {
            assert_eq!(judge_band(&bands, start.parse().unwrap()), expected.ok_or(Rejection::NoSuchBand), "{start}");
        };
        check("08:30", Some(0));
        check("09:30", Some(1));
        check("13:00", Some(2));
        check("08:29", None);
        check("08:31", None);
        check("10:30", None);
        check("12:00", None);
        check("14:00", None);
        check("00:00", None);
        check("24:00", None);
    }

    #[test]
    fn an_appointment_can_be_changed_until_it_starts() {
        let check = |now: &str, expected: bool| {
            let starts_at = instant("2026-11-24T08:30:00+08:00");
            assert_eq!(still_changeable(starts_at, instant(now).to_utc()), expected, "{now}");
        };
        check("2026-11-24T08:29:59.999+08:00", true);
        check("2026-11-24T00:30:00Z", false);
        check("2026-11-24T08:30:00.001+08:00", false);
    }

    /// An appointment on 2026-11-25 at 08:30 in a hall of this zone.
    fn appointment(zone: &str) -> (Appointment, Hall) {
        let (mut one, hall) = (super::super::appointment::samples::held(), Scene::new(zone, OPEN).hall);
        one.starts_at = instant_of(hall.zone, one.slot.date, one.slot.start).unwrap();
        (one, hall)
    }

    #[test]
    fn a_desk_attends_to_an_appointment_on_its_day_in_its_hall() {
        let check = |zone: &str, action: Action, now: &str, expected: &str| {
            let (one, hall) = appointment(zone);
            for hall in [Some(&hall), None] {
                let said = match judge_attendance(&one, hall, action, instant(now).to_utc()) {
                    Ok(()) => "ok".to_owned(),
                    Err(Rejection::NotOnItsDay { today, action: of, .. }) if of == action => today.to_string(),
                    Err(Rejection::NotBegun { begins, .. }) if begins == one.starts_at => "not begun".to_owned(),
                    Err(other) => panic!("{other}"),
                };
                assert_eq!(said, expected, "{zone} {action:?} {now} {}", hall.is_some());
            }
        };
        for action in [Action::CheckIn, Action::Serve] {
            check("Asia/Shanghai", action, "2026-11-24T23:59:59.999+08:00", "2026-11-24");
            check("Asia/Shanghai", action, "2026-11-25T00:00:00+08:00", "ok");
            check("Asia/Shanghai", action, "2026-11-25T23:59:59.999+08:00", "ok");
            check("Asia/Shanghai", action, "2026-11-26T00:00:00+08:00", "2026-11-26");
            check("Asia/Urumqi", action, "2026-11-25T00:00:00+08:00", "2026-11-24");
            check("Asia/Urumqi", action, "2026-11-26T01:59:59+08:00", "ok");
            check("America/New_York", action, "2026-11-25T04:59:59Z", "2026-11-24");
            check("America/New_York", action, "2026-11-26T04:59:59Z", "ok");
        }
        check("Asia/Shanghai", Action::MarkNoShow, "2026-11-24T08:30:00+08:00", "2026-11-24");
        check("Asia/Shanghai", Action::MarkNoShow, "2026-11-25T08:29:59.999+08:00", "not begun");
        check("Asia/Shanghai", Action::MarkNoShow, "2026-11-25T08:30:00+08:00", "ok");
        check("Asia/Shanghai", Action::MarkNoShow, "2026-11-26T08:30:00+08:00", "2026-11-26");
        check("America/New_York", Action::MarkNoShow, "2026-11-25T13:29:59Z", "not begun");
        check("America/New_York", Action::MarkNoShow, "2026-11-25T13:30:00Z", "ok");
    }

    #[test]
    fn what_was_done_is_taken_back_within_a_minute() {
        let (one, _) = appointment("Asia/Shanghai");
        let done_at = instant("2026-11-25T08:31:00+08:00").to_utc();
        let judge = |now: &str| judge_undo(&one, done_at, instant(now).to_utc());
        assert_eq!(judge("2026-11-25T08:32:00+08:00"), Ok(()));
        // A clock that was put back takes nobody's minute away.
        assert_eq!(judge("2026-11-25T08:00:00+08:00"), Ok(()));
        let until = instant("2026-11-25T08:32:00+08:00");
        assert_eq!(judge("2026-11-25T08:32:00.001+08:00"), Err(Rejection::UndoTooLate { until }));
    }

    #[test]
    fn a_no_show_is_taken_back_until_the_next_day_ends() {
        let check = |zone: &str, marked: &str, now: &str, expected: Option<&str>| {
            let (mut one, hall) = appointment(zone);
            one.updated_at = instant(marked).to_utc();
            let expected = expected.map_or(Ok(()), |last| Err(Rejection::NoShowStands { last: date(last) }));
            for hall in [Some(&hall), None] {
                let said = judge_undo_of_no_show(&one, hall, instant(now).to_utc());
                assert_eq!(said, expected, "{zone} {marked} {now} {}", hall.is_some());
            }
        };
        let on_the_day = "2026-11-25T09:00:00+08:00";
        check("Asia/Shanghai", on_the_day, "2026-11-26T23:59:59.999+08:00", None);
        check("Asia/Shanghai", on_the_day, "2026-11-27T00:00:00+08:00", Some("2026-11-26"));
        // By the calendar of the hall: two hours later in Urumqi.
        check("Asia/Urumqi", "2026-11-25T11:00:00+08:00", "2026-11-27T01:59:59+08:00", None);
        check("Asia/Urumqi", "2026-11-25T11:00:00+08:00", "2026-11-27T02:00:00+08:00", Some("2026-11-26"));
        // Marked late: a day from then. Marked early: until the day after the appointment.
        check("Asia/Shanghai", "2026-12-01T09:00:00+08:00", "2026-12-02T23:59:59+08:00", None);
        check("Asia/Shanghai", "2026-12-01T09:00:00+08:00", "2026-12-03T00:00:00+08:00", Some("2026-12-02"));
        check("Asia/Shanghai", "2026-11-01T09:00:00+08:00", "2026-11-26T23:59:59+08:00", None);
        check("Asia/Shanghai", "2026-11-01T09:00:00+08:00", "2026-11-27T00:00:00+08:00", Some("2026-11-26"));
    }
}
