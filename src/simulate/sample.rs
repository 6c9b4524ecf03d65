//! A made-up run of some size for tests of what is shown: 15 halls, 14 bands, 60 seconds.
//!
//! Numbers follow simple curves, so a test can say what it expects without drawing chances.

use super::outcome::{
    Advice, Answers, Audited, BandDay, CallLatency, Change, End, HallDay, LaneDay, Outcome, PlacesLeft, Played, Rush,
    Second,
};
use crate::domain::localized::Localized;
use crate::domain::wall::WallTime;

const HALLS: [(&str, &str, &str, f64); 15] = [
    ("shi", "杭州市公安局出入境接待大厅", "Hangzhou Exit-Entry Reception Hall (municipal)", 1.0),
    ("xiaoshan", "萧山区公安出入境窗口(萧山区政务服务中心)", "Xiaoshan District exit-entry window", 0.97),
    ("yuhang", "余杭区公安出入境窗口", "Yuhang District exit-entry window", 0.9),
    ("shangcheng", "上城区公安出入境窗口(山南基金小镇分中心)", "Shangcheng District exit-entry window", 1.0),
    ("xihu", "西湖区公安出入境窗口", "Xihu District exit-entry window", 1.0),
    ("gongshu", "拱墅区公安出入境窗口", "Gongshu District exit-entry window", 0.85),
    ("linping", "临平区公安出入境窗口", "Linping District exit-entry window", 0.7),
    ("binjiang", "滨江区公安出入境窗口", "Binjiang District exit-entry window", 0.95),
    ("qiantang", "钱塘区公安分局出入境接待大厅", "Qiantang District exit-entry hall", 0.6),
    ("fuyang", "富阳区公安出入境窗口", "Fuyang District exit-entry window", 0.5),
    ("linan", "临安区公安出入境窗口", "Lin'an District exit-entry window", 0.42),
    ("tonglu", "桐庐县公安出入境窗口", "Tonglu County exit-entry window", 0.35),
    ("chunan", "淳安县公安出入境窗口", "Chun'an County exit-entry window", 0.2),
    ("jiande", "建德市公安出入境窗口", "Jiande City exit-entry window", 0.25),
    ("scenic", "西湖风景名胜区公安出入境窗口", "West Lake Scenic Area exit-entry window", 0.1),
];
const BANDS: [&str; 14] = [
    "08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "13:30", "14:00", "14:30", "15:00", "15:30",
    "16:00", "16:30",
];
/// How busy the bands are beside each other.
const PROFILE: [f64; 14] = [1.0, 1.1, 1.05, 1.0, 0.85, 0.6, 0.4, 1.0, 0.95, 0.8, 0.7, 0.5, 0.4, 0.2];

/// A name in both languages.
pub(super) fn named(chinese: &str, english: &str) -> Localized {
    Localized::new([("zh-CN".to_owned(), chinese.to_owned()), ("en".to_owned(), english.to_owned())].into())
}

/// A whole run with a draft beside it, three pieces of advice and nothing wrong.
pub(super) fn outcome() -> Outcome {
    Outcome {
        scenario: "peak-day".into(),
        title: named("杭州高峰日", "Peak day in Hangzhou"),
        city: "杭州".into(),
        seed: 20_261_222,
        visitors: 8_000,
        day: "2026-12-22".parse().unwrap(),
        server: "own server".into(),
        command: "hallpass simulate --scenario config/scenarios/peak-day.toml --visitors 8000 --seed 20261222".into(),
        end: End::Finished,
        today: played("7e0cdafa03ef", 1.0),
        what_if: Some(draft()),
        advice: advice(),
    }
}

fn advice() -> Vec<Advice> {
    let piece = |hall: usize, lane: &str, bands: &[&str], change| Advice {
        hall: HALLS[hall].0.into(),
        name: named(HALLS[hall].1, HALLS[hall].2),
        lane: lane.into(),
        bands: bands.iter().map(|&band| band.to_owned()).collect(),
        change,
    };
    vec![
        piece(
            0,
            "counter",
            &["08:30", "09:00", "09:30"],
            Change::MoreDesks { desks: 3, wait_p90_min: 71.4, then_p90_min: 24.2 },
        ),
        piece(4, "counter", &[], Change::MorePlaces { places: 6, desks: 2, in_time: 4, turned_away: 1_312 }),
        piece(12, "kiosk", &[], Change::FewerDesks { desks: 1, utilisation: 0.184 }),
        piece(14, "counter", &["16:00", "16:30"], Change::SparePlaces { places: 38 }),
    ]
}

/// A draft with more desks in the first hall and more places.
fn draft() -> Played {
    let mut draft = played("2a6ffbdc16c8", 0.45);
    draft.halls[0].lanes[0].desks += 3;
    draft.rush.served += 788;
    draft.rush.turned_away -= 788;
    draft.rush.places += 900;
    draft.rush.booked += 640;
    draft.rush.places_left.iter_mut().for_each(|it| it.left += 260);
    draft
}

/// One configuration in which people wait so much of what they do at full load.
fn played(version: &str, load: f64) -> Played {
    Played {
        version: version.into(),
        rush: rush(load),
        halls: halls(load),
        audited: Audited::WholeState,
        violations: Vec::new(),
    }
}

