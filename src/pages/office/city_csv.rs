//! `/staff/city.csv`: what became of every place, by hall, day, lane and band, for a spreadsheet.
//!
//! The table is sent as it is made, one hall after the other, so that a year of many halls needs no room. It begins with the
//! mark of UTF-8, without which spreadsheets read Chinese wrongly, and no cell can be taken for a formula.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::{Semaphore, mpsc};

use super::city::lane_name;
use crate::app::desk::counts::{export, read_days};
use crate::app::state::App;
use crate::domain::appointment::{Appointment, Status};
use crate::domain::hall::Hall;
use crate::domain::name::LaneId;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::WallTime;
use crate::engine::{Engine, SlotCount};
use crate::pages::kit::visitor::Desk;
use crate::pages::text::Text;
use crate::serve::deadline::Streamed;
use crate::serve::problem::{Code, Problem};
use crate::serve::read::query::Query;

/// The mark with which UTF-8 begins for a spreadsheet.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// How many pieces wait for the reader; the making waits then.
const PIECES_AHEAD: usize = 4;
/// How many tables are made at once: each has a thread for as long as its reader takes.
const MAX_TABLES: usize = 8;

static PLACES: Semaphore = Semaphore::const_new(MAX_TABLES);
/// The messages of the columns.
const COLUMNS: [&str; 14] = [
    "city-csv-hall-id",
    "city-hall",
    "city-city",
    "city-date",
    "city-lane",
    "city-csv-start",
    "city-csv-end",
    "city-csv-capacity",
    "city-held",
    "city-booked",
    "city-checked-in",
    "city-served",
    "city-no-show",
    "city-cancelled",
];

/// Which dates.
#[derive(Deserialize)]
pub struct Dates {
    from: Option<String>,
    to: Option<String>,
}

/// What became of the places of one band.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counts {
    capacity: u32,
    held: u32,
    booked: u32,
    checked_in: u32,
    served: u32,
    no_show: u32,
    cancelled: u32,
}

type Bands = BTreeMap<(LaneId, WallTime, WallTime), Counts>;

