//! The tables `[hall.lanes.NAME]`: how many places a hall has, and in bands of which length.

use std::collections::{BTreeMap, BTreeSet};

use super::hours::{Timetable, text_of};
use crate::config::read::document::{Node, Shape, Table, all};
use crate::config::read::error::{At, Place};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::read::phrases::Part;
use crate::config::read::terms;
use crate::domain::hall::{Lane, MAX_CAPACITY, Period};
use crate::domain::name::LaneId;
use crate::domain::schedule::bands_in;
use crate::domain::wall::WallTime;

/// How many lanes one hall may have.
pub(crate) const MAX_LANES: usize = 16;
/// How many bands one hall may have on one day, over all its lanes.
pub(crate) const MAX_BANDS_A_DAY: usize = 1_440;
/// The longest band, in minutes.
pub(crate) const MAX_BAND_MINUTES: u16 = 24 * 60;

static LANES: Shape = Shape { name: "[hall.lanes]", keys: &[], other: Some("{ band_minutes = 30, capacity = 40 }") };

static LANE: Shape = Shape {
    name: "a lane",
    keys: &[("band_minutes", "30"), ("capacity", "40"), ("bands", r#"{ "08:30" = 60 }"#)],
    other: None,
};

static BANDS: Shape = Shape { name: "the bands of a lane", keys: &[], other: Some("60") };

/// A lane as far as it could be read.
#[derive(Debug)]
pub(crate) struct LaneDraft {
    /// None where the key is no id.
    pub(crate) id: Option<At<LaneId>>,
    /// The lane where nothing of it is missing.
    pub(crate) whole: Option<Lane>,
}

impl LaneDraft {
    /// A lane that has been checked.
    pub(crate) fn of(lane: &Lane, place: &Place) -> Self {
        Self { id: Some(At { value: lane.id, place: place.clone() }), whole: Some(lane.clone()) }
    }
}

/// Reads the lanes of a hall; none where there is no table of them.
pub(crate) fn read(hall: &Table<'_>, timetable: &Timetable) -> Option<Vec<LaneDraft>> {
    let node = hall.need("lanes")?;
    let lanes: Vec<_> = node.table(&LANES)?.nodes().map(|node| read_one(node, timetable)).collect();
    if lanes.is_empty() {
        hall.findings().report(&node.key_place(), Flaw::NoLane {}, Mend::AddLane {});
    }
    if lanes.len() > MAX_LANES {
        let flaw = Flaw::TooManyLanes { count: Part::of(lanes.len()) };
        hall.findings().report(&node.key_place(), flaw, Mend::AtMost { most: Part::of(MAX_LANES) });
    }
    check_band_count(&lanes, &node, timetable);
    hint_at_short_periods(&lanes, &node, timetable);
    Some(lanes)
}

/// Says in which periods a lane has no band, because none is so short.
fn hint_at_short_periods(lanes: &[LaneDraft], node: &Node<'_>, timetable: &Timetable) {
    let lanes: Vec<&Lane> = lanes.iter().filter_map(|lane| lane.whole.as_ref()).collect();
    for At { value: period, place } in &timetable.periods {
        for lane in lanes.iter().filter(|lane| bands_in(lane, *period).next().is_none()) {
            let (lane, minutes) = (Part::of(lane.id), Part::of(lane.band_minutes));
            let flaw = Flaw::PeriodWithoutBand { period: text_of(&[*period]).into(), lane, minutes };
            node.findings().hint(place, flaw, Mend::LongerPeriod {});
        }
    }
}

fn read_one(node: Node<'_>, timetable: &Timetable) -> LaneDraft {
    let place = node.key_place();
    if !terms::is_reachable(node.key) {
        node.findings().report(&place, Flaw::Unreachable { id: Part::quoted(node.key) }, Mend::LaneName {});
    }
    let id = LaneId::intern(node.key).map(|value| At { value, place: place.clone() });
    if let Err(error) = &id {
        let flaw = Flaw::LaneName { lane: node.key.into(), why: Part::of(error) };
        node.findings().report(&place, flaw, Mend::LaneName {});
    }
    let id = id.ok().filter(|_| terms::is_reachable(node.key));
    let Some(table) = node.table(&LANE) else { return LaneDraft { id, whole: None } };
    let band_minutes = table.need("band_minutes").and_then(band_minutes);
    let capacity = table.need("capacity").and_then(|node| node.number(1..=MAX_CAPACITY));
    let bands = table.get("bands").map_or(Some(Vec::new()), single_bands);
    if let (Some(id), Some(band_minutes)) = (&id, band_minutes) {
        check_bands(&table, id.value, band_minutes, bands.as_deref().unwrap_or_default(), timetable);
    }
    let whole = || {
        let single_bands = bands?.into_iter().map(|band| band.value).collect();
        Some(Lane { id: id.as_ref()?.value, band_minutes: band_minutes?, capacity: capacity?, single_bands })
    };
    let whole = whole();
    LaneDraft { id, whole }
}

fn band_minutes(node: Node<'_>) -> Option<u16> {
    node.number(1..=u32::from(MAX_BAND_MINUTES)).and_then(|minutes| u16::try_from(minutes).ok())
}

fn single_bands(node: Node<'_>) -> Option<Vec<At<(WallTime, u32)>>> {
    all(node.table(&BANDS)?.nodes().map(|node| {
        let capacity = node.number(1..=MAX_CAPACITY);
        let Ok(start) = node.key.parse::<WallTime>() else {
            return node.refuse_form(Flaw::NoBandTime { key: node.key.into() });
        };
        Some(At { value: (start, capacity?), place: node.key_place() })
    }))
}

/// Every single band must start somewhere, and some period must be long enough for a band.
fn check_bands(
    table: &Table<'_>,
    id: LaneId,
    band_minutes: u16,
    single_bands: &[At<(WallTime, u32)>],
    timetable: &Timetable,
) {
    if !timetable.complete {
        return;
    }
    let lane = Lane { id, band_minutes, capacity: 1, single_bands: BTreeMap::new() };
    let periods: BTreeSet<&Period> = timetable.days().flatten().collect();
    let starts: BTreeSet<WallTime> =
        periods.iter().flat_map(|period| bands_in(&lane, **period)).map(|band| band.start).collect();
    if starts.is_empty() && !periods.is_empty() {
        let place = table.get("band_minutes").map_or(table.place(), |node| node.place());
        let flaw = Flaw::BandTooLong { minutes: Part::of(band_minutes) };
        table.findings().report(&place, flaw, Mend::ShorterBands {});
        return;
    }
    for At { value: (start, _), place } in single_bands.iter().filter(|band| !starts.contains(&band.value.0)) {
        let (before, after) = (starts.range(..start).next_back(), starts.range(start..).next());
        let mend = match (before, after) {
            (Some(before), Some(after)) => Mend::BandStartBetween { before: Part::of(before), after: Part::of(after) },
            (Some(start), None) | (None, Some(start)) => Mend::BandStartLike { start: Part::of(start) },
            (None, None) => Mend::BandStart {},
        };
        table.findings().report(place, Flaw::NoBandStarts { lane: Part::of(id), start: Part::of(start) }, mend);
    }
}

fn check_band_count(lanes: &[LaneDraft], node: &Node<'_>, timetable: &Timetable) {
    let whole = || lanes.iter().filter_map(|lane| lane.whole.as_ref());
    let count = |day: &[Period]| -> usize {
        whole().map(|lane| day.iter().map(|period| bands_in(lane, *period).count()).sum::<usize>()).sum()
    };
    let most = timetable.days().map(count).max().unwrap_or_default();
    if most > MAX_BANDS_A_DAY {
        let mend = Mend::LongerBands { most: Part::of(MAX_BANDS_A_DAY) };
        node.findings().report(&node.key_place(), Flaw::TooManyBands { count: Part::of(most) }, mend);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, HALL, SERVICES, check, texts};

    #[test]
    fn a_lane_is_read_with_its_single_bands() {
        let configuration = Fixture::default().load();
        let hall = configuration.snapshot.hall("one").unwrap();
        assert_eq!(hall.lanes.iter().map(|lane| lane.id.as_str()).collect::<Vec<_>>(), ["counter", "kiosk"]);
        let capacities =
            [(8, 30), (9, 0), (18, 0)].map(|(hour, minute)| hall.lanes[0].capacity_at(WallTime::hm(hour, minute)));
        assert_eq!((capacities, hall.lanes[0].band_minutes), ([60, 40, 20], 30));
    }

    #[test]
    fn the_errors_of_a_lane() {
        let check = |from: &str, to: &str, expected: &str| check("halls/one.toml", from, to, &[expected]);
        check("capacity = 6", "capacity = 0", "21 | `capacity` is 0 | from 1 to 1000000");
        check("capacity = 6", "capacity = 1_000_001", "21 | `capacity` is 1000001 | from 1 to 1000000");
        check("capacity = 6", "capacity = -1", "21 | `capacity` is -1 | from 1 to 1000000");
        check("capacity = 6", "capacity = 99999999999999999999", "21 | 99999999999999999999 | from 1 to 1000000");
        check("\"08:30\" = 60", "\"08:30\" = 0", "17 | `08:30` is 0 | from 1 to 1000000");
        check("band_minutes = 15", "band_minutes = 0", "20 | `band_minutes` is 0 | from 1 to 1440");
        check("band_minutes = 15", "band_minutes = 1441", "20 | `band_minutes` is 1441 | from 1 to 1440");
        check(
            "band_minutes = 15",
            "band_minutes = 211",
            "20 | no opening period is as long as a band of 211 | shorter",
        );
        check("[hall.lanes.kiosk]", "[hall.lanes.Kiosk]", "19 | `Kiosk` has no good name | such as `counter`");
    }

    #[test]
    fn the_longest_values_are_taken() {
        Fixture::default().spoilt("halls/one.toml", "capacity = 6", "capacity = 1_000_000").load();
        Fixture::default().spoilt("halls/one.toml", "band_minutes = 15", "band_minutes = 0xd2").load();
    }

    #[test]
    fn a_single_band_starts_on_some_weekday_or_exception_date() {
        let check = |from: &str, to: &str, expected: &str| check("halls/one.toml", from, to, &[expected]);
        check(
            "\"18:00\" = 20",
            "\"18:30\" = 20",
            "18 | `counter` starts at 18:30 on any weekday or exception | or take",
        );
        check("\"18:00\" = 20", "\"12:00\" = 20", "18 | starts at 12:00 | such as 11:30 or 13:30");
        check("\"18:00\" = 20", "\"08:45\" = 20", "18 | starts at 08:45 | such as 08:30 or 09:00");
        check("\"18:00\" = 20", "\"18.00\" = 20", "18 | `18.00` is no time of the form HH:MM | `\"18.00\" = 60`");
        check("\"17:30-18:30\"", "\"17:30-18:00\"", "18 | starts at 18:00 | such as 17:30");
    }

    #[test]
    fn lanes_and_bands_are_bounded() {
        let lanes = texts(2..=MAX_LANES, |at| format!("lanes.l{at} = {{ band_minutes = 60, capacity = 1 }}\n"));
        let kiosk = &SERVICES[SERVICES.rfind("[[service]]").unwrap()..];
        let more = texts(2..=MAX_LANES, |at| {
            kiosk.replace("kiosk", &format!("l{at}")).replace("permit.", &format!("passport.{at}"))
        });
        let hall = HALL.replace("[hall.hours]", &format!("{lanes}[hall.hours]"));
        let fixture = Fixture::default().with("services.toml", SERVICES.to_owned() + &more);
        fixture.with("halls/one.toml", hall).check(&["halls/one.toml:10 | the hall has 17 lanes | at most 16"]);

        let all_day = HALL
            .replace("\"08:30-12:00\", \"13:30-17:00\"", "\"08:30-24:00\"")
            .replace("= 15", "= 1")
            .replace("= 30\n", "= 1\n");
        let check = |text: String, expected: &[&str]| Fixture::default().with("halls/one.toml", text).check(expected);
        check(all_day, &["halls/one.toml:13 | the hall has 1860 bands on one day | at most 1440 a day"]);
    }
}
