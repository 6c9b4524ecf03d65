//! The texts in English.

use super::super::figures::Figure;
use super::super::notation::{Units, count, percent, wait};
use super::super::outcome::{Change, End};
use super::super::verdict::Facts;
use super::{AnswerClasses, BandNote, Language, VerdictNames, Words};

pub(in crate::simulate) const ENGLISH: Words = Words {
    language: Language::English,
    own_name: "English",

    units: Units { ms: "ms", s: "s", min: "min", points: "pp" },
    none: "–",
    comma: ", ",

    kind: "Simulation of a peak day",
    opening_day: |date| format!("the day that opens is {date}"),
    contents: "On this page",
    verdict,
    verdict_names: VerdictNames {
        wrong: "Wrong answers",
        partial: "Partial result",
        strained: "Halls are short",
        fine: "All is well",
    },
    partial: "partial",
    interrupted: |after| {
        format!("The run was interrupted {after} into the release minute. All numbers are those until then.")
    },
    server_lost: |after, reason| {
        format!("The server was lost {after} into the release minute ({reason}). All numbers are those until then.")
    },

    figures: "Key figures",
    advice: "What to change",
    what_if: "Today beside the draft",
    rush: "The release minute",
    day: "The day itself",
    audit: "The auditor",
    about: "About this run",

    figure,
    came_of: |visitors| format!("of {visitors} who were to come"),
    taken_of: |places| format!("of {places} on the day that opens"),

    rush_intro: "Visitors arrive around the moment in which the day opens. Time counts from that moment.",
    rush_empty: "No second of the release minute was measured.",
    requests: "Requests a second",
    bookings: "Bookings and holds a second",
    requests_in: |count| format!("{count} requests"),
    bookings_in: |count| format!("{count} bookings"),
    day_opens: "day opens",
    since_opening: "seconds since the day opened",
    peak: |value, at| format!("most: {value}, at {at}"),
    latency: "How long answers took",
    latency_note: "Logarithmic scale: each line up is ten times longer. p95: 95 of 100 requests were answered faster.",
    median: "median",
    longest: "longest",
    places_left: "Places left on the day that opens",
    gone_after: |duration| format!("all gone after {duration}"),
    left_at_end: |count| format!("{count} left"),
    answers: "Answers by code",
    answers_note: "Refusals are answers too: a visitor who comes too late is told so at once.",
    calls: "Latency by kind of call",
    call,
    call_head: "call",
    as_table: "The same second by second, as a table",
    second: "second",
    status: "status",
    answer: "answer",
    times: "times",
    of_all: "of all",
    classes: AnswerClasses { success: "success", refusal: "refusal", fault: "fault", lost: "no answer" },

    day_intro: "The halls on that day, simulated from the bookings made: people come early or late or not at all, others \
                come without a booking, and desks take the time that each service takes.",
    day_empty: "The day itself was not simulated.",
    lane: |lane| match lane {
        "counter" => Some("counters"),
        "kiosk" => Some("kiosks"),
        _ => None,
    },
    heat_booked: "Booked places in percent of capacity",
    heat_wait: "Wait in minutes, 90th percentile",
    heat_queue: "Longest queue, people",
    heat_busy: "Time that desks were busy, in percent",
    heat_key: "Scale",
    nobody: "nobody came",
    band_note,
    halls: "Hall by hall",
    hall: "hall",
    lane_head: "lane",
    desks: "desks",
    booked_share: "booked",
    came: "came",
    no_shows: "no-shows",
    walk_ins: "walk-ins",
    wait_mean: "mean wait, min",
    wait_p90: "p90 wait, min",
    wait_p90_explained: "p90: nine in ten people wait at most so long.",
    queue_max: "longest queue",
    busy: "desks busy",
    done: "last one done",
    after_closing: |minutes| format!("{minutes} min after closing"),

    what_if_intro: |today, draft| {
        format!("The draft (version {draft}) was played with the same seed as today's configuration (version {today}).")
    },
    today: "today",
    draft: "draft",
    difference: "difference",
    better: "better",
    worse: "worse",
    key_figure: "figure",
    wait_by_hall: "Wait by hall, 90th percentile in minutes",
    heat_wait_draft: "Wait in minutes with the draft, 90th percentile",

    advice_none: "Nothing: no hall is short of places or desks, and none has much to spare.",
    advice_note: "Most urgent first.",
    advice_more: |pieces| format!("{pieces} more, less urgent"),
    every_band: "all day",
    advice_kind: |change| match change {
        Change::MorePlaces { .. } => "Short of places",
        Change::MoreDesks { .. } => "Short of desks",
        Change::FewerDesks { .. } => "Desks to spare",
        Change::SparePlaces { .. } => "Places to spare",
    },
    advice_text,

    audit_clean: "Every answer and the whole state of the server were right: no band over its capacity, nobody twice, \
                  and every visitor's own view equal to the server's.",
    audit_answers: "Every answer was right, nobody was booked twice, and every visitor's own view was equal to the server's. \
                    Only what visitors see was audited: with --admin-token-file the whole state of the server is judged too.",
    audit_partial: "No answer was wrong as far as the run came. The state at its end could not be judged as a whole.",
    audit_found: |found, seed| {
        let things = if found == 1 { "1 violation".to_owned() } else { format!("{found} violations") };
        format!("The auditor found {things}. Seed {seed} plays the same run again.")
    },

    scenario: "Scenario",
    city: "City",
    seed: "Seed",
    visitors: "Visitors",
    version: "Version of the configuration",
    version_draft: "Version of the draft",
    server: "Server",
    repeat: "Run it again",
};