/// `GET /staff/city.csv?from=&to=`.
///
/// # Errors
/// `invalid_field` where a date is none, or more than [`MAX_DAYS`](crate::app::desk::counts::MAX_DAYS) are asked for; `overloaded` while [`MAX_TABLES`]
/// are made.
pub async fn table(State(app): State<App>, desk: Desk, Query(asked): Query<Dates>) -> Result<Response, Problem> {
    let dates = read_days(asked.from, asked.to)?;
    let name = format!("attachment; filename=\"hallpass-{}-{}.csv\"", dates.start(), dates.end());
    let place = PLACES.try_acquire().map_err(|_| Problem::new(Code::Overloaded, "too many tables are made at once"))?;
    let engine = export(&app, &desk.staff(), &dates).await?.clone();
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    tokio::task::spawn_blocking(move || {
        send_all(&engine, &desk, &dates, &sender);
        drop(place);
    });
    let pieces = stream::unfold(receiver, |mut receiver| async {
        let piece: Bytes = receiver.recv().await?;
        Some((Ok::<_, Infallible>(piece), receiver))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    response.extensions_mut().insert(Streamed);
    Ok(response)
}

/// Makes the table and sends it piece by piece, until nobody reads any more.
fn send_all(engine: &Engine, desk: &Desk, dates: &RangeInclusive<NaiveDate>, to: &mpsc::Sender<Bytes>) {
    let (text, now): (Text, DateTime<Utc>) = (desk.visit.text, desk.visit.now);
    let snapshot: Arc<Snapshot> = engine.snapshot();
    let mut head = BYTE_ORDER_MARK.to_vec();
    head.extend(written([COLUMNS.map(|key| text.get(key)).to_vec()]));
    let mut goes_on = to.blocking_send(head.into()).is_ok();
    for hall in snapshot.halls().iter().filter(|hall| desk.member.may_serve(hall.id)) {
        let (mut day, last) = (*dates.start(), *dates.end());
        while goes_on && day <= last {
            let rows = of_day(engine, hall, day, now);
            let rows = rows.iter().map(|(band, counts)| row(text, hall, day, *band, counts));
            let piece = written(rows);
            goes_on = piece.is_empty() || to.blocking_send(piece.into()).is_ok();
            let Some(next) = day.succ_opt() else { break };
            day = next;
        }
    }
}

fn of_day(engine: &Engine, hall: &Hall, day: NaiveDate, now: DateTime<Utc>) -> Bands {
    counted(&engine.slots_of_hall_day(hall, day), &engine.of_hall_day(hall.id, day), now)
}

/// Counts by band. A band that is gone and had somebody in it is there with no capacity.
fn counted(slots: &[(LaneId, SlotCount)], appointments: &[Appointment], now: DateTime<Utc>) -> Bands {
    let empty = |slot: &SlotCount| Counts { capacity: slot.capacity, ..Counts::default() };
    let mut bands: Bands = slots.iter().map(|(lane, slot)| ((*lane, slot.start, slot.end), empty(slot))).collect();
    for appointment in appointments {
        let slot = &appointment.slot;
        let status = appointment.status_at(now);
        if status == Status::Expired {
            continue;
        }
        let counts = bands.entry((slot.lane, slot.start, slot.end)).or_default();
        match status {
            Status::Held => counts.held += 1,
            Status::Booked => counts.booked += 1,
            Status::CheckedIn => counts.checked_in += 1,
            Status::Served => counts.served += 1,
            Status::NoShow => counts.no_show += 1,
            Status::Cancelled => counts.cancelled += 1,
            Status::Expired => {}
        }
    }
    bands
}

fn row(
    text: Text,
    hall: &Hall,
    day: NaiveDate,
    (lane, start, end): (LaneId, WallTime, WallTime),
    counts: &Counts,
) -> Vec<String> {
    let Counts { capacity, held, booked, checked_in, served, no_show, cancelled } = counts;
    let words = [
        hall.id.to_string(),
        text.pick(&hall.name).to_owned(),
        hall.city.clone(),
        day.to_string(),
        lane_name(text, lane),
        start.to_string(),
        end.to_string(),
    ];
    let numbers = [capacity, held, booked, checked_in, served, no_show, cancelled].map(ToString::to_string);
    words.into_iter().chain(numbers).collect()
}

/// Rows as CSV (RFC 4180).
fn written(rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        // Into memory, and with as many columns as every row has, nothing can fail.
        let _ = writer.write_record(row.iter().map(|cell| harmless(cell)));
    }
    writer.into_inner().unwrap_or_default()
}

/// What a spreadsheet takes for the beginning of a formula, or drops on its way to one: the four signs, in full width too,
/// as East Asian editions read them, and characters that do not show.
const FORMULA_SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> String {
    let is_unseen = |sign: char| sign.is_whitespace() || sign.is_control() || sign == '\u{feff}' || sign == '\u{200b}';
    let is_formula = cell.starts_with(|sign| FORMULA_SIGNS.contains(&sign) || is_unseen(sign));
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let rows = [["=1+1", "+1", "-1", "@SUM", "\tx", "a=b", "杭州, \"西湖\""].map(str::to_owned).to_vec()];
        let text = String::from_utf8(written(rows)).unwrap();
        assert_eq!(text, "'=1+1,'+1,'-1,'@SUM,'\tx,a=b,\"杭州, \"\"西湖\"\"\"\r\n");
        for sign in ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n', ' ', '\u{3000}', '\u{feff}', '\0']
        {
            assert_eq!(harmless(&format!("{sign}1")), format!("'{sign}1"), "{sign:?}");
            assert_eq!(harmless(&format!("1{sign}")), format!("1{sign}"), "{sign:?}");
        }
    }

    #[test]
    fn a_band_that_is_gone_is_counted_too() {
        let lane = LaneId::intern("counter").unwrap();
        let slot = SlotCount { start: WallTime::hm(8, 30), end: WallTime::hm(9, 0), capacity: 4, taken: 0 };
        let bands = counted(&[(lane, slot)], &[], DateTime::UNIX_EPOCH);
        assert_eq!(bands.into_values().collect::<Vec<_>>(), [Counts { capacity: 4, ..Counts::default() }]);
    }
}