fn rush(load: f64) -> Rush {
    let seconds: Vec<Second> = (0..60).map(|second| second_of_rush(second, load)).collect();
    let booked = seconds.iter().map(|second| second.bookings).sum::<u32>();
    Rush {
        took_ms: 60_000,
        opened_ms: 10_000,
        requests: seconds.iter().map(|second| u64::from(second.requests)).sum(),
        came: 8_000,
        served: 5_212,
        turned_away: 2_404,
        booked,
        places: booked,
        places_left: places_left(&seconds, booked),
        seconds,
        answers: answers(),
        calls: calls(),
    }
}

/// Few before the opening, most at once, and then fewer and fewer. Nobody asks in two seconds near the end.
fn second_of_rush(second: u32, load: f64) -> Second {
    if (52..54).contains(&second) {
        return Second::default();
    }
    let since = f64::from(second) - 10.0;
    let crowd = if since < 0.0 { 0.04 + 0.012 * (since + 10.0) } else { (-since / 9.0).exp() };
    let requests = whole(9_400.0 * crowd) + (second * 37) % 90;
    let bookings = if since < 0.0 || second > 34 { 0 } else { whole(1_180.0 * (-since / 5.0).exp()) };
    let p50_ms = load * (0.4 + 7.0 * crowd);
    Second { requests, bookings, p50_ms, p95_ms: p50_ms * 3.1, p99_ms: p50_ms * 6.0, max_ms: p50_ms * 21.0 }
}

fn places_left(seconds: &[Second], places: u32) -> Vec<PlacesLeft> {
    let mut left = places;
    let mut counted = vec![PlacesLeft { at_ms: 0, left }];
    for (at, second) in (1..).zip(seconds) {
        left -= second.bookings;
        counted.push(PlacesLeft { at_ms: at * 1_000, left });
    }
    counted
}

fn answers() -> Vec<Answers> {
    [
        (200, "ok", 61_204),
        (409, "slot_full", 21_977),
        (201, "ok", 13_890),
        (422, "not_released", 2_310),
        (409, "already_booked", 412),
        (429, "too_many_requests", 96),
        (503, "overloaded", 7),
        (0, "lost", 3),
    ]
    .map(|(status, code, count)| Answers { status, code: code.into(), count })
    .into()
}

fn calls() -> Vec<CallLatency> {
    [
        ("session", 8_000, 0.9, 6.2, 31.0),
        ("slots", 44_000, 1.2, 14.1, 88.0),
        ("book", 24_300, 4.4, 41.2, 160.4),
        ("hold", 5_100, 4.6, 40.0, 151.9),
        ("read", 9_870, 0.7, 5.5, 28.8),
    ]
    .map(|(call, count, p50_ms, p99_ms, max_ms)| CallLatency { call: call.into(), count, p50_ms, p99_ms, max_ms })
    .into()
}

fn halls(load: f64) -> Vec<HallDay> {
    let lanes = |at: usize, fullness: f64| {
        let counter = lane("counter", &BANDS, fullness, load, 17 - u32::try_from(at).unwrap());
        let kiosk = (at < 8).then(|| lane("kiosk", &BANDS[..10], fullness * 0.8, load * 0.3, 2));
        std::iter::once(counter).chain(kiosk).collect()
    };
    let hall = |(at, (id, chinese, english, fullness)): (usize, (&str, &str, &str, f64))| HallDay {
        hall: id.into(),
        name: named(chinese, english),
        lanes: lanes(at, fullness),
    };
    HALLS.into_iter().enumerate().map(hall).collect()
}

fn lane(id: &str, bands: &[&str], fullness: f64, load: f64, desks: u32) -> LaneDay {
    let bands: Vec<BandDay> =
        bands.iter().zip(PROFILE).map(|(start, busy)| band(start, fullness * busy, load)).collect();
    let booked: u32 = bands.iter().map(|band| band.booked).sum();
    let wait_p90_min = bands.iter().filter_map(|band| band.wait_p90_min).fold(0.0, f64::max);
    LaneDay {
        lane: id.into(),
        desks,
        came: booked - booked / 8,
        no_shows: booked / 8,
        walk_ins: booked / 5,
        wait_mean_min: wait_p90_min * 0.37,
        wait_p90_min,
        queue_max: whole(wait_p90_min * 0.8),
        utilisation: (fullness * 0.93).min(1.0),
        closes_min: 1_020.0,
        done_min: 1_000.0 + wait_p90_min,
        bands,
    }
}

fn band(start: &str, fullness: f64, load: f64) -> BandDay {
    let capacity = 40;
    let is_empty = fullness < 0.03;
    let p90 = load * 66.0 * fullness.powi(4);
    BandDay {
        start: start.into(),
        end: end_of(start),
        capacity,
        booked: whole(f64::from(capacity) * fullness.min(1.0)),
        wait_mean_min: (!is_empty).then_some(p90 * 0.4),
        wait_p90_min: (!is_empty).then_some(p90),
        queue_max: whole(p90 * 0.8),
        utilisation: fullness.min(1.0),
    }
}

/// Half an hour later.
fn end_of(start: &str) -> String {
    start.parse::<WallTime>().unwrap().plus(30).unwrap().to_string()
}

/// The whole part of a number that is small and not below 0.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(number: f64) -> u32 {
    number as u32
}