fn verdict(facts: &Facts) -> String {
    let of = if *facts.end == End::Finished { facts.visitors } else { facts.came };
    let served = format!("{} of {} visitors got a place", count(facts.served), count(of));
    let audit = match (facts.oversold, facts.violations) {
        (0, 0) => "nothing was oversold".to_owned(),
        (0, 1) => "the auditor found 1 violation".to_owned(),
        (0, found) => format!("the auditor found {found} violations"),
        (1, _) => "1 place was given twice".to_owned(),
        (places, _) => format!("{} places were given twice", count(places)),
    };
    let halls = match (facts.halls, facts.halls_short) {
        (0, _) => "the day itself was not simulated".to_owned(),
        (_, 0) => "all halls coped".to_owned(),
        (1, _) => "the hall was short of places or desks".to_owned(),
        (all, 1) => format!("1 of {all} halls was short of places or desks"),
        (all, short) => format!("{short} of {all} halls were short of places or desks"),
    };
    let early = if *facts.end == End::Finished { "" } else { "So far, " };
    format!("{early}{served}, {audit}, and {halls}.")
}

fn figure(figure: Figure) -> &'static str {
    match figure {
        Figure::Came => "Visitors who came",
        Figure::Served => "Visitors with a place",
        Figure::TurnedAway => "Visitors who found no place",
        Figure::Taken => "Places taken",
        Figure::TakenShare => "Share of places taken",
        Figure::GoneAfter => "All places gone after",
        Figure::PeakRequests => "Requests in the busiest second",
        Figure::PeakBookings => "Bookings in the busiest second",
        Figure::BookingP99 => "Time of a booking, p99",
        Figure::Faults => "Faults of the server",
        Figure::Arrived => "Booked people who came",
        Figure::NoShows => "No-shows",
        Figure::WalkIns => "Walk-ins",
        Figure::WaitMean => "Mean wait",
        Figure::WaitWorst => "Wait in the slowest lane, p90",
        Figure::QueueMax => "People in the longest queue",
        Figure::Utilisation => "Time that desks were busy",
        Figure::Overtime => "Last one done after closing",
    }
}

fn call(call: &str) -> Option<&'static str> {
    Some(match call {
        "session" => "open a session",
        "halls" => "nearest halls",
        "slots" => "look at days",
        "recommendations" => "recommendations",
        "page" => "look at a page",
        "book" => "book",
        "hold" => "hold",
        "confirm" => "confirm",
        "cancel" => "cancel",
        "reschedule" => "move",
        "read" => "own appointments",
        _ => return None,
    })
}

fn band_note(note: &BandNote) -> String {
    let BandNote { start, booked, capacity, queue, busy, .. } = note;
    let waits = match (&note.wait_mean, &note.wait_p90) {
        (Some(mean), Some(p90)) => format!("mean wait {mean} min, p90 {p90} min"),
        _ => ENGLISH.nobody.to_owned(),
    };
    format!("{start}: {booked} of {capacity} booked, {waits}, longest queue {queue}, desks busy {busy}")
}

fn advice_text(change: &Change, lane: &str) -> String {
    let (one, many) = match lane {
        "counter" => ("counter", "counters"),
        "kiosk" => ("kiosk", "kiosks"),
        _ => ("desk", "desks"),
    };
    match *change {
        Change::MorePlaces { places, desks, in_time, turned_away } => {
            let away = plural(turned_away, "person was", "people were");
            let enough = match places {
                1 => "1 place more in each band is".to_owned(),
                more => format!("{} places more in each band are", count(more.into())),
            };
            let able = match (desks, in_time) {
                (0, _) => format!("The {many} of today serve them in time."),
                (_, 0) => format!(
                    "That takes {} more; the {many} of today serve none more in time.",
                    plural(desks, one, many)
                ),
                _ => format!(
                    "That takes {} more; the {many} of today serve {} more in each band in time.",
                    plural(desks, one, many),
                    count(in_time.into())
                ),
            };
            format!("{away} turned away here: {enough} enough for all. {able}")
        }
        Change::MoreDesks { desks, wait_p90_min, then_p90_min } => format!(
            "Open {} more: nine in ten then wait at most {} minutes instead of {}.",
            plural(desks, one, many),
            wait(then_p90_min),
            wait(wait_p90_min),
        ),
        Change::FewerDesks { desks, utilisation } => format!(
            "{} fewer would do: the {many} are busy {} of the time.",
            plural(desks, one, many),
            percent(utilisation),
        ),
        Change::SparePlaces { places } => {
            format!("{} free: room for visitors of other halls.", plural(places, "place stayed", "places stayed"))
        }
    }
}

fn plural(number: u32, one: &str, many: &str) -> String {
    format!("{} {}", count(number.into()), if number == 1 { one } else { many })
}
